"""Our Bayeux client against CometD's own server for Node, with its differences (gws reference, section 8)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from runner.clock import ManualClock, SystemClock
from runner.errors import AnswerLost, Refused
from runner.transport.bayeux import BayeuxClient, Gap
from runner.transport.exchange import Exchange
from runner.transport.http import AiohttpTransport

pytestmark = pytest.mark.conformance


class Meeting:
    """Our client at their server; what the client told stands in queues."""

    def __init__(self, http: Any, clock: Any) -> None:
        self.http = http
        self.clock = clock
        self.events: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
        self.gaps: asyncio.Queue[Gap] = asyncio.Queue()
        self.log: list[str] = []
        self.handshakes: list[float] = []
        # answers that bring events and do not arrive
        self.to_lose = 0
        self.answered: asyncio.Queue[None] = asyncio.Queue()
        self.client = BayeuxClient(
            self,  # type: ignore[arg-type]  # it asks for nothing but requests
            "/anything/handshake",
            clock=clock,
            on_event=lambda channel, data: self.events.put_nowait((channel, data)),
            on_gap=self.gaps.put,
            log=self.log.append,
        )

    async def request(self, *args: Any, **options: Any) -> Exchange:
        """Pass a request on, and note when there is a handshake."""
        if b"/meta/handshake" in options["body"]:
            self.handshakes.append(self.clock.monotonic())
        made: Exchange = await self.http.request(*args, **options)
        if self.to_lose and b'"data"' in made.body:
            self.to_lose -= 1
            raise AnswerLost("cut on its way")
        if b"/meta/connect" in options["body"]:
            self.answered.put_nowait(None)
        return made

    async def control(self, verb: str, **query: object) -> str:
        """Ask the server something outside Bayeux."""
        given = "&".join(f"{key}={quote(str(value))}" for key, value in query.items())
        return str((await self.http.request("GET", f"/control/{verb}?{given}")).text)

    async def publish(self, channel: str, data: object) -> None:
        """Let the server push."""
        await self.control("publish", channel=channel, data=msgspec.json.encode(data).decode())

    async def event(self) -> tuple[str, object]:
        """The next event."""
        async with asyncio.timeout(10):
            return await self.events.get()

    async def gap(self) -> Gap:
        """The next gap."""
        async with asyncio.timeout(10):
            return await self.gaps.get()

    async def idle_polls(self, count: int) -> None:
        """Wait until so many connects were answered."""
        for _ in range(self.answered.qsize() + count):
            await self.answered.get()

    async def held(self) -> None:
        """Wait until a connect is held."""
        while await self.control("held") != "1":  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)


@pytest.fixture
def meet(npm_peer: Callable[[str], Path], running: Any) -> Any:
    """A context manager: the server runs, our client has shaken hands."""
    folder = npm_peer("server")

    @asynccontextmanager
    async def meeting(clock: Any = None, extension: str = "") -> AsyncIterator[Meeting]:
        async with running(folder, "server.js", extension) as server:
            transport = AiohttpTransport()
            made = Meeting(transport.client(f"http://127.0.0.1:{await server.line()}"), clock or SystemClock())
            try:
                await made.client.start()
                yield made
                await made.client.close()
            finally:
                await transport.close()

    return meeting


def test_events_arrive(meet: Any) -> None:
    """On a plain channel, on a wildcard, and after idle polls."""

    async def go() -> list[Any]:
        async with meet() as here:
            await here.client.subscribe("/v2/me/interactions", "/v2/you/*")
            await here.publish("/v2/me/interactions", {"n": 1, "text": "größe"})
            first = await here.event()
            await here.publish("/v2/you/x", [2])
            second = await here.event()
            await here.idle_polls(2)
            await here.publish("/v2/you/x", None)
            return [first, second, await here.event(), here.log]

    assert asyncio.run(go()) == [("/v2/me/interactions", {"n": 1, "text": "größe"}), ("/v2/you/x", [2]), ("/v2/you/x", None), []]


def test_catching_up_proves_a_held_connect_alive(meet: Any) -> None:
    """The server answers at once while it holds a connect, nothing is lost or told as trouble, and events go on coming."""

    async def go() -> list[Any]:
        async with meet() as here:
            await here.client.subscribe("/v2/me/*")
            await here.held()
            await here.client.catch_up()
            await here.publish("/v2/me/x", 1)
            await here.client.catch_up()
            caught = here.events.qsize()
            await here.publish("/v2/me/x", 2)
            return [caught, await here.event(), await here.event(), here.log, len(here.handshakes), here.gaps.qsize()]

    assert asyncio.run(go()) == [1, ("/v2/me/x", 1), ("/v2/me/x", 2), [], 1, 0]


def test_overlapping_subscriptions_are_heard_once(meet: Any) -> None:
    """The server delivers once for each subscription; the client passes one on."""

    async def go() -> list[Any]:
        async with meet() as here:
            await here.client.subscribe("/v2/me/x", "/v2/me/*", "/**")
            for number in range(5):
                await here.publish("/v2/me/x", number)
            got = [await here.event() for _ in range(5)]
            await here.publish("/v2/me/x", "last")
            return [data for _, data in [*got, await here.event()]]

    assert asyncio.run(go()) == [0, 1, 2, 3, 4, "last"]


def test_a_refused_subscription(meet: Any) -> None:
    """Their refusal is ours, and the session lives on."""

    async def go() -> Any:
        async with meet() as here:
            await here.control("refuse", channel="/secret")
            with pytest.raises(Refused) as caught:
                await here.client.subscribe("/secret")
            await here.client.subscribe("/open")
            await here.publish("/open", 1)
            return caught.value.reason, await here.event()

    assert asyncio.run(go()) == ("forbidden", ("/open", 1))


def test_a_restarted_server(meet: Any) -> None:
    """One new handshake, the same subscriptions, the gap told, and events again."""

    async def go() -> Any:
        async with meet() as here:
            await here.client.subscribe("/v2/me/*")
            await here.held()
            await here.control("restart")
            gap = await here.gap()
            await here.publish("/v2/me/x", 1)
            return gap.reason[:3], await here.event(), len(here.handshakes)

    assert asyncio.run(go()) == ("402", ("/v2/me/x", 1), 2)


def test_lost_cookies(meet: Any) -> None:
    """Without the browser's cookie the session is unknown; the client gets a new one and goes on."""

    async def go() -> Any:
        async with meet() as here:
            await here.client.subscribe("/v2/me/*")
            here.http.clear_cookies()
            gap = await here.gap()
            await here.publish("/v2/me/x", 1)
            return gap.reason[:3], await here.event()

    assert asyncio.run(go()) == ("402", ("/v2/me/x", 1))


def test_a_subscription_at_a_server_that_forgot_us(meet: Any) -> None:
    """It waits for the new session and is made in it."""

    async def go() -> Any:
        async with meet() as here:
            await here.held()
            here.http.clear_cookies()
            await here.client.subscribe("/v2/me/*")
            await here.publish("/v2/me/x", 1)
            return await here.event(), len(here.handshakes)

    assert asyncio.run(go()) == (("/v2/me/x", 1), 2)


def test_a_held_connect_that_is_cut(meet: Any) -> None:
    """The session survives it without a new handshake; since its answer may have held events, the gap is told."""

    async def go() -> Any:
        async with meet() as here:
            await here.client.subscribe("/v2/me/*")
            await here.held()
            await here.control("cut")
            gap = await here.gap()
            await here.publish("/v2/me/x", 1)
            return gap.reason, await here.event(), len(here.handshakes)

    reason, event, handshakes = asyncio.run(go())
    assert "closed the connection without an answer" in reason
    assert (event, handshakes) == (("/v2/me/x", 1), 1)


@pytest.mark.parametrize(("extension", "arrived", "gaps"), [("ack", [1, 2, 3], 0), ("", [1, 3], 1)])
def test_an_answer_that_did_not_arrive(meet: Any, extension: str, arrived: list[int], gaps: int) -> None:
    """With their ack extension what it brought is sent again, and nothing is missing; without it the gap is told."""

    async def go() -> Any:
        async with meet(extension=extension) as here:
            await here.client.subscribe("/v2/me/*")
            await here.held()
            await here.publish("/v2/me/x", 1)
            told = [await here.event()]
            await here.held()
            here.to_lose = 1
            await here.publish("/v2/me/x", 2)
            if not extension:
                await here.gap()
            else:
                told.append(await here.event())
            await here.publish("/v2/me/x", 3)
            told.append(await here.event())
            return [data for _, data in told], here.gaps.qsize() + (not extension)

    assert asyncio.run(go()) == (arrived, gaps)


def test_never_more_than_one_handshake_a_second(meet: Any) -> None:
    """A client that loses its cookies all the time does not spin, by a clock that is turned by hand."""
    clock = ManualClock()

    async def go() -> list[float]:
        async with meet(clock) as here:
            while len(here.handshakes) < 8:
                here.http.clear_cookies()
                await asyncio.sleep(0)
            return list(here.handshakes)

    handshakes = asyncio.run(go())
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(handshakes))
