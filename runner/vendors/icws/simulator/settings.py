"""
What nobody publishes about a real ICWS server and the simulator therefore assumes: each a named field with its default and its reason.

Read by every other module of the simulator; set by ``runner simulate icws --set`` and by tests.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from runner.vendors.icws.simulator.stock import FEATURES, LIBRARY, RECORDINGS, STATUSES, SUCCESS, Act, LibraryFile, Recording

__all__ = ["Check", "Family", "IcwsSettings", "Need", "Operation", "Watcher"]


Operation = Literal["pickup", "disconnect", "hold", "unhold", "transfer", "park", "respond", "save", "attach", "send"]
Check = Literal["route", "removed", "session", "cookie", "token", "rights", "body", "object"]
Family = Literal["rights", "workgroup", "parent"]
Watcher = Literal["queues", "interactions", "contents"]
Need = Literal["media", "ready", "available"]
_CHECKS: tuple[Check, ...] = ("route", "removed", "session", "cookie", "token", "rights", "body", "object")
_WATCHERS: tuple[Watcher, ...] = ("queues", "interactions", "contents")
_NEEDS: tuple[Need, ...] = ("media", "ready", "available")


class IcwsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The simulator's assumptions."""

    features: Annotated[
        dict[str, int],
        Meta(description="Feature versions. Default: those the cited pages name. interactions below 10 has no e-mail resources (404)."),
    ] = field(default_factory=lambda: dict(FEATURES))
    server_name: Annotated[str, Meta(description="icServer of the login answer; any name does.")] = "IC-A"
    accepting: Annotated[bool, Meta(description="False answers every login with 503 and alternateHostList, as a backup server does.")] = (
        True
    )
    alternate_hosts: Annotated[
        tuple[str, ...], Meta(description="alternateHostList. Real servers give host names only; host:port is for tests on odd ports.")
    ] = ()
    accept_language_required: Annotated[
        bool, Meta(description="A login without Accept-Language is 400. The header is documented as required, the code is not.")
    ] = True
    one_session_per_user: Annotated[
        bool, Meta(description="A login elsewhere ends the earlier session. Off: several scenarios may share.")
    ] = False
    idle_seconds: Annotated[float, Meta(description="Seconds without a request or open stream until a session ends; no public number.")] = (
        120.0
    )
    grace_seconds: Annotated[
        float, Meta(description="Seconds after logout in which GET connection says state 2 (down); afterwards 401. The docs allow both.")
    ] = 30.0
    linger_seconds: Annotated[
        float, Meta(description="Seconds a disconnected interaction stays listed before it is deallocated (404).")
    ] = 2.0
    alert_seconds: Annotated[float, Meta(description="Seconds an offer alerts before it falls back to offering; no public number.")] = 60.0
    ping_seconds: Annotated[float, Meta(description="Seconds between keep-alive comments on the event stream; about 15 was seen.")] = 15.0
    unique_token_seconds: Annotated[float, Meta(description="Life of a unique-auth-token; documented as 7.")] = 7.0
    alerting: Annotated[
        Literal["all", "one"],
        Meta(
            description="Whom a workgroup's mail alerts: all ready members (group ring) or one after another (ACD). "
            "Both kinds of workgroup exist; all keeps scenarios that run side by side apart."
        ),
    ] = "all"
    workgroups: Annotated[
        tuple[str, ...], Meta(description="Workgroups; customers' mail arrives at the first, everybody who works is in all.")
    ] = (
        "Customer Service",
        "Returns",
    )
    mailbox: Annotated[str, Meta(description="The address that customers write to and drafts are sent from.")] = "help@shop.example"
    stations: Annotated[tuple[str, ...], Meta(description="Workstations that exist; any other name is 'station not found'.")] = (
        "Desk-1",
        "Desk-2",
        "Desk-3",
    )
    statuses: Annotated[tuple[str, ...], Meta(description="Status ids that exist, compared without case.")] = STATUSES
    available_statuses: Annotated[tuple[str, ...], Meta(description="Status ids in which an agent takes routed mail.")] = ("Available",)
    licences: Annotated[tuple[str, ...], Meta(description="Licences that can be acquired.")] = (
        "I3_ACCESS_CLIENT",
        "I3_ACCESS_ACD_MEDIA_3_PLUS",
    )
    work_right: Annotated[str, Meta(description="The person's right that lets them work on interactions.")] = "email"
    supervise_right: Annotated[str, Meta(description="The person's right that opens every queue.")] = "supervise"
    response_management_right: Annotated[str, Meta(description="The person's right to use the libraries.")] = "email"
    recordings_right: Annotated[str, Meta(description="The person's right to manage recordings.")] = "email"
    coerce_booleans: Annotated[
        bool, Meta(description='Whether "true" as text is taken for a boolean; a public sample sends it so. False answers 400.')
    ] = True
    sent_state: Annotated[
        str, Meta(description="Eic_CallStateString of a sent mail. No page says how sent and dropped drafts differ: both end in state I.")
    ] = "Sent"
    dropped_state: Annotated[str, Meta(description="Eic_CallStateString of a dropped draft and of any other disconnected item.")] = (
        "Disconnected"
    )
    directory_answers: Annotated[bool, Meta(description="False: the mail directory is too slow, resolve-address answers 504.")] = True
    removed: Annotated[
        tuple[str, ...],
        Meta(description="Resources that answer 410, below the session, * for an id: interactions/*/email/send. Default: none."),
    ] = ()
    success_statuses: Annotated[
        dict[Act, int],
        Meta(description="What answers where no page tells 200 from 204. One that is not named keeps its default."),
    ] = field(default_factory=lambda: dict(SUCCESS))
    error_ids: Annotated[
        dict[str, str],
        Meta(
            description="errorId as the simulator spells it → as it goes out. Default: none. The pages spell neither those of "
            "403, 404, 405 and 410 nor that of a missing property."
        ),
    ] = field(default_factory=dict)
    transitions: Annotated[
        dict[Operation, dict[str, str]],
        Meta(
            description="Changes to the state table: operation → state → new state, '-' keeps it, '' refuses. Default: none. "
            "No page has the table; hold on an e-mail, for one, may be refused: {hold: {C: '', D: ''}}."
        ),
    ] = field(default_factory=dict)
    email_object_type: Annotated[str, Meta(description="Eic_ObjectType of an e-mail; no page gives the word.")] = "EMAIL"
    unset_attributes: Annotated[
        Literal["empty", "absent"], Meta(description="Whether an attribute that is not set reads as empty text or is left out.")
    ] = "empty"
    reply_presets: Annotated[
        bool, Meta(description="Whether an answer gets recipients and subject from its parent where the request names none.")
    ] = True
    parent_ends_with_answer: Annotated[
        bool, Meta(description="Whether sending the answer disconnects the parent; public material shows both as separate acts.")
    ] = False
    recipients_required: Annotated[bool, Meta(description="Whether send without any recipient is 400; no page says.")] = True
    one_body_of_a_type: Annotated[bool, Meta(description="Whether two bodies of one type are 400; else the last one counts.")] = True
    create_location: Annotated[bool, Meta(description="Whether the 201 of create has a Location; only its body is documented.")] = True
    absolute_uris: Annotated[
        bool, Meta(description="Whether uploadUri, downloadUri and library urls name scheme and host; a public sample takes them as paths.")
    ] = False
    upload_tells_first: Annotated[
        Literal["status", "contents"], Meta(description="Which message comes first after an upload; no page orders them.")
    ] = "status"
    largest_upload: Annotated[
        int, Meta(description="Bytes above which an upload ends with uploadSuccess false; 0 is no limit, as none is published.", ge=0)
    ] = 0
    insertable_types: Annotated[
        tuple[int, ...], Meta(description="Item types that can be inserted as a file (0 text, 1 URL, 2 file); others are 400.")
    ] = (2,)
    unknown_recording_status: Annotated[
        Literal[400, 404], Meta(description="What an unknown recording is; the send-as-email page lists no 404.")
    ] = 400
    flat_participant: Annotated[
        bool, Meta(description="Whether send-as-email takes one displayName and address at its top, as the page's table reads, too.")
    ] = True
    poll_beside_stream: Annotated[
        Literal["competes", "empty"], Meta(description="What a poll gets while an event stream is open: what it is first to read, or [].")
    ] = "competes"
    messages_survive_break: Annotated[
        bool, Meta(description="Whether what a broken stream could not tell is told to the next reader; browsers reconnect by themselves.")
    ] = True
    heartbeat_keeps_alive: Annotated[
        bool, Meta(description="Whether messaging/heartbeat counts against idling; the vendor's library declares it without its purpose.")
    ] = True
    unsubscribe_absent: Annotated[
        Literal["harmless", "not found"], Meta(description="Whether ending a subscription that is not there is 204 or 404.")
    ] = "harmless"
    ignore_unknown_include: Annotated[bool, Meta(description="Whether unknown words of a login's include are passed over or 400.")] = True
    property_names_any_case: Annotated[
        bool, Meta(description="Whether property names are taken in any case; only attribute names are documented so.")
    ] = False
    single_sign_on_prefix: Annotated[
        str, Meta(description="A single-sign-on token is this and the user's name; no identity provider is simulated.")
    ] = "sso:"
    denied_status: Annotated[
        Literal[401, 403], Meta(description="The status of errorCode 7 (access denied for the session); public clients only read the code.")
    ] = 401
    echo_origin: Annotated[
        bool, Meta(description="Whether Access-Control-Allow-Origin repeats the request's Origin; browsers need that with cookies.")
    ] = True
    order_of_checks: Annotated[
        tuple[Check, ...],
        Meta(
            description="What is looked at first, so which of several refusals is told: route (404, 405), removed (410), session, "
            "cookie and token (401), rights (403), body (400), object (404); last comes the state (400). No page orders them."
        ),
    ] = _CHECKS
    change_order: Annotated[
        tuple[Watcher, ...], Meta(description="Who is told first of a change: queues, interactions, contents. No page orders the messages.")
    ] = _WATCHERS
    create_refusals: Annotated[
        dict[Family, Literal[400, 403, 404]],
        Meta(
            description="The status of a create without rights, for an unknown workgroup, or with a parent that cannot be answered. "
            "Default: 400 for each, as its page lists neither 403 nor 404."
        ),
    ] = field(default_factory=dict)
    create_needs_station: Annotated[
        bool, Meta(description="Whether a draft can only be begun at a station (else 400); public samples begin it without one.")
    ] = False
    routing_needs: Annotated[
        tuple[Need, ...],
        Meta(description="What an agent needs for routed mail: a station with medium 3, ready, an available status. No page lists it."),
    ] = _NEEDS
    family_ids: Annotated[
        Literal["interaction", "key"],
        Meta(
            description="Whether Eic_EmailParent and Eic_EmailChildren hold interaction ids or Eic_CallIdKeys; only their names are known."
        ),
    ] = "interaction"
    children_separator: Annotated[str, Meta(description="What stands between the ids in Eic_EmailChildren; no page shows two.")] = "|"
    telephony_on_email: Annotated[
        Literal["refused", "ignored"], Meta(description="Whether send-digits, play-wav and their like are 400 on an e-mail, or do nothing.")
    ] = "refused"
    inline_by_default: Annotated[bool, Meta(description="What isInlineAttachment is where insert leaves it out; no page says.")] = False
    removes_by: Annotated[
        Literal["uri", "name"], Meta(description="Whether the fileUri of remove is an attachment's downloadUri or its name; no page says.")
    ] = "uri"
    unknown_file_status: Annotated[
        Literal[400, 404], Meta(description="The status of a remove whose file is not attached; its 404 is said to mean the interaction.")
    ] = 400
    sender_required: Annotated[bool, Meta(description="Whether send without a sender's address is 400; no page says.")] = True
    recording_recipients_required: Annotated[
        bool, Meta(description="Whether send-as-email to an empty list is 400; the page only requires the list.")
    ] = True
    search_ids: Annotated[
        Literal["request", "own"],
        Meta(description="Whether a quality search is asked for by its requestId, or by a searchId of its own in the completion message."),
    ] = "request"
    upload_below_session: Annotated[
        bool, Meta(description="Whether uploadUri stands below the session's path, where its cookie is sent; no page shows one.")
    ] = True
    stream_when: Annotated[
        Literal["asked", "accepted"],
        Meta(description="Whether messages are streamed only to who asks for text/event-stream, or to who takes anything (*/*) as well."),
    ] = "asked"
    queue_faults: Annotated[
        Literal["told", "silent"],
        Meta(
            description="Whether watching a queue that is unknown or not allowed is told by queueSubscriptionStateMessage (3, faulted). "
            "Its PUT lists neither 403 nor 404; nothing of the queue is told either way."
        ),
    ] = "told"
    farewell: Annotated[
        bool, Meta(description="Whether a session that the server ends is told so (state 2) before its requests are 401; no page says.")
    ] = True
    preflight: Annotated[
        bool, Meta(description="Whether OPTIONS is answered, without a session; False: 405, as behind a proxy that answers for itself.")
    ] = True
    library_name: Annotated[str, Meta(description="The name of the shared response-management library.")] = "Shop answers"
    library: Annotated[tuple[LibraryFile, ...], Meta(description="The items of the shared library.")] = LIBRARY
    recordings: Annotated[tuple[Recording, ...], Meta(description="The recordings that exist.")] = RECORDINGS

    def __post_init__(self) -> None:
        """Raises: ``ValueError`` – an order leaves something out, or asks for what is not known by then."""
        for name, given, all_ in (
            ("order_of_checks", self.order_of_checks, _CHECKS),
            ("change_order", self.change_order, _WATCHERS),
        ):
            if sorted(given) != sorted(all_):
                raise ValueError(f"{name} must name each of {', '.join(all_)} once")
        at = {check: n for n, check in enumerate(self.order_of_checks)}
        if (
            not at["session"]
            < min(at["cookie"], at["token"])
            <= max(at["cookie"], at["token"], at["route"])
            < min(at["rights"], at["body"], at["object"])
        ):
            raise ValueError("order_of_checks: session comes before cookie and token; they and route before rights, body and object")

    def success(self, act: Act) -> int:
        """The status of an *act* that brings nothing, one of ``success_statuses``."""
        return self.success_statuses.get(act, SUCCESS[act])

    def create_refusal(self, why: Family) -> int:
        """The status of a create that fails because of *why*."""
        return self.create_refusals.get(why, 400)
