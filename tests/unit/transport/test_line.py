"""An answer that comes whole is heard as aiohttp's parser hears it; everything else is left to aiohttp."""

from __future__ import annotations

import asyncio
from asyncio import StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import cast

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, HttpResponseParser
from hypothesis import given
from hypothesis import strategies as st

from runner.transport.http import AiohttpTransport
from runner.transport.line import Line, whole_answer

Respond = Callable[[bytes, StreamWriter], Awaitable[None]]
Serve = Callable[[Respond], AbstractAsyncContextManager[str]]
Told = tuple[int, list[tuple[str, str]], bytes]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"


def ours(data: bytes) -> Told | None:
    """What :func:`whole_answer` hears."""
    whole = whole_answer(data)
    return None if whole is None else (whole.status, [(str(name), value) for name, value in whole.headers.items()], whole.body)


async def theirs(data: bytes) -> Told | None:
    """What aiohttp's parser hears; None when it is not one whole answer after which the connection goes on."""
    parser = HttpResponseParser(
        BaseProtocol(asyncio.get_running_loop()),
        asyncio.get_running_loop(),
        2**16,
        read_until_eof=True,
        auto_decompress=False,
        max_line_size=32 * 1024,
        max_field_size=32 * 1024,
    )
    try:
        messages, upgraded, tail = parser.feed_data(data)
    except HttpProcessingError:
        return None
    if len(messages) != 1 or upgraded or tail:
        return None
    (message, content) = messages[0]
    if message.should_close or not content.is_eof():
        return None
    return message.code, [(str(name), value) for name, value in message.headers.items()], await content.read()


def test_an_ordinary_answer_is_heard() -> None:
    """Its status, its headers in their order, the known ones in their usual spelling, without the blanks round them, and its body."""
    data = b"HTTP/1.1 201 Created\r\nX-ONE:  a \r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 4\r\n\r\nbody"

    assert ours(data) == (201, [("X-ONE", "a"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Length", "4")], b"body")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        OK,
        OK + b"{",
        OK + b"{}!",
        OK + b"{}" + OK + b"{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
        b"HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 204 No Content\r\n\r\nx",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"1" * 8_192 + b"\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 70 + b"Content-Length: 2\r\n\r\n{}",
    ],
)
def test_what_is_not_whole_and_ordinary_is_left_to_aiohttp(data: bytes) -> None:
    """Parts, more than one, lengths that are not there or not clear, connections that end, and whatever a strict parser refuses."""
    assert ours(data) is None


NAMES = st.sampled_from(["X-One", "content-type", "Set-Cookie", "Date", "Content-Length", "Connection", "Transfer-Encoding", "x y", ""])
VALUES = st.one_of(st.sampled_from(["", "0", "2", " 2 ", "close", "keep-alive", "chunked", "a\tb"]), st.text(max_size=8))
LINES = st.lists(st.tuples(NAMES, st.sampled_from([":", ": ", ":  ", " :"]), VALUES), max_size=5)


@given(
    status=st.sampled_from(["HTTP/1.1 200 OK", "HTTP/1.1 204 ", "HTTP/1.1 404", "HTTP/1.1 304 Not", "HTTP/1.0 200 OK", "HTTP/1.1 101 Up"]),
    lines=LINES,
    length=st.booleans(),
    end=st.sampled_from(["\r\n", "\r\n", "\r\n", "\n"]),
    body=st.binary(max_size=4),
)
def test_whatever_is_heard_is_what_aiohttp_hears(
    status: str, lines: list[tuple[str, str, str]], length: bool, end: str, body: bytes
) -> None:
    """The strict way never gives another answer than aiohttp's parser; where it gives none, aiohttp is asked."""
    told = [*(f"{name}{colon}{value}" for name, colon, value in lines), *([f"Content-Length: {len(body)}"] if length else [])]
    data = end.join([status, *told, "", ""]).encode() + body

    heard = ours(data)

    assert heard is None or heard == asyncio.run(theirs(data))


def asked(wire_server: Serve, respond: Respond, times: int) -> list[bytes]:
    """The bodies of so many requests one after the other."""

    async def go() -> list[bytes]:
        transport = AiohttpTransport()
        async with wire_server(respond) as url:
            client = transport.client(url)
            bodies = [(await client.request("GET", "/")).body for _ in range(times)]
            await transport.close()
        return bodies

    return asyncio.run(go())


def test_an_answer_in_two_pieces_is_read_to_its_end(wire_server: Serve) -> None:
    """What has come when the first piece is seen is not lost, and the connection serves the next request too."""
    seen: set[int] = set()

    async def respond(request: bytes, writer: StreamWriter) -> None:
        seen.add(writer.get_extra_info("peername")[1])
        writer.write(OK)
        await writer.drain()
        # the first piece has gone out alone before the second is written
        await asyncio.sleep(0)
        writer.write(b"{}")

    assert asked(wire_server, respond, 3) == [b"{}"] * 3
    assert len(seen) == 1


class Socket(asyncio.Transport):
    """A transport that only remembers whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        self.unsent = 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Whoever listens."""

    def write(self, data: object) -> None:
        """To nowhere."""

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def close(self) -> None:
        self.closed = True


class Pooled:
    """A connection of a pool, as far as a line minds it."""

    def __init__(self) -> None:
        self.transport = Socket()
        self.protocol = object()

    def close(self) -> None:
        self.transport.close()


def test_a_line_on_which_something_comes_that_nobody_asked_for_is_closed() -> None:
    """It would be taken for the answer to the next request."""

    async def go() -> tuple[Told, bool]:
        line = Line(cast("Connection", Pooled()), 100)
        waiter = line.ask(b"GET / HTTP/1.1\r\n\r\n", head_only=False)
        line.data_received(OK + b"{}")
        whole = await waiter
        assert whole is not None
        line.data_received(OK + b"{}")
        return (whole.status, [], whole.body), line.is_open

    assert asyncio.run(go()) == ((200, [], b"{}"), False)


def test_a_line_whose_request_was_answered_before_it_was_sent_is_not_used_again() -> None:
    """The server may take what is left of it for the next request."""

    async def go() -> list[bool]:
        pooled = Pooled()
        line = Line(cast("Connection", pooled), 100)
        line.ask(b"POST / HTTP/1.1\r\n\r\n", head_only=False)
        pooled.transport.unsent = 10
        line.data_received(OK + b"{}")
        early = line.is_open
        pooled.transport.unsent = 0
        return [early, line.is_open]

    assert asyncio.run(go()) == [False, True]
