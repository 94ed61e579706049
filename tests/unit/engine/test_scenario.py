"""
A scenario from its first to its last event: actors, clean-up, interruption, stuck steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from runner.engine.schedule import Schedule
from runner.environment.limits import SessionLimit
from runner.record.events import ScenarioFinished, ScenarioStarted, StepFinished

Run = Callable[..., Any]
HEAD = "scenario: It\nvendor: toy\nsteps:\n  - login: {as: agent}\n"


def test_cleanup_runs_backwards_with_logout_last(run_text: Run) -> None:
    """Clean-up goes from the last written step to the first; people log out after everything else."""
    ran = run_text(HEAD + "cleanup:\n  - logout\n  - toy.go: {how: well, value: first}\n  - toy.go: {value: second}\n")
    places = [e.step for e in ran.of(StepFinished) if e.step.startswith("cleanup")]
    assert places == ["cleanup.3", "cleanup.2", "cleanup.1"]


def test_sessions_are_closed_last_opened_first(run_text: Run) -> None:
    """Every session is closed, the newest first, also when nobody logged out."""
    ran = run_text(HEAD + "  - login: {as: agent_2}\n")
    assert ran.done[-2:] == ["close a2", "close a1"]


def test_cleanup_step_without_its_name_is_skipped(run_text: Run) -> None:
    """A clean-up step that needs what was never saved is skipped and says so."""
    ran = run_text(
        HEAD
        + "  - toy.go: crash\n  - toy.go\n    save: late\ncleanup:\n  - toy.go: {value: '{{ late }}'}\n".replace(
            "- toy.go\n    save", "- toy.go:\n    save"
        )
    )
    assert ran.step("cleanup.1").outcome == "skipped"
    assert "late" in ran.step("cleanup.1").reason


def test_nobody_cleans_up_who_could_not_log_in(run_text: Run) -> None:
    """A refused login is the one thing told: its actor's clean-up is skipped, and the hint names the user."""
    ran = run_text("scenario: It\nvendor: toy\nsteps:\n  - login: {password: wrong}\n  - toy.go\ncleanup:\n  - logout\n")
    assert "`a1`" in ran.step("1").hint
    assert (ran.step("cleanup.1").outcome, ran.step("cleanup.1").reason) == ("skipped", "agent could not log in")
    assert ran.scenario().outcome == "errored"


def test_a_login_that_passes_after_a_refused_one_is_cleaned_up(run_text: Run) -> None:
    """What counts is the last login."""
    steps = "  - login: {password: wrong}\n    refused: unauthenticated\n  - login\n"
    ran = run_text(f"scenario: It\nvendor: toy\nsteps:\n{steps}cleanup:\n  - logout\n")
    assert ran.step("cleanup.1").outcome == "passed"


def test_failed_cleanup_makes_a_passed_scenario_red(run_text: Run) -> None:
    """A scenario whose clean-up fails is not green."""
    ran = run_text(HEAD + "cleanup:\n  - toy.go: {how: refuse}\n")
    assert ran.scenario().outcome == "failed"
    assert ran.scenario().reason.startswith("clean-up:")


def test_first_failure_decides_when_cleanup_fails_too(run_text: Run) -> None:
    """When steps and clean-up both fail, the scenario's reason is the step's."""
    ran = run_text(HEAD + "  - toy.go: {how: refuse}\ncleanup:\n  - toy.go: {how: crash}\n")
    assert "refused" in ran.scenario().reason


def test_no_actor_is_held_by_two(run_text: Run) -> None:
    """Six scenarios with two accounts never use one account at the same time."""
    text = HEAD + "  - toy.go\n  - logout\n"
    ran = run_text({f"s{n}": text for n in range(6)}, members=2, parallel=6)
    assert ran.tally.counts == {"passed": 6}
    open_now: set[str] = set()
    for what in ran.done:
        verb, _, who = what.partition(" ")
        if verb == "open":
            assert who not in open_now
            open_now.add(who)
        if verb == "close":
            open_now.discard(who)


def test_interrupted_scenario_cleans_up(run_text: Run) -> None:
    """After an interruption the clean-up runs, the scenario is errored, and what had not begun is not run."""

    def soon(schedule: Schedule) -> None:
        asyncio.get_running_loop().call_later(0.05, schedule.interrupt)

    text = HEAD + "  - toy.go: {how: hang}\ncleanup:\n  - logout\n"
    ran = run_text({"a": text, "b": text}, parallel=1, on_start=soon)
    assert ran.tally.ended == "interrupted"
    assert ran.tally.not_run == 1
    assert ran.step("cleanup.1").outcome == "passed"
    assert (ran.scenario().outcome, ran.scenario().cause) == ("errored", "interrupted")


def test_interrupted_twice_says_who_is_left_open(run_text: Run) -> None:
    """A second interruption ends the clean-up and names the sessions that stay open."""

    def soon(schedule: Schedule) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, schedule.interrupt)
        loop.call_later(0.15, schedule.interrupt)

    ran = run_text(HEAD + "  - toy.go: {how: hang}\ncleanup:\n  - toy.go: {how: hang}\n", on_start=soon)
    assert ran.scenario().left_open == ["agent at toy"]


def test_stopped_scenario_that_is_interrupted_cleans_up(run_text: Run) -> None:
    """One interruption never ends a clean-up, although the scenario had been stopped on its own before."""

    def soon(schedule: Schedule) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, schedule.stop, "scenarios/it.scenario.yaml::toy")
        loop.call_later(0.1, schedule.interrupt)
        loop.call_later(0.15, schedule.stop, "scenarios/it.scenario.yaml::toy")

    cleanup = "cleanup:\n  - logout\n  - toy.go: {how: hang}\n    timeout: 300ms\n"
    ran = run_text(HEAD + "  - toy.go: {how: hang}\n" + cleanup, on_start=soon)
    assert ran.step("cleanup.2").code != "E705"
    assert ran.step("cleanup.1").outcome == "passed"
    assert ran.scenario().left_open == []


def test_interruption_ends_the_waiting_for_actors(run_text: Run) -> None:
    """Who waits for an actor when everything is interrupted never logs in, and the actor is not lost."""

    def soon(schedule: Schedule) -> None:
        asyncio.get_running_loop().call_later(0.05, schedule.interrupt)

    text = HEAD + "  - toy.go: {how: hang}\ncleanup:\n  - logout\n"
    ran = run_text({"a": text, "b": text, "c": text}, members=1, parallel=3, on_start=soon)
    assert [what for what in ran.done if what.startswith("open")] == ["open a1"]
    assert ran.scenario("/a.").cause == "interrupted"
    assert [ran.scenario(f"/{name}.").reason for name in "bc"] == ["interrupted while waiting for its actors"] * 2


def test_interruption_ends_the_waiting_for_a_session(run_text: Run) -> None:
    """Where the vendor bears one scenario at a time, those that wait for it do not begin after an interruption."""

    def soon(schedule: Schedule) -> None:
        asyncio.get_running_loop().call_later(0.05, schedule.interrupt)

    text = HEAD + "  - toy.go: {how: hang}\n"
    ran = run_text({"a": text, "b": text, "c": text}, parallel=3, on_start=soon, sessions={"toy": SessionLimit(1)})
    assert (dict(ran.tally.counts), ran.tally.not_run) == ({"errored": 1}, 2)


def test_interrupted_twice_at_once_begins_no_clean_up(run_text: Run) -> None:
    """A second interruption that comes before the steps have ended holds for the clean-up that would follow."""

    def soon(schedule: Schedule) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, lambda: (schedule.interrupt(), schedule.interrupt()))

    ran = run_text(HEAD + "  - toy.go: {how: hang}\ncleanup:\n  - toy.go: {how: hang}\n", on_start=soon)
    assert ran.scenario().left_open == ["agent at toy"]


def test_step_that_swallows_cancellation_is_left_behind(run_text: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that neither ends nor stops is given up; the scenario is errored and cleans up, the others go on."""
    from runner.engine import scenario as module

    monkeypatch.setattr(module, "_STUCK_AFTER", 0.05)
    ran = run_text(
        {"bad": HEAD + "  - toy.go: {how: swallow}\n    timeout: 20ms\ncleanup:\n  - logout\n", "good": HEAD + "  - toy.go\n"},
        environment={"scenario_timeout": __import__("runner.clock", fromlist=["Duration"]).Duration(milliseconds=300)},
    )
    assert ran.scenario("bad").code == "E605"
    assert ran.scenario("good").outcome == "passed"
    assert "logout a1" in ran.done or "logout a2" in ran.done


def test_fail_fast_starts_nothing_more(run_text: Run) -> None:
    """With fail_fast nothing begins after the first scenario that did not pass."""
    ran = run_text({"a": HEAD + "  - toy.go: crash\n", "b": HEAD}, parallel=1, fail_fast=True)
    assert (ran.tally.ended, ran.tally.not_run) == ("fail_fast", 1)


def test_recipient_outside_the_list_is_refused_before_anybody_logs_in(run_text: Run) -> None:
    """A templated recipient who may not get mail stops the scenario before a session is opened."""
    text = HEAD.replace("steps:", "variables: {who: joe@elsewhere.org}\nsteps:") + "  - create: {to: '{{ who }}'}\n"
    ran = run_text(text)
    assert ran.scenario().code == "E520"
    assert ran.done == []


def test_every_started_scenario_ends(run_text: Run) -> None:
    """For each ScenarioStarted there is one ScenarioFinished, whatever happens."""
    texts = {how: HEAD + f"  - toy.go: {{how: {how}}}\n" for how in ("well", "crash", "exit", "refuse", "lost")}
    ran = run_text(texts)
    started = sorted(e.scenario for e in ran.of(ScenarioStarted))
    assert started == sorted(e.scenario for e in ran.of(ScenarioFinished))
    assert sum(ran.tally.counts.values()) == len(texts)


def test_all_steps_skipped_is_a_skipped_scenario(run_text: Run) -> None:
    """A scenario in which nothing was carried out is skipped, not passed."""
    ran = run_text("scenario: It\nvendor: toy\nsteps:\n  - note: hello\n    when: 'false'\n")
    assert ran.scenario().outcome == "skipped"
