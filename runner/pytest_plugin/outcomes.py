"""
What came of a scenario, as pytest reports it: failures with the excerpt of the command line, errors as errors, skips that say why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from runner.errors import BadScenario, RunnerError
from runner.pytest_plugin.results import Told
from runner.record.result import RunResult
from runner.reporters.console import quote
from runner.reporters.failure import explain, headline
from runner.reporters.mistakes import shown, told_diagnostics
from runner.source import Source

__all__ = ["Errored", "Failed", "LeftOut", "describe", "explained", "finish", "raise_if_not_called", "told_error"]

Read = Callable[[str], Source | None]


class Failed(pytest.fail.Exception):
    """A check said no. The text is what people read."""

    def __init__(self, told: Told, read: Read) -> None:
        super().__init__(_why(told, read), pytrace=False)
        self.told = told


class Errored(Exception):
    """The scenario could not be carried out. Not a failure of a check, for plugins that tell those apart by type (Allure's *broken*)."""

    def __init__(self, told: Told, read: Read) -> None:
        super().__init__(_why(told, read))
        self.told = told


class LeftOut(pytest.skip.Exception):
    """Skipped, or not supported by the vendor."""


def _why(told: Told, read: Read) -> str:
    lines = explain(told.story, read, environment=told.environment, quote=quote)
    if told.note:
        lines.append(f"   = {told.note}")
    return shown("\n".join(lines))


def raise_if_not_called(told: Told, read: Read) -> None:
    """Raise what ends an item in its set-up: an error, or a skip."""
    match told.outcome:
        case "errored":
            raise Errored(told, read)
        case "unsupported":
            raise LeftOut(f"unsupported: {shown(told.reason)}")
        case "skipped":
            raise LeftOut(shown(told.reason))


def explained(excinfo: pytest.ExceptionInfo[BaseException], path: Path) -> Any:
    """What pytest shows of an exception of ours; None for any other. The place is that in the scenario's file, not in ours."""
    if not isinstance(excinfo.value, Failed | Errored):
        return None
    story = excinfo.value.told.story
    representation = excinfo.getrepr(style="value")
    crash = representation.reprcrash
    if crash is not None:
        crash.path = str(path)
        crash.lineno = (story.finished.line if story.finished is not None else 0) or story.started.line
        crash.message = shown(headline(story))
    return representation


def describe(report: pytest.TestReport, item: Any, call: pytest.CallInfo[None]) -> None:
    """Set right in *report* what pytest cannot know: how long the scenario itself took and when, where a skip comes from, and why it ended."""
    if call.excinfo is not None and isinstance(call.excinfo.value, Errored):
        report.longrepr = item.repr_failure(call.excinfo)
    if call.excinfo is not None and isinstance(call.excinfo.value, LeftOut):
        path, line, _ = item.reportinfo()
        report.longrepr = (str(path), (line or 0) + 1, f"Skipped: {call.excinfo.value.msg}")
    told: Told | None = item.told
    if told is None or report.when == "teardown":
        return
    if report.when == "call" or call.excinfo is not None:
        report.duration = told.took
        report.start, report.stop = told.began, told.began + told.took
    else:
        # the time in which it was waited for is not its own
        report.duration = 0.0


def told_error(error: RunnerError) -> str:
    """An error as ``runner check`` tells it."""
    return told_diagnostics(error.diagnostics if isinstance(error, BadScenario) else [error.diagnostic()])


def finish(session: pytest.Session, result: RunResult, folder: Path) -> list[str]:
    """The lines for the end of the session. A run whose own record is not whole is never green: the session ends with pytest's code 3."""
    problems = list(result.problems)
    if not result.complete and result.ended == "complete":
        problems.append("the run's record is not whole")
    if problems and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
    return [*(f"scenarios: error: {shown(problem)}" for problem in problems), *_left_open(result), f"scenarios: {_shown_from_here(folder)}/"]


def _left_open(result: RunResult) -> Sequence[str]:
    open_ones = [f"{scenario.key}: {', '.join(scenario.left_open)}" for scenario in result.scenarios if scenario.left_open]
    return [f"scenarios: left open: {shown(one)}" for one in open_ones]


def _shown_from_here(folder: Path) -> str:
    here = Path.cwd()
    return folder.relative_to(here).as_posix() if folder.is_relative_to(here) else folder.as_posix()
