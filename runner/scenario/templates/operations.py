"""
What an expression may do with values: take a part, calculate, compare.

Every operation asks first how large its result will be. Nobody reaches an attribute of a Python object: the parts of a value are its keys
and its positions.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from runner.errors import nearest
from runner.scenario.templates.values import LARGEST, PLAIN, Missing, NotPossible, TooLarge, Work, hidden, kind, revealed, weigh

__all__ = ["binary", "compare", "counted", "part", "sliced"]

_LONGEST_NUMBER = 4096


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
    if type(left) not in PLAIN or type(right) not in PLAIN:
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
