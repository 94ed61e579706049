"""
The shared words: the steps every vendor does if it can, with their parameters, outputs and statuses (``language.md`` §3).

A vendor takes a word and says how it is done: ``CREATE.step(create, parameters=GwsCreate)``. The records here are the tester's manual:
the schema, the editor's completion, ``runner steps`` and the reference are made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from runner.clock import Duration
from runner.plugins.contract import FilePath, ProjectFile, Word

__all__ = [
    "STATUSES",
    "WORDS",
    "AttachmentOutput",
    "Event",
    "MailOutput",
    "Nothing",
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


# ── outputs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    status: str = ""
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
    status: str = ""
    subject: str = ""
    channel: str = ""
    body: Any = None


# ── parameters ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

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
    absent: Annotated[bool, Meta(title="Absent", description="No such notification may come within that time.", examples=[True])] = False
    any_order: Annotated[bool, Meta(title="Any order", description="Look at everything since listen.", examples=[True])] = False


# ── what the observing words ask ─────────────────────────────────────────────────────────────────────────────────────────────────

ReadFile = Callable[[str], ProjectFile]


def _wanted_statuses(p: VerifyStatus) -> list[str]:
    return list(p.is_) if isinstance(p.is_, list) else [p.is_]


def _status_expected(p: VerifyStatus, _read: ReadFile) -> object:
    wanted = _wanted_statuses(p)
    return {"status": wanted[0] if len(wanted) == 1 else {"one_of": wanted}}


def _status_impossible(p: VerifyStatus, output: Mapping[str, Any]) -> str:
    now = str(output.get("status", ""))
    wanted = _wanted_statuses(p)
    if now not in _NEXT or now in wanted or any(can_follow(now, w) for w in wanted):
        return ""
    return f"the mail is {now}, and {' or '.join(wanted)} cannot come after that"


def _attachments_expected(p: VerifyAttachments, read: ReadFile) -> object:
    return {"attachments": {"unordered": [_one_expected(item, read) for item in p.are]}}


def _one_expected(item: str | ExpectedAttachment, read: ReadFile) -> dict[str, object]:
    if isinstance(item, str):
        return {"name": item}
    wanted = {k: v for k, v in msgspec.structs.asdict(item).items() if v is not None and k != "same_as"}
    if item.same_as is not None:
        file = read(item.same_as)
        wanted = {"name": file.name, "sha256": file.sha256, "size": len(file.content)} | wanted
    return wanted


def _event_expected(p: ExpectEvent, _read: ReadFile) -> object:
    wanted: dict[str, object] = {}
    if p.status is not None:
        wanted["status"] = p.status
    if p.event is not None:
        wanted["name"] = p.event
    if p.mail is not None:
        wanted["mail"] = p.mail["id"] if isinstance(p.mail, dict) else p.mail
    return wanted


def _event_absent(p: ExpectEvent) -> bool:
    return p.absent


# ── the words ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

_WIRE = ("unauthenticated", "unavailable", "server_error")
_ON_MAIL = (*_WIRE, "forbidden", "not_found", "invalid", "conflict")

LOGIN = Word(
    name="login",
    title="Log in",
    description="Opens an actor's session. Later steps are done by whoever logged in last, unless they say `as`.",
    example="- login: {as: agent}",
    parameters=Login,
    output=SessionOutput,
    short="as",
    opens=True,
    refusals=("unauthenticated", "forbidden", "unavailable", "server_error", "invalid"),
)
LOGOUT = Word(
    name="logout",
    title="Log out",
    description="Closes the actor's session.",
    example="- logout",
    parameters=Logout,
    output=Nothing,
    short="as",
    refusals=_WIRE,
)
READY = Word(
    name="ready",
    title="Ready",
    description="The actor's e-mail channel takes work from now on.",
    example="- ready",
    parameters=Ready,
    output=Nothing,
    safe=True,
    refusals=(*_WIRE, "forbidden", "invalid", "conflict"),
)
NOT_READY = Word(
    name="not_ready",
    title="Not ready",
    description="The actor's e-mail channel takes no new work; what is in hand stays.",
    example="- not_ready",
    parameters=NotReady,
    output=Nothing,
    short="reason",
    safe=True,
    refusals=(*_WIRE, "forbidden", "invalid", "conflict"),
)
RECEIVE = Word(
    name="receive",
    title="Receive a customer's mail",
    description="A customer's mail arrives: over SMTP in real environments, directly in a simulator.",
    example='- receive: {from: joe@example.com, subject: "Where is my parcel?", text: "It is late."}',
    parameters=Receive,
    output=MailOutput,
    anonymous=True,
    refusals=("unavailable", "server_error", "invalid"),
)
ACCEPT = Word(
    name="accept",
    title="Accept an offered mail",
    description="Waits until a mail is offered to the actor, and takes it.",
    example="- accept",
    parameters=Accept,
    output=MailOutput,
    short="mail",
    refusals=_ON_MAIL,
)
REJECT = Word(
    name="reject",
    title="Reject an offered mail",
    description="Waits until a mail is offered to the actor, and turns it down.",
    example="- reject",
    parameters=Reject,
    output=MailOutput,
    short="mail",
    refusals=_ON_MAIL,
)
CREATE = Word(
    name="create",
    title="Begin a new mail",
    description="Begins an outgoing mail as a draft.",
    example='- create: {to: joe@example.com, subject: "Your order", text: "It is on its way."}',
    parameters=Create,
    output=MailOutput,
    recipients=("to", "cc", "bcc"),
    refusals=(*_WIRE, "forbidden", "invalid"),
)
REPLY = Word(
    name="reply",
    title="Reply",
    description="Begins an answer to the customer who wrote the mail.",
    example='- reply: {text: "It is on its way."}',
    parameters=Reply,
    output=MailOutput,
    short="text",
    recipients=("cc", "bcc"),
    refusals=_ON_MAIL,
)
REPLY_ALL = Word(
    name="reply_all",
    title="Reply to all",
    description="Begins an answer to the customer and everybody who got the mail.",
    example='- reply_all: {text: "It is on its way."}',
    parameters=Reply,
    output=MailOutput,
    short="text",
    recipients=("cc", "bcc"),
    refusals=_ON_MAIL,
)
FORWARD = Word(
    name="forward",
    title="Forward",
    description="Begins a mail that hands the customer's mail on to somebody else.",
    example='- forward: {to: desk@example.com, text: "Please have a look."}',
    parameters=Forward,
    output=MailOutput,
    recipients=("to", "cc", "bcc"),
    refusals=_ON_MAIL,
)
EDIT = Word(
    name="edit",
    title="Edit the draft",
    description="Changes recipients, subject or body of the draft; what is not named stays.",
    example='- edit: {subject: "Your order 4711"}',
    parameters=Edit,
    output=MailOutput,
    recipients=("to", "cc", "bcc"),
    refusals=_ON_MAIL,
)
ATTACH = Word(
    name="attach",
    title="Attach",
    description="Attaches a file of the project, or an item of the vendor's library, to the draft.",
    example="- attach: {file: files/invoice.pdf}",
    parameters=Attach,
    output=AttachmentOutput,
    short="file",
    refusals=(*_ON_MAIL, "too_large"),
)
DETACH = Word(
    name="detach",
    title="Detach",
    description="Takes an attachment off the draft.",
    example="- detach: {name: invoice.pdf}",
    parameters=Detach,
    output=Nothing,
    short="name",
    refusals=_ON_MAIL,
)
DOWNLOAD = Word(
    name="download",
    title="Download an attachment",
    description="Fetches the bytes of an attachment.",
    example="- download: {name: invoice.pdf}",
    parameters=Download,
    output=FileOutput,
    short="name",
    safe=True,
    refusals=_ON_MAIL,
)
SEND = Word(
    name="send",
    title="Send",
    description="Sends the draft. It is never sent a second time by itself, whatever happens to the answer.",
    example="- send",
    parameters=Send,
    output=MailOutput,
    short="mail",
    sends=True,
    refusals=_ON_MAIL,
)
CANCEL = Word(
    name="cancel",
    title="Cancel the draft",
    description="Drops the draft; nothing is sent.",
    example="- cancel",
    parameters=Cancel,
    output=MailOutput,
    short="mail",
    refusals=_ON_MAIL,
)
TRANSFER = Word(
    name="transfer",
    title="Transfer",
    description="Hands the mail over to another agent or to a queue.",
    example="- transfer: {to: agent_2}",
    parameters=Transfer,
    output=MailOutput,
    short="to",
    actors=("to",),
    refusals=_ON_MAIL,
)
COMPLETE = Word(
    name="complete",
    title="Complete",
    description="Finishes the work on the mail.",
    example="- complete",
    parameters=Complete,
    output=MailOutput,
    short="mail",
    refusals=_ON_MAIL,
)
PLACE_IN_QUEUE = Word(
    name="place_in_queue",
    title="Place in a queue",
    description="Puts the mail into a queue for somebody else.",
    example="- place_in_queue",
    parameters=PlaceInQueue,
    output=MailOutput,
    short="queue",
    refusals=_ON_MAIL,
)
VERIFY_STATUS = Word(
    name="verify_status",
    title="Verify the status",
    description="Waits until the mail has a status; ends at once when it can no longer come. The report shows the states seen.",
    example="- verify_status: {is: sent, within: 30s}",
    parameters=VerifyStatus,
    output=MailOutput,
    shape="observe",
    short="is",
    safe=True,
    refusals=_ON_MAIL,
    expects=_status_expected,
    impossible=_status_impossible,
)
VERIFY_ATTACHMENTS = Word(
    name="verify_attachments",
    title="Verify the attachments",
    description="The mail has these attachments and no others, by name, size, type or bytes.",
    example="- verify_attachments: {are: [invoice.pdf]}",
    parameters=VerifyAttachments,
    output=AttachmentsOutput,
    shape="observe",
    short="are",
    safe=True,
    refusals=_ON_MAIL,
    expects=_attachments_expected,
)
LISTEN = Word(
    name="listen",
    title="Listen",
    description="Keeps the vendor's notifications from here on, for `expect_event`.",
    example="- listen",
    parameters=Listen,
    output=Nothing,
    refusals=_WIRE,
)
EXPECT_EVENT = Word(
    name="expect_event",
    title="Expect a notification",
    description="The vendor pushes a notification that matches; or none does, with `absent`.",
    example="- expect_event: {status: invited, within: 10s}",
    parameters=ExpectEvent,
    output=Event,
    shape="observe",
    short="status",
    safe=True,
    refusals=_WIRE,
    expects=_event_expected,
    absent=_event_absent,
)

WORDS: tuple[Word, ...] = (
    LOGIN,
    LOGOUT,
    READY,
    NOT_READY,
    RECEIVE,
    ACCEPT,
    REJECT,
    CREATE,
    REPLY,
    REPLY_ALL,
    FORWARD,
    EDIT,
    ATTACH,
    DETACH,
    DOWNLOAD,
    SEND,
    CANCEL,
    TRANSFER,
    COMPLETE,
    PLACE_IN_QUEUE,
    VERIFY_STATUS,
    VERIFY_ATTACHMENTS,
    LISTEN,
    EXPECT_EVENT,
)
