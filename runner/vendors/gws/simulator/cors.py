"""
Cross-origin requests: what a browser asks before it lets a page call GWS (pages "CSRF protection", "CORS Filter"; defaults as documented).
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

__all__ = ["cors_middleware"]

_PREFLIGHT = MappingProxyType(
    {
        "Access-Control-Allow-Methods": "GET,POST,PUT,DELETE,OPTIONS",
        "Access-Control-Allow-Headers": (
            "X-Requested-With,Content-Type,Accept,Origin,Cookie,authorization,ssid,surl,ContactCenterId,X-CSRF-TOKEN"
        ),
    }
)
_ANSWER = MappingProxyType({"Access-Control-Expose-Headers": "X-CSRF-HEADER,X-CSRF-TOKEN"})


def cors_middleware(origins: tuple[str, ...]) -> Middleware:
    """Let pages from these *origins* in; a question about others is answered without the headers that would."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        allowed = any(fnmatchcase(origin, pattern) for pattern in origins)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return _with(web.Response(), origin, _PREFLIGHT) if allowed else web.Response(status=403)
        response = await handler(request)
        return _with(response, origin, _ANSWER) if allowed else response

    return middleware


def _with(response: web.StreamResponse, origin: str, headers: Mapping[str, str]) -> web.StreamResponse:
    if not response.prepared:
        response.headers.update({"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", "Vary": "Origin"})
        response.headers.update(headers)
    return response
