"""
Writes the pages: ``index.html`` for the run, ``html/`` with a page for each scenario, ``report.html`` with all of it in one file.

Pages are made one by one while the run is told again, so memory does not grow with what the scenarios did.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections import Counter
from collections.abc import Hashable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from runner.clock import written as told_time
from runner.record.events import Event
from runner.record.result import ScenarioResult
from runner.reporters.base import ReportContext
from runner.reporters.failure import cause_of
from runner.reporters.files import write_file
from runner.reporters.html.matrix import matrix
from runner.reporters.html.pages import Pages
from runner.reporters.html.place import FOLDER, page_name
from runner.reporters.html.rows import Cause, Row, strip
from runner.reporters.html.shares import parts
from runner.reporters.html.since import since
from runner.reporters.html.story_page import Neighbour, StoryPage, story_page
from runner.reporters.html.timeline import Ran, lanes, queue, ticks
from runner.reporters.html.why import why_of
from runner.reporters.said import Said
from runner.reporters.story import Story
from runner.reporters.verdict import badge, moment, verdict
from runner.source import Source

__all__ = ["HtmlReporter"]

_Same = TypeVar("_Same", bound=Hashable)

INDEX, ONE_FILE = "index.html", "report.html"
# How much of the stories goes into the one file, in characters; red ones come first.
_MOST_EMBEDDED = 6_000_000
# A run with more scenarios than this has only its red ones told in the one file.
_SMALL_RUN = 200
_MOST_WAITS = 4


class _Embedded(Struct):
    """A story for the one file: its row, and its page's inside."""

    row: Row
    text: str


class HtmlReporter:
    """Writes the HTML report when the run is over."""

    name = "html"

    def __init__(self, context: ReportContext) -> None:
        self._context = context
        self._retelling = context.retelling
        self._retelling.join(self)
        self._rows: list[Row] = []
        self._ran: list[Ran] = []
        self._causes: dict[str, Cause] = {}
        self._embedded: list[_Embedded] = []
        self._room = _MOST_EMBEDDED
        self._red: list[ScenarioResult] = []
        self._places: dict[str, int] = {}
        self._flaky = self._in_doubt = 0
        self._same: dict[Any, Any] = {}

    def handle(self, event: Event) -> None:
        """Take an event."""
        self._retelling.hear(event)

    def close(self) -> None:
        """Write everything; the first page comes last, so that what it points at is there."""
        if self._retelling.started is not None:
            self._retelling.tell_all(self)
            self._first_pages()
            self._forget_stale()

    def begin(self) -> None:
        """The run is going to be told: who did not pass is known already, and what all pages share is written."""
        self._red = [s for s in self._retelling.result.scenarios if s.outcome in ("failed", "errored", "not_run")]
        self._places = {scenario.key: n for n, scenario in enumerate(self._red)}
        folder = self._folder / FOLDER
        for name, data in self._pages.assets():
            write_file(folder / name, [data])

    @cached_property
    def _pages(self) -> Pages:
        return Pages()

    @property
    def _folder(self) -> Path:
        return self._context.folders.get(self.name, self._context.folder)

    # ── a scenario ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def tell(self, story: Story) -> None:
        """A scenario: its page, its row, its place in time."""
        row = self._row(story)
        self._rows.append(row)
        self._ran.append(_ran(story, row, self._one(tuple(dict.fromkeys(story.started.actors.values())))))
        self._flaky += bool(story.finished and story.finished.flaky)
        self._in_doubt += bool(story.finished and story.finished.in_doubt)
        page = self._page(story, row)
        text = self._pages.story(page)
        # at once rather than in one piece with a change of names, which costs more than the page itself
        _write_at_once(self._folder / row.link, self._pages.page(page, text))
        if row.red:
            self._blame(story, row, page)
        self._embed(row, page)

    def _row(self, story: Story) -> Row:
        started, finished = story.started, story.finished
        change = self._retelling.changes[started.scenario]
        notes = [
            note for note, there in (("after a retry", finished and finished.flaky), ("in doubt", finished and finished.in_doubt)) if there
        ]
        one = self._one
        return Row(
            number=len(self._rows) + 1,
            key=started.scenario,
            name=one(started.name or started.scenario),
            case=started.case,
            vendor=one(started.vendor),
            file=one(started.file),
            line=(finished.line if finished is not None else 0) or started.line,
            tags=one(tuple(started.tags)),
            outcome=story.outcome,
            took=finished.took if finished is not None else 0.0,
            began=story.since,
            reason=finished.reason if finished is not None and finished.outcome in ("skipped", "unsupported") else "",
            change=change.kind,
            badge=badge(change),
            strip=strip(change),
            notes=tuple(notes),
        )

    def _one(self, value: _Same) -> _Same:
        """The same few names and users stand in thousands of rows: each is kept once."""
        kept: _Same = self._same.setdefault(value, value)
        return kept

    def _page(self, story: Story, row: Row) -> StoryPage:
        run = self._retelling.started
        why = None
        if row.red:
            why = why_of(story, self._source, environment=run.environment if run is not None else "", quote=shlex.quote)
        before, after = self._neighbours(story.started.scenario)
        return story_page(story, row, why, self._retelling.changes[row.key], self._retelling.sources, before=before, after=after)

    def _source(self, name: str) -> Source | None:
        return self._context.source(name)

    def _neighbours(self, key: str) -> tuple[Neighbour | None, Neighbour | None]:
        """The red scenarios before and after this one."""
        place = self._places.get(key)
        if place is None:
            return None, None
        around = [self._red[n] if 0 <= n < len(self._red) else None for n in (place - 1, place + 1)]
        before, after = (Neighbour(s.name, page_name(s.file, s.vendor, s.case, s.key)) if s is not None else None for s in around)
        return before, after

    def _blame(self, story: Story, row: Row, page: StoryPage) -> None:
        assert page.why is not None  # noqa: S101 - every red one has it
        cause = self._causes.setdefault(f"{row.outcome} {cause_of(story)}", Cause(page.why, Said(story), row.outcome))
        cause.add(row)
        cause.said.add(story)

    def _embed(self, row: Row, page: StoryPage) -> None:
        if not row.red and len(self._retelling.result.scenarios) > _SMALL_RUN:
            return
        prefix = f"s{row.number}-"
        text = self._pages.story(page, prefix=prefix)
        if len(text) <= self._room:
            self._room -= len(text)
            row.story = f"#{prefix}top"
            self._embedded.append(_Embedded(row, text))

    # ── the run ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _first_pages(self) -> None:
        model = self._model()
        write_file(self._folder / ONE_FILE, self._pages.index(model, one_file=True, stories=self._embedded))
        write_file(self._folder / INDEX, self._pages.index(model, one_file=False, stories=()))

    def _model(self) -> dict[str, object]:
        result, run = self._retelling.result, self._retelling.started
        self._rows.sort(key=_by_weight)
        for number, row in enumerate(self._rows):
            row.number = number
        numbers = Counter(row.vendor for row in self._rows)
        return {
            "run": run,
            "result": result,
            "started": moment(run.started) if run is not None else "",
            "took": told_time(result.took),
            "verdict": verdict(result, self._flaky, self._in_doubt),
            "parts": parts(result.counts),
            "planned": sum(result.counts.values()),
            "causes": sorted(self._causes.values(), key=lambda cause: (not cause.is_new, -cause.count)),
            "since": since(self._retelling.changes, self._rows),
            "rows": self._rows,
            "vendors": sorted(numbers),
            "tags": sorted({tag for row in self._rows for tag in row.tags}),
            "matrix": matrix(self._rows),
            "lanes": lanes(self._ran, result.took),
            "queue": queue(self._ran),
            "ticks": ticks(result.took),
            "folder": self._folder.as_posix(),
            "again": f"runner run --failed {shlex.quote(self._context.folder.name)}",
        }

    def _forget_stale(self) -> None:
        """Pages of an earlier report of this run that belong to no scenario any more."""
        kept = {row.link.rpartition("/")[2] for row in self._rows}
        for path in (self._folder / FOLDER).glob("*.html"):
            if path.name not in kept:
                with contextlib.suppress(OSError):
                    path.unlink()


def _by_weight(row: Row) -> tuple[bool, bool, str, str, str]:
    """What is red first, among that what is new; the rest as the files stand."""
    return not row.red, row.change not in ("new", "first"), row.file, row.vendor, row.case


def _ran(story: Story, row: Row, users: tuple[str, ...]) -> Ran:
    ended = story.finished.at if story.finished is not None else max((step.since for step in story.steps.values()), default=story.since)
    waits = [
        (step.since, step.since + step.finished.took)
        for step in story.steps.values()
        if step.finished is not None and (step.finished.states or step.finished.attempts > 1)
    ]
    return Ran(row.outcome, story.since, ended, users, row, story.started.waited or 0.0, tuple(waits[:_MOST_WAITS]))


def _write_at_once(path: Path, content: bytes) -> None:
    """Without the buffers of a file object, which ten thousand small pages need not have."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644)
    try:
        written = os.write(file, content)
        while written < len(content):
            written += os.write(file, content[written:])
    finally:
        os.close(file)
