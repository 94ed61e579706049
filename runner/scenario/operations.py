"""
What an expression in a value may do with values, and how much of it.

Every operation asks first how large its result will be and how much work it is: a giant is refused before it is built, on every machine
alike (a budget of work, no clock). A secret that takes part makes the result a secret. Nobody reaches an attribute of a Python object: the
parts of a value are its keys and its positions.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from runner.errors import nearest

__all__ = ["LARGEST", "Missing", "NotPossible", "TooLarge", "Work", "binary", "compare", "joined", "kind", "part", "text", "truth", "weigh"]

LARGEST = 1 << 20
_BUDGET = 8 * LARGEST
_LONGEST_NUMBER = 4096
_PLAIN = frozenset({str, int, float, bool, type(None)})
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
    return type(value) not in _PLAIN and callable(getattr(type(value), "plain", None))


def revealed(values: Iterable[Any]) -> tuple[list[Any], Any]:
    """The values with secrets laid open, and one of the secrets (None: there was none)."""
    found = None
    plain = []
    for value in values:
        if is_secret(value):
            found = value
            plain.append(value.plain())
        else:
            plain.append(value)
    return plain, found


def hidden(value: Any, secret: Any) -> Any:
    """
    What comes of an operation in which *secret* took part (None: none did): a text becomes a secret again, a number or truth value passes.

    Raises: ``NotPossible`` – a list or object would show it.
    """
    if secret is None or isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, str):
        return type(secret)(secret.name, value)
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
    return bool(value.plain() if is_secret(value) else value)


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
            return one.plain()
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
    """The values as one text; a secret when one of them is, or holds, a secret."""
    secret = None
    out: list[str] = []
    total = 0
    for value in values:
        if type(value) is str:
            one = value
        elif is_secret(value):
            secret, one = value, value.plain()
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


def part(owner: Any, key: Any) -> Any:
    """
    The part of *owner* under *key*: a key of an object, a position in a list or text.

    Raises: ``Missing`` – with what is there; ``NotPossible`` – *owner* has no parts, or *key* begins with ``_`` and is no key of an object.
    """
    if isinstance(owner, Mapping):
        try:
            return owner[key]
        except (KeyError, TypeError):
            raise _no_key(owner, key) from None
    if isinstance(key, str) and key.startswith("_"):
        raise _inner(key)
    if isinstance(owner, list | tuple | str) and isinstance(key, int) and not isinstance(key, bool):
        try:
            return owner[key]
        except IndexError:
            size = len(owner)
            what = "it is empty" if not size else f"it has {size}, the last one is [{size - 1}]"
            raise Missing(f"there is no [{key}]", notes=(what,)) from None
    if isinstance(owner, list | tuple):
        raise Missing(f"a list has no `{key}`", hint=f"say which item: [0].{key}" if owner and isinstance(owner[0], Mapping) else "")
    raise Missing(f"{kind(owner)} has no part `{key}`" if isinstance(key, str) else f"{kind(owner)} has no parts")


def sliced(owner: Any, start: Any, stop: Any, step: Any) -> Any:
    """``owner[start:stop:step]`` of a list or text."""
    if not isinstance(owner, list | tuple | str):
        raise NotPossible(f"[…:…] takes a part of a list or text, not of {kind(owner)}")
    if any(not (limit is None or type(limit) is int) for limit in (start, stop, step)) or step == 0:
        raise NotPossible("[…:…] takes whole numbers")
    return owner[start:stop:step]


def _no_key(owner: Mapping[Any, Any], key: Any) -> NotPossible:
    keys = [str(one) for one in owner]
    if isinstance(key, str) and key.startswith("__"):
        return _inner(key)
    guess = nearest(key, keys) if isinstance(key, str) else None
    has = ", ".join(keys[:12]) + (" …" if len(keys) > 12 else "")
    return Missing(f"there is no `{key}`", hint=f"write `{guess}`" if guess else "", notes=(f"there is: {has}" if keys else "it is empty",))


def _inner(key: str) -> NotPossible:
    return NotPossible(f"`{key}` is not allowed in values", code="E303", hint="only keys and positions of values can be asked for")


# operators


def binary(sign: str, left: Any, right: Any, work: Work) -> Any:
    """``left sign right`` for ``+ - * / // % **``."""
    (left, right), secret = revealed((left, right))
    work.spend(1)
    return hidden(_BINARY[sign](left, right), secret)


def compare(sign: str, left: Any, right: Any, work: Work) -> bool:
    """``left sign right`` for ``== != < <= > >= in notin``; laid open, a secret is compared by its text."""
    (left, right), _ = revealed((left, right))
    if type(left) not in _PLAIN or type(right) not in _PLAIN:
        work.spend(weigh(left) + weigh(right))
    try:
        return bool(_COMPARE[sign](left, right))
    except TypeError:
        word = {"notin": "not in"}.get(sign, sign)
        raise NotPossible(f"`{word}` cannot compare {kind(left)} with {kind(right)}", hint=_compare_hint(sign, left, right)) from None


def _compare_hint(sign: str, left: Any, right: Any) -> str:
    if "in" in sign:
        return "on its right stands a list, an object or a text"
    return "turn the text into a number: value | float" if {str} & {type(left), type(right)} else ""


def _numbers(sign: str, left: Any, right: Any) -> None:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        hint = "use ~ to put texts together" if sign == "+" else "turn a text into a number: value | int"
        raise NotPossible(f"`{sign}` needs two numbers, not {kind(left)} and {kind(right)}", hint=hint)


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > LARGEST:
            raise TooLarge
        return left + right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        if weigh(left) + weigh(right) > LARGEST:
            raise TooLarge
        return [*left, *right]
    return _calculated("+", operator.add, left, right)


def _multiply(left: Any, right: Any) -> Any:
    if isinstance(right, str | list | tuple):
        left, right = right, left
    if isinstance(left, str | list | tuple):
        if not isinstance(right, int):
            _numbers("*", left, right)
        if (len(left) if isinstance(left, str) else weigh(left)) * max(right, 0) > LARGEST:
            raise TooLarge
        return list(left) * right if isinstance(left, tuple) else left * right
    return _calculated("*", operator.mul, left, right)


def _power(left: Any, right: Any) -> Any:
    _numbers("**", left, right)
    if isinstance(left, int) and isinstance(right, int) and abs(right) * max(1, left.bit_length()) > _LONGEST_NUMBER:
        raise TooLarge("the number is too large")
    return _calculated("**", operator.pow, left, right)


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        raise NotPossible("`%` cannot fill in texts", code="E303", hint="use ~ to put texts together, or write {{ }} inside the text")
    return _calculated("%", operator.mod, left, right)


def _calculated(sign: str, calculate: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    _numbers(sign, left, right)
    try:
        result = calculate(left, right)
    except ZeroDivisionError:
        raise NotPossible("division by 0") from None
    except OverflowError:
        raise TooLarge("the number is too large") from None
    return counted(result)


def counted(number: Any) -> Any:
    """The number, if it is one that can be written."""
    if isinstance(number, complex) or (isinstance(number, float) and not math.isfinite(number)):
        raise NotPossible("the result is not a number")
    if isinstance(number, int) and number.bit_length() > _LONGEST_NUMBER:
        raise TooLarge("the number is too large")
    return number


def _calculator(sign: str, calculate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: _calculated(sign, calculate, left, right)


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": _calculator("-", operator.sub),
    "*": _multiply,
    "/": _calculator("/", operator.truediv),
    "//": _calculator("//", operator.floordiv),
    "%": _modulo,
    "**": _power,
}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}
