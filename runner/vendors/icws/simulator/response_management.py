"""
``/icws/{session}/response-management``: libraries, their subscription, and one's own library (icws.md §5).
"""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web

from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import empty, invalid, not_found, reply
from runner.vendors.icws.simulator.libraries import Library
from runner.vendors.icws.simulator.sessions import Session

__all__ = ["ROUTES"]

_MESSAGE = "urn:inin.com:responseManagement:responseManagementMessage"


def _allowed(call: Call) -> None:
    call.needs(call.office.settings.response_management_right, "You do not have rights to response management.")


def _tell(call: Call, session: Session, *, delta: bool, added: list[Library], changed: list[Library]) -> None:
    session.messages.put(
        {
            "__type": _MESSAGE,
            "isDelta": delta,
            "librariesAdded": [library.summary(call.office.uri_of(session)) for library in added],
            "librariesChanged": [library.summary(call.office.uri_of(session)) for library in changed],
            "librariesRemoved": [],
        }
    )


async def _watch(call: Call) -> web.StreamResponse:
    _allowed(call)
    call.session.libraries = True
    _tell(call, call.session, delta=False, added=call.office.libraries.visible(call.session.user), changed=[])
    return call.done("response-management-subscription")


async def _unwatch(call: Call) -> web.StreamResponse:
    call.session.libraries = False
    return empty(204)


async def _library(call: Call) -> web.StreamResponse:
    _allowed(call)
    found = call.office.libraries.library(call.parameters["library"], call.session.user)
    if found is None:
        raise not_found("The library does not exist.")
    return reply(found.told())


async def _replace_own(call: Call) -> web.StreamResponse:
    _allowed(call)
    body, user = call.body(), call.session.user
    name = body.text("name")
    if name.lower() != user:
        raise invalid("name", "it must be the user's id.")
    items = list(_items(body))
    library, new = call.office.libraries.replace_own(user, name, items)
    for session in call.office.sessions.of(user):
        if session.libraries:
            _tell(call, session, delta=True, added=[library] if new else [], changed=[] if new else [library])
    return empty(204)


def _items(branch: Body) -> Iterator[tuple[str, int, str]]:
    """Name, type and value of every item of a library or a category, those of its categories too."""
    for item in branch.objects("items") if "items" in branch else []:
        yield item.text("name"), item.number("type", (0, 1, 2)), item.text("value")
    for category in branch.objects("categories") if "categories" in branch else []:
        category.text("name")
        yield from _items(category)


async def _announce_file(call: Call) -> web.StreamResponse:
    _allowed(call)
    token = call.office.libraries.announce(call.session.user, call.body().text("name", filled=True))
    return reply({"url": call.uri(f"/icws/{call.session.id}/response-management/files/{token}")})


async def _transfer_file(call: Call) -> web.StreamResponse:
    _allowed(call)
    if not call.office.libraries.transfer(call.parameters["token"], call.raw, call.request.content_type):
        raise not_found("The upload does not exist, or was used.")
    return call.done("upload")


_FEATURE = ("response-management", 1)
_SUBSCRIPTION = "/{session}/messaging/subscriptions/response-management"

ROUTES = (
    Route("PUT", _SUBSCRIPTION, _watch, _FEATURE),
    Route("DELETE", _SUBSCRIPTION, _unwatch, _FEATURE),
    Route("GET", "/{session}/response-management/libraries/{library}", _library, _FEATURE),
    Route("PUT", "/{session}/response-management", _replace_own, ("response-management", 4)),
    Route("POST", "/{session}/response-management/file", _announce_file, _FEATURE),
    Route("PUT", "/{session}/response-management/files/{token}", _transfer_file, _FEATURE),
    Route("POST", "/{session}/response-management/files/{token}", _transfer_file, _FEATURE),
)
