"""
What pytest costs beside the command line: start-up without scenarios, collecting 1,000 files, 300 scenarios at 20 ms latency.

Each figure is measured beside what it is compared with, in turn, each as a process of its own; the ratio is what lasts. Start-up is in CPU
time, the others are of seconds on the clock.

    python benchmarks/pytest_face.py [--files 1000] [--scenarios 300] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from figures import Figure

from runner.simulation.world import default_password

# plugins of other people, which would be measured with ours
QUIET = ["-p", "no:cacheprovider"]
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
OURS = ["-p", "runner.pytest_plugin"]
AGENTS = 100
FILE = """\
scenario: Customer {n} gets an answer
vendors: [gws, icws, egain]
tags: [nightly]
variables:
  order: "{{{{ unique('ORD-') }}}}"
steps:
  - login: {{as: agent}}
  - create:
      to: joe@example.com
      subject: "Your order {{{{ order }}}}"
      text: Your invoice is attached.
    save: mail
  - send
  - verify_status: {{is: sent, within: 30s}}
cleanup:
  - logout
"""
CASES = """\
scenario: A mail is sent
vendor: icws
cases:
{cases}
steps:
  - login: {{as: agent}}
  - create: {{to: joe@example.com, subject: "Mail {{{{ case }}}}", text: Hello}}
  - send
  - verify_status: {{is: sent, within: 30s}}
cleanup:
  - logout
"""
ENVIRONMENT = "environment: late\nvendors: {{icws: {{url: '{url}', defaults: {{from: help@shop.example, workgroup: Customer Service}}}}}}\nallow_recipients: ['*']\nactors:\n  agent:\n{people}"
PERSON = "    - icws: {{user: agent{n}, password: \"{{{{ secret('AGENT{n}') }}}}\"}}\n"


def runner(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "import sys; from runner.cli.main import main; sys.exit(main(sys.argv[1:]))", *arguments]


def pytest(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", *QUIET, *arguments]


def clock(command: Sequence[str], folder: Path, environ: dict[str, str]) -> float:
    began = time.perf_counter()
    call(command, folder, environ)
    return time.perf_counter() - began


def cpu(command: Sequence[str], folder: Path, environ: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    call(command, folder, environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def call(command: Sequence[str], folder: Path, environ: dict[str, str]) -> None:
    # as it is where it was installed: its modules are compiled once, not in each process
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=folder, env={**surroundings, **environ}, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


@dataclass(frozen=True, slots=True)
class Pairs:
    """What pytest took and what was measured beside it, in turn: seconds."""

    pairs: list[tuple[float, float]]

    @property
    def ratio(self) -> float:
        return statistics.median(ours / theirs for ours, theirs in self.pairs)

    @property
    def more(self) -> float:
        return statistics.median(ours - theirs for ours, theirs in self.pairs)

    @property
    def beside(self) -> float:
        return statistics.median(theirs for _, theirs in self.pairs)


def compare(measure: Callable[..., float], one: list[str], other: list[str], folder: Path, environ: dict[str, str], rounds: int) -> Pairs:
    """Measure both in turn, after one of each that warms the caches."""
    call(one, folder, environ)
    call(other, folder, environ)
    return Pairs([(measure(one, folder, environ), measure(other, folder, environ)) for _ in range(rounds)])


@contextmanager
def late_simulator(latency: str) -> Iterator[str]:
    """The address of a simulator in a process of its own."""
    with subprocess.Popen(runner("simulate", "icws", "--latency", latency), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def start_up(rounds: int) -> Iterator[Figure]:
    """A project without scenarios, with the plugin and without."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "test_one.py").write_text("def test_one(): pass\n")
        found = compare(cpu, pytest(*OURS), pytest(), Path(name), ALONE, rounds)
    yield Figure("pytest without scenarios: what the plugin costs at start-up, CPU", found.more * 1000, "ms", 30)


def collecting(files: int, rounds: int) -> Iterator[Figure]:
    """Many files, collected and checked."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "scenarios").mkdir()
        for n in range(files):
            (root / "scenarios" / f"s{n}.scenario.yaml").write_text(FILE.format(n=n))
        one, other = pytest(*OURS, "--collect-only", "-q", "scenarios"), runner("check", "scenarios")
        found = compare(clock, one, other, root, ALONE, rounds)
    yield Figure(f"pytest collects {files:,} files, beside `runner check` ({found.beside:.1f} s)", found.ratio, "×", 1.5)


def running(scenarios: int, latency: str, rounds: int) -> Iterator[Figure]:
    """Many scenarios against a simulator that is late."""
    with tempfile.TemporaryDirectory() as name, late_simulator(latency) as url:
        root = Path(name)
        (root / "scenarios" / "environments").mkdir(parents=True)
        people = "".join(PERSON.format(n=n) for n in range(1, AGENTS + 1))
        (root / "scenarios" / "environments" / "late.yaml").write_text(ENVIRONMENT.format(url=url, people=people))
        cases = "\n".join(f"  - {{case: c{n}}}" for n in range(scenarios))
        (root / "scenarios" / "mail.scenario.yaml").write_text(CASES.format(cases=cases))
        secrets = {f"AGENT{n}": default_password(f"agent{n}") for n in range(1, AGENTS + 1)}
        one = pytest(*OURS, "scenarios", "--scenario-environment=late", "--scenario-parallel=20")
        other = runner("run", "scenarios", "--environment=late", "--parallel=20")
        found = compare(clock, one, other, root, {**ALONE, **secrets}, rounds)
    yield Figure(f"pytest runs {scenarios} scenarios at {latency}, beside `runner run` ({found.beside:.1f} s)", found.ratio, "×", 1.3)


def measure(*, files: int = 1000, scenarios: int = 300, latency: str = "20ms", rounds: int = 3) -> list[Figure]:
    """What pytest costs beside the command line."""
    return [*start_up(rounds * 3), *collecting(files, rounds), *running(scenarios, latency, rounds)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--scenarios", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latency", default="20ms")
    given = parser.parse_args()
    for figure in measure(**vars(given)):
        print(figure)


if __name__ == "__main__":
    main()
