"""
What nobody publishes about a real ICWS server and the simulator therefore assumes: each a named field with its default and its reason.

Read by every other module of the simulator; set by ``runner simulate icws --set`` and by tests.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

__all__ = ["IcwsSettings", "LibraryFile", "Recording"]


class LibraryFile(Struct, frozen=True, forbid_unknown_fields=True):
    """An item of a response-management library. ``type`` is 0 text, 1 URL, 2 file; ``value`` the text, the URL, or the file's name."""

    name: str
    value: str
    type: int = 2
    media_type: str = "application/octet-stream"
    content: str = ""


class Recording(Struct, frozen=True, forbid_unknown_fields=True):
    """A recording that the recorder knows; ``attachments`` are the files of a recorded e-mail."""

    id: str
    interaction: str
    attachments: tuple[str, ...] = ()


_FEATURES = {
    "connection": 11,
    "messaging": 2,
    "interactions": 13,
    "queues": 1,
    "recordings": 6,
    "response-management": 4,
    "quality-management": 3,
    "status": 1,
    "licenses": 1,
    "activations": 1,
    "configuration": 2,
}

_LIBRARY = (
    LibraryFile("Price list", "price-list.pdf", 2, "application/pdf", "%PDF-1.4 price list of the shop\n"),
    LibraryFile("Terms", "terms.txt", 2, "text/plain", "Terms of delivery: fourteen days.\n"),
    LibraryFile("Logo", "logo.svg", 2, "image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'),
    LibraryFile("Greeting", "Thank you for writing to us.", 0),
    LibraryFile("Shop", "https://shop.example/", 1),
)


class IcwsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The simulator's assumptions."""

    features: Annotated[
        dict[str, int],
        Meta(description="Feature versions. Default: those the cited pages name. interactions below 10 has no e-mail resources (404)."),
    ] = field(default_factory=lambda: dict(_FEATURES))
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
    statuses: Annotated[tuple[str, ...], Meta(description="Status ids that exist, compared without case.")] = (
        "Available",
        "At Lunch",
        "Lunch",
        "Away from desk",
        "Do Not disturb",
        "In a meeting",
        "Gone Home",
    )
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
    library_name: Annotated[str, Meta(description="The name of the shared response-management library.")] = "Shop answers"
    library: Annotated[tuple[LibraryFile, ...], Meta(description="The items of the shared library.")] = _LIBRARY
    recordings: Annotated[tuple[Recording, ...], Meta(description="The recordings that exist.")] = (
        Recording("b7d2e0c1-1", "2101980001"),
        Recording("b7d2e0c1-2", "2101980002", ("order.pdf", "photo.png")),
    )
