"""
The kinds of value that ``is`` can ask for: text, number, uuid, timestamp … one small function each, in one table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from runner.clock import Duration

__all__ = ["KINDS", "length_of_time", "moment", "time_of_day"]

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^@\s<>(),;:\"\[\]]{1,64}@[^@\s<>(),;:\"\[\]]{1,255}")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#]+[^\s]*")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
_MILLISECONDS_FROM = 100_000_000_000


def _text(got: Any) -> bool:
    return isinstance(got, str)


def _number(got: Any) -> bool:
    return isinstance(got, int | float) and not isinstance(got, bool)


def _whole_number(got: Any) -> bool:
    return _number(got) and (isinstance(got, int) or got.is_integer())


def _boolean(got: Any) -> bool:
    return isinstance(got, bool)


def _list(got: Any) -> bool:
    return isinstance(got, list | tuple)


def _object(got: Any) -> bool:
    return isinstance(got, Mapping)


def _nothing(got: Any) -> bool:
    return got is None


def _uuid(got: Any) -> bool:
    return isinstance(got, str) and _UUID.fullmatch(got) is not None


def _email(got: Any) -> bool:
    return isinstance(got, str) and _EMAIL.fullmatch(got) is not None


def _url(got: Any) -> bool:
    return isinstance(got, str) and _URL.fullmatch(got) is not None


def _timestamp(got: Any) -> bool:
    return isinstance(got, str | datetime) and moment(got) is not None


# What `is` may ask for → the test.
KINDS: dict[str, Callable[[Any], bool]] = {
    "text": _text,
    "number": _number,
    "whole_number": _whole_number,
    "boolean": _boolean,
    "list": _list,
    "object": _object,
    "nothing": _nothing,
    "uuid": _uuid,
    "email": _email,
    "url": _url,
    "timestamp": _timestamp,
}


def moment(value: Any) -> datetime | None:
    """
    A point in time: ISO 8601 in any of its forms (``20300102T090000Z`` too), a mail's ``Date`` header, or (milli)seconds since 1970.

    Without an offset it counts as UTC. None when it is none of these.
    """
    if isinstance(value, datetime):
        return _with_offset(value)
    if _number(value):
        return _since_1970(value)
    if not isinstance(value, str) or not 8 <= len(value) <= 60:
        return None
    try:
        return _with_offset(datetime.fromisoformat(value))
    except ValueError:
        return _mail_date(value)


def _mail_date(value: str) -> datetime | None:
    if "," not in value[:4] and not value[:2].strip().isdigit():
        return None
    from email.utils import parsedate_to_datetime  # only a Date header needs it, and it is slow to import

    try:
        return _with_offset(parsedate_to_datetime(value))
    except (ValueError, IndexError, TypeError):
        return None


def _since_1970(value: float) -> datetime | None:
    seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _with_offset(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def length_of_time(value: Any) -> float | None:
    """Seconds of ``2s``, ``1 min``, ``250ms``, or None."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if not isinstance(value, str) or not value[:1].isdigit():
        return None
    try:
        return Duration.parse(value).total_seconds()
    except ValueError:
        return None


def time_of_day(value: Any) -> time | None:
    """``12:00`` or ``9:05:30``, or None."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2]), int(found[3] or 0))
