"""Where in the record things stand: each under the step that caused it, each round of a block in places of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from runner.record.events import Exchanged, Notified, StepFinished, StepStarted
from runner.record.result import fold
from runner.transport.exchange import Exchange

HEAD = "scenario: It\nvendor: toy\nsteps:\n  - login: {as: agent}\n"
Run = Callable[..., Any]


class Crossing:
    """A wire over which the answer to ``/first`` comes after the one to ``/second``."""

    def __init__(self, _base: str, *, observer: Callable[[Exchange], None], **_rest: object) -> None:
        self._observer = observer
        self._second = asyncio.Event()

    async def request(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None) -> Exchange:
        """Answers with the path."""
        if path == "/first":
            await self._second.wait()
        self._second.set()
        exchange = Exchange(method, path, headers, body or b"", http=200, body=f'{{"path": "{path}"}}'.encode())
        self._observer(exchange)
        return exchange

    async def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def word(tmp_path: Path) -> Callable[[str, str], None]:
    """Write a word of one's own: its name, and the rest of its file."""

    def write(name: str, text: str) -> None:
        folder = tmp_path / "scenarios" / "steps"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.steps.yaml").write_text(f"step: {name}\n{text}", encoding="utf-8")

    return write


def places(ran: Any) -> list[str]:
    """Where steps began, in order."""
    return [event.step for event in ran.of(StepStarted)]


def test_exchanges_side_by_side_stand_under_their_own_steps(run_text: Run) -> None:
    """Two requests over one session at a time are each recorded under the step that sent it, whichever is answered first."""
    ran = run_text(HEAD + "  - parallel:\n      - http: /first\n      - http: /second\n", connect=Crossing)
    assert [(e.step, e.url) for e in ran.of(Exchanged)] == [("2.2", "/second"), ("2.1", "/first")]


def test_answers_side_by_side_are_looked_at_by_their_own_steps(run_text: Run) -> None:
    """`answer` is the answer to the step's own request, also where another step's came in between."""
    ran = run_text(
        HEAD
        + "  - parallel:\n"
        + "      - http: /first\n        expect: {answer: {body: {path: /first}}}\n"
        + "      - http: /second\n        expect: {answer: {body: {path: /second}}}\n",
        connect=Crossing,
    )
    assert ran.scenario().outcome == "passed"


def test_what_is_pushed_side_by_side_stands_under_its_own_step(run_text: Run) -> None:
    """What one of two steps of one actor brings about is recorded under that step."""
    ran = run_text(HEAD + "  - parallel:\n      - toy.go: {how: push, value: one}\n      - toy.go: {how: push, value: two}\n")
    assert [(e.step, e.name) for e in ran.of(Notified)] == [("2.1", "one"), ("2.2", "two")]


def test_what_is_pushed_later_stands_under_the_step_of_then(run_text: Run) -> None:
    """What comes after the step that began to listen has ended is recorded under the step that is at work by then."""
    ran = run_text(HEAD + "  - toy.go: {how: listen}\n  - toy.go: {how: hear}\n")
    assert [(e.step, e.name) for e in ran.of(Notified)] == [("3", "late")]


def test_each_round_of_repeat_has_its_own_places(run_text: Run, word: Callable[[str, str], None]) -> None:
    """The steps inside a block that is repeated are told once for each round, the second at `2~2`."""
    word("count", "outputs: {n: 1}\nsteps:\n  - toy.look\n  - toy.look\n")
    ran = run_text(HEAD + "  - count:\n    repeat: {until: attempt >= 2, every: 1s, within: 1 min}\n")
    assert places(ran) == ["1", "2", "2.1", "2.2", "2~2.1", "2~2.2"]


def test_each_try_of_a_block_has_its_own_places(run_text: Run) -> None:
    """The steps inside a block that is tried again are told once for each try; the failed one stays in the result."""
    ran = run_text(HEAD + "  - parallel:\n      - toy.go: {how: flaky, value: 1}\n    retry: {times: 2, every: 1s}\n")
    assert [(e.step, e.outcome) for e in ran.of(StepFinished)][1:] == [("2.1", "errored"), ("2~2.1", "passed"), ("2", "passed")]


def test_each_item_of_a_list_has_its_own_places_inside(run_text: Run, word: Callable[[str, str], None]) -> None:
    """The steps of a word of one's own in a `for_each` stand in the place of their item."""
    word("ping", "inputs: {x: {type: text}}\nsteps:\n  - note: '{{ x }}'\n  - when: 'false'\n    note: never\n")
    ran = run_text(HEAD + "  - ping: {x: '{{ item }}'}\n    for_each: [a, b]\n")
    assert places(ran) == ["1", "2#1", "2#1.1", "2#1.2", "2#2", "2#2.1", "2#2.2"]


def test_rounds_in_rounds_have_their_own_places(run_text: Run, word: Callable[[str, str], None]) -> None:
    """A block repeated inside a block repeated: each place says which round of which."""
    word("inner", "steps:\n  - toy.look\n")
    word("outer", "steps:\n  - inner:\n    repeat: {until: attempt >= 2, every: 1s}\n")
    ran = run_text(HEAD + "  - outer:\n    repeat: {until: attempt >= 2, every: 1s}\n")
    looked = ["2.1.1", "2.1~2.1", "2~2.1.1", "2~2.1~2.1"]
    assert [place for place in places(ran) if place.count(".") == 2] == looked


def test_rounds_stay_apart_in_the_result(run_text: Run, word: Callable[[str, str], None]) -> None:
    """A result holds each round's steps, with what became of them."""
    word("look", "steps:\n  - toy.go: {how: flaky, value: 1}\n")
    ran = run_text(HEAD + "  - look:\n    retry: {times: 1, every: 1s}\n")
    (row,) = fold(ran.events, keep_passed=True).scenarios
    assert [(step.place, step.outcome) for step in row.steps][1:] == [("2", "passed"), ("2.1", "errored"), ("2~2.1", "passed")]
