"""
How GWS says no: a return code with words, the HTTP status beside it, and the one place that makes an answer of it.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from runner.vendors.gws.simulator.settings import Cause, GwsSettings

__all__ = [
    "BACKEND_DOWN",
    "FORBIDDEN",
    "INVALID",
    "MISSING",
    "NOT_AUTHENTICATED",
    "NO_PERMISSION",
    "OUT_OF_RANGE",
    "PARTIAL",
    "UNKNOWN",
    "CsrfRefusal",
    "Refusal",
    "answer",
    "json_answer",
    "required",
    "text_of",
]

# Return codes (page "Return Values", 8.5.2).
MISSING = 1
INVALID = 2
FORBIDDEN = 3
BACKEND_DOWN = 4
NO_PERMISSION = 5
UNKNOWN = 6
PARTIAL = 7
OUT_OF_RANGE = 10
NOT_AUTHENTICATED = 20

_encode = msgspec.json.Encoder().encode
# What a servlet container says by itself.
_SIGN_IN = "<html>\n<head><title>Error 401 Unauthorized</title></head>\n<body><h2>HTTP ERROR 401</h2></body>\n</html>\n"


class Refusal(Exception):
    """
    A request that GWS refuses: its return ``code``, its ``text``, and an HTTP status where that is not the code's own.

    ``cause`` is given where no page says which code it is: there an installation may have another (the setting ``codes``).
    """

    def __init__(self, code: int, text: str, *, http: int | None = None, cause: Cause | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.http = http
        self.cause = cause


class CsrfRefusal(Exception):
    """A write without the right token: HTTP 403 with a plain text (page "Cross-Site Request Forgery protection")."""

    text = "Missing or invalid Csrf token"


def answer(refusal: Refusal, settings: GwsSettings, *, operation: bool) -> web.Response:
    """
    The answer to a refused request.

    An interaction's *operation* in the first dialect answers ``status`` and ``errorDescription``, everything else ``statusCode`` and
    ``statusMessage``.
    """
    code = refusal.code if refusal.cause is None else settings.codes.get(refusal.cause, refusal.code)
    if code == NOT_AUTHENTICATED:
        return _unauthenticated(refusal, settings)
    http = refusal.http or settings.http_status.get(code, 500)
    if settings.always_200:
        http = 200
    text = settings.wording.get(code, "{text}").replace("{text}", refusal.text)
    if operation and settings.dialect == "interactions":
        return json_answer({"status": "error", "errorDescription": text}, http=http)
    return json_answer({"statusCode": code, "statusMessage": text}, http=http)


def _unauthenticated(refusal: Refusal, settings: GwsSettings) -> web.Response:
    """Whoever is not signed in learns how to, in the form that this installation has for it."""
    http = settings.http_status.get(refusal.code, 401)
    headers = {"WWW-Authenticate": f'Basic realm="{settings.realm}"'} if http == 401 else {}
    match settings.unauthenticated_body:
        case "page":
            return web.Response(text=_SIGN_IN, status=http, headers=headers, content_type="text/html")
        case "none":
            return web.Response(status=http, headers=headers)
    text = settings.wording.get(refusal.code, "{text}").replace("{text}", refusal.text)
    return json_answer({"statusCode": refusal.code, "statusMessage": text}, http=http, headers=headers)


def json_answer(body: object, *, http: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(body=_encode(body), status=http, headers=headers, content_type="application/json", charset="utf-8")


def required(fields: dict[str, object], name: str) -> object:
    """
    A field that must be there and not empty.

    Raises: ``Refusal`` – code 1.
    """
    value = fields.get(name)
    if value is None or value in ("", []):
        raise Refusal(MISSING, f"Required parameter is missing: {name}")
    return value


def text_of(fields: dict[str, object], name: str, *, needed: bool = False) -> str:
    """
    A field that is text; empty when it is absent and not *needed*.

    Raises: ``Refusal`` – code 1 (missing) or 2 (not text).
    """
    value = required(fields, name) if needed else fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refusal(INVALID, f"Parameter is not valid: {name} must be text")
    return value
