"""
A vendor whose API has changed overnight: its own answer, made a little different. Asked by :mod:`runner.simulation.sabotage`.

``drift=KIND[:NAME]``:

- ``missing-field`` – the first field of that name, wherever it is in the body, is left out; without a name the body's first field.
- ``unknown-field`` – the body has one more field, called so (``addedField``).
- ``wrong-type`` – the first field of that name holds true, or text where it held true or false; without a name the body's first field.
- ``status`` – the answer has this status (299).
- ``media-type`` – the body is said to be of this type (``application/x-changed+json``).

What a kind cannot be done to (a body that is no JSON, a field that is not there) stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

__all__ = ["DRIFTS", "Reply", "drifted"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is changed of an answer: its status, media type (with parameters) and body."""

    status: int
    media: str
    body: bytes


def drifted(reply: Reply, how: str) -> Reply:
    """*reply* as an API answers that has changed as *how* says."""
    kind, _, name = how.partition(":")
    return DRIFTS[kind](reply, name)


def _status(reply: Reply, name: str) -> Reply:
    return replace(reply, status=int(name or 299))


def _media_type(reply: Reply, name: str) -> Reply:
    return replace(reply, media=name or "application/x-changed+json") if reply.body else reply


def _missing_field(reply: Reply, name: str) -> Reply:
    def leave_out(holder: dict[str, Any], field: str) -> None:
        del holder[field]

    return _in_json(reply, name, leave_out)


def _wrong_type(reply: Reply, name: str) -> Reply:
    def change(holder: dict[str, Any], field: str) -> None:
        holder[field] = "changed" if isinstance(holder[field], bool) else True

    return _in_json(reply, name, change)


def _unknown_field(reply: Reply, name: str) -> Reply:
    def add(holder: dict[str, Any], _field: str) -> None:
        holder[name or "addedField"] = "added"

    return _in_json(reply, "", add)


# kind → what makes an answer so
DRIFTS: Mapping[str, Callable[[Reply, str], Reply]] = MappingProxyType(
    {
        "missing-field": _missing_field,
        "unknown-field": _unknown_field,
        "wrong-type": _wrong_type,
        "status": _status,
        "media-type": _media_type,
    }
)


def _in_json(reply: Reply, name: str, change: Callable[[dict[str, Any], str], None]) -> Reply:
    """*reply* after *change* was given the object that holds the field *name*, and that name."""
    if not reply.media.partition(";")[0].strip().lower().endswith("json"):
        return reply
    try:
        body = json.loads(reply.body)
    except ValueError:
        return reply
    holder, field = _holder(body, name)
    if holder is None:
        return reply
    change(holder, field)
    return replace(reply, body=json.dumps(body, ensure_ascii=False).encode())


def _holder(value: Any, name: str) -> tuple[dict[str, Any] | None, str]:
    """The first object, from the outside in, that has a field *name*; without a name the first that has any, and its first one."""
    waiting = [value]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, dict) and one and (not name or name in one):
            return one, name or next(iter(one))
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return None, ""
