"""The wire by aiohttp: what goes out, what comes back, and what is told when it does not."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import sys
from asyncio import StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from runner.errors import AnswerLost, ConnectFailed, EnvironmentUnusable, WireError
from runner.transport.exchange import Exchange
from runner.transport.http import AiohttpTransport

Respond = Callable[[bytes, StreamWriter], Awaitable[None]]
Serve = Callable[[Respond], AbstractAsyncContextManager[str]]
Answering = Callable[..., Respond]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n"


async def ask(url: str, path: str = "/", *, method: str = "GET", **options: Any) -> Exchange:
    """One request by a fresh client; gives the exchange."""
    transport = AiohttpTransport()
    try:
        return await transport.client(url).request(method, path, **options)
    finally:
        await transport.close()


def served(wire_server: Serve, respond: Respond, path: str = "/", **options: Any) -> Exchange:
    """One request to a server that answers by *respond*."""

    async def go() -> Exchange:
        async with wire_server(respond) as url:
            return await ask(url, path, **options)

    return asyncio.run(go())


def test_an_exchange_has_the_whole_answer(wire_server: Serve, answering: Answering) -> None:
    """Status, headers and body come back as they were sent."""
    exchange = served(wire_server, answering(OK + b'{"a":1}'))
    assert (exchange.http, exchange.header("content-type"), exchange.json()) == (200, "application/json", {"a": 1})


def test_every_status_is_an_answer(wire_server: Serve, answering: Answering) -> None:
    """A 500 is an answer, not an error of the wire."""
    assert served(wire_server, answering(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")).http == 500


def test_a_body_goes_out_as_it_is_given(wire_server: Serve) -> None:
    """The bytes arrive unchanged, with the headers that were given and no media type of our own."""
    seen: list[bytes] = []

    async def respond(request: bytes, writer: StreamWriter) -> None:
        seen.append(request)
        writer.write(OK + b"1234567")

    served(wire_server, respond, "/x", method="POST", body=b'{"t": "\xc3\xa4"}', headers={"X-One": "1"})
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert body == b'{"t": "\xc3\xa4"}'
    assert b"X-One: 1" in head
    assert b"content-type" not in head.lower()


def test_a_path_goes_out_as_it_is_written(wire_server: Serve) -> None:
    """Percent signs in a path or query are not rewritten."""
    seen: list[bytes] = []

    async def respond(request: bytes, writer: StreamWriter) -> None:
        seen.append(request.split(b" ")[1])
        writer.write(OK + b"1234567")

    served(wire_server, respond, "/a%2Fb/%41?q=1%2B2")
    assert seen == [b"/a%2Fb/%41?q=1%2B2"]


def test_a_path_with_other_characters_is_quoted(wire_server: Serve) -> None:
    """A space or a letter beyond ASCII is quoted, so that the request stays one."""
    seen: list[bytes] = []

    async def respond(request: bytes, writer: StreamWriter) -> None:
        seen.append(request.split(b" ")[1])
        writer.write(OK + b"1234567")

    served(wire_server, respond, "/größe 1")
    assert seen == [b"/gr%C3%B6%C3%9Fe%201"]


def test_a_redirect_is_not_followed(wire_server: Serve, answering: Answering) -> None:
    """A 307 is given back as it came; nothing goes to the other address."""
    exchange = served(
        wire_server,
        answering(b"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
        method="POST",
        body=b"password",
    )
    assert (exchange.http, exchange.header("location")) == (307, "http://127.0.0.1:1/")


def test_nobody_listens() -> None:
    """A refused connection means that nothing was sent, and names host and port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(ConnectFailed) as caught:
            asyncio.run(ask(f"http://127.0.0.1:{port}"))
    assert caught.value.message == f"cannot connect to 127.0.0.1:{port}: nothing listens there (connection refused)"
    assert not caught.value.maybe_sent


def test_a_name_that_nobody_has() -> None:
    """An unknown host is named, with what to check."""
    with pytest.raises(ConnectFailed) as caught:
        asyncio.run(ask("http://nobody.invalid:8018"))
    assert caught.value.message == "cannot connect to nobody.invalid:8018: the host name is not known"
    assert "VPN" in caught.value.hint


@pytest.mark.parametrize("url", ["nonsense", "ftp://example.com", "http://", "http://a:b:c/"])
def test_what_is_no_url(url: str) -> None:
    """A URL that cannot be asked is told as such, and nothing is sent."""
    with pytest.raises(ConnectFailed):
        asyncio.run(ask(url))


def test_a_header_cannot_bring_another(wire_server: Serve, answering: Answering) -> None:
    """A line break in a header stops the request before it is sent."""
    with pytest.raises(ConnectFailed):
        served(wire_server, answering(OK + b"1234567"), headers={"X-One": "1\r\nX-Two: 2"})


def test_closed_without_an_answer(wire_server: Serve, answering: Answering) -> None:
    """A connection that closes after the request may have carried it out."""
    with pytest.raises(AnswerLost) as caught:
        served(wire_server, answering(b""), "/send?token=t0psecret")
    assert "GET /send: 127.0.0.1:" in caught.value.message
    assert "closed the connection without an answer" in caught.value.message
    assert "t0psecret" not in caught.value.message


def test_nothing_is_sent_twice(wire_server: Serve) -> None:
    """A GET on a kept connection that turns out to be dead is not sent again by the library."""
    requests: list[bytes] = []

    async def go() -> None:
        async def respond(request: bytes, writer: StreamWriter) -> None:
            requests.append(request)
            if len(requests) == 1:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            else:
                writer.close()

        async with wire_server(respond) as url:
            transport = AiohttpTransport()
            client = transport.client(url)
            await client.request("GET", "/1")
            with pytest.raises(AnswerLost):
                await client.request("GET", "/2")
            await transport.close()

    asyncio.run(go())
    assert len(requests) == 2


def test_a_body_cut_short(wire_server: Serve, answering: Answering) -> None:
    """A body that ends early says how much of it came."""
    with pytest.raises(AnswerLost, match="3 of 7 bytes of its body had come"):
        served(wire_server, answering(OK + b"123"))


def test_a_late_answer(wire_server: Serve) -> None:
    """An answer that is not whole in time is lost, however slowly it drips."""

    async def drip(request: bytes, writer: StreamWriter) -> None:
        writer.write(OK + b"12")
        await writer.drain()
        await asyncio.Event().wait()

    with pytest.raises(AnswerLost, match=r"no whole answer from 127\.0\.0\.1:\d+ within 0\.5 s: 2 of 7 bytes of its body had come"):
        served(wire_server, drip, timeout=0.5)


def test_not_http(wire_server: Serve, answering: Answering) -> None:
    """A far end that speaks something else is told in plain words."""
    with pytest.raises(WireError, match="does not answer in HTTP"):
        served(wire_server, answering(b"SSH-2.0-OpenSSH_9\r\n\r\n"))


def test_headers_are_bounded(wire_server: Serve, answering: Answering) -> None:
    """A header of 100 kB is refused."""
    with pytest.raises(WireError, match="too long"):
        served(wire_server, answering(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n"))


def test_a_large_body_is_refused_and_its_beginning_kept(wire_server: Serve) -> None:
    """Of a body beyond the limit the first 64 KiB are in the record."""
    seen: list[Exchange] = []

    async def endless(request: bytes, writer: StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async def go() -> None:
        async with wire_server(endless) as url:
            transport = AiohttpTransport()
            with pytest.raises(WireError, match="larger than 10 MiB; its first 64 KiB are kept"):
                await transport.client(url, observer=seen.append).request("GET", "/")
            await transport.close()

    asyncio.run(go())
    assert len(seen[0].body) == 65536


def test_a_packed_body_is_unpacked(wire_server: Serve, answering: Answering) -> None:
    """Gzip is undone."""
    packed = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    assert served(wire_server, answering(head + packed)).body == b"hello"


def test_a_bomb_is_refused(wire_server: Serve, answering: Answering) -> None:
    """A small body that unpacks to 300 MB is refused before it does."""
    packed = gzip.compress(b"\0" * 300_000_000, 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with pytest.raises(WireError, match="unpacks to more than 10 MiB"):
        served(wire_server, answering(head + packed))


def test_each_client_has_its_own_cookies(wire_server: Serve, answering: Answering) -> None:
    """What one session learns, another does not send."""

    async def go() -> Any:
        async with wire_server(
            answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=1; Path=/; HttpOnly\r\nContent-Length: 0\r\n\r\n", keep=True)
        ) as url:
            transport = AiohttpTransport()
            one, other = transport.client(url), transport.client(url)
            await one.request("GET", "/login")
            again = await one.request("GET", "/x")
            stranger = await other.request("GET", "/x")
            await transport.close()
            return one.cookies(), again.request_headers, stranger.request_headers

    cookies, again, stranger = asyncio.run(go())
    assert (cookies, again, stranger) == ({"sid": "1"}, {"Cookie": "sid=1"}, {})


def test_a_client_without_cookies(wire_server: Serve, answering: Answering) -> None:
    """A client that was made without cookies keeps none."""

    async def go() -> Any:
        async with wire_server(answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=1\r\nContent-Length: 0\r\n\r\n")) as url:
            transport = AiohttpTransport()
            client = transport.client(url, cookies=False)
            await client.request("GET", "/")
            await transport.close()
            return client.cookies()

    assert asyncio.run(go()) == {}


def test_the_observer_sees_what_failed(wire_server: Serve, answering: Answering) -> None:
    """A request without an answer is observed too, with the reason; an unobserved one is not."""
    seen: list[Exchange] = []

    async def go() -> None:
        async with wire_server(answering(b"")) as url:
            transport = AiohttpTransport()
            client = transport.client(url, observer=seen.append)
            for observed in (True, False):
                with pytest.raises(AnswerLost):
                    await client.request("GET", "/", observed=observed)
            await transport.close()

    asyncio.run(go())
    assert [(exchange.http, "closed the connection" in exchange.error) for exchange in seen] == [(0, True)]


def test_the_limiter_is_asked_first(wire_server: Serve, answering: Answering) -> None:
    """Each request asks the limiter before anything is sent."""
    asked: list[int] = []

    async def limiter() -> None:
        asked.append(1)

    async def go() -> None:
        async with wire_server(answering(OK + b"1234567", keep=True)) as url:
            transport = AiohttpTransport()
            client = transport.client(url, limiter=limiter)
            await client.request("GET", "/")
            async with client.stream("GET", "/"):
                pass
            await transport.close()

    asyncio.run(go())
    assert len(asked) == 2


def test_a_closed_client_sends_nothing() -> None:
    """After its end a session has no wire."""

    async def go() -> None:
        transport = AiohttpTransport()
        client = transport.client("http://127.0.0.1:1")
        await client.close()
        try:
            with pytest.raises(ConnectFailed, match="closed already"):
                await client.request("GET", "/")
        finally:
            await transport.close()

    asyncio.run(go())


def test_a_cancelled_request_is_recorded(wire_server: Serve) -> None:
    """Cancellation passes through; the record says that the answer was awaited."""
    seen: list[Exchange] = []
    arrived = asyncio.Event()

    async def hang(request: bytes, writer: StreamWriter) -> None:
        arrived.set()
        await asyncio.Event().wait()

    async def go() -> None:
        async with wire_server(hang) as url:
            transport = AiohttpTransport()
            asking = asyncio.create_task(transport.client(url, observer=seen.append).request("GET", "/"))
            await arrived.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await transport.close()

    asyncio.run(go())
    assert seen[0].error == "cancelled while waiting for the answer"


def test_a_stream_is_read_while_it_arrives(wire_server: Serve) -> None:
    """Lines are there before the response has ended."""

    async def go() -> Any:
        more = asyncio.Event()

        async def respond(request: bytes, writer: StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n")
            await writer.drain()
            await more.wait()
            writer.write(b"data: 2\n")
            writer.close()

        async with wire_server(respond) as url:
            transport = AiohttpTransport()
            async with transport.client(url).stream("GET", "/") as stream:
                first = await stream.readline()
                more.set()
                lines = [stream.http, first, await stream.readline(), await stream.readline()]
            await transport.close()
            return lines

    assert asyncio.run(go()) == [200, b"data: 1\n", b"data: 2\n", b""]


def test_a_line_of_a_stream_may_be_long(wire_server: Serve, answering: Answering) -> None:
    """A line of a megabyte comes whole, and the next one after it."""
    long = b"data: " + b"x" * 1_000_000 + b"\n"

    async def go() -> Any:
        async with wire_server(answering(b"HTTP/1.1 200 OK\r\n\r\n" + long + b"\nlast")) as url:
            transport = AiohttpTransport()
            async with transport.client(url).stream("GET", "/") as stream:
                lines = [await stream.readline() for _ in range(4)]
            await transport.close()
            return lines

    assert asyncio.run(go()) == [long, b"\n", b"last", b""]


def test_a_stream_that_breaks(wire_server: Serve) -> None:
    """A stream that is cut inside a chunk is an answer lost; an error of the reader's own stays what it is."""

    async def go() -> None:
        async def respond(request: bytes, writer: StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\ndata: 1\n\r\n5\r\nda")
            writer.close()

        async with wire_server(respond) as url:
            transport = AiohttpTransport()
            client = transport.client(url)
            async with client.stream("GET", "/") as stream:
                await stream.readline()
                with pytest.raises(AnswerLost, match="ended inside the answer"):
                    await stream.readline()
            with pytest.raises(FileNotFoundError):
                async with client.stream("GET", "/"):
                    raise FileNotFoundError("the reader's own")
            await transport.close()

    asyncio.run(go())


def test_this_machine_is_never_asked_by_proxy() -> None:
    """Proxies are for other hosts; loopback addresses and names go straight."""

    async def go() -> Any:
        transport = AiohttpTransport(proxies={"http": "http://proxy.example:3128", "https": "http://proxy.example:3128"})
        chosen = [
            transport.proxy_for(URL(url)) for url in ("http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "https://gws.example/")
        ]
        await transport.close()
        return chosen

    assert asyncio.run(go()) == [None, None, None, "http://proxy.example:3128"]


@pytest.mark.parametrize(
    ("surroundings", "chosen"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, "http://proxy.example:3128"),
        ({"https_proxy": "http://proxy.example:3128", "no_proxy": "gws.example"}, None),
    ],
)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the system's own settings would be asked as well")
def test_proxies_of_the_process_environment(surroundings: dict[str, str], chosen: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the process environment names is used, in capitals or not, except for hosts that `no_proxy` names."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)

    async def go() -> Any:
        transport = AiohttpTransport()
        asked = transport.proxy_for(URL("https://gws.example/"))
        await transport.close()
        return asked

    assert asyncio.run(go()) == chosen


def test_tls_to_a_plain_port() -> None:
    """HTTPS to a port that speaks something else says so."""

    async def chatty(reader: asyncio.StreamReader, writer: StreamWriter) -> None:
        writer.write(b"220 mail.example ready\r\n")
        await reader.read()
        writer.close()

    async def go() -> None:
        server = await asyncio.start_server(chatty, "127.0.0.1", 0)
        with pytest.raises(ConnectFailed, match="TLS does not come about there"):
            await ask(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=5)
        server.close()

    asyncio.run(go())


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    """A ``ca`` file that is missing or no PEM is the environment's fault."""
    wrong = tmp_path / "ca.pem"
    wrong.write_text("nothing", encoding="utf-8")

    async def go() -> None:
        AiohttpTransport(ca=wrong)

    with pytest.raises(EnvironmentUnusable, match=r"ca\.pem cannot be read"):
        asyncio.run(go())
