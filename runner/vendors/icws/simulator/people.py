"""
Statuses, workgroup activations, and the plain mail of the configuration feature (icws.md §2.3, end of §4.4).
"""

from __future__ import annotations

from aiohttp import web

from runner.simulation.world import Mail
from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import empty, forbidden, invalid, malformed, not_found, reply
from runner.vendors.icws.simulator.interactions import compact
from runner.vendors.icws.simulator.office import Office

__all__ = ["ROUTES"]

_STATUS_DONE = "urn:inin.com:messaging:asyncOperationCompletedMessage"


def _user(call: Call) -> str:
    """The user in the path, in lower case; anybody may look."""
    user = call.parameters["user"].lower()
    if user not in call.office.world.people:
        raise not_found("The user does not exist.")
    return user


def _user_to_change(call: Call) -> str:
    """The user in the path: oneself, or anybody for a supervisor. The pages of the two PUTs list no 404."""
    user = call.parameters["user"].lower()
    if user != call.session.user and call.office.settings.supervise_right not in call.session.person.rights:
        raise forbidden("You do not have rights to this user.")
    if user not in call.office.world.people:
        raise invalid("userId", "the user does not exist.")
    return user


# ── statuses ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _told_status(office: Office, user: str) -> dict[str, object]:
    sessions, known = office.sessions.of(user), office.desk.notes.get(user, {})
    return {
        "userId": office.world.people[user].user,
        "statusId": office.desk.status(user),
        "statusChanged": compact(office.desk.status_changed(user)),
        "loggedIn": bool(sessions),
        "onPhone": False,
        "stations": [s.station.name for s in sessions if s.station is not None and s.station.name],
        "icServers": [office.settings.server_name] if sessions else [],
        **known,
    }


async def _status(call: Call) -> web.StreamResponse:
    return reply(_told_status(call.office, _user(call)))


async def _set_status(call: Call) -> web.StreamResponse:
    user, body = _user_to_change(call), call.body()
    wanted = body.text("statusId")
    office, session = call.office, call.session
    status = next((s for s in office.settings.statuses if s.lower() == wanted.lower()), None)
    if status is None:
        raise invalid("statusId", f"there is no status '{wanted}'.")
    office.desk.notes[user] = _notes(body)
    office.desk.set_status(user, status)
    office.hub.status(user, _told_status(office, user))
    request_id = session.request_id()
    office.hub.done(session, request_id, _STATUS_DONE)
    return reply({"requestId": request_id}, http=202)


def _notes(body: Body) -> dict[str, object]:
    """What may be said beside a status: notes, where calls go, until when."""
    told: dict[str, object] = {name: body.text(name) for name in ("notes", "forwardNumber") if name in body}
    if "until" in body:
        until = body.inner("until")
        moment = until.moment("untilDateTime")
        told["until"] = {"untilDateTime": moment, "hasDate": until.truth("hasDate"), "hasTime": until.truth("hasTime")}
    return told


async def _status_messages(call: Call) -> web.StreamResponse:
    return reply({"statusMessageList": [_status_message(call.office, status) for status in call.office.settings.statuses]})


def _status_message(office: Office, status: str) -> dict[str, object]:
    available = status.lower() in {s.lower() for s in office.settings.available_statuses}
    return {
        "statusId": status,
        "messageText": status,
        "iconUri": "/icws/status/icon.png",
        "groupTag": "Available" if available else "Unavailable",
        "systemId": status,
        "isDoNotDisturbStatus": "do not disturb" in status.lower(),
        "isSelectableStatus": True,
        "isPersistentStatus": False,
        "isForwardStatus": False,
        "isAfterCallWorkStatus": False,
        "isAcdStatus": available,
        "isAllowFollowUpStatus": False,
        "canHaveDate": not available,
        "canHaveTime": not available,
    }


async def _watch_status_messages(call: Call) -> web.StreamResponse:
    """All of them at once; none is ever added or taken away."""
    added = [_status_message(call.office, status) for status in call.office.settings.statuses]
    lists = {"statusMessagesAdded": added, "statusMessagesChanged": [], "statusMessagesRemoved": []}
    call.session.messages.put({"__type": "urn:inin.com:status:statusMessagesMessage", "isDelta": False, **lists})
    return empty()


async def _unwatch_status_messages(_call: Call) -> web.StreamResponse:
    return empty(204)


async def _status_access(call: Call) -> web.StreamResponse:
    user = _user(call)
    return reply({"userId": call.office.world.people[user].user, "statusMessages": list(call.office.settings.statuses)})


async def _watch_statuses(call: Call) -> web.StreamResponse:
    users, office = [u.lower() for u in call.body().texts("userIds")], call.office
    if any(user not in office.world.people for user in users):
        raise not_found("The user does not exist.")
    call.session.statuses = frozenset(users)
    office.hub.statuses(call.session, [_told_status(office, user) for user in users], delta=False)
    return empty()


async def _unwatch_statuses(call: Call) -> web.StreamResponse:
    call.session.statuses = frozenset()
    return empty(204)


# ── workgroups, plain mail ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def _activations(call: Call) -> web.StreamResponse:
    return reply(_told_activations(call, _user(call)))


def _told_activations(call: Call, user: str) -> dict[str, object]:
    return {"userId": call.office.world.people[user].user, "activations": _active(call, user)}


def _active(call: Call, user: str) -> dict[str, bool]:
    office = call.office
    person, own = office.world.people[user], office.desk.activations.get(user, {})
    return {w: own.get(w.lower(), True) for w in office.settings.workgroups if office.desk.member(person, w)}


async def _activate(call: Call) -> web.StreamResponse:
    user = _user_to_change(call)
    given: Body = call.body().inner("activations")
    known = {w.lower() for w in _active(call, user)}
    for name in given.data:
        if name.lower() not in known:
            raise invalid(name, "the user is not a member of this workgroup.")
        given.truth(name)
    mine = call.office.desk.activations.setdefault(user, {})
    mine |= {name.lower(): given.truth(name) for name in given.data}
    call.office.desk.availability_changed(user)
    return reply(_told_activations(call, user))


async def _plain_mail(call: Call) -> web.StreamResponse:
    call.needs(call.office.settings.work_right, "You do not have rights to send email.")
    body = call.body()
    to = body.texts("recipients", filled=True)
    if not all("@" in address for address in to):
        raise malformed("A recipient is not an e-mail address.")
    mail = Mail(call.office.settings.mailbox, to, body.text("subject"), body.text("body"), id=call.office.world.guid())
    call.office.world.deliver(mail)
    return empty(204)


_STATUS = "/{session}/status/user-statuses/{user}"
_SUBSCRIPTION = "/{session}/messaging/subscriptions/status/user-statuses"
_LIST_SUBSCRIPTION = "/{session}/messaging/subscriptions/status/status-messages"
_ACTIVATION = "/{session}/activations/users/{user}"
_FEATURE = ("status", 1)

ROUTES = (
    Route("GET", _STATUS, _status, _FEATURE),
    Route("PUT", _STATUS, _set_status, _FEATURE),
    Route("GET", "/{session}/status/status-messages", _status_messages, _FEATURE),
    Route("GET", "/{session}/status/status-messages-user-access/{user}", _status_access, _FEATURE),
    Route("PUT", _SUBSCRIPTION, _watch_statuses, _FEATURE),
    Route("DELETE", _SUBSCRIPTION, _unwatch_statuses, _FEATURE),
    Route("PUT", _LIST_SUBSCRIPTION, _watch_status_messages, _FEATURE),
    Route("DELETE", _LIST_SUBSCRIPTION, _unwatch_status_messages, _FEATURE),
    Route("GET", _ACTIVATION, _activations, ("activations", 1)),
    Route("PUT", _ACTIVATION, _activate, ("activations", 1)),
    Route("POST", "/{session}/configuration/mail/send-email", _plain_mail, ("configuration", 1)),
)
