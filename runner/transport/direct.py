"""
The short way of an ordinary request: over a connection of aiohttp's pool and through aiohttp's parser, and past all the rest of it.

For each request aiohttp makes five dictionaries, a payload, a writer with a task of its own, and a response that could do much more than
be read. For a small body that is more than half of the work. What is not ordinary (a proxy, a large body, headers about the framing, a
user in the URL) and whatever could be wrong goes aiohttp's own way, so that its checks hold. Asked by :mod:`runner.transport.http`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

import aiohttp
from aiohttp.http import HttpProcessingError
from msgspec import Struct
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

__all__ = ["Answer", "Direct"]

# A larger body has to wait for the socket while it is written.
_SMALL = 64 * 1024
_MOST_KEPT = 256
_METHOD = re.compile(r"[A-Z]+").fullmatch
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Headers that say how a message or a connection begins and ends, or whom it is for.
_FRAMING = frozenset({"host", "content-length", "transfer-encoding", "expect", "connection", "upgrade", "te", "trailer"})
_Place = tuple[str, str | None, int | None]


class Answer(Struct, eq=False):
    """The head of an answer, and its body as it comes; named as in ``aiohttp.ClientResponse``. To be released or closed."""

    status: int
    headers: CIMultiDictProxy[str]
    content: aiohttp.StreamReader
    _connection: aiohttp.connector.Connection

    @property
    def content_length(self) -> int | None:
        """How long the body says that it is."""
        told = self.headers.get("Content-Length")
        return int(told) if told is not None else None

    def release(self) -> None:
        """The whole body was read: the connection may be used again."""
        self._connection.release()

    def close(self) -> None:
        """It was not: the connection is of no use any more."""
        self._connection.close()


class Direct:
    """Sends ordinary requests over the pool of *session*, with its ``headers``. Lines of an answer's head may be so many bytes long."""

    def __init__(self, session: aiohttp.ClientSession, *, headers: Mapping[str, str], longest_line: int) -> None:
        self._session = session
        self._defaults = tuple((name.lower(), f"{name}: {value}") for name, value in headers.items())
        self._longest_line = longest_line
        # names of headers → the lines of the session's own beside them
        self._beside: dict[tuple[str, ...], list[str] | None] = {}
        # what the pool is asked with: a request, of which it reads only where it goes
        self._places: dict[_Place, aiohttp.ClientRequest] = {}

    def message(self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None) -> bytes | None:
        """The whole request as bytes; None when it is not ordinary."""
        if (body is not None and len(body) > _SMALL) or not _METHOD(method) or method == "CONNECT" or not _is_ordinary(url):
            return None
        defaults = self._defaults_beside(tuple(headers))
        if defaults is None:
            return None
        lines = [f"{method} {url.raw_path_qs} HTTP/1.1", f"Host: {url.host_port_subcomponent}", *defaults]
        for name, value in headers.items():
            lines.append(f"{name}: {value}")
        if body is not None or method not in _WITHOUT_BODY:
            lines.append(f"Content-Length: {len(body or b'')}")
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1 or "\0" in head:
            return None
        return f"{head}\r\n\r\n".encode() + (body or b"")

    def _defaults_beside(self, names: tuple[str, ...]) -> list[str] | None:
        """The session's headers that are sent beside those of these *names*; None when one of them is not ordinary. Found out once."""
        if names in self._beside:
            return self._beside[names]
        if len(self._beside) >= _MOST_KEPT:
            self._beside.clear()
        lower = {name.lower() for name in names}
        is_ordinary = len(lower) == len(names) and lower.isdisjoint(_FRAMING)
        self._beside[names] = [line for name, line in self._defaults if name not in lower] if is_ordinary else None
        return self._beside[names]

    async def ask(self, method: str, url: URL, message: bytes) -> Answer:
        """
        Send *message*, and read the head of the answer.

        Raises: what ``aiohttp.ClientSession.request`` raises.
        """
        connection = await self._connected(url)
        try:
            status, headers, content = await self._asked(connection, method, message)
        except HttpProcessingError as exc:
            connection.close()
            about = aiohttp.RequestInfo(url, method, CIMultiDictProxy(CIMultiDict()), url)
            raise aiohttp.ClientResponseError(about, (), status=exc.code, message=exc.message, headers=exc.headers) from exc
        except BaseException:
            connection.close()
            raise
        return Answer(status, headers, content, connection)

    async def _asked(
        self, connection: aiohttp.connector.Connection, method: str, message: bytes
    ) -> tuple[int, CIMultiDictProxy[str], aiohttp.StreamReader]:
        protocol, transport = connection.protocol, connection.transport
        if protocol is None or transport is None or transport.is_closing():
            raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
        protocol.set_response_params(
            skip_payload=method == "HEAD",
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=self._longest_line,
            max_field_size=self._longest_line,
        )
        transport.write(message)
        told, content = await protocol.read()
        # 100 Continue, 103 Early Hints …: the answer is still to come
        while told.code < 200 and told.code != 101:
            told, content = await protocol.read()
        return told.code, told.headers, content

    async def _connected(self, url: URL) -> aiohttp.connector.Connection:
        connector = self._session.connector
        if connector is None:
            raise RuntimeError("Session is closed")
        place = (url.scheme, url.raw_host, url.port)
        request = self._places.get(place)
        if request is None:
            if len(self._places) >= _MOST_KEPT:
                self._places.clear()
            request = self._places[place] = aiohttp.ClientRequest(
                "GET", url.origin(), loop=asyncio.get_running_loop(), session=self._session
            )
        try:
            return await connector.connect(request, [], self._session.timeout)
        except TimeoutError as exc:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {url.host}") from exc


def _is_ordinary(url: URL) -> bool:
    return url.scheme in ("http", "https") and bool(url.raw_host) and url.raw_user is None and url.raw_password is None
