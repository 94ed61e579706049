"""
What did not pass, grouped by what it says: 37 red scenarios with two causes are two things to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct, field

from runner.reporters.failure import cause_of, explain, place_of
from runner.reporters.said import Said
from runner.reporters.story import Story
from runner.source import Source

__all__ = ["Cause", "Causes", "Place"]

_MOST_PLACES = 50


class Place(Struct, frozen=True):
    """One red scenario: its key, what it is called, where it went wrong."""

    key: str
    title: str
    file: str
    line: int
    column: int
    outcome: str


class Cause(Struct):
    """
    Scenarios that say the same; ``why`` is the explanation of the first, in lines; ``hint`` what to do. ``key`` is the same for the same
    cause in every run.
    """

    key: str
    said: Said
    outcome: str
    code: str
    why: list[str]
    hint: str
    count: int = 0
    places: list[Place] = field(default_factory=list)

    @property
    def headline(self) -> str:
        """What they say, in a line."""
        return "it began, and the run ended before it did" if self.outcome == "not_run" else self.said.words


class Causes:
    """Gathers them, the most frequent first. Its size grows with the number of causes."""

    def __init__(self, read: Callable[[str], Source | None], *, environment: str, quote: Callable[[str], str]) -> None:
        self._read = read
        self._environment = environment
        self._quote = quote
        self._found: dict[str, Cause] = {}

    def __iter__(self) -> Iterator[Cause]:
        return iter(sorted(self._found.values(), key=lambda cause: -cause.count))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def red(self) -> int:
        """How many scenarios did not pass."""
        return sum(cause.count for cause in self._found.values())

    def add(self, story: Story) -> None:
        """A scenario; what passed, or was not to run, is left alone."""
        if story.outcome not in ("failed", "errored", "not_run"):
            return
        key = f"{story.outcome} {cause_of(story)}"
        cause = self._found.get(key)
        if cause is None:
            cause = self._found[key] = self._cause(key, story)
        cause.count += 1
        cause.said.add(story)
        if len(cause.places) < _MOST_PLACES:
            cause.places.append(_place(story))

    def _cause(self, key: str, story: Story) -> Cause:
        red = story.red_steps
        finished = red[0].finished if red else None
        if story.finished is None:
            return Cause(key, Said(story), "not_run", "", [], "")
        why = explain(story, self._read, environment=self._environment, quote=self._quote)
        code = (finished.code if finished is not None else "") or story.finished.code
        return Cause(key, Said(story), story.outcome, code, why, finished.hint if finished is not None else "")


def _place(story: Story) -> Place:
    return Place(story.started.scenario, story.title, *place_of(story), story.outcome)
