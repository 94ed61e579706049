"""
What is new since the runs before, as the first page shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from runner.history import Changes
from runner.reporters.html.rows import Row, together
from runner.reporters.verdict import moment

__all__ = ["Group", "Since", "since"]


class Group(Struct, frozen=True):
    """Scenarios that changed in one way, by name; ``count`` is how many, ``more`` how many of them are not listed."""

    kind: str
    words: str
    listed: list[tuple[str, list[Row]]]
    count: int
    more: int


class Since(Struct, frozen=True):
    """What changed since the runs before. ``green`` and ``green_link`` tell the last green run; empty: there is none."""

    groups: list[Group]
    green: str
    green_link: str
    earlier: int


_KINDS = (("new", "new failure"), ("first", "failing on first run"), ("still", "still failing"), ("fixed", "fixed"))
# Said only when there are some.
_SELDOM = frozenset({"first", "added", "removed"})
_MOST_OF_KIND = 15


def since(changes: Changes, rows: Iterable[Row]) -> Since | None:
    """What is new; None for a run that has nothing before it."""
    if not changes.earlier:
        return None
    by_kind: dict[str, list[Row]] = {}
    by_key: dict[str, Row] = {}
    for row in rows:
        by_kind.setdefault(row.change, []).append(row)
        by_key[row.key] = row
    groups = [_group(kind, words, by_kind.get(kind, [])) for kind, words in _KINDS]
    groups += [_group("added", "scenario added", [by_key[key] for key in changes.added if key in by_key]), _removed(changes.removed)]
    green = changes.last_green
    link = f"../{green.folder}/index.html" if green is not None else ""
    told = [group for group in groups if group.count or group.kind not in _SELDOM]
    return Since(told, moment(green.started) if green is not None else "", link, changes.earlier)


def _group(kind: str, words: str, rows: list[Row]) -> Group:
    return Group(kind, _many(words, len(rows)), together(rows[:_MOST_OF_KIND]), len(rows), max(0, len(rows) - _MOST_OF_KIND))


def _removed(keys: Sequence[str]) -> Group:
    """Scenarios that are not in this run have no rows and no pages here: their keys are listed."""
    listed: list[tuple[str, list[Row]]] = [(key, []) for key in keys[:_MOST_OF_KIND]]
    return Group("removed", _many("scenario removed", len(keys)), listed, len(keys), max(0, len(keys) - _MOST_OF_KIND))


def _many(words: str, count: int) -> str:
    return words if count == 1 else words.replace("failure", "failures").replace("scenario", "scenarios")
