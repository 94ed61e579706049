"""
The parameters of a step, judged by the records of the vendors it is for, or by the inputs of a word of one's own.

A bare value goes to the word's ``short`` parameter. What is wrong for some of the vendors only is told with their names.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from runner.errors import Diagnostic
from runner.scenario.expectations import compiled_check
from runner.scenario.model import Definition, Input, Value
from runner.scenario.modifiers import MODIFIERS
from runner.scenario.reading import Reading, is_empty
from runner.scenario.schema import Specs, StepSpec
from runner.scenario.shapes.shape import Field, Owner, Record, Shape, Spots, has_template
from runner.scenario.templates.texts import WithTexts
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence, plain
from runner.source import Span

__all__ = ["Fitted", "for_definition", "for_words", "input_shape", "owner", "spans"]


def owner(name: str) -> Owner:
    """The step *name*, as the owner of parameters."""
    return Owner(name, "parameter", "E204", "E205", "E203")


# ── words of the vendors ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Fitted(msgspec.Struct, frozen=True):
    """Parameters that are right: an object with the word's own keys, and the templates in it that must give text."""

    node: Mapping
    texts: list[Scalar]

    def value(self, reading: Reading) -> Value | None:
        """The parameters compiled; None when a template in them is wrong."""
        value = reading.value(self.node)
        return value if value is None or value.static or not self.texts else WithTexts(value, self.node, self.texts)


def for_words(key: Scalar, value: Node | None, specs: Specs, reading: Reading) -> Fitted | None:
    """The parameters with the words' own keys; None when something is wrong with them."""
    first = next(iter(specs.values()))
    node = _as_object(key, value, first, reading)
    if node is None:
        return None
    fitted, spots = _fit(reading.vocabulary.record(first), node, key, reading)
    wrong = spots.diagnostics
    if len(specs) > 1 and any(spec.parameters is not first.parameters for spec in specs.values()):
        wrong = _for_each_vendor(node, key, specs, reading, {first.parameters: wrong})
    if first.short and not isinstance(value, Mapping):
        wrong = [_in_short(one, first.short, key.raw) for one in wrong]
    reading.diagnostics += [_beside(one, node, key) for one in wrong]
    _check_files(spots, reading)
    sound = _check_expectations(reading.vocabulary.record(first), node, key, reading)
    return None if wrong or not sound else Fitted(fitted, spots.texts)


def _check_expectations(record: Record, node: Mapping, key: Scalar, reading: Reading) -> bool:
    """Whether each parameter that is an expectation (``check: {is: …}``) uses its matchers rightly."""
    stated = [
        _wrapped(key, "value", child) for name, child in node.entries.items() if name in record.fields and record.fields[name].shape.expects
    ]
    checks = [compiled_check(one, reading) for one in stated]
    return None not in checks


def _in_short(one: Diagnostic, short: str, word: str) -> Diagnostic:
    """A message about ``wait: 5`` in these words, not in those of ``wait: {for: 5}``."""
    hint = one.hint.replace(f"add `{short}: ", f"write `{word}: ").replace(f"`{short}: ", f"`{word}: ")
    said = f"`{short}` "
    message = f"`{word}` {one.message.removeprefix(said)}" if one.message.startswith(said) else one.message
    return replace(one, message=message, hint=hint)


def _for_each_vendor(node: Mapping, key: Scalar, specs: Specs, reading: Reading, asked: dict[type, list[Diagnostic]]) -> list[Diagnostic]:
    """What is wrong when the vendors take different parameters: each record is asked once, and those in *asked* have answered."""
    takers: dict[type, list[str]] = {}
    for vendor, spec in specs.items():
        if spec.parameters not in asked:
            asked[spec.parameters] = _fit(reading.vocabulary.record(spec), node, key, reading)[1].diagnostics
        takers.setdefault(spec.parameters, []).append(vendor)
    return _merged([(vendors, asked[cls]) for cls, vendors in takers.items()], len(specs))


def _fit(record: Record, node: Mapping, key: Scalar, reading: Reading) -> tuple[Mapping, Spots]:
    spots = Spots()
    fitted = record.fit(node, owner(key.raw), spots, "", key)
    if not spots.diagnostics and hasattr(record.cls, "__post_init__") and not _templated(fitted):
        _convert(record, fitted, key, spots, reading)
    return fitted, spots


def _convert(record: Record, fitted: Mapping, key: Scalar, spots: Spots, reading: Reading) -> None:
    """What only the record itself can say: rules about several parameters."""
    try:
        msgspec.convert(plain(fitted), record.cls, strict=False, dec_hook=reading.vocabulary.read)
    except (msgspec.ValidationError, ValueError) as exc:
        told = f"`{key.raw}` {exc}" if str(exc).startswith(_PREDICATES) else f"`{key.raw}`: {exc}"
        spots.diagnostics.append(Diagnostic("E203", told, key.span, hint=f"see how it is written: runner steps {key.raw}"))


# how a rule of a record begins that says what the step wants
_PREDICATES = ("wants ", "needs ")


def _templated(node: Node) -> bool:
    if isinstance(node, Scalar):
        return has_template(node.raw)
    children: Iterable[Node] = node.entries.values() if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else ()
    return any(map(_templated, children))


def _as_object(key: Scalar, value: Node | None, spec: StepSpec, reading: Reading) -> Mapping | None:
    """The value as an object: nothing is an empty one, a bare value stands under the word's short parameter."""
    if spec.sets_names:
        return _names(key, value, spec, reading)
    if isinstance(value, Mapping):
        return value
    if value is None or is_empty(value):
        return _wrapped(key, None, None)
    if spec.short:
        return _wrapped(key, spec.short, value)
    names = list(reading.vocabulary.record(spec).fields)
    if not names:
        reading.tell("E203", f"`{key.raw}` takes nothing", value.span, label="not wanted here", hint=f"write `{key.raw}` alone")
    else:
        message = f"`{key.raw}` needs its parameters by name"
        reading.tell(
            "E203",
            message,
            value.span,
            hint=f"write it like {spec.example.removeprefix('- ')}",
            notes=(f"`{key.raw}` has: {', '.join(names)}",),
        )
    return None


def _names(key: Scalar, value: Node | None, spec: StepSpec, reading: Reading) -> Mapping | None:
    """``set: {a: 1}``: the whole value is names with values."""
    if not isinstance(value, Mapping) or not len(value):
        place = key if value is None or is_empty(value) else value
        reading.tell("E203", f"`{key.raw}` needs names with values", place.span, hint=f"write it like {spec.example.removeprefix('- ')}")
        return None
    fine = [reading.new_name(name, what="a value") for name in value.keys.values()]
    return _wrapped(key, spec.short, value) if all(fine) else None


def _wrapped(key: Scalar, name: str | None, value: Node | None) -> Mapping:
    """An object with one value under *name*, which nobody wrote; or an empty one."""
    place = value or key
    node = Mapping(key.source, place.line, place.column)
    node.end_line, node.end_column = place.end_line, place.end_column
    if name is not None and value is not None:
        node.keys = {name: Scalar(key.source, name, "", value.line, value.column, value.end_line, value.end_column)}
        node.entries = {name: value}
    return node


def _merged(found: list[tuple[list[str], list[Diagnostic]]], everybody: int) -> list[Diagnostic]:
    """What several vendors say of one step: what all of them say is told once, what some say with their names."""
    said: dict[tuple[str, str, str], tuple[Diagnostic, list[str]]] = {}
    for vendors, diagnostics in found:
        for one in diagnostics:
            said.setdefault((one.code, one.message, str(one.span)), (one, []))[1].extend(vendors)
    return [
        one if len(vendors) == everybody else replace(one, message=f"{', '.join(vendors)}: {one.message}") for one, vendors in said.values()
    ]


def _beside(one: Diagnostic, node: Mapping, key: Scalar) -> Diagnostic:
    """An unknown parameter that is a modifier stands one level too deep."""
    place = next((p for name, p in node.keys.items() if name in MODIFIERS and p.span == one.span), None)
    if one.code != "E204" or place is None:
        return one
    if place.line == key.line:
        label, hint = "it stands inside the braces", f"write it on a line of its own, below `{key.raw}`"
    else:
        spaces = place.column - key.column
        label = "one level too deep"
        hint = f"move it {spaces} {'space' if spaces == 1 else 'spaces'} left"
    return Diagnostic("E207", f"`{place.raw}` belongs beside `{key.raw}`, not inside it", one.span, label, hint)


def _check_files(spots: Spots, reading: Reading) -> None:
    """Each file that a parameter names must be there."""
    for kind, node in spots.customs:
        if kind is reading.vocabulary.file_kind:
            reading.check_file(node.raw, node.span)


# ── words of one's own ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_READERS = {
    "text": Shape(text=True),
    "number": Shape(number=True, whole=True, examples=(5,)),
    "whole_number": Shape(whole=True, examples=(5,)),
    "boolean": Shape(boolean=True, examples=(True,)),
    "list": Shape(items=Shape(any=True), examples=(["one", "two"],)),
    "object": Shape(values=Shape(any=True), examples=({"name": "value"},)),
    "any": Shape(any=True),
}


def input_shape(kind: str, file_kind: type) -> Shape:
    """What an input of this type takes."""
    return Shape(customs=(file_kind,), examples=("files/invoice.pdf",)) if kind == "file" else _READERS[kind]


def for_definition(key: Scalar, value: Node | None, definition: Definition, reading: Reading) -> Fitted | None:
    """The inputs of a word of one's own; None when something is wrong with them."""
    node = _inputs(key, value, definition, reading)
    if node is None:
        return None
    file_kind = reading.vocabulary.file_kind
    fields = {name: Field(input_shape(one.type, file_kind), one.default is None) for name, one in definition.inputs.items()}
    spots = Spots()
    fitted = Record(fields, closed=True, cls=dict).fit(node, Owner(definition.name, "input", "E410", "E410", "E410"), spots, "", key)
    reading.diagnostics += [_beside(one, node, key) for one in spots.diagnostics]
    _check_files(spots, reading)
    return None if spots.diagnostics else Fitted(fitted, spots.texts)


def _inputs(key: Scalar, value: Node | None, definition: Definition, reading: Reading) -> Mapping | None:
    if isinstance(value, Mapping):
        return value
    if value is None or is_empty(value):
        return _wrapped(key, None, None)
    short = _only(definition.inputs.values())
    if short is not None:
        return _wrapped(key, short, value)
    names = ", ".join(definition.inputs)
    message = f"`{definition.name}` needs its inputs by name" if names else f"`{definition.name}` takes nothing"
    hint = f"write it like `{key.raw}: {{{next(iter(definition.inputs))}: …}}`" if names else f"write `{key.raw}` alone"
    reading.tell("E410", message, value.span, hint=hint, notes=(f"inputs: {names}",) if names else ())
    return None


def _only(inputs: Iterable[Input]) -> str | None:
    """The input that a bare value is for: the only one, or the only one that must be given."""
    every = list(inputs)
    needed = [one for one in every if one.default is None]
    chosen = every if len(every) == 1 else needed
    return chosen[0].name if len(chosen) == 1 else None


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def spans(fitted: Fitted | None, spec: StepSpec | None) -> dict[str, Span]:
    """Where each parameter stands, by its path (``to``, ``are[1].name``); the names that ``set`` gives stand there by themselves."""
    found: dict[str, Span] = {}
    if fitted is None:
        return found
    top = fitted.node.get(spec.short) if spec is not None and spec.sets_names else fitted.node
    _collect(top or fitted.node, "", found)
    return found


def _collect(node: Node, path: str, found: dict[str, Span]) -> None:
    if path:
        found[path] = node.span
    if isinstance(node, Mapping):
        for name, child in node.entries.items():
            _collect(child, f"{path}.{name}" if path else name, found)
    elif isinstance(node, Sequence):
        for n, child in enumerate(node.items):
            _collect(child, f"{path}[{n}]", found)
