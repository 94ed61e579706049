"""
How an eGain activity is told in the neutral words: its fields, and its status out of status, substatus, mode and sent date.

Both are lenient: ids come as numbers or texts, one address as a text, an object or a list, one item as an object or a list.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from runner.plugins.vocabulary import AttachmentOutput, MailOutput
from runner.vendors.egain.representation import Tree

__all__ = [
    "addresses_in",
    "attachment_told",
    "id_of",
    "inner",
    "is_outbound",
    "mail_told",
    "modified",
    "owner_of",
    "status_of",
    "statuses_of",
]


def inner(tree: Any, *path: str) -> Any:
    """What stands at *path*, or None."""
    for name in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(name)
    return tree


def text(tree: Any, *path: str) -> str:
    """The same as a text, "" for nothing."""
    found = inner(tree, *path)
    return "" if found is None or isinstance(found, (dict, list)) else str(found)


def id_of(activity: Tree) -> str:
    """The id as a text."""
    return text(activity, "id")


def modified(activity: Tree) -> str:
    """When it last changed, as the server writes it; it has to be given back when the activity is changed."""
    return text(activity, "lastModified", "date")


def owner_of(activity: Tree) -> str:
    """The id of the user it is assigned to, or ""."""
    return text(activity, "status", "assigned", "user", "id")


def is_outbound(activity: Tree) -> bool:
    """Whether it is a mail that an agent wrote."""
    return text(activity, "mode", "value") == "outbound" and text(activity, "type", "value") != "call_track"


def addresses_in(value: Any) -> list[str]:
    """The addresses of a ``to``, ``cc`` or ``bcc``, in whichever of its three shapes."""
    if isinstance(value, dict):
        value = value.get("address")
    if isinstance(value, str):
        return [value] if value else []
    return [str(v) for v in value] if isinstance(value, list) else []


def statuses_of(activity: Tree, *, taken: Collection[str] = (), completed: Collection[str] = (), sent: Collection[str] = ()) -> list[str]:
    """
    The neutral statuses that the activity shows, the latest last.

    More than one only for an outgoing mail that eGain completed by itself when it left: it was sent, and it is completed. *taken* are
    the activities that the actor took in hand in this session, *completed* and *sent* those that they completed and sent in it.
    """
    status = text(activity, "status", "value")
    if is_outbound(activity):
        left = bool(text(activity, "payload", "email", "date", "date"))
        if status == "completed":
            # a draft that somebody completed never left: it has no date, and nobody here sent it
            by_itself = id_of(activity) not in completed and (left or id_of(activity) in sent)
            return ["sent", "completed"] if by_itself else ["completed"]
        return ["sent" if left else "sending" if status in _LEAVING else "draft"]
    if status == "assigned":
        begun = text(activity, "status", "substatus", "value") not in {"", "new"} or id_of(activity) in taken
        return ["accepted" if begun else "invited"]
    return [_INBOUND.get(status, status)]


_INBOUND = {
    "ready_for_inbound_workflow": "received",
    "in_workflow": "received",
    "awaiting_assignment": "queued",
    "completed": "completed",
}
_LEAVING = frozenset({"ready_for_outbound_workflow", "in_workflow"})


def status_of(activity: Tree, *, taken: Collection[str] = (), completed: Collection[str] = ()) -> str:
    """The latest of them."""
    return statuses_of(activity, taken=taken, completed=completed)[-1]


def mail_told(activity: Tree, status: str, *, attachments: list[AttachmentOutput] | None = None) -> MailOutput:
    """The activity as every vendor tells a mail; bodies and addresses only when it was asked for with all its attributes."""
    email = inner(activity, "payload", "email")
    given = inner(email, "emailAddresses")
    return MailOutput(
        id=id_of(activity),
        status=status,
        subject=text(activity, "subject"),
        from_=text(given, "from"),
        to=addresses_in(inner(given, "to")) or addresses_in(inner(given, "receiver")),
        cc=addresses_in(inner(given, "cc")),
        bcc=addresses_in(inner(given, "bcc")),
        text=_content(email, "text"),
        html=_content(email, "html"),
        queue=text(activity, "queue", "name"),
        attachments=attachments or [],
        native=activity,
    )


def _content(email: Any, kind: str) -> str:
    contents = inner(email, "contents", "content")
    items = contents if isinstance(contents, list) else [contents]
    return next((text(c, "value") for c in items if text(c, "type") == kind), "")


def attachment_told(attachment: Tree, sha256: str = "") -> AttachmentOutput:
    """An attachment as every vendor tells it."""
    size = text(attachment, "size")
    return AttachmentOutput(
        name=text(attachment, "fileName"),
        id=text(attachment, "id"),
        size=int(size) if size.isdigit() else None,
        type=text(attachment, "contentType"),
        sha256=sha256,
    )
