"""
How a value is found in an output: selectors like ``body.items[0].id``, ``attachments[-1].name``, ``headers.content-type``, ``['a b'].c``.

Used by ``save`` and by the keys of ``expect``. A selector is compiled once to a function of the data; what is not there is :data:`ABSENT`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from runner.errors import nearest

__all__ = ["ABSENT", "Absent", "BadPath", "Getter", "compile_holder", "compile_path", "find", "lookup", "missing_hint", "parts_of"]

Getter = Callable[[Any], Any]
Part = str | int

_PART = re.compile(
    r"""
    \.? (?P<name> [^.\[\]'"\s]+ )                                   # .name
    | \[ \s* (?P<index> -?\d+ ) \s* \]                              # [0], [-1]
    | \[ \s* (?: '(?P<single>[^']*)' | "(?P<double>[^"]*)" ) \s* \] # ['a b']
    """,
    re.VERBOSE,
)
_HEADERS = "headers"


class Absent:
    """The kind of :data:`ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "absent"

    def __bool__(self) -> bool:
        return False


# What a selector gives when there is nothing at its end. Not None: an answer may well say "nothing" in so many words.
ABSENT: Final = Absent()


class BadPath(ValueError):
    """A selector that cannot be read; ``position`` is the character at which it goes wrong, from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@lru_cache(maxsize=4096)
def parts_of(path: str) -> tuple[Part, ...]:
    """
    ``body.items[0].id`` → ``("body", "items", 0, "id")``.

    Raises: ``BadPath`` – it is empty, or has a stray dot or bracket.
    """
    parts: list[Part] = []
    at = 0
    while at < len(path):
        found = _PART.match(path, at)
        if found is None or (at == 0 and path[0] == ".") or (at and found["name"] is not None and path[at] != "."):
            raise BadPath(f"`{path}` cannot be read from character {at + 1} on; write it like body.items[0].id", at)
        at = found.end()
        parts.append(_part(found))
    if not parts:
        raise BadPath("a path is empty; write it like body.items[0].id", 0)
    return tuple(parts)


def _part(found: re.Match[str]) -> Part:
    if found["index"] is not None:
        return int(found["index"])
    return next(text for text in (found["name"], found["single"], found["double"]) if text is not None)


@lru_cache(maxsize=4096)
def compile_path(path: str) -> Getter:
    """A function of the data that gives the value at *path*, or :data:`ABSENT`; raises as :func:`parts_of` does."""
    parts = parts_of(path)
    if all(isinstance(part, str) and not part.isdigit() for part in parts) and _HEADERS not in parts[:-1]:
        return _by_names(*(str(part) for part in parts))
    return _step_by_step(parts)


@lru_cache(maxsize=4096)
def compile_holder(path: str) -> Getter:
    """A function of the data that gives what the last part of *path* is looked for in, or :data:`ABSENT`; raises as :func:`parts_of`."""
    return _step_by_step(parts_of(path)[:-1])


def _by_names(*names: str) -> Getter:
    """The quick way for fields of objects in objects."""
    first, rest = names[0], names[1:]
    if not rest:
        return _one(first)
    if len(rest) == 1:
        return _two(first, rest[0])
    return _many(names)


def _one(name: str) -> Getter:
    def get(data: Any) -> Any:
        try:
            return data[name]
        except (KeyError, TypeError):
            return ABSENT

    return get


def _two(name: str, inner: str) -> Getter:
    def get(data: Any) -> Any:
        try:
            return data[name][inner]
        except (KeyError, TypeError):
            return ABSENT

    return get


def _many(names: Sequence[str]) -> Getter:
    def get(data: Any) -> Any:
        try:
            for name in names:
                data = data[name]
        except (KeyError, TypeError):
            return ABSENT
        return data

    return get


def _step_by_step(parts: Sequence[Part]) -> Getter:
    def get(data: Any) -> Any:
        before: Part = ""
        for part in parts:
            data = lookup(data, part, any_case=before == _HEADERS)
            if data is ABSENT:
                return ABSENT
            before = part
        return data

    return get


def lookup(data: Any, part: Part, *, any_case: bool = False) -> Any:
    """One step: the field or item *part* of *data*, or :data:`ABSENT`; with *any_case*, capitals in field names do not matter."""
    if isinstance(data, list | tuple):
        return _item(data, part)
    if not isinstance(data, Mapping):
        return ABSENT
    name = str(part)
    if name in data:
        return data[name]
    if any_case:
        wanted = name.lower()
        return next((value for key, value in data.items() if key.lower() == wanted), ABSENT)
    return ABSENT


def _item(data: Sequence[Any], part: Part) -> Any:
    if isinstance(part, str):
        if not part.isdigit():
            return ABSENT
        part = int(part)
    return data[part] if -len(data) <= part < len(data) else ABSENT


def find(path: str, data: Any) -> Any:
    """The value at *path* in *data*, or :data:`ABSENT`; raises as :func:`parts_of` does."""
    return compile_path(path)(data)


def missing_hint(data: Any, name: str) -> str:
    """What helps when *data* has no field *name*: the nearest one, or which there are."""
    if isinstance(data, list | tuple):
        return f"the list has {len(data)} {'item' if len(data) == 1 else 'items'}"
    if not isinstance(data, Mapping) or not data:
        return ""
    close = nearest(name, [str(key) for key in data])
    if close is not None:
        return f"there is `{close}`"
    there = [str(key) for key in data]
    more = f" and {len(there) - 8} more" if len(there) > 8 else ""
    return f"there is only {', '.join(there[:8])}{more}"
