"""
A request on its way to a handler, and the table that leads it there: paths below ``/icws``, by segment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import unquote

from aiohttp import web
from msgspec import Struct, field

from runner.vendors.icws.simulator.bodies import Body, read
from runner.vendors.icws.simulator.errors import IcwsError, empty, forbidden, not_found
from runner.vendors.icws.simulator.interactions import Interaction
from runner.vendors.icws.simulator.office import Office
from runner.vendors.icws.simulator.sessions import Session
from runner.vendors.icws.simulator.settings import Check
from runner.vendors.icws.simulator.stock import Act

__all__ = ["Call", "Handler", "Route", "RouteTable"]


class Call(Struct):
    """One request; ``session`` is the one it belongs to, checked; ``raw`` its body."""

    request: web.Request
    office: Office
    parameters: dict[str, str]
    found: Session | None = None
    raw: bytes = b""
    # what the person or the path does not allow, until it is its turn to be told
    _refusals: dict[Check, IcwsError] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The session of a session request."""
        if self.found is None:
            raise LookupError("a handler of a sessionless resource asked for a session")
        return self.found

    def body(self) -> Body:
        """The body as an object; raises 400, and before it what is looked at before the body."""
        self.settle(before="body")
        settings = self.office.settings
        return read(self.raw, coerce=settings.coerce_booleans, any_case=settings.property_names_any_case)

    def done(self, act: Act) -> web.Response:
        """The empty answer to an *act* whose status the settings know."""
        return empty(self.office.settings.success(act))

    def uri(self, path: str) -> str:
        """An address of this server as it is told: a path, or with scheme and host."""
        return f"{self.request.scheme}://{self.request.host}{path}" if self.office.settings.absolute_uris else path

    def interaction(self, *, look: bool = False) -> Interaction | None:
        """
        The interaction in the path, None when it is unknown. That it is, or that the person has no rights to it, is told in its turn: by
        :meth:`body` or by :meth:`known`, which every handler asks.
        """
        desk = self.office.desk
        found = desk.find(self.parameters["interaction"])
        if found is None:
            self._refusals["object"] = not_found()
        elif not (desk.sees if look else desk.acts)(self.session.person, found):
            self._refusals["rights"] = forbidden()
        return found

    def known(self, found: Interaction | None) -> Interaction:
        """The interaction, now that the body is read; raises 403, 404."""
        self.settle()
        if found is None:
            raise not_found()
        return found

    def needs(self, right: str, why: str) -> None:
        """Raises 403 unless the person has *right*."""
        if right not in self.session.person.rights:
            raise forbidden(why)

    def needs_in_turn(self, right: str, why: str) -> None:
        """The same, told by :meth:`body` or :meth:`known`, or by :meth:`settle`."""
        if right not in self.session.person.rights:
            self._refusals.setdefault("rights", forbidden(why))

    def settle(self, *, before: Check | None = None) -> None:
        """Raises what is to be told by now, in its order; *before*: only what comes before that check."""
        for check in self.office.settings.order_of_checks if self._refusals else ():
            if check == before:
                return
            if check in self._refusals:
                raise self._refusals[check]


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


class Route(Struct, frozen=True):
    """
    A resource: ``path`` below ``/icws`` with ``{names}``; those that begin with ``{session}`` need one. ``feature`` is the version from
    which it exists. ``token``: whether the CSRF header is asked for. ``reads``: it reads the session's messages. ``keeps_alive``: it counts
    against idling, whatever the settings say of heartbeats.
    """

    method: str
    path: str
    handler: Handler
    feature: tuple[str, int] = ("connection", 1)
    token: bool = True
    reads: bool = False
    keeps_alive: bool = True


class _Node(Struct):
    fixed: dict[str, _Node] = field(default_factory=dict)
    named: _Node | None = None
    name: str = ""
    routes: dict[str, Route] = field(default_factory=dict)


class RouteTable:
    """Finds the resource of a path; a fixed segment goes before a named one."""

    def __init__(self, routes: Iterable[Route], features: dict[str, int]) -> None:
        self._root = _Node()
        for route in routes:
            name, version = route.feature
            if features.get(name, 0) >= version:
                self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.strip("/").split("/"):
            if segment.startswith("{"):
                node.named = node.named or _Node()
                node.named.name = segment[1:-1]
                node = node.named
            else:
                node = node.fixed.setdefault(segment, _Node())
        node.routes[route.method] = route

    def find(self, path: str) -> tuple[dict[str, Route], dict[str, str]]:
        """The routes of *path* (as it was sent) by verb, empty when there is no such resource, and the names' values, decoded."""
        found = self._walk(self._root, [s for s in path.split("/") if s], 0)
        return found if found is not None else ({}, {})

    def _walk(self, node: _Node, segments: list[str], at: int) -> tuple[dict[str, Route], dict[str, str]] | None:
        if at == len(segments):
            return (node.routes, {}) if node.routes else None
        fixed = node.fixed.get(segments[at])
        if fixed is not None and (found := self._walk(fixed, segments, at + 1)) is not None:
            return found
        if node.named is None or (found := self._walk(node.named, segments, at + 1)) is None:
            return None
        found[1][node.named.name] = unquote(segments[at])
        return found
