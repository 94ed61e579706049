"""What plugins print while ``runner run`` goes on, and when they are loaded: it is never among what we print, and has no secret."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

CANARY = "sesam-4711-sesam"
WAYS = ("print", "stderr", "pieces", "unended", "bytes", "log", "task", "executor", "thread")
SAYING = "scenario: It says HOW\nvendor: chatty\nsteps:\n  - chatty.say: {text: \"HOW {{ secret('CANARY') }}\", how: HOW}\n"

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path, chatty: Callable[[Path], None]) -> Path:
    """A folder with a plugin that prints, and a scenario for each way to do so."""
    chatty(tmp_path)
    for how in WAYS:
        (tmp_path / "scenarios" / f"{how}.scenario.yaml").write_text(SAYING.replace("HOW", how), encoding="utf-8")
    return tmp_path


@pytest.fixture
def call(project: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the program in that folder, as a process of its own."""
    monkeypatch.setenv("PYTHONPATH", str(project))
    monkeypatch.setenv("CANARY", CANARY)

    def called(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "runner", *arguments]
        return subprocess.run(command, cwd=project, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)

    return called


def _logged(folder: Path) -> Sequence[dict[str, Any]]:
    lines = (folder / "reports" / "latest" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event.get("event") == "Logged"]


def test_a_run_prints_what_is_its_own(call: Call, project: Path) -> None:
    """Stdout has the console's lines, stderr what the plugin prints when it is loaded; the journal has the lines of each scenario."""
    done = call("run", "--environment", "here")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if "***" in line] == []
    assert done.stdout.startswith("scenario-runner ")
    assert done.stderr == "chatty is loaded\n"
    told = {event["scenario"].split("/")[1].split(".")[0]: event for event in _logged(project)}
    assert {how: told[how]["message"] for how in WAYS} == {how: f"{how} ***" for how in WAYS}
    assert {told[how]["stream"] for how in ("stderr", "log")} == {"stderr"}
    # a thread of the plugin's own does not know of steps
    assert {how: told[how].get("step", "") for how in ("print", "task", "log")} == {"print": "1", "task": "1", "log": "1"}


def test_a_line_is_told_below_its_step_to_who_wants_to_see_steps(call: Call) -> None:
    """``-v`` shows what was printed, step by step."""
    lines = call("run", "--environment", "here", "-v", "scenarios/print.scenario.yaml").stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if "1 chatty.say" in line)
    assert lines[place + 1] == "      stdout: print ***"


@pytest.mark.parametrize("arguments", [("steps", "--format", "json"), ("list", "--format", "json"), ("check", "--format", "json")])
def test_what_a_program_reads_is_not_disturbed(call: Call, arguments: tuple[str, ...]) -> None:
    """What is asked for as JSON is JSON, whatever plugins print when they are loaded."""
    done = call(*arguments, *(("--environment", "here") if arguments[0] != "steps" else ()))
    assert json.loads(done.stdout)
    assert done.stderr == "chatty is loaded\n"


def test_no_report_has_the_secret(call: Call, project: Path) -> None:
    """Whichever way it was printed, in whichever report."""
    names = [part for name in ("html", "json", "junit", "markdown", "ctrf", "allure", "github") for part in ("--reporter", name)]
    done = call("run", "--environment", "here", "-vv", *names, "--reporter", "console")
    assert done.returncode == 0
    written = {path: path.read_bytes().decode("utf-8", "replace") for path in (project / "reports").rglob("*") if path.is_file()}
    assert [path for path, text in written.items() if CANARY in text] == []
    assert CANARY not in done.stdout + done.stderr
    pages = [text for path, text in written.items() if path.suffix == ".html"]
    assert [how for how in WAYS if not any(f"{how} " in text for text in pages)] == []
