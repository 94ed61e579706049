"""
The matchers that compare one value with a given one: ``contains``, ``at_least``, ``is`` … one small function each, in one table.

Each takes the matcher's argument once, when the file is checked, and gives a :class:`Comparison`. The matchers that hold other expectations
(``each``, ``not``, ``any_of`` …) stand in :mod:`runner.matching.shapes`. Called by :mod:`runner.matching.compile`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, Protocol

from msgspec import Struct

from runner.clock import written
from runner.errors import RunnerError, nearest
from runner.matching.kinds import KINDS, length_of_time, moment, time_of_day
from runner.matching.patterns import LONGEST, compile_pattern
from runner.matching.showing import differs_at, kind_of, show, why_unequal

__all__ = ["MATCHERS", "BadMatcher", "Comparison", "Files", "same"]

_DAY = 86_400


class BadMatcher(RunnerError):
    """A matcher was given something it cannot work with; ``hint`` says how to write it."""

    code = "E230"

    def __init__(self, message: str, hint: str = "", *, key: str | None = None) -> None:
        super().__init__(message, hint=hint)
        # the key that is wrong, when it is not the matcher's own
        self.key = key


class Files(Protocol):
    """The files of the project, for matchers that compare with one."""

    def check(self, path: str) -> None:
        """Raise a RunnerError that says what is wrong when *path* is no readable file of the project."""
        ...

    def read(self, path: str) -> bytes:
        """Its bytes; raises as :meth:`check` does."""
        ...


def _no_hint(_got: Any) -> str:
    return ""


class Comparison(Struct, frozen=True):
    """A matcher with its argument: the test, how to say what is wanted (``at least 3``), and what helps when the test says no."""

    passes: Callable[[Any], bool]
    expected: str
    hint: Callable[[Any], str] = _no_hint


# How a matcher is made: from its argument, the `within` beside it (None: there is none), and the files.
Maker = Callable[[Any, Any, "Files | None"], Comparison]


# ── equality ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def same(expected: Any, got: Any) -> bool:
    """Equal as JSON means it: ``1`` is ``1.0`` and neither is ``true`` or ``"1"``; objects and lists in whole."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and expected.keys() == got.keys() and all(same(v, got[k]) for k, v in expected.items())
    if isinstance(expected, list | tuple):
        return isinstance(got, list | tuple) and len(expected) == len(got) and all(map(same, expected, got))
    return bool(expected == got)


def _equals(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    return Comparison(lambda got: same(argument, got), show(argument), lambda got: why_unequal(argument, got))


# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _matches(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    text = _wanted_text("matches", argument, "Order [0-9]+")
    try:
        pattern = compile_pattern(text)
    except ValueError as exc:
        raise BadMatcher(str(exc), "write it simpler, or use `contains`") from None

    def passes(got: Any) -> bool:
        return isinstance(got, str) and len(got) <= LONGEST and pattern.search(got) is not None

    def hint(got: Any) -> str:
        if isinstance(got, str) and len(got) > LONGEST:
            return f"the text has {len(got)} characters, too long to search; use `contains`"
        if isinstance(got, str) and _search_any_case(text, got):
            return "only capital letters differ; write (?i) at the beginning to overlook them"
        return _not_text(got)

    return Comparison(passes, f"text that matches {text}", hint)


def _search_any_case(text: str, got: str) -> bool:
    try:
        return compile_pattern(f"(?i){text}").search(got) is not None
    except ValueError:
        return False


def _starts_with(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    text = _wanted_text("starts_with", argument, "Re:")
    return Comparison(
        lambda got: isinstance(got, str) and got.startswith(text),
        f"text that starts with {show(text)}",
        lambda got: differs_at(text, got[: len(text)]) if isinstance(got, str) else _not_text(got),
    )


def _ends_with(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    text = _wanted_text("ends_with", argument, ".pdf")
    return Comparison(lambda got: isinstance(got, str) and got.endswith(text), f"text that ends with {show(text)}", _not_text)


def _wanted_text(name: str, argument: Any, example: str) -> str:
    if not isinstance(argument, str):
        raise BadMatcher(
            f"`{name}` needs a text, not {kind_of(argument)}", f'write `{name}: "{argument if not _nested(argument) else example}"`'
        )
    if not argument:
        raise BadMatcher(f"`{name}` needs a text that is not empty", f'write `{name}: "{example}"`')
    return argument


def _not_text(got: Any) -> str:
    return "" if isinstance(got, str) else f"it is {kind_of(got)}, not text"


def _nested(value: Any) -> bool:
    return value is None or isinstance(value, dict | list)


# ── size ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


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

    return Comparison(passes, wanted, hint)


def _at_least(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    scale = _scale_of("at_least", argument)
    limit = scale.position(argument)
    return _ordered(scale, f"at least {_bare(argument)}", lambda at: bool(at >= limit))


def _at_most(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    scale = _scale_of("at_most", argument)
    limit = scale.position(argument)
    return _ordered(scale, f"at most {_bare(argument)}", lambda at: bool(at <= limit))


def _between(argument: Any, _within: Any, _files: Files | None) -> Comparison:
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


def _close_to(argument: Any, within: Any, _files: Files | None) -> Comparison:
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


# ── kind ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _is(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    names = argument if isinstance(argument, list | tuple) and argument else [argument]
    for name in names:
        if not isinstance(name, str) or name not in KINDS:
            close = _CALLED_OTHERWISE.get(str(name).lower()) or nearest(str(name), KINDS)
            every = ", ".join(KINDS)
            raise BadMatcher(f"`is` does not know {show(name, length=40)}", f"write `is: {close}`" if close else f"write one of {every}")
    tests = [KINDS[name] for name in names]
    told = " or ".join(_ARTICLES.get(name, f"a {name}") for name in names)
    return Comparison(lambda got: any(test(got) for test in tests), told, lambda got: f"it is {kind_of(got)}")


# What the kinds are called elsewhere.
_CALLED_OTHERWISE = {
    **dict.fromkeys(("string", "str", "char", "varchar"), "text"),
    **dict.fromkeys(("integer", "int", "long"), "whole_number"),
    **dict.fromkeys(("float", "double", "decimal", "numeric"), "number"),
    **dict.fromkeys(("bool", "yes", "no"), "boolean"),
    **dict.fromkeys(("array", "sequence"), "list"),
    **dict.fromkeys(("dict", "map", "hash", "record"), "object"),
    **dict.fromkeys(("null", "none", "nil", "empty"), "nothing"),
    **dict.fromkeys(("date", "time", "datetime", "date_time"), "timestamp"),
    **dict.fromkeys(("mail", "e-mail", "e_mail", "address"), "email"),
    **dict.fromkeys(("uri", "link"), "url"),
    "guid": "uuid",
}
_ARTICLES = {
    "text": "text",
    "whole_number": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "nothing": "nothing",
    "email": "an e-mail address",
    "uuid": "a UUID",
    "url": "a URL",
}


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _same_as_file(argument: Any, _within: Any, files: Files | None) -> Comparison:
    path = _wanted_text("same_as_file", argument, "files/invoice.pdf")
    reader = _checked(path, files)
    cache: list[bytes] = []

    def content() -> bytes:
        if not cache:
            cache.append(reader.read(path))
        return cache[0]

    def hint(got: Any) -> str:
        wanted = content()
        if isinstance(got, Mapping):
            return f"the file has {len(wanted)} bytes and the SHA-256 {sha256(wanted).hexdigest()}"
        if isinstance(got, str) and got.encode(errors="replace").replace(b"\r\n", b"\n") == wanted.replace(b"\r\n", b"\n"):
            return "only the line ends differ"
        size = len(got.encode(errors="replace")) if isinstance(got, str) else len(got) if isinstance(got, bytes) else None
        return _not_text(got) if size is None else f"the file has {len(wanted)} bytes, the answer {size}"

    return Comparison(lambda got: _same_bytes(content(), got), f"the same as {path}", hint)


def _same_bytes(wanted: bytes, got: Any) -> bool:
    """Whether *got* is *wanted*: as bytes, as text in UTF-8, as a SHA-256 in hex, or as an output that has one."""
    if isinstance(got, Mapping):
        hashed = got.get("sha256")
        return isinstance(hashed, str) and hashed.lower() == sha256(wanted).hexdigest()
    if isinstance(got, bytes):
        return got == wanted
    if not isinstance(got, str):
        return False
    return got.encode(errors="replace") == wanted or (len(got) == 64 and got.lower() == sha256(wanted).hexdigest())


def _schema(argument: Any, _within: Any, files: Files | None) -> Comparison:
    if isinstance(argument, Mapping):
        validator: list[Any] = [_validator(argument, "the schema")]
        return Comparison(lambda got: bool(validator[0].is_valid(got)), "data that fits the schema", lambda got: _misfit(validator[0], got))
    path = _wanted_text("schema", argument, "files/mail.schema.json")
    reader = _checked(path, files)
    validator = []

    def ready() -> Any:
        if not validator:
            validator.append(_validator(_json(reader.read(path), path), path))
        return validator[0]

    return Comparison(lambda got: bool(ready().is_valid(got)), f"data that fits {path}", lambda got: _misfit(ready(), got))


def _json(content: bytes, path: str) -> Any:
    try:
        return json.loads(content)
    except ValueError as exc:
        raise BadMatcher(f"{path} is not JSON: {exc}", "name a file with a JSON Schema in it") from None


def _validator(document: Any, name: str) -> Any:
    """A validator of a JSON Schema; nothing is ever fetched for a ``$ref``."""
    from jsonschema import validators  # slow to import, and few checks need it
    from jsonschema.exceptions import SchemaError
    from referencing import Registry

    if not isinstance(document, dict):
        raise BadMatcher(f"{name} is not a JSON Schema")
    kind = validators.validator_for(document, default=validators.validator_for({}))
    try:
        kind.check_schema(document)
    except SchemaError as exc:
        raise BadMatcher(f"{name} is not a JSON Schema: {exc.message[:160]}") from None
    return kind(document, registry=Registry())


def _misfit(validator: Any, got: Any) -> str:
    from jsonschema.exceptions import best_match

    error = best_match(validator.iter_errors(got))
    return "" if error is None else f"{error.json_path.removeprefix('$').lstrip('.') or 'it'}: {error.message[:160]}"


def _checked(path: str, files: Files | None) -> Files:
    if files is None:
        raise BadMatcher(f"{path} cannot be read here")
    files.check(path)
    return files


# The matchers that compare with a value, by the name they have in files.
MATCHERS: dict[str, Maker] = {
    "equals": _equals,
    "matches": _matches,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "at_least": _at_least,
    "at_most": _at_most,
    "between": _between,
    "close_to": _close_to,
    "is": _is,
    "same_as_file": _same_as_file,
    "schema": _schema,
}
