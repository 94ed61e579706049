"""
In which shapes can a secret turn up? As it is, quoted for a URL, escaped for JSON or HTML, in base64, in hex, line by line.

Used by :mod:`runner.environment.redaction` when it is told a secret: before a run, and for each token that a scenario learns.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import msgspec

__all__ = ["Form", "Hidden", "Reach", "derived", "parts", "reach_of"]

# Shorter ones turn up inside ordinary words.
_LONG = 8
_SHORTEST_WORD = 4
# A pair in base64 shorter than this could be a word.
_LONGEST_ODD = 12

# Words that people choose as passwords, and that reports are full of.
_COMMON = frozenset(
    """
    administrator agent1234 attachment changeme connected customer customer1 department environment example exchange genesys genesys1
    incoming interaction invoice letmein localhost notification outbound password password1 password12 password123 passwort passwort1
    qwertyui recipient scenario simulator staging supervisor supervisor1 telephone testtest undefined welcome1 12345678 00000000 admin
    agent case code data default demo desk draft email error event failed false file guest hello hidden icws egain info items login logout
    mail master message name none null order passed pass public qwerty ready reply reports root secret send sent server service staff
    start state status step stop subject summer system team test tester text time true type user value vendor water winter word 1234 12345
    123456 1234567 0000 1111 2024 2025 2026 2027
    """.split()  # noqa: SIM905 - words are read more easily as a text
)

# A text of these alone looks the same in a URL, in JSON and in HTML.
_SIMPLE = re.compile(r"[A-Za-z0-9_.~-]*+")
# What quoting leaves alone: nothing, the path's slash, what JavaScript's two functions leave, what RFC 3986 allows in a query.
_SAFE = ("", "/", "!'()*", ";,/?:@&=+$!'()*#", "!$&'()*+,;=:@/?")
_PERCENT = re.compile(r"%[0-9A-F]{2}")
_URL_SAFE = str.maketrans("+/", "-_")
_encode = msgspec.json.encode


class Reach(Enum):
    """How boldly a secret is taken out: everywhere, only as a word of its own, or only where it is the whole value."""

    ANYWHERE = 3
    WORD = 2
    WHOLE = 1


class Form(NamedTuple):
    """One shape of a secret: the text, how boldly it is taken out, and the bytes by which it stands in a line of JSON."""

    text: str
    reach: Reach
    needle: bytes

    @classmethod
    def of(cls, text: str, reach: Reach) -> Form:
        """*text* as a form."""
        encoded = _encode(text)
        # a short number may stand in JSON without quotes, everything else that is a whole value has them
        whole = reach is Reach.WHOLE and not text.isdigit()
        return cls(text, reach, encoded if whole else encoded[1:-1])


class Hidden:
    """A text that must not be seen; ``users`` are the names that it opens a door for. Its forms are made when they are first needed."""

    __slots__ = ("_forms", "_telltales", "_users", "shadows", "value")

    def __init__(self, value: str, users: tuple[str, ...] = ()) -> None:
        self.value = value
        self._users = users
        self._forms: tuple[Form, ...] | None = None
        self._telltales: tuple[bytes, ...] | None = None
        # what a screen looks for, kept here for the next screen
        self.shadows: frozenset[bytes] | None = None

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every shape."""
        if self._forms is None:
            reach = reach_of(self.value)
            pairs = (Form.of(pair, Reach.ANYWHERE if len(pair) >= _LONGEST_ODD else Reach.WORD) for pair in self._pairs())
            self._forms = (*(Form.of(text, reach) for text in derived(self.value)), *pairs)
        return self._forms

    @property
    def telltales(self) -> tuple[bytes, ...]:
        """
        Bytes of which at least one is in each line that has one of the forms, if letter case and punctuation are ignored.

        For a token of letters and digits these are few and quickly made: a scenario learns several of them.
        """
        if self._telltales is None:
            self._telltales = tuple(self._telling())
        return self._telltales

    def _telling(self) -> Iterable[bytes]:
        if self._users or not _SIMPLE.fullmatch(self.value) or reach_of(self.value) is not Reach.ANYWHERE:
            return (form.needle for form in self.forms)
        data = self.value.encode()
        return (data, data.hex().encode(), *(middle.encode() for middle in _base64(data)))

    def _pairs(self) -> Iterator[str]:
        """``user:password`` in base64, as Basic authentication sends it."""
        for user in self._users:
            whole = b64encode(f"{user}:{self.value}".encode()).decode()
            yield whole
            if whole.endswith("="):
                yield whole.rstrip("=")


def reach_of(value: str) -> Reach:
    """How boldly *value* may be taken out without eating ordinary text."""
    common = value.lower() in _COMMON
    if len(value) >= _LONG and not common:
        return Reach.ANYWHERE
    return Reach.WORD if len(value) >= _SHORTEST_WORD and not common else Reach.WHOLE


def parts(value: str) -> Iterator[str]:
    """
    The texts that give *value* away: itself, each line of it, and when it is JSON each text in it.

    Lines and texts that are too short to be told from ordinary words are left to the whole.
    """
    yield value
    if "\n" in value:
        lines = (line.strip() for line in value.splitlines())
        yield from (line for line in lines if len(line) >= _LONG and not line.startswith("-----"))
    if value[:1] in ("{", "["):
        try:
            leaves = list(_leaves(msgspec.json.decode(value)))
        except (ValueError, RecursionError):
            return
        yield from (leaf for leaf in leaves if len(leaf) >= _LONG)


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for item in data:
            yield from _leaves(item)
    elif isinstance(data, str):
        yield data
        yield from (line.strip() for line in data.splitlines() if line.strip() != data and not line.startswith("-----"))
    elif isinstance(data, int) and not isinstance(data, bool):
        yield str(data)


def derived(value: str) -> set[str]:
    """Every shape of *value*. A short one has no base64 and no hex: those would be ordinary letters again."""
    # a value that is told as JSON (`"abc"` was expected) is the whole value as well
    found = {value, json.dumps(value)} if reach_of(value) is Reach.WHOLE else {value, value.upper(), value.lower()}
    if not _SIMPLE.fullmatch(value):
        for spelled in tuple(found):
            found.update(_quoted(spelled))
            found.update(_escaped(spelled))
    if reach_of(value) is Reach.ANYWHERE:
        data = value.encode()
        found.update((data.hex(), data.hex().upper()))
        for middle in _base64(data):
            found.update((middle, middle.translate(_URL_SAFE)))
    return found


def _quoted(text: str) -> Iterator[str]:
    for spelled in (*(quote(text, safe) for safe in _SAFE), quote_plus(text)):
        yield spelled
        yield _PERCENT.sub(lambda match: match[0].lower(), spelled)


def _escaped(text: str) -> Iterator[str]:
    """For JSON (once, and again for JSON in JSON), and for HTML."""
    for ascii_only in (True, False):
        once = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        for spelled in (once, once.replace("/", "\\/"), _angles(once)):
            yield spelled
            yield json.dumps(spelled, ensure_ascii=ascii_only)[1:-1]
    escaped = html.escape(text, quote=True)
    yield from (escaped, html.escape(text, quote=False), escaped.replace("&#x27;", "&#39;"), escaped.replace("&#x27;", "&apos;"))


def _angles(text: str) -> str:
    """JSON as servers write it that fear for the page around it."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("'", "\\u0027")


def _base64(data: bytes) -> Iterator[str]:
    """What stays the same of *data* in base64, whatever stands before and after it: one text for each of the three offsets."""
    for offset in range(3):
        first = -(-8 * offset // 6)
        last = 8 * (offset + len(data)) // 6
        yield b64encode(b"\0" * offset + data).decode()[first:last]
