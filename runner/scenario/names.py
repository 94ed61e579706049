"""
Which names does a scenario ask for? All that stand in its templates, wherever they stand. Asked by the harness for ``--set``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from runner.scenario.model import Definition, Scenario, Step

__all__ = ["asked_names"]


def asked_names(scenario: Scenario) -> set[str]:
    """The names in its variables and steps, and in the words of one's own that it uses; helpers are not among them."""
    parts = [*scenario.variables.values(), *_of_steps((*scenario.steps, *scenario.cleanup))]
    return {use.name for part in parts if part is not None for use in part.names}


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
