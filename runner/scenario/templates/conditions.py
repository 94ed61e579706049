"""The tests that expressions may ask: ``x is number``, ``items | selectattr('status', '==', 'sent')``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["TESTS", "need"]


def need(value: Any, *types: type) -> Any:
    """The value, if it is of these types; the caller turns the error into a message with the filter's name."""
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise TypeError
    return value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> int:
    return int(need(value, int))


TESTS: Mapping[str, Callable[..., Any]] = {
    "boolean": lambda value: isinstance(value, bool),
    "defined": lambda _: True,
    "divisibleby": lambda value, by: _whole(value) % _whole(by) == 0,
    "empty": lambda value: len(need(value, str, list, tuple, Mapping)) == 0,
    "eq": lambda value, other: value == other,
    "equalto": lambda value, other: value == other,
    "==": lambda value, other: value == other,
    "even": lambda value: _whole(value) % 2 == 0,
    "false": lambda value: value is False,
    "float": lambda value: isinstance(value, float),
    "ge": lambda value, other: value >= other,
    ">=": lambda value, other: value >= other,
    "greaterthan": lambda value, other: value > other,
    "gt": lambda value, other: value > other,
    ">": lambda value, other: value > other,
    "in": lambda value, other: value in need(other, str, list, tuple, Mapping),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "iterable": lambda value: isinstance(value, str | list | tuple | Mapping),
    "le": lambda value, other: value <= other,
    "<=": lambda value, other: value <= other,
    "lessthan": lambda value, other: value < other,
    "lower": lambda value: str(need(value, str)).islower(),
    "lt": lambda value, other: value < other,
    "<": lambda value, other: value < other,
    "mapping": lambda value: isinstance(value, Mapping),
    "ne": lambda value, other: value != other,
    "!=": lambda value, other: value != other,
    "none": lambda value: value is None,
    "number": _number,
    "odd": lambda value: _whole(value) % 2 == 1,
    "sequence": lambda value: isinstance(value, str | list | tuple | Mapping),
    "string": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
    "undefined": lambda _: False,
    "upper": lambda value: str(need(value, str)).isupper(),
}
