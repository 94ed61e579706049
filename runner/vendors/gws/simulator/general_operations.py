"""
Operations on any interaction: take it, turn it down, hand it over, finish it, park it.
"""

from __future__ import annotations

from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.effects import Effect, Fields, then
from runner.vendors.gws.simulator.errors import INVALID, MISSING, UNKNOWN, Refusal, text_of
from runner.vendors.gws.simulator.interactions import Interaction

__all__ = ["accept", "complete", "place_in_queue", "place_in_workbin", "reject", "transfer"]


def accept(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """The agent takes what is offered: an inbound mail to work on it, a draft to go on with it."""

    def effect() -> Fields:
        interaction.state = "Processing" if interaction.inbound else "Draft"
        desk.tell(interaction)
        return {}

    return effect


def reject(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """Offered to somebody else."""

    def effect() -> Fields:
        desk.router.revoke(interaction, turned_down=True)
        return {}

    return effect


def transfer(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """To an agent (``userUri``, ``targetUri``), a queue (``queueName``) or anybody with a ``skill``; the first of them counts."""
    given = [name for name in ("userUri", "targetUri", "queueName", "skill") if fields.get(name) not in (None, "")]
    if not given:
        raise Refusal(MISSING, "Required parameter is missing: userUri, targetUri, queueName or skill")
    target = text_of(fields, given[0], needed=True)
    if given[0] == "queueName":
        queue = desk.queue(target)
        return then(lambda: desk.give_away(interaction, queue))
    if given[0] == "skill":
        if target not in desk.settings.skills:
            raise Refusal(UNKNOWN, f"Skill is not found: {target}", cause="unknown_target")
        return then(lambda: desk.give_away(interaction, interaction.queue))
    taker = desk.center.find(target)
    if taker is None or "email" not in taker.person.rights:
        raise Refusal(UNKNOWN, f"Transfer target is not found: {target}", cause="unknown_target")
    if taker is agent:
        raise Refusal(INVALID, "Parameter is not valid: the target has the interaction already")
    return then(lambda: desk.give_away(interaction, interaction.queue, wanted=taker.person.user))


def complete(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """Ownership ends; with ``queueName`` it goes there."""
    named = text_of(fields, "queueName")
    if named:
        queue = desk.queue(named)
        return then(lambda: desk.give_away(interaction, queue))
    return then(lambda: desk.finish(interaction, "Completed"))


def place_in_queue(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """Into the named queue, for somebody else."""
    queue = desk.queue(text_of(fields, "queueName", needed=True))
    return then(lambda: desk.give_away(interaction, queue, shown=desk.settings.queued_state))


def place_in_workbin(desk: Desk, agent: Agent, interaction: Interaction, fields: Fields) -> Effect:
    """Parked, by the workbin's id or name."""
    named = text_of(fields, "workbinId") or text_of(fields, "workbinName")
    if not named:
        raise Refusal(MISSING, "Required parameter is missing: workbinName or workbinId")
    workbin = desk.workbin(named)
    return then(lambda: desk.park(interaction, workbin))
