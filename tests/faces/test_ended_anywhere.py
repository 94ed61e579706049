"""
Real runs that are ended by a signal at any of their events: what was told is on disk, whoever logged in logs out, all reports agree.

R9, R10, R11 and table G of the faults. A process that holds everything ready makes a child for each point, which ends itself there.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.harness import report
from runner.record.events import Event, Logged, RunFinished, ScenarioFinished, StepFinished, StepStarted
from runner.record.journal import is_incomplete, read_journal
from runner.reporters.base import ReportContext, make
from tests.reading_back import FILES, came, files_agree, planned

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="signals of this kind exist on POSIX only"),
    pytest.mark.timeout(600),
]
# Two hundred points for what is killed, and for what is asked to end in two ways.
POINTS = {"SIGKILL": 200, "SIGTERM": 100, "SIGINT": 100}
# Events are handed on together, and the last ones are a clean-up, of which a signal cuts nothing off: who is ended there is through.
LAST = 120

# Nothing in it depends on how soon an answer comes, so that each run has the same number of events.
SCENARIO = """\
scenario: A mail is written and dropped
vendors: [icws, egain]
cases: [{case: one}, {case: two}, {case: three}, {case: four}, {case: five}, {case: six}]
steps:
  - login: {as: agent}
  - create: {to: joe@example.com, subject: Your order, text: It is on its way.}
  - attach: {file: terms.txt}
  - edit: {subject: Your order of today}
  - verify_attachments: [terms.txt]
  - note: This is where it would leave
  - cancel
cleanup:
  - logout
"""

RUNS = '''
import os, signal, sys

from runner import harness
from runner.cli import run
from runner.cli.main import main
from runner.reporters.base import installed

number, folder, most, last = getattr(signal, sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
WRITERS = ("junit", "json", "ctrf", "markdown", "allure", "html")


class Ends:
    """Ends this process when the event of a number comes; tells how many came."""

    name = "ends"

    def __init__(self, at):
        self.at = at
        self.last = 0

    def handle(self, event):
        self.last = event.n
        if event.n == self.at:
            os.kill(os.getpid(), number)

    def close(self):
        """Nothing is held."""


class Harness:
    """The runner, and who ends it."""

    Request = harness.Request

    def __init__(self, ends):
        self.ends = ends

    def run(self, request, sinks, **more):
        return harness.run(request, [*sinks, self.ends], **more)


def child(at):
    """A run in a process of its own; gives how it ended, and the number of its last event."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        ends = Ends(at)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        names = [part for name in WRITERS for part in ("--reporter", name)]
        code = main(["run", folder, "--parallel", "2", "--seed", "5", "--reports", f"{folder}/{at:05}", *names], obj=Harness(ends))
        os.write(theirs, str(ends.last).encode())
        os._exit(code)
    os.close(theirs)
    _, status = os.waitpid(pid, 0)
    with os.fdopen(ours) as told:
        return os.waitstatus_to_exitcode(status), told.read()


code, events = child(0)
assert code == 0, code
room = int(events) - last
assert room > most, room
for at in sorted({2 + n * (room - 2) // (most - 1) for n in range(most)}):
    print(at, child(at)[0], flush=True)
'''


@pytest.fixture
def ended(tmp_path: Path) -> Callable[[str], dict[Path, tuple[int, int]]]:
    """Ends runs at so many of their events by a signal; gives the folder of each: after how many events, and with which code."""
    (tmp_path / "mail.scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "terms.txt").write_text("Our terms.", encoding="utf-8")

    def at_points(name: str) -> dict[Path, tuple[int, int]]:
        command = [sys.executable, "-c", RUNS, name, str(tmp_path), str(POINTS[name]), str(LAST)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=550, check=False)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        rows = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
        assert len(rows) == POINTS[name]
        return {_only_run(tmp_path / f"{at:05}"): (at, code) for at, code in rows}

    return at_points


def _only_run(reports: Path) -> Path:
    (run,) = (folder for folder in reports.iterdir() if folder.is_dir() and not folder.is_symlink())
    return run


def _steps(folder: Path, kind: type[StepStarted | StepFinished]) -> list[tuple[str, str]]:
    return [(event.scenario, event.step) for event in read_journal(folder) if isinstance(event, kind)]


def _logged_in(events: list[Event]) -> set[tuple[str, str]]:
    """The scenarios and actors whose login passed."""
    logins = {(event.scenario, event.step): event.actor for event in events if isinstance(event, StepStarted) and event.type == "login"}
    ended = (event for event in events if isinstance(event, StepFinished) and event.outcome == "passed")
    return {(event.scenario, logins[event.scenario, event.step]) for event in ended if (event.scenario, event.step) in logins}


def _unanswered(events: list[Event]) -> set[tuple[str, str]]:
    """The scenarios and actors of whom it is told that their login had no answer."""
    told = (event for event in events if isinstance(event, Logged) and event.code == "E708")
    return {(event.scenario, event.message.partition("a login of ")[2].partition(" at ")[0]) for event in told}


def _quiet(folder: Path) -> ReportContext:
    return ReportContext(folder=folder, stream=io.StringIO(), environ={})


def test_a_run_that_is_killed_at_any_event_is_told_by_all_alike(ended: Callable[[str], dict[Path, tuple[int, int]]]) -> None:
    """After ``kill -9`` everything that was told is in the journal, and every report made of it has the same counts and is not green."""
    for folder, (at, code) in ended("SIGKILL").items():
        events = list(read_journal(folder))
        assert (code, is_incomplete(folder)) == (-signal.SIGKILL, True)
        assert [event.n for event in events][:at] == list(range(1, at + 1))
        context = _quiet(folder)
        result = report(folder.name, folder.parent, lambda _, context=context: [make(name, context) for name in FILES])  # type: ignore[misc]  # bound at once
        assert result.exit_code == 2
        rows = json.loads((folder / "result.json").read_bytes())["scenarios"]
        told = [(row["key"], step["place"]) for row in rows for step in row.get("steps", []) if step["outcome"] != "not_run"]
        assert sorted(told) == sorted(_steps(folder, StepFinished)), at
        files_agree(folder, came(events), planned(events), whole=False)
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_run_that_is_interrupted_at_any_event_cleans_up(ended: Callable[[str], dict[Path, tuple[int, int]]], name: str) -> None:
    """After SIGTERM or Ctrl-C every step that began has ended, whoever had logged in has logged out, and the reports agree."""
    for folder, (at, code) in ended(name).items():
        events = list(read_journal(folder))
        assert (code, is_incomplete(folder)) == (2, False), at
        assert isinstance(events[-1], RunFinished)
        assert sorted(_steps(folder, StepStarted)) == sorted(_steps(folder, StepFinished)), at
        # a login whose answer the signal cut off is nobody's to end, and is told so
        unanswered = _unanswered(events)
        left_open = {event.scenario for event in events if isinstance(event, ScenarioFinished) and event.left_open}
        assert left_open == {scenario for scenario, _ in unanswered}, at
        assert not unanswered & _logged_in(events), at
        assert None not in came(events)
        files_agree(folder, came(events), planned(events), whole=False)
        shutil.rmtree(folder)
