"""
Who ran when: a lane for each user, a bar for each scenario, and in it where the scenario waited. All numbers are thousandths of the run.

A user is lent to one scenario at a time, so who waited for a user waited for the scenario that gave it back last.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from runner.clock import written
from runner.reporters.html.rows import Row
from runner.reporters.html.shares import TALL

__all__ = ["Bar", "Lane", "Queued", "Ran", "lanes", "queue", "ticks"]

_MOST_LANES = 48
# What passed and is no longer than this (thousandths of the run) is drawn together with its likes beside it.
_SLIGHT = 2
_MOST_QUEUED = 20
_NOBODY = "no actor"
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


class Ran(Struct, frozen=True):
    """
    A scenario in time: seconds since the run began. ``waited`` is how long it waited for its users before that, ``waits`` are the stretches
    in which it looked for something to happen.
    """

    outcome: str
    began: float
    ended: float
    users: tuple[str, ...]
    row: Row
    waited: float = 0.0
    waits: tuple[tuple[float, float], ...] = ()


class Bar(Struct):
    """What is drawn for one scenario, or for several that passed and are too short to be seen by themselves (``row`` is None then)."""

    x: int
    width: int
    outcome: str
    title: str
    row: Row | None
    waits: list[tuple[int, int]] = field(default_factory=list)
    count: int = 1

    @property
    def y(self) -> int:
        """Its upper edge, of 14."""
        return 1 if self.outcome in TALL else 4

    @property
    def height(self) -> int:
        """Of 14: shape tells what did not pass, as well as colour."""
        return 12 if self.outcome in TALL else 6


class Lane(Struct):
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
    for one in told:
        bar = _bar(one, total)
        before = lane.bars[-1] if lane.bars else None
        if before is not None and _slight(before) and _slight(bar) and bar.x <= before.x + before.width:
            before.width = max(before.width, bar.x + bar.width - before.x)
            before.count += 1
            before.row, before.title = None, f"{before.count} scenarios: passed, until {written(one.ended)}"
            continue
        lane.bars.append(bar)
    return lane


def _bar(one: Ran, total: float) -> Bar:
    x = min(998, _scaled(one.began, total))
    waited = f", after waiting {written(one.waited)} for its users" if one.waited else ""
    title = f"{one.row.title}: {one.outcome.replace('_', ' ')}, from {written(one.began)} to {written(one.ended)}{waited}"
    width = max(2, min(1000 - x, _scaled(one.ended, total) - x))
    return Bar(x, width, one.outcome, title, one.row, [_wait(begin, end, total) for begin, end in one.waits])


def _slight(bar: Bar) -> bool:
    """Whether it passed and is hardly to be seen; or is already several of those."""
    return bar.outcome == "passed" and (bar.width <= _SLIGHT or bar.count > 1)


def _wait(begin: float, end: float, total: float) -> tuple[int, int]:
    x = min(998, _scaled(begin, total))
    return x, max(1, _scaled(end, total) - x)


def _scaled(seconds: float, total: float) -> int:
    return max(0, min(1000, round(seconds / total * 1000)))


class Queued(Struct, frozen=True):
    """A scenario that waited: for which user, and which scenario had it."""

    row: Row
    waited: str
    user: str
    holder: Row


def queue(ran: Iterable[Ran]) -> list[Queued]:
    """Who waited longest for a user, and for whom: the scenario that gave the user back last before the waiting one began."""
    by_user: dict[str, list[Ran]] = {}
    for one in sorted(ran, key=lambda one: one.ended):
        for user in one.users:
            by_user.setdefault(user, []).append(one)
    waiting = {id(one): one for held in by_user.values() for one in held if one.waited}
    longest = sorted(waiting.values(), key=lambda one: -one.waited)[:_MOST_QUEUED]
    return [told for one in longest if (told := _queued(one, by_user)) is not None]


def _queued(one: Ran, by_user: Mapping[str, Sequence[Ran]]) -> Queued | None:
    before = [(held[at - 1], user) for user in one.users if (held := by_user[user]) and (at := bisect_right(held, one.began, key=_ended))]
    if not before:
        return None
    holder, user = max(before, key=lambda found: found[0].ended)
    return Queued(one.row, written(one.waited), user, holder.row)


def _ended(one: Ran) -> float:
    return one.ended


def ticks(took: float, most: int = 6) -> list[tuple[int, str]]:
    """Places on the scale, and what they are called."""
    if took <= 0:
        return []
    step = next((size for size in _STEPS if took / size <= most), took / most)
    return [(_scaled(n * step, took), written(n * step) if n else "0") for n in range(int(took / step) + 1)]
