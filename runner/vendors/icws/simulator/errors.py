"""
How the simulator says no: the error representation, and one function for each way to fail (icws.md §1.2).

Raised by the handlers, made into a response by :mod:`.dispatch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
from aiohttp import web

__all__ = [
    "MEDIA_TYPE",
    "IcwsError",
    "asked_for",
    "bad_request",
    "empty",
    "forbidden",
    "gone",
    "invalid",
    "malformed",
    "method_not_allowed",
    "missing",
    "not_accepting",
    "not_found",
    "reply",
    "server_error",
    "session_ended",
    "unauthenticated",
]

MEDIA_TYPE = "application/vnd.inin.icws+JSON; charset=utf-8"
_CHALLENGE = 'ICWS realm="ICWS" location="/ICWS/connection"'
_INVALID = "error.request.invalidRepresentation"
_AUTHENTICATION = "error.request.connection.authenticationFailure"
_SESSION_ENDED = -2147221499
_encode = msgspec.json.Encoder().encode


class IcwsError(Exception):
    """A refusal: ``http`` and the members of its body."""

    def __init__(self, http: int, message: str, *, error_id: str = "", **members: object) -> None:
        super().__init__(message)
        self.http = http
        self.headers = {"WWW-Authenticate": _CHALLENGE} if http == 401 else {}
        self.body: dict[str, object] = dict(members)
        if error_id:
            self.body["errorId"] = error_id
        self.body["message"] = message

    def response(self, ids: Mapping[str, str] | None = None) -> web.Response:
        """As it goes over the wire; *ids* spell an ``errorId`` otherwise."""
        found = self.body.get("errorId")
        body = self.body | {"errorId": ids[str(found)]} if ids and found in ids else self.body
        return reply(body, http=self.http, headers=self.headers)


def reply(data: object, *, http: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A representation in the media type that the vendor's library insists on."""
    return web.Response(status=http, body=_encode(data), headers={"Content-Type": MEDIA_TYPE, **(headers or {})})


def empty(http: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A success without representation: 200 keeps its JSON content type over no bytes at all."""
    kind = {"Content-Type": MEDIA_TYPE} if http != 204 else {}
    return web.Response(status=http, headers={**kind, **(headers or {})})


def malformed(why: str) -> IcwsError:
    """The body is not JSON, or not an object of the right family."""
    return IcwsError(400, why, error_id=f"{_INVALID}.malformed")


def missing(name: str) -> IcwsError:
    """A required property is absent."""
    return IcwsError(
        400,
        f"The property '{name}' is required.",
        error_id=f"{_INVALID}.missingProperty",
        __type="urn:inin.com:common:missingPropertyError",
        propertyName=name,
    )


def invalid(name: str, why: str) -> IcwsError:
    """A property has a value that cannot be."""
    return IcwsError(
        400,
        f"The property '{name}' is invalid: {why}",
        error_id=f"{_INVALID}.invalidProperty",
        __type="urn:inin.com:common:invalidPropertyError",
        propertyName=name,
    )


def bad_request(why: str, error_id: str = "error.request.invalid") -> IcwsError:
    """Any other 400: a state that does not allow it, a thing that is not what the resource is for."""
    return IcwsError(400, why, error_id=error_id)


def unauthenticated(code: int, why: str, error_id: str = "") -> IcwsError:
    """One of the four session faults, told apart by *code*."""
    return IcwsError(401, why, error_id=error_id, errorCode=code)


def session_ended() -> IcwsError:
    """The id is well formed, but there is no such session."""
    return unauthenticated(_SESSION_ENDED, "The session does not exist or has ended.", _AUTHENTICATION)


def forbidden(why: str = "You do not have rights to the interaction.") -> IcwsError:
    """The user lacks a right."""
    return IcwsError(403, why, error_id="error.request.accessDenied")


def not_found(why: str = "The interaction does not exist.") -> IcwsError:
    """There is no such thing, or no more."""
    return IcwsError(404, why, error_id="error.request.notFound")


def method_not_allowed(allowed: Sequence[str]) -> IcwsError:
    """The path exists, the verb does not."""
    refusal = IcwsError(
        405, "The HTTP method is not allowed for this resource.", error_id="error.request.accessDenied.httpMethodNotAllowed"
    )
    refusal.headers["Allow"] = ", ".join(allowed)
    return refusal


def gone() -> IcwsError:
    """The resource was removed from the API."""
    return IcwsError(410, "This resource has been deprecated and removed from the API.", error_id="error.request.gone")


def not_accepting(alternates: Sequence[str]) -> IcwsError:
    """A backup or draining server does not take logins; the body says who might."""
    return IcwsError(
        503,
        "This Session Manager is not currently accepting connections.",
        error_id="error.server.notAcceptingConnections",
        alternateHostList=list(alternates),
    )


def server_error() -> IcwsError:
    """The server itself is at fault."""
    return IcwsError(500, "An unexpected error occurred.", errorCode=-2147467259)


def asked_for(status: int, alternates: Sequence[str]) -> IcwsError:
    """The refusal with this *status* that a fault asks for, as a server would word it."""
    if status == 503:
        return IcwsError(503, "The server is not available.", error_id="error.server.unavailable", alternateHostList=list(alternates))
    made = _ASKED_FOR.get(status)
    return made() if made is not None else IcwsError(status, "A fault was asked for.", error_id="error.request.fault")


_ASKED_FOR: Mapping[int, Callable[[], IcwsError]] = {
    401: session_ended,
    403: forbidden,
    404: not_found,
    410: gone,
    500: server_error,
}
