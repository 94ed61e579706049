"""
Has a value the shape that a schema of OpenAPI 3.1 describes? Asked by :mod:`runner.plugins.openapi` about the body of every answer.

Shapes are compared, values are not: which fields there are, and of what type; no pattern, length or range. A schema that names properties
and says nothing of others describes an object that has no others: that a vendor added a field is just what one wants to hear of.

A schema is compiled twice. :attr:`Shape.fits` is a closure that says yes or no, in about a microsecond for a usual body. Only where it says
no is :meth:`Shape.differences` asked, which walks the body slowly and names every place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

__all__ = ["ANYTHING", "Difference", "Schemas", "Shape"]

Fits = Callable[[Any], bool]

# JSON Schema's names → the types that the decoder makes of them
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
# the decoder's types → what people call them
_NAMES: Mapping[type, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    list: "list",
    dict: "object",
    type(None): "nothing",
}
_MOST_IN_A_NAME = 80


class Difference(Struct, frozen=True):
    """What is ``missing field``, ``unknown field`` or ``wrong type``; ``place`` is like ``$.mails[].id``. Types and names, no values."""

    kind: str
    place: str
    expected: str
    got: str


class Shape(Struct):
    """
    A compiled schema.

    ``types`` None is any; ``others`` is the shape of properties that are not named, None when there must be none; of ``alternatives`` one
    must fit. ``values`` are those of ``const`` and ``enum``: they tell alternatives apart, and are not compared otherwise. ``element`` is
    the name that a document of this shape has in XML, "" for any. ``filled`` is a list with one item at least.
    """

    types: frozenset[type] | None = None
    properties: dict[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    others: Shape | None = None
    items: Shape | None = None
    alternatives: tuple[Shape, ...] = ()
    values: tuple[object, ...] = ()
    element: str = ""
    filled: bool = False
    fits: Fits = lambda _value: True

    def differences(self, value: object, place: str = "$") -> Iterator[Difference]:
        """Every way in which *value* is not of this shape."""
        if self.alternatives:
            yield from self._nearest(value).differences(value, place)
        elif not self._is_of_type(value):
            yield Difference("wrong type", place, self.told, told_type(value))
        elif isinstance(value, dict):
            yield from self._in_object(value, place)
        elif isinstance(value, list) and self.items is not None:
            for item in value:
                yield from self.items.differences(item, f"{place}[]")

    def _in_object(self, value: Mapping[str, object], place: str) -> Iterator[Difference]:
        for name in sorted(self.required - value.keys()):
            shape = self.properties.get(name, ANYTHING)
            yield Difference("missing field", f"{place}.{_shown(name)}", shape.told, "nothing of this name")
        for name, item in value.items():
            if name in self.properties:
                yield from self.properties[name].differences(item, f"{place}.{_shown(name)}")
            elif self.others is not None:
                # names of a mapping are data, so they are not told
                yield from self.others.differences(item, f"{place}.*")
            else:
                yield Difference("unknown field", f"{place}.{_shown(name)}", "no field of this name", told_type(item))

    def _is_of_type(self, value: object) -> bool:
        if self.types is None or type(value) in self.types:
            return True
        return isinstance(value, float) and value.is_integer() and int in self.types

    def _nearest(self, value: object) -> Shape:
        """The alternative that *value* was most likely meant to be: with its constants, and the fewest differences."""
        return min(self.alternatives, key=lambda shape: (shape.contradicted(value), sum(1 for _ in shape.differences(value))))

    def contradicted(self, value: object) -> int:
        """How many constants of this shape *value* does not have."""
        if self.values and value not in self.values:
            return 1
        if not isinstance(value, dict):
            return 0
        return sum(shape.contradicted(value[name]) for name, shape in self.properties.items() if name in value)

    @property
    def told(self) -> str:
        """``text``, ``text or nothing``."""
        if self.alternatives:
            return " or ".join(dict.fromkeys(shape.told for shape in self.alternatives))
        if self.types is None:
            return "anything"
        # a number may be whole, so both are told as one
        names = [_NAMES[kind] for kind in _NAMES if kind in self.types and not (kind is int and float in self.types)]
        return " or ".join(names)


ANYTHING = Shape()
# whatever is in it, however deep
ANYTHING.others = ANYTHING


def told_type(value: object) -> str:
    """What people call the type of *value*."""
    return _NAMES.get(type(value), "something else")


def _shown(name: str) -> str:
    return name if len(name) <= _MOST_IN_A_NAME else name[:_MOST_IN_A_NAME] + "…"


class Schemas:
    """Compiles the schemas of one document; *resolve* gives what a ``$ref`` points to. A schema that refers to itself is no trouble."""

    def __init__(self, resolve: Callable[[str], Any]) -> None:
        self._resolve = resolve
        self._referred: dict[str, Shape] = {}

    def shape(self, schema: Any) -> Shape:
        """
        The compiled *schema*: a mapping, or True.

        Raises: ``KeyError``, ``TypeError`` – a reference leads nowhere, or it is no schema.
        """
        if isinstance(schema, dict) and "$ref" in schema and not _says_more(schema):
            return self._reference(schema["$ref"])
        return self._compiled(Shape(), schema)

    def _reference(self, reference: str) -> Shape:
        found = self._referred.get(reference)
        if found is None:
            found = self._referred[reference] = Shape()
            self._compiled(found, self._resolve(reference))
        return found

    def _compiled(self, shape: Shape, schema: Any) -> Shape:
        schema = self._flat(schema)
        shape.element = schema.get("xml", {}).get("name", "")
        shape.filled = schema.get("minItems", 0) > 0
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices:
            rest = {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf")}
            shape.alternatives = tuple(self._compiled(Shape(), _both(rest, self._flat(choice))) for choice in choices)
            shape.fits = _any_of(shape.alternatives)
            return shape
        shape.types = _types(schema)
        shape.values = _values(schema)
        shape.properties = {name: self.shape(one) for name, one in schema.get("properties", {}).items()}
        shape.required = frozenset(schema.get("required", ()))
        shape.others = self._others(schema)
        shape.items = self.shape(schema["items"]) if "items" in schema else None
        shape.fits = _fits(shape)
        return shape

    def _others(self, schema: Mapping[str, Any]) -> Shape | None:
        others = schema.get("additionalProperties", "properties" not in schema)
        if others is False:
            return None
        return ANYTHING if others is True else self.shape(others)

    def _flat(self, schema: Any) -> dict[str, Any]:
        """*schema* without references and ``allOf`` at its top."""
        if schema is True or schema is None:
            return {}
        flat = dict(schema)
        if "$ref" in flat:
            flat = _both(self._flat(self._resolve(flat.pop("$ref"))), flat)
        for part in flat.pop("allOf", ()):
            flat = _both(flat, self._flat(part))
        return flat


def _says_more(schema: Mapping[str, Any]) -> bool:
    """Whether something besides a reference and words for people stands there."""
    return bool(schema.keys() - {"$ref", "description", "title", "example", "examples"})


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A schema for what both describe, as far as shapes go."""
    both = {**one, **other}
    for key in ("properties",):
        if key in one and key in other:
            both[key] = {**one[key], **other[key]}
    if "required" in one and "required" in other:
        both["required"] = [*one["required"], *other["required"]]
    return both


def _types(schema: Mapping[str, Any]) -> frozenset[type] | None:
    told = schema.get("type")
    if told is not None:
        return frozenset(kind for name in ([told] if isinstance(told, str) else told) for kind in _TYPES[name])
    values = _values(schema)
    if values:
        return frozenset(map(type, values))
    if "properties" in schema or "additionalProperties" in schema:
        return frozenset((dict,))
    return None


def _values(schema: Mapping[str, Any]) -> tuple[object, ...]:
    return (schema["const"],) if "const" in schema else tuple(schema.get("enum", ()))


# ── closures ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _any_of(choices: Sequence[Shape]) -> Fits:
    def fits(value: Any) -> bool:
        for choice in choices:  # noqa: SIM110 - `any` with a generator takes twice as long
            if choice.fits(value):
                return True
        return False

    return fits


def _fits(shape: Shape) -> Fits:
    """
    The closure of a shape without alternatives.

    It may say no where there is no difference (1.0 is a whole number), never the reverse.
    """
    types = shape.types
    if types is None and not shape.properties and not shape.required and shape.items is None:
        return lambda _value: True
    if types is None:
        return _mixed(frozenset(_NAMES), shape)
    if types == {dict}:
        return _object(shape)
    if types == {list}:
        return _list(shape.items)
    if dict in types or list in types:
        return _mixed(types, shape)
    return lambda value: type(value) in types


def _mixed(types: frozenset[type], shape: Shape) -> Fits:
    inside, items = _object(shape), _list(shape.items)

    def fits(value: Any) -> bool:
        kind = type(value)
        if kind not in types:
            return False
        return inside(value) if kind is dict else kind is not list or items(value)

    return fits


def _list(items: Shape | None) -> Fits:
    if items is None or items is ANYTHING:
        return lambda value: type(value) is list
    if _is_plain(items):
        types = items.types or frozenset()
        return lambda value: type(value) is list and types.issuperset(map(type, value))

    def fits(value: Any) -> bool:
        if type(value) is not list:
            return False
        item_fits = items.fits
        for item in value:  # noqa: SIM110 - `all` with a generator takes twice as long
            if not item_fits(item):
                return False
        return True

    return fits


def _object(shape: Shape) -> Fits:
    """Plain properties are told by their type alone; for the others their own closure is asked."""
    plain = {name: one.types for name, one in shape.properties.items() if one.types is not None and _is_plain(one)}
    deep = {name: one for name, one in shape.properties.items() if name not in plain}
    types_of, shape_of, others, required = plain.get, deep.get, shape.others, shape.required
    if not shape.properties and others is ANYTHING:
        return lambda value: type(value) is dict and required <= value.keys()

    def fits(value: Any) -> bool:
        if type(value) is not dict or not required <= value.keys():
            return False
        for name, item in value.items():
            types = types_of(name)
            if types is not None:
                if type(item) not in types:
                    return False
            else:
                inner = shape_of(name, others)
                if inner is None or not inner.fits(item):
                    return False
        return True

    return fits


def _is_plain(shape: Shape) -> bool:
    return not shape.alternatives and shape.types is not None and shape.types.isdisjoint((dict, list))
