"""
The thread on which the scenarios of a session run, side by side in one event loop, while pytest goes from item to item on its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from runner.engine.loop import loop_factory
from runner.engine.schedule import Ended, Schedule

if TYPE_CHECKING:  # names for the reader
    from runner.engine.plan import Plan
    from runner.record.result import RunResult

__all__ = ["Background"]

# Who carries out a run, and tells when its schedule is there.
Work = Callable[[Callable[[Schedule], None]], Coroutine[Any, Any, "RunResult"]]


class Background:
    """
    Carries out a run on a thread of its own. ``result`` is there when it ended, or ``error`` when it could not begin.

    A step that cannot be stopped must not keep pytest from ending, so the thread is a daemon and the end of the run is told before the
    loop is closed.
    """

    def __init__(self, work: Work) -> None:
        self.result: RunResult | None = None
        self.error: BaseException | None = None
        self._work = work
        self._loop: asyncio.AbstractEventLoop | None = None
        self._schedule: Schedule | None = None
        self._begun = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scenario-runner", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self._ended.is_set()

    def add(self, plans: Sequence[Plan]) -> None:
        """More to carry out."""
        self._on_loop(lambda schedule: schedule.add(plans))

    def stop(self, key: str) -> None:
        """Stop one scenario."""
        self._on_loop(lambda schedule: schedule.stop(key))

    def interrupt(self, why: Ended = "interrupted") -> None:
        """Stop everything: once, what runs cleans up; twice, the clean-up is cut short."""
        self._on_loop(lambda schedule: schedule.interrupt(why))

    def end(self) -> None:
        """There is no more to carry out."""
        self._on_loop(lambda schedule: schedule.end())

    def wait(self, seconds: float) -> bool:
        """Wait until the run is over, at most so long; gives whether it is."""
        return self._ended.wait(seconds)

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.join(timeout=1.0)

    def _on_loop(self, do: Callable[[Schedule], None]) -> None:
        self._begun.wait()
        loop, schedule = self._loop, self._schedule
        if loop is not None and schedule is not None:
            # a loop that is closed has nobody left to tell
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(do, schedule)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                self.result = runner.run(self._work(self._started))
                self._ended.set()
        except BaseException as exc:  # noqa: BLE001 - told to whoever waits; a thread has nobody above it
            self.error = exc
        finally:
            self._ended.set()
            self._begun.set()

    def _started(self, schedule: Schedule) -> None:
        self._loop = asyncio.get_running_loop()
        self._schedule = schedule
        self._begun.set()
