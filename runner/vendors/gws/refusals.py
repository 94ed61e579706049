"""
Whether an answer of GWS is a yes, and what its no means: the body is judged first, the HTTP status where the body says nothing.

Source: page "Return Values" (codes); the order body → status is what the vendor's own sample client does.
"""

from __future__ import annotations

from typing import Any

from runner.errors import Refused, WireError
from runner.transport.exchange import Exchange

__all__ = ["PARTIAL", "channel_results", "is_unauthenticated", "judge", "judge_bytes", "reason_of_code", "reason_of_status", "said_yes"]

PARTIAL = 7
_NOT_AUTHENTICATED = 20

_REASONS = {
    1: "invalid",
    2: "invalid",
    3: "forbidden",
    4: "server_error",
    5: "forbidden",
    6: "not_found",
    7: "unavailable",
    8: "forbidden",
    9: "unavailable",
    10: "invalid",
    11: "invalid",
    12: "server_error",
    13: "server_error",
    14: "server_error",
    15: "server_error",
    16: "server_error",
    17: "server_error",
    18: "conflict",
    19: "conflict",
    _NOT_AUTHENTICATED: "unauthenticated",
}
_BY_STATUS = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    406: "not_acceptable",
    409: "conflict",
    410: "gone",
    413: "too_large",
    429: "unavailable",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
}
_TOLD = 200


def judge(exchange: Exchange, *, partial: bool = False) -> dict[str, Any]:
    """
    The body of a successful answer; with *partial*, code 7 is one too.

    Raises: ``Refused``; ``WireError`` – a success without a JSON object in it.
    """
    body = _object(exchange)
    if body is not None and ("statusCode" in body or "status" in body):
        if 200 <= exchange.http < 300 and (_is_yes(body) or (partial and body.get("statusCode") == PARTIAL)):
            return body
        raise _refused(exchange, body)
    if not 200 <= exchange.http < 300:
        raise Refused(reason_of_status(exchange.http), http=exchange.http, text=_excerpt(exchange))
    if body is None:
        raise WireError(
            f"{exchange.method} {exchange.url.partition('?')[0]}: the answer is not a JSON object: {_excerpt(exchange)!r}",
            code="E704",
            maybe_sent=True,
        )
    return body


def said_yes(exchange: Exchange, body: dict[str, Any]) -> dict[str, Any]:
    """
    *body*, if it says that an operation was taken over: that it says nothing against it is no yes.

    Raises: ``WireError`` – it has neither ``statusCode`` nor ``status``.
    """
    if "statusCode" in body or "status" in body:
        return body
    what = f"{exchange.method} {exchange.url.partition('?')[0]}"
    raise WireError(f"{what}: the answer says neither yes nor no: {_excerpt(exchange)!r}", code="E704", maybe_sent=True)


def judge_bytes(exchange: Exchange) -> bytes:
    """
    The body of a successful download, whatever is in it.

    Raises: ``Refused``.
    """
    body = _object(exchange) if "json" in exchange.header("Content-Type") else None
    if body is not None and body.get("statusCode") and body.keys() <= {"statusCode", "statusMessage"}:
        raise _refused(exchange, body)
    if exchange.http != 200:
        judge(exchange)
    return exchange.body


def is_unauthenticated(exchange: Exchange) -> bool:
    """Whether the server does not know who asks: by its status, or by code 20 on an installation that answers another one."""
    if exchange.http == 401:
        return True
    body = _object(exchange) if b'"statusCode"' in exchange.body[:_TOLD] else None
    return body is not None and body.get("statusCode") == _NOT_AUTHENTICATED and body.keys() <= {"statusCode", "statusMessage"}


def channel_results(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a start that succeeded in part tells of each channel, by its name: a list of channels, or an object of them."""
    channels = told.get("channels")
    named = channels.items() if isinstance(channels, dict) else [(c.get("channel"), c) for c in channels or [] if isinstance(c, dict)]
    return {str(name): result for name, result in named if isinstance(result, dict)}


def reason_of_code(code: object) -> str:
    """The neutral reason of a return code."""
    return _REASONS.get(code, "server_error") if isinstance(code, int) else "server_error"


def reason_of_status(http: int) -> str:
    """The neutral reason of an HTTP status."""
    return _BY_STATUS.get(http, "server_error" if http >= 500 else "invalid")


def _is_yes(body: dict[str, Any]) -> bool:
    told = body["statusCode"] if "statusCode" in body else body["status"]
    # false is no number here, and no yes
    return not isinstance(told, bool) and (told == 0 or (told == "ok" and "statusCode" not in body))


def _refused(exchange: Exchange, body: dict[str, Any]) -> Refused:
    """
    The code decides. The first dialect has none: there the status decides, and a 200 with an error in it is "invalid", the likeliest.
    """
    code = body.get("statusCode")
    text = str(body.get("statusMessage") or body.get("errorDescription") or "")
    reason = reason_of_code(code) if isinstance(code, int) and code != 0 else reason_of_status(exchange.http)
    # what the status says of the place, no code says: the back end's own failure (4) comes with 500
    if exchange.http in {413, 429, 503}:
        reason = reason_of_status(exchange.http)
    return Refused(reason, http=exchange.http, vendor_code="" if code is None else str(code), text=text)


def _object(exchange: Exchange) -> dict[str, Any] | None:
    try:
        body = exchange.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _excerpt(exchange: Exchange) -> str:
    return " ".join(exchange.text.split())[:_TOLD]
