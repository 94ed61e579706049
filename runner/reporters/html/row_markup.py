"""
A row of the first page's table, by a plain function: there are thousands, on two pages, and a template takes ten times as long.

Whatever is no markup by its type is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from markupsafe import Markup

from runner.reporters.html.rows import Row

__all__ = ["table_row"]


def table_row(row: Row, *, one_file: bool) -> Markup:
    """A scenario in the table; in the *one_file* its link leads to where it is told there, if it is."""
    outcome = row.outcome.replace("_", " ")
    link = row.story if one_file and row.story else row.link
    case = f' <span class="case">[{escape(row.case)}]</span>' if row.case else ""
    vendor, change = escape(row.vendor), escape(row.change)
    return Markup(  # noqa: S704 - escaped
        f'<tr role="row" class="{row.outcome}" data-v="{vendor}" data-g="{escape(chr(10).join(row.tags))}" data-c="{change}" '
        f'data-n="{row.took}"><td role="cell"><b aria-hidden="true">{row.sign}</b> {outcome}</td>'
        f'<th scope="row" role="rowheader"><a href="{escape(link)}">{escape(row.name)}{case}</a>'
        f'<small data-v="{vendor}">{"".join(_small(row))}</small></th><td role="cell">{vendor}</td>'
        f'<td role="cell">{"".join(_changed(row))}</td><td role="cell">{row.took_text}</td></tr>\n'
    )


def _small(row: Row) -> Iterator[str]:
    """What stands below the name."""
    if row.reason:
        yield f"{escape(row.reason)} · "
    yield f"{escape(row.file)}:{row.line}"
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
