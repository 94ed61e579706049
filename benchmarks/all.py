"""
Everything that is measured, in one table: ``make bench``. Takes about three minutes. Goals are those of ``docs/performance.md``; a figure
that is not met is told, and is no error: machines differ, and what lasts are the ratios.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import checking
import cold
import memory
import pytest_face
import simulators
import steps
import waiting
from figures import Figure, machine

import reports

PARTS: tuple[Callable[[], list[Figure]], ...] = (
    steps.figures,
    lambda: steps.figures(uvloop=True) if importlib.util.find_spec("uvloop") else [],
    waiting.measure,
    cold.measure,
    checking.measure,
    memory.measure,
    simulators.measure,
    reports.measure,
    pytest_face.measure,
)


def lines() -> Iterator[str]:
    """The table, as its figures come in."""
    yield f"{datetime.now(UTC).date().isoformat()}, {machine()}"
    for part in PARTS:
        yield ""
        yield from map(str, part())


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
