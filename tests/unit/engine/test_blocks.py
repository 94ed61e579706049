"""
What stands beside ``parallel`` and words of one's own means the whole block; and steps side by side keep out of one another's way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.errors import BadScenario
from runner.record.events import StepFinished

HEAD = "scenario: It\nvendor: toy\nsteps:\n  - login: {as: agent}\n"
Run = Callable[..., Any]


@pytest.fixture
def word(tmp_path: Path) -> Callable[[str, str], None]:
    """Write a word of one's own: its name, and the rest of its file."""

    def write(name: str, text: str) -> None:
        folder = tmp_path / "scenarios" / "steps"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.steps.yaml").write_text(f"step: {name}\n{text}", encoding="utf-8")

    return write


def test_timeout_beside_parallel_ends_the_block(run_text: Run) -> None:
    """`timeout` beside `parallel` ends all of its steps when the time is up."""
    ran = run_text(HEAD + "  - parallel:\n      - toy.go: {how: hang}\n    timeout: 30ms\n")
    assert (ran.step("2").outcome, ran.step("2").code) == ("errored", "E703")
    assert ran.scenario().outcome == "errored"
    assert ran.done[-1] == "close a1"


def test_timeout_beside_an_own_word_ends_it(run_text: Run, word: Callable[[str, str], None]) -> None:
    """`timeout` beside a word of one's own ends its steps when the time is up."""
    word("dawdle", "steps:\n  - toy.go: {how: hang}\n")
    ran = run_text(HEAD + "  - dawdle:\n    timeout: 30ms\n")
    assert (ran.step("2").outcome, ran.step("2").code) == ("errored", "E703")


def test_own_word_that_must_be_refused_and_is_not_fails(run_text: Run, word: Callable[[str, str], None]) -> None:
    """`refused` beside a word of one's own fails when the vendor does everything that is asked."""
    word("ask", "steps:\n  - toy.go\n")
    ran = run_text(HEAD + "  - ask:\n    refused: forbidden\n")
    assert (ran.scenario().outcome, ran.step("2").code) == ("failed", "F202")


@pytest.mark.parametrize(("wanted", "outcome"), [("forbidden", "passed"), ("not_found", "failed"), ("{http: 403}", "passed")])
def test_own_word_that_must_be_refused_and_is_passes(run_text: Run, word: Callable[[str, str], None], wanted: str, outcome: str) -> None:
    """`refused` beside a word of one's own passes when one of its steps is refused so, and fails when it is refused otherwise."""
    word("ask", "steps:\n  - toy.go: {how: refuse}\n")
    ran = run_text(HEAD + f"  - ask:\n    refused: {wanted}\n")
    assert ran.scenario().outcome == outcome


def test_repeat_beside_an_own_word_goes_on_until_its_output_is_right(run_text: Run, word: Callable[[str, str], None]) -> None:
    """`repeat` beside a word of one's own does all of it again until what it gives is as wanted, and says after how many tries."""
    word("count", "outputs: {n: '{{ seen.id }}'}\nsteps:\n  - toy.look:\n    save: seen\n")
    ran = run_text(HEAD + "  - count:\n    repeat: {until: attempt >= 3, every: 1s, within: 1 min}\n")
    assert (ran.step("2").outcome, ran.step("2").attempts) == ("passed", 3)
    assert ran.done.count("well a1") == 3


def test_each_round_of_an_own_word_fills_its_inputs_in_anew(run_text: Run, word: Callable[[str, str], None]) -> None:
    """What the word gave in one round can be an input of the next."""
    word("more", "inputs: {n: {type: number}}\noutputs: {n: '{{ n + 1 }}'}\nsteps:\n  - toy.look\n")
    ran = run_text(
        HEAD + "  - set: {n: 0}\n  - more: {n: '{{ n }}'}\n    save: {n: n}\n    repeat: {until: n == 3, every: 1s, within: 1 min}\n"
    )
    assert (ran.step("3").outcome, ran.step("3").attempts) == ("passed", 3)


def test_repeat_beside_an_own_word_that_never_becomes_right_fails(run_text: Run, word: Callable[[str, str], None]) -> None:
    """`repeat` beside a word of one's own ends as still pending when its time is up."""
    word("count", "outputs: {n: 1}\nsteps:\n  - toy.look\n")
    ran = run_text(HEAD + "  - count:\n    repeat: {until: output.n == 2, every: 1s, within: 3s}\n")
    assert (ran.step("2").outcome, ran.step("2").code) == ("failed", "F206")


def test_retry_beside_parallel_tries_all_of_it_again(run_text: Run) -> None:
    """`retry` beside `parallel` does the block again after a failure of the wire."""
    ran = run_text(HEAD + "  - parallel:\n      - toy.go: {how: flaky, value: 1}\n    retry: {times: 2, every: 1s}\n")
    assert (ran.scenario().outcome, ran.step("2").attempts) == ("passed", 2)
    assert ran.scenario().flaky


@pytest.mark.parametrize("modifier", ["retry: {times: 2}", "repeat: {until: 'true', every: 1s}"])
@pytest.mark.parametrize("sending", ["send:", "post:", "parallel: [send]"])
def test_what_sends_mail_is_never_done_again(run_text: Run, word: Callable[[str, str], None], sending: str, modifier: str) -> None:
    """Neither `retry` nor `repeat` may stand beside a step that sends mail, or beside a block with one in it."""
    word("post", "steps:\n  - create: {to: a@example.com}\n  - send\n")
    with pytest.raises(BadScenario) as caught:
        run_text(HEAD + f"  - create: {{to: a@example.com}}\n  - {sending}\n    {modifier}\n")
    assert [d.code for d in caught.value.diagnostics] == ["E220"]


def test_own_words_side_by_side_keep_their_own_inputs(run_text: Run, word: Callable[[str, str], None]) -> None:
    """Two words of one's own in `parallel` each know their own inputs, and what they save is known afterwards."""
    word(
        "ping",
        "inputs: {x: {type: text}, t: {type: text}}\noutputs: {y: '{{ z }}'}\nsteps:\n  - wait: '{{ t }}'\n  - set: {z: '{{ x }}'}\n",
    )
    ran = run_text(
        HEAD
        + "  - parallel:\n"
        + "      - ping: {x: one, t: 10s}\n        save: a\n"
        + "      - ping: {x: two, t: 6s}\n        save: b\n"
        + "  - check: {that: '{{ a.y }} {{ b.y }}', is: one two}\n"
    )
    assert ran.scenario().outcome == "passed"


def test_lists_side_by_side_keep_their_own_items(run_text: Run, word: Callable[[str, str], None]) -> None:
    """Two `for_each` in `parallel` do not see one another's item."""
    word("ping", "inputs: {x: {type: text}, t: {type: text}}\noutputs: {y: '{{ x }}'}\nsteps:\n  - wait: '{{ t }}'\n")
    ran = run_text(
        HEAD
        + "  - parallel:\n"
        + "      - ping: {x: '{{ item }}', t: 3s}\n        for_each: [a1, a2]\n        expect: {y: '{{ item }}'}\n"
        + "      - ping: {x: '{{ item }}', t: 4s}\n        for_each: [b1, b2]\n        expect: {y: '{{ item }}'}\n"
    )
    assert ran.scenario().outcome == "passed"


@pytest.mark.parametrize("block", ["quiet:", "parallel: [{note: hi, when: 'false'}]"])
def test_block_whose_steps_are_all_skipped_is_skipped(run_text: Run, word: Callable[[str, str], None], block: str) -> None:
    """A block in which nothing was done is skipped, and a scenario of nothing else is not green."""
    word("quiet", "steps:\n  - note: hi\n    when: 'false'\n")
    ran = run_text(f"scenario: It\nvendor: toy\nsteps:\n  - {block}\n")
    assert ran.scenario().outcome == "skipped"


def test_as_beside_a_block_names_who_acts_in_it(run_text: Run, word: Callable[[str, str], None]) -> None:
    """`as` beside a word of one's own or `parallel` is who logs in and acts inside it."""
    word("begin", "steps:\n  - login\n  - toy.go\n")
    ran = run_text("scenario: It\nvendor: toy\nsteps:\n  - login: {as: agent}\n  - begin:\n    as: agent_2\n")
    assert [done for done in ran.done if not done.startswith(("open", "close"))] == ["login a1", "login a2", "well a2"]


def test_interrupted_block_ends_in_the_record(run_text: Run) -> None:
    """A block that is interrupted has an end in the record, like every step."""

    def soon(schedule: Any) -> None:
        asyncio.get_running_loop().call_later(0.05, schedule.interrupt)

    ran = run_text(HEAD + "  - parallel:\n      - toy.go: {how: hang}\n", on_start=soon)
    assert {e.step: e.outcome for e in ran.of(StepFinished)}["2"] == "errored"


@pytest.mark.parametrize(
    "steps",
    [
        "  - toy.go: {how: refuse, value: not_found}\n    on_failure: continue\n  - toy.go: {how: refuse}\n    refused: forbidden\n",
        "  - parallel:\n      - toy.go: {how: refuse}\n        refused: forbidden\n      - toy.go: {how: refuse, value: not_found}\n",
    ],
    ids=["one after the other", "side by side"],
)
def test_a_refusal_that_a_step_wanted_is_not_taken_for_the_one_that_ended_the_block(
    run_text: Run, word: Callable[[str, str], None], steps: str
) -> None:
    """`refused` beside a word of one's own means the refusal because of which it did not pass, not another in it."""
    word("ask", f"steps:\n{steps}")
    ran = run_text(HEAD + "  - ask:\n    refused: forbidden\n")
    assert (ran.scenario().outcome, ran.step("2").code) == ("failed", "F202")
    assert "not_found" in ran.step("2").reason


UNSUPPORTED = "toy.go: {how: unsupported}"
WRONG = "check: {that: 1, is: 2}"
REFUSED = "toy.go: {how: refuse}"


@pytest.mark.parametrize("steps", [f"[{{{UNSUPPORTED}}}, {{{WRONG}}}]", f"[{{{WRONG}}}, {{{UNSUPPORTED}}}]"])
def test_what_a_vendor_cannot_do_hides_no_failed_check_beside_it(run_text: Run, steps: str) -> None:
    """Side by side, a check that said no counts before a step that the vendor cannot do, whichever stands first."""
    ran = run_text(HEAD + f"  - parallel: {steps}\n")
    assert (ran.scenario().outcome, ran.scenario().code) == ("failed", "F201")


@pytest.mark.parametrize("items", ["[wrong, unsupported]", "[unsupported, wrong]"])
def test_what_a_vendor_cannot_do_hides_no_failed_check_of_another_item(run_text: Run, word: Any, items: str) -> None:
    """The same for the items of `for_each`."""
    word("try_it", f"inputs: {{how: text}}\nsteps:\n  - {UNSUPPORTED}\n    when: how == 'unsupported'\n  - {WRONG}\n")
    ran = run_text(HEAD + f'  - try_it: {{how: "{{{{ item }}}}"}}\n    for_each: {items}\n    on_failure: continue\n')
    assert (ran.scenario().outcome, ran.scenario().code) == ("failed", "F201")


def test_what_a_vendor_cannot_do_hides_no_failed_clean_up(run_text: Run) -> None:
    """The steps could not be done, and the clean-up went wrong: the scenario is red."""
    ran = run_text(HEAD + f"  - {UNSUPPORTED}\ncleanup:\n  - {WRONG}\n")
    assert (ran.scenario().outcome, ran.scenario().code) == ("failed", "F201")


@pytest.mark.parametrize("second", [WRONG, "toy.go: {how: crash}"])
def test_a_block_that_must_be_refused_may_fail_in_no_other_way(run_text: Run, word: Any, second: str) -> None:
    """The refusal that is wanted came, and then something else went wrong in the block: it does not pass."""
    word("try_it", f"steps:\n  - {REFUSED}\n    on_failure: continue\n  - {second}\n    on_failure: continue\n")
    ran = run_text(HEAD + "  - try_it:\n    refused: forbidden\n")
    assert ran.scenario().outcome in ("failed", "errored")


def test_a_block_that_must_be_refused_is(run_text: Run, word: Any) -> None:
    """The refusal alone is what the block is there for."""
    word("try_it", f"steps:\n  - {REFUSED}\n    on_failure: continue\n  - note: hi\n")
    assert run_text(HEAD + "  - try_it:\n    refused: forbidden\n").scenario().outcome == "passed"
