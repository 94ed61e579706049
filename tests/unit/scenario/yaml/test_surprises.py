"""Texts that say something else than they seem to: told as warnings, at their place."""

from __future__ import annotations

import pytest

from runner.scenario.yaml.document import parse
from runner.scenario.yaml.surprises import surprises
from runner.source import Source


def told(text: str) -> list[tuple[str, int, int]]:
    found = surprises(parse(Source("a.scenario.yaml", text)).root)
    return [(one.code, one.span.line, one.span.column) for one in found if one.span is not None and one.severity == "warning"]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("subject: Order #5", "E129", 16),
        ("subject: Order 4711 #urgent please", "E129", 21),
        ("subject: “Hello”", "E130", 10),
        ("subject: „Guten Tag“", "E130", 10),
        ("to: [joe@example.com, «ann@example.com»]", "E130", 23),
    ],
)
def test_a_text_that_says_something_else_is_told(line: str, code: str, column: int) -> None:
    """A comment that was meant as text, and quotes that are letters."""
    assert told(f"a: 1\n{line}\n") == [(code, 2, column)]


@pytest.mark.parametrize(
    "line",
    [
        "subject: Order 5 # the everyday case",
        "subject: 'Order #5'",
        "subject: Order#5",
        "subject: 'Order' #5",
        "# subject: Order #5",
        "subject: He said “Hello” to me",
        'subject: "“Hello”"',
        "subject: It’s late",
    ],
)
def test_what_is_meant_is_left_alone(line: str) -> None:
    """Comments with a blank, quotes that are quoted, a curly quote within a text."""
    assert told(f"a: 1\n{line}\n") == []
