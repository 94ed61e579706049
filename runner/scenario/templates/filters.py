"""
The filters that expressions may use (``x | upper``): one table, nothing else can be reached.

Each is a small function of plain data. Secrets are laid open before and what comes of them is hidden after (:func:`applied`), so that
none of them knows about secrets; what can grow asks for the size of its result first. Where Jinja2 has a filter of the name, it does the
same.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from msgspec import Struct

from runner.scenario.templates.conditions import TESTS, need
from runner.scenario.templates.operations import part
from runner.scenario.templates.values import (
    LARGEST,
    Missing,
    NotPossible,
    TooLarge,
    as_json,
    hidden,
    joined,
    kind,
    limited,
    revealed,
    text,
    weigh,
)

__all__ = ["FILTERS", "Filter", "applied", "listed", "replaced"]


class Filter(Struct, frozen=True):
    """``call(value, *arguments, **options)``; ``takes`` is what it wants to be given, ``example`` how it is written."""

    call: Callable[..., Any]
    takes: str
    example: str


def applied(call: Callable[..., Any], value: Any, arguments: Iterable[Any], options: Mapping[str, Any]) -> Any:
    """What *call* makes of the value: secrets are laid open for it, and what comes of them is hidden again, but for a length."""
    (plain, *given), secret = revealed((value, *arguments))
    made = call(plain, *given, **options)
    return made if call is _length else hidden(made, secret)


def _on_text(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of str as a filter: numbers are taken as text."""

    def call(value: Any, *arguments: Any) -> Any:
        return method(text(need(value, str, int, float)), *arguments)

    return call


def _length(value: Any) -> int:
    return len(need(value, str, bytes, list, tuple, Mapping))


# numbers


def _int(value: Any, default: Any = None) -> Any:
    try:
        return int(need(value, str, int, float, bool))
    except (ValueError, OverflowError):
        return _float_as_int(value, default)


def _float_as_int(value: Any, default: Any) -> Any:
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return _instead("int", default)


def _float(value: Any, default: Any = None) -> Any:
    try:
        number = float(need(value, str, int, float, bool))
    except (ValueError, OverflowError):
        return _instead("float", default)
    return number if math.isfinite(number) else _instead("float", default)


def _instead(name: str, default: Any) -> Any:
    """What takes the place of a text that is no number. Jinja2 takes 0, which then holds in a check of what nobody has counted."""
    if default is None:
        raise NotPossible(f"`{name}` was given a text that is no number", hint=f"say what it then is: value | {name}(0)")
    return default


def _round(value: Any, precision: int = 0, method: str = "common") -> float:
    shift = 10.0 ** need(precision, int)
    number = need(value, int, float)
    by: dict[str, Callable[[], float]] = {
        "common": lambda: round(number, precision),
        "ceil": lambda: math.ceil(number * shift) / shift,
        "floor": lambda: math.floor(number * shift) / shift,
    }
    return by[method]()


# lists


def listed(value: Any) -> list[Any]:
    """The items of a list, the characters of a text, the keys of an object."""
    return list(need(value, list, tuple, str, Mapping))


def _join(value: Any, between: str = "", attribute: Any = None) -> Any:
    parts = listed(value) if attribute is None else _map(value, attribute=attribute)
    return joined(parts, text(between))


def _sort(value: Any, reverse: bool = False, case_sensitive: bool = False, attribute: Any = None) -> list[Any]:
    def key(one: Any) -> Any:
        one = one if attribute is None else _deep(one, attribute)
        return one if case_sensitive or not isinstance(one, str) else one.lower()

    return sorted(listed(value), key=key, reverse=bool(reverse))


def _unique(value: Any, case_sensitive: bool = False, attribute: Any = None) -> list[Any]:
    seen: set[Any] = set()
    kept = []
    for one in listed(value):
        mark = one if attribute is None else _deep(one, attribute)
        mark = mark.lower() if isinstance(mark, str) and not case_sensitive else mark
        mark = mark if isinstance(mark, str | int | float | bool | None) else (kind(mark), as_json(mark)[0])
        if mark not in seen:
            seen.add(mark)
            kept.append(one)
    return kept


def _map(value: Any, *names: Any, attribute: Any = None, default: Any = None) -> list[Any]:
    if attribute is None:
        return _each(_filter(names), listed(value), names[1:])
    kept = []
    for one in listed(value):
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
        items = listed(value)
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
    found = listed(value)
    if not found:
        raise Missing("it is empty")
    return found[position]


def _sum(value: Any, attribute: Any = None) -> Any:
    return sum(need(one if attribute is None else _deep(one, attribute), int, float) for one in listed(value))


# texts


def replaced(value: Any, old: Any, new: Any, count: int = -1) -> str:
    """The text with *old* replaced; the size of the result is known before it is made."""
    whole, old, new = text(need(value, str, int, float)), text(old), text(new)
    found = whole.count(old)
    if len(whole) + (found if count is None or count < 0 else min(found, count)) * (len(new) - len(old)) > LARGEST:
        raise TooLarge
    return str(whole.replace(old, new, -1 if count is None else count))


def _truncate(value: Any, length: int = 255, end: str = "…") -> str:
    whole = str(need(value, str))
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
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(need(value, str))
        return limited(moment.strftime(need(format, str)[:200]))
    except ValueError:
        raise NotPossible("`date` needs a time like 2030-01-02T09:00:00Z", hint="{{ now() | date('%d.%m.%Y') }}") from None


def _default(value: Any, default: Any = "", boolean: bool = False) -> Any:
    return default if boolean and not value else value


_TEXTS = "a text"

_LISTS = "a list or text"

_NUMBERS = "a number"

_ANY = "any value"

FILTERS: Mapping[str, Filter] = {
    "abs": Filter(lambda value: abs(need(value, int, float)), _NUMBERS, "-3 | abs"),
    "base64": Filter(lambda value: base64.b64encode(_bytes(value)).decode(), "text or bytes", "'user:password' | base64"),
    "capitalize": Filter(_on_text(str.capitalize), _TEXTS, "name | capitalize"),
    "count": Filter(_length, _LISTS, "items | count"),
    "d": Filter(_default, _ANY, "nickname | d('none')"),
    "date": Filter(_date, "a time", "now() | date('%d.%m.%Y')"),
    "default": Filter(_default, _ANY, "nickname | default('none')"),
    "e": Filter(lambda value: html.escape(text(value)), _TEXTS, "name | e"),
    "escape": Filter(lambda value: html.escape(text(value)), _TEXTS, "name | escape"),
    "first": Filter(_first, _LISTS, "items | first"),
    "float": Filter(_float, "text or a number", "'1.5' | float"),
    "int": Filter(_int, "text or a number", "'12' | int"),
    "items": Filter(lambda value: [list(pair) for pair in need(value, Mapping).items()], "an object", "headers | items"),
    "join": Filter(_join, "a list", "names | join(', ')"),
    "json": Filter(_json, _ANY, "order | json"),
    "last": Filter(lambda value: _first(value, -1), _LISTS, "items | last"),
    "length": Filter(_length, _LISTS, "items | length"),
    "list": Filter(listed, _LISTS, "'abc' | list"),
    "lower": Filter(_on_text(str.lower), _TEXTS, "name | lower"),
    "map": Filter(_map, "a list", "items | map(attribute='id')"),
    "max": Filter(lambda value: max(listed(value)), "a list", "[1, 2] | max"),
    "min": Filter(lambda value: min(listed(value)), "a list", "[1, 2] | min"),
    "reject": Filter(_chosen(wanted=False, by_attribute=False), "a list", "[1, 2] | reject('odd')"),
    "rejectattr": Filter(_chosen(wanted=False, by_attribute=True), "a list", "items | rejectattr('closed')"),
    "replace": Filter(replaced, _TEXTS, "subject | replace('a', 'b')"),
    "reverse": Filter(lambda value: value[::-1] if isinstance(value, str) else listed(value)[::-1], _LISTS, "items | reverse"),
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
