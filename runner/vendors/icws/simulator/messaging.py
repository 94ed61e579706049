"""
``/icws/{session}/messaging``: the messages, polled or streamed, and the subscriptions that make them (icws.md §3).
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import IcwsError, bad_request, empty, invalid, not_found, reply
from runner.vendors.icws.simulator.headers import common_headers
from runner.vendors.icws.simulator.hub import FAULTED
from runner.vendors.icws.simulator.interactions import Interaction
from runner.vendors.icws.simulator.sessions import QueueSubscription

__all__ = ["ROUTES", "email_only"]

_encode = msgspec.json.Encoder().encode
_QUEUE_TYPES = (0, 1, 2, 3)


def email_only(interaction: Interaction) -> Interaction:
    """The interaction, if it is an e-mail; raises 400."""
    if interaction.kind != "EMAIL":
        raise bad_request("The interaction is not an email interaction.")
    return interaction


async def _messages(call: Call) -> web.StreamResponse:
    streams = call.office.settings.features.get("messaging", 0) >= 2
    wanted = ("text/event-stream",) if call.office.settings.stream_when == "asked" else ("text/event-stream", "*/*")
    if streams and any(kind in call.request.headers.get("Accept", "*/*") for kind in wanted):
        return await _stream(call)
    session = call.session
    if session.streams and call.office.settings.poll_beside_stream == "empty":
        return reply([])
    if session.farewell:
        call.office.end_session(session, grace=False)
    return reply(session.messages.drain())


async def _stream(call: Call) -> web.StreamResponse:
    session, settings = call.session, call.office.settings
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    common_headers(call.request, response, echo=settings.echo_origin)
    await response.prepare(call.request)
    session.streams += 1
    messages: list[dict[str, object]] = []
    try:
        await response.write(b":ping\n\n")
        while session.open:
            await session.messages.news(settings.ping_seconds)
            messages = session.messages.drain()
            told = b"".join(b"data: " + _encode(message) + b"\n\n" for message in messages)
            await response.write(told or b":ping\n\n")
            messages = []
            if session.farewell:
                call.office.end_session(session, grace=False)
    except ConnectionError:
        # the client left; what it did not get is for its next reading
        if settings.messages_survive_break:
            session.messages.give_back(messages)
    finally:
        session.streams -= 1
        session.seen = call.office.world.clock.monotonic()
    return response


async def _heartbeat(call: Call) -> web.StreamResponse:
    return call.done("heartbeat")


def _ended(call: Call, there: bool) -> web.StreamResponse:
    """A subscription is over; *there*: whether there was one."""
    if not there and call.office.settings.unsubscribe_absent == "not found":
        raise not_found("There is no such subscription.")
    return empty(204)


# ── queues ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _watch_queues(call: Call) -> web.StreamResponse:
    body = call.body()
    queues = tuple(_queue_id(q) for q in body.objects("queueIds"))
    if not queues:
        raise invalid("queueIds", "it is empty.")
    names = _attribute_names(body)
    subscription = QueueSubscription(call.parameters["subscription"], queues, names)
    call.session.queues.pop(subscription.id, None)
    try:
        for queue in queues:
            call.office.desk.watches(call.session.person, queue)
    except IcwsError as refusal:
        _cannot_watch(call, subscription, refusal)
    else:
        call.session.queues[subscription.id] = subscription
        call.office.hub.first_queue(call.session, subscription, call.office.desk)
    return empty()


def _cannot_watch(call: Call, subscription: QueueSubscription, refusal: IcwsError) -> None:
    """The PUT lists neither 403 nor 404, so it is a message that tells them, or one that shows nothing."""
    if call.office.settings.queue_faults == "told":
        call.office.hub.queue_state(call.session, subscription.id, FAULTED, refusal)
    else:
        call.office.hub.first_queue(call.session, subscription, ())


def _queue_id(body: Body) -> tuple[int, str]:
    return body.number("queueType", _QUEUE_TYPES), body.text("queueName").lower()


def _attribute_names(body: Body) -> tuple[str, ...]:
    return tuple(body.texts("attributeNames", filled=True))


async def _unwatch_queues(call: Call) -> web.StreamResponse:
    return _ended(call, call.session.queues.pop(call.parameters["subscription"], None) is not None)


# ── interactions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _watch_interaction(call: Call) -> web.StreamResponse:
    found, names = call.interaction(look=True), _attribute_names(call.body())
    interaction = call.known(found)
    call.session.interactions[interaction.id] = names
    call.office.hub.first_direct(call.session, interaction, names)
    return empty(204)


async def _unwatch_interaction(call: Call) -> web.StreamResponse:
    return _ended(call, call.session.interactions.pop(call.parameters["interaction"], None) is not None)


async def _watch_email(call: Call) -> web.StreamResponse:
    interaction = email_only(call.known(call.interaction(look=True)))
    call.session.emails.add(interaction.id)
    call.office.hub.first_contents(call.session, interaction)
    return call.done("email-subscription")


async def _unwatch_email(call: Call) -> web.StreamResponse:
    there = call.parameters["interaction"] in call.session.emails
    call.session.emails.discard(call.parameters["interaction"])
    return _ended(call, there)


async def _watch_alerting(call: Call) -> web.StreamResponse:
    call.needs(call.office.settings.work_right, "You do not have rights to alerting interactions.")
    body = call.body()
    call.session.alerting = tuple(body.texts("attributeNames")) if "attributeNames" in body else ()
    for interaction in call.office.desk:
        if call.session.user in interaction.alerted:
            call.office.hub.alert(interaction, [call.session.user], start=True)
    return empty(204)


async def _unwatch_alerting(call: Call) -> web.StreamResponse:
    there, call.session.alerting = call.session.alerting is not None, None
    return _ended(call, there)


_SUBSCRIPTIONS = "/{session}/messaging/subscriptions"
_FEATURE = ("messaging", 1)

ROUTES = (
    Route("GET", "/{session}/messaging/messages", _messages, _FEATURE, token=False, reads=True),
    Route("POST", "/{session}/messaging/heartbeat", _heartbeat, _FEATURE, keeps_alive=False),
    Route("PUT", _SUBSCRIPTIONS + "/queues/{subscription}", _watch_queues, ("queues", 1)),
    Route("DELETE", _SUBSCRIPTIONS + "/queues/{subscription}", _unwatch_queues, ("queues", 1)),
    Route("PUT", _SUBSCRIPTIONS + "/interactions/{interaction}", _watch_interaction, ("interactions", 2)),
    Route("DELETE", _SUBSCRIPTIONS + "/interactions/{interaction}", _unwatch_interaction, ("interactions", 2)),
    Route("PUT", _SUBSCRIPTIONS + "/interactions/{interaction}/email", _watch_email, ("interactions", 10)),
    Route("DELETE", _SUBSCRIPTIONS + "/interactions/{interaction}/email", _unwatch_email, ("interactions", 10)),
    Route("PUT", _SUBSCRIPTIONS + "/interaction-alerting", _watch_alerting, ("interactions", 2)),
    Route("DELETE", _SUBSCRIPTIONS + "/interaction-alerting", _unwatch_alerting, ("interactions", 2)),
)
