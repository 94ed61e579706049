"""
When time is up: one timer of the event loop for everything that has a deadline, instead of one for each.

Hardly anything takes as long as it may, so a deadline is only written down, and the timer stands at the earliest. A timer for each step
(``asyncio.timeout``) cost a tenth of what the engine does for it.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from msgspec import Struct

__all__ = ["Alarms", "Bounds"]


class Alarms:
    """The deadlines of a run. To be used from one event loop."""

    def __init__(self) -> None:
        self._set: set[Bounds] = set()
        self._timer: asyncio.TimerHandle | None = None
        # when the timer rings; at or before the earliest deadline
        self._rings_at = float("inf")

    def within(self, seconds: float) -> Bounds:
        """``with alarms.within(30):`` as ``asyncio.timeout`` does: what is in the block is cancelled when its time is up."""
        return Bounds(self, seconds)

    def add(self, bounds: Bounds) -> None:
        """Mind these."""
        self._set.add(bounds)
        if bounds.deadline < self._rings_at:
            self._ring_at(bounds.deadline)

    def remove(self, bounds: Bounds) -> None:
        """They have been left. The timer stays where it is: the next one may need it there."""
        self._set.discard(bounds)

    def _ring_at(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = deadline
        self._timer = asyncio.get_running_loop().call_at(deadline, self._ring)

    def _ring(self) -> None:
        now = asyncio.get_running_loop().time()
        for bounds in [bounds for bounds in self._set if bounds.deadline <= now]:
            self._set.discard(bounds)
            bounds.expire()
        self._timer, self._rings_at = None, float("inf")
        if self._set:
            self._ring_at(min(bounds.deadline for bounds in self._set))


class Bounds(Struct, eq=False):
    """
    A block with a deadline.

    Raises: ``TimeoutError`` – on leaving, when the time was up and nothing else ended the block.
    """

    _alarms: Alarms
    _seconds: float
    deadline: float = 0.0
    expired: bool = False
    _task: asyncio.Task[Any] | None = None
    _cancelling: int = 0

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._task = task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - only tasks wait
        self._cancelling = task.cancelling()
        self.deadline = loop.time() + self._seconds
        self._alarms.add(self)
        return self

    def expire(self) -> None:
        """The time is up."""
        assert self._task is not None  # noqa: S101 - set on entering
        self.expired = True
        self._task.cancel()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, _where: TracebackType | None) -> None:
        self._alarms.remove(self)
        # as asyncio.timeout does: who was cancelled by somebody else as well stays cancelled
        if self.expired and self._task is not None and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from exc
