"""
The filters (``x | upper``), tests (``x is number``) and methods (``x.strip()``) that values may use: three tables, nothing else can be
reached.

Each entry is a small function of plain data. A secret is laid open before and hidden again after
(:func:`runner.scenario.operations.hidden`), so none of them knows about secrets; what can grow asks for the size of its result first.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from runner.scenario.operations import (
    LARGEST,
    Missing,
    NotPossible,
    TooLarge,
    as_json,
    hidden,
    joined,
    kind,
    limited,
    part,
    revealed,
    text,
    weigh,
)

__all__ = ["FILTERS", "METHODS", "TESTS", "Filter", "applied"]


@dataclass(frozen=True, slots=True)
class Filter:
    """``call(value, *arguments, **options)``; ``takes`` is what it wants to be given, ``example`` how it is written."""

    call: Callable[..., Any]
    takes: str
    example: str


def applied(call: Callable[..., Any], value: Any, arguments: Iterable[Any], options: Mapping[str, Any]) -> Any:
    """What *call* makes of the value: secrets are laid open for it, and what comes of them is hidden again."""
    (plain, *given), secret = revealed((value, *arguments))
    return hidden(call(plain, *given, **options), secret)


def _need(value: Any, *types: type) -> Any:
    """The value, if it is of these types; the caller turns the error into a message with the filter's name."""
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise TypeError
    return value


def _on_text(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of str as a filter: numbers are taken as text."""

    def call(value: Any, *arguments: Any) -> Any:
        return method(text(_need(value, str, int, float)), *arguments)

    return call


# numbers


def _int(value: Any, default: int = 0) -> int:
    try:
        return int(_need(value, str, int, float, bool))
    except (ValueError, OverflowError):
        return _float_as_int(value, default)


def _float_as_int(value: Any, default: int) -> int:
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return default


def _float(value: Any, default: float = 0.0) -> float:
    try:
        number = float(_need(value, str, int, float, bool))
    except (ValueError, OverflowError):
        return default
    return number if math.isfinite(number) else default


def _round(value: Any, precision: int = 0, method: str = "common") -> float:
    shift = 10.0 ** _need(precision, int)
    number = _need(value, int, float)
    by: dict[str, Callable[[], float]] = {
        "common": lambda: round(number, precision),
        "ceil": lambda: math.ceil(number * shift) / shift,
        "floor": lambda: math.floor(number * shift) / shift,
    }
    return float(by[method]())


# lists


def _list(value: Any) -> list[Any]:
    return list(_need(value, list, tuple, str, Mapping))


def _join(value: Any, between: str = "", attribute: Any = None) -> Any:
    parts = _list(value) if attribute is None else _map(value, attribute=attribute)
    return joined(parts, text(between))


def _sort(value: Any, reverse: bool = False, case_sensitive: bool = False, attribute: Any = None) -> list[Any]:
    def key(one: Any) -> Any:
        one = one if attribute is None else _deep(one, attribute)
        return one if case_sensitive or not isinstance(one, str) else one.lower()

    return sorted(_list(value), key=key, reverse=bool(reverse))


def _unique(value: Any, case_sensitive: bool = False, attribute: Any = None) -> list[Any]:
    seen: set[Any] = set()
    kept = []
    for one in _list(value):
        mark = one if attribute is None else _deep(one, attribute)
        mark = mark.lower() if isinstance(mark, str) and not case_sensitive else mark
        mark = mark if isinstance(mark, str | int | float | bool | None) else (kind(mark), as_json(mark)[0])
        if mark not in seen:
            seen.add(mark)
            kept.append(one)
    return kept


def _map(value: Any, *names: Any, attribute: Any = None, default: Any = None) -> list[Any]:
    if attribute is None:
        return _each(_filter(names), _list(value), names[1:])
    kept = []
    for one in _list(value):
        try:
            kept.append(_deep(one, attribute))
        except Missing:
            if default is None:
                raise
            kept.append(default)
    return kept


def _each(call: Callable[..., Any], items: list[Any], arguments: tuple[Any, ...]) -> list[Any]:
    made: list[Any] = []
    room = LARGEST
    for one in items:
        made.append(applied(call, one, arguments, {}))
        room -= weigh(made[-1])
        if room < 0:
            raise TooLarge
    return made


def _filter(names: tuple[Any, ...]) -> Callable[..., Any]:
    if not names or names[0] not in FILTERS or names[0] in ("map", "select", "reject", "selectattr", "rejectattr"):
        raise TypeError
    return FILTERS[names[0]].call


def _chosen(*, wanted: bool, by_attribute: bool) -> Callable[..., list[Any]]:
    def call(value: Any, *arguments: Any) -> list[Any]:
        attribute, *rest = arguments if by_attribute else (None, *arguments)
        test = _test(rest)
        kept = []
        items = _list(value)
        # every item is compared with the arguments, which may be long
        if len(items) * weigh(rest[1:]) > 8 * LARGEST:
            raise TooLarge
        for one in items:
            try:
                looked_at = _deep(one, attribute) if by_attribute else one
            except Missing:
                looked_at = None
            if bool(test(looked_at, *rest[1:])) is wanted:
                kept.append(one)
        return kept

    return call


def _test(names: list[Any]) -> Callable[..., Any]:
    if names and names[0] not in TESTS:
        raise TypeError
    return TESTS[names[0]] if names else bool


def _deep(value: Any, path: Any) -> Any:
    for key in path.split(".") if isinstance(path, str) else [path]:
        value = part(value, int(key) if isinstance(key, str) and key.isdecimal() else key)
    return value


def _first(value: Any, position: int = 0) -> Any:
    found = _list(value)
    if not found:
        raise Missing("it is empty")
    return found[position]


def _sum(value: Any, attribute: Any = None) -> Any:
    return sum(_need(one if attribute is None else _deep(one, attribute), int, float) for one in _list(value))


# texts


def _replace(value: Any, old: Any, new: Any, count: int = -1) -> str:
    whole, old, new = text(_need(value, str, int, float)), text(old), text(new)
    found = whole.count(old)
    if len(whole) + (found if count is None or count < 0 else min(found, count)) * (len(new) - len(old)) > LARGEST:
        raise TooLarge
    return str(whole.replace(old, new, -1 if count is None else count))


def _truncate(value: Any, length: int = 255, end: str = "…") -> str:
    whole = str(_need(value, str))
    return whole if len(whole) <= length else whole[: max(0, length - len(end))] + end


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else text(value).encode("utf-8", "surrogatepass")


def _url(value: Any) -> Any:
    if isinstance(value, Mapping):
        parts, secret = revealed(value.values())
        return hidden(urlencode([(text(key), text(one)) for key, one in zip(value, parts, strict=True)], quote_via=quote), secret)
    return quote(_bytes(value), safe="/")


def _json(value: Any, indent: int | None = None) -> Any:
    return hidden(*as_json(value, indent=indent))


def _date(value: Any, format: str = "%Y-%m-%d") -> str:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(_need(value, str))
        return limited(moment.strftime(_need(format, str)[:200]))
    except ValueError:
        raise NotPossible("`date` needs a time like 2030-01-02T09:00:00Z", hint="{{ now() | date('%d.%m.%Y') }}") from None


def _default(value: Any, default: Any = "", boolean: bool = False) -> Any:
    return default if boolean and not value else value


_TEXTS = "a text"
_LISTS = "a list or text"
_NUMBERS = "a number"
_ANY = "any value"

FILTERS: Mapping[str, Filter] = {
    "abs": Filter(lambda value: abs(_need(value, int, float)), _NUMBERS, "-3 | abs"),
    "base64": Filter(lambda value: base64.b64encode(_bytes(value)).decode(), "text or bytes", "'user:password' | base64"),
    "capitalize": Filter(_on_text(str.capitalize), _TEXTS, "name | capitalize"),
    "count": Filter(lambda value: len(_need(value, str, bytes, list, tuple, Mapping)), _LISTS, "items | count"),
    "d": Filter(_default, _ANY, "nickname | d('none')"),
    "date": Filter(_date, "a time", "now() | date('%d.%m.%Y')"),
    "default": Filter(_default, _ANY, "nickname | default('none')"),
    "e": Filter(lambda value: html.escape(text(value)), _TEXTS, "name | e"),
    "escape": Filter(lambda value: html.escape(text(value)), _TEXTS, "name | escape"),
    "first": Filter(_first, _LISTS, "items | first"),
    "float": Filter(_float, "text or a number", "'1.5' | float"),
    "int": Filter(_int, "text or a number", "'12' | int"),
    "items": Filter(lambda value: [list(pair) for pair in _need(value, Mapping).items()], "an object", "headers | items"),
    "join": Filter(_join, "a list", "names | join(', ')"),
    "json": Filter(_json, _ANY, "order | json"),
    "last": Filter(lambda value: _first(value, -1), _LISTS, "items | last"),
    "length": Filter(lambda value: len(_need(value, str, bytes, list, tuple, Mapping)), _LISTS, "items | length"),
    "list": Filter(_list, _LISTS, "'abc' | list"),
    "lower": Filter(_on_text(str.lower), _TEXTS, "name | lower"),
    "map": Filter(_map, "a list", "items | map(attribute='id')"),
    "max": Filter(lambda value: max(_list(value)), "a list", "[1, 2] | max"),
    "min": Filter(lambda value: min(_list(value)), "a list", "[1, 2] | min"),
    "reject": Filter(_chosen(wanted=False, by_attribute=False), "a list", "[1, 2] | reject('odd')"),
    "rejectattr": Filter(_chosen(wanted=False, by_attribute=True), "a list", "items | rejectattr('closed')"),
    "replace": Filter(_replace, _TEXTS, "subject | replace('a', 'b')"),
    "reverse": Filter(lambda value: value[::-1] if isinstance(value, str) else _list(value)[::-1], _LISTS, "items | reverse"),
    "round": Filter(_round, _NUMBERS, "1.26 | round(1)"),
    "select": Filter(_chosen(wanted=True, by_attribute=False), "a list", "[1, 2] | select('odd')"),
    "selectattr": Filter(_chosen(wanted=True, by_attribute=True), "a list", "items | selectattr('status', '==', 'sent')"),
    "sha256": Filter(lambda value: hashlib.sha256(_bytes(value)).hexdigest(), "text or bytes", "body | sha256"),
    "sort": Filter(_sort, "a list", "items | sort(attribute='id')"),
    "string": Filter(lambda value: joined([value]), _ANY, "12 | string"),
    "sum": Filter(_sum, "a list of numbers", "[1, 2] | sum"),
    "title": Filter(_on_text(str.title), _TEXTS, "name | title"),
    "tojson": Filter(_json, _ANY, "order | tojson"),
    "trim": Filter(_on_text(str.strip), _TEXTS, "name | trim"),
    "truncate": Filter(_truncate, _TEXTS, "subject | truncate(40)"),
    "unique": Filter(_unique, "a list", "names | unique"),
    "upper": Filter(_on_text(str.upper), _TEXTS, "name | upper"),
    "urlencode": Filter(_url, "text or an object", "subject | urlencode"),
}


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> int:
    return int(_need(value, int))


TESTS: Mapping[str, Callable[..., Any]] = {
    "boolean": lambda value: isinstance(value, bool),
    "defined": lambda _: True,
    "divisibleby": lambda value, by: _whole(value) % _whole(by) == 0,
    "empty": lambda value: len(_need(value, str, list, tuple, Mapping)) == 0,
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
    "in": lambda value, other: value in _need(other, str, list, tuple, Mapping),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "iterable": lambda value: isinstance(value, str | list | tuple | Mapping),
    "le": lambda value, other: value <= other,
    "<=": lambda value, other: value <= other,
    "lessthan": lambda value, other: value < other,
    "lower": lambda value: str(_need(value, str)).islower(),
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
    "upper": lambda value: str(_need(value, str)).isupper(),
}


def _split(value: str, *arguments: Any) -> list[str]:
    return value.split(*arguments)


def _text_join(value: str, parts: Any) -> Any:
    return joined(_list(parts), value)


METHODS: Mapping[type, Mapping[str, Callable[..., Any]]] = {
    str: {
        "capitalize": str.capitalize,
        "count": str.count,
        "endswith": str.endswith,
        "find": str.find,
        "isalnum": str.isalnum,
        "isalpha": str.isalpha,
        "isdigit": str.isdigit,
        "islower": str.islower,
        "isspace": str.isspace,
        "isupper": str.isupper,
        "join": _text_join,
        "lower": str.lower,
        "lstrip": str.lstrip,
        "partition": lambda value, by: list(value.partition(by)),
        "removeprefix": str.removeprefix,
        "removesuffix": str.removesuffix,
        "replace": _replace,
        "rpartition": lambda value, by: list(value.rpartition(by)),
        "rsplit": str.rsplit,
        "rstrip": str.rstrip,
        "split": _split,
        "splitlines": str.splitlines,
        "startswith": str.startswith,
        "strip": str.strip,
        "title": str.title,
        "upper": str.upper,
    },
    list: {"count": lambda value, one: value.count(one), "index": lambda value, one: value.index(one)},
    dict: {
        "get": lambda value, key, default=None: value.get(key, default),
        "items": lambda value: [list(pair) for pair in value.items()],
        "keys": list,
        "values": lambda value: list(value.values()),
    },
}
