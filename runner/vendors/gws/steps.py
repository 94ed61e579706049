"""
The shared words as GWS does them. What only GWS has stands in :mod:`.own_steps`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any

import msgspec

from runner.environment.secrets import plain
from runner.errors import EnvironmentUnusable, Refused, StepTimedOut, Unsupported
from runner.plugins import vocabulary as v
from runner.plugins.contract import StepContext
from runner.plugins.vocabulary import AttachmentOutput, MailOutput, addresses
from runner.vendors.gws import parameters as p
from runner.vendors.gws.arriving import receive
from runner.vendors.gws.dialect import Draft
from runner.vendors.gws.ledger import Known
from runner.vendors.gws.session import GwsSession

__all__ = ["STEPS", "finished", "link"]

Context = StepContext[GwsSession]

# ── in and out ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def login(context: Context, parameters: v.Login) -> v.SessionOutput:
    """Sign in, listen, start the contact-centre session."""
    actor = context.actor
    credentials = actor.credentials if actor is not None else {}
    user = parameters.user or plain(credentials.get("user", ""))
    password = plain(credentials.get("password", "")) if parameters.password is None else parameters.password
    if not user:
        raise EnvironmentUnusable(
            "this actor has no user for gws", hint="give the actor `gws: {user: …, password: …}` in the environment file"
        )
    await context.session.login(user, password)
    return v.SessionOutput(user=user, session=str(context.session.user.get("id", "")))


async def logout(context: Context, parameters: v.Logout) -> v.Nothing:
    """End the contact-centre session, which ends the cookie too."""
    await context.session.logout()
    return v.Nothing()


async def ready(context: Context, parameters: v.Ready) -> v.Nothing:
    """The e-mail channel takes invitations."""
    await context.session.set_state("Ready")
    return v.Nothing()


async def not_ready(context: Context, parameters: v.NotReady) -> v.Nothing:
    """NotReady, or the contact centre's own state for the reason."""
    await context.session.set_state(parameters.reason or "NotReady")
    return v.Nothing()


# ── offers ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def accept(context: Context, parameters: v.Accept) -> MailOutput:
    """Wait for the invitation, take it, wait until the mail is the agent's."""
    session = context.session
    id = await _offered(context, parameters)
    await session.client.operate(id, "Accept")
    known = session.ledger.known(id)
    known.claimed = True
    context.work_on(id)
    await session.until(context, _reached(known, "accepted", "draft"), waiting_for=f"the notification that {id} was accepted")
    return session.told(id)


async def reject(context: Context, parameters: v.Reject) -> MailOutput:
    """Wait for the invitation, turn it down, wait until it was taken back."""
    session = context.session
    id = await _offered(context, parameters)
    await session.client.operate(id, "Reject")
    session.ledger.answered(id, leads_to="revoked")
    known = session.ledger.known(id)
    await session.until(context, _reached(known, "revoked"), waiting_for=f"the notification that {id} was revoked")
    return session.told(id)


async def _offered(context: Context, parameters: v.Accept | v.Reject) -> str:
    """
    The mail to take: the one that is named, or the one that arrived in this scenario; when that is in hand already, any that is offered.

    A mail that is known here and not offered is not waited for: the server says what it thinks of the operation.
    """
    session = context.session
    mails = session.ledger.mails
    named = context.mail(parameters.mail) if parameters.mail is not None else context.known_mail()
    status = mails[named].status if named in mails else ""
    if parameters.mail is not None and named is not None and status not in {"", "queued", "revoked", "completed"}:
        return named
    wanted = named if parameters.mail is not None or status in {"", "queued", "invited", "revoked", "completed"} else None

    def found() -> str | None:
        offered = [known.id for known in mails.values() if known.status == "invited"]
        if wanted is not None:
            return wanted if wanted in offered else None
        return offered[0] if offered else None

    within = parameters.within.total_seconds() if parameters.within is not None else None
    try:
        return await session.until(context, found, within=within, waiting_for="an offer")
    except StepTimedOut as exc:
        raise _no_offer(session, wanted, exc) from exc


def _no_offer(session: GwsSession, wanted: str | None, exc: StepTimedOut) -> StepTimedOut:
    others = [f"{k.id} ({k.subject!r})" for k in session.ledger.mails.values() if k.status == "invited"]
    what = f"mail {wanted} was not offered" if wanted else "no mail was offered"
    told = f"; offered were {', '.join(others)}" if others else ""
    hint = "name the offered mail with `mail`" if others else "check that the agent is ready and that the mail goes to their queue"
    return StepTimedOut(f"{what}: {exc.message}{told}", hint=hint)


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


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

    id = await session.until(context, found, waiting_for="the notification of the new draft")
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
    """Send, once: an answer that is lost is not asked for again."""
    session = context.session
    id = context.mail(parameters.mail)
    draft = session.drafts.get(id) or session.contents(id)
    context.guard([*draft.to, *draft.cc, *draft.bcc])
    session.ledger.known(id).leads_to = "sent"
    await session.client.operate(id, "Send", **session.dialect.send(draft, session.queue(parameters.queue)))
    session.drafts[id] = draft
    session.ledger.answered(id, status="sending", leads_to="sent")
    return session.told(id)


async def cancel(context: Context, parameters: v.Cancel) -> MailOutput:
    """Cancel."""
    return await finished(context, context.mail(parameters.mail), "Cancel", {}, "cancelled")


# ── handing over ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def transfer(context: Context, parameters: p.GwsTransfer) -> MailOutput:
    """To a person, a queue, or anybody with a skill."""
    session = context.session
    fields: dict[str, object] = {"queueName": parameters.queue, "skill": parameters.skill}
    if parameters.to:
        user = context.user(parameters.to)
        fields["userUri"] = user if "://" in user else f"{session.client.http.base_url}/users/{user}"
    return await finished(context, context.mail(parameters.mail), "Transfer", fields, "completed")


async def complete(context: Context, parameters: p.GwsComplete) -> MailOutput:
    """Complete."""
    return await finished(context, context.mail(parameters.mail), "Complete", {"queueName": parameters.queue}, "completed")


async def place_in_queue(context: Context, parameters: v.PlaceInQueue) -> MailOutput:
    """Into a queue, for somebody else."""
    session = context.session
    operation, fields = session.dialect.place_in_queue(session.queue(parameters.queue))
    return await finished(context, context.mail(parameters.mail), operation, fields, "completed")


async def finished(context: Context, id: str, operation: str, fields: dict[str, object], end: str, *, path: str = "") -> MailOutput:
    """An operation after which the mail is not the agent's any more; waits until the server says so. *path* is another resource for it."""
    session = context.session
    if path:
        await session.client.post(path, {"operationName": operation, **fields})
    else:
        await session.client.operate(id, operation, **fields)
    session.ledger.answered(id, leads_to=end)
    known = session.ledger.known(id)
    await session.until(context, _reached(known, end), waiting_for=f"the notification that {id} is {end}")
    context.work_on(id)
    return session.told(id)


def _reached(known: Known, *statuses: str) -> Callable[[], bool | None]:
    """Whether a mail has one of these statuses; a late error of the server is its refusal."""
    known.error = ""

    def found() -> bool | None:
        if known.status in statuses:
            return True
        if known.error:
            raise Refused("server_error", http=200, text=known.error)
        return None

    return found


# ── attachments ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def attach(context: Context, parameters: v.Attach) -> AttachmentOutput:
    """A file of the project, or a document of the library."""
    if parameters.inline:
        raise Unsupported("GWS has no inline attachments", hint="leave `inline` out")
    id = context.mail(parameters.mail)
    if parameters.library is not None:
        return await link(context, id, parameters.library)
    if parameters.file is None:
        raise EnvironmentUnusable(
            "`attach` needs a file or a library item", hint="write `attach: {file: PATH}` or `attach: {library: NAME}`"
        )
    file = context.file(parameters.file)
    name, kind = parameters.rename or file.name, parameters.type or file.type
    document = await context.session.client.upload(id, name, file.content, kind)
    attached = AttachmentOutput(name=name, id=document, size=len(file.content), type=kind, sha256=file.sha256)
    context.session.ledger.known(id).files[document] = attached
    return attached


async def link(context: Context, id: str, document: str) -> AttachmentOutput:
    """Attach a document that exists, by its id or by its name in the environment."""
    session = context.session
    found = session.defaults.documents.get(document, document)
    operation, fields = session.dialect.link(found)
    known = session.ledger.known(id)
    await session.client.operate(id, operation, **fields)
    reached = _reached_file(known, found)
    return await session.until(context, reached, waiting_for=f"the notification that {document} was attached")


def _reached_file(known: Known, document: str) -> Callable[[], AttachmentOutput | None]:
    def found() -> AttachmentOutput | None:
        if known.error:
            raise Refused("server_error", http=200, text=known.error)
        return known.files.get(document)

    return found


async def detach(context: Context, parameters: v.Detach) -> v.Nothing:
    """Remove an attachment, found by its name."""
    session = context.session
    id = context.mail(parameters.mail)
    file = await _file(context, id, parameters.name)
    await session.client.remove(id, file.id)
    known = session.ledger.known(id)
    known.removed.add(file.id)
    known.files.pop(file.id, None)
    return v.Nothing()


async def download(context: Context, parameters: v.Download) -> v.FileOutput:
    """Fetch the bytes of an attachment, found by its name."""
    id = context.mail(parameters.mail)
    file = await _file(context, id, parameters.name)
    content, kind = await context.session.client.download(id, file.id)
    return v.FileOutput(name=file.name, size=len(content), type=kind, sha256=sha256(content).hexdigest(), content=_as_text(content))


async def verify_attachments(context: Context, parameters: v.VerifyAttachments) -> AsyncIterator[v.AttachmentsOutput]:
    """The attachments as the server tells them, with the hash of the bytes that it gives back."""
    session = context.session
    id = context.mail(parameters.mail)
    while True:
        try:
            await session.look_at(id)
        except Refused as exc:
            if exc.reason != "not_found" or not session.ledger.known(id).files:
                raise
            context.log(f"{id} is finished; its attachments are told as they were known last")
        files = session.ledger.known(id).files
        for file in [f for f in files.values() if not f.sha256]:
            content, _ = await session.client.download(id, file.id)
            files[file.id] = msgspec.structs.replace(file, size=len(content), sha256=sha256(content).hexdigest())
        yield v.AttachmentsOutput(id=id, attachments=list(files.values()))
        await context.pause()


async def _file(context: Context, id: str, name: str) -> AttachmentOutput:
    known = context.session.ledger.known(id)
    for looked in (False, True):
        if looked:
            await context.session.look_at(id)
        for file in known.files.values():
            if name in {file.name, file.id}:
                return file
    has = ", ".join(f.name for f in known.files.values()) or "none"
    raise Refused("not_found", http=0, text=f"{id} has no attachment {name!r} (it has {has})")


def _as_text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return ""


# ── looking and hearing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def verify_status(context: Context, parameters: v.VerifyStatus) -> AsyncIterator[MailOutput]:
    """The status as notified; looked up when nothing comes, and kept when the mail has left the agent's list."""
    session = context.session
    id = context.mail(parameters.mail)
    known = session.ledger.known(id)
    if not known.status:
        await session.look_at(id)
    quiet = 0
    while True:
        yield session.told(id)
        version = session.ledger.version
        while session.ledger.version == version:
            quiet = 0 if await session.news(context) else quiet + 1
            if session.ledger.doubt or quiet > 1:
                await session.look()
                if known.status in {"queued", "revoked", "completed"}:
                    await _look_elsewhere(session, id)
                break


async def _look_elsewhere(session: GwsSession, id: str) -> None:
    """What is not the agent's may wait for somebody else."""
    try:
        await session.look_at(id)
    except Refused as exc:
        if exc.reason != "not_found":
            raise


async def listen(context: Context, parameters: v.Listen) -> v.Nothing:
    """Notifications are kept since `login`; from here on they count."""
    session = context.session
    if not session.client.signed_in:
        raise Refused("unauthenticated", http=0, text="nobody is logged in to GWS here")
    session.listening_since = session.cursor = len(session.ledger.log)
    return v.Nothing()


async def expect_event(context: Context, parameters: v.ExpectEvent) -> AsyncIterator[v.Event]:
    """Each notification after the one that the step before it found; with `any_order` or `absent`, none is used up."""
    session = context.session
    place = session.listening_since if parameters.any_order else session.cursor
    quiet = 0
    while True:
        while place < len(session.ledger.log):
            news = session.ledger.log[place]
            place += 1
            if not (parameters.any_order or parameters.absent):
                session.cursor = place
            yield session.event(news)
        quiet = 0 if await session.news(context) else quiet + 1
        if quiet > 1 and session.client.signed_in:
            # a session that expired unnoticed would keep silent for ever
            await session.look()
            quiet = 0


STEPS = (
    v.LOGIN.step(login),
    v.LOGOUT.step(logout),
    v.READY.step(ready),
    v.NOT_READY.step(not_ready),
    v.RECEIVE.step(receive),
    v.ACCEPT.step(accept),
    v.REJECT.step(reject),
    v.CREATE.step(create, parameters=p.GwsCreate),
    v.REPLY.step(reply, parameters=p.GwsReply),
    v.REPLY_ALL.step(reply_all, parameters=p.GwsReply),
    v.EDIT.step(edit),
    v.ATTACH.step(attach),
    v.DETACH.step(detach),
    v.DOWNLOAD.step(download),
    v.SEND.step(send, parameters=p.GwsSend),
    v.CANCEL.step(cancel),
    v.TRANSFER.step(transfer, parameters=p.GwsTransfer),
    v.COMPLETE.step(complete, parameters=p.GwsComplete),
    v.PLACE_IN_QUEUE.step(place_in_queue),
    v.VERIFY_STATUS.step(verify_status),
    v.VERIFY_ATTACHMENTS.step(verify_attachments),
    v.LISTEN.step(listen),
    v.EXPECT_EVENT.step(expect_event),
)
