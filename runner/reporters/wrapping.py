"""
Long lines on a narrow terminal: broken between words, and what follows is set in below the first.

Commands are left to the terminal, which breaks them anywhere: what is copied from there is still one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.reporters.text import cells

__all__ = ["Line", "wrapped"]

# The parts of a line, each with its style (a colour, ``bold``, ``dim``, or nothing).
Line = tuple[tuple[str, str], ...]

_WORDS = re.compile(r"\s+|\S+")
_COMMAND = re.compile(r"\brunner (?:run|report|check|drift)\b")
_DEEPER = 2


def wrapped(line: Line, width: int) -> Iterator[Line]:
    """*line* as lines of at most *width* columns each; a word that is longer than that stands alone."""
    text = "".join(part for part, _ in line)
    if cells(text) <= width or _COMMAND.search(text):
        yield line
        return
    indent = min(len(text) - len(text.lstrip()) + _DEEPER, width // 3)
    current: list[tuple[str, str]] = []
    used = 0
    for part, style in line:
        for word in _WORDS.findall(part):
            room = cells(word)
            if used + room > width and current and not word.isspace():
                yield tuple(current)
                current, used = [(" " * indent, "")], indent
            elif used + room > width and word.isspace():
                continue
            _add(current, word, style)
            used += room
    yield tuple(current)


def _add(parts: list[tuple[str, str]], word: str, style: str) -> None:
    """A *word* more, in the part before it where that looks alike."""
    if parts and parts[-1][1] == style:
        parts[-1] = (parts[-1][0] + word, style)
    else:
        parts.append((word, style))
