"""What faults do to requests that come over a real socket."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from runner.clock import ManualClock


def test_a_status_in_the_vendors_form(place: Any) -> None:
    """A 503 has the body that the vendor gives it, with the header that was asked for, and the vendor is not asked."""

    async def go() -> Any:
        async with place() as here:
            here.toy.faults.add("503=Retry-After:3")
            async with here.http.get(here.served.url + "/hello") as answer:
                return answer.status, await answer.read(), answer.headers["Retry-After"], here.toy.hellos

    assert asyncio.run(go()) == (503, b'{"down":true}', "3", 0)


@pytest.mark.parametrize(
    ("kind", "title"), [("502", b"502 Bad Gateway"), ("504", b"504 Gateway Timeout"), ("500", b"500 "), ("599", b"599 Error")]
)
def test_a_status_as_a_gateway_writes_it(place: Any, kind: str, title: bytes) -> None:
    """Where the vendor has no form, and always for 502 and 504, an HTML page comes."""

    async def go() -> Any:
        async with place() as here:
            here.toy.faults.add(kind)
            return await here.hello()

    status, body = asyncio.run(go())
    assert (status, title in body) == (int(kind), True)


@pytest.mark.parametrize(("kind", "carried_out"), [("reset:1", 0), ("answer_lost:1", 1)])
def test_a_connection_cut_before_the_answer(place: Any, kind: str, carried_out: int) -> None:
    """Of both the client hears nothing; one was carried out, the other was not. The next request is answered."""

    async def go() -> Any:
        async with place() as here:
            here.toy.faults.add(kind)
            with pytest.raises(aiohttp.ClientError):
                await here.hello()
            done = here.toy.hellos
            return done, (await here.hello())[0]

    assert asyncio.run(go()) == (carried_out, 200)


def test_a_connection_cut_inside_the_body(place: Any) -> None:
    """The head promises more than comes; headers and cookies are the vendor's."""

    async def go() -> Any:
        async with place() as here:
            here.toy.faults.add("cut:1")
            async with here.http.get(here.served.url + "/hello") as answer:
                with pytest.raises(aiohttp.ClientPayloadError):
                    await answer.read()
                return answer.status, answer.content_length, answer.content.total_bytes, "seen" in answer.cookies

    assert asyncio.run(go()) == (200, 12, 6, True)


def test_a_body_that_drips(place: Any) -> None:
    """It comes whole, a byte at a time, so long apart."""
    clock = ManualClock()

    async def go() -> Any:
        async with place(clock=clock) as here:
            here.toy.faults.add("drip=100ms")
            return await here.hello(), clock.monotonic()

    (status, body), took = asyncio.run(go())
    assert (status, body, round(took, 3)) == (200, b'{"hello": 1}', 1.2)


def test_latency_is_kept(place: Any) -> None:
    """The answer comes so much later."""
    clock = ManualClock()

    async def go() -> Any:
        async with place(clock=clock) as here:
            here.toy.faults.add("latency=200ms")
            return (await here.hello())[0], clock.monotonic()

    assert asyncio.run(go()) == (200, 0.2)


def test_a_request_that_hangs(place: Any) -> None:
    """Nothing comes, the vendor is not asked, and the simulator can still be stopped."""

    async def go() -> Any:
        async with place() as here:
            here.toy.faults.add("hang")
            waiting = asyncio.create_task(here.hello())
            done, _ = await asyncio.wait({waiting}, timeout=0.05)
            return here.toy, waiting, done

    async def around() -> Any:
        toy, waiting, done = await go()
        await asyncio.wait({waiting})
        return toy.hellos, done, isinstance(waiting.exception(), aiohttp.ClientError)

    assert asyncio.run(around()) == (0, set(), True)


def test_a_restart(place: Any) -> None:
    """Sessions are gone, connections are cut, nobody answers for a while, and then all is well."""
    clock = ManualClock()

    async def go() -> Any:
        async with place(clock=clock) as here:
            await here.hello()
            here.toy.faults.add("restart=2s")
            for _ in range(2):
                with pytest.raises(aiohttp.ClientError):
                    await here.hello()
            clock.turn(2.1)
            return here.toy.expired, (await here.hello())[0]

    assert asyncio.run(go()) == (1, 200)


def test_a_restart_cuts_held_connections(place: Any) -> None:
    """A poll that is held ends without an answer when the server falls over."""

    async def go() -> Any:
        async with place() as here:
            client = await here.shake_hands()
            await here.say({"channel": "/meta/connect", "clientId": client})
            held = asyncio.create_task(here.say({"channel": "/meta/connect", "clientId": client}))
            while not here.toy.bayeux.described()[0]["held"]:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0)
            here.toy.faults.add("restart@*/hello")
            with pytest.raises(aiohttp.ClientError):
                await here.hello()
            await asyncio.wait({held})
            return isinstance(held.exception(), aiohttp.ClientError)

    assert asyncio.run(go())


def test_the_control_api_never_fails(place: Any) -> None:
    """Faults are for the vendor's paths."""

    async def go() -> Any:
        async with place() as here:
            here.toy.faults.add("reset")
            return (await here.control("GET", "/health"))[0]

    assert asyncio.run(go()) == 200


@pytest.mark.parametrize("kind", ["cut", "drip", "answer_lost", "hang", "reset", "500", "expire:0", "latency=1ms"])
def test_a_poll_can_be_struck_too(place: Any, kind: str) -> None:
    """Every fault may meet a Bayeux request, and the next one is answered."""

    async def go() -> Any:
        async with place(clock=ManualClock()) as here:
            here.toy.faults.add(kind if ":" in kind else f"{kind.partition('=')[0]}:1{kind[len(kind.partition('=')[0]) :]}")
            try:
                async with asyncio.timeout(0.2):
                    await here.shake_hands()
            except (TimeoutError, aiohttp.ClientError, TypeError):
                pass
            return bool(await here.shake_hands())

    assert asyncio.run(go())
