"""
The short way of an ordinary request: over a connection of aiohttp's pool, and past all the rest of it.

For each request aiohttp makes five dictionaries, a payload, a writer with a task of its own, and a response that could do much more than
be read. For a small body that is more than half of the work. What is not ordinary (a proxy, a large body, headers about the framing, a
user in the URL) and whatever could be wrong goes aiohttp's own way, so that its checks hold. Asked by :mod:`runner.transport.http`.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from msgspec import Struct
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from runner.transport.line import Line, Whole

__all__ = ["Answer", "Direct", "Target", "hear_of_hang_ups"]

# A larger body has to wait for the socket while it is written.
_SMALL = 64 * 1024
# From here on, in seconds, a line may have been hung up meanwhile.
_RESTED = 0.002
# Turns of the event loop: one sees what came, TLS has closed its side two later; other loops than Linux' may tell later.
_TURNS = 5
_MOST_KEPT = 256
_METHOD = re.compile(r"[A-Z]+").fullmatch
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Headers that say how a message or a connection begins and ends, or whom it is for.
_FRAMING = frozenset({"host", "content-length", "transfer-encoding", "expect", "connection", "upgrade", "te", "trailer"})
_Place = tuple[str, str | None, int | None]


async def hear_of_hang_ups() -> None:
    """
    Let the event loop hear which idle connections the server has closed.

    Before it has looked at its sockets they seem to be open, and what is sent on one is in doubt.
    """
    for _ in range(_TURNS):
        await asyncio.sleep(0)


class Answer(Struct, eq=False):
    """The head of an answer, and its body as it comes; named as in ``aiohttp.ClientResponse``. To be released or closed."""

    status: int
    headers: CIMultiDictProxy[str]
    content: aiohttp.StreamReader
    _connection: Connection

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


class Target(Struct, frozen=True, eq=False):
    """Where a request goes, found out once for each URL. ``start`` is what stands in the message between its method and its headers."""

    url: URL
    place: _Place
    start: str
    is_ordinary: bool

    @classmethod
    def of(cls, url: URL) -> Target:
        """*url*, as it goes out."""
        is_ordinary = url.scheme in ("http", "https") and bool(url.raw_host) and url.raw_user is None and url.raw_password is None
        start = f" {url.raw_path_qs} HTTP/1.1\r\nHost: {url.host_port_subcomponent}\r\n" if is_ordinary else ""
        return cls(url, (url.scheme, url.raw_host, url.port), start, is_ordinary)


class Direct:
    """
    Sends ordinary requests over the pool of *session*, with its ``headers``. Lines of an answer's head may be so many bytes long; an idle
    connection is used again within so many seconds.
    """

    def __init__(self, session: aiohttp.ClientSession, *, headers: Mapping[str, str], longest_line: int, kept_alive: float) -> None:
        self._session = session
        self._defaults = tuple((name.lower(), f"{name}: {value}\r\n") for name, value in headers.items())
        self._longest_line = longest_line
        self._kept_alive = kept_alive
        # names of headers → the lines of the session's own beside them
        self._beside: dict[tuple[str, ...], str | None] = {}
        # what the pool is asked with: a request, of which it reads only where it goes
        self._places: dict[_Place, aiohttp.ClientRequest] = {}
        # lines that nobody uses, the newest last
        self._idle: dict[_Place, list[Line]] = {}

    def message(self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None) -> bytes | None:
        """The whole request as bytes; None when it is not ordinary."""
        if not target.is_ordinary or (body is not None and len(body) > _SMALL) or not _METHOD(method) or method == "CONNECT":
            return None
        defaults = self._defaults_beside(tuple(headers))
        if defaults is None:
            return None
        own = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        if own.count("\n") != len(headers) or own.count("\r") != len(headers) or "\0" in own:
            return None
        length = f"Content-Length: {len(body or b'')}\r\n" if body is not None or method not in _WITHOUT_BODY else ""
        return f"{method}{target.start}{defaults}{own}{length}\r\n".encode() + (body or b"")

    def _defaults_beside(self, names: tuple[str, ...]) -> str | None:
        """The session's headers that are sent beside those of these *names*; None when one of them is not ordinary. Found out once."""
        if names in self._beside:
            return self._beside[names]
        if len(self._beside) >= _MOST_KEPT:
            self._beside.clear()
        lower = {name.lower() for name in names}
        is_ordinary = len(lower) == len(names) and lower.isdisjoint(_FRAMING)
        self._beside[names] = "".join([line for name, line in self._defaults if name not in lower]) if is_ordinary else None
        return self._beside[names]

    async def ask(self, method: str, target: Target, message: bytes) -> Whole | Answer:
        """
        Send *message*, and read the answer if it comes in one piece, else its head.

        Raises: what ``aiohttp.ClientSession.request`` raises.
        """
        line = await self._kept(target.place) or Line(await self._connected(target), self._longest_line)
        try:
            whole = await line.ask(message, head_only=method == "HEAD")
            if whole is None:
                return await self._read(line.connection)
        except HttpProcessingError as exc:
            line.close()
            about = aiohttp.RequestInfo(target.url, method, CIMultiDictProxy(CIMultiDict()), target.url)
            raise aiohttp.ClientResponseError(about, (), status=exc.code, message=exc.message, headers=exc.headers) from exc
        except BaseException:
            line.close()
            raise
        line.idle_since = time.monotonic()
        self._idle.setdefault(target.place, []).append(line)
        return whole

    async def _read(self, connection: Connection) -> Answer:
        """The head of an answer that aiohttp reads."""
        protocol = connection.protocol
        assert protocol is not None  # noqa: S101 - nobody but us could have given it back
        told, content = await protocol.read()
        # 100 Continue, 103 Early Hints …: the answer is still to come
        while told.code < 200 and told.code != 101:
            told, content = await protocol.read()
        return Answer(told.code, told.headers, content, connection)

    async def _kept(self, place: _Place) -> Line | None:
        """A line that can be used again."""
        while idle := self._idle.get(place):
            if idle[-1].closes_late and time.monotonic() - idle[-1].idle_since > _RESTED:
                await hear_of_hang_ups()
                if not idle:
                    break
            line = idle.pop()
            if line.is_open and time.monotonic() - line.idle_since <= self._kept_alive:
                return line
            line.close()
        return None

    async def _connected(self, target: Target) -> Connection:
        connector = self._session.connector
        if connector is None:
            raise RuntimeError("Session is closed")
        request = self._places.get(target.place)
        if request is None:
            if len(self._places) >= _MOST_KEPT:
                self._places.clear()
            request = self._places[target.place] = aiohttp.ClientRequest(
                "GET", target.url.origin(), loop=asyncio.get_running_loop(), session=self._session
            )
        # the pool may have one that aiohttp read the last answer from
        await hear_of_hang_ups()
        try:
            return await connector.connect(request, [], self._session.timeout)
        except TimeoutError as exc:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {target.url.host}") from exc

    def close(self) -> None:
        """Close the lines that nobody uses."""
        for line in (line for lines in self._idle.values() for line in lines):
            line.close()
        self._idle.clear()
