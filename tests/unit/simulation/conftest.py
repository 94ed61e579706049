"""A toy vendor, served on a real port."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from runner.clock import Clock
from runner.simulation.bayeux import BayeuxServer, BayeuxSettings
from runner.simulation.server import Serving, serving
from runner.simulation.simulator import Simulator
from runner.simulation.world import Mail, World, default_people


class ToySettings(msgspec.Struct, frozen=True):
    """The toy's assumptions."""

    colour: str = "red"


class Toy(Simulator):
    """``/api/hello`` answers and counts; ``/api/notifications`` is Bayeux; mails are kept."""

    vendor = "toy"
    base_path = "/api"
    settings = ToySettings()

    def __init__(self, world: World, bayeux: BayeuxSettings) -> None:
        super().__init__(world)
        self.hellos = 0
        self.mails: list[Mail] = []
        self.expired = 0
        self.can_reset = True
        self.bayeux = BayeuxServer(
            world.clock,
            world.random,
            bayeux,
            refuse_handshake=lambda user: user == "nobody",
            refuse_subscribe=lambda user, channel: "not_yours" if channel == "/secret" else "",
        )

    def routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/api/hello", self._hello)
        app.router.add_route("*", "/api/notifications{rest:.*}", self._notifications)
        app.on_shutdown.append(self._stopping)

    async def receive(self, mail: Mail) -> str:
        self.mails.append(mail)
        return f"mail-{len(self.mails)}"

    def expire_sessions(self) -> int:
        self.expired += 1
        return self.bayeux.drop_sessions()

    def described(self) -> Mapping[str, object]:
        return {"hellos": self.hellos}

    def fault_body(self, request: web.Request, status: int) -> tuple[bytes, str] | None:
        return (b'{"down":true}', "application/json") if status in {502, 503} else None

    def reset(self) -> bool:
        return self.can_reset

    async def _hello(self, request: web.Request) -> web.Response:
        self.hellos += 1
        answer = web.json_response({"hello": self.hellos})
        answer.set_cookie("seen", "1")
        return answer

    async def _notifications(self, request: web.Request) -> web.Response:
        return await self.bayeux.handle(request, user_key=request.headers.get("X-User", "ines"))

    async def _stopping(self, app: web.Application) -> None:
        self.bayeux.close()


@dataclass
class Place:
    """A toy that is served, and a browser in front of it."""

    toy: Toy
    served: Serving
    http: aiohttp.ClientSession

    async def control(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask the control API; gives the status and the decoded body."""
        data = body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)
        async with self.http.request(method, self.served.control + path, data=data) as answer:
            return answer.status, msgspec.json.decode(await answer.read())

    async def hello(self) -> tuple[int, bytes]:
        """Ask the vendor; gives the status and the body."""
        async with self.http.get(self.served.url + "/hello") as answer:
            return answer.status, await answer.read()

    async def say(self, *messages: object, user: str = "ines", http: aiohttp.ClientSession | None = None) -> Any:
        """Post Bayeux messages; gives the decoded replies, or the status when it is not 200."""
        body = messages[0] if len(messages) == 1 and isinstance(messages[0], bytes) else msgspec.json.encode(messages)
        async with (http or self.http).post(f"{self.served.url}/notifications", data=body, headers={"X-User": user}) as answer:
            return msgspec.json.decode(await answer.read()) if answer.status == 200 else answer.status

    async def shake_hands(self, user: str = "ines", http: aiohttp.ClientSession | None = None) -> str:
        """A new Bayeux session; gives its clientId."""
        return str((await self.say({"channel": "/meta/handshake", "version": "1.0"}, user=user, http=http))[0]["clientId"])


OpenPlace = Callable[..., AbstractAsyncContextManager[Place]]


@pytest.fixture
def place() -> OpenPlace:
    """A context manager that serves a toy; takes a clock and Bayeux settings."""

    @asynccontextmanager
    async def serve(*, clock: Clock | None = None, seed: int = 1, **bayeux: Any) -> AsyncIterator[Place]:
        toy = Toy(World(default_people(2), seed=seed, clock=clock), BayeuxSettings(**bayeux))
        async with serving(toy) as served, browser() as http:
            yield Place(toy, served, http)

    return serve


def browser() -> aiohttp.ClientSession:
    """A client that keeps cookies of 127.0.0.1 and sends nothing twice by itself."""
    made = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
    made._retry_connection = False
    return made


@pytest.fixture
def another_browser() -> Callable[[], aiohttp.ClientSession]:
    """Makes a client with cookies of its own."""
    return browser


@pytest.fixture
def chance() -> random.Random:
    """Chance that is the same each time."""
    return random.Random(7)
