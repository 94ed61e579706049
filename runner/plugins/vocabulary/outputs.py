"""
What the shared words give back: the same fields for every vendor.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from runner.plugins.vocabulary.statuses import STATUSES

__all__ = [
    "AttachmentOutput",
    "AttachmentsOutput",
    "Event",
    "FileOutput",
    "MailOutput",
    "Nothing",
    "SessionOutput",
]


# What a mail's status can be; "" when nobody knows it. A text to the vendors, who map their own to it.
NeutralStatus = Annotated[str, Meta(extra_json_schema={"enum": list(STATUSES)})]


class Nothing(Struct, frozen=True):
    """An output without fields of its own."""


class AttachmentOutput(Struct, frozen=True, omit_defaults=True):
    """An attachment as the vendor tells it; what a vendor does not tell is absent."""

    name: str
    id: str = ""
    size: int | None = None
    type: str = ""
    sha256: str = ""
    inline: bool | None = None
    content_id: str = ""


class MailOutput(Struct, frozen=True):
    """A mail as every vendor tells it. ``native`` is the vendor's own representation, unchanged."""

    id: str
    status: NeutralStatus = ""
    subject: str = ""
    from_: str = field(name="from", default="")
    to: list[str] = []
    cc: list[str] = []
    bcc: list[str] = []
    text: str = ""
    html: str = ""
    parent: str = ""
    queue: str = ""
    attachments: list[AttachmentOutput] = []
    native: Any = None


class SessionOutput(Struct, frozen=True):
    """Who is logged in. ``session`` is the vendor's id of the session, where it has one."""

    user: str
    session: str = ""


class FileOutput(Struct, frozen=True):
    """A downloaded attachment; ``content`` is text when the bytes are UTF-8, else empty."""

    name: str
    size: int
    type: str
    sha256: str
    content: str = ""


class AttachmentsOutput(Struct, frozen=True):
    """The attachments a mail has now."""

    id: str
    attachments: list[AttachmentOutput] = []


class Event(Struct, frozen=True):
    """
    Something the vendor told us without being asked.

    ``name`` is the vendor's own name for it, ``mail`` the id it is about, ``status`` the neutral status it brings ("" when it brings none),
    ``body`` what came, unchanged.
    """

    name: str
    mail: str = ""
    status: NeutralStatus = ""
    subject: str = ""
    channel: str = ""
    body: Any = None
