"""The how-to page about pytest: its files, put where it says they stand, do what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "run-under-pytest.md"
# a block whose first line says where it stands
FILE = re.compile(r"^```\w+\n# (?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"--scenario-[a-z]+")


@pytest.fixture
def as_written(project: Any) -> Any:
    """A project with the files of the page."""
    for match in FILE.finditer(PAGE.read_text(encoding="utf-8")):
        path = project.root / match["path"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(match["text"], encoding="utf-8")
    return project


def test_the_files_of_the_page_work(as_written: Any) -> None:
    """The fixture reaches the scenario, and the tests in Python run it."""
    as_written.pytest("scenarios", "tests").assert_outcomes(passed=4)
    created = [event for event in as_written.events() if event["event"] == "StepStarted" and event["type"] == "create"]
    assert [event["parameters"]["subject"] for event in created] == ["Guten Tag"] * 4
    assert {event["parameters"]["to"] for event in created} == {"joe@example.com", "ann@example.com"}


def test_the_page_knows_every_option(project: Any) -> None:
    """The options of the page are those that ``pytest --help`` has."""
    helped = set(OPTION.findall(project.pytest("--help").stdout.str()))
    assert set(OPTION.findall(PAGE.read_text(encoding="utf-8"))) == helped
