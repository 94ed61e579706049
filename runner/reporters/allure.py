"""
Results for Allure, made from the journal when the run is over and written with Allure's own writer.

Nothing hangs on a thread or a task: each result is put together from its own events, so scenarios that ran side by side do not mix. What
is written went through the gate before, so masked parameters are masked in the files, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from hashlib import md5
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
from allure_commons.logger import AllureFileLogger

from runner.record.events import Checked, Exchanged, Logged, Notified, Retried, RunStarted, Saved
from runner.reporters.allure_parts import Attachment, Label, Link, Parameter, Result, StatusDetails, Step
from runner.reporters.base import ReportContext
from runner.reporters.curl import curl
from runner.reporters.failure import exchange_line, explain, headline, reason_of, told_retry
from runner.reporters.html.shown import plain_value, status_words
from runner.reporters.story import Story, StoryStep, printed
from runner.reporters.text import counted, cut, one_line, visible, visible_bytes
from runner.reporters.verdict import not_whole

__all__ = ["AllureReporter", "AllureWriter"]

FOLDER = "allure-results"
_STATUS = {
    "passed": "passed",
    "failed": "failed",
    "errored": "broken",
    "skipped": "skipped",
    "unsupported": "skipped",
    "not_run": "unknown",
}
_INNERMOST = re.compile(r"[.#~]\d+$")
# What a description says about elsewhere: a ticket, a page.
_LINK = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]")
# Longer ones are attachments.
_LONGEST_VALUE = 200
_MOST_EXCHANGES = 30
# A run has few different sets of headers: those of one actor's requests, those of the answers of one second.
_REMEMBERED = 1_024
_LINE = "─" * 40
_BETWEEN = f"\n{'═' * 60}\n\n"
_RED = ("failed", "errored", "not_run")
_encode = msgspec.json.Encoder(enc_hook=str).encode


class AllureReporter:
    """Writes ``allure-results`` into the run's folder, or the folder that was named, when the run is over."""

    name = "allure"

    def __init__(self, context: ReportContext) -> None:
        self._context = context
        self._retelling = context.retelling
        self.handle = self._retelling.hear
        self._retelling.join(self)
        self._writer: AllureWriter | None = None

    def begin(self) -> None:
        """The run is going to be told."""
        started = self._retelling.started
        if started is not None:
            self._writer = AllureWriter(self._context.folders.get(self.name, self._context.folder / FOLDER), started, self._context)

    def tell(self, story: Story) -> None:
        """A scenario."""
        if self._writer is not None:
            self._writer.write(story)

    def close(self) -> None:
        """Write everything."""
        if self._retelling.started is None:
            return
        self._retelling.tell_all(self)
        if self._writer is not None:
            self._writer.write_run(not_whole(self._retelling.result))


class AllureWriter:
    """
    Writes the results of one run into *folder*, a scenario at a time; for the reporter, and for pytest with ``--alluredir``.
    """

    def __init__(self, folder: Path, run: RunStarted, context: ReportContext) -> None:
        self._logger = AllureFileLogger(str(folder))  # type: ignore[no-untyped-call]  # the library has no types
        self._run = run
        self._context = context
        self._began = _milliseconds_of(run.started)
        self._id = uuid5(NAMESPACE_URL, f"{run.run}:{run.started}")
        self._attachments = 0

    def write(self, story: Story) -> None:
        """The result of *story*, with its attachments."""
        started, finished = story.started, story.finished
        since = self._moment(story.since)
        full_name = f"{started.file}:{started.id}" if started.id and started.id != started.file else started.file
        result = Result(
            uuid=str(uuid5(self._id, started.scenario)),
            name=visible(story.title),
            full_name=visible(full_name),
            status=_STATUS[story.outcome],
            stage="finished" if finished is not None else "interrupted",
            start=since,
            stop=since + _milliseconds(finished.took if finished is not None else 0.0),
            description=visible(started.description),
            history_id=_digest(started.id or started.scenario, started.vendor, started.case),
            test_case_id=_digest(started.id or started.scenario),
            title_path=[part for part in visible(started.file).replace("\\", "/").split("/") if part],
            labels=self._labels(story),
            links=[Link(type="link", url=url, name=url) for url in _LINK.findall(visible(started.description))],
            parameters=list(_story_parameters(story)),
        )
        result.status_details = self._details(story)
        self._steps(result, story)
        if story.outcome not in _RED:
            self._all_in_one(result, story)
        result.attachments += [self._attached(name, text) for name, text in _logged(story)]
        self._report(result)

    def write_run(self, troubles: list[str]) -> None:
        """A result that says why the run is not whole; nothing when it is."""
        if not troubles:
            return
        whole = Result(
            uuid=str(uuid5(self._id, "the run is whole")),
            name="the run is whole",
            full_name="the run is whole",
            status="broken",
            stage="finished",
            start=self._began,
            stop=self._began,
            history_id=_digest("the run is whole", self._run.environment),
            test_case_id=_digest("the run is whole"),
            status_details=StatusDetails(message=troubles[0], trace="\n".join(troubles)),
            labels=[Label("framework", "scenario-runner"), Label("suite", "run")],
        )
        self._report(whole)

    def _report(self, result: Result) -> None:
        # under a name of ours: the library would choose a new one each time, and a report made again would stand beside the first
        self._logger.report_attached_data(_encode(result), f"{result.uuid}-result.json")  # type: ignore[no-untyped-call]  # as above

    # ── a result ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _labels(self, story: Story) -> list[Label]:
        started = story.started
        folders = started.file.replace("\\", "/").rpartition("/")[0]
        labels = {
            "framework": "scenario-runner",
            "language": "yaml",
            "parentSuite": folders or "scenarios",
            "suite": started.name or started.file,
            "subSuite": started.vendor,
            "epic": started.vendor,
            "feature": folders.rpartition("/")[2] or "scenarios",
            "story": started.name or started.file,
            "vendor": started.vendor,
            "environment": self._run.environment,
            "package": started.file.replace("/", "."),
            "run": self._run.run,
        }
        return [Label(name, visible(value)) for name, value in labels.items()] + [Label("tag", visible(tag)) for tag in started.tags]

    def _details(self, story: Story) -> StatusDetails | None:
        finished = story.finished
        if finished is None:
            return StatusDetails(message="the run ended before it did")
        if finished.outcome in ("failed", "errored"):
            why = "\n".join(explain(story, self._context.source, environment=self._run.environment))
            return StatusDetails(message=headline(story), trace=visible(why), flaky=finished.flaky)
        if finished.reason or finished.flaky:
            unsupported = "unsupported: " if finished.outcome == "unsupported" else ""
            message = one_line(finished.reason) or "passed only after a retry"
            tries = [f"step {step.started.step}, {step.label}, {told_retry(told)}" for step, told in story.retried]
            return StatusDetails(message=unsupported + message, trace=visible("\n".join(tries)), flaky=finished.flaky)
        return None

    def _steps(self, result: Result, story: Story) -> None:
        """The steps, nested as in the file."""
        known: dict[str, Step] = {}
        for place, step in story.steps.items():
            made = known[place] = self._step(step, red=story.outcome in _RED)
            _around(place, known, result).steps.append(made)

    def _step(self, step: StoryStep, *, red: bool) -> Step:
        started, finished = step.started, step.finished
        since = self._moment(step.since)
        label = started.name or started.type
        actor = f" ({started.actor})" if started.actor else ""
        made = Step(
            name=one_line(f"{started.step} {label}{actor}"),
            status=_STATUS[finished.outcome if finished is not None else "not_run"],
            stage="finished" if finished is not None else "interrupted",
            start=since,
            stop=since + _milliseconds(finished.took if finished is not None else 0.0),
            parameters=list(_parameters(started.parameters)),
        )
        if finished is not None and finished.outcome != "passed" and (finished.reason or step.red):
            states = ", ".join(f"{name} ({at:.1f}s)" for name, at in finished.states)
            seen = f"\nstates seen: {states}" if states else ""
            made.status_details = StatusDetails(
                message=reason_of(step), trace=visible(f"{started.file or ''}:{started.line}{seen}".lstrip(":"))
            )
        if red:
            self._attach(made, step)
        made.parameters += [
            Parameter(one_line(f"saved {event.name}"), _short(event.value)) for event in step.happened if isinstance(event, Saved)
        ]
        return made

    def _attach(self, made: Step, step: StoryStep) -> None:
        """What happened in a step, and one attachment for all its exchanges."""
        if step.exchanges:
            made.attachments.append(self._attached(_exchanges_of(step), _BETWEEN.join(map(_told_to_ask_again, _kept(step)))))
        made.attachments += [self._attached(name, text) for name, text in _told_otherwise(step)]

    def _all_in_one(self, result: Result, story: Story) -> None:
        """One attachment for everything in a scenario that nobody has to look into: each file costs more than what is in it."""
        told = [
            _BETWEEN.join(
                [f"step {step.started.step} {step.label}\n", *map(_told_exchange, _kept(step)), *map("\n".join, _told_otherwise(step))]
            )
            for step in story.steps.values()
            if step.happened
        ]
        if told:
            number = sum(step.answers for step in story.steps.values())
            result.attachments.append(self._attached(counted(number, "exchange"), _BETWEEN.join(told)))

    def _attached(self, name: str, text: str) -> Attachment:
        # the same run gives the same names, so that a report made again takes the place of the first
        self._attachments += 1
        file = f"{self._id}-{self._attachments}-attachment.txt"
        self._logger.report_attached_data(visible_bytes(text), file)  # type: ignore[no-untyped-call]  # as above
        return Attachment(name=one_line(name), source=file, type="text/plain")

    def _moment(self, seconds: float) -> int:
        return self._began + _milliseconds(seconds)


def _around(place: str, known: dict[str, Step], result: Result) -> Step:
    """What the step at *place* stands in: the nearest step around it, else the scenario."""
    while (outer := _INNERMOST.sub("", place)) != place:
        if outer in known:
            return known[outer]
        place = outer
    return result


def _story_parameters(story: Story) -> list[Parameter]:
    told = [Parameter("vendor", one_line(story.started.vendor))]
    if story.started.case:
        told.append(Parameter("case", visible(story.started.case)))
    # who played a part differs from night to night and is no part of the history
    told += [Parameter(one_line(name), one_line(user), excluded=True) for name, user in story.started.actors.items()]
    return told


def _parameters(given: Any) -> list[Parameter]:
    if isinstance(given, dict):
        return [Parameter(one_line(str(name)), _short(value)) for name, value in given.items() if value is not None]
    return [Parameter("value", _short(given))] if given is not None else []


def _short(value: Any) -> str:
    return cut(one_line(plain_value(value)), _LONGEST_VALUE)


def _logged(story: Story) -> Iterator[tuple[str, str]]:
    """What belongs to no step: its name, and what it says."""
    logged = [told for told in story.logged if told.step not in story.steps]
    yield from (("logged", told.message) for told in logged if not told.stream)
    yield from printed(logged).items()


def _exchanges_of(step: StoryStep) -> str:
    return exchange_line(step.exchanges[-1]) if step.answers == 1 else counted(step.answers, "exchange")


def _kept(step: StoryStep) -> list[Exchanged]:
    exchanges = step.exchanges
    return exchanges if len(exchanges) <= _MOST_EXCHANGES else [*exchanges[:5], *exchanges[5 - _MOST_EXCHANGES :]]


def _told_otherwise(step: StoryStep) -> Iterator[tuple[str, str]]:
    """What happened in a step besides its exchanges: a name, and what is to be read about it."""
    for event in step.happened:
        match event:
            case Notified():
                yield f"pushed: {one_line(event.name)}", plain_value(event.body)
            case Checked() if event.differences:
                differences = (f"{d.path or 'it'}\n  expected {d.expected}\n  got      {d.got}" for d in event.differences)
                yield counted(len(event.differences), "difference"), "\n\n".join(differences)
            case Retried():
                yield f"try {event.attempt} did not work", event.reason
            case Logged() if not event.stream:
                yield f"{event.level}: {cut(one_line(event.message), 60)}", event.message
            case _:
                pass
    yield from printed(step.happened).items()


def _told_exchange(event: Exchanged) -> str:
    """Request and answer as they went over the wire."""
    error = f"{event.error}\n" if event.error else ""
    return (
        f"{event.method} {event.url}\n{_headers(tuple(event.request_headers.items()))}\n{event.request_body}\n\n{_LINE}\n"
        f"{status_words(event.http)}\n{_headers(tuple(event.headers.items()))}{error}\n{event.body}\n"
    )


@lru_cache(_REMEMBERED)
def _headers(headers: tuple[tuple[str, str], ...]) -> str:
    return "".join([f"{name}: {value}\n" for name, value in headers])


def _told_to_ask_again(event: Exchanged) -> str:
    """The same, and the command that asks again: for who looks into what went wrong."""
    return f"{_told_exchange(event)}\n{_LINE}\n{curl(event)}"


def _digest(*parts: str) -> str:
    # no secrecy is asked of it; Allure's own adapters use the same
    return md5("\0".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _milliseconds_of(moment: str) -> int:
    try:
        return _milliseconds(datetime.fromisoformat(moment).timestamp())
    except ValueError:
        return 0
