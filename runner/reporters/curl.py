"""
A request as a ``curl`` command that can be pasted into a shell: what was taken out as secret becomes a variable to fill in first.

Used by the HTML report and by Allure's attachments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from runner.record.events import Exchanged

__all__ = ["curl"]

_MASK = "***"
# curl makes these itself, of what it sends.
_OWN = frozenset({"content-length", "host", "transfer-encoding", "connection", "accept-encoding"})
_MOST_BODY = 16_384
# A run has few different sets of request headers.
_REMEMBERED = 1_024
_BINARY = "<binary>"
# What stands before a mask and names it: ``"password":"***"``, ``token=***``, ``user:***@``.
_NAMED = re.compile(r"""["']?([A-Za-z][\w.-]{0,60})["']?\s*[:=]\s*["']?(?:Basic |Bearer )?$""")
# C0 but for newline, DEL and C1, what turns the direction of text.
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_NEXT = " \\\n  "
_SHORT = {"\r": "\\r", "\t": "\\t"}
_NOT_A_NAME = re.compile(r"[^A-Z0-9]+")


def curl(event: Exchanged) -> str:
    r"""
    The command, over several lines.

    Sample::

        # first: PASSWORD=…
        curl --request POST 'http://127.0.0.1:8010/login' \
          --header 'Content-Type: application/json' \
          --data-raw '{"user":"qa1","password":"'"$PASSWORD"'"}'
    """
    names: dict[str, None] = {}
    request = f"curl --request {_word(event.method)} {_quoted(event.url, 'SECRET', names)}"
    options, masked = _options(tuple(event.request_headers.items()))
    names.update(masked)
    body, note = event.request_body, ""
    if body == _BINARY or len(body) > _MOST_BODY:
        note = f"# put what was sent ({event.request_size:,} bytes) into the file `body`\n"
        data = f"{_NEXT}--data-binary @body"
    else:
        data = f"{_NEXT}--data-raw {_quoted(body, 'SECRET', names)}" if body else ""
    return f"{note}{_first(names)}{request}{options}{data}"


@lru_cache(_REMEMBERED)
def _options(headers: tuple[tuple[str, str], ...]) -> tuple[str, dict[str, None]]:
    """An option for each header that curl does not make itself, and the variables in them."""
    names: dict[str, None] = {}
    told = [f"{_NEXT}--header {_quoted(f'{name}: {value}', name, names)}" for name, value in headers if name.lower() not in _OWN]
    return "".join(told), names


def _first(names: Iterable[str]) -> str:
    told = " ".join(f"{name}=…" for name in names)
    return f"# first: {told}\n" if told else ""


def _word(method: str) -> str:
    return method if method.isalpha() else _single(method)


def _quoted(text: str, default: str, names: dict[str, None]) -> str:
    """*text* for a shell; each mask becomes a variable, named after what stands before it."""
    if _MASK not in text:
        return _single(text)
    pieces = text.split(_MASK)
    quoted = _single(pieces[0])
    for before, after in pairwise(pieces):
        name = _variable(before[-100:], default)
        names[name] = None
        quoted += f'"${name}"' + (_single(after) if after else "")
    return quoted.removeprefix("''") or "''"


@lru_cache(_REMEMBERED)
def _variable(before: str, default: str) -> str:
    match = _NAMED.search(before)
    name = _NOT_A_NAME.sub("_", (match[1] if match else default).upper()).strip("_")
    return name if name[:1].isalpha() else "SECRET"


def _single(text: str) -> str:
    """Between single quotes, in which a shell takes everything as it stands; what does not show is written as bash reads it."""
    if text.isprintable() or not _HIDDEN.search(text):
        return "'" + text.replace("'", "'\\''") + "'"
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + _HIDDEN.sub(_escaped, quoted) + "'"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _SHORT.get(match[0]) or (f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}")
