"""
Where in the text: a source file, a stretch of it, and the excerpt that shows it to a person.

Everybody who reads a file makes a :class:`Source` once and hands out :class:`Span` objects; nobody searches the text again afterwards.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from msgspec import Struct

__all__ = ["Source", "Span", "excerpt"]

_WIDTH = 96


class Source(Struct, frozen=True, dict=True):
    """A text with the name that people know it by (a path relative to where they stand, with forward slashes)."""

    name: str
    text: str
    path: Path | None = None

    def __repr__(self) -> str:
        return f"Source(name={self.name!r}, path={self.path!r})"

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; CRLF, CR and LF all end one."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class Span(Struct, frozen=True):
    """A stretch of one source; lines and columns count from 1, the end column is the one after the last character."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    @property
    def text(self) -> str:
        """What stands there, as it is written."""
        rows = self.source.lines[self.line - 1 : self.end_line]
        rows[-1:] = [row[: self.end_column - 1] for row in rows[-1:]]
        rows[:1] = [row[self.column - 1 :] for row in rows[:1]]
        return "\n".join(rows)

    def within(self, start: int, end: int) -> Span:
        """The part of a one-line span from character *start* up to *end*, counted from its beginning."""
        if self.line != self.end_line:
            return self
        return Span(self.source, self.line, self.column + start, self.line, self.column + end)


def excerpt(span: Span, label: str = "") -> list[str]:
    """
    The lines that show *span*: a pointer, the text line, the carets, the label.

    Sample::

          --> scenarios/icws/login.yaml:7:5
           |
         7 |   - icws.logn: {as: supervisor}
           |     ^^^^^^^^^ no vendor offers this
    """
    gutter = len(str(span.line)) + 1
    text, column, carets = _shown(span)
    blank = " " * gutter + " |"
    marks = " " * (column - 1) + "^" * carets
    return [
        f"{' ' * gutter}--> {span}",
        blank,
        f"{span.line:>{gutter}} | {text}".rstrip(),
        f"{blank} {marks} {label}".rstrip(),
    ]


def _shown(span: Span) -> tuple[str, int, int]:
    """The text line cut to a readable width, the column in it, and how many carets."""
    lines = span.source.lines
    raw = lines[span.line - 1] if span.line <= len(lines) else ""
    text = "".join(c if c == "\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in raw).replace("\t", " ")
    end = span.end_column if span.end_line == span.line else len(text.rstrip()) + 1
    column, length = span.column, max(1, min(end, len(text) + 1) - span.column)
    if len(text) > _WIDTH:
        start = max(0, min(column - 1 - _WIDTH // 3, len(text) - _WIDTH))
        text = ("…" if start else "") + text[start : start + _WIDTH] + "…"
        column = column - start + (1 if start else 0)
        length = min(length, _WIDTH - column + 2)
    return text, column, max(1, length)
