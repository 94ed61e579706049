"""
What a run is doing now, in a line each: for the live region of a terminal, and for the heartbeat of a log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runner.clock import Duration, written
from runner.reporters.failure import exchange_line
from runner.reporters.story import Story, StoryStep
from runner.reporters.text import cells, cut, one_line

__all__ = ["heartbeat", "running_lines"]

# A line with less room than this beside step and age says nothing of what is waited for.
_ROOM_FOR_WAITS = 30


def running_lines(stories: Iterable[Story], *, now: float, limit: str, width: int, most: int) -> list[str]:
    """
    One line for each running scenario, the oldest first: scenario › step › what it waits for › age/limit.

    *now* is the second of the run; *limit* is the limit of a step that has none of its own; *most* is how many lines there is room for.
    """
    running = sorted(stories, key=lambda story: story.since)
    shown = [_running(story, now, limit, width) for story in running[:most]]
    if len(running) > most:
        shown.append(cut(f"  … and {len(running) - most} more", width))
    return shown


def _running(story: Story, now: float, limit: str, width: int) -> str:
    step = story.current
    if step is None:
        return cut(f"  {one_line(story.title)} › {written(now - story.since)}", width)
    age = f" › {written(now - step.since)}/{_limit(step, limit)}"
    doing = f" › {one_line(step.label)}"
    room = width - 2 - cells(age) - cells(doing)
    waits = waiting(step) if room >= _ROOM_FOR_WAITS else ""
    title = cut(one_line(story.title), max(8, room * 2 // 3 if waits else room))
    waits = f" › {cut(waits, room - cells(title) - 3)}" if waits else ""
    return cut(f"  {title}{cut(doing, max(6, width - 10 - cells(age)))}{waits}{age}", width)


def waiting(step: StoryStep) -> str:
    """What a step waits for: ``status is "queued", not yet "sent"``, or what it was asked, or the last answer it got."""
    if step.check is not None and step.check.differences:
        told = step.check.differences[0]
        return one_line(f"{told.path} is {told.got}, not yet {told.expected}")
    tries = f", {step.answers} answers" if step.answers > 1 else ""
    asked = _asked(step.started.parameters)
    if asked:
        return f"{asked}{tries}"
    return exchange_line(step.exchanges[-1]) + tries if step.exchanges else ""


def _asked(parameters: object) -> str:
    """``is sent``: what a step that waits was asked for."""
    if not isinstance(parameters, Mapping) or "within" not in parameters:
        return ""
    return one_line(", ".join(f"{name} {value}" for name, value in parameters.items() if name != "within" and value is not None))


def _limit(step: StoryStep, limit: str) -> str:
    parameters = step.started.parameters
    within = parameters.get("within") if isinstance(parameters, Mapping) else None
    try:
        return str(Duration.parse(within)) if within is not None else limit
    except ValueError:
        return limit


def heartbeat(stories: Iterable[Story], *, done: int, planned: int, now: float, limit: str) -> str:
    """``12 of 24 done after 30s; longest: An agent … · gws › verify_status › is sent › 28s/30s``."""
    oldest = min(stories, key=lambda story: story.current.since if story.current else story.since, default=None)
    longest = f"; longest: {_running(oldest, now, limit, 160).strip()}" if oldest is not None else ""
    return f"{done} of {planned} done after {written(now)}{longest}"
