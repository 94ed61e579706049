"""
Cases and notes: reading, searching, changing. Source: "GetCasesByIdsPage", "CaseSearchPage", "EditCaseExamples", "CreateActivityNotePage".
"""

from __future__ import annotations

from typing import Any

from runner.vendors.egain.simulator.activities import visible
from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import CUSTOM, DATE, TEXT, at, check_fresh, conform, custom_values, date_at
from runner.vendors.egain.simulator.errors import WsError, forbidden, invalid
from runner.vendors.egain.simulator.organisation import ADD_NOTES, EDIT_CASE, VIEW_NOTES, User
from runner.vendors.egain.simulator.query import attributes, ordered, page_of
from runner.vendors.egain.simulator.records import Activity, Case, Note, one_of, touch, with_ids
from runner.vendors.egain.simulator.views import CASE_ATTRIBUTES, case_told, note_told, place

__all__ = ["add_case_note", "add_note", "change_customer", "edit", "get", "lookup", "notes", "search"]

_SEVERITIES = ("urgent", "high", "medium", "low")
_LONGEST_SUBJECT = 1024
_LONGEST_NOTE = 1500


def _visible(user: User, case: Case) -> None:
    if case.department not in user.departments:
        raise forbidden(f"User {user.name} may not see cases of department {case.department!r}.")


def get(desk: Desk, call: Call) -> Answer:
    """GET /interaction/case/{ids}."""
    wanted = attributes(call.query, CASE_ATTRIBUTES)
    found: list[Case] = with_ids(desk.cases, "cases", call.ids["ids"].split(","))
    for case in found:
        _visible(call.user, case)
    return Answer(200, "cases", {"case": [case_told(desk, c, wanted) for c in found]})


def search(desk: Desk, call: Call) -> Answer:
    """GET /interaction/case?customer= / email= / phone= / custom.<name>=: exact, 204 when none fits."""
    filters = {name: value for name, value in call.query.items() if not name.startswith("$")}
    if not filters:
        raise WsError(400, "112", "at least one of customer, email, phone, custom.<name> is required")
    wanted, page = attributes(call.query, CASE_ATTRIBUTES), page_of(call.query)
    found = [
        c for c in desk.cases.values() if c.department in call.user.departments and all(_fits(desk, c, n, v) for n, v in filters.items())
    ]
    shown = page.cut(ordered(found, call.query, {"id": lambda c: c.id, "lastModifiedDate": lambda c: c.last_modified}))
    if not shown:
        return Answer(204)
    pagination = {"count": len(found), "pagenum": page.number, "pagesize": page.size}
    return Answer(200, "cases", {"case": [case_told(desk, c, wanted) for c in shown], "paginationInfo": pagination})


def _fits(desk: Desk, case: Case, name: str, value: str) -> bool:
    if name == "customer":
        return str(case.customer) == value
    if name.startswith("custom."):
        return value in case.custom.get(name.removeprefix("custom."), [])
    points = desk.customers[case.customer].points()
    return any(p.kind == name and p.value.lower() == value.lower() for p in points)


def lookup(desk: Desk, call: Call) -> Answer:
    """POST /ws/v20/interaction/case/lookup: by a customer's ``email`` or by ``department``."""
    tree = conform(call.tree, {"email": TEXT, "department": TEXT})
    if not tree:
        raise invalid("email", "one of email and department is required")
    found = [
        c
        for c in desk.cases.values()
        if c.department in call.user.departments
        and ("email" not in tree or _fits(desk, c, "email", tree["email"]))
        and tree.get("department", c.department) == c.department
    ]
    return Answer(200, "cases", {"case": [case_told(desk, c) for c in found]})


_EDITED: dict[str, Any] = {
    "id": TEXT,
    "lastModified": {"date": TEXT},
    "dueDate": DATE,
    "owner": {"id": TEXT},
    "severity": {"value": TEXT},
    "subject": TEXT,
    "description": TEXT,
    "solution": TEXT,
    "relatedCases": {"case": [{"id": TEXT}]},
    "customAttributes": CUSTOM,
}


def edit(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/case: what is named changes."""
    call.user.need(EDIT_CASE)
    items = conform(call.tree, {"case": [_EDITED]}).get("case", [])
    if len(items) != 1:
        raise invalid("case", "exactly one case is required")
    tree = items[0]
    case: Case = one_of(desk.cases, "cases", tree.get("id", ""))
    _visible(call.user, case)
    check_fresh("case", tree, case.last_modified, stale=desk.settings.stale_status)
    severity = at(tree, "severity", "value") or case.severity
    if severity and severity not in _SEVERITIES:
        raise invalid("case.severity.value", f"must be one of {', '.join(_SEVERITIES)}", number="196")
    if len(tree.get("subject", "")) > _LONGEST_SUBJECT:
        raise invalid("case.subject", f"longer than {_LONGEST_SUBJECT} characters")
    due_date = date_at("case.dueDate", tree["dueDate"]) if "dueDate" in tree else case.due_date
    owner = desk.organisation.with_ids([at(tree, "owner", "id") or ""])[0].id if "owner" in tree else case.owner
    related = [one_of(desk.cases, "cases", r.get("id", "")).id for r in at(tree, "relatedCases", "case") or []]
    custom = custom_values(tree.get("customAttributes"), desk.settings.custom_attributes)
    case.severity, case.due_date, case.owner = severity, due_date, owner
    case.custom |= custom
    case.related += [id for id in related if id not in case.related]
    for name in ("subject", "description", "solution"):
        setattr(case, name, tree.get(name, getattr(case, name)))
    touch(case, desk.now())
    return Answer(204)


def change_customer(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/case/{id}/changecustomer: the case and its activities go over to another customer."""
    call.user.need(EDIT_CASE)
    tree = conform(call.tree, {"customer": {"id": TEXT}} if call.root != "customer" else {"id": TEXT})
    case: Case = one_of(desk.cases, "cases", call.ids["id"])
    _visible(call.user, case)
    wanted = (at(tree, "customer", "id") if call.root != "customer" else tree.get("id")) or ""
    customer = desk.customers.get(int(wanted)) if wanted.isascii() and wanted.isdigit() and len(wanted) < 15 else None
    if customer is None:
        raise invalid("customer.id", f"customer {wanted!r} does not exist")
    case.customer = customer.id
    points = sorted(customer.points(), key=lambda p: p.kind != "email")
    theirs = next(iter(points), None)
    for activity in desk.of_case(case.id):
        activity.customer, activity.point = customer.id, theirs.id if theirs is not None else activity.point
        desk.changed(activity, call.user)
    touch(case, desk.now())
    return Answer(204)


# ── notes ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def notes(desk: Desk, call: Call) -> Answer:
    """GET /interaction/activity/{id}/note."""
    call.user.need(VIEW_NOTES)
    activity = visible(desk, call.user, call.ids["id"])
    if not activity.notes:
        return Answer(204)
    return Answer(200, "notes", {"note": [note_told(desk, n, "activity", activity.id) for n in activity.notes]})


def add_note(desk: Desk, call: Call) -> Answer:
    """POST /interaction/activity/{id}/note."""
    return _add_note(desk, call, visible(desk, call.user, call.ids["id"]), "activity")


def add_case_note(desk: Desk, call: Call) -> Answer:
    """POST /interaction/case/{id}/note."""
    case: Case = one_of(desk.cases, "cases", call.ids["id"])
    _visible(call.user, case)
    return _add_note(desk, call, case, "case")


def _add_note(desk: Desk, call: Call, owner: Activity | Case, kind: str) -> Answer:
    call.user.need(ADD_NOTES)
    content = conform(call.tree, {"content": TEXT}).get("content", "")
    if not 1 <= len(content) <= _LONGEST_NOTE:
        raise invalid("note.content", f"must have 1 to {_LONGEST_NOTE} characters")
    note = Note(desk.numbers.next("note"), content, call.user.id, desk.now())
    owner.notes.append(note)
    touch(owner, desk.now())
    return Answer(201, headers={"Location": place(desk, kind, f"{owner.id}/note/{note.id}")})
