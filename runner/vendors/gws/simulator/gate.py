"""
The gate before every path: who calls, with which token, in which role; and the one place where a refusal becomes an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from runner.vendors.gws.simulator.center import Agent, Center
from runner.vendors.gws.simulator.errors import MISSING, CsrfRefusal, Refusal, answer, json_answer
from runner.vendors.gws.simulator.sessions import HttpSession, HttpSessions, need_agent
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["Caller", "Gate", "fields_of", "handshake_denied"]

_decode = msgspec.json.Decoder().decode


class Caller:
    """Who sent a request: their HTTP session and the agent they are."""

    __slots__ = ("agent", "session")

    def __init__(self, session: HttpSession, agent: Agent) -> None:
        self.session = session
        self.agent = agent


Handler = Callable[[web.Request, Caller], Awaitable[web.Response]]
Refused = Callable[[web.Request], Awaitable[web.Response]]


class Gate:
    """Lets requests through to their handlers."""

    def __init__(self, sessions: HttpSessions, center: Center, settings: GwsSettings) -> None:
        self._sessions = sessions
        self._center = center
        self._settings = settings

    def opened(
        self, handler: Handler, *, role: bool = True, operation: bool = False, token: bool = True, refused: Refused | None = None
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """
        *handler* behind the gate.

        *role*: the caller must be an agent. *operation*: refusals look as an interaction's operation answers them. *token*: writing needs
        the CSRF token. *refused* answers whoever is not signed in, where that is not the answer of every other path.
        """

        async def open_gate(request: web.Request) -> web.Response:
            session: HttpSession | None = None
            reading = request.method in {"GET", "HEAD"}
            try:
                session = self._sessions.identify(request)
                if token and not reading:
                    self._sessions.check_token(request, session)
                if role:
                    need_agent(session.person)
                response = await handler(request, Caller(session, self._center.agent(session.person)))
            except Refusal as refusal:
                unknown = session is None and refused is not None
                response = await refused(request) if unknown and refused else answer(refusal, self._settings, operation=operation)
            except CsrfRefusal as refusal:
                response = web.Response(text=refusal.text, status=403)
            if session is not None:
                self._sessions.mark(response, session, reading=reading)
            return response

        return open_gate


async def handshake_denied(request: web.Request) -> web.Response:
    """CometD's own refusal: unsuccessful, and not to be tried again."""
    try:
        asked = _decode(await request.read())
    except (msgspec.DecodeError, UnicodeDecodeError):
        asked = []
    told = [
        {
            **{name: each[name] for name in ("id", "channel") if name in each},
            "successful": False,
            "error": "403::Handshake denied" if each.get("channel") == "/meta/handshake" else "402::Unknown client",
            "advice": {"reconnect": "none"},
        }
        for each in (asked if isinstance(asked, list) else [asked])
        if isinstance(each, dict)
    ]
    return json_answer(told)


async def fields_of(request: web.Request) -> dict[str, object]:
    """
    The request's JSON object.

    Raises: ``Refusal`` – code 1: not JSON, or not an object.
    """
    try:
        body = _decode(await request.read())
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise Refusal(MISSING, "Request body is not valid JSON", cause="not_json") from exc
    if not isinstance(body, dict):
        raise Refusal(MISSING, "Request body is not a JSON object", cause="not_json")
    return body
