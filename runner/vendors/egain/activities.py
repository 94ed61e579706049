"""
eGain's own steps for activities that exist: find, read, take, change, mask; and several requests in one.
"""

from __future__ import annotations

from posixpath import normpath
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from runner.errors import Refused, WireError
from runner.plugins.contract import StepContext, StepType
from runner.plugins.vocabulary import MailOutput
from runner.vendors.egain import effects
from runner.vendors.egain.composing import custom_tree
from runner.vendors.egain.handling import pull as pull_now
from runner.vendors.egain.parameters.activities import (
    Activities,
    ActivityAttributes,
    Asked,
    AttributesOutput,
    Batch,
    BatchOutput,
    EditActivity,
    GetActivity,
    Pick,
    Pull,
    Result,
    Search,
)
from runner.vendors.egain.parameters.common import OfMail
from runner.vendors.egain.reading import id_of, mail_told, modified, text
from runner.vendors.egain.representation import JSON, Tree
from runner.vendors.egain.session import EgainSession

__all__ = ["STEPS"]

Context = StepContext[EgainSession]
_ACTIVITY = "/interaction/activity"
# what would make a mail past all guards, and a batch inside a batch, which could hold that
_NOT_IN_A_BATCH = ("/activity", "/activity/send", "/composite")
_REFUSED = ("unauthenticated", "unavailable", "server_error", "not_acceptable", "forbidden", "invalid")


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
    if p.embed_inline:
        query["embedInlineAttachment"] = "yes"
    activity = (await session.client.get(f"{_ACTIVITY}/{mail}", query)).one("activity", mail)
    context.work_on(mail)
    session.seen.add(mail)
    return mail_told(activity, session.status(activity))


async def activity_attributes(context: Context, p: ActivityAttributes) -> AttributesOutput:
    """GET /activity/attributes."""
    answer = await context.session.client.get(f"{_ACTIVITY}/attributes", {"$attribute": p.attributes})
    return AttributesOutput(attributes=answer.listed("attribute"))


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
    activity = await effects.in_hand(context, mail)
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


async def mask(context: Context, p: OfMail) -> MailOutput:
    """PUT /ws/v19/interaction/activity/mask."""
    session = context.session
    mail = session.activity_id(context.mail(p.mail))
    await session.client.put("/interaction/activity/mask", "activities", {"activity": [{"id": mail}]}, version="v19")
    activity = await session.activity(mail)
    return mail_told(activity, session.status(activity))


async def composite(context: Context, p: Batch) -> BatchOutput:
    """
    POST /composite, in JSON, which is the only form that is known.

    Raises: ``Refused`` – invalid: a request would make a mail, which has to be guarded and must never leave twice; ``WireError`` – not as
    many results as requests.
    """
    client = context.session.client
    for one in p.requests:
        if one.method == "POST" and _path(one).endswith(_NOT_IN_A_BATCH):
            raise Refused("invalid", http=0, text="a batch makes no mails; that is what `egain.compose_and_send` and its kin are for")
    requests = [_nested(client.http.base_url, one) for one in p.requests]
    answer = await client.call("POST", "/composite", kind=JSON, body=msgspec.json.encode({"request": requests}), accept=JSON)
    results = answer.listed("resultObject")
    if len(results) != len(requests):
        raise WireError(f"eGain answered {len(requests)} requests with {len(results)} results", code="E714")
    return BatchOutput([Result(int(text(one, "httpStatus") or 0), one.get("any")) for one in results])


def _path(asked: Asked) -> str:
    """Where a server takes the path to lead, however it is written."""
    return normpath(unquote(urlsplit(asked.path).path)).lower()


def _nested(base_url: str, asked: Asked) -> dict[str, str]:
    told = {"method": asked.method, "url": base_url.rstrip("/") + asked.path}
    return told | {"requestBodyText": msgspec.json.encode(asked.json).decode()} if asked.json is not None else told


def _own(name: str, title: str, description: str, example: str, **more: Any) -> StepType:
    return StepType(name=f"egain.{name}", title=title, description=description, example=example, **more)


STEPS: tuple[StepType, ...] = (
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
        output=AttributesOutput,
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
    _own(
        "mask",
        "Mask an activity",
        "Hides what eGain's patterns find in subject and contents, like card numbers; nobody reads it any more.",
        "- egain.mask",
        parameters=OfMail,
        output=MailOutput,
        short="mail",
        refusals=(*_REFUSED, "not_found", "conflict"),
        run=mask,
    ),
    _own(
        "composite",
        "Several requests in one",
        "Lets eGain carry out several requests, one after the other; each result has its own status, and an error stops nothing.",
        "- egain.composite: {requests: [{method: GET, path: '/ws/v12/interaction/activity/attributes?$attribute=type'}]}",
        parameters=Batch,
        output=BatchOutput,
        refusals=("unauthenticated", "unavailable", "server_error", "not_acceptable", "invalid"),
        run=composite,
    ),
)
