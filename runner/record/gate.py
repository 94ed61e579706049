"""
The single gate: how does an event look when no secret is in it, and as one line of JSON?

Asked by :mod:`runner.record.stream` for every event, before anybody else sees it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from runner.environment.forms import Form
from runner.environment.redaction import Redactor
from runner.matching.verdict import Difference
from runner.record.events import Checked, Event, Notified, RunStarted, Saved, StepStarted, encode

__all__ = ["Gate"]

_MASK = "***"
# The field of an event that holds whatever a tester or a vendor put there.
_FREE: Mapping[type, str] = {StepStarted: "parameters", Notified: "body", RunStarted: "arguments"}
_NAMED = frozenset({*_FREE, Saved, Checked})
_ANYTHING = frozenset({"parameters", "value", "body", "limits", "arguments"})
# Our own words: they come from us, never from outside.
_OURS = frozenset({"event", "n", "at", "outcome", "phase", "level", "cause", "ended", "type", "vendor", "code", "step"})
_LONELY_SURROGATE = re.compile("[\ud800-\udfff]")
_DEEPEST = 60


class Gate:
    """Lets events through."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def let_through(self, events: Sequence[Event]) -> list[tuple[Event, bytes]]:
        """
        *events* as they may be recorded, each with its line (without an end).

        What stands under secret names is taken out first, and learned. Then the lines of one scenario are screened together, for all
        that is known by then; only where something is found are texts decoded, masked one by one and encoded again. Nothing is ever
        replaced inside encoded bytes.
        """
        passed = [self._encoded(event) for event in events]
        for scope, places in _by_scope(events).items():
            together = passed[places[0]][1] if len(places) == 1 else b"\n".join([passed[place][1] for place in places])
            if self._redactor.screen(together, scope=scope):
                for place in places:
                    passed[place] = self._screened(*passed[place], scope)
        return passed

    def _encoded(self, event: Event) -> tuple[Event, bytes]:
        try:
            if type(event) in _NAMED:
                event = self._by_name(event, getattr(event, "scenario", ""))
            return event, encode(event)
        except (ValueError, TypeError, RecursionError):
            event = self._by_name(_writable(event), getattr(event, "scenario", ""))
            return event, encode(event)

    def _screened(self, event: Event, line: bytes, scope: str) -> tuple[Event, bytes]:
        hits = self._redactor.screen(line, scope=scope)
        if not hits:
            return event, line
        event = self._masked(event, hits)
        return event, encode(event)

    def _by_name(self, event: Event, scope: str) -> Event:
        kind = type(event)
        free = _FREE.get(kind)
        if free is not None:
            return self._named(event, free, scope)
        if isinstance(event, Saved):
            value = self._redactor.named({event.name: event.value}, scope=scope)[event.name]
            return event if value is event.value else replace(event, value=value)
        if isinstance(event, Checked) and event.differences:
            return replace(event, differences=[self._difference(difference) for difference in event.differences])
        return event

    def _named(self, event: Event, field: str, scope: str) -> Event:
        data = getattr(event, field)
        named = self._redactor.named(data, scope=scope) if data else data
        return event if named is data else replace(event, **{field: named})

    def _difference(self, difference: Difference) -> Difference:
        """What was compared under a secret name is told only as different."""
        name = re.sub(r"\[[^\]]*\]$", "", difference.path).rpartition(".")[2]
        if not self._redactor.is_secret_name(name):
            return difference
        return replace(difference, expected=_MASK, got=_MASK, hint="")

    def _masked(self, event: Event, hits: Sequence[Form]) -> Event:
        data: dict[str, Any] = msgspec.to_builtins(event, enc_hook=str, str_keys=True)
        for field, value in data.items():
            if field not in _OURS and isinstance(value, (str, dict, list)):
                data[field] = self._redactor.mask(value, hits, numbers=field in _ANYTHING and not isinstance(value, str))
            elif field in _ANYTHING:
                data[field] = self._redactor.mask(value, hits)
        return msgspec.convert(data, type(event))


def _by_scope(events: Sequence[Event]) -> dict[str, list[int]]:
    """Scenario ("" for none) → the places of its events in *events*."""
    places: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        places.setdefault(getattr(event, "scenario", ""), []).append(place)
    return places


def _writable(event: Event) -> Event:
    """An event that JSON has no form for (half a character, a value that contains itself), as near to it as can be written."""
    fields = {field: _writable_value(getattr(event, field), 0) for field in event.__struct_fields__}
    return type(event)(**fields)


def _writable_value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _LONELY_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {_writable_value(key, depth): _writable_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_writable_value(item, depth + 1) for item in value]
    if isinstance(value, msgspec.Struct):
        return type(value)(**{field: _writable_value(getattr(value, field), depth + 1) for field in value.__struct_fields__})
    return value if value is None or isinstance(value, (bool, int, float)) else _writable_value(str(value), depth)
