"""
Outgoing mails: begun at the server, written here, sent once.
"""

from __future__ import annotations

from typing import Any

from runner.errors import Refused, WireError
from runner.plugins import vocabulary as v
from runner.plugins.contract import StepContext
from runner.plugins.settling import settle
from runner.plugins.vocabulary import MailOutput, addresses
from runner.vendors.gws import parameters as p
from runner.vendors.gws.dialect import Draft
from runner.vendors.gws.ledger import Known
from runner.vendors.gws.session import GwsSession
from runner.vendors.gws.waiting import until

__all__ = ["create", "edit", "reply", "reply_all", "send"]

Context = StepContext[GwsSession]


async def create(context: Context, parameters: p.GwsCreate) -> MailOutput:
    """Create; the id comes by notification, the contents stay here until Send carries them."""
    session = context.session
    session.dialect.check_html(parameters.html)
    since = len(session.ledger.log)
    answer = await session.client.create(**session.dialect.create(session.draft_queue(parameters.queue)))
    id = await _begun(context, since, answer, parent=None)
    draft = session.draft(id)
    draft.sender = parameters.from_ or session.defaults.from_ or draft.sender
    return _written(context, id, draft, parameters)


async def reply(context: Context, parameters: p.GwsReply) -> MailOutput:
    """Reply."""
    return await _answer(context, parameters, "Reply")


async def reply_all(context: Context, parameters: p.GwsReply) -> MailOutput:
    """ReplyAll."""
    return await _answer(context, parameters, "ReplyAll")


async def _answer(context: Context, parameters: p.GwsReply, operation: str) -> MailOutput:
    session = context.session
    session.dialect.check_html(parameters.html)
    parent = context.mail(parameters.mail)
    prefix = session.defaults.subject_prefix if parameters.subject_prefix is None else parameters.subject_prefix
    fields = session.dialect.reply(
        session.draft_queue(parameters.queue),
        quote=bool(parameters.quote) if operation == "Reply" else parameters.quote,
        prefix=prefix,
        start_line=parameters.start_line,
        indent=parameters.indent,
    )
    since = len(session.ledger.log)
    answer = await session.client.operate(parent, operation, **fields)
    id = await _begun(context, since, answer, parent=parent)
    draft = session.draft(id)
    quoted = draft.text
    told = _written(context, id, draft, parameters)
    if parameters.text is not None and quoted:
        draft.text = f"{parameters.text}\n\n{quoted}"
        told = session.told(id)
    return told


async def _begun(context: Context, since: int, answer: dict[str, Any], *, parent: str | None) -> str:
    """
    The id of the draft that an accepted request brings: the one the answer names, else the first new one that was notified.

    *since* is the place in the log before the request went out: the notification may be quicker than the answer.
    """
    session = context.session
    named = str(answer.get("replyInteractionId") or "")

    def found() -> str | None:
        _raise_late_error(session, since, answer)
        return next((known.id for known in session.ledger.mails.values() if _is_new(known, named, parent)), None)

    id = await until(session, context, found, waiting_for="the notification of the new draft")
    session.ledger.known(id).claimed = True
    context.created("mail", id, undo="cancel")
    context.work_on(id)
    return id


def _is_new(known: Known, named: str, parent: str | None) -> bool:
    if known.status != "draft" or known.claimed:
        return False
    if named:
        return known.id == named
    return known.parent in {"", parent or ""}


def _raise_late_error(session: GwsSession, since: int, answer: dict[str, Any]) -> None:
    """The server took the request over and failed afterwards: told without an id, or with the answer's reference."""
    reference = answer.get("referenceId")
    for news in session.ledger.log[since:]:
        mine = news.reference == reference if reference is not None and news.reference is not None else not news.mail
        if news.error and mine:
            raise Refused("server_error", http=200, text=news.error)


def _written(context: Context, id: str, draft: Draft, given: v.Create | v.Reply | v.Edit) -> MailOutput:
    """Put what a step says into the draft."""
    to = getattr(given, "to", None)
    draft.to = draft.to if to is None else addresses(to)
    draft.cc = draft.cc if given.cc is None else addresses(given.cc)
    draft.bcc = draft.bcc if given.bcc is None else addresses(given.bcc)
    draft.sender = given.from_ or draft.sender
    draft.subject = draft.subject if given.subject is None else given.subject
    draft.text = draft.text if given.text is None else given.text
    draft.html = draft.html if given.html is None else given.html
    return context.session.told(id)


async def edit(context: Context, parameters: v.Edit) -> MailOutput:
    """Change the draft, which lives here until it is sent."""
    session = context.session
    session.dialect.check_html(parameters.html)
    id = context.mail(parameters.mail)
    if session.ledger.known(id).status == "":
        await session.look()
    return _written(context, id, session.draft(id), parameters)


async def send(context: Context, parameters: p.GwsSend) -> MailOutput:
    """Send, once: when the answer is lost, the mail is looked for and not sent again."""
    session = context.session
    id = context.mail(parameters.mail)
    draft = session.drafts.get(id) or session.contents(id)
    context.guard([*draft.to, *draft.cc, *draft.bcc])
    fields = session.dialect.send(draft, session.queue(parameters.queue))
    known = session.ledger.known(id)
    known.leads_to, known.error, known.in_doubt = "", "", True
    try:
        await session.client.operate(id, "Send", **fields)
    except Refused:
        known.in_doubt = False
        raise
    except WireError as lost:
        known.in_doubt = lost.maybe_sent
        return await settle(context, lost, lambda: _sent(session, known))
    session.drafts[id] = draft
    session.ledger.answered(id, status="sending", leads_to="sent")
    return session.told(id)


async def _sent(session: GwsSession, known: Known) -> MailOutput | None:
    """
    The mail, once the server says of this very one that it left, by a notification or when it is looked for.

    That it is not among the agent's any more is no proof: somebody may have taken the draft, or the server lost the session with it.
    """
    if known.status != "sent":
        await session.look()
    return session.told(known.id) if known.status == "sent" else None
