"""
Why a scenario did not pass, as a page shows it: where, the lines of the file around it, expected and got, what was seen, what to do next.
"""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup
from msgspec import Struct, field

from runner.clock import written
from runner.reporters.failure import advice, exchange_line, headline, pointed, reason_of
from runner.reporters.html.listing import Line, around
from runner.reporters.html.shown import shown
from runner.reporters.html.steps import Compared, compared_differences
from runner.reporters.story import Story, StoryStep
from runner.reporters.text import counted
from runner.source import Source

__all__ = ["Reason", "Why", "why_of"]

_MOST_DIFFERENCES = 20
_MOST_STEPS = 5
_NEVER_ENDED = "it began, and the run ended before it did"

Read = Callable[[str], Source | None]


class Reason(Struct, frozen=True):
    """One step that did not end well; or none, when the scenario stopped outside of its steps."""

    says: Markup
    code: str
    where: str
    place: str
    word: str
    file: str
    line: int
    lines: list[Line]
    differences: list[Compared] = field(default_factory=list)
    more_differences: int = 0
    states: list[tuple[str, str]] = field(default_factory=list)
    tried: str = ""
    answer: Markup | None = None
    refused: str = ""


class Why(Struct, frozen=True):
    """
    Everything that explains a red scenario. ``again`` is the command that runs it once more; ``wrong`` maps a file → the lines where it
    went wrong.
    """

    headline: Markup
    reasons: list[Reason]
    more: int
    next: Markup
    again: str
    wrong: dict[str, set[int]]


def why_of(story: Story, read: Read, *, environment: str, quote: Callable[[str], str]) -> Why:
    """Why *story* did not pass."""
    red = story.red_steps
    reasons = [_reason(story, step, read) for step in red[:_MOST_STEPS]] or [_without_step(story, read)]
    wrong: dict[str, set[int]] = {}
    for reason in reasons:
        wrong.setdefault(reason.file, set()).add(reason.line)
    says = headline(story) if story.finished is not None else _NEVER_ENDED
    again = f"runner run {quote(story.started.scenario)}"
    return Why(shown(says), reasons, max(0, len(red) - _MOST_STEPS), _next(story, environment, quote), again, wrong)


def _next(story: Story, environment: str, quote: Callable[[str], str]) -> Markup:
    """What to do; that there are exchanges to be seen need not be said on a page that shows them."""
    red = story.red_steps
    finished = red[0].finished if red else None
    told = advice(story, finished, environment, quote)
    return Markup() if told.startswith("see every exchange") else shown(told)


def _reason(story: Story, step: StoryStep, read: Read) -> Reason:
    finished = step.finished
    file = step.started.file or story.started.file
    line, _ = pointed(step)
    differences = step.check.differences if step.check is not None else []
    return Reason(
        says=shown(reason_of(step)),
        code=finished.code if finished is not None else "",
        where=_where(story, step),
        place=step.started.step,
        word=step.label,
        file=file,
        line=line,
        lines=around(read(file), line),
        differences=list(compared_differences(differences[:_MOST_DIFFERENCES])),
        more_differences=max(0, len(differences) - _MOST_DIFFERENCES),
        states=[(name, written(at) if at else "") for name, at in finished.states] if finished is not None else [],
        tried=f"waited {written(finished.took)}, {counted(finished.attempts, 'try')}" if finished and finished.attempts > 1 else "",
        answer=shown(exchange_line(step.exchanges[-1])) if step.exchanges else None,
        refused=finished.refused if finished is not None else "",
    )


def _where(story: Story, step: StoryStep) -> str:
    place = step.started.step
    if step.started.phase == "cleanup":
        return "in the clean-up"
    return f"in step {place} of {story.started.steps}" if place.isdigit() and story.started.steps else f"in step {place}"


def _without_step(story: Story, read: Read) -> Reason:
    finished = story.finished
    line = (finished.line if finished is not None else 0) or story.started.line
    file = story.started.file
    says = headline(story) if finished is not None else _NEVER_ENDED
    return Reason(shown(says), finished.code if finished is not None else "", "", "", "", file, line, around(read(file), line))
