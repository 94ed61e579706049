"""
What stands beside a step: ``save``, ``expect``, ``when``, ``repeat`` … one small function each, in one table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from runner.clock import Duration
from runner.errors import nearest
from runner.matching.recognise import is_matcher
from runner.scenario.expectations import check_field, compiled_check, known_fields
from runner.scenario.foreseen import foreseen
from runner.scenario.language import Modifiers, RefusedRecord, RepeatRecord, RetryRecord, read_kind
from runner.scenario.model import ForEach, Refusal, Repeat, Retry, Save
from runner.scenario.reading import Reading, is_empty, language_shape
from runner.scenario.shapes.shape import Owner, Record, Spots, has_template
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence, plain

__all__ = ["MODIFIERS", "Beside", "actor_name", "read_modifiers"]

_OWNER = Owner("this step", "key", "E208", "E209", "E209")


class Beside(msgspec.Struct, frozen=True):
    """
    The step that modifiers stand beside: its word, the fields that its output can have (None: any), and what the vendors' outputs are
    like, as far as that is known.
    """

    word: str
    fields: frozenset[str] | None
    outputs: tuple[Record, ...] = ()

    @classmethod
    def of(cls, word: str, outputs: tuple[Record, ...]) -> Beside:
        """A vendors' word."""
        return cls(word, frozenset().union(*(record.fields for record in outputs)) if outputs else None, outputs)


Reader = Callable[[Scalar, Node, Beside, Reading], dict[str, Any]]


def read_modifiers(entries: list[tuple[str, Scalar, Node]], beside: Beside, reading: Reading) -> dict[str, Any]:
    """The attributes of a ``model.Step`` that the modifiers give."""
    found: dict[str, Any] = {}
    for name, key, node in entries:
        found |= MODIFIERS[name](key, node, beside, reading)
    _contradictions(entries, reading)
    return found


def _contradictions(entries: list[tuple[str, Scalar, Node]], reading: Reading) -> None:
    keys = {name: key for name, key, _ in entries}
    for other in ("save", "expect"):
        if "refused" in keys and other in keys:
            reading.tell(
                "E213",
                f"`{other}` and `refused` exclude one another",
                keys[other].span,
                label="a refusal gives no output",
                hint="remove one of them; what the vendor says goes into `refused: {message: …}`",
            )


def _owner(name: str) -> Owner:
    return Owner(name, "key", "E208", "E209", "E209")


def _text(key: Scalar, node: Node, reading: Reading, example: str) -> Scalar | None:
    """*node* when it is a single value with something in it."""
    if isinstance(node, Scalar) and not is_empty(node) and node.raw.strip():
        return node
    what = "has no value" if is_empty(node) or isinstance(node, Scalar) else "must be text"
    reading.tell("E209", f"`{key.raw}` {what}", node.span, hint=f"write it like `{key.raw}: {example}`")
    return None


def _name(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    text = _text(key, node, reading, "Answer the customer")
    return {} if text is None else {"name": reading.value(text.as_text())}


def actor_name(key: Scalar, node: Node, reading: Reading) -> dict[str, Any]:
    """``as``: the actor and where it stands."""
    text = _text(key, node, reading, "agent")
    if text is None:
        return {}
    if has_template(text.raw):
        reading.tell(
            "E209", "an actor cannot come out of a template", text.span, label="must be known beforehand", hint="write `as: agent`"
        )
        return {}
    return {"actor": text.raw, "actor_span": text.span}


def _as(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    return actor_name(key, node, reading)


def _save(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    if isinstance(node, Mapping) and len(node):
        return {"save": tuple(s for name, place, path in node.items() for s in _save_part(place, path, beside, reading))}
    text = _text(key, node, reading, "mail")
    if text is None or not reading.new_name(text, what="a saved output"):
        return {}
    return {"save": (Save(text.raw, "", text.span),)}


def _save_part(name: Scalar, path: Node, beside: Beside, reading: Reading) -> list[Save]:
    text = _text(name, path, reading, "id")
    if not reading.new_name(name, what="a saved output") or text is None:
        return []
    check_field(text, beside.fields, beside.word, reading, beside.outputs)
    return [Save(name.raw, text.raw, text.span)]


def _expect(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    if is_empty(node) or (isinstance(node, Mapping) and not len(node)):
        reading.tell("E209", "`expect` has no value", node.span, hint="write it like `expect: {status: sent}`")
        return {}
    if isinstance(node, Scalar) and beside.fields is not None and not has_template(node.raw):
        field = "status" if "status" in beside.fields else next(iter(sorted(beside.fields - {"answer"})), "answer")
        hint = f"write it like `expect: {{{field}: {node.raw}}}`"
        reading.tell(
            "E209", f"`{beside.word}` gives names with values, never `{node.raw}` alone", node.span, label="of which one?", hint=hint
        )
        return {}
    before = len(reading.diagnostics)
    known_fields(node, beside.fields, beside.word, reading)
    if isinstance(node, Mapping) and not is_matcher(node.entries):
        node, never = foreseen(node, beside.outputs, beside.word)
        reading.diagnostics += never
    return {"expect": compiled_check(node, reading)} if len(reading.diagnostics) == before else {}


def _refused(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    if isinstance(node, Scalar):
        if node.value is True:
            return {"refused": Refusal(None, None, node.span)}
        return {"refused": Refusal(_reason(key, node, reading), None, node.span)}
    if not isinstance(node, Mapping):
        reading.tell("E209", "`refused` must be a reason", node.span, hint="write it like `refused: forbidden`")
        return {}
    if reading.fitted(_LooseRefusal, node, _owner("refused"), key) is None:
        return {}
    reason = node.get("reason")
    wanted = None if reason is None else _reason(key, reason, reading)
    rest = Mapping(node.source, node.line, node.column)
    rest.keys = node.keys
    rest.entries = {name: child for name, child in node.entries.items() if name != "reason"}
    return {"refused": Refusal(wanted, compiled_check(rest, reading) if len(rest) else None, node.span)}


class _LooseRefusal(RefusedRecord, frozen=True):
    """Everything in it may have templates, but for the reason, which is looked at by itself."""

    reason: Any = None


def _reason(key: Scalar, node: Node, reading: Reading) -> str | None:
    text = _text(key, node, reading, "forbidden")
    reasons = reading.vocabulary.reasons
    if text is None or text.raw in reasons:
        return None if text is None else text.raw
    close = nearest(text.raw, reasons)
    reading.tell(
        "E209",
        f"`{text.raw}` is no reason for a refusal",
        text.span,
        label=f"did you mean `{close}`?" if close else "",
        hint=f"write `{close}`" if close else "write one of the reasons below, or the vendor's words as `refused: {message: …}`",
        notes=(f"reasons: {', '.join(reasons)}",),
    )
    return None


def _when(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    text = _text(key, node, reading, "vendor == 'gws'")
    return {} if text is None else {"when": reading.expression(text)}


def _for_each(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    name = "item"
    items = node
    if isinstance(node, Mapping):
        if len(node) != 1:
            message = f"`for_each` has {len(node)} names; it goes through one list"
            reading.tell("E209", message, key.span, hint='write it like `for_each: {customer: "{{ customers }}"}`')
            return {}
        place, items = next((place, child) for _, place, child in node.items())
        name = place.raw
        reading.new_name(place, what="an item")
    if not isinstance(items, Sequence) and not (isinstance(items, Scalar) and has_template(items.raw)):
        shown = f"`{items.raw}`" if isinstance(items, Scalar) and items.raw else "nothing" if is_empty(items) else "an object"
        hint = (
            f"write it like `for_each: [{items.raw}]`"
            if isinstance(items, Scalar) and items.raw
            else "write it like `for_each: [one, two]`"
        )
        reading.tell("E209", f"`for_each` needs a list, not {shown}", items.span, hint=hint)
        return {}
    value = reading.value(items)
    return {} if value is None else {"for_each": ForEach(name, value, node.span)}


def _record(kind: type, key: Scalar, node: Node, example: str, reading: Reading) -> Any:
    """*node* as a record of the language, None when it is wrong."""
    if not isinstance(node, Mapping):
        reading.tell("E209", f"`{key.raw}` needs names with values", node.span, hint=f"write it like `{key.raw}: {example}`")
        return None
    fitted = reading.fitted(kind, node, _owner(key.raw), key)
    return None if fitted is None else msgspec.convert(plain(fitted), kind, strict=False, dec_hook=read_kind)


def _repeat(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    if isinstance(node, Mapping):
        braced = [child for child in map(node.get, ("until", "stop_if")) if isinstance(child, Scalar) and has_template(child.raw)]
        if braced:
            for child in braced:
                reading.expression(child)
            return {}
    found: RepeatRecord | None = _record(RepeatRecord, key, node, "{until: \"output.status == 'sent'\", every: 2s}", reading)
    if found is None or not isinstance(node, Mapping):
        return {}
    until, stop_if = node.get("until"), node.get("stop_if")
    reached = reading.expression(until) if isinstance(until, Scalar) else None
    impossible = reading.expression(stop_if) if isinstance(stop_if, Scalar) and not is_empty(stop_if) else None
    if reached is None:
        return {}
    return {"repeat": Repeat(reached, impossible, found.every, found.within, key.span)}


def _retry(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool) and 1 <= node.value <= 100:
        return {"retry": _retried(RetryRecord(times=node.value), key)}
    found: RetryRecord | None = _record(RetryRecord, key, node, "{times: 2, every: 1s}", reading)
    return {} if found is None else {"retry": _retried(found, key)}


def _retried(found: RetryRecord, key: Scalar) -> Retry:
    return Retry(found.times, found.every, found.backoff, found.jitter, found.even_if_sent, key.span)


def _timeout(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    text = _simple(key, node, reading)
    if text is None:
        return {}
    limit = Duration.parse(text)
    if not limit:
        reading.tell("E209", "`timeout` leaves no time for the step", node.span, hint="write how long it may take, like `timeout: 30s`")
        return {}
    return {"timeout": limit}


def _on_failure(key: Scalar, node: Node, beside: Beside, reading: Reading) -> dict[str, Any]:
    text = _simple(key, node, reading)
    return {} if text is None else {"on_failure": text}


def _simple(key: Scalar, node: Node, reading: Reading) -> str | None:
    """The text of a modifier that is a single value, checked with its field of the record."""
    record = language_shape(Modifiers).record
    assert record is not None  # noqa: S101 - the modifiers are a record
    if is_empty(node):
        reading.tell(
            "E209", f"`{key.raw}` has no value", key.span, hint=f"write it like `{key.raw}: {record.fields[key.raw].shape.example()}`"
        )
        return None
    spots = Spots()
    fitted = record.fields[key.raw].shape.fit(node, _OWNER, spots, key.raw)
    reading.diagnostics += spots.diagnostics
    return fitted.raw if isinstance(fitted, Scalar) and not spots.diagnostics else None


# Modifier → what reads it.
MODIFIERS: dict[str, Reader] = {
    "name": _name,
    "as": _as,
    "save": _save,
    "expect": _expect,
    "refused": _refused,
    "when": _when,
    "for_each": _for_each,
    "repeat": _repeat,
    "retry": _retry,
    "timeout": _timeout,
    "on_failure": _on_failure,
}
