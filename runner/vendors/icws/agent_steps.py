"""
The agent's steps: log in and out, readiness, and what happens to a customer's mail (take, give back, hand on, finish).
"""

from __future__ import annotations

from typing import Any

from runner.environment.secrets import plain
from runner.errors import BadScenario, Diagnostic, EnvironmentUnusable, Refused, StepTimedOut
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import (
    ACCEPT,
    COMPLETE,
    LOGIN,
    LOGOUT,
    NOT_READY,
    PLACE_IN_QUEUE,
    READY,
    RECEIVE,
    REJECT,
    TRANSFER,
    Accept,
    AttachmentOutput,
    Complete,
    Login,
    Logout,
    MailOutput,
    Nothing,
    NotReady,
    PlaceInQueue,
    Ready,
    Receive,
    Reject,
    SessionOutput,
    Transfer,
    addresses,
)
from runner.transport.delivery import Enclosed, Letter, deliver
from runner.transport.exchange import Exchange
from runner.vendors.icws.answers import answered
from runner.vendors.icws.client import decoded
from runner.vendors.icws.effect import seen_ended, seen_taken
from runner.vendors.icws.mail import OFFERED, KnownMail
from runner.vendors.icws.session import IcwsSession, segment
from runner.vendors.icws.sign_in import with_password, with_single_sign_on

__all__ = ["STEPS", "queue_id", "set_status", "sit"]

Context = StepContext[IcwsSession]

_USER, _WORKGROUP = 1, 2
_EMAIL = 3
_URN = "urn:inin.com:connection:"


# ── log in and out ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def login(context: Context, parameters: Login) -> dict[str, Any]:
    """Open the session; the station comes with ``ready``."""
    credentials = context.actor.credentials if context.actor is not None else {}
    user = parameters.user or plain(credentials.get("user", ""))
    password = parameters.password if parameters.password is not None else plain(credentials.get("password", ""))
    token = plain(credentials.get("single_sign_on_token", ""))
    if not user:
        raise EnvironmentUnusable("icws needs a user name to log in", hint="give the actor `user` and `password` for icws")
    by_token = token and parameters.password is None
    connection, answer = await context.session.login(with_single_sign_on(user, token) if by_token else with_password(user, password))
    return answered(SessionOutput(connection.user, connection.id), answer)


async def logout(context: Context, parameters: Logout) -> dict[str, Any]:
    """Close the session."""
    return answered(Nothing(), await context.session.logout())


async def sit(session: IcwsSession, *, ready: bool, workstation: str = "") -> Exchange:
    """Take a station that bears e-mail: a workstation, or none."""
    kind = {"__type": _URN + "workstationSettings", "workstation": workstation} if workstation else {"__type": _URN + "stationlessSettings"}
    return await session.sit({**kind, "supportedMediaTypes": [_EMAIL], "readyForInteractions": ready})


async def set_status(context: Context, status: str, user: str = "") -> Exchange:
    """Set a status and wait until the server shows it; the change itself is asynchronous."""
    client = context.session.client
    resource = f"status/user-statuses/{segment(user or client.connection.user)}"
    answer = await client.call("PUT", resource, {"statusId": status})
    while str(decoded(await client.call("GET", resource)).get("statusId", "")).lower() != status.lower():
        await context.pause()
    return answer


async def ready(context: Context, parameters: Ready) -> dict[str, Any]:
    """Take a station for e-mail and become available."""
    session = context.session
    await sit(session, ready=True, workstation=session.defaults.station)
    return answered(Nothing(), await set_status(context, session.defaults.available))


async def not_ready(context: Context, parameters: NotReady) -> dict[str, Any]:
    """Become unavailable; the station stays."""
    return answered(Nothing(), await set_status(context, parameters.reason or context.session.defaults.away))


# ── a customer's mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def receive(context: Context, parameters: Receive) -> MailOutput:
    """A customer writes to the environment's mailbox. Over SMTP only the server knows the id: the next offer of this subject is the one."""
    p, session = parameters, context.session
    mailbox = p.to or session.defaults.to or session.defaults.from_
    if not mailbox:
        raise EnvironmentUnusable("icws needs a mailbox to write to", hint="give `receive` a `to`, or set `to` in the icws defaults")
    files = [context.file(str(path)) for path in p.files]
    letter = Letter(
        sender=p.from_,
        to=[mailbox],
        cc=addresses(p.cc),
        subject=p.subject or "",
        text=p.text or "",
        html=p.html or "",
        attachments=[Enclosed(f.name, f.content, f.type) for f in files],
    )
    id = await deliver(letter, http=session.client.http, control=context.target.control, smtp=session.smtp, timeout=context.timeout)
    if id:
        context.arrived(id)
    session.awaited = "" if id else letter.subject
    attachments = [AttachmentOutput(name=f.name, size=len(f.content), type=f.type, sha256=f.sha256) for f in files]
    return MailOutput(
        id=id,
        status="received",
        subject=letter.subject,
        from_=letter.sender,
        to=[mailbox],
        cc=list(letter.cc),
        text=letter.text,
        html=letter.html,
        attachments=attachments,
    )


async def _offered(context: Context, parameters: Accept | Reject) -> str:
    """Wait until a mail is offered: the one that is named, else the scenario's own, else the one that came for it, else any."""
    session = context.session
    seconds = parameters.within.total_seconds() if parameters.within is not None else context.timeout
    wanted = context.mail(parameters.mail) if parameters.mail is not None else context.new_mail() or context.known_mail()
    if wanted is not None and parameters.mail is None and session.known(wanted).in_hand:
        # the actor's own draft, or one taken before: it is not what is waited for
        wanted = None
    await session.watch_queue(seconds)

    def look() -> str | None:
        offers = [m for m in session.mails.values() if m.offered and not m.outgoing and m.state in OFFERED and not m.in_hand]
        return next((m.id for m in offers if wanted == m.id or (wanted is None and _awaited(session, m))), None)

    try:
        return await session.told(session.rewatch_queue, look, seconds, "an offer")
    except StepTimedOut:
        what = "no mail" if wanted is None else f"mail {wanted}"
        seen = f"; {what} is {session.known(wanted).status(session.wording) or 'unknown'}" if wanted is not None else ""
        raise StepTimedOut(f"{what} was not offered within {seconds:g} s{seen}", hint="put `ready` before it, or wait longer") from None


def _awaited(session: IcwsSession, offer: KnownMail) -> bool:
    """Whether the offer may be the mail that was sent in over SMTP; any may when none was."""
    return not session.awaited or offer.attributes.get("Eic_EmailSubject", "") == session.awaited


async def accept(context: Context, parameters: Accept) -> dict[str, Any]:
    """Pick it up."""
    mail = await _offered(context, parameters)
    answer = await _verb(context, mail, "pickup")
    context.session.known(mail).in_hand = True
    context.session.awaited = ""
    context.work_on(mail)
    await context.session.contents(mail, context.timeout)
    return answered(await seen_taken(context, mail), answer)


async def reject(context: Context, parameters: Reject) -> dict[str, Any]:
    """ICWS has no verb to decline: the offer goes back to the queue of its workgroup, for others."""
    session = context.session
    mail = await _offered(context, parameters)
    queue = session.known(mail).attributes.get("Eic_WorkgroupName") or session.defaults.workgroup
    answer = await _verb(context, mail, "blind-transfer", queue_id(session, queue=queue))
    return await _handed_on(context, mail, answer)


async def transfer(context: Context, parameters: Transfer) -> dict[str, Any]:
    """Blind transfer to a person's or a workgroup's queue."""
    mail = context.mail(parameters.mail)
    if (parameters.to is None) == (parameters.queue is None):
        raise _mistake("`transfer` wants either `to` or `queue`", "name one of them: `transfer: {to: agent_2}`")
    user = context.user(parameters.to) if parameters.to is not None else ""
    answer = await _verb(context, mail, "blind-transfer", queue_id(context.session, user=user, queue=parameters.queue or ""))
    return await _handed_on(context, mail, answer)


async def place_in_queue(context: Context, parameters: PlaceInQueue) -> dict[str, Any]:
    """Blind transfer to a workgroup's queue."""
    session, mail = context.session, context.mail(parameters.mail)
    queue = parameters.queue or session.known(mail).attributes.get("Eic_WorkgroupName") or session.defaults.workgroup
    answer = await _verb(context, mail, "blind-transfer", queue_id(session, queue=queue))
    return await _handed_on(context, mail, answer)


async def complete(context: Context, parameters: Complete) -> dict[str, Any]:
    """Disconnect; after an answer was sent and nothing is named, the customer's mail that it answers is what is left to finish."""
    session, mail = context.session, context.mail(parameters.mail)
    known = session.known(mail)
    if parameters.mail is None and known.did == "sent":
        mail = session.output(mail).parent or mail
    answer = await _verb(context, mail, "disconnect")
    session.known(mail).did = "completed"
    return answered(await seen_ended(context, mail), answer)


async def _verb(context: Context, mail: str, verb: str, body: object = None) -> Exchange:
    return await context.session.client.call("POST", f"interactions/{segment(mail)}/{verb}", body)


async def _handed_on(context: Context, mail: str, answer: Exchange) -> dict[str, Any]:
    """The mail after it went to somebody else; who gave it away may have lost the right to look."""
    session = context.session
    known = session.known(mail)
    known.in_hand = False
    known.attributes |= {"Eic_State": "O"}
    try:
        return answered(await session.look(mail), answer)
    except Refused as exc:
        if exc.reason not in {"forbidden", "not_found"}:
            raise
        return answered(session.output(mail), answer)


def queue_id(session: IcwsSession, *, user: str = "", queue: str = "") -> dict[str, object]:
    """Where an interaction goes, as the server's version wants it: a queue's id from interactions 13, else its bare name."""
    if not user and not queue:
        raise _mistake("no queue is named, and the environment has no `workgroup`", "name the queue, or set `workgroup` in the defaults")
    if session.client.connection.can("interactions", 13):
        return {"queueID": {"queueType": _USER if user else _WORKGROUP, "queueName": user or queue}}
    return {"target": user or queue}


def _mistake(message: str, hint: str) -> BadScenario:
    return BadScenario([Diagnostic("E203", message, hint=hint)])


STEPS: tuple[StepType, ...] = (
    LOGIN.step(login),
    LOGOUT.step(logout),
    READY.step(ready),
    NOT_READY.step(not_ready),
    RECEIVE.step(receive),
    ACCEPT.step(accept),
    REJECT.step(reject),
    TRANSFER.step(transfer),
    COMPLETE.step(complete),
    PLACE_IN_QUEUE.step(place_in_queue),
)
