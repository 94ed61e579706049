"""Simulators on real ports: they start, they say where, they stop."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import time
import weakref
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from runner.errors import EnvironmentUnusable
from runner.simulation.server import Serving, serve_until_stopped, serving
from runner.simulation.simulator import Simulator
from runner.simulation.world import Mail, World, default_people


class Quiet(Simulator):
    """Answers, and holds a stream open for whoever asks for one."""

    vendor = "quiet"

    def routes(self, app: web.Application) -> None:
        async def hold(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            await asyncio.Event().wait()
            return response

        app.router.add_get("/hold", hold)

    async def receive(self, mail: Mail) -> str:
        return ""

    def expire_sessions(self) -> int:
        return 0


def quiet() -> Quiet:
    return Quiet(World(default_people(1)))


def test_a_simulator_that_has_stopped_is_let_go() -> None:
    """Nothing keeps it, with all its mails, for the rest of the process: a suite may start thousands of them."""

    async def go() -> weakref.ref[Quiet]:
        simulator = quiet()
        async with serving(simulator) as running, aiohttp.ClientSession() as session, session.get(running.control + "/outbox") as answer:
            assert answer.status == 200
        return weakref.ref(simulator)

    gone = asyncio.run(go())
    gc.collect()
    assert gone() is None


def test_a_port_that_is_taken() -> None:
    """It is told with its number and the way out."""

    async def go() -> None:
        async with serving(quiet()) as first:
            port = int(first.url.rpartition(":")[2])
            with pytest.raises(EnvironmentUnusable) as caught:
                async with serving(quiet(), port=port):
                    pass
            assert caught.value.message == f"port {port} on 127.0.0.1 is taken by another program"
            assert "0 for any free one" in caught.value.hint

    asyncio.run(go())


@pytest.mark.parametrize(
    ("host", "port", "told"), [("127.0.0.1", 70000, "70000 is not a port"), ("192.0.2.1", 0, "no address of this machine")]
)
def test_an_address_that_cannot_be_served(host: str, port: int, told: str) -> None:
    """A port out of range or another machine's address is the environment's fault."""

    async def go() -> None:
        async with serving(quiet(), host=host, port=port):
            pass

    with pytest.raises(EnvironmentUnusable, match=told):
        asyncio.run(go())


def test_stopping_does_not_wait_for_what_is_held() -> None:
    """A stream that nobody ends does not keep a simulator up, and its port is free afterwards."""

    async def go() -> str:
        async with aiohttp.ClientSession() as http:
            async with serving(quiet()) as served:
                held = await http.get(served.url + "/hold")
            with pytest.raises(aiohttp.ClientError):
                await http.get(served.url + "/hold")
            held.close()
            return served.url

    async def bounded() -> str:
        async with asyncio.timeout(10):
            return await go()

    port = int(asyncio.run(bounded()).rpartition(":")[2])
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


def test_stopping_survives_cancellation() -> None:
    """Who is cancelled while serving is cancelled, and nothing stays behind."""

    async def go() -> None:
        serving_now = asyncio.Event()
        urls: list[str] = []

        async def serve() -> None:
            async with serving(quiet()) as served:
                urls.append(served.url)
                serving_now.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(serve())
        await serving_now.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.ClientConnectorError):
                await http.get(urls[0])

    asyncio.run(go())


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself these signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_until_a_signal(number: signal.Signals) -> None:
    """All simulators answer when ``ready`` is told; the signal stops them, and its handler is gone."""
    told: list[list[Serving]] = []

    def ready(now: list[Serving]) -> None:
        told.append(now)
        os.kill(os.getpid(), number)

    asyncio.run(serve_until_stopped([quiet(), quiet()], [0, 0], ready))
    assert [served.simulator.vendor for served in told[0]] == ["quiet", "quiet"]
    assert signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}


def test_one_port_taken_stops_all() -> None:
    """When one simulator has no port, none stays, and ``ready`` is not told."""

    async def go() -> None:
        async with serving(quiet()) as first:
            port = int(first.url.rpartition(":")[2])
            with pytest.raises(EnvironmentUnusable):
                await serve_until_stopped([quiet(), quiet()], [0, port], lambda now: pytest.fail("told"))

    asyncio.run(go())


def test_two_hundred_agents_at_once(place: Any) -> None:
    """Two hundred sessions are held at the same time, and each gets its event; under a millisecond of CPU a request."""

    async def agent(here: Any, user: str, ready: list[str]) -> int:
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), connector=here.http.connector, connector_owner=False
        ) as http:
            client = await here.shake_hands(user, http)
            await here.say({"channel": "/meta/subscribe", "clientId": client, "subscription": "/v2/me/*"}, user=user, http=http)
            await here.say({"channel": "/meta/connect", "clientId": client}, user=user, http=http)
            ready.append(user)
            messages = await here.say({"channel": "/meta/connect", "clientId": client}, user=user, http=http)
            return int(messages[0]["data"])

    async def go() -> tuple[list[int], float]:
        async with place() as here:
            here.http.connector._limit = 0
            before = time.process_time()
            ready: list[str] = []
            agents = [asyncio.create_task(agent(here, f"u{n}", ready)) for n in range(200)]
            while sum(1 for session in here.toy.bayeux.described() if session["held"]) < 200:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.005)
            for number in range(200):
                here.toy.bayeux.publish(f"u{number}", "/v2/me/x", number)
            return list(await asyncio.gather(*agents)), time.process_time() - before

    got, cpu = asyncio.run(go())
    assert got == list(range(200))
    # both ends of 800 requests; far above what they take, so that only a blunder shows
    assert cpu < 8.0
