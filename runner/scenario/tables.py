"""
Tables in files: CSV (UTF-8, a header row, comma, semicolon or tab), JSON and YAML (a list of objects), as rows that know their lines.

A mistake in such a file is told with its own line, in its own text.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from runner.errors import RunnerError
from runner.scenario.reading import Reading
from runner.scenario.yaml.document import tree_of
from runner.scenario.yaml.nodes import Mapping as MappingNode
from runner.scenario.yaml.nodes import Scalar, Sequence, plain
from runner.source import Source, Span

__all__ = ["Row", "Table", "read_table"]

_LARGEST = 10 * 1024 * 1024
_DELIMITERS = ",;\t"


class Row(Struct, frozen=True):
    """One row: its values by column, where it stands, and where its columns stand if they have places of their own."""

    values: Mapping[str, Any]
    span: Span
    places: Mapping[str, Span]

    def place(self, column: str) -> Span:
        """Where *column* stands in this row, else the row."""
        return self.places.get(column, self.span)


class Table(Struct, frozen=True):
    """Rows under ``columns``; ``headings`` are the columns' names with their places, ``span`` the whole."""

    columns: list[str]
    headings: list[Scalar]
    rows: list[Row]
    span: Span


def read_table(path: Path, used: Span, reading: Reading) -> Table | None:
    """The table in the file at *path*, which is named at *used*; None when it cannot be read, which is then noted."""
    name = reading.project.shown(path)
    read = _READERS.get(path.suffix.lower())
    if read is None:
        told = f"`{path.suffix or path.name}` is no kind of table"
        reading.tell("E420", told, used, hint="name a .csv, .json, .yaml or .yml file")
        return None
    try:
        content = reading.project.read_at(path, name=name, limit=_LARGEST)
        source = Source(name, content.decode("utf-8-sig"), path)
    except RunnerError as exc:
        reading.tell(exc.code, exc.message, used, hint=exc.hint)
        return None
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        message = f"{name} is not UTF-8: byte 0x{content[exc.start]:02X} on line {line}"
        reading.tell("E421", message, used, hint="save it as UTF-8; in Excel: CSV UTF-8")
        return None
    return read(source, reading)


def _line(source: Source, line: int) -> Span:
    """A whole line."""
    text = source.lines[line - 1] if line <= len(source.lines) else ""
    return Span(source, line, 1, line, max(2, len(text) + 1))


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _csv(source: Source, reading: Reading) -> Table | None:
    first = next((line for line in source.lines if line.strip()), "")
    if not first:
        reading.tell("E422", f"{source.name} is empty", _line(source, 1), hint="write the names of the columns in its first line")
        return None
    delimiter = max(_DELIMITERS, key=first.count)
    records = _records(source, delimiter, reading)
    if not records:
        return None
    line, names = records[0]
    headings = _headings(source, line, [name.strip() for name in names], delimiter, reading)
    columns = [key.raw for key in headings]
    rows = []
    for line, cells in records[1:]:
        if len(cells) != len(columns):
            _uneven(source, line, len(cells), columns, delimiter, reading)
        rows.append(Row(dict(zip(columns, cells, strict=False)), _line(source, line), {}))
    even = all(len(row.values) == len(columns) for row in rows) and all(len(cells) == len(columns) for _, cells in records[1:])
    return Table(columns, headings, rows, _line(source, 1)) if even and len(set(columns)) == len(columns) else None


def _records(source: Source, delimiter: str, reading: Reading) -> list[tuple[int, list[str]]]:
    """Each record with the line it begins on; empty lines are left out."""
    reader = csv.reader(source.text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as exc:
        hint = 'a cell with " in it is written with "" instead, and in quotes'
        reading.tell("E421", f"{source.name} cannot be read as CSV: {exc}", _line(source, begins), hint=hint)
        return []
    return found


def _headings(source: Source, line: int, names: list[str], delimiter: str, reading: Reading) -> list[Scalar]:
    text = source.lines[line - 1]
    found: list[Scalar] = []
    at = 0
    for name in names:
        at = max(text.find(name, at), 0)
        found.append(Scalar(source, name, "", line - 1, at, line - 1, at + max(1, len(name))))
        at += len(name)
    for key in found:
        if names.count(key.raw) > 1:
            reading.tell("E423", f"two columns are called `{key.raw}`", key.span, hint="give one of them another name")
            break
    return found


def _uneven(source: Source, line: int, cells: int, columns: list[str], delimiter: str, reading: Reading) -> None:
    label = f"the first line has {len(columns)}: {', '.join(columns)}"
    word = {",": "comma", ";": "semicolon", "\t": "tab"}[delimiter]
    reading.tell(
        "E423",
        f"the row has {cells} {'cell' if cells == 1 else 'cells'}, {len(columns)} are expected",
        _line(source, line),
        label=label if len(label) < 60 else "",
        hint=f'put a cell that has a {word} in it into "quotes"'
        if cells > len(columns)
        else f"add what is missing, or an empty cell ({delimiter})",
    )


# ── JSON and YAML ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _json(source: Source, reading: Reading) -> Table | None:
    try:
        data = json.loads(source.text)
    except json.JSONDecodeError as exc:
        place = Span(source, exc.lineno, exc.colno, exc.lineno, exc.colno + 1)
        reading.tell(
            "E421", f"{source.name} is not JSON: {exc.msg[:1].lower()}{exc.msg[1:]}", place, hint="mend it, or ask who made the file"
        )
        return None
    except (RecursionError, ValueError):
        reading.tell("E421", f"{source.name} is not JSON that can be read", _line(source, 1), hint="mend it, or ask who made the file")
        return None
    if not isinstance(data, list) or not all(isinstance(row, dict) and row for row in data):
        reading.tell("E421", f"{source.name} must be a list of objects", _line(source, 1), hint='write it like [{"case": "German"}]')
        return None
    columns = list(data[0]) if data else []
    headings = [Scalar(source, name, "", 0, 0, 0, 1) for name in columns]
    rows = [Row(row, _line(source, 1), {}) for row in data]
    return Table(columns, headings, rows, _line(source, 1))


def _yaml(source: Source, reading: Reading) -> Table | None:
    root, problems = tree_of(source)
    if problems:
        reading.diagnostics += problems
        return None
    if not isinstance(root, Sequence) or not all(isinstance(item, MappingNode) and len(item) for item in root.items):
        place = root.span if root is not None else _line(source, 1)
        reading.tell(
            "E421", f"{source.name} must be a list of objects", place, hint="write each row like `- {case: German, greeting: Hallo}`"
        )
        return None
    rows = [item for item in root.items if isinstance(item, MappingNode)]
    headings = list(rows[0].keys.values()) if rows else []
    return Table(
        [key.raw for key in headings],
        headings,
        [Row(plain(row), row.span, {name: key.span for name, key, _ in row.items()}) for row in rows],
        root.span,
    )


Reader = Callable[[Source, Reading], "Table | None"]

_READERS: dict[str, Reader] = {".csv": _csv, ".tsv": _csv, ".json": _json, ".yaml": _yaml, ".yml": _yaml}
