"""
Which names does a scenario ask for, and which of its own stand for secrets? Asked by the harness for ``--set``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from runner.scenario.model import Definition, Scenario, Step

__all__ = ["asked_names", "secret_names"]

_ASKS_FOR_A_SECRET = re.compile(r"\bsecret\s*\(")


def asked_names(scenario: Scenario) -> set[str]:
    """The names in its variables and steps, and in the words of one's own that it uses; helpers are not among them."""
    parts = [*scenario.variables.values(), *_of_steps((*scenario.steps, *scenario.cleanup))]
    return {use.name for part in parts if part is not None for use in part.names}


def secret_names(scenario: Scenario, known: Collection[str] = ()) -> set[str]:
    """The variables that ask for a secret, and those made of them; *known* are names of secrets that the environment has."""
    found = set(known)
    for name, value in scenario.variables.items():
        if _ASKS_FOR_A_SECRET.search(value.span.text) or any(use.name in found for use in value.names):
            found.add(name)
    return found


def _of_steps(steps: Sequence[Step]) -> Iterator[Any]:
    for step in steps:
        yield from (step.parameters, step.name, step.expect, step.when)
        yield from (step.refused and step.refused.check, step.for_each and step.for_each.items)
        if step.repeat is not None:
            yield from (step.repeat.until, step.repeat.stop_if)
        yield from _of_steps(step.block)
        if step.definition is not None:
            yield from _of_definition(step.definition)


def _of_definition(definition: Definition) -> Iterator[Any]:
    yield from (one.default for one in definition.inputs.values())
    yield from definition.outputs.values()
    yield from _of_steps(definition.steps)
