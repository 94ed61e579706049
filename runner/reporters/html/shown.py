"""
Text from a run as a page may hold it: nothing in it is markup, and what was taken out as secret is marked.

What templates are given is :class:`markupsafe.Markup`, which they take as it stands; all other text they escape themselves. What plain
functions are given is text that is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from markupsafe import Markup

from runner.reporters.text import counted

__all__ = ["Body", "body_of", "compared", "header_lines", "marked", "plain_value", "shown", "size", "status_words", "url_parts"]

_HIDDEN_MARK = '<mark class="secret" title="taken out: a secret">***</mark>'
_MOST_COMPARED = 2_000
_SHORT = 80
# An excerpt in the journal is never shorter than this when a body was cut.
_MAYBE_CUT = 16_384
_MOST_SHOWN = 20_000
_BINARY = "<binary>"
# Most headers are the same in every exchange.
_REMEMBERED = 1_024
_encode = msgspec.json.Encoder(enc_hook=str).encode
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


def marked(text: str) -> str:
    """*text* escaped, with its secrets marked; for between tags, not for an attribute."""
    escaped = escape(text, quote=False)
    return escaped.replace("***", _HIDDEN_MARK) if "***" in escaped else escaped


def shown(text: str) -> Markup:
    """The same for a template."""
    return Markup(marked(text))  # noqa: S704 - escaped


def plain_value(value: Any) -> str:
    """A value as a person writes it: text as it is, everything else as JSON, in one line when it is short."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    try:
        written = _encode(value)
        return msgspec.json.format(written, indent=2 if len(written) > _SHORT else 0).decode()
    except (ValueError, TypeError, RecursionError):
        return str(value)


def size(number: int) -> str:
    """``317 bytes``, ``1.2 KB``, ``2.5 MB``."""
    if number < 1_000:
        return counted(number, "byte")
    return f"{number / 1_000:.1f} KB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"


class Body(msgspec.Struct, frozen=True):
    """A body as it is shown; ``note`` says what is missing, ``kind`` what it is."""

    # escaped
    text: str
    note: str = ""
    kind: str = ""


def body_of(text: str, true_size: int, content_type: str = "", *, most: int = _MOST_SHOWN) -> Body | None:
    """A body, set out so that it can be read; None when there was none."""
    if not text:
        return None
    if text == _BINARY:
        return Body("", f"{size(true_size)} that are not text", content_type)
    pretty, kind = _pretty(text, content_type)
    cut = true_size > _MAYBE_CUT and true_size > len(text.encode("utf-8", "replace")) >= _MAYBE_CUT
    note = f"the beginning of {size(true_size)}" if cut or len(pretty) > most else ""
    return Body(marked(pretty[:most]), note, kind)


def _pretty(text: str, content_type: str) -> tuple[str, str]:
    if text[:1] in ("{", "["):
        try:
            return msgspec.json.format(text, indent=2), "JSON"
        except (ValueError, RecursionError):
            return text, "JSON, as it came"
    if content_type.startswith("application/x-www-form-urlencoded"):
        return "\n".join(unquote_plus(pair) for pair in text.split("&")), "form"
    return text, content_type.partition(";")[0]


def header_lines(headers: Mapping[str, str]) -> str:
    """``Name: value``, a line each, escaped."""
    return "\n".join([_header_line(name, value) for name, value in headers.items()])


@lru_cache(_REMEMBERED)
def _header_line(name: str, value: str) -> str:
    return f"<b>{escape(name)}:</b> {marked(value)}"


def compared(expected: str, got: str) -> tuple[Markup, Markup]:
    """Two texts, with what one has and the other has not marked in each."""
    if len(expected) + len(got) > _MOST_COMPARED:
        return _ends_marked(expected, got)
    one, other = _WORDS.findall(expected), _WORDS.findall(got)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < 0.3:  # two different things: marking the odd comma they share only confuses
        return shown(expected), shown(got)
    left, right = Markup(), Markup()
    for kind, a, b, c, d in matcher.get_opcodes():
        left += _piece("".join(one[a:b]), same=kind == "equal")
        right += _piece("".join(other[c:d]), same=kind == "equal")
    return left, right


def _ends_marked(expected: str, got: str) -> tuple[Markup, Markup]:
    """Long texts: what lies between their common beginning and their common end is marked."""
    most = min(len(expected), len(got))
    head = next((n for n in range(most) if expected[n] != got[n]), most)
    tail = next((n for n in range(most - head) if expected[-1 - n] != got[-1 - n]), most - head)
    return _between(expected, head, tail), _between(got, head, tail)


def _between(text: str, head: int, tail: int) -> Markup:
    end = len(text) - tail
    return shown(text[:head]) + _piece(text[head:end], same=False) + shown(text[end:])


def _piece(text: str, *, same: bool) -> Markup:
    return shown(text) if same or not text else Markup('<mark class="differs">{}</mark>').format(shown(text))


@lru_cache(_REMEMBERED)
def status_words(http: int) -> str:
    """``404 Not Found``; ``no answer`` for 0."""
    if not http:
        return "no answer"
    try:
        return f"{http} {HTTPStatus(http).phrase}"
    except ValueError:
        return str(http)


def url_parts(url: str) -> tuple[str, str]:
    """The origin of a URL, and what stands behind it."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        return "", url
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}", slash + path or "/"
