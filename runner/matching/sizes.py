"""
The matchers that put a value in an order: ``at_least``, ``at_most``, ``between``, ``close_to``, on numbers, durations and times.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from msgspec import Struct

from runner.clock import written
from runner.matching.comparison import BadMatcher, Comparison, Files
from runner.matching.kinds import length_of_time, moment, time_of_day
from runner.matching.showing import kind_of, show

__all__ = ["at_least", "at_most", "between", "close_to"]

_DAY = 86_400


class _Scale(Struct, frozen=True):
    """What can be put in order: ``position`` of a value on it, None when the value is not on it; ``name`` of what is wanted."""

    position: Callable[[Any], Any]
    name: str


def _as_number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _as_seconds(value: Any) -> float | None:
    number = _as_number(value)
    return number if number is not None else length_of_time(value)


def _as_time_of_day(value: Any) -> float | None:
    of_day = time_of_day(value)
    if of_day is None:
        point = moment(value)
        of_day = point.time() if point is not None else None
    return None if of_day is None else of_day.hour * 3600 + of_day.minute * 60 + of_day.second + of_day.microsecond / 1e6


_NUMBERS = _Scale(_as_number, "a number")
_SECONDS = _Scale(_as_seconds, "a number of seconds")
_TIMES = _Scale(_as_time_of_day, "a time")
_MOMENTS = _Scale(moment, "a timestamp")


def _scale_of(name: str, argument: Any) -> _Scale:
    if _as_number(argument) is not None:
        return _NUMBERS
    if length_of_time(argument) is not None:
        return _SECONDS
    if time_of_day(argument) is not None:
        return _TIMES
    if isinstance(argument, bool) or moment(argument) is None:
        what = show(argument, length=40)
        raise BadMatcher(f"`{name}` needs a number, a duration or a time, not {what}", f"write it like `{name}: 3` or `{name}: 2s`")
    return _MOMENTS


def _ordered(scale: _Scale, wanted: str, test: Callable[[Any], bool]) -> Comparison:
    def passes(got: Any) -> bool:
        at = scale.position(got)
        return at is not None and test(at)

    def hint(got: Any) -> str:
        return "" if scale.position(got) is not None else f"it is {kind_of(got)}, not {scale.name}"

    return Comparison(passes, wanted, hint, lambda got: scale.position(got) is not None)


def at_least(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    """As much as the limit, or more."""
    scale = _scale_of("at_least", argument)
    limit = scale.position(argument)
    return _ordered(scale, f"at least {_bare(argument)}", lambda at: bool(at >= limit))


def at_most(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    """As much as the limit, or less."""
    scale = _scale_of("at_most", argument)
    limit = scale.position(argument)
    return _ordered(scale, f"at most {_bare(argument)}", lambda at: bool(at <= limit))


def between(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    """From the first of two limits to the second, both included."""
    if not isinstance(argument, list | tuple) or len(argument) != 2:
        raise BadMatcher(f"`between` needs two values, not {show(argument, length=40)}", "write it like `between: [1, 9]`")
    low, high = argument
    scale = _scale_of("between", low)
    bounds = scale.position(low), scale.position(high)
    if bounds[1] is None:
        raise BadMatcher("`between` needs two values of one kind", "write it like `between: [1, 9]` or `between: [1s, 2 min]`")
    if bounds[0] > bounds[1]:
        raise BadMatcher(
            f"`between` has its values the wrong way round: {_bare(low)} is more than {_bare(high)}", "write the smaller one first"
        )
    return _ordered(scale, f"between {_bare(low)} and {_bare(high)}", lambda at: bool(bounds[0] <= at <= bounds[1]))


def close_to(argument: Any, within: Any, _files: Files | None) -> Comparison:
    """No further away than ``within``."""
    scale = _scale_of("close_to", argument)
    if within is None:
        raise BadMatcher("`close_to` needs `within`, which says how close", "write it like `close_to: 12:00, within: 5s`")
    distance = _as_seconds(within)
    if distance is None:
        raise BadMatcher(f"`within` needs a number or a duration, not {show(within, length=40)}", "write it like `within: 5s`")
    middle = scale.position(argument)
    told = within if isinstance(within, str) else written(distance) if isinstance(within, timedelta) else show(within)
    return _ordered(scale, f"{_bare(argument)}, give or take {told}", lambda at: _apart(scale, at, middle) <= distance)


def _apart(scale: _Scale, one: Any, other: Any) -> float:
    """How far two positions lie apart; times of day go round at midnight."""
    gap = one - other
    size = abs(gap.total_seconds()) if isinstance(gap, timedelta) else abs(float(gap))
    return min(size, _DAY - size) if scale is _TIMES else size


def _bare(value: Any) -> str:
    """As written, without quotes: durations and times read better so."""
    return value if isinstance(value, str) else written(value.total_seconds()) if isinstance(value, timedelta) else show(value)
