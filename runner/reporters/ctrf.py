"""
``ctrf.json``: the run in the Common Test Report Format, which many dashboards and CI actions read.

The format has no word for "could not be carried out": such a scenario is ``other``, and ``rawStatus`` says ``errored``. Times are
milliseconds since 1970. Source: https://ctrf.io, schema version 0.0, read 2026-11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from runner.record.events import RunStarted
from runner.record.result import RunResult
from runner.reporters.base import ReportContext
from runner.reporters.failure import explain, headline
from runner.reporters.files import write_file
from runner.reporters.spool import Spool
from runner.reporters.story import Story, StoryStep
from runner.reporters.verdict import not_whole

__all__ = ["CtrfReporter"]

_FILE = "ctrf.json"
_VERSION = "0.0.0"
_STATUS = {
    "passed": "passed",
    "failed": "failed",
    "errored": "other",
    "skipped": "skipped",
    "unsupported": "skipped",
    "not_run": "pending",
}
_STATUSES = ("passed", "failed", "skipped", "pending", "other")
_encode = msgspec.json.Encoder(enc_hook=str).encode


class CtrfReporter:
    """Writes ``ctrf.json`` into the run's folder when the run is over."""

    name = "ctrf"

    def __init__(self, context: ReportContext) -> None:
        self._context = context
        self._retelling = context.retelling
        self.handle = self._retelling.hear
        self._retelling.join(self)
        self._tests = Spool()
        self._counts: Counter[str] = Counter()
        self._suites: set[str] = set()
        self._began = 0

    def begin(self) -> None:
        """The run is going to be told."""
        self._began = _began(self._retelling.started)

    def tell(self, story: Story) -> None:
        """A scenario."""
        test = _test(story, self._began, self._context)
        self._add(test)
        self._counts["flaky"] += bool(test.get("flaky"))
        self._suites.add(story.started.file)

    def close(self) -> None:
        """Write the file in one piece."""
        try:
            started = self._retelling.started
            if started is not None:
                self._retelling.tell_all(self)
                self._whole(self._retelling.result)
                write_file(self._context.folder / _FILE, self._document(started, self._retelling.result))
        finally:
            self._tests.close()

    def _add(self, test: dict[str, Any]) -> None:
        self._tests.add(_encode(test))
        self._counts[test["status"]] += 1

    def _whole(self, result: RunResult) -> None:
        """A run that is not whole is never green: what keeps it from being so fails as a test of its own."""
        troubles = not_whole(result)
        if troubles:
            self._add({"name": "the run is whole", "status": "failed", "duration": 0, "message": "; ".join(troubles), "type": "run"})

    def _document(self, started: RunStarted, result: RunResult) -> Iterator[bytes]:
        head = {
            "reportFormat": "CTRF",
            "specVersion": _VERSION,
            "reportId": str(uuid5(NAMESPACE_URL, f"scenario-runner:{started.run}:{started.started}")),
            "runId": started.run,
            "generatedBy": f"scenario-runner {started.version}",
        }
        results = {
            "tool": {"name": "scenario-runner", "version": started.version},
            "summary": self._summary(result),
            "environment": {
                "testEnvironment": started.environment,
                "extra": {"seed": started.seed, "targets": started.targets, "ended": result.ended},
            },
        }
        # the tests come from the spool, into the open end of the head
        yield _encode(head)[:-1] + b',"results":' + _encode(results)[:-1] + b',"tests":[\n'
        yield from self._tests.read()
        yield b"\n]}}\n"

    def _summary(self, result: RunResult) -> dict[str, Any]:
        counts = {status: self._counts[status] for status in _STATUSES}
        took = _milliseconds(result.took)
        return {
            "tests": sum(counts.values()),
            **counts,
            "flaky": self._counts["flaky"],
            "suites": len(self._suites),
            "start": self._began,
            "stop": self._began + took,
            "duration": took,
            "extra": dict(result.counts),
        }


def _test(story: Story, begin: int, context: ReportContext) -> dict[str, Any]:
    started, finished = story.started, story.finished
    since = begin + _milliseconds(story.since)
    took = _milliseconds(finished.took) if finished is not None else 0
    test: dict[str, Any] = {
        "name": story.title,
        "status": _STATUS[story.outcome],
        "rawStatus": story.outcome,
        "duration": took,
        "start": since,
        "stop": since + took,
        "suite": [started.file],
        "filePath": started.file,
        "line": (finished.line if finished is not None else 0) or started.line,
        "tags": started.tags,
        "labels": {"vendor": started.vendor, **({"case": started.case} if started.case else {})},
        "type": "scenario",
        "testId": f"{started.id}::{started.vendor}::{started.case}".rstrip(":") or started.scenario,
        "steps": [_step(step) for step in story.steps.values()],
        "extra": {"key": started.scenario},
    }
    if finished is None:
        return {**test, "message": "the run ended before it did"}
    if finished.outcome in ("failed", "errored"):
        test["message"] = headline(story)
        test["trace"] = "\n".join(explain(story, context.source))
    elif finished.reason:
        test["message"] = finished.reason
    if finished.flaky or story.retried:
        test |= _attempts(story, flaky=finished.flaky)
    return test


def _attempts(story: Story, *, flaky: bool) -> dict[str, Any]:
    """The tries that did not work and were made again; only a scenario that passed in the end is flaky."""
    tries = [
        {"attempt": number, "status": "other", "message": told.reason, "line": step.started.line, "extra": {"step": step.started.step}}
        for number, (step, told) in enumerate(story.retried, 1)
    ]
    # the schema wants at least one; of a journal with a hole none may be known
    return {"flaky": flaky, "retries": len(tries), **({"retryAttempts": tries} if tries else {})}


def _step(step: StoryStep) -> dict[str, Any]:
    finished = step.finished
    outcome = finished.outcome if finished is not None else "not_run"
    took = _milliseconds(finished.took) if finished is not None else 0
    return {
        "name": f"{step.started.step} {step.label}",
        "status": _STATUS[outcome],
        "extra": {"rawStatus": outcome, "duration": took, "line": step.started.line},
    }


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _began(started: RunStarted | None) -> int:
    """Milliseconds since 1970; 0 when nobody knows."""
    try:
        return _milliseconds(datetime.fromisoformat(started.started).timestamp()) if started is not None else 0
    except ValueError:
        return 0
