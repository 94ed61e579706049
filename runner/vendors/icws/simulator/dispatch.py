"""
From a request to its answer: the checks in their order (icws.md §1.2), the handler, and the headers that every answer has (§1).
"""

from __future__ import annotations

import logging
from fnmatch import fnmatchcase

from aiohttp import web

from runner.vendors.icws.simulator import connection, email, licences, messaging, people, recordings, response_management, stations, verbs
from runner.vendors.icws.simulator.calls import Call, Route, RouteTable
from runner.vendors.icws.simulator.errors import IcwsError, gone, method_not_allowed, not_found, server_error
from runner.vendors.icws.simulator.headers import common_headers, preflight
from runner.vendors.icws.simulator.office import Office
from runner.vendors.icws.simulator.sessions import Session

__all__ = ["ALL_ROUTES", "Dispatch"]

ALL_ROUTES: tuple[Route, ...] = (
    *connection.ROUTES,
    *stations.ROUTES,
    *messaging.ROUTES,
    *verbs.ROUTES,
    *email.ROUTES,
    *response_management.ROUTES,
    *recordings.ROUTES,
    *people.ROUTES,
    *licences.ROUTES,
)

_CSRF = "ININ-ICWS-CSRF-Token"
_log = logging.getLogger(__name__)


class Dispatch:
    """The one handler below ``/icws``."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._table = RouteTable(ALL_ROUTES, office.settings.features)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer *request*; what goes wrong in the simulator itself is a 500 as a server would give it."""
        try:
            response = await self._answer(request)
        except IcwsError as refusal:
            response = refusal.response(self._office.settings.error_ids)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong in here, a client must see a server's 500
            _log.exception("the ICWS simulator failed on %s %s", request.method, request.path)
            response = server_error().response()
        if not response.prepared:
            common_headers(request, response, echo=self._office.settings.echo_origin)
        return response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path.removeprefix("/icws/")
        routes, parameters = self._table.find(path)
        if not routes:
            raise not_found("The resource does not exist.")
        if request.method == "OPTIONS":
            return preflight(routes)
        route = routes.get(request.method)
        if route is None:
            raise method_not_allowed(sorted(routes))
        if any(fnmatchcase(path.partition("/")[2], pattern) for pattern in self._office.settings.removed):
            raise gone()
        return await self._call(request, route, parameters)

    async def _call(self, request: web.Request, route: Route, parameters: dict[str, str]) -> web.StreamResponse:
        self._office.desk.sweep()
        call = Call(request, self._office, parameters)
        if "session" in parameters:
            if route.path == "/{session}/connection" and route.method == "GET" and self._was_logged_out(request, parameters["session"]):
                return connection.session_ended()
            call.found = self._session(request, route, parameters["session"])
        call.raw = await request.read() if request.can_read_body else b""
        return await route.handler(call)

    def _session(self, request: web.Request, route: Route, id: str) -> Session:
        token = request.headers.get(_CSRF, "") if route.token else None
        cookies = "; ".join(request.headers.getall("Cookie", []))
        session = self._office.sessions.find(id, cookies, token, reads=route.reads)
        if route.keeps_alive or self._office.settings.heartbeat_keeps_alive:
            session.seen = self._office.world.clock.monotonic()
        return session

    def _was_logged_out(self, request: web.Request, id: str) -> bool:
        return self._office.sessions.recently_ended(id, "; ".join(request.headers.getall("Cookie", []))) is not None
