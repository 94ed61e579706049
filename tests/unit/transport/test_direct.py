"""The short way of a request shows nothing of itself: on the wire and in what comes back it is as aiohttp's own."""

from __future__ import annotations

import asyncio
from asyncio import StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from yarl import URL

from runner.errors import AnswerLost, ConnectFailed, WireError
from runner.transport.direct import Target
from runner.transport.exchange import Exchange
from runner.transport.http import AiohttpTransport

Respond = Callable[[bytes, StreamWriter], Awaitable[None]]
Serve = Callable[[Respond], AbstractAsyncContextManager[str]]
Answering = Callable[..., Respond]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
JSON = {"Content-Type": "application/json"}


def sent(wire_server: Serve, method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[list[bytes], bool]:
    """What arrives by our client, and by aiohttp's session, which has the same defaults; and whether ours went the short way."""
    arrived: list[bytes] = []

    async def respond(request: bytes, writer: StreamWriter) -> None:
        arrived.append(request)
        writer.write(OK)

    async def go() -> bool:
        transport = AiohttpTransport()
        async with wire_server(respond) as url:
            target = URL(url + path, encoded=True)
            short = transport.message(Exchange(method, str(target), headers, body or b""), Target.of(target), body)
            await transport.client(url).request(method, path, headers=headers, body=body)
            async with transport.session.request(method, target, headers=headers, data=body, allow_redirects=False):
                pass
            await transport.close()
        return short is not None

    return arrived, asyncio.run(go())


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", "/", {}, None),
        ("GET", "/mails?page=2&q=a%20b;c", {"Authorization": "Bearer x"}, None),
        ("GET", "/search", {}, b"{}"),
        ("GET", "/", {}, b""),
        ("POST", "/mails", JSON, b'{"a": 1}'),
        ("POST", "/mails", {}, b"no type"),
        ("POST", "/mails", {}, None),
        ("PUT", "/mails/1", {"content-type": "text/plain; charset=utf-8"}, "grüße".encode()),
        ("DELETE", "/mails/1", {"X-CSRF-TOKEN": "t"}, None),
        ("PATCH", "/mails/1", {"accept": "application/vnd.x+json", "User-Agent": "me", "ACCEPT-ENCODING": "identity"}, b"1"),
        ("OPTIONS", "/", {}, None),
        ("TRACE", "/", {}, None),
        ("POST", "/mails", {"X-Name": "grüße"}, b"1"),
        ("POST", "/mails", {"X-Empty": ""}, b"x" * 65_536),
        ("POST", "/mails", {"Cookie": "a=b; c=d"}, b"1"),
    ],
)
def test_the_short_way_sends_what_aiohttp_would_send(
    wire_server: Serve, method: str, path: str, headers: dict[str, str], body: bytes | None
) -> None:
    """The same lines with the same values, and the same body."""
    (ours, theirs), short = sent(wire_server, method, path, headers, body)

    assert short
    assert lines(ours) == lines(theirs)


def lines(request: bytes) -> tuple[bytes, list[bytes], bytes]:
    """The request line, the headers with their names in lower case, sorted, and the body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    pairs = (line.partition(b": ") for line in rest)
    return first, sorted(name.lower() + b": " + value for name, _, value in pairs), body


@pytest.mark.parametrize(
    ("method", "url", "headers", "body"),
    [
        ("POST", "http://h/", {}, b"x" * 65_537),
        ("get", "http://h/", {}, None),
        ("CONNECT", "http://h/", {}, None),
        ("GET", "http://joe:secret@h/", {}, None),
        ("GET", "ftp://h/", {}, None),
        ("GET", "/only/a/path", {}, None),
        ("GET", "http://h/", {"Host": "other"}, None),
        ("POST", "http://h/", {"content-length": "3"}, b"abc"),
        ("POST", "http://h/", {"Transfer-Encoding": "chunked"}, b"abc"),
        ("POST", "http://h/", {"Expect": "100-continue"}, b"abc"),
        ("GET", "http://h/", {"Connection": "close"}, None),
        ("GET", "http://h/", {"A": "1", "a": "2"}, None),
        ("GET", "http://h/", {"A": "1\r\nB: 2"}, None),
        ("GET", "http://h/", {"A\n": "1"}, None),
        ("GET", "http://h/", {"A": "1\0"}, None),
    ],
)
def test_what_is_not_ordinary_goes_the_long_way(method: str, url: str, headers: dict[str, str], body: bytes | None) -> None:
    """Large bodies, headers about the framing, users in the URL, and whatever aiohttp would refuse."""

    async def go() -> bytes | None:
        transport = AiohttpTransport(proxies={})
        message = transport.message(Exchange(method, url, headers, body or b""), Target.of(URL(url, encoded=True)), body)
        await transport.close()
        return message

    assert asyncio.run(go()) is None


def test_what_a_proxy_is_for_goes_the_long_way() -> None:
    """Only aiohttp speaks with proxies."""

    async def go() -> bytes | None:
        transport = AiohttpTransport(proxies={"http": "http://proxy:3128"})
        message = transport.message(Exchange("GET", "http://shop.example/", {}, b""), Target.of(URL("http://shop.example/")), None)
        await transport.close()
        return message

    assert asyncio.run(go()) is None


def asked(wire_server: Serve, respond: Respond, times: int = 1, *, method: str = "GET") -> tuple[list[Exchange], list[Any]]:
    """So many requests one after the other by one client, and the errors among them."""

    async def go() -> tuple[list[Exchange], list[Any]]:
        transport = AiohttpTransport()
        exchanges: list[Exchange] = []
        errors: list[Any] = []
        async with wire_server(respond) as url:
            client = transport.client(url, observer=exchanges.append)
            for _ in range(times):
                try:
                    await client.request(method, "/")
                except WireError as exc:
                    errors.append(exc)
            await transport.close()
        return exchanges, errors

    return asyncio.run(go())


def connections(answer: bytes, *, close: bool = False) -> tuple[Respond, set[int]]:
    """A respond function that writes *answer*, and the connections it was asked on."""
    seen: set[int] = set()

    async def respond(request: bytes, writer: StreamWriter) -> None:
        seen.add(writer.get_extra_info("peername")[1])
        writer.write(answer)
        if close:
            writer.close()

    return respond, seen


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_a_connection_whose_answer_was_read_is_used_again(wire_server: Serve, answer: bytes) -> None:
    """One connection serves one request after the other."""
    respond, seen = connections(answer)

    exchanges, errors = asked(wire_server, respond, 3)

    assert (len(exchanges), errors, len(seen)) == (3, [], 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
    ],
)
def test_a_connection_that_ends_with_its_answer_is_not_used_again(wire_server: Serve, answer: bytes) -> None:
    """The body is whole, and the next request has a connection of its own."""
    respond, seen = connections(answer, close=True)

    exchanges, errors = asked(wire_server, respond, 2)

    assert [exchange.body for exchange in exchanges] == [b"ok", b"ok"]
    assert (errors, len(seen)) == ([], 2)


def test_the_answer_to_head_has_no_body(wire_server: Serve) -> None:
    """Its length is that of a body that does not come."""
    respond, seen = connections(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")

    exchanges, _ = asked(wire_server, respond, 2, method="HEAD")

    assert [(exchange.http, exchange.body) for exchange in exchanges] == [(200, b""), (200, b"")]
    assert len(seen) == 1


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_an_answer_that_breaks_off_is_lost_and_nothing_is_sent_twice(wire_server: Serve, answer: bytes) -> None:
    """However far it came; the request may have been carried out."""
    respond, seen = connections(answer, close=True)

    exchanges, errors = asked(wire_server, respond)

    assert [type(error) for error in errors] == [AnswerLost]
    assert (len(exchanges), len(seen)) == (1, 1)


def test_what_is_not_http_is_told_and_its_connection_is_closed(wire_server: Serve) -> None:
    """The next request does not read what is left of it."""
    respond, seen = connections(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")

    _, errors = asked(wire_server, respond, 2)

    assert [error.code for error in errors] == ["E704", "E704"]
    assert len(seen) == 2


def test_a_cancelled_request_leaves_no_connection_for_others(wire_server: Serve) -> None:
    """The answer that comes too late is nobody's."""
    seen: set[int] = set()
    waits = True

    async def respond(request: bytes, writer: StreamWriter) -> None:
        nonlocal waits
        seen.add(writer.get_extra_info("peername")[1])
        if waits:
            waits = False
            arrived.set()
            await asyncio.Event().wait()
        writer.write(OK)

    async def go() -> Exchange:
        transport = AiohttpTransport()
        async with wire_server(respond) as url:
            client = transport.client(url)
            first = asyncio.create_task(client.request("GET", "/"))
            await arrived.wait()
            first.cancel()
            await asyncio.wait({first})
            second = await client.request("GET", "/")
            await transport.close()
        return second

    arrived = asyncio.Event()
    assert asyncio.run(go()).http == 200
    assert len(seen) == 2


def test_nothing_is_sent_where_nobody_listens() -> None:
    """The connection is refused, and that is told as ever."""

    async def go() -> None:
        transport = AiohttpTransport()
        try:
            await transport.client("http://127.0.0.1:1").request("GET", "/")
        finally:
            await transport.close()

    with pytest.raises(ConnectFailed, match="nothing listens there"):
        asyncio.run(go())
