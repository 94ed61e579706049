"""
What nobody outside the vendor knows for certain about GWS, as named switches with a default and its reason.

Each ``[assumption]`` of the protocol notes stands here or in the base, so that one real capture can change it without code. Listed by
``runner simulate gws --settings``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from runner.clock import Duration
from runner.vendors.gws.simulator.behaviour import Behaviour, Cause, Check, Held, meta

__all__ = ["Cause", "Check", "GwsSettings", "Held"]


class GwsSettings(Behaviour, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The simulator's assumptions: what it does, and how things look on the wire."""

    # ── shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
    partial_start: Annotated[
        Literal["list", "by_name"],
        meta(
            "Partial start", "How code 7 tells each channel: a list as in `GET /me`, or an object by name; the page describes it in words."
        ),
    ] = "list"
    channels_in: Annotated[
        Literal["answer", "user"],
        meta(
            "Channels in",
            "Where `GET /me/channels` has its list: in the answer itself, or in a `user` as in `GET /me`; no page prints one.",
        ),
    ] = "answer"
    do_not_disturb_words: Annotated[
        tuple[str, str], meta("Do not disturb", "What `dndState` is after DoNotDisturbOn and DoNotDisturbOff; the field is documented.")
    ] = ("On", "Off")
    single_of_mine: Annotated[
        bool, meta("One of mine", "`GET /me/interactions/{id}` gives one; the page has POST only, `GET /interactions/{id}` is documented.")
    ] = True

    # ── notifications ────────────────────────────────────────────────────────────────────────────────────────────────────────
    delay: Annotated[
        tuple[Duration, Duration],
        meta("Delay", "A notification follows its answer after a time between these two; the page says asynchronous."),
    ] = (Duration(milliseconds=20), Duration(milliseconds=50))
    event_first: Annotated[
        bool, meta("Event first", "Send the notification before the HTTP answer; nothing promises the order, and clients must bear it.")
    ] = False
    nested: Annotated[
        bool, meta("Nested", "Put the fields into `data.interaction` as the 8.5.1 samples do; the supplied page shows them flat.")
    ] = False
    parent_field: Annotated[
        Literal["parentInteractionId", "parentId"],
        meta("Parent field", "Where a reply names the mail that it answers in the first dialect; the pages have both names."),
    ] = "parentInteractionId"
    late_error_field: Annotated[
        str, meta("Late error", "Where a notification tells what failed after the `ok`; so named in the operation's own answer.")
    ] = "errorDescription"
    emails_error_field: Annotated[
        str, meta("Error of the later dialect", "Where a notification of the kind Error has its text; its page names the kind only.")
    ] = "errorMessage"
    without_contents: Annotated[
        tuple[Literal["accepted", "changed"], ...],
        meta(
            "Without contents", "Notifications that tell the state alone, and no contents, user data or attachments; no page prints these."
        ),
    ] = ()
    sent_capabilities: Annotated[
        tuple[str, ...], meta("Capabilities when sent", "What can still be done with a sent mail; nothing, as with a cancelled one.")
    ] = ()
    queue_of_completed: Annotated[
        bool, meta("Queue of a completed mail", "`currentQueue` stands in the notification of what was given away; documented for offers.")
    ] = True
    service_message: Annotated[
        Literal["service", "services"],
        meta(
            "Service message",
            "What a state change of a back-end service tells: the one, or all as their resource does; no page prints one.",
        ),
    ] = "service"
    workbin_topic: Annotated[
        str, meta("Workbin topic", "Where it is told that a mail was put into a workbin by `AddEmail`; no page names the topic.")
    ] = "/v2/me/workbins"
    attachment_events: Annotated[
        bool, meta("Attachment events", "Adding or removing an attachment is notified; only the later dialect documents it.")
    ] = True

    # ── attachments ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    attachment_limit: Annotated[
        int, Meta(title="Attachment limit", description="In bytes; larger ones get 413. The limit depends on the installation.", ge=0)
    ] = 25 * 1024 * 1024

    not_multipart_status: Annotated[
        int, meta("Not multipart", "The HTTP status of an upload that is no multipart form; the page says only that it has to be one.")
    ] = 415
    attachment_name: Annotated[
        bool, meta("Attachment's name", "A download tells its file name in Content-Disposition; the page names bytes and media type only.")
    ] = True
    inbound_attachments: Annotated[
        bool, meta("Attachments of received mail", "Can be fetched by who has the mail in hand; the page speaks of interactions alone.")
    ] = True

    # ── CometD ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
    cometd_refusal: Annotated[
        Literal["http", "bayeux"],
        meta(
            "CometD without a session",
            "Whoever is not signed in gets the 401 of every path, or an unsuccessful handshake; nothing says which.",
        ),
    ] = "http"
    connect_timeout: Annotated[Duration, meta("Connect timeout", "How long a connect is held; CometD's default.")] = Duration(seconds=30)
    max_interval: Annotated[Duration, meta("Sweep", "A CometD session without a connect for this long is swept; CometD's default.")] = (
        Duration(seconds=10)
    )
    acknowledge: Annotated[
        bool,
        meta(
            "Acknowledgement",
            "CometD's ack extension for clients that offer it: what did not arrive is sent again; off, for nobody has seen GWS use it.",
        ),
    ] = False
