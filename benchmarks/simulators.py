"""
What the simulators cost: 200 agents at once, each logs in, creates a mail, changes it, sends it and reads its state. Each simulator has a
process of its own, and what counts is the CPU time of that process, by request. ``python benchmarks/simulators.py``
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from figures import RUNNER, Figure

AGENTS = 200
MAILS = 5
SCENARIO = """\
scenario: Many agents
vendor: {vendor}
cases: agents.csv
steps:
  - login: {{as: agent}}
{mails}
cleanup:
  - logout
"""
MAIL = """\
  - create: {to: joe@example.com, subject: Your order, text: "It is on its way."}
  - send
  - verify_status: {is: sent, within: 10s}
"""
ENVIRONMENT = """\
environment: many
vendors:
  {vendor}: {{url: "{url}", defaults: {defaults}}}
actors:
  agent:
{members}
allow_recipients: ["*"]
"""


def measure() -> list[Figure]:
    """The figures, one a vendor."""
    return [Figure(f"{vendor} simulator, {AGENTS} agents at once, a request", _cost(vendor), "ms CPU", 1.0) for vendor in _VENDORS]


_VENDORS = ("gws", "icws", "egain")


def _cost(vendor: str) -> float:
    with _simulator(vendor) as (told, process), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, vendor, told)
        before = _cpu(process)
        command = [RUNNER, "run", "scenarios", "-e", "many", "-j", str(AGENTS), "--reporter", "console", "--quiet"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{vendor}: {done.stdout}{done.stderr}"[-2000:])
        return (_cpu(process) - before) / _requests(folder) * 1000


@contextmanager
def _simulator(vendor: str) -> Iterator[tuple[dict[str, Any], int]]:
    """The simulator's first line, and its process id."""
    process = subprocess.Popen([RUNNER, "simulate", vendor], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline()), process.pid
    finally:
        process.terminate()
        process.wait(timeout=10)


def _write(folder: Path, vendor: str, told: dict[str, Any]) -> None:
    agents = told["actors"]["agent"][:AGENTS]
    if len(agents) < AGENTS:
        raise RuntimeError(f"the {vendor} simulator knows only {len(agents)} agents")
    members = "\n".join(f"    - {{{vendor}: {json.dumps(agent)}}}" for agent in agents)
    (folder / "scenarios" / "environments").mkdir(parents=True)
    (folder / "scenarios" / "environments" / "many.yaml").write_text(
        ENVIRONMENT.format(vendor=vendor, url=told["url"], defaults=json.dumps(told["defaults"]), members=members), encoding="utf-8"
    )
    (folder / "scenarios" / "agents.csv").write_text("\n".join(["case", *(f"a{n}" for n in range(AGENTS))]) + "\n", encoding="utf-8")
    (folder / "scenarios" / "many.scenario.yaml").write_text(
        SCENARIO.format(vendor=vendor, mails=(MAIL * MAILS).rstrip()), encoding="utf-8"
    )


def _cpu(process: int) -> float:
    """CPU seconds that a running process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _requests(folder: Path) -> int:
    journal = (folder / "reports" / "latest" / "journal.jsonl").read_bytes()
    return sum(msgspec.json.decode(line).get("event") == "Exchanged" for line in journal.splitlines())


if __name__ == "__main__":
    if not sys.platform.startswith("linux"):
        sys.exit("this asks the kernel for another process's CPU time, as Linux gives it")
    print(*measure(), sep="\n")
