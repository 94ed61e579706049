"""
How much memory a run needs: the six-request flow in 3,000 and in 9,000 scenarios, with every default report. Peak of the whole process.

What is planned is known from the beginning, and takes 0.6 kB for each scenario by itself; the rest is what stays of one that passed, in the
run and in the writing of its reports.
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
    few, many = _peak(FEW), _peak(MANY)
    return [
        Figure(f"a run of {FEW:,} scenarios, 18,000 steps: peak memory", few, "MB", 150.0),
        Figure(f"what {MANY - FEW:,} more scenarios need, for each", (many - few) * 1024 / (MANY - FEW), "kB"),
    ]


def _peak(scenarios: int) -> float:
    with server() as url, tempfile.TemporaryDirectory() as folder:
        write_scenario(Path(folder), url, scenarios)
        return cost_of([RUNNER, "run", "scenarios", "--quiet", "--seed", "1"], times=1, folder=folder).peak


if __name__ == "__main__":
    print(*measure(), sep="\n")
