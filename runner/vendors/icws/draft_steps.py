"""
Outgoing mail: begin, answer, forward, edit, send, drop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec

from runner.errors import EnvironmentUnusable, Refused, WireError
from runner.plugins.contract import StepContext, StepType
from runner.plugins.settling import settle
from runner.plugins.vocabulary import (
    CANCEL,
    CREATE,
    EDIT,
    FORWARD,
    REPLY,
    REPLY_ALL,
    SEND,
    Cancel,
    Create,
    Edit,
    Forward,
    MailOutput,
    Reply,
    Send,
    addresses,
)
from runner.transport.exchange import Exchange
from runner.vendors.icws.answers import answered
from runner.vendors.icws.client import decoded
from runner.vendors.icws.effect import seen_ended
from runner.vendors.icws.mail import address, content, mail_output
from runner.vendors.icws.session import IcwsSession, segment

__all__ = ["STEPS"]

Context = StepContext[IcwsSession]

_URN = "urn:inin.com:interactions.email:"
_REPLY, _REPLY_ALL, _FORWARD = 0, 1, 2
_NO_FILES, _ALL_FILES = 0, 2


def _sender(context: Context, asked: str | None) -> dict[str, str]:
    sender = asked or context.session.defaults.from_
    if not sender:
        raise EnvironmentUnusable("icws needs a sender for outgoing mail", hint="give the step `from`, or set `from` in the icws defaults")
    return address(sender)


async def create(context: Context, parameters: Create) -> dict[str, Any]:
    """A new e-mail interaction, on behalf of the environment's workgroup when it names one."""
    p = parameters
    body = {
        "__type": _URN + "createEmailParameters",
        "emailContent": content(
            "emailContent",
            _sender(context, p.from_),
            to=_given(p.to),
            cc=_given(p.cc),
            bcc=_given(p.bcc),
            subject=p.subject,
            text=p.text,
            html=p.html,
        ),
    }
    return await _begin(context, body)


def _given(people: str | list[str] | None) -> list[str] | None:
    return None if people is None else addresses(people)


async def _begin(context: Context, body: dict[str, Any]) -> dict[str, Any]:
    session = context.session
    if session.defaults.workgroup:
        body["workgroup"] = session.defaults.workgroup
    answer = await session.client.call("POST", "interactions", body)
    mail = str(decoded(answer).get("interactionId", ""))
    context.created("draft", mail, undo="cancel")
    context.work_on(mail)
    known = session.known(mail)
    known.in_hand = True
    known.attributes |= {"Eic_State": "C", "Eic_CallDirection": "O", "Eic_ObjectType": "EMAIL"}
    await session.contents(mail, context.timeout)
    return answered(session.output(mail), answer)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _replying(how: int) -> Callable[[Context, Reply], Coroutine[Any, Any, dict[str, Any]]]:
    async def reply(context: Context, parameters: Reply) -> dict[str, Any]:
        """A draft that answers the mail; to whom, the server says."""
        p, parent = parameters, context.mail(parameters.mail)
        text = p.text
        if p.quote:
            text = f"{text or ''}\n\n{await _quoted(context, parent)}"
        answer = content(
            "emailResponseContent",
            _sender(context, p.from_),
            cc=_given(p.cc),
            bcc=_given(p.bcc),
            subject=p.subject,
            text=text,
            html=p.html,
        )
        return await _respond(context, parent, how, answer, _NO_FILES)

    return reply


async def _quoted(context: Context, mail: str) -> str:
    await context.session.contents(mail, context.timeout)
    told = context.session.output(mail)
    return "\n".join([f"{told.from_} wrote:", *(f"> {line}" for line in told.text.splitlines())])


async def forward(context: Context, parameters: Forward) -> dict[str, Any]:
    """A draft with the mail's attachments, for somebody else."""
    p, parent = parameters, context.mail(parameters.mail)
    answer = content(
        "emailResponseContent",
        _sender(context, p.from_),
        to=addresses(p.to),
        cc=_given(p.cc),
        bcc=_given(p.bcc),
        subject=p.subject,
        text=p.text,
        html=p.html,
    )
    return await _respond(context, parent, _FORWARD, answer, _ALL_FILES)


async def _respond(context: Context, parent: str, how: int, answer: dict[str, Any], files: int) -> dict[str, Any]:
    return await _begin(
        context,
        {
            "__type": _URN + "createEmailResponseParameters",
            "responseType": how,
            "parentInteractionId": context.session.client.latest(parent),
            "emailContent": {**answer, "attachmentsFromParent": files},
        },
    )


# ── the draft ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def edit(context: Context, parameters: Edit) -> dict[str, Any]:
    """Save the whole content, with what changes; what is not named is saved as the server told it."""
    session, p = context.session, parameters
    mail = context.mail(p.mail)
    await session.contents(mail, context.timeout)
    old, before = session.output(mail), session.known(mail).version
    body = content(
        "emailContent",
        address(p.from_) if p.from_ else _old_sender(context, mail),
        to=old.to if p.to is None else addresses(p.to),
        cc=old.cc if p.cc is None else addresses(p.cc),
        bcc=old.bcc if p.bcc is None else addresses(p.bcc),
        subject=old.subject if p.subject is None else p.subject,
        text=p.text if p.text is not None else old.text or None,
        html=p.html if p.html is not None else old.html or None,
    )
    answer = await session.client.call("POST", f"interactions/{segment(mail)}/email/save", {"emailContent": body})
    context.work_on(mail)
    await session.contents(mail, context.timeout, newer_than=before)
    return answered(session.output(mail), answer)


def _old_sender(context: Context, mail: str) -> dict[str, str]:
    told = (context.session.known(mail).contents or {}).get("emailContent") or {}
    sender = told.get("sender") or {}
    return {"displayName": str(sender.get("displayName", "")), "address": str(sender.get("address", ""))}


async def send(context: Context, parameters: Send) -> dict[str, Any]:
    """Send what was last saved, once; when the answer is lost, the mail is looked for and not sent again."""
    session, mail = context.session, context.mail(parameters.mail)
    await _guard(context, mail)
    context.work_on(mail)
    try:
        answer = await session.client.call("POST", f"interactions/{segment(mail)}/email/send")
    except WireError as lost:
        told = await settle(context, lost, lambda: _sent(session, mail))
        session.known(mail).did = "sent"
        return told
    session.known(mail).did = "sent"
    return await _after(context, mail, answer, session.look(mail))


async def _sent(session: IcwsSession, mail: str) -> dict[str, Any] | None:
    """The mail, once the server's words for its state say that it has left."""
    told = await session.look(mail)
    return msgspec.to_builtins(told) if told.status == "sent" else None


async def _guard(context: Context, mail: str) -> None:
    """The server may have chosen recipients (an answer's): they are asked for, and must be allowed."""
    session = context.session
    try:
        await session.contents(mail, context.timeout)
    except Refused as exc:
        if exc.reason == "unauthenticated":
            raise
        # the server will refuse to send it, too; where not everything is allowed, nothing goes to people whom nobody knows
        context.guard(["recipients that cannot be read"])
        return
    told = mail_output(session.known(mail), session.wording)
    context.guard([*told.to, *told.cc, *told.bcc])


async def cancel(context: Context, parameters: Cancel) -> dict[str, Any]:
    """Disconnect the draft: it is dropped, nothing is sent."""
    session, mail = context.session, context.mail(parameters.mail)
    answer = await session.client.call("POST", f"interactions/{segment(mail)}/disconnect")
    session.known(mail).did = "cancelled"
    return await _after(context, mail, answer, seen_ended(context, mail))


async def _after(context: Context, mail: str, answer: Exchange, looking: Awaitable[MailOutput]) -> dict[str, Any]:
    """The mail after it was sent or dropped. That it was, is known; a look that fails now takes nothing back."""
    try:
        return answered(await looking, answer)
    except (Refused, WireError) as exc:
        context.log(f"the mail could not be looked at afterwards: {exc.message}")
        context.session.known(mail).attributes["Eic_State"] = "I"
        return answered(context.session.output(mail), answer)


STEPS: tuple[StepType, ...] = (
    CREATE.step(create),
    REPLY.step(_replying(_REPLY)),
    REPLY_ALL.step(_replying(_REPLY_ALL)),
    FORWARD.step(forward),
    EDIT.step(edit),
    SEND.step(send),
    CANCEL.step(cancel),
)
