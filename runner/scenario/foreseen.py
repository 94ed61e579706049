"""
Can an output ever be what ``expect`` asks of it? What a word gives back is a record, so much of that is known before anything runs.

A status that there is no such word for, a text where a list comes, a field that no attachment has: told when the file is checked, where a
run would only fail. And as in parameters, a bare ``2024`` is text where text comes. Asked by :mod:`runner.scenario.modifiers`; what only
the run can know (``answer.body``, templates) is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence as AnySequence

from msgspec import Struct

from runner.errors import Diagnostic, nearest
from runner.matching import BadPath, parts_of
from runner.matching.recognise import is_matcher
from runner.scenario.shapes.shape import Field, Owner, Record, Shape, Spots
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence

__all__ = ["ANSWER", "foreseen", "leads_nowhere", "no_field"]

_ANY = Shape(any=True)
_CODE = "E214"
# What came over the wire, beside every output.
ANSWER = Shape(
    record=Record(
        {
            "http": Field(Shape(whole=True, examples=(200,)), required=False),
            "headers": Field(_ANY, required=False),
            "body": Field(_ANY, required=False),
            "took": Field(Shape(number=True, examples=(0.5,)), required=False),
        },
        closed=True,
        cls=dict,
    )
)


def foreseen(node: Mapping, outputs: AnySequence[Record], word: str) -> tuple[Node, list[Diagnostic]]:
    """
    *node* (an ``expect``) with each bare value as the output has it, and what can never hold in any of the *outputs* that *word* has at the
    vendors it is for.
    """
    looks = [_Look(word) for _ in outputs]
    fitted = [look.fields(node, record, "") for look, record in zip(looks, outputs, strict=True)]
    if not fitted:
        return node, []
    others = [{_same(told) for told in look.told} for look in looks[1:]]
    return fitted[0], [told for told in looks[0].told if all(_same(told) in other for other in others)]


def _same(told: Diagnostic) -> tuple[str, str]:
    return told.message, str(told.span)


def leads_nowhere(path: str, outputs: AnySequence[Record]) -> tuple[str, str, list[str]] | None:
    """What *path* asks for and no output has: where, the name, and the names that are there; None when it may be there."""
    found = [_nowhere(path, record) for record in outputs]
    return found[0] if found and all(found) else None


def _nowhere(path: str, record: Record) -> tuple[str, str, list[str]] | None:
    shape, way = Shape(record=record), ""
    for part in parts_of(path):
        if shape.record is not None and isinstance(part, str) and part not in shape.record.fields:
            return way, part, list(shape.record.fields)
        shape, way = _inside(shape, part), f"{way}[{part}]" if isinstance(part, int) else f"{way}.{part}" if way else part
    return None


def _inside(shape: Shape, part: str | int) -> Shape:
    """What stands under *part*; anything, when that is not known."""
    if isinstance(part, int) or part.lstrip("-").isdigit():
        return shape.items or _ANY
    if shape.record is not None and part in shape.record.fields:
        return shape.record.fields[part].shape
    return _ANY


class _Look(Struct):
    """One output, and what was found."""

    word: str
    told: list[Diagnostic] = []

    def fields(self, node: Mapping, record: Record, path: str) -> Mapping:
        """An object, which is partial; the fields of the output itself have been looked at."""
        copy = _copied(node)
        for key, place, child in node.items():
            below = f"{path}.{key}" if path else key
            try:
                lost = _nowhere(key, record)
            except BadPath:
                continue
            if lost is None:
                copy.entries[key] = self.value(child, self._at(key, record), below)
            elif path or lost[0]:
                self.told.append(no_field(lost, self.word, path, place))
        return copy

    def _at(self, path: str, record: Record) -> Shape:
        shape = Shape(record=record)
        for part in parts_of(path):
            shape = _inside(shape, part)
        return shape

    def value(self, node: Node, shape: Shape, path: str) -> Node:
        """What may stand wherever a value may."""
        if isinstance(node, Mapping) and is_matcher(node.entries):
            return self._matchers(node, shape, path)
        if shape.any:
            return node
        if isinstance(node, Mapping) and shape.record is not None:
            return self.fields(node, shape.record, path)
        if isinstance(node, Mapping) and shape.values is not None:
            return self._free(node, shape.values, path)
        if isinstance(node, Sequence) and shape.items is not None:
            return self._list(node, shape.items, path)
        if isinstance(node, Scalar) and shape.choices and not node.raw and node.style:
            # a state that nobody knows yet
            return node
        spots = Spots()
        fitted = shape.fit(node, Owner(self.word, "field", _CODE, _CODE, _CODE), spots, path)
        self.told += spots.diagnostics
        return fitted

    def _free(self, node: Mapping, values: Shape, path: str) -> Mapping:
        """An object with free keys (``headers``), each of whose values may be a matcher."""
        copy = _copied(node)
        for key, child in node.entries.items():
            copy.entries[key] = self.value(child, values, f"{path}.{key}")
        return copy

    def _list(self, node: Sequence, items: Shape, path: str) -> Sequence:
        copy = Sequence(node.source, node.line, node.column)
        copy.end_line, copy.end_column = node.end_line, node.end_column
        copy.items = [self.value(child, items, f"{path}[{n}]") for n, child in enumerate(node.items)]
        return copy

    # ── matchers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _matchers(self, node: Mapping, shape: Shape, path: str) -> Mapping:
        copy = _copied(node)
        for name, place, child in node.items():
            copy.entries[name] = self._matcher(name, place, child, shape, path)
        return copy

    def _matcher(self, name: str, place: Scalar, child: Node, shape: Shape, path: str) -> Node:
        match name:
            case "equals" | "not" | "exactly":
                return self.value(child, shape, path)
            case "one_of" | "any_of" | "all_of" if isinstance(child, Sequence):
                return self._each_alike(child, shape, path)
            case "each" | "unordered" if not shape.any and shape.items is None:
                self.told.append(_not_for(name, "lists", place, shape, path))
            case "each" if shape.items is not None:
                return self.value(child, shape.items, path)
            case "unordered" | "contains" if shape.items is not None and isinstance(child, Sequence):
                return self._each_alike(child, shape.items, path)
            case "contains" if shape.items is not None:
                return self.value(child, shape.items, path)
            case "matches" | "starts_with" | "ends_with" if not (shape.any or shape.text or shape.choices):
                self.told.append(_not_for(name, "text", place, shape, path))
        return child

    def _each_alike(self, node: Sequence, shape: Shape, path: str) -> Sequence:
        copy = self._list(node, _ANY, path)
        copy.items = [self.value(child, shape, path) for child in node.items]
        return copy


def no_field(lost: tuple[str, str, list[str]], word: str, path: str, place: Scalar) -> Diagnostic:
    """The message that an output has no such field."""
    way, name, there = lost
    owner = ".".join(part for part in (path, way) if part)
    close = nearest(name, there)
    return Diagnostic(
        _CODE,
        f"`{word}` gives no `{name}` in `{owner}`" if owner else f"`{word}` gives no `{name}`",
        place.span,
        label=f"did you mean `{close}`?" if close else "no such field",
        hint=f"write `{close}`" if close else "write one of those below, or leave it out",
        notes=(f"`{owner or word}` has: {', '.join(there)}",),
    )


def _not_for(name: str, kinds: str, place: Scalar, shape: Shape, path: str) -> Diagnostic:
    hint = f"write `{path}: {{contains: {{{name}: …}}}}`" if shape.items is not None else f"write `{path}: …` with the value itself"
    return Diagnostic(_CODE, f"`{path}` is {shape.wanted()}, and `{name}` is for {kinds}", place.span, label="can never hold", hint=hint)


def _copied(node: Mapping) -> Mapping:
    copy = Mapping(node.source, node.line, node.column)
    copy.end_line, copy.end_column = node.end_line, node.end_column
    copy.keys, copy.entries = node.keys, dict(node.entries)
    return copy
