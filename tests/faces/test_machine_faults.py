"""
What a machine can do to a run, on the command line and under pytest: no room, no right, no reader, others beside it, and a kill before it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner.record.events import Logged, RunFinished, ScenarioFinished
from runner.record.journal import is_incomplete, last_cut_off, read_journal, resolve_run

GREEN = "scenario: It is right\nvendor: egain\nsteps:\n  - check: {that: '{{ 2 + 2 }}', is: 4}\n"
# its story takes more room than there is
LONG = f"scenario: It tells much\nvendor: egain\nsteps:\n  - note: '{{{{ item }}}} {'x' * 2000}'\n    for_each: {list(range(60))}\n"
FACES = {
    "run": ["-m", "runner", "run", "scenarios"],
    "pytest": ["-m", "pytest", "-q", "-pno:cacheprovider", "-pno:xdist", "-pno:randomly", "-pno:asyncio", "scenarios"],
}
# who says which code when reports cannot be written: an environment that cannot be used, and an error of each item
CANNOT_WRITE = {"run": 6, "pytest": 1}

Ask = Callable[..., subprocess.CompletedProcess[str]]
# each test starts processes, which on a busy machine wait for their turn
pytestmark = pytest.mark.timeout(300)
faces = pytest.mark.parametrize("face", FACES)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one scenario."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "it.scenario.yaml").write_text(GREEN, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ask(project: Path) -> Ask:
    """Runs the project's scenarios, as a process of its own."""

    def asked(face: str, *arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *FACES[face], *arguments]
        environ = os.environ | {"PYTHONUTF8": "1"}
        done = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, encoding="utf-8", timeout=280, check=False)
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return asked


@pytest.fixture
def small_disk(project: Path) -> Iterator[Path]:
    """The folder ``reports``, on a disk of its own with little room."""
    disk = project / "reports"
    disk.mkdir()
    mounted = (
        sys.platform == "linux"
        and not subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(disk)], capture_output=True, check=False).returncode
    )
    if not mounted:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], capture_output=True, check=True)


@faces
def test_a_full_disk_is_told_and_is_never_green(face: str, project: Path, ask: Ask, small_disk: Path) -> None:
    """The journal breaks off at a whole line, the run says why, and what was there before stays as it was."""
    kept = small_disk / "earlier.txt"
    kept.write_text("an earlier report", encoding="utf-8")
    (project / "scenarios" / "it.scenario.yaml").write_text(LONG, encoding="utf-8")
    done = ask(face)
    assert done.returncode in (2, 3)
    assert "cannot be written: no space left on device; what happens from here on is not on disk" in done.stdout + done.stderr
    assert kept.read_text(encoding="utf-8") == "an earlier report"
    (journal,) = small_disk.glob("2*/journal.jsonl")
    assert not any(isinstance(event, Logged) and event.code == "E621" for event in read_journal(journal))


@faces
def test_a_disk_without_any_room_is_told_before_anybody_logs_in(face: str, ask: Ask, small_disk: Path) -> None:
    """Where not even a folder can be made, nothing is carried out."""
    with (small_disk / "all").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    done = ask(face)
    assert done.returncode == CANNOT_WRITE[face]
    assert "the disk is full" in done.stdout + done.stderr


@faces
def test_a_disk_that_is_read_only_is_told_before_anybody_logs_in(face: str, ask: Ask, small_disk: Path) -> None:
    """Not even root can write there."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    done = ask(face)
    assert done.returncode == CANNOT_WRITE[face]
    assert "the disk is read-only" in done.stdout + done.stderr


@faces
def test_a_file_in_the_place_of_reports_is_told(face: str, project: Path, ask: Ask) -> None:
    """It is a mistake in the command, or an error of each item."""
    (project / "reports").write_text("a file", encoding="utf-8")
    done = ask(face)
    assert done.returncode == {"run": 4, "pytest": 1}[face]
    assert "is a file" in done.stdout + done.stderr


@faces
def test_a_folder_that_is_missing_is_made(face: str, project: Path, ask: Ask) -> None:
    """With all that is above it."""
    option = {"run": "--reports", "pytest": "--scenario-reports"}[face]
    assert ask(face, option, "a/b/reports").returncode == 0
    assert not is_incomplete(resolve_run(project / "a" / "b" / "reports", "latest"))


@pytest.mark.slow
def test_twenty_runs_at_once_do_not_meet(project: Path) -> None:
    """Each has a folder of its own and is whole, ``latest`` is one of them, and nothing else is left."""
    command = [sys.executable, *FACES["run"], "--quiet", "--reporter", "json"]
    started = [subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(20)]
    assert [(process.communicate(timeout=280)[1], process.returncode) for process in started] == [(b"", 0)] * 20
    runs = [path for path in (project / "reports").iterdir() if path.is_dir() and not path.is_symlink()]
    assert len(runs) == 20
    assert not any(is_incomplete(run) for run in runs)
    assert all(sum(isinstance(event, ScenarioFinished) for event in read_journal(run)) == 1 for run in runs)
    assert resolve_run(project / "reports", "latest").name in {run.name for run in runs}
    assert {path.stem for path in (project / "reports").iterdir()} == {"latest", *(run.name for run in runs)}


# Kills the process when the first of two scenarios has ended.
KILLING = """
import os, signal

def pytest_runtest_logfinish(nodeid):
    if "/it.scenario" in nodeid:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals of this kind")
@faces
def test_the_next_run_says_that_one_was_cut_off(face: str, project: Path, ask: Ask) -> None:
    """After ``kill -9`` the next run tells which it was and how far it came; the one after that has nothing to tell."""
    waiting = project / "scenarios" / "waits.scenario.yaml"
    waiting.write_text("scenario: It waits\nvendor: egain\nsteps:\n  - wait: 50s\n", encoding="utf-8")
    (project / "conftest.py").write_text(KILLING, encoding="utf-8")
    assert ask("pytest").returncode < 0
    (cut_off,) = (path for path in (project / "reports").iterdir() if not path.is_symlink())
    assert last_cut_off(project / "reports") == cut_off
    waiting.unlink()
    (project / "conftest.py").unlink()
    told = f"the run before, {cut_off.name}, was cut off when 1 of 2 had ended; see `runner report {cut_off.name}`"
    first, second = ask(face), ask(face)
    assert (first.returncode, second.returncode) == (0, 0)
    assert told in first.stdout.replace("\n", " ")
    assert "was cut off" not in second.stdout


def test_a_run_that_goes_on_was_not_cut_off(project: Path) -> None:
    """Who starts beside it is told nothing of it, as it may well come to its end."""
    (project / "scenarios" / "it.scenario.yaml").write_text(GREEN.replace("check", "wait: 50s\n  - check"), encoding="utf-8")
    process = subprocess.Popen([sys.executable, *FACES["run"], "-v"], cwd=project, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stdout is not None
    assert process.stdout.readline()
    assert is_incomplete(resolve_run(project / "reports", "latest"))
    assert last_cut_off(project / "reports") is None
    process.kill()
    process.communicate(timeout=280)
    assert last_cut_off(project / "reports") is not None


@pytest.mark.skipif(os.name == "nt", reason="no pipe that ends early")
@faces
def test_a_reader_that_goes_away_sees_no_traceback(face: str, project: Path) -> None:
    """``| head -1`` ends the output, not the run."""
    arguments = " ".join(FACES[face])
    shell = f'"$0" {arguments} | head -n 1'
    done = subprocess.run(["/bin/sh", "-c", shell, sys.executable], cwd=project, capture_output=True, text=True, timeout=280, check=False)
    assert "Traceback" not in done.stderr
    assert isinstance(list(read_journal(project / "reports" / "latest"))[-1], RunFinished)
