"""
What reports cost: a journal of many scenarios is made up, and each reporter makes its report of it, in a process of its own.

Figures are CPU seconds and the largest memory of that process; the first line is opening the journal alone. ``--run`` sets all reporters
together against a real run of the shipped scenarios on the simulators. Nothing is asserted.
``python benchmarks/reports.py [--scenarios 10000] [--reporters html,json] [--keep FOLDER] [--run]``; without any of these it prints what
``make bench`` prints: figures with their goals.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import browser
from figures import Figure

ALL = ("junit", "html", "json", "ctrf", "markdown", "github", "allure")
VENDORS = ("gws", "icws", "egain")
STEPS = ("login", "create", "attach", "edit", "send", "verify_status", "logout")
SOURCE = "scenario: Mail {n}\nvendors: [gws, icws, egain]\nsteps:\n" + "".join(f"  - {word}\n" for word in STEPS)
HEADERS = {"Content-Type": "application/json", "Date": "Sat, 21 Nov 2026 06:50:47 GMT", "Server": "simulator", "X-Request-Id": "9f1c"}
BODY = json.dumps({"id": "2101990183", "status": "draft", "to": ["joe@example.com"], "text": "Hello, your order is on its way. " * 12})


def events(scenarios: int) -> Iterator[dict[str, object]]:
    """A run of so many scenarios, 16 at a time; one in fifty fails."""
    files = -(-scenarios // len(VENDORS))
    yield {
        "event": "RunStarted",
        "run": "bench",
        "started": "2026-11-21T06:50:47.150+00:00",
        "environment": "simulator",
        "seed": 1,
        "planned": scenarios,
        "parallel": 16,
        "version": "0.1.0",
        "targets": dict.fromkeys(VENDORS, "simulator"),
    }
    yield from ({"event": "SourceRead", "file": f"scenarios/mail/mail-{n}.scenario.yaml", "text": SOURCE.format(n=n)} for n in range(files))
    failed = 0
    for number in range(scenarios):
        red = number % 50 == 7
        failed += red
        yield from _scenario(number, red=red)
    yield {"event": "RunFinished", "took": scenarios * 0.05, "counts": {"passed": scenarios - failed, "failed": failed}}


def _scenario(number: int, *, red: bool) -> Iterator[dict[str, object]]:
    file, vendor = f"scenarios/mail/mail-{number // len(VENDORS)}.scenario.yaml", VENDORS[number % len(VENDORS)]
    key = f"{file}::{vendor}"
    at = number * 0.05
    yield {
        "event": "ScenarioStarted",
        "scenario": key,
        "id": f"mail-{number // len(VENDORS)}",
        "name": f"An agent sends mail number {number // len(VENDORS)}",
        "file": file,
        "line": 1,
        "vendor": vendor,
        "tags": ["nightly", f"group-{number % 20}"],
        "steps": len(STEPS),
        "actors": {"agent": f"agent{number % 16 + 1}"},
        "at": at,
    }
    for place, word in enumerate(STEPS, 1):
        step = {"scenario": key, "step": str(place)}
        at += 0.1
        yield {
            **step,
            "event": "StepStarted",
            "type": word,
            "line": place + 3,
            "actor": "agent",
            "parameters": {"to": "joe@example.com"},
            "at": at,
        }
        yield {
            **step,
            "event": "Exchanged",
            "method": "POST",
            "url": f"http://127.0.0.1:8010/api/v2/me/emails/{number}/{word}",
            "request_headers": {**HEADERS, "Authorization": "Basic ***"},
            "request_body": BODY,
            "request_size": len(BODY),
            "http": 200,
            "headers": HEADERS,
            "body": BODY,
            "size": len(BODY),
            "took": 0.08,
            "vendor": vendor,
            "actor": "agent",
            "at": at,
        }
        wrong = red and word == "verify_status"
        if word == "verify_status":
            difference = [{"path": "status", "expected": '"sent"', "got": '"queued"', "line": 9, "column": 5}] if wrong else []
            yield {**step, "event": "Checked", "passed": not wrong, "checks": 1, "differences": difference, "at": at}
        ended = {"outcome": "failed", "reason": "status is queued", "code": "F201", "cause": "product"} if wrong else {"outcome": "passed"}
        yield {**step, "event": "StepFinished", "took": 0.1, **ended, "at": at}
    ended = {"outcome": "failed", "reason": "status is queued", "code": "F201", "line": 9} if red else {"outcome": "passed"}
    yield {"event": "ScenarioFinished", "scenario": key, "took": 0.7, **ended, "at": at}


def write(folder: Path, scenarios: int) -> None:
    """The journal of such a run."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "journal.jsonl").open("w", encoding="utf-8") as file:
        file.write('{"journal":1,"needs":"0.1.0"}\n')
        for n, event in enumerate(events(scenarios), 1):
            file.write(json.dumps({**event, "n": n}, separators=(",", ":")) + "\n")


def report(folder: Path, names: list[str]) -> None:
    """In a process of its own: make the reports, print what that took."""
    from runner import harness
    from runner.reporters.base import ReportContext, make

    before = time.process_time()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        context = ReportContext(folder=folder, stream=nowhere)
        result = harness.report(folder.name, folder.parent, lambda _: [make(name, context) for name in names])
    assert not result.problems, result.problems
    print(json.dumps({"cpu": time.process_time() - before, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def child(folder: Path, names: list[str]) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, "--child", str(folder), *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, float] = json.loads(done.stdout)
    return told


def measure() -> list[Figure]:
    """The HTML report of 10,000 scenarios made, that of 5,000 opened in a browser, and what all reporters add to a run."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "bench"
        write(place, 10_000)
        began = time.monotonic()
        told = child(place, ["html"])
        figures += [
            Figure("HTML report of 10,000 scenarios, by the clock", time.monotonic() - began, "s", 20),
            Figure("HTML report of 10,000 scenarios, CPU", told["cpu"], "s"),
            Figure("HTML report of 10,000 scenarios, memory while it is made", told["mb"], "MB", 300),
        ]
    if browser.BROWSER is not None and Path("/proc/self/smaps_rollup").exists():
        figures += _in_a_browser()
    return [*figures, *_beside_a_run()]


def _in_a_browser() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "bench"
        write(place, 5_000)
        child(place, ["html"])
        for name in ("index.html", "report.html"):
            opened = browser.opened(place / name)
            yield Figure(f"{name} of 5,000 scenarios in a browser, first paint after", opened.first_paint, "s", 3)
            yield Figure(f"{name} of 5,000 scenarios in a browser, memory", opened.memory, "MB", 300)


def _beside_a_run() -> Iterator[Figure]:
    """
    What all reporters add to a run of the shipped scenarios on the shipped simulators, against the same with the console alone, whose CPU
    is the runner's and the simulators'. The best of three each, one beside the other, so that a busy machine is busy for both.
    """
    with tempfile.TemporaryDirectory() as folder:
        took = [(_run(folder, ["none"]), _run(folder, ["console", *ALL])) for _ in range(3)]
    alone, together = (min(one) for one in zip(*took, strict=True))
    yield Figure("a run of the shipped scenarios, console alone, CPU", alone, "s")
    yield Figure("the same run with all reporters, CPU", together, "s")
    yield Figure("all reporters, more CPU of a run", (together / alone - 1) * 100, "%", 15)


def against_a_run() -> None:
    """Reporters beside a real run of the shipped scenarios, as shares of its CPU without any."""
    alone = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for names in (
            ["none"],
            ["console"],
            ["console", "junit", "json"],
            ["console", "html"],
            ["console", "allure"],
            ["console", "ctrf", "markdown", "github"],
            ["console", *ALL],
        ):
            took = min(_run(folder, names) for _ in range(3))
            alone = alone or took
            print(f"{', '.join(names):<62} {took:6.2f} s CPU  {took / alone - 1:+6.1%}")


def _run(folder: str, names: list[str]) -> float:
    """CPU seconds of a run of the shipped scenarios, told by the reporters of these names."""
    program = "import sys; from runner.cli.main import main; sys.exit(main(sys.argv[1:]))"
    options = ["-q", "--reporter", "console"] if names == ["none"] else [part for name in names for part in ("--reporter", name)]
    return _cpu([sys.executable, "-c", program, "run", "scenarios", "--seed", "1", "--reports", folder, *options])


def _cpu(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # modules and templates are compiled once where they were installed, not in each process
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, env=surroundings, check=False)
    assert done.returncode in (0, 1), done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    if not sys.argv[1:]:
        print(*measure(), sep="\n")
        return
    if sys.argv[1:2] == ["--child"]:
        report(Path(sys.argv[2]), sys.argv[3:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=10_000)
    parser.add_argument("--reporters", default=",".join(ALL))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--run", action="store_true")
    asked = parser.parse_args()
    if asked.run:
        against_a_run()
        return
    with tempfile.TemporaryDirectory() as folder:
        place = (asked.keep or Path(folder)) / "bench"
        write(place, asked.scenarios)
        print(f"{asked.scenarios:,} scenarios, journal of {(place / 'journal.jsonl').stat().st_size / 1e6:.0f} MB")
        for names in ([], *([name] for name in asked.reporters.split(",")), asked.reporters.split(",")):
            told = child(place, names)
            print(f"{', '.join(names) or 'reading alone':<50} {told['cpu']:7.2f} s CPU {told['mb']:7.0f} MB")


if __name__ == "__main__":
    main()
