"""
What is new since the runs before, as the first page shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runner.history import Changes
from runner.reporters.html.rows import Row, together
from runner.reporters.verdict import moment

__all__ = ["Group", "Since", "since"]


@dataclass(frozen=True, slots=True)
class Group:
    """Scenarios that changed in one way, by name; ``count`` is how many, ``more`` how many of them are not listed."""

    kind: str
    words: str
    listed: list[tuple[str, list[Row]]]
    count: int
    more: int


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the runs before. ``green`` and ``green_link`` tell the last green run; empty: there is none."""

    groups: list[Group]
    green: str
    green_link: str
    earlier: int


_KINDS = (("new", "new failure"), ("first", "failing on first run"), ("still", "still failing"), ("fixed", "fixed"))
_MOST_OF_KIND = 15


def _group(kind: str, words: str, rows: list[Row]) -> Group:
    many = words if len(rows) == 1 else words.replace("failure", "failures")
    return Group(kind, many, together(rows[:_MOST_OF_KIND]), len(rows), max(0, len(rows) - _MOST_OF_KIND))


def since(changes: Changes, rows: Iterable[Row]) -> Since | None:
    """What is new; None for a run that has nothing before it."""
    if not changes.earlier:
        return None
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(row.change, []).append(row)
    groups = [_group(kind, words, by_kind.get(kind, [])) for kind, words in _KINDS]
    green = changes.last_green
    link = f"../{green.folder}/index.html" if green is not None else ""
    return Since(groups, moment(green.started) if green is not None else "", link, changes.earlier)
