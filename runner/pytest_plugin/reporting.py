"""
Who else hears of the session's scenarios: the reporters that were asked for, and the sinks of other plugins.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.pytest_plugin.beside_allure import folder_of
from runner.pytest_plugin.options import reporters_of
from runner.reporters.base import ReportContext, make

if TYPE_CHECKING:  # names for the reader
    from runner.record.result import RunResult
    from runner.record.stream import Sink

__all__ = ["make_again", "sinks_of"]


def sinks_of(config: pytest.Config, folder: Path) -> list[Sink]:
    """The sinks for a run that writes into *folder*. What a reporter prints is left to pytest, which prints its own."""
    allure = folder_of(config)
    context = ReportContext(folder=folder, stream=io.StringIO(), folders={"allure": allure} if allure is not None else {})
    names = dict.fromkeys((*reporters_of(config), *(("allure",) if allure is not None else ())))
    asked: list[Sequence[Sink]] = config.hook.pytest_scenario_sinks(config=config, folder=folder)
    return [*(make(name, context) for name in names), *(sink for sinks in asked for sink in sinks)]


def make_again(config: pytest.Config, folder: Path) -> RunResult:
    """Give the events of a run that is over to everybody who wants them."""
    from runner.harness import report

    return report(folder.name, folder.parent, lambda place: sinks_of(config, place))
