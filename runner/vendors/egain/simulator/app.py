"""
The eGain simulator: what every simulator does, for this vendor. How a request becomes an answer stands in
:mod:`runner.vendors.egain.simulator.gate`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import unquote

from aiohttp import web

from runner.simulation.server import Simulator
from runner.simulation.world import Mail, World
from runner.vendors.egain.simulator.call import Incoming
from runner.vendors.egain.simulator.console import by_hand
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.gate import Gate
from runner.vendors.egain.simulator.organisation import Organisation
from runner.vendors.egain.simulator.sessions import Sessions
from runner.vendors.egain.simulator.settings import EgainSettings
from runner.vendors.egain.simulator.views import activity_told

__all__ = ["EgainSimulator"]

# Smaller bodies are not worth compressing.
_COMPRESSED_FROM = 1024


class EgainSimulator(Simulator):
    """A pretend eGain server."""

    vendor = "egain"

    def __init__(self, world: World, settings: EgainSettings | None = None) -> None:
        super().__init__(world)
        self.settings: EgainSettings = settings or EgainSettings()
        self.base_path = f"/{self.settings.context_root}"
        self.desk = self._fresh()

    @property
    def _gate(self) -> Gate:
        return Gate(self.desk)

    def _fresh(self) -> Desk:
        organisation = Organisation(self.world, self.settings)
        return Desk(self.world, self.settings, organisation, Sessions(self.world, self.settings))

    # ── what every simulator does ────────────────────────────────────────────────────────────────────────────────────────────────

    def routes(self, app: web.Application) -> None:
        """Everything below the context root; which path does what is a table of its own."""
        app.router.add_route("*", self.base_path + r"{path:(?:/[\s\S]*)?}", self._handle)
        app.on_shutdown.append(self._close)

    async def _close(self, _: web.Application) -> None:
        await asyncio.gather(*self.desk.stop(), return_exceptions=True)

    async def receive(self, mail: Mail) -> str:
        """A customer's mail becomes an inbound activity in its alias' queue."""
        return str(self.desk.arrive(mail).id)

    def expire_sessions(self) -> int:
        """End every session."""
        return self.desk.sessions.end_all()

    def by_hand(self, asked: bytes) -> Mapping[str, object]:
        """What people do in the Agent Console."""
        return by_hand(self.desk, asked)

    def reset(self) -> bool:
        """Forget everything but people and settings."""
        self.desk.stop()
        self.world.outbox.clear()
        self.desk = self._fresh()
        return True

    def described(self) -> Mapping[str, object]:
        """What there is, for the control API; departments and queues too, which no v12 path tells."""
        desk = self.desk
        departments = [
            {"name": d.name, "aliases": [a.address for a in d.aliases], "queues": {q.name: q.id for q in d.queues if q.active}}
            for d in self.settings.departments
        ]
        return {
            "sessions": desk.sessions.told(),
            "departments": departments,
            "activities": [activity_told(desk, a) for a in desk.activities.values()],
            "cases": [{"id": c.id, "status": c.status, "customer": c.customer} for c in desk.cases.values()],
            "customers": [{"id": c.id, "name": c.name(), "addresses": [p.value for p in c.points()]} for c in desk.customers.values()],
        }

    def defaults(self) -> dict[str, object]:
        """Department, sender, queue, and the ids of the queues."""
        home = next(d for d in self.settings.departments if d.name == self.settings.home_department)
        active = [q for q in home.queues if q.active]
        given: dict[str, object] = {"department": home.name, "queues": {q.name: q.id for d in self.settings.departments for q in d.queues}}
        given |= {"from": next(a.address for a in home.aliases if a.active)} if home.aliases else {}
        return given | ({"queue": active[0].name} if active else {})

    def fault_body(self, request: web.Request, status: int) -> tuple[bytes, str]:
        """The error of a fault, in the format and language that the request wants."""
        outgoing = self._gate.failed(_incoming(request, b""), status)
        return outgoing.body, outgoing.headers["Content-Type"]

    async def _handle(self, request: web.Request) -> web.Response:
        outgoing = self._gate.answer(_incoming(request, await request.read()))
        answer = web.Response(status=outgoing.http, body=outgoing.body, headers=outgoing.headers)
        if len(outgoing.body) >= _COMPRESSED_FROM and "gzip" in request.headers.get("Accept-Encoding", "").lower():
            answer.enable_compression(web.ContentCoding.gzip)
        return answer


def _incoming(request: web.Request, body: bytes) -> Incoming:
    path = unquote(request.match_info.get("path", ""))
    return Incoming(request.method, path, list(request.query.items()), request.headers, body)
