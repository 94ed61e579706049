"""
How much memory a run needs: the six-request flow in 1,000 and in 3,000 scenarios, with every default report. Peak of the whole process.

What stays of a scenario that passed is a row, so three times as many must not need three times as much.
``python benchmarks/memory.py``
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from figures import RUNNER, Figure, cost_of
from steps import server, write_scenario

FEW, MANY = 1000, 3000


def measure() -> list[Figure]:
    """The figures."""
    few, many = _peak(FEW), _peak(MANY)
    return [
        Figure(f"a run of {MANY:,} scenarios, 18,000 steps: peak memory", many, "MB", 150.0),
        Figure(f"what {MANY - FEW:,} more scenarios need, for each", (many - few) * 1024 / (MANY - FEW), "kB"),
    ]


def _peak(scenarios: int) -> float:
    with server() as url, tempfile.TemporaryDirectory() as folder:
        write_scenario(Path(folder), url, scenarios)
        return cost_of([RUNNER, "run", "scenarios", "--quiet", "--seed", "1"], times=1, folder=folder).peak


if __name__ == "__main__":
    print(*measure(), sep="\n")
