"""
``result.json``: the run as other programs read it, in the form of :mod:`runner.record.document`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from runner.history import Changes
from runner.record.document import (
    FORMAT,
    RESULT,
    VERSION,
    Counts,
    DifferencePart,
    DriftPart,
    ExchangePart,
    RetryPart,
    RunPart,
    ScenarioPart,
    SincePart,
    StatePart,
    StepPart,
)
from runner.record.events import Checked, Difference, Drifted, Exchanged, RunStarted, Saved
from runner.record.result import RunResult
from runner.reporters.base import ReportContext
from runner.reporters.failure import headline
from runner.reporters.files import write_file
from runner.reporters.spool import Spool
from runner.reporters.story import Story, StoryStep

__all__ = ["JsonReporter"]

_encode = msgspec.json.Encoder(enc_hook=str).encode
_RED = ("failed", "errored")


class JsonReporter:
    """Writes ``result.json`` into the run's folder when the run is over."""

    name = "json"

    def __init__(self, context: ReportContext) -> None:
        self._context = context
        self._retelling = context.retelling
        self.handle = self._retelling.hear
        self._retelling.join(self)
        self._scenarios = Spool()
        self._counted: Counter[str] = Counter()

    def begin(self) -> None:
        """The run is going to be told."""

    def tell(self, story: Story) -> None:
        """A scenario."""
        if story.finished is not None:
            self._counted["flaky"] += story.finished.flaky
            self._counted["in_doubt"] += story.finished.in_doubt
        self._scenarios.add(_encode(_scenario(story, self._retelling.changes)))

    def close(self) -> None:
        """Write the file in one piece."""
        try:
            if self._retelling.started is not None:
                self._retelling.tell_all(self)
                write_file(self._context.folder / RESULT, self._document(self._retelling.started))
        finally:
            self._scenarios.close()

    def _document(self, started: RunStarted) -> Iterator[bytes]:
        result = self._retelling.result
        head = {
            "format": FORMAT,
            "version": VERSION,
            "run": _run(started, result),
            "counts": _counts(result, self._counted),
            "since": _since(self._retelling.changes),
            "drift": [_drift(one) for one in result.drift],
        }
        # the scenarios come from the spool, into the open end of the head
        yield _encode(head)[:-1] + b',\n"scenarios":[\n'
        yield from self._scenarios.read()
        yield b"\n]}\n"


def _run(started: RunStarted, result: RunResult) -> RunPart:
    return RunPart(
        id=started.run,
        started=started.started,
        took=result.took,
        environment=started.environment,
        targets=started.targets,
        seed=started.seed,
        parallel=started.parallel,
        version=started.version,
        ended=result.ended,
        complete=result.complete,
        exit_code=result.exit_code,
        arguments=started.arguments,
        problems=list(result.problems),
        warnings=[told.message for told in result.warnings],
    )


def _drift(one: Drifted) -> DriftPart:
    return DriftPart(
        vendor=one.vendor,
        kind=one.kind,
        operation=one.operation,
        http=one.http,
        place=one.place,
        expected=one.expected,
        got=one.got,
        scenario=one.scenario,
        step=one.step,
    )


def _counts(result: RunResult, counted: Counter[str]) -> Counts:
    return Counts(planned=sum(result.counts.values()), flaky=counted["flaky"], in_doubt=counted["in_doubt"], **result.counts)


def _since(changes: Changes) -> SincePart | None:
    if not changes.earlier:
        return None
    return SincePart(
        last_green=changes.last_green.folder if changes.last_green is not None else "",
        new=changes.keys("new"),
        still=changes.keys("still"),
        fixed=changes.keys("fixed"),
        first=changes.keys("first"),
        flaky=changes.unsteady,
        added=list(changes.added),
        removed=list(changes.removed),
    )


def _scenario(story: Story, changes: Changes) -> ScenarioPart:
    started, finished, change = story.started, story.finished, changes[story.started.scenario]
    part: dict[str, Any] = {
        "key": started.scenario,
        "id": started.id,
        "name": started.name,
        "file": started.file,
        "line": started.line,
        "vendor": started.vendor,
        "case": started.case,
        "tags": started.tags,
        "description": started.description,
        "actors": started.actors,
        "began": story.since,
        "change": change.kind,
        "since": change.since.run if change.since is not None else "",
        "steps": [_step(step) for step in story.steps.values()],
    }
    if finished is None:
        return ScenarioPart(**part, outcome="not_run", took=0.0, reason="the run ended before it did")
    return ScenarioPart(
        **part,
        outcome=finished.outcome,
        took=finished.took,
        reason=finished.reason,
        headline=headline(story) if finished.outcome in _RED else "",
        code=finished.code,
        cause=finished.cause,
        step=finished.step,
        stopped_at=finished.line,
        flaky=finished.flaky,
        in_doubt=finished.in_doubt,
        left_open=finished.left_open,
    )


def _step(step: StoryStep) -> StepPart:
    started, finished = step.started, step.finished
    checked = next((event for event in reversed(step.happened) if isinstance(event, Checked)), None)
    part: dict[str, Any] = {
        "place": started.step,
        "type": started.type,
        "name": started.name,
        "actor": started.actor,
        "phase": started.phase,
        "file": started.file,
        "line": started.line,
        "began": step.since,
        "checks": checked.checks if checked is not None else 0,
        "differences": [_difference(told) for told in checked.differences] if checked is not None else [],
        "saved": [event.name for event in step.happened if isinstance(event, Saved)],
        "retries": [RetryPart(attempt=told.attempt, reason=told.reason, code=told.code, cause=told.cause) for told in step.retries],
        "exchanges": [_exchange(event) for event in step.happened if isinstance(event, Exchanged)],
    }
    if finished is None:
        return StepPart(**part, outcome="not_run", took=0.0)
    return StepPart(
        **part,
        outcome=finished.outcome,
        took=finished.took,
        attempts=finished.attempts,
        reason=finished.reason,
        code=finished.code,
        cause=finished.cause,
        hint=finished.hint,
        refused=finished.refused,
        in_doubt=finished.in_doubt,
        states=[StatePart(name=name, at=at) for name, at in finished.states],
    )


def _difference(told: Difference) -> DifferencePart:
    return DifferencePart(path=told.path, expected=told.expected, got=told.got, hint=told.hint, line=told.line)


def _exchange(event: Exchanged) -> ExchangePart:
    return ExchangePart(n=event.n, method=event.method, url=event.url, http=event.http, took=event.took, size=event.size, error=event.error)
