"""
The tree of a YAML file: scalars, lists and mappings, where every node knows its place.

Made by :mod:`.document`, read by everybody who turns a file into something. Nodes are plain slotted objects: the places are kept as
numbers, and a :class:`Span` is made only when somebody asks for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from runner.scenario.yaml.resolver import resolve
from runner.source import Source, Span

__all__ = ["Mapping", "Node", "Scalar", "Sequence", "at", "plain"]


class Node:
    """A place in a source; lines and columns count from 0, as the YAML parser gives them."""

    __slots__ = ("column", "end_column", "end_line", "line", "source")

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def span(self) -> Span:
        """Where it stands, made anew on each call; keep it if it is needed twice."""
        return Span(self.source, self.line + 1, self.column + 1, self.end_line + 1, self.end_column + 1)

    @property
    def kind(self) -> str:
        """What a tester calls it: ``text``, ``number``, ``list`` …"""
        raise NotImplementedError


class Scalar(Node):
    """
    A single value.

    ``raw`` is the text as written (without quotes, escapes and folds undone); ``style`` is ``""`` for a bare word, else ``'``, ``"``, ``|``
    or ``>``. Whoever wants text takes ``raw``: ``1.10`` and ``no`` and ``0049`` stay what the tester wrote.
    """

    __slots__ = ("raw", "style")

    def __init__(self, source: Source, raw: str, style: str, line: int, column: int, end_line: int, end_column: int) -> None:
        self.source = source
        self.raw = raw
        self.style = style
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column

    @property
    def quoted(self) -> bool:
        """Whether it is text by its quotes (or ``|``, ``>``), whatever stands in them."""
        return self.style != ""

    @property
    def value(self) -> Any:
        """Text, whole number, number, true, false or None; see :mod:`runner.scenario.yaml.resolver`."""
        return self.raw if self.style else resolve(self.raw)

    @property
    def kind(self) -> str:
        """``text``, ``number``, ``true or false`` or ``nothing``."""
        value = self.value
        return "text" if isinstance(value, str) else _KINDS[type(value)]

    def as_text(self) -> Scalar:
        """The same place with the text as written for its value, for where text is wanted; put it in the tree in place of this one."""
        return Scalar(self.source, self.raw, self.style or '"', self.line, self.column, self.end_line, self.end_column)

    def __repr__(self) -> str:
        return f"Scalar({self.raw!r} at {self.line + 1}:{self.column + 1})"


_KINDS = {int: "number", float: "number", bool: "true or false", type(None): "nothing"}


class Sequence(Node):
    """A list; ``items`` in order."""

    __slots__ = ("items",)

    def __init__(self, source: Source, line: int, column: int) -> None:
        self.source = source
        self.items: list[Node] = []
        self.line = self.end_line = line
        self.column = self.end_column = column

    @property
    def kind(self) -> str:
        """``list``."""
        return "list"

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"Sequence({len(self.items)} items at {self.line + 1}:{self.column + 1})"


class Mapping(Node):
    """
    Keys with values, in the order of the file.

    A key is always the text as written: ``no: 1`` has the key ``no``, ``1: a`` the key ``1``. ``keys`` maps it to the key's own node (its
    place), ``entries`` to the value's node.
    """

    __slots__ = ("entries", "keys")

    def __init__(self, source: Source, line: int, column: int) -> None:
        self.source = source
        self.keys: dict[str, Scalar] = {}
        self.entries: dict[str, Node] = {}
        self.line = self.end_line = line
        self.column = self.end_column = column

    @property
    def kind(self) -> str:
        """``object``: what testers and JSON call it."""
        return "object"

    def get(self, key: str) -> Node | None:
        """The value's node, or None."""
        return self.entries.get(key)

    def items(self) -> Iterable[tuple[str, Scalar, Node]]:
        """Each key with its own node and its value's node."""
        return [(key, self.keys[key], node) for key, node in self.entries.items()]

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"Mapping({', '.join(self.entries)} at {self.line + 1}:{self.column + 1})"


def plain(node: Node) -> Any:
    """The node as Python data: dicts with text keys, lists, text, numbers, True, False, None. Aliased parts are copies: it is JSON-able."""
    if isinstance(node, Scalar):
        return node.raw if node.style else resolve(node.raw)
    if isinstance(node, Mapping):
        return {key: plain(child) for key, child in node.entries.items()}
    assert isinstance(node, Sequence)  # noqa: S101 - there are three kinds
    return [plain(child) for child in node.items]


def at(node: Node, path: Iterable[str | int]) -> tuple[Node, Scalar | None, bool]:
    """
    Walk *path* (keys and list positions) as far as it goes.

    Returns: The node reached, its key's node if it is a mapping's value, and whether the whole path was there.
    """
    key: Scalar | None = None
    for part in path:
        if isinstance(node, Mapping) and str(part) in node.entries:
            key, node = node.keys[str(part)], node.entries[str(part)]
        elif isinstance(node, Sequence) and isinstance(part, int) and -len(node.items) <= part < len(node.items):
            key, node = None, node.items[part]
        else:
            return node, key, False
    return node, key, True
