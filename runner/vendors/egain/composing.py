"""
eGain's own steps for activities: compose and send with every field of its page, saved drafts, inbound mail, search, pull, pick, edit.
"""

from __future__ import annotations

from typing import Any

from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import MailOutput, addresses
from runner.vendors.egain.draft import Draft, compose_tree
from runner.vendors.egain.handling import pull as pull_now
from runner.vendors.egain.multipart import FilePart
from runner.vendors.egain.parameters import (
    Activities,
    ActivityAttributes,
    Attributes,
    Compose,
    EditActivity,
    GetActivity,
    Inbound,
    NewCustomer,
    Pick,
    Pull,
    Saved,
    SaveDraft,
    Search,
)
from runner.vendors.egain.reading import addresses_in, id_of, inner, mail_told, modified, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession
from runner.vendors.egain.steps import deliver

__all__ = ["STEPS", "custom_tree", "customer_tree"]

Context = StepContext[EgainSession]
_ACTIVITY = "/interaction/activity"
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
    context.created("activity", answer.id)
    context.session.seen.add(answer.id)
    context.work_on(answer.id)
    return MailOutput(id=answer.id, status="draft", subject=draft.subject, from_=draft.from_, to=draft.to)


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
    return {k: v for k, v in tree.items() if v is not None}


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
    }
    files = _files(context, p.files)
    format = "multipart" if files else session.options.format
    answer = await session.client.post_activity(_ACTIVITY, tree, format=format, files=files)
    context.created("activity", answer.id)
    context.arrived(answer.id)
    return MailOutput(
        id=answer.id, status="received", subject=p.subject or "", from_=p.from_, to=[to], text=p.text or "", html=p.html or ""
    )


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def search(context: Context, p: Search) -> Activities:
    """GET /activity?…"""
    answer = await context.session.client.get(_ACTIVITY, _query(context, p))
    found = answer.listed("activity")
    total = text(answer.tree, "paginationInfo", "count")
    return Activities(total=int(total) if total.isdigit() else len(found), activities=found)


def _query(context: Context, p: Search) -> dict[str, str]:
    queue = context.session.queue_id(str(p.queue)) if p.queue is not None else None
    named: dict[str, object] = {
        "customer": p.customer,
        "case": p.case,
        "status": p.status,
        "mode": p.mode,
        "type": p.type,
        "assignedTo": p.assigned_to,
        "assignedUserName": context.user(p.assigned_user_name) if p.assigned_user_name is not None else None,
        "queue": queue,
        "createdDate": p.created,
        "lastModifiedDate": p.modified,
        "$pagenum": p.page,
        "$pagesize": p.size,
        "$sort": p.sort,
        "$order": p.order,
        "$attribute": p.attributes,
    }
    query = {name: str(value) for name, value in named.items() if value is not None}
    return query | {f"custom.{name}": value for name, value in p.custom.items()}


async def get_activity(context: Context, p: GetActivity) -> MailOutput:
    """GET /activity/{id}."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    query = {"$attribute": p.attributes} if p.attributes else {}
    found = (await session.client.get(f"{_ACTIVITY}/{mail}", query)).listed("activity")
    context.work_on(mail)
    session.seen.add(mail)
    return mail_told(found[0] if found else {}, session.status(found[0]) if found else "")


async def activity_attributes(context: Context, p: ActivityAttributes) -> Attributes:
    """GET /activity/attributes."""
    answer = await context.session.client.get(f"{_ACTIVITY}/attributes", {"$attribute": p.attributes})
    return Attributes(attributes=answer.listed("attribute"))


# ── taking and changing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def pull(context: Context, p: Pull) -> Activities:
    """PUT /activity/pull, once."""
    ids = await pull_now(context)
    if ids:
        context.work_on(ids[0])
    return Activities(total=len(ids), activities=[{"id": id} for id in ids])


async def pick(context: Context, p: Pick) -> MailOutput:
    """PUT /activity/pick."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    query = {"unpin": "yes"} if p.unpin else {}
    await session.client.put(f"{_ACTIVITY}/pick", "activities", {"activity": [{"id": mail}]}, query)
    session.taken.add(mail)
    context.work_on(mail)
    activity = await session.activity(mail)
    return mail_told(activity, session.status(activity))


async def edit_activity(context: Context, p: EditActivity) -> MailOutput:
    """PUT /activity, as it stands now at the server."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    activity = await session.activity(mail)
    contents = [{"type": kind, "value": value} for kind, value in (("text", p.text), ("html", p.html)) if value is not None]
    item: Tree = {
        "id": id_of(activity),
        "lastModified": {"date": modified(activity)},
        "priority": str(p.priority) if p.priority is not None else None,
        "dueDate": p.due_date,
        "language": {"value": p.language} if p.language is not None else None,
        "customAttributes": custom_tree(p.custom) if p.custom else None,
        "payload": {"email": {"contents": {"content": contents}}} if contents else None,
    }
    await session.client.put(_ACTIVITY, "activities", {"activity": [{k: v for k, v in item.items() if v is not None}]})
    changed = await session.activity(mail)
    return mail_told(changed, session.status(changed))


def _own(name: str, title: str, description: str, example: str, **more: Any) -> StepType:
    return StepType(name=f"egain.{name}", title=title, description=description, example=example, **more)


STEPS: tuple[StepType, ...] = (
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
    _own(
        "search",
        "Search activities",
        "Finds activities by filters that must all fit, exactly; nothing found is an empty list.",
        "- egain.search: {status: open, sort: createdDate, order: desc}",
        parameters=Search,
        output=Activities,
        short="status",
        safe=True,
        refusals=_REFUSED,
        run=search,
    ),
    _own(
        "get_activity",
        "Read an activity",
        "Reads a mail with the attributes that are asked for.",
        "- egain.get_activity: {attributes: payload}",
        parameters=GetActivity,
        output=MailOutput,
        short="mail",
        safe=True,
        refusals=(*_REFUSED, "not_found", "conflict"),
        run=get_activity,
    ),
    _own(
        "activity_attributes",
        "Read what activities can have",
        "Lists types, languages and custom attributes of activities; needs no right, so it also keeps a session alive.",
        "- egain.activity_attributes: {attributes: custom}",
        parameters=ActivityAttributes,
        output=Attributes,
        short="attributes",
        safe=True,
        refusals=_REFUSED,
        run=activity_attributes,
    ),
    _own(
        "pull",
        "Pull activities",
        "Takes the next mails from the user's queues, as many as eGain is set to; an empty list when there are none.",
        "- egain.pull",
        parameters=Pull,
        output=Activities,
        refusals=_REFUSED,
        run=pull,
    ),
    _own(
        "pick",
        "Pick an activity",
        "Takes a mail from a queue or from another user.",
        "- egain.pick",
        parameters=Pick,
        output=MailOutput,
        short="mail",
        refusals=(*_REFUSED, "not_found", "conflict"),
        run=pick,
    ),
    _own(
        "edit_activity",
        "Edit an activity",
        "Changes priority, due date, language or custom attributes of a mail in hand; text and HTML only of a completed one.",
        "- egain.edit_activity: {priority: 3}",
        parameters=EditActivity,
        output=MailOutput,
        refusals=(*_REFUSED, "not_found", "conflict"),
        run=edit_activity,
    ),
)
