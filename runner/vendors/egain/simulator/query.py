"""
Query parameters: which an operation allows, pages, ranges, order, attributes, date ranges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import Struct

from runner.vendors.egain.simulator.errors import WsError

__all__ = ["Page", "attributes", "checked", "date_range", "moment", "ordered", "page_of"]

T = TypeVar("T")

PAGING = ("$pagenum", "$pagesize", "$rangestart", "$rangesize")
ORDERING = ("$sort", "$order")
_LARGEST = 75
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")


def checked(pairs: Iterable[tuple[str, str]], allowed: Sequence[str]) -> dict[str, str]:
    """
    The query as a mapping. An entry of *allowed* that ends with ``.`` allows every name that begins with it (``custom.``).

    Raises: ``WsError`` 400-101 – parameters that the operation does not list; 400-102 – one given twice.
    """
    given: dict[str, str] = {}
    unknown: list[str] = []
    for name, value in pairs:
        if name in allowed or any(a.endswith(".") and name.startswith(a) and name != a for a in allowed):
            if name in given:
                raise WsError(400, "102", f"query parameter {name} is given twice", details=(("parameter", name),))
            given[name] = value
        else:
            unknown.append(name)
    if unknown:
        details = tuple(("parameter", name) for name in unknown)
        raise WsError(400, "101", f"unsupported query parameters: {', '.join(unknown)}", details=details)
    return given


class Page(Struct, frozen=True):
    """A slice of what was found: ``number`` is the page, or the place of the first one in a range."""

    start: int
    size: int
    number: int

    def cut(self, items: Sequence[T]) -> Sequence[T]:
        """The items on it."""
        return items[self.start : self.start + self.size]


def page_of(query: Mapping[str, str]) -> Page:
    """
    The page or range that is wanted; page 1 of 25 by default.

    Raises: ``WsError`` – not a positive whole number, larger than 75, or both kinds mixed.
    """
    pages, ranges = "$pagenum" in query or "$pagesize" in query, "$rangestart" in query or "$rangesize" in query
    if pages and ranges:
        raise WsError(400, "102", "page and range parameters cannot be mixed")
    first, size = ("$rangestart", "$rangesize") if ranges else ("$pagenum", "$pagesize")
    number, many = _positive(query, first, 1), _positive(query, size, 25)
    if many > _LARGEST:
        raise WsError(400, "102", f"{size} is at most {_LARGEST}", details=(("parameter", size),))
    return Page(number - 1 if ranges else (number - 1) * many, many, number)


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise WsError(400, "105", f"{name} must be a positive integer", details=(("parameter", name),))
    return int(text)


def ordered(items: list[T], query: Mapping[str, str], keys: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """
    The items in the wanted order.

    Raises: ``WsError`` – order without sort, an attribute that cannot be sorted by, or another order than asc and desc.
    """
    order = query.get("$order", "asc")
    if "$sort" not in query:
        if "$order" in query:
            raise WsError(400, "112", "$order needs $sort", details=(("parameter", "$sort"),))
        return items
    _one_of("$sort", query["$sort"], keys)
    _one_of("$order", order, ("asc", "desc"))
    return sorted(items, key=keys[query["$sort"]], reverse=order == "desc")


def _one_of(name: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise WsError(400, "102", f"{name} cannot be {value!r}", details=(("parameter", name), ("allowed", ", ".join(allowed))))


def attributes(query: Mapping[str, str], known: Iterable[str], *, required: bool = False) -> frozenset[str]:
    """
    The attributes that are wanted beside the summary; ``all`` gives every known one.

    Raises: ``WsError`` – an unknown one, or none where one is required.
    """
    given = query.get("$attribute")
    if given is None:
        if required:
            raise WsError(400, "112", "$attribute is required", details=(("parameter", "$attribute"),))
        return frozenset()
    every = frozenset(known)
    names = {name.strip() for name in given.split(",")}
    for name in sorted(names - {"all"}):
        _one_of("$attribute", name, sorted(every))
    return every if "all" in names else frozenset(names)


def moment(text: str) -> datetime | None:
    """``2031-05-04T09:30:00.000Z`` (the milliseconds may be missing), or None when it is not of that form."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def date_range(name: str, text: str) -> Callable[[datetime | None], bool]:
    """
    Whether a moment lies in ``[start,end]``, both included; one end may be open.

    Raises: ``WsError`` 400-102.
    """
    wrong = WsError(400, "102", f"{name} must be [start,end], [start,] or [,end] in ISO 8601 UTC", details=(("parameter", name),))
    first, comma, last = text[1:-1].partition(",")
    if text[:1] != "[" or text[-1:] != "]" or not comma or not (first or last):
        raise wrong
    start, end = (moment(part.strip()) if part.strip() else None for part in (first, last))
    if (first.strip() and start is None) or (last.strip() and end is None):
        raise wrong
    return lambda at: at is not None and (start is None or at >= start) and (end is None or at <= end)
