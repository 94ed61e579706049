"""
When: now, sleep, and how people write durations. Whoever waits asks a Clock; tests turn it by hand.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "Duration", "ManualClock", "SystemClock", "micro", "written"]

_UNITS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|sec|s|min|m|h|d)\s*")


class Duration(timedelta):
    """A length of time, written as people write it: ``500ms``, ``30s``, ``2 min``, ``1 h``, ``1 min 30s``."""

    @classmethod
    def parse(cls, text: object) -> Duration:
        """
        Read ``30s``, ``2 min``, ``1 h 30 min``.

        Raises: ``ValueError`` – not a duration; the message says how to write one.
        """
        if isinstance(text, timedelta):
            return cls(seconds=text.total_seconds())
        if isinstance(text, str):
            parts = _DURATION.findall(text)
            if parts and _DURATION.sub("", text) == "":
                with suppress(OverflowError):  # longer than a timedelta can be
                    return cls(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
        raise ValueError(f"{text!r} is not a duration; write it like 500ms, 30s, 2 min or 1 h")

    @property
    def seconds_total(self) -> float:
        """The whole length in seconds."""
        return self.total_seconds()

    def __str__(self) -> str:
        return written(self.total_seconds())


def micro(seconds: float) -> float:
    """*seconds* to the millionth, as they are recorded. (``round`` goes by way of a decimal text, which takes ten times as long.)"""
    return (seconds * 1e6 + 0.5) // 1 / 1e6


def written(seconds: float) -> str:
    """A length of time as people write it: ``40ms``, ``1.5s``, ``2 min``, ``1 h``."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    if seconds < 120 or seconds % 60:
        return f"{seconds:.1f}".rstrip("0").rstrip(".") + "s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 or seconds % 3600 else f"{seconds / 3600:.0f} h"


class Clock(Protocol):
    """Time as the engine, the vendors and the simulators see it."""

    def monotonic(self) -> float:
        """Seconds that only grow, for measuring."""
        ...

    def now(self) -> datetime:
        """The moment, with its offset, for showing."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The real one."""

    monotonic = staticmethod(time.monotonic)

    def now(self) -> datetime:
        """The moment in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(seconds)


class ManualClock:
    """
    A clock that stands still until somebody waits: ``sleep`` moves it on at once.

    For tests: a scenario that waits half an hour runs in no time, and the times in its journal are the same on every run.
    """

    def __init__(self, start: datetime = datetime(2030, 1, 2, 9, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._seconds = 0.0

    def monotonic(self) -> float:
        """Seconds turned so far."""
        return self._seconds

    def now(self) -> datetime:
        """The start, moved on by what was turned."""
        return self._start + timedelta(seconds=self._seconds)

    def turn(self, seconds: float) -> None:
        """Move the hands."""
        self._seconds += seconds

    async def sleep(self, seconds: float) -> None:
        """Move the hands, and let everybody else run once."""
        self.turn(max(0.0, seconds))
        await asyncio.sleep(0)
