"""
Real runs that are ended by a signal at any of their events, and at any file of their reports: what was told is on disk, whoever logged in
logs out, all reports agree.

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
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from runner.harness import report
from runner.record.events import Event, Logged, RunFinished, ScenarioFinished, StepFinished, StepStarted
from runner.record.journal import is_incomplete, read_journal
from runner.reporters.base import ReportContext, make
from tests.reading_back import FILES, READ_BACK, came, files_agree, planned

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="signals of this kind exist on POSIX only"),
    pytest.mark.timeout(600),
]
# Two hundred points for what is killed, and for what is asked to end in two ways: events, and files that are written after the last one.
POINTS = {"SIGKILL": (170, 30), "SIGTERM": (85, 15), "SIGINT": (85, 15)}

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

number, folder, points, files = getattr(signal, sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
WRITERS = ("junit", "json", "ctrf", "markdown", "allure", "html")


class Ends:
    """Ends this process when the event of a number comes, or the file of a number is begun after the last event; tells how many came."""

    name = "ends"

    def __init__(self, event, file):
        self.event, self.file = event, file
        self.last = self.written = 0
        self.over = False

    def handle(self, event):
        self.last = event.n
        if event.n == self.event:
            os.kill(os.getpid(), number)

    def close(self):
        self.over = True

    def opened(self, what, arguments):
        if self.over and what == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            self.begins_file()

    def begins_file(self):
        self.written += 1
        if self.written == self.file:
            os.kill(os.getpid(), number)


class After:
    """The last sink of all: when it is closed, all files are written; that is a point as well."""

    name = "after"

    def __init__(self, ends):
        self.close = ends.begins_file

    def handle(self, event):
        """Nothing is done yet."""


class Harness:
    """The runner, and who ends it."""

    Request = harness.Request

    def __init__(self, ends):
        self.ends = ends

    def run(self, request, sinks, *, make_sinks, **more):
        made = lambda folder: [*make_sinks(folder), After(self.ends)]
        return harness.run(request, [*sinks, self.ends], make_sinks=made, **more)


def child(event=0, file=0):
    """A run in a process of its own; gives how it ended, the number of its last event, and of the files written after it."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        ends = Ends(event, file)
        sys.addaudithook(ends.opened)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        names = [part for name in WRITERS for part in ("--reporter", name)]
        reports = f"{folder}/{event:05}-{file:03}"
        code = main(["run", folder, "--parallel", "2", "--seed", "5", "--reports", reports, *names], obj=Harness(ends))
        os.write(theirs, f"{ends.last} {ends.written}".encode())
        os._exit(code)
    os.close(theirs)
    _, status = os.waitpid(pid, 0)
    with os.fdopen(ours) as told:
        return os.waitstatus_to_exitcode(status), told.read()


def spread(first, last, most):
    """So many numbers, the first and the last among them."""
    assert last - first >= most, last
    return [first + n * (last - first) // (most - 1) for n in range(most)]


code, told = child()
assert code == 0, code
last, written = map(int, told.split())
for event in spread(2, last, points):
    print(event, 0, child(event=event)[0], flush=True)
for file in spread(1, written, files):
    print(last, file, child(file=file)[0], flush=True)
'''


class Ended(NamedTuple):
    """How a run was ended: at which event and, when it had had its last one, at which file of its reports; and the exit code."""

    event: int
    file: int
    code: int

    @property
    def folder(self) -> str:
        """Where its reports are."""
        return f"{0 if self.file else self.event:05}-{self.file:03}"


@pytest.fixture
def ended(tmp_path: Path) -> Callable[[str], dict[Path, Ended]]:
    """Ends runs at so many points by a signal; gives the folder of each."""
    (tmp_path / "mail.scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "terms.txt").write_text("Our terms.", encoding="utf-8")

    def at_points(name: str) -> dict[Path, Ended]:
        command = [sys.executable, "-c", RUNS, name, str(tmp_path), *map(str, POINTS[name])]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=550, check=False)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        rows = [Ended(*map(int, line.split())) for line in done.stdout.splitlines()]
        assert len(rows) == sum(POINTS[name])
        return {_only_run(tmp_path / row.folder): row for row in rows}

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


def _readable(folder: Path) -> None:
    """A report that is there is whole: its reader can read it."""
    for name in FILES:
        with suppress(FileNotFoundError):
            READ_BACK[name](folder)


def test_a_run_that_is_killed_at_any_point_is_told_by_all_alike(ended: Callable[[str], dict[Path, Ended]]) -> None:
    """
    After ``kill -9`` everything that was told is in the journal, and every report made of it has the same counts; none is green, unless the
    run had had its last event.
    """
    for folder, (at, file, code) in ended("SIGKILL").items():
        events = list(read_journal(folder))
        whole = isinstance(events[-1], RunFinished) and not is_incomplete(folder)
        assert (code, whole) == (-signal.SIGKILL, bool(file)), at
        assert [event.n for event in events][:at] == list(range(1, at + 1))
        if file:
            _readable(folder)
        context = _quiet(folder)
        result = report(folder.name, folder.parent, lambda _, context=context: [make(name, context) for name in FILES])  # type: ignore[misc]  # bound at once
        assert result.exit_code == (0 if whole else 2), at
        rows = json.loads((folder / "result.json").read_bytes())["scenarios"]
        told = [(row["key"], step["place"]) for row in rows for step in row.get("steps", []) if step["outcome"] != "not_run"]
        assert sorted(told) == sorted(_steps(folder, StepFinished)), at
        files_agree(folder, came(events), planned(events), whole=whole)
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_run_that_is_interrupted_at_any_point_cleans_up(ended: Callable[[str], dict[Path, Ended]], name: str) -> None:
    """
    After SIGTERM or Ctrl-C every step that began has ended, whoever had logged in has logged out, and the reports agree. A run that had had
    its last event writes its reports to the end.
    """
    for folder, (at, file, code) in ended(name).items():
        events = list(read_journal(folder))
        last = events[-1]
        assert isinstance(last, RunFinished)
        whole = last.ended == "complete"
        assert (code, is_incomplete(folder)) == (0 if whole else 2, False), at
        assert not file or whole
        assert sorted(_steps(folder, StepStarted)) == sorted(_steps(folder, StepFinished)), at
        # a login whose answer the signal cut off is nobody's to end, and is told so
        unanswered = _unanswered(events)
        left_open = {event.scenario for event in events if isinstance(event, ScenarioFinished) and event.left_open}
        assert left_open == {scenario for scenario, _ in unanswered}, at
        assert not unanswered & _logged_in(events), at
        assert None not in came(events)
        files_agree(folder, came(events), planned(events), whole=whole)
        shutil.rmtree(folder)
