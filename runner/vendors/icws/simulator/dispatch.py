"""
From a request to its answer: the checks in their order (icws.md §1.2), the handler, and the headers that every answer has (§1).
"""

from __future__ import annotations

import logging
from fnmatch import fnmatchcase

from aiohttp import web

from runner.vendors.icws.simulator import (
    connection,
    email,
    handlers,
    licences,
    messaging,
    people,
    recordings,
    response_management,
    stations,
    verbs,
)
from runner.vendors.icws.simulator.calls import Call, Route, RouteTable
from runner.vendors.icws.simulator.errors import IcwsError, gone, method_not_allowed, not_found, server_error
from runner.vendors.icws.simulator.headers import common_headers, preflight
from runner.vendors.icws.simulator.office import Office

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
    *handlers.ROUTES,
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
        if routes and request.method == "OPTIONS" and self._office.settings.preflight:
            return preflight(routes)
        self._office.desk.sweep()
        route = routes.get(request.method)
        call = Call(request, self._office, parameters)
        if route is not None and route.handler is connection.state and self._was_logged_out(call):
            return connection.session_ended()
        self._check(call, path, routes)
        if route is None:  # the checks have told so
            raise not_found("The resource does not exist.")
        call.raw = await request.read() if request.can_read_body else b""
        return await route.handler(call)

    def _was_logged_out(self, call: Call) -> bool:
        return self._office.sessions.recently_ended(call.parameters["session"], _cookies(call.request)) is not None

    def _check(self, call: Call, path: str, routes: dict[str, Route]) -> None:
        """What is looked at before a handler looks at rights, body and object, in the order of the settings; finds the session."""
        request, settings, sessions = call.request, self._office.settings, self._office.sessions
        route = routes.get(request.method)
        id = call.parameters.get("session", "") if routes else _session_id(path)
        for check in settings.order_of_checks:
            match check:
                case "route" if route is None:
                    raise method_not_allowed(sorted(routes)) if routes else not_found("The resource does not exist.")
                case "removed" if any(fnmatchcase(path.partition("/")[2], pattern) for pattern in settings.removed):
                    raise gone()
                case "session" if id:
                    call.found = sessions.find(id, reads=route is not None and route.reads)
                case "cookie" if call.found is not None:
                    sessions.prove_cookie(call.found, _cookies(request))
                case "token" if call.found is not None and (route is None or route.token):
                    sessions.prove_token(call.found, request.headers.get(_CSRF, ""))
        if call.found is not None:
            sessions.admit(call.found)
            if (route is not None and route.keeps_alive) or settings.heartbeat_keeps_alive:
                call.found.seen = self._office.world.clock.monotonic()


def _cookies(request: web.Request) -> str:
    return "; ".join(request.headers.getall("Cookie", []))


def _session_id(path: str) -> str:
    """Whose resource a path would be that leads nowhere; "" when nobody's."""
    first, _, rest = path.partition("/")
    return first if rest and first != "connection" else ""
