"""
The headers that every answer has (icws.md §1): no caching, and what a page of another origin needs in order to read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from aiohttp import web

from runner.vendors.icws.simulator.errors import empty

__all__ = ["attachment_header", "common_headers", "preflight"]

_CACHING = {"Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache", "Expires": "0", "Server": "HttpPluginHost"}
_ALLOWED_HEADERS = "Content-Type, Accept-Language, ININ-ICWS-CSRF-Token, ININ-ICWS-Session-ID, X-ICWS-DevTools-CorrelationId"
_EXPOSED_HEADERS = "ININ-ICWS-CSRF-Token,ININ-ICWS-Session-ID,Location,Set-Cookie"


def common_headers(request: web.Request, response: web.StreamResponse, *, echo: bool) -> None:
    """Put them on *response*; *echo*: repeat the request's origin. An event stream asks for them before it begins."""
    headers = response.headers
    headers.update(_CACHING)
    headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*") if echo else "*"
    headers["Access-Control-Allow-Credentials"] = "true"
    headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if request.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"


def attachment_header(name: str) -> str:
    """
    ``Content-Disposition`` for a file of this *name* (RFC 6266): what is no ASCII, and what would end the header, stands as ``_`` in
    ``filename`` and whole in ``filename*``.
    """
    plain = "".join(c if " " <= c <= "~" else "_" for c in name)
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    told = f'attachment; filename="{quoted}"'
    return told if plain == name else f"{told}; filename*=UTF-8''{quote(name, safe='')}"


def preflight(methods: Iterable[str]) -> web.Response:
    """The answer to a browser that asks what it may send; no session is looked at."""
    return empty(
        headers={
            "Access-Control-Allow-Methods": ", ".join(sorted(methods)),
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": "600",
        }
    )
