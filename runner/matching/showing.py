"""
How a value looks in a message: as a tester would write it, cut to a readable length. Used by every matcher.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.errors import nearest
from runner.matching.paths import ABSENT

__all__ = ["differs_at", "kind_of", "show", "text_hint", "why_unequal"]

_LENGTH = 200
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object", type(None): "nothing"}


def show(value: Any, *, length: int = _LENGTH) -> str:
    """
    *value* as it would stand in a file: texts in quotes, the rest as JSON; at most *length* characters, then ``…``.

    Sample: ``"sent"``, ``201``, ``["a.pdf", "b.pdf"]``, ``{"id": "4711", "to": […`` and ``absent`` for what is not there.
    """
    text = _shown(value, length)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _shown(value: Any, room: int) -> str:
    if value is ABSENT:
        return "absent"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value, room)
    if isinstance(value, Mapping):
        return _joined("{", (f"{_quoted(str(k), room)}: {_shown(v, room)}" for k, v in value.items()), "}", room)
    if isinstance(value, list | tuple):
        return _joined("[", (_shown(v, room) for v in value), "]", room)
    return str(value)


def _quoted(text: str, room: int) -> str:
    cut = text[: room + 1]
    if cut.isprintable() and '"' not in cut and "\\" not in cut:
        return f'"{cut}"'
    return '"' + "".join(_escaped(c) for c in cut) + '"'


def _escaped(char: str) -> str:
    return _ESCAPES.get(char) or (char if char.isprintable() else f"\\u{ord(char):04x}")


def _joined(opening: str, parts: Any, closing: str, room: int) -> str:
    text = opening
    for part in parts:
        text += part if len(text) == 1 else f", {part}"
        if len(text) > room:
            return text
    return text + closing


def kind_of(value: Any) -> str:
    """What a tester calls a value of this kind: ``text``, ``a number``, ``a list`` …"""
    return "absent" if value is ABSENT else _KINDS.get(type(value), "something else")


def why_unequal(expected: Any, got: Any) -> str:
    """What helps to see why *got* is not *expected*, or ""."""
    if isinstance(expected, str) and isinstance(got, str):
        return text_hint(expected, got)
    if _same_number(expected, got):
        return f"the same number, but the answer has {'text' if isinstance(got, str) else 'a number'} and {_wanted(expected)} is expected"
    if got is not None and type(expected) is not type(got) and str(expected).lower() == str(got).lower():
        return f"the answer has {kind_of(got)}, expected is {kind_of(expected)}"
    return ""


def _wanted(expected: Any) -> str:
    return "text" if isinstance(expected, str) else "a number"


def _same_number(expected: Any, got: Any) -> bool:
    if isinstance(expected, str) is isinstance(got, str) or isinstance(expected, bool) or isinstance(got, bool):
        return False
    try:
        return float(expected) == float(got)
    except (TypeError, ValueError):
        return False


def text_hint(expected: str, got: str) -> str:
    """How two texts differ: in capitals, in spaces, or from which character on."""
    if expected.casefold() == got.casefold():
        return "only capital letters differ"
    if expected.split() == got.split():
        return "only spaces or line ends differ"
    if nearest(got[:100], [expected[:100]]) is None:
        return ""
    return differs_at(expected, got)


def differs_at(expected: str, got: str) -> str:
    """Where two texts part: ``the text differs at character 7: "Rep…" instead of "Ant…"``."""
    at = next((n for n, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), min(len(expected), len(got)))
    if at == len(got):
        return f"the answer ends early: {show(expected[at:], length=40)} is missing"
    if at == len(expected):
        return f"the answer goes on with {show(got[at:], length=40)}"
    return (
        f"the text differs at character {at + 1}: {show(got[at : at + 20], length=24)} instead of {show(expected[at : at + 20], length=24)}"
    )
