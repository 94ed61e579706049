"""
The first page: did it pass, what is new, why, since when; then every scenario, vendor by vendor, and in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from runner.clock import written
from runner.history import Change, Changes
from runner.record.events import OUTCOMES
from runner.reporters.html.why import Why
from runner.reporters.verdict import MEANINGS, ORDER, SIGNS, WORDS, moment

__all__ = ["Cause", "Cell", "Matrix", "Part", "Row", "Since", "matrix", "parts", "since", "strip"]

_MOST_ROWS_OF_CAUSE = 30


@dataclass(slots=True)
class Row:
    """A scenario in the table. ``strip`` are its last outcomes, oldest first, as signs; ``link`` leads to its page."""

    number: int
    key: str
    name: str
    case: str
    vendor: str
    file: str
    line: int
    tags: tuple[str, ...]
    outcome: str
    took: float
    began: float
    link: str
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
    def sign(self) -> str:
        """What stands for the outcome beside its word."""
        return SIGNS[self.outcome]

    @property
    def took_text(self) -> str:
        """How long it took, for people."""
        return written(self.took)


@dataclass(slots=True)
class Cause:
    """Red scenarios that say the same: how many, why the first of them, and where the others are."""

    why: Why
    outcome: str
    rows: list[Row] = field(default_factory=list)
    count: int = 0

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
        if len(self.rows) < _MOST_ROWS_OF_CAUSE:
            self.rows.append(row)


@dataclass(frozen=True, slots=True)
class Part:
    """An outcome's share of the run: how many, and where it lies in the bar, in thousandths."""

    outcome: str
    word: str
    sign: str
    meaning: str
    count: int
    x: int
    width: int


def parts(counts: Mapping[str, int]) -> list[Part]:
    """The shares of all outcomes that occurred, worst first."""
    told = [outcome for outcome in ORDER if counts.get(outcome)]
    total = sum(counts[outcome] for outcome in told) or 1
    found: list[Part] = []
    x = 0
    for outcome in told:
        # even one among thousands can be seen
        width = max(8, round(counts[outcome] / total * 1000))
        found.append(Part(outcome, WORDS[outcome], SIGNS[outcome], MEANINGS[outcome], counts[outcome], x, width))
        x += width
    scale = 1000 / x if x else 1
    return [Part(p.outcome, p.word, p.sign, p.meaning, p.count, round(p.x * scale), max(1, round(p.width * scale))) for p in found]


def strip(change: Change) -> tuple[tuple[str, str], ...]:
    """The last outcomes as (outcome, sign), oldest first; nothing when they were all the same as now, and good."""
    if not change.kind and not change.unsteady:
        return ()
    return tuple((then.outcome, SIGNS.get(then.outcome, "?")) for then in change.before)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one vendor came to in one scenario: a row for each case."""

    rows: list[Row]
    worst: str
    count: int

    @property
    def sign(self) -> str:
        """The sign of the worst."""
        return SIGNS[self.worst]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Scenarios down, vendors across. ``lines`` are (name, file, a cell or None for each vendor)."""

    vendors: list[str]
    lines: list[tuple[str, str, list[Cell | None]]]


_MOST_IN_CELL = 6


def matrix(rows: Iterable[Row]) -> Matrix:
    """The matrix of *rows*; scenarios with trouble first."""
    cells: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in rows:
        cells.setdefault((row.file, row.name), {}).setdefault(row.vendor, []).append(row)
    vendors = sorted({vendor for by_vendor in cells.values() for vendor in by_vendor})
    lines = [
        (name, file, [_cell(by_vendor.get(vendor)) for vendor in vendors])
        for (file, name), by_vendor in sorted(cells.items(), key=lambda item: (not _any_red(item[1]), item[0]))
    ]
    return Matrix(vendors, lines)


def _any_red(by_vendor: dict[str, list[Row]]) -> bool:
    return any(row.red for rows in by_vendor.values() for row in rows)


def _cell(rows: list[Row] | None) -> Cell | None:
    if not rows:
        return None
    by_weight = sorted(rows, key=lambda row: ORDER.index(row.outcome))
    return Cell(by_weight[:_MOST_IN_CELL], by_weight[0].outcome, len(rows))


@dataclass(frozen=True, slots=True)
class Since:
    """
    What changed since the runs before: each kind with words, its scenarios by name, how many they are, how many of them are not listed.

    ``green`` and ``green_link`` tell the last green run.
    """

    groups: list[tuple[str, str, list[tuple[str, list[Row]]], int, int]]
    green: str
    green_link: str
    earlier: int


_KINDS = (("new", "new failure"), ("first", "failing, never run before"), ("still", "still failing"), ("fixed", "fixed"))
_MOST_OF_KIND = 15


def together(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """Rows of one scenario beside each other: its name, and its vendors and cases."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.file, row.name), []).append(row)
    return [(name, members) for (_, name), members in groups.items()]


def _group(kind: str, words: str, rows: list[Row]) -> tuple[str, str, list[tuple[str, list[Row]]], int, int]:
    return (
        kind,
        words if len(rows) == 1 else words.replace("failure", "failures"),
        together(rows[:_MOST_OF_KIND]),
        len(rows),
        max(0, len(rows) - _MOST_OF_KIND),
    )


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


assert set(ORDER) == {*OUTCOMES, "not_run"}  # noqa: S101 - a new outcome needs its place here
