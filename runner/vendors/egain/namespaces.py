"""
Which element of eGain's XML stands in which namespace, which may stand several times, and which members of an object are attributes.

Asked by :mod:`runner.vendors.egain.representation` about documents, and by :mod:`runner.vendors.egain.xsd` about their schemas.
Source: the v12 pages' XML examples.
"""

from __future__ import annotations

__all__ = ["BASE", "PREFIXES", "REPEATABLE", "attributes_of", "namespace_of", "namespace_of_root"]

BASE = "http://bindings.egain.com/ws/model/v12/gen"

_ACTIVITY = f"{BASE}/interaction/activity"
_CASE = f"{BASE}/interaction/case"
_CUSTOMER = f"{BASE}/interaction/customer"
_PERSON = f"{BASE}/interaction/contactperson"
_POINT = f"{BASE}/interaction/contactpoint"
_ATTACHMENT = f"{BASE}/interaction/attachment"
_NOTES = f"{BASE}/interaction/notes"
_PLATFORM = f"{BASE}/platform"
_COMMON = f"{BASE}/common"

# The prefixes that we write; readers may use any.
PREFIXES = {
    _ACTIVITY: "act",
    _CASE: "case",
    _CUSTOMER: "cust",
    _PERSON: "person",
    _POINT: "point",
    _ATTACHMENT: "att",
    _NOTES: "notes",
    _PLATFORM: "p",
    _COMMON: "c",
}

# element → its namespace, wherever it stands; what is not named here stands in its parent's
_OWN = {
    "activities": _ACTIVITY,
    "activity": _ACTIVITY,
    "cases": _CASE,
    "customers": _CUSTOMER,
    "customer": _CUSTOMER,
    "contactPerson": _PERSON,
    "contactPoint": _POINT,
    "attachment": _ATTACHMENT,
    "notes": _NOTES,
    "note": _NOTES,
    "users": _PLATFORM,
    "login": _PLATFORM,
    "Error": _PLATFORM,
    "error": _COMMON,
    "attributes": _COMMON,
    "customAttribute": _COMMON,
    "displayValue": _COMMON,
    "paginationInfo": _COMMON,
}
# (parent, element) → its namespace there
_WITHIN = {
    ("cases", "case"): _CASE,
    ("relatedCases", "case"): _CASE,
    ("department", "name"): _PLATFORM,
    ("queue", "name"): _PLATFORM,
    ("user", "name"): _PLATFORM,
    ("user", "firstName"): _PLATFORM,
    ("user", "lastName"): _PLATFORM,
    ("content", "type"): _COMMON,
}
# (parent, element) that may stand several times, and is a list in JSON even when it stands once
REPEATABLE = frozenset(
    {
        ("activities", "activity"),
        ("cases", "case"),
        ("relatedCases", "case"),
        ("customers", "customer"),
        ("users", "user"),
        ("notes", "note"),
        ("contents", "content"),
        ("to", "address"),
        ("cc", "address"),
        ("bcc", "address"),
        ("customAttributes", "customAttribute"),
        ("attribValues", "attribValue"),
        ("attachments", "attachment"),
        ("contactPersons", "contactPerson"),
        ("contactPoints", "contactPoint"),
        ("attributes", "attribute"),
        ("values", "value"),
        ("error", "details"),
    }
)
_ATTRIBUTES = frozenset({"id", "date", "rel", "href"})
_ATTRIBUTES_OF = {"paginationInfo": frozenset({"count", "pagenum", "pagesize"}), "attachments": frozenset({"count"})}


def namespace_of(parent: str, name: str, inherited: str) -> str:
    """The namespace of an element in a *parent* that stands in the namespace *inherited*."""
    if name == "value" and parent != "type":
        return _COMMON
    return _WITHIN.get((parent, name)) or _OWN.get(name, inherited)


def namespace_of_root(name: str) -> str:
    """The namespace of a document's root."""
    return _OWN.get(name, _WITHIN.get((f"{name}s", name), _ACTIVITY))


def attributes_of(name: str) -> frozenset[str]:
    """The members of an element that are attributes when they are plain values."""
    return _ATTRIBUTES | _ATTRIBUTES_OF.get(name, frozenset())
