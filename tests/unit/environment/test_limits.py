"""How fast, and how many at once."""

from __future__ import annotations

import asyncio

import pytest

from runner.clock import ManualClock
from runner.environment.limits import RateLimiter, SessionLimit


def test_requests_are_spaced_evenly() -> None:
    """At five a second a request starts each 200 ms, the first one at once."""
    clock = ManualClock()
    starts: list[float] = []

    async def all_of_them() -> None:
        limiter = RateLimiter(5, clock)
        for _ in range(6):
            await limiter()
            starts.append(clock.monotonic())

    asyncio.run(all_of_them())
    assert starts == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])


def test_requests_side_by_side_keep_the_rate_and_their_order() -> None:
    """Ten tasks at once are let through one by one, in the order in which they came."""
    clock = ManualClock()
    starts: list[tuple[int, float]] = []

    async def one(limiter: RateLimiter, number: int) -> None:
        await limiter()
        starts.append((number, round(clock.monotonic(), 6)))

    async def all_of_them() -> None:
        limiter = RateLimiter(10, clock)
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(one(limiter, number))

    asyncio.run(all_of_them())
    assert starts == [(number, round(number / 10, 6)) for number in range(10)]


def test_a_pause_does_not_save_up_requests() -> None:
    """After a quiet minute the rate is what it was: nothing is made up for."""
    clock = ManualClock()
    starts: list[float] = []

    async def all_of_them() -> None:
        limiter = RateLimiter(1, clock)
        await limiter()
        clock.turn(60)
        for _ in range(3):
            await limiter()
            starts.append(clock.monotonic())

    asyncio.run(all_of_them())
    assert starts == [60, 61, 62]


def test_somebody_who_gives_up_takes_no_token() -> None:
    """A cancelled wait leaves the next one where it was."""
    clock = ManualClock()

    async def all_of_them() -> float:
        limiter = RateLimiter(1, clock)
        await limiter()
        waiting = asyncio.create_task(limiter())
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await limiter()
        return clock.monotonic()

    assert asyncio.run(all_of_them()) == 1


def test_no_more_sessions_are_open_than_allowed() -> None:
    """Two at a time, and everybody has their turn."""
    inside: list[int] = [0]
    most: list[int] = []

    async def one(limit: SessionLimit) -> None:
        async with limit:
            inside[0] += 1
            most.append(inside[0])
            await asyncio.sleep(0)
            inside[0] -= 1

    async def all_of_them() -> None:
        limit = SessionLimit(2)
        async with asyncio.TaskGroup() as group:
            for _ in range(7):
                group.create_task(one(limit))

    asyncio.run(all_of_them())
    assert (len(most), max(most)) == (7, 2)
