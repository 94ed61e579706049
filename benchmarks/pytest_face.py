"""
What pytest costs beside the command line: start-up without scenarios, collecting 1,000 files, 300 scenarios at 20 ms latency.

Each figure is measured beside what it is compared with, in turn, each as a process of its own; the ratio is what lasts. Start-up is in CPU
seconds, the others in seconds on the clock. ``python benchmarks/pytest_face.py [--files 1000] [--scenarios 300] [--rounds 5]``
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
from pathlib import Path

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
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def compare(
    name: str, measure: Callable[..., float], one: list[str], other: list[str], folder: Path, environ: dict[str, str], rounds: int
) -> None:
    """Measure both in turn and print their medians and the median of the ratios."""
    pairs = [(measure(one, folder, environ), measure(other, folder, environ)) for _ in range(rounds)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name:<42} {ours:8.3f} {theirs:8.3f} {ratio:7.2f} x  {(ours - theirs) * 1000:+8.1f} ms")


@contextmanager
def late_simulator(latency: str) -> Iterator[str]:
    """The address of a simulator in a process of its own."""
    with subprocess.Popen(runner("simulate", "icws", "--latency", latency), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--scenarios", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latency", default="20ms")
    given = parser.parse_args()
    print(f"{'':<42} {'pytest':>8} {'beside':>8} {'ratio':>9}  {'more':>11}")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "test_one.py").write_text("def test_one(): pass\n")
        compare("start-up without scenarios, CPU s", cpu, pytest(*OURS), pytest(), root, ALONE, given.rounds * 2)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "scenarios").mkdir()
        for n in range(given.files):
            (root / "scenarios" / f"s{n}.scenario.yaml").write_text(FILE.format(n=n))
        one, other = pytest(*OURS, "--collect-only", "-q", "scenarios"), runner("check", "scenarios")
        compare(f"collecting {given.files:,} files, beside check, s", clock, one, other, root, ALONE, given.rounds)
    with tempfile.TemporaryDirectory() as name, late_simulator(given.latency) as url:
        root = Path(name)
        (root / "scenarios" / "environments").mkdir(parents=True)
        people = "".join(PERSON.format(n=n) for n in range(1, AGENTS + 1))
        (root / "scenarios" / "environments" / "late.yaml").write_text(ENVIRONMENT.format(url=url, people=people))
        cases = "\n".join(f"  - {{case: c{n}}}" for n in range(given.scenarios))
        (root / "scenarios" / "mail.scenario.yaml").write_text(CASES.format(cases=cases))
        secrets = {f"AGENT{n}": default_password(f"agent{n}") for n in range(1, AGENTS + 1)}
        one = pytest(*OURS, "scenarios", "--scenario-environment=late", "--scenario-parallel=20")
        other = runner("run", "scenarios", "--environment=late", "--parallel=20")
        compare(
            f"{given.scenarios} scenarios at {given.latency}, beside run, s", clock, one, other, root, {**ALONE, **secrets}, given.rounds
        )


if __name__ == "__main__":
    main()
