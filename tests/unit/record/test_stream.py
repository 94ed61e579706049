"""From one happening to everybody who wants to know."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from runner.clock import ManualClock
from runner.environment.forms import Reach, reach_of
from runner.environment.redaction import Redactor
from runner.environment.secrets import Secret
from runner.record.events import (
    Checked,
    Difference,
    Event,
    Exchanged,
    Logged,
    Notified,
    RunFinished,
    RunStarted,
    Saved,
    ScenarioFinished,
    StepFinished,
    StepStarted,
    decode,
)
from runner.record.journal import Journal, is_incomplete, read_journal
from runner.record.stream import Stream

KEY = "mail/reply.scenario.yaml::gws"
PASSWORD = 'c4nary/Pa$$"w0rd'
END = RunFinished(took=1.0, counts={})


class Kept:
    """A sink that keeps what it is given, and how much of the journal was on disk by then."""

    def __init__(self, name: str = "kept", *, breaks_at: int = 0, breaks_at_end: bool = False) -> None:
        self.name = name
        self.events: list[Event] = []
        self.closed = 0
        self.on_disk: list[int] = []
        self.journal: Path | None = None
        self._breaks_at = breaks_at
        self._breaks_at_end = breaks_at_end

    def handle(self, event: Event) -> None:
        if event.n == self._breaks_at:
            raise ValueError(f"cannot show {PASSWORD}")
        self.events.append(event)
        if self.journal is not None:
            self.on_disk.append(max(e.n for e in read_journal(self.journal)))

    def close(self) -> None:
        self.closed += 1
        if self._breaks_at_end:
            raise OSError(errno.ENOSPC, "No space left on device")


class FullDisk(Journal):
    """A disk that takes so many lines and no more."""

    room = 2

    def append(self, lines: bytes) -> None:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= 1
        super().append(lines)


def redactor() -> Redactor:
    redactor = Redactor()
    redactor.know(Secret("QA1", PASSWORD), users=["qa1"])
    return redactor


def stream(folder: Path, *sinks: Any, clock: ManualClock | None = None, journal: Journal | None = None) -> Stream:
    return Stream(journal or Journal(folder), sinks, redactor=redactor(), clock=clock or ManualClock())


def told(folder: Path, *events: Event) -> list[Event]:
    """Events as they come back from the journal, after which nothing of the password may be left in the file."""
    kept = Kept()
    one = stream(folder, kept)
    for event in events:
        one.emit(event)
    one.close()
    read = list(read_journal(folder))
    assert [decode(json.dumps(json.loads(line))) for line in (folder / "journal.jsonl").read_bytes().splitlines()[1:]] == read
    assert kept.events == read
    return read


# ── numbers, order, promise ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_events_are_numbered_without_gaps_and_timed(tmp_path: Path) -> None:
    """``n`` from 1, ``at`` in seconds since the stream was made."""
    clock = ManualClock()
    kept = Kept()
    one = stream(tmp_path, kept, clock=clock)

    one.emit(Logged(message="a"))
    clock.turn(1.5)
    one.emit(Logged(message="b"))
    one.close()

    assert [(event.n, event.at) for event in kept.events] == [(1, 0.0), (2, 1.5)]
    assert list(read_journal(tmp_path)) == kept.events


def test_without_a_loop_events_are_handed_on_at_once(tmp_path: Path) -> None:
    """Nothing waits for a turn that never comes."""
    kept = Kept()
    one = stream(tmp_path, kept)

    one.emit(Logged(message="a"))

    assert len(kept.events) == 1
    one.close()


def test_events_of_one_turn_are_written_together_and_before_a_sink_sees_them(tmp_path: Path) -> None:
    """What a sink has seen is on disk."""
    kept = Kept()
    kept.journal = tmp_path

    async def turn() -> int:
        one = stream(tmp_path, kept)
        for _ in range(3):
            one.emit(Logged(message="a"))
        before = len(kept.events)
        await asyncio.sleep(0)
        one.close()
        return before

    assert asyncio.run(turn()) == 0
    assert kept.on_disk == [3, 3, 3]


def test_a_long_turn_does_not_pile_up_events(tmp_path: Path) -> None:
    """When very many wait, they are written before the turn ends."""
    kept = Kept()

    async def turn() -> int:
        one = stream(tmp_path, kept)
        for _ in range(1000):
            one.emit(Logged(message="a"))
        seen = len(kept.events)
        await asyncio.sleep(0)
        one.close()
        return seen

    assert asyncio.run(turn()) >= 500
    assert [event.n for event in kept.events] == list(range(1, 1001))


def test_nothing_comes_after_the_last_event(tmp_path: Path) -> None:
    """A stuck step that wakes up late is not heard any more."""
    events = told(tmp_path, END, Logged(message="late"))

    assert [type(event) for event in events] == [RunFinished]


def test_the_marker_goes_only_with_the_last_event(tmp_path: Path) -> None:
    """A stream that is closed early leaves an incomplete run behind."""
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()

    told(tmp_path / "whole", END)
    told(tmp_path / "cut", Logged(message="a"))

    assert not is_incomplete(tmp_path / "whole")
    assert is_incomplete(tmp_path / "cut")


# ── what breaks ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sink_that_breaks_is_named_and_the_run_goes_on(tmp_path: Path) -> None:
    """The others and the journal are told, and it is given nothing more; its message holds no secret."""
    bad, good = Kept("html", breaks_at=2), Kept("console")
    one = stream(tmp_path, bad, good)

    for message in "abc":
        one.emit(Logged(message=message))
    one.emit(END)
    one.close()

    problem = "reporter `html` broke and was switched off: ValueError: cannot show ***"
    assert one.problems == [problem]
    assert [e.message for e in good.events if isinstance(e, Logged)] == ["a", "b", problem, "c"]
    assert [event.n for event in good.events] == [1, 2, 3, 4, 5]
    assert len(bad.events) == 1
    assert (bad.closed, good.closed) == (1, 1)
    assert [e.code for e in read_journal(tmp_path) if isinstance(e, Logged)] == ["", "", "E610", ""]


def test_a_sink_that_breaks_at_the_end_keeps_nobody_else(tmp_path: Path) -> None:
    """Every sink is closed, and the problem is kept for the exit code."""
    bad, good = Kept("junit", breaks_at_end=True), Kept()
    one = stream(tmp_path, bad, good)
    one.emit(END)

    one.close()

    assert good.closed == 1
    assert one.problems == ["reporter `junit` could not finish: OSError: [Errno 28] No space left on device"]


def test_a_full_disk_is_told_once_and_the_run_goes_on(tmp_path: Path) -> None:
    """Sinks get everything; the run stays marked as incomplete."""
    kept = Kept()
    one = stream(tmp_path, kept, journal=FullDisk(tmp_path))

    for message in "abcd":
        one.emit(Logged(message=message))
    one.emit(END)
    one.close()

    assert len(one.problems) == 1
    assert "cannot be written: no space left on device" in one.problems[0]
    assert [e.code for e in kept.events if isinstance(e, Logged)] == ["", "", "E612", "", ""]
    assert is_incomplete(tmp_path)


def test_the_disk_is_asked_to_keep_the_journal_once_a_second(tmp_path: Path) -> None:
    """At the end of a scenario, not more often, and at the end of the run."""
    clock = ManualClock()
    journal = CountedSyncs(tmp_path)
    one = stream(tmp_path, clock=clock, journal=journal)

    for second in range(1, 6):
        for _ in range(4):
            clock.turn(0.25)
            one.emit(ScenarioFinished(scenario=KEY, outcome="passed", took=0.25))
        assert journal.asked.acquire(timeout=5), second
        if one._sync is not None:
            one._sync.result()
    one.emit(END)
    one.close()

    assert journal.syncs == 6


class CountedSyncs(Journal):
    """Counts how often the disk was asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked = threading.Semaphore(0)
        self.syncs = 0

    def sync(self) -> None:
        self.syncs += 1
        self.asked.release()


# ── the gate ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

EVERYWHERE: list[Event] = [
    RunStarted(
        run="r",
        started="s",
        environment="e",
        seed=1,
        planned=1,
        parallel=1,
        version="0",
        targets={"gws": PASSWORD},
        arguments={"paths": [PASSWORD]},
    ),
    StepStarted(scenario=KEY, step="1", type="login", line=3, name=f"log in as {PASSWORD}", parameters={PASSWORD: [{"x": PASSWORD}]}),
    Exchanged(
        scenario=KEY,
        step="1",
        method="GET",
        url=f"http://h/{PASSWORD}",
        body=json.dumps({"a": json.dumps({"b": PASSWORD})}),
        headers={"X": PASSWORD},
    ),
    Notified(scenario=KEY, step="1", name=PASSWORD, body={"deep": [PASSWORD]}),
    Saved(scenario=KEY, step="1", name="x", value=PASSWORD),
    Checked(scenario=KEY, step="1", passed=False, checks=1, differences=[Difference("a.b", PASSWORD, f"<{PASSWORD}>", PASSWORD)]),
    StepFinished(scenario=KEY, step="1", outcome="failed", took=1.0, reason=PASSWORD, hint=PASSWORD, states=[(PASSWORD, 1.0)]),
    ScenarioFinished(scenario=KEY, outcome="failed", took=1.0, reason=PASSWORD, left_open=[PASSWORD]),
    Logged(message=f"it said {PASSWORD}"),
    RunFinished(took=1.0, counts={"failed": 1}, problems=[PASSWORD]),
]


@pytest.mark.parametrize("event", EVERYWHERE, ids=lambda event: type(event).__name__)
def test_no_event_carries_a_secret(tmp_path: Path, event: Event) -> None:
    """In no field, no key, no depth; and the event is still one."""
    (back,) = told(tmp_path, event)

    assert type(back) is type(event)
    assert "Pa$$" not in (tmp_path / "journal.jsonl").read_text(encoding="utf-8")
    assert "***" in repr(back)


def test_a_secret_in_the_name_of_a_file_is_hidden(tmp_path: Path) -> None:
    """File names are text like any other."""
    one = Redactor()
    one.know(Secret("X", "tok3n-in-name"))
    kept = Kept()
    stream_ = Stream(Journal(tmp_path), [kept], redactor=one, clock=ManualClock())

    stream_.emit(StepStarted(scenario="a/tok3n-in-name.scenario.yaml::gws", step="1", type="send", line=1, file="tok3n-in-name.steps.yaml"))
    stream_.close()

    assert kept.events == [StepStarted(scenario="a/***.scenario.yaml::gws", step="1", type="send", line=1, file="***.steps.yaml", n=1)]


def test_a_number_whose_digits_are_a_secret_is_hidden(tmp_path: Path) -> None:
    """A session id that is a number is one in JSON, too; counters of ours stay numbers."""
    one = Redactor()
    one.learn("1234567890", name="session", scope=KEY)
    kept = Kept()
    stream_ = Stream(Journal(tmp_path), [kept], redactor=one, clock=ManualClock())

    stream_.emit(Saved(scenario=KEY, step="1", name="x", value={"id": 1234567890, "1234567890": 3}))
    stream_.emit(Exchanged(scenario=KEY, step="1", method="GET", url="u", size=1234567890))
    stream_.close()

    saved, exchanged = kept.events
    assert isinstance(saved, Saved)
    assert saved.value == {"id": "***", "***": 3}
    assert isinstance(exchanged, Exchanged)
    assert exchanged.size == 1234567890


@pytest.mark.parametrize(
    ("event", "field", "shown"),
    [
        (
            StepStarted(scenario=KEY, step="1", type="login", line=1, parameters={"user": "a", "password": "b"}),
            "parameters",
            {"user": "a", "password": "***"},
        ),
        (Saved(scenario=KEY, step="1", name="token", value="abc"), "value", "***"),
        (Saved(scenario=KEY, step="1", name="token", value=Secret("x", "y")), "value", "***"),
        (
            Saved(scenario=KEY, step="1", name="answer", value={"headers": {"Set-Cookie": "a=b"}}),
            "value",
            {"headers": {"Set-Cookie": "***"}},
        ),
        (Notified(scenario=KEY, step="1", name="n", body={"csrfToken": "abc"}), "body", {"csrfToken": "***"}),
    ],
)
def test_plain_data_loses_what_stands_under_secret_names(tmp_path: Path, event: Event, field: str, shown: object) -> None:
    """By name, even when nobody learned the value."""
    (back,) = told(tmp_path, event)

    assert getattr(back, field) == shown


def test_a_difference_under_a_secret_name_is_told_without_values(tmp_path: Path) -> None:
    """That a token differs may be said, not how."""
    difference = Difference("body.items[0].token", "abc", "abd", "nearest: abd", 7, 9)

    (back,) = told(tmp_path, Checked(scenario=KEY, step="1", passed=False, checks=1, differences=[difference]))

    assert isinstance(back, Checked)
    assert back.differences == [Difference("body.items[0].token", "***", "***", "", 7, 9)]


def test_our_own_words_survive_a_secret_that_is_one(tmp_path: Path) -> None:
    """With ``passed`` as a password a passed scenario is still told as passed."""
    one = Redactor()
    one.know(Secret("X", "passed"))
    kept = Kept()
    stream_ = Stream(Journal(tmp_path), [kept], redactor=one, clock=ManualClock())

    stream_.emit(ScenarioFinished(scenario=KEY, outcome="passed", took=1.0, reason="passed"))
    stream_.close()

    assert kept.events == [ScenarioFinished(scenario=KEY, outcome="passed", took=1.0, reason="***", n=1)]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\ud83d half", "\N{REPLACEMENT CHARACTER} half"),
        ({"\ud83d": ["\udc00"]}, {"\N{REPLACEMENT CHARACTER}": ["\N{REPLACEMENT CHARACTER}"]}),
        (2**80, 2**80),
        ({1: 2}, {"1": 2}),
    ],
)
def test_what_json_cannot_say_is_written_as_near_as_can_be(tmp_path: Path, value: object, shown: object) -> None:
    """A half character in a server's answer ends no run."""
    (back,) = told_loosely(tmp_path, Saved(scenario=KEY, step="1", name="x", value=value))

    assert isinstance(back, Saved)
    assert back.value == shown


def test_a_value_that_contains_itself_ends_no_run(tmp_path: Path) -> None:
    """It is cut where nobody would look any more."""
    endless: list[Any] = ["x"]
    endless.append(endless)

    (back,) = told_loosely(tmp_path, Saved(scenario=KEY, step="1", name="x", value=endless))

    assert isinstance(back, Saved)
    assert back.value[0] == "x"


def told_loosely(folder: Path, event: Event) -> list[Event]:
    """As *told*, for values that change their type on the way through JSON."""
    one = stream(folder)
    one.emit(event)
    one.close()
    return list(read_journal(folder))


@settings(max_examples=60)
@given(
    before=st.text(max_size=10),
    after=st.text(max_size=10),
    secret=st.text(st.characters(codec="utf-8"), min_size=9, max_size=20),
    nested=st.booleans(),
)
def test_any_secret_in_any_surrounding_leaves_whole_json(before: str, after: str, secret: str, nested: bool) -> None:
    """The line is JSON, JSON inside it stays JSON, and the secret is gone."""
    assume(reach_of(secret) is Reach.ANYWHERE)
    one = Redactor()
    one.learn(secret, name="x", scope=KEY)
    kept = Kept()
    stream_ = Stream(None, [kept], redactor=one, clock=ManualClock())
    text = before + secret + after

    stream_.emit(Saved(scenario=KEY, step="1", name="x", value=[json.dumps([text])] if nested else text))
    stream_.close()

    (event,) = kept.events
    assert isinstance(event, Saved)
    shown = json.loads(event.value[0])[0] if nested else event.value
    assert secret not in shown
    assert "***" in shown
