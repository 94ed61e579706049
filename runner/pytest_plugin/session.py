"""
What the scenarios of one session share: how files are checked, the run that carries them out, and its end.

pytest goes from item to item; the scenarios run beside each other on a thread. When the first item is set up, everything that was selected
begins with it, and each item then waits for its own. What a skip or a fixture may still decide about begins only when its turn comes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner import harness
from runner.engine.plan import Plan
from runner.errors import RunnerError
from runner.pytest_plugin import outcomes
from runner.pytest_plugin.background import Background
from runner.pytest_plugin.options import request_of
from runner.pytest_plugin.reporting import sinks_of
from runner.pytest_plugin.results import Results, Told, may_have_sent
from runner.pytest_plugin.signals import terminating
from runner.pytest_plugin.workers import worker_of
from runner.reporters.base import read_file
from runner.source import Source

if TYPE_CHECKING:  # the items stand on this module
    from runner.pytest_plugin.collecting import ScenarioItem

__all__ = ["Scenarios", "scenarios_of"]

_PLUGIN = "scenario-runner-session"
# How often a wait looks up, in seconds: Ctrl-C is only noticed then on Windows.
_LOOK_UP = 0.1
# Beside its clean-up budget, a run that was stopped gets this long to end, in seconds; one that ended, this long to write its reports.
_TO_STOP = 15.0
_TO_WRITE = 300.0
# Marks by which pytest may leave an item out when its turn comes.
_MAY_LEAVE_OUT = ("skip", "skipif", "xfail")


class Scenarios:
    """The plugin of a session that has scenarios; registered when the first file is collected, or the first ``run_scenario`` called."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._request = request_of(config)
        self._worker = worker_of(config, self._request.reports)
        self._process = os.getpid()
        self._checker: harness.Checker | RunnerError | None = None
        self._sources: dict[str, Source] = {}
        self._results = Results()
        self._begun: dict[pytest.Item, Future[Told]] = {}
        self._asked: set[pytest.Item] = set()
        self._background: Background | None = None
        self._simulated: frozenset[str] = frozenset()
        self._folder: Path | None = None
        self._next: pytest.Item | None = None
        self._end: Callable[[], None] | None = None
        self._told: list[str] = []

    # ── collecting ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def plans(self, path: Path) -> list[Plan]:
        """
        Every run that the file at *path* asks for.

        Raises: ``BadScenario`` – with all its mistakes; ``RunnerError`` – the environment or a plugin cannot be used.
        """
        plans = self._check().file(path)
        for plan in plans[:1]:
            self._sources[plan.scenario.source.name] = plan.scenario.source
        return plans

    def _check(self) -> harness.Checker:
        """What checks files. When it cannot be made, the first who asks is told why, and the others are referred to that."""
        if isinstance(self._checker, RunnerError):
            raise RunnerError("nothing could be checked, for the reason that the first file was told", code=self._checker.code)
        if self._checker is None:
            try:
                self._checker = harness.Checker(self._request)
            except RunnerError as exc:
                self._checker = exc
                raise
        return self._checker

    def read(self, name: str) -> Source | None:
        """A file by the name that events use for it, as it was when it was collected."""
        return self._sources.get(name) or read_file(name)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what is for other vendors than those that were asked for."""
        from runner.pytest_plugin.collecting import ScenarioItem

        wanted = self._request.vendors
        others = [item for item in items if isinstance(item, ScenarioItem) and wanted and item.plan.vendor not in wanted]
        if others:
            left_out = set(others)
            items[:] = [item for item in items if item not in left_out]
            config.hook.pytest_deselected(items=others)

    # ── carrying out ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """An item's turn has come; a worker of pytest-xdist knows the one after it, and no more."""
        self._next = nextitem

    def carry_out(self, item: ScenarioItem) -> Told:
        """What came of *item*, which is being set up; when nobody has begun it, it begins now."""
        if item.told is not None:
            again = self._again(item, item.told)
            if again is not None:
                return again
        variables = item.variables()
        if item not in self._begun:
            inherited = self._inherited(item)
            if inherited is not None:
                return inherited
            self._begin([item, *self._beside(item)], variables, item.session)
        self._asked.add(item)
        return self._wait(self._begun[item], item.plan.key)

    def run_one(self, plan: Plan, variables: Mapping[str, object], node: pytest.Item) -> Told:
        """
        Carry out *plan* for the test *node* and wait for it. If the same runs already, it is waited for first.

        Raises: ``RunnerError`` – it cannot be carried out.
        """
        for item, future in self._begun.items():
            if getattr(item, "plan", plan).key == plan.key:
                self._wait(future, plan.key)
        future = self._results.expect(plan.key, as_data=True)
        self._hand_over([replace(plan, given=dict(variables))], node.session)
        if plan.vendor not in self._simulated:
            raise RunnerError(
                f"the simulator of {plan.vendor} was not started",
                hint="name the fixture `run_scenario` among the parameters of the test, so that it is known beforehand",
            )
        return self._wait(future, plan.key)

    def _again(self, item: ScenarioItem, told: Told) -> Told | None:
        """A plugin runs the item once more: what came of it the first time, when mail may have left; else None, and it may begin again."""
        sent = may_have_sent(told.story, item.sending)
        if not sent:
            self._begun.pop(item, None)
            return None
        return replace(told, note=f"not run again: mail may have been sent by {sent}")

    def _inherited(self, item: ScenarioItem) -> Told | None:
        return self._worker.inherited(item.plan.key, item.sending) if self._worker is not None else None

    def _beside(self, item: ScenarioItem) -> list[ScenarioItem]:
        """The items that may begin together with *item*: nobody can leave them out any more, and they are given the same variables."""
        from runner.pytest_plugin.collecting import ScenarioItem

        return [
            other
            for other in self._ahead(item)
            if isinstance(other, ScenarioItem)
            and other is not item
            and other not in self._begun
            and item.shares_variables(other)
            and not any(other.get_closest_marker(name) for name in _MAY_LEAVE_OUT)
            and self._inherited(other) is None
        ]

    def _ahead(self, item: pytest.Item) -> Sequence[pytest.Item]:
        """The items that will be run by this process, as far as it can know."""
        if os.getpid() != self._process:
            # pytest-forked: a process for each item
            return ()
        if self._worker is not None:
            return () if self._next is None else (self._next,)
        return item.session.items if item.shares_variables(item) else ()  # type: ignore[attr-defined]  # scenario items alone come here

    def _begin(self, items: Sequence[ScenarioItem], variables: Mapping[str, object], session: pytest.Session) -> None:
        for item in items:
            self._begun[item] = self._results.expect(item.plan.key)
        self._hand_over([replace(item.plan, given=variables) if variables else item.plan for item in items], session)

    def _hand_over(self, plans: Sequence[Plan], session: pytest.Session) -> None:
        if self._background is not None:
            self._background.add(plans)
            return
        checked = self._check().ready(plans)
        self._simulated = frozenset(self._vendors(session)) | {plan.vendor for plan in plans}
        worker = self._worker
        request = self._request if worker is None else replace(self._request, leases=worker.leases, seed=self._request.seed or worker.seed)
        folder = None if worker is None else worker.folder()
        self._background = Background(
            lambda started: harness.carry_out(
                request, checked, [self._results], on_start=started, make_sinks=self._sinks, more_for=self._simulated, folder=folder
            )
        )
        self._end = terminating() if worker is None else None

    def _vendors(self, session: pytest.Session) -> Iterator[str]:
        """The vendors that may be asked for before the session is over."""
        from runner.pytest_plugin.collecting import ScenarioItem

        for item in session.items:
            if isinstance(item, ScenarioItem):
                yield item.plan.vendor
            elif "run_scenario" in getattr(item, "fixturenames", ()):
                yield from self._check().registry.names

    def _sinks(self, folder: Path) -> list[harness.Sink]:
        """A worker's events go to nobody else: the controller tells them when all workers are done."""
        self._folder = folder
        return [] if self._worker is not None else sinks_of(self._config, folder)

    def _wait(self, future: Future[Told], key: str) -> Told:
        """Wait for a scenario. Whoever cannot wait any longer (pytest-timeout) stops it."""
        try:
            while True:
                try:
                    return future.result(_LOOK_UP)
                except TimeoutError:
                    self._still_there()
        except KeyboardInterrupt:
            raise
        except BaseException:
            self._background.stop(key) if self._background is not None else None
            raise

    def _still_there(self) -> None:
        """
        Look after the thread that is waited for.

        Raises: ``RunnerError`` – the run could not begin.
        """
        error = self._background.error if self._background is not None else None
        if error is not None:
            self._results.close()

    # ── reports ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[pytest.TestReport]:
        """Innermost, so that everybody else sees the report as it ought to be."""
        report: pytest.TestReport = yield
        if hasattr(item, "plan"):
            outcomes.describe(report, item, call)
        return report
