"""A connection that the server closed while nobody used it: what is sent next goes over a new one, once, and is not in doubt."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from runner.transport import direct
from runner.transport.http import AiohttpTransport

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
SMALL, LARGE = b"two", b"x" * 70_000


@dataclass
class HangingUp:
    """A server that answers one request on each connection, and closes it when it is told to; ``asked`` are the bodies."""

    tls: ssl.SSLContext | None
    says_goodbye: bool
    answer: bytes = WHOLE
    asked: list[bytes] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.settimeout(5)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.listening.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            for _ in range(2):
                self.talk(self.listening.accept()[0])

    def talk(self, plain: socket.socket) -> None:
        connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
        with connection:
            self.asked.append(body_of(connection))
            connection.sendall(self.answer)
            self.heard.wait(5)
            if isinstance(connection, ssl.SSLSocket) and self.says_goodbye:
                connection.setblocking(False)
                # its own goodbye is out; the other side's is not waited for
                with suppress(ssl.SSLError, OSError):
                    connection.unwrap()
        self.hung_up.set()

    def close(self) -> None:
        self.listening.close()
        self.thread.join(10)


def body_of(connection: socket.socket) -> bytes:
    """The body of the request that comes."""
    with connection.makefile("rb") as coming:
        lines = list(iter(coming.readline, b"\r\n"))
        return coming.read(next(int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")))


@pytest.fixture(params=["plain", "TLS", "TLS that says goodbye"])
def server(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[HangingUp]:
    """One of each kind; it is closed afterwards."""
    tls = None
    if request.param != "plain":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(tls)
    made = HangingUp(tls, says_goodbye=request.param.endswith("goodbye"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs the certificates."""
    return trustme.CA()


@pytest.mark.parametrize("body", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("answer", [WHOLE, CHUNKED], ids=["whole", "chunked"])
def test_a_server_that_hung_up_meanwhile_is_asked_anew(
    server: HangingUp, answer: bytes, body: bytes, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the event loop has had no time to hear of it, and whoever read the answer before or sends what is next."""
    server.answer = answer
    monkeypatch.setattr(direct, "_RESTED", 0.0)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    async def go() -> list[int]:
        transport = AiohttpTransport(ca=tmp_path / "ca.pem")
        try:
            client = transport.client(server.url)
            first = await client.request("POST", "/mails", body=b"one")
            server.heard.set()
            # the loop stands still until the server has closed the connection
            assert server.hung_up.wait(5)
            second = await client.request("POST", "/mails", body=body)
            return [first.http, second.http]
        finally:
            await transport.close()

    assert asyncio.run(go()) == [200, 200]
    assert server.asked == [b"one", body]
