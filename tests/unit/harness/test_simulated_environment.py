"""An environment whose vendors are their simulators: with settings of its own, and the people that the simulators know."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from runner import harness
from runner.errors import EnvironmentUnusable
from runner.record.result import RunResult

NOTING = """\
scenario: A mail is noted on
vendor: gws
steps:
  - login: {as: agent}
  - create: {to: kim@mail.example, subject: Hello, text: Hello Kim}
  - gws.disposition: resolved
    expect: {native: {userData: {DISP_KEY: resolved}}}
  - send
"""


def ran(folder: Path, settings: str, faults: str = "[]") -> RunResult:
    """A run of one scenario in an environment whose GWS is the simulator with these settings and faults."""
    environment = f"environment: mine\nvendors:\n  gws: {{url: simulator, dialect: emails, settings: {settings}, faults: {faults}}}\n"
    (folder / "environments").mkdir()
    (folder / "environments" / "mine.yaml").write_text(environment, encoding="utf-8")
    (folder / "one.scenario.yaml").write_text(NOTING, encoding="utf-8")
    paths = (str(folder / "one.scenario.yaml"),)
    request = harness.Request(paths=paths, environment=str(folder / "environments" / "mine.yaml"), reports=folder / "reports", start=folder)
    return asyncio.run(harness.run(request))


def test_the_settings_reach_the_simulator(tmp_path: Path) -> None:
    """It speaks the dialect that they say; the people and the freedom to write to anybody are the simulator's."""
    result = ran(tmp_path, "{dialect: emails, disposition_key: DISP_KEY, delay: [1ms, 2ms]}")

    assert [(one.outcome, one.reason) for one in result.scenarios] == [("passed", "")]


def test_the_faults_are_there_from_the_beginning(tmp_path: Path) -> None:
    """What the environment says goes wrong in the first run already."""
    result = ran(tmp_path, "{dialect: emails, delay: [1ms, 2ms]}", "['503@POST *']")

    assert [(one.outcome, "503" in one.reason) for one in result.scenarios] == [("errored", True)]


def test_settings_that_do_not_fit_together_are_told(tmp_path: Path) -> None:
    """What only the whole shows is a fault of the environment, with the vendor's name."""
    with pytest.raises(EnvironmentUnusable, match="gws: the simulator's settings do not fit: order_of_checks must name each") as told:
        ran(tmp_path, "{order_of_checks: [backend]}")

    assert told.value.hint == "correct the settings of gws in the environment file"
