"""
The plugin of a session that has scenarios: what its files and items share, and what is said at its end.

Registered when the first scenario file is collected, or when a test first runs a scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from runner import harness
from runner.engine.plan import Plan
from runner.errors import BadScenario, RunnerError
from runner.harness.misnamed import Options, unknown_variables
from runner.pytest_plugin.beside_allure import stand_between
from runner.pytest_plugin.garbage import leave_alone, look_rarely
from runner.pytest_plugin.items import ScenarioItem
from runner.pytest_plugin.options import request_of
from runner.pytest_plugin.signals import Terminated
from runner.pytest_plugin.workers import worker_of
from runner.source import Source

if TYPE_CHECKING:  # a session that only collects need not have the engine and the reporters
    from runner.pytest_plugin.carrying import Carrying
    from runner.pytest_plugin.results import Told
    from runner.record.result import RunResult

__all__ = ["Scenarios", "scenarios_of"]

_PLUGIN = "scenario-runner-session"
_OPTIONS = Options(set="--scenario-set", vendor="--scenario-vendor", case="-k")


def scenarios_of(config: pytest.Config) -> Scenarios:
    """The scenarios of the session."""
    known: Scenarios | None = config.pluginmanager.get_plugin(_PLUGIN)
    if known is None:
        known = Scenarios(config)
        config.pluginmanager.register(known, _PLUGIN)
    return known


class Scenarios:
    """What the scenarios of one session share."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._request = request_of(config)
        self._worker = worker_of(config, self._request.reports)
        self._checker: harness.Checker | RunnerError | None = None
        self._sources: dict[str, Source] = {}
        self._made_carrying: Carrying | None = None
        self._following: pytest.Item | None = None
        self._collected: Sequence[pytest.Item] = ()
        self._look_as_before: Callable[[], None] = look_rarely()
        self._lines: list[str] = []
        self._mistake: RunnerError | None = None

    # ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def plans(self, path: Path) -> list[Plan]:
        """
        Every run that the file at *path* asks for.

        Raises: ``BadScenario`` – with all its mistakes; ``RunnerError`` – the environment or a plugin cannot be used.
        """
        plans = self._check().file(path)
        leave_alone()
        for plan in plans[:1]:
            self._sources[plan.scenario.source.name] = plan.scenario.source
        return plans

    def _check(self) -> harness.Checker:
        """What checks files. When it cannot be made, the first who asks is told why, and the others are referred to that."""
        if isinstance(self._checker, RunnerError):
            raise RunnerError("not checked: see the first error", code=self._checker.code)
        if self._checker is None:
            try:
                self._checker = harness.Checker(self._request)
            except RunnerError as exc:
                self._checker = exc
                raise
        return self._checker

    def sections(self, told: Mapping[str, str]) -> Mapping[str, str]:
        """What pytest is to show beside the verdict of a scenario, by the name of its section."""
        return self._carrying().printing.sections(told)

    def read(self, name: str) -> Source | None:
        """A file by the name that events use for it, as it was when it was collected."""
        from runner.reporters.base import read_file

        return self._sources.get(name) or read_file(name)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what is for other vendors than those that were asked for."""
        wanted = self._request.vendors
        others = [item for item in items if wanted and isinstance(item, ScenarioItem) and item.plan.vendor not in wanted]
        if others:
            left_out = set(others)
            items[:] = [item for item in items if item not in left_out]
            config.hook.pytest_deselected(items=others)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """All files have been read, or could not be."""
        self._collected = session.items
        self._look_for_variables(session)
        if any(isinstance(item, ScenarioItem) for item in session.items):
            stand_between(session.config)

    def _look_for_variables(self, session: pytest.Session) -> None:
        """A variable that is given by option and that no scenario has is a mistake in the call, as it is on the command line."""
        plans = [item.plan for item in session.items if isinstance(item, ScenarioItem)]
        # whoever asks for the fixture may run any file
        asks = any("run_scenario" in getattr(item, "fixturenames", ()) for item in session.items)
        if not plans or asks or not self._request.variables or isinstance(self._checker, RunnerError):
            return
        found = list(unknown_variables(self._request.variables, plans, self._check().declared, options=_OPTIONS))
        if not found:
            return
        if self._worker is None:
            raise pytest.UsageError("\n".join(told.render() for told in found))
        # a worker cannot end the session: each scenario says why it does not begin
        self._mistake = BadScenario(found)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Tests begin, if they do."""
        if not session.config.getoption("collectonly"):
            self._look_as_before()

    # ── items ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, nextitem: pytest.Item | None) -> None:
        """An item's turn has come; a worker of pytest-xdist knows the one after it, and no more."""
        self._following = nextitem

    def _carrying(self) -> Carrying:
        """What carries out the items."""
        if self._made_carrying is None:
            from runner.pytest_plugin.carrying import Carrying
            from runner.pytest_plugin.reporting import sinks_of

            config = self._config
            self._made_carrying = Carrying(config, self._request, self._check, self._worker, lambda folder: sinks_of(config, folder))
        return self._made_carrying

    def carry_out(self, item: ScenarioItem) -> Told:
        """
        What came of *item*, which is being set up.

        Raises: ``RunnerError`` – nothing can be carried out.
        """
        if self._mistake is not None:
            raise self._mistake.with_traceback(None)
        return self._carrying().told(item, self._following)

    def run(self, plan: Plan, variables: Mapping[str, object], session: pytest.Session) -> Told:
        """
        Carry out *plan* with *variables*, and tell what came of it, with its result as data.

        Raises: ``RunnerError`` – nothing can be carried out.
        """
        return self._carrying().told_of(replace(plan, given=dict(variables)), session)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Innermost, so that everybody else sees the report as it ought to be."""
        report = yield
        if isinstance(item, ScenarioItem):
            from runner.pytest_plugin.outcomes import describe

            describe(report, item, call, self.sections(self._carrying().given_up(item.plan.key)))
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """A fixture begins."""
        value = yield
        if self._made_carrying is not None:
            self._made_carrying.printing.follow(fixturedef.argname)
        return value

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C or SIGTERM: what runs is told at once, and cleans up while pytest ends."""
        if self._made_carrying is not None:
            self._made_carrying.interrupt("terminated" if isinstance(excinfo.value, Terminated) else "interrupted")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Before anybody writes a report, the run is ended."""
        if self._made_carrying is None:
            return
        from runner.pytest_plugin.outcomes import say, say_now

        try:
            result = self._made_carrying.close(lambda text: say(self._config, text))
        except RunnerError as exc:
            self._lines.append(f"scenarios: error: {exc.message}")
            return
        if result is not None and self._worker is None:
            self._lines += self._told(session, self._made_carrying, result)
            say_now(session, self._lines)

    def _told(self, session: pytest.Session, carrying: Carrying, result: RunResult) -> list[str]:
        from runner.pytest_plugin.outcomes import finish

        left_out = [] if session.shouldfail or session.shouldstop else [item.plan.key for item in carrying.not_asked]
        hint = "leave it out with a mark `skip`, or by deselecting it"
        told = [f"scenarios: {key} was carried out, though it was then left out; {hint}" for key in left_out]
        return [*told, *finish(session, result, carrying.folder or self._request.reports)]

    def pytest_unconfigure(self) -> None:
        """
        Let go of what was made of the files: pytest now collects garbage more than once, and need not look at it.

        A session that only collected is left as it is, with all of it out of the collector's sight, until the process ends or another
        session begins: taking it apart would take a tenth of the time.
        """
        if self._config.option.collectonly:
            self._look_as_before()
            leave_alone()
            return
        for item in self._collected:
            if isinstance(item, ScenarioItem):
                del item.plan
        self._collected = ()
        self._sources.clear()
        self._checker = None
        self._look_as_before()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Where the run is written down, and what is wrong with it."""
        for line in self._lines:
            terminalreporter.write_line(line)
