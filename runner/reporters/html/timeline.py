"""
Who ran when: a lane for each user, a bar for each scenario, and in it where the scenario waited. All numbers are thousandths of the run.

A user is lent to one scenario at a time, so who waited for a user waited for the scenario that gave it back last. What is kept of scenarios
lies on disk when there are many, so what is in memory does not grow with them.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from itertools import groupby

from msgspec import Struct, field

from runner.clock import written
from runner.reporters.html.rows import Row
from runner.reporters.html.shares import TALL
from runner.reporters.ordered import Ordered

__all__ = ["Bar", "Lane", "Queue", "Queued", "Ran", "Timeline", "ticks"]

_MOST_LANES = 48
# What passed and is no longer than this (thousandths of the run) is drawn together with its likes beside it.
_SLIGHT = 2
_MOST_QUEUED = 20
# Of those who had a user, so many are remembered: the one before is the last, or among the last.
_REMEMBERED = 4
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
    """A user, with the scenarios that had it, in order; ``count`` is how many."""

    name: str
    count: int = 0
    bars: list[Bar] = field(default_factory=list)


class _Placed(Struct, frozen=True):
    """A scenario in a lane."""

    lane: str
    ran: Ran


class Timeline:
    """The lanes; of more users than fit, the scenarios side by side instead."""

    def __init__(self) -> None:
        self._ran = Ordered(Ran, lambda one: one.began)
        self._placed = Ordered(_Placed, lambda one: (_natural(one.lane), one.ran.began))
        self._users: set[str] = set()

    def add(self, ran: Ran) -> None:
        """One more."""
        self._ran.add(ran)
        if len(self._users) <= _MOST_LANES:
            self._users.update(ran.users)

    def lanes(self, took: float) -> Iterator[Lane]:
        """The lanes of a run that *took* so many seconds, one at a time; to be asked when everything was added."""
        if not self._placed:
            self._place()
        for name, its in groupby(self._placed, key=lambda one: one.lane):
            yield _lane(name, (one.ran for one in its), max(took, 1e-6))

    def close(self) -> None:
        """Forget everything."""
        self._ran.close()
        self._placed.close()

    def _place(self) -> None:
        by_user = 0 < len(self._users) <= _MOST_LANES
        free = _Free(_NOBODY if by_user else "lane")
        for ran in self._ran:
            for lane in ran.users if by_user and ran.users else (free.lane(ran),):
                self._placed.add(_Placed(lane, ran))


class _Free:
    """Lanes that belong to no user: a scenario takes the first that is free. Asked in the order in which they began."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._free: list[int] = []
        self._busy: list[tuple[float, int]] = []

    def lane(self, ran: Ran) -> str:
        """Its lane."""
        while self._busy and self._busy[0][0] <= ran.began:
            heapq.heappush(self._free, heapq.heappop(self._busy)[1])
        lane = heapq.heappop(self._free) if self._free else len(self._busy) + 1
        heapq.heappush(self._busy, (ran.ended, lane))
        return f"{self._name} {lane}"


def _natural(name: str) -> tuple[bool, str, int, str]:
    """Users before those without, ``agent2`` before ``agent10``."""
    digits = len(name) - len(name.rstrip("0123456789"))
    number = int(name[-digits:]) if digits else -1
    return name.startswith(f"{_NOBODY} "), name[: len(name) - digits], number, name


def _lane(name: str, told: Iterable[Ran], total: float) -> Lane:
    lane = Lane(name)
    for one in told:
        lane.count += 1
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


class Queue:
    """Who waited longest for a user, and for whom: the scenario that gave the user back last before the waiting one began."""

    def __init__(self) -> None:
        self._held: defaultdict[str, deque[Ran]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))
        # the longest waits, the shortest of them first; of equal ones those that came first stay
        self._longest: list[tuple[float, int, Queued]] = []
        self._count = 0

    def add(self, ran: Ran) -> None:
        """One more, in the order in which they ended."""
        if ran.waited:
            self._waited(ran)
        for user in ran.users:
            self._held[user].append(ran)

    def longest(self) -> list[Queued]:
        """The longest waits, longest first."""
        return [told for _, _, told in sorted(self._longest, reverse=True)]

    def _waited(self, ran: Ran) -> None:
        before = [(holder, user) for user in ran.users if (holder := self._before(user, ran.began)) is not None]
        if not before:
            return
        holder, user = max(before, key=lambda found: found[0].ended)
        self._count -= 1
        heapq.heappush(self._longest, (ran.waited, self._count, Queued(ran.row, written(ran.waited), user, holder.row)))
        if len(self._longest) > _MOST_QUEUED:
            heapq.heappop(self._longest)

    def _before(self, user: str, began: float) -> Ran | None:
        """Who had *user* last before *began*."""
        return next((held for held in reversed(self._held.get(user, ())) if held.ended <= began), None)


def ticks(took: float, most: int = 6) -> list[tuple[int, str]]:
    """Places on the scale, and what they are called."""
    if took <= 0:
        return []
    step = next((size for size in _STEPS if took / size <= most), took / most)
    return [(_scaled(n * step, took), written(n * step) if n else "0") for n in range(int(took / step) + 1)]
