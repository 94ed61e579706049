"""
The page of one scenario: why it did not pass, its steps, and the file beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from runner.history import Change
from runner.record.events import Logged
from runner.reporters.html.listing import Listing, listings
from runner.reporters.html.place import FOLDER, page_name
from runner.reporters.html.rows import Row
from runner.reporters.html.shown import marked
from runner.reporters.html.steps import StepView, anchor, steps_of
from runner.reporters.html.why import Why
from runner.reporters.story import Story, printed
from runner.reporters.verdict import moment
from runner.source import Source

__all__ = ["Neighbour", "StoryPage", "story_page"]


class Neighbour(Struct, frozen=True):
    """The red scenario before or after this one."""

    name: str
    link: str


class StoryPage(Struct, frozen=True):
    """Everything on the page. ``last_passed`` is (when, link) of the night in which it passed last."""

    row: Row
    description: str
    actors: list[tuple[str, str]]
    code: str
    why: Why | None
    steps: list[StepView]
    cleanup: list[StepView]
    listings: list[Listing]
    notes: list[tuple[str, str, str]]
    left_open: list[str]
    in_doubt: bool
    flaky: bool
    last_passed: tuple[str, str] | None
    before: Neighbour | None
    after: Neighbour | None

    @property
    def first_red(self) -> str:
        """The anchor of the step that went wrong first."""
        return anchor(self.why.reasons[0].place) if self.why is not None else ""


def story_page(
    story: Story,
    row: Row,
    why: Why | None,
    change: Change,
    sources: Mapping[str, Source],
    *,
    before: Neighbour | None,
    after: Neighbour | None,
) -> StoryPage:
    """The page of *story*."""
    started, finished = story.started, story.finished
    steps = steps_of(story)
    passed = change.last_passed
    name = page_name(started.file, started.vendor, started.case, started.scenario)
    return StoryPage(
        row=row,
        description=started.description,
        actors=list(started.actors.items()),
        code=finished.code if finished is not None else "",
        why=why,
        steps=[step for step in steps if not step.cleanup],
        cleanup=[step for step in steps if step.cleanup],
        listings=listings(started.file, sources, steps, why.wrong if why is not None else {}),
        notes=list(_notes([told for told in story.logged if told.step not in story.steps])),
        left_open=finished.left_open if finished is not None else [],
        in_doubt=finished.in_doubt if finished is not None else False,
        flaky=finished.flaky if finished is not None else False,
        last_passed=(moment(passed.started), f"../../{passed.run}/{FOLDER}/{name}") if passed is not None and row.red else None,
        before=before,
        after=after,
    )


def _notes(logged: Sequence[Logged]) -> Iterator[tuple[str, str, str]]:
    """What belongs to no step: its level, its code, and what it says."""
    yield from ((told.level, told.code, marked(told.message)) for told in logged if not told.stream)
    yield from (("printed", stream, marked(text)) for stream, text in printed(logged).items())
