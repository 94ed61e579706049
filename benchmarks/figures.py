"""
What the benchmarks share: a figure with its goal, and what a process costs.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# The command as it is installed beside this Python.
RUNNER = str(Path(sys.executable).with_name("runner"))


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, how much it is, in which unit, and how much it may be (None: no goal, it is there to compare with)."""

    what: str
    value: float
    unit: str
    goal: float | None = None

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"≤ {self.goal:g}"
        verdict = "" if self.goal is None else "met" if self.value <= self.goal else "NOT MET"
        return f"{self.what:<66} {self.value:>9.2f} {self.unit:<10} {goal:>8}  {verdict}".rstrip()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: ``cpu`` seconds of its own and of its children, ``peak`` of memory in MB."""

    cpu: float
    peak: float


def cost_of(command: Sequence[str], *, times: int = 5, folder: str | Path = ".") -> Cost:
    """The median CPU time and the highest memory of so many runs of *command*, after one that warms the caches."""
    costs = [_cost(command, folder) for _ in range(times + 1)][1:] if times > 1 else [_cost(command, folder)]
    return Cost(statistics.median(cost.cpu for cost in costs), max(cost.peak for cost in costs))


def _cost(command: Sequence[str], folder: str | Path) -> Cost:
    # as it is where it was installed: its modules are compiled once, not in each process
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=surroundings)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            out.seek(0)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{out.read().decode()[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def machine() -> str:
    """Where the figures come from."""
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    )
