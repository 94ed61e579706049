"""
What nobody outside eGain knows for certain, and what an administrator would set: the simulator's named settings, each with its reason.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

__all__ = ["Alias", "CustomAttribute", "Department", "EgainSettings", "Macro", "Queue"]


class _Setting(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown names are mistakes."""


class Queue(_Setting, frozen=True):
    """A queue of a department: its ``id``, its ``name``, and whether it is active."""

    id: int
    name: str
    active: bool = True


class Alias(_Setting, frozen=True):
    """An e-mail alias of a department, and the queue that its mail goes to (the department's first one when none is named)."""

    address: str
    active: bool = True
    queue: str = ""


class Department(_Setting, frozen=True):
    """
    A department with what an administrator sets in it.

    ``secure_messaging`` is "Enable secure messaging", ``only_secure`` "Types of emails agents are allowed to send: Only secure emails",
    ``secure_center`` the address of its Secure Message Center, ``queue_for_outbound`` "Allow agent to associate a new outbound activity
    with a queue".
    """

    id: int
    name: str
    aliases: tuple[Alias, ...] = ()
    queues: tuple[Queue, ...] = ()
    secure_messaging: bool = False
    only_secure: bool = False
    secure_center: str = ""
    queue_for_outbound: bool = True


class CustomAttribute(_Setting, frozen=True):
    """A custom attribute of activities, cases and customers; with ``values`` it is an enumeration."""

    name: str
    values: tuple[str, ...] = ()


class Macro(_Setting, frozen=True):
    """
    A macro of the administrator's: an ``article`` of a ``folder``, or a ``usage_link``.

    One without ``content`` is known but cannot be expanded.
    """

    name: str
    kind: Literal["article", "usage_link"]
    content: str = ""
    folder: str = ""


_DEPARTMENTS = (
    Department(
        id=999,
        name="Service",
        aliases=(
            Alias(address="help@shop.example"),
            Alias(address="care@shop.example"),
            Alias(address="old@shop.example", active=False),
        ),
        queues=(
            Queue(id=2001, name="Service mail"),
            Queue(id=2002, name="Complaints"),
            Queue(id=2003, name="Closed queue", active=False),
        ),
    ),
    Department(
        id=1000,
        name="Sales",
        aliases=(Alias(address="sales@shop.example"),),
        queues=(Queue(id=2011, name="Sales mail"),),
        queue_for_outbound=False,
    ),
    Department(
        id=1001,
        name="Private",
        aliases=(Alias(address="private@shop.example"),),
        queues=(Queue(id=2021, name="Private mail"),),
        secure_messaging=True,
        secure_center="center@shop.example",
    ),
    Department(
        id=1002,
        name="Clinic",
        aliases=(Alias(address="clinic@shop.example"),),
        queues=(Queue(id=2031, name="Clinic mail"),),
        secure_messaging=True,
        only_secure=True,
        secure_center="clinic-center@shop.example",
    ),
    Department(
        id=1003,
        name="Legal",
        aliases=(Alias(address="legal@shop.example"),),
        queues=(Queue(id=2041, name="Legal mail"),),
    ),
)

_ATTRIBUTES = (
    CustomAttribute(name="region", values=("North", "South")),
    CustomAttribute(name="order_number"),
)

_MACROS = (
    Macro(name="greeting", kind="article", folder="Shared", content="<p>Thank you for writing to us.</p>"),
    Macro(name="price_list", kind="article", folder="Shared", content="<p>Prices from 5 EUR.</p>"),
    Macro(name="board_notes", kind="article", folder="Board", content="<p>For the board only.</p>"),
    Macro(name="empty_article", kind="article", folder="Shared"),
    Macro(name="order_status_link", kind="usage_link", content="https://shop.example/orders"),
)

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

_BLOCKED = ("exe", "bat", "cmd", "com", "scr", "vbs", "js", "msi", "ps1", "jar")


class EgainSettings(_Setting, frozen=True):
    """The simulator's settings."""

    departments: Annotated[
        tuple[Department, ...],
        Meta(description="Departments with aliases, queues and secure messaging. Reason: no v12 path tells or changes them."),
    ] = _DEPARTMENTS
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
    ] = _ATTRIBUTES
    macros: Annotated[
        tuple[Macro, ...],
        Meta(description="Article and usage-link macros; business macros are built in. Reason: the catalogue is the administrator's."),
    ] = _MACROS
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
