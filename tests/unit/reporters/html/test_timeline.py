"""Who ran when, and who waited for whom."""

from __future__ import annotations

from collections.abc import Iterable

from runner.reporters.html.rows import Row
from runner.reporters.html.timeline import Lane, Queue, Ran, Timeline, ticks


def _row(name: str, outcome: str = "passed") -> Row:
    return Row(name, name, "", "gws", "a.yaml", f"html/{name}.html", 1, (), outcome, 1.0, 0.0)


def _ran(name: str, began: float, ended: float, *users: str, outcome: str = "passed", waited: float = 0.0) -> Ran:
    return Ran(outcome, began, ended, users, _row(name, outcome), waited)


def _lanes(ran: Iterable[Ran], took: float) -> list[Lane]:
    timeline = Timeline()
    for one in ran:
        timeline.add(one)
    try:
        return list(timeline.lanes(took))
    finally:
        timeline.close()


def test_a_lane_for_each_user() -> None:
    """A scenario stands in the lane of each user that it had; users are counted as people count."""
    found = _lanes([_ran("a", 0, 1, "agent10"), _ran("b", 1, 2, "agent2", "agent10"), _ran("c", 0, 1)], 2)

    assert [(lane.name, len(lane.bars)) for lane in found] == [("agent2", 1), ("agent10", 2), ("no actor 1", 1)]


def test_what_did_not_pass_is_told_by_its_shape_as_well() -> None:
    """Failed, errored and not run stand taller than what ended well."""
    (lane,) = _lanes([_ran("a", 0, 1, "x"), _ran("b", 1, 2, "x", outcome="failed"), _ran("c", 2, 3, "x", outcome="not_run")], 3)

    assert [bar.height for bar in lane.bars] == [6, 12, 12]


def test_what_is_too_short_to_be_seen_is_drawn_together() -> None:
    """Neighbours that passed in next to no time are one bar that counts them; one that failed is never drawn over."""
    brief = [_ran(str(n), n / 1000, (n + 1) / 1000, "x", outcome="failed" if n == 50 else "passed") for n in range(100)]
    (lane,) = _lanes(brief, 1_000)

    assert [(bar.outcome, bar.count) for bar in lane.bars] == [("passed", 50), ("failed", 1), ("passed", 49)]
    assert lane.bars[0].title == "50 scenarios: passed, until 50ms"


def test_more_users_than_fit_are_told_side_by_side() -> None:
    """A hundred users get as many lanes as scenarios ran at the same time."""
    found = _lanes([_ran(str(n), n, n + 2, f"agent{n}") for n in range(100)], 102)

    assert [lane.name for lane in found] == ["lane 1", "lane 2"]


def test_who_waited_waited_for_who_gave_the_user_back() -> None:
    """The longest wait comes first, with the user that came free last and the scenario that had it; who did not wait is not there."""
    queue = Queue()
    for ran in (
        _ran("other", 0, 3, "agent2"),
        _ran("first", 0, 5, "agent1"),
        _ran("both", 5, 6, "agent1", "agent2", waited=5),
        _ran("next", 6, 7, "agent2", waited=1),
    ):
        queue.add(ran)

    assert [(one.row.name, one.waited, one.user, one.holder.name) for one in queue.longest()] == [
        ("both", "5s", "agent1", "first"),
        ("next", "1s", "agent2", "both"),
    ]


def test_the_scale_begins_at_nothing() -> None:
    """Marks stand at round times, the first at 0."""
    assert ticks(34.5) == [(0, "0"), (290, "10s"), (580, "20s"), (870, "30s")]
    assert ticks(0) == []
