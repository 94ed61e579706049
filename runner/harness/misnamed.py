"""
Is everything there that is asked for? A name in a request that nothing has (a tag, a case, a run, a line, a variable) is a mistake in the
call: what it was meant for would silently not run, or not be set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from runner.engine.naming import GIVEN
from runner.engine.plan import Plan
from runner.errors import Diagnostic, nearest
from runner.harness.request import Request
from runner.scenario.names import asked_names
from runner.scenario.templates.functions import HELPERS
from runner.source import Source

__all__ = ["Options", "misnamed", "past_the_end", "unknown_variables"]

_MOST_LISTED = 12


class Options(NamedTuple):
    """What a face calls its options."""

    set: str = "--set"
    vendor: str = "--vendor"
    case: str = "--case"


_OF_THE_COMMAND_LINE = Options()


def misnamed(request: Request, plans: Sequence[Plan], chosen: Sequence[Plan], declared: Collection[str]) -> list[Diagnostic]:
    """
    What *request* names and nothing has. *plans* are all runs of its files, *chosen* those that it selects; *declared* are the variables of
    the environment's file.
    """
    if not plans:
        return []
    tags = {tag for plan in plans for tag in plan.scenario.tags}
    cases = {plan.case.name: None for plan in plans if plan.case is not None}
    keys = {plan.key: None for plan in plans}
    return [
        *_unknown("tag", (tag for tag in request.tags if not tag.startswith("not:")), sorted(tags)),
        *_unknown("case", request.cases, cases),
        *_unknown("run", request.keys, keys),
        *(unknown_variables(request.variables, chosen, declared) if chosen else ()),
    ]


def _unknown(what: str, asked: Iterable[str], known: Collection[str]) -> Iterator[Diagnostic]:
    for name in dict.fromkeys(asked):
        if name not in known:
            yield Diagnostic(
                "E412",
                f"there is no {what} `{name}` in these files",
                hint=_instead(name, known, f"leave it out: these files have no {what} at all"),
            )


def _instead(name: str, known: Collection[str], nothing: str) -> str:
    close = nearest(name, known)
    if close:
        return f"write `{close}`"
    listed = ", ".join(list(known)[:_MOST_LISTED]) + (" …" if len(known) > _MOST_LISTED else "")
    return f"write one of: {listed}" if listed else nothing


def unknown_variables(
    asked: Mapping[str, str], chosen: Sequence[Plan], declared: Collection[str], *, options: Options = _OF_THE_COMMAND_LINE
) -> Iterator[Diagnostic]:
    """The names among *asked* that no scenario of *chosen* has for a variable; messages call the options as their face does."""
    if not asked:
        return
    scenarios = {id(plan.scenario): plan.scenario for plan in chosen}.values()
    own = {name for scenario in scenarios for name in (*scenario.variables, *scenario.columns)}
    known = {*own, *declared, *(name for scenario in scenarios for name in asked_names(scenario))} - GIVEN - HELPERS
    for name in asked:
        if name in GIVEN or name in HELPERS:
            hint = (
                f"choose runs with {options.vendor}"
                if name == "vendor"
                else f"choose runs with {options.case}"
                if name == "case"
                else "give it another name"
            )
            yield Diagnostic("E143", f"{options.set} {name}: every template knows `{name}` already", hint=hint)
        elif name not in known:
            told = f"{options.set} {name}: no scenario that runs has a variable `{name}`"
            yield Diagnostic("E314", told, hint=_instead(name, sorted(known), "leave it out: these scenarios have no variables"))


def past_the_end(source: Source, lines: Collection[int]) -> list[Diagnostic]:
    """A mistake for each of *lines* that the file does not have."""
    path, last = source.name, len(source.text.rstrip().splitlines())
    many = "1 line" if last == 1 else f"{last} lines"
    return [
        Diagnostic("E411", f"{path} has no line {line}, only {many}", hint=f"write `{path}:{last}`, or `{path}` for the whole scenario")
        for line in sorted(lines)
        if not 1 <= line <= last
    ]
