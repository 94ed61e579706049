"""The scenarios that are shipped: they are green on the simulators, and they ask for every operation of the vendors' pages."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from runner import harness
from runner.cli.main import main
from runner.record.events import Exchanged
from runner.record.journal import read_journal, resolve_run
from runner.record.result import RunResult

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
FILES = sorted(SCENARIOS.rglob("*.scenario.yaml"))


@dataclass(frozen=True)
class Ran:
    """One run of everything that is shipped, and the requests in its journal."""

    result: RunResult
    exchanges: list[Exchanged]


def run(reports: Path, *tags: str, **changes: object) -> RunResult:
    given = {"paths": (str(SCENARIOS),), "tags": tags, "reports": reports, "seed": 7, "start": ROOT, **changes}
    return asyncio.run(harness.run(harness.Request(**given)))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Everything but what is red on purpose, run once for all tests."""
    result = run(tmp_path_factory.mktemp("reports"), "not:expected-red", "not:emails", parallel=32)
    assert result.folder is not None
    events = read_journal(result.folder)
    return Ran(result, [e for e in events if isinstance(e, Exchanged)])


def test_everything_is_green(ran: Ran) -> None:
    """All of them pass, at every vendor and for every case; none is skipped, unsupported or flaky."""
    assert [f"{s.key}: {s.reason}" for s in ran.result.scenarios if s.outcome != "passed" or s.flaky] == []
    assert ran.result.counts["passed"] == ran.result.planned > 200
    assert ran.result.exit_code == 0


def test_everything_is_green_one_after_another(tmp_path: Path) -> None:
    """The shared scenarios do not need company: with one at a time and another seed they pass as well."""
    result = run(tmp_path, "smoke", parallel=1)
    assert result.exit_code == 0
    assert result.counts["passed"] == result.planned


@pytest.fixture(scope="session")
def later(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """What GWS has from version 8.5.2 on, and the shared words in its later dialect."""
    paths = (str(SCENARIOS / "gws-emails"), str(SCENARIOS / "mail"))
    result = run(tmp_path_factory.mktemp("reports"), paths=paths, vendors=("gws",), environment="gws-emails", parallel=32)
    assert result.folder is not None
    return Ran(result, [e for e in read_journal(result.folder) if isinstance(e, Exchanged)])


def test_the_later_dialect_of_gws_is_green(later: Ran) -> None:
    """Nothing in the words of the shared scenarios hangs on the older dialect; what only the later one has is carried out there."""
    assert [f"{s.key}: {s.reason}" for s in later.result.scenarios if s.outcome != "passed" or s.flaky] == []
    assert later.result.counts["passed"] == later.result.planned == 20
    assert {Path(s.file).parent.name for s in later.result.scenarios} == {"gws-emails", "mail"}


@pytest.mark.parametrize("operation", ["AddComment", "SetDisposition", "SetInFocus", "UpdateUserData", "DeleteUserData"])
def test_every_operation_of_the_later_dialect_is_asked_for(operation: str, later: Ran) -> None:
    """Each that our client has is carried out, and refused where the mail is finished."""
    asked = Operation(operation, "POST", r"/api/v2/me/emails/[^/?]+", rf'"operationName":\s*"{operation}"')
    assert asked.statuses(later.exchanges) == ({200} if operation == "UpdateUserData" else {200, 404})


# ── what the pages say ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Operation:
    """
    One operation of a page, as requests of the journal are recognised.

    ``said`` is looked for in the request's headers and body; ``good`` and ``bad`` are the statuses that some scenario must have met.
    """

    page: str
    method: str
    path: str
    said: str = ""
    good: tuple[int, ...] = ()
    bad: tuple[int, ...] = ()

    def statuses(self, exchanges: list[Exchanged]) -> set[int]:
        return {e.http for e in exchanges if self.fits(e)}

    def fits(self, exchange: Exchanged) -> bool:
        path = re.sub(r"^https?://[^/]+", "", exchange.url)
        told = f"{json.dumps(exchange.request_headers)}\n{exchange.request_body}"
        return exchange.method == self.method and bool(re.fullmatch(self.path, path) and re.search(self.said, told, re.DOTALL))

    def __str__(self) -> str:
        return self.page


ONE = r"/api/v2/me/interactions/[^/?]+"
SEND = r"/icws/[^/]+/interactions/[^/]+/email/send"
INSERT = r"/icws/[^/]+/interactions/[^/]+/email/attachments/response-management/insert"
RECORDING = r"/icws/[^/]+/recordings/[^/]+/send-as-email"
COMPOSE = r"/system/ws/v12/interaction/activity/send"
JSON, XML, FORM = r'"application/json"', r'"application/xml"', "multipart/form-data"


def gws(operation: str, *bad: int) -> Operation:
    return Operation(f"gws {operation}", "POST", ONE, rf'"operationName":\s*"{operation}"', (200,), bad)


OPERATIONS = [
    gws("Accept", 400, 404),
    gws("Reject", 400, 404),
    gws("Reply", 400, 404),
    gws("ReplyAll", 400, 404),
    gws("Cancel", 400, 404),
    gws("Send", 400, 404),
    gws("Transfer", 400, 404),
    gws("Complete", 400, 404),
    gws("PlaceInQueue", 400, 404),
    Operation("gws Create", "POST", r"/api/v2/me/interactions/", r'"operationName":\s*"Create"', (200,), (400, 401, 403)),
    Operation("gws attachments POST", "POST", rf"{ONE}/attachments", "", (200,), (401, 403, 404, 415)),
    Operation("gws attachments GET", "GET", rf"{ONE}/attachments/[^/]+", "", (200,), (404,)),
    Operation("gws attachments DELETE", "DELETE", rf"{ONE}/attachments/[^/]+", "", (200,), (401, 403, 404)),
    Operation("icws email/send", "POST", SEND, "", (200,), (400, 401, 403, 404, 410, 500)),
    Operation("icws insert", "POST", INSERT, r'"isInlineAttachment":\s*false', (200,), (400, 403, 404, 410, 500)),
    Operation("icws insert inline", "POST", INSERT, r'"isInlineAttachment":\s*true', (200,)),
    Operation("icws insert without session", "POST", INSERT, "", (), (401,)),
    Operation("icws recording", "PUT", RECORDING, "", (204,), (400, 401, 403, 410, 500)),
    Operation("icws recording, normal", "PUT", RECORDING, r'"priority":\s*1\b', (204,)),
    Operation("icws recording, low", "PUT", RECORDING, r'"priority":\s*2\b', (204,)),
    Operation("icws recording, high", "PUT", RECORDING, r'"priority":\s*4\b', (204,)),
    Operation("icws recording, another priority", "PUT", RECORDING, r'"priority":\s*3\b', (204,)),
    Operation("egain example 1, JSON", "POST", COMPOSE, rf'{JSON}.*"case":.*``activity_id', (201,)),
    Operation("egain example 1, XML", "POST", COMPOSE, rf"{XML}.*<case .*``activity_id", (201,)),
    Operation("egain example 2", "POST", COMPOSE, rf"{FORM}.*``customer_name", (201,)),
    Operation("egain example 3, JSON", "POST", COMPOSE, rf'{JSON}.*"from":.*"attachments":', (201,)),
    Operation("egain example 3, XML", "POST", COMPOSE, rf"{XML}.*<from>.*attachments", (201,)),
    Operation("egain example 4", "POST", COMPOSE, rf'{FORM}.*"from":"care@shop.example"', (201,)),
    Operation("egain example 5, JSON", "POST", COMPOSE, rf'{JSON}.*"queue":.*"priority":.*"dueDate":.*"customer":', (201,)),
    Operation("egain example 5, XML", "POST", COMPOSE, rf"{XML}.*<queue>.*<priority>.*<dueDate>.*customer>", (201,)),
    Operation("egain example 6", "POST", COMPOSE, rf'{FORM}.*"queue":.*"priority":.*"dueDate":.*"customer":', (201,)),
    Operation("egain failures", "POST", COMPOSE, "", (201,), (400, 401, 403, 406)),
    Operation("egain with a query", "POST", rf"{COMPOSE}\?.+", "", (), (400,)),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_operation_of_the_pages_is_asked_for(operation: Operation, ran: Ran) -> None:
    """Each operation is really requested: it is carried out in some scenario, and refused in others with the statuses of its page."""
    missing = {*operation.good, *operation.bad} - operation.statuses(ran.exchanges)
    assert missing == set()


# ── what is red on purpose ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_red_on_purpose_fails_for_the_right_reason(tmp_path: Path) -> None:
    """A check that does not hold is F201 with every difference; a vendor that breaks is E710. Both are failures, exit code 1."""
    result = run(tmp_path, "expected-red")
    found = {s.id: (s.outcome, s.code) for s in result.scenarios}
    assert found == {"expected-red-check": ("failed", "F201"), "expected-red-send": ("failed", "E710")}
    (check,) = (s for s in result.scenarios if s.id == "expected-red-check")
    assert [d.path for step in check.steps for d in step.differences] == ["status", "subject", "to[0]"]
    assert result.exit_code == 1


# ── how they are written ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_file_says_what_it_is_about() -> None:
    """Each has an id of its own, a description and tags; there are at least twenty-five."""
    checked = harness.check(harness.Request(paths=(str(SCENARIOS),), start=ROOT))
    assert checked.diagnostics == ()
    assert [s.file for s in checked.scenarios if not (s.description and s.tags)] == []
    assert len({s.id for s in checked.scenarios}) == len(checked.scenarios) == len(FILES) >= 25


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.relative_to(SCENARIOS).as_posix())
def test_the_index_lists_every_file(file: Path) -> None:
    """scenarios/README.md names each file with its title."""
    title = re.search(r"^scenario: (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert title is not None
    index = (SCENARIOS / "README.md").read_text(encoding="utf-8")
    assert f"({file.relative_to(SCENARIOS).as_posix()}) | {title[1]}" in index


def test_the_staging_example_is_accepted() -> None:
    """The example environment is right but for its secrets, which a check does not need."""
    checked = harness.check(harness.Request(paths=(str(SCENARIOS),), environment="staging", start=ROOT))
    assert checked.errors == []


def test_the_staging_example_names_the_secrets_that_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run without them ends with exit code 6 before anything is sent, and says every name with its line."""
    example = (SCENARIOS / "environments" / "staging.yaml").read_text(encoding="utf-8")
    names = re.findall(r"secret\('(\w+)'\)", example)
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)
    code = main(["run", "--environment", "staging", "--reports", str(tmp_path), "scenarios/mail/send-new-mail.scenario.yaml"])
    told = " ".join(capsys.readouterr().err.split())
    assert code == 6
    assert "error[E510]" in told
    assert [name for name in names if f"{name} (scenarios/environments/staging.yaml:" not in told] == []
    assert len(names) > 5


# ── from the command line ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_line_runs_one_and_writes_its_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`runner run FILE` ends with 0, writes journal and JUnit into a folder of its own, and points `latest` at it."""
    monkeypatch.chdir(ROOT)
    code = main(["run", "scenarios/mail/send-new-mail.scenario.yaml", "--reports", str(tmp_path)])
    assert code == 0
    assert "3 passed" in capsys.readouterr().out
    folder = resolve_run(tmp_path, "latest")
    events = [json.loads(line)["event"] for line in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    assert (events[0], events[-1]) == ("RunStarted", "RunFinished")
    assert ET.parse(folder / "junit.xml").getroot().get("tests") == "3"
    assert [path.parent.name for path in tmp_path.glob("2*/journal.jsonl")] == [folder.name]
