"""
What came of a run: its events, folded. Pure: the same events give the same result, live or read from a journal.

The harness folds while the run goes on; ``runner report`` folds a journal. Details are kept only of scenarios that did not pass, so a
result of thousands of green ones is small.

**Counts** always add up: planned = passed + failed + errored + skipped + unsupported + not_run.

**Exit codes**; the first line that holds decides:

==== ===============================================================================================================================
 2    the run was interrupted, terminated, ran out of time, or its record is incomplete; or a scenario was interrupted
 3    it broke off inside; a reporter or the journal broke; a scenario ended by a fault of ours or of a plugin
 1    a check failed
 6    a scenario could not be carried out because of the environment
 1    a scenario could not be carried out for another reason
 2    something that was planned was never run, and nothing above says why
 5    nothing ran: nothing was planned, or all of it was skipped or unsupported
 0    at least one scenario passed, and every other one was skipped or unsupported
==== ===============================================================================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from runner.record.events import (
    OUTCOMES,
    Cause,
    Checked,
    Created,
    Drifted,
    Event,
    Exchanged,
    Logged,
    Notified,
    Retried,
    RunExtended,
    RunFinished,
    RunStarted,
    Saved,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
    extended,
)
from runner.record.journal import is_incomplete
from runner.record.rows import ExchangeResult, Rows, ScenarioResult, StepResult, Stock

__all__ = ["ExchangeResult", "Fold", "RunResult", "ScenarioResult", "StepResult", "fold"]

Ended = Literal["complete", "fail_fast", "interrupted", "terminated", "timeout", "broken", "cut off"]
_MOST_WARNINGS = 200
# What makes the story of a scenario, and what stays in the journal alone.
_STORY = frozenset({StepStarted, Exchanged, Checked, Created, Retried, StepFinished})
_UNTOLD = frozenset({Saved, Notified})


class RunResult(Struct, frozen=True):
    """
    A whole run. ``scenarios`` are in the order in which they ended, at the end those that began and never did. ``counts`` maps each
    outcome, and ``not_run``, → how many.

    ``drift`` is how vendors' answers differ from their contracts; neither counts nor exit code depend on it.

    ``complete`` is False when the record has no end, has gaps, or does not agree with itself. ``problems`` are faults of the run itself.
    """

    folder: Path | None
    started: RunStarted | None
    scenarios: Sequence[ScenarioResult]
    counts: Mapping[str, int]
    ended: Ended
    complete: bool
    took: float = 0.0
    problems: tuple[str, ...] = ()
    warnings: tuple[Logged, ...] = ()
    drift: tuple[Drifted, ...] = ()

    @property
    def planned(self) -> int:
        """How many there were to be."""
        return sum(self.counts.values())

    @property
    def ok(self) -> bool:
        """Whether everything that could run passed, and at least one did."""
        return self.exit_code == 0

    @property
    def causes(self) -> frozenset[Cause]:
        """Whose faults the errors are."""
        return frozenset(s.cause for s in self.scenarios if s.outcome == "errored")

    @property
    def not_passed(self) -> tuple[ScenarioResult, ...]:
        """Those that failed, could not be carried out, or never ended."""
        return tuple(s for s in self.scenarios if s.outcome in ("failed", "errored", "not_run"))

    @property
    def exit_code(self) -> int:
        """By the table of this module."""
        counts, causes = self.counts, self.causes
        rules = (
            (2, not self.complete or self.ended not in ("complete", "fail_fast", "broken") or "interrupted" in causes),
            (3, self.ended == "broken" or bool(self.problems) or not causes.isdisjoint(("plugin", "internal"))),
            (1, counts["failed"] > 0),
            (6, "environment" in causes),
            (1, counts["errored"] > 0),
            (2, counts["not_run"] > 0),
            (5, counts["passed"] == 0),
        )
        return next((code for code, holds in rules if holds), 0)


class _Running(Struct):
    """A scenario that has begun and not ended; what is told of its steps is put together only when it did not pass."""

    started: ScenarioStarted
    # Exchanged only as a summary: a scenario that polls would hold many bodies
    story: list[Event | tuple[str, ExchangeResult]] = []


class Fold:
    """
    Folds events as they come; a sink. *folder* is the run's, whose marker tells whether it was cut off.

    With *keep_passed* the details of scenarios that passed are kept as well.
    """

    name = "result"

    def __init__(self, folder: Path | None = None, *, keep_passed: bool = False) -> None:
        self._folder = folder
        self._keep_passed = keep_passed
        self._started: RunStarted | None = None
        self._finished: RunFinished | None = None
        self._running: dict[str, _Running] = {}
        self._ended = Stock()
        self._counts: Counter[str] = Counter()
        self._warnings: list[Logged] = []
        self._drift: list[Drifted] = []
        self._last = 0
        self._gaps = False
        self._at = 0.0
        # the same few texts stand in thousands of rows
        self._texts: dict[str, str] = {}

    def handle(self, event: Event) -> None:
        """Take an event."""
        n = event.n
        if n != self._last + 1:
            self._gaps = True
        self._last = n
        self._at = event.at
        kind = type(event)
        if kind in _STORY:
            running = self._running.get(event.scenario)  # type: ignore[union-attr]  # all of them have one
            if running is not None:
                running.story.append(_summary(event) if isinstance(event, Exchanged) else event)
        elif kind not in _UNTOLD:
            self._outside_of_steps(event)

    def _outside_of_steps(self, event: Event) -> None:
        match event:
            case ScenarioStarted():
                self._running[event.scenario] = _Running(event)
            case ScenarioFinished():
                self._end(event)
            case RunStarted():
                self._started = event
            case RunExtended():
                self._started = extended(self._started, event)
            case RunFinished():
                self._finished = event
            case Drifted():
                self._drift.append(event)
            case Logged() if event.scenario in self._running and (self._keep_passed or not event.stream):
                self._running[event.scenario].story.append(event)
            case Logged() if event.level in ("warning", "error") and len(self._warnings) < _MOST_WARNINGS:
                self._warnings.append(event)
            case _:
                pass

    add = handle

    def close(self) -> None:
        """There are no more events."""

    def _end(self, event: ScenarioFinished) -> None:
        running = self._running.pop(event.scenario, None) or _Running(_from_key(event.scenario))
        self._counts[event.outcome] += 1
        row = self._row(running, keep=self._keep_passed or event.outcome != "passed")
        self._ended.add(
            replace(
                row,
                outcome=event.outcome,
                took=event.took,
                reason=event.reason,
                code=event.code,
                cause=event.cause,
                at_step=event.step,
                at_line=event.line,
                in_doubt=event.in_doubt,
                flaky=event.flaky,
                left_open=tuple(event.left_open),
            )
        )

    def _row(self, running: _Running, *, keep: bool) -> ScenarioResult:
        started, one = running.started, self._one
        row = ScenarioResult(
            key=started.scenario,
            name=one(started.name),
            file=one(started.file),
            line=started.line,
            vendor=one(started.vendor),
            case=started.case,
            id=one(started.id),
            tags=tuple(map(one, started.tags)),
            began=started.at,
        )
        if not keep:
            return row
        return replace(
            row,
            description=started.description,
            actors=started.actors,
            steps=_steps(running.story),
            created=tuple(event for event in running.story if isinstance(event, Created)),
            logged=tuple(event for event in running.story if isinstance(event, Logged)),
        )

    def _one(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def result(self, *, problems: Iterable[str] = ()) -> RunResult:
        """What came of the events so far; *problems* are those that no event could tell any more."""
        told = self._finished.problems if self._finished is not None else []
        unfinished = [
            replace(self._row(running, keep=True), reason="the run ended before it did", took=round(self._at - running.started.at, 6))
            for running in self._running.values()
        ]
        counts: dict[str, int] = {outcome: self._counts[outcome] for outcome in OUTCOMES}
        planned = self._started.planned if self._started is not None else 0
        counts["not_run"] = max(planned - self._counts.total(), len(unfinished))
        return RunResult(
            folder=self._folder,
            started=self._started,
            scenarios=Rows(self._ended, unfinished),
            counts=counts,
            ended=self._finished.ended if self._finished is not None else "cut off",
            complete=self._complete(counts, planned),
            took=self._finished.took if self._finished is not None else self._at,
            problems=tuple(dict.fromkeys((*told, *problems))),
            warnings=tuple(self._warnings),
            drift=tuple(self._drift),
        )

    def _complete(self, counts: Mapping[str, int], planned: int) -> bool:
        finished = self._finished
        if finished is None or self._started is None or self._gaps or self._running:
            return False
        if self._folder is not None and is_incomplete(self._folder):
            return False
        if finished.ended not in ("complete", "fail_fast"):
            return True
        told = {outcome: count for outcome, count in finished.counts.items() if count}
        agreed = told == {outcome: count for outcome, count in self._counts.items() if count}
        return agreed and finished.not_run == counts["not_run"] and sum(counts.values()) == planned


def fold(events: Iterable[Event], *, folder: Path | None = None, keep_passed: bool = False) -> RunResult:
    """The result of *events*."""
    folding = Fold(folder, keep_passed=keep_passed)
    for event in events:
        folding.handle(event)
    return folding.result()


def _summary(event: Exchanged) -> tuple[str, ExchangeResult]:
    return event.step, ExchangeResult(event.n, event.method, event.url, event.http, event.took, event.error)


def _steps(story: Iterable[Event | tuple[str, ExchangeResult]]) -> tuple[StepResult, ...]:
    """The steps of a scenario, from what happened in it."""
    steps: dict[str, StepResult] = {}
    for told in story:
        match told:
            case StepStarted():
                steps[told.step] = _step(told)
            case StepFinished() if told.step in steps:
                _finish(steps[told.step], told)
            case Checked() if told.step in steps:
                steps[told.step].checks, steps[told.step].differences = told.checks, tuple(told.differences)
            case Retried() if told.step in steps:
                steps[told.step].retries.append(told)
            case (place, exchange) if place in steps:
                steps[place].exchanges.append(exchange)
            case _:
                pass
    return tuple(steps.values())


def _step(event: StepStarted) -> StepResult:
    return StepResult(event.step, event.type, event.name, event.actor, event.phase, event.file, event.line)


def _finish(step: StepResult, event: StepFinished) -> None:
    step.outcome = event.outcome
    step.took = event.took
    step.reason = event.reason
    step.code = event.code
    step.cause = event.cause
    step.hint = event.hint
    step.attempts = event.attempts
    step.states = tuple(event.states)
    step.in_doubt = event.in_doubt
    step.refused = event.refused


def _from_key(key: str) -> ScenarioStarted:
    """A scenario whose beginning is not in the record, from its key ``file::vendor[case]``."""
    file, _, rest = key.partition("::")
    vendor, _, case = rest.partition("[")
    return ScenarioStarted(scenario=key, id="", name=file, file=file, line=1, vendor=vendor, case=case.removesuffix("]"))
