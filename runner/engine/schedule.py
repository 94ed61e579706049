"""
Many plans at once: so many side by side, in one event loop, until all are done, one failed, or somebody interrupts.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Literal

from msgspec import Struct

from runner.engine.plan import Plan
from runner.engine.run import Run
from runner.engine.scenario import Lending, ScenarioRun
from runner.record.events import Logged, Outcome, RunExtended

__all__ = ["Ended", "Schedule", "Tally"]

Ended = Literal["complete", "fail_fast", "interrupted", "terminated", "timeout", "broken"]

_TICK = 0.5
# A plugin that keeps the event loop for longer than this, in seconds, is named.
_BLOCKED_AFTER = 1.0


class Tally(Struct, frozen=True):
    """How a schedule ended: how many of each outcome, how many never began, and why it ended."""

    counts: Mapping[str, int]
    not_run: int
    ended: Ended


class Schedule:
    """
    Carries out plans, *parallel* at a time.

    ``interrupt`` stops it: once, what runs is stopped and cleans up; twice, the clean-up is cut short. One that stays open takes more plans
    (``add``) until it is told that there are no more (``end``). All of them are called on the event loop.
    """

    def __init__(
        self,
        run: Run,
        lending: Lending,
        *,
        parallel: int,
        fail_fast: bool = False,
        sessions: Mapping[str, AbstractAsyncContextManager[object]] | None = None,
        limit: float = 4 * 3600.0,
        announce: Callable[[Sequence[Plan]], None] | None = None,
    ) -> None:
        self._run = run
        self._lending = lending
        self._parallel = parallel
        self._fail_fast = fail_fast
        self._sessions = sessions or {}
        self._limit = limit
        self._announce = announce
        self._running: set[ScenarioRun] = set()
        self._counts: Counter[str] = Counter()
        self._ended: Ended = "complete"
        # nothing more begins
        self._stopping = False
        self._interrupted = False
        self._waiting: deque[Plan] = deque()
        self._planned = 0
        self._open = False
        self._news = asyncio.Event()

    async def carry_out(self, plans: Iterable[Plan], planned: int, *, stay_open: bool = False) -> Tally:
        """All *plans*, each once. One that is to *stay_open* ends when :meth:`end` was called and everything that was added is done."""
        self._waiting.extend(plans)
        self._planned = planned
        self._open = stay_open
        side_by_side = self._parallel if stay_open else min(self._parallel, planned)
        watchdog = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(self._limit):
                async with asyncio.TaskGroup() as group:
                    for _ in range(max(1, side_by_side)):
                        group.create_task(self._work())
        except TimeoutError:
            self._ended = "timeout"
        finally:
            watchdog.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watchdog
        return Tally(dict(self._counts), self._planned - self._counts.total(), self._ended)

    def add(self, plans: Iterable[Plan]) -> None:
        """More to carry out, while it is open; they are announced first."""
        more = tuple(plans)
        if self._announce is not None:
            self._announce(more)
        self._planned += len(more)
        self._run.emit(RunExtended(planned=self._planned))
        self._waiting.extend(more)
        self._news.set()

    def end(self) -> None:
        """There are no more plans."""
        self._open = False
        self._news.set()

    def stop(self, key: str) -> None:
        """Stop one scenario: if it runs it cleans up, if it has not begun it does not begin."""
        self._waiting = deque(plan for plan in self._waiting if plan.key != key)
        for running in list(self._running):
            if running.plan.key == key:
                running.stop()

    def interrupt(self, why: Ended = "interrupted") -> None:
        """Stop: what runs cleans up, what has not begun does not begin. Again: the clean-up stops, too."""
        if self._ended in ("complete", "fail_fast"):
            self._ended = why
        again, self._interrupted = self._interrupted, True
        self._stopping = True
        self._news.set()
        for running in list(self._running):
            if again:
                running.cut_short()
            else:
                running.stop()

    async def _work(self) -> None:
        while (plan := await self._next()) is not None:
            outcome = await self._one(plan)
            if outcome is None:
                return
            self._counts[outcome] += 1
            if self._fail_fast and outcome in ("failed", "errored"):
                self._ended = "fail_fast"
                self._stopping = True
                self._news.set()

    async def _next(self) -> Plan | None:
        """The next plan; None when there are no more."""
        while not self._stopping:
            if self._waiting:
                return self._waiting.popleft()
            if not self._open:
                return None
            self._news.clear()
            await self._news.wait()
        return None

    async def _one(self, plan: Plan) -> Outcome | None:
        """The outcome of *plan*; None when everything was stopped while it waited for its turn at the vendor."""
        running = ScenarioRun(plan, self._run, self._lending)
        async with self._sessions.get(plan.vendor, nullcontext()):
            if self._stopping:
                return None
            self._running.add(running)
            try:
                return await running.carry_out()
            finally:
                self._running.discard(running)

    # ── the watchdog ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _watch(self) -> None:
        """Look after stuck steps; a thread looks after us, because a plugin that blocks the loop blocks this as well."""
        loop = asyncio.get_running_loop()
        beat = _Heart(loop, self._blocked)
        beat.start()
        try:
            while True:
                await asyncio.sleep(_TICK)
                beat.beat()
                now = self._run.clock.monotonic()
                for running in list(self._running):
                    running.look_after(now)
        finally:
            beat.stop()

    def _blocked(self, stack: str) -> None:
        message = f"something kept everything else waiting for more than {_BLOCKED_AFTER:g} s; it was at: {stack}"
        self._run.emit(Logged(message=message, level="warning", code="E604"))


class _Heart:
    """A thread that notices when the event loop stands still, and tells where it stood."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tell: Callable[[str], None]) -> None:
        self._loop = loop
        self._tell = tell
        self._beaten = threading.Event()
        self._stopped = threading.Event()
        self._watched = threading.get_ident()
        self._thread = threading.Thread(target=self._listen, name="runner-watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def beat(self) -> None:
        self._beaten.set()

    def stop(self) -> None:
        self._stopped.set()
        self._beaten.set()
        self._thread.join(timeout=1.0)

    def _listen(self) -> None:
        while not self._stopped.is_set():
            if not self._beaten.wait(_TICK + _BLOCKED_AFTER):
                stack = self._where()
                if not self._stopped.is_set():
                    self._loop.call_soon_threadsafe(self._tell, stack)
                self._beaten.wait()
            self._beaten.clear()

    def _where(self) -> str:
        frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - the documented way to another thread's stack
        if frame is None:
            return "an unknown place"
        frames = traceback.extract_stack(frame)[-3:]
        return " ← ".join(f"{f.name} ({f.filename.rpartition('/')[2]}:{f.lineno})" for f in reversed(frames))
