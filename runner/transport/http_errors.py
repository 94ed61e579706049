"""
What went wrong on the wire, in plain words: aiohttp's exceptions as ours. A library's ``repr`` goes nowhere, for it may hold headers.
"""

from __future__ import annotations

import errno
import ssl

import aiohttp

from runner.errors import AnswerLost, ConnectFailed, WireError, reason

__all__ = ["Received", "cannot_connect", "late", "translated"]

# How aiohttp says that a header is longer, or that there are more, than it takes; the last when one comes in pieces.
_BOUNDS = ("more than", "Too many", "Span callback error in on_header")


class Received:
    """How much of an answer had come: bytes ``got`` of ``expected`` (None: not announced); ``begun`` when its head was there."""

    __slots__ = ("begun", "expected", "got")

    def __init__(self) -> None:
        self.begun = False
        self.got = 0
        self.expected: int | None = None

    def __str__(self) -> str:
        if not self.begun:
            return "nothing had come yet"
        return f"{self.got} of {'?' if self.expected is None else self.expected} bytes of its body had come"


def translated(exc: Exception, what: str, place: str, received: Received) -> WireError:
    """
    Our error for one of aiohttp's.

    *what* is the request (``POST /mails/1/send``), *place* its host and port.
    """
    match exc:
        case aiohttp.ConnectionTimeoutError():
            return cannot_connect(place, "no connection came about in time")
        case aiohttp.ClientConnectorError():
            return _connector(exc, place)
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return ConnectFailed(f"{place!r} is not a URL that can be asked", hint="write it like https://host:port/path")
        case aiohttp.ClientHttpProxyError():
            return ConnectFailed(f"the proxy did not let us through to {place} (HTTP {exc.status})")
        case aiohttp.ClientPayloadError():
            return AnswerLost(f"{what}: the connection to {place} ended inside the answer: {received}")
        case aiohttp.ClientResponseError():
            return WireError(f"{what}: {place} does not answer in HTTP: {_malformed(exc)}", code="E704", maybe_sent=True)
        case ValueError() if not received.begun:
            return ConnectFailed(f"{what}: nothing was sent, for a header or the URL holds what may not stand there")
        case aiohttp.ServerDisconnectedError() if not received.begun:
            return AnswerLost(f"{what}: {place} closed the connection without an answer")
    why = "was reset" if isinstance(exc, ConnectionResetError) or getattr(exc, "errno", 0) == errno.ECONNRESET else "broke"
    return AnswerLost(f"{what}: the connection to {place} {why}: {received}")


def cannot_connect(place: str, why: str, *, hint: str = "") -> ConnectFailed:
    """Nothing was sent."""
    return ConnectFailed(f"cannot connect to {place}: {why}", hint=hint)


def late(what: str, place: str, timeout: float, received: Received) -> AnswerLost:
    """The time for the whole exchange is up."""
    return AnswerLost(f"{what}: no whole answer from {place} within {timeout:g} s: {received}")


def _connector(exc: aiohttp.ClientConnectorError, place: str) -> ConnectFailed:
    match exc:
        case aiohttp.ClientConnectorDNSError():
            return cannot_connect(place, "the host name is not known", hint="check the url in the environment, and the network (VPN?)")
        case aiohttp.ClientProxyConnectionError():
            return cannot_connect(place, "the proxy does not answer", hint="check HTTP_PROXY, HTTPS_PROXY and NO_PROXY")
    cause = exc.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _certificate(cause, place)
    if isinstance(cause, ssl.SSLError):
        return cannot_connect(place, "TLS does not come about there", hint="check that the url's https and port belong together")
    if isinstance(cause, ConnectionRefusedError):
        return cannot_connect(place, "nothing listens there (connection refused)", hint="check that it runs, and the port")
    return cannot_connect(place, reason(cause) if cause.errno else "no connection came about")


def _certificate(cause: ssl.SSLCertVerificationError, place: str) -> ConnectFailed:
    """Which check of the certificate said no."""
    why = (cause.verify_message or "it could not be verified").rstrip(".")
    hint = "" if "expired" in why or "mismatch" in why.lower() else "name the file of its authority as `ca:` in the environment"
    return cannot_connect(place, f"its certificate is not accepted: {why}", hint=hint)


def _malformed(exc: aiohttp.ClientResponseError) -> str:
    return "a header is too long, or there are too many" if any(said in exc.message for said in _BOUNDS) else "bad header"
