"""
What becomes of a mail, in words that hold for every vendor, and what can come after what.
"""

from __future__ import annotations

from typing import Literal

__all__ = [
    "STATUSES",
    "Status",
    "addresses",
    "can_follow",
]

Status = Literal["received", "queued", "invited", "accepted", "draft", "sending", "sent", "completed", "cancelled", "revoked", "failed"]

# status → what it means to a tester
STATUSES: dict[str, str] = {
    "received": "a customer's mail is in the system, nobody has been asked yet",
    "queued": "it waits in a queue",
    "invited": "it is offered to the actor",
    "accepted": "the actor works on it",
    "draft": "an outgoing mail is being written",
    "sending": "it is on its way out",
    "sent": "it has left",
    "completed": "work on it is finished",
    "cancelled": "the draft was dropped",
    "revoked": "the offer was taken back",
    "failed": "the vendor could not send it",
}

# status → what can come next, at any vendor; what is not reachable from here will never come
_NEXT: dict[str, frozenset[str]] = {
    "received": frozenset({"queued", "invited", "accepted", "completed"}),
    "queued": frozenset({"invited", "accepted", "completed"}),
    "invited": frozenset({"accepted", "revoked", "queued", "invited"}),
    "accepted": frozenset({"completed", "queued", "invited"}),
    "draft": frozenset({"sending", "sent", "cancelled", "failed", "completed", "queued", "invited"}),
    "sending": frozenset({"sent", "failed"}),
    "sent": frozenset({"completed"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
    "revoked": frozenset({"queued", "invited"}),
    "failed": frozenset(),
}


def can_follow(now: str, wanted: str) -> bool:
    """Whether *wanted* can still come after *now*."""
    seen: set[str] = set()
    todo = [now]
    while todo:
        for status in _NEXT.get(todo.pop(), frozenset()) - seen:
            seen.add(status)
            todo.append(status)
    return wanted in seen


def addresses(value: str | list[str] | None) -> list[str]:
    """Recipients as people write them (one text with commas, or a list) → a list of addresses."""
    if value is None:
        return []
    parts = value.split(",") if isinstance(value, str) else value
    return [part.strip() for part in parts if part.strip()]
