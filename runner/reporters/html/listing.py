"""
The file beside the steps: each line with its number, what came of the step that stands there, and where it went wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import NamedTuple

from markupsafe import Markup
from msgspec import Struct

from runner.reporters.html.shown import marked
from runner.reporters.html.steps import StepView
from runner.source import Source

__all__ = ["Line", "Listing", "around", "line_markup", "listings"]

_KEY = re.compile(r"^(\s*(?:- )*)([\w.\[\]#-]+)(:)(?=\s|$)|^(\s*(?:- )+)([\w.]+)(?=\s*$)")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_MOST_LINES = 2_000
_CONTEXT = 2
# The same lines and files are shown for each vendor and case.
_REMEMBERED, _FILES_REMEMBERED = 20_000, 64


class Line(NamedTuple):
    """One line. ``outcome`` is that of the step that begins here, ``step`` its anchor; ``wrong``: this is where it went wrong."""

    number: int
    text: str
    outcome: str = ""
    step: str = ""
    wrong: bool = False


class _Mark(NamedTuple):
    """What came of the step that begins in a line, and its anchor."""

    line: int
    outcome: str
    step: str


class Listing(Struct, frozen=True):
    """A file: what came of the steps that begin in it, and the lines where it went ``wrong``."""

    source: Source
    begun: tuple[_Mark, ...]
    wrong: frozenset[int]

    @property
    def file(self) -> str:
        """Its name."""
        return self.source.name

    @property
    def more(self) -> int:
        """How many lines are not shown."""
        return max(0, len(_texts(self.source)) - _MOST_LINES)

    def markup(self, prefix: str) -> str:
        """Its lines; *prefix* is that of the anchors."""
        return _markup(self, prefix)


def listings(own: str, sources: Mapping[str, Source], steps: Iterable[StepView], wrong: Mapping[str, set[int]]) -> list[Listing]:
    """The files that a scenario went through, its *own* first; *wrong* maps a file → the lines where it went wrong."""
    marks: dict[tuple[str, int], StepView] = {}
    for step in _all(steps):
        key = (step.file or own, step.line)
        if key not in marks or (step.red and not marks[key].red):
            marks[key] = step
    used = dict.fromkeys([own, *sorted({file for file, _ in marks})])
    return [_listing(sources[file], marks, wrong.get(file, set())) for file in used if file in sources]


def _listing(source: Source, marks: Mapping[tuple[str, int], StepView], wrong: set[int]) -> Listing:
    begun = [_Mark(line, step.outcome, step.anchor) for (file, line), step in marks.items() if file == source.name]
    return Listing(source, tuple(begun), frozenset(wrong))


@lru_cache(_FILES_REMEMBERED)
def _markup(listing: Listing, prefix: str) -> str:
    begun = {mark.line: mark for mark in listing.begun}
    lines = enumerate(_texts(listing.source)[:_MOST_LINES], 1)
    return "".join([line_markup(_line(number, text, begun.get(number), number in listing.wrong), prefix) for number, text in lines])


def _texts(source: Source) -> list[str]:
    return source.lines[:-1] if source.lines and not source.lines[-1] else source.lines


def _line(number: int, text: str, mark: _Mark | None, wrong: bool) -> Line:
    return Line(number, text, mark.outcome, mark.step, wrong) if mark is not None else Line(number, text, wrong=wrong)


def _all(steps: Iterable[StepView]) -> Iterator[StepView]:
    for step in steps:
        yield step
        yield from _all(step.inside)


def around(source: Source | None, line: int) -> list[Line]:
    """The line that is meant, with two before and two after it; nothing when there is no such line."""
    if source is None or not 0 < line <= len(source.lines):
        return []
    first = max(1, line - _CONTEXT)
    texts = source.lines[first - 1 : line + _CONTEXT]
    while texts and not texts[-1].strip() and first + len(texts) - 1 > line:
        texts.pop()
    return [Line(number, text, wrong=number == line) for number, text in enumerate(texts, first)]


@lru_cache(_REMEMBERED)
def line_markup(line: Line, prefix: str = "") -> Markup:
    """A line as it stands on the page: its number, which leads to the step that begins there, and its text."""
    outcome = f" {line.outcome}" if line.outcome else ""
    number = f'<span class="number">{line.number}</span>'
    if line.step:
        where = f"{prefix}step-{escape(line.step)}"
        number = f'<a class="number" href="#{where}">{line.number}<span class="unseen">{outcome}</span></a>'
    wrong = " wrong" if line.wrong else ""
    return Markup(f'<span class="line{wrong}{outcome}">{number}{coloured(line.text)}\n</span>')  # noqa: S704 - escaped


@lru_cache(_REMEMBERED)
def coloured(text: str) -> str:
    """A line of YAML with its key and its comment told apart; everything in it is escaped."""
    comment = _COMMENT.search(text) if text.lstrip().startswith("#") else None
    if comment is not None:
        return f'<span class="y-comment">{escape(text)}</span>'
    match = _KEY.match(text)
    if match is None:
        return marked(text)
    before, key, colon = (match[1], match[2], match[3]) if match[2] else (match[4], match[5], "")
    return f"{before}<span class='y-key'>{escape(key)}</span>{colon}{marked(text[match.end() :])}"
