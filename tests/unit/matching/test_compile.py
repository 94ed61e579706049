"""Expectations as the shape of an answer: partial objects, exact lists, matchers anywhere, all differences at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from runner.errors import RunnerError
from runner.matching import BadExpectation, compile_check
from runner.source import Source, Span


class Name:
    """A leaf that gives a name's value, as a template does."""

    def __init__(self, name: str) -> None:
        self.names = (name,)
        self.renders = 0

    def render(self, scope: Mapping[str, Any]) -> Any:
        self.renders += 1
        return scope[self.names[0]]


def told(expectation: Any, got: Any, **scope: Any) -> list[tuple[str, str, str]]:
    """Each difference as path, expected, got."""
    return [(d.path, d.expected, d.got) for d in compile_check(expectation).differences(got, scope)]


@pytest.mark.parametrize(
    ("expectation", "got"),
    [
        ({"http": 201}, {"http": 201, "body": {}}),
        ({}, {"anything": 1}),
        ({"a": None}, {"a": None}),
        ({"a": 1}, {"a": 1.0}),
        ([1, {"b": 2}], [1, {"b": 2, "c": 3}]),
        ([], []),
        ("text", "text"),
        ({"to": [{"contains": "joe"}]}, {"to": ["joe@example.com"]}),
        ({"answer": {"headers": {"content-type": "text/plain"}}}, {"answer": {"headers": {"Content-Type": "text/plain"}}}),
        ({"attachments[-1].name": "b.pdf"}, {"attachments": [{"name": "a.pdf"}, {"name": "b.pdf"}]}),
        ({"body.items[0].id": 7}, {"body": {"items": [{"id": 7}]}}),
        ({"a.b": 1}, {"a.b": 1}),
        ({"length": 5, "name": "x"}, {"length": 5, "name": "x"}),
        ({"contain": "x"}, {"contain": "x"}),
    ],
)
def test_an_answer_of_the_expected_shape_passes(expectation: Any, got: Any) -> None:
    """Objects are partial, lists exact, a bare value means equal; a field may have any name, and a path may stand for one."""
    assert told(expectation, got) == []


@pytest.mark.parametrize(
    ("expectation", "got", "differences"),
    [
        ({"http": 201}, {"http": 409}, [("http", "201", "409")]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, [("a.b.c", "1", "2")]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [("a[1]", "2", "3")]),
        ({"a": [1]}, {"a": [1, 2]}, [("a", "a list of 1 item", "a list of 2 items: [1, 2]")]),
        ({"a": {"b": 1}}, {"a": "text"}, [("a", "{b: 1}", '"text"')]),
        ({"a": []}, {"a": {}}, [("a", "a list of 0 items", "{}")]),
        ({"a": 1}, {"a": True}, [("a", "1", "true")]),
        ({"a": None}, {}, [("a", "nothing", "absent")]),
        ({"a b": 1}, {"a b": 2}, [("['a b']", "1", "2")]),
        ({"a": {"exactly": {"b": 1}}}, {"a": {"b": 1, "c": 2}}, [("a.c", "nothing at all", "2")]),
        ({"a": {"each": {"b": 1}}}, {"a": [{"b": 1}, {"b": 2}]}, [("a[1].b", "1", "2")]),
        ({"a": {"each": {"each": 1}}}, {"a": [[1], [1, 2]]}, [("a[1][1]", "1", "2")]),
        ({"a": {"length": {"at_least": 2}}}, {"a": "x"}, [("a.length", "at least 2", "1")]),
        ({"attachments[-1].name": "x"}, {"attachments": [{"name": "y"}]}, [("attachments[-1].name", '"x"', '"y"')]),
        ({"a": {"unordered": ["x", "y"]}}, {"a": ["y", "z"]}, [("a", '["x", "y"] in any order', '["y", "z"]')]),
        # that there is no such field is only known where there could be one
        ({"a.b": {"absent": True}}, {"a": "<html>"}, [("a.b", "nothing at all", '"<html>"')]),
        ({"a.b": {"absent": True}}, {}, [("a.b", "nothing at all", "absent")]),
        ({"a.b": {"absent": True}}, {"a": {}}, []),
        ({"a[3].b": {"absent": True}}, {"a": [{}]}, [("a[3].b", "nothing at all", "absent")]),
        ({"a[3]": {"absent": True}}, {"a": [{}]}, []),
        ({"a": {"unordered": [{"n": "x"}]}}, {"a": []}, [("a", '[{n: "x"}]', "[]")]),
        ({"a": {"unordered": [{"n": "x"}]}}, {"a": [{"n": "y", "id": 7}]}, [("a", '[{n: "x"}]', '[{n: "y"}]')]),
        ({"a": {"contains": {"n": "x"}}}, {"a": [{"n": "y", "id": 7}]}, [("a", 'a list that contains {n: "x"}', '[{n: "y"}]')]),
        ({"a": {"unordered": ["x"]}}, {"a": ["x", "z"]}, [("a", '["x"]', '["x", "z"]')]),
        ({"a": {"all_of": [{"at_least": 2}, {"at_most": 0}]}}, {"a": 1}, [("a", "at least 2", "1"), ("a", "at most 0", "1")]),
        ({"a": 1, "b": 2, "c": 3}, {"a": 9, "b": 2}, [("a", "1", "9"), ("c", "3", "absent")]),
    ],
)
def test_all_differences_are_told_with_their_paths(expectation: Any, got: Any, differences: list[tuple[str, str, str]]) -> None:
    """Every difference comes with its path in the output, what was expected, and what came."""
    assert told(expectation, got) == differences


@pytest.mark.parametrize(
    ("expectation", "got", "hint"),
    [
        ("sent", "Sent", "only capital letters differ"),
        ("a b", "a  b", "only spaces or line ends differ"),
        ("Order 4711", "Order 4712", 'the text differs at character 10: "2" instead of "1"'),
        ("Order", "Order 4711", 'the answer goes on with " 4711"'),
        ("Order 4711", "Order 47", 'the answer ends early: "11" is missing'),
        ("sent", "queued", ""),
        (5, "5", "the same number, but the answer has text and a number is expected"),
        ("5", 5, "the same number, but the answer has a number and text is expected"),
        ("true", True, "the answer has true or false, expected is text"),
        ({"subject": 1}, {"subjct": 1}, "there is `subjct`"),
        ({"contain": "x"}, {"status": "x"}, "there is no such field; if a matcher was meant, it is called `contains`"),
        ({"id": 1}, "<html>", "the answer is text, not JSON"),
        ([1], [1, 2], "use `contains` or `unordered` when not all of them matter"),
        ({"unordered": [{"n": 1}, {"n": 2}]}, [{"n": 1, "x": 9}, {"n": 3, "x": 9}], "missing: {n: 2}; too many: {n: 3}"),
        ({"unordered": [{"n": 1}]}, [{"n": 1}, {"m": 3}], 'too many: {"m": 3}'),
        ({"unordered": [{"n": 1}]}, [{"n": 3}], ""),
    ],
)
def test_a_hint_says_what_probably_went_wrong(expectation: Any, got: Any, hint: str) -> None:
    """A difference comes with what helps to see it: the nearest field, the first character, the other kind."""
    assert compile_check(expectation).differences(got, {})[0].hint == hint


def test_a_long_value_is_cut_to_a_readable_length() -> None:
    """What came is shown in 200 characters at most."""
    ((_, _, got),) = told("short", "x" * 10_000)

    assert len(got) == 200
    assert got.endswith("…")


def test_unordered_finds_a_pairing_if_there_is_one() -> None:
    """A loose matcher never takes the item that a strict one needs."""
    assert told({"unordered": [{"is": "text"}, {"starts_with": "a"}, "ab"]}, ["ab", "ac", "x"]) == []


def test_templates_are_rendered_when_the_check_is_made() -> None:
    """A dynamic leaf is rendered once for each check, with the scope of that check, and keeps its type."""
    leaf = Name("order")
    check = compile_check({"id": leaf})

    first = check.differences({"id": 4711}, {"order": 4711})
    second = check.differences({"id": 4711}, {"order": "4711"})

    assert first == []
    assert second[0].hint == "the same number, but the answer has a number and text is expected"
    assert leaf.renders == 2


@pytest.mark.parametrize(
    ("expectation", "got"),
    [
        ({"subject": {"contains": Name("text")}}, {"subject": "my order"}),
        ({"subject": {"one_of": Name("texts")}}, {"subject": "order"}),
        ({"subject": {"contains": Name("texts")}}, {"subject": ["x", "order"]}),
        ({"took": {"between": [Name("low"), 9]}}, {"took": 5}),
        ({"subject": {"close_to": Name("low"), "within": Name("low")}}, {"subject": 1.5}),
        ({"subject": {"matches": Name("text")}}, {"subject": "my order"}),
        ({"subject": {"equals": {"a": Name("text")}}}, {"subject": {"a": "order"}}),
    ],
)
def test_a_template_may_stand_in_a_matcher(expectation: Any, got: Any) -> None:
    """What a matcher compares with may come out of a template, whole or in part."""
    assert told(expectation, got, text="order", texts=["order"], low=1) == []


def test_what_a_template_gives_is_never_read_as_a_matcher() -> None:
    """Data that looks like a matcher is compared as the data that it is."""
    assert told({"a": Name("saved")}, {"a": {"contains": "x"}}, saved={"contains": "x"}) == []
    assert told({"a": Name("saved")}, {"a": "xx"}, saved={"contains": "x"}) == [("a", '{"contains": "x"}', '"xx"')]


def test_data_out_of_a_template_is_compared_in_whole_and_told_by_field() -> None:
    """A saved object means equal, each field of it; what differs is told by field."""
    assert told({"a": Name("saved")}, {"a": {"b": 1, "d": 4}}, saved={"b": 2, "c": 3}) == [
        ("a.b", "2", "1"),
        ("a.c", "3", "absent"),
        ("a.d", "nothing at all", "4"),
    ]


def test_a_secret_is_compared_by_its_value_and_told_without_it() -> None:
    """A secret equals the text that it stands for, and no difference shows it."""

    class Hidden:
        value = "pass word"

        def plain(self) -> str:
            return self.value

        def __str__(self) -> str:
            return "***"

    assert told({"a": Name("s")}, {"a": "pass word"}, s=Hidden()) == []
    assert told({"a": Name("s")}, {"a": "x"}, s=Hidden()) == [("a", "***", '"x"')]


def test_a_matcher_that_gets_something_wrong_out_of_a_template_is_an_error() -> None:
    """What cannot be known beforehand is an error of the step, not a difference."""
    check = compile_check({"a": {"at_least": Name("x")}})

    with pytest.raises(RunnerError, match="`at_least` needs a number"):
        check.differences({"a": 1}, {"x": "many"})


def test_names_and_comparisons_are_counted() -> None:
    """A check knows the names its templates ask for, in order, and how many values it compares."""
    check = compile_check({"a": 1, "b": {"c": Name("x"), "d": {"contains": Name("y")}}, "e": [1, 2], "f": {"between": [Name("z"), 2]}})

    assert check.names == ("x", "y", "z")
    assert check.count == 6


def test_a_difference_knows_its_line() -> None:
    """With the places of the file at hand, each difference says where the file states the expectation."""
    source = Source("a.yaml", "")

    def where(keys: Sequence[str | int]) -> Span:
        return Span(source, len(keys), 7, len(keys), 8)

    differences = compile_check({"a": 1, "b": {"each": {"c": 1}}}, where=where).differences({"a": 2, "b": [{"c": 2}]}, {})

    assert [(d.path, d.line, d.column) for d in differences] == [("a", 1, 7), ("b[0].c", 3, 7)]


def test_all_wrong_matchers_are_told_at_once() -> None:
    """Every mistake in an expectation is found, with the keys that lead to it."""
    with pytest.raises(BadExpectation) as caught:
        compile_check({"a": {"between": [1]}, "b": [{"is": "txt"}], "c": {"any_of": [{"matches": "("}]}, "d": {"startsWith": "x"}})

    assert [keys for keys, _ in caught.value.problems] == [
        ("a", "between"),
        ("b", 0, "is"),
        ("c", "any_of", 0, "matches"),
        ("d", "startsWith"),
    ]
