"""What stands beside a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.clock import Duration
from runner.scenario.model import Scenario, Step

Reads = Callable[..., Scenario]


@pytest.fixture
def beside(reads: Reads) -> Callable[[str], Step]:
    """A step with these modifiers beside it."""

    def read(modifiers: str) -> Step:
        (step,) = reads(steps=f"  - create: {{to: joe@example.com}}\n    {modifiers}\n").steps
        return step

    return read


def test_without_modifiers_a_step_has_its_defaults(beside: Callable[[str], Step]) -> None:
    """A failure stops the scenario; everything else is not asked for."""
    step = beside("as: agent")

    assert (step.on_failure, step.save, step.expect, step.when, step.timeout) == ("stop", (), None, None, None)


@pytest.mark.parametrize(
    ("modifier", "saved"),
    [
        ("save: mail", [("mail", "")]),
        ("save: {mail_id: id}", [("mail_id", "id")]),
        ('save: {a: "to[0]", b: "answer.body.items[-1].x"}', [("a", "to[0]"), ("b", "answer.body.items[-1].x")]),
    ],
)
def test_save_keeps_the_output_or_parts_of_it(beside: Callable[[str], Step], modifier: str, saved: list[tuple[str, str]]) -> None:
    """One name keeps the whole output, several names keep a part each."""
    assert [(one.name, one.path) for one in beside(modifier).save] == saved


def test_expect_becomes_a_check_that_knows_its_lines(beside: Callable[[str], Step]) -> None:
    """A difference says on which line of the file the expectation stands."""
    check = beside('expect:\n      subject: {contains: "{{ order }}"}\n      status: draft').expect
    assert check is not None

    differences = check.differences({"subject": "x", "status": "sent"}, {"order": "4711"})

    assert [(d.path, d.expected, d.line, d.column) for d in differences] == [
        ("subject", 'text that contains "4711"', 6, 27),
        ("status", '"draft"', 7, 15),
    ]
    assert [use.name for use in check.names] == ["order"]
    assert check.count == 2


@pytest.mark.parametrize(
    ("modifier", "reason", "got"),
    [
        ("refused: forbidden", "forbidden", {}),
        ("refused: true", None, {}),
        ("refused: {reason: invalid, http: 400, message: {contains: subject}}", "invalid", {"http": 400, "message": "no subject"}),
        ("refused: {http: {between: [400, 499]}}", None, {"http": 404}),
    ],
)
def test_refused_wants_a_reason_and_may_look_closer(beside: Callable[[str], Step], modifier: str, reason: str | None, got: Any) -> None:
    """A refusal has a neutral reason, and a check of what the vendor says."""
    refused = beside(modifier).refused
    assert refused is not None

    assert refused.reason == reason
    assert refused.check is None or refused.check.differences(got, {}) == []


def test_when_is_an_expression(beside: Callable[[str], Step]) -> None:
    """A condition is written without braces, and its names are known."""
    when = beside("when: order.total > 3 and vendor == 'gws'").when
    assert when is not None

    assert [use.name for use in when.names] == ["order", "vendor"]
    assert when.evaluate({"order": {"total": 4}, "vendor": "gws"}) is True


@pytest.mark.parametrize(
    ("modifier", "name", "items"),
    [
        ("for_each: [1, two]", "item", [1, "two"]),
        ('for_each: {customer: "{{ all }}"}', "customer", ["a"]),
        ('for_each: "{{ all }}"', "item", ["a"]),
    ],
)
def test_for_each_names_its_item(beside: Callable[[str], Step], modifier: str, name: str, items: list[Any]) -> None:
    """The item is called `item` unless it is given another name."""
    each = beside(modifier).for_each
    assert each is not None

    assert (each.name, each.items.render({"all": ["a"]})) == (name, items)


def test_repeat_has_three_ends(beside: Callable[[str], Step]) -> None:
    """Reached, impossible, still pending."""
    repeat = beside("repeat: {until: output.status == 'sent', every: 2s, within: 1 min, stop_if: output.status == 'failed'}").repeat
    assert repeat is not None
    assert repeat.stop_if is not None

    assert repeat.until.evaluate({"output": {"status": "sent"}}) is True
    assert repeat.stop_if.evaluate({"output": {"status": "sent"}}) is False
    assert (repeat.every, repeat.within) == (Duration(seconds=2), Duration(minutes=1))


@pytest.mark.parametrize(
    ("modifier", "times", "every", "backoff", "jitter", "even_if_sent"),
    [
        ("retry: {times: 3, every: 2s, backoff: 2, jitter: 0.2, even_if_sent: true}", 3, 2, 2.0, 0.2, True),
        ("retry: {}", 2, 1, 1.0, 0.0, False),
        ("retry: 4", 4, 1, 1.0, 0.0, False),
    ],
)
def test_retry_has_its_numbers(
    beside: Callable[[str], Step], modifier: str, times: int, every: int, backoff: float, jitter: float, even_if_sent: bool
) -> None:
    """What is not said has its default; a number alone is how often."""
    retry = beside(modifier).retry
    assert retry is not None

    assert (retry.times, retry.every.total_seconds(), retry.backoff, retry.jitter, retry.even_if_sent) == (
        times,
        every,
        backoff,
        jitter,
        even_if_sent,
    )


def test_the_simple_ones(beside: Callable[[str], Step]) -> None:
    """A name may have templates; a timeout is a duration; a failure may be passed over."""
    step = beside('name: "Mail to {{ who }}"\n    timeout: 2 min\n    on_failure: continue\n    as: boss')
    assert step.name is not None

    assert step.name.render({"who": "Joe"}) == "Mail to Joe"
    assert (step.timeout, step.on_failure, step.actor) == (Duration(minutes=2), "continue", "boss")


@pytest.mark.parametrize(
    ("modifier", "code"),
    [
        ("save:", "E209"),
        ("save: [a]", "E209"),
        ("save: 4711", "E143"),
        ("expect:", "E209"),
        ("expect: {}", "E209"),
        ("refused:", "E209"),
        ("refused: [forbidden]", "E209"),
        ("refused: {resaon: forbidden}", "E208"),
        ("when:", "E209"),
        ("when: [a]", "E209"),
        ("for_each: {a: [1], b: [2]}", "E209"),
        ("for_each: {}", "E209"),
        ("for_each: {case: [1]}", "E143"),
        ("for_each: 5", "E209"),
        ("repeat: 5", "E209"),
        ('repeat: {until: "{{ x }}"}', "E311"),
        ("repeat: {until: x, every: 2}", "E209"),
        ("retry: 0", "E209"),
        ("retry: true", "E209"),
        ('retry: {times: "{{ n }}"}', "E209"),
        ("timeout: 30", "E209"),
        ("timeout:", "E209"),
        ("on_failure: stopp", "E209"),
        ("on_failure: [stop]", "E209"),
        ("as: [agent]", "E209"),
        ("name:", "E209"),
        ("name: {a: b}", "E209"),
    ],
)
def test_a_wrong_modifier_is_told(diagnostics: Callable[..., Any], modifier: str, code: str) -> None:
    """Each mistake beside a step has its code, its place and what to do about it."""
    (told,) = diagnostics(steps=f"  - create: {{to: joe@example.com}}\n    {modifier}\n")

    assert told.code == code
    assert told.span.line == 5
    assert told.hint
