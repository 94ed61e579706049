"""
How an eGain document looks: the same tree as JSON and as XML, both ways.

A tree is what JSON says: objects, lists, texts. XML is mapped onto it by the rules of the v12 pages: the root element disappears, ``id``,
``date``, ``rel`` and ``href`` are attributes, and an element that may stand several times is always a list. Used by the client for what it
sends and reads, and by the simulator for the same from the other side.

XML is read with document types, entities and deep nesting refused: nothing is fetched and nothing grows.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

import msgspec

from runner.vendors.egain.namespaces import BASE, PREFIXES, REPEATABLE, attributes_of, namespace_of, namespace_of_root

__all__ = ["JSON", "XML", "BadDocument", "Tree", "from_json", "from_xml", "to_json", "to_xml"]

Tree = dict[str, Any]

JSON = "application/json"
XML = "application/xml"
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

_DEEPEST = 40
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class BadDocument(ValueError):
    """The text is not a document of this kind; the message says what is wrong with it."""


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def from_json(data: bytes) -> Tree:
    """
    The tree of a JSON object.

    Raises: ``BadDocument`` – not JSON, or not an object.
    """
    try:
        tree = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise BadDocument(f"not JSON: {exc}") from exc
    if not isinstance(tree, dict):
        raise BadDocument("the JSON is not an object")
    return tree


def to_json(tree: Tree) -> bytes:
    """The tree as JSON in UTF-8."""
    return _encode(tree)


# ── XML → tree ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def from_xml(data: bytes, *, strict: bool = False) -> tuple[str, Tree]:
    """
    The root's local name and the tree below it. *strict*: each element must stand in the namespace that is published for it.

    Raises: ``BadDocument`` – ill-formed, a document type or entity declared, too deep, an element of a foreign namespace, one that may
    stand once standing twice, or text beside elements.
    """
    reader = _Reader(strict=strict)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as exc:
        raise BadDocument(f"not well-formed XML: {exc}") from exc
    except (LookupError, ValueError) as exc:
        if isinstance(exc, BadDocument):
            raise
        raise BadDocument("the XML's encoding is not known") from exc
    value = reader.value
    if isinstance(value, str):
        if value.strip():
            raise BadDocument(f"<{reader.root}> holds text where elements belong")
        value = {}
    return reader.root, value


def _refuse_doctype(*_: object) -> None:
    raise BadDocument("document types and entities are not allowed")


class _Node:
    __slots__ = ("members", "name", "namespace", "parts")

    def __init__(self, name: str) -> None:
        self.name = name
        self.namespace = ""
        self.members: Tree = {}
        self.parts: list[str] = []


class _Reader:
    """Collects expat's calls into a tree."""

    def __init__(self, *, strict: bool) -> None:
        self.root = ""
        self.value: Any = ""
        self._strict = strict
        self._open: list[_Node] = []

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise BadDocument(f"more than {_DEEPEST} elements inside each other")
        node = _Node(_local(qualified))
        if self._strict:
            self._check_namespace(node, qualified.rpartition(" ")[0])
        for name, value in attributes.items():
            if not name.startswith(_SCHEMA_INSTANCE):
                node.members[name.rpartition(" ")[2]] = value
        self._open.append(node)

    def _check_namespace(self, node: _Node, found: str) -> None:
        above = self._open[-1] if self._open else None
        node.namespace = namespace_of(above.name, node.name, above.namespace) if above is not None else namespace_of_root(node.name)
        if found != node.namespace:
            raise BadDocument(f"<{node.name}> stands in the namespace {found or 'none'}, not in {node.namespace}")

    def end(self, _: str) -> None:
        node = self._open.pop()
        value = _value_of(node)
        if not self._open:
            self.root, self.value = node.name, value
        else:
            _add(self._open[-1], node.name, value)

    def text(self, part: str) -> None:
        self._open[-1].parts.append(part)


def _local(qualified: str) -> str:
    namespace, _, name = qualified.rpartition(" ")
    if namespace and not namespace.startswith(BASE):
        raise BadDocument(f"<{name}> stands in the foreign namespace {namespace}")
    return name


def _value_of(node: _Node) -> Any:
    text = "".join(node.parts)
    if not node.members:
        return text
    if text.strip():
        raise BadDocument(f"<{node.name}> holds text beside elements or attributes")
    return node.members


def _add(parent: _Node, name: str, value: Any) -> None:
    if (parent.name, name) in REPEATABLE:
        parent.members.setdefault(name, []).append(value)
    elif name in parent.members:
        raise BadDocument(f"<{name}> stands twice in <{parent.name}>")
    else:
        parent.members[name] = value


# ── tree → XML ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})
_IN_ATTRIBUTES = str.maketrans({"\n": "&#10;", "\t": "&#9;"})


def to_xml(root: str, tree: Tree) -> bytes:
    """The tree as XML in UTF-8 below an element *root*; characters that XML cannot hold become U+FFFD."""
    writer = _Writer(namespace_of_root(root))
    writer.element("", root, tree, writer.home)
    declared = "".join(f' xmlns:{PREFIXES[ns]}="{ns}"' for ns in sorted(writer.used) if ns != writer.home)
    opened = f'<{root} xmlns="{writer.home}"{declared}'
    body = "".join(writer.parts).removeprefix(f"<{root}")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opened}{body}'.encode()


class _Writer:
    """Writes elements with prefixes; the root's namespace is the default one."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.used: set[str] = set()
        self.parts: list[str] = []

    def element(self, parent: str, name: str, value: Any, namespace: str) -> None:
        self.used.add(namespace)
        tag = name if namespace == self.home else f"{PREFIXES[namespace]}:{name}"
        if not isinstance(value, dict):
            self.parts.append(f"<{tag}>{_escaped(value)}</{tag}>")
            return
        attributes, children = _split(name, value)
        self.parts.append(f"<{tag}" + "".join(f' {k}="{_escaped(v).translate(_IN_ATTRIBUTES)}"' for k, v in attributes))
        if not children:
            self.parts.append("/>")
            return
        self.parts.append(">")
        for child, item in children:
            self.element(name, child, item, namespace_of(name, child, namespace))
        self.parts.append(f"</{tag}>")


def _split(name: str, members: Tree) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """An object's members as attributes and as elements; lists are unrolled, None is left out."""
    written = attributes_of(name)
    attributes: list[tuple[str, Any]] = []
    children: list[tuple[str, Any]] = []
    for key, value in members.items():
        if isinstance(value, list):
            children += [(key, item) for item in value]
        elif value is None:
            continue
        elif key in written and not isinstance(value, dict):
            attributes.append((key, value))
        else:
            children.append((key, value))
    return attributes, children


def _escaped(value: Any) -> str:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return _ILLEGAL.sub("\ufffd", text).translate(_ESCAPES)
