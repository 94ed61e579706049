"""
What a bare word in YAML means: text, a number, true, false or nothing. No surprises.

YAML 1.2 core, and stricter with numbers: a number is what JSON would write (``7``, ``-12``, ``1.10``). Everything else that some YAML
somewhere takes for a number, a date or a truth value is the text that stands there:

====================================== ======= ==========================================================
written                                is      because
====================================== ======= ==========================================================
``true`` ``True`` ``FALSE``            boolean YAML 1.2 core
``null`` ``Null`` ``~`` and no value   nothing YAML 1.2 core
``7`` ``-12`` ``1.10`` ``0.5``         number  JSON writes them so (the text ``1.10`` is kept beside it)
``yes`` ``no`` ``on`` ``off`` ``y``    text    YAML 1.1 made truth of them (Norway's ``no``)
``12:30`` ``1:30:00``                  text    YAML 1.1 made 750 of it
``2024-01-01``                         text    YAML 1.1 made dates
``012`` ``0049123`` ``0o14``           text    octal in 1.1, decimal in 1.2; mostly it is an order or telephone number
``0x1F`` ``0b1``                       text    hexadecimal
``1_000``                              text    YAML 1.1 made 1000 of it
``1e3`` ``12e5``                       text    a float to core; mostly it is part of an identifier
``+49301234`` ``.5`` ``5.`` ``.inf``   text    JSON has none of these
numbers of 20 digits and more          text    tracking numbers; no program can count with them exactly
====================================== ======= ==========================================================
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["canonical", "resolve"]

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})(\.[0-9]{1,30})?", re.ASCII)
_STARTS = frozenset("-0123456789")
_TRUTH = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def resolve(raw: str) -> Any:
    """The value of the bare word *raw*."""
    if raw[:1] in _STARTS:
        number = _NUMBER.fullmatch(raw)
        if number is not None:
            return float(raw) if number[1] else int(raw)
        return raw
    return _WORDS.get(raw, raw)


def canonical(raw: str) -> str | None:
    """
    How to write *raw* where a number or a truth value was meant: ``1_000`` → ``1000``, ``yes`` → ``true``, ``0x1F`` → ``31``.

    For the fix in a message; None when it looks like neither.
    """
    word = raw.strip().replace(" ", "")
    if word.lower() in _TRUTH:
        return _TRUTH[word.lower()]
    if word.lower() in ("true", "false", "null"):
        return word.lower()
    return _as_number(word) if len(word) <= 40 else None


def _as_number(word: str) -> str | None:
    """*word*, read generously, as JSON writes numbers."""
    digits = word.replace("_", "").replace("'", "")
    if re.fullmatch(r"[-+]?0[0-9]+", digits, re.ASCII):
        return str(int(digits))
    for read in (lambda: int(digits, 0), lambda: float(digits)):
        try:
            number = read()
        except ValueError:
            continue
        return _written(number)
    return None


def _written(number: float) -> str | None:
    """``1000.0`` → ``1000``; None for what JSON cannot write."""
    if number != number or abs(number) >= 10**19:  # noqa: PLR0124 - the test for "not a number"
        return None
    return str(int(number)) if number == int(number) else repr(number)
