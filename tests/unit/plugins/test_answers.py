"""How a JSON value is compared with a schema: what is a difference, where it is, and how it is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.plugins.answers import Difference, Schemas, Shape

ID = {"type": "string"}
MAIL = {
    "type": "object",
    "required": ["id", "size"],
    "properties": {
        "id": ID,
        "size": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sender": {"type": ["object", "null"], "required": ["address"], "properties": {"address": ID}},
        "data": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "free": {"type": "object"},
        "any": True,
    },
}
TREE = {"type": "object", "required": ["id"], "properties": {"id": ID, "inner": {"type": "array", "items": {"$ref": "#/Tree"}}}}
DONE = {
    "anyOf": [
        {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}, "id": ID}},
        {"type": "object", "required": ["status", "why"], "properties": {"status": {"const": "error"}, "why": ID}},
    ]
}
DOCUMENT = {"#/Tree": TREE, "#/Id": ID, "#/Mail": MAIL, "#/Done": DONE}


def shape(schema: Any) -> Shape:
    return Schemas(DOCUMENT.__getitem__).shape(schema)


def differences(schema: Any, value: object) -> list[Difference]:
    return list(shape(schema).differences(value))


def told(schema: Any, value: object) -> list[tuple[str, str, str, str]]:
    return [(one.kind, one.place, one.expected, one.got) for one in differences(schema, value)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"id": "a", "size": 1}, []),
        ({"id": "a", "size": 1, "tags": [], "sender": None, "data": {"x": True}, "free": {"y": [1]}, "any": 7}, []),
        ({"id": "a"}, [("missing field", "$.size", "whole number", "nothing of this name")]),
        ({"id": "a", "size": 1, "colour": 2.5}, [("unknown field", "$.colour", "no field of this name", "number")]),
        ({"id": "a", "size": "1"}, [("wrong type", "$.size", "whole number", "text")]),
        ({"id": "a", "size": True}, [("wrong type", "$.size", "whole number", "true or false")]),
        ({"id": "a", "size": 1, "tags": ["x", 1, 2]}, [("wrong type", "$.tags[]", "text", "whole number")] * 2),
        ({"id": "a", "size": 1, "sender": {}}, [("missing field", "$.sender.address", "text", "nothing of this name")]),
        ({"id": "a", "size": 1, "sender": "x"}, [("wrong type", "$.sender", "object or nothing", "text")]),
        ({"id": "a", "size": 1, "data": {"secret": 1}}, [("wrong type", "$.data.*", "true or false", "whole number")]),
        ([], [("wrong type", "$", "object", "list")]),
    ],
)
def test_what_is_a_difference(value: object, found: list[tuple[str, str, str, str]]) -> None:
    """A field that lacks, one that nobody named, another type; with its place, and types instead of values."""
    assert told(MAIL, value) == found


def test_a_number_without_a_fraction_is_whole() -> None:
    """As JSON Schema has it, 1.0 is an integer, and 1.5 is none."""
    assert [bool(told({"type": "integer"}, value)) for value in (1, 1.0, 1.5)] == [False, False, True]


def test_values_are_not_compared() -> None:
    """Another value of the same type is no difference: neither an enumeration nor a pattern nor a length is asked."""
    schema = {"type": "string", "enum": ["a", "b"], "pattern": "^[ab]$", "maxLength": 1}
    assert told(schema, "long and new") == []


def test_an_enumeration_tells_the_type() -> None:
    """Where no type stands beside it."""
    assert told({"enum": [0, 7]}, "0") == [("wrong type", "$", "whole number", "text")]


def test_properties_without_a_word_about_others_are_all_there_are() -> None:
    """Unless the schema says that there may be others."""
    named = {"type": "object", "properties": {"id": ID}}
    assert [len(told(schema, {"x": 1})) for schema in (named, {**named, "additionalProperties": True}, {"type": "object"})] == [1, 0, 0]


def test_parts_of_all_of_are_one_object() -> None:
    """Each brings its fields, and what any of them asks for must be there."""
    schema = {"allOf": [{"$ref": "#/Mail"}, {"type": "object", "required": ["more"], "properties": {"more": ID}}]}
    assert told(schema, {"id": "a", "size": 1, "more": "x"}) == []
    assert [one.place for one in differences(schema, {"id": "a", "other": 1})] == ["$.more", "$.size", "$.other"]


def test_of_several_shapes_the_nearest_is_meant() -> None:
    """The constants say which; only what differs from that one is told."""
    assert told({"$ref": "#/Done"}, {"status": "ok", "id": "1"}) == []
    assert told({"$ref": "#/Done"}, {"status": "error"}) == [("missing field", "$.why", "text", "nothing of this name")]
    assert told({"$ref": "#/Done"}, {"status": "ok", "new": 1}) == [("unknown field", "$.new", "no field of this name", "whole number")]


def test_a_schema_may_refer_to_itself() -> None:
    """However deep the body is."""
    tree = {"id": "a", "inner": [{"id": "b", "inner": [{"id": "c"}]}]}
    assert shape({"$ref": "#/Tree"}).fits(tree)
    assert told({"$ref": "#/Tree"}, {"id": "a", "inner": [{"id": "b", "inner": [{}]}]}) == [
        ("missing field", "$.inner[].inner[].id", "text", "nothing of this name")
    ]


def test_a_long_name_is_cut() -> None:
    """An answer cannot fill the report with a name."""
    assert len(differences(MAIL, {"id": "", "size": 1, "x" * 5000: 1})[0].place) < 100


# ── whatever the schema ──────────────────────────────────────────────────────────────────────────────────────────────────────────

LEAVES = {
    "string": st.text(max_size=5),
    "integer": st.integers(),
    "number": st.floats(allow_nan=False) | st.integers(),
    "boolean": st.booleans(),
    "null": st.none(),
}
LEAF = st.sampled_from(sorted(LEAVES)).map(lambda name: {"type": name})
NAMES = st.text("abcdef", min_size=1, max_size=3)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(NAMES, inner, max_size=4).flatmap(
        lambda properties: st.builds(
            lambda required, others: {"type": "object", "properties": properties, "required": required, **others},
            st.lists(st.sampled_from(sorted(properties)), unique=True) if properties else st.just([]),
            st.sampled_from([{}, {"additionalProperties": False}]),
        )
    )


SCHEMAS = st.recursive(
    LEAF | st.just(True),
    lambda inner: (
        objects(inner)
        | inner.map(lambda items: {"items": items})
        | inner.map(lambda items: {"type": "array", "items": items})
        | inner.map(lambda others: {"type": "object", "additionalProperties": others})
        | st.lists(inner, min_size=1, max_size=3).map(lambda choices: {"anyOf": choices})
    ),
    max_leaves=8,
)


def values(schema: Any) -> st.SearchStrategy[Any]:
    """Values that *schema* describes."""
    if schema is True:
        return st.integers() | st.text(max_size=3)
    if "anyOf" in schema:
        return st.one_of([values(choice) for choice in schema["anyOf"]])
    match schema.get("type", "array"):
        case "array":
            return st.lists(values(schema["items"]), max_size=3)
        case "object" if "properties" in schema:
            named, required = schema["properties"], schema["required"]
            optional = {name: values(one) for name, one in named.items() if name not in required}
            return st.fixed_dictionaries({name: values(named[name]) for name in required}, optional=optional)
        case "object":
            return st.dictionaries(NAMES, values(schema["additionalProperties"]), max_size=3)
        case leaf:
            return LEAVES[leaf]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(SCHEMAS.flatmap(lambda schema: st.tuples(st.just(schema), values(schema))))
def test_a_value_made_from_a_schema_has_no_difference(made: tuple[Any, Any]) -> None:
    """Whatever the schema."""
    schema, value = made
    assert told(schema, value) == []


@given(SCHEMAS, ANY_JSON)
def test_the_quick_answer_never_hides_a_difference(schema: Any, value: Any) -> None:
    """What fits has none; what does not fit has one, but for whole numbers that are written with a point."""
    compiled = shape(schema)
    found = list(compiled.differences(value))
    assert not (compiled.fits(value) and found)
    if not compiled.fits(value) and not found:
        assert ".0" in repr(value) or "e+" in repr(value)


@given(objects(SCHEMAS).flatmap(lambda schema: st.tuples(st.just(schema), values(schema))))
def test_a_field_more_is_one_difference(made: tuple[Any, Any]) -> None:
    """A name that the schema does not have is told, and nothing else."""
    schema, value = made
    if not schema["properties"] and schema.get("additionalProperties") is not False:
        schema = {**schema, "additionalProperties": False}
    assert [(one.kind, one.place) for one in differences(schema, {**value, "new!": 1})] == [("unknown field", "$.new!")]


@given(objects(SCHEMAS).flatmap(lambda schema: st.tuples(st.just(schema), values(schema))))
def test_a_field_less_is_a_difference_where_it_is_required(made: tuple[Any, Any]) -> None:
    """Leaving out what may be left out is none."""
    schema, value = made
    for name in value:
        rest = {key: item for key, item in value.items() if key != name}
        expected = [("missing field", f"$.{name}")] if name in schema["required"] else []
        assert [(one.kind, one.place) for one in differences(schema, rest)] == expected
