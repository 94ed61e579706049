"""
What the first page is made of, gathered a scenario at a time: the table's rows, the causes, who ran when.
"""

from __future__ import annotations

from msgspec import Struct

from runner.clock import written
from runner.reporters.failure import cause_of
from runner.reporters.html.matrix import matrix
from runner.reporters.html.rows import Cause, Row, by_weight
from runner.reporters.html.shares import parts
from runner.reporters.html.since import since
from runner.reporters.html.timeline import Queue, Ran, Timeline, ticks
from runner.reporters.html.why import Why
from runner.reporters.ordered import Ordered
from runner.reporters.retelling import Retelling
from runner.reporters.said import Said
from runner.reporters.story import Story
from runner.reporters.verdict import moment, verdict

__all__ = ["Overview", "Whole"]

_MOST_WAITS = 4


class Whole(Struct, frozen=True):
    """A scenario that is told in full within the one file: its row, and its page's inside."""

    row: Row
    text: str


class Overview:
    """The run so far."""

    def __init__(self) -> None:
        self.rows = Ordered(Row, by_weight)
        self.timeline = Timeline()
        self.whole: list[Whole] = []
        self._queue = Queue()
        self._causes: dict[str, Cause] = {}
        self._vendors: set[str] = set()
        self._tags: set[str] = set()
        self._flaky = self._in_doubt = 0

    def add(self, story: Story, row: Row, why: Why | None) -> None:
        """One more, in the order in which they ended; *why* it did not pass, for a red one. *row* is not changed any more."""
        ran = _ran(story, row)
        self.rows.add(row)
        self.timeline.add(ran)
        self._queue.add(ran)
        self._vendors.add(row.vendor)
        self._tags.update(row.tags)
        if story.finished is not None:
            self._flaky += story.finished.flaky
            self._in_doubt += story.finished.in_doubt
        if why is not None:
            cause = self._causes.setdefault(f"{row.outcome} {cause_of(story)}", Cause(why, Said(story), row.outcome))
            cause.add(row)
            cause.said.add(story)

    def model(self, retelling: Retelling) -> dict[str, object]:
        """What the template of the first page takes."""
        result, run = retelling.result, retelling.started
        return {
            "run": run,
            "result": result,
            "started": moment(run.started) if run is not None else "",
            "took": written(result.took),
            "verdict": verdict(result, self._flaky, self._in_doubt),
            "parts": parts(result.counts),
            "planned": sum(result.counts.values()),
            "causes": sorted(self._causes.values(), key=lambda cause: (not cause.is_new, -cause.count)),
            "since": since(retelling.changes, self.rows),
            "rows": self.rows,
            "vendors": sorted(self._vendors),
            "tags": sorted(self._tags),
            "matrix": matrix(self.rows),
            "timeline": self.timeline,
            "queue": self._queue.longest(),
            "ticks": ticks(result.took),
        }

    def close(self) -> None:
        """Forget the rows."""
        self.rows.close()
        self.timeline.close()


def _ran(story: Story, row: Row) -> Ran:
    ended = story.finished.at if story.finished is not None else max((step.since for step in story.steps.values()), default=story.since)
    waits = [
        (step.since, step.since + step.finished.took)
        for step in story.steps.values()
        if step.finished is not None and (step.finished.states or step.finished.attempts > 1)
    ]
    users = tuple(dict.fromkeys(story.started.actors.values()))
    return Ran(row.outcome, story.since, ended, users, row, story.started.waited or 0.0, tuple(waits[:_MOST_WAITS]))
