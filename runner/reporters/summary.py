"""
The end of a run in a few lines: counts that add up, what the failures have in common, the slowest, how to run the rest again.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct, field

from runner.clock import written
from runner.record.events import OUTCOMES, Drifted, RunFinished, RunStarted
from runner.reporters.failure import cause_of, place_of
from runner.reporters.said import Said
from runner.reporters.story import Story
from runner.reporters.text import counted, one_line

__all__ = ["Tally", "again", "drift_lines", "troubles"]

_SLOWEST = 3
_MOST_CAUSES = 10
_MOST_EXAMPLES = 3
_MOST_DRIFT = 5

_ENDED = {
    "fail_fast": "stopped at the first failure, as asked",
    "interrupted": "interrupted",
    "terminated": "stopped from outside",
    "timeout": "stopped: the whole run took too long",
    "broken": "broken off",
}


class _Cause(Struct):
    """Failures that say the same: what, where some of them are, how many."""

    said: Said
    count: int = 0
    examples: list[str] = field(default_factory=list)


class Tally:
    """Counts what ended. Its size does not grow with the number of scenarios that pass."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.flaky = 0
        self.in_doubt = 0
        self._slowest: list[tuple[float, str]] = []
        self._causes: dict[str, _Cause] = {}

    @property
    def done(self) -> int:
        """How many scenarios ended."""
        return self.outcomes.total()

    @property
    def red(self) -> int:
        """How many ended, and not well."""
        return self.outcomes["failed"] + self.outcomes["errored"]

    def add(self, story: Story) -> None:
        """A scenario ended."""
        finished = story.finished
        if finished is None:
            return
        self.outcomes[finished.outcome] += 1
        self.flaky += finished.flaky
        self.in_doubt += finished.in_doubt
        self._slow(finished.took, story.title)
        if finished.outcome in ("failed", "errored"):
            self._blame(story)

    def _slow(self, took: float, title: str) -> None:
        keep = heapq.heappush if len(self._slowest) < _SLOWEST else heapq.heappushpop
        keep(self._slowest, (took, title))

    def _blame(self, story: Story) -> None:
        cause = self._causes.setdefault(cause_of(story), _Cause(Said(story)))
        cause.said.add(story)
        cause.count += 1
        if len(cause.examples) < _MOST_EXAMPLES:
            file, line, _ = place_of(story)
            case = f" [{story.started.case}]" if story.started.case else ""
            cause.examples.append(one_line(f"{file}:{line} {story.started.vendor}{case}"))

    def counts(self, planned: int, not_run: int) -> str:
        """``21 passed (1 only after a retry), 2 failed, 1 unsupported, 3 not run of 27 planned``."""
        words = {"passed": f" ({self.flaky} only after a retry)" if self.flaky else ""}
        told = [f"{n} {outcome}{words.get(outcome, '')}" for outcome in OUTCOMES if (n := self.outcomes[outcome])]
        if not_run:
            told.append(f"{not_run} not run")
        total = f" of {planned} planned" if len(told) > 1 else ""
        return (", ".join(told) or "nothing ran") + total

    def lines(self) -> Iterator[tuple[str, str]]:
        """The lines below the counts, each with its heading."""
        causes = sorted(self._causes.values(), key=lambda cause: -cause.count)
        for number, cause in enumerate(causes[:_MOST_CAUSES]):
            yield "" if number else "why", f"{cause.count} × {one_line(cause.said.words)}"
            more = f", and {cause.count - len(cause.examples)} more" if cause.count > len(cause.examples) else ""
            yield "", f"    {', '.join(cause.examples)}{more}"
        if len(causes) > _MOST_CAUSES:
            yield "", f"and {counted(len(causes) - _MOST_CAUSES, 'more cause')}"
        if self.in_doubt:
            yield "in doubt", f"{counted(self.in_doubt, 'scenario')} may have sent mail that nobody saw arrive"
        if self.done > _SLOWEST:
            for number, (took, title) in enumerate(sorted(self._slowest, reverse=True)):
                yield "" if number else "slowest", f"{written(took):<6} {one_line(title)}"


def drift_lines(drift: Sequence[Drifted], folder: Path, quote: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """How the vendors' answers differ from their contracts, in a few lines, each with its heading."""
    if not drift:
        return
    vendors = Counter(one.vendor for one in drift)
    each = ", ".join(f"{vendor} {number}" for vendor, number in sorted(vendors.items()))
    yield "drift", f"answers differ from the vendor's contract in {counted(len(drift), 'place')} ({each}); no scenario fails by it"
    for one in drift[:_MOST_DRIFT]:
        yield "", one_line(f"    {one.vendor}: {one.kind}, {one.operation} → {one.http}{f' {one.place}' if one.place else ''}")
    elsewhere = "" if folder.parent == Path("reports") else f" --reports {quote(folder.parent.as_posix())}"
    yield "", f"    all of it: runner drift {quote(folder.name)}{elsewhere}"


def troubles(tally: Tally, started: RunStarted | None, finished: RunFinished | None) -> Iterator[str]:
    """What else keeps the run from being whole."""
    if finished is None:
        yield "the run did not end: this is what the journal has"
        return
    if finished.ended != "complete":
        yield _ENDED.get(finished.ended, finished.ended)
    yield from (one_line(problem) for problem in finished.problems)
    counted_there = {outcome: n for outcome, n in finished.counts.items() if n}
    if counted_there != {outcome: n for outcome, n in tally.outcomes.items() if n}:
        yield f"the counts do not agree: the run counted {counted_there}, the events give {dict(tally.outcomes)}"
    if started is not None and tally.done + finished.not_run != started.planned:
        yield f"{started.planned} were planned, {tally.done} ended, {finished.not_run} were not run: that does not add up"


def again(started: RunStarted, folder: Path, quote: Callable[[str], str]) -> str:
    """The command that runs again what did not pass, and only that."""
    parts = ["runner run --failed", quote(folder.name), f"--seed {started.seed}"]
    if folder.parent != Path("reports"):
        parts.append(f"--reports {quote(folder.parent.as_posix())}")
    if started.environment != "simulator":
        parts.append(f"--environment {quote(started.environment)}")
    given = started.arguments.get("variables")
    if isinstance(given, dict):
        parts += [f"--set {quote(f'{name}={value}')}" for name, value in given.items()]
    return " ".join(parts)
