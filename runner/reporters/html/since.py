"""
What is new since the runs before, as the first page shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

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


class _Kind(Struct):
    """Scenarios that changed in one way, while they are gathered: how many, and the first of them."""

    words: str
    count: int = 0
    listed: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """One more."""
        self.count += 1
        if len(self.listed) < _MOST_OF_KIND:
            self.listed.append(row)

    def group(self, kind: str) -> Group:
        """As the page shows them."""
        return Group(kind, _many(self.words, self.count), together(self.listed), self.count, max(0, self.count - _MOST_OF_KIND))


_KINDS = (("new", "new failure"), ("first", "failing on first run"), ("still", "still failing"), ("fixed", "fixed"))
# Said only when there are some.
_SELDOM = frozenset({"first", "added", "removed"})
_MOST_OF_KIND = 15


def since(changes: Changes, rows: Iterable[Row]) -> Since | None:
    """What is new among *rows*; None for a run that has nothing before it."""
    if not changes.earlier:
        return None
    kinds = {kind: _Kind(words) for kind, words in _KINDS}
    added = _Kind("scenario added", len(changes.added))
    wanted = set(changes.added[:_MOST_OF_KIND])
    for row in rows:
        if row.change in kinds:
            kinds[row.change].add(row)
        if row.key in wanted:
            added.listed.append(row)
    groups = [one.group(kind) for kind, one in [*kinds.items(), ("added", added)]] + [_removed(changes.removed)]
    green = changes.last_green
    link = f"../{green.folder}/index.html" if green is not None else ""
    told = [group for group in groups if group.count or group.kind not in _SELDOM]
    return Since(told, moment(green.started) if green is not None else "", link, changes.earlier)


def _removed(keys: Sequence[str]) -> Group:
    """Scenarios that are not in this run have no rows and no pages here: their keys are listed."""
    listed: list[tuple[str, list[Row]]] = [(key, []) for key in keys[:_MOST_OF_KIND]]
    return Group("removed", _many("scenario removed", len(keys)), listed, len(keys), max(0, len(keys) - _MOST_OF_KIND))


def _many(words: str, count: int) -> str:
    return words if count == 1 else words.replace("failure", "failures").replace("scenario", "scenarios")
