"""
A scenario as the first page lists it, and the red ones that say the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup
from msgspec import Struct, field

from runner.clock import written
from runner.history import Change
from runner.reporters.html.shown import shown
from runner.reporters.html.why import Why
from runner.reporters.said import Said
from runner.reporters.text import counted
from runner.reporters.verdict import SIGNS

__all__ = ["Cause", "Row", "by_weight", "strip", "together"]

_MOST_ROWS_OF_CAUSE = 30


class Row(Struct):
    """
    A scenario in the table. ``link`` is where its page is, seen from the first page; ``story`` where it is told in the one file, if it is.
    ``strip`` are its last outcomes, oldest first, as signs.
    """

    key: str
    name: str
    case: str
    vendor: str
    file: str
    link: str
    line: int
    tags: tuple[str, ...]
    outcome: str
    took: float
    began: float
    reason: str = ""
    change: str = ""
    badge: str = ""
    strip: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    story: str = ""

    @property
    def red(self) -> bool:
        """Whether it did not end well."""
        return self.outcome in ("failed", "errored", "not_run")

    @property
    def title(self) -> str:
        """``An agent answers a customer · gws [German]``."""
        return f"{self.name} · {self.vendor}{f' [{self.case}]' if self.case else ''}"

    def to(self, *, one_file: bool) -> str:
        """Where it is told, seen from the first page or from within the *one_file*."""
        return self.story if one_file and self.story else self.link

    @property
    def sign(self) -> str:
        """What stands for the outcome beside its word."""
        return SIGNS[self.outcome]

    @property
    def took_text(self) -> str:
        """How long it took, for people."""
        return written(self.took)


class Cause(Struct):
    """
    Red scenarios that say the same: how many, why the first of them, and where the others are. ``badges`` maps what is new about them → the
    kind of change.
    """

    why: Why
    said: Said
    outcome: str
    rows: list[Row] = field(default_factory=list)
    count: int = 0
    badges: dict[str, str] = field(default_factory=dict)

    @property
    def headline(self) -> Markup:
        """What they say, in a line."""
        return shown(self.said.words) if self.outcome != "not_run" else self.why.headline

    @property
    def is_new(self) -> bool:
        """Whether it came since the runs before."""
        return bool({"new", "first"} & set(self.badges.values()))

    @property
    def brief(self) -> str:
        """Whom it struck, in a line: the first scenario with its vendors, and how many others."""
        (name, rows), *others = self.groups
        vendors = ", ".join(dict.fromkeys(row.vendor for row in rows))
        more = f", and {counted(len(others), 'other scenario')}" if others else ""
        return f"{name} · {vendors}{more}"

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """Its scenarios by name."""
        return together(self.rows)

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.rows)

    def add(self, row: Row) -> None:
        """One more."""
        self.count += 1
        if row.badge:
            self.badges.setdefault(row.badge, row.change)
        if len(self.rows) < _MOST_ROWS_OF_CAUSE:
            self.rows.append(row)


def by_weight(row: Row) -> tuple[bool, bool, str, str, str, str]:
    """The order of the table: what is red first, among that what is new; the rest as the files stand."""
    return not row.red, row.change not in ("new", "first"), row.file, row.name, row.vendor, row.case


def strip(change: Change) -> tuple[tuple[str, str], ...]:
    """The last outcomes as (outcome, sign), oldest first; nothing when they were all the same as now, and good."""
    if not change.kind and not change.unsteady:
        return ()
    return tuple((then.outcome, SIGNS.get(then.outcome, "?")) for then in change.before)


def together(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Rows of one scenario beside each other: its name, and its vendors and cases."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.file, row.name), []).append(row)
    return [(name, members) for (_, name), members in groups.items()]
