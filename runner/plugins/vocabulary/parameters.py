"""
What the shared words are given.

The records are the tester's manual: the schema, the editor's completion, ``runner steps`` and the reference are made of them. A vendor
widens one by a subclass with more fields.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from runner.clock import Duration
from runner.plugins.contract import FilePath
from runner.plugins.vocabulary.statuses import Status

__all__ = [
    "Accept",
    "Attach",
    "Cancel",
    "Complete",
    "Create",
    "Detach",
    "Download",
    "Edit",
    "ExpectEvent",
    "ExpectedAttachment",
    "Forward",
    "From",
    "Html",
    "Listen",
    "Login",
    "Logout",
    "MailRef",
    "NotReady",
    "PlaceInQueue",
    "Queue",
    "Ready",
    "Receive",
    "Recipients",
    "Reject",
    "Reply",
    "Send",
    "Subject",
    "Text",
    "Transfer",
    "VerifyAttachments",
    "VerifyStatus",
    "Within",
]

MailRef = Annotated[
    str | dict[str, Any] | None,
    Meta(
        title="Which mail",
        description="Another mail than the one worked on last: what an earlier step saved, or an id.",
        examples=["{{ first_mail }}"],
    ),
]
Recipients = Annotated[
    str | list[str] | None,
    Meta(title="Recipients", description="One address, several with commas, or a list.", examples=["joe@example.com"]),
]
Subject = Annotated[str | None, Meta(title="Subject", description="The subject line.", examples=["Your order 4711"])]
Text = Annotated[str | None, Meta(title="Text", description="The body as plain text.", examples=["Hello, your order is on its way."])]
Html = Annotated[str | None, Meta(title="HTML", description="The body as HTML.", examples=["<p>Hello</p>"])]
From = Annotated[
    str | None,
    Meta(title="From", description="The sending address; default: the environment's.", examples=["help@shop.example"]),
]
Within = Annotated[
    Duration | None,
    Meta(title="Within", description="How long to wait; default: the environment's timeout.", examples=["30s"]),
]
Queue = Annotated[str | None, Meta(title="Queue", description="The name of a queue at the vendor.", examples=["Outbound-email"])]


class _Parameters(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every parameter record has in common: unknown keys are mistakes."""


class Login(_Parameters, frozen=True):
    """Whose session is opened, and with which credentials."""

    as_: Annotated[str | None, Meta(title="Actor", description="Who logs in, by the name in the environment.", examples=["agent"])] = field(
        name="as", default=None
    )
    user: Annotated[str | None, Meta(title="User", description="Another user name than the actor's.", examples=["agent1"])] = None
    password: Annotated[
        str | None,
        Meta(title="Password", description="Another password than the actor's, for a login that must fail.", examples=["wrong"]),
    ] = None


class Logout(_Parameters, frozen=True):
    """Whose session is closed."""

    as_: Annotated[str | None, Meta(title="Actor", description="Who logs out; default: who logged in last.", examples=["agent"])] = field(
        name="as", default=None
    )


class Ready(_Parameters, frozen=True):
    """Nothing to say."""


class NotReady(_Parameters, frozen=True):
    """Why no more work is taken."""

    reason: Annotated[
        str | None, Meta(title="Reason", description="The vendor's name for the reason, if it has any.", examples=["Lunch"])
    ] = None


class Receive(_Parameters, frozen=True):
    """The mail that a customer sends."""

    from_: Annotated[str, Meta(title="From", description="The customer's address.", examples=["joe@example.com"])] = field(
        name="from", default="customer@example.com"
    )
    to: Annotated[
        str | None,
        Meta(title="To", description="The contact centre's mailbox; default: the environment's.", examples=["help@shop.example"]),
    ] = None
    cc: Recipients = None
    subject: Subject = None
    text: Text = None
    html: Html = None
    files: Annotated[
        list[FilePath], Meta(title="Files", description="Files that the customer attaches.", examples=[["files/invoice.pdf"]])
    ] = []


class Accept(_Parameters, frozen=True):
    """Which offered mail is taken, and how long to wait for the offer."""

    mail: MailRef = None
    within: Within = None


class Reject(_Parameters, frozen=True):
    """Which offered mail is turned down."""

    mail: MailRef = None
    within: Within = None


class Create(_Parameters, frozen=True):
    """The new outgoing mail."""

    to: Recipients = None
    cc: Recipients = None
    bcc: Recipients = None
    from_: From = field(name="from", default=None)
    subject: Subject = None
    text: Text = None
    html: Html = None


class Reply(_Parameters, frozen=True):
    """The answer to a customer's mail."""

    mail: MailRef = None
    cc: Recipients = None
    bcc: Recipients = None
    from_: From = field(name="from", default=None)
    subject: Subject = None
    text: Text = None
    html: Html = None
    quote: Annotated[
        bool | None, Meta(title="Quote", description="Whether the customer's text stands below the answer.", examples=[True])
    ] = None


class Forward(_Parameters, frozen=True):
    """Who else gets the customer's mail."""

    to: Recipients
    mail: MailRef = None
    cc: Recipients = None
    bcc: Recipients = None
    from_: From = field(name="from", default=None)
    subject: Subject = None
    text: Text = None
    html: Html = None


class Edit(_Parameters, frozen=True):
    """What changes in the draft; what is not named stays."""

    mail: MailRef = None
    to: Recipients = None
    cc: Recipients = None
    bcc: Recipients = None
    from_: From = field(name="from", default=None)
    subject: Subject = None
    text: Text = None
    html: Html = None


class Attach(_Parameters, frozen=True):
    """Where the attachment comes from: a file of the project, or the vendor's library."""

    file: Annotated[FilePath | None, Meta(title="File", description="A file of the project.", examples=["files/invoice.pdf"])] = None
    library: Annotated[
        str | None, Meta(title="Library item", description="The name of an item in the vendor's library.", examples=["Price list"])
    ] = None
    mail: MailRef = None
    inline: Annotated[bool, Meta(title="Inline", description="Whether the HTML body shows it.", examples=[True])] = False
    type: Annotated[str | None, Meta(title="Media type", description="Default: from the file's name.", examples=["application/pdf"])] = None
    rename: Annotated[
        str | None, Meta(title="Rename", description="The name it has in the mail; default: the file's.", examples=["bill.pdf"])
    ] = None

    def __post_init__(self) -> None:
        if (self.file is None) == (self.library is None):
            raise ValueError("wants either `file` or `library`" if self.file is None else "wants `file` or `library`, not both")


class Detach(_Parameters, frozen=True):
    """Which attachment goes."""

    name: Annotated[str, Meta(title="Name", description="The attachment's file name.", examples=["invoice.pdf"])]
    mail: MailRef = None


class Download(_Parameters, frozen=True):
    """Which attachment is fetched."""

    name: Annotated[str, Meta(title="Name", description="The attachment's file name.", examples=["invoice.pdf"])]
    mail: MailRef = None


class Send(_Parameters, frozen=True):
    """Which draft leaves."""

    mail: MailRef = None


class Cancel(_Parameters, frozen=True):
    """Which draft is dropped."""

    mail: MailRef = None


class Transfer(_Parameters, frozen=True):
    """Who gets the mail next: a person or a queue."""

    to: Annotated[
        str | None, Meta(title="To", description="An actor of the scenario, or a user name at the vendor.", examples=["agent_2"])
    ] = None
    queue: Queue = None
    mail: MailRef = None


class Complete(_Parameters, frozen=True):
    """Which mail is finished."""

    mail: MailRef = None


class PlaceInQueue(_Parameters, frozen=True):
    """Where the mail waits for somebody else."""

    queue: Queue = None
    mail: MailRef = None


class VerifyStatus(_Parameters, frozen=True):
    """The status that the mail must reach."""

    is_: Annotated[
        Status | list[Status],
        Meta(title="Status", description="The status to wait for, or several of which any will do.", examples=["sent"]),
    ] = field(name="is")
    mail: MailRef = None
    within: Within = None


class ExpectedAttachment(_Parameters, frozen=True):
    """What one attachment must be like; what is not named may be anything."""

    name: Annotated[str | None, Meta(title="Name", description="Its file name.", examples=["invoice.pdf"])] = None
    size: Annotated[int | None, Meta(title="Size", description="In bytes.", examples=[2048])] = None
    type: Annotated[str | None, Meta(title="Media type", description="Its media type.", examples=["application/pdf"])] = None
    sha256: Annotated[str | None, Meta(title="SHA-256", description="The hash of its bytes, in hex.")] = None
    same_as: Annotated[
        FilePath | None, Meta(title="Same as", description="A file of the project with the same bytes.", examples=["files/invoice.pdf"])
    ] = None


class VerifyAttachments(_Parameters, frozen=True):
    """The attachments that the mail must have, in any order; no others."""

    are: Annotated[
        list[str | ExpectedAttachment],
        Meta(title="Attachments", description="A name each, or more about each.", examples=[["invoice.pdf"]]),
    ]
    mail: MailRef = None
    within: Within = None


class Listen(_Parameters, frozen=True):
    """Nothing to say: from here on the vendor's notifications are kept for ``expect_event``."""


class ExpectEvent(_Parameters, frozen=True):
    """
    The notification that must come. Each ``expect_event`` looks at what came after the one that the step before it found, so that several
    in a row ask for an order; ``any_order`` looks at everything since ``listen``.
    """

    status: Annotated[Status | None, Meta(title="Status", description="The status that the notification brings.", examples=["invited"])] = (
        None
    )
    event: Annotated[str | None, Meta(title="Event", description="The vendor's own name for it.", examples=["InteractionStateMessage"])] = (
        None
    )
    mail: MailRef = None
    within: Within = None
    absent: Annotated[
        bool,
        Meta(
            title="Absent",
            description="No such notification may come within that time, at whose end the server is asked whether it was heard.",
            examples=[True],
        ),
    ] = False
    any_order: Annotated[bool, Meta(title="Any order", description="Look at everything since listen.", examples=[True])] = False
