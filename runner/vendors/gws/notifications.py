"""
What GWS pushes, read: any of its dialects and shapes → one record, with the neutral status.

Sources: page "Interactions on E-mail Channel Notifications"; 8.5.0 samples have the fields flat, 8.5.1 samples nest them in
``interaction``, the later dialect in ``email``.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from runner.plugins.vocabulary import AttachmentOutput, addresses

__all__ = ["News", "news_of", "read_resource", "status_of"]

# Where the text of an error may stand, the names of operations' own answers first.
_ERRORS = ("errorDescription", "statusMessage", "errorMessage", "error")
_STATUSES = {
    "Queued": "queued",
    "Parked": "queued",
    "Invited": "invited",
    "Processing": "accepted",
    "Accepted": "accepted",
    "ReplyCreated": "draft",
    "Created": "draft",
    "Composing": "draft",
    "Sent": "sent",
    "Canceled": "cancelled",
    "Cancelled": "cancelled",
    "Completed": "completed",
    "Revoked": "revoked",
}


def status_of(state: str) -> str:
    """The neutral status of a state; "" for a state that we do not know."""
    return _STATUSES.get(state, "")


class News(Struct, frozen=True):
    """
    A notification, or a resource that was looked at.

    ``name`` is the vendor's name for the message, ``kind`` the later dialect's word for what happened; ``mail`` the interaction, "" when
    it is about none. A field that did not come is None. ``error`` is what went wrong after the server had said yes. ``reference`` ties it
    to the answer that has the same one. ``resource`` is the interaction as it was told, ``body`` the whole message.
    """

    name: str
    kind: str = ""
    channel: str = ""
    mail: str = ""
    status: str = ""
    parent: str = ""
    queue: str = ""
    error: str = ""
    reference: object = None
    subject: str | None = None
    sender: str | None = None
    to: list[str] | None = None
    cc: list[str] | None = None
    bcc: list[str] | None = None
    text: str | None = None
    html: str | None = None
    attachments: list[AttachmentOutput] | None = None
    resource: Any = None
    body: Any = None


def news_of(channel: str, data: object) -> News:
    """Read the ``data`` of an event on a Bayeux *channel*."""
    if not isinstance(data, dict):
        return News(name=channel, channel=channel, body=data)
    name = str(data.get("messageTypeName") or data.get("messageType") or channel)
    inner = next((data[key] for key in ("interaction", "email") if isinstance(data.get(key), dict)), data)
    if "id" not in inner and not _error(inner, data):
        return News(name=name, channel=channel, body=data)
    return _read(name, channel, inner, data)


def read_resource(told: dict[str, Any]) -> News:
    """Read an interaction that was looked at."""
    return _read("", "", told, told)


def _read(name: str, channel: str, inner: dict[str, Any], data: dict[str, Any]) -> News:
    email = inner.get("email_object") if isinstance(inner.get("email_object"), dict) else inner
    assert isinstance(email, dict)  # noqa: S101 - for the type checker; both are
    later = email is inner
    return News(
        name=name,
        kind=str(data.get("notificationType") or ""),
        channel=channel,
        mail=str(inner.get("id") or email.get("interactionId") or ""),
        status=status_of(str(inner.get("state", ""))),
        parent=str(inner.get("parentInteractionId") or inner.get("parentId") or ""),
        queue=str(inner.get("currentQueue") or ""),
        error=_error(inner, data),
        reference=data.get("referenceId"),
        subject=_text(email, "Subject", "subject"),
        sender=_text(email, "FromAddress", "from") or _from_user_data(inner),
        to=_addresses(email, "ToAddress", "to"),
        cc=_addresses(email, "CCAddresses", "cc"),
        bcc=_addresses(email, "BCCAddresses", "bcc"),
        text=_text(email, "Text", "bodyAsPlainText"),
        html=_html(email, later=later),
        attachments=_attachments(inner),
        resource=inner,
        body=data,
    )


def _error(inner: dict[str, Any], data: dict[str, Any]) -> str:
    """
    What failed afterwards: the later dialect has a kind of notification for it, and no page says where its text stands; the first
    dialect's pages know no such notification, so that a text that only an error has makes it one.
    """
    told = next((str(part[name]) for part in (inner, data) for name in _ERRORS if part.get(name)), "")
    return told or ("the server names no reason" if data.get("notificationType") == "Error" else "")


def _text(email: dict[str, Any], *names: str) -> str | None:
    return next((email[n] for n in names if isinstance(email.get(n), str)), None)


def _html(email: dict[str, Any], *, later: bool) -> str | None:
    if not later:
        return _text(email, "StructuredText")
    return _text(email, "body") if email.get("mime") == "text/html" else None


def _addresses(email: dict[str, Any], *names: str) -> list[str] | None:
    for name in names:
        value = email.get(name)
        if isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value)):
            return addresses(value)
    return None


def _from_user_data(inner: dict[str, Any]) -> str | None:
    """An invitation tells its sender in the user data only."""
    data = inner.get("userData")
    value = data.get("FromAddress") if isinstance(data, dict) else None
    return value if isinstance(value, str) else None


def _attachments(inner: dict[str, Any]) -> list[AttachmentOutput] | None:
    listed = inner.get("attachments")
    if not isinstance(listed, list):
        return None
    return [
        AttachmentOutput(
            name=str(each.get("name", "")),
            id=str(each.get("id") or each.get("documentId") or ""),
            size=each["size"] if isinstance(each.get("size"), int) else None,
            type=str(each.get("mime") or ""),
        )
        for each in listed
        if isinstance(each, dict)
    ]
