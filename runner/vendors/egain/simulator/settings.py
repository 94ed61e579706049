"""
What nobody outside eGain knows for certain, and what an administrator would set: the simulator's named settings, each with its reason.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from runner.vendors.egain.simulator.company import ATTRIBUTES, DEPARTMENTS, MACROS, CustomAttribute, Department, Macro, Setting

__all__ = ["EgainSettings"]

_LANGUAGES = (
    "en-US",
    "es-ES",
    "fr-FR",
    "it-IT",
    "de-DE",
    "nl-NL",
    "pt-BR",
    "pt-PT",
    "da-DK",
    "ru-RU",
    "fr-CA",
    "zh-CN",
    "ja-JP",
    "ko-KR",
    "sv-SE",
)

_Check = Literal["session", "language", "content_type", "accept", "query"]
_CHECKS: tuple[_Check, ...] = ("session", "language", "content_type", "accept", "query")

_BLOCKED = ("exe", "bat", "cmd", "com", "scr", "vbs", "js", "msi", "ps1", "jar")


class EgainSettings(Setting, frozen=True):
    """The simulator's settings."""

    departments: Annotated[
        tuple[Department, ...],
        Meta(description="Departments with aliases, queues and secure messaging. Reason: no v12 path tells or changes them."),
    ] = DEPARTMENTS
    home_department: Annotated[
        str, Meta(description="Everybody's home department, unless a person's rights say `home: NAME`. Reason: no v12 path tells it.")
    ] = "Service"
    foreign_departments: Annotated[
        tuple[str, ...],
        Meta(
            description="Where everybody is a foreign user, unless rights say `foreign: NAME`. Reason: one that lacks. Legal is nobody's."
        ),
    ] = ("Sales", "Private", "Clinic")
    customer_departmentalization: Annotated[
        bool, Meta(description="'Customer departmentalization': customers belong to a department. Reason: an administrator's choice.")
    ] = False
    custom_attributes: Annotated[
        tuple[CustomAttribute, ...],
        Meta(description="The custom attributes that are configured. Reason: one of each kind, an enumeration and a text."),
    ] = ATTRIBUTES
    macros: Annotated[
        tuple[Macro, ...],
        Meta(description="Article and usage-link macros; business macros are built in. Reason: the catalogue is the administrator's."),
    ] = MACROS
    closed_folders: Annotated[
        tuple[str, ...],
        Meta(
            description="Article folders without 'View Folder' for agents; the rest are open to them. Reason: a missing right must be seen."
        ),
    ] = ("Board",)
    blocked_extensions: Annotated[
        tuple[str, ...], Meta(description="File types that may not be attached. Reason: an administrator's list of extensions.")
    ] = _BLOCKED
    max_email_mb: Annotated[
        int, Meta(gt=0, description="'Maximum email size for dispatcher (MB)'. Reason for 25: the default is not published; a usual one.")
    ] = 25
    max_body_kb: Annotated[
        int, Meta(gt=0, description="'Maximum body size for dispatcher (KB)', for each content. Reason for 1000: the same.")
    ] = 1000
    max_pull: Annotated[
        int, Meta(ge=1, description="'Maximum activities to pull' at once. Reason for 1: a scenario takes one mail in hand.")
    ] = 1
    session_minutes: Annotated[
        float, Meta(gt=0, description="A session ends after so many minutes without a call. Reason for 30: the length is not published.")
    ] = 30.0
    sessions_per_user: Annotated[int, Meta(ge=1, description="Concurrent sessions of a user; published: five.")] = 5
    after_send: Annotated[
        Literal["stay_assigned", "complete"],
        Meta(description="What becomes of a sent activity. Reason for stay_assigned: a later API line separates send from sendcomplete."),
    ] = "stay_assigned"
    dispatch_seconds: Annotated[
        float, Meta(ge=0, description="How long a sent mail waits for the dispatcher. Reason for 0: scenarios need no real delay.")
    ] = 0.0
    lenient_json: Annotated[
        bool, Meta(description="Accept single quotes and bare words in JSON, as some servers do. Reason for no: strict finds mistakes.")
    ] = False
    username_allowed: Annotated[
        bool, Meta(description="Accept `username` for `userName` at login. Reason for no: every working client sends `userName`.")
    ] = False
    default_language: Annotated[str, Meta(description="The system's default language. Reason: an administrator's choice.")] = "en-US"
    languages: Annotated[
        tuple[str, ...], Meta(description="The languages that Accept-Language may ask for. Reason: a later API line lists these.")
    ] = _LANGUAGES
    requests_per_minute: Annotated[
        int, Meta(ge=0, description="More requests of one session than this within a minute are answered 429; 0: no limit, as in v12.")
    ] = 0
    context_root: Annotated[
        str, Meta(description="The first segment of every path. Reason: what documents and clients show.", pattern="^[a-z]+$")
    ] = "system"

    # ── what is assumed about requests ──
    check_order: Annotated[
        tuple[_Check, ...],
        Meta(description="The order of the checks before a body is read. Reason: who calls comes first; the pages tell no order."),
    ] = _CHECKS
    rights_checked: Annotated[
        Literal["before_values", "after_values"],
        Meta(
            description="Whether licence and 'Create activity' are asked for before the values of a mail. Reason for before_values: the "
            "pages tell no order; whoever may not create learns nothing about values."
        ),
    ] = "before_values"
    error_numbers: Annotated[
        dict[str, str],
        Meta(
            description="Other numbers behind a status: by element (`priority: '196'`) or by the number used otherwise (`'152': '100'`). "
            "Reason for none: the nearest published number is used, no text gives one for each rule."
        ),
    ] = field(default_factory=dict)
    child_order: Annotated[
        Literal["any", "listed"],
        Meta(
            description="Whether the elements of a mail in XML may stand in any order, or only as listed in simulator/elements.py. Reason "
            "for any: the examples are of no one order."
        ),
    ] = "any"
    default_format: Annotated[
        Literal["xml", "json"],
        Meta(description="How answers are written when Accept is missing or `*/*`. Reason for xml: it is published as the default format."),
    ] = "xml"
    other_accept: Annotated[
        Literal["refuse", "default"],
        Meta(description="What an Accept without XML and JSON meets: 406, or the default format. Reason for refuse: two are allowed."),
    ] = "refuse"
    other_content_type: Annotated[
        Literal[415, 400], Meta(description="The status for another Content-Type. Reason for 415: HTTP's own; the pages name none.")
    ] = 415
    language_lists: Annotated[
        bool, Meta(description="Whether Accept-Language may list several with q-values. Reason for yes: HTTP allows it, browsers send it.")
    ] = True
    strict_namespaces: Annotated[
        bool,
        Meta(description="Refuse XML elements outside their published namespace. Reason for no: working clients are sloppy about them."),
    ] = False
    bare_addresses: Annotated[
        bool,
        Meta(description="Accept a text for to, cc and bcc beside `{address: […]}`. Reason for yes: the JSON form is not published."),
    ] = True
    session_header_on_401: Annotated[
        bool, Meta(description="Whether a 401 echoes the session id that was sent. Reason for no: there is no current session.")
    ] = False
    error_details: Annotated[
        bool,
        Meta(description="Whether errors name the element in `details`. Reason for yes: testers see what is wrong."),
    ] = True

    # ── what is assumed about sessions ──
    sixth_login_status: Annotated[
        Literal[403, 401, 400], Meta(description="The status of one login too many. Reason for 403: published is only that it fails.")
    ] = 403
    force_ends: Annotated[
        Literal["when_full", "always"],
        Meta(description="When forceLogin ends the earliest session. Reason for when_full: it is told as the way past the limit."),
    ] = "when_full"
    sliding_sessions: Annotated[
        bool, Meta(description="Whether each call gives a session its whole time again. Reason for yes: the time-out is one of inactivity.")
    ] = True
    licences: Annotated[
        int, Meta(ge=0, description="How many users may be logged in at once; 0: any number. Reason for 0: what a company has bought.")
    ] = 0
    missing_licence_status: Annotated[
        Literal[403, 401], Meta(description="The status when the licence is missing. Reason for 403: it is a permission of the user's.")
    ] = 403

    console_cookie: Annotated[
        bool,
        Meta(
            description="Whether a session may travel as a console's cookie `X-egain-session`, which login then sets, with `X-egain-csrf`. "
            "Reason for no: clients of the API are told to send the header."
        ),
    ] = False
    csrf_on: Annotated[
        Literal["changes", "all"],
        Meta(description="Which requests with the cookie need `X-egain-csrf`. Reason for changes: reading does no harm elsewhere."),
    ] = "changes"
    missing_csrf_status: Annotated[
        Literal[403, 401, 400], Meta(description="The status when that is missing or wrong. Reason for 403: the session is known.")
    ] = 403

    # ── what is assumed about composing ──
    empty_counts: Annotated[
        bool, Meta(description="Whether an empty subject or content is one. Reason for no: a mail must have something to say.")
    ] = False
    subject_limit: Annotated[
        Literal["before", "after"],
        Meta(description="Whether a subject's 245 characters count before or after macros. Reason for before: the request's element."),
    ] = "before"
    copies_limit: Annotated[
        Literal["list", "address"],
        Meta(description="Whether 255 characters are the limit of all cc (bcc) together, or of each. Reason for list: the element's."),
    ] = "list"
    same_content_twice: Annotated[
        Literal["refuse", "last"],
        Meta(description="What two contents of one type meet: 400, or the last counts. Reason for refuse: one or both types may be given."),
    ] = "refuse"
    body_limit: Annotated[
        Literal["each", "both"],
        Meta(description="Whether max_body_kb is for each content or for both together. Reason for each: contents are alternatives."),
    ] = "each"
    sizes: Annotated[
        Literal["decoded", "encoded"],
        Meta(description="Whether attachments count as bytes or as base64. Reason for decoded: what the customer's file has."),
    ] = "decoded"
    inline_parts: Annotated[
        Literal["refuse", "attach"],
        Meta(description="What a form's inline part meets: 400, or it is attached. Reason for refuse: inline is not supported."),
    ] = "refuse"
    default_part_type: Annotated[
        str, Meta(description="The media type of a form's attachment that names none. Reason: HTTP's own for unknown bytes.")
    ] = "application/octet-stream"
    secure_with_sender: Annotated[
        Literal["plain", "secure"],
        Meta(description="What a mail with a sender is where secure messaging is on, not compulsory. Reason for plain: it has an alias."),
    ] = "plain"
    valueless_macro: Annotated[
        Literal["refuse", "empty"],
        Meta(description="What a known macro without a value meets: 400, or it becomes nothing. Reason for refuse: it cannot expand."),
    ] = "refuse"
    rescan_macros: Annotated[
        bool, Meta(description="Whether macros inside an article are expanded too. Reason for no: what was put in is a customer's text.")
    ] = False

    # ── what is assumed about activities ──
    inbound_seconds: Annotated[
        float,
        Meta(ge=0, description="How long an inbound mail is in its workflow before its queue. Reason for 0: no scenario waits."),
    ] = 0.0
    fresh_substatus: Annotated[
        str, Meta(description="The substatus of what nobody has worked on. Reason: the list of substatuses is not public.", min_length=1)
    ] = "new"
    moved_answer: Annotated[
        Literal["empty", "activities"],
        Meta(description="What pick and transfer answer: 204, or 200 with the activities. Reason for empty: nothing is published."),
    ] = "empty"
    forced_at_completion: Annotated[
        tuple[Literal["category", "resolution"], ...],
        Meta(description="What must be set in the console before an activity is completed. Reason for none: an administrator's choice."),
    ] = ()
    locked_status: Annotated[
        Literal[400, 409, 403],
        Meta(description="The status when somebody else has locked the activity. Reason for 400: the pages name no other for it."),
    ] = 400
    bounce_domains: Annotated[
        tuple[str, ...], Meta(description="Domains that take no mail, in lower case. Reason: one that certainly has no customers.")
    ] = ("undeliverable.example",)
    bounces: Annotated[
        Literal["new_case", "same_case", "none"],
        Meta(description="Where the mail server's notice arrives. Reason for new_case: no page tells that eGain knows it for one."),
    ] = "new_case"
    stale_status: Annotated[
        Literal[409, 400],
        Meta(description="The status for a lastModified that is not the server's. Reason for 409: as ECE's messaging."),
    ] = 409
    mask_pattern: Annotated[
        str, Meta(description="What masking an activity hides. Reason: an administrator's patterns; long numbers are the usual ones.")
    ] = r"\d{6,}"

    def __post_init__(self) -> None:
        """
        Raises: ``ValueError`` – an order of checks that leaves one out or names one twice.
        """
        if sorted(self.check_order) != sorted(_CHECKS):
            raise ValueError(f"check_order must name each of {', '.join(_CHECKS)} once")
