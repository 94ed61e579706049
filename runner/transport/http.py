"""
The wire by aiohttp: one connection pool for a run, one client with its own cookies for each session.

Redirects are not followed: a cookie, a token or a body must not travel to an address that nobody named.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from runner.errors import AnswerLost, ConnectFailed, WireError
from runner.transport.base import HttpClient, Limiter, Observer, ResponseStream
from runner.transport.exchange import Exchange

__all__ = ["AiohttpTransport"]

_MAX_BODY = 10 * 1024 * 1024
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10)


class AiohttpTransport:
    """One connection pool, shared by all clients of a run."""

    def __init__(self, *, max_body: int = _MAX_BODY, connections: int = 0) -> None:
        self._max_body = max_body
        self._connector = aiohttp.TCPConnector(limit=connections, limit_per_host=0)

    def client(
        self, base_url: str, *, observer: Observer | None = None, limiter: Limiter | None = None, cookies: bool = True
    ) -> HttpClient:
        """A client with its own cookie jar; cookies of IP addresses are kept too, for simulators on 127.0.0.1."""
        jar = aiohttp.CookieJar(unsafe=True) if cookies else aiohttp.DummyCookieJar()
        session = aiohttp.ClientSession(
            connector=self._connector, connector_owner=False, cookie_jar=jar, timeout=_NO_TIMEOUT, auto_decompress=True
        )
        return _Client(base_url.rstrip("/"), session, observer, limiter, self._max_body)

    async def close(self) -> None:
        """Close the connection pool."""
        await self._connector.close()


class _Client:
    def __init__(
        self,
        base_url: str,
        session: aiohttp.ClientSession,
        observer: Observer | None,
        limiter: Limiter | None,
        max_body: int,
    ) -> None:
        self.base_url = base_url
        self._session = session
        self._observer = observer
        self._limiter = limiter
        self._max_body = max_body

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
        try:
            async with asyncio.timeout(timeout):
                await self._fill(exchange, body)
        except TimeoutError as exc:
            exchange.error = f"no whole answer within {timeout} s"
            raise AnswerLost(f"{method} {_bare(url)}: {exchange.error}") from exc
        except aiohttp.ClientConnectorError as exc:
            exchange.error = _reason(exc)
            raise ConnectFailed(f"cannot connect to {URL(url).host}:{URL(url).port}: {exchange.error}") from exc
        except aiohttp.InvalidURL as exc:
            exchange.error = "not a URL"
            raise ConnectFailed(f"{_bare(url)!r} is not a URL") from exc
        except (aiohttp.ClientError, OSError) as exc:
            exchange.error = _reason(exc)
            raise AnswerLost(f"{method} {_bare(url)}: the connection broke: {exchange.error}") from exc
        except asyncio.CancelledError:
            exchange.error = "cancelled while waiting for the answer"
            raise
        finally:
            exchange.took = time.monotonic() - exchange.started
            if self._observer is not None and observed:
                self._observer(exchange)
        return exchange

    async def _fill(self, exchange: Exchange, body: bytes | None) -> None:
        async with self._session.request(
            exchange.method, exchange.url, headers=exchange.request_headers, data=body, allow_redirects=False
        ) as response:
            exchange.http = response.status
            exchange.headers = response.headers
            exchange.body = await self._read(response)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        length = response.content_length
        if length is not None and length <= self._max_body and "Content-Encoding" not in response.headers:
            return await response.read()
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(65536):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._max_body:
                response.close()
                raise WireError(f"the answer is larger than {self._max_body // 1048576} MiB", code="E704", maybe_sent=True)
        return b"".join(chunks)

    @asynccontextmanager
    async def stream(self, method: str, path: str, *, headers: Mapping[str, str] | None = None) -> AsyncIterator[ResponseStream]:
        url = path if "://" in path else self.base_url + path
        try:
            async with self._session.request(method, url, headers=headers, allow_redirects=False) as response:
                yield _Stream(response)
        except aiohttp.ClientConnectorError as exc:
            raise ConnectFailed(f"cannot connect to {URL(url).host}:{URL(url).port}: {_reason(exc)}") from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise AnswerLost(f"{method} {_bare(url)}: the stream broke: {_reason(exc)}") from exc

    def cookies(self, url: str = "") -> dict[str, str]:
        return {k: m.value for k, m in self._session.cookie_jar.filter_cookies(URL(url or self.base_url)).items()}

    def clear_cookies(self) -> None:
        self._session.cookie_jar.clear()

    async def close(self) -> None:
        await self._session.close()


class _Stream:
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.http = response.status
        self.headers: Mapping[str, str] = response.headers
        self._content = response.content

    async def readline(self) -> bytes:
        return await self._content.readline()


def _bare(url: str) -> str:
    """The URL without query, fragment and user info, which may hold secrets."""
    return url.partition("?")[0].partition("#")[0].rpartition("@")[2]


def _reason(exc: BaseException) -> str:
    """A few words for a library's exception; never its repr, which may hold headers."""
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return "the host name is not known"
    if isinstance(exc, aiohttp.ClientSSLError):
        return "TLS failed"
    if isinstance(exc, aiohttp.ClientConnectorError):
        return exc.strerror or type(exc.os_error).__name__
    if isinstance(exc, aiohttp.ServerDisconnectedError):
        return "the server closed it"
    if isinstance(exc, aiohttp.ClientPayloadError):
        return "the body is cut short"
    if isinstance(exc, OSError):
        return exc.strerror or type(exc).__name__
    return type(exc).__name__
