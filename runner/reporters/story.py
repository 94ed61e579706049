"""
The story of each scenario while it runs: its events gathered until it ends, then handed on and forgotten.

Used by reporters that tell a scenario as a whole. What is kept grows with the scenarios that run at the same time, not with those that
have finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from msgspec import Struct, field

from runner.record.events import (
    Channel,
    Checked,
    Created,
    Event,
    Exchanged,
    Logged,
    Notified,
    Retried,
    Saved,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
)

__all__ = ["Happened", "Stories", "Story", "StoryStep", "line_of", "printed"]

_RED = ("failed", "errored")
# What can happen in a step.
Happened = Exchanged | Notified | Saved | Checked | Created | Logged | Retried
_HAPPENED = frozenset(get_args(Happened))
_IN_STEP = _HAPPENED | {StepStarted, StepFinished}


class StoryStep(Struct):
    """
    A step so far. ``check`` is its last check that did not hold; ``misses`` counts those; ``exchanges`` holds the last one, or all when
    they were asked for; ``answers`` counts them; ``retries`` are the tries that did not work and were made again; ``since`` is
    the second of the run in which it began. ``happened`` is everything that came between beginning and end, in order, when the whole
    story was asked for.
    """

    started: StepStarted
    since: float
    check: Checked | None = None
    misses: int = 0
    exchanges: list[Exchanged] = field(default_factory=list)
    answers: int = 0
    retries: list[Retried] = field(default_factory=list)
    finished: StepFinished | None = None
    happened: list[Happened] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What a person calls it: its name, else its word."""
        return self.started.name or self.started.type

    @property
    def red(self) -> bool:
        """Whether it ended, and not well."""
        return self.finished is not None and self.finished.outcome in _RED


class Story(Struct):
    """A scenario so far: its steps in the order in which they began, and what was logged about it."""

    started: ScenarioStarted
    since: float
    steps: dict[str, StoryStep] = field(default_factory=dict)
    logged: list[Logged] = field(default_factory=list)
    finished: ScenarioFinished | None = None

    @property
    def title(self) -> str:
        """``An agent answers a customer · gws [German]``."""
        case = f" [{self.started.case}]" if self.started.case else ""
        return f"{self.started.name or self.started.scenario} · {self.started.vendor}{case}"

    @property
    def current(self) -> StoryStep | None:
        """The innermost step that is under way."""
        return next((step for step in reversed(self.steps.values()) if step.finished is None), None)

    @property
    def place(self) -> str:
        """``scenarios/mail/reply.scenario.yaml:14``: the line where it stopped, else where it begins."""
        line = (self.finished.line if self.finished is not None else 0) or self.started.line
        return f"{self.started.file}:{line}"

    @property
    def outcome(self) -> str:
        """What came of it; ``not_run`` for one that never ended."""
        return self.finished.outcome if self.finished is not None else "not_run"

    @property
    def retried(self) -> list[tuple[StoryStep, Retried]]:
        """Every try that did not work and was made again, with its step."""
        return [(step, told) for step in self.steps.values() for told in step.retries]

    @property
    def red_steps(self) -> list[StoryStep]:
        """
        The steps that did not end well, in order; of a step and the steps inside it, the innermost, unless it was only interrupted when
        the time of the outer one was up.

        What went wrong in an earlier round of a block, or in one that passed all the same (a refusal was asked for), decided nothing.
        """
        ended = [step for step in self.steps.values() if step.finished is not None]
        red = [step for step in self.steps.values() if step.red and not any(_made_up_for(step, block) for block in ended)]
        red = [step for step in red if not (_interrupted(step) and any(_inside(step, other) and not _interrupted(other) for other in red))]
        return [step for step in red if not any(_inside(other, step) for other in red)]


def _interrupted(step: StoryStep) -> bool:
    return step.finished is not None and step.finished.code == "E705"


def _inside(inner: StoryStep, outer: StoryStep) -> bool:
    place = outer.started.step
    return inner is not outer and inner.started.step.startswith((f"{place}.", f"{place}#", f"{place}~"))


def _made_up_for(inner: StoryStep, block: StoryStep) -> bool:
    """Whether *block* ended by what came after *inner*: it passed, or had a later round (``3~2.1`` is a step of the second)."""
    if block.finished is None or not _inside(inner, block):
        return False
    last = f"~{block.finished.attempts}." if block.finished.attempts > 1 else "."
    return block.finished.outcome == "passed" or not inner.started.step.startswith(block.started.step + last)


class Stories:
    """
    The scenarios that are under way, by key.

    ``handle`` gives the story of the scenario that the event ended, else None. ``every_exchange`` keeps all of them, for telling each;
    ``whole`` keeps everything that happened in each step.
    """

    def __init__(self, *, every_exchange: bool = False, whole: bool = False) -> None:
        self.running: dict[str, Story] = {}
        self._every_exchange = every_exchange or whole
        self._whole = whole

    def handle(self, event: Event) -> Story | None:
        """Take an event."""
        kind = type(event)
        if kind in _IN_STEP:
            self._in_step(event)  # type: ignore[arg-type]  # as it is one of those
        elif isinstance(event, ScenarioStarted):
            self.running[event.scenario] = Story(event, event.at)
        elif isinstance(event, ScenarioFinished):
            return self._ended(event)
        return None

    def _ended(self, event: ScenarioFinished) -> Story:
        story = self.running.pop(event.scenario, None) or _unseen(event)
        story.finished = event
        return story

    def _in_step(self, event: StepStarted | Happened | StepFinished) -> None:
        story = self.running.get(event.scenario)
        if story is None:
            return
        step = story.steps.get(event.step)
        if step is not None and self._whole and type(event) in _HAPPENED:
            step.happened.append(event)  # type: ignore[arg-type]  # as it is one of those
        match event:
            case StepStarted():
                story.steps[event.step] = StoryStep(event, event.at)
            case Exchanged() if step is not None:
                self._exchanged(step, event)
            case StepFinished() if step is not None:
                self._step_ended(step, event)
            case Checked() if step is not None and not event.passed:
                step.check, step.misses = event, step.misses + 1
            case Retried() if step is not None:
                step.retries.append(event)
            case Logged():
                story.logged.append(event)
            case _:
                pass

    def _exchanged(self, step: StoryStep, event: Exchanged) -> None:
        if not self._every_exchange:
            step.exchanges.clear()
        step.exchanges.append(event)
        step.answers += 1

    def _step_ended(self, step: StoryStep, event: StepFinished) -> None:
        step.finished = event
        if not step.red and not self._every_exchange:
            step.exchanges.clear()


def _unseen(event: ScenarioFinished) -> Story:
    """A scenario whose beginning was not seen, from its key ``file::vendor[case]``."""
    file, _, rest = event.scenario.partition("::")
    vendor, _, case = rest.partition("[")
    return Story(
        ScenarioStarted(scenario=event.scenario, id="", name=file, file=file, line=1, vendor=vendor, case=case.removesuffix("]")), event.at
    )


def line_of(event: Logged) -> str:
    """What was logged; a line that was cut says how long it was."""
    return f"{event.message} … (cut; {event.size:,} characters in all)" if event.size else event.message


def printed(events: Iterable[object]) -> Mapping[Channel, str]:
    """What was printed by others: stdout, stderr or log → its lines, as one text."""
    lines: dict[Channel, list[str]] = {}
    for event in events:
        if isinstance(event, Logged) and event.stream:
            lines.setdefault(event.stream, []).append(line_of(event))
    return {stream: "\n".join(told) for stream, told in lines.items()}
