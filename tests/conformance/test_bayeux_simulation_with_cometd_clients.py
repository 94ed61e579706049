"""CometD's own JavaScript client, two generations, against our Bayeux server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from runner.clock import SystemClock
from runner.simulation.bayeux import BayeuxServer, BayeuxSettings

pytestmark = pytest.mark.conformance


class Losing(BayeuxServer):
    """Loses the answers to so many requests that bring events, on their way."""

    to_lose = 0

    async def handle(self, request: web.Request, *, user_key: str) -> web.Response:
        """Answer, and cut the connection before the answer is out."""
        response = await super().handle(request, user_key=user_key)
        if self.to_lose and isinstance(response.body, bytes) and b'"data"' in response.body and request.transport is not None:
            self.to_lose -= 1
            request.transport.abort()
        return response


@asynccontextmanager
async def serving(bayeux: BayeuxServer) -> AsyncIterator[str]:
    """The server alone on a free port; gives its URL."""

    async def notifications(request: web.Request) -> web.Response:
        return await bayeux.handle(request, user_key=request.headers["X-User"])

    async def stopping(app: web.Application) -> None:
        bayeux.close()

    app = web.Application()
    app.router.add_route("*", "/api/v2/notifications{rest:.*}", notifications)
    app.on_shutdown.append(stopping)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/v2/notifications"
    finally:
        await runner.cleanup()


async def held(bayeux: BayeuxServer) -> None:
    """Wait until a connect is held."""
    async with asyncio.timeout(20):
        while not any(session["held"] for session in bayeux.described()):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)


@pytest.fixture(params=["client3", "client9"])
def folder(request: pytest.FixtureRequest, npm_peer: Callable[[str], Path]) -> Path:
    """The client of GWS' own generation, and that of today."""
    return npm_peer(request.param)


def flow(folder: Path, running: Any, meanwhile: Callable[[Losing, Any], Any], *, extension: str = "", **settings: Any) -> Any:
    """Let the client shake hands and subscribe, then do something; gives what that gives. *extension* is what the client loads."""

    async def go() -> Any:
        bayeux = Losing(SystemClock(), random.Random(1), BayeuxSettings(**settings))
        async with serving(bayeux) as url, running(folder, "client.js", url, "", extension) as client:
            assert await client.until("handshake") == [True, None]
            assert await client.until("subscribed") is True
            return await meanwhile(bayeux, client)

    return asyncio.run(go())


def test_events_by_long_poll(folder: Path, running: Any) -> None:
    """Events arrive in order, also after idle polls."""

    async def meanwhile(bayeux: BayeuxServer, client: Any) -> list[Any]:
        bayeux.publish("ines", "/v2/me/interactions", {"n": 1})
        bayeux.publish("ines", "/v2/me/channels", {"n": 2})
        first = [await client.until("event") for _ in range(2)]
        idle = [await client.until("connect") for _ in range(3)]
        bayeux.publish("ines", "/v2/me/interactions", {"n": 3})
        return [first, idle, await client.until("event")]

    events, idle, last = flow(folder, running, meanwhile, timeout=200)
    assert (events, last) == ([{"n": 1}, {"n": 2}], {"n": 3})
    assert [successful for successful, _ in idle] == [True] * 3


def test_a_forced_402(folder: Path, running: Any) -> None:
    """The client shakes hands again, subscribes again, and hears again."""

    async def meanwhile(bayeux: BayeuxServer, client: Any) -> Any:
        bayeux.force_402()
        again = await client.until("handshake"), await client.until("subscribed")
        bayeux.publish("ines", "/v2/me/interactions", {"n": 1})
        return again, await client.until("event")

    assert flow(folder, running, meanwhile) == (([True, None], True), {"n": 1})


def test_sessions_that_are_dropped(folder: Path, running: Any) -> None:
    """What is held is answered with 402, and the client begins anew."""

    async def meanwhile(bayeux: BayeuxServer, client: Any) -> Any:
        await held(bayeux)
        bayeux.drop_sessions()
        again = await client.until("handshake"), await client.until("subscribed")
        bayeux.publish("ines", "/v2/me/interactions", {"n": 1})
        return again, await client.until("event")

    assert flow(folder, running, meanwhile) == (([True, None], True), {"n": 1})


def test_a_cut_poll(folder: Path, running: Any) -> None:
    """The client connects again in the same session and misses nothing."""

    async def meanwhile(bayeux: BayeuxServer, client: Any) -> Any:
        await held(bayeux)
        bayeux.cut_held()
        bayeux.publish("ines", "/v2/me/interactions", {"n": 1})
        return await client.until("event"), len(bayeux.described())

    assert flow(folder, running, meanwhile) == ({"n": 1}, 1)


def test_a_client_that_confirms_what_came(folder: Path, running: Any) -> None:
    """CometD's own ack extension: what was on its way when the connection ended is sent again, once and in order."""

    async def meanwhile(bayeux: Losing, client: Any) -> Any:
        await held(bayeux)
        bayeux.publish("ines", "/v2/me/interactions", {"n": 1})
        first = await client.until("event")
        await held(bayeux)
        bayeux.to_lose = 1
        bayeux.publish("ines", "/v2/me/interactions", {"n": 2})
        second = await client.until("event")
        bayeux.publish("ines", "/v2/me/interactions", {"n": 3})
        return [first, second, await client.until("event")], bayeux.described()[0]["acknowledges"]

    assert flow(folder, running, meanwhile, extension="ack", acknowledge=True) == ([{"n": 1}, {"n": 2}, {"n": 3}], True)


def test_goodbye(folder: Path, running: Any) -> None:
    """The client's disconnect succeeds, and its session is gone."""

    async def meanwhile(bayeux: BayeuxServer, client: Any) -> Any:
        await held(bayeux)
        client.stop()
        return await client.until("disconnected"), bayeux.described()

    assert flow(folder, running, meanwhile) == (True, [])
