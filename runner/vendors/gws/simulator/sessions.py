"""
Who is calling: HTTP sessions by cookie, signing in by Basic, and the token that a write must bring.

The token lives as long as its session; any GET yields it (page "Cross-Site Request Forgery protection").
"""

from __future__ import annotations

import base64
import binascii
import random
from contextlib import suppress

from aiohttp import web
from msgspec import Struct

from runner.simulation.world import Person, World
from runner.vendors.gws.simulator.errors import NO_PERMISSION, NOT_AUTHENTICATED, CsrfRefusal, Refusal
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["COOKIE", "HttpSession", "HttpSessions", "need_agent"]

COOKIE = "JSESSIONID"


class HttpSession(Struct):
    """One client's session. ``used`` is the clock's second of its last request; ``fresh``: its cookie was not handed out yet."""

    id: str
    token: str
    person: Person
    used: float
    fresh: bool = True


class HttpSessions:
    """All HTTP sessions."""

    def __init__(self, world: World, settings: GwsSettings, chance: random.Random) -> None:
        self._world = world
        self._settings = settings
        self._chance = chance
        self._open: dict[str, HttpSession] = {}

    def identify(self, request: web.Request) -> HttpSession:
        """
        The session of a request; Basic credentials open one where there is none.

        Raises: ``Refusal`` – code 20: no session and no credentials, or wrong ones.
        """
        session = self._by_cookie(request)
        person = self._by_basic(request)
        if session is None or (person is not None and person is not session.person):
            if person is None:
                raise Refusal(NOT_AUTHENTICATED, "User is not authenticated")
            session = self._begin(person)
        session.used = self._world.clock.monotonic()
        return session

    def check_token(self, request: web.Request, session: HttpSession) -> None:
        """
        A write must bring its session's token.

        Raises: ``CsrfRefusal``.
        """
        if self._settings.csrf and request.headers.get(self._settings.csrf_header) != session.token:
            raise CsrfRefusal

    def end(self, session: HttpSession) -> None:
        """The session is over; its cookie and token are worth nothing from now on."""
        self._open.pop(session.id, None)

    def expire(self) -> list[HttpSession]:
        """Every session ends as if its time had run out; gives them."""
        ended = list(self._open.values())
        self._open.clear()
        return ended

    def of(self, user: str) -> list[HttpSession]:
        """The sessions of one user."""
        return [s for s in self._open.values() if s.person.user == user]

    def mark(self, response: web.StreamResponse, session: HttpSession, *, reading: bool) -> None:
        """Put the cookie of a new session, and on a *reading* request the token, onto the answer."""
        if session.fresh and session.id in self._open:
            session.fresh = False
            response.set_cookie(COOKIE, session.id, path="/", httponly=True)
        if reading and self._settings.csrf:
            response.headers["X-CSRF-HEADER"] = self._settings.csrf_header
            response.headers[self._settings.csrf_header] = session.token

    def _begin(self, person: Person) -> HttpSession:
        session = HttpSession(self._random(), self._random(), person, self._world.clock.monotonic())
        self._open[session.id] = session
        return session

    def _random(self) -> str:
        return f"{self._chance.getrandbits(128):032X}"

    def _by_cookie(self, request: web.Request) -> HttpSession | None:
        session = self._open.get(request.cookies.get(COOKIE, ""))
        if session is not None and self._idle(session):
            self.end(session)
            return None
        return session

    def _idle(self, session: HttpSession) -> bool:
        return self._world.clock.monotonic() - session.used > self._settings.session_idle.total_seconds()

    def _by_basic(self, request: web.Request) -> Person | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        kind, _, encoded = header.partition(" ")
        try:
            pair = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            pair = b""
        person = self._person(pair) if kind.lower() == "basic" else None
        if person is None:
            raise Refusal(NOT_AUTHENTICATED, "User name or password is not valid")
        return person

    def _person(self, pair: bytes) -> Person | None:
        """Whose credentials these are. The header names no charset: browsers write UTF-8, the vendor's .NET client ISO-8859-1."""
        for charset in ("utf-8", "latin-1"):
            with suppress(UnicodeDecodeError):
                user, _, password = pair.decode(charset).partition(":")
                if (person := self._world.person(user, password)) is not None:
                    return person
        return None


def need_agent(person: Person) -> None:
    """
    Every operation here needs the role Agent, which is the right ``email`` of a person.

    Raises: ``Refusal`` – code 5.
    """
    if "email" not in person.rights:
        raise Refusal(NO_PERMISSION, "User has no permission: the role Agent is needed")
