"""
A run that is ended from outside, as a process: what was told is in the journal, clean-up ran, and nothing looks green.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from runner.record.events import Logged, RunFinished, ScenarioFinished, ScenarioStarted, StepFinished
from runner.record.journal import is_incomplete, read_journal, resolve_run

ROOT = Path(__file__).parents[2]
RUNNER = [sys.executable, "-m", "runner"]
posix = pytest.mark.skipif(os.name == "nt", reason="signals of this kind exist on POSIX only")


def start(reports: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [*RUNNER, "run", "scenarios/mail", "--reports", str(reports), "--seed", "5", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def read_until(process: subprocess.Popen[str], lines: int) -> list[str]:
    """So many scenarios as they are told on the console; it waits for the process, not for the clock."""
    assert process.stdout is not None
    told: list[str] = []
    while len(told) < lines:
        line = process.stdout.readline()
        assert line, "the run ended before it was to be ended"
        if line[:1] in "✓✗!~-":
            told.append(line)
    return told


def only_run(reports: Path) -> Path:
    (run,) = (folder for folder in reports.iterdir() if folder.is_dir() and not folder.is_symlink())
    return run


def reports_agree(run: Path, ended: int) -> None:
    """JUnit and the JSON result tell so many scenarios as ended, with the same outcomes, and that the run is not whole."""
    root = ET.parse(run / "junit.xml").getroot()
    red = {kind: [case for case in root.iter("testcase") if case.find(kind) is not None] for kind in ("failure", "error", "skipped")}
    unended = [case for case in red["error"] if case.find("error").get("type") == "run"]  # type: ignore[union-attr]  # it has one
    counts = json.loads((run / "result.json").read_bytes())["counts"]
    assert len(list(root.iter("testcase"))) - len(unended) == ended == counts["planned"] - counts["not_run"]
    assert (len(red["failure"]), len(red["error"]) - len(unended)) == (counts["failed"], counts["errored"])
    assert len(red["skipped"]) == counts["skipped"] + counts["unsupported"]
    assert "the run is whole" in [case.get("name") for case in unended]


@posix
def test_full_disk_leaves_every_report_whole(tmp_path: Path) -> None:
    """When the journal cannot grow any more the run goes on, tells so, is not green, and every report has all that was heard."""
    limited = f"ulimit -f 200; exec {shlex.join([*RUNNER, 'run', 'scenarios/mail', '--reports', str(tmp_path), '--seed', '5', '-q'])}"
    names = [part for name in ("console", "junit", "json", "ctrf", "markdown") for part in ("--reporter", name)]
    done = subprocess.run(
        ["bash", "-c", f"{limited} {shlex.join(names)}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=100,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "cannot be written" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    counts = json.loads((only_run(tmp_path) / "result.json").read_bytes())["counts"]
    reports_agree(only_run(tmp_path), counts["planned"])
    summary = json.loads((only_run(tmp_path) / "ctrf.json").read_bytes())["results"]["summary"]
    assert (summary["passed"], summary["extra"]["not_run"]) == (counts["passed"], 0)


@posix
@pytest.mark.parametrize("lines", [1, 3, 7, 12, 20, 30])
def test_killed_run_keeps_what_it_told(lines: int, tmp_path: Path) -> None:
    """After kill -9 every scenario that was told is in the journal, and reports can be made of it that are not green."""
    process = start(tmp_path, "--parallel", "3")
    told = read_until(process, lines)
    process.kill()
    process.communicate()
    run = only_run(tmp_path)
    ended = [event for event in read_journal(run) if isinstance(event, ScenarioFinished)]
    assert len(ended) >= len(told)
    assert is_incomplete(run)
    again = subprocess.run([*RUNNER, "report", str(run)], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert again.returncode == 2, again.stderr
    reports_agree(run, len(ended))


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("lines", [1, 5, 15])
def test_interrupted_run_cleans_up(number: signal.Signals, lines: int, tmp_path: Path) -> None:
    """After SIGTERM or Ctrl-C every scenario that began has ended, whoever logged in was cleaned up after, and the exit code is 2."""
    process = start(tmp_path, "--parallel", "3")
    read_until(process, lines)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2, out + err
    assert "Traceback" not in out + err
    events = list(read_journal(only_run(tmp_path)))
    assert isinstance(events[-1], RunFinished)
    assert events[-1].not_run > 0
    assert {e.scenario for e in events if isinstance(e, ScenarioStarted)} == {e.scenario for e in events if isinstance(e, ScenarioFinished)}
    # a login whose answer the signal cut off is nobody's to end, and is told so
    unanswered = {e.scenario for e in events if isinstance(e, Logged) and e.code == "E708"}
    assert {e.scenario for e in events if isinstance(e, ScenarioFinished) and e.left_open} == unanswered
    assert not is_incomplete(only_run(tmp_path))
    reports_agree(only_run(tmp_path), sum(isinstance(e, ScenarioFinished) for e in events))
    ET.parse(only_run(tmp_path) / "junit.xml")


_STUBBORN = '''
import asyncio, sys
from msgspec import Struct
from runner import harness
from runner.cli.main import main
from runner.engine import scenario
from runner.plugins.contract import Vendor, Word
from runner.plugins.registry import Registry
from runner.vendors.general import VENDOR as GENERAL

scenario._STUCK_AFTER = 0.2  # the true one is five seconds

class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""

class Session:
    async def close(self): pass

async def opened(context): return Session()

async def stay(context, parameters):
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

STAY = Word(name="mule.stay", title="Stay", description="Never goes.", example="- mule.stay", parameters=Nothing, anonymous=True)
VENDORS = Registry.of(GENERAL, Vendor(name="mule", title="Mule", open=opened, steps=(STAY.step(stay),)))

class Harness:
    Request = harness.Request
    @staticmethod
    def run(request, sinks, **more):
        return harness.run(request, sinks, vendors=VENDORS, **more)

sys.exit(main(sys.argv[1:], obj=Harness))
'''


def test_step_that_cannot_be_stopped_does_not_keep_the_process(tmp_path: Path) -> None:
    """A plugin that swallows every cancellation is left behind: the run ends, its report says whose fault it was, exit code 3."""
    folder = tmp_path / "scenarios"
    (folder / "environments").mkdir(parents=True)
    (tmp_path / "stubborn.py").write_text(_STUBBORN, encoding="utf-8")
    (folder / "it.scenario.yaml").write_text(
        "scenario: It stays\nvendor: mule\nsteps:\n  - mule.stay:\n    timeout: 50ms\n", encoding="utf-8"
    )
    (folder / "environments" / "barn.yaml").write_text(
        "environment: barn\nvendors:\n  mule: {url: 'http://localhost:1'}\nactors:\n  agent: [{mule: {}}]\n", encoding="utf-8"
    )
    command = [sys.executable, "stubborn.py", "run", "scenarios", "-e", "barn"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    steps = [e for e in read_journal(resolve_run(tmp_path / "reports", "latest")) if isinstance(e, StepFinished)]
    assert [step.code for step in steps] == ["E605"]


def test_simulate_tells_where_it_is_in_its_first_line(tmp_path: Path) -> None:
    """The first line of `simulate` is one JSON object with the vendor, the address, and people who can log in."""
    process = subprocess.Popen([*RUNNER, "simulate", "icws"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    process.terminate()
    process.communicate(timeout=30)
    assert first["vendor"] == "icws"
    assert first["url"].startswith("http://127.0.0.1:")
    assert first["actors"]
