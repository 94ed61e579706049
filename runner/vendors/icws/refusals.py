"""
From an answer that says no to a :class:`~runner.errors.Refused` with a neutral reason beside the server's own code and text (icws.md §1.2).
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.errors import Refused
from runner.transport.exchange import Exchange

__all__ = ["pushed_refusal", "refusal"]

_REASONS: Mapping[int, str] = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    406: "not_acceptable",
    408: "unavailable",
    409: "conflict",
    410: "gone",
    413: "too_large",
    429: "unavailable",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
}
_PUSHED: Mapping[str, str] = {
    "error.request.accessDenied": "forbidden",
    "error.request.notFound": "not_found",
}
# Old servers send the number alone.
_BAD_LOGIN_CODE = -2147221503
_BAD_LOGIN = "error.request.connection.authenticationFailure"


def refusal(exchange: Exchange) -> Refused:
    """The refusal that *exchange* (status 400 or more) is; wrong credentials are told by 400 and mean unauthenticated."""
    body = _body(exchange)
    error_id, code = body.get("errorId"), body.get("errorCode")
    reason = _REASONS.get(exchange.http, "server_error" if exchange.http >= 500 else "invalid")
    if exchange.http == 400 and (error_id == _BAD_LOGIN or code == _BAD_LOGIN_CODE):
        reason = "unauthenticated"
    vendor_code = str(error_id or (code if code is not None else ""))
    return Refused(reason, http=exchange.http, vendor_code=vendor_code, text=_text(exchange, body))


def pushed_refusal(error: Mapping[str, object]) -> Refused:
    """The refusal that a message tells after its request was answered well: an ``error`` representation, which has no status."""
    id, text = str(error.get("errorId") or ""), str(error.get("message") or "the server gives no reason")
    return Refused(_PUSHED.get(id, "invalid"), http=200, vendor_code=id, text=text)


def _body(exchange: Exchange) -> Mapping[str, object]:
    try:
        body = exchange.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _text(exchange: Exchange, body: Mapping[str, object]) -> str:
    """The server's words; the beginning of what came when they are not in the form that the server documents."""
    told = body.get("message")
    if isinstance(told, str):
        name = body.get("propertyName")
        return f"{told} ({name})" if isinstance(name, str) and name not in told else told
    return " ".join(exchange.text[:200].split())
