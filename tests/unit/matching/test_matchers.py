"""Every matcher of the language: what it takes, what it refuses, what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from runner.errors import RunnerError
from runner.matching import ABSENT, MATCHER_NAMES, BadExpectation, compile_check

PASSES: list[tuple[dict[str, Any], Any]] = [
    ({"contains": "order"}, "Your order 4711"),
    ({"contains": 4711}, "Your order 4711"),
    ({"contains": ["order", "4711"]}, "Your order 4711"),
    ({"contains": "a.pdf"}, ["a.pdf", "b.pdf"]),
    ({"contains": {"name": "a.pdf"}}, [{"name": "a.pdf", "size": 1}]),
    ({"contains": {"size": {"at_least": 2}}}, [{"size": 1}, {"size": 2}]),
    ({"contains": "id"}, {"id": 1}),
    ({"matches": "[0-9]{4}"}, "Your order 4711"),
    ({"matches": "^Re:"}, "Re: hello"),
    ({"starts_with": "Re:"}, "Re: hello"),
    ({"ends_with": ".pdf"}, "invoice.pdf"),
    ({"one_of": ["sent", "sending"]}, "sent"),
    ({"one_of": [1, {"at_least": 9}]}, 10),
    ({"not": "failed"}, "sent"),
    ({"not": {"contains": "x"}}, "abc"),
    ({"at_least": 1}, 1),
    ({"at_least": 1}, 1.5),
    ({"at_most": 9}, -1),
    ({"at_most": "2s"}, 1.9),
    ({"at_most": "2s"}, "1900ms"),
    ({"at_least": "2030-01-02"}, "2030-01-02T09:00:00Z"),
    ({"at_most": timedelta(seconds=2)}, 2),
    ({"between": [1, 9]}, 9),
    ({"between": ["1s", "1 min"]}, 59.9),
    ({"between": ["08:00", "18:00"]}, "2030-01-02T09:00:00Z"),
    ({"length": 2}, ["a", "b"]),
    ({"length": {"at_least": 3}}, "abc"),
    ({"length": 1}, {"a": 1}),
    ({"each": {"status": "sent"}}, [{"status": "sent"}, {"status": "sent", "id": 1}]),
    ({"any_of": [[], {"each": "x"}]}, []),
    ({"exactly": {}}, {}),
    ({"unordered": ["b", "a"]}, ["a", "b"]),
    ({"unordered": [{"is": "text"}, "a"]}, ["a", "b"]),
    ({"unordered": []}, []),
    ({"exactly": {"a": 1, "b": {"c": {"is": "text"}}}}, {"b": {"c": "x"}, "a": 1}),
    ({"absent": True}, ABSENT),
    ({"absent": False}, None),
    ({"close_to": 10, "within": 0.5}, 10.4),
    ({"close_to": "12:00", "within": "5s"}, "2030-01-02T12:00:04Z"),
    ({"close_to": "00:00", "within": "5s"}, "2030-01-02T23:59:57Z"),
    ({"close_to": "2030-01-02T09:00:00Z", "within": "1 min"}, "20300102T090059Z"),
    ({"close_to": "2030-01-02T09:00:00Z", "within": "1 min"}, "Wed, 02 Jan 2030 10:00:30 +0100"),
    ({"close_to": "2030-01-02T09:00:00Z", "within": "1s"}, 1893574800),
    ({"close_to": "2030-01-02T09:00:00Z", "within": 1}, 1893574800500),
    ({"close_to": datetime(2030, 1, 2, tzinfo=UTC), "within": timedelta(seconds=1)}, "2030-01-02T00:00:01+00:00"),
    ({"close_to": "30s", "within": "5s"}, 27),
    ({"all_of": [{"starts_with": "a"}, {"ends_with": "c"}]}, "abc"),
    ({"any_of": [{"absent": True}, "x"]}, ABSENT),
    ({"any_of": ["x", {"starts_with": "a"}]}, "abc"),
    ({"equals": {"contains": "x"}}, {"contains": "x"}),
    ({"at_least": 1, "at_most": 9}, 5),
    ({"is": ["text", "nothing"]}, None),
    ({"schema": {"type": "object", "required": ["id"]}}, {"id": 1}),
]

FAILS: list[tuple[dict[str, Any], Any, str, str]] = [
    ({"contains": "order"}, "Your Order", 'text that contains "order"', "only capital letters differ"),
    ({"contains": "my order"}, "my  order", 'text that contains "my order"', "only spaces or line ends differ"),
    ({"contains": "a.pdf"}, ["b.pdf"], 'a list that contains "a.pdf"', '"b.pdf" is the nearest'),
    ({"contains": ["a", "b"]}, "a", 'text that contains "b"', ""),
    ({"contains": "x"}, None, 'text that contains "x"', ""),
    ({"contains": True}, "true", "text that contains true", ""),
    ({"matches": "order"}, "ORDER", "text that matches order", "only capital letters differ; write (?i) at the beginning to overlook them"),
    ({"matches": "x"}, 5, "text that matches x", "it is a number, not text"),
    ({"matches": "x"}, "y" * 100_001, "text that matches x", "the text has 100001 characters, too long to search; use `contains`"),
    ({"starts_with": "Re:"}, "Rx: a", 'text that starts with "Re:"', 'the text differs at character 2: "x:" instead of "e:"'),
    ({"starts_with": "Re:"}, None, 'text that starts with "Re:"', "it is nothing, not text"),
    ({"ends_with": ".pdf"}, ["a"], 'text that ends with ".pdf"', "it is a list, not text"),
    ({"one_of": ["sent", "sending"]}, "snt", '"sent" or "sending"', '"sent" is the nearest'),
    ({"one_of": ["sent"]}, 5, '"sent"', ""),
    ({"not": "failed"}, "failed", 'anything but "failed"', ""),
    ({"not": {"contains": "x"}}, "x", 'anything that does not contain "x"', ""),
    ({"not": {"contains": "x"}}, None, 'anything that does not contain "x"', "it is nothing, so nobody can say"),
    ({"not": {"contains": "x"}}, 5, 'anything that does not contain "x"', "it is a number, so nobody can say"),
    ({"not": {"matches": "x"}}, None, "anything but text that matches x", "it is nothing, not text"),
    ({"not": {"starts_with": "x"}}, 5, 'anything but text that starts with "x"', "it is a number, not text"),
    ({"not": {"ends_with": "x"}}, [], 'anything but text that ends with "x"', "it is a list, not text"),
    (
        {"not": {"matches": "error"}},
        "x" * 100_001,
        "anything but text that matches error",
        "the text has 100001 characters, too long to search; use `contains`",
    ),
    ({"not": {"at_least": 5}}, "abc", "anything but at least 5", "it is text, not a number"),
    ({"not": {"between": [1, 3]}}, None, "anything but between 1 and 3", "it is nothing, not a number"),
    ({"not": {"length": 3}}, 5, "anything but a length of 3", "a number has no length"),
    (
        {"not": {"each": "x"}},
        [],
        'anything but a list, each item "x"',
        "nothing was looked at; if it may be empty, write any_of: [[], {each: …}]",
    ),
    ({"not": {"not": {"contains": "x"}}}, None, 'anything but anything that does not contain "x"', "it is nothing, so nobody can say"),
    ({"not": "x"}, ABSENT, 'anything but "x"', ""),
    ({"at_least": 3}, 2, "at least 3", ""),
    ({"at_least": 3}, "4", "at least 3", "it is text, not a number"),
    ({"at_least": 0}, True, "at least 0", "it is true or false, not a number"),
    ({"at_most": "2s"}, 2.4, "at most 2s", ""),
    ({"at_most": "2s"}, "soon", "at most 2s", "it is text, not a number of seconds"),
    ({"between": [1, 9]}, 10, "between 1 and 9", ""),
    ({"is": "whole_number"}, 1.5, "a whole number", "it is a number"),
    ({"is": ["text", "nothing"]}, 5, "text or nothing", "it is a number"),
    ({"close_to": "12:00", "within": "5s"}, "2030-01-02T12:00:06Z", "12:00, give or take 5s", ""),
    ({"close_to": "12:00", "within": "5s"}, "noon", "12:00, give or take 5s", "it is text, not a time"),
    ({"absent": True}, None, "nothing at all", ""),
    ({"absent": False}, ABSENT, "something", ""),
    ({"any_of": [{"a": 1, "b": 2}, {"a": 1}]}, {"a": 2}, "{a: 1, b: 2} or {a: 1}", ""),
    ({"equals": 1}, 2, "1", ""),
    ({"length": 3}, 5, "something with a length of 3", "a number has no length"),
    (
        {"starts_with": "Re:"},
        "RE: Hello",
        'text that starts with "Re:"',
        "only capital letters differ; `matches` with (?i)^ before the text overlooks them",
    ),
    ({"each": "x"}, "x", 'a list, each item "x"', ""),
    ({"each": "x"}, [], 'a list, each item "x"', "nothing was looked at; if it may be empty, write any_of: [[], {each: …}]"),
    ({"exactly": {}}, {"a": 1}, "nothing at all", ""),
    ({"unordered": ["a"]}, "a", '["a"]', ""),
    ({"schema": {"required": ["id"]}}, {}, "data that fits the schema", "it: 'id' is a required property"),
]

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"contains": ""}, "`contains` needs something that is not empty"),
    ({"contains": []}, "`contains` needs something that is not empty"),
    ({"matches": 5}, "`matches` needs a text, not a number"),
    ({"matches": ""}, "`matches` needs a text that is not empty"),
    ({"matches": ".*"}, "every text matches .*, so this cannot say no"),
    ({"matches": "z*"}, "every text matches z*, so this cannot say no"),
    ({"matches": "z|"}, "every text matches z|, so this cannot say no"),
    ({"matches": "(["}, "the pattern cannot be read at character 2: unterminated character set"),
    ({"starts_with": ["a"]}, "`starts_with` needs a text, not a list"),
    ({"ends_with": None}, "`ends_with` needs a text, not nothing"),
    ({"one_of": "sent"}, '`one_of` needs a list with something in it, not "sent"'),
    ({"any_of": []}, "`any_of` needs a list with something in it, not []"),
    ({"all_of": {}}, "`all_of` needs a list with something in it, not {}"),
    ({"each": {}}, "`{}` asks for nothing, so every object is like it"),
    ({"not": {"a": {}}}, "`{}` asks for nothing, so every object is like it"),
    ({"at_least": "many"}, '`at_least` needs a number, a duration or a time, not "many"'),
    ({"at_most": True}, "`at_most` needs a number, a duration or a time, not true"),
    ({"between": [1]}, "`between` needs two values, not [1]"),
    ({"between": [9, 1]}, "`between` has its values the wrong way round: 9 is more than 1"),
    ({"between": [1, "2s"]}, "`between` needs two values of one kind"),
    ({"is": "txt"}, '`is` does not know "txt"'),
    ({"is": 5}, "`is` does not know 5"),
    ({"close_to": 5}, "`close_to` needs `within`, which says how close"),
    ({"close_to": 5, "within": "near"}, '`within` needs a number or a duration, not "near"'),
    ({"absent": "yes"}, '`absent` needs true or false, not "yes"'),
    ({"unordered": "a"}, '`unordered` needs a list, not "a"'),
    ({"same_as_file": "a.pdf"}, "a.pdf cannot be read here"),
    ({"schema": {"type": "no such type"}}, "the schema is not a JSON Schema: 'no such type' is not valid under any of the given schemas"),
    ({"startsWith": "a"}, "there is no matcher `startsWith`"),
    ({"at-least": 1}, "there is no matcher `at-least`"),
    ({"at_least": 1, "atmost": 2}, "there is no matcher `atmost`"),
]


def brief(value: Any) -> str:
    """A name that fits into the environment of a process on Windows, where pytest puts it."""
    return repr(value)[:80]


@pytest.mark.parametrize(("matcher", "got"), PASSES, ids=brief)
def test_a_matcher_agrees(matcher: dict[str, Any], got: Any) -> None:
    """A matcher agrees with a value that is as it says."""
    assert compile_check(matcher).differences(got, {}) == []


@pytest.mark.parametrize(("matcher", "got", "expected", "hint"), FAILS, ids=brief)
def test_a_matcher_disagrees_and_says_how(matcher: dict[str, Any], got: Any, expected: str, hint: str) -> None:
    """A matcher that disagrees says what it wants, and what helps to see why."""
    (told,) = compile_check(matcher).differences(got, {})

    assert (told.expected, told.hint) == (expected, hint)


@pytest.mark.parametrize(("matcher", "message"), WRONG, ids=brief)
def test_a_matcher_used_wrongly_is_refused_beforehand(matcher: dict[str, Any], message: str) -> None:
    """A matcher that cannot work with what it was given is a mistake in the file, told when the file is read."""
    with pytest.raises(BadExpectation) as caught:
        compile_check({"field": matcher})

    ((keys, problem),) = caught.value.problems
    assert problem.message == message
    assert keys[0] == "field"


def test_each_matcher_of_the_language_is_shown_here() -> None:
    """The tables above hold every matcher there is, agreeing at least once."""
    shown = {name for matcher, _ in PASSES for name in matcher}

    assert MATCHER_NAMES - {"is", "same_as_file"} <= shown


@pytest.mark.parametrize(
    ("kind", "fits", "does_not"),
    [
        ("text", "", 5),
        ("number", 1.5, True),
        ("whole_number", 3.0, 3.5),
        ("boolean", False, 0),
        ("list", [], {}),
        ("object", {}, []),
        ("nothing", None, ""),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        ("email", "joe@example.com", "joe at example.com"),
        ("url", "https://example.com/a?b=1", "example.com"),
        ("timestamp", "2030-01-02T09:00:00+01:00", "yesterday"),
        ("timestamp", "20300102T090000Z", "2030-13-02T00:00:00"),
        ("timestamp", "Wed, 02 Jan 2030 10:00:30 +0100", 1893574800),
    ],
)
def test_is_asks_for_a_kind(kind: str, fits: Any, does_not: Any) -> None:
    """`is` tells kinds of value apart, as JSON and mail write them."""
    check = compile_check({"is": kind})

    assert check.differences(fits, {}) == []
    assert check.differences(does_not, {}) != []


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Folder:
    """Files as the project gives them."""

    def __init__(self, **files: bytes) -> None:
        self.files = {name.replace("_", "."): content for name, content in files.items()}
        self.reads = 0

    def check(self, path: str) -> None:
        if path not in self.files:
            raise RunnerError(f"there is no file `{path}`", code="E401")

    def read(self, path: str) -> bytes:
        self.reads += 1
        return self.files[path]


@pytest.mark.parametrize(
    "got",
    [
        "Grüße\r\n",
        "Grüße\r\n".encode(),
        sha256("Grüße\r\n".encode()).hexdigest().upper(),
        {"sha256": sha256("Grüße\r\n".encode()).hexdigest()},
    ],
)
def test_same_as_file_compares_bytes(got: Any) -> None:
    """A file is the same as its text, its bytes, its SHA-256, and an output that has its SHA-256."""
    check = compile_check({"same_as_file": "a.txt"}, files=Folder(a_txt="Grüße\r\n".encode()))

    assert check.differences(got, {}) == []


@pytest.mark.parametrize(
    ("got", "hint"),
    [
        ("Hello\n", "only the line ends differ"),
        ("Hell", "the file has 7 bytes, the answer 4"),
        (b"Hell", "the file has 7 bytes, the answer 4"),
        (5, "it is a number, not text"),
        ({"sha256": "0"}, "the file has 7 bytes and the SHA-256 " + sha256(b"Hello\r\n").hexdigest()),
    ],
)
def test_same_as_file_says_how_they_differ(got: Any, hint: str) -> None:
    """What is not the same is told by its size or its line ends, never by its bytes."""
    (told,) = compile_check({"same_as_file": "a.txt"}, files=Folder(a_txt=b"Hello\r\n")).differences(got, {})

    assert (told.expected, told.hint) == ("the same as a.txt", hint)


def test_a_file_is_looked_for_beforehand_and_read_once() -> None:
    """That a file is there is checked when the expectation is compiled; it is read at the first comparison, and only then."""
    folder = Folder(a_txt=b"Hello")

    check = compile_check({"same_as_file": "a.txt"}, files=folder)
    before = folder.reads
    check.differences("Hello", {})
    check.differences("Hello", {})

    assert (before, folder.reads) == (0, 1)


def test_a_missing_file_is_a_mistake_in_the_file() -> None:
    """A file that is not there is told when the expectation is compiled."""
    with pytest.raises(BadExpectation) as caught:
        compile_check({"content": {"same_as_file": "b.txt"}}, files=Folder())

    assert [(keys, error.code) for keys, error in caught.value.problems] == [(("content", "same_as_file"), "E401")]


def test_a_json_schema_can_stand_in_a_file() -> None:
    """`schema` checks data with the JSON Schema of a file, and says where it does not fit."""
    check = compile_check({"schema": "mail.json"}, files=Folder(mail_json=b'{"properties": {"id": {"type": "string"}}}'))

    assert check.differences({"id": "4711"}, {}) == []
    assert check.differences({"id": 4711}, {})[0].hint == "id: 4711 is not of type 'string'"


def test_a_schema_file_that_is_no_json_is_told_as_such() -> None:
    """A schema that cannot be read is an error of its own, not a difference."""
    check = compile_check({"schema": "mail.json"}, files=Folder(mail_json=b"{"))

    with pytest.raises(RunnerError, match=r"mail\.json is not JSON"):
        check.differences({}, {})


def test_a_schema_never_fetches_anything() -> None:
    """A `$ref` to somewhere else is an error, not a request."""
    check = compile_check({"schema": {"$ref": "https://example.com/mail.json"}})

    with pytest.raises(Exception, match=r"example\.com"):
        check.differences({}, {})
