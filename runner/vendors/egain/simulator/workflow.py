"""
What happens to activities after they exist: pull, pick, transfer, complete, edit.

Each list is checked whole before the first activity changes.
"""

from __future__ import annotations

from typing import Any

from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.activities import visible
from runner.vendors.egain.simulator.call import Answer, Call
from runner.vendors.egain.simulator.contents import contents_of
from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.elements import CUSTOM, DATE, TEXT, at, check_fresh, conform, custom_values, date_at, whole_number
from runner.vendors.egain.simulator.errors import WsError, invalid
from runner.vendors.egain.simulator.organisation import COMPLETE, MAILPLUS, MANAGE_COMPLETED, PICK, PULL, TRANSFER, UNPIN, User
from runner.vendors.egain.simulator.records import Activity
from runner.vendors.egain.simulator.views import coded, link

__all__ = ["asked", "check_not_locked", "complete", "edit", "items_of", "moved", "pick", "pull", "transfer"]


def items_of(call: Call, shape: dict[str, Any], *, most: int = 75) -> list[Tree]:
    """
    What the body tells of each activity.

    Raises: ``WsError`` 400 – none, or more than *most*.
    """
    found: list[Tree] = conform(call.tree, {"activity": [shape]}).get("activity", [])
    if not found:
        raise invalid("activity", "at least one activity is required")
    if len(found) > most:
        raise invalid("activity", f"at most {most} activities in one request")
    return found


def asked(desk: Desk, user: User, items: list[Tree]) -> list[Activity]:
    """
    The activities that are told of.

    Raises: ``WsError`` – 400 without an id, 404 unknown, 403 not to be seen.
    """
    for item in items:
        if not item.get("id"):
            raise invalid("activity.id", "is required")
    return [visible(desk, user, item["id"]) for item in items]


_DATED: dict[str, Any] = {"id": TEXT, "lastModified": {"date": TEXT}}


# ── taking in hand ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def pull(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/activity/pull: the oldest ones of the user's queues, as many as the setting says."""
    user = call.user
    user.need(PULL)
    waiting = [a for a in desk.activities.values() if _may_pull(desk, user, a)]
    taken = sorted(waiting, key=lambda a: (-(a.priority or 0), a.created, a.id))[: desk.settings.max_pull]
    for activity in taken:
        _assign(desk, activity, user, by=user)
    if not taken:
        return Answer(204)
    return _listed(desk, taken)


def _listed(desk: Desk, activities: list[Activity]) -> Answer:
    told = [{"id": a.id, "link": link(desk, "self", "activity", a.id)} for a in activities]
    return Answer(200, "activities", {"activity": told})


def moved(desk: Desk, activities: list[Activity]) -> Answer:
    """What pick, transfer and mask answer, which no page tells."""
    return _listed(desk, activities) if desk.settings.moved_answer == "activities" else Answer(204)


def _may_pull(desk: Desk, user: User, activity: Activity) -> bool:
    found = desk.organisation.queue(activity.queue) if activity.queue is not None else None
    return (
        activity.status == "awaiting_assignment"
        and activity.answers is None
        and activity.department in user.departments
        and found is not None
        and found[1].active
        and user.may_pull(found[1].name)
    )


def _assign(desk: Desk, activity: Activity, user: User, *, by: User) -> None:
    activity.assigned = user.id
    activity.status, activity.substatus = "assigned", desk.settings.fresh_substatus if activity.mode == "inbound" else "in_progress"
    desk.changed(activity, by)


def pick(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/activity/pick[?unpin=yes]."""
    user = call.user
    user.need(PICK)
    activities = asked(desk, user, items_of(call, {"id": TEXT}, most=desk.settings.most_moved))
    for activity in activities:
        if activity.assigned == user.id and activity.status == "assigned":
            raise invalid("activity.id", f"activity {activity.id} is assigned to you already")
        _check_movable(call, activity)
        check_not_locked(desk, user, activity)
    for activity in activities:
        _assign(desk, activity, user, by=user)
        activity.pinned = False
    return moved(desk, activities)


def check_not_locked(desk: Desk, user: User, activity: Activity) -> None:
    """
    Raises: ``WsError`` – somebody else has locked it.
    """
    if activity.locked_by not in {None, user.id}:
        message = f"activity {activity.id} is locked by another user"
        raise WsError(desk.settings.locked_status, "152", message, details=(("attribute", "activity.id"),))


def _check_movable(call: Call, activity: Activity) -> None:
    """A mail that arrived or was composed, in a queue or assigned, and not pinned to somebody unless it is to be unpinned."""
    if activity.kind != "email":
        raise invalid("activity.id", f"activity {activity.id} is no e-mail")
    if activity.answers is not None:
        raise invalid("activity.id", f"activity {activity.id} is a reply; it goes where the mail goes that it answers")
    if activity.status not in {"awaiting_assignment", "assigned"}:
        raise invalid("activity.id", f"activity {activity.id} is {activity.status}; it must be in a queue or assigned")
    if activity.pinned:
        if call.query.get("unpin", "").lower() != "yes":
            raise invalid("activity.id", f"activity {activity.id} is pinned; ask with unpin=yes")
        call.user.need(UNPIN)


def transfer(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/activity/transfer?user={id} or ?queue={id}."""
    user = call.user
    user.need(TRANSFER)
    targets = [name for name in ("user", "queue") if name in call.query]
    if len(targets) != 1:
        raise WsError(400, "112", "exactly one of user and queue is required")
    activities = asked(desk, user, items_of(call, {"id": TEXT}, most=desk.settings.most_moved))
    for activity in activities:
        _check_movable(call, activity)
    if targets == ["user"]:
        _to_user(desk, user, activities, call.query["user"])
    else:
        _to_queue(desk, user, activities, call.query["queue"])
    return moved(desk, activities)


def _to_user(desk: Desk, by: User, activities: list[Activity], id: str) -> None:
    known = {str(u.id): u for u in desk.organisation.users}
    target = known.get(id)
    if target is None:
        raise WsError(400, "102", f"user {id} does not exist", details=(("parameter", "user"),))
    if not target.may(MAILPLUS):
        raise WsError(400, "102", f"user {target.name} has no licence for e-mail", details=(("parameter", "user"),))
    for activity in activities:
        if activity.department not in target.departments:
            raise WsError(400, "102", f"user {target.name} does not work in department {activity.department!r}")
        if activity.assigned == target.id and activity.status == "assigned":
            raise invalid("activity.id", f"activity {activity.id} is assigned to {target.name} already")
    for activity in activities:
        for one in (activity, *_drafts_of(desk, activity)):
            _assign(desk, one, target, by=by)
            one.pinned = False


def _drafts_of(desk: Desk, activity: Activity) -> list[Activity]:
    """The replies that are being written to it; they travel along."""
    return [a for a in desk.replies_to(activity) if a.is_draft_reply]


def _to_queue(desk: Desk, by: User, activities: list[Activity], id: str) -> None:
    found = desk.organisation.queue(int(id)) if id.isascii() and id.isdigit() and len(id) < 15 else None
    if found is None or not found[1].active:
        raise WsError(400, "102", f"queue {id} does not exist or is not active", details=(("parameter", "queue"),))
    department, queue = found
    for activity in activities:
        if activity.department != department.name:
            raise WsError(400, "102", f"queue {queue.name!r} belongs to department {department.name!r}, activity {activity.id} does not")
        if activity.queue == queue.id and activity.status == "awaiting_assignment":
            raise invalid("activity.id", f"activity {activity.id} is in queue {queue.name!r} already")
    for one in (m for activity in activities for m in (activity, *_drafts_of(desk, activity))):
        one.queue, one.assigned, one.pinned = queue.id, None, False
        one.status, one.substatus = "awaiting_assignment", desk.settings.fresh_substatus
        desk.changed(one, by)


# ── finishing and changing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def complete(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/activity/complete: those assigned to the caller; the last open one closes its case."""
    user = call.user
    user.need(COMPLETE)
    items = items_of(call, _DATED)
    activities = asked(desk, user, items)
    for activity, item in zip(activities, items, strict=True):
        _check_mine(user, activity)
        check_fresh("activity", item, activity.last_modified, stale=desk.settings.stale_status)
        _check_completable(desk, activity)
    for activity in activities:
        activity.status, activity.substatus = "completed", "done"
        desk.changed(activity, user)
    return Answer(200, "activities", {"activity": [_completed(desk, a) for a in activities]})


def _check_completable(desk: Desk, activity: Activity) -> None:
    """A mail that is no draft, whom nobody supervises, with the category and resolution code that an administrator wants."""
    if activity.kind != "email":
        raise invalid("activity.id", f"activity {activity.id} is no e-mail")
    if activity.mode == "outbound" and activity.sent is None:
        kind = "draft reply" if activity.is_draft_reply else "draft"
        raise invalid("activity.id", f"activity {activity.id} is a {kind} that was not sent")
    if activity.supervised:
        raise invalid("activity.id", f"activity {activity.id} is under supervision")
    for name in desk.settings.forced_at_completion:
        if not getattr(activity, name):
            raise invalid(f"activity.{name}", f"activity {activity.id} needs a {name} before it is completed")


def _check_mine(user: User, activity: Activity) -> None:
    if activity.status != "assigned" or activity.assigned != user.id:
        raise invalid("activity.id", f"activity {activity.id} is {activity.status} and not assigned to you")


def _completed(desk: Desk, activity: Activity) -> Tree:
    case = desk.settle_case(activity.case)
    told = {"id": case.id, "link": link(desk, "case", "case", case.id), "status": coded(case.status)}
    return {"id": activity.id, "link": link(desk, "self", "activity", activity.id), "case": told}


_EDITED: dict[str, Any] = {
    **_DATED,
    "dueDate": DATE,
    "priority": TEXT,
    "language": {"value": TEXT},
    "customAttributes": CUSTOM,
    "payload": {"email": {"contents": {"content": [{"type": TEXT, "value": TEXT}]}}},
}


def edit(desk: Desk, call: Call) -> Answer:
    """PUT /interaction/activity: due date, priority, language, custom attributes; of a completed one its contents and custom attributes."""
    user = call.user
    items = items_of(call, _EDITED)
    if len(items) != 1:
        raise invalid("activity", "only one activity can be edited at a time")
    item, activity = items[0], asked(desk, user, items)[0]
    if activity.status == "completed":
        user.need(MANAGE_COMPLETED)
        _check_only(item, ("payload", "customAttributes"), "a completed activity")
    else:
        _check_mine(user, activity)
        _check_only(item, ("dueDate", "priority", "language", "customAttributes"), "an activity that is not completed")
    check_fresh("activity", item, activity.last_modified, stale=desk.settings.stale_status)
    _apply(desk, activity, item)
    desk.changed(activity, user)
    return Answer(204)


def _check_only(item: Tree, allowed: tuple[str, ...], what: str) -> None:
    for name in item:
        if name not in {"id", "lastModified", *allowed}:
            raise invalid(f"activity.{name}", f"cannot be changed on {what}")
    if not any(name in item for name in allowed):
        raise invalid("activity", f"nothing to change; {what} can change {', '.join(allowed)}")


def _apply(desk: Desk, activity: Activity, item: Tree) -> None:
    custom = custom_values(item.get("customAttributes"), desk.settings.custom_attributes)
    priority = whole_number("priority", item["priority"], 1, 7) if "priority" in item else activity.priority
    due_date = date_at("dueDate", item["dueDate"], after=desk.now()) if "dueDate" in item else activity.due_date
    language = at(item, "language", "value") or activity.language
    if language and language not in desk.settings.languages:
        raise invalid("language.value", f"{language!r} is not one of the languages", number="196")
    contents = contents_of(item, desk.settings)
    activity.custom |= custom
    activity.contents |= contents
    activity.priority, activity.due_date, activity.language = priority, due_date, language
    fresh = activity.status == "assigned" and activity.substatus == desk.settings.fresh_substatus
    if fresh and desk.settings.edit_begins:
        activity.substatus = "in_progress"
