"""
How the body of an answer is read as the value that a schema describes: JSON as it is, XML by its elements. Made by
:mod:`runner.plugins.openapi` for each media type of an answer, asked by :mod:`runner.plugins.drift`.

XML has texts and no types, so the shape says what is what: attributes and child elements are the fields of an object, an element of a
list stands as often as it likes, and a text is a number or a truth where one is wanted and it looks like one. An empty list cannot be told
from one that is missing, so it is empty, unless its schema wants an item. Namespaces are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import msgspec

from runner.plugins.answers import ANYTHING, Difference, Shape

__all__ = ["Content", "content_of"]

# the body, and the shape that it should have → its value
Reader = Callable[[bytes, Shape], object]

_DEEPEST = 100
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_TEXT = "#text"
_decode = msgspec.json.Decoder().decode


class Content(msgspec.Struct, frozen=True):
    """A body that can be compared: its ``shape``, and how one is read."""

    shape: Shape
    read: Reader

    def differences(self, body: bytes) -> Iterator[Difference]:
        """Every way in which *body* is not as it should be."""
        try:
            value = self.read(body, self.shape)
        except _Unreadable as exc:
            yield Difference("wrong type", "$", exc.expected or self.shape.told, str(exc))
            return
        if not self.shape.fits(value):
            yield from self.shape.differences(value)


def content_of(media: str, shape: Callable[[], Shape]) -> Content | None:
    """What has a media type (lower case, without parameters) and a shape; None for files, pages and streams, which are not compared."""
    read = _reader(media)
    return Content(shape(), read) if read is not None else None


def _reader(media: str) -> Reader | None:
    if media == "application/json" or media.endswith("+json"):
        return _from_json
    if media in {"application/xml", "text/xml"} or media.endswith("+xml"):
        return _from_xml
    return None


class _Unreadable(ValueError):
    """The body is no document of its media type; the message tells what it is, ``expected`` what it should be if the shape does not."""

    def __init__(self, told: str, expected: str = "") -> None:
        super().__init__(told)
        self.expected = expected


def _from_json(body: bytes, _shape: Shape) -> object:
    try:
        return _decode(body)
    except ValueError as exc:
        raise _Unreadable("something that is not JSON") from exc


# ── XML ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Element(msgspec.Struct):
    """``name`` is local; ``members`` are attributes, which are texts, and child elements, in their order."""

    name: str
    members: list[tuple[str, str | _Element]] = msgspec.field(default_factory=list)
    parts: list[str] = msgspec.field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)


class _Target:
    """Builds elements out of what the parser meets. A document type could hold entities, so there must be none."""

    def __init__(self) -> None:
        self._open = [_Element("")]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > _DEEPEST:
            raise _Unreadable("XML that is too deep")
        element = _Element(_local(name), [(_local(k), v) for k, v in attributes.items() if not k.startswith(_SCHEMA_INSTANCE)])
        self._open[-1].members.append((element.name, element))
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].parts.append(text)

    def doctype(self, *_: object) -> None:
        raise _Unreadable("XML with a document type")

    @property
    def root(self) -> _Element:
        root = self._open[0].members[0][1]
        assert isinstance(root, _Element)  # noqa: S101 - what stands at the top is no attribute
        return root


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _from_xml(body: bytes, shape: Shape) -> object:
    # most answers are JSON
    from xml.etree.ElementTree import ParseError, XMLParser

    target = _Target()
    parser = XMLParser(target=target)  # noqa: S314 - document types are refused, so nothing is fetched and nothing grows
    try:
        parser.feed(body)
        parser.close()
    except _Unreadable:
        raise
    except (ParseError, ValueError, LookupError) as exc:
        raise _Unreadable("something that is not XML") from exc
    root = target.root
    if shape.element and root.name != shape.element:
        raise _Unreadable(f"an element {root.name[:80]}", f"an element {shape.element}")
    return _value(root, shape)


def _value(element: _Element, shape: Shape) -> object:
    for choice in shape.alternatives:
        if (dict in (choice.types or ())) is bool(element.members):
            return _value(element, choice)
    if element.members:
        return _fields(element, shape)
    if not element.text.strip() and shape.types and str not in shape.types:
        return _empty_lists(shape, {}) if dict in shape.types else [] if list in shape.types else element.text
    return _scalar(element.text, shape.types)


def _fields(element: _Element, shape: Shape) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in dict.fromkeys(name for name, _ in element.members):
        inner = shape.properties.get(name) or shape.others or ANYTHING
        items = [member for known, member in element.members if known == name]
        if list in (inner.types or ()):
            found[name] = [_member(item, inner.items or ANYTHING) for item in items]
        else:
            found[name] = _member(items[0], inner) if len(items) == 1 else [_member(item, inner) for item in items]
    found |= _empty_lists(shape, found)
    return found | {_TEXT: element.text} if element.text.strip() else found


def _empty_lists(shape: Shape, found: Mapping[str, object]) -> dict[str, object]:
    """The lists that must be there, are not, and may be empty."""
    absent = shape.required - found.keys()
    lists = ((name, shape.properties[name]) for name in absent if name in shape.properties)
    return {name: [] for name, inner in lists if inner.types == frozenset((list,)) and not inner.filled}


def _member(member: str | _Element, shape: Shape) -> object:
    return _value(member, shape) if isinstance(member, _Element) else _scalar(member, shape.types)


_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


def _scalar(text: str, types: frozenset[type] | None) -> object:
    """The text as one of the wanted types, if it looks like one."""
    if types is None or str in types:
        return text
    bare = text.strip()
    if int in types and _INTEGER.fullmatch(bare):
        return int(bare)
    if float in types and _NUMBER.fullmatch(bare):
        return float(bare)
    return _TRUTHS.get(bare, text) if bool in types else text
