"""Ctrl-C, SIGTERM and time limits: people are logged out, and what happened is written down."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no signals of this kind")

# Sends a signal to the process when the first scenario waits; another one when it cleans up, if asked.
SIGNALS = """
import os, signal

class Signalling:
    name = "signalling"
    left = ["{first}", "{second}"]

    def handle(self, event):
        if type(event).__name__ != "StepStarted":
            return
        if len(self.left) == 2 and event.type == "wait" and event.phase == "steps" or len(self.left) == 1 and event.step == "cleanup.1":
            name = self.left.pop(0)
            if name:
                os.kill(os.getpid(), getattr(signal, name))

    def close(self):
        pass

def pytest_scenario_sinks(config, folder):
    return [Signalling()]
"""
# the clean-up takes a while, and people log out last
PATIENT = "scenario: Patient\nvendor: icws\nsteps:\n  - login: {as: agent}\n  - wait: 60s\ncleanup:\n  - logout\n  - wait: 400ms\n"
STUBBORN = "scenario: Stubborn\nvendor: icws\nsteps:\n  - login: {as: agent}\n  - wait: 60s\ncleanup:\n  - wait: 15s\n  - wait: 2s\n"


def run(project: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest as a process of its own, with nobody at its keyboard."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:rerunfailures", *arguments]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, encoding="utf-8", timeout=110, check=False)


def outcomes(project: Any) -> dict[str, str]:
    """Step → outcome, in the newest run."""
    return {event["step"]: event["outcome"] for event in project.events() if event["event"] == "StepFinished"}


def test_after_ctrl_c_scenarios_clean_up(project: Any) -> None:
    """What runs is stopped and logs out, the journal is whole, and pytest ends as after any Ctrl-C."""
    project.pytester.makeconftest(SIGNALS.format(first="SIGINT", second=""))
    project.add("slow")
    result = run(project)
    assert result.returncode == pytest.ExitCode.INTERRUPTED
    assert outcomes(project) == {"1": "passed", "2": "errored", "cleanup.1": "passed"}
    assert project.events()[-1]["ended"] == "interrupted"
    assert not list(project.root.glob("reports/*/incomplete"))
    assert "scenarios: reports/" in result.stdout


def test_a_second_ctrl_c_skips_the_clean_up(project: Any) -> None:
    """The clean-up is cut short, and it is said that sessions may stay open."""
    project.pytester.makeconftest(SIGNALS.format(first="SIGINT", second="SIGINT"))
    project.add(stubborn=STUBBORN)
    result = run(project)
    assert result.returncode == pytest.ExitCode.INTERRUPTED
    assert outcomes(project)["cleanup.1"] == "errored"
    assert project.events()[-1]["event"] == "RunFinished"
    assert "sessions may stay open" in result.stdout


def test_sigterm_ends_a_session_in_order(project: Any) -> None:
    """pytest alone would die at once; with scenarios it logs people out, writes its reports, and ends with 143."""
    project.pytester.makeconftest(SIGNALS.format(first="SIGTERM", second=""))
    project.add("slow", patient=PATIENT)
    result = run(project, "--junitxml=junit.xml")
    assert result.returncode == 143
    steps = [(event["scenario"], event["step"], event["outcome"]) for event in project.events() if event["event"] == "StepFinished"]
    cleanup = [(scenario.partition(".")[0], step, outcome) for scenario, step, outcome in steps if step.startswith("cleanup")]
    patient = "scenarios/patient"
    assert sorted(cleanup) == [
        (patient, "cleanup.1", "passed"),
        (patient, "cleanup.2", "passed"),
        ("scenarios/slow", "cleanup.1", "passed"),
    ]
    assert project.events()[-1]["ended"] == "terminated"
    assert not list(project.root.glob("reports/*/incomplete"))
    ET.parse(project.root / "junit.xml")


@pytest.mark.parametrize("second", ["SIGTERM", "SIGINT"])
def test_a_server_that_loses_its_patience_skips_the_clean_up(project: Any, second: str) -> None:
    """A second signal after SIGTERM cuts the clean-up short, and reports are written nevertheless."""
    project.pytester.makeconftest(SIGNALS.format(first="SIGTERM", second=second))
    project.add(stubborn=STUBBORN)
    result = run(project, "--junitxml=junit.xml")
    assert result.returncode in (143, pytest.ExitCode.INTERRUPTED)
    assert outcomes(project)["cleanup.1"] == "errored"
    assert project.events()[-1]["event"] == "RunFinished"
    ET.parse(project.root / "junit.xml")


def test_ctrl_c_in_a_python_test_stops_the_scenarios(project: Any) -> None:
    """They clean up, although pytest was elsewhere."""
    project.pytester.makeconftest(SIGNALS.format(first="SIGINT", second=""))
    project.add("green", "slow")
    project.pytester.makepyfile(test_long="import time\ndef test_long():\n    time.sleep(50)\n")
    result = run(project, "scenarios/green.scenario.yaml", "test_long.py", "scenarios/slow.scenario.yaml")
    assert result.returncode == pytest.ExitCode.INTERRUPTED
    assert outcomes(project)["cleanup.1"] == "passed"


LIMIT = """
import pytest

def pytest_collection_modifyitems(items):
    next(item for item in items if "slow" in item.nodeid).add_marker(pytest.mark.timeout(1.5))
"""


def test_a_time_limit_of_pytest_stops_its_scenario(project: Any) -> None:
    """pytest-timeout's failure tells the steps so far; the scenario is stopped and cleans up, the others go on."""
    project.pytester.makeconftest(LIMIT)
    project.add("green", "slow")
    result = run(project, "-v")
    assert "1 error" in result.stdout
    assert "1 passed" in result.stdout
    assert "Timeout" in result.stdout
    assert "2 wait" in result.stdout
    assert ".py:" not in result.stdout
    assert outcomes(project)["cleanup.1"] == "passed"


def test_a_killed_session_leaves_a_journal(project: Any) -> None:
    """After ``kill -9`` everything that had happened is there, and the run counts as cut off."""
    project.pytester.makeconftest(SIGNALS.format(first="SIGKILL", second=""))
    project.add("slow")
    assert run(project).returncode == -signal.SIGKILL
    assert project.ran() == ["slow::icws"]
    assert list(project.root.glob("reports/*/incomplete"))
