"""
What came of each scenario, for whoever waits for it: a sink that tells each item its own story.

It is called on the engine's thread; who waits is on pytest's. Events have been redacted when they come here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from runner.clock import written
from runner.record.events import (
    Event,
    Exchanged,
    Logged,
    RunFinished,
    RunStarted,
    Saved,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
)
from runner.record.journal import read_journal
from runner.record.result import Fold, ScenarioResult
from runner.reporters.failure import exchange_line
from runner.reporters.mistakes import shown
from runner.reporters.story import Stories, Story, printed
from runner.reporters.text import cut, one_line

__all__ = ["Results", "Told", "may_have_sent", "told_by", "unfinished"]

# Characters of a body, of a saved value, and of a whole scenario's lines that are kept.
_BODY = 400
_VALUE = 200
_LINES = 20_000


class Told(Struct, frozen=True):
    """
    What came of a scenario. ``lines`` tell its steps and exchanges; ``began`` is in seconds since the epoch; ``result`` is the same as
    data, where it was asked for; ``note`` is added to why it did not pass. What others printed in it is in its story.
    """

    story: Story
    lines: tuple[str, ...] = ()
    environment: str = ""
    began: float = 0.0
    result: ScenarioResult | None = None
    note: str = ""

    @property
    def outcome(self) -> str:
        """How it ended; one that did not is errored."""
        return self.story.finished.outcome if self.story.finished is not None else "errored"

    @property
    def reason(self) -> str:
        """Why, in a line."""
        return one_line(self.story.finished.reason) if self.story.finished is not None else ""

    @property
    def sections(self) -> Mapping[str, str]:
        """What is to be read about it, by the name of pytest's section: what it did, and what was printed meanwhile."""
        return {"scenario": "\n".join(self.lines)} | {stream: shown(text) for stream, text in printed(self.story.logged).items()}

    @property
    def took(self) -> float:
        """Seconds."""
        return self.story.finished.took if self.story.finished is not None else 0.0


class _Waiting(Struct):
    """Somebody who waits for a scenario. ``fold`` makes the result, where it was asked for."""

    future: Future[Told]
    fold: Fold | None


class _Lines(Struct):
    """The lines of a scenario that runs; what does not fit is counted."""

    told: list[str] = field(default_factory=list)
    room: int = _LINES
    left_out: int = 0

    def add(self, *lines: str) -> None:
        for line in lines:
            self.room -= len(line) + 1
            if self.room > 0:
                self.told.append(line)
            else:
                self.left_out += 1

    def all(self) -> tuple[str, ...]:
        more = (f"... and {self.left_out} more lines; the journal has them",) if self.left_out else ()
        return (*self.told, *more)


def _nobody(_event: Logged) -> None:
    """Nobody is told."""


class Results:
    """
    The sink. ``expect`` is called before a scenario is handed to the engine, and its future is resolved on every path.

    *on_print* is told each line that a plugin or a library printed, of whatever scenario.
    """

    name = "pytest"

    def __init__(self, on_print: Callable[[Logged], None] = _nobody) -> None:
        self._on_print = on_print
        self._stories = Stories()
        self._lines: dict[str, _Lines] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._environment = ""
        self._began = 0.0
        self._over = ""

    @property
    def over(self) -> bool:
        """Whether the last event has come, or none comes any more."""
        return bool(self._over)

    def expect(self, key: str, *, as_data: bool = False) -> Future[Told]:
        """What will come of the scenario *key*; with *as_data* its ``result`` is there, too."""
        future: Future[Told] = Future()
        self._waiting[key] = _Waiting(future, Fold(keep_passed=True) if as_data else None)
        if self._over:
            self.lose(self._over)
        return future

    def so_far(self, key: str) -> Mapping[str, str]:
        """The sections of a scenario that still runs."""
        story, lines = self._stories.running.get(key), self._lines.get(key)
        return Told(story, lines.all()).sections if story is not None and lines is not None else {}

    # ── a sink ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def handle(self, event: Event) -> None:
        """Take an event."""
        try:
            self._handle(event)
        except Exception as exc:
            self.lose(f"internal error: {type(exc).__name__}: {exc}")
            raise

    def close(self) -> None:
        """No more events come: who still waits, waits in vain."""
        self.lose(self._over or "the run ended before it did")

    def _handle(self, event: Event) -> None:
        story = self._stories.handle(event)
        key: str = getattr(event, "scenario", "")
        waiting = self._waiting.get(key)
        if waiting is not None and waiting.fold is not None:
            waiting.fold.handle(event)
        if story is not None:
            self._ended(story)
            return
        match event:
            case RunStarted():
                self._environment = event.environment
                self._began = datetime.fromisoformat(event.started).timestamp()
            case RunFinished():
                why = "; ".join(event.problems) or f"the run was {event.ended} before it began"
                self.lose(why)
            case ScenarioStarted():
                self._lines[key] = _Lines()
            case StepStarted() | Exchanged() | StepFinished() | Saved() if key in self._lines:
                self._lines[key].add(*_lines(event))
            case Logged() if event.stream:
                self._on_print(event)
            case _:
                pass

    def _ended(self, story: Story) -> None:
        key = story.started.scenario
        told = self._told(story)
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            rows = waiting.fold.result().scenarios if waiting.fold is not None else ()
            waiting.future.set_result(replace(told, result=rows[0]) if rows else told)

    def _told(self, story: Story) -> Told:
        lines = self._lines.pop(story.started.scenario, _Lines())
        return Told(story, lines.all(), self._environment, self._began + story.since)

    def lose(self, why: str) -> None:
        """Whoever waits, or will wait, is told that no more comes, and *why*."""
        self._over = why
        while self._waiting:
            key, waiting = self._waiting.popitem()
            waiting.future.set_result(unfinished(self._unended(key), why))

    def _unended(self, key: str) -> Told:
        story = self._stories.running.get(key) or Story(_unseen(key), 0.0)
        return self._told(story)

    def stories(self) -> dict[str, Told]:
        """What did not end, by key."""
        return {key: self._told(story) for key, story in self._stories.running.items()}


def told_by(folder: Path) -> dict[str, Told]:
    """What the journal in *folder* tells, by key: what ended there, and what began and did not end."""
    results = Results()
    told: dict[str, Future[Told]] = {}
    for event in read_journal(folder):
        if isinstance(event, ScenarioStarted):
            told[event.scenario] = results.expect(event.scenario)
        results.handle(event)
    unended = results.stories()
    return {key: future.result() for key, future in told.items() if key not in unended} | unended


def unfinished(told: Told, reason: str, *, in_doubt: bool = False) -> Told:
    """*told*, which did not end, as errored for this *reason*; *in_doubt*: mail may have been sent."""
    key = told.story.started.scenario
    ending = ScenarioFinished(scenario=key, outcome="errored", took=0.0, reason=reason, code="E705", cause="environment", in_doubt=in_doubt)
    return replace(told, story=replace(told.story, finished=ending))


def may_have_sent(story: Story, words: Collection[str]) -> str:
    """The step that began to send mail, as people call it; "" when none did. *words* are the steps that send."""
    for step in story.steps.values():
        left_out = step.finished is not None and step.finished.outcome in ("skipped", "unsupported")
        if step.started.type in words and not left_out:
            return f"step {step.started.step}, `{one_line(step.label)}`"
    if story.finished is not None and story.finished.in_doubt:
        return f"step {story.finished.step}"
    return ""


def _unseen(key: str) -> ScenarioStarted:
    file, _, rest = key.partition("::")
    vendor, _, case = rest.partition("[")
    return ScenarioStarted(scenario=key, id="", name=file, file=file, line=1, vendor=vendor, case=case.removesuffix("]"))


def _lines(event: StepStarted | Exchanged | StepFinished | Saved) -> Iterable[str]:
    """
    An event of a step as lines.

    Sample::

        2 create (agent)
          2  POST /api/v2/me/emails gave 201 after 12ms
               sent: {"to": "joe@example.com"}
               got:  {"id": "17"}
          2  passed after 13ms
    """
    match event:
        case StepStarted():
            actor = f" ({event.actor})" if event.actor else ""
            return [one_line(f"{event.step} {event.name or event.type}{actor}")]
        case Exchanged():
            sent = [f"       sent: {cut(one_line(event.request_body), _BODY)}"] if event.request_body else []
            got = [f"       got:  {cut(one_line(event.body), _BODY)}"] if event.body else []
            return [f"  {event.step}  {exchange_line(event)}", *sent, *got]
        case Saved():
            return [f"  {event.step}  saved {cut(one_line(f'{event.name} = {event.value}'), _VALUE)}"]
        case StepFinished():
            why = f": {one_line(event.reason)}" if event.reason else ""
            return [f"  {event.step}  {event.outcome} after {written(event.took)}{why}"]
