"""What failures have in common: one cause a row, with each value that came said."""

from __future__ import annotations

import html
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runner.record.events import Difference, StepFinished

Tell = Callable[..., Path]


def _failing(scenario: Any, *values: tuple[str, str]) -> list[Any]:
    """Scenarios in which a status came that was not expected: (got, expected)."""
    return [
        scenario(f"scenarios/{n}.scenario.yaml", "failed", difference=Difference("status", f'"{expected}"', f'"{got}"', line=6, column=23))
        for n, (got, expected) in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([("queued", "sent")] * 3, '3 × status is "queued", expected "sent"'),
        ([("queued", "sent"), ("draft", "sent"), ("queued", "sent")], '3 × status is "queued" (2 ×) or "draft" (1 ×), expected "sent"'),
        ([("A-1", "B-1"), ("A-2", "B-2")], '2 × status is "A-1", expected "B-1" (1 ×) or "A-2", expected "B-2" (1 ×)'),
        (
            [(f"state {letter}", "sent") for letter in "abcdef"],
            '6 × status is "state a" (1 ×) or "state b" (1 ×) or "state c" (1 ×) or "state d" (1 ×) or 2 other values, expected "sent"',
        ),
    ],
    ids=["one value", "two values", "two expectations", "many values"],
)
def test_values_that_differ_are_one_cause_with_each_value_said(
    tell: Tell, run: Any, scenario: Any, values: list[tuple[str, str]], words: str
) -> None:
    """Console, Markdown and HTML have one row for them, and it says what came, and how often."""
    stream = io.StringIO()
    folder = tell(run(*_failing(scenario, *values)), "markdown", "html", "console", stream=stream)
    page = html.unescape((folder / "index.html").read_text(encoding="utf-8"))
    summary = (folder / "summary.md").read_text(encoding="utf-8").replace("\\", "")

    assert f"  why      {words}\n" in stream.getvalue()
    assert f"### ✗ {words}" in summary
    assert words.partition(" × ")[2] in page
    assert page.count('<details class="cause') == 1


def test_two_things_that_differ_are_two_causes(tell: Tell, run: Any, scenario: Any) -> None:
    """What was expected elsewhere, or otherwise, is a cause of its own."""
    stream = io.StringIO()
    tell(run(*_failing(scenario, ("queued", "sent"), ("queued", "received"))), "console", stream=stream)

    assert '1 × status is "queued", expected "sent"' in stream.getvalue()
    assert '1 × status is "queued", expected "received"' in stream.getvalue()


def test_what_was_generated_makes_no_cause_of_its_own(tell: Tell, run: Any, scenario: Any) -> None:
    """The texts that each scenario made up are left out of account; the row says them, the most frequent first."""
    stream = io.StringIO()
    reasons = {"ORD-k": "order ORD-k is not there", "ORD-mz": "order ORD-mz is not there", "ORD-q": "order ORD-q is locked"}
    events = [
        replace(event, generated=[made]) if isinstance(event, StepFinished) and event.reason else event
        for made, reason in reasons.items()
        for event in scenario(f"scenarios/{made}.scenario.yaml", "errored", reason=reason)
    ]
    tell(run(events), "console", stream=stream)

    assert "2 × order ORD-k (1 ×) or ORD-mz (1 ×) is not there" in stream.getvalue()
    assert "1 × order ORD-q is locked" in stream.getvalue()
