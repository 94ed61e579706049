"""Our closures and Jinja2's own sandbox agree on every expression that both can carry out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from runner.scenario.templates.conditions import TESTS
from runner.scenario.templates.expression import Fault, compiled
from runner.scenario.templates.filters import FILTERS

SCOPE: dict[str, Any] = {
    "a": "Some text",
    "b": "",
    "n": 7,
    "f": 2.5,
    "yes": True,
    "l": [3, 1, 2],
    "t": ["b", "A", "c"],
    "o": {"k": "v", "items": [1], "deep": {"x": [{"id": 1}, {"id": 2}]}},
}
OURS_ONLY = {"base64", "date", "json", "sha256", "tojson", "truncate", "title", "e", "escape", "string", "urlencode"}

ATOMS = st.sampled_from([*SCOPE, "1", "0", "-2", "1.5", "'x'", "''", "true", "false", "none", "[]", "[1, 'x']", "{}", "{'k': 1}", "(1, 2)"])
BINARY = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "not in"])
FILTER = st.sampled_from(
    [
        "upper",
        "lower",
        "trim",
        "length",
        "first",
        "last",
        "int",
        "float",
        "abs",
        "list",
        "sort",
        "reverse | list",
        "unique | list",
        "default('d')",
        "join(',')",
        "replace('e', 'E')",
        "capitalize",
        "round",
        "sum",
        "max",
        "min",
        "map('upper') | list",
        "select('odd') | list",
        "count",
        "d(1, true)",
    ]
)
TEST = st.sampled_from(
    [
        "none",
        "string",
        "odd",
        "even",
        "mapping",
        "sequence",
        "boolean",
        "true",
        "integer",
        "divisibleby(2)",
        "in([1, 'x'])",
    ]
)
PARTS = st.sampled_from(
    [
        ".k",
        ".items",
        "['deep']",
        ".deep.x[0].id",
        "[0]",
        "[-1]",
        "[1:]",
        "[::2]",
        ".upper()",
        ".split()",
        ".get('k')",
        ".strip()",
        ".nothing",
    ]
)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of expressions."""
    return st.one_of(
        st.builds("({} {} {})".format, inner, BINARY, inner),
        st.builds("({} | {})".format, inner, FILTER),
        st.builds("({} is {})".format, inner, TEST),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("{}{}".format, inner, PARTS),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'k': {}}}".format, inner),
    )


# Jinja2 calls a list defined whatever stands in it, ours is when all of its parts are: asked of names and their parts both mean the same
DEFINED = st.builds("({}{} is defined)".format, st.sampled_from([*SCOPE]), st.one_of(st.just(""), PARTS))
EXPRESSIONS = st.recursive(ATOMS | DEFINED, grown, max_leaves=6)


@pytest.fixture(scope="module")
def jinja() -> ImmutableSandboxedEnvironment:
    """Jinja2's sandbox, as strict as we are."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined)


def outcome(expression: str, scope: dict[str, Any]) -> tuple[Any, Fault | None]:
    """What we make of it, or why not."""
    try:
        return compiled(expression).evaluate(scope), None
    except Fault as fault:
        return None, fault


def theirs(jinja: ImmutableSandboxedEnvironment, expression: str) -> Any:
    """What Jinja2 makes of it; generators are lists."""
    value = jinja.compile_expression(expression, undefined_to_none=False)(**SCOPE)
    if isinstance(value, StrictUndefined):
        raise LookupError  # noqa: TRY004 - what is not there
    return settled(value)


def settled(value: Any) -> Any:
    """Lists for tuples and generators, all the way down; the text of Python for the text of JSON is a matter of its own."""
    if isinstance(value, dict):
        return {key: settled(one) for key, one in value.items()}
    if isinstance(value, str | int | float | bool | None):
        return value
    return [settled(one) for one in value]


@given(expression=EXPRESSIONS)
def test_ours_and_jinja2s_agree(jinja: ImmutableSandboxedEnvironment, expression: str) -> None:
    """Where both give a value it is the same; where ours gives none it says why with a code and a place in the expression."""
    ours, fault = outcome(expression, SCOPE)
    if fault is not None:
        assert fault.code.startswith("E3")
        assert 0 <= fault.start < fault.end <= len(expression) + 1
        return
    try:
        other = theirs(jinja, expression)
    except Exception:  # noqa: BLE001 - whatever Jinja2 does not do, we may
        return
    if "~" not in expression and "join" not in expression:  # JSON's text for lists and truth values, not Python's
        assert ours == other
        assert type(ours) is type(other) or isinstance(ours, int | float)


@given(
    expression=st.lists(
        st.sampled_from([*"abno()[]{}.,|~+-*/%'\"=<>!: ", "upper", " if ", " is ", " not ", "in", "\\", "0x", "\n", "é", "{{", "}}"]),
        max_size=14,
    )
)
def test_any_signs_give_a_value_or_a_fault(expression: list[str]) -> None:
    """No mixture of signs raises anything but a Fault with its place inside the expression."""
    text = "".join(expression)
    _, fault = outcome(text, SCOPE)
    assert fault is None or 0 <= fault.start < fault.end <= max(1, len(text)) + 1


@pytest.mark.parametrize("name", sorted(set(FILTERS) - OURS_ONLY))
def test_every_filter_is_jinja2s(jinja: ImmutableSandboxedEnvironment, name: str) -> None:
    """A filter that has a name of Jinja2's does what Jinja2's does on its own example."""
    assert name in jinja.filters
    expression = FILTERS[name].example
    scope: dict[str, Any] = {
        "name": "ann b",
        "nickname": None,
        "names": ["b", "a", "b"],
        "subject": "a bc",
        "headers": {"a": 1},
        "items": [{"id": 2, "status": "sent", "closed": False}, {"id": 1, "status": "queued", "closed": True}],
    }
    expected = settled(jinja.compile_expression(expression)(**scope))
    assert compiled(expression).evaluate(scope) == expected


def test_every_test_is_jinja2s(jinja: ImmutableSandboxedEnvironment) -> None:
    """Tests have the names of Jinja2's; only `empty` is ours."""
    assert set(TESTS) - set(jinja.tests) == {"empty"}


@pytest.mark.parametrize("name", sorted(FILTERS))
@pytest.mark.parametrize("value", ["text", 7, 1.5, True, None, [1, 2], {"k": 1}, b"bytes"])
def test_a_filter_that_is_given_the_wrong_thing_says_what_it_takes(name: str, value: Any) -> None:
    """Every filter gives a value or a message with its name, for every kind of value."""
    expression = f"value | {name}" + ("('a', 'b')" if name == "replace" else "")
    _, fault = outcome(expression, {"value": value})
    if fault is not None:
        assert fault.code in ("E302", "E305")
        assert f"`{name}`" in fault.message or "cannot be written as text" in fault.message


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_the_example_of_every_filter_works(name: str) -> None:
    """What a message shows as an example can be rendered."""
    scope: dict[str, Any] = {
        "name": "Ann",
        "nickname": "x",
        "names": ["b", "a"],
        "subject": "s",
        "headers": {"a": 1},
        "order": {"id": 1},
        "body": "x",
        "items": [{"id": 1, "status": "sent", "closed": True}],
        "now": lambda: "2030-01-02T09:00:00Z",
    }
    compiled(FILTERS[name].example).evaluate(scope)
