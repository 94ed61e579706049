"""The fake transport keeps the promises of the real one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from runner.errors import AnswerLost, ConnectFailed
from runner.transport.exchange import Exchange
from runner.transport.scripted import Answer, ScriptedTransport


def client(transport: ScriptedTransport, **options: Any) -> Any:
    return transport.client("http://vendor.example/api", **options)


def test_answers_come_in_order_and_the_last_stays() -> None:
    """Each scripted answer is given once, the last one from then on."""
    transport = ScriptedTransport()
    transport.on("GET", "/api/x", Answer.json({"n": 1}), Answer(http=404))

    async def ask() -> list[int]:
        return [(await client(transport).request("GET", "/x")).http for _ in range(3)]

    assert asyncio.run(ask()) == [200, 404, 404]


def test_what_is_scripted_last_is_looked_at_first() -> None:
    """A test can say how all answer, and then how one does not."""
    transport = ScriptedTransport()
    transport.on("*", "*", Answer())
    transport.on("POST", "/api/me/*/send?x=1", Answer(http=409))
    asked = asyncio.run(client(transport).request("POST", "/me/7/send?x=1", body=b"{}"))
    assert (asked.http, transport.requests[0].request_body) == (409, b"{}")


def test_errors_and_functions_can_be_scripted() -> None:
    """An error is raised and observed; a function makes an answer out of the request."""
    seen: list[Exchange] = []
    transport = ScriptedTransport()
    transport.on("GET", "*", ConnectFailed("down"), lambda exchange: Answer(body=exchange.method.encode()))

    async def ask() -> bytes:
        made = client(transport, observer=seen.append)
        with pytest.raises(ConnectFailed):
            await made.request("GET", "/")
        return bytes((await made.request("GET", "/")).body)

    assert asyncio.run(ask()) == b"GET"
    assert [exchange.error for exchange in seen] == ["down", ""]


def test_a_timeout_that_is_too_short() -> None:
    """An answer that takes longer than there is time is lost; nobody waits for it."""
    transport = ScriptedTransport()
    transport.on("GET", "*", Answer(takes=3.0))
    with pytest.raises(AnswerLost, match="within 1 s"):
        asyncio.run(client(transport).request("GET", "/", timeout=1.0))


def test_cookies_are_kept_for_each_client() -> None:
    """A cookie that is set comes back from that client alone."""
    transport = ScriptedTransport()
    transport.on("GET", "*", Answer(headers={"Set-Cookie": "sid=1; Path=/"}))

    async def ask() -> list[dict[str, str]]:
        one, other = client(transport), client(transport)
        await one.request("GET", "/")
        return [dict((await made.request("GET", "/")).request_headers) for made in (one, other)]

    assert asyncio.run(ask()) == [{"Cookie": "sid=1"}, {}]


def test_what_nobody_scripted_fails_the_test() -> None:
    """A request that was not expected is the test's fault."""
    with pytest.raises(AssertionError, match="nothing is scripted for GET /api/y"):
        asyncio.run(client(ScriptedTransport()).request("GET", "/y"))


def test_a_stream_gives_the_body_line_by_line() -> None:
    """What is scripted as a body can be read as a stream."""
    transport = ScriptedTransport()
    transport.on("GET", "*", Answer(body=b"data: 1\n\n"))

    async def read() -> list[bytes]:
        async with client(transport).stream("GET", "/") as stream:
            return [await stream.readline() for _ in range(3)]

    assert asyncio.run(read()) == [b"data: 1\n", b"\n", b""]
