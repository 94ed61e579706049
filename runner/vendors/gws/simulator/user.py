"""
The user who calls, as ``GET /me`` tells them; ``subresources`` names what comes along (page "Recovering Existing State").
"""

from __future__ import annotations

from collections.abc import Callable

from runner.vendors.gws.simulator.center import Agent
from runner.vendors.gws.simulator.desk import Desk

__all__ = ["user_told"]

_ROLES = (("email", "ROLE_AGENT"), ("supervise", "ROLE_SUPERVISOR"))


def user_told(desk: Desk, agent: Agent, subresources: str) -> dict[str, object]:
    """
    A user. *subresources* is ``*`` for all of them, or a list with commas; a name that is none is passed over.

    Calls and chats are always empty: only the e-mail channel is simulated.
    """
    person = agent.person
    first, _, last = person.name.partition(" ")
    told: dict[str, object] = {
        "id": agent.id,
        "userName": person.user,
        "firstName": first,
        "lastName": last,
        "displayName": person.name,
        "emailAddress": person.address,
        "enabled": True,
        "roles": [role for right, role in _ROLES if right in person.rights],
    }
    wanted = {name.strip() for name in subresources.split(",")}
    return told | {name: make() for name, make in _subresources(desk, agent).items() if wanted & {name, "*"}}


def _subresources(desk: Desk, agent: Agent) -> dict[str, Callable[[], object]]:
    settings, dialect = desk.settings, desk.dialect
    workspace = {"email.outbound-queue": settings.outbound_queue, "email.from-addresses": settings.mailbox}
    return {
        "devices": list,
        "skills": lambda: [{"id": name, "name": name, "level": "1", "path": f"/skills/{name}"} for name in settings.skills],
        "channels": lambda: [channel.told(settings) for channel in agent.channels.values()],
        "calls": list,
        "chats": list,
        dialect.collection: lambda: [dialect.told(i, i.state) for i in desk.interactions.of(agent.person.user)],
        "settings": lambda: {"interaction-workspace": workspace},
        "features": list,
    }
