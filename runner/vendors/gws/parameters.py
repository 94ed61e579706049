"""
The parameters of GWS' steps where the shared words do not say everything, and of the steps that only GWS has.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from runner.plugins import vocabulary as shared
from runner.plugins.vocabulary import MailRef

__all__ = [
    "AddComment",
    "ChannelsOutput",
    "DoNotDisturb",
    "GwsComplete",
    "GwsCreate",
    "GwsReply",
    "GwsSend",
    "GwsTransfer",
    "InteractionsOutput",
    "LinkAttachment",
    "ListInteractions",
    "NoParameters",
    "Operation",
    "PlaceInWorkbin",
    "RawOutput",
    "SetDisposition",
    "SetInFocus",
    "SetState",
    "SettingsOutput",
    "StartChannels",
    "StatesOutput",
    "UpdateProperties",
]

_DraftQueue = Annotated[
    str | None, Meta(title="Queue", description="The queue that holds the draft; default: the environment's.", examples=["Outbound-draft"])
]


class GwsCreate(shared.Create, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The new outgoing mail, and the queue that holds it."""

    queue: _DraftQueue = None


class GwsReply(shared.Reply, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The answer, and how GWS begins it."""

    queue: _DraftQueue = None
    subject_prefix: Annotated[
        str | None,
        Meta(title="Subject prefix", description="Stands before the customer's subject; default: the environment's.", examples=["AW: "]),
    ] = None
    start_line: Annotated[
        str | None, Meta(title="Start line", description="A line before the quoted text.", examples=["On Monday Ana wrote:"])
    ] = None
    indent: Annotated[str | None, Meta(title="Indent", description="Stands before each quoted line.", examples=["> "])] = None


class GwsSend(shared.Send, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which draft leaves, and through which queue."""

    queue: Annotated[
        str | None,
        Meta(title="Queue", description="The queue that it goes through; default: the environment's.", examples=["Outbound-email"]),
    ] = None


class GwsTransfer(shared.Transfer, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who gets the mail next: a person, a queue, or anybody with a skill."""

    skill: Annotated[str | None, Meta(title="Skill", description="Anybody who has it.", examples=["Billing"])] = None


class GwsComplete(shared.Complete, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which mail is finished, and the queue that it goes to then, if any."""

    queue: Annotated[str | None, Meta(title="Queue", description="Where it goes when it is finished.", examples=["Escalation"])] = None


class _Parameters(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown keys are mistakes."""


class NoParameters(_Parameters, frozen=True):
    """Nothing to say."""


class UpdateProperties(_Parameters, frozen=True):
    """What changes at the server, at once."""

    data: Annotated[
        dict[str, Any], Meta(title="User data", description="Keys and values that go with the interaction.", examples=[{"Product": "Lamp"}])
    ] = {}
    remove: Annotated[
        list[str],
        Meta(title="Remove", description="Keys of user data that are removed; the `emails` dialect only.", examples=[["Product"]]),
    ] = []
    to: shared.Recipients = None
    cc: shared.Recipients = None
    bcc: shared.Recipients = None
    from_: shared.From = field(name="from", default=None)
    subject: shared.Subject = None
    text: shared.Text = None
    mail: MailRef = None


class AddComment(_Parameters, frozen=True):
    """What is noted on a mail."""

    comment: Annotated[str, Meta(title="Comment", description="The note.", examples=["Called back"], min_length=1)]
    mail: MailRef = None


class SetDisposition(_Parameters, frozen=True):
    """What came of a mail."""

    disposition: Annotated[
        str, Meta(title="Disposition", description="The contact centre's code for it.", examples=["IssueResolved"], min_length=1)
    ]
    key: Annotated[
        str | None,
        Meta(
            title="Key", description="The key of the user data that it is kept under; default: the server's.", examples=["DispositionCode"]
        ),
    ] = None
    mail: MailRef = None


class SetInFocus(_Parameters, frozen=True):
    """Which mail the agent is looking at."""

    mail: MailRef = None


class LinkAttachment(_Parameters, frozen=True):
    """Which document is attached."""

    document: Annotated[
        str, Meta(title="Document", description="A documentId, or a name from the environment's `documents`.", examples=["Price list"])
    ]
    mail: MailRef = None


class PlaceInWorkbin(_Parameters, frozen=True):
    """Where the mail is parked."""

    workbin: Annotated[str, Meta(title="Workbin", description="A workbin of the agent, by name or id.", examples=["Drafts"])]
    mail: MailRef = None


class DoNotDisturb(_Parameters, frozen=True):
    """Whether the agent may be disturbed."""

    is_: Annotated[Literal["on", "off"], Meta(title="Do not disturb", description="On: nothing is offered.", examples=["on"])] = field(
        name="is", default="on"
    )


class SetState(_Parameters, frozen=True):
    """The state of the agent's channel."""

    state: Annotated[
        str,
        Meta(
            title="State",
            description="Ready, NotReady, or a state of the contact centre (`gws.states` lists them).",
            examples=["OutToLunch"],
        ),
    ]
    channel: Annotated[str, Meta(title="Channel", description="The channel.", examples=["email"])] = "email"


class StartChannels(_Parameters, frozen=True):
    """Which channels are started."""

    channels: Annotated[list[str], Meta(title="Channels", description="The channels.", examples=[["email", "chat"]])]


class ListInteractions(_Parameters, frozen=True):
    """Whose."""

    whose: Annotated[
        Literal["mine", "all"],
        Meta(title="Whose", description="The agent's own, or all active ones of the contact centre.", examples=["mine"]),
    ] = "mine"


class Operation(_Parameters, frozen=True):
    """Any operation, with its fields as they go out."""

    operation: Annotated[str, Meta(title="Operation", description="The operation's name.", examples=["Accept"])]
    fields: Annotated[
        dict[str, Any], Meta(title="Fields", description="Its fields, unchanged.", examples=[{"queueName": "Outbound-email"}])
    ] = {}
    mail: MailRef = None


class InteractionsOutput(Struct, frozen=True):
    """Interactions, oldest first."""

    interactions: list[shared.MailOutput]
    count: int


class StatesOutput(Struct, frozen=True):
    """The states that an agent can take: ``operationName``, ``type``, ``displayName`` each, as the server tells them."""

    states: list[dict[str, Any]]


class ChannelsOutput(Struct, frozen=True):
    """The agent's channels: ``channel``, ``state``, ``reason``, ``do_not_disturb`` each; ``status`` is the server's own code."""

    channels: list[dict[str, Any]]
    code: int = 0


class SettingsOutput(Struct, frozen=True):
    """The user's settings: section → key → value."""

    settings: dict[str, Any]


class RawOutput(Struct, frozen=True):
    """What the server answered."""

    body: Any
