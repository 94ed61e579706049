"""
A record as a tester reads it: its fields with their types in plain words. Used by ``runner steps`` and ``runner simulate --settings``.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

from runner.clock import Duration
from runner.plugins.contract import FilePath

__all__ = ["Field", "fields_of"]

_SIMPLE: dict[type, str] = {
    inspect.StrType: "text",
    inspect.BoolType: "true or false",
    inspect.IntType: "whole number",
    inspect.FloatType: "number",
    inspect.BytesType: "bytes",
    inspect.AnyType: "anything",
    inspect.NoneType: "nothing",
    inspect.DictType: "object",
    inspect.TypedDictType: "object",
    inspect.DateTimeType: "time",
}
_CUSTOM: dict[type, str] = {Duration: "duration", FilePath: "file"}


class Field(msgspec.Struct, frozen=True):
    """A field: ``type`` in plain words, ``default`` and ``example`` as they would stand in a file, "" when there is none."""

    name: str
    type: str
    required: bool
    title: str
    description: str
    default: str
    example: str


def fields_of(record: type[msgspec.Struct] | None) -> list[Field]:
    """The fields of *record*, in its order; none when there is no record."""
    if record is None:
        return []
    info = inspect.type_info(record)
    return [_field(field) for field in info.fields] if isinstance(info, inspect.StructType) else []


def _field(field: inspect.Field) -> Field:
    schema = _schema(field.type)
    examples = schema.get("examples") or []
    default = field.default
    if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    return Field(
        field.encode_name,
        _name(field.type),
        field.required,
        str(schema.get("title", "")),
        str(schema.get("description", "")),
        _shown(default) if default not in (msgspec.NODEFAULT, None, "", [], {}, ()) else "",
        _shown(examples[0]) if examples else "",
    )


def _schema(type_: inspect.Type) -> dict[str, Any]:
    return dict(type_.extra_json_schema or {}) if isinstance(type_, inspect.Metadata) else {}


def _name(type_: inspect.Type) -> str:
    match type_:
        case inspect.Metadata():
            return _name(type_.type)
        case inspect.UnionType():
            return _either([_name(one) for one in type_.types if not isinstance(one, inspect.NoneType)])
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType() | inspect.VarTupleType():
            return f"list of {_name(type_.item_type)}"
        case inspect.TupleType():
            return f"list of {' and '.join(dict.fromkeys(_name(item) for item in type_.item_types))}"
        case inspect.LiteralType():
            return " | ".join(str(value) for value in type_.values)
        case inspect.EnumType():
            return " | ".join(str(member.value) for member in type_.cls)
        case inspect.CustomType():
            return _CUSTOM.get(type_.cls, type_.cls.__name__.lower())
        case inspect.StructType():
            return f"{{{', '.join(field.encode_name for field in type_.fields)}}}"
        case _:
            return _SIMPLE.get(type(type_), "anything")


def _either(names: list[str]) -> str:
    told = ["a list of them" if name.removeprefix("list of ") in names and name.startswith("list of ") else name for name in names]
    return " or ".join(dict.fromkeys(told)) or "nothing"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, msgspec.Struct | list | tuple | dict | bool | int | float):
        return msgspec.json.encode(value, enc_hook=str).decode()
    return str(value)
