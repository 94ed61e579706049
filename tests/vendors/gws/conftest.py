"""
GWS on the stage, and a client that speaks its wire without any of our client's code.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from runner.clock import Duration
from runner.simulation.world import default_password
from runner.vendors.gws import VENDOR
from runner.vendors.gws.simulator.settings import GwsSettings

QUICK = (Duration(milliseconds=1), Duration(milliseconds=2))


@pytest.fixture
def gws(play: Callable[..., None]) -> Callable[..., None]:
    """``gws(story, dialect="emails", delay=…)``: settings by keyword; ``options`` and ``defaults`` are the environment's."""

    def played(story: Callable[[Any], Awaitable[None]], **given: Any) -> None:
        around = {name: given.pop(name) for name in ("options", "defaults", "agents", "clock", "seed") if name in given}
        play(VENDOR, story, settings=GwsSettings(**({"delay": QUICK} | given)), **around)

    return played


class Wire:
    """One user's plain HTTP with the simulator: cookie and token by hand."""

    def __init__(self, stage: Any) -> None:
        self.http = stage.transport.client(stage.target.url)
        self.token: dict[str, str] = {}

    async def ask(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None, token: bool = True
    ) -> Any:
        """One request; *body* is bytes, or anything for JSON."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **(self.token if token else {}), **(headers or {})}
        answer = await self.http.request(method, path, headers=given, body=raw)
        name = answer.header("X-CSRF-HEADER")
        if name:
            self.token = {name: answer.header(name)}
        return answer

    async def sign_in(self, user: str = "agent1", password: str | None = None) -> Any:
        """``GET /me`` with Basic."""
        pair = base64.b64encode(f"{user}:{password or default_password(user)}".encode()).decode()
        return await self.ask("GET", "/me", headers={"Authorization": f"Basic {pair}"})

    async def started(self, user: str = "agent1") -> Wire:
        """Signed in, contact-centre session started, Ready."""
        await self.sign_in(user)
        await self.ask("POST", "/me", {"operationName": "StartContactCenterSession", "channels": ["email"]})
        await self.ask("POST", "/me/channels/email", {"operationName": "Ready"})
        return self

    async def listen(self, subscription: str = "/v2/me/*") -> str:
        """A CometD session, subscribed and past its first connect; gives its clientId."""
        shake = {"id": "1", "version": "1.0", "channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]}
        client_id = str((await self.ask("POST", "/notifications/handshake", [shake])).json()[0]["clientId"])
        subscribe = {"id": "2", "channel": "/meta/subscribe", "subscription": subscription, "clientId": client_id}
        await self.ask("POST", "/notifications/", [subscribe])
        connect = {"id": "3", "channel": "/meta/connect", "connectionType": "long-polling", "clientId": client_id, "advice": {"timeout": 0}}
        await self.ask("POST", "/notifications/connect", [connect])
        return client_id

    async def heard(self, client_id: str) -> list[dict[str, Any]]:
        """The events that one connect brings."""
        connect = {"id": "9", "channel": "/meta/connect", "connectionType": "long-polling", "clientId": client_id}
        replies = (await self.ask("POST", "/notifications/connect", [connect])).json()
        return [m for m in replies if not m["channel"].startswith("/meta/")]

    async def heard_until(self, client_id: str, topic: str) -> list[dict[str, Any]]:
        """The events up to the first on *topic*."""
        events: list[dict[str, Any]] = []
        while not any(e["channel"] == topic for e in events):
            events += await self.heard(client_id)
        return events

    async def mine(self) -> list[dict[str, Any]]:
        """The user's interactions."""
        found = (await self.ask("GET", "/me/interactions?fields=*")).json()
        return list(found["interactions"])


@pytest.fixture
def wire(gws: Callable[..., None]) -> Callable[..., None]:
    """``wire(story, …)``: the story gets the stage and a maker of :class:`Wire`s, which are closed afterwards."""

    def played(story: Callable[..., Awaitable[None]], **given: Any) -> None:
        async def with_wires(stage: Any) -> None:
            wires: list[Wire] = []

            def make() -> Wire:
                wires.append(Wire(stage))
                return wires[-1]

            try:
                await story(stage, make)
            finally:
                for each in wires:
                    await each.http.close()

        gws(with_wires, **given)

    return played
