"""
What values are, and how much of them there may be: their kinds, their weight, their text, and secrets among them.

A giant is refused before it is built, on every machine alike: what an expression may look at and make is a budget of work, not of time.
What is made with a secret is a secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

__all__ = [
    "LARGEST",
    "PLAIN",
    "Missing",
    "NotPossible",
    "TooLarge",
    "Work",
    "as_json",
    "hidden",
    "joined",
    "kind",
    "limited",
    "revealed",
    "text",
    "truth",
    "weigh",
]

LARGEST = 1 << 20

_BUDGET = 8 * LARGEST

# a number shorter than this is a secret only where it is the whole value: a text with one in it could not be read without it
_TELLING_DIGITS = 4


PLAIN = frozenset({str, int, float, bool, type(None)})

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "text"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (Mapping, "an object"),
    ((list, tuple), "a list"),
    (type(None), "nothing"),
    (bytes, "a file's bytes"),
)


class NotPossible(ValueError):
    """An operation cannot be done with these values. The message names kinds of values, never the values: they may be secret."""

    code = "E305"

    def __init__(self, message: str, *, hint: str = "", notes: tuple[str, ...] = (), code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.notes = notes
        self.code = code or type(self).code


class TooLarge(NotPossible):
    """The result, or the work for it, is over the limit."""

    code = "E304"

    def __init__(self, message: str = "the result is larger than 1 MiB") -> None:
        super().__init__(message, hint="make it smaller; a long text belongs in a file: read('files/…')")


class Missing(NotPossible):
    """There is no such part."""

    code = "E302"


class Work:
    """One evaluation: the names it sees and the work it may still do (in characters and values looked at)."""

    __slots__ = ("left", "scope")

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.scope = scope
        self.left = _BUDGET

    def spend(self, amount: int) -> None:
        """
        Take *amount* off the budget.

        Raises: ``TooLarge``.
        """
        self.left -= amount
        if self.left < 0:
            raise TooLarge("the expression is too much work")


# looking at values


def kind(value: Any) -> str:
    """What a tester calls it."""
    return "a secret" if is_secret(value) else next((word for types, word in _KINDS if isinstance(value, types)), "something else")


def is_secret(value: Any) -> bool:
    """Whether *value* has a plain text that is not to be seen (``runner.environment.secrets.Secret``, known here by its ``plain``)."""
    return type(value) not in PLAIN and callable(getattr(type(value), "plain", None))


def revealed(values: Iterable[Any]) -> tuple[list[Any], Any]:
    """The values with secrets laid open, and one of the secrets (None: there was none)."""
    found = None
    plain = []
    for value in values:
        if is_secret(value):
            found = value
            plain.append(value.value)
        else:
            plain.append(value)
    return plain, found


def hidden(value: Any, secret: Any) -> Any:
    """
    What comes of an operation in which *secret* took part (None: none did): a text or number becomes a secret again; a truth value passes.

    Raises: ``NotPossible`` – a list or object would show it.
    """
    if secret is None or isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str | int | float):
        return secret.derived(value)
    if is_secret(value):
        return value
    raise NotPossible("a secret can only become text", code="E303", hint="use the secret as a whole, or put it into a text")


def weigh(value: Any, most: int = LARGEST) -> int:
    """
    How much *value* holds: characters and values, shared parts counted each time.

    Raises: ``TooLarge`` – more than *most*; looks no further than that.
    """
    total = 0
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str | bytes):
            total += len(one) + 1
        elif isinstance(one, dict):
            total += 1 + len(one)
            waiting += one.keys()
            waiting += one.values()
        elif isinstance(one, list | tuple):
            total += 1 + len(one)
            waiting += one
        else:
            total += 1
        if total > most or len(waiting) > most:
            raise TooLarge
    return total


def truth(value: Any) -> bool:
    """Whether it counts as true: not empty, not 0, not nothing."""
    return bool(value.value if is_secret(value) else value)


def text(value: Any) -> str:
    """
    A single *value* within a text: ``true``, ``false`` and ``null`` as JSON writes them, times as ISO 8601.

    Raises: ``NotPossible`` – a list, an object, bytes; and a secret, as only :func:`joined` hides what it makes.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    raise NotPossible(f"{kind(value)} cannot be written as text", hint="for lists and objects: value | json")


def as_json(value: Any, *, indent: int | None = None) -> tuple[str, Any]:
    """
    *value* as JSON, and a secret that stands in it (None: none does).

    Raises: ``NotPossible``, ``TooLarge``.
    """
    weigh(value)
    secrets: list[Any] = []

    def other(one: Any) -> Any:
        if is_secret(one):
            secrets.append(one)
            return one.value
        if isinstance(one, date | timedelta):
            return text(one)
        if isinstance(one, Mapping):
            return dict(one)
        raise NotPossible(f"{kind(one)} cannot be written as text")

    try:
        written = json.dumps(value, ensure_ascii=False, default=other, indent=min(indent, 8) if indent else None, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as exc:
        raise exc if isinstance(exc, NotPossible) else NotPossible("the value cannot be written as JSON") from None
    return limited(written), secrets[0] if secrets else None


def limited(written: str) -> str:
    """The text, if it is not too long."""
    if len(written) > LARGEST:
        raise TooLarge
    return written


def joined(values: Iterable[Any], between: str = "") -> Any:
    """The values as one text; a secret when one of them is, or holds, a secret that is no number of up to three digits."""
    values = list(values)
    if set(map(type, values)) == {str}:
        # as a rule all of them are texts
        return limited(between.join(values))
    secret = None
    out: list[str] = []
    total = 0
    for value in values:
        if type(value) is str:
            one = value
        elif is_secret(value):
            one = value.plain()
            if isinstance(value.value, str) or len(one) >= _TELLING_DIGITS:
                secret = value
        elif isinstance(value, list | tuple | Mapping):
            one, within = as_json(value)
            secret = within or secret
        else:
            one = text(value)
        total += len(one) + len(between)
        if total > LARGEST + len(between):
            raise TooLarge
        out.append(one)
    return hidden(between.join(out), secret)


# parts of a value
