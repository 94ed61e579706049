"""
What a reporter is: a sink of events that makes a view of a run, and what it is made with.

Reporters come by the entry points ``runner.reporters`` (name → a class or function that takes a :class:`ReportContext`). They see events
alone, so that every report can be made again from a journal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol, TextIO, runtime_checkable

from msgspec import Struct, field

from runner.clock import Clock, SystemClock
from runner.discovery import Provided, provided
from runner.errors import BrokenPlugin, RunnerError, nearest
from runner.record.events import Event
from runner.reporters.retelling import Retelling
from runner.source import Source

__all__ = ["GROUP", "ReportContext", "Reporter", "Ticking", "installed", "make"]

# The entry points that reporters come from.
GROUP = "runner.reporters"


@runtime_checkable
class Reporter(Protocol):
    """A sink that makes a view of a run. It is given every event in order, and is closed once, after the last event or without one."""

    @property
    def name(self) -> str:
        """What it is called in messages: the name of its entry point."""
        ...

    def handle(self, event: Event) -> None:
        """Take an event. Whatever it raises detaches this reporter from the run, which goes on and says so."""
        ...

    def close(self) -> None:
        """The run is over, or was cut off: write what is still to be written."""
        ...


@runtime_checkable
class Ticking(Protocol):
    """A reporter that shows time passing: ``tick`` is called about four times a second while the run goes on."""

    def tick(self) -> None:
        """Time has passed."""
        ...


def read_file(name: str) -> Source | None:
    """A scenario file as it is now, by the name that the events use for it; None when it cannot be read."""
    path = Path(name)
    try:
        return Source(name, path.read_text(encoding="utf-8-sig"), path)
    except (OSError, ValueError):
        return None


class ReportContext(Struct, frozen=True, kw_only=True, dict=True):
    """
    What a reporter is made with.

    - ``folder`` is the run's own: the journal is in it, reports go into it.
    - ``read`` gives a scenario file by the name that events use for it, for showing a line of it; None when it is not there.
    - ``verbosity``: -1 one line, 0 scenarios, 1 steps, 2 exchanges.
    - ``folders``: the name of a reporter → the folder that it writes into, where that is not the run's own.
    """

    folder: Path
    stream: TextIO = field(default_factory=lambda: sys.stdout)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    verbosity: int = 0
    clock: Clock = field(default_factory=SystemClock)
    read: Callable[[str], Source | None] = read_file
    folders: Mapping[str, Path] = field(default_factory=dict)

    @cached_property
    def retelling(self) -> Retelling:
        """The run told again when it is over; shared by all reporters that are made with this."""
        return Retelling(self.folder)

    def source(self, name: str) -> Source | None:
        """A scenario file as it was when the run read it, else as it is now."""
        return self.retelling.sources.get(name) or self.read(name)


def installed() -> dict[str, Provided]:
    """The reporters there are, by name."""
    return {one.name: one for one in provided(GROUP)}


def make(name: str, context: ReportContext, found: Mapping[str, Provided] | None = None) -> Reporter:
    """
    The reporter *name*, ready for events.

    Raises: ``RunnerError`` (E611) – there is none of this name; ``BrokenPlugin`` – it cannot be loaded or made.
    """
    known = installed() if found is None else found
    if name not in known:
        close = nearest(name, known)
        hint = f"write `{close}`" if close else f"write one of: {', '.join(sorted(known))}"
        raise RunnerError(f"unknown reporter `{name}`", code="E611", hint=hint)
    reporter = _made(known[name], context)
    if not isinstance(reporter, Reporter):
        raise BrokenPlugin(
            f"reporter `{name}` of {known[name].package} gives a {type(reporter).__name__}, and must give a Reporter", plugin=name
        )
    return reporter


def _made(found: Provided, context: ReportContext) -> object:
    factory = found.load()
    if not callable(factory):
        return factory
    try:
        return factory(context)
    except RunnerError:
        raise
    except Exception as exc:
        raise BrokenPlugin(
            f"reporter `{found.name}` of {found.package} cannot be made: {type(exc).__name__}: {exc}", plugin=found.name, code="E606"
        ) from exc
