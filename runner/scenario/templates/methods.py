"""
The methods that expressions may call on values (``name.strip()``, ``headers.get('x')``): one table, nothing else can be reached.

Missing on purpose: ``format`` and ``format_map`` (they read attributes), ``center``, ``ljust``, ``zfill`` (they make giants), and all that
change a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.scenario.templates.filters import listed, replaced
from runner.scenario.templates.values import joined

__all__ = ["METHODS"]


def _split(value: str, *arguments: Any) -> list[str]:
    return value.split(*arguments)


def _text_join(value: str, parts: Any) -> Any:
    return joined(listed(parts), value)


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
        "replace": replaced,
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
