"""
A vendor whose API has changed overnight: its own answer, made a little different. Asked by :mod:`runner.simulation.sabotage`.

``drift=KIND[:NAME]``:

- ``missing-field`` – the first field of that name, wherever it is in the body, is left out; without a name the body's first field.
- ``unknown-field`` – the body has one more field, called so (``addedField``).
- ``wrong-type`` – the first field of that name holds true, or text where it held true or false; without a name the body's first field.
  In XML, where all is text, an element with a text holds an element, and any other the text true.
- ``status`` – the answer has this status (299).
- ``media-type`` – the body is said to be of this type (``application/x-changed+json``).
- ``message`` – the first field of that name (``__type``) has Changed behind its text: a message of a kind that nobody knows.

Bodies are JSON or XML; the fields of an XML element are its attributes and child elements, by their local names. What a kind cannot be
done to (a body that is neither, a field that is not there) stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:  # few answers are XML, and fewer are changed
    from xml.etree.ElementTree import Element

__all__ = ["DRIFTS", "Reply", "drifted", "drifted_message"]


T = TypeVar("T")


class Reply(Struct, frozen=True):
    """What is changed of an answer: its status, media type (with parameters) and body."""

    status: int
    media: str
    body: bytes


def drifted(reply: Reply, how: str) -> Reply:
    """*reply* as an API answers that has changed as *how* says."""
    kind, _, name = how.partition(":")
    return DRIFTS[kind](reply, name)


def drifted_message(message: T, how: str) -> T:
    """A pushed *message* (plain data) of an API that has changed as *how* says."""
    reply = drifted(Reply(200, "application/json", json.dumps(message).encode()), how)
    changed: T = json.loads(reply.body)
    return changed


def _status(reply: Reply, name: str) -> Reply:
    return replace(reply, status=int(name or 299))


def _media_type(reply: Reply, name: str) -> Reply:
    return replace(reply, media=name or "application/x-changed+json") if reply.body else reply


def _missing_field(reply: Reply, name: str) -> Reply:
    def leave_out(holder: dict[str, Any], field: str) -> None:
        del holder[field]

    def leave_out_of_xml(holder: Element, field: str) -> None:
        holder.attrib.pop(field, None)
        for child in _children(holder, field):
            holder.remove(child)

    return _in_body(reply, name, leave_out, leave_out_of_xml)


def _wrong_type(reply: Reply, name: str) -> Reply:
    def change(holder: dict[str, Any], field: str) -> None:
        holder[field] = "changed" if isinstance(holder[field], bool) else True

    def change_in_xml(holder: Element, field: str) -> None:
        if field in holder.attrib:
            holder.set(field, "true")
            return
        child = _children(holder, field)[0]
        plain = not child.attrib and len(child) == 0
        child.clear()
        if plain:
            child.append(child.makeelement("changed", {}))
        else:
            child.text = "true"

    return _in_body(reply, name, change, change_in_xml)


def _message(reply: Reply, name: str) -> Reply:
    def change(holder: dict[str, Any], field: str) -> None:
        holder[field] = f"{holder[field]}Changed"

    return _in_json(reply, name or "__type", change) if reply.media.partition(";")[0].strip().lower().endswith("json") else reply


def _unknown_field(reply: Reply, name: str) -> Reply:
    def add(holder: dict[str, Any], _field: str) -> None:
        holder[name or "addedField"] = "added"

    def add_in_xml(holder: Element, _field: str) -> None:
        namespace, brace, _ = holder.tag.rpartition("}")
        child = holder.makeelement(f"{namespace}{brace}{name or 'addedField'}", {})
        child.text = "added"
        holder.append(child)

    return _in_body(reply, "", add, add_in_xml)


# kind → what makes an answer so
DRIFTS: Mapping[str, Callable[[Reply, str], Reply]] = MappingProxyType(
    {
        "missing-field": _missing_field,
        "unknown-field": _unknown_field,
        "wrong-type": _wrong_type,
        "status": _status,
        "media-type": _media_type,
        "message": _message,
    }
)


def _in_body(reply: Reply, name: str, change: Callable[[dict[str, Any], str], None], change_xml: Callable[[Element, str], None]) -> Reply:
    """*reply* after the change for its kind of body was given what holds the field *name*, and that name."""
    media = reply.media.partition(";")[0].strip().lower()
    if media.endswith("json"):
        return _in_json(reply, name, change)
    return _in_xml(reply, name, change_xml) if media.endswith("xml") else reply


def _in_json(reply: Reply, name: str, change: Callable[[dict[str, Any], str], None]) -> Reply:
    try:
        body = json.loads(reply.body)
    except ValueError:
        return reply
    holder, field = _holder(body, name)
    if holder is None:
        return reply
    change(holder, field)
    return replace(reply, body=json.dumps(body, ensure_ascii=False).encode())


def _holder(value: Any, name: str) -> tuple[dict[str, Any] | None, str]:
    """The first object, from the outside in, that has a field *name*; without a name the first that has any, and its first one."""
    waiting = [value]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, dict) and one and (not name or name in one):
            return one, name or next(iter(one))
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return None, ""


# ── XML ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_xml(reply: Reply, name: str, change: Callable[[Element, str], None]) -> Reply:
    from xml.etree import ElementTree as ET

    try:
        root = ET.fromstring(reply.body)  # noqa: S314 - the simulator's own answer
    except ET.ParseError:
        return reply
    for element in _outside_in(root):
        fields = [*element.attrib, *(_local(child) for child in element)]
        if fields and (not name or name in fields):
            change(element, name or fields[0])
            return replace(reply, body=ET.tostring(root, encoding="UTF-8", xml_declaration=True))
    return reply


def _outside_in(root: Element) -> list[Element]:
    found = [root]
    for element in found:
        found += element
    return found


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if _local(child) == name]
