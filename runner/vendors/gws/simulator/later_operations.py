"""
Operations that only the later dialect has: user data, disposition, focus, comment.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.effects import Effect, Fields, data
from runner.vendors.gws.simulator.errors import INVALID, Refusal, required, text_of
from runner.vendors.gws.simulator.interactions import Interaction

__all__ = ["add_comment", "delete_user_data", "set_disposition", "set_in_focus", "user_data"]


def user_data(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """User data is merged."""
    given = data(fields)
    return _changed(desk, interaction, lambda: interaction.user_data.update(given))


def delete_user_data(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """The ``keys`` to remove, as its sample has them; its table says ``userData``, which may be a list or an object with those keys."""
    keys = fields.get("keys") or required(fields, "userData")
    if not isinstance(keys, dict | list):
        raise Refusal(INVALID, "Parameter is not valid: keys must be a list")
    gone = [str(key) for key in keys]
    return _changed(desk, interaction, lambda: [interaction.user_data.pop(key, None) for key in gone])


def set_disposition(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """It is kept in the user data, under the key that comes along or the one that is configured."""
    disposition = text_of(fields, "disposition", needed=True)
    key = text_of(fields, "dispositionKey") or desk.settings.disposition_key
    return _changed(desk, interaction, lambda: interaction.user_data.__setitem__(key, disposition))


def add_comment(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """The comment stands beside the user data."""
    comment = text_of(fields, "comment", needed=True)
    return _changed(desk, interaction, lambda: setattr(interaction, "comment", comment))


def set_in_focus(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """Nothing that an agent can see changes."""

    def effect() -> Fields:
        if desk.settings.focus_event:
            desk.tell(interaction, "properties")
        return {}

    return effect


def _changed(desk: Desk, interaction: Interaction, change: Callable[[], object]) -> Effect:
    def effect() -> Fields:
        change()
        desk.tell(interaction, "properties")
        return {}

    return effect
