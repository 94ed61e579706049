"""
Scenarios down, vendors across: one look tells which vendor has the trouble.
"""

from __future__ import annotations

from collections.abc import Iterable

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


_MOST_IN_CELL = 6
# In a longer matrix a line that passed everywhere tells nothing that the table does not.
_SHORT = 300


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
    shown = [line for line in lines if _tells(line[2])] if len(lines) > _SHORT else lines
    return Matrix(vendors, shown, len(lines))


def _any_red(by_vendor: dict[str, list[Row]]) -> bool:
    return any(row.red for rows in by_vendor.values() for row in rows)


def _tells(cells: Iterable[Cell | None]) -> bool:
    """Whether anything in a line did not just pass."""
    return any(cell is not None and cell.worst != "passed" for cell in cells)


def _cell(rows: list[Row] | None) -> Cell | None:
    if not rows:
        return None
    by_weight = sorted(rows, key=lambda row: ORDER.index(row.outcome))
    return Cell(by_weight[:_MOST_IN_CELL], by_weight[0].outcome, len(rows))
