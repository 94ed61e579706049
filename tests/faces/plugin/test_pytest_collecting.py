"""Which items there are, what they are called, and how they are chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runner.cli.main import main

pytest_plugins = ["pytester"]


def listed(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line]


def test_an_item_for_each_vendor_and_case(project: Callable[..., object]) -> None:
    """A scenario × vendor × case is an item under the path of its file."""
    project.add("cases", "unsupported")
    result = project.pytest("--collect-only", "-q")
    assert listed(result) == [
        "scenarios/cases.scenario.yaml::icws[right]",
        "scenarios/cases.scenario.yaml::icws[wrong]",
        "scenarios/unsupported.scenario.yaml::egain",
        "scenarios/unsupported.scenario.yaml::icws",
    ]


def test_collecting_runs_nothing(project: Callable[..., object]) -> None:
    """``--collect-only`` carries out nothing and writes no report."""
    project.add("green")
    assert project.pytest("--collect-only").ret == 0
    assert not (project.root / "reports").exists()
