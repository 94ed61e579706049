"""
``cases``: the rows that a scenario is run for, written in the file itself or kept in a CSV, YAML or JSON file.

Rows hold plain values: what stands in a table is never a template. All rows have the same columns; the column ``case`` gives a row its
name.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as AnySequence
from typing import Any

from runner.errors import nearest
from runner.scenario.model import Case
from runner.scenario.reading import Reading, is_empty
from runner.scenario.shapes.shape import has_template
from runner.scenario.tables import Row, Table, read_table
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence, plain

__all__ = ["read_cases"]

_NAME = "case"
_MOST = 10_000


def read_cases(node: Node | None, reading: Reading) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """The rows and their columns (without ``case``); both empty when there are none. What is wrong is noted in *reading*."""
    if node is None:
        return (), ()
    table = _inline(node, reading) if isinstance(node, Sequence) else _from_file(node, reading) if isinstance(node, Scalar) else None
    if table is None or not _sound(table, reading):
        return (), ()
    columns = tuple(column for column in table.columns if column != _NAME)
    return tuple(_named(table, reading)), columns


def _named(table: Table, reading: Reading) -> Iterable[Case]:
    seen: dict[str, int] = {}
    for number, row in enumerate(table.rows, 1):
        name = str(row.values.get(_NAME) or "").strip() or f"row {number}"
        if name in seen:
            label = f"the first is on line {seen[name]}"
            reading.tell(
                "E424",
                f"two rows are called `{name}`",
                row.span,
                label=label,
                hint=f"give one of them another name in the column `{_NAME}`",
            )
        seen.setdefault(name, row.span.line)
        values = {key: value for key, value in row.values.items() if key != _NAME}
        here = row.span.source is reading.source
        yield Case(name, values, row.span.line if here else 0, row.span.end_line if here else 0)


def _sound(table: Table, reading: Reading) -> bool:
    """Whether every row has every column and each column can be a name."""
    before = len(reading.diagnostics)
    if not table.rows:
        reading.tell("E422", "there are no cases", table.span, label="no rows", hint="write at least one row, or remove `cases`")
        return False
    if len(table.rows) > _MOST:
        reading.tell("E422", f"{len(table.rows):,} cases; at most {_MOST:,} are allowed", table.span, hint="split the file")
        return False
    for key in table.headings:
        if key.raw != _NAME:
            reading.new_name(key, what="a column")
    for row in table.rows:
        _even(row, table.columns, reading)
    return len(reading.diagnostics) == before


def _even(row: Row, columns: AnySequence[str], reading: Reading) -> None:
    missing = [column for column in columns if column not in row.values and column != _NAME]
    extra = [column for column in row.values if column not in columns and column != _NAME]
    for column in extra:
        close = nearest(column, missing)
        hint = f"write `{close}`" if close else "give every row the same columns"
        reading.tell("E423", f"the column `{column}` is not in the first row", row.place(column), hint=hint)
        if close:
            missing.remove(close)
    for column in missing:
        reading.tell("E423", f"the row has no `{column}`", row.span, label="every row needs every column", hint=f"add `{column}` to it")


# ── in the file itself ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _inline(node: Sequence, reading: Reading) -> Table | None:
    rows: list[Row] = []
    headings: list[Scalar] = []
    for item in node.items:
        if not isinstance(item, Mapping) or not len(item):
            reading.tell("E423", "a case must be an object", item.span, hint="write it like `- {case: German, greeting: Guten Tag}`")
            return None
        _no_templates(item, reading)
        headings = headings or list(item.keys.values())
        rows.append(Row(_values(item), item.span, {name: key.span for name, key, _ in item.items()}))
    return Table([key.raw for key in headings], headings, rows, node.span)


def _values(item: Mapping) -> dict[str, Any]:
    named = item.get(_NAME)
    values = {key: plain(child) for key, child in item.entries.items()}
    return values | {_NAME: named.raw} if isinstance(named, Scalar) else values


def _no_templates(node: Node, reading: Reading) -> None:
    if isinstance(node, Scalar):
        if has_template(node.raw):
            hint = "write the value itself, or put the template into `variables`"
            reading.tell("E425", "a case cannot have templates", node.span, label="rows hold plain values", hint=hint)
        return
    children: Iterable[Node] = node.entries.values() if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else ()
    for child in children:
        _no_templates(child, reading)


# ── in a file of its own ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _from_file(node: Scalar, reading: Reading) -> Table | None:
    if is_empty(node):
        reading.tell("E142", "`cases` has no value", node.span, hint="write rows below it, or the path of a CSV file")
        return None
    path = reading.check_file(node.raw, node.span)
    return None if path is None else read_table(path, node.span, reading)
