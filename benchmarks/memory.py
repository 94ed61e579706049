"""
How much memory a run needs: the six-request flow in 3,000 and in 9,000 scenarios, with every default report. Peak of the whole process.

What is planned is known from the beginning, so planning the same files is measured by itself; what a run needs beyond it is what stays of a
scenario that is over, in the run and in the writing of its reports. (The goal is nothing; 0.1 kB for each is what two runs differ by.)
``python benchmarks/memory.py``
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from figures import RUNNER, Figure, cost_of
from steps import server, write_scenario

FEW, MANY = 3000, 9000
# The peak is asked of the process itself: what the system tells of a child begins with the peak of who started it.
PLANNING = """\
from pathlib import Path
from runner import harness
checked = harness.check(harness.Request(paths=("scenarios",)))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def measure() -> list[Figure]:
    """The figures."""
    with server() as url:
        (few, few_planned), (many, many_planned) = (_peaks(url, scenarios) for scenarios in (FEW, MANY))
    more, planned = ((most - least) * 1024 / (MANY - FEW) for least, most in ((few, many), (few_planned, many_planned)))
    return [
        Figure(f"a run of {FEW:,} scenarios, 18,000 steps: peak memory", few, "MB", 150.0),
        Figure(f"what {MANY - FEW:,} more scenarios need, for each", more, "kB"),
        Figure("… of which planning them takes", planned, "kB"),
        Figure("… and what stays of one that is over", more - planned, "kB", 0.1),
    ]


def _peaks(url: str, scenarios: int) -> tuple[float, float]:
    """MB that a run needs at its peak, and planning it alone."""
    with tempfile.TemporaryDirectory() as folder:
        write_scenario(Path(folder), url, scenarios)
        planning = subprocess.run([sys.executable, "-c", PLANNING], cwd=folder, capture_output=True, text=True, check=True)
        return cost_of([RUNNER, "run", "scenarios", "--quiet", "--seed", "1"], times=1, folder=folder).peak, int(planning.stdout) / 1024


if __name__ == "__main__":
    print(*measure(), sep="\n")
