"""
Why a scenario did not pass, as a person reads it: the line of the file with a caret, what was expected and what came, what was seen on
the way, the last answer, what to do next. The same frame as for mistakes in files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from runner.clock import written
from runner.record.events import Difference, Exchanged, Retried, StepFinished
from runner.reporters.story import Story, StoryStep
from runner.reporters.text import cells, counted, cut, one_line
from runner.source import Source, Span, excerpt

__all__ = [
    "advice",
    "cause_of",
    "compared_in",
    "exchange_line",
    "explain",
    "headline",
    "place_of",
    "pointed",
    "reason_of",
    "told_retry",
    "where",
]

_MOST_DIFFERENCES = 10
_MOST_STEPS = 3
_MOST_STATES = 8
_MOST_RETRIES = 5
# what the caret stands under: a step's word, or a value (a quoted text, or everything up to what ends it)
_WORD = re.compile(r"""[^\s,}\]#:]+""")
_VALUE = re.compile(r"""["'](?:[^"'\\]|\\.)*["']|[^\s,}\]#][^,}\]#]*?(?=\s*(?:[,}\]#]|$))""")
# what differs between two failures of the same cause: ids, numbers
_PARTICULAR = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{16,}\b|\d+(?:\.\d+)?", re.IGNORECASE)

# Codes of a check that said no: its first difference tells more than the reason, which stands below.
_CHECKS = {"F201", "F206"}
# A difference longer than this is shown as two lines below each other.
_SHORT = 60

# A longer path is cut, so that what was answered still stands in the line.
_PATH = 60

# whose fault it is → what to do when the step says nothing better
_NEXT = {
    "product": "see every exchange of it: runner run {key} -vv",
    "environment": "see whether the environment `{environment}` is up, then run it again",
    "scenario": "mend the file, then: runner check {file}",
    "plugin": "tell the people who make the plugin; the journal has the details",
    "internal": "this is our mistake; the journal has what we need to find it",
    "interrupted": "",
}

Read = Callable[[str], Source | None]


def headline(story: Story) -> str:
    """Why the scenario did not pass, in one line: what its first failing step said."""
    finished = story.finished
    red = story.red_steps
    if red:
        return reason_of(red[0])
    if finished is not None and finished.reason:
        return one_line(finished.reason)
    return "no reason was given"


def cause_of(story: Story) -> str:
    """
    The headline without what is particular to this one, so that failures of one cause share it: what was generated for the scenario, ids,
    numbers, and what came instead of what was expected.
    """
    told = compared_in(story)
    words = f"{one_line(told.path) or 'it'} is not {one_line(told.expected)}" if told is not None else headline(story)
    red = story.red_steps
    for text in red[0].finished.generated if red and red[0].finished is not None else ():
        words = words.replace(one_line(text), "#")
    return _PARTICULAR.sub("#", words)


def compared_in(story: Story) -> Difference | None:
    """The difference that the headline tells; None when it tells something else."""
    red = story.red_steps
    return _first_difference(red[0]) if red else None


def explain(story: Story, read: Read, *, width: int = 100, environment: str = "", quote: Callable[[str], str] = repr) -> list[str]:
    """
    The lines that say why.

    Sample::

        failed[F206] at step 5 of 5, `verify_status`: status is "queued", expected "sent"
          --> scenarios/reply.scenario.yaml:14:5
           |
        14 |   - verify_status: {is: sent, within: 30s}
           |     ^^^^^^^^^^^^^
           = still pending after 30 s and 11 looks
           = states seen: draft, sending (0.2s), queued (1.1s)
           = last answer: GET /api/v2/me/emails/17 gave 200 after 12ms
           = next: see every exchange of it: runner run scenarios/reply.scenario.yaml -vv
    """
    red = story.red_steps
    if not red:
        return _without_step(story, read)
    lines: list[str] = []
    for step in red[:_MOST_STEPS]:
        lines += _step(story, step, read, width)
    if len(red) > _MOST_STEPS:
        lines.append(f"   = and {counted(len(red) - _MOST_STEPS, 'more failing step')}")
    if story.finished is not None and story.finished.left_open:
        lines.append(f"   = left open: {one_line(', '.join(story.finished.left_open))}")
    lines += _next(story, red[0].finished, environment, quote)
    return lines


def _without_step(story: Story, read: Read) -> list[str]:
    finished = story.finished
    outcome, code = (finished.outcome, finished.code) if finished is not None else ("errored", "")
    lines = [f"{outcome}{_bracketed(code)}: {headline(story)}"]
    return lines + _place(read, story.started.file, (finished.line if finished else 0) or story.started.line)


def _bracketed(code: str) -> str:
    return f"[{code}]" if code else ""


def _step(story: Story, step: StoryStep, read: Read, width: int) -> list[str]:
    finished = step.finished
    if finished is None:
        return []
    lines = [f"{finished.outcome}{_bracketed(finished.code)} at {where(story, step)}: {reason_of(step)}"]
    lines += _place(read, step.started.file or story.started.file, *pointed(step))
    lines += [f"   = {line}" if not line.startswith(" ") else f"     {line}" for line in _facts(step, finished, width)]
    return lines


def where(story: Story, step: StoryStep) -> str:
    """``step 5 of 7, `verify_status```, ``clean-up, `logout```."""
    place, called = step.started.step, one_line(step.label)
    if step.started.phase == "cleanup":
        return f"clean-up, `{called}`"
    total = f" of {story.started.steps}" if place.isdigit() and story.started.steps else ""
    return f"step {place}{total}, `{called}`"


def reason_of(step: StoryStep) -> str:
    """Why the step did not pass, in one line: what differs first, where a check said no."""
    finished = step.finished
    first = _first_difference(step)
    if first is not None:
        count = len(step.check.differences) if step.check is not None else 1
        return f"{difference_line(first)}{f' (and {count - 1} more)' if count > 1 else ''}"
    return one_line(finished.reason) if finished is not None and finished.reason else "no reason was given"


def _first_difference(step: StoryStep) -> Difference | None:
    """What differs first, where that is why the step did not pass."""
    finished = step.finished
    differences = step.check.differences if step.check is not None else []
    return differences[0] if differences and (finished is None or not finished.reason or finished.code in _CHECKS) else None


def pointed(step: StoryStep) -> tuple[int, int]:
    """The line and column to point at: where the file states the one thing that differs, else the step."""
    differences = step.check.differences if step.check is not None else []
    stated = [d for d in differences if d.line]
    return (stated[0].line, stated[0].column) if stated else (step.started.line, 0)


def place_of(story: Story) -> tuple[str, int, int]:
    """The file, line and column where the scenario went wrong; column 0 is the whole line."""
    red = story.red_steps
    if red:
        return red[0].started.file or story.started.file, *pointed(red[0])
    return story.started.file, (story.finished.line if story.finished is not None else 0) or story.started.line, 0


def _place(read: Read, file: str, line: int, column: int = 0) -> list[str]:
    source = read(file)
    if source is None or not 0 < line <= len(source.lines):
        return [f"  --> {one_line(file)}:{line}"] if line else [f"  --> {one_line(file)}"]
    text = source.lines[line - 1]
    start = column - 1 if column else len(text) - len(text.lstrip(" -"))
    token = (_VALUE if column else _WORD).match(text, start)
    return excerpt(Span(source, line, start + 1, line, token.end() + 1 if token is not None else start + 2))


def _facts(step: StoryStep, finished: StepFinished, width: int) -> Iterator[str]:
    """What helps, each a line; a line that goes on with the one before it begins with a blank."""
    differences = step.check.differences if step.check is not None else []
    if finished.code == "F206" and differences:
        yield one_line(finished.reason.partition(": ")[0])
    if len(differences) > 1 or any(d.hint or len(d.expected) + len(d.got) > _SHORT for d in differences):
        yield from _table(differences[:_MOST_DIFFERENCES], width)
    if len(differences) > _MOST_DIFFERENCES:
        yield f"and {counted(len(differences) - _MOST_DIFFERENCES, 'more difference')}"
    if finished.refused and finished.refused not in finished.reason:
        yield f"refused: {one_line(finished.refused)}"
    if finished.states:
        yield f"states seen: {_states(finished.states)}"
    if finished.attempts > 1 and finished.code != "F206":
        yield f"waited {written(finished.took)}, {counted(finished.attempts, 'try')}"
    yield from (told_retry(told) for told in step.retries[:_MOST_RETRIES])
    if step.exchanges:
        yield f"last answer: {cut(exchange_line(step.exchanges[-1]), max(30, width - 5))}"
    if finished.in_doubt:
        yield "mail may have been sent: look into the customer's mailbox before running it again"


def _states(states: list[tuple[str, float]]) -> str:
    told = [one_line(name) if not at else f"{one_line(name)} ({written(at)})" for name, at in states]
    return ", ".join(told if len(told) <= _MOST_STATES else [*told[:2], "…", *told[3 - _MOST_STATES :]])


def _table(differences: list[Difference], width: int) -> Iterator[str]:
    """Each difference as two lines below each other, so that what differs can be seen."""
    for told in differences:
        path = one_line(told.path) or "it"
        room = max(20, width - 18 - cells(path))
        yield f"{path}  expected {cut(one_line(told.expected), room)}"
        yield f"{' ' * cells(path)}  got      {cut(one_line(told.got), room)}"
        if told.hint:
            yield f"{' ' * cells(path)}  {cut(one_line(told.hint), room + 9)}"


def difference_line(told: Difference) -> str:
    """``status is "queued", expected "sent"``."""
    return cut(f"{one_line(told.path) or 'it'} is {one_line(told.got)}, expected {one_line(told.expected)}", 160)


def told_retry(told: Retried) -> str:
    """``try 1: cannot connect to staging.example.com``."""
    return f"try {told.attempt}: {one_line(told.reason)}"


def exchange_line(event: Exchanged) -> str:
    """``GET /api/v2/me/emails/17 gave 200 after 12ms``."""
    parts = urlsplit(event.url)
    path = cut(one_line((parts.path or "/") + (f"?{parts.query}" if parts.query else "")), _PATH)
    if not event.http:
        return f"{event.method} {path} got no answer ({one_line(event.error) or 'nobody knows why'}) after {written(event.took)}"
    return f"{event.method} {path} gave {event.http} after {written(event.took)}"


def _next(story: Story, finished: StepFinished | None, environment: str, quote: Callable[[str], str]) -> list[str]:
    text = advice(story, finished, environment, quote)
    return [f"   = next: {text}"] if text else []


def advice(story: Story, finished: StepFinished | None, environment: str, quote: Callable[[str], str]) -> str:
    """What to do next, in one line: what the step itself says, else what helps with a fault of this kind. Empty: nothing."""
    if finished is not None and finished.hint:
        return one_line(finished.hint)
    cause = (finished.cause if finished is not None else "") or "product"
    if cause == "environment" and environment == "simulator":
        # the simulators are ours and are up
        cause = "product"
    text = _NEXT.get(cause, "").format(key=quote(story.started.scenario), file=quote(story.started.file), environment=environment)
    return one_line(text)
