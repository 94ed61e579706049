"""Whatever a server answers, in whatever pieces: the short way and aiohttp's own tell the same of it."""

from __future__ import annotations

import asyncio
import gzip
from asyncio import StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.errors import WireError
from runner.transport.direct import Target
from runner.transport.exchange import Exchange
from runner.transport.http import AiohttpTransport

Respond = Callable[[bytes, StreamWriter], Awaitable[None]]
Serve = Callable[[Respond], AbstractAsyncContextManager[str]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext"
PACKED = gzip.compress(b"packed", mtime=0)
LENGTH = b"LENGTH\r\n\r\n"
# name → what an answer may have after its status line and headers; LENGTH is put in for the body that follows
BODIES = {
    "plain": LENGTH + b"body",
    "empty": LENGTH,
    "too short": b"Content-Length: 9\r\n\r\nshort",
    "too long": b"Content-Length: 2\r\n\r\ntoo long",
    "length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "odd length": b"Content-Length: 0x2\r\n\r\nok",
    "to the end": b"\r\nuntil the end",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunks and trailer": b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2;a=b\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "odd chunks": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
    "packed": b"Content-Encoding: gzip\r\n" + LENGTH + PACKED,
    "falsely packed": b"Content-Encoding: gzip\r\n" + LENGTH + b"not packed",
    "packed chunks": b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED), PACKED),
}
LINES = {
    "none": b"",
    "close": b"Connection: close\r\n",
    "keep-alive": b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n",
    "cookies": b'Set-Cookie: a="b; c=\\"d\\""; Path=/; HttpOnly\r\nset-cookie: e=f\r\n',
    "elsewhere": b"Location: http://elsewhere.example/\r\n",
    "long": b"X-Long: " + b"x" * 30_000 + b"\r\n",
    "too long": b"X-Too-Long: " + b"x" * 40_000 + b"\r\n",
    "folded": b"X-Folded: a\r\n b\r\n",
    "latin": b"X-Latin: gr\xfc\xdfe\r\n",
    "no header": b"no colon\r\n",
}
STARTS = ["1.1 200 OK", "1.1 201", "1.1 204 No Content", "1.1 302 Found", "1.1 304 Not Modified", "1.1 500 Oh", "1.0 200 OK"]
BEFORE = ["", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"]
ANSWERS = st.tuples(*[st.sampled_from(list(names)) for names in (BEFORE, STARTS, LINES, BODIES)])
Parts = tuple[str, str, str, str]
# They say where they end, so that nobody waits for the connection to.
CLOSED = {"plain", "empty", "too long", "length twice", "chunks", "chunks and trailer", "packed", "falsely packed", "packed chunks"}


def written(parts: Parts) -> bytes:
    """An answer of its parts, as it goes out."""
    before, start, lines, rest = parts
    head, _, body = BODIES[rest].partition(b"\r\n\r\n")
    head = head.replace(b"LENGTH", b"Content-Length: %d" % len(body))
    if rest == "to the end":
        head, body = b"", BODIES[rest][2:]
    return f"{before}HTTP/{start}\r\n".encode() + LINES[lines] + head + (b"\r\n" if head else b"") + b"\r\n" + body


class LongWay(AiohttpTransport):
    """Nothing goes the short way."""

    def message(self, exchange: Exchange, target: Target, body: bytes | None) -> bytes | None:
        return None


@dataclass(frozen=True)
class Told:
    """What came of a request, as whoever asked sees it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    error: tuple[str, str, bool] | None


def told(exchange: Exchange, error: WireError | None) -> Told:
    """The exchange, and how it failed."""
    headers = tuple((str(name), value) for name, value in exchange.headers.items())
    failed = None if error is None else (type(error).__name__, error.code, error.maybe_sent)
    return Told(exchange.http or 0, headers, exchange.body, failed)


async def asked(transport: AiohttpTransport, url: str, method: str) -> list[Told]:
    """What came of two requests one after the other."""
    found: list[Told] = []

    exchanges: list[Exchange] = []
    client = transport.client(url, observer=exchanges.append)
    for _ in range(2):
        error = None
        try:
            await client.request(method, "/", timeout=5)
        except WireError as exc:
            error = exc
        found.append(told(exchanges[-1], error))
    await transport.close()
    return found


def cut(answer: bytes, places: list[int]) -> list[bytes]:
    """The answer in the pieces that end at these places."""
    ends = sorted({place % (len(answer) + 1) for place in places} | {0, len(answer)})
    return [answer[a:b] for a, b in pairwise(ends)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=ANSWERS, places=st.lists(st.integers(0, 400), max_size=4), method=st.sampled_from(["GET", "HEAD", "POST"]), stays=st.booleans()
)
def test_both_ways_tell_the_same(wire_server: Serve, parts: Parts, places: list[int], method: str, stays: bool) -> None:
    """Status, headers, body, the kind of error and whether it is in doubt; of the request after it, too."""
    pieces = cut(written(parts), places)
    closes = not stays or parts[3] not in CLOSED or not parts[1].startswith("1.1")

    async def by(transport: Callable[[], AiohttpTransport]) -> list[Told]:
        asked_before = 0

        async def respond(request: bytes, writer: StreamWriter) -> None:
            nonlocal asked_before
            asked_before += 1
            if asked_before > 1:
                writer.write(OK.partition(b"next")[0] if method == "HEAD" else OK)
                return
            for piece in pieces:
                # the piece before has been read by now
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                writer.write(piece)
                await writer.drain()
            if closes:
                writer.close()

        async with wire_server(respond) as url:
            return await asked(transport(), url, method)

    async def go() -> tuple[list[Told], list[Told]]:
        return await by(AiohttpTransport), await by(LongWay)

    short, long = asyncio.run(go())

    assert short == long
