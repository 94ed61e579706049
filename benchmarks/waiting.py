"""
How well scenarios wait side by side: 300 of six requests, 20 at a time, against a server that answers 20 ms late. Seconds on the wall; no
runner could take less than 1.8. ``python benchmarks/waiting.py``
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from figures import Figure
from steps import ours, server, write_scenario

SCENARIOS, PARALLEL, LATENCY = 300, 20, 0.020


def measure() -> list[Figure]:
    """The figure."""
    with server(LATENCY) as url, tempfile.TemporaryDirectory() as folder:
        write_scenario(Path(folder), url, SCENARIOS)
        seconds = statistics.median(_timed(Path(folder)) for _ in range(3))
    return [Figure(f"{SCENARIOS} scenarios, {PARALLEL} at a time, answers 20 ms late (limit 1.8)", seconds, "s", 2.1)]


def _timed(folder: Path) -> float:
    began = time.perf_counter()
    asyncio.run(ours(folder, PARALLEL))
    return time.perf_counter() - began


if __name__ == "__main__":
    print(*measure(), sep="\n")
