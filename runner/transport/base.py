"""
The seam between vendors and the wire: what a vendor's client may ask of a transport.

``http.py`` is the real one (aiohttp), ``scripted.py`` the honest fake beside it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from runner.transport.exchange import Exchange

__all__ = ["HttpClient", "Limiter", "Observer", "ResponseStream", "Transport"]

Observer = Callable[[Exchange], None]
Limiter = Callable[[], Awaitable[None]]


class ResponseStream(Protocol):
    """A response that is read while it arrives (server-sent events)."""

    http: int
    headers: Mapping[str, str]

    async def readline(self) -> bytes:
        """The next line with its end; empty at the end of the stream."""
        ...


class HttpClient(Protocol):
    """One session's HTTP: its own cookies, its base URL, its observer."""

    base_url: str

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
        """
        Send one request and read the whole answer, whatever its status.

        *path* is relative to the base URL, or absolute. *timeout* in seconds bounds the whole exchange (None: the step's own limit).
        Redirects are not followed. The observer sees the exchange also when it failed, unless *observed* is False.

        Raises: ``ConnectFailed`` – nothing was sent; ``AnswerLost`` – it may have been; ``WireError`` – the answer cannot be used.
        """
        ...

    def stream(self, method: str, path: str, *, headers: Mapping[str, str] | None = None) -> AbstractAsyncContextManager[ResponseStream]:
        """The same, read line by line while it arrives."""
        ...

    def cookies(self, url: str = "") -> dict[str, str]:
        """The cookies that would go to *url* (default: the base URL)."""
        ...

    def clear_cookies(self) -> None:
        """Forget all cookies."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...


class Transport(Protocol):
    """Makes clients over one shared connection pool; one for a run."""

    def client(
        self, base_url: str, *, observer: Observer | None = None, limiter: Limiter | None = None, cookies: bool = True
    ) -> HttpClient:
        """A client with its own cookie jar."""
        ...

    async def close(self) -> None:
        """Close the connection pool."""
        ...
