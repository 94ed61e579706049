"""
One scenario from its first to its last event: borrow actors, walk the steps, clean up, close the sessions.

Clean-up runs on every path: after a failure, a timeout, an interruption. It is a task of its own, shielded, with its own budget.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Protocol

from runner.clock import micro
from runner.engine.ending import PASSED, Ending, ending_of, graver
from runner.engine.live import Live, place_at_work
from runner.engine.plan import Bound, Plan, listed
from runner.engine.run import Run
from runner.engine.step import perform, perform_all, skip
from runner.engine.variables import open_scope
from runner.environment.model import Actor
from runner.environment.secrets import Secret
from runner.errors import NotAllowed, RunnerError
from runner.record.events import Logged, Outcome, ScenarioFinished, ScenarioStarted, StepFinished
from runner.record.printed import PRINTING, Printed

__all__ = ["LEFT_BEHIND", "Lending", "ScenarioRun"]

# The name of a task that could not be stopped; a face that waits for all tasks would wait for ever.
LEFT_BEHIND = "left behind"

# How long a step may go on after it was told to stop, in seconds, before it is given up.
_STUCK_AFTER = 5.0
# A shorter wait for actors is no wait: they were free.
_NOTICEABLE = 0.005
# which round of `for_each`, which try of a block
_ROUND = re.compile(r"[#~]\d+")


class Lending(Protocol):
    """What a scenario needs of the pool (:class:`runner.environment.actors.ActorPool`)."""

    def lend(self, names: Sequence[str], vendor: str, *, holder: str) -> AbstractAsyncContextManager[Mapping[str, Actor]]:
        """The actors of these names, all at once, for as long as the block lasts."""
        ...


class ScenarioRun:
    """A plan being carried out. ``stop()`` interrupts it, so that it cleans up; ``cut_short()`` ends its clean-up as well."""

    def __init__(self, plan: Plan, run: Run, lending: Lending) -> None:
        self.live = Live(plan, run)
        self.plan = plan
        self._lending = lending
        self._stopped = False
        self._cut_short = False
        # who waits for actors, and who carries out the steps, and the clean-up
        self._borrowing: asyncio.Task[Any] | None = None
        self._steps: asyncio.Task[Ending] | None = None
        self._cleaning: asyncio.Task[Ending] | None = None
        # done when the steps end, or the watchdog says that they never will
        self._news: asyncio.Future[None] | None = None
        self._is_stuck = False
        self._began = 0.0
        self._printed: Printed | None = None
        self._left_open: list[str] = []

    async def carry_out(self) -> Outcome:
        """Everything, to the last event. Gives the outcome; raises nothing."""
        self._printed = Printed(self.live.run.emit, scenario=self.live.key, step=place_at_work)
        before = PRINTING.set(self._printed)
        try:
            return await self._from_first_to_last()
        finally:
            PRINTING.reset(before)

    async def _from_first_to_last(self) -> Outcome:
        live = self.live
        self._began = live.run.clock.monotonic()
        if self.plan.unsupported:
            self._announce()
            return self._finish(Ending("unsupported", self.plan.unsupported, "E210"))
        self._borrowing = asyncio.current_task()
        try:
            async with self._lending.lend(self.plan.actors, self.plan.vendor, holder=self.plan.key) as actors:
                self._borrowing = None
                live.actors = actors
                self._learn(actors)
                self._announce()
                return self._finish(await self._walk())
        except RunnerError as exc:
            self._announce()
            return self._finish(ending_of(exc, word="login", sends=False))
        except asyncio.CancelledError:
            if self._stopped and self._borrowing is not None:
                self._borrowing.uncancel()
            self._announce()
            return self._finish(Ending("errored", "interrupted while waiting for its actors", "E705", "interrupted"))

    def _learn(self, actors: Mapping[str, Actor]) -> None:
        """What the borrowed actors know must not be recorded."""
        for actor in actors.values():
            for value in actor.credentials.values():
                if isinstance(value, Secret):
                    self.live.run.redactor.learn(value.plain(), name=value.name, scope=self.live.key)

    def stop(self) -> None:
        """Interrupt the steps. However often that is asked, and by whomever, the clean-up runs."""
        if not self._stopped:
            self._stopped = True
            _cancel(self._borrowing or self._steps)

    def cut_short(self) -> None:
        """Interrupt the steps and the clean-up: this one, or the one that is still to come."""
        self.stop()
        self._cut_short = True
        _cancel(self._cleaning)

    def look_after(self, now: float) -> None:
        """Give up a step that ignores its time limit. Called by the watchdog every now and then."""
        if now > self.live.most_overdue().deadline + _STUCK_AFTER and self._steps is not None:
            self._is_stuck = True
            self._tell()

    # ── the walk ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _walk(self) -> Ending:
        ending = await self._guarded()
        cleanup = await self._clean_up()
        if not cleanup.good and graver(ending, cleanup) is cleanup:
            return Ending(cleanup.outcome, f"clean-up: {cleanup.reason}", cleanup.code, cleanup.cause or "environment")
        return ending

    async def _guarded(self) -> Ending:
        """The steps as a task of their own, so that a stuck one can be left behind."""
        self._steps = asyncio.ensure_future(self._all_steps())
        self._steps.add_done_callback(self._tell)
        limit = self.live.run.environment.scenario_timeout.total_seconds()
        try:
            await self._first_of(self._steps, limit)
        except asyncio.CancelledError:
            self._stopped = True
            self._steps.cancel()
        if not self._steps.done():
            return await self._end_steps(self._steps, limit)
        return self._result(self._steps)

    async def _first_of(self, steps: asyncio.Task[Ending], timeout: float) -> None:
        """Wait until *steps* are done or one of them is stuck, at most *timeout* seconds."""
        if steps.done() or self._is_stuck:
            return
        self._news = asyncio.get_running_loop().create_future()
        with suppress(TimeoutError), self.live.run.alarms.within(timeout):
            await self._news

    def _tell(self, _steps: object = None) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def _end_steps(self, steps: asyncio.Task[Ending], limit: float) -> Ending:
        """The steps did not end by themselves: they are stuck, interrupted, or out of time."""
        if not self._is_stuck:
            steps.cancel()
            await self._first_of(steps, _STUCK_AFTER)
        if steps.done():
            ending = self._result(steps)
            if self._stopped:
                return ending
            return Ending("errored", f"the scenario took longer than {limit:g} s", "E706", "environment")
        return self._abandon()

    def _abandon(self) -> Ending:
        """A step neither ends nor lets itself be stopped: it is left behind, and the clean-up goes on without it."""
        live = self.live
        stuck = live.most_overdue()
        doubt = _sends(self.plan, stuck.place)
        live.in_doubt = live.in_doubt or doubt
        if self._steps is not None:
            self._steps.set_name(LEFT_BEHIND)
        reason = "the step ignored its time limit and could not be stopped; it was left behind"
        ending = Ending("errored", reason, "E605", "plugin")
        live.emit(
            StepFinished(
                scenario=live.key,
                step=stuck.place,
                outcome="errored",
                took=micro(live.run.clock.monotonic() - stuck.deadline) if stuck.deadline != float("inf") else 0.0,
                reason=reason,
                code="E605",
                cause="plugin",
                in_doubt=doubt,
            )
        )
        self.live = _continued(live)
        live.abandon()
        return ending

    def _result(self, task: asyncio.Task[Ending]) -> Ending:
        if task.cancelled():
            return Ending("errored", "interrupted", "E705", "interrupted")
        exc = task.exception()
        return task.result() if exc is None else ending_of(exc, word="scenario", sends=False)

    async def _all_steps(self) -> Ending:
        live = self.live
        try:
            open_scope(live)
            self._preflight(self.plan.steps)
        except RunnerError as exc:
            return ending_of(exc, word="variables", sends=False)
        ending, where = await perform_all(self.plan.steps, live)
        if where is not None:
            live.failed_place, live.failed_line = where.place, where.step.span.line
        elif live.performed == 0:
            return Ending("skipped", "every step was skipped")
        return ending

    def _preflight(self, steps: Iterable[Bound]) -> None:
        """
        Recipients that are known before the first step are looked at before any connection is opened.

        Raises: ``NotAllowed`` – one is outside ``allow_recipients``.
        """
        environment = self.live.run.environment
        for bound in steps:
            self._preflight(bound.inner if bound.step.word == "parallel" else ())
            if bound.type is None or not bound.type.recipients or not _known_now(bound, self.live):
                continue
            rendered = bound.step.parameters.render(self.live.scope)
            for name in bound.type.recipients:
                for address in listed(rendered.get(name)):
                    if not environment.allows(address):
                        raise NotAllowed(
                            f"mail to {address} is not allowed in environment `{environment.name}`; nothing was sent, nobody logged in",
                            hint="use an allowed address, or add a pattern to `allow_recipients` of the environment",
                        )

    # ── clean-up ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _clean_up(self) -> Ending:
        """The clean-up steps and the closing of sessions, whatever cancels us meanwhile."""
        self._cleaning = asyncio.ensure_future(self._clean())
        self._cleaning.add_done_callback(self._tell)
        if self._cut_short:
            self._cleaning.cancel()
        while not self._cleaning.done():
            # as asyncio.shield does, with half as many callbacks
            self._news = asyncio.get_running_loop().create_future()
            with suppress(asyncio.CancelledError):
                await self._news
        if self._cleaning.cancelled():
            self._left_open = [f"{actor} at {vendor}" for vendor, actor in self.live.sessions if actor]
            return Ending("errored", "interrupted", "E705", "interrupted")
        return self._result(self._cleaning)

    async def _clean(self) -> Ending:
        budget = self.live.run.environment.cleanup_timeout.total_seconds()
        worst = PASSED
        try:
            with self.live.run.alarms.within(budget):
                for bound in _last_first(self.plan.cleanup):
                    ending = await self._clean_one(bound)
                    worst = graver(worst, ending)
        except TimeoutError:
            worst = Ending("errored", f"not done within its budget of {budget:g} s", "E707", "environment")
        closing = await self._close(budget)
        return graver(worst, closing)

    async def _clean_one(self, bound: Bound) -> Ending:
        live = self.live
        missing = [use.name for use in bound.step.parameters.names if use.name not in live.scope]
        if missing and set(missing) <= self.plan.saved:
            return skip(bound, live, f"`{missing[0]}` was never saved, so there is nothing to clean up")
        if bound.type is not None and bound.actor:
            opened = live.sessions.get((bound.vendor, bound.actor))
            if opened is None or opened.turned_away:
                return skip(bound, live, f"{bound.actor} {'never logged in' if opened is None else 'could not log in'}")
        return await perform(bound, live)

    async def _close(self, budget: float) -> Ending:
        """Close every session, last opened first; one that cannot be closed does not keep the others."""
        worst = PASSED
        for (vendor, actor), opened in reversed(self.live.sessions.items()):
            if opened.session is None:
                continue
            name = f"{actor} at {vendor}" if actor else vendor
            if opened.unknown:
                self._left_open.append(name)
                message = f"a login of {name} had no answer: its session may be open there, and nobody can close it"
                self.live.emit(Logged(message=message, level="warning", scenario=self.live.key, code="E708"))
            opened.newest.stays_out = True
            try:
                with self.live.run.alarms.within(budget):
                    await opened.session.close()
            except BaseException as exc:
                task = asyncio.current_task()
                if isinstance(exc, asyncio.CancelledError) and task is not None and task.cancelling():
                    raise
                if name not in self._left_open:
                    self._left_open.append(name)
                told = exc.message if isinstance(exc, RunnerError) else type(exc).__name__
                worst = Ending("errored", f"the session of {name} could not be closed: {told}", "E708", "environment")
                self.live.emit(Logged(message=worst.reason, level="error", scenario=self.live.key, code="E708"))
        self.live.sessions.clear()
        return worst

    # ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _announce(self) -> None:
        plan, scenario = self.plan, self.plan.scenario
        self.live.emit(
            ScenarioStarted(
                scenario=plan.key,
                id=scenario.id or scenario.file,
                name=scenario.name,
                file=scenario.file,
                line=plan.case.line if plan.case is not None and plan.case.line else scenario.span.line,
                vendor=plan.vendor,
                case=plan.case.name if plan.case is not None else "",
                tags=list(scenario.tags),
                description=scenario.description,
                steps=len(plan.steps) + len(plan.cleanup),
                actors={name: actor.user for name, actor in self.live.actors.items()},
                waited=waited if (waited := micro(self.live.run.clock.monotonic() - self._began)) >= _NOTICEABLE else None,
            )
        )

    def _finish(self, ending: Ending) -> Outcome:
        live = self.live
        if self._printed is not None:
            self._printed.close()
        live.emit(
            ScenarioFinished(
                scenario=live.key,
                outcome=ending.outcome,
                took=micro(live.run.clock.monotonic() - self._began),
                reason=ending.reason,
                code=ending.code,
                cause=ending.cause,
                step="" if ending.good else live.failed_place,
                line=0 if ending.good else live.failed_line,
                in_doubt=live.in_doubt,
                left_open=self._left_open,
                flaky=ending.good and live.retried,
            )
        )
        return ending.outcome


def _cancel(task: asyncio.Task[Any] | None) -> None:
    if task is not None:
        task.cancel()


def _last_first(steps: Sequence[Bound]) -> list[Bound]:
    """Clean-up runs from the last written step to the first, and people log out when everything else is done."""
    backwards = list(reversed(steps))
    return [b for b in backwards if b.step.word != "logout"] + [b for b in backwards if b.step.word == "logout"]


def _known_now(bound: Bound, live: Live) -> bool:
    """Whether the step's parameters need nothing that a later step saves; helpers give new values each time and are left alone."""
    uses = {use.name for use in bound.step.parameters.names}
    return bound.step.for_each is None and bound.step.when is None and uses <= live.scope.keys()


def _sends(plan: Plan, place: str) -> bool:
    """Whether the step at *place* (``3``, ``2.1#4``) sends mail."""
    written = _ROUND.sub("", place)
    return any(bound.type is not None and bound.type.sends and bound.place == written for bound in _all(plan.steps))


def _all(steps: Iterable[Bound]) -> Iterable[Bound]:
    for bound in steps:
        yield bound
        yield from _all(bound.inner)


def _continued(live: Live) -> Live:
    """The same scenario without the stuck step: sessions, scope and all go on, the old one is silenced by its caller."""
    fresh = Live(live.plan, live.run)
    fresh.__dict__.update({k: v for k, v in live.__dict__.items() if k != "deadline"})
    for opened in fresh.sessions.values():
        opened.continue_with(fresh)
    return fresh
