"""What came of a run."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runner.record.events import (
    Checked,
    Created,
    Difference,
    Event,
    Exchanged,
    Logged,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
)
from runner.record.journal import Journal
from runner.record.result import Fold, fold

Endings = list[tuple[Any, ...]]


def started(planned: int) -> RunStarted:
    return RunStarted(
        run="r", started="2030-01-02T09:00:00+00:00", environment="simulator", seed=1, planned=planned, parallel=4, version="0.1.0"
    )


def scenario(number: int, outcome: Any, cause: Any = "", **more: Any) -> list[Event]:
    key = f"mail/{number}.scenario.yaml::gws[German]"
    return [
        ScenarioStarted(
            scenario=key,
            id=f"id-{number}",
            name=f"Scenario {number}",
            file=f"mail/{number}.scenario.yaml",
            line=1,
            vendor="gws",
            case="German",
        ),
        StepStarted(scenario=key, step="1", type="create", line=4, name="", actor="agent"),
        Exchanged(scenario=key, step="1", method="POST", url="http://h/a", http=201, took=0.02, body="x" * 2000, size=2000),
        Checked(
            scenario=key,
            step="1",
            passed=outcome == "passed",
            checks=2,
            differences=[] if outcome == "passed" else [Difference("status", "a", "b")],
        ),
        Created(scenario=key, step="1", vendor="gws", kind="mail", id="7"),
        StepFinished(
            scenario=key,
            step="1",
            outcome=outcome,
            took=0.03,
            reason="why" if outcome != "passed" else "",
            attempts=2,
            states=[("draft", 0.1)],
        ),
        ScenarioFinished(
            scenario=key, outcome=outcome, took=0.05, cause=cause, reason="why" if outcome != "passed" else "", step="1", line=4, **more
        ),
    ]


def numbered(events: list[Event]) -> list[Event]:
    return [replace(event, n=n, at=n / 100) for n, event in enumerate(events, 1)]


def whole(endings: Endings, *, planned: int | None = None, **finished: Any) -> list[Event]:
    """A run whose scenarios came to *endings*: (outcome, cause)."""
    events: list[Event] = [started(len(endings) if planned is None else planned)]
    counts: dict[str, int] = {}
    for number, (outcome, *cause) in enumerate(endings):
        events += scenario(number, outcome, *cause)
        counts[outcome] = counts.get(outcome, 0) + 1
    not_run = (planned or len(endings)) - len(endings)
    events.append(RunFinished(took=1.0, **{"counts": counts, "not_run": not_run, **finished}))
    return numbered(events)


P, F, S, U = ("passed",), ("failed", "product"), ("skipped",), ("unsupported",)


def errored(cause: str) -> tuple[str, str]:
    return ("errored", cause)


# scenarios, what else is said of the run, exit code
EXIT_CODES: list[tuple[Endings, dict[str, Any], int]] = [
    # green, and nothing else is
    ([P], {}, 0),
    ([P, P, P], {}, 0),
    ([P, S], {}, 0),
    ([P, U], {}, 0),
    ([P, S, U], {}, 0),
    # nothing ran
    ([], {}, 5),
    ([S], {}, 5),
    ([U], {}, 5),
    ([S, S, U], {}, 5),
    # a check said no
    ([F], {}, 1),
    ([P, F], {}, 1),
    ([F, S, U], {}, 1),
    ([F, errored("environment")], {}, 1),
    ([F, errored("scenario")], {}, 1),
    ([P, F], {"ended": "fail_fast", "planned": 5}, 1),
    # could not be carried out
    ([errored("environment")], {}, 6),
    ([P, errored("environment")], {}, 6),
    ([errored("environment"), errored("scenario")], {}, 6),
    ([errored("environment")], {"ended": "fail_fast", "planned": 3}, 6),
    ([errored("scenario")], {}, 1),
    ([errored("product")], {}, 1),
    ([errored("")], {}, 1),
    ([P, errored("scenario")], {}, 1),
    ([errored("scenario")], {"ended": "fail_fast", "planned": 3}, 1),
    # our fault, a plugin's, a reporter's
    ([errored("plugin")], {}, 3),
    ([P, errored("plugin")], {}, 3),
    ([errored("internal")], {}, 3),
    ([F, errored("internal")], {}, 3),
    ([errored("environment"), errored("plugin")], {}, 3),
    ([P], {"problems": ["reporter `html` broke"]}, 3),
    ([F], {"problems": ["reporter `html` broke"]}, 3),
    ([], {"problems": ["the journal cannot be written"]}, 3),
    ([P], {"ended": "broken"}, 3),
    ([P], {"ended": "broken", "planned": 9}, 3),
    ([P], {"ended": "broken", "counts": {}}, 3),
    # interrupted, or not all there
    ([P], {"ended": "interrupted"}, 2),
    ([P], {"ended": "terminated"}, 2),
    ([P], {"ended": "timeout"}, 2),
    ([P], {"ended": "interrupted", "planned": 4}, 2),
    ([P, F], {"ended": "interrupted", "planned": 4}, 2),
    ([P, errored("plugin")], {"ended": "terminated"}, 2),
    ([P], {"ended": "interrupted", "problems": ["reporter `html` broke"]}, 2),
    ([P, errored("interrupted")], {}, 2),
    ([F, errored("interrupted")], {}, 2),
    ([P], {"planned": 2}, 2),
    ([P], {"ended": "fail_fast", "planned": 2}, 2),
    ([], {"planned": 3}, 2),
    ([P], {"counts": {"passed": 2}}, 2),
    ([P], {"not_run": 1}, 2),
    ([P, P], {"planned": 1}, 2),
]


@pytest.mark.parametrize(("endings", "more", "code"), EXIT_CODES)
def test_the_exit_code_tells_the_truth(endings: Endings, more: dict[str, Any], code: int) -> None:
    """By the table of the module; only a run that is green all through ends with 0."""
    assert fold(whole(endings, **more)).exit_code == code


@pytest.mark.parametrize(("endings", "more", "code"), EXIT_CODES)
def test_counts_always_add_up(endings: Endings, more: dict[str, Any], code: int) -> None:
    """Planned = passed + failed + errored + skipped + unsupported + not_run, whatever happened."""
    result = fold(whole(endings, **more))

    assert list(result.counts) == ["passed", "failed", "errored", "skipped", "unsupported", "not_run"]
    assert result.planned == max(more.get("planned", len(endings)), len(endings))
    assert result.ok is (code == 0)


@pytest.mark.parametrize("kept", range(24))
def test_a_run_that_was_cut_off_is_never_green(kept: int) -> None:
    """After any number of its events, but all of them, a run is incomplete."""
    events = whole([P, P, P])

    result = fold(events[:kept])

    assert len(events) == 23
    assert (result.complete, result.exit_code) == ((True, 0) if kept == 23 else (False, 2))


@pytest.mark.parametrize("lost", range(22))
def test_a_lost_event_makes_the_record_incomplete(lost: int) -> None:
    """A gap in the numbers is seen."""
    events = whole([P, P, P])
    del events[lost]

    assert fold(events).exit_code == 2


def test_what_no_event_could_tell_counts_as_well() -> None:
    """A reporter that breaks when the run is over still makes it red."""
    folding = Fold()
    for event in whole([P]):
        folding.handle(event)

    assert folding.result().exit_code == 0
    assert folding.result(problems=["reporter `junit` could not finish"]).exit_code == 3


def test_the_marker_makes_a_run_incomplete(tmp_path: Path) -> None:
    """As long as it lies there, the run is not at its end."""
    journal = Journal(tmp_path)
    events = whole([P])

    assert fold(events, folder=tmp_path).exit_code == 2
    journal.close(complete=True)
    assert fold(events, folder=tmp_path).exit_code == 0


def test_a_scenario_that_did_not_pass_keeps_its_story() -> None:
    """Steps with times, tries, states, differences, and their exchanges without bodies."""
    (row,) = fold(whole([F])).scenarios

    assert (row.key, row.id, row.name, row.file) == ("mail/0.scenario.yaml::gws[German]", "id-0", "Scenario 0", "mail/0.scenario.yaml")
    assert (row.vendor, row.case, row.outcome, row.cause, row.reason, row.at_step, row.at_line) == (
        "gws",
        "German",
        "failed",
        "product",
        "why",
        "1",
        4,
    )
    (step,) = row.steps
    assert (step.place, step.type, step.outcome, step.took, step.attempts, step.checks) == ("1", "create", "failed", 0.03, 2, 2)
    assert step.states == (("draft", 0.1),)
    assert step.differences == (Difference("status", "a", "b"),)
    assert [(x.method, x.url, x.http, x.took) for x in step.exchanges] == [("POST", "http://h/a", 201, 0.02)]
    assert [created.id for created in row.created] == ["7"]


def test_a_scenario_that_passed_is_one_small_row() -> None:
    """Unless its story is asked for."""
    events = whole([P])

    assert fold(events).scenarios[0].steps == ()
    assert len(fold(events, keep_passed=True).scenarios[0].steps) == 1


def test_what_began_and_never_ended_was_not_run() -> None:
    """It is listed at the end, with what is known of it."""
    events = whole([P, F])
    cut = [e for e in events if not isinstance(e, ScenarioFinished) or "1.scenario" not in e.scenario][:-1]

    result = fold(cut)

    assert [(row.name, row.outcome) for row in result.scenarios] == [("Scenario 0", "passed"), ("Scenario 1", "not_run")]
    assert result.scenarios[1].reason == "the run ended before it did"
    assert (result.counts["not_run"], result.ended) == (1, "cut off")
    assert result.not_passed == (result.scenarios[1],)


def test_an_ending_without_a_beginning_is_counted() -> None:
    """A scenario whose first events are lost is known by its key."""
    events = numbered([started(1), scenario(3, "passed")[-1], RunFinished(took=1.0, counts={"passed": 1})])

    (row,) = fold(events).scenarios
    assert (row.file, row.vendor, row.case) == ("mail/3.scenario.yaml", "gws", "German")


def test_warnings_of_the_run_are_kept() -> None:
    """What is logged about no scenario; debug and information are left in the journal."""
    events = numbered([started(0), Logged(message="careful", level="warning"), Logged(message="fyi"), RunFinished(took=0.1, counts={})])

    assert [logged.message for logged in fold(events).warnings] == ["careful"]


def test_flaky_and_doubtful_scenarios_say_so() -> None:
    """A pass after a retry is marked; so is mail that may have been sent."""
    events = numbered(
        [started(2), *scenario(0, "passed", flaky=True), *scenario(1, "errored", "environment", in_doubt=True, left_open=["a at gws"])]
    )

    flaky, doubtful = fold(events).scenarios
    assert flaky.flaky
    assert (doubtful.in_doubt, doubtful.left_open) == (True, ("a at gws",))


def test_a_fold_is_pure() -> None:
    """The same events give the same result, in one go or one by one."""
    events = whole([P, F, S])
    folding = Fold()
    for event in events:
        folding.add(event)

    assert folding.result() == fold(events)


def many(count: int) -> Iterator[Event]:
    n = 1
    yield replace(started(count), n=n)
    for number in range(count):
        for event in scenario(number, "passed"):
            n += 1
            yield replace(event, n=n)
    yield RunFinished(took=1.0, counts={"passed": count}, n=n + 1)


def test_three_thousand_green_scenarios_are_small() -> None:
    """About a kilobyte each, whatever they said and did."""
    tracemalloc.start()
    folding = Fold()
    for event in many(3000):
        folding.handle(event)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert folding.result().exit_code == 0
    assert size < 4_000_000
