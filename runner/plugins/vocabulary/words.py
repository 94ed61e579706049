"""
The shared words: the steps every vendor does if it can (``language.md`` §3).
"""

from __future__ import annotations

from runner.plugins.contract import Word
from runner.plugins.vocabulary import asking, outputs, parameters

__all__ = [
    "ACCEPT",
    "ATTACH",
    "CANCEL",
    "COMPLETE",
    "CREATE",
    "DETACH",
    "DOWNLOAD",
    "EDIT",
    "EXPECT_EVENT",
    "FORWARD",
    "LISTEN",
    "LOGIN",
    "LOGOUT",
    "NOT_READY",
    "PLACE_IN_QUEUE",
    "READY",
    "RECEIVE",
    "REJECT",
    "REPLY",
    "REPLY_ALL",
    "SEND",
    "TRANSFER",
    "VERIFY_ATTACHMENTS",
    "VERIFY_STATUS",
    "WORDS",
]

_WIRE = ("unauthenticated", "unavailable", "server_error")
_ON_MAIL = (*_WIRE, "forbidden", "not_found", "invalid", "conflict")

LOGIN = Word(
    name="login",
    title="Log in",
    description="Opens an actor's session. Later steps are done by whoever logged in last, unless they say `as`.",
    example="- login: {as: agent}",
    parameters=parameters.Login,
    output=outputs.SessionOutput,
    short="as",
    opens=True,
    refusals=("unauthenticated", "forbidden", "unavailable", "server_error", "invalid"),
)
LOGOUT = Word(
    name="logout",
    title="Log out",
    description="Closes the actor's session.",
    example="- logout",
    parameters=parameters.Logout,
    output=outputs.Nothing,
    short="as",
    refusals=_WIRE,
)
READY = Word(
    name="ready",
    title="Ready",
    description="The actor's e-mail channel takes work from now on.",
    example="- ready",
    parameters=parameters.Ready,
    output=outputs.Nothing,
    safe=True,
    refusals=(*_WIRE, "forbidden", "invalid", "conflict"),
)
NOT_READY = Word(
    name="not_ready",
    title="Not ready",
    description="The actor's e-mail channel takes no new work; what is in hand stays.",
    example="- not_ready",
    parameters=parameters.NotReady,
    output=outputs.Nothing,
    short="reason",
    safe=True,
    refusals=(*_WIRE, "forbidden", "invalid", "conflict"),
)
RECEIVE = Word(
    name="receive",
    title="Receive a customer's mail",
    description="A customer's mail arrives: over SMTP in real environments, directly in a simulator.",
    example='- receive: {from: joe@example.com, subject: "Where is my parcel?", text: "It is late."}',
    parameters=parameters.Receive,
    output=outputs.MailOutput,
    anonymous=True,
    refusals=("unauthenticated", "unavailable", "not_acceptable", "invalid"),
)
ACCEPT = Word(
    name="accept",
    title="Accept an offered mail",
    description="Waits until a mail is offered to the actor, and takes it.",
    example="- accept",
    parameters=parameters.Accept,
    output=outputs.MailOutput,
    short="mail",
    refusals=_ON_MAIL,
)
REJECT = Word(
    name="reject",
    title="Reject an offered mail",
    description="Waits until a mail is offered to the actor, and turns it down.",
    example="- reject",
    parameters=parameters.Reject,
    output=outputs.MailOutput,
    short="mail",
    refusals=_ON_MAIL,
)
CREATE = Word(
    name="create",
    title="Begin a new mail",
    description="Begins an outgoing mail as a draft.",
    example='- create: {to: joe@example.com, subject: "Your order", text: "It is on its way."}',
    parameters=parameters.Create,
    output=outputs.MailOutput,
    recipients=("to", "cc", "bcc"),
    refusals=(*_WIRE, "forbidden", "invalid"),
)
REPLY = Word(
    name="reply",
    title="Reply",
    description="Begins an answer to the customer who wrote the mail.",
    example='- reply: {text: "It is on its way."}',
    parameters=parameters.Reply,
    output=outputs.MailOutput,
    short="text",
    recipients=("cc", "bcc"),
    refusals=_ON_MAIL,
)
REPLY_ALL = Word(
    name="reply_all",
    title="Reply to all",
    description="Begins an answer to the customer and everybody who got the mail.",
    example='- reply_all: {text: "It is on its way."}',
    parameters=parameters.Reply,
    output=outputs.MailOutput,
    short="text",
    recipients=("cc", "bcc"),
    refusals=_ON_MAIL,
)
FORWARD = Word(
    name="forward",
    title="Forward",
    description="Begins a mail that hands the customer's mail on to somebody else.",
    example='- forward: {to: desk@example.com, text: "Please have a look."}',
    parameters=parameters.Forward,
    output=outputs.MailOutput,
    recipients=("to", "cc", "bcc"),
    refusals=_ON_MAIL,
)
EDIT = Word(
    name="edit",
    title="Edit the draft",
    description="Changes recipients, subject or body of the draft; what is not named stays.",
    example='- edit: {subject: "Your order 4711"}',
    parameters=parameters.Edit,
    output=outputs.MailOutput,
    recipients=("to", "cc", "bcc"),
    refusals=_ON_MAIL,
)
ATTACH = Word(
    name="attach",
    title="Attach",
    description="Attaches a file of the project, or an item of the vendor's library, to the draft.",
    example="- attach: {file: files/invoice.pdf}",
    parameters=parameters.Attach,
    output=outputs.AttachmentOutput,
    short="file",
    refusals=(*_ON_MAIL, "too_large"),
)
DETACH = Word(
    name="detach",
    title="Detach",
    description="Takes an attachment off the draft.",
    example="- detach: {name: invoice.pdf}",
    parameters=parameters.Detach,
    output=outputs.Nothing,
    short="name",
    refusals=_ON_MAIL,
)
DOWNLOAD = Word(
    name="download",
    title="Download an attachment",
    description="Fetches the bytes of an attachment.",
    example="- download: {name: invoice.pdf}",
    parameters=parameters.Download,
    output=outputs.FileOutput,
    short="name",
    safe=True,
    refusals=_ON_MAIL,
)
SEND = Word(
    name="send",
    title="Send",
    description="Sends the draft. It is never sent a second time by itself, whatever happens to the answer.",
    example="- send",
    parameters=parameters.Send,
    output=outputs.MailOutput,
    short="mail",
    sends=True,
    refusals=_ON_MAIL,
)
CANCEL = Word(
    name="cancel",
    title="Cancel the draft",
    description="Drops the draft; nothing is sent.",
    example="- cancel",
    parameters=parameters.Cancel,
    output=outputs.MailOutput,
    short="mail",
    refusals=_ON_MAIL,
)
TRANSFER = Word(
    name="transfer",
    title="Transfer",
    description="Hands the mail over to another agent or to a queue.",
    example="- transfer: {to: agent_2}",
    parameters=parameters.Transfer,
    output=outputs.MailOutput,
    short="to",
    actors=("to",),
    refusals=_ON_MAIL,
)
COMPLETE = Word(
    name="complete",
    title="Complete",
    description="Finishes the work on the mail.",
    example="- complete",
    parameters=parameters.Complete,
    output=outputs.MailOutput,
    short="mail",
    refusals=_ON_MAIL,
)
PLACE_IN_QUEUE = Word(
    name="place_in_queue",
    title="Place in a queue",
    description="Puts the mail into a queue for somebody else.",
    example="- place_in_queue",
    parameters=parameters.PlaceInQueue,
    output=outputs.MailOutput,
    short="queue",
    refusals=_ON_MAIL,
)
VERIFY_STATUS = Word(
    name="verify_status",
    title="Verify the status",
    description="Waits until the mail has a status; ends at once when it can no longer come. The report shows the states seen.",
    example="- verify_status: {is: sent, within: 30s}",
    parameters=parameters.VerifyStatus,
    output=outputs.MailOutput,
    shape="observe",
    short="is",
    safe=True,
    refusals=_ON_MAIL,
    expects=asking.status_expected,
    stated_in={"status": "is"},
    impossible=asking.status_impossible,
)
VERIFY_ATTACHMENTS = Word(
    name="verify_attachments",
    title="Verify the attachments",
    description="The mail has these attachments and no others, by name, size, type or bytes.",
    example="- verify_attachments: {are: [invoice.pdf]}",
    parameters=parameters.VerifyAttachments,
    output=outputs.AttachmentsOutput,
    shape="observe",
    short="are",
    safe=True,
    refusals=_ON_MAIL,
    expects=asking.attachments_expected,
    stated_in={"attachments": "are"},
)
LISTEN = Word(
    name="listen",
    title="Listen",
    description="Keeps the vendor's notifications from here on, for `expect_event`.",
    example="- listen",
    parameters=parameters.Listen,
    output=outputs.Nothing,
    refusals=_WIRE,
)
EXPECT_EVENT = Word(
    name="expect_event",
    title="Expect a notification",
    description="The vendor pushes a notification that matches; or none does, with `absent`.",
    example="- expect_event: {status: invited, within: 10s}",
    parameters=parameters.ExpectEvent,
    output=outputs.Event,
    shape="observe",
    short="status",
    safe=True,
    refusals=_WIRE,
    expects=asking.event_expected,
    stated_in={"name": "event", "status": "status", "mail": "mail"},
    absent=asking.event_absent,
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
