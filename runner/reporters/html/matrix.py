"""
Scenarios down, vendors across: one look tells which vendor has the trouble.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain, groupby

from msgspec import Struct, field

from runner.reporters.html.rows import Row
from runner.reporters.verdict import ORDER, SIGNS

__all__ = ["Cell", "Matrix", "matrix"]


class Cell(Struct):
    """What one vendor came to in one scenario: a row for each case, the worst first; ``count`` is how many there are."""

    rows: list[Row] = field(default_factory=list)
    count: int = 0

    def add(self, row: Row) -> None:
        """One more; of many only the worst are kept."""
        self.count += 1
        self.rows.append(row)
        if len(self.rows) > 2 * _MOST_IN_CELL:
            self.settle()

    def settle(self) -> None:
        """There are no more."""
        self.rows.sort(key=_weight)
        del self.rows[_MOST_IN_CELL:]

    @property
    def worst(self) -> str:
        """The worst that any came to."""
        return self.rows[0].outcome

    @property
    def sign(self) -> str:
        """The sign of the worst."""
        return SIGNS[self.worst]


class Matrix(Struct, frozen=True):
    """Scenarios down, vendors across. ``lines`` are (name, file, a cell or None for each vendor), ``count`` is how many there are."""

    vendors: list[str]
    lines: list[tuple[str, str, list[Cell | None]]]
    count: int


# Its file and its name.
_Scenario = tuple[str, str]
_MOST_IN_CELL = 6
# In a longer matrix a line that passed everywhere tells nothing that the table does not.
_SHORT = 300


def matrix(rows: Iterable[Row]) -> Matrix:
    """The matrix of *rows*, which are gone through twice and come in the order of the table; scenarios with trouble first."""
    telling, count = _telling(rows)
    cells: defaultdict[_Scenario, defaultdict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))
    vendors: set[str] = set()
    for row in rows:
        vendors.add(row.vendor)
        if count <= _SHORT or (row.file, row.name) in telling:
            cells[row.file, row.name][row.vendor].add(row)
    for cell in chain.from_iterable(by_vendor.values() for by_vendor in cells.values()):
        cell.settle()
    across = sorted(vendors)
    lines = [
        (name, file, [by_vendor.get(vendor) for vendor in across])
        for (file, name), by_vendor in sorted(cells.items(), key=lambda item: (not _any_red(item[1]), item[0]))
    ]
    return Matrix(across, lines, count)


def _telling(rows: Iterable[Row]) -> tuple[set[_Scenario], int]:
    """The scenarios in which anything did not just pass, and how many there are in all."""
    telling: set[_Scenario] = set()
    count = 0
    # what is red comes first, so one whose rows are apart is known when the others come
    for scenario, its in groupby(rows, key=lambda row: (row.file, row.name)):
        count += scenario not in telling
        if any(row.outcome != "passed" for row in its):
            telling.add(scenario)
    return telling, count


def _any_red(by_vendor: Mapping[str, Cell]) -> bool:
    return any(cell.rows[0].red for cell in by_vendor.values())


def _weight(row: Row) -> int:
    return ORDER.index(row.outcome)
