"""
What nobody outside eGain knows for certain: each assumption a named setting of the simulator, with its reason. What an administrator would
set stands in :mod:`runner.vendors.egain.simulator.administration`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from runner.vendors.egain.simulator.administration import Administration

__all__ = ["EgainSettings"]

_Check = Literal["session", "language", "content_type", "accept", "query"]
_CHECKS: tuple[_Check, ...] = ("session", "language", "content_type", "accept", "query")


class EgainSettings(Administration, frozen=True):
    """The simulator's settings."""

    # ── requests ──
    lenient_json: Annotated[
        bool, Meta(description="Accept single quotes and bare words in JSON, as some servers do. Reason for no: strict finds mistakes.")
    ] = False
    requests_per_minute: Annotated[
        int, Meta(ge=0, description="More requests of one session than this within a minute are answered 429; 0: no limit, as in v12.")
    ] = 0
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
    login_errors: Annotated[
        Literal["older", "wserror"],
        Meta(description="How login and logout say no. Reason for older: its XML is published, its JSON is what clients read."),
    ] = "older"
    xml_pagination: Annotated[
        bool, Meta(description="Whether a list in XML tells `paginationInfo`. Reason for yes: JSON does; no published XML shows a page.")
    ] = True
    attachment_detail: Annotated[
        Literal["list", "object"],
        Meta(description="How JSON tells one attachment. Reason for list: servers answer one, though the pages print an object."),
    ] = "list"

    # ── sessions ──
    session_minutes: Annotated[
        float, Meta(gt=0, description="A session ends after so many minutes without a call. Reason for 30: the length is not published.")
    ] = 30.0
    username_allowed: Annotated[
        bool, Meta(description="Accept `username` for `userName` at login. Reason for no: every working client sends `userName`.")
    ] = False
    login_parameters: Annotated[
        Literal["refuse", "ignore"],
        Meta(description="What another query parameter or value than `forceLogin=yes` meets. Reason for refuse: it is not listed."),
    ] = "refuse"
    incomplete_login_status: Annotated[
        Literal[400, 401], Meta(description="The status when user name or password is missing. Reason for 400: 401 is for wrong ones.")
    ] = 400
    disabled_status: Annotated[
        Literal[403, 401], Meta(description="The status of a disabled user's login. Reason for 403: the password is right.")
    ] = 403
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
    licences_taken_status: Annotated[
        Literal[403, 401], Meta(description="The status of a login when all `licences` are taken. Reason for 403: the password is right.")
    ] = 403
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

    # ── composing ──
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
    part_content: Annotated[
        Literal["bytes", "base64"],
        Meta(description="What a form's attachment holds. Reason for bytes: forms can; base64 is asked for in documents alone."),
    ] = "bytes"
    file_name_spelled: Annotated[
        Literal["any_case", "published"],
        Meta(description="Whether `filename` and `filename*` do as `fileName` does. Reason for any_case: HTTP's parameters have no case."),
    ] = "any_case"
    secure_with_sender: Annotated[
        Literal["plain", "secure"],
        Meta(description="What a mail with a sender is where secure messaging is on, not compulsory. Reason for plain: it has an alias."),
    ] = "plain"
    valueless_macro: Annotated[
        Literal["refuse", "empty"],
        Meta(description="What a known macro without a value meets: 400, or it becomes nothing. Reason for refuse: it cannot expand."),
    ] = "refuse"
    long_accents: Annotated[
        Literal["refuse", "macro"],
        Meta(description="What three grave accents or more meet: 400, or a macro follows them. Reason for refuse: two are a macro's mark."),
    ] = "refuse"
    rescan_macros: Annotated[
        bool, Meta(description="Whether macros inside an article are expanded too. Reason for no: what was put in is a customer's text.")
    ] = False
    failed_calls_take_numbers: Annotated[
        bool, Meta(description="Whether a refused mail uses up its id. Reason for yes: `activity_id` needs it before all is checked.")
    ] = True
    taken_address_status: Annotated[
        Literal[409, 400], Meta(description="The status of a new customer with another one's address. Reason for 409: HTTP's own.")
    ] = 409

    # ── activities ──
    after_send: Annotated[
        Literal["stay_assigned", "complete"],
        Meta(description="What becomes of a sent activity. Reason for stay_assigned: a later API line separates send from sendcomplete."),
    ] = "stay_assigned"
    dispatch_seconds: Annotated[
        float, Meta(ge=0, description="How long a sent mail waits for the dispatcher. Reason for 0: scenarios need no real delay.")
    ] = 0.0
    inbound_seconds: Annotated[
        float,
        Meta(ge=0, description="How long an inbound mail is in its workflow before its queue. Reason for 0: no scenario waits."),
    ] = 0.0
    fresh_substatus: Annotated[
        str, Meta(description="The substatus of what nobody has worked on. Reason: the list of substatuses is not public.", min_length=1)
    ] = "new"
    edit_begins: Annotated[
        bool, Meta(description="Whether the first edit puts a fresh activity in progress. Reason for yes: somebody has worked on it.")
    ] = True
    saved_drafts: Annotated[
        Literal["assigned", "queued"],
        Meta(description="Where a saved draft is: with its author, or in the queue it names. Reason for assigned: who saves goes on."),
    ] = "assigned"
    most_moved: Annotated[
        int, Meta(ge=1, description="How many activities pick, transfer and mask take at once. Reason for 75: as complete, which tells it.")
    ] = 75
    moved_answer: Annotated[
        Literal["empty", "activities"],
        Meta(description="What pick, transfer and mask answer: 204, or 200 with the activities. Reason for empty: nothing is published."),
    ] = "empty"
    locked_status: Annotated[
        Literal[400, 409, 403],
        Meta(description="The status when somebody else has locked the activity. Reason for 400: the pages name no other for it."),
    ] = 400
    bounces: Annotated[
        Literal["new_case", "same_case", "none"],
        Meta(description="Where the mail server's notice arrives. Reason for new_case: no page tells that eGain knows it for one."),
    ] = "new_case"
    stale_status: Annotated[
        Literal[409, 400],
        Meta(description="The status for a lastModified that is not the server's. Reason for 409: as ECE's messaging."),
    ] = 409

    def __post_init__(self) -> None:
        """
        Raises: ``ValueError`` – an order of checks that leaves one out or names one twice.
        """
        if sorted(self.check_order) != sorted(_CHECKS):
            raise ValueError(f"check_order must name each of {', '.join(_CHECKS)} once")
