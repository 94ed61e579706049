"""
Whom a run of a scenario needs: the actors that its steps name, and those who act where none is named. Asked when a scenario is bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from runner.engine.naming import walk
from runner.environment.model import Environment
from runner.errors import Diagnostic
from runner.plugins.contract import StepType
from runner.scenario.model import Scenario, Step

__all__ = ["Cast", "Pools"]

_FIRST_ACTOR = "agent"


class Pools(Protocol):
    """What the plan needs of the actors: which of these names nobody can play."""

    def missing(self, names: Sequence[str], vendor: str) -> list[str]:
        """A message for each name that no pool can serve."""
        ...


class Cast:
    """The ``actors`` that a run borrows, in the order in which the steps of *scenario* name them."""

    def __init__(self, scenario: Scenario, environment: Environment) -> None:
        self.actors: list[str] = []
        # who logs in first; a customer's mail that arrives before that is for them
        self.first = next((s.actor for s in walk(scenario.steps) if s.word == "login" and s.actor), _FIRST_ACTOR)
        self._scenario = scenario
        self._pools = environment.pools

    def borrow(self, actor: str) -> None:
        """The run needs *actor*."""
        if actor not in self.actors:
            self.actors.append(actor)

    def who(self, step: Step, type_: StepType, acting: str, named: str) -> str:
        """Who carries *step* out where *acting* does by now, and ``as`` beside the block around it names *named*; "" when nobody can."""
        if type_.opens:
            return step.actor or named or _FIRST_ACTOR
        return step.actor or acting or (self.first if type_.anonymous else "")

    def takers(self, step: Step, type_: StepType) -> None:
        """An actor who only gets something (the taker of a transfer) is borrowed when a pool of that name exists."""
        given = step.parameters.render({}) if type_.actors and step.parameters.static else {}
        for parameter in type_.actors:
            name = given.get(parameter) if isinstance(given, dict) else None
            if isinstance(name, str) and name.rpartition("_")[0 if name.rpartition("_")[2].isdigit() else 2] in self._pools:
                self.borrow(name)

    def missing(self, pools: Pools, vendor: str) -> Iterable[Diagnostic]:
        """A message for each actor that nobody in *pools* can play."""
        for message in pools.missing(self.actors, vendor):
            span = next((s.actor_span for s in walk(self._scenario.steps) if s.actor and f"`{s.actor}`" in message), None)
            told, _, hint = message.partition("; ")
            hint = hint or "add members to the pool in the environment's file"
            yield Diagnostic("E512", told, span or self._scenario.span, hint=hint)
