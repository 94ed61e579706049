"""
How much memory a run needs: the six-request flow in 3,000 and in 9,000 scenarios, with every default report. Peak of the whole process.

What was planned is known from the beginning, so `runner check` of the same files needs its share of memory, too. What comes on top of that is
what stays of a scenario that passed, in the run and in the writing of its reports.
``python benchmarks/memory.py``
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from figures import RUNNER, Figure, cost_of
from steps import server, write_scenario

FEW, MANY = 3000, 9000


def measure() -> list[Figure]:
    """The figures."""
    run = {scenarios: _peak(["run", "--quiet", "--seed", "1"], scenarios) for scenarios in (FEW, MANY)}
    check = {scenarios: _peak(["check"], scenarios) for scenarios in (FEW, MANY)}
    planned = _each(check)
    return [
        Figure(f"a run of {FEW:,} scenarios, 18,000 steps: peak memory", run[FEW], "MB", 150.0),
        Figure(f"a run of {MANY:,} scenarios: peak memory", run[MANY], "MB"),
        Figure("what each further scenario needs to be planned", planned, "kB"),
        Figure("what stays of each that has finished, on top of that", _each(run) - planned, "kB", 0.3),
    ]


def _each(peaks: dict[int, float]) -> float:
    """How much more memory, in kB, for each scenario more."""
    return (peaks[MANY] - peaks[FEW]) * 1024 / (MANY - FEW)


def _peak(command: list[str], scenarios: int) -> float:
    with server() as url, tempfile.TemporaryDirectory() as folder:
        write_scenario(Path(folder), url, scenarios)
        return cost_of([RUNNER, *command, "scenarios"], times=1, folder=folder).peak


if __name__ == "__main__":
    print(*measure(), sep="\n")
