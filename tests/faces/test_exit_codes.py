"""Every exit code of the program, asked for with real files against the built-in simulators: never green by accident."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner import harness
from runner.cli.main import main
from runner.record.events import Event
from runner.record.result import RunResult
from runner.record.stream import Sink

HEAD = "scenario: It\nvendor: egain\nsteps:\n"
LOGIN = HEAD + "  - login: {as: agent}\n"
OK = HEAD + "  - note: hi\n"
WORDS = {
    "quiet": "step: quiet\nsteps:\n  - note: hi\n    when: 'false'\n",
    "fine": "step: fine\nsteps:\n  - note: hi\n",
    "wrong": "step: wrong\nsteps:\n  - check: {that: 1, is: 2}\n",
    "slow": "step: slow\nsteps:\n  - wait: 30s\n",
}
CASES = HEAD.replace("steps:\n", "tags: [smoke]\ncases: [{case: right, a: 1}, {case: wrong, a: 2}]\nsteps:\n") + (
    "  - check: {that: '{{ a }}', is: 1}\n"
)
NOWHERE = HEAD + "  - http: {method: GET, url: 'http://127.0.0.1:9/'}\n"
BOTH = "scenario: It\nvendors: [egain, gws]\nsteps:\n  - note: hi\n"
UNSUPPORTED = (
    "scenario: It\nvendors: [egain, gws]\nsteps:\n  - login: {as: agent}\n"
    "  - create: {to: a@example.com}\n  - gws.update_properties: {data: {a: b}}\n"
)

Project = Callable[[dict[str, str]], Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Makes a project of scenarios, by name, with four words of its own, and stands in it."""
    folder = tmp_path / "scenarios"

    def make(files: dict[str, str]) -> Path:
        (folder / "steps").mkdir(parents=True)
        for name, text in WORDS.items():
            (folder / "steps" / f"{name}.steps.yaml").write_text(text, encoding="utf-8")
        (folder / "empty.csv").write_text("", encoding="utf-8")
        (folder / "header.csv").write_text("case,a\n", encoding="utf-8")
        for name, text in files.items():
            path = folder / (name if "." in name else f"{name}.scenario.yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("code", "text"),
    [
        # 0: everything that was planned was done and was right
        (0, OK),
        (0, LOGIN + "cleanup:\n  - logout\n"),
        (0, HEAD + "  - note: hi\n  - note: never\n    when: 'false'\n"),
        (0, HEAD + "  - fine\n"),
        (0, HEAD + "  - parallel: [{note: a}, {note: b}]\n"),
        (0, HEAD + "  - login: {as: agent, password: wrong-one}\n    refused: unauthenticated\n"),
        (0, HEAD + "  - fine:\n    timeout: 20s\n"),
        (0, LOGIN + "  - create: {to: a@example.com, subject: s, text: t}\n  - cancel\n  - send:\n    refused: conflict\n"),
        # 1: a check said no, wherever it stands
        (1, HEAD + "  - check: {that: 1, is: 2}\n"),
        (1, CASES),
        (1, HEAD + "  - check: {that: 1}\n"),
        (1, HEAD + "  - check: {that: [], is: {each: {a: 1}, length: 1}}\n"),
        (1, HEAD + "  - check: {that: 1, is: 2}\n    on_failure: continue\n  - note: hi\n"),
        (1, OK + "cleanup:\n  - check: {that: 1, is: 2}\n"),
        (1, HEAD + "  - wrong\n"),
        (1, HEAD + "  - wrong:\n    on_failure: continue\n"),
        (1, HEAD + "  - parallel: [{note: a}, {check: {that: 1, is: 2}}]\n"),
        (1, HEAD + "  - check: {that: '{{ item }}', is: 1}\n    for_each: [1, 2, 1]\n    on_failure: continue\n"),
        (1, HEAD + "  - note: hi\n    refused: forbidden\n"),
        (1, HEAD + "  - fine:\n    refused: forbidden\n"),
        (1, LOGIN.replace("}", "}\n    refused: unauthenticated")),
        # what could not be compared, or was never there, is no yes
        (1, HEAD + "  - check: {that: null, is: {not: {contains: error}}}\n"),
        (1, HEAD + "  - check: {that: abc, is: {not: {at_least: 5}}}\n"),
        (1, HEAD + "  - set: {a: 1}\n    expect: {answer.body.error: {absent: true}}\n"),
        (1, HEAD + "  - set: {a: many}\n  - check: {that: '{{ a | int }}', is: {at_most: 5}}\n"),
        (1, HEAD + "  - set: {e: ''}\n  - check: {that: abc, is: {contains: '{{ e }}'}}\n"),
        # nobody was asked, so nobody refused
        (1, LOGIN + "  - transfer: {mail: '5'}\n    refused: invalid\n"),
        (1, LOGIN + "  - place_in_queue: {mail: '5', queue: Nowhere}\n    refused: not_found\n"),
        (1, LOGIN + "  - place_in_queue: {mail: '5', queue: Nowhere}\n    refused: invalid\n"),
        (1, HEAD + "  - set: {a: 1}\n    expect: {a: 2}\n"),
        (1, HEAD + "  - note: hi\n    repeat: {until: 'false', every: 1ms, within: 5ms}\n"),
        (1, HEAD + "  - fine:\n    repeat: {until: 'false', every: 1ms, within: 5ms}\n"),
        (1, LOGIN + "  - create: {to: a@example.com, subject: s, text: t}\n  - verify_status: {is: sent, within: 50ms}\n"),
        # 4: a file is wrong; nothing is sent
        (4, ""),
        (4, "- a\n"),
        (4, HEAD + "  []\n"),
        (4, HEAD + "  - parallel: []\n"),
        (4, HEAD + "  - note: hi\n    expect: {}\n"),
        (4, HEAD + "  - note: hi\n    expect:\n"),
        (4, HEAD + "  - set: {a: 1}\n    expect: {a: {all_of: []}}\n"),
        (4, HEAD + "  - check: {that: abc, is: {matches: '.*'}}\n"),
        (4, HEAD + "  - check: {that: abc, is: {matches: 'a|'}}\n"),
        (4, HEAD.replace("steps:", "cases: []\nsteps:") + "  - note: hi\n"),
        (4, HEAD.replace("steps:", "cases: empty.csv\nsteps:") + "  - note: hi\n"),
        (4, HEAD.replace("steps:", "cases: header.csv\nsteps:") + "  - note: hi\n"),
        (4, HEAD.replace("vendor: egain", "vendors: []") + "  - note: hi\n"),
        (4, HEAD + "  - note: hi\n    exepct: {text: hi}\n"),
        (4, HEAD + "  - note: hi\n    for_each: {}\n"),
        (4, HEAD + "  - note: '{{ nobody }}'\n"),
        (4, HEAD + "  - sned\n"),
        (4, LOGIN + "  - create: {to: a@example.com}\n  - send:\n    retry: 2\n"),
        (4, LOGIN + "  - create: {to: a@example.com}\n  - send:\n    repeat: {until: 'true', every: 1s}\n"),
        (4, LOGIN + "  - gws.update_properties: {properties: {a: b}}\n"),
        (4, HEAD.replace("egain", "egian") + "  - note: hi\n"),
        # 5: nothing was carried out
        (5, HEAD + "  - note: hi\n    when: 'false'\n"),
        (5, HEAD + "  - note: hi\n    for_each: []\n"),
        (5, HEAD + "  - quiet\n"),
        (5, HEAD + "  - parallel: [{note: a, when: 'false'}]\n"),
        (5, HEAD + "  - note: hi\n    when: 'false'\ncleanup:\n  - note: hi\n"),
        # 6: it could not be carried out
        (6, NOWHERE),
        (6, NOWHERE + "    refused: unavailable\n"),
        (6, HEAD + "  - wait: 30s\n    timeout: 10ms\n"),
        (6, HEAD + "  - slow:\n    timeout: 10ms\n"),
        (6, HEAD + "  - parallel: [{wait: 30s}]\n    timeout: 10ms\n"),
        (6, HEAD + "  - login: {as: agent, password: wrong-one}\n"),
    ],
)
def test_what_a_file_means_for_the_program(project: Project, capsys: pytest.CaptureFixture[str], code: int, text: str) -> None:
    """One scenario gives the exit code of what became of it."""
    project({"it": text})
    assert main(["run"]) == code, capsys.readouterr()


@pytest.mark.parametrize(
    ("code", "files", "arguments"),
    [
        (0, {"ok": OK, "unsupported": UNSUPPORTED}, ()),
        (1, {"ok": OK, "bad": HEAD + "  - wrong\n"}, ()),
        (1, {"ok": OK, "bad": HEAD + "  - wrong\n", "nowhere": NOWHERE}, ()),
        (1, {"bad": HEAD + "  - wrong\n", "ok": OK}, ("--fail-fast", "-j", "1")),
        (0, {"cases": CASES}, ("--case", "right")),
        (0, {"cases": CASES}, ("scenarios/cases.scenario.yaml::egain[right]",)),
        (1, {"set": "scenario: It\nvendor: egain\nvariables: {a: 1}\nsteps:\n  - check: {that: '{{ a }}', is: 1}\n"}, ("--set", "a=2")),
        (4, {"ok": OK}, ("--reporter", "nonsense")),
        (4, {"ok": OK, "bad": HEAD + "  - sned\n"}, ()),
        (4, {"ok": OK}, ("scenarios/nowhere.scenario.yaml",)),
        (4, {"ok": OK}, ("--nonsense",)),
        (4, {"ok": OK}, ("-j", "0")),
        (4, {"ok": OK}, ("--set", "nonsense")),
        (4, {"cases": CASES}, ("-t", "nobody")),
        (4, {"cases": CASES}, ("-t", "smoke", "-t", "smokee")),
        (4, {"cases": CASES}, ("--case", "wrnog")),
        (4, {"cases": CASES}, ("--case", "right", "--case", "wrnog")),
        (4, {"cases": CASES}, ("scenarios/cases.scenario.yaml::egain[nobody]",)),
        (4, {"cases": CASES}, ("scenarios/cases.scenario.yaml:99",)),
        (4, {"cases": CASES}, ("scenarios/cases.scenario.yaml:0",)),
        (
            0,
            {"cases": CASES.replace("[{case: right, a: 1}, ", "\n  - {case: right, a: 1}\n  - ").replace("}]", "}")},
            ("scenarios/cases.scenario.yaml:5",),
        ),
        (4, {"ok": OK}, ("--set", "nobody=1")),
        (4, {"ok": OK}, ("--set", "vendor=gws")),
        (4, {"ok": OK}, ("--vendor", "egian")),
        (4, {"ok": OK}, ("--failed", "no-such-run")),
        (4, {"ok": OK}, ("--environment", "scenarios/ok.scenario.yaml")),
        # something that was meant to run would silently not
        (4, {"full/ok": OK}, ("scenarios/steps", "scenarios/full")),
        (4, {"full/ok": OK, "full/bad.scenario.yml": HEAD + "  - wrong\n"}, ()),
        (4, {"ok": OK, "Bad.Scenario.YAML": HEAD + "  - wrong\n"}, ()),
        (4, {"ok": OK, "bad.scenarios.yaml": HEAD + "  - wrong\n"}, ("scenarios/",)),
        (0, {"ok": OK, "notes.yaml": HEAD + "  - wrong\n"}, ()),
        (0, {"ok": OK, "bad.scenario.yml": HEAD + "  - wrong\n"}, ("scenarios/ok.scenario.yaml",)),
        (5, {}, ()),
        (5, {"ok": OK}, ("--vendor", "gws")),
        (5, {"cases": CASES}, ("-t", "not:smoke")),
        (5, {"both": UNSUPPORTED}, ("--vendor", "egain")),
        (6, {"ok": OK}, ("-e", "nowhere")),
        (6, {"ok": OK}, ("--reports", "scenarios/ok.scenario.yaml/reports")),
    ],
)
def test_what_a_command_means_for_the_program(
    project: Project, capsys: pytest.CaptureFixture[str], code: int, files: dict[str, str], arguments: tuple[str, ...]
) -> None:
    """Several scenarios, and what is asked of them, give one exit code."""
    project(files)
    assert main(["run", *arguments]) == code, capsys.readouterr()


@pytest.mark.skipif(sys.platform == "win32", reason="no shell that closes a stream")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize(("code", "text"), [(0, OK), (1, HEAD + "  - wrong\n")])
def test_closed_stream_does_not_change_the_exit_code(project: Project, closed: str, code: int, text: str) -> None:
    """Somebody who closed the output gets the same exit code, and no crash."""
    project({"it": text})
    ended = subprocess.run(["/bin/sh", "-c", f'"$0" -m runner run {closed}', sys.executable], check=False, timeout=60)
    assert ended.returncode == code


class Dead:
    """A reporter that cannot bear an event, or its end."""

    name = "dead"

    def __init__(self, when: str) -> None:
        self.when = when

    def handle(self, event: Event) -> None:
        if self.when == type(event).__name__:
            raise OSError("the disk is full")

    def close(self) -> None:
        if self.when == "close":
            raise OSError("the disk is full")


def ends(project: Project, text: str, *sinks: Sink, act: str = "") -> RunResult:
    """How a run of one file ends, told to *sinks*, when *act* is done to its schedule as soon as it begins."""
    folder = project({"it": text})
    request = harness.Request(start=folder, paths=(str(folder / "scenarios"),), reports=folder / "reports")
    asked = (lambda schedule: schedule.interrupt(act)) if act else None
    return asyncio.run(harness.run(request, sinks, on_start=asked))


@pytest.mark.parametrize("when", ["RunStarted", "ScenarioFinished", "RunFinished", "close"])
def test_a_reporter_that_died_is_not_green(project: Project, when: str) -> None:
    """All scenarios passed, and somebody will read a report that is not whole: exit code 3."""
    assert ends(project, OK, Dead(when)).exit_code == 3


@pytest.mark.parametrize("act", ["interrupted", "terminated"])
@pytest.mark.parametrize("text", [OK, HEAD + "  - wrong\n", HEAD + "  - wait: 30s\n"])
def test_a_run_that_was_interrupted_is_not_green(project: Project, act: str, text: str) -> None:
    """Whatever had passed by then: exit code 2."""
    assert ends(project, text, act=act).exit_code == 2


def test_a_journal_that_breaks_off_is_not_green(project: Project) -> None:
    """Without its last event a run did not end, though all that it tells of passed: exit code 2."""
    folder = ends(project, OK).folder
    assert folder is not None
    journal = folder / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    journal.write_text("".join(lines[:-1]), encoding="utf-8")
    assert harness.report(folder.name, folder.parent, lambda _folder: ()).exit_code == 2


class Vandal:
    """A sink that does something to the journal when the scenario has ended."""

    name = "vandal"

    def __init__(self, act: Callable[[Path], object], reports: Path) -> None:
        self.act = act
        self.reports = reports

    def handle(self, event: Event) -> None:
        if type(event).__name__ == "ScenarioFinished":
            (journal,) = self.reports.glob("2*/journal.jsonl")
            self.act(journal)

    def close(self) -> None:
        pass


def _add(journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(b"more\n")


def _replace(journal: Path) -> None:
    other = journal.with_name("other")
    other.write_bytes(journal.read_bytes())
    other.replace(journal)


@pytest.mark.skipif(sys.platform == "win32", reason="nobody removes a file that is open")
@pytest.mark.parametrize(
    "act",
    [
        Path.unlink,
        lambda journal: journal.write_bytes(b""),
        _add,
        _replace,
        lambda journal: shutil.rmtree(journal.parent),
    ],
    ids=["removed", "emptied", "written by another", "replaced", "with its folder"],
)
def test_a_journal_that_somebody_took_away_is_not_green(project: Project, act: Callable[[Path], object], tmp_path: Path) -> None:
    """All scenarios passed, and nobody can say what happened in them: exit code 2 or 3, and the reason."""
    result = ends(project, OK, Vandal(act, tmp_path / "reports"))
    assert result.exit_code in (2, 3)
    assert "was removed or changed while the run went on" in result.problems[0]


def test_a_scenario_that_never_ended_is_not_green(project: Project) -> None:
    """One of two is told to the end, the other one is not: exit code 2."""
    folder = ends(project, BOTH).folder
    assert folder is not None
    journal = folder / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if '"ScenarioFinished"' in line)
    journal.write_text("".join(lines[:last] + lines[last + 1 :]), encoding="utf-8")
    assert harness.report(folder.name, folder.parent, lambda _folder: ()).exit_code == 2


@pytest.mark.parametrize(
    ("code", "cleanup"),
    [(1, "  - check: {that: 1, is: 2}\n"), (6, "  - http: {url: 'http://127.0.0.1:9/'}\n"), (6, "  - wait: 30s\n    timeout: 10ms\n")],
)
def test_a_clean_up_that_failed_is_not_green(project: Project, capsys: pytest.CaptureFixture[str], code: int, cleanup: str) -> None:
    """The steps passed, and the vendor is not left as it was found."""
    project({"it": f"{OK}cleanup:\n{cleanup}"})
    assert main(["run"]) == code, capsys.readouterr()
