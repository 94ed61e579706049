"""
What it costs to begin: ``runner --version``, and one scenario from a cold start, simulator included. CPU seconds of the whole process.

``python benchmarks/cold.py``
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from figures import RUNNER, Figure, cost_of

SCENARIO = Path(__file__).parent.parent / "scenarios" / "mail" / "send-new-mail.scenario.yaml"


def measure() -> list[Figure]:
    """The figures."""
    with tempfile.TemporaryDirectory() as reports:
        run = cost_of([RUNNER, "run", str(SCENARIO), "--vendor", "gws", "--reports", reports], times=7)
    return [
        Figure("runner --version", cost_of([RUNNER, "--version"], times=7).cpu, "s CPU", 0.10),
        Figure("runner check of one file", cost_of([RUNNER, "check", str(SCENARIO)], times=7).cpu, "s CPU"),
        Figure("one scenario from cold, with simulator and reports", run.cpu, "s CPU", 0.45),
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
