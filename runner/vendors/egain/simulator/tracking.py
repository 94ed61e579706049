"""
Calls that agents tell of: activities of type ``call_track``, which hold no mail and are assigned to whoever made them.

Source: the pages name ``mode``, ``contactPointData`` and ``anonymousCustomer=yes``; the rest of the document is assumed to be a mail's.
"""

from __future__ import annotations

from typing import Any

from runner.vendors.egain.simulator.call import Call
from runner.vendors.egain.simulator.compose import case_of, check_subject
from runner.vendors.egain.simulator.customers import read_customer
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import CUSTOM, CUSTOMER, TEXT, at, conform, custom_values, whole_number
from runner.vendors.egain.simulator.errors import WsError, invalid
from runner.vendors.egain.simulator.organisation import CREATE
from runner.vendors.egain.simulator.records import Activity, Customer

__all__ = ["track"]

_LONGEST = 255
_TRACK: dict[str, Any] = {
    "department": {"name": TEXT},
    "type": {"value": TEXT, "subtype": {"value": TEXT}},
    "mode": {"value": TEXT},
    "case": {"id": TEXT},
    "subject": TEXT,
    "contactPointData": TEXT,
    "priority": TEXT,
    "customAttributes": CUSTOM,
    "customer": CUSTOMER,
}


def track(desk: Desk, call: Call) -> Activity:
    """
    The activity of a call that somebody had.

    Raises: ``WsError`` – 403 without 'Create activity' or outside the user's departments, 400 for everything else.
    """
    user = call.user
    user.need(CREATE)
    anonymous = call.query.get("anonymousCustomer")
    if anonymous is not None and anonymous.lower() != "yes":
        raise WsError(400, "102", "anonymousCustomer can only be yes", details=(("parameter", "anonymousCustomer"),))
    tree = conform(call.tree, _TRACK)
    if call.form is not None:
        raise invalid("data", "a call is told as XML or JSON")
    department = desk.organisation.department_of(user, at(tree, "department", "name") or "").name
    contact = tree.get("contactPointData", "")
    if not contact or len(contact) > _LONGEST:
        raise invalid("contactPointData", f"the number or address of the customer is required, at most {_LONGEST} characters")
    mode = at(tree, "mode", "value") or "inbound"
    if mode not in {"inbound", "outbound"}:
        raise invalid("mode.value", f"must be inbound or outbound, not {mode!r}", number="196")
    check_subject(tree.get("subject", ""))
    priority = whole_number("priority", tree["priority"], 1, 7) if "priority" in tree else None
    custom = custom_values(tree.get("customAttributes"), desk.settings.custom_attributes)
    case = case_of(desk, tree)
    customer, point = _customer(desk, department, contact, tree.get("customer"), anonymous=anonymous is not None)
    kept = case if case is not None else desk.add_case(department, customer.id, subject=tree.get("subject", ""))
    now = desk.now()
    activity = Activity(
        id=desk.numbers.next("activity"),
        kind="call_track",
        called=contact,
        department=department,
        mode=mode,
        subtype=at(tree, "type", "subtype", "value") or "general",
        case=kept.id,
        customer=customer.id,
        point=point,
        created=now,
        last_modified=now,
        status="assigned",
        substatus="in_progress",
        subject=tree.get("subject", ""),
        assigned=user.id,
        modified_by=user.id,
        worked_by=user.id,
        priority=priority,
        custom=custom,
    )
    desk.activities[activity.id] = activity
    desk.reopen_case(kept.id)
    return activity


def _customer(desk: Desk, department: str, contact: str, given: Any, *, anonymous: bool) -> tuple[Customer, int]:
    """Who has the number or address; else who is to be made for it, or somebody without a name."""
    apart = desk.settings.customer_departmentalization
    for customer in desk.customers.values():
        for point in customer.points():
            if point.value.lower() == contact.lower() and (not apart or customer.department == department):
                return customer, point.id
    home = desk.home_of_customers(department)
    if given:
        if "department" in given:
            raise invalid("customer.department.name", "not allowed here; the customer's department follows from the activity's")
        made = read_customer(desk, given, department=home).make(desk)
    elif anonymous:
        made = desk.add_customer(department=home, kind="individual", person={"firstName": "Anonymous"}, fields={}, custom={})
    else:
        raise invalid("customer", f"no customer has {contact}; tell who it is, or ask with anonymousCustomer=yes")
    return made, desk.add_point(made, "email" if "@" in contact else "phone", contact).id
