"""
What else is done to activities: they go over to another case or customer, and what nobody should read in them is masked.
"""

from __future__ import annotations

import re
from typing import Any

from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.activities import visible
from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import TEXT, at, conform
from runner.vendors.egain.simulator.errors import invalid
from runner.vendors.egain.simulator.records import Activity, Case
from runner.vendors.egain.simulator.views import place
from runner.vendors.egain.simulator.workflow import asked, check_not_locked, items_of, moved

__all__ = ["change_case", "change_customer", "mask"]

_NEW_CASE: dict[str, Any] = {"id": TEXT, "subject": TEXT, "description": TEXT, "severity": {"value": TEXT}}


def change_case(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/activity/{ids}/changecase: to a case that exists (204), or to a new one (201)."""
    user = call.user
    if call.root not in {"", "case"}:
        raise invalid(call.root, "the body must be a case")
    tree = conform(call.tree, _NEW_CASE)
    activities = [visible(desk, user, id) for id in call.ids["ids"].split(",")]
    sources = {a.case for a in activities}
    if len(sources) != 1 or len({a.customer for a in activities}) != 1:
        raise invalid("activity.id", "the activities must be of one case and one customer")
    for activity in activities:
        if activity.status not in {"awaiting_assignment", "assigned"}:
            raise invalid("activity.id", f"activity {activity.id} is {activity.status}; it must be in a queue or assigned")
        if any(a.open for a in desk.replies_to(activity)):
            raise invalid("activity.id", f"a reply to activity {activity.id} is not completed")
    target, http = _target_case(desk, activities[0], tree)
    source = sources.pop()
    if target.id == source:
        raise invalid("case.id", f"the activities are in case {source} already")
    for activity in activities:
        activity.case = target.id
        desk.changed(activity, user)
    if call.query.get("relateCase", "").lower() == "yes" and source not in target.related:
        target.related.append(source)
    desk.settle_case(source)
    desk.settle_case(target.id)
    return Answer(http, headers={"Location": place(desk, "case", target.id)} if http == 201 else {})


def _target_case(desk: Desk, activity: Activity, tree: Tree) -> tuple[Case, int]:
    id = tree.get("id", "")
    if not id:
        case = desk.add_case(activity.department, activity.customer, subject=tree.get("subject", ""))
        case.description = tree.get("description", "")
        return case, 201
    found = desk.cases.get(int(id)) if id.isascii() and id.isdigit() and len(id) < 15 else None
    if found is None:
        raise invalid("case.id", f"case {id!r} does not exist")
    return found, 204


_POINTED: dict[str, Any] = {
    "id": TEXT,
    "customer": {"contactPersons": {"contactPerson": [{"contactPoints": {"contactPoint": [{"id": TEXT}]}}]}},
}


def change_customer(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/activity/changecustomer: to the customer of an e-mail contact point."""
    items = items_of(call, _POINTED)
    activities = asked(desk, call.user, items)
    owners = [_owner_of(desk, item) for item in items]
    for activity, (customer, point) in zip(activities, owners, strict=True):
        activity.customer, activity.point = customer, point
        desk.changed(activity, call.user)
    return Answer(204)


def _owner_of(desk: Desk, item: Tree) -> tuple[int, int]:
    element = "activity.customer.contactPersons.contactPerson.contactPoints.contactPoint.id"
    persons = at(item, "customer", "contactPersons", "contactPerson") or []
    points = at(persons[0], "contactPoints", "contactPoint") or [] if persons else []
    wanted = points[0].get("id", "") if len(points) == 1 else ""
    for customer in desk.customers.values():
        for point in customer.points():
            if str(point.id) == wanted and point.kind == "email":
                return customer.id, point.id
    raise invalid(element, "must be one e-mail contact point that exists")


def mask(desk: Desk, call: Call) -> Answer:
    """PUT /ws/v19/interaction/activity/mask: what the administrator's pattern finds in subject and contents can be read no more."""
    activities = asked(desk, call.user, items_of(call, {"id": TEXT}, most=desk.settings.most_moved))
    for activity in activities:
        check_not_locked(desk, call.user, activity)
    pattern = re.compile(desk.settings.mask_pattern)
    for activity in activities:
        activity.subject = pattern.sub(_hidden, activity.subject)
        activity.contents = {kind: pattern.sub(_hidden, text) for kind, text in activity.contents.items()}
        desk.changed(activity, call.user)
    return moved(desk, activities)


def _hidden(match: re.Match[str]) -> str:
    return "*" * len(match[0])
