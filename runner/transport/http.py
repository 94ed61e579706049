"""
The wire by aiohttp: one connection pool for a run, one client with its own cookies for each session.

Redirects are not followed: a cookie, a token or a body must not travel to an address that nobody named. Nothing is sent twice: aiohttp's
own second try on a stale connection is off. Answers are bounded: 10 MiB unpacked, and not more than 100 times what came.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path

import aiohttp
from yarl import URL

from runner.errors import AnswerLost, ConnectFailed, EnvironmentUnusable, RunnerError, WireError
from runner.transport.base import HttpClient, Limiter, Observer, ResponseStream
from runner.transport.cookies import Cookies, Origin
from runner.transport.direct import Answer, Direct, Target, hear_of_hang_ups
from runner.transport.exchange import Exchange
from runner.transport.http_errors import Received, late, translated
from runner.transport.line import Whole
from runner.transport.unpack import ACCEPTED, unpack

__all__ = ["AiohttpTransport"]

_MAX_BODY = 10 * 1024 * 1024
# What is kept of a body that is too large.
_KEPT = 64 * 1024
_MAX_HEADER = 32 * 1024
# From here on aiohttp wants a stream.
_LONGEST_LINE = 16 * 1024 * 1024
# How long a connection that nobody uses is kept, in seconds.
_KEPT_ALIVE = 10.0
_LARGE_BODY = 1024 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10)
_DEFAULT_HEADERS = {"User-Agent": "scenario-runner", "Accept": "*/*", "Accept-Encoding": ACCEPTED}
# A URL of these alone goes out as it is written; any other is quoted first.
_QUOTED = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+").fullmatch


class AiohttpTransport:
    """
    One connection pool, shared by all clients of a run; made inside the event loop that uses it.

    ``max_body`` in bytes; ``ca`` is a file of certificates trusted beside the system's;
    ``proxies`` maps ``http``/``https`` → URL (default: the process environment's). This machine's own addresses are never asked by proxy.

    Raises: ``EnvironmentUnusable`` – the file of certificates cannot be read.
    """

    def __init__(
        self,
        *,
        max_body: int = _MAX_BODY,
        ca: Path | str | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        self.max_body = max_body
        self._proxies = dict(_surrounding_proxies() if proxies is None else proxies)
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=0, keepalive_timeout=_KEPT_ALIVE, ssl=_trusted(ca) if ca else True)
        self.session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_TIMEOUT,
            auto_decompress=False,
            headers=_DEFAULT_HEADERS,
            skip_auto_headers=("Content-Type",),
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
        )
        # There is no public switch for it: aiohttp sends GET, PUT and DELETE again by itself when a kept connection turns out to be dead.
        self.session._retry_connection = False  # noqa: SLF001
        self.direct = Direct(self.session, headers=_DEFAULT_HEADERS, longest_line=_MAX_HEADER, kept_alive=_KEPT_ALIVE)

    def client(
        self, base_url: str, *, observer: Observer | None = None, limiter: Limiter | None = None, cookies: bool = True
    ) -> HttpClient:
        """A client with its own cookie jar."""
        return _Client(self, base_url.rstrip("/"), observer, limiter, Cookies() if cookies else None)

    def proxy_for(self, url: URL) -> str | None:
        """The proxy by which *url* is asked, if any."""
        if not self._proxies:
            return None
        proxy = self._proxies.get(url.scheme)
        return None if proxy is None or _is_loopback(url.host or "") or _is_excepted(url.host or "") else proxy

    def message(self, exchange: Exchange, target: Target, body: bytes | None) -> bytes | None:
        """The request as bytes if it can go the short way (:mod:`runner.transport.direct`), else None."""
        if self.session.closed or self.proxy_for(target.url) is not None:
            return None
        return self.direct.message(exchange.method, target, exchange.request_headers, body)

    async def close(self) -> None:
        """Close the connection pool."""
        self.direct.close()
        await self.session.close()


class _Client:
    def __init__(
        self,
        transport: AiohttpTransport,
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
        url = path if "://" in path else self.base_url + path
        exchange = Exchange(method, url, headers or {}, body or b"", started=time.monotonic())
        received = Received()
        try:
            if timeout is None:
                await self._fill(exchange, body, received)
            else:
                async with asyncio.timeout(timeout):
                    await self._fill(exchange, body, received)
        except asyncio.CancelledError:
            exchange.error = "cancelled while waiting for the answer"
            exchange.lost = exchange.cancelled = True
            raise
        except WireError as exc:
            exchange.error, exchange.lost = exc.message, exc.maybe_sent
            raise
        except RunnerError as exc:
            exchange.error = exc.message
            raise
        except Exception as exc:
            error = self._error(exc, exchange, timeout, received)
            if error is None:
                raise
            exchange.error, exchange.lost = error.message, error.maybe_sent
            raise error from exc
        finally:
            exchange.took = time.monotonic() - exchange.started
            if self._observer is not None and observed:
                self._observer(exchange)
        return exchange

    def _error(self, exc: Exception, exchange: Exchange, timeout: float | None, received: Received) -> WireError | None:
        """Our error for what happened; None when it is not the wire's."""
        what, place = f"{exchange.method} {_path(exchange.url)}", _place(exchange.url)
        if isinstance(exc, TimeoutError) and not isinstance(exc, aiohttp.ClientError):
            return late(what, place, timeout or 0.0, received)
        return translated(exc, what, place, received) if isinstance(exc, aiohttp.ClientError | OSError | ValueError) else None

    async def _fill(self, exchange: Exchange, body: bytes | None, received: Received) -> None:
        """Send, and read the answer into *exchange*."""
        target, origin = _target(exchange.url)
        self._prepare(exchange, target.url, origin)
        message = self._transport.message(exchange, target, body)
        if message is None:
            response: Whole | Answer | aiohttp.ClientResponse = await self._send(exchange, target.url, body)
        else:
            response = await self._transport.direct.ask(exchange.method, target, message)
        received.begun = True
        exchange.http = response.status
        exchange.headers = response.headers
        if self._cookies is not None and "Set-Cookie" in response.headers:
            self._cookies.learn(response.headers.getall("Set-Cookie"), origin, target.url.raw_path)
        if isinstance(response, Whole):
            received.got = len(response.body)
            self._keep(exchange, response.body)
            return
        try:
            self._keep(exchange, await self._read(response, received))
        except BaseException:
            response.close()
            raise
        response.release()

    def _prepare(self, exchange: Exchange, url: URL, origin: Origin) -> None:
        """Add the cookies, if the client may still be used at all."""
        if self._is_closed:
            raise ConnectFailed(f"{exchange.method} {_path(exchange.url)}: this session is closed already")
        cookie = self._cookies.header(origin, url.raw_path) if self._cookies is not None else ""
        if cookie and "Cookie" not in exchange.request_headers:
            exchange.request_headers = {**exchange.request_headers, "Cookie": cookie}

    async def _send(self, exchange: Exchange, url: URL, body: bytes | None) -> aiohttp.ClientResponse:
        """By aiohttp's own way."""
        await hear_of_hang_ups()
        return await self._transport.session.request(
            exchange.method,
            url,
            headers=exchange.request_headers,
            data=_streamed(body),
            allow_redirects=False,
            proxy=self._transport.proxy_for(url),
        )

    async def _read(self, response: Answer | aiohttp.ClientResponse, received: Received) -> bytes:
        """The body as it came; of one that is too large the beginning."""
        received.expected = response.content_length
        content = response.content
        # as a rule the whole answer came at once
        return content.read_nowait() if content.is_eof() else await self._all(content, received, self._transport.max_body)

    def _keep(self, exchange: Exchange, came: bytes) -> None:
        """The body, unpacked; of one that is too large the beginning is kept."""
        limit = self._transport.max_body
        encoding = exchange.headers.get("Content-Encoding")
        if len(came) <= limit:
            exchange.body = unpack(came, encoding, limit=limit) if encoding else came
            return
        exchange.body = came[:_KEPT]
        raise WireError(
            f"{exchange.method} {_path(exchange.url)}: the answer is larger than {_size(limit)}; its first {_size(_KEPT)} are kept",
            code="E704",
            maybe_sent=True,
        )

    async def _all(self, content: aiohttp.StreamReader, received: Received, limit: int) -> bytes:
        """A body that comes piece by piece; at most one piece more than *limit*."""
        chunks: list[bytes] = []
        while received.got <= limit and (chunk := await content.readany()):
            chunks.append(chunk)
            received.got += len(chunk)
        return b"".join(chunks)

    @asynccontextmanager
    async def stream(self, method: str, path: str, *, headers: Mapping[str, str] | None = None) -> AsyncIterator[ResponseStream]:
        """Observed as soon as it is open, with an empty body."""
        if self._limiter is not None:
            await self._limiter()
        full = path if "://" in path else self.base_url + path
        exchange = Exchange(method, full, {"Accept-Encoding": "identity", **(headers or {})}, b"", started=time.monotonic())
        received = Received()
        try:
            target, origin = _target(full)
            self._prepare(exchange, target.url, origin)
            response = await self._send(exchange, target.url, None)
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            error = translated(exc, f"{method} {_path(full)}", _place(full), received)
            exchange.error = error.message
            raise error from exc
        finally:
            exchange.took = time.monotonic() - exchange.started
            if self._observer is not None and exchange.error:
                self._observer(exchange)
        async with response:
            exchange.http, exchange.headers = response.status, response.headers
            if self._observer is not None:
                self._observer(exchange)
            if self._cookies is not None and "Set-Cookie" in response.headers:
                self._cookies.learn(response.headers.getall("Set-Cookie"), origin, target.url.raw_path)
            yield _Stream(response, f"{method} {_path(full)}", _place(full), received)

    def cookies(self, url: str = "") -> dict[str, str]:
        target, origin = _target(url or self.base_url)
        return {} if self._cookies is None else self._cookies.pairs(origin, target.url.raw_path)

    def clear_cookies(self) -> None:
        if self._cookies is not None:
            self._cookies.clear()

    async def close(self) -> None:
        self._is_closed = True


class _Stream:
    def __init__(self, response: aiohttp.ClientResponse, what: str, place: str, received: Received) -> None:
        self.http = response.status
        self.headers: Mapping[str, str] = response.headers
        self._content = response.content
        self._what = what
        self._place = place
        self._received = received
        self._buffer = bytearray()
        # up to where the buffer holds no line end
        self._searched = 0
        received.begun = True

    async def readline(self) -> bytes:
        # aiohttp's own gives up at 128 KiB; an event of a busy queue is one line, and may be longer.
        while (end := self._buffer.find(b"\n", self._searched)) < 0:
            self._searched = len(self._buffer)
            if self._searched > _LONGEST_LINE:
                raise WireError(f"{self._what}: a line of the stream is longer than {_size(_LONGEST_LINE)}", code="E704", maybe_sent=True)
            if not (more := await self._more()):
                break
            self._buffer += more
        end = end if end >= 0 else len(self._buffer) - 1
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        self._searched = 0
        return line

    async def _more(self) -> bytes:
        try:
            more = await self._content.readany()
        except (aiohttp.ClientError, OSError) as exc:
            raise AnswerLost(translated(exc, self._what, self._place, self._received).message) from exc
        self._received.got += len(more)
        return more


@lru_cache(maxsize=1024)
def _target(url: str) -> tuple[Target, Origin]:
    """Where a request to *url* goes, and what cookies mind of it."""
    made = URL(url, encoded=bool(_QUOTED(url)))
    return Target.of(made), Origin((made.raw_host or "").lower(), made.scheme == "https")


def _trusted(ca: Path | str) -> ssl.SSLContext:
    """The system's certificates and those of *ca*."""
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=str(ca))
    except OSError as exc:
        raise EnvironmentUnusable(f"the certificates in {ca} cannot be read", hint="`ca:` names a PEM file") from exc
    return context


def _streamed(body: bytes | None) -> bytes | BytesIO | None:
    """A large body as a stream, so that writing it does not hold the loop; aiohttp warns otherwise."""
    return BytesIO(body) if body is not None and len(body) > _LARGE_BODY else body


def _surrounding_proxies() -> Mapping[str, str]:
    """The proxies that the process environment names, or the system. What knows them takes 4 ms to import; mostly there are none."""
    if sys.platform not in ("win32", "darwin") and not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies

    return getproxies()


def _is_excepted(host: str) -> bool:
    """Whether *host* is asked without a proxy (``no_proxy``)."""
    from urllib.request import proxy_bypass

    return bool(proxy_bypass(host))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _size(count: int) -> str:
    return f"{count // 1048576} MiB" if count >= 1048576 else f"{count // 1024} KiB"


def _path(url: str) -> str:
    """The URL's path, without query and fragment, which may hold secrets."""
    _, separator, rest = url.partition("?")[0].partition("#")[0].partition("://")
    return "/" + rest.partition("/")[2] if separator else url.partition("?")[0]


def _place(url: str) -> str:
    """Host and port, without user info; what stands for them when it is no URL."""
    try:
        made = URL(url)
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    return f"{made.raw_host}:{made.port}" if made.raw_host else made.path
