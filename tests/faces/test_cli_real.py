"""The command line with nothing in anybody's place: real files, the built-in simulators, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import pytest

from runner.cli.main import main

GREEN = """
scenario: A mail is sent
vendors: [icws, egain]
tags: [smoke]
steps:
  - login: {as: agent}
  - create: {to: joe@example.com, subject: Hello, text: Hi}
  - send
  - verify_status: {is: sent, within: 20s}
cleanup:
  - logout
"""
RED = """
scenario: A sum is wrong
vendor: icws
cases:
  - {case: right, wanted: 4}
  - {case: wrong, wanted: 5}
steps:
  - check: {that: "{{ 2 + 2 }}", is: "{{ wanted }}"}
"""
WRONG = "scenario: A typo\nvendor: icws\nsteps:\n  - logn: {as: agent}\n"
SLOW = """
scenario: Somebody waits
vendor: icws
steps:
  - login: {as: agent}
  - wait: 60s
cleanup:
  - logout
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes a project with the files that are named and stands in it."""

    def make(**files: str) -> Path:
        folder = tmp_path / "scenarios"
        folder.mkdir()
        for name, text in files.items():
            (folder / f"{name}.scenario.yaml").write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return make


def test_a_green_run(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Every scenario runs on the simulators, the exit code is 0, and the reports agree."""
    root = project(green=GREEN)
    assert main(["run"]) == 0
    out = capsys.readouterr().out
    assert "✓ 2 passed" in out
    (junit,) = root.glob("reports/2*/junit.xml")
    assert ET.parse(junit).getroot().get("tests") == "2"


def test_a_red_run_points_at_the_line(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A failed check is exit code 1, with the line of the file and what was expected."""
    project(red=RED)
    assert main(["run"]) == 1
    out = capsys.readouterr().out
    assert "--> scenarios/red.scenario.yaml:8" in out
    assert "✗ 1 passed, 1 failed of 2 planned" in out


def test_what_failed_runs_again_alone(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The command that a red run ends with runs exactly what failed."""
    project(red=RED)
    main(["run"])
    (again,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  again")]
    assert main(again.split()[2:]) == 1
    assert "✗ 1 failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("selection", "runs"),
    [
        (["--vendor", "egain"], ["scenarios/green.scenario.yaml::egain"]),
        (["--tag", "not:smoke", "--case", "wrong"], ["scenarios/red.scenario.yaml::icws[wrong]"]),
        (["scenarios/red.scenario.yaml:6"], ["scenarios/red.scenario.yaml::icws[wrong]"]),
        (["scenarios/red.scenario.yaml::icws[right]"], ["scenarios/red.scenario.yaml::icws[right]"]),
    ],
)
def test_a_selection_is_exact(
    project: Callable[..., Path], capsys: pytest.CaptureFixture[str], selection: list[str], runs: list[str]
) -> None:
    """Vendor, tag, case, line and key each select exactly what they name."""
    project(green=GREEN, red=RED)
    assert main(["list", "--format", "json", *selection]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [run for scenario in listed["scenarios"] for run in scenario["runs"]] == runs


def test_a_wrong_file_is_found_without_a_network(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A typo is exit code 4, with place, caret and suggestion."""
    project(wrong=WRONG)
    assert main(["check"]) == 4
    out = capsys.readouterr().out
    assert "--> scenarios/wrong.scenario.yaml:4:5" in out
    assert "write `login`" in out


def test_a_wrong_file_keeps_everything_from_running(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent while a file is wrong."""
    root = project(wrong=WRONG, green=GREEN)
    assert main(["run"]) == 4
    assert not (root / "reports").exists()


def test_the_report_of_a_run_is_the_same_when_made_again(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """What is told from the journal is what was told live, and so is the exit code."""
    project(red=RED)
    main(["run", "-j", "1"])
    live = capsys.readouterr().out
    assert main(["report"]) == 1
    assert capsys.readouterr().out == live


def test_nothing_selected_is_exit_code_5(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A run of nothing is not green."""
    project(green=GREEN)
    assert main(["run", "--tag", "not:smoke"]) == 5


# ── in a process of its own ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the program, and sees that it ends."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        code = "import sys; from runner.cli.main import main; sys.exit(main())"
        environ = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environ,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def ends(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a program that is about to end."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")


def until_running(root: Path) -> None:
    """Wait until the journal says that a step began to wait; the file is looked at, as there is nothing to be told by."""
    seen = threading.Event()
    for _ in range(600):
        if any('"type":"wait"' in path.read_text(encoding="utf-8") for path in root.glob("reports/2*/journal.jsonl")):
            return
        seen.wait(0.05)
    pytest.fail("the run did not begin")


@posix
@pytest.mark.parametrize(("number", "ended"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "stopped from outside")])
def test_an_interrupted_run_cleans_up_and_is_exit_code_2(
    project: Callable[..., Path], started: Callable[..., subprocess.Popen[str]], number: signal.Signals, ended: str
) -> None:
    """Ctrl-C and SIGTERM stop what runs, the clean-up logs out, the reports are written, and no traceback is shown."""
    root = project(slow=SLOW)
    process = started("run", "-v")
    until_running(root)
    process.send_signal(number)
    code, out, err = ends(process)
    assert (code, err.strip()) == (2, "cleaning up; press Ctrl-C again to skip it")
    assert ended in out
    assert "✓ cleanup.1 logout" in out
    assert list(root.glob("reports/2*/junit.xml"))


@posix
@pytest.mark.parametrize("vendor", ["icws", "egain", "gws"])
def test_a_simulator_tells_where_it_is_on_its_first_line(started: Callable[..., subprocess.Popen[str]], vendor: str) -> None:
    """The first line is one JSON object with vendor, url, control and actors; the simulator answers until it is stopped."""
    process = started("simulate", vendor, "--seed", "3", "--latency", "1ms")
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    with urlopen(told["control"] + "/health", timeout=10) as answer:  # noqa: S310 - our own loopback server
        assert answer.status == 200
    assert told["vendor"] == vendor
    assert told["actors"]["agent"][0].keys() >= {"user", "password"}
    process.send_signal(signal.SIGINT)
    assert ends(process)[0] == 0


@posix
def test_all_simulators_in_one_line(started: Callable[..., subprocess.Popen[str]]) -> None:
    """``simulate all`` serves each vendor on a port of its own."""
    process = started("simulate", "all")
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())["simulators"]
    assert {one["vendor"] for one in told} >= {"icws", "egain", "gws"}
    assert len({one["url"] for one in told}) == len(told)
    process.send_signal(signal.SIGTERM)
    assert ends(process)[0] == 0


# ── the schema ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["scenario", "steps", "environment"])
def test_the_schema_is_printed(project: Callable[..., Path], capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """Each of the three schemas is printed as JSON."""
    project()
    assert main(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_knows_the_words_of_the_project(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """A word of the project's own is in the schema, so that editors complete it."""
    root = project()
    text = "step: say_hello\ndescription: Writes a line.\nsteps:\n  - note: Hello\n"
    (root / "scenarios" / "hello.steps.yaml").write_text(text, encoding="utf-8")
    main(["schema"])
    assert "say_hello" in capsys.readouterr().out


def test_schemas_are_written_and_checked(project: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Missing schemas are out of date, written ones are not."""
    root = project()
    assert main(["schema", "--check"]) == 1
    assert "schemas/scenario.schema.json is out of date; write it with: runner schema --write" in capsys.readouterr().out
    assert main(["schema", "--write"]) == 0
    assert sorted(path.name for path in (root / "schemas").iterdir()) == [
        "environment.schema.json",
        "result.schema.json",
        "scenario.schema.json",
        "steps.schema.json",
    ]
    assert main(["schema", "--check"]) == 0
