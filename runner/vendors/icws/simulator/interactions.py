"""
An interaction as the simulator keeps it: its state, whose it is, its e-mail, and how its attributes read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field

from runner.simulation.world import Attachment, Mail

__all__ = ["STATION", "SYSTEM", "USER", "WORKGROUP", "Address", "Content", "Interaction", "StoredFile", "chosen", "compact"]

# queue types
SYSTEM, USER, WORKGROUP, STATION = 0, 1, 2, 3


def compact(moment: datetime) -> str:
    """A moment as servers write it: ``20240212T101500Z``."""
    return moment.strftime("%Y%m%dT%H%M%SZ")


class Address(Struct, frozen=True):
    """Somebody in a mail's header."""

    name: str
    address: str

    def told(self) -> dict[str, object]:
        """As a representation."""
        return {"displayName": self.name, "address": self.address}


class StoredFile(Struct, frozen=True):
    """An attachment in the making or of a customer's mail; ``content_id`` is "" unless it is inline."""

    id: str
    name: str
    content: bytes
    type: str
    content_id: str = ""

    def attachment(self) -> Attachment:
        """As it leaves for the customer."""
        return Attachment(self.name, self.content, self.type, self.content_id)


class Content(Struct):
    """What an e-mail says. ``mails`` are messages attached whole, by message id."""

    sender: Address
    subject: str = ""
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    bcc: list[Address] = field(default_factory=list)
    reply_to: list[Address] = field(default_factory=list)
    text: str | None = None
    html: str | None = None
    files: list[StoredFile] = field(default_factory=list)
    # attached mails, by their ids
    mails: dict[str, Content] = field(default_factory=dict)
    # an attached mail as it came
    raw: bytes = b""
    at: str = ""

    def attachment(self) -> Attachment:
        """An attached mail as it leaves for the customer."""
        return Attachment(f"{self.subject or 'message'}.eml", self.raw, "message/rfc822")

    def mail(self, id: str) -> Mail:
        """As it leaves for the customer."""
        return Mail(
            sender=self.sender.address,
            to=[a.address for a in self.to],
            cc=[a.address for a in self.cc],
            bcc=[a.address for a in self.bcc],
            reply_to=", ".join(a.address for a in self.reply_to),
            subject=self.subject,
            text=self.text or "",
            html=self.html or "",
            attachments=[f.attachment() for f in self.files] + [m.attachment() for m in self.mails.values()],
            id=id,
        )


class Interaction(Struct):
    """
    One item. ``state`` is a letter of ``Eic_State``; ``owner`` the user who works on it, "" while nobody does; ``target`` the user it was
    handed to; ``alerted`` those it is offered to now, ``declined`` those who gave it back; ``outcome`` is what the state string says
    once it has ended.
    """

    id: str
    content: Content
    began: datetime
    kind: str = "EMAIL"
    # how Eic_ObjectType tells the kind
    object_type: str = "EMAIL"
    direction: str = "I"
    state: str = "O"
    owner: str = ""
    creator: str = ""
    target: str = ""
    workgroup: str = ""
    draft: bool = False
    email_type: int = 0
    parent: str = ""
    children: list[str] = field(default_factory=list)
    # the two as the attributes tell them
    told_parent: str = ""
    told_children: str = ""
    edited: bool = False
    outcome: str = ""
    alerted: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    # taken by a member out of the workgroup's queue, or by somebody else, which takes it off that queue
    assigned: bool = False
    left_queue: bool = False
    alerts_until: float = 0.0
    custom: dict[str, str] = field(default_factory=dict)
    connected: datetime | None = None
    ended: datetime | None = None
    # what watchers were told last
    published: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """``Eic_CallIdKey``: unlike the id it is never used again."""
        return f"{self.id}{self.began:%Y%m%d}"

    @property
    def machine_state(self) -> str:
        """The state as the state machine names it."""
        return "D" if self.draft and self.state == "C" else self.state

    def queues(self) -> set[tuple[int, str]]:
        """The queues it is in, as (type, name in lower case)."""
        working = {self.owner or self.creator or self.target}
        asked = {self.owner, self.target, *self.alerted}
        found = {(USER, user) for user in (working if self.state in {"I", "E"} else asked) if user}
        if self.workgroup and not self.draft and not self.left_queue:
            found.add((WORKGROUP, self.workgroup.lower()))
        return found

    def attributes(self) -> dict[str, str]:
        """Every attribute that is set, by its name; values are text."""
        content = self.content
        other = (content.to[0] if content.to else Address("", "")) if self.direction == "O" else content.sender
        standard = {
            "Eic_CallId": self.id,
            "Eic_InteractionId": self.id,
            "Eic_CallIdKey": self.key,
            "Eic_State": self.state,
            "Eic_CallStateString": self._state_string(),
            "Eic_ObjectType": self.object_type,
            "Eic_CallDirection": self.direction,
            "Eic_CallType": "E",
            "Eic_RemoteName": other.name,
            "Eic_RemoteAddress": other.address,
            "Eic_RemoteId": other.address,
            "Eic_WorkgroupName": self.workgroup,
            "Eic_UserName": self.owner,
            "Eic_InitiationTime": compact(self.began),
            "Eic_ConnectTime": compact(self.connected) if self.connected else "",
            "Eic_AnswerTime": compact(self.connected) if self.connected else "",
            "Eic_TerminationTime": compact(self.ended) if self.ended else "",
            "Eic_Subject": content.subject,
            "Eic_Details": content.subject,
        }
        if self.kind == "EMAIL":
            standard |= {
                "Eic_EmailSubject": content.subject,
                "Eic_EmailImportance": "1",
                "Eic_EmailAttachments": str(len(content.files) + len(content.mails)),
                "Eic_EmailParent": self.told_parent,
                "Eic_EmailChildren": self.told_children,
            }
        return standard | self.custom

    def _state_string(self) -> str:
        if self.outcome:
            return self.outcome
        if self.state == "C" and self.assigned:
            return f"ACD - Assigned: {self.owner}"
        return _STATE_STRINGS.get(self.state, "")


_STATE_STRINGS: Mapping[str, str] = {
    "O": "Offering",
    "A": "Alerting",
    "C": "Connected",
    "H": "On Hold",
    "X": "Suspended",
    "P": "Parked",
    "I": "Disconnected",
    "E": "Disconnected",
}


def chosen(attributes: Mapping[str, str], names: Iterable[str], *, unset: bool = True) -> dict[str, str]:
    """The attributes that were asked for, spelled as they were; *unset*: one that is not set reads as empty text, else it is left out."""
    folded = {k.lower(): v for k, v in attributes.items()}
    return {name: folded.get(name.lower(), "") for name in names if unset or folded.get(name.lower())}
