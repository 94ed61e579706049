"""
Documents that come in: which elements may stand where. What is not listed is an unsupported element, and that is a 400.

A shape is ``TEXT`` for a leaf, ``ADDRESSES`` for to, cc and bcc, ``DATE`` for a date, a mapping for an element with children, and a list
with one shape for an element that may stand several times; the order is that of the published examples. :func:`conform` gives the document
back in one form, whichever it came in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.company import CustomAttribute
from runner.vendors.egain.simulator.errors import WsError, invalid
from runner.vendors.egain.simulator.query import moment

__all__ = [
    "ADDRESSES",
    "COMPOSE",
    "CUSTOM",
    "CUSTOMER",
    "DATE",
    "FILES",
    "GENERAL",
    "TEXT",
    "Shape",
    "at",
    "check_address",
    "check_fresh",
    "conform",
    "custom_values",
    "date_at",
    "whole_number",
]

TEXT = "text"
ADDRESSES = "addresses"
DATE = "date"
Shape = Any

CUSTOM: Shape = {"customAttribute": [{"attribName": TEXT, "attribValues": {"attribValue": [{"value": TEXT}]}}]}
FILES: Shape = {"attachment": [{"fileName": TEXT, "contentType": TEXT, "content": TEXT}]}
_POINT: Shape = {
    "type": {"value": TEXT, "email": {"emailAddress": TEXT}, "phone": {"phoneNumber": TEXT, "areaCode": TEXT, "countryCode": TEXT}},
    "priority": {"value": TEXT},
}
_PERSON: Shape = {
    "firstName": TEXT,
    "middleName": TEXT,
    "lastName": TEXT,
    "title": {"value": TEXT},
    "contactPoints": {"contactPoint": [_POINT]},
}
CUSTOMER: Shape = {
    "department": {"name": TEXT},
    "type": {"value": TEXT},
    "contactPersons": {"contactPerson": [_PERSON]},
    "level": TEXT,
    "role": TEXT,
    "pin": TEXT,
    "howReferred": TEXT,
    "industry": TEXT,
    "marketSegment": TEXT,
    "customAttributes": CUSTOM,
}
_CONTENTS: Shape = {"content": [{"type": TEXT, "value": TEXT}]}
COMPOSE: Shape = {
    "department": {"name": TEXT},
    "type": {"value": TEXT, "subtype": {"value": TEXT}},
    "case": {"id": TEXT},
    "queue": {"name": TEXT},
    "priority": TEXT,
    "dueDate": DATE,
    "subject": TEXT,
    "customAttributes": CUSTOM,
    "payload": {
        "email": {
            "contents": _CONTENTS,
            "emailAddresses": {"from": TEXT, "to": ADDRESSES, "cc": ADDRESSES, "bcc": ADDRESSES},
        }
    },
    "attachments": FILES,
    "customer": CUSTOMER,
}
GENERAL: Shape = {
    "department": {"name": TEXT},
    "type": {"value": TEXT, "subtype": {"value": TEXT}},
    "case": {"id": TEXT},
    "priority": TEXT,
    "dueDate": DATE,
    "subject": TEXT,
    "isSecure": TEXT,
    "attachments": FILES,
    "customAttributes": CUSTOM,
    "payload": {
        "email": {
            "date": DATE,
            "contents": _CONTENTS,
            "emailAddresses": {"from": TEXT, "receiver": TEXT, "to": ADDRESSES, "cc": ADDRESSES},
        }
    },
    "customer": CUSTOMER,
}

_LONGEST_ADDRESS = 255
_FORBIDDEN = re.compile(r'[()\[\]:;<>"\s]|\\\\')
_CUSTOM_TEXT = re.compile(r"""[a-zA-Z0-9@ :._\-&,()?#='"\u0080-\U0010ffff]*""")


def conform(tree: Tree, shape: Shape, *, path: str = "", ordered: bool = False) -> Tree:
    """
    The document with leaves as texts, repeated elements as lists, addresses as lists of texts; what is null is left out.

    *ordered*: elements must stand in the order of the shape.

    Raises: ``WsError`` 400 – an element that is not listed, of the wrong kind, or out of order; it names its path.
    """
    found: Tree = {}
    for name, value in tree.items():
        where = f"{path}.{name}" if path else name
        if name not in shape:
            raise invalid(where, "this element is not supported here")
        if value is not None:
            found[name] = _conformed(value, shape[name], where, ordered=ordered)
    if ordered:
        _check_order(list(tree), list(shape), path)
    return found


def _check_order(given: list[str], listed: list[str], path: str) -> None:
    for before, name in pairwise(given):
        if listed.index(name) < listed.index(before):
            raise invalid(f"{path}.{name}" if path else name, f"must stand before {before}")


def _conformed(value: Any, shape: Shape, where: str, *, ordered: bool) -> Any:
    if shape == TEXT:
        return _text(value, where)
    if shape == ADDRESSES:
        return _addresses(value, where)
    if shape == DATE:
        return _text(value["date"] if isinstance(value, dict) and set(value) == {"date"} else value, where)
    if isinstance(shape, list):
        items = value if isinstance(value, list) else [value]
        return [_conformed(item, shape[0], where, ordered=ordered) for item in items]
    if isinstance(value, str) and not value.strip():
        return {}
    if not isinstance(value, dict):
        raise invalid(where, "elements belong here, not a value")
    return conform(value, shape, path=where, ordered=ordered)


def _text(value: Any, where: str) -> str:
    if isinstance(value, (dict, list)):
        raise invalid(where, "a single value belongs here")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _addresses(value: Any, where: str) -> list[str]:
    if isinstance(value, dict):
        for name in value:
            if name != "address":
                raise invalid(f"{where}.{name}", "this element is not supported here")
        value = value.get("address", [])
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := _text(item, where).strip())]


def at(tree: Mapping[str, Any], *path: str) -> Any:
    """What stands at *path* of a conforming document, or None."""
    found: Any = tree
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def check_address(element: str, address: str) -> None:
    """
    The e-mail address rule: one ``@``, a dot somewhere behind it with something between, no dot at the end, at most 255 characters, none of
    ``( ) [ ] : ; < > "`` or space, no two backslashes in a row.

    Raises: ``WsError`` 400. Source: "EmailAddressDefinitionPage".
    """
    local, _, domain = address.partition("@")
    fits = local and address.count("@") == 1 and domain.find(".") > 0 and not address.endswith(".")
    if not fits or len(address) > _LONGEST_ADDRESS or _FORBIDDEN.search(address):
        raise invalid(element, f"{address!r} is not a valid e-mail address")


def whole_number(element: str, text: str, low: int, high: int) -> int:
    """
    Raises: ``WsError`` 400 – not a whole number from *low* to *high*.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise invalid(element, f"{text!r} is not a whole number from {low} to {high}", number="196")
    return int(text)


def date_at(element: str, text: str, *, after: datetime | None = None) -> datetime:
    """
    Raises: ``WsError`` 400 – not ISO 8601 in UTC, or not later than *after*.
    """
    found = moment(text)
    if found is None:
        raise invalid(element, f"{text!r} is not a date like 2031-05-04T09:30:00.000Z")
    if after is not None and found <= after:
        raise invalid(element, f"{text} is not in the future")
    return found


def check_fresh(kind: str, item: Tree, last_modified: datetime, *, stale: int) -> None:
    """
    Whether a change of an activity, a case or a customer knows the latest state.

    Raises: ``WsError`` – 400 when ``lastModified.date`` is missing or no date, *stale* when it is not the server's.
    """
    element = f"{kind}.lastModified.date"
    given = at(item, "lastModified", "date")
    if not given:
        raise invalid(element, "is required")
    if date_at(element, given) != last_modified:
        raise WsError(stale, "100", f"lastModified of {kind} {item.get('id')} differs from the server's: it was changed meanwhile")


def custom_values(tree: Tree | None, known: tuple[CustomAttribute, ...]) -> dict[str, list[str]]:
    """
    The custom attributes of a document, by name.

    Raises: ``WsError`` 400 – unknown or nameless, given twice, a value outside the enumeration, or a character that is not allowed.
    Source: "Allowed Characters For Custom Attributes".
    """
    configured = {a.name: a for a in known}
    found: dict[str, list[str]] = {}
    for given in at(tree or {}, "customAttribute") or []:
        name = given.get("attribName", "")
        element = f"customAttributes.{name or 'attribName'}"
        if name not in configured:
            raise invalid(element, f"custom attribute {name!r} is not configured")
        if name in found:
            raise invalid(element, "given twice")
        found[name] = [v.get("value", "") for v in at(given, "attribValues", "attribValue") or []]
        for value in found[name]:
            _check_custom(element, value, configured[name])
    return found


def _check_custom(element: str, value: str, configured: CustomAttribute) -> None:
    if configured.values and value not in configured.values:
        raise WsError(
            400,
            "196",
            f"{element}: {value!r} is not one of {', '.join(configured.values)}",
            details=(("attribute", element), ("allowed", ", ".join(configured.values))),
        )
    if not configured.values and not _CUSTOM_TEXT.fullmatch(value):
        raise invalid(element, f"{value!r} holds a character that is not allowed")
