"""
A name that is not known where it stands: what was probably meant. Used by :mod:`runner.engine.binding` when a scenario is bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from runner.errors import Diagnostic, nearest
from runner.scenario.model import NameUse, Scenario, Step
from runner.scenario.templates.functions import HELPERS
from runner.source import Span

__all__ = ["GIVEN", "unknown_name", "walk"]

# Names that every template may use, beside the helpers.
GIVEN = frozenset({"vendor", "environment", "case", "run", "actors", "target"})
_MOST_LISTED = 12
# the helpers that take the name of something in quotes
_IN_HELPER = re.compile(r"\b(secret|env|read)\(\s*$")


def unknown_name(use: NameUse, known: set[str], scenario: Scenario) -> Diagnostic:
    """The message about *use* in *scenario*, where only *known* names are known: saved later, without its quotes, misspelt, or nowhere."""
    message = f"`{use.name}` is not known here"
    later = _saved_later(use, scenario)
    if later is not None:
        hint = f"move this behind line {later.line}, or the step on line {later.line} before this"
        return Diagnostic("E301", message, use.span, f"it is saved later, on line {later.line}", hint)
    helper = _IN_HELPER.search(use.span.source.lines[use.span.line - 1][: use.span.column - 1])
    if helper is not None:
        return Diagnostic("E301", message, use.span, "its name belongs in quotes", f"write {helper[1]}('{use.name}')")
    close = nearest(use.name, known)
    own = sorted(known - HELPERS - GIVEN)
    return Diagnostic(
        "E301",
        message,
        use.span,
        f"did you mean `{close}`?" if close else "no step before this one saves it",
        f"write `{close}`" if close else "save it in an earlier step, or add it to `variables`",
        (f"known here: {', '.join(own[:_MOST_LISTED]) or 'nothing yet'}",),
    )


def _saved_later(use: NameUse, scenario: Scenario) -> Span | None:
    """Where in the same file a step saves this name after it was asked for."""
    saves = [save for step in walk((*scenario.steps, *scenario.cleanup)) for save in step.save if save.name == use.name]
    return next((s.span for s in saves if s.span.source is use.span.source and s.span.line > use.span.line), None)


def walk(steps: Iterable[Step]) -> Iterable[Step]:
    """All steps, those in blocks and in words of one's own too."""
    for step in steps:
        yield step
        yield from walk(step.block)
        if step.definition is not None:
            yield from walk(step.definition.steps)
