"""
Shapes → JSON Schema, in the form that editors complete best.

- ``type`` is a list of kinds rather than an ``anyOf``; a template text may stand wherever a value may, which a ``pattern`` says, since that
  word only binds texts.
- Each part has a title, a description (twice: plain and Markdown), and examples where the record has some.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from runner.scenario.language import read_kind
from runner.scenario.model import Input
from runner.scenario.parameters import input_shape
from runner.scenario.shapes.shape import Record, Shape
from runner.scenario.shapes.shaping import shape_of

__all__ = ["Outline"]

Document = dict[str, Any]
_TEMPLATE = "\\{\\{"
_HINT = 'Write a value of the right kind, or a template like "{{ name }}".'


class Outline(Struct, frozen=True):
    """
    Draws shapes. *describe* is the ``schema_hook`` for custom kinds of text; *meanings* say what values of an enumeration mean.
    """

    describe: Callable[[type], Document]
    meanings: Mapping[str, str]

    def record(self, kind: type, *, bare: bool = False) -> Document:
        """A record by its class; *bare* leaves title and description to who asks."""
        record = shape_of(kind, read=read_kind).record
        assert record is not None  # noqa: S101 - only records are asked for
        drawn = self.shape(record)
        if bare:
            return drawn
        told = " ".join((kind.__doc__ or "").split())
        return {"title": kind.__name__, "description": told, "markdownDescription": told} | drawn

    def shape(self, record: Record) -> Document:
        """An object with known keys."""
        found: Document = {"type": "object", "properties": {name: self.value(one.shape, name) for name, one in record.fields.items()}}
        required = [name for name, one in record.fields.items() if one.required]
        if required:
            found["required"] = required
        if record.closed:
            found["additionalProperties"] = False
        return found

    def input(self, one: Input) -> Document:
        """An input of a word of one's own."""
        shape = input_shape(one.type, str)
        drawn = self.value(shape, one.name)
        told = one.description or f"An input: {one.type.replace('_', ' ')}."
        return drawn | {"description": told, "markdownDescription": told}

    def value(self, shape: Shape, name: str) -> Document:
        """What may stand in one place."""
        found = self._said(shape, name)
        if shape.any:
            return found
        if shape.choices:
            return found | self._choices(shape)
        return found | self._kinds(shape, name)

    def _said(self, shape: Shape, name: str) -> Document:
        told = shape.description or shape.title or name.replace("_", " ").capitalize()
        found: Document = {"title": shape.title or name.replace("_", " ").capitalize(), "description": told, "markdownDescription": told}
        if shape.examples:
            found["examples"] = list(shape.examples)
            found["markdownDescription"] = f"{told}\n\nExample: `{shape.example()}`"
        return found

    def _kinds(self, shape: Shape, name: str) -> Document:
        texts = self._texts(shape)
        kinds = [
            *(["string"] if texts is not None or shape.templates else []),
            *(["number"] if shape.text or shape.number else ["integer"] if shape.whole else []),
            *(["boolean"] if shape.boolean else []),
            *(["array"] if shape.items is not None else []),
            *(["object"] if shape.values is not None or shape.record is not None else []),
            *(["null"] if shape.nothing else []),
        ]
        found: Document = {"type": kinds[0] if len(kinds) == 1 else kinds}
        found |= {"pattern": _TEMPLATE, "patternErrorMessage": _HINT} if texts is None and shape.templates else texts or {}
        found |= {bound.keyword: bound.limit for bound in shape.bounds if bound.keyword != "pattern"}
        if shape.items is not None:
            found["items"] = self.value(shape.items, name)
        if shape.values is not None:
            found["additionalProperties"] = self.value(shape.values, name)
        if shape.record is not None:
            found |= {key: value for key, value in self.shape(shape.record).items() if key != "type"}
        return found

    def _texts(self, shape: Shape) -> Document | None:
        """What binds texts; None when the only texts are templates."""
        if shape.text:
            pattern = next((bound.limit for bound in shape.bounds if bound.keyword == "pattern"), None)
            return {} if pattern is None else {"pattern": pattern, "patternErrorMessage": f"Write it like {shape.example()}."}
        if not shape.customs:
            return None
        drawn = self.describe(shape.customs[0]) if shape.customs[0] is not str else {}
        pattern = drawn.get("pattern")
        if pattern is None:
            return {}
        either = f"({pattern})|{_TEMPLATE}" if shape.templates else pattern
        return {"pattern": either, "patternErrorMessage": drawn.get("patternErrorMessage", _HINT)}

    def _choices(self, shape: Shape) -> Document:
        values = list(dict.fromkeys(shape.choices))
        enum: Document = {"title": "Value", "enum": values}
        if all(value in self.meanings for value in values):
            enum["enumDescriptions"] = [self.meanings[value] for value in values]
        others: list[Document] = []
        if shape.items is not None:
            others.append({"title": "Several", "type": "array", "items": self.value(shape.items, "value")})
        if shape.templates:
            others.append({"title": "Template", "type": "string", "pattern": _TEMPLATE, "doNotSuggest": True})
        if shape.nothing:
            others.append({"title": "Nothing", "type": "null", "doNotSuggest": True})
        return {"anyOf": [enum, *others]} if others else {key: value for key, value in enum.items() if key != "title"}
