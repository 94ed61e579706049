"""
eGain's own steps that make mails: compose and send with every field of its page, saved drafts, a customer's mail put in.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import MailOutput, addresses
from runner.vendors.egain.draft import Draft, compose_tree
from runner.vendors.egain.multipart import FilePart
from runner.vendors.egain.parameters.composing import Compose, Inbound, NewCustomer, Saved, SaveDraft, TrackCall
from runner.vendors.egain.reading import addresses_in, inner, mail_told, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession
from runner.vendors.egain.steps import deliver

__all__ = ["STEPS", "custom_tree", "customer_tree"]

Context = StepContext[EgainSession]
_ACTIVITY = "/interaction/activity"
# The order of the published XML examples, in case that a server minds it; what stands in none of them comes between and after.
_ORDER = ("department", "type", "case", "queue", "priority", "dueDate", "subject", "customAttributes", "payload", "attachments", "customer")
_WIRE = ("unauthenticated", "unavailable", "server_error", "not_acceptable")
_REFUSED = (*_WIRE, "forbidden", "invalid")


def custom_tree(custom: dict[str, str | list[str]]) -> Tree:
    """Custom attributes as eGain takes them."""
    values = {name: value if isinstance(value, list) else [value] for name, value in custom.items()}
    return {
        "customAttribute": [
            {"attribName": name, "attribValues": {"attribValue": [{"value": v} for v in vs]}} for name, vs in values.items()
        ]
    }


def customer_tree(p: NewCustomer) -> Tree:
    """A customer as eGain takes it; only what is given."""
    person = {"firstName": p.first_name, "middleName": p.middle_name, "lastName": p.last_name}
    tree: Tree = {
        "type": {"value": "individual"},
        "department": {"name": p.department} if p.department else None,
        "contactPersons": {"contactPerson": [{k: v for k, v in person.items() if v is not None}]},
        "level": p.level,
        "role": p.role,
        "pin": p.pin,
        "howReferred": p.how_referred,
        "industry": p.industry,
        "marketSegment": p.market_segment,
        "customAttributes": custom_tree(p.custom) if p.custom else None,
    }
    return {k: v for k, v in tree.items() if v is not None}


# ── composing ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def compose_and_send(context: Context, p: Compose) -> MailOutput:
    """POST /activity/send."""
    draft, tree, format = _composed(context, p)
    id = await deliver(context, draft, tree, format=format)
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
    )


async def save_draft(context: Context, p: Saved) -> MailOutput:
    """POST /activity, subtype compose."""
    draft, tree, format = _composed(context, p)
    del context.session.drafts[draft.id]
    query = {"expandMacros": "yes"} if p.expand_macros else {}
    answer = await context.session.client.post_activity(_ACTIVITY, tree, format=format, files=draft.files, query=query)
    id = answer.made("activity")
    context.created("activity", id)
    context.session.seen.add(id)
    context.work_on(id)
    return MailOutput(id=id, status="draft", subject=draft.subject, from_=draft.from_, to=draft.to)


def _composed(context: Context, p: SaveDraft) -> tuple[Draft, Tree, str]:
    """The mail as a draft of the session, as a document, and the format that it leaves in."""
    session = context.session
    format = p.format or session.options.format
    draft = session.begin(
        to=addresses(p.to),
        cc=addresses(p.cc),
        bcc=addresses(p.bcc),
        from_=p.from_ if p.from_ is not None else session.defaults.from_ or "",
        subject=p.subject or "",
        text=p.text or "",
        html=p.html or "",
        case=str(p.case) if p.case is not None else "",
        files=_files(context, p.files),
    )
    draft.department = p.department or draft.department
    tree = compose_tree(
        department=draft.department,
        to=draft.to,
        cc=draft.cc,
        bcc=draft.bcc,
        from_=draft.from_,
        subject=draft.subject,
        text=draft.text,
        html=draft.html,
        case=draft.case,
        files=[] if format == "multipart" else draft.files,
    )
    tree = _with_rest(tree, p)
    context.guard(_unnamed(tree, draft))
    # `extra` may have put others in; a mail is looked for by what was sent
    draft.subject = text(tree, "subject")
    draft.to = addresses_in(inner(tree, "payload", "email", "emailAddresses", "to"))
    return draft, tree, format


def _unnamed(tree: Tree, draft: Draft) -> list[str]:
    """The recipients that stand in the document and not in the step's own fields: `extra` put them there."""
    given = inner(tree, "payload", "email", "emailAddresses")
    named = {*draft.to, *draft.cc, *draft.bcc}
    return [a for name in ("to", "cc", "bcc") for a in addresses_in(inner(given, name)) if a not in named]


def _files(context: Context, paths: list[Any]) -> list[FilePart]:
    found = (context.file(path) for path in paths)
    return [FilePart(f.name, f.type, f.content) for f in found]


def _with_rest(tree: Tree, p: SaveDraft) -> Tree:
    """The document with what only eGain has, and with the tester's own elements over it."""
    rest: Tree = {
        "queue": {"name": p.queue} if p.queue is not None else None,
        "priority": str(p.priority) if p.priority is not None else None,
        "dueDate": p.due_date,
        "customAttributes": custom_tree(p.custom) if p.custom else None,
        "customer": customer_tree(p.customer) if p.customer is not None else None,
    }
    tree = tree | {k: v for k, v in rest.items() if v is not None} | p.extra
    return {k: tree[k] for k in (*_ORDER, *(k for k in tree if k not in _ORDER)) if tree.get(k) is not None}


async def receive(context: Context, p: Inbound) -> MailOutput:
    """POST /activity, subtype general."""
    session = context.session
    to = p.to or session.defaults.from_ or ""
    contents = [{"type": kind, "value": value} for kind, value in (("text", p.text), ("html", p.html)) if value]
    given: Tree = {"from": p.from_, "receiver": to}
    if addresses(p.cc):
        given["cc"] = {"address": addresses(p.cc)}
    email: Tree = {"emailAddresses": given, "contents": {"content": contents}}
    if p.date is not None:
        email["date"] = {"date": p.date}
    tree: Tree = {
        "department": {"name": p.department or session.defaults.department},
        "type": {"value": "email", "subtype": {"value": "general"}},
        "subject": p.subject or "",
        "payload": {"email": email},
    } | ({"isSecure": "true"} if p.secure else {})
    files = _files(context, p.files)
    files += [replace(file, content_id=id) for id, path in p.inline.items() for file in _files(context, [path])]
    format = "multipart" if files else session.options.format
    answer = await session.client.post_activity(_ACTIVITY, tree, format=format, files=files)
    id = answer.made("activity")
    context.created("activity", id)
    context.arrived(id)
    return MailOutput(id=id, status="received", subject=p.subject or "", from_=p.from_, to=[to], text=p.text or "", html=p.html or "")


async def track_call(context: Context, p: TrackCall) -> MailOutput:
    """POST /activity, type call_track."""
    session = context.session
    given: Tree = {
        "department": {"name": p.department or session.defaults.department},
        "type": {"value": "call_track"},
        "mode": {"value": p.mode},
        "case": {"id": str(p.case)} if p.case is not None else None,
        "priority": str(p.priority) if p.priority is not None else None,
        "subject": p.subject,
        "contactPointData": p.contact,
        "customAttributes": custom_tree(p.custom) if p.custom else None,
        "customer": customer_tree(p.customer) if p.customer is not None else None,
    }
    query = {"anonymousCustomer": "yes"} if p.anonymous else {}
    answer = await session.client.post(_ACTIVITY, "activity", {k: v for k, v in given.items() if v is not None}, query)
    id = answer.made("activity")
    context.created("activity", id)
    session.taken.add(id)
    context.work_on(id)
    activity = await session.activity(id)
    return mail_told(activity, session.status(activity))


def _own(name: str, title: str, description: str, example: str, **more: Any) -> StepType:
    return StepType(name=f"egain.{name}", title=title, description=description, example=example, **more)


STEPS: tuple[StepType, ...] = (
    _own(
        "track_call",
        "Track a call",
        "Tells eGain of a call, as an activity of type call_track that is the agent's; it can be found, and can be no mail.",
        "- egain.track_call: {contact: '+1 555 0100', subject: Asked for a refund, anonymous: true}",
        parameters=TrackCall,
        output=MailOutput,
        refusals=(*_REFUSED, "not_found"),
        run=track_call,
    ),
    _own(
        "compose_and_send",
        "Compose and send",
        "Sends one mail with any field that eGain's compose-and-send takes, as JSON, XML or multipart; once, never again by itself.",
        "- egain.compose_and_send: {to: kim@example.com, subject: 'Your refund', text: Paid today., customer: {first_name: Kim}}",
        parameters=Compose,
        output=MailOutput,
        sends=True,
        recipients=("to", "cc", "bcc"),
        refusals=_REFUSED,
        run=compose_and_send,
    ),
    _own(
        "save_draft",
        "Compose and save",
        "Saves an outgoing mail at eGain without sending it; macros stay as they are unless they are to be expanded.",
        "- egain.save_draft: {to: kim@example.com, subject: 'Your refund', text: Paid today., customer: {first_name: Kim}}",
        parameters=Saved,
        output=MailOutput,
        recipients=("to", "cc", "bcc"),
        refusals=_REFUSED,
        run=save_draft,
    ),
    _own(
        "receive",
        "Put in a customer's mail",
        "Creates an inbound mail through the API; needs 'Administer partition'.",
        "- egain.receive: {from: joe@example.com, subject: 'Where is my order?', text: It is late.}",
        parameters=Inbound,
        output=MailOutput,
        refusals=_REFUSED,
        run=receive,
    ),
)
