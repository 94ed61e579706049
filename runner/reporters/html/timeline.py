"""
Who ran when: a lane for each user, a bar for each scenario, and in it where the scenario waited. All numbers are thousandths of the run.

A user is lent to one scenario at a time, so what stands right behind another in a lane waited for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from runner.clock import written
from runner.reporters.html.rows import Row

__all__ = ["Bar", "Lane", "Ran", "lanes", "ticks"]

_MOST_LANES = 48
# A scenario that began so soon (thousandths of the run) after another in its lane waited for it.
_AT_ONCE = 4
_NOBODY = "no actor"
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@dataclass(frozen=True, slots=True)
class Ran:
    """A scenario in time: seconds since the run began. ``waits`` are the stretches in which it looked for something to happen."""

    title: str
    outcome: str
    began: float
    ended: float
    users: tuple[str, ...]
    row: Row
    waits: tuple[tuple[float, float], ...] = ()


@dataclass(slots=True)
class Bar:
    """What is drawn for one scenario."""

    x: int
    width: int
    outcome: str
    title: str
    row: Row
    waits: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Lane:
    """A user, with the scenarios that had it, in order."""

    name: str
    bars: list[Bar] = field(default_factory=list)


def lanes(ran: Iterable[Ran], took: float) -> list[Lane]:
    """The lanes; of more users than fit, the scenarios side by side instead."""
    told = sorted(ran, key=lambda one: one.began)
    by_user: dict[str, list[Ran]] = {}
    for one in told:
        for user in one.users or (_NOBODY,):
            by_user.setdefault(user, []).append(one)
    alone = by_user.pop(_NOBODY, [])
    if len(by_user) > _MOST_LANES or not by_user:
        by_user = _side_by_side(told, "lane")
    else:
        by_user |= _side_by_side(alone, _NOBODY)
    total = max(took, 1e-6)
    return [_lane(name, by_user[name], total) for name in sorted(by_user, key=_natural)]


def _natural(name: str) -> tuple[bool, str, int, str]:
    """Users before those without, ``agent2`` before ``agent10``."""
    digits = len(name) - len(name.rstrip("0123456789"))
    number = int(name[-digits:]) if digits else -1
    return name.startswith(f"{_NOBODY} "), name[: len(name) - digits], number, name


def _side_by_side(told: Sequence[Ran], name: str) -> dict[str, list[Ran]]:
    """Each scenario in the first lane that is free."""
    found: dict[str, list[Ran]] = {}
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    for one in told:
        while busy and busy[0][0] <= one.began:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(found) + 1
        heapq.heappush(busy, (one.ended, lane))
        found.setdefault(f"{name} {lane}", []).append(one)
    return found


def _lane(name: str, told: Sequence[Ran], total: float) -> Lane:
    lane = Lane(name)
    before: Bar | None = None
    for one in told:
        x = min(998, _scaled(one.began, total))
        bar = Bar(x, max(2, min(1000 - x, _scaled(one.ended, total) - x)), one.outcome, "", one.row)
        bar.waits = [_wait(begin, end, total) for begin, end in one.waits]
        at_once = before is not None and x - before.x - before.width <= _AT_ONCE
        waited = f"; waited for {name}" if at_once and name in one.users else ""
        bar.title = f"{one.title}: {one.outcome}, from {written(one.began)} to {written(one.ended)}{waited}"
        lane.bars.append(bar)
        before = bar
    return lane


def _wait(begin: float, end: float, total: float) -> tuple[int, int]:
    x = min(998, _scaled(begin, total))
    return x, max(1, _scaled(end, total) - x)


def _scaled(seconds: float, total: float) -> int:
    return max(0, min(1000, round(seconds / total * 1000)))


def ticks(took: float, most: int = 6) -> list[tuple[int, str]]:
    """Places on the scale, and what they are called."""
    if took <= 0:
        return []
    step = next((size for size in _STEPS if took / size <= most), took / most)
    return [(_scaled(n * step, took), written(n * step)) for n in range(int(took / step) + 1)]
