"""
The honest fake beside ``http.py``: answers that a test wrote down, under the same protocol.

    transport = ScriptedTransport()
    transport.on("POST", "/api/v2/me/*", Answer.json({"statusCode": 0}), Answer(http=503), ConnectFailed("down"))

Of several answers each is given once, in order, and the last one for ever. It keeps cookies, asks limiters and tells observers as the real
one does; :attr:`ScriptedTransport.requests` is what was asked. A request that nobody scripted is an ``AssertionError``: the test is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import msgspec

from runner.errors import AnswerLost, ConnectFailed, RunnerError, WireError
from runner.transport.base import HttpClient, Limiter, Observer, ResponseStream
from runner.transport.cookies import Cookies, Origin
from runner.transport.exchange import Exchange

__all__ = ["Answer", "ScriptedTransport"]


class Answer(msgspec.Struct, frozen=True):
    """What comes back: status, headers, body. ``takes`` seconds before it does; a request whose timeout is shorter loses it."""

    http: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    takes: float = 0.0

    @classmethod
    def json(cls, value: object, *, http: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
        """A JSON body, with its media type."""
        return cls(http, msgspec.json.encode(value), {"Content-Type": "application/json", **(headers or {})})


# An answer, an error to raise, or a function that makes either out of the request.
Scripted = Answer | RunnerError | Callable[[Exchange], "Answer | RunnerError"]


class _Line(msgspec.Struct):
    method: str
    path: str
    answers: Sequence[Scripted]
    asked: int = 0

    def next(self) -> Scripted:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


class ScriptedTransport:
    """A transport without a network; what is scripted last is looked at first."""

    def __init__(self) -> None:
        self.requests: list[Exchange] = []
        self._script: list[_Line] = []

    def on(self, method: str, path: str, *answers: Scripted) -> None:
        """Script *answers* for *method* (``*``: any) and *path*, a glob over path and query."""
        self._script.insert(0, _Line(method, path, answers or (Answer(),)))

    def client(
        self, base_url: str, *, observer: Observer | None = None, limiter: Limiter | None = None, cookies: bool = True
    ) -> HttpClient:
        """A client with its own cookie jar."""
        return _Client(self, base_url.rstrip("/"), observer, limiter, Cookies() if cookies else None)

    def answer(self, exchange: Exchange) -> Answer:
        """
        The scripted answer to a request; counts it.

        Raises: what was scripted to be raised; ``AssertionError`` – nothing was scripted for it.
        """
        self.requests.append(exchange)
        _, path = _split(exchange.url)
        for line in self._script:
            if line.method in {"*", exchange.method} and fnmatchcase(path, line.path):
                scripted = line.next()
                made = scripted(exchange) if callable(scripted) else scripted
                if isinstance(made, RunnerError):
                    raise made
                return made
        raise AssertionError(f"nothing is scripted for {exchange.method} {path}")

    async def close(self) -> None:
        """Nothing is held."""


class _Client:
    def __init__(
        self,
        transport: ScriptedTransport,
        base_url: str,
        observer: Observer | None,
        limiter: Limiter | None,
        cookies: Cookies | None,
    ) -> None:
        self.base_url = base_url
        self._transport = transport
        self._observer = observer
        self._limiter = limiter
        self._cookies = cookies
        self._is_closed = False

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,
        observed: bool = True,
    ) -> Exchange:
        if self._limiter is not None:
            await self._limiter()
        exchange = Exchange(method, self._full(path), headers or {}, body or b"")
        try:
            await self._fill(exchange, timeout)
        except RunnerError as exc:
            exchange.error, exchange.lost = exc.message, isinstance(exc, WireError) and exc.maybe_sent
            raise
        finally:
            if self._observer is not None and observed:
                self._observer(exchange)
        return exchange

    async def _fill(self, exchange: Exchange, timeout: float | None) -> None:
        if self._is_closed:
            raise ConnectFailed("this session is closed already")
        origin, path = _split(exchange.url)
        cookie = self._cookies.header(origin, path.partition("?")[0]) if self._cookies is not None else ""
        if cookie and "Cookie" not in exchange.request_headers:
            exchange.request_headers = {**exchange.request_headers, "Cookie": cookie}
        await asyncio.sleep(0)
        answer = self._transport.answer(exchange)
        if timeout is not None and answer.takes > timeout:
            raise AnswerLost(f"{exchange.method} {exchange.url}: no whole answer within {timeout:g} s")
        exchange.http, exchange.headers, exchange.body, exchange.took = answer.http, answer.headers, answer.body, answer.takes
        if self._cookies is not None and "Set-Cookie" in answer.headers:
            self._cookies.learn([answer.headers["Set-Cookie"]], origin, path)

    @asynccontextmanager
    async def stream(self, method: str, path: str, *, headers: Mapping[str, str] | None = None) -> AsyncIterator[ResponseStream]:
        exchange = await self.request(method, path, headers=headers)
        yield _Stream(exchange)

    def cookies(self, url: str = "") -> dict[str, str]:
        origin, path = _split(url or self.base_url)
        return {} if self._cookies is None else self._cookies.pairs(origin, path)

    def clear_cookies(self) -> None:
        if self._cookies is not None:
            self._cookies.clear()

    async def close(self) -> None:
        self._is_closed = True

    def _full(self, path: str) -> str:
        return path if "://" in path else self.base_url + path


class _Stream:
    """A whole body, read line by line."""

    def __init__(self, exchange: Exchange) -> None:
        self.http = exchange.http
        self.headers = exchange.headers
        self._lines = iter(exchange.body.splitlines(keepends=True))

    async def readline(self) -> bytes:
        return next(self._lines, b"")


def _split(url: str) -> tuple[Origin, str]:
    """What cookies mind of a URL, and its path with the query."""
    parts = urlsplit(url)
    return Origin(parts.hostname or "", parts.scheme == "https"), parts.path + (f"?{parts.query}" if parts.query else "")
