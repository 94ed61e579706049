"""
What came of a scenario, as pytest reports it: failures with the excerpt of the command line, errors as errors, skips that say why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

__all__ = ["Errored", "Failed", "describe", "explained", "finish", "raise_if_not_called", "say", "say_now", "told_error"]

Read = Callable[[str], Source | None]


class Failed(AssertionError):
    """A check said no. The text is what people read."""

    def __init__(self, told: Told, read: Read) -> None:
        super().__init__(_why(told, read))
        self.told: Told | None = told


class Errored(Exception):
    """The scenario could not be carried out. Not a failure of a check, for plugins that tell those apart by type (Allure's *broken*)."""

    def __init__(self, text: str, told: Told | None = None) -> None:
        super().__init__(text)
        self.told = told


def _why(told: Told, read: Read) -> str:
    lines = explain(told.story, read, environment=told.environment, quote=quote)
    if told.note:
        lines.append(f"   = {told.note}")
    return shown("\n".join(lines))


def raise_if_not_called(told: Told, read: Read) -> None:
    """Raise what ends an item in its set-up: an error, or a skip."""
    match told.outcome:
        case "errored":
            raise Errored(_why(told, read), told)
        case "unsupported":
            pytest.skip(f"unsupported: {shown(told.reason)}")
        case "skipped":
            pytest.skip(shown(told.reason))


def explained(excinfo: pytest.ExceptionInfo[BaseException], path: Path) -> Any:
    """What pytest shows of an exception of ours; None for any other. The place is that in the scenario's file, not in ours."""
    if not isinstance(excinfo.value, Failed | Errored):
        return None
    told = excinfo.value.told
    representation = excinfo.getrepr(style="value")
    crash = representation.reprcrash
    if crash is not None:
        crash.path = str(path)
        crash.lineno, crash.message = (_line(told), shown(headline(told.story))) if told is not None else (1, _first_line(excinfo))
    return representation


def _line(told: Told) -> int:
    story = told.story
    return (story.finished.line if story.finished is not None else 0) or story.started.line


def _first_line(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    return str(excinfo.value).partition("\n")[0]


def describe(report: pytest.TestReport, item: Any, call: pytest.CallInfo[None], given_up: Mapping[str, str]) -> None:
    """
    Set right in *report* what pytest cannot know: how long the scenario itself took and when, where a skip comes from, why it ended.

    *given_up* are the sections of a scenario that nobody waited for to its end.
    """
    for name, text in given_up.items():
        report.sections.append((f"Captured {name} call", f"{text}\n(it had not ended)" if name == "scenario" else text))
    if call.excinfo is not None and isinstance(call.excinfo.value, pytest.fail.Exception):
        # somebody else's words (pytest-timeout); the frames are ours and help nobody
        report.longrepr = call.excinfo.getrepr(style="value")
    if call.excinfo is not None and isinstance(call.excinfo.value, Errored):
        report.longrepr = item.repr_failure(call.excinfo)
    told: Told | None = item.told
    if told is not None and call.excinfo is not None and isinstance(call.excinfo.value, pytest.skip.Exception):
        path, line, _ = item.reportinfo()
        report.longrepr = (str(path), (line or 0) + 1, f"Skipped: {call.excinfo.value.msg}")
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
    """
    The lines for the end of the session.

    It is never green by accident: when the run's own record is not whole, it ends with pytest's code 3; when everything that was to be
    carried out was skipped or is unsupported, with 5, as ``runner run`` does.
    """
    problems = list(result.problems)
    if not result.complete and result.ended == "complete":
        problems.append("the run's record is not whole")
    if problems and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
    nothing = result.exit_code == pytest.ExitCode.NO_TESTS_COLLECTED
    if nothing and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
    return [
        *(["scenarios: nothing was carried out: all were skipped, or are unsupported"] if nothing else ()),
        *(f"scenarios: error: {shown(problem)}" for problem in problems),
        *(f"scenarios: warning: {shown(told.message)}" for told in result.warnings if not told.scenario and told.message not in problems),
        *_left_open(result),
        f"scenarios: {_shown_from_here(folder)}/",
    ]


def say(config: pytest.Config, text: str) -> None:
    """A line for the person at the terminal, at once."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write_line(text)


def say_now(session: pytest.Session, lines: list[str]) -> None:
    """Say *lines* when pytest will not: a session that ends with a code of its own (143) has no summary."""
    if session.exitstatus not in tuple(pytest.ExitCode):
        for line in lines:
            say(session.config, line)


def _left_open(result: RunResult) -> Sequence[str]:
    open_ones = [f"{scenario.key}: {', '.join(scenario.left_open)}" for scenario in result.scenarios if scenario.left_open]
    return [f"scenarios: left open: {shown(one)}" for one in open_ones]


def _shown_from_here(folder: Path) -> str:
    here = Path.cwd()
    return folder.relative_to(here).as_posix() if folder.is_relative_to(here) else folder.as_posix()
