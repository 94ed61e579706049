"""
The run told on a terminal: a header, the scenarios as they end, why some did not pass, and an end that says what to do.

On a terminal the running scenarios stand below, one live line each. Elsewhere a line is printed for each scenario that ended, and every
30 seconds one that says what is being waited for.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from runner.clock import written
from runner.record.events import Drifted, Event, Logged, RunExtended, RunFinished, RunStarted, ScenarioFinished, extended
from runner.reporters.base import ReportContext
from runner.reporters.failure import exchange_line, explain, told_retry
from runner.reporters.progress import heartbeat, running_lines
from runner.reporters.story import Stories, Story, StoryStep, line_of
from runner.reporters.summary import Tally, again, drift_lines, troubles
from runner.reporters.terminal import Line, Terminal
from runner.reporters.text import counted, cut, one_line
from runner.reporters.verdict import day, listed_changes, told_changes

__all__ = ["ConsoleReporter"]

_HEARTBEAT = 30.0
# How often the live region is drawn again at most, in seconds.
_REFRESH = 0.1
_BODY = 400
_MOST_CHANGES = 12
_QUIET, _STEPS, _EXCHANGES = -1, 1, 2


class ConsoleReporter:
    """Tells a run to a person who watches, or who reads the log afterwards."""

    name = "console"

    def __init__(self, context: ReportContext) -> None:
        self._context = context
        self._terminal = Terminal(context.stream, context.environ)
        self._stories = Stories(every_exchange=context.verbosity >= _EXCHANGES)
        self._tally = Tally()
        self._drift: list[Drifted] = []
        self._started: RunStarted | None = None
        self._finished: RunFinished | None = None
        self._zero = context.clock.monotonic()
        self._spoke = self._drawn = self._zero
        self._pending: list[Line] = []
        self._closed = False

    def handle(self, event: Event) -> None:
        """Take an event."""
        self._context.retelling.hear(event)
        story = self._stories.handle(event)
        if story is not None:
            self._tally.add(story)
            self._say(self._scenario(story))
            return
        match event:
            case RunStarted():
                self._started = event
                self._zero = float("inf")
                self._say([((self._header(event), "bold"),)])
            case RunExtended():
                self._started = extended(self._started, event)
            case RunFinished():
                self._finished = event
            case Drifted():
                self._drift.append(event)
            case Logged() if not (event.stream and event.scenario):
                self._say(self._logged(event))
            case _:
                pass
        # events are told late, the first by all that is still to be made ready, so the run began when the quickest of them says
        self._zero = min(self._zero, self._context.clock.monotonic() - event.at)
        self._refresh()

    def tick(self) -> None:
        """Time has passed: draw the live lines again, or give a sign of life."""
        self._refresh()
        now = self._context.clock.monotonic()
        if not self._terminal.live and self._started is not None and now - self._spoke >= _HEARTBEAT:
            told = heartbeat(
                self._stories.running.values(),
                done=self._tally.done,
                planned=self._started.planned,
                now=now - self._zero,
                limit=str(self._started.limits.get("timeout", "")),
            )
            self._say([((f"… {told}", "dim"),)])

    def close(self) -> None:
        """Tell how it all ended; nothing is printed after it."""
        if self._closed:
            return
        self._closed = True
        self._write_pending()
        self._terminal.close()
        self._terminal.write(self._end())
        self._terminal.flush()

    # ── printing ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _say(self, lines: list[Line]) -> None:
        if self._context.verbosity <= _QUIET:
            return
        self._pending += lines
        if not self._terminal.live:
            self._write_pending()

    def _write_pending(self) -> None:
        if self._pending:
            self._terminal.write(self._pending)
            self._pending = []
            self._spoke = self._context.clock.monotonic()

    def _refresh(self) -> None:
        if not self._terminal.live or self._started is None or self._context.verbosity <= _QUIET:
            return
        now = self._context.clock.monotonic()
        if now - self._drawn < _REFRESH:
            return
        self._drawn = now
        self._write_pending()
        self._terminal.draw(
            [
                *running_lines(
                    self._stories.running.values(),
                    now=now - self._zero,
                    limit=str(self._started.limits.get("timeout", "")),
                    width=self._terminal.width - 1,
                    most=max(1, self._terminal.height - 4),
                ),
                cut(f"  {self._tally.done} of {counted(self._started.planned, 'scenario')} done", self._terminal.width - 1),
            ]
        )

    # ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _header(self, event: RunStarted) -> str:
        """``scenario-runner 0.1.0 · SIMULATOR (gws, icws) · 24 scenarios, 16 at a time · seed 4711``."""
        parts = [
            f"scenario-runner {event.version}",
            _place(event),
            f"{counted(event.planned, 'scenario')}, {event.parallel} at a time",
            f"seed {event.seed}",
        ]
        if event.limits and (event.environment != "simulator" or self._context.verbosity >= _STEPS):
            parts.append("limits: " + ", ".join(f"{name} {value}" for name, value in event.limits.items()))
        return one_line(" · ".join(parts))

    def _scenario(self, story: Story) -> list[Line]:
        finished = story.finished
        if finished is None:
            return []
        outcome = finished.outcome
        lines = [self._verdict(outcome, story.title, finished)]
        if finished.flaky:
            lines += [_styled(f"    step {step.started.step}, {one_line(step.label)}, {told_retry(told)}") for step, told in story.retried]
        for event in story.logged:
            if event.level == "warning":
                lines += [((f"  {event.step}  ", "dim"), *line) for line in self._logged(event)]
        if self._context.verbosity >= _STEPS:
            lines += self._steps(story)
        if outcome in ("failed", "errored"):
            environment = self._started.environment if self._started is not None else ""
            why = explain(story, self._context.source, width=self._terminal.width, environment=environment, quote=quote)
            lines += [_styled(f"  {line}") for line in why]
        return lines

    def _verdict(self, outcome: str, title: str, finished: ScenarioFinished) -> Line:
        sign, style = self._terminal.sign(outcome)
        took = f"  {written(finished.took)}" if outcome not in ("unsupported", "skipped") else ""
        note = "  passed only after a retry" if finished.flaky else ""
        if outcome in ("unsupported", "skipped"):
            note = f"  {outcome}: {one_line(finished.reason)}" if finished.reason else f"  {outcome}"
        return ((f"{sign} ", style), (one_line(title), ""), (took, "dim"), (note, "yellow"))

    def _steps(self, story: Story) -> Iterator[Line]:
        for step in story.steps.values():
            yield self._step(step)
            if self._context.verbosity >= _EXCHANGES:
                yield from _exchanges(step)
            yield from _printed(told for told in story.logged if told.step == step.started.step)
        yield from _printed(told for told in story.logged if told.step not in story.steps)

    def _step(self, step: StoryStep) -> Line:
        finished = step.finished
        sign, style = self._terminal.sign(finished.outcome if finished is not None else "errored")
        indent = "  " * (1 + step.started.step.removeprefix("cleanup.").count("."))
        actor = f" ({step.started.actor})" if step.started.actor else ""
        took = f"  {written(finished.took)}" if finished is not None else "  did not end"
        why = f"  {finished.reason}" if finished is not None and finished.outcome == "skipped" else ""
        why += "".join(f"  {told_retry(told)}" for told in step.retries)
        return ((f"{indent}{sign} ", style), (one_line(f"{step.started.step} {step.label}{actor}"), ""), (took + one_line(why), "dim"))

    def _logged(self, event: Logged) -> list[Line]:
        least = {"error": 0, "warning": 0, "info": _STEPS, "debug": _EXCHANGES}[event.level]
        if self._context.verbosity < least:
            return []
        code = f"[{event.code}]" if event.code else ""
        style = {"error": "bold red", "warning": "yellow"}.get(event.level, "dim")
        return [((f"{event.stream or event.level}{code}: ", style), (one_line(line_of(event)), ""))]

    def _since(self) -> Iterator[str]:
        """``1 new, 2 still failing, 0 fixed since the last green run (21 Nov)``; nothing for the first run of all."""
        changes = self._context.retelling.changes
        listed = list(listed_changes(changes))
        if changes.earlier and (self._tally.red or listed):
            green = changes.last_green
            since = f"since the last green run ({day(green.started)}, {green.folder})" if green is not None else "since the run before"
            yield f"{told_changes(changes)}, {since}"
        width = max((len(words) for words, _ in listed[:_MOST_CHANGES]), default=0)
        yield from (one_line(f"  {words:<{width}}  {key}") for words, key in listed[:_MOST_CHANGES])
        if len(listed) > _MOST_CHANGES:
            yield f"  and {len(listed) - _MOST_CHANGES} more; the report has them all"

    def _end(self) -> list[Line]:
        started, finished = self._started, self._finished
        if started is None:
            return []
        not_run = finished.not_run if finished is not None else started.planned - self._tally.done
        counts = self._tally.counts(started.planned, not_run)
        took = f", in {written(finished.took)}" if finished is not None else ""
        result = self._context.retelling.result
        sign, style = self._terminal.sign("passed" if result.ok else "failed")
        problems = list(troubles(self._tally, started, finished))
        if not problems and not result.complete:
            problems.append("its record is not whole: events are missing")
        report = f"{self._context.folder.as_posix()}/"
        if self._context.verbosity <= _QUIET:
            return [((f"{sign} ", style), ("; ".join([counts + took, *problems, report]), ""))]
        rule = "─" * min(60, self._terminal.width - 1)
        lines: list[Line] = [((rule, "dim"),), ((f"{sign} ", style), (f"{counts}{took}", "bold"))]
        lines += [_headed("!", problem) for problem in problems]
        lines += [_headed("" if number else "since", text) for number, text in enumerate(self._since())]
        lines += [_headed(heading, text) for heading, text in self._tally.lines()]
        lines += [_headed(heading, text) for heading, text in drift_lines(self._drift, self._context.folder, quote)]
        if self._tally.red:
            lines.append(_headed("again", again(started, self._context.folder, quote)))
        lines.append(_headed("report", report))
        return lines


def _place(event: RunStarted) -> str:
    """``SIMULATOR (gws, icws)``, ``staging (gws at gws.staging.example.com)``."""
    simulated = sorted(name for name, url in event.targets.items() if url == "simulator")
    real = [f"{name} at {urlsplit(url).netloc or url}" for name, url in sorted(event.targets.items()) if url != "simulator"]
    if event.environment == "simulator":
        return f"SIMULATOR ({', '.join([*simulated, *real])})" if event.targets else "SIMULATOR"
    told = real + [f"{name} on the SIMULATOR" for name in simulated]
    return f"{event.environment} ({', '.join(told)})" if told else event.environment


def _exchanges(step: StoryStep) -> Iterator[Line]:
    for event in step.exchanges:
        yield ((f"      {exchange_line(event)}", "cyan"),)
        if event.request_body:
            yield ((f"        sent: {cut(one_line(event.request_body), _BODY)}", "dim"),)
        if event.body:
            yield ((f"        got:  {cut(one_line(event.body), _BODY)}", "dim"),)


def _printed(logged: Iterable[Logged]) -> Iterator[Line]:
    """What others printed, a line each."""
    for event in logged:
        if event.stream:
            yield ((f"      {event.stream}: ", "dim"), (one_line(line_of(event)), ""))


def _headed(heading: str, text: str) -> Line:
    return ((f"  {heading:<9}", "dim"), (text, ""))


def _styled(line: str) -> Line:
    """A line of an explanation with the colour of its part."""
    bare = line.strip()
    if bare.startswith(("failed", "errored")):
        return ((line, "bold red"),)
    if bare.startswith("| ") and set(bare[2:].split(" ")[0]) == {"^"}:
        return ((line, "red"),)
    return ((line, "dim"),) if bare.startswith("-->") else ((line, ""),)


def quote(text: str) -> str:
    """*text* as one word of a command, for the shell of this system."""
    if os.name == "nt":
        return f'"{text}"' if any(c in text for c in ' []&|<>^()"') else text
    return shlex.quote(text)
