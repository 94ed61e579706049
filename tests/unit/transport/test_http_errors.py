"""aiohttp's exceptions as ours."""

from __future__ import annotations

import errno
import ssl
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey, RequestInfo
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from runner.errors import AnswerLost, ConnectFailed, WireError, reason
from runner.transport.http_errors import Received, translated

SECRET = "t0psecret-c4nary"
KEY = ConnectionKey("a.example", 8019, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)


def certificate(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = message
    return error


def response_error(message: str) -> aiohttp.ClientResponseError:
    headers = CIMultiDictProxy(CIMultiDict({"Authorization": f"Bearer {SECRET}"}))
    info = RequestInfo(URL(f"https://a.example/x?token={SECRET}"), "GET", headers, URL(f"https://a.example/x?token={SECRET}"))
    return aiohttp.ClientResponseError(info, (), status=400, message=message, headers=CIMultiDict(headers))


CASES = [
    (
        aiohttp.ClientConnectorDNSError(KEY, OSError(-2, SECRET)),
        ConnectFailed,
        "cannot connect to a.example:8019: the host name is not known",
    ),
    (aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(errno.ECONNREFUSED, SECRET)), ConnectFailed, "nothing listens there"),
    (aiohttp.ClientConnectorError(KEY, OSError(errno.EHOSTUNREACH, SECRET)), ConnectFailed, reason(OSError(errno.EHOSTUNREACH, SECRET))),
    (aiohttp.ClientConnectorError(KEY, OSError(SECRET)), ConnectFailed, "no connection came about"),
    (aiohttp.ClientProxyConnectionError(KEY, OSError(errno.ECONNREFUSED, SECRET)), ConnectFailed, "the proxy does not answer"),
    (
        aiohttp.ClientConnectorCertificateError(KEY, certificate("certificate has expired")),
        ConnectFailed,
        "its certificate is not accepted: certificate has expired",
    ),
    (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, SECRET)), ConnectFailed, "TLS does not come about there"),
    (aiohttp.ConnectionTimeoutError(SECRET), ConnectFailed, "no connection came about in time"),
    (aiohttp.InvalidURL(f"http://x?{SECRET}"), ConnectFailed, "is not a URL"),
    (ValueError(SECRET), ConnectFailed, "nothing was sent"),
    (aiohttp.ServerDisconnectedError(Mock(name=SECRET)), AnswerLost, "closed the connection without an answer"),
    (aiohttp.ClientOSError(errno.ECONNRESET, SECRET), AnswerLost, "was reset"),
    (aiohttp.ClientPayloadError(SECRET), AnswerLost, "ended inside the answer"),
    (response_error(SECRET), WireError, "does not answer in HTTP: bad header"),
    (response_error(f"Span callback error in on_header_value: {SECRET}"), WireError, "a header is too long"),
    (response_error(f"Got more than 8190 bytes when reading: {SECRET}"), WireError, "a header is too long"),
    (aiohttp.ClientError(SECRET), AnswerLost, "broke"),
]


@pytest.mark.parametrize(("theirs", "kind", "told"), CASES, ids=lambda case: type(case).__name__)
def test_each_exception_has_its_words(theirs: Exception, kind: type[WireError], told: str) -> None:
    """Each says what happened and whether anything was sent, and nothing of what the library knew."""
    ours = translated(theirs, "GET /x", "a.example:8019", Received())
    assert type(ours) is kind
    assert told in ours.message
    assert SECRET not in ours.message + ours.hint


def test_an_unknown_authority_names_the_setting() -> None:
    """A certificate of one's own authority is answered with the setting that trusts it, never with switching checks off."""
    theirs = aiohttp.ClientConnectorCertificateError(KEY, certificate("self-signed certificate in certificate chain"))
    assert "`ca:`" in translated(theirs, "GET /x", "a.example:8019", Received()).hint
