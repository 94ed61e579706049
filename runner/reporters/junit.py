"""
JUnit XML as Jenkins, GitLab and GitHub actions really read it.

One ``testsuite`` a file, one ``testcase`` a scenario × vendor × case, with exactly one of failure (the product said no), error (it could
not be tried) or skipped. What is written is XML 1.0 whatever the data holds, appears in one piece, and is split before a consumer drops it.

Finished scenarios are kept on disk, not in memory, until the end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from runner.record.events import Channel, RunStarted
from runner.reporters.base import ReportContext
from runner.reporters.failure import explain, headline, told_retry
from runner.reporters.junit_suites import Suites
from runner.reporters.story import Story, StoryStep, printed
from runner.reporters.text import cut, one_line
from runner.reporters.verdict import not_whole
from runner.reporters.xml import element

__all__ = ["JUnitReporter"]

# GitLab takes files below 30 MB; what does not fit goes into junit-2.xml and so on.
_MOST_BYTES = 20_000_000
_MESSAGE = 200
_OUTPUT = 20_000
# What others printed that stands there; their stderr stands in system-err.
_OUT: tuple[Channel, ...] = ("stdout", "log")
_ATTACHMENT = re.compile(r"\[\[(?=ATTACHMENT\|)")
# consumers clamp a test's time to a year
_YEAR = 31_536_000.0
_REMEMBERED = 1_024


class JUnitReporter:
    """Writes ``junit.xml`` into the run's folder when the run is over."""

    name = "junit"

    def __init__(self, context: ReportContext, *, most_bytes: int = _MOST_BYTES) -> None:
        self._context = context
        self._retelling = context.retelling
        self.handle = self._retelling.hear
        self._retelling.join(self)
        self._most_bytes = most_bytes
        self._suites = Suites()
        # hashes: there may be very many
        self._names: set[int] = set()
        self._again: Counter[int] = Counter()

    def begin(self) -> None:
        """The run is going to be told."""

    def tell(self, story: Story) -> None:
        """A scenario."""
        kind = {"failed": "failure", "errored": "error", "skipped": "skipped", "unsupported": "skipped"}.get(story.outcome, "")
        if story.finished is not None:
            self._add(story.started.file, self._case(story, kind), kind, story.finished.took, at=story.since)
        else:
            self._unfinished(story)

    def close(self) -> None:
        """Write the file, or the files; what stood there before is replaced in one go."""
        try:
            if self._retelling.started is not None:
                self._retelling.tell_all(self)
            self._whole()
            if self._started is not None or self._suites:
                name = f"scenario-runner {self._started.run}" if self._started is not None else "scenario-runner"
                self._suites.write(self._context.folder, name, most_bytes=self._most_bytes)
        finally:
            self._suites.close()

    @property
    def _started(self) -> RunStarted | None:
        return self._retelling.started

    # ── a scenario ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _add(self, file: str, case: str, kind: str, took: float, *, at: float) -> None:
        self._suites.add(file, case, kind=kind, took=_seconds(took), began=self._moment(at))

    def _case(self, story: Story, kind: str) -> str:
        started, finished = story.started, story.finished
        if finished is None:
            return ""
        attributes = {
            "classname": _classname(started.file),
            "name": self._unique(_classname(started.file), story.title),
            "time": f"{_seconds(finished.took):.3f}",
            "timestamp": self._moment(story.since),
            "file": started.file,
            "line": str(finished.line or started.line),
        }
        inside = [*self._properties(story), *self._verdict(story, kind), *_attempts(story), *self._output(story, kind)]
        return element("testcase", attributes, inside, indent="    ") + "\n"

    def _unique(self, classname: str, title: str) -> str:
        """GitLab drops the second of two equal names without a word, so there are no two."""
        key = hash((classname, title))
        if key not in self._names:
            self._names.add(key)
            return title
        self._again[key] += 1
        return self._unique(classname, f"{title} ({self._again[key] + 1})")

    def _properties(self, story: Story) -> Iterator[str]:
        run = self._started
        values = {
            "vendor": story.started.vendor,
            "case": story.started.case,
            "outcome": story.finished.outcome if story.finished is not None else "",
            "cause": story.finished.cause if story.finished is not None else "",
            "id": story.started.id,
            "tags": ",".join(story.started.tags),
            "run": run.run if run is not None else "",
            "seed": str(run.seed) if run is not None else "",
        }
        yield element("properties", {}, [_property(name, value) for name, value in values.items() if value])

    def _verdict(self, story: Story, kind: str) -> Iterator[str]:
        finished = story.finished
        if not kind or finished is None:
            return
        if kind == "skipped":
            yield element("skipped", {"message": cut(f"{finished.outcome}: {one_line(finished.reason)}", _MESSAGE)})
            return
        attributes = {"message": cut(headline(story), _MESSAGE), "type": finished.code or finished.outcome}
        yield element(kind, attributes, text=_no_attachment("\n".join(self._why(story))))

    def _why(self, story: Story) -> list[str]:
        environment = self._started.environment if self._started is not None else ""
        return explain(story, self._context.source, environment=environment)

    def _output(self, story: Story, kind: str) -> Iterator[str]:
        """The most useful text first: Jenkins keeps the first 500 characters; the attachment has a line of its own."""
        by_others = printed(story.logged)
        if kind in ("failure", "error"):
            out = (f"\n{name}:\n{by_others[name]}" for name in _OUT if name in by_others)
            lines = [headline(story), *(_told_step(step) for step in story.steps.values()), *out]
            text = _no_attachment("\n".join(lines)[:_OUTPUT])
            journal = (self._context.folder / "journal.jsonl").as_posix()
            yield element("system-out", {}, text=f"{text}\n[[ATTACHMENT|{journal}]]\n")
        warnings = [one_line(told.message) for told in story.logged if told.level in ("warning", "error")]
        if kind in ("failure", "error") and "stderr" in by_others:
            warnings.append(by_others["stderr"])
        if warnings:
            yield element("system-err", {}, text=_no_attachment("\n".join(warnings)[:_OUTPUT]))

    # ── the run ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _whole(self) -> None:
        """A run that is not whole is never green: what keeps it from being so is an error of its own."""
        if self._started is None:
            return
        troubles = [one_line(trouble) for trouble in not_whole(self._retelling.result)]
        if troubles:
            message = element("error", {"message": cut("; ".join(troubles), _MESSAGE), "type": "run"}, text="\n".join(troubles))
            attributes = {"classname": "run", "name": "the run is whole", "time": "0.000", "timestamp": self._moment(0.0)}
            self._add("run", element("testcase", attributes, [message], indent="    ") + "\n", "error", 0.0, at=0.0)

    def _unfinished(self, story: Story) -> None:
        attributes = {
            "classname": _classname(story.started.file),
            "name": self._unique(_classname(story.started.file), story.title),
            "time": "0.000",
            "timestamp": self._moment(story.since),
            "file": story.started.file,
            "line": str(story.started.line),
        }
        message = element("error", {"message": "it began and did not end", "type": "run"})
        case = element("testcase", attributes, [message], indent="    ") + "\n"
        self._add(story.started.file, case, "error", 0.0, at=story.since)

    def _moment(self, at: float) -> str:
        """ISO 8601 with offset of second *at* of the run."""
        return (self._began + timedelta(seconds=at)).isoformat(timespec="milliseconds") if self._began is not None else ""

    @cached_property
    def _began(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self._started.started) if self._started is not None else None
        except ValueError:
            return None


@lru_cache(_REMEMBERED)
def _property(name: str, value: str) -> str:
    """Most are the same in every case, or in those of one scenario."""
    return element("property", {"name": name, "value": value})


def _seconds(took: float) -> float:
    return min(max(took, 0.0), _YEAR)


def _classname(file: str) -> str:
    """``scenarios/mail/reply.scenario.yaml`` → ``scenarios.mail.reply``: dots divide folders and nothing else."""
    stem = file.replace("\\", "/").removesuffix(".yaml").removesuffix(".yml").removesuffix(".scenario")
    return ".".join(part.replace(".", "_") for part in stem.split("/") if part) or "scenario"


def _attempts(story: Story) -> Iterator[str]:
    """
    The tries that did not work, in Surefire's words: ``flakyFailure`` before one that passed, ``rerunFailure`` in a scenario that did not.
    """
    flaky = story.finished is not None and story.finished.flaky
    name = "flakyFailure" if flaky else "rerunFailure"
    for step, told in story.retried:
        where = f"step {step.started.step}, {one_line(step.label)}, in line {step.started.line}"
        trace = element("stackTrace", {}, text=_no_attachment(f"{where}: {told_retry(told)}"))
        yield element(name, {"message": cut(one_line(told.reason), _MESSAGE), "type": told.code or "retry"}, [trace])
    if flaky and not story.retried:
        # a journal from before tries were recorded one by one
        yield element(name, {"message": "passed only after a retry", "type": "retry"}, [element("stackTrace", {}, text="")])


def _told_step(step: StoryStep) -> str:
    finished = step.finished
    told = finished.outcome if finished is not None else "did not end"
    reason = f": {finished.reason}" if finished is not None and finished.reason else ""
    return cut(one_line(f"{step.started.step} {step.label} {told}{reason}"), 300)


def _no_attachment(text: str) -> str:
    """*text* in which no data names a file to be attached: Jenkins' plugin would publish it."""
    return _ATTACHMENT.sub("[ [", text)
