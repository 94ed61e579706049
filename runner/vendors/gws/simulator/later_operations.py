"""
Operations that only the later dialect has: user data, disposition, focus, comment.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.effects import Effect, Fields, Operation, data
from runner.vendors.gws.simulator.errors import INVALID, Refusal, required, text_of
from runner.vendors.gws.simulator.interactions import Interaction

__all__ = ["delete_user_data", "noted", "user_data"]


def user_data(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """User data is merged."""
    given = data(fields)
    return _changed(desk, interaction, lambda: interaction.user_data.update(given))


def delete_user_data(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """The keys to remove, as a list or as an object's keys."""
    keys = required(fields, "userData")
    if not isinstance(keys, dict | list):
        raise Refusal(INVALID, "Parameter is not valid: userData must be an object or a list of keys")
    gone = [str(key) for key in keys]
    return _changed(desk, interaction, lambda: [interaction.user_data.pop(key, None) for key in gone])


def noted(key: str, field: str, *, default: str = "") -> Operation:
    """An operation that keeps one field of the request in the user data."""

    def operation(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
        value = text_of(fields, field, needed=not default) or default
        return _changed(desk, interaction, lambda: interaction.user_data.__setitem__(key, value))

    return operation


def _changed(desk: Desk, interaction: Interaction, change: Callable[[], object]) -> Effect:
    def effect() -> Fields:
        change()
        desk.tell(interaction, "properties")
        return {}

    return effect
