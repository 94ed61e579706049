"""
How the items of a session are carried out: pytest goes from item to item, the scenarios run beside each other.

When the first item is set up, all that were selected begin with it, and each item then waits for its own. What a mark or a fixture may
still decide about begins only when its turn comes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from runner import harness
from runner.engine.plan import Plan
from runner.engine.schedule import Ended
from runner.errors import InternalError, RunnerError
from runner.pytest_plugin.background import Background
from runner.pytest_plugin.items import ScenarioItem
from runner.pytest_plugin.printed import Printing
from runner.pytest_plugin.results import Results, Told, may_have_sent
from runner.pytest_plugin.signals import telling, terminating
from runner.pytest_plugin.workers import Worker
from runner.record.result import RunResult
from runner.record.stream import Sink

__all__ = ["Carrying"]

# How often a wait looks up, in seconds: on Windows Ctrl-C is noticed only then.
_LOOK_UP = 0.1
# Beside its clean-up budget, a run that was stopped gets this long to end, in seconds; one that ended, this long to write its reports.
_TO_STOP = 15.0
_TO_WRITE = 300.0
# When a clean-up takes longer than this, it is said that it goes on.
_SAY_AFTER = 0.5
_CLEANING = "the scenarios clean up; press Ctrl-C to skip it"
_STOPPING = "stopping now; sessions may stay open"
# Marks by which pytest may leave an item out when its turn comes.
_MAY_LEAVE_OUT = ("skip", "skipif", "xfail")


class Carrying:
    """The run of a session. ``make_sinks`` gives who else hears of the events, by the run's folder."""

    def __init__(
        self,
        config: pytest.Config,
        request: harness.Request,
        check: Callable[[], harness.Checker],
        worker: Worker | None,
        make_sinks: Callable[[Path], Sequence[Sink]],
    ) -> None:
        self.folder: Path | None = None
        self._request = request
        self._check = check
        self._worker = worker
        self._make_sinks = make_sinks
        self._process = os.getpid()
        self.printing = Printing(config)
        self._results = Results(self.printing.tell)
        self._begun: dict[ScenarioItem, Future[Told]] = {}
        self._asked: set[ScenarioItem] = set()
        self._given_up: dict[str, Mapping[str, str]] = {}
        self._background: Background | None = None
        self._vendors: frozenset[str] = frozenset()
        self._stopped = False
        self._impatient = False
        self._restore: Callable[[], None] = lambda: None
        self._hear_no_more: Callable[[], None] = lambda: None

    # ── items ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def told(self, item: ScenarioItem, following: pytest.Item | None) -> Told:
        """
        What came of *item*, which is being set up; when it has not begun, it begins now. *following* is the item after it.

        Raises: ``RunnerError`` – nothing can be carried out.
        """
        if item.told is not None:
            sent = may_have_sent(item.told.story, item.sending)
            if sent:
                return replace(item.told, note=f"not run again: mail may have been sent by {sent}")
            self._begun.pop(item, None)
        variables = item.variables()
        if self._worker is not None:
            self._worker.join()
        if item not in self._begun:
            inherited = self._inherited(item)
            if inherited is not None:
                item.handed_over = True
                return inherited
            self._begin([item, *self._beside(item, following)], variables)
        self._asked.add(item)
        return self._wait(self._begun[item], item.plan.key)

    def _inherited(self, item: ScenarioItem) -> Told | None:
        return self._worker.inherited(item.plan.key, item.sending) if self._worker is not None else None

    def _beside(self, item: ScenarioItem, following: pytest.Item | None) -> list[ScenarioItem]:
        """The items that may begin together with *item*: they are given the same variables, and nobody can leave them out any more."""
        return [
            other
            for other in item.alike(self._ahead(item, following))
            if other not in self._begun
            and not any(other.get_closest_marker(name) for name in _MAY_LEAVE_OUT)
            and self._inherited(other) is None
        ]

    def _ahead(self, item: ScenarioItem, following: pytest.Item | None) -> Sequence[pytest.Item]:
        """The items that this process will run, as far as it can know."""
        if os.getpid() != self._process:
            # a process for each item (pytest-forked)
            return ()
        if self._worker is None:
            return item.session.items
        # the others may still go to other workers
        return () if following is None else (following,)

    def _begin(self, items: Sequence[ScenarioItem], variables: Mapping[str, object]) -> None:
        plans = [replace(item.plan, given=variables) if variables else item.plan for item in items]
        hand_over = self._ready(plans, items[0].session)
        for item in items:
            self._begun[item] = self._results.expect(item.plan.key)
            item.handed_over = True
        hand_over()

    # ── tests that run a scenario ────────────────────────────────────────────────────────────────────────────────────────────

    def told_of(self, plan: Plan, session: pytest.Session) -> Told:
        """
        Carry out *plan* on its own and tell what came of it, with its result as data. When the same runs already, that ends first.

        Raises: ``RunnerError`` – nothing can be carried out.
        """
        for item, begun in self._begun.items():
            if item.plan.key == plan.key:
                self._wait(begun, plan.key)
        if self._worker is not None:
            self._worker.join()
        hand_over = self._ready([plan], session)
        future = self._results.expect(plan.key, as_data=True)
        hand_over()
        return self._wait(future, plan.key)

    # ── the run ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ready(self, plans: Sequence[Plan], session: pytest.Session) -> Callable[[], None]:
        """Look whether *plans* can be carried out, and give what hands them over."""
        if self._background is not None:
            background = self._background
            self._check_simulated(plans)
            return lambda: background.add(plans)
        checked = self._check().ready(plans)
        return lambda: self._start(checked, session)

    def _check_simulated(self, plans: Sequence[Plan]) -> None:
        targets = self._check().environment.targets
        for vendor in {plan.vendor for plan in plans if not plan.unsupported} - self._vendors:
            if vendor in targets and targets[vendor].url == harness.SIMULATOR:
                hint = "name `run_scenario` among the parameters of the test, so that it is known beforehand"
                raise RunnerError(f"the simulator of {vendor} was not started with the others", code="E507", hint=hint)

    def _start(self, checked: harness.Checked, session: pytest.Session) -> None:
        self._vendors = frozenset(self._wanted(session)) | {plan.vendor for plan in checked.plans}
        worker, request = self._worker, self._request
        if worker is not None:
            request = replace(request, leases=worker.leases, seed=worker.seed if request.seed is None else request.seed)
        folder = worker.folder() if worker is not None else None
        self.printing.begin()
        self._background = Background(
            lambda started: harness.carry_out(
                request, checked, [self._results], on_start=started, make_sinks=self._sinks, more_for=self._vendors, folder=folder
            )
        )
        self._restore = terminating()

    def _wanted(self, session: pytest.Session) -> Iterator[str]:
        """The vendors that may be asked for before the session is over."""
        for item in session.items:
            if isinstance(item, ScenarioItem):
                yield item.plan.vendor
            elif "run_scenario" in getattr(item, "fixturenames", ()):
                yield from self._check().registry.names

    def _sinks(self, folder: Path) -> Sequence[Sink]:
        self.folder = folder
        # the process that controls the workers tells everybody else when all of them are done
        return () if self._worker is not None else self._make_sinks(folder)

    def _wait(self, future: Future[Told], key: str) -> Told:
        """Wait for a scenario. Who cannot wait any longer (pytest-timeout) stops it."""
        try:
            while not future.done():
                self._look_after_thread()
                with suppress(TimeoutError):
                    future.result(_LOOK_UP)
            self.printing.relay()
            return future.result()
        except (KeyboardInterrupt, pytest.exit.Exception):
            # the whole session ends, and everything is told to
            raise
        except BaseException:
            self._given_up[key] = self._results.so_far(key)
            if self._background is not None:
                self._background.stop(key)
            raise

    def _look_after_thread(self) -> None:
        """When the run is over, or has to end, nobody waits any longer."""
        self.printing.relay()
        if self._worker is not None and not self._stopped:
            self._worker.raise_if_stopped()
        background = self._background
        if background is not None and background.ended:
            error = background.error
            self._results.lose(error.message if isinstance(error, RunnerError) else repr(error) if error else "the run is over")

    def given_up(self, key: str) -> Mapping[str, str]:
        """What a scenario had done when nobody waited for it any longer, as sections; none when it was waited for."""
        return self._given_up.pop(key, {})

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def interrupt(self, why: Ended = "interrupted") -> None:
        """Stop what runs; it cleans up. A second Ctrl-C, whenever it comes, cuts the clean-up short."""
        self._stopped = True
        if self._background is not None:
            self._background.interrupt(why)
            self._hear_no_more = telling(self._cut_short)

    def _cut_short(self) -> None:
        self._impatient = True
        if self._background is not None:
            self._background.interrupt()

    @property
    def not_asked(self) -> list[ScenarioItem]:
        """The items that were carried out, and that pytest then left out."""
        return [item for item, future in self._begun.items() if item not in self._asked and future.done() and not self._stopped]

    def close(self, say: Callable[[str], None]) -> RunResult | None:
        """
        End the run: what still goes on is stopped and cleans up, in bounded time. None when there was no run.

        *say* tells the person at the keyboard what is waited for. Raises: ``RunnerError`` – the run could not begin.
        """
        background = self._background
        if background is None:
            return None
        if not self._stopped and not all(future.done() for future in self._begun.values()):
            self.interrupt()
        elif not self._stopped:
            self._hear_no_more = telling(self._cut_short)
        background.end()
        self._wait_for_end(background, say)
        background.close()
        self.printing.close()
        self._hear_no_more()
        self._restore()
        if isinstance(background.error, RunnerError):
            raise background.error
        if background.error is not None:
            raise InternalError(f"the scenarios' thread broke: {background.error!r}") from background.error
        return background.result

    def _wait_for_end(self, background: Background, say: Callable[[str], None]) -> None:
        stop_by = time.monotonic() + self._check().environment.cleanup_timeout.total_seconds() + _TO_STOP
        write_by = time.monotonic() + _TO_WRITE
        told = ""
        while not background.ended and time.monotonic() < (write_by if self._results.over or not self._stopped else stop_by):
            over = background.wait(_SAY_AFTER)
            now = _STOPPING if self._impatient else _CLEANING if self._stopped and not over else told
            if now != told:
                told = now
                say(now)
        if self._impatient and told != _STOPPING:
            # it was over before anybody looked
            say(_STOPPING)
