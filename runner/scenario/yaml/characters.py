r"""
Which bytes are text? UTF-8 only, and no character that a reader of the file cannot see and a report cannot show.

Characters that hide or reorder text may be wanted in a mail; then they are written visibly, as an escape in double quotes (``"\u202E"``).
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from runner.errors import Diagnostic
from runner.source import Source, Span

__all__ = ["MOST_SHOWN", "cleaned", "decode", "unseen"]

# of one kind of mistake, in one file; the rest would only push the others off the screen
MOST_SHOWN = 20

_BOM = b"\xef\xbb\xbf"
_PLAIN_ASCII = bytes([9, 10, 13, *range(32, 127)])
# C0 without tab and line ends, DEL and C1, line separators that other programs do not count, bidi overrides and isolates, a second BOM,
# lone surrogates, non-characters
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
# a blank that is none to YAML, behind the dash of an item or the colon of a name
_WIDE = re.compile(r"^(?P<head> *(?:- )*(?:-|[\w.]+:))(?P<wide>[\u00a0\u2000-\u200b\u202f\u3000]+)", re.MULTILINE)
_LINE_END = re.compile(rb"\r\n|\r|\n")


def decode(data: bytes, name: str, path: Path | None = None) -> Source:
    """
    The text of a file called *name*; a byte order mark is left out.

    Raises: ``UnicodeDecodeError`` – not UTF-8; see :func:`not_utf8` for the message.
    """
    return Source(name, data.removeprefix(_BOM).decode("utf-8"), path)


def not_utf8(data: bytes, error: UnicodeDecodeError, name: str, path: Path | None = None) -> Diagnostic:
    """What a person reads about a file in another encoding: the first byte that is not UTF-8, and its line."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Diagnostic("E103", f"{name} is not UTF-8: it is UTF-16", hint="save the file as UTF-8")
    data = data.removeprefix(_BOM)
    ends = [end.end() for end in _LINE_END.finditer(data, 0, error.start)]
    line, column = len(ends) + 1, len(data[ends[-1] if ends else 0 : error.start].decode("utf-8")) + 1
    span = Span(Source(name, data.decode("utf-8", "replace"), path), line, column, line, column + 1)
    return Diagnostic("E103", f"not UTF-8: byte 0x{data[error.start]:02X} on line {line}", span, hint="save the file as UTF-8")


def unseen(source: Source) -> list[Diagnostic]:
    """One message for each character that cannot be seen, at most :data:`MOST_SHOWN`."""
    rest = source.text.encode("utf-8", "surrogatepass").translate(None, _PLAIN_ASCII)
    # most files are plain ASCII and end here; of the others only what is not ASCII is searched
    if not rest or not (_UNSEEN.search(rest.decode("utf-8", "surrogatepass")) or _WIDE.search(source.text)):
        return []
    found: list[Diagnostic] = []
    for number, line in enumerate(source.lines, 1):
        found += [_unseen(source, number, match) for match in _UNSEEN.finditer(line)]
        found += [_wide(source, number, match) for match in _WIDE.finditer(line)]
        if len(found) >= MOST_SHOWN:
            break
    return found[:MOST_SHOWN]


def cleaned(text: str) -> str:
    """*text* of the same length with a space for each character that cannot be seen, so that the other mistakes can be found too."""
    return _WIDE.sub(lambda match: match["head"] + " " * len(match["wide"]), _UNSEEN.sub(" ", text))


def _unseen(source: Source, line: int, match: re.Match[str]) -> Diagnostic:
    """The message about one of them."""
    point = ord(match[0])
    told = f"U+{point:04X}"
    name = _NAMES.get(point) or unicodedata.name(match[0], "").lower()
    escape = f"\\x{point:02X}" if point < 256 else f"\\u{point:04X}"
    lone = 0xD800 <= point <= 0xDFFF
    return Diagnostic(
        "E104",
        f"a character that cannot be seen on line {line}: {told}" + (f" ({name})" if name else ""),
        Span(source, line, match.start() + 1, line, match.end() + 1),
        label=told,
        hint="delete it" if lone else f'delete it; if it is meant, write {escape} in "double quotes"',
    )


def _wide(source: Source, line: int, match: re.Match[str]) -> Diagnostic:
    """The message about a blank of another kind where only a space counts."""
    point = ord(match["wide"][0])
    return Diagnostic(
        "E104",
        f"a space that is none on line {line}: U+{point:04X} ({unicodedata.name(match['wide'][0], 'unknown').lower()})",
        Span(source, line, match.start("wide") + 1, line, match.end("wide") + 1),
        label="it came with a copied text",
        hint="delete it, and type a space",
    )


_NAMES = {0: "NUL", 0x0B: "vertical tab", 0x0C: "form feed", 0x1B: "escape", 0x7F: "delete", 0x85: "next line"}
