"""
The shared words for mails that eGain knows: taking in hand, handing over, finishing, looking at status and attachments.

eGain offers mail by letting agents pull from queues, so ``accept`` picks the mail that is meant, or pulls when none is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256

from runner.errors import Refused, StepTimedOut
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import (
    ACCEPT,
    COMPLETE,
    DOWNLOAD,
    PLACE_IN_QUEUE,
    REJECT,
    TRANSFER,
    VERIFY_ATTACHMENTS,
    VERIFY_STATUS,
    Accept,
    AttachmentsOutput,
    Complete,
    Download,
    ExpectedAttachment,
    FileOutput,
    MailOutput,
    PlaceInQueue,
    Reject,
    VerifyAttachments,
    VerifyStatus,
)
from runner.vendors.egain import effects
from runner.vendors.egain.doubt import settle
from runner.vendors.egain.draft import Draft, attached
from runner.vendors.egain.parameters.activities import EgainTransfer
from runner.vendors.egain.reading import attachment_told, id_of, mail_told, modified, statuses_of, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession

__all__ = ["STEPS", "pull"]

Context = StepContext[EgainSession]
_ACTIVITY = "/interaction/activity"


# ── taking in hand ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def accept(context: Context, p: Accept) -> MailOutput:
    """
    Take the mail that is meant, or whichever comes when none is.

    Raises: ``Refused`` – conflict: somebody else has it; ``StepTimedOut`` – nothing was there to take.
    """
    mail = _meant(context, p.mail)
    end = context.clock.monotonic() + (p.within.seconds_total if p.within is not None else context.timeout)
    await context.session.look(context.known_mail())
    while True:
        taken = await _take(context, mail) if mail else next(iter(await pull(context)), "")
        if taken:
            break
        if context.clock.monotonic() >= end:
            raise StepTimedOut(f"no mail to take came to {context.session.user} in time")
        await context.pause()
    context.work_on(taken)
    activity = await effects.in_hand(context, taken)
    return mail_told(activity, context.session.status(activity))


def _meant(context: Context, named: object) -> str:
    """The mail that is named, or the one that arrived and is not in hand yet; "" for whichever comes."""
    session = context.session
    if named is not None:
        return session.activity_id(context.mail(named))
    known = context.new_mail() or context.known_mail() or ""
    return "" if known in session.drafts or known in session.taken or known in session.sent_ids else known


async def _take(context: Context, mail: str) -> str:
    """Pick the mail when it waits in a queue; "" while it is still on its way there."""
    session = context.session
    activity = await session.activity(mail)
    status = text(activity, "status", "value")
    if status == "awaiting_assignment":
        await session.client.put(f"{_ACTIVITY}/pick", "activities", {"activity": [{"id": mail}]})
    elif status == "completed":
        raise Refused("conflict", http=0, text=f"activity {mail} is completed")
    elif status != "assigned":
        return ""
    elif not await session.is_mine(activity):
        raise Refused("conflict", http=0, text=f"activity {mail} is assigned to somebody else")
    session.taken.add(mail)
    return mail


async def pull(context: Context) -> list[str]:
    """PUT /activity/pull: the ids that were pulled, none when the queues are empty."""
    session = context.session
    pulled = [id_of(a) for a in (await session.client.call("PUT", f"{_ACTIVITY}/pull")).listed("activity")]
    session.taken.update(pulled)
    session.seen.update(pulled)
    return pulled


async def reject(context: Context, p: Reject) -> MailOutput:
    """
    Put a mail that was assigned back into its queue; one that still waits in a queue stays there.

    Raises: ``StepTimedOut`` – it did not get that far.
    """
    session = context.session
    mail = session.activity_id(context.mail(p.mail) if p.mail is not None else context.new_mail() or context.mail())
    end = context.clock.monotonic() + (p.within.seconds_total if p.within is not None else context.timeout)
    await session.look(context.known_mail())
    while True:
        activity = await session.activity(mail)
        status = text(activity, "status", "value")
        if status == "awaiting_assignment":
            context.log(f"left in queue {text(activity, 'queue', 'name')}: eGain offers mail by letting agents pull it")
            break
        if status == "assigned":
            activity = await _to_queue(context, mail, text(activity, "queue", "id") or _default_queue(session))
            break
        if status == "completed" or context.clock.monotonic() >= end:
            raise StepTimedOut(f"activity {mail} was not offered in time; it is {status}")
        await context.pause()
    context.work_on(mail)
    return mail_told(activity, session.status(activity))


# ── handing over and finishing ───────────────────────────────────────────────────────────────────────────────────────────────────


async def transfer(context: Context, p: EgainTransfer) -> MailOutput:
    """PUT /activity/transfer to a user or a queue."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    if (p.to is None) == (p.queue is None):
        raise Refused("invalid", http=0, text="`transfer` needs a person (`to`) or a queue (`queue`), one of them")
    await session.look(context.known_mail())
    if p.queue is not None:
        return _told(context, await _to_queue(context, mail, session.queue_id(p.queue), unpin=p.unpin))
    user = await session.user_id(context.user(p.to or ""))
    await session.client.put(f"{_ACTIVITY}/transfer", "activities", {"activity": [{"id": mail}]}, {"user": user} | _unpinned(p.unpin))
    session.taken.discard(mail)
    return _told(context, await effects.given_to(context, mail, user))


async def place_in_queue(context: Context, p: PlaceInQueue) -> MailOutput:
    """The same to a queue, by default the environment's."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    await session.look(context.known_mail())
    queue = session.queue_id(p.queue) if p.queue is not None else _default_queue(session)
    return _told(context, await _to_queue(context, mail, queue))


def _unpinned(unpin: bool) -> dict[str, str]:
    return {"unpin": "yes"} if unpin else {}


async def _to_queue(context: Context, mail: str, queue: str, *, unpin: bool = False) -> Tree:
    """The mail as it is then."""
    query = {"queue": queue} | _unpinned(unpin)
    await context.session.client.put(f"{_ACTIVITY}/transfer", "activities", {"activity": [{"id": mail}]}, query)
    context.session.taken.discard(mail)
    return await effects.queued(context, mail)


def _default_queue(session: EgainSession) -> str:
    if session.defaults.queue is None:
        raise Refused("invalid", http=0, text="no queue is named, and the environment has no default `queue` for egain")
    return session.queue_id(session.defaults.queue)


async def complete(context: Context, p: Complete) -> MailOutput:
    """PUT /activity/complete, as the mail stands now at the server."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    await session.look(context.known_mail())
    item = {"id": mail, "lastModified": {"date": modified(await session.activity(mail))}}
    await session.client.put(f"{_ACTIVITY}/complete", "activities", {"activity": [item]})
    activity = await effects.completed(context, mail)
    session.completed.add(mail)
    return _told(context, activity)


def _told(context: Context, activity: Tree) -> MailOutput:
    context.work_on(id_of(activity))
    return mail_told(activity, context.session.status(activity))


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def verify_status(context: Context, p: VerifyStatus) -> AsyncIterator[MailOutput]:
    """The mail as it is now, again and again."""
    session = context.session
    mail = context.mail(p.mail)
    while True:
        draft = session.drafts.get(mail)
        if draft is not None and not draft.activity:
            if draft.status == "sending":
                await settle(session, draft)
            if not draft.activity:
                yield draft.told()
                await context.pause()
                continue
        activity = await session.activity(mail)
        for status in statuses_of(activity, taken=session.taken, completed=session.completed, sent=session.sent_ids):
            yield mail_told(activity, status)
        await context.pause()


async def verify_attachments(context: Context, p: VerifyAttachments) -> AsyncIterator[AttachmentsOutput]:
    """The attachments as they are now; their bytes are fetched only when a hash is asked for."""
    session = context.session
    mail = context.mail(p.mail)
    by_bytes = any(isinstance(a, ExpectedAttachment) and (a.sha256 or a.same_as) for a in p.are)
    while True:
        draft = session.drafts.get(mail)
        if draft is not None and not draft.activity:
            yield AttachmentsOutput(id=mail, attachments=[attached(f) for f in draft.files])
        else:
            yield await _attachments(session, session.activity_id(mail), by_bytes=by_bytes)
        await context.pause()


async def _attachments(session: EgainSession, mail: str, *, by_bytes: bool) -> AttachmentsOutput:
    if by_bytes:
        found = [attachment_told(tree, sha256(file.content).hexdigest()) for tree, file in await session.files(mail)]
    else:
        found = [attachment_told(tree) for tree in await session.attachments(mail)]
    return AttachmentsOutput(id=mail, attachments=found)


async def download(context: Context, p: Download) -> FileOutput:
    """The bytes behind the one-shot ``contentUrl``, or those of the draft."""
    session = context.session
    mail = context.mail(p.mail)
    draft = session.drafts.get(mail)
    if draft is not None and not draft.activity:
        return _of_draft(draft, p.name)
    mail = session.activity_id(mail)
    listed = await session.attachments(mail)
    found = next((a for a in listed if text(a, "fileName") == p.name), None)
    if found is None:
        raise _no_attachment(p.name, [text(a, "fileName") for a in listed])
    tree, file = await session.file(mail, found)
    return _file_told(p.name, file.content, text(tree, "contentType") or file.type)


def _of_draft(draft: Draft, name: str) -> FileOutput:
    file = next((f for f in draft.files if f.name == name), None)
    if file is None:
        raise _no_attachment(name, [f.name for f in draft.files])
    return _file_told(name, file.content, file.type)


def _no_attachment(name: str, there: list[str]) -> Refused:
    return Refused("not_found", http=0, text=f"the mail has no attachment {name} (it has {', '.join(there) or 'none'})")


def _file_told(name: str, content: bytes, kind: str) -> FileOutput:
    try:
        readable = content.decode("utf-8")
    except UnicodeDecodeError:
        readable = ""
    return FileOutput(name=name, size=len(content), type=kind, sha256=sha256(content).hexdigest(), content=readable)


STEPS: tuple[StepType, ...] = (
    ACCEPT.step(accept),
    REJECT.step(reject),
    TRANSFER.step(transfer, parameters=EgainTransfer),
    COMPLETE.step(complete),
    PLACE_IN_QUEUE.step(place_in_queue),
    VERIFY_STATUS.step(verify_status),
    VERIFY_ATTACHMENTS.step(verify_attachments),
    DOWNLOAD.step(download),
)
