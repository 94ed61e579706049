"""
What nobody outside the vendor knows for certain of what GWS does, as named switches with a default and its reason.

The base of :class:`~runner.vendors.gws.simulator.settings.GwsSettings`, which adds how things look on the wire.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from runner.clock import Duration

__all__ = ["Behaviour", "Cause", "Check", "Held", "meta"]

# Why a request is refused where the pages leave open with which return code. The last two are no refusals by default.
Cause = Literal[
    "bad_address",
    "channel_not_started",
    "not_json",
    "not_started",
    "too_large",
    "unknown_channel",
    "unknown_operation",
    "unknown_queue",
    "unknown_state",
    "unknown_target",
    "not_updatable",
    "wrong_state",
    "already_started",
    "nothing_to_end",
]

# Return code → HTTP status. The pages say only that a body comes beside some HTTP status.
_HTTP = {
    1: 400,
    2: 400,
    3: 403,
    4: 500,
    5: 403,
    6: 404,
    7: 200,
    8: 403,
    9: 202,
    10: 400,
    11: 400,
    12: 500,
    13: 500,
    14: 500,
    15: 500,
    16: 500,
    17: 500,
    18: 409,
    19: 409,
    20: 401,
}


def meta(title: str, description: str) -> Meta:
    """A setting's name for people, and why it is as it is."""
    return Meta(title=title, description=description)


# The states in which an agent has a mail.
Held = Literal["Invited", "Processing", "Draft"]
Check = Literal["operation", "interaction", "state", "fields", "contact_center", "backend"]
_CHECKS: tuple[Check, ...] = ("operation", "interaction", "state", "fields", "contact_center", "backend")
# The protocol notes' section 6.
_OPERATIONS_IN: dict[Held, tuple[str, ...]] = {
    "Invited": ("Accept", "Reject"),
    "Processing": ("Reply", "ReplyAll", "Forward", "Transfer", "Complete", "PlaceInQueue", "PlaceInWorkbin", "UpdateProperties"),
    "Draft": (
        *("Send", "Cancel", "Transfer", "PlaceInWorkbin", "UpdateProperties"),
        *("LinkAttachment", "Attach", "PlaceInQueue", "Complete"),
    ),
}


class Behaviour(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the simulated server does."""

    dialect: Annotated[
        Literal["interactions", "emails"],
        meta("Dialect", "`interactions` is the published e-mail channel (8.5.0, 8.5.1); `emails` its successor (8.5.2, 8.6)."),
    ] = "interactions"
    aliases: Annotated[
        bool,
        meta(
            "8.5.0 names",
            "Also take `CancelReply`, `StopProcessing` and `Forward`, which only 8.5.0 had; off, because the pages lack them.",
        ),
    ] = False

    # ── signing in ───────────────────────────────────────────────────────────────────────────────────────────────────────────
    http_status: Annotated[
        dict[int, int],
        meta("HTTP statuses", "Return code → HTTP status; the pages give the codes only, so each got the status that says the same."),
    ] = field(default_factory=lambda: dict(_HTTP))
    always_200: Annotated[bool, meta("Always 200", "Answer 200 whatever the return code but 20; some installations may.")] = False
    codes: Annotated[
        dict[Cause, int],
        meta(
            "Return codes",
            "Cause → return code, where this server has another; the pages say what a code means, not when it comes. Causes: bad_address, "
            "channel_not_started, not_json, not_started, too_large, unknown_channel, unknown_operation, unknown_queue, unknown_state, "
            "unknown_target, not_updatable, wrong_state; and already_started and nothing_to_end, which are no mistakes by default.",
        ),
    ] = field(default_factory=dict)
    wording: Annotated[
        dict[int, str],
        meta("Wording", "Return code → its text, in which `{text}` is the simulator's own; no page prints what GWS really writes."),
    ] = field(default_factory=dict)
    unauthenticated_body: Annotated[
        Literal["json", "page", "none"],
        meta("Body of a 401", "The return code as JSON, a servlet container's HTML page, or nothing; the pages give code 20 only."),
    ] = "json"
    realm: Annotated[str, meta("Realm", "The realm of the 401 answer; any text would do.")] = "GWS"
    session_idle: Annotated[Duration, meta("Idle limit", "An HTTP session ends after this long without a request; documented default.")] = (
        Duration(minutes=30)
    )
    csrf: Annotated[bool, meta("CSRF protection", "Writing needs the token; `enableCsrfProtection`, on here so that clients learn it.")] = (
        True
    )
    csrf_header: Annotated[str, meta("CSRF header", "The header that carries the token; its name stands in X-CSRF-HEADER.")] = (
        "X-CSRF-TOKEN"
    )
    csrf_on_cometd: Annotated[
        bool, meta("CSRF on CometD", "Posts to the notification address need the token too; undocumented, known clients send it.")
    ] = True

    allowed_origins: Annotated[
        tuple[str, ...],
        meta("Allowed origins", "Whose pages in a browser may call (CORS), with `*` in them; documented default: none."),
    ] = ()

    # ── contact centre ───────────────────────────────────────────────────────────────────────────────────────────────────────
    channels: Annotated[tuple[str, ...], meta("Channels", "What StartContactCenterSession may name; these stand on its page.")] = (
        "voice",
        "email",
        "chat",
        "workitem",
    )
    down_channels: Annotated[
        tuple[str, ...], meta("Channels that are down", "Starting one of these fails: code 7 when others start, code 4 when none does.")
    ] = ()
    start_state: Annotated[
        Literal["NotReady", "Ready"], meta("Start state", "The state of a channel that was just started; most contact centres begin so.")
    ] = "NotReady"
    expiry_ends_contact_center: Annotated[
        bool,
        meta(
            "Expiry logs the agent out",
            "Whether the end of an HTTP session by time also ends the agent's session; off, for it outlives CometD.",
        ),
    ] = False
    not_ready_states: Annotated[
        dict[str, str], meta("Custom states", "Operation → display name of the NotReady states of this contact centre; examples.")
    ] = field(default_factory=lambda: {"OutToLunch": "Out to Lunch", "Break": "Break", "Training": "Training"})
    queues: Annotated[tuple[str, ...], meta("Queues", "The queues there are; any other name is refused with code 2.")] = (
        "Inbound-email",
        "Outbound-email",
        "Outbound-draft",
        "Escalation",
        "Failing-email",
    )
    inbound_queue: Annotated[str, meta("Inbound queue", "Where customers' mail arrives; no page names one.")] = "Inbound-email"
    outbound_queue: Annotated[str, meta("Outbound queue", "What the user's settings name as the queue for Send.")] = "Outbound-email"
    failing_queues: Annotated[
        tuple[str, ...],
        meta(
            "Failing queues",
            "An operation that names one of these is taken over and then fails by a notification, as a broken back end would.",
        ),
    ] = ("Failing-email",)
    mailbox: Annotated[
        str, meta("Mailbox", "The address of the contact centre; the sender of replies to mail with several recipients.")
    ] = "help@shop.example"
    skills: Annotated[tuple[str, ...], meta("Skills", "Skills that mail can be transferred to; every agent has all of them.")] = (
        "Billing",
        "German",
    )
    workbins: Annotated[dict[str, str], meta("Workbins", "Workbin id → name; each agent has one of each.")] = field(
        default_factory=lambda: {
            "personal": "Personal",
            "draft": "Drafts",
        }
    )
    library: Annotated[
        dict[str, str],
        meta("Library", "documentId → file name of the documents that LinkAttachment finds; the content is made of the name."),
    ] = field(default_factory=lambda: {"0000QbLIB0000001": "Price list.pdf", "0000QbLIB0000002": "Terms.txt"})
    backend_up: Annotated[
        bool,
        meta("Back end", "Off: every operation on interactions answers code 4, whose meaning is published; on, for that is how it is."),
    ] = True

    # ── interactions ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    strict_capabilities: Annotated[
        bool,
        meta(
            "Strict capabilities", "Refuse what the state's capability list lacks (Transfer of a draft); the pages contradict each other."
        ),
    ] = False
    reply_quotes: Annotated[
        bool,
        meta(
            "Reply quotes", "Whether Reply quotes when `quoteOriginal` is absent; its page does not call it optional, nor names a default."
        ),
    ] = False
    accepted_state: Annotated[
        str, meta("Accepted state", "The state after Accept; the later dialect says Processing, an old sample Accepted.")
    ] = "Processing"
    accepted_capabilities: Annotated[
        tuple[str, ...],
        meta("Accepted capabilities", "What an accepted mail's notification lists in the first dialect; what its page allows then."),
    ] = ("Reply", "ReplyAll", "Transfer", "Complete", "PlaceInQueue", "PlaceInWorkbin", "UpdateProperties")
    sent_state: Annotated[str, meta("Sent state", "The state after Send; seen in clients.")] = "Sent"
    canceled_state: Annotated[str, meta("Cancelled state", "The state after Cancel; one l in the later dialect and in clients.")] = (
        "Canceled"
    )
    completed_state: Annotated[
        str, meta("Completed state", "The state after Complete and Transfer; documented for the later dialect only.")
    ] = "Completed"
    rejected_state: Annotated[
        str, meta("Rejected state", "What who rejected an offer is told; documented for an offer whose time is up only.")
    ] = "Revoked"
    queued_state: Annotated[
        str, meta("Queued state", "What who put a mail into a queue is told; the page says only that somebody else gets it.")
    ] = "Completed"
    created_state: Annotated[
        str, meta("Created state", "The state after Create; the page refers to Reply Created, clients take Created too.")
    ] = "ReplyCreated"
    renamed_fields: Annotated[
        dict[str, str],
        meta(
            "Renamed fields",
            "`Operation.field` → its name on this server, as `Transfer.userUri`; the page names none for several operations.",
        ),
    ] = field(default_factory=dict)
    disposition_key: Annotated[
        str,
        meta(
            "Disposition key",
            "Where SetDisposition keeps it when the request names no key; configured at each server, so named in a sample.",
        ),
    ] = "DispositionCode"
    focus_event: Annotated[
        bool,
        meta("Focus event", "SetInFocus is told as a change of properties, like its neighbours; nobody has seen what GWS tells of it."),
    ] = True
    address_lists: Annotated[
        bool,
        meta("Address lists", "Several addresses are a list, as in the later dialect, and not a text with commas; the page shows texts."),
    ] = False
    invitation: Annotated[
        Duration, meta("Invitation time", "An offer that nobody takes is revoked after this long, and the mail offered to the next agent.")
    ] = Duration(seconds=60)
    offers: Annotated[
        int, Meta(title="Offers", description="After so many offers in vain a mail waits until somebody becomes Ready.", ge=1)
    ] = 20

    order_of_checks: Annotated[
        tuple[Check, ...],
        meta(
            "Order of checks",
            "What is looked at first, so which of several refusals is told: operation (3), interaction (6), state (2), "
            "fields (1, 2, 6, 10), contact_center (2), backend (4). No page orders them.",
        ),
    ] = _CHECKS
    operations_in: Annotated[
        dict[Held, tuple[str, ...]],
        meta(
            "Operations by state",
            "What can be done with an offer, with a mail in hand and with a draft, created or begun as a reply; `Attach` is the files' "
            "POST and DELETE. The page says it of the first few, the rest is what the later pages list.",
        ),
    ] = field(default_factory=lambda: dict(_OPERATIONS_IN))
    answer_completes_parent: Annotated[
        bool,
        meta(
            "Answer completes parent", "Sending an answer completes the mail that it answers; off, for the page has an operation for that."
        ),
    ] = False
    created_type: Annotated[
        Literal["requested", "Email"],
        meta("Type of a created mail", "What its notification tells as interactionType: what Create asked for, or Email as for a reply."),
    ] = "requested"
    quote_line_break: Annotated[
        Literal["lf", "crlf"],
        meta("Line break of a quote", "What parts the quoted lines, and the start line from them; the page names an indent for each line."),
    ] = "lf"
    start_line_alone: Annotated[
        bool, meta("Start line alone", "`replyToStartLine` stands on a line of its own; the page says only that it comes first.")
    ] = True

    def __post_init__(self) -> None:
        """Raises: ``ValueError`` – the order of checks leaves one out."""
        if sorted(self.order_of_checks) != sorted(_CHECKS):
            raise ValueError(f"order_of_checks must name each of {', '.join(_CHECKS)} once")
