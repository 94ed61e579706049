"""How values look in messages."""

from __future__ import annotations

from typing import Any

import pytest

from runner.matching import ABSENT
from runner.matching.showing import kind_of, show


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("sent", '"sent"'),
        ("", '""'),
        (201, "201"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "nothing"),
        (ABSENT, "absent"),
        (["a", 1, None], '["a", 1, nothing]'),
        ({"id": "4711", "to": []}, '{"id": "4711", "to": []}'),
        ('say "hi"\n\t\\', r'"say \"hi\"\n\t\\"'),
        ("\x1b[31m\u202e", r'"\u001b[31m\u202e"'),
        ("こんにちは", '"こんにちは"'),
        ([], "[]"),
    ],
)
def test_a_value_is_shown_as_a_file_would_have_it(value: Any, text: str) -> None:
    """Texts in quotes, the rest as JSON; nothing that could move the cursor or turn the direction of reading."""
    assert show(value) == text


@pytest.mark.parametrize("value", ["x" * 500, ["x"] * 500, {str(n): n for n in range(500)}, [["x" * 300]] * 3])
def test_a_large_value_is_cut(value: Any) -> None:
    """However large a value is, it takes no more than the room it is given."""
    assert len(show(value, length=50)) == 50


def test_kinds_have_plain_names() -> None:
    """Kinds of value are called as a tester calls them."""
    assert [kind_of(v) for v in ("a", 1, 1.5, True, [], {}, None, ABSENT, object())] == [
        "text",
        "a number",
        "a number",
        "true or false",
        "a list",
        "an object",
        "nothing",
        "absent",
        "something else",
    ]
