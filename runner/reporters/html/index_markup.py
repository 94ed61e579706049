"""
The long parts of the first page, by plain functions: they have thousands of lines, on two pages, and a template takes ten times as long.

Whatever is no markup by its type is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice

from markupsafe import Markup

from runner.reporters.html.matrix import Cell
from runner.reporters.html.rows import Row
from runner.reporters.html.timeline import Bar, Lane
from runner.reporters.text import counted

__all__ = ["bodies", "lane", "matrix_line"]

# A browser lays out only the bodies of a table that are in sight.
_ROWS_IN_BODY = 100


def bodies(rows: Iterable[Row], *, one_file: bool) -> Iterator[Markup]:
    """The table of scenarios, a body of a hundred rows at a time; in the *one_file* a link leads to where it is told there, if it is."""
    told = (_row(row, one_file=one_file) for row in rows)
    while body := "".join(islice(told, _ROWS_IN_BODY)):
        yield Markup(f'<tbody role="rowgroup">\n{body}</tbody>\n')  # noqa: S704 - escaped


def _row(row: Row, *, one_file: bool) -> str:
    outcome = row.outcome.replace("_", " ")
    case = f' <span class="case">[{escape(row.case)}]</span>' if row.case else ""
    vendor, change = escape(row.vendor), escape(row.change)
    return (
        f'<tr role="row" class="{row.outcome}" data-v="{vendor}" data-g="{escape(chr(10).join(row.tags))}" data-c="{change}" '
        f'data-n="{row.took}"><td role="cell"><b aria-hidden="true">{row.sign}</b> {outcome}</td>'
        f'<th scope="row" role="rowheader"><a href="{escape(row.to(one_file=one_file))}">{escape(row.name)}{case}</a>'
        f'<small data-v="{vendor}">{"".join(_small(row))}</small></th><td role="cell">{vendor}</td>'
        f'<td role="cell">{"".join(_changed(row))}</td><td role="cell">{row.took_text}</td></tr>\n'
    )


def _small(row: Row) -> Iterator[str]:
    """What stands below the name."""
    if row.reason:
        yield f"{escape(row.reason)} · "
    yield f'{escape(row.file)}<span class="line-number">:{row.line}</span>'
    yield from (f" #{escape(tag)}" for tag in row.tags)
    yield from (f' <span class="tag warn">{escape(note)}</span>' for note in row.notes)
    if row.badge:
        yield f' <span class="tag narrow {escape(row.change)}">{escape(row.badge)}</span>'


def _changed(row: Row) -> Iterator[str]:
    """What is new about it, and what came of it in the runs before."""
    if row.badge:
        yield f'<span class="tag {escape(row.change)}">{escape(row.badge)}</span>'
    if row.strip:
        names = " ".join(escape(name) for name, _ in row.strip)
        marks = "".join(f'<i class="{escape(name)}">{escape(mark)}</i>' for name, mark in row.strip)
        yield f' <span class="strip" role="img" aria-label="before: {names}">{marks}</span>'


def matrix_line(name: str, file: str, cells: Sequence[Cell | None], *, one_file: bool) -> Markup:
    """A scenario in the matrix, with what each vendor came to."""
    told = "".join([f"<td>{_cell(cell, one_file=one_file)}</td>" for cell in cells])
    return Markup(  # noqa: S704 - escaped
        f'<tr><th scope="row">{escape(name)}<small class="file">{escape(file)}</small></th>{told}</tr>\n'
    )


def _cell(cell: Cell | None, *, one_file: bool) -> str:
    if cell is None:
        return '<span class="unseen">not for this vendor</span>'
    links = "".join([_cell_link(row, one_file=one_file) for row in cell.rows])
    return f"{links}<small>of {cell.count}</small>" if cell.count > len(cell.rows) else links


def _cell_link(row: Row, *, one_file: bool) -> str:
    outcome = row.outcome.replace("_", " ")
    case = escape(row.case)
    return (
        f'<a class="o {row.outcome}" href="{escape(row.to(one_file=one_file))}" title="{case or escape(row.vendor)}: {outcome}" '
        f'aria-label="{case} {outcome}">{row.sign}</a> '
    )


def lane(told: Lane, ticks: Sequence[tuple[int, str]], *, one_file: bool) -> Markup:
    """A lane of the time line."""
    name = escape(told.name)
    scale = "".join([f'<rect class="tick" x="{x}" width="1" height="14"/>' for x, _ in ticks])
    bars = "".join([_bar(bar, one_file=one_file) for bar in told.bars])
    return Markup(  # noqa: S704 - escaped
        f'<div class="lane"><span class="name">{name}</span><svg viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" '
        f'aria-label="{name}: {counted(told.count, "scenario")}" focusable="false">{scale}{bars}</svg></div>\n'
    )


def _bar(bar: Bar, *, one_file: bool) -> str:
    to = f' data-to="{escape(bar.row.to(one_file=one_file))}"' if bar.row is not None else ""
    waits = "".join([f'<rect class="wait" x="{x}" y="{bar.y}" width="{width}" height="{bar.height}"/>' for x, width in bar.waits])
    return (
        f'<g class="{bar.outcome}"{to}><title>{escape(bar.title)}</title>'
        f'<rect x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}"/>{waits}</g>'
    )
