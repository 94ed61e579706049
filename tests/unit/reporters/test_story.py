"""Which steps are the reasons for a scenario's outcome."""

from __future__ import annotations

from runner.record.events import Outcome, ScenarioStarted, StepFinished, StepStarted
from runner.reporters.story import Stories

KEY = "a.scenario.yaml::gws"


def reasons(*steps: tuple[str, Outcome, int]) -> list[str]:
    """The places of the red steps, of steps as they began: place, outcome, attempts."""
    stories = Stories()
    stories.handle(ScenarioStarted(scenario=KEY, id="a", name="It", file="a.scenario.yaml", line=1, vendor="gws"))
    for place, _, _ in steps:
        stories.handle(StepStarted(scenario=KEY, step=place, type="note", line=1))
    for place, outcome, attempts in steps:
        stories.handle(StepFinished(scenario=KEY, step=place, outcome=outcome, took=0.1, attempts=attempts))
    return [step.started.step for step in stories.running[KEY].red_steps]


def test_the_innermost_of_steps_inside_one_another_is_the_reason() -> None:
    """Of a block and the step in it that failed, the step is named."""
    assert reasons(("1", "failed", 1), ("1.1", "passed", 1), ("1.2", "failed", 1)) == ["1.2"]


def test_only_the_last_round_has_reasons() -> None:
    """What failed in an earlier round of a block was tried again, and is no reason."""
    assert reasons(("1", "failed", 2), ("1.1", "failed", 1), ("1~2.1", "failed", 1)) == ["1~2.1"]


def test_block_that_passed_has_no_reasons_inside() -> None:
    """A block that passed in the end, or because a refusal was asked for, makes up for what went wrong in it."""
    assert reasons(("1", "passed", 2), ("1.1", "failed", 1), ("1~2.1", "passed", 1), ("2", "failed", 1)) == ["2"]


def test_each_item_has_reasons_of_its_own() -> None:
    """Items of `for_each` are no rounds: what failed in each is named."""
    assert reasons(("1#1", "failed", 1), ("1#1.1", "failed", 1), ("1#2", "failed", 1), ("1#2.1", "failed", 1)) == ["1#1.1", "1#2.1"]
