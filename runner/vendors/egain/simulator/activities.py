"""
Activities made and found: compose and send, compose and save, customers' mail put in by an administrator, reading and searching.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from runner.simulation.world import Mail
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.compose import case_of, read_compose
from runner.vendors.egain.simulator.contents import attachments_of, contents_of
from runner.vendors.egain.simulator.customers import read_customer
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import GENERAL, at, check_address, conform, custom_values, date_at, whole_number
from runner.vendors.egain.simulator.errors import WsError, forbidden, invalid
from runner.vendors.egain.simulator.making import made_of
from runner.vendors.egain.simulator.organisation import ADMINISTER, VIEW_CONSOLE, User
from runner.vendors.egain.simulator.query import attributes, date_range, ordered, page_of
from runner.vendors.egain.simulator.records import Activity, one_of, with_ids
from runner.vendors.egain.simulator.tracking import track
from runner.vendors.egain.simulator.views import ACTIVITY_ATTRIBUTES, activity_told, place

__all__ = ["create", "described", "get", "search", "send", "visible"]

STATUSES = (
    "ready_for_inbound_workflow",
    "in_workflow",
    "ready_for_outbound_workflow",
    "awaiting_assignment",
    "assigned",
    "completed",
)
# The types of activities that the pages and public clients name; the simulator has no chats.
_TYPES = ("email", "chat", "call_track")


# ── making ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def send(desk: Desk, call: Call) -> Answer:
    """POST /interaction/activity/send."""
    activity = made_of(desk, call.user, read_compose(desk, call), expand=True)
    desk.dispatch(activity)
    return _made(desk, activity)


def create(desk: Desk, call: Call) -> Answer:
    """POST /interaction/activity: ``compose`` saves a draft, ``general`` puts in a customer's mail, a ``call_track`` tells of a call."""
    if at(call.tree, "type", "value") == "call_track":
        return _made(desk, track(desk, call))
    if "anonymousCustomer" in call.query:
        raise WsError(400, "101", "anonymousCustomer is for call_track activities", details=(("parameter", "anonymousCustomer"),))
    if at(call.tree, "type", "subtype", "value") == "general":
        return _made(desk, _general(desk, call))
    # a draft's macros stay as they are unless they are to be expanded
    expand = call.query.get("expandMacros", "").lower() == "yes"
    return _made(desk, _saved(desk, made_of(desk, call.user, read_compose(desk, call), expand=expand)))


def _saved(desk: Desk, draft: Activity) -> Activity:
    """The draft where saved ones are kept: with its author, or in its queue."""
    if desk.settings.saved_drafts == "queued" and draft.queue is not None:
        draft.assigned, draft.status, draft.substatus = None, "awaiting_assignment", desk.settings.fresh_substatus
    return draft


def _general(desk: Desk, call: Call) -> Activity:
    """Inbound mail: the sender is the customer, who is made when nobody has the address."""
    user = call.user
    user.need(ADMINISTER)
    tree = conform(call.tree, GENERAL)
    if at(tree, "type", "value") != "email":
        raise invalid("type.value", "must be 'email'", number="196")
    department = desk.organisation.department_of(user, at(tree, "department", "name") or "")
    addresses = at(tree, "payload", "email", "emailAddresses") or {}
    for name in ("from", "receiver"):
        check_address(f"payload.email.emailAddresses.{name}", addresses.get(name, ""))
    alias = desk.organisation.alias(addresses["receiver"])
    if alias is None or alias[0].name != department.name or not alias[1].active:
        raise invalid("payload.email.emailAddresses.receiver", f"not an active alias of department {department.name!r}")
    contents = contents_of(tree, desk.settings)
    priority = whole_number("priority", tree["priority"], 1, 7) if "priority" in tree else None
    custom = custom_values(tree.get("customAttributes"), desk.settings.custom_attributes)
    due_date = date_at("dueDate", tree["dueDate"], after=desk.now()) if "dueDate" in tree else None
    written = at(tree, "payload", "email", "date")
    mail = Mail(
        sender=addresses["from"],
        to=[addresses["receiver"], *(a for a in addresses.get("to", []) if a != addresses["receiver"])],
        cc=addresses.get("cc", []),
        subject=tree.get("subject", ""),
        text=contents.get("text", ""),
        html=contents.get("html", ""),
        attachments=attachments_of(tree, call.form),
        at=date_at("payload.email.date", written) if written else None,
    )
    case = case_of(desk, tree)
    _know_sender(desk, department.name, mail.sender, tree.get("customer"))
    activity = desk.arrive(mail)
    activity.priority, activity.due_date, activity.custom = priority, due_date, custom
    activity.secure = tree.get("isSecure") == "true"
    if case is not None:
        made, activity.case = activity.case, case.id
        del desk.cases[made]
        desk.reopen_case(case.id)
    return activity


def _know_sender(desk: Desk, department: str, sender: str, given: Tree | None) -> None:
    """Make the customer who is described, when nobody has the sender's address."""
    if given and desk.customer_with(sender, department) is None:
        customer = read_customer(desk, given, department=desk.home_of_customers(department)).make(desk)
        desk.add_point(customer, "email", sender)


def _made(desk: Desk, activity: Activity) -> Answer:
    return Answer(201, headers={"Location": place(desk, "activity", activity.id)})


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def visible(desk: Desk, user: User, id: str) -> Activity:
    """
    One activity that the user may see.

    Raises: ``WsError`` – 404, or 403 when it belongs to a department that is not theirs.
    """
    activity: Activity = one_of(desk.activities, "activities", id)
    _check_visible(user, activity)
    return activity


def _check_visible(user: User, activity: Activity) -> None:
    user.need(VIEW_CONSOLE)
    if activity.department not in user.departments:
        raise forbidden(f"User {user.name} may not see activities of department {activity.department!r}.")


def get(desk: Desk, call: Call) -> Answer:
    """GET /interaction/activity/{ids}."""
    wanted = attributes(call.query, ACTIVITY_ATTRIBUTES)
    found: list[Activity] = with_ids(desk.activities, "activities", call.ids["ids"].split(","))
    for activity in found:
        _check_visible(call.user, activity)
    inline = call.query.get("embedInlineAttachment")
    if inline is not None and (inline.lower() != "yes" or len(found) > 1):
        raise WsError(400, "102", "embedInlineAttachment is yes, for one activity", details=(("parameter", "embedInlineAttachment"),))
    found = ordered(found, call.query, _SORT)
    told = [activity_told(desk, a, wanted) for a in found]
    if inline is not None:
        _embed(told[0], found[0])
    return Answer(200, "activities", {"activity": told})


def _embed(told: Tree, activity: Activity) -> None:
    """Put the bytes of inline attachments where the HTML names them: ``cid:logo`` becomes a ``data:`` address."""
    for content in at(told, "payload", "email", "contents", "content") or []:
        for stored in activity.files:
            if content["type"] == "html" and stored.file.content_id:
                data = base64.b64encode(stored.file.content).decode()
                content["value"] = content["value"].replace(f"cid:{stored.file.content_id}", f"data:{stored.file.type};base64,{data}")


_SORT: dict[str, Callable[[Activity], Any]] = {
    "id": lambda a: a.id,
    "createdDate": lambda a: (a.created, a.id),
    "lastModifiedDate": lambda a: (a.last_modified, a.id),
    "priority": lambda a: (a.priority or 0, a.id),
    "subject": lambda a: (a.subject, a.id),
    "status": lambda a: (a.status, a.id),
}


def search(desk: Desk, call: Call) -> Answer:
    """GET /interaction/activity?…: all filters must fit, exactly; 204 when nothing does."""
    call.user.need(VIEW_CONSOLE)
    filters = {name: value for name, value in call.query.items() if not name.startswith("$")}
    if not filters or set(filters) == {"type"}:
        raise WsError(400, "112", "at least one filter is required, and type needs a second one")
    page = page_of(call.query)
    wanted = attributes(call.query, ACTIVITY_ATTRIBUTES)
    tests = [_test(desk, name, value) for name, value in filters.items()]
    mine = call.user.departments
    found = [a for a in desk.activities.values() if a.department in mine and all(test(a) for test in tests)]
    if not found:
        return Answer(204)
    shown = page.cut(ordered(found, call.query, _SORT))
    if not shown:
        return Answer(204)
    tree = {
        "activity": [activity_told(desk, a, wanted) for a in shown],
        "paginationInfo": {"count": len(found), "pagenum": page.number, "pagesize": page.size},
    }
    return Answer(200, "activities", tree)


def _test(desk: Desk, name: str, value: str) -> Callable[[Activity], bool]:
    """One filter as a question to an activity."""
    if name in {"createdDate", "lastModifiedDate"}:
        within = date_range(name, value)
        return lambda a: within(a.created if name == "createdDate" else a.last_modified)
    if name == "status":
        return _status_test(value)
    if name == "mode":
        return _coded_test(name, value, ("inbound", "outbound"), lambda a: a.mode)
    if name == "type":
        return _coded_test(name, value, _TYPES, lambda a: a.kind)
    if name.startswith("custom."):
        return lambda a: value in a.custom.get(name.removeprefix("custom."), [])
    if name == "assignedUserName":
        user = desk.organisation.named(value)
        return lambda a: user is not None and a.assigned == user.id
    return _id_test(name, value)


def _id_test(name: str, value: str) -> Callable[[Activity], bool]:
    if not (value.isascii() and value.isdigit() and len(value) < 15):
        raise WsError(400, "102", f"{name} must be an id", details=(("parameter", name),))
    read = {"customer": "customer", "case": "case", "assignedTo": "assigned", "queue": "queue"}[name]
    return lambda a: getattr(a, read) == int(value)


def _coded_test(name: str, value: str, known: tuple[str, ...], read: Callable[[Activity], str]) -> Callable[[Activity], bool]:
    if value not in known:
        raise WsError(400, "102", f"{name} cannot be {value!r}", details=(("parameter", name), ("allowed", ", ".join(known))))
    return lambda a: read(a) == value


def _status_test(value: str) -> Callable[[Activity], bool]:
    """``assigned``, ``assigned:in_progress``, or ``open`` for everything that is not completed."""
    status, colon, substatus = value.partition(":")
    if status == "open" and not colon:
        return lambda a: a.open
    same = _coded_test("status", status, (*STATUSES, "open"), lambda a: a.status)
    return lambda a: same(a) and (not colon or a.substatus == substatus)


def described(desk: Desk, call: Call) -> Answer:
    """GET /interaction/activity/attributes: what activities can have; needs no right."""
    wanted = attributes(call.query, ("type", "language", "custom"), required=True)
    told: list[dict[str, Any]] = []
    if "type" in wanted:
        subtypes = ("compose", "general")
        told.append({"name": "type", "values": {"value": ["email", *(f"email:{s}" for s in subtypes)]}})
    if "language" in wanted:
        told.append({"name": "language", "values": {"value": list(desk.settings.languages)}})
    if "custom" in wanted:
        told += [{"name": f"custom.{a.name}", "values": {"value": list(a.values)}} for a in desk.settings.custom_attributes]
    return Answer(200, "attributes", {"attribute": told})
