"""
What a session knows of an interaction, out of attributes, messages and its own acts; and that as every vendor's mail.

The neutral status comes from ``Eic_State`` and ``Eic_CallDirection``. A sent and a dropped draft both end in state ``I``: they are told
apart by what this session itself did, else by ``Eic_CallStateString`` (the words stand in the environment's defaults, for they follow
the server's language), else the mail is only said to be completed.
"""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import parseaddr
from typing import Any

from msgspec import Struct, field

from runner.plugins.vocabulary import AttachmentOutput, MailOutput, Status

__all__ = ["ATTRIBUTES", "ENDED", "OFFERED", "KnownMail", "Wording", "address", "attachment_named", "attachments", "content", "mail_output"]

_URN = "urn:inin.com:interactions.email:"

# What is asked of every interaction that is looked at.
ATTRIBUTES = (
    "Eic_State",
    "Eic_CallStateString",
    "Eic_ObjectType",
    "Eic_CallDirection",
    "Eic_EmailSubject",
    "Eic_EmailParent",
    "Eic_WorkgroupName",
    "Eic_UserName",
    "Eic_RemoteAddress",
)
_TEXT, _HTML = 0, 1
# states of what nobody has taken, and of what is over
OFFERED, ENDED = frozenset({"A", "O"}), frozenset({"I", "E"})
_INBOUND: dict[str, Status] = {
    "S": "received",
    "O": "queued",
    "P": "queued",
    "A": "invited",
    "C": "accepted",
    "H": "accepted",
    "M": "accepted",
    "R": "accepted",
    "X": "accepted",
    "I": "completed",
    "E": "completed",
}


class Wording(Struct, frozen=True):
    """How this server's ``Eic_CallStateString`` begins for a mail that was sent, and for a draft that was dropped."""

    sent: tuple[str, ...]
    dropped: tuple[str, ...]


class KnownMail(Struct):
    """
    One interaction.

    ``did`` is what this session itself ended it with: sent, cancelled, completed or nothing. ``contents`` is the newest
    ``emailContentsMessage``, ``version`` counts them. ``offered``: it stands in this actor's own queue.
    """

    id: str
    attributes: dict[str, str] = field(default_factory=dict)
    contents: dict[str, Any] | None = None
    version: int = 0
    offered: bool = False
    did: str = ""
    # the session began it or took it, so it is no offer any more
    in_hand: bool = False

    @property
    def state(self) -> str:
        """The letter of ``Eic_State``."""
        return self.attributes.get("Eic_State", "")

    @property
    def outgoing(self) -> bool:
        """Whether it is a draft, or was one."""
        return self.attributes.get("Eic_CallDirection") == "O"

    def status(self, wording: Wording) -> str:
        """The neutral status; "" when nothing is known."""
        if not self.state:
            return self.did
        if self.outgoing:
            return self._outgoing(wording)
        if self.state == "A" and not self.offered:
            # it is offered, though not to this actor
            return "queued"
        return _INBOUND.get(self.state, "")

    def _outgoing(self, wording: Wording) -> str:
        if self.state not in ENDED:
            return "sending" if self.did == "sent" else "draft"
        if self.did:
            return self.did
        told = self.attributes.get("Eic_CallStateString", "").lower()
        if told.startswith(tuple(w.lower() for w in wording.sent)):
            return "sent"
        return "cancelled" if told.startswith(tuple(w.lower() for w in wording.dropped)) else "completed"

    def see(self, contents: dict[str, Any]) -> None:
        """A new ``emailContentsMessage``; what a delta does not name stays."""
        self.contents = {**self.contents, **contents} if contents.get("isDelta") and self.contents else contents
        self.version += 1


def address(text: str, name: str = "") -> dict[str, str]:
    """``Joe <joe@example.com>`` or a bare address as ICWS writes it; without a name the address stands for it."""
    found, bare = parseaddr(text)
    bare = bare or text.strip()
    return {"displayName": found or name or bare, "address": bare}


def content(
    kind: str,
    sender: dict[str, str],
    *,
    to: Iterable[str] | None = None,
    cc: Iterable[str] | None = None,
    bcc: Iterable[str] | None = None,
    subject: str | None = None,
    text: str | None = None,
    html: str | None = None,
) -> dict[str, Any]:
    """An ``emailContent`` of *kind*; what is None is left out."""
    lists = {"toRecipients": to, "ccRecipients": cc, "bccRecipients": bcc}
    found: dict[str, Any] = {"__type": _URN + kind, "sender": sender}
    found |= {name: [address(a) for a in people] for name, people in lists.items() if people is not None}
    if subject is not None:
        found["subject"] = subject
    bodies = [{"body": body, "bodyType": kind_} for kind_, body in ((_TEXT, text), (_HTML, html)) if body is not None]
    if bodies:
        found["bodies"] = bodies
    return found


def attachments(contents: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The file attachments of an ``emailContentsMessage``."""
    return list(((contents or {}).get("emailContent") or {}).get("fileAttachments") or [])


def attachment_named(contents: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    """The newest file attachment of this name."""
    return next((a for a in reversed(attachments(contents)) if a.get("name") == name), None)


def mail_output(known: KnownMail, wording: Wording) -> MailOutput:
    """The mail as every vendor tells it."""
    told = (known.contents or {}).get("emailContent") or {}
    attributes = known.attributes
    return MailOutput(
        id=known.id,
        status=known.status(wording),
        subject=str(told.get("subject") or attributes.get("Eic_EmailSubject", "")),
        from_=str((told.get("sender") or {}).get("address", "")),
        to=_addresses(told, "toRecipients"),
        cc=_addresses(told, "ccRecipients"),
        bcc=_addresses(told, "bccRecipients"),
        text=_body(told, _TEXT),
        html=_body(told, _HTML),
        parent=str((known.contents or {}).get("parentInteractionId") or attributes.get("Eic_EmailParent", "")),
        queue=attributes.get("Eic_WorkgroupName", ""),
        attachments=[_attachment(a) for a in told.get("fileAttachments") or []],
        native={"attributes": dict(attributes), "contents": known.contents},
    )


def _addresses(told: dict[str, Any], name: str) -> list[str]:
    return [str(a.get("address") or a.get("displayName") or "") for a in told.get(name) or []]


def _body(told: dict[str, Any], kind: int) -> str:
    return next((str(b.get("body", "")) for b in told.get("bodies") or [] if b.get("bodyType") == kind), "")


def _attachment(told: dict[str, Any]) -> AttachmentOutput:
    content_id = str(told.get("contentId") or "")
    return AttachmentOutput(
        name=str(told.get("name", "")), id=str(told.get("downloadUri", "")), inline=bool(content_id), content_id=content_id
    )
