"""How a value is found in an output."""

from __future__ import annotations

import pytest

from runner.matching import ABSENT, BadPath, compile_path, find, parts_of
from runner.matching.paths import missing_hint

OUTPUT = {
    "id": "4711",
    "http": 201,
    "headers": {"Content-Type": "application/json", "etag": "7"},
    "body": {"items": [{"id": 1, "a b": "blank"}, {"id": 2}], "none": None, "headers": {"X-Run": "9"}, "a.b": "dot"},
    "attachments": [{"name": "a.pdf"}, {"name": "b.pdf"}],
    "table": [[1, 2], [3, 4]],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "4711"),
        ("http", 201),
        ("body.items", OUTPUT["body"]["items"]),
        ("body.items[0].id", 1),
        ("body.items[-1].id", 2),
        ("body.items.1.id", 2),
        ("attachments[-1].name", "b.pdf"),
        ("table[1][0]", 3),
        ("body.items[0]['a b']", "blank"),
        ('body.items[0]["a b"]', "blank"),
        ("body['a.b']", "dot"),
        ("['body'].none", None),
        ("headers.content-type", "application/json"),
        ("headers.ETag", "7"),
        ("body.headers.x-run", "9"),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: object) -> None:
    """A selector finds fields, items from either end, quoted names, and headers in any case."""
    assert find(path, OUTPUT) == value


@pytest.mark.parametrize(
    "path",
    ["nothing", "body.nothing", "body.items[2]", "body.items[-3]", "id.x", "id[0]", "http.x", "body.none.x", "body.ITEMS", "body.items.x"],
)
def test_a_path_that_leads_nowhere_gives_absent(path: str) -> None:
    """What is not there is ABSENT, which is neither nothing nor an error; outside of headers, capitals matter."""
    assert find(path, OUTPUT) is ABSENT


@pytest.mark.parametrize(
    ("path", "position"),
    [("", 0), (".id", 0), ("body.", 4), ("body..id", 4), ("items[0", 5), ("items[x]", 5), ("items]", 5), ("a b", 1), ("items[0]id", 8)],
)
def test_a_path_that_cannot_be_read_says_from_where_on(path: str, position: int) -> None:
    """A broken selector is refused, with the character at which it goes wrong."""
    with pytest.raises(BadPath) as caught:
        parts_of(path)

    assert caught.value.position == position


def test_a_path_is_compiled_once() -> None:
    """The same text gives the same function."""
    assert compile_path("body.items[0].id") is compile_path("body.items[0].id")


def test_absent_is_shown_in_plain_words_and_counts_as_false() -> None:
    """ABSENT reads as a word, and is false in a condition."""
    assert repr(ABSENT) == "absent"
    assert not ABSENT


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ({"subject": 1, "to": 2}, "there is `subject`"),
        ({"to": 1, "cc": 2}, "there is only to, cc"),
        (
            {f"field{n}{n}": n for n in range(10)},
            "there is only field00, field11, field22, field33, field44, field55, field66, field77 and 2 more",
        ),
        ([1], "the list has 1 item"),
        ("text", ""),
        ({}, ""),
    ],
)
def test_a_missing_field_is_explained_by_what_there_is(data: object, hint: str) -> None:
    """The nearest field is named, or those that there are."""
    assert missing_hint(data, "subjct") == hint
