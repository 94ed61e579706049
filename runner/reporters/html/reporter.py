"""
Writes the pages: ``index.html`` for the run, ``html/`` with a page for each scenario, ``report.html`` with all of it in one file.

Pages are made one by one while the run is told again, so memory does not grow with what the scenarios did.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from functools import cached_property
from pathlib import Path

from runner.record.result import ScenarioResult
from runner.reporters.base import ReportContext
from runner.reporters.files import write_file
from runner.reporters.html.overview import Overview, Whole
from runner.reporters.html.pages import Pages
from runner.reporters.html.place import FOLDER, page_name
from runner.reporters.html.rows import Row, strip
from runner.reporters.html.story_page import Neighbour, StoryPage, story_page
from runner.reporters.html.why import why_of
from runner.reporters.story import Story
from runner.reporters.verdict import badge
from runner.source import Source

__all__ = ["HtmlReporter"]

INDEX, ONE_FILE = "index.html", "report.html"
# How much of the stories goes into the one file, in characters; red ones come first.
_MOST_EMBEDDED = 6_000_000
# A run with more scenarios than this has only its red ones told in the one file.
_SMALL_RUN = 200


class HtmlReporter:
    """Writes the HTML report when the run is over."""

    name = "html"

    def __init__(self, context: ReportContext) -> None:
        self._context = context
        self._retelling = context.retelling
        self.handle = self._retelling.hear
        self._retelling.join(self)
        self._overview = Overview()
        self._room = _MOST_EMBEDDED
        self._red: list[ScenarioResult] = []
        self._places: dict[str, int] = {}
        self._stale: set[str] = set()

    def close(self) -> None:
        """Write everything; the first page comes last, so that what it points at is there."""
        try:
            if self._retelling.started is not None:
                self._retelling.tell_all(self)
                self._first_pages()
                self._forget_stale()
        finally:
            self._overview.close()

    def begin(self) -> None:
        """The run is going to be told: who did not pass is known already, and what all pages share is written."""
        self._red = [s for s in self._retelling.result.scenarios if s.outcome in ("failed", "errored", "not_run")]
        self._places = {scenario.key: n for n, scenario in enumerate(self._red)}
        folder = self._folder / FOLDER
        self._stale = {path.name for path in folder.glob("*.html")}
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
        page = self._page(story, row)
        text = self._pages.story(page)
        # at once rather than in one piece with a change of names, which costs more than the page itself
        _write_at_once(self._folder / row.link, self._pages.page(page, text))
        self._stale.discard(row.link.rpartition("/")[2])
        self._tell_in_full(row, page)
        self._overview.add(story, row, page.why)

    def _row(self, story: Story) -> Row:
        started, finished = story.started, story.finished
        change = self._retelling.changes[started.scenario]
        notes = [
            note for note, there in (("after a retry", finished and finished.flaky), ("in doubt", finished and finished.in_doubt)) if there
        ]
        return Row(
            key=started.scenario,
            name=started.name or started.scenario,
            case=started.case,
            vendor=started.vendor,
            file=started.file,
            link=f"{FOLDER}/{page_name(started.file, started.vendor, started.case, started.scenario)}",
            line=(finished.line if finished is not None else 0) or started.line,
            tags=tuple(started.tags),
            outcome=story.outcome,
            took=finished.took if finished is not None else 0.0,
            began=story.since,
            reason=finished.reason if finished is not None and finished.outcome in ("skipped", "unsupported") else "",
            change=change.kind,
            badge=badge(change),
            strip=strip(change),
            notes=tuple(notes),
        )

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

    def _tell_in_full(self, row: Row, page: StoryPage) -> None:
        """In the one file, where there is room for it."""
        if not row.red and len(self._retelling.result.scenarios) > _SMALL_RUN:
            return
        prefix = f"s{len(self._overview.rows) + 1}-"
        text = self._pages.story(page, prefix=prefix)
        if len(text) <= self._room:
            self._room -= len(text)
            row.story = f"#{prefix}top"
            self._overview.whole.append(Whole(row, text))

    # ── the run ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _first_pages(self) -> None:
        told = self._overview.model(self._retelling)
        told["folder"] = self._folder.as_posix()
        told["again"] = f"runner run --failed {shlex.quote(self._context.folder.name)}"
        write_file(self._folder / ONE_FILE, self._pages.index(told, one_file=True, stories=self._overview.whole))
        write_file(self._folder / INDEX, self._pages.index(told, one_file=False, stories=()))

    def _forget_stale(self) -> None:
        """Pages of an earlier report of this run that belong to no scenario any more."""
        for name in self._stale:
            with contextlib.suppress(OSError):
                (self._folder / FOLDER / name).unlink()


def _write_at_once(path: Path, content: bytes) -> None:
    """Without the buffers of a file object, which ten thousand small pages need not have."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644)
    try:
        written = os.write(file, content)
        while written < len(content):
            written += os.write(file, content[written:])
    finally:
        os.close(file)
