"""
A run told once more when it is over, for reporters that write then: the journal is read again, a scenario at a time, once for all of them.

While a run goes on, such a reporter only lets the :class:`Retelling` of its context *hear* each event, which costs next to nothing and
keeps next to nothing of a scenario that passed. At the end the first one that asks has everything told to everybody who joined. What the
journal lost (a full disk) is told from what was heard, so all reports count the same.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from runner.clock import micro
from runner.errors import BadScenario
from runner.history import Changes, compare
from runner.record.events import (
    Drifted,
    Event,
    Logged,
    RunExtended,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    SourceRead,
)
from runner.record.journal import read_journal
from runner.record.result import Fold, RunResult, ScenarioResult
from runner.reporters.story import Stories, Story
from runner.source import Source

__all__ = ["Listener", "Retelling"]

_KEPT = frozenset({RunStarted, RunExtended, ScenarioStarted, ScenarioFinished, Drifted, RunFinished})


class Listener(Protocol):
    """Who wants to be told each scenario."""

    def begin(self) -> None:
        """The run is over, and is going to be told."""
        ...

    def tell(self, story: Story) -> None:
        """A scenario, whole: every step, and everything that happened in it. Not kept by who tells it."""
        ...


class Retelling:
    """
    The run in *folder*, heard as it went, told again when it is over.

    ``sources`` are the files that the run followed, by the names that events use, as they were when it read them.
    """

    def __init__(self, folder: Path) -> None:
        self.sources: dict[str, Source] = {}
        self._folder = folder
        self._fold = Fold(folder)
        self._folded = 0
        self._unreadables: list[Event] = []
        self._last = 0
        self._at = 0.0
        self._gaps = False
        self._listeners: list[Listener] = []
        self._raised: dict[int, Exception] = {}
        self._told = False

    def join(self, listener: Listener) -> None:
        """Be told the stories at the end."""
        self._listeners.append(listener)

    def hear(self, event: Event) -> None:
        """
        An event of the run. It is the ``handle`` of each reporter that listens, so the same ones come several times; that is why none
        of them has a method of its own for it, which would take longer than this does.
        """
        n, last = event.n, self._last
        if n <= last:
            if not n:
                self._unreadable(event)
            return
        if n != last + 1:
            self._gaps = True
        self._last, self._at = n, event.at
        if isinstance(event, SourceRead):
            self.sources[event.file] = Source(event.file, event.text)
        elif type(event) in _KEPT or (type(event) is Logged and not event.scenario):
            self._take(event)

    def _unreadable(self, event: Event) -> None:
        """What stands in place of a line that the journal could not give."""
        self._gaps = True
        if event not in self._unreadables:
            self._unreadables.append(event)
            self._take(event)

    def _take(self, event: Event) -> None:
        # the fold hears only what it needs, so its events have numbers of their own
        self._folded += 1
        self._fold.handle(replace(event, n=self._folded))

    # ── what is known without telling ────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def result(self) -> RunResult:
        """What came of the run; its scenarios without their steps. Asked for when the run is over."""
        result = self._fold.result()
        took = self._at if result.ended == "cut off" else result.took
        return replace(result, complete=result.complete and not self._gaps, took=took)

    @property
    def started(self) -> RunStarted | None:
        """The first event; None when nothing was heard."""
        return self.result.started

    @cached_property
    def changes(self) -> Changes:
        """What is new since the runs before; nothing can be said of a run whose beginning is not known."""
        started, result = self.started, self.result
        if started is None:
            return Changes()
        whole = result.complete and result.ended == "complete" and not result.counts["not_run"]
        return compare(self._folder, result.scenarios, environment=started.environment, arguments=started.arguments, whole=whole)

    # ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def tell_all(self, listener: Listener) -> None:
        """
        Every scenario was told to *listener* when this returns: in the order in which they ended, last those that never did.

        Raises: what the listener raised when it was told one; it was told no more after that.
        """
        if not self._told:
            self._told = True
            for told in self._listeners:
                self._try(told, told.begin)
            for story in self._stories():
                for told in self._listeners:
                    self._try(told, lambda: told.tell(story))  # noqa: B023 - called before the next round
        if id(listener) in self._raised:
            raise self._raised[id(listener)]

    def _try(self, listener: Listener, telling: Callable[[], None]) -> None:
        if id(listener) in self._raised:
            return
        try:
            telling()
        except Exception as exc:  # noqa: BLE001 - a reporter may raise anything; the others are told all the same
            self._raised[id(listener)] = exc

    def _stories(self) -> Iterator[Story]:
        stories = Stories(whole=True)
        told = 0
        for event in self._events():
            story = stories.handle(event)
            if story is not None:
                told += 1
                yield story
        heard = Counter(row.outcome != "not_run" for row in self.result.scenarios)
        if (told, len(stories.running)) != (heard[True], heard[False]):
            yield from self._lost(stories.running)
        yield from stories.running.values()

    def _events(self) -> Iterator[Event]:
        # where the journal cannot be read, what was heard and not told yet is told as lost
        with contextlib.suppress(BadScenario):
            yield from read_journal(self._folder)

    def _lost(self, running: dict[str, Story]) -> Iterator[Story]:
        """Scenarios whose beginning or end was heard and is not in the journal."""
        ended = {event.scenario for event in self._events() if isinstance(event, ScenarioFinished)}
        for row in self.result.scenarios:
            if row.key in ended or (row.outcome == "not_run" and row.key in running):
                continue
            story = running.pop(row.key, None) or Story(_started(row), row.began)
            story.finished = _finished(row)
            yield story


def _started(row: ScenarioResult) -> ScenarioStarted:
    """The beginning of a scenario, as far as it is known without the journal."""
    return ScenarioStarted(
        scenario=row.key,
        id=row.id,
        name=row.name,
        file=row.file,
        line=row.line,
        vendor=row.vendor,
        case=row.case,
        tags=list(row.tags),
        description=row.description,
        actors=dict(row.actors),
        at=row.began,
    )


def _finished(row: ScenarioResult) -> ScenarioFinished | None:
    """Its end; None when it had none."""
    if row.outcome == "not_run":
        return None
    return ScenarioFinished(
        scenario=row.key,
        outcome=row.outcome,
        took=row.took,
        reason=row.reason,
        code=row.code,
        cause=row.cause,
        step=row.at_step,
        line=row.at_line,
        in_doubt=row.in_doubt,
        left_open=list(row.left_open),
        flaky=row.flaky,
        at=micro(row.began + row.took),
    )
