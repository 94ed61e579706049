"""
The company whose eGain is pretended: its departments with aliases and queues, its custom attributes, its macros. Each is a setting.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

__all__ = ["ATTRIBUTES", "DEPARTMENTS", "MACROS", "Alias", "CustomAttribute", "Department", "Macro", "Queue", "Setting"]


class Setting(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Unknown names are mistakes."""


class Queue(Setting, frozen=True):
    """A queue of a department: its ``id``, its ``name``, and whether it is active."""

    id: int
    name: str
    active: bool = True


class Alias(Setting, frozen=True):
    """An e-mail alias of a department, and the queue that its mail goes to (the department's first one when none is named)."""

    address: str
    active: bool = True
    queue: str = ""


class Department(Setting, frozen=True):
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


class CustomAttribute(Setting, frozen=True):
    """A custom attribute of activities, cases and customers; with ``values`` it is an enumeration."""

    name: str
    values: tuple[str, ...] = ()


class Macro(Setting, frozen=True):
    """
    A macro of the administrator's: an ``article`` of a ``folder``, or a ``usage_link``.

    One without ``content`` is known but cannot be expanded.
    """

    name: str
    kind: Literal["article", "usage_link"]
    content: str = ""
    folder: str = ""


DEPARTMENTS = (
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

ATTRIBUTES = (
    CustomAttribute(name="region", values=("North", "South")),
    CustomAttribute(name="order_number"),
)

MACROS = (
    Macro(name="greeting", kind="article", folder="Shared", content="<p>Thank you for writing to us.</p>"),
    Macro(name="price_list", kind="article", folder="Shared", content="<p>Prices from 5 EUR.</p>"),
    Macro(name="board_notes", kind="article", folder="Board", content="<p>For the board only.</p>"),
    Macro(name="empty_article", kind="article", folder="Shared"),
    Macro(name="order_status_link", kind="usage_link", content="https://shop.example/orders"),
)
