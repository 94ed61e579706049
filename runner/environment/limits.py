"""
How fast, and how many at once: what a target can bear. The harness makes one of each for a target that has limits.
"""

from __future__ import annotations

import asyncio

from runner.clock import Clock

__all__ = ["RateLimiter", "SessionLimit"]


class RateLimiter:
    """
    Lets so many requests start per second; ``await limiter()`` before each (:data:`runner.transport.base.Limiter`).

    A bucket with one token: requests are spaced evenly, so no second ever sees more than the limit. Who came first goes first, and only
    the first one waits for the clock. Somebody who is cancelled while waiting takes no token.
    """

    def __init__(self, requests_per_second: float, clock: Clock) -> None:
        self._gap = 1.0 / requests_per_second
        self._clock = clock
        self._next = clock.monotonic()
        self._turn = asyncio.Lock()

    async def __call__(self) -> None:
        """Wait until one more request may start."""
        async with self._turn:
            wait = self._next - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            self._next = max(self._next, self._clock.monotonic()) + self._gap


class SessionLimit:
    """At most *sessions* scenarios inside at once, in the order in which they came: ``async with limit:``."""

    def __init__(self, sessions: int) -> None:
        self._free = asyncio.Semaphore(sessions)

    async def __aenter__(self) -> None:
        await self._free.acquire()

    async def __aexit__(self, *exc_info: object) -> None:
        self._free.release()
