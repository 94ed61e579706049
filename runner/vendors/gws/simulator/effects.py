"""
What an operation is: it reads and checks its fields, and gives back its effect, which is carried out when nothing else stands against it.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.errors import INVALID, Refusal, required
from runner.vendors.gws.simulator.interactions import Interaction

__all__ = ["Effect", "Fields", "Operation", "data", "then"]

Fields = dict[str, object]
# gives what the answer carries beside "ok"
Effect = Callable[[], Fields]
Operation = Callable[[Desk, Agent, Interaction, Fields], Effect]


def then(move: Callable[[], None]) -> Effect:
    """The effect of a move that adds nothing to the answer."""

    def effect() -> Fields:
        move()
        return {}

    return effect


def data(fields: Fields) -> Fields:
    """The user data of a request; raises ``Refusal`` 1 or 2."""
    data = required(fields, "userData")
    if not isinstance(data, dict):
        raise Refusal(INVALID, "Parameter is not valid: userData must be an object")
    return data
