"""
``/icws/{session}/system``: notifications to and from the server's handlers, as public clients ask for them right after login.

No handler runs in the simulator: a notification is taken and nobody answers it, so a subscription is kept and tells nothing.
"""

from __future__ import annotations

from aiohttp import web

from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import empty, invalid

__all__ = ["ROUTES"]


async def _watch(call: Call) -> web.StreamResponse:
    headers = call.body().objects("headers")
    if not headers:
        raise invalid("headers", "it is empty.")
    for header in headers:
        header.text("objectId")
        header.texts("eventIds")
    return call.done("handler-subscription")


async def _unwatch(_call: Call) -> web.StreamResponse:
    return empty(204)


async def _notify(call: Call) -> web.StreamResponse:
    call.needs(call.office.settings.work_right, "You do not have rights to notify handlers.")
    body = call.body()
    body.text("objectId")
    body.text("eventId")
    if "data" in body:
        body.texts("data")
    return call.done("handler-notification")


_SUBSCRIPTION = "/{session}/messaging/subscriptions/system/handler-sent-notifications"
_FEATURE = ("system", 1)

ROUTES = (
    Route("PUT", _SUBSCRIPTION, _watch, _FEATURE),
    Route("DELETE", _SUBSCRIPTION, _unwatch, _FEATURE),
    Route("POST", "/{session}/system/handler-notification", _notify, _FEATURE),
)
