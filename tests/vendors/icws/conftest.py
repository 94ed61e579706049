"""
A bare client for the ICWS simulator: requests as a stranger would write them, so that rules are tested without our own client.

``knock(story, **settings)`` runs ``await story(door)`` against a simulator with these settings.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from runner.clock import Clock
from runner.simulation.server import serving
from runner.simulation.world import Mail, World, default_password, default_people
from runner.transport.exchange import Exchange
from runner.transport.http import AiohttpTransport
from runner.vendors.icws.simulator.app import IcwsSimulator
from runner.vendors.icws.simulator.settings import IcwsSettings

URN = "urn:inin.com:interactions.email:"
DESK = {"displayName": "Shop", "address": "help@shop.example"}
JOE = {"displayName": "Joe", "address": "joe@example.com"}


@dataclass
class Peer:
    """Somebody who is logged in: the session's id, token and cookie."""

    door: Door
    user: str
    id: str
    token: str
    cookie: str

    async def call(self, method: str, path: str, body: object = None, **changes: str | None) -> Exchange:
        """A request below the session; *changes* replace headers (``token``, ``cookie``; None leaves one out), ``content`` the raw body."""
        given = {"token": self.token, "cookie": self.cookie} | changes
        headers = {"ININ-ICWS-CSRF-Token": given["token"], "Cookie": given["cookie"]}
        content = given["content"].encode() if isinstance(given.get("content"), str) else None
        return await self.door.call(method, f"/icws/{self.id}/{path}", body, {k: v for k, v in headers.items() if v is not None}, content)

    async def good(self, method: str, path: str, body: object = None) -> Any:
        """The same, which must succeed; gives the decoded body."""
        answer = await self.call(method, path, body)
        assert answer.http < 300, answer.text
        return answer.json()

    async def draft(self, **content: object) -> str:
        """A draft to Joe; gives its id."""
        told = {"__type": URN + "emailContent", "sender": DESK, "toRecipients": [JOE], "subject": "Hello"} | content
        return str(
            (await self.good("POST", "interactions", {"__type": URN + "createEmailParameters", "emailContent": told}))["interactionId"]
        )

    async def state(self, interaction: str) -> str:
        """The letter of its state."""
        found = await self.good("GET", f"interactions/{interaction}?select=Eic_State")
        return str(found["attributes"]["Eic_State"])

    async def ready(self) -> None:
        """Take routed e-mail."""
        await self.good(
            "PUT",
            "connection/station",
            {"__type": "urn:inin.com:connection:stationlessSettings", "supportedMediaTypes": [3], "readyForInteractions": True},
        )
        await self.good("PUT", f"status/user-statuses/{self.user}", {"statusId": "Available"})

    async def messages(self, kind: str = "") -> list[dict[str, Any]]:
        """What waits, by the end of its type."""
        found = (await self.call("GET", "messaging/messages", token=None)).json()
        assert isinstance(found, list)
        return [m for m in found if not kind or str(m["__type"]).endswith(":" + kind)]


class Door:
    """The simulator, and a client without cookies of its own."""

    def __init__(self, simulator: IcwsSimulator, http: Any, url: str) -> None:
        self.simulator = simulator
        self.office = simulator.office
        self.world = simulator.world
        self.url = url
        self.http = http

    async def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> Exchange:
        """A request as it is."""
        raw = content if content is not None else None if body is None else json.dumps(body).encode()
        exchange: Exchange = await self.http.request(method, path, headers=dict(headers or {}), body=raw)
        return exchange

    async def knock(self, user: str, password: str | None = None, **members: object) -> Exchange:
        """A login as it is answered."""
        body = {
            "__type": "urn:inin.com:connection:icAuthConnectionRequestSettings",
            "applicationName": "test",
            "userID": user,
            "password": password if password is not None else default_password(user),
        } | members
        return await self.call("POST", "/icws/connection?include=features,version", body, {"Accept-Language": "en-us"})

    async def login(self, user: str = "agent1") -> Peer:
        """A login that succeeds."""
        answer = await self.knock(user)
        assert answer.http == 201, answer.text
        cookie = answer.header("Set-Cookie").partition(";")[0]
        return Peer(self, user, answer.header("ININ-ICWS-Session-ID"), answer.header("ININ-ICWS-CSRF-Token"), cookie)

    async def arrives(self, **mail: Any) -> str:
        """A customer's mail comes in; gives its id."""
        given = {"sender": "Joe <joe@example.com>", "to": ["help@shop.example"], "subject": "Where is my parcel", "text": "It is late."}
        return await self.simulator.receive(Mail(**(given | mail)))

    def library_item(self, name: str) -> str:
        """The id of an item of the shared library."""
        library = self.office.libraries.visible("")[0]
        return next(item.id for item in library.items if item.name == name)


async def noticed(logged: list[str], words: str, times: int = 1) -> None:
    """Let the event loop go on until so many lines of a record have these words: what a server did has come to the client's end."""
    async with asyncio.timeout(5):
        while sum(words in line for line in logged) < times:  # noqa: ASYNC110 - a record tells nobody that it grew
            await asyncio.sleep(0)


Story = Callable[[Door], Awaitable[None]]


@pytest.fixture
def knock() -> Callable[..., None]:
    """``knock(story, clock=…, **settings)``."""

    def knocked(story: Story, *, clock: Clock | None = None, **settings: Any) -> None:
        async def run() -> None:
            simulator = IcwsSimulator(World(default_people(4), seed=3, clock=clock), IcwsSettings(**settings))
            transport = AiohttpTransport()
            try:
                async with serving(simulator) as running:
                    http = transport.client(running.url, cookies=False)
                    try:
                        await story(Door(simulator, http, running.url))
                    finally:
                        await http.close()
            finally:
                await transport.close()

        asyncio.run(run())

    return knocked
