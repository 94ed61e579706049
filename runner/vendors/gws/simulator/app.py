"""
The simulated GWS on its paths: what is served where, and the life of it.

``/api/v2`` is the base; everything that starts with ``/me`` belongs to who calls.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

import msgspec
from aiohttp import web

from runner.simulation.bayeux import BayeuxServer, BayeuxSettings
from runner.simulation.simulator import Simulator
from runner.simulation.world import Mail, World
from runner.vendors.gws.simulator.center import Center
from runner.vendors.gws.simulator.cors import cors_middleware
from runner.vendors.gws.simulator.desk import Desk
from runner.vendors.gws.simulator.dialect import Dialect
from runner.vendors.gws.simulator.emails_dialect import EmailsDialect
from runner.vendors.gws.simulator.errors import BACKEND_DOWN, INVALID, NO_PERMISSION, NOT_AUTHENTICATED, UNKNOWN, Refusal
from runner.vendors.gws.simulator.gate import Gate, fields_of
from runner.vendors.gws.simulator.interactions_dialect import InteractionsDialect
from runner.vendors.gws.simulator.notifier import Background, Notifier
from runner.vendors.gws.simulator.paths import Parts, Paths
from runner.vendors.gws.simulator.sessions import HttpSession, HttpSessions
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["GwsSimulator"]

# What GWS' own body says beside a status that a fault asks for.
_CODES = {400: INVALID, 401: NOT_AUTHENTICATED, 403: NO_PERMISSION, 404: UNKNOWN, 409: 18}


class GwsSimulator(Simulator):
    """A pretend Genesys Web Services with the e-mail channel."""

    vendor = "gws"
    base_path = "/api/v2"
    settings: GwsSettings

    def __init__(self, world: World, settings: GwsSettings | None = None) -> None:
        super().__init__(world)
        self.settings = settings = settings or GwsSettings()
        # one stream of chance for each use, so that what happens in one does not change another
        tokens, ids, delays, cometd = (random.Random(world.random.getrandbits(64)) for _ in range(4))
        self.background = Background()
        self.sessions = HttpSessions(world, settings, tokens)
        self.bayeux = BayeuxServer(world.clock, cometd, _bayeux_settings(settings))
        self.notifier = Notifier(
            settings, world.clock, delays, self.background, self.faults, sessions=self._sessions_of, publish=self.bayeux.publish
        )
        self.center = Center(world.people.values(), settings, [world.guid() for _ in world.people])
        self.dialect: Dialect = InteractionsDialect(settings) if settings.dialect == "interactions" else EmailsDialect(settings)
        self.desk = Desk(world, settings, self.dialect, self.center, self.notifier, self.background, ids)

    def routes(self, app: web.Application) -> None:
        """Add every path, and end what runs beside them when the application stops."""
        parts = Parts(self.base_path, self.settings, self.dialect, self.center, self.desk, self.notifier, self.bayeux, self.end_session)
        if self.settings.allowed_origins:
            app.middlewares.append(cors_middleware(self.settings.allowed_origins))
        Paths(parts, Gate(self.sessions, self.center, self.settings)).add(app)
        app.on_shutdown.append(self._shut_down)

    async def receive(self, mail: Mail) -> str:
        """A customer's mail arrives and is offered to a Ready agent; gives the interaction's id."""
        return self.desk.arrive(mail).id

    def expire_sessions(self) -> int:
        """Every HTTP session ends, and with it its CometD session."""
        ended = self.sessions.expire()
        for session in ended:
            self.bayeux.drop_sessions(session.id)
            if self.settings.expiry_ends_contact_center:
                self.center.end(self.center.agent(session.person))
        return len(ended)

    def forget_listeners(self) -> int:
        """Every CometD session ends; the HTTP sessions go on."""
        return self.bayeux.drop_sessions()

    def end_session(self, session: HttpSession) -> None:
        """One HTTP session ends, and with it its CometD session."""
        self.sessions.end(session)
        self.bayeux.drop_sessions(session.id)

    def _sessions_of(self, user: str) -> list[str]:
        return [session.id for session in self.sessions.of(user)]

    def switch_backend(self, *, up: bool) -> bool:
        """The back end for e-mail goes down or comes back: everybody is told on ``/notifications/services``."""
        self.desk.backend_up = up
        state = "Active" if up else "Inactive"
        service = {"id": "media", "type": "Media", "state": state}
        shape = self.settings.service_message
        told = {"messageType": "ServiceStateChangeMessage", shape: service if shape == "service" else [service]}
        self.bayeux.publish(None, "/notifications/services", told)
        return True

    def described(self) -> Mapping[str, object]:
        """Agents at work, interactions, workbins and CometD sessions."""
        return {
            "backend_up": self.desk.backend_up,
            "agents": {
                a.person.user: [c.told(self.settings) for c in a.channels.values()] for a in self.center.agents.values() if a.started
            },
            "interactions": [
                {
                    "id": i.id,
                    "state": i.state,
                    "owner": i.owner,
                    "queue": i.queue,
                    "subject": i.subject,
                    "parent": i.parent,
                    "workbin": i.workbin,
                }
                for i in self.desk.interactions
            ],
            "workbins": [{"owner": user, "id": id, "items": items} for (user, id), items in self.desk.workbins.items()],
            "cometd": self.bayeux.described(),
        }

    def fault_body(self, request: web.Request, status: int) -> tuple[bytes, str] | None:
        """What GWS itself says when it is the one that fails; before 502 and 504 stands a gateway."""
        if status in {502, 504}:
            return None
        body = {"statusCode": _CODES.get(status, BACKEND_DOWN), "statusMessage": "A fault was asked for"}
        return msgspec.json.encode(body), "application/json"

    async def named_operation(self, request: web.Request) -> str:
        """Everything is a POST with an ``operationName``."""
        if request.method != "POST" or request.content_type != "application/json":
            return ""
        try:
            return str((await fields_of(request)).get("operationName", ""))
        except Refusal:
            return ""

    def reset(self) -> bool:
        """Nobody is signed in, nothing waits; timers of what was there find nothing."""
        self.expire_sessions()
        for agent in self.center.agents.values():
            self.center.end(agent)
        self.desk.clear()
        return True

    def defaults(self) -> dict[str, object]:
        """What an environment for this simulator says."""
        return {
            "queue": self.settings.outbound_queue,
            "from": self.settings.mailbox,
            "mailbox": self.settings.mailbox,
            "agent_address": f"{{user}}@{_domain(self.world)}",
            "documents": {name.rpartition(".")[0] or name: id for id, name in self.settings.library.items()},
        }

    async def _shut_down(self, _app: web.Application) -> None:
        self.bayeux.close()
        await self.background.close()


def _domain(world: World) -> str:
    """The domain of the people's own addresses."""
    return next((person.address.partition("@")[2] for person in world.people.values()), "shop.example")


def _bayeux_settings(settings: GwsSettings) -> BayeuxSettings:
    return BayeuxSettings(
        timeout=round(settings.connect_timeout.total_seconds() * 1000),
        max_interval=round(settings.max_interval.total_seconds() * 1000),
        acknowledge=settings.acknowledge,
    )
