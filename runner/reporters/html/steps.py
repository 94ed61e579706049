"""
A scenario's steps as the page shows them: nested as in the file, each with what happened in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup
from msgspec import Struct, field

from runner.clock import written
from runner.record.events import Checked, Created, Difference, Exchanged, Logged, Notified, Retried, Saved
from runner.reporters.html.exchange import ExchangeView, exchange
from runner.reporters.html.shown import compared, marked, plain_value
from runner.reporters.story import Story, StoryStep, printed
from runner.reporters.text import counted, cut, one_line

__all__ = ["Compared", "StepView", "anchor", "compared_differences", "steps_of"]

_INNERMOST = re.compile(r"[.#~]\d+$")
# Of many exchanges in one step (somebody waited long) the first and the last are shown.
_FIRST_SHOWN, _LAST_SHOWN = 5, 25
_MOST_NOTED = 100
_BRIEF = 120


class Compared(Struct, frozen=True):
    """A difference, side by side."""

    path: str
    expected: Markup
    got: Markup
    hint: str


class StepView(Struct):
    """
    A step. ``bar`` is where it lies in its scenario, begin and length in thousandths. ``values`` are the rendered parameters, escaped,
    ``brief`` a line of them, ``saved`` what was kept; ``notes`` is everything else that happened, in words. ``left_out`` counts exchanges
    that are in the journal alone.
    """

    place: str
    word: str
    label: str
    actor: str
    line: int
    file: str
    cleanup: bool
    outcome: str
    took: str
    reason: str = ""
    code: str = ""
    hint: str = ""
    in_doubt: bool = False
    refused: str = ""
    attempts: int = 1
    retries: int = 0
    bar: tuple[int, int] = (0, 0)
    brief: str = ""
    values: list[tuple[str, str]] = field(default_factory=list)
    saved: list[tuple[str, str]] = field(default_factory=list)
    states: list[tuple[str, str]] = field(default_factory=list)
    differences: list[Compared] = field(default_factory=list)
    checks: str = ""
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    exchanges: list[ExchangeView] = field(default_factory=list)
    left_out: int = 0
    inside: list[StepView] = field(default_factory=list)
    shows_more: bool = False

    @property
    def anchor(self) -> str:
        """Its name on the page."""
        return anchor(self.place)

    @property
    def number(self) -> str:
        """Its place among the steps, or in the clean-up."""
        return self.place.removeprefix("cleanup.")

    @property
    def red(self) -> bool:
        """Whether it did not end well."""
        return self.outcome in ("failed", "errored", "not_run")

    @property
    def first_shown(self) -> int:
        """After how many exchanges some are left out, where some are."""
        return _FIRST_SHOWN

    def has_more(self) -> bool:
        """Whether there is anything to unfold; known when the steps inside it are."""
        return bool(
            self.reason
            or self.values
            or self.saved
            or self.states
            or self.differences
            or self.notes
            or self.exchanges
            or self.inside
            or self.checks
            or self.hint
        )


def steps_of(story: Story) -> list[StepView]:
    """The outermost steps of *story*, with the others inside them."""
    total = max(_length(story), 1e-6)
    outermost: list[StepView] = []
    views: dict[str, StepView] = {}
    for place, step in story.steps.items():
        view = views[place] = _step(story, step, total)
        parent = _parent(place, views)
        (views[parent].inside if parent else outermost).append(view)
    for view in views.values():
        view.shows_more = view.has_more()
    return outermost


def anchor(place: str) -> str:
    """The name of a step on its page."""
    return place.replace("#", "-").replace("~", "-again-")


def _length(story: Story) -> float:
    if story.finished is not None:
        return story.finished.at - story.since
    return max((step.since for step in story.steps.values()), default=story.since) - story.since


def _parent(place: str, known: dict[str, StepView]) -> str:
    """The nearest place around *place* that is there: ``3#2.1`` stands in ``3#2``, else in ``3``."""
    while (outer := _INNERMOST.sub("", place)) != place:
        if outer in known:
            return outer
        place = outer
    return ""


def _step(story: Story, step: StoryStep, total: float) -> StepView:
    started, finished = step.started, step.finished
    view = StepView(
        place=started.step,
        word=started.type,
        label=started.name,
        actor=started.actor,
        line=started.line,
        file=started.file if started.file != story.started.file else "",
        cleanup=started.phase == "cleanup",
        outcome=finished.outcome if finished is not None else "not_run",
        took=written(finished.took) if finished is not None else "did not end",
        bar=_bar(step.since - story.since, finished.took if finished is not None else 0.0, total),
        brief=_brief(started.parameters),
        values=list(_values(started.parameters)),
    )
    if finished is not None:
        view.reason, view.code, view.hint = finished.reason, finished.code, finished.hint
        view.in_doubt, view.refused, view.attempts = finished.in_doubt, finished.refused, finished.attempts
        view.states = [(name, written(at) if at else "") for name, at in finished.states]
    view.retries = len(step.retries)
    _happened(view, step)
    return view


def _bar(begin: float, length: float, total: float) -> tuple[int, int]:
    start = min(990, max(0, round(begin / total * 1000)))
    return start, max(4, min(1000 - start, round(length / total * 1000)))


def _values(parameters: Any) -> Iterator[tuple[str, str]]:
    if isinstance(parameters, dict):
        yield from ((str(name), marked(plain_value(value))) for name, value in parameters.items() if value is not None)
    elif parameters is not None:
        yield "", marked(plain_value(parameters))


def _brief(parameters: Any) -> str:
    """``to joe@example.com, subject Your order``: enough to tell what a step is about."""
    if not isinstance(parameters, dict):
        return cut(one_line(str(parameters)), _BRIEF) if parameters is not None else ""
    told = [f"{name} {_told(value)}" for name, value in parameters.items() if _is_brief(value) and name != "as"]
    return cut(one_line(", ".join(told)[: 4 * _BRIEF]), _BRIEF)


def _is_brief(value: Any) -> bool:
    return isinstance(value, (str, int, float)) or (isinstance(value, list) and all(isinstance(item, (str, int, float)) for item in value))


def _told(value: Any) -> str:
    """A value, or the items of a list: ``are invoice.pdf, terms.pdf``; an empty one is ``[]``."""
    return (", ".join(map(str, value)) or "[]") if isinstance(value, list) else str(value)


def _happened(view: StepView, step: StoryStep) -> None:
    exchanges = [event for event in step.happened if isinstance(event, Exchanged)]
    view.left_out = max(0, len(exchanges) - _FIRST_SHOWN - _LAST_SHOWN)
    kept = exchanges[:_FIRST_SHOWN] + exchanges[-_LAST_SHOWN:] if view.left_out else exchanges
    view.exchanges = [exchange(event) for event in kept]
    for event in step.happened:
        match event:
            case Saved():
                view.saved.append((event.name, marked(plain_value(event.value))))
            case Checked():
                view.checks = counted(event.checks, "check") if event.passed else view.checks
                view.differences = list(compared_differences(event.differences))
            case Logged() if event.stream:
                pass
            case Notified() | Created() | Logged() | Retried() if len(view.notes) < _MOST_NOTED:
                view.notes.append(_note(event))
            case _:
                pass
    view.notes += [("printed", stream, marked(text)) for stream, text in printed(step.happened).items()]


def _note(event: Notified | Created | Logged | Retried) -> tuple[str, str, str]:
    """What kind it is, its name, and what it says."""
    match event:
        case Notified():
            return "pushed", event.name, marked(plain_value(event.body)) if event.body is not None else ""
        case Created():
            undo = f", undone by {event.undo}" if event.undo else ""
            return "created", "", marked(f"{event.kind} {event.id}{undo}")
        case Retried():
            return f"try {event.attempt} did not work", event.code, marked(event.reason)
        case Logged():
            return event.level, event.code, marked(event.message)


def compared_differences(differences: Iterable[Difference]) -> Iterator[Compared]:
    """Each difference, with what differs marked."""
    for told in differences:
        expected, got = compared(told.expected, told.got)
        yield Compared(told.path or "it", expected, got, told.hint)
