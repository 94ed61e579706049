"""
How activities, cases, customers, users and notes are told: the documents that go out.

Ids are numbers, truths are texts, as in the published examples.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.organisation import User
from runner.vendors.egain.simulator.records import Activity, Case, Customer, Note, StoredFile, written

__all__ = [
    "ACTIVITY_ATTRIBUTES",
    "CASE_ATTRIBUTES",
    "USER_ATTRIBUTES",
    "activity_told",
    "case_told",
    "coded",
    "customer_told",
    "file_told",
    "note_told",
    "place",
    "user_told",
]

_SUMMARY = ("case", "department", "mode", "type", "isSecure", "status", "subject", "customer", "queue", "lastModified", "attachments")
_OPT_IN = ("payload", "contactPointData", "created", "userLastWorked", "priority", "dueDate", "language", "customAttributes", "pinned")
ACTIVITY_ATTRIBUTES = frozenset(_SUMMARY + _OPT_IN)
CASE_ATTRIBUTES = frozenset({"description", "solution", "relatedCases", "customAttributes"})
USER_ATTRIBUTES = frozenset({"emailAddress"})


def place(desk: Desk, kind: str, id: int | str) -> str:
    """The host-relative place of a resource, with the context root."""
    return f"/{desk.settings.context_root}/ws/v12/interaction/{kind}/{id}"


def link(desk: Desk, rel: str, kind: str, id: int | str) -> Tree:
    """A link to it."""
    return {"rel": rel, "href": place(desk, kind, id)}


def coded(value: str) -> Tree:
    """A coded field: the value, and how it is shown."""
    return {"value": value, "displayValue": value.replace("_", " ").title()}


def custom_told(custom: dict[str, list[str]]) -> Tree:
    """Custom attributes."""
    told = [{"attribName": name, "attribValues": {"attribValue": [{"value": v} for v in values]}} for name, values in custom.items()]
    return {"customAttribute": told}


# ── activities ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def activity_told(desk: Desk, activity: Activity, wanted: Collection[str] = ()) -> Tree:
    """An activity: its summary, and the *wanted* attributes beside it; what it has not is left out."""
    told: Tree = {"id": activity.id, "link": link(desk, "self", "activity", activity.id)}
    for name in (*_SUMMARY, *(n for n in _OPT_IN if n in wanted)):
        value = _ACTIVITY[name](desk, activity)
        if value is not None:
            told[name] = value
    return told


def _case_of(desk: Desk, a: Activity) -> Tree:
    return {"id": a.case, "link": link(desk, "case", "case", a.case)}


def _department_of(desk: Desk, a: Activity) -> Tree:
    return {"id": desk.organisation.department(a.department).id, "name": a.department}


def _type_of(_: Desk, a: Activity) -> Tree:
    return {**coded(a.kind), "subtype": coded(a.subtype)}


def _status_of(desk: Desk, a: Activity) -> Tree:
    status = coded(a.status)
    if a.substatus:
        status["substatus"] = coded(a.substatus)
    if a.assigned is not None:
        status["assigned"] = {"user": _user_of(desk, a.assigned)}
    return status


def _user_of(desk: Desk, id: int) -> Tree:
    user = desk.organisation.user(id)
    return {"id": user.id, "firstName": user.first_name, "lastName": user.last_name}


def _customer_of(desk: Desk, a: Activity) -> Tree:
    """The customer with the one person and the one contact point that the activity is about; clients read the names here."""
    customer = desk.customers[a.customer]
    persons = [p for p in customer.persons if any(point.id == a.point for point in p.points)] or customer.persons[:1]
    names = {name: persons[0].fields[name] for name in ("firstName", "lastName") if persons[0].fields.get(name)}
    person = {"id": persons[0].id, **names, "contactPoints": {"contactPoint": [{"id": a.point}]}}
    return {"id": a.customer, "customerName": customer.name(), "contactPersons": {"contactPerson": [person]}}


def _queue_of(desk: Desk, a: Activity) -> Tree | None:
    found = desk.organisation.queue(a.queue) if a.queue is not None else None
    return {"id": found[1].id, "name": found[1].name} if found else None


def _modified_of(_: Desk, a: Activity) -> Tree:
    told: Tree = {"date": written(a.last_modified)}
    if a.modified_by is not None:
        told["user"] = {"id": a.modified_by}
    return told


def _attachments_of(desk: Desk, a: Activity) -> Tree:
    return {"count": len(a.files), "link": link(desk, "attachment", "activity", f"{a.id}/attachment")}


def _payload_of(_: Desk, a: Activity) -> Tree | None:
    if a.kind != "email":
        return None
    addresses: Tree = {"from": a.from_} if a.from_ else {}
    if a.receiver:
        addresses["receiver"] = a.receiver
    addresses |= {name: {"address": given} for name, given in (("to", a.to), ("cc", a.cc), ("bcc", a.bcc)) if given}
    email: Tree = {"date": {"date": written(a.sent)}} if a.sent is not None else {}
    email["contents"] = {"content": [{"type": kind, "value": value} for kind, value in a.contents.items()]}
    email["emailAddresses"] = addresses
    return {"email": email}


def _worked_of(desk: Desk, a: Activity) -> Tree | None:
    return _user_of(desk, a.worked_by) if a.worked_by is not None else None


_ACTIVITY: dict[str, Any] = {
    "case": _case_of,
    "department": _department_of,
    "mode": lambda _, a: coded(a.mode),
    "type": _type_of,
    "isSecure": lambda _, a: str(a.secure).lower(),
    "status": _status_of,
    "subject": lambda _, a: a.subject,
    "customer": _customer_of,
    "queue": _queue_of,
    "lastModified": _modified_of,
    "attachments": _attachments_of,
    "payload": _payload_of,
    "contactPointData": lambda _, a: a.contact or None,
    "created": lambda _, a: {"date": written(a.created)},
    "userLastWorked": _worked_of,
    "priority": lambda _, a: None if a.priority is None else str(a.priority),
    "dueDate": lambda _, a: None if a.due_date is None else written(a.due_date),
    "language": lambda _, a: {"value": a.language} if a.language else None,
    "customAttributes": lambda _, a: custom_told(a.custom) if a.custom else None,
    "pinned": lambda _, a: str(a.pinned).lower(),
}


def file_told(desk: Desk, activity: Activity, stored: StoredFile, content_url: str = "") -> Tree:
    """An attachment; the place of its bytes only when there is one."""
    told: Tree = {
        "id": str(stored.id),
        "link": link(desk, "self", "activity", f"{activity.id}/attachment/{stored.id}"),
        "fileName": stored.file.name,
        "contentType": stored.file.type,
        "size": str(len(stored.file.content)),
        "encodingType": "Base 64",
        "isBlocked": str(stored.blocked).lower(),
    }
    return told | {"contentUrl": content_url} if content_url else told


def note_told(desk: Desk, note: Note, kind: str, owner: int) -> Tree:
    """A note of an activity or a case."""
    return {
        "id": note.id,
        "link": link(desk, "self", kind, f"{owner}/note/{note.id}"),
        "content": note.content,
        "created": {"date": written(note.created), "user": {"id": note.author}},
    }


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def case_told(desk: Desk, case: Case, wanted: Collection[str] = ()) -> Tree:
    """A case: its summary, and the *wanted* attributes beside it."""
    told: Tree = {
        "id": case.id,
        "link": link(desk, "self", "case", case.id),
        "activities": {"link": {"rel": "activities", "href": f"{place(desk, 'activity', '')[:-1]}?case={case.id}"}},
        "department": {"id": desk.organisation.department(case.department).id, "name": case.department},
        "status": coded(case.status),
        "lastModified": {"date": written(case.last_modified)},
        "customer": {"id": case.customer, "link": link(desk, "customer", "customer", case.customer)},
    }
    if case.severity:
        told["severity"] = coded(case.severity)
    if case.subject:
        told["subject"] = case.subject
    if case.due_date is not None:
        told["dueDate"] = written(case.due_date)
    if case.owner is not None:
        told["owner"] = _user_of(desk, case.owner)
    extras: Tree = {
        "description": case.description,
        "solution": case.solution,
        "relatedCases": {"case": [{"id": id} for id in case.related]} if case.related else None,
        "customAttributes": custom_told(case.custom) if case.custom else None,
    }
    return told | {name: value for name, value in extras.items() if name in wanted and value}


def customer_told(desk: Desk, customer: Customer) -> Tree:
    """A customer with contact persons and contact points."""
    told: Tree = {"id": customer.id, "link": link(desk, "self", "customer", customer.id), "type": coded(customer.kind)}
    if customer.department is not None:
        told["department"] = {"id": desk.organisation.department(customer.department).id, "name": customer.department}
    told |= customer.fields
    told["contactPersons"] = {
        "contactPerson": [
            {
                "id": person.id,
                **person.fields,
                "contactPoints": {
                    "contactPoint": [
                        {
                            "id": point.id,
                            "type": {"value": point.kind, point.kind: {_POINT_FIELD[point.kind]: point.value}},
                            **({"priority": {"value": point.priority}} if point.priority else {}),
                        }
                        for point in person.points
                    ]
                },
            }
            for person in customer.persons
        ]
    }
    if customer.custom:
        told["customAttributes"] = custom_told(customer.custom)
    told["lastModified"] = {"date": written(customer.last_modified)}
    return told


_POINT_FIELD = {"email": "emailAddress", "phone": "phoneNumber"}


def user_told(desk: Desk, user: User, wanted: Collection[str] = ()) -> Tree:
    """A user; the address only when it is wanted."""
    href = f"/{desk.settings.context_root}/ws/v12/administration/user/{user.id}"
    told: Tree = {
        "id": user.id,
        "link": {"rel": "self", "href": href},
        "name": user.name,
        "screenName": user.name,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "department": {"id": desk.organisation.department(user.home).id, "name": user.home},
    }
    return told | {"emailAddress": user.email} if "emailAddress" in wanted and user.email else told
