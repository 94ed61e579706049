"""
What a step does: render, perform, save, check; and which ending each error means.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.record.events import Checked, Retried, Saved, StepFinished, StepStarted

HEAD = "scenario: It\nvendor: toy\nsteps:\n  - login: {as: agent}\n"
Run = Callable[..., Any]


def test_output_is_saved_and_known_to_later_steps(run_text: Run) -> None:
    """What a step saves is a name for the steps after it, whole or by field."""
    ran = run_text(HEAD + "  - toy.go: {value: {n: 7}}\n    save: {seven: value.n}\n  - check: {that: '{{ seven }}', is: 7}\n")
    assert ran.scenario().outcome == "passed"
    assert [(e.name, e.value) for e in ran.of(Saved)] == [("seven", 7)]


def test_all_differences_are_recorded(run_text: Run) -> None:
    """A failed check names every difference, not the first alone."""
    ran = run_text(HEAD + "  - toy.go: {value: 1}\n    expect: {id: x, status: sent, value: 2}\n")
    (checked,) = ran.of(Checked)
    assert not checked.passed
    assert [d.path for d in checked.differences] == ["id", "status", "value"]
    assert ran.scenario().outcome == "failed"
    assert ran.step("2").code == "F201"


def test_step_after_a_failed_one_is_skipped_and_cleanup_is_not(run_text: Run) -> None:
    """A step after a failed one is skipped with the reason, clean-up runs all the same."""
    ran = run_text(HEAD + "  - toy.go: crash\n  - toy.go\ncleanup:\n  - logout\n")
    assert ran.step("3").outcome == "skipped"
    assert ran.step("cleanup.1").outcome == "passed"
    assert "logout a1" in ran.done


def test_on_failure_continue_goes_on(run_text: Run) -> None:
    """With on_failure: continue the next step runs, and the scenario still fails."""
    ran = run_text(HEAD + "  - toy.go: {how: refuse}\n    on_failure: continue\n  - toy.go\n")
    assert ran.step("3").outcome == "passed"
    assert ran.scenario().outcome == "failed"


@pytest.mark.parametrize(
    ("how", "outcome", "cause"),
    [
        ("refuse", "failed", "product"),
        ("no connection", "errored", "environment"),
        ("lost", "errored", "environment"),
        ("unsupported", "unsupported", ""),
        ("crash", "errored", "plugin"),
        ("exit", "errored", "plugin"),
        ("stubborn", "errored", "plugin"),
    ],
)
def test_each_error_has_its_outcome(run_text: Run, how: str, outcome: str, cause: str) -> None:
    """Whatever a plugin raises ends its step with an outcome and a cause, and the run goes on."""
    ran = run_text({"bad": HEAD + f"  - toy.go: {{how: {how}}}\n", "good": HEAD + "  - toy.go\n"})
    assert (ran.scenario("bad").outcome, ran.scenario("bad").cause) == (outcome, cause)
    assert ran.scenario("good").outcome == "passed"


def test_step_that_hangs_is_ended_by_its_timeout(run_text: Run) -> None:
    """A step that does not end within its limit is errored, and the session is closed."""
    ran = run_text(HEAD + "  - toy.go: {how: hang}\n    timeout: 30ms\n")
    assert ran.step("2").code == "E703"
    assert ran.done[-1] == "close a1"


@pytest.mark.parametrize(
    ("wanted", "outcome"), [("forbidden", "passed"), ("not_found", "failed"), ("{http: 403}", "passed"), ("{code: X}", "failed")]
)
def test_refusal_that_is_asked_for_passes(run_text: Run, wanted: str, outcome: str) -> None:
    """A step with `refused` passes only when the vendor refuses so."""
    ran = run_text(HEAD + f"  - toy.go: {{how: refuse}}\n    refused: {wanted}\n")
    assert ran.scenario().outcome == outcome


def test_success_fails_a_step_that_must_be_refused(run_text: Run) -> None:
    """A step with `refused` fails when the vendor does it."""
    ran = run_text(HEAD + "  - toy.go:\n    refused: forbidden\n")
    assert ran.step("2").code == "F202"


def test_what_is_seen_fails_a_look_that_must_be_refused(run_text: Run) -> None:
    """An observing step with `refused` fails when the vendor lets it look, whether or not it sees what it waits for."""
    ran = run_text(HEAD + "  - toy.watch: {states: [sent]}\n    refused: not_found\n")
    assert (ran.step("2").outcome, ran.step("2").code) == ("failed", "F202")


def test_when_false_skips_with_the_reason(run_text: Run) -> None:
    """A step whose condition is false is skipped, and the report says which condition."""
    ran = run_text(HEAD + "  - toy.go:\n    when: vendor == 'icws'\n  - toy.go\n")
    assert ran.step("2").outcome == "skipped"
    assert "vendor == 'icws'" in ran.step("2").reason
    assert ran.scenario().outcome == "passed"


def test_for_each_runs_once_for_each_item(run_text: Run) -> None:
    """A step with for_each runs for each item, under its own place."""
    ran = run_text(HEAD + "  - toy.go: {value: '{{ item }}-{{ index }}'}\n    for_each: [a, b]\n    save: last\n")
    assert [e.step for e in ran.of(StepFinished) if e.step.startswith("2")] == ["2#1", "2#2"]
    assert [e.value["value"] for e in ran.of(Saved)] == ["a-1", "b-2"]


def test_retry_is_made_when_nothing_was_sent(run_text: Run) -> None:
    """A failure to connect is tried again, with growing gaps by the clock; a pass after that is marked flaky."""
    ran = run_text(HEAD + "  - toy.go: {how: flaky, value: 2}\n    retry: {times: 3, every: 1s, backoff: 2, jitter: 0}\n")
    assert ran.step("2").attempts == 3
    assert ran.clock.monotonic() == 3.0
    assert ran.scenario().flaky
    assert [(e.step, e.attempt, e.code) for e in ran.of(Retried)] == [("2", 1, "E701"), ("2", 2, "E701")]


def test_another_round_is_no_retry(run_text: Run) -> None:
    """A step that is repeated until something holds counts its rounds, and none of them is told as a try that did not work."""
    ran = run_text(HEAD + "  - toy.look: {value: 1}\n    repeat: {until: attempt == 3, every: 2s, within: 10s}\n")
    assert (ran.step("2").attempts, ran.of(Retried)) == (3, [])


def test_a_retry_inside_a_repeat_is_told_with_its_own_number(run_text: Run) -> None:
    """Of a step that is repeated and retried, only the tries that did not work are told, numbered among all attempts."""
    step = "  - toy.look: {how: flaky, value: 1}\n    retry: {times: 3, every: 1s}\n"
    ran = run_text(HEAD + step + "    repeat: {until: attempt == 4, every: 1s, within: 1 min}\n")
    assert (ran.step("2").attempts, [e.attempt for e in ran.of(Retried)]) == (4, [1])


def test_retry_is_not_made_when_the_vendor_may_have_acted(run_text: Run) -> None:
    """A lost answer ends a step that acts, whatever `retry` says; a step that only looks is tried again."""
    ran = run_text(HEAD + "  - toy.go: {how: lost}\n    retry: {times: 3, every: 1s}\n")
    assert ran.step("2").attempts == 1
    again = run_text(HEAD + "  - toy.look: {how: lost}\n    retry: {times: 3, every: 1s, jitter: 0}\n")
    assert again.step("2").attempts == 4


def test_send_with_a_lost_answer_is_in_doubt_and_made_once(run_text: Run) -> None:
    """Mail that may have been sent is reported as in doubt and never sent again."""
    ran = run_text(HEAD + "  - send: {mail: lost}\n")
    assert ran.step("2").in_doubt
    assert ran.scenario().in_doubt
    assert ran.done.count("send lost") == 1


def test_repeat_has_three_ends(run_text: Run) -> None:
    """`repeat` ends when its condition holds, when it never can, or when time is up; the states seen are recorded."""
    base = HEAD + "  - toy.look: {value: 1}\n    save: got\n"
    reached = run_text(base + "    repeat: {until: attempt == 3, every: 2s, within: 10s}\n")
    assert (reached.step("2").outcome, reached.step("2").attempts, reached.clock.monotonic()) == ("passed", 3, 4.0)
    never = run_text(base + "    repeat: {until: 'false', stop_if: got.value == 1, every: 2s, within: 10s}\n")
    assert never.step("2").code == "F205"
    pending = run_text(base + "    repeat: {until: 'false', every: 2s, within: 5s}\n")
    assert pending.step("2").code == "F206"
    assert pending.step("2").states == [("draft", 0.0)]


def test_each_round_of_repeat_fills_its_parameters_in_anew(run_text: Run) -> None:
    """What an earlier round saved is there for the next: a step can count."""
    text = "  - set: {n: 0}\n  - set: {n: '{{ n + 1 }}'}\n    repeat: {until: n == 3, every: 1s, within: 10s}\n"
    ran = run_text(HEAD + text)
    assert (ran.step("3").outcome, ran.step("3").attempts) == ("passed", 3)


def test_parameters_that_cannot_be_filled_in_again_end_the_repeat(run_text: Run) -> None:
    """A round whose values are wrong ends as an error with its reason, not as still pending."""
    text = "  - set: {n: 1}\n  - set: {n: '{{ 1 // n - 1 }}'}\n    repeat: {until: n == 3, every: 1s, within: 10s}\n"
    ran = run_text(HEAD + text)
    assert (ran.step("3").outcome, ran.step("3").code) == ("errored", "E305")


def test_observing_waits_for_the_status(run_text: Run) -> None:
    """verify_status looks again until the status is there and records the states on the way."""
    ran = run_text(HEAD + "  - toy.states: [draft, sending, sent]\n  - verify_status: {is: sent, mail: m1}\n")
    assert [state for state, _ in ran.step("3").states] == ["draft", "sending", "sent"]
    assert ran.scenario().outcome == "passed"


def test_observing_ends_at_once_when_it_is_impossible(run_text: Run) -> None:
    """verify_status fails as soon as the status can no longer come."""
    ran = run_text(HEAD + "  - toy.states: [draft, cancelled]\n  - verify_status: {is: sent, mail: m1, within: 1 h}\n")
    assert ran.step("3").code == "F205"
    assert ran.clock.monotonic() < 1.0


def test_observing_says_what_it_saw_when_time_is_up(run_text: Run) -> None:
    """verify_status that is still pending tells the states seen and how long it looked."""
    ran = run_text(HEAD + "  - toy.states: [draft]\n  - verify_status: {is: sent, mail: m1, within: 30s}\n")
    assert ran.step("3").code == "F206"
    assert "seen: draft" in ran.step("3").reason
    assert ran.clock.monotonic() == pytest.approx(30.0, abs=2.1)


def test_expectation_of_the_file_is_waited_for_too(run_text: Run) -> None:
    """An observing step goes on until its `expect` holds as well."""
    ran = run_text(HEAD + "  - toy.watch: {states: [a, b, c]}\n    expect: {status: c}\n")
    assert ran.scenario().outcome == "passed"


def test_missing_field_cannot_be_saved(run_text: Run) -> None:
    """Saving what is not there fails and says what is."""
    ran = run_text(HEAD + "  - toy.go:\n    save: {x: value.here}\n")
    assert ran.step("2").code == "F203"
    assert "value" in ran.step("2").reason


def test_secret_goes_to_the_step_and_not_into_the_record(run_text: Run) -> None:
    """A secret reaches the step as plain text; the recorded parameters show stars."""
    ran = run_text(HEAD + "  - toy.go: {value: \"{{ secret('X1') }}\"}\n    save: got\n")
    started = next(e for e in ran.of(StepStarted) if e.step == "2")
    assert "secret-of" not in str(started.parameters)
    assert ran.of(Saved)[0].value["value"] == "secret-of-X1"


def test_set_makes_names(run_text: Run) -> None:
    """What `set` names is known from there on, with its type."""
    ran = run_text(HEAD + "  - set: {n: '{{ 1 + 1 }}', who: Joe}\n  - check: {that: '{{ n }}', is: 2}\n")
    assert ran.scenario().outcome == "passed"


def test_parallel_steps_run_side_by_side_and_all_end(run_text: Run) -> None:
    """All steps of a parallel block are carried out, whatever becomes of one of them."""
    ran = run_text(HEAD + "  - parallel:\n      - toy.go: {how: refuse}\n      - toy.go: {value: 5}\n        save: five\n")
    assert ran.step("2.2").outcome == "passed"
    assert ran.step("2").outcome == "failed"


@pytest.mark.parametrize("step", ["toy.look", "ask"])
@pytest.mark.parametrize("rest", ["until: output.nope.x", "until: attempt == 2, stop_if: output.nope.x"])
def test_an_end_of_repeat_that_cannot_be_computed_is_an_error_of_its_step(run_text: Run, tmp_path: Path, step: str, rest: str) -> None:
    """The step is not told as passed, `on_failure` counts, and a clean-up goes on with its next step and closes the sessions."""
    (tmp_path / "scenarios" / "steps").mkdir(parents=True)
    (tmp_path / "scenarios" / "steps" / "ask.steps.yaml").write_text("step: ask\nsteps:\n  - toy.look\n", encoding="utf-8")
    wrong = f"  - {step}:\n    repeat: {{{rest}, every: 1s, within: 1 min}}\n"
    ran = run_text(HEAD + wrong + "    on_failure: continue\n  - toy.go\ncleanup:\n  - logout\n" + wrong)
    assert [(ran.step(place).outcome, ran.step(place).code) for place in ("2", "cleanup.2")] == [("errored", "E302")] * 2
    assert (ran.scenario().outcome, ran.scenario().step) == ("errored", "2")
    assert ran.step("3").outcome == ran.step("cleanup.1").outcome == "passed"
    assert ran.done[-2:] == ["logout a1", "close a1"]


@pytest.mark.parametrize(("tells", "ended"), [("early", ("errored", "E718")), ("to the end", ("passed", ""))])
def test_a_silence_is_proven_by_a_vendor_that_hears_to_the_end(run_text: Callable[..., Any], tells: str, ended: tuple[str, str]) -> None:
    """A vendor that stops telling before the time is over has not said that nothing came."""
    steps = f"  - toy.states: [{tells}]\n  - expect_event: {{status: sent, absent: true, within: 5s}}\n"
    ran = run_text(f"scenario: It\nvendor: toy\nsteps:\n  - login: {{as: agent}}\n{steps}")
    found = ran.step("3")
    assert (found.outcome, found.code) == ended
