"""
The shared words as eGain does them: sessions, drafts, sending. What happens to mails that eGain knows is in
:mod:`runner.vendors.egain.handling`.

eGain has no call that edits or sends a saved draft and none for an agent's reply, so a draft is kept by the session until ``send``, which
is exactly one ``POST /activity/send`` with everything that was collected.
"""

from __future__ import annotations

from runner.environment.secrets import plain
from runner.errors import ConnectFailed, Refused, Unsupported, WireError
from runner.plugins.contract import StepContext, StepType
from runner.plugins.settling import settle
from runner.plugins.vocabulary import (
    ATTACH,
    CANCEL,
    CREATE,
    DETACH,
    EDIT,
    FORWARD,
    LOGIN,
    LOGOUT,
    REPLY,
    REPLY_ALL,
    SEND,
    Attach,
    AttachmentOutput,
    Cancel,
    Create,
    Detach,
    Edit,
    Forward,
    Logout,
    MailOutput,
    Nothing,
    Reply,
    Send,
    SessionOutput,
    addresses,
)
from runner.vendors.egain import doubt
from runner.vendors.egain.client import Login as Credentials
from runner.vendors.egain.draft import Draft, attached
from runner.vendors.egain.multipart import FilePart
from runner.vendors.egain.parameters.sessions import EgainLogin
from runner.vendors.egain.reading import addresses_in, inner, is_outbound, mail_told, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession

__all__ = ["STEPS", "begin_reply", "deliver"]

Context = StepContext[EgainSession]


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def login(context: Context, p: EgainLogin) -> SessionOutput:
    """POST /authentication/user/login."""
    session = context.session
    credentials = context.actor.credentials if context.actor is not None else {}
    user = p.user or str(credentials.get("user", ""))
    password = p.password if p.password is not None else plain(credentials.get("password", ""))
    force = p.force if p.force is not None else session.options.force_login
    id = await session.client.login(Credentials(user, password), force=force)
    session.user, session.began = user, session.server_now()
    return SessionOutput(user=user, session=id)


async def logout(context: Context, p: Logout) -> Nothing:
    """DELETE /authentication/user/logout."""
    await context.session.client.logout()
    return Nothing()


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def create(context: Context, p: Create) -> MailOutput:
    """A new draft, kept by the session."""
    session = context.session
    await session.look(context.known_mail())
    draft = session.begin(
        to=addresses(p.to),
        cc=addresses(p.cc),
        bcc=addresses(p.bcc),
        from_=p.from_ or session.defaults.from_ or "",
        subject=p.subject or "",
        text=p.text or "",
        html=p.html or "",
    )
    return _begun(context, draft)


async def reply(context: Context, p: Reply) -> MailOutput:
    """A draft in the inbound mail's case, to its sender, from the alias it was sent to."""
    original = await _original(context, p.mail)
    return begin_reply(context, p, original, cc=addresses(p.cc))


async def reply_all(context: Context, p: Reply) -> MailOutput:
    """The same, with everybody else who got the mail in cc."""
    original = await _original(context, p.mail)
    return begin_reply(context, p, original, cc=_without_doubles([*addresses(p.cc), *_others(original)]))


async def _original(context: Context, named: object) -> Tree:
    """The mail that is answered, with all its attributes."""
    await context.session.look(context.known_mail())
    return await context.session.activity(context.mail(named))


def begin_reply(context: Context, p: Reply, original: Tree, *, cc: list[str]) -> MailOutput:
    """Begin the draft of an answer to *original*, an activity with all its attributes."""
    told = mail_told(original, "")
    draft = context.session.begin(
        to=told.to if is_outbound(original) else [told.from_],
        cc=cc,
        bcc=addresses(p.bcc),
        from_=p.from_ or _receiver(original) or context.session.defaults.from_ or "",
        subject=p.subject if p.subject is not None else _prefixed("Re: ", told.subject),
        text=(p.text or "") + (_quoted(told) if p.quote else ""),
        html=p.html or "",
        case=text(original, "case", "id"),
        parent=told.id,
    )
    context.guard([*draft.to, *draft.cc])
    return _begun(context, draft)


async def forward(context: Context, p: Forward) -> MailOutput:
    """A draft in the inbound mail's case with its text below and its attachments along."""
    session = context.session
    original = await _original(context, p.mail)
    told = mail_told(original, "")
    draft = session.begin(
        to=addresses(p.to),
        cc=addresses(p.cc),
        bcc=addresses(p.bcc),
        from_=p.from_ or _receiver(original) or session.defaults.from_ or "",
        subject=p.subject if p.subject is not None else _prefixed("Fw: ", told.subject),
        text=(p.text or "") + _quoted(told),
        html=p.html or "",
        case=text(original, "case", "id"),
        parent=told.id,
    )
    draft.files += [file for _, file in await session.files(told.id)]
    return _begun(context, draft)


def _begun(context: Context, draft: Draft) -> MailOutput:
    context.session.tell(draft)
    context.work_on(draft.id)
    return draft.told()


def _prefixed(prefix: str, subject: str) -> str:
    return subject if subject.lower().startswith(prefix.strip().lower()) else prefix + subject


def _quoted(told: MailOutput) -> str:
    """The customer's text below the answer, each line marked."""
    lines = "".join(f"\n> {line}" for line in told.text.splitlines())
    return f"\n\n{told.from_} wrote:{lines}" if lines else ""


def _receiver(original: Tree) -> str:
    """The alias an inbound mail was sent to, or the one an outgoing mail came from."""
    given = inner(original, "payload", "email", "emailAddresses")
    return text(given, "from" if is_outbound(original) else "receiver")


def _others(original: Tree) -> list[str]:
    """Everybody who got the mail but us and its sender."""
    given = inner(original, "payload", "email", "emailAddresses")
    ours = {a.lower() for a in (_receiver(original), text(given, "from"))}
    got = [*addresses_in(inner(given, "to")), *addresses_in(inner(given, "cc"))]
    return [a for a in got if a.lower() not in ours]


def _without_doubles(recipients: list[str]) -> list[str]:
    return list({a.lower(): a for a in reversed(recipients)}.values())[::-1]


async def edit(context: Context, p: Edit) -> MailOutput:
    """What is named changes in the draft."""
    draft = context.session.draft(context.mail(p.mail))
    for name in ("to", "cc", "bcc"):
        given = getattr(p, name)
        if given is not None:
            setattr(draft, name, addresses(given))
    for name in ("from_", "subject", "text", "html"):
        given = getattr(p, name)
        if given is not None:
            setattr(draft, name, given)
    context.work_on(draft.id)
    return draft.told()


async def attach(context: Context, p: Attach) -> AttachmentOutput:
    """A file for the draft; it travels with ``send``."""
    if p.file is None:
        raise Unsupported("eGain's library holds articles, no attachments", hint=f"write the article's macro into the text: ``{p.library}")
    if p.inline:
        raise Unsupported("eGain's compose-and-send takes no inline attachments", hint="leave `inline` out")
    draft = context.session.draft(context.mail(p.mail))
    file = context.file(p.file)
    part = FilePart(p.rename or file.name, p.type or file.type, file.content)
    draft.files.append(part)
    return attached(part)


async def detach(context: Context, p: Detach) -> Nothing:
    """Take a file off the draft."""
    draft = context.session.draft(context.mail(p.mail))
    kept = [f for f in draft.files if f.name != p.name]
    if len(kept) == len(draft.files):
        told = ", ".join(f.name for f in draft.files) or "none"
        raise Refused("not_found", http=0, text=f"the draft has no attachment {p.name} (it has {told})")
    draft.files = kept
    return Nothing()


async def cancel(context: Context, p: Cancel) -> MailOutput:
    """Drop the draft; eGain never knew of it."""
    draft = context.session.draft(context.mail(p.mail))
    await context.session.look(context.known_mail())
    draft.status = "cancelled"
    context.session.tell(draft)
    return draft.told()


async def send(context: Context, p: Send) -> MailOutput:
    """POST /activity/send, once."""
    session = context.session
    draft = session.draft(context.mail(p.mail))
    tree = draft.tree(new_customer=session.options.new_customers)
    id = await deliver(context, draft, tree, format=session.options.format)
    context.work_on(id)
    told = draft.told()
    return MailOutput(
        id=id,
        status="sent" if draft.settled else "sending",
        subject=told.subject,
        from_=told.from_,
        to=told.to,
        cc=told.cc,
        bcc=told.bcc,
        text=told.text,
        html=told.html,
        parent=told.parent,
        attachments=told.attachments,
    )


async def deliver(context: Context, draft: Draft, tree: Tree, *, format: str) -> str:
    """
    Send *tree* as the mail of *draft*, once, and give the activity's id.

    Whatever becomes of the answer, the draft says so: it is a draft again when nothing can have been sent, ``sending`` when it may have.
    When the answer is lost, the mail is looked for.

    Raises: ``Refused``; ``AnswerLost`` – the mail may have left, and was not found.
    """
    session = context.session
    session.logged_in()
    await doubt.begin_sending(session, draft)
    draft.status = "sending"
    try:
        id = await _post(session, draft, tree, format)
    except (Refused, ConnectFailed):
        draft.status = "draft"
        raise
    except WireError as lost:
        id = await settle(context, lost, lambda: _found(session, draft))
        draft.settled = True
    finally:
        if draft.status == "sending":  # the answer was lost, or nobody waited for it: `verify_status` has to find this one
            context.work_on(draft.id)
    session.seen.add(id)
    context.created("activity", id, undo="complete")
    return id


async def _post(session: EgainSession, draft: Draft, tree: Tree, format: str) -> str:
    """The one request that sends; gives the activity's id, and the draft knows it."""
    answer = await session.client.post_activity("/interaction/activity/send", tree, format=format, files=draft.files)
    draft.activity, draft.status = answer.made("activity"), "sent"
    return draft.activity


async def _found(session: EgainSession, draft: Draft) -> str | None:
    """The activity that the draft became, if it did."""
    await doubt.settle(session, draft)
    return draft.activity or None


STEPS: tuple[StepType, ...] = (
    LOGIN.step(login, parameters=EgainLogin, refusals=(*LOGIN.refusals, "not_acceptable")),
    LOGOUT.step(logout),
    CREATE.step(create, refusals=("unauthenticated",)),
    REPLY.step(reply),
    REPLY_ALL.step(reply_all),
    FORWARD.step(forward),
    EDIT.step(edit, refusals=("not_found", "conflict")),
    ATTACH.step(attach, refusals=("not_found", "conflict")),
    DETACH.step(detach, refusals=("not_found", "conflict")),
    CANCEL.step(cancel, refusals=("not_found", "conflict")),
    SEND.step(send, refusals=(*SEND.refusals, "not_acceptable")),
)
