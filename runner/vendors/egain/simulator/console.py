"""
What people do in the Agent Console, which no v12 call does: categories, locks, supervision, pins, replies that are being written.

Asked for through the simulator's control API: ``POST /_control/console``.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from runner.vendors.egain.simulator.desk import Desk
from runner.vendors.egain.simulator.records import Activity

__all__ = ["by_hand"]


class _Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What is done to an ``activity``; what is not named stays as it is.

    ``locked_by`` is a user name, "" for nobody. ``reply`` is the text of a reply that its agent begins; ``send_reply`` sends it and
    completes it.
    """

    activity: int | str
    category: str | None = None
    resolution: str | None = None
    supervised: bool | None = None
    pinned: bool | None = None
    locked_by: str | None = None
    reply: str | None = None
    send_reply: bool = False


def by_hand(desk: Desk, asked: bytes) -> Mapping[str, object]:
    """
    Do it; gives the activity's id, and the reply's if there is one.

    Raises: ``ValueError`` – not such a document, or there is no such activity, user or reply.
    """
    given = _read(asked)
    activity = desk.activities.get(int(given.activity)) if str(given.activity).isdecimal() else None
    if activity is None:
        raise ValueError(f"activity: there is no {given.activity}")
    locked_by = _user_id(desk, given.locked_by) if given.locked_by is not None else activity.locked_by
    if given.reply is not None and (activity.mode != "inbound" or activity.assigned is None):
        raise ValueError("reply: only the agent who has an inbound mail replies to it")
    if given.send_reply and not _drafts(desk, activity) and given.reply is None:
        raise ValueError(f"send_reply: nobody is replying to {activity.id}")
    activity.locked_by = locked_by
    for name in ("category", "resolution", "supervised", "pinned"):
        value = getattr(given, name)
        if value is not None:
            setattr(activity, name, value)
    reply = _begun(desk, activity, given.reply) if given.reply is not None else None
    for draft in _drafts(desk, activity) if given.send_reply else ():
        desk.dispatch(draft)
        draft.status, draft.substatus = "completed", "done"
    return {"activity": activity.id} | ({"reply": reply.id} if reply is not None else {})


def _read(asked: bytes) -> _Asked:
    try:
        return msgspec.json.decode(asked, type=_Asked)
    except msgspec.MsgspecError as exc:
        raise ValueError(f"the body cannot be read: {str(exc).replace('`', '')}") from exc


def _user_id(desk: Desk, name: str) -> int | None:
    if not name:
        return None
    user = desk.organisation.named(name)
    if user is None:
        raise ValueError(f"locked_by: there is no user {name}")
    return user.id


def _drafts(desk: Desk, activity: Activity) -> list[Activity]:
    return [a for a in desk.replies_to(activity) if a.is_draft_reply]


def _begun(desk: Desk, activity: Activity, text: str) -> Activity:
    now = desk.now()
    reply = Activity(
        id=desk.numbers.next("activity"),
        department=activity.department,
        mode="outbound",
        subtype="reply",
        case=activity.case,
        customer=activity.customer,
        point=activity.point,
        created=now,
        last_modified=now,
        status="assigned",
        substatus="in_progress",
        subject=f"Re: {activity.subject}",
        from_=activity.receiver,
        to=[activity.from_],
        contents={"text": text} if text else {},
        assigned=activity.assigned,
        answers=activity.id,
    )
    desk.activities[reply.id] = reply
    return reply
