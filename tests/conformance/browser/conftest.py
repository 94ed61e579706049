"""Reports that a browser looks at: of real runs on the simulators, and of journals with everything in them that can happen."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

_SHIPPED = Path(__file__).parents[3] / "scenarios"
_FILES = ("mail/hear-about-it", "mail/answer-with-own-words", "mail/several-agents-at-once")
_SECONDS = 100
# Where Debian, and other systems, have it.
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")

Visit = dict[str, Any]
Found = dict[str, Any]
Look = Callable[[Iterable[Visit]], list[Found]]
Journal = Iterable[Mapping[str, Any]]


@pytest.fixture(scope="session")
def look(browser_peer: Path) -> Look:
    """Has a browser visit pages; gives what was seen at each. What can be asked for stands at the top of ``look.mjs``."""
    browser = next((path for path in map(shutil.which, _BROWSERS) if path), None)
    if browser is None:
        pytest.skip("no chromium is installed")

    def looked(visits: Iterable[Visit]) -> list[Found]:
        asked = json.dumps({"browser": browser, "visits": list(visits)})
        done = subprocess.run(
            ["node", "look.mjs"],
            cwd=browser_peer,
            input=asked,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[Found] = json.loads(done.stdout)
        return found

    return looked


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The folders of two runs of one project: the first was green, in the second something fails."""
    project = tmp_path_factory.mktemp("nights")
    for name in ("steps", "files"):
        shutil.copytree(_SHIPPED / name, project / "scenarios" / name)
    for name in _FILES:
        _copy(f"{name}.scenario.yaml", project)
    green = _run(project, 0)
    shutil.copytree(_SHIPPED / "expected-red", project / "scenarios" / "expected-red")
    file = project / "scenarios" / f"{_FILES[0]}.scenario.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("subject: Do you hear me,", "subject: '',"), encoding="utf-8")
    return [green, _run(project, 1)]


def _copy(name: str, project: Path) -> None:
    path = project / "scenarios" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_SHIPPED / name, path)


def _run(project: Path, expected: int) -> Path:
    before = set((project / "reports").glob("*"))
    command = [sys.executable, "-m", "runner", "run", "scenarios", "-q", "--reporter", "html", "--reporter", "json"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return next(path for path in (project / "reports").iterdir() if path not in before and path.name != "latest")


@pytest.fixture(scope="session")
def report_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Journal], Path]:
    """Writes a journal and has the HTML report made of it; gives the run's folder."""

    def made(events: Journal) -> Path:
        folder = tmp_path_factory.mktemp("reports") / "run"
        folder.mkdir()
        with (folder / "journal.jsonl").open("w", encoding="utf-8") as file:
            file.write('{"journal":1,"needs":"0.1.0"}\n')
            for n, event in enumerate(events, 1):
                file.write(json.dumps({"at": n / 100, **event, "n": n}) + "\n")
        command = [sys.executable, "-m", "runner", "report", "run", "-q", "--reports", str(folder.parent), "--reporter", "html"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        assert (folder / "index.html").is_file(), done.stdout + done.stderr
        return folder

    return made


@pytest.fixture(scope="session")
def odd(report_of: Callable[[Journal], Path]) -> Path:
    """The report of a run that broke off, with every outcome and every kind of note in it."""
    return report_of(_odd())


@pytest.fixture(scope="session")
def empty(report_of: Callable[[Journal], Path]) -> Path:
    """The report of a run in which there was nothing to run."""
    return report_of([_started(0), {"event": "RunFinished", "took": 0.1, "counts": {}}])


def _started(planned: int) -> dict[str, Any]:
    return {
        "event": "RunStarted",
        "run": "run",
        "started": "2026-11-21T06:50:47.150+00:00",
        "environment": "staging",
        "seed": 1,
        "planned": planned,
        "parallel": 4,
        "version": "0.1.0",
        "targets": {"gws": "https://gws.example.com", "icws": "simulator"},
        "limits": {"timeout": "30s"},
    }


def _odd() -> Iterator[dict[str, Any]]:
    file = "scenarios/odd.scenario.yaml"
    yield _started(7)
    yield {
        "event": "SourceRead",
        "file": file,
        "text": "scenario: Odd\nvendor: gws\nsteps:\n  - send: {to: joe@example.com}\n  - verify_status: sent\n",
    }
    for outcome in ("passed", "failed", "errored", "skipped", "unsupported"):
        yield from _scenario(file, outcome)
    yield {
        "event": "ScenarioStarted",
        "scenario": f"{file}::icws[open]",
        "id": "o",
        "name": "Never ended",
        "file": file,
        "line": 1,
        "vendor": "icws",
    }
    yield {"event": "StepStarted", "scenario": f"{file}::icws[open]", "step": "1", "type": "send", "line": 4}
    drift = {"vendor": "gws", "kind": "unknown_field", "operation": "GET /me", "http": 200, "place": "$.x", "expected": "", "got": "text"}
    yield {"event": "Drifted", "scenario": f"{file}::gws[passed]", "step": "1", **drift}
    yield {"event": "Logged", "message": "the disk is nearly full", "level": "warning", "code": "E999"}


def _scenario(file: str, outcome: str) -> Iterator[dict[str, Any]]:
    key = {"scenario": f"{file}::gws[{outcome}]"}
    step = {**key, "step": "1"}
    yield {
        **key,
        "event": "ScenarioStarted",
        "id": outcome,
        "name": f"Odd and {outcome}",
        "description": "What can happen.",
        "file": file,
        "line": 1,
        "vendor": "gws",
        "case": outcome,
        "tags": ["nightly"],
        "actors": {"agent": "agent1"},
        "steps": 2,
        "waited": 0.5,
    }
    red = outcome in ("failed", "errored")
    if red or outcome == "passed":
        yield {
            **step,
            "event": "StepStarted",
            "type": "send",
            "line": 4,
            "actor": "agent",
            "parameters": {"to": "joe@example.com", "list": [1, 2]},
        }
        yield {**step, "event": "Exchanged", **_exchange(outcome)}
        yield {**step, "event": "Notified", "name": "MailSent", "body": {"id": 17}}
        yield {**step, "event": "Created", "vendor": "gws", "kind": "mail", "id": "17", "undo": "cancel"}
        yield {**step, "event": "Saved", "name": "mail", "value": {"id": "17", "token": "***"}}
        yield {**step, "event": "Logged", "message": "slow today", "level": "warning", "code": "E715"}
        if outcome == "failed":
            difference = {
                "path": "status",
                "expected": '"sent"',
                "got": '"queued"',
                "line": 5,
                "column": 5,
                "hint": "the nearest is `queued`",
            }
            yield {**step, "event": "Checked", "passed": False, "checks": 1, "differences": [difference]}
        states = [["draft", 0.0], ["queued", 0.3]]
        doubt = {"reason": "it ended oddly", "code": "F201", "hint": "look again", "in_doubt": True} if red else {}
        yield {**step, "event": "StepFinished", "outcome": outcome, "took": 0.4, "attempts": 3, "states": states, **doubt}
        yield {**key, "event": "StepStarted", "step": "2", "type": "verify_status", "line": 5}
        yield {**key, "event": "StepFinished", "step": "2", "outcome": "skipped", "took": 0.0, "reason": "step 1 did not pass"}
    ended = {"reason": "it ended oddly", "code": "F201", "in_doubt": True, "left_open": ["agent at gws"], "line": 4} if red else {}
    reason = {"reason": "not wanted here"} if outcome in ("skipped", "unsupported") else {}
    yield {**key, "event": "ScenarioFinished", "outcome": outcome, "took": 0.5, "flaky": outcome == "passed", **ended, **reason}


def _exchange(outcome: str) -> dict[str, Any]:
    answered = {"http": 500, "headers": {"Content-Type": "application/json"}, "body": '{"error":{"code":7}}', "size": 20}
    return {
        "method": "POST",
        "url": "https://gws.example.com/mails?token=***",
        "request_headers": {"Authorization": "Basic ***", "Content-Type": "application/x-www-form-urlencoded"},
        "request_body": "to=joe%40example.com&text=" + "Hello+" * 4_000,
        "request_size": 90_000,
        "took": 0.2,
        "actor": "agent",
        **(answered if outcome != "errored" else {"error": "the connection was reset"}),
    }
