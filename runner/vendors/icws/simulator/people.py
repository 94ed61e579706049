"""
Statuses, workgroup activations, licences, and the plain mail of the configuration feature (icws.md §2.3, end of §4.4).
"""

from __future__ import annotations

from aiohttp import web

from runner.simulation.world import Mail
from runner.vendors.icws.simulator.bodies import Body
from runner.vendors.icws.simulator.calls import Call, Route
from runner.vendors.icws.simulator.errors import empty, forbidden, invalid, malformed, not_found, reply
from runner.vendors.icws.simulator.interactions import compact

__all__ = ["ROUTES"]

_STATUS_DONE = "urn:inin.com:messaging:asyncOperationCompletedMessage"


def _user(call: Call, *, change: bool) -> str:
    """The user in the path, in lower case; one's own, or anybody's for a supervisor and for looking."""
    user = call.parameters["user"].lower()
    supervises = call.office.settings.supervise_right in call.session.person.rights
    if change and user != call.session.user and not supervises:
        raise forbidden("You do not have rights to this user.")
    if user not in call.office.world.people:
        raise not_found("The user does not exist.")
    return user


async def _status(call: Call) -> web.StreamResponse:
    user = _user(call, change=False)
    told = {
        "userId": call.office.world.people[user].user,
        "statusId": call.office.desk.status(user),
        "statusChanged": compact(call.office.world.clock.now()),
        "loggedIn": bool(call.office.sessions.of(user)),
    }
    return reply(told)


async def _set_status(call: Call) -> web.StreamResponse:
    user, wanted = _user(call, change=True), call.body().text("statusId")
    status = next((s for s in call.office.settings.statuses if s.lower() == wanted.lower()), None)
    if status is None:
        raise invalid("statusId", f"there is no status '{wanted}'.")
    office, session = call.office, call.session
    office.desk.statuses[user] = status
    office.hub.status(user, status)
    office.desk.availability_changed(user)
    request_id = session.request_id()
    office.hub.done(session, request_id, _STATUS_DONE)
    return reply({"requestId": request_id}, http=202)


async def _activations(call: Call) -> web.StreamResponse:
    user = _user(call, change=False)
    return reply({"activations": _told_activations(call, user)})


def _told_activations(call: Call, user: str) -> dict[str, bool]:
    office = call.office
    person, own = office.world.people[user], office.desk.activations.get(user, {})
    return {w: own.get(w.lower(), True) for w in office.settings.workgroups if office.desk.member(person, w)}


async def _activate(call: Call) -> web.StreamResponse:
    user = _user(call, change=True)
    given: Body = call.body().inner("activations")
    known = {w.lower() for w in _told_activations(call, user)}
    for name in given.data:
        if name.lower() not in known:
            raise invalid(name, "the user is not a member of this workgroup.")
        given.truth(name)
    mine = call.office.desk.activations.setdefault(user, {})
    mine |= {name.lower(): given.truth(name) for name in given.data}
    call.office.desk.availability_changed(user)
    return empty()


async def _acquire(call: Call) -> web.StreamResponse:
    wanted = call.body().texts("licenseList")
    known = {name.lower(): name for name in call.office.settings.licences}
    call.session.licences |= {known[name.lower()] for name in wanted if name.lower() in known}
    results = [
        {"licenseName": name, "isAssigned": name.lower() in known, "licenseOperationResult": _result(name, known)} for name in wanted
    ]
    return reply({"licenseOperationResultList": results})


def _result(name: str, known: dict[str, str]) -> int:
    """0 acquired, 1 not available."""
    return 0 if name.lower() in known else 1


async def _licences(call: Call) -> web.StreamResponse:
    return reply({"licenseList": sorted(call.session.licences)})


async def _release(call: Call) -> web.StreamResponse:
    call.session.licences.clear()
    return empty(204)


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
_ACTIVATION = "/{session}/activations/users/{user}"

ROUTES = (
    Route("GET", _STATUS, _status, ("status", 1)),
    Route("PUT", _STATUS, _set_status, ("status", 1)),
    Route("GET", _ACTIVATION, _activations, ("activations", 1)),
    Route("PUT", _ACTIVATION, _activate, ("activations", 1)),
    Route("POST", "/{session}/licenses", _acquire, ("licenses", 1)),
    Route("GET", "/{session}/licenses", _licences, ("licenses", 1)),
    Route("DELETE", "/{session}/licenses", _release, ("licenses", 1)),
    Route("POST", "/{session}/configuration/mail/send-email", _plain_mail, ("configuration", 1)),
)
