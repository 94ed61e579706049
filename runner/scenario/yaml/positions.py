"""
From a character of a value back to its place in the file.

A YAML value and its source differ: quotes, escapes, doubled apostrophes, folded lines, the indentation of a block. Where they do not
(nearly always) the answer is a sum; else both are walked side by side. Only what has to be shown is ever asked for.
"""

from __future__ import annotations

import re

from runner.source import Span

__all__ = ["stretch"]

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
# line and column, from 0
Place = tuple[int, int]


def stretch(span: Span, value: str, start: int, end: int) -> Span:
    """
    Where characters *start* to *end* of the scalar *value* stand, which fills *span* (quotes included).

    Exact for bare, quoted and ``|`` texts on one or more lines; for ``>`` exact unless the folding hides it, and then the right line.
    """
    line, column = span.line - 1, span.column - 1
    lines = span.source.lines
    first = lines[line] if line < len(lines) else ""
    offset = column + (first[column : column + 1] in ("'", '"'))
    if first.startswith(value, offset):
        return Span(span.source, span.line, offset + start + 1, span.line, offset + max(end, start + 1) + 1)
    places = _block(lines, line, value) if first[column : column + 1] in ("|", ">") else _flow(lines, line, column, value)
    begin = places[min(start, len(places) - 1)]
    last = places[min(max(end - 1, start), len(places) - 1)]
    if last[0] != begin[0]:
        last = (begin[0], len(lines[begin[0]].rstrip()) - 1)
    return Span(span.source, begin[0] + 1, begin[1] + 1, begin[0] + 1, max(last[1], begin[1]) + 2)


def _block(lines: list[str], line: int, value: str) -> list[Place]:
    """The place of each character of a ``|`` or ``>`` text whose header is on *line*."""
    indent = next((len(one) - len(one.lstrip(" ")) for one in lines[line + 1 :] if one.strip()), 0)
    header = re.search(r"[|>][-+]?([1-9])", lines[line])
    if header is not None:
        above = len(lines[line]) - len(lines[line].lstrip(" -"))
        indent = min(indent, above + int(header[1]))
    return _walk([(number, indent, lines[number]) for number in range(line + 1, len(lines))], value, quote="") or [(line, 0)]


def _flow(lines: list[str], line: int, column: int, value: str) -> list[Place]:
    """The place of each character of a bare or quoted text that begins at *column* of *line*."""
    quote = lines[line][column : column + 1]
    quote = quote if quote in ("'", '"') else ""
    rest = [(number, len(one) - len(one.lstrip()), one.rstrip()) for number, one in enumerate(lines[line + 1 :], line + 1)]
    return _walk([(line, column + len(quote), lines[line].rstrip()), *rest], value, quote=quote) or [(line, column)]


def _walk(lines: list[tuple[int, int, str]], value: str, *, quote: str) -> list[Place]:
    """Source lines (number, column where the text begins, text) beside the value."""
    places: list[Place] = []
    for number, begin, text in lines:
        column = begin
        while column < len(text) and len(places) < len(value):
            length = _length(text, column, quote)
            if length == 0:
                break
            places.append((number, column))
            column += length
        if len(places) >= len(value):
            break
        # the end of a line is a space or a line break of the value, or nothing
        if value[len(places)] in " \n" and not (quote == '"' and text.endswith("\\")):
            places.append((number, max(begin, len(text))))
    return places


def _length(text: str, column: int, quote: str) -> int:
    """How many characters of the source one character of the value takes; 0 for an escaped line end."""
    if quote == "'" and text.startswith("''", column):
        return 2
    if quote == '"' and text[column] == "\\":
        escape = _ESCAPE.match(text, column)
        return escape.end() - column if escape else 0
    return 1
