"""
``/icws/{session}/interactions``: create, attributes and the verbs (icws.md §4.1 to §4.3).
"""

from __future__ import annotations

from aiohttp import web
from msgspec.structs import replace

from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.content import FORWARD, REPLY, REPLY_ALL, URN, read_content
from runner.vendors.icws.simulator.errors import IcwsError, bad_request, empty, forbidden, invalid, missing, not_found, reply
from runner.vendors.icws.simulator.interactions import USER, WORKGROUP, Address, Content, Interaction, chosen
from runner.vendors.icws.simulator.settings import Family

__all__ = ["ROUTES"]

_NEW, _ANSWER = URN + "createEmailParameters", URN + "createEmailResponseParameters"
_EMAIL_TYPES = {REPLY: 2, REPLY_ALL: 3, FORWARD: 4}
_NONE, _INLINE, _ALL = 0, 1, 2
_APPEND, _APPEND_SEPARATED = 1, 2
# the version from which transfers know queueID
_QUEUE_IDS = 13


# ── create ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _create(call: Call) -> web.StreamResponse:
    body = call.body()
    kind = body.kind(_NEW, _ANSWER)
    workgroup = _workgroup(call, body.optional_text("workgroup"))
    extra = _attributes(body.inner("additionalAttributes")) if "additionalAttributes" in body else {}
    if call.office.settings.work_right not in call.session.person.rights:
        raise _refused(call, "rights", "You do not have the rights to create an email interaction.")
    if call.office.settings.create_needs_station and call.session.station is None:
        raise bad_request("The session is not connected to a station.", "error.request.invalidState")
    draft = _answer(call, body, workgroup) if kind == _ANSWER else _begin(call, body, workgroup)
    draft.custom |= extra
    location = {"Location": f"/icws/{call.session.id}/interactions/{draft.id}"} if call.office.settings.create_location else {}
    return reply({"interactionId": draft.id}, http=201, headers=location)


def _workgroup(call: Call, wanted: str) -> str:
    if not wanted:
        return ""
    for name in call.office.settings.workgroups:
        if name.lower() == wanted.lower():
            return name
    raise _refused(call, "workgroup", f"The workgroup '{wanted}' does not exist.")


def _refused(call: Call, why: Family, message: str) -> IcwsError:
    """A create that cannot be: as 400, for its page lists nothing else, or as the settings have it."""
    refusals = {403: forbidden, 404: not_found}
    return refusals.get(call.office.settings.create_refusal(why), bad_request)(message)


def _begin(call: Call, body: Body, workgroup: str) -> Interaction:
    content = read_content(body.inner("emailContent"), "emailContent", strict=call.office.settings.one_body_of_a_type)
    return call.office.desk.begin(content, call.session, workgroup=workgroup, email_type=1, parent=None)


def _answer(call: Call, body: Body, workgroup: str) -> Interaction:
    how = body.number("responseType", (REPLY, REPLY_ALL, FORWARD))
    asked = body.text("parentInteractionId")
    given = body.inner("emailContent")
    which = given.number("attachmentsFromParent", (_NONE, _INLINE, _ALL))
    own = read_content(given, "emailResponseContent", strict=call.office.settings.one_body_of_a_type)
    parent = call.office.desk.find(asked)
    if parent is None or parent.kind != "EMAIL" or not call.office.desk.acts(call.session.person, parent):
        raise _refused(call, "parent", "The parent interaction is not an email interaction that you may respond to.")
    if not call.office.desk.allows(parent, "respond"):
        raise bad_request("The parent interaction's state does not allow a response.", "error.request.invalidState")
    content = _preset(call, own, parent.content, how, given) if call.office.settings.reply_presets else own
    files = [f for f in parent.content.files if which == _ALL or (which == _INLINE and f.content_id)]
    draft = call.office.desk.begin(
        content, call.session, workgroup=workgroup or parent.workgroup, email_type=_EMAIL_TYPES[how], parent=parent
    )
    content.files = [call.office.keep(draft.id, f.name, f.content, f.type, f.content_id) for f in files]
    content.mails = dict(parent.content.mails) if which == _ALL else {}
    return draft


def _preset(call: Call, own: Content, parent: Content, how: int, given: Body) -> Content:
    """What the answer inherits; what the request gives wins."""
    if "subject" not in given:
        own.subject = _subject(parent.subject, "FW: " if how == FORWARD else "RE: ")
    if how == FORWARD:
        return own
    ours = {call.office.settings.mailbox.lower(), own.sender.address.lower()}
    if "toRecipients" not in given:
        own.to = list(parent.reply_to or [parent.sender])
        if how == REPLY_ALL:
            own.to += _others(parent.to, own.to, ours)
    if "ccRecipients" not in given and how == REPLY_ALL:
        own.cc = _others(parent.cc, own.to, ours)
    return own


def _subject(subject: str, prefix: str) -> str:
    return subject if subject.upper().startswith(prefix.strip()) else prefix + subject


def _others(people: list[Address], already: list[Address], ours: set[str]) -> list[Address]:
    known = ours | {a.address.lower() for a in already}
    return [replace(p) for p in people if p.address.lower() not in known]


# ── attributes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _read_attributes(call: Call) -> web.StreamResponse:
    interaction = call.known(call.interaction(look=True))
    asked = [name.strip() for name in call.request.query.get("select", "").split(",") if name.strip()]
    return reply(
        {"attributes": chosen(interaction.attributes(), asked or ["Eic_CallId"], unset=call.office.settings.unset_attributes == "empty")}
    )


async def _write_attributes(call: Call) -> web.StreamResponse:
    found, body = call.interaction(), call.body()
    given = _attributes(body.inner("attributes"))
    mode = body.number("appendMode", (_APPEND, _APPEND_SEPARATED)) if "appendMode" in body else 0
    interaction = call.known(found)
    standing = {name.lower(): (name, value) for name, value in interaction.attributes().items()}
    for name, value in given.items():
        key, old = standing.get(name.lower(), (name, ""))
        separator = "|" if mode == _APPEND_SEPARATED and old else ""
        interaction.custom[key] = old + separator + value if mode else value
    call.office.hub.changed(interaction)
    return empty()


def _attributes(body: Body) -> dict[str, str]:
    for name in body.data:
        if name.lower() in _RESERVED:
            raise invalid(name, "the attribute is reserved for the system.")
        body.text(name)
    return {name: str(value) for name, value in body.data.items()}


# the ones that the system alone decides; other names of its kind (Eic_Details …) may be written
_RESERVED = {"eic_state", "eic_callid", "eic_interactionid", "eic_callidkey", "eic_objecttype", "eic_calldirection", "eic_callstatestring"}


# ── verbs ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _pickup(call: Call) -> web.StreamResponse:
    interaction = call.known(call.interaction())
    call.office.desk.pick_up(interaction, call.session)
    return empty()


async def _disconnect(call: Call) -> web.StreamResponse:
    interaction = call.known(call.interaction())
    call.office.desk.disconnect(interaction)
    return empty()


async def _hold(call: Call) -> web.StreamResponse:
    found, on = call.interaction(), call.body().truth("on")
    call.office.desk.hold(call.known(found), on=on)
    return empty()


async def _flag(call: Call) -> web.StreamResponse:
    """mute, pause, make-private, record: taken, without effect on an e-mail."""
    found, body = call.interaction(), call.body()
    body.truth("on")
    if call.request.path.endswith("/record"):
        body.truth("supervisor")
    call.known(found)
    return empty()


async def _transfer(call: Call) -> web.StreamResponse:
    return await _hand_on(call, parked=False)


async def _park(call: Call) -> web.StreamResponse:
    return await _hand_on(call, parked=True)


async def _hand_on(call: Call, *, parked: bool) -> web.StreamResponse:
    found = call.interaction()
    queue = _queue(call, call.body())
    interaction = call.known(found)
    call.office.desk.hand_on(interaction, call.session, queue, parked=parked)
    return empty()


def _queue(call: Call, body: Body) -> tuple[int, str]:
    """``target`` or, from interactions 13 on, ``queueID``, never both; a target is a user or a workgroup by its name."""
    by_queue = "queueID" in body and call.office.settings.features.get("interactions", 0) >= _QUEUE_IDS
    if by_queue and "target" in body:
        raise invalid("queueID", "give either target or queueID.")
    if by_queue:
        queue = body.inner("queueID")
        return _existing(call, queue.number("queueType", (USER, WORKGROUP)), queue.text("queueName"), "queueID")
    if "target" not in body:
        raise missing("target")
    name = body.text("target")
    workgroup = any(w.lower() == name.lower() for w in call.office.settings.workgroups)
    return _existing(call, WORKGROUP if workgroup else USER, name, "target")


def _existing(call: Call, kind: int, name: str, member: str) -> tuple[int, str]:
    office = call.office
    names = office.settings.workgroups if kind == WORKGROUP else [p.user for p in office.world.people.values()]
    for known in names:
        if known.lower() == name.lower():
            return kind, known
    raise invalid(member, f"there is no {'workgroup' if kind == WORKGROUP else 'user'} '{name}'.")


async def _wrap_up(call: Call) -> web.StreamResponse:
    found, body = call.interaction(), call.body()
    for name in ("code", "user", "sourceInteractionId"):
        body.text(name)
    body.number("segmentId")
    body.moment("time")
    call.known(found)
    return empty()


async def _telephony(call: Call) -> web.StreamResponse:
    call.known(call.interaction())
    if call.office.settings.telephony_on_email == "ignored":
        return empty()
    raise bad_request("The operation is not supported for this type of interaction.")


_ONE = "/{session}/interactions/{interaction}"
_FEATURE = ("interactions", 1)
_VERBS = (
    ("pickup", _pickup),
    ("disconnect", _disconnect),
    ("hold", _hold),
    ("blind-transfer", _transfer),
    ("park", _park),
    ("wrap-up-assignments", _wrap_up),
    *((name, _flag) for name in ("mute", "pause", "make-private", "record")),
    *(
        (name, _telephony)
        for name in ("send-digits", "play-wav", "secure-pause", "listen", "coach", "join", "transfer-to-voicemail", "send-to-voicemail")
    ),
)

ROUTES = (
    Route("POST", "/{session}/interactions", _create, _FEATURE),
    Route("GET", _ONE, _read_attributes, _FEATURE),
    Route("POST", _ONE, _write_attributes, _FEATURE),
    *(Route("POST", f"{_ONE}/{name}", handler, _FEATURE) for name, handler in _VERBS),
)
