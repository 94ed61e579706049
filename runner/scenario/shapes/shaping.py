"""
Types → shapes: what msgspec says about a record, as the :class:`Shape` that is laid on nodes.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field, inspect

from runner.scenario.shapes.bounds import Bound
from runner.scenario.shapes.shape import DecHook, Field, Record, Shape

__all__ = ["shape_of"]


def shape_of(kind: Any, *, read: DecHook | None = None, templates: bool = True) -> Shape:
    """
    The shape of a type that msgspec knows; *read* is the ``dec_hook`` for kinds of text, ``templates=False`` refuses them everywhere.
    """
    return _Maker(read, templates).make(inspect.type_info(kind))


class _Maker(Struct):
    read: DecHook | None
    templates: bool
    # records by class: a record may hold itself
    records: dict[type, Record] = field(default_factory=dict)

    def make(self, info: inspect.Type) -> Shape:
        shape = Shape(templates=self.templates, read=self.read)
        self._add(info, shape)
        return shape

    def _add(self, info: inspect.Type, shape: Shape) -> None:
        match info:
            case inspect.Metadata():
                extra = info.extra_json_schema or {}
                self._annotate(extra, shape)
                if "enum" in extra:
                    shape.choices += tuple(extra["enum"])
                else:
                    self._add(info.type, shape)
            case inspect.UnionType():
                for one in info.types:
                    self._add(one, shape)
            case inspect.StrType():
                shape.text = True
                shape.bounds += _text_bounds(info)
            case inspect.IntType():
                shape.whole = True
                shape.bounds += _number_bounds(info)
            case inspect.FloatType():
                shape.number = True
                shape.bounds += _number_bounds(info)
            case inspect.BoolType():
                shape.boolean = True
            case inspect.NoneType():
                shape.nothing = True
            case inspect.LiteralType():
                shape.choices += tuple(str(value) for value in info.values)
            case inspect.EnumType():
                shape.choices += tuple(str(member.value) for member in info.cls)
            case inspect.CustomType() if issubclass(info.cls, list):
                shape.any = True  # a list of steps: looked at by who builds steps
            case inspect.CustomType():
                shape.customs += (info.cls,)
            case inspect.ListType() | inspect.VarTupleType() | inspect.SetType() | inspect.FrozenSetType():
                shape.items = self.make(info.item_type)
            case inspect.DictType():
                shape.values = self.make(info.value_type)
            case inspect.StructType():
                shape.record = self._record(info)
            case _:
                shape.any = True

    def _annotate(self, extra: dict[str, Any], shape: Shape) -> None:
        shape.title = extra.get("title", shape.title)
        shape.description = extra.get("description", shape.description)
        shape.examples = tuple(extra.get("examples", shape.examples))
        shape.expects = bool(extra.get("expectation", shape.expects))

    def _record(self, info: inspect.StructType) -> Record:
        if info.cls not in self.records:
            record = self.records[info.cls] = Record({}, info.forbid_unknown_fields, info.cls)
            record.fields |= {one.encode_name: Field(self.make(one.type), one.required) for one in info.fields}
        return self.records[info.cls]


def _number_bounds(info: inspect.IntType | inspect.FloatType) -> tuple[Bound, ...]:
    limits = (("minimum", info.ge), ("exclusiveMinimum", info.gt), ("maximum", info.le), ("exclusiveMaximum", info.lt))
    return tuple(Bound(keyword, limit) for keyword, limit in limits if limit is not None)


def _text_bounds(info: inspect.StrType) -> tuple[Bound, ...]:
    limits = (("minLength", info.min_length), ("maxLength", info.max_length), ("pattern", info.pattern))
    return tuple(Bound(keyword, limit) for keyword, limit in limits if limit is not None)
