"""
The single gate: how does an event look when no secret is in it, and as one line of JSON?

Asked by :mod:`runner.record.stream` for every event, before anybody else sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import force_setattr, replace

from runner.environment.forms import Form
from runner.environment.redaction import Redactor
from runner.matching.verdict import Difference
from runner.record.events import Checked, Event, Exchanged, Logged, Notified, RunStarted, Saved, StepStarted, encode, encode_lines

__all__ = ["Gate"]

_MASK = "***"
_ANYTHING = frozenset({"parameters", "value", "body", "limits", "arguments"})
# Our own words: they come from us, never from outside.
_OURS = frozenset({"event", "n", "at", "outcome", "phase", "level", "cause", "ended", "type", "vendor", "code", "step", "stream"})
_LONELY_SURROGATE = re.compile("[\ud800-\udfff]")
_DEEPEST = 60


class Gate:
    """Lets events through."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        # what takes out of an event of this kind what stands under secret names; other kinds have no such place. (The event is ours from
        # here on, as the stream says, so it is changed in place.)
        self._clean: Mapping[type, Callable[[Any, str], Any]] = {
            StepStarted: self._named("parameters"),
            Exchanged: self._exchanged,
            Logged: self._logged,
            Notified: self._named("body"),
            RunStarted: self._named("arguments"),
            Saved: self._saved,
            Checked: self._checked,
        }

    def let_through(self, events: Sequence[Event]) -> tuple[list[Event], list[bytes]]:
        """
        *events* as they may be recorded, and the line of each (without an end).

        What stands under secret names is taken out first, and learned. Then the lines of one scenario are encoded and screened together,
        for all that is known by then; only where something is found are texts decoded, masked one by one and encoded again. Nothing is
        ever replaced inside encoded bytes.
        """
        passed = list(events)
        lines = [b""] * len(passed)
        for scope, places in self._cleaned(passed).items():
            its = [passed[place] for place in places]
            text = self._encoded(its, scope)
            told = text.split(b"\n")
            if self._redactor.screen(text, scope=scope):
                for number, event in enumerate(its):
                    its[number], told[number] = self._screened(event, told[number], scope)
            for place, event, line in zip(places, its, told, strict=False):
                passed[place], lines[place] = event, line
        return passed, lines

    def _cleaned(self, events: list[Event]) -> dict[str, list[int]]:
        """Takes out of *events* what stands under secret names; gives each scenario ("" for none) with the places of its events."""
        places: dict[str, list[int]] = {}
        cleaners = self._clean
        for place, event in enumerate(events):
            scope: str = getattr(event, "scenario", "")
            clean = cleaners.get(type(event))
            if clean is not None:
                try:
                    events[place] = clean(event, scope)
                except (ValueError, TypeError, RecursionError):
                    events[place] = clean(_writable(event), scope)
            if scope in places:
                places[scope].append(place)
            else:
                places[scope] = [place]
        return places

    def _encoded(self, events: list[Event], scope: str) -> bytes:
        """The lines of *events*, each with its end; one that JSON has no form for is replaced by what has."""
        try:
            return encode_lines(events)
        except (ValueError, TypeError, RecursionError):
            for number, event in enumerate(events):
                events[number] = self._as_json(event, scope)
            return encode_lines(events)

    def _as_json(self, event: Event, scope: str) -> Event:
        try:
            encode(event)
        except (ValueError, TypeError, RecursionError):
            event = _writable(event)
            clean = self._clean.get(type(event))
            return event if clean is None else clean(event, scope)
        return event

    def _screened(self, event: Event, line: bytes, scope: str) -> tuple[Event, bytes]:
        hits = self._redactor.screen(line, scope=scope)
        if not hits:
            return event, line
        event = self._masked(event, hits)
        return event, encode(event)

    def _named(self, field: str) -> Callable[[Any, str], Any]:
        """An event whose *field* holds whatever a tester or a vendor put there, without what stands under secret names."""

        def clean(event: Any, scope: str) -> Any:
            data = getattr(event, field)
            named = self._redactor.named(data, scope=scope) if data else data
            if named is not data:
                force_setattr(event, field, named)
            return event

        return clean

    def _exchanged(self, event: Exchanged, scope: str) -> Exchanged:
        redactor = self._redactor
        force_setattr(event, "url", redactor.url(event.url, scope=scope))
        force_setattr(event, "request_headers", redactor.headers(event.request_headers, scope=scope))
        force_setattr(event, "headers", redactor.headers(event.headers, scope=scope))
        if event.request_body:
            force_setattr(event, "request_body", redactor.body(event.request_body, scope=scope))
        if event.body:
            force_setattr(event, "body", redactor.body(event.body, scope=scope))
        return event

    def _logged(self, event: Logged, scope: str) -> Logged:
        """What others printed may be anything that could stand in a body."""
        if event.stream and event.message:
            force_setattr(event, "message", self._redactor.body(event.message, scope=scope))
        return event

    def _saved(self, event: Saved, scope: str) -> Saved:
        value = self._redactor.named_value(event.name, event.value, scope=scope)
        return event if value is event.value else replace(event, value=value)

    def _checked(self, event: Checked, _scope: str) -> Checked:
        if not event.differences:
            return event
        return replace(event, differences=[self._difference(difference) for difference in event.differences])

    def _difference(self, difference: Difference) -> Difference:
        """What was compared under a secret name is told only as different."""
        if not self._redactor.is_secret_place(difference.path):
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


def _writable(event: Event) -> Event:
    """An event that JSON has no form for (half a character, a value that contains itself), as near to it as can be written."""
    fields = {field: _writable_value(getattr(event, field), 0) for field in event.__struct_fields__}
    return type(event)(**fields)


def _writable_value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _LONELY_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {_writable_value(key, depth): _writable_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_writable_value(item, depth + 1) for item in value]
    if isinstance(value, msgspec.Struct):
        return type(value)(**{field: _writable_value(getattr(value, field), depth + 1) for field in value.__struct_fields__})
    return value if value is None or isinstance(value, (bool, int, float)) else _writable_value(str(value), depth)
