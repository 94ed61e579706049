"""
A complaint of the YAML parser, and the lines it is about: what the rules of :mod:`runner.scenario.yaml.syntax` look at.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from runner.errors import Diagnostic
from runner.scenario.yaml.nodes import Scalar
from runner.scenario.yaml.tree import in_quotes
from runner.source import Source, Span

__all__ = ["COMMENT", "HEAD", "QUOTED", "Answer", "Trouble", "cut", "quote_rest", "quoted_line", "trouble_of"]

Answer = tuple[Diagnostic, list[str] | None]
# "name: value" or "- value", the value behind it
HEAD = re.compile(r"""(?P<head>\s*(?:-\s+)*(?:(?:"[^"]*"|'[^']*'|[^\s'"#\[\]{},:][^'"#\[\]{}]*?)\s*:\s+)?)(?P<value>\S.*)$""")
COMMENT = re.compile(r"\s#.*$")
QUOTED = re.compile(r"""(?:(?<=^)|(?<=[\s\[{,(:]))("(?:\\.|[^"\\])*"|'(?:''|[^'])*')""")


class Trouble(Struct, frozen=True):
    """
    A complaint of the parser: what it says, where (``line``, ``column`` from 0), where the thing began that it was in the middle of.

    ``lines`` is the text as it is being read, ``quoted`` the last quoted text that spans lines.
    """

    source: Source
    lines: list[str]
    said: str
    line: int
    column: int
    began_line: int
    began_column: int
    quoted: Scalar | None

    def text(self, line: int) -> str:
        """One line, empty behind the end."""
        return self.lines[line] if 0 <= line < len(self.lines) else ""

    def span(self, line: int, column: int, end: int | None = None) -> Span:
        """A stretch of one line, in the file as it was written."""
        line = min(line, len(self.source.lines) - 1)
        return Span(self.source, line + 1, column + 1, line + 1, max(column + 1 if end is None else end, column + 1) + 1)

    def mended(self, line: int, text: str) -> list[str]:
        """All lines with one of them changed."""
        return [*self.lines[:line], text, *self.lines[line + 1 :]]


def trouble_of(error: Any, source: Source, text: str, quoted: Scalar | None) -> Trouble:
    """The complaint *error* (a ``yaml.YAMLError``) about *text*, without what PyYAML's classes add to it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    mark = getattr(error, "problem_mark", None)
    began = getattr(error, "context_mark", None) or mark
    said = f"{getattr(error, 'context', None) or ''}: {getattr(error, 'problem', None) or ''}".lower()
    place = (mark.line, mark.column) if mark else (0, 0)
    begun = (began.line, began.column) if began else place
    return Trouble(source, lines, said, place[0], place[1], begun[0], begun[1], quoted)


def quoted_line(text: str, start: int) -> str:
    """The hint that shows the line with its value in quotes."""
    return f"write {cut(with_quotes(text, start).strip())}"


def quote_rest(t: Trouble, line: int, start: int) -> list[str]:
    """The lines with the value from *start* on that line in quotes."""
    return t.mended(line, with_quotes(t.text(line), start))


def with_quotes(text: str, start: int) -> str:
    comment = COMMENT.search(text, start)
    end = len(text[: comment.start() if comment else len(text)].rstrip())
    value = text[start:end]
    # 'it's' is a quoted text with a quote too many, not one that wants quotes round it
    meant = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
    return text[:start] + in_quotes(meant) + text[end:]


def cut(text: str) -> str:
    """*text*, as long as a message can show it."""
    return text if len(text) <= 70 else text[:69] + "…"
