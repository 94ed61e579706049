"""More records than memory should hold, in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import Struct

from runner.reporters.ordered import Ordered


class Record(Struct, frozen=True):
    """Something to keep in order: by ``place``; ``text`` tells which it was."""

    place: int
    text: str = ""


@pytest.fixture
def ordered() -> Iterator[Ordered[Record]]:
    """Empty, ordered by place."""
    found = Ordered(Record, lambda record: record.place)
    yield found
    found.close()


@pytest.mark.parametrize("number", [0, 7, 1_000, 1_001, 5_432])
def test_everything_that_was_added_comes_in_order(ordered: Ordered[Record], number: int) -> None:
    """Few records or more than memory holds: each comes once, in order, each time they are gone through."""
    for n in range(number):
        ordered.add(Record((n * 7919) % 5_432, "line\nanother ✓"))

    expected = sorted((n * 7919) % 5_432 for n in range(number))
    assert len(ordered) == number
    assert [record.place for record in ordered] == expected
    assert [record.place for record in ordered] == expected


def test_those_of_one_key_come_as_they_were_added(ordered: Ordered[Record]) -> None:
    """Where nothing tells two records apart, the one that was added first comes first, on disk and in memory."""
    for n in range(3_500):
        ordered.add(Record(n % 2, str(n)))

    assert [record.text for record in ordered if record.place] == [str(n) for n in range(1, 3_500, 2)]


def test_it_can_be_gone_through_twice_at_the_same_time(ordered: Ordered[Record]) -> None:
    """Two readers do not disturb each other."""
    for n in range(3_000):
        ordered.add(Record(n))

    assert all(one == other for one, other in zip(ordered, ordered, strict=True))


def test_more_can_be_added_after_it_was_gone_through(ordered: Ordered[Record]) -> None:
    """What comes later takes its place among the others."""
    for n in range(1_500):
        ordered.add(Record(2 * n))
    assert len(list(ordered)) == 1_500
    for n in range(1_500):
        ordered.add(Record(2 * n + 1))

    assert [record.place for record in ordered] == list(range(3_000))
