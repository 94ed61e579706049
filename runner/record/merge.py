"""
Several processes that ran parts of one run: their journals become one, as if one process had run it all.

Called by whoever started the processes, when they have ended. Events are in the order of time; one process after another writes each
scenario, so its events stay together in order.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from runner.record.events import Event, RunExtended, RunFinished, RunStarted, ScenarioFinished, ScenarioStarted, encode
from runner.record.journal import Journal, read_journal

__all__ = ["merge"]

Ended = Literal["complete", "fail_fast", "interrupted", "terminated", "timeout", "broken"]


class _Part(Struct):
    """One process's journal: its first and last event, what began in it, and what ended."""

    name: str
    folder: Path
    started: RunStarted | None = None
    finished: RunFinished | None = None
    begun: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    at: float = 0.0

    @classmethod
    def read(cls, name: str, folder: Path) -> _Part:
        part = cls(name, folder)
        for event in read_journal(folder):
            part.at = event.at
            match event:
                case RunStarted():
                    part.started = event
                case RunFinished():
                    part.finished = event
                case ScenarioStarted():
                    part.begun.add(event.scenario)
                case ScenarioFinished():
                    part.ended.add(event.scenario)
                    part.outcomes[event.outcome] += 1
                case _:
                    pass
        return part

    def events(self, began: float) -> Iterator[Event]:
        """What happened between the first event and the last, in seconds since *began*."""
        later = _moment(self.started) - began if self.started is not None else 0.0
        for event in read_journal(self.folder):
            if not isinstance(event, RunStarted | RunExtended | RunFinished):
                yield replace(event, at=round(event.at + later, 6))


def merge(parts: Mapping[str, Path], folder: Path) -> None:
    """
    Write one journal into *folder* from those of *parts*: name of the process → its folder. They stay where they are.

    A process that died left a journal without an end; the whole then counts as broken off, and says which one it was.
    """
    read = [_Part.read(name, part) for name, part in parts.items()]
    begun = [part for part in read if part.started is not None]
    journal = Journal(folder)
    if begun:
        began = min(_moment(part.started) for part in begun)
        for number, event in enumerate(_whole(begun, began, folder.name), 1):
            journal.append(encode(replace(event, n=number)) + b"\n")
    journal.sync()
    journal.close(complete=bool(begun))


def _whole(parts: list[_Part], began: float, name: str) -> Iterator[Event]:
    counts = sum((part.outcomes for part in parts), Counter[str]())
    ended = {key for part in parts for key in part.ended}
    lost = {key for part in parts for key in part.begun} - ended
    not_run = len(lost) + sum(part.finished.not_run for part in parts if part.finished is not None)
    yield _beginning(parts, name, planned=counts.total() + not_run)
    yield from heapq.merge(*(part.events(began) for part in parts), key=lambda event: event.at)
    took = max(_moment(part.started) + part.at - began for part in parts)
    yield RunFinished(
        at=round(took, 6), took=round(took, 6), counts=dict(counts), not_run=not_run, ended=_ended(parts), problems=list(_problems(parts))
    )


def _beginning(parts: list[_Part], name: str, *, planned: int) -> RunStarted:
    first = min((part.started for part in parts if part.started is not None), key=_moment)
    others = [part.started for part in parts if part.started is not None]
    targets = {vendor: url for other in others for vendor, url in other.targets.items()}
    return replace(first, run=name, at=0.0, planned=planned, parallel=sum(other.parallel for other in others), targets=targets)


def _ended(parts: Iterable[_Part]) -> Ended:
    """How the whole ended: as the first part that did not end by itself."""
    ways: list[Ended] = [part.finished.ended if part.finished is not None else "broken" for part in parts]
    return next((way for way in ways if way != "complete"), "complete")


def _problems(parts: Iterable[_Part]) -> Iterator[str]:
    told: set[str] = set()
    for part in parts:
        if part.finished is None:
            yield f"{part.name} died; what it was doing then is not known"
            continue
        for problem in part.finished.problems:
            if problem not in told:
                told.add(problem)
                yield problem


def _moment(started: RunStarted | None) -> float:
    """Seconds since the epoch."""
    return datetime.fromisoformat(started.started).timestamp() if started is not None else 0.0
