"""
Text from a run, made fit to be shown: nothing in it may move a cursor, break an XML file, or speak to a CI system.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["cells", "counted", "cut", "guarded", "one_line", "visible", "visible_bytes"]

# C0 without tab and newline, DEL and C1, bidi controls, line separators, lone surrogates, what XML 1.0 forbids
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SHOWS = bytes((*b"\t\n", *range(0x20, 0x7F)))
# what a CI system would take for a command: at the start of a line (GitHub), anywhere in it (Azure, TeamCity, old GitHub)
_COMMAND = re.compile(r"##(?=vso\[|\[|teamcity\[|section)")


def visible(text: str) -> str:
    r"""The same with every character that does not show written as a person can read it: ``\x1b``, ``\u202e``. Newlines and tabs stay."""
    # nearly all text is fit to be shown, and this is the cheap way to know
    if text.replace("\n", "").isprintable():
        return text
    return _HIDDEN.sub(_written, text.replace("\r\n", "\n"))


def visible_bytes(text: str) -> bytes:
    """The same in UTF-8. For whole pages: most of what is in them is ASCII that shows, and the rest is little to look at."""
    try:
        encoded = text.encode()
        if encoded.translate(None, _SHOWS).decode().isprintable():
            return encoded
    except UnicodeEncodeError:  # half a character
        pass
    return visible(text).encode()


def _written(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def one_line(text: str) -> str:
    r"""The same on one line: newlines are shown as ``\n``, tabs as spaces."""
    return visible(text).strip("\n").replace("\n", "\\n").replace("\t", " ")


def guarded(line: str) -> str:
    """A line that no CI system takes for a command (``::error``, ``##vso[``), whatever data stands in it."""
    line = _COMMAND.sub("# #", line)
    return f"| {line}" if line.lstrip().startswith("::") else line


def cells(text: str) -> int:
    """How many columns *text* takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_cell, text))


@lru_cache(4_096)
def _cell(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int) -> str:
    """*text* in at most *width* columns, with ``…`` where something is missing."""
    if text.isascii():
        return text if len(text) <= width else text[: width - 1].rstrip() + "…" if width > 0 else ""
    if cells(text) <= width:
        return text
    room, kept = width - 1, []
    for char in text:
        room -= _cell(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def counted(number: int, noun: str) -> str:
    """``1 scenario``, ``2 scenarios``, ``2 tries``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"
