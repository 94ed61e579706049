"""
The runs before: what ``result.json`` in their folders says, newest first, and only as far as somebody asks.

A run without a result (killed, or older than this file) is passed over; ``runner report RUN`` makes one for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from runner.record.document import FORMAT, RESULT, VERSION

__all__ = ["Identity", "PastRun", "PastScenario", "past_runs"]

# What stays the same from night to night: the scenario's id, its vendor, its case.
Identity = tuple[str, str, str]


class PastScenario(Struct, frozen=True, gc=False):
    """What one scenario came to; nothing else is read."""

    id: str
    vendor: str
    outcome: str
    case: str = ""
    flaky: bool = False
    key: str = ""

    @property
    def identity(self) -> Identity:
        """What keeps its history."""
        return (self.id, self.vendor, self.case)


class _Run(Struct, frozen=True):
    id: str
    started: str
    environment: str
    complete: bool
    ended: str
    targets: dict[str, str] = {}
    arguments: dict[str, Any] = {}
    problems: list[str] = []


class _Result(Struct, frozen=True):
    format: str
    version: int
    run: _Run
    counts: dict[str, int]
    scenarios: list[PastScenario]


class PastRun:
    """An earlier run. ``folder`` is the name of its folder, ``started`` ISO 8601 with offset."""

    __slots__ = ("_result", "folder", "scenarios")

    def __init__(self, folder: str, result: _Result) -> None:
        self.folder = folder
        self._result = result
        self.scenarios = {scenario.identity: scenario for scenario in result.scenarios}

    @property
    def started(self) -> str:
        """When it began."""
        return self._result.run.started

    @property
    def environment(self) -> str:
        """Where it ran."""
        return self._result.run.environment

    @property
    def arguments(self) -> dict[str, Any]:
        """What was asked for."""
        return self._result.run.arguments

    @property
    def whole(self) -> bool:
        """Whether it ended by itself, and everything that was planned was run."""
        run = self._result.run
        return run.complete and run.ended == "complete" and not run.problems and not self._result.counts.get("not_run", 0)

    @property
    def green(self) -> bool:
        """Whether all of it ended, and well."""
        counts = self._result.counts
        return self.whole and not counts.get("failed", 0) and not counts.get("errored", 0) and counts.get("passed", 0) > 0


_decode = msgspec.json.Decoder(_Result).decode


def past_runs(folder: Path) -> Iterator[PastRun]:
    """The runs beside *folder* that began before it, newest first; the names of run folders sort by time."""
    try:
        names = sorted((path.name for path in folder.parent.iterdir() if path.name < folder.name), reverse=True)
    except OSError:
        return
    for name in names:
        try:
            result = _decode((folder.parent / name / RESULT).read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            continue
        if result.format == FORMAT and result.version <= VERSION:
            yield PastRun(name, result)
