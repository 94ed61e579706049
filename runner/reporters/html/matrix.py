"""
Scenarios down, vendors across: one look tells which vendor has the trouble.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from msgspec import Struct

from runner.reporters.html.rows import Row
from runner.reporters.verdict import ORDER, SIGNS

__all__ = ["Cell", "Matrix", "matrix"]


class Cell(Struct, frozen=True):
    """What one vendor came to in one scenario: a row for each case."""

    rows: list[Row]
    worst: str
    count: int

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
    cells: dict[_Scenario, dict[str, list[Row]]] = {}
    vendors: set[str] = set()
    for row in rows:
        vendors.add(row.vendor)
        if count <= _SHORT or (row.file, row.name) in telling:
            cells.setdefault((row.file, row.name), {}).setdefault(row.vendor, []).append(row)
    across = sorted(vendors)
    lines = [
        (name, file, [_cell(by_vendor.get(vendor)) for vendor in across])
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


def _any_red(by_vendor: dict[str, list[Row]]) -> bool:
    return any(row.red for rows in by_vendor.values() for row in rows)


def _cell(rows: list[Row] | None) -> Cell | None:
    if not rows:
        return None
    by_weight = sorted(rows, key=lambda row: ORDER.index(row.outcome))
    return Cell(by_weight[:_MOST_IN_CELL], by_weight[0].outcome, len(rows))
