"""
From the parser's events to the tree: every limit and every rule of ours is judged at the event, before anything is built from it.

The hot path of reading a file: about 230 events for 100 lines, a microsecond each. Places are copied as numbers; spans are made for
mistakes only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from runner.errors import Diagnostic
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence
from runner.source import Source, Span

__all__ = ["Limits", "Tree"]

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Limits(Struct, frozen=True):
    """How much one file may hold. ``size`` in bytes, ``depth`` in levels, ``nodes`` in values after aliases are followed."""

    size: int = 1 << 20
    depth: int = 40
    events: int = 100_000
    aliases: int = 100
    nodes: int = 100_000


class Stopped(Exception):
    """A limit was passed; the rest of the file is not looked at."""


class _Open:
    """A list or mapping whose end has not come yet."""

    __slots__ = ("anchor", "before", "flow", "height", "key", "node", "repeated", "template")

    def __init__(self, node: Sequence | Mapping, anchor: str | None, before: int, *, flow: bool) -> None:
        self.node = node
        self.anchor = anchor
        # how many nodes there were when it began: the difference at its end is its size
        self.before = before
        self.flow = flow
        self.height = 1
        # the key that waits for its value
        self.key: Scalar | None = None
        self.repeated: dict[str, list[Scalar]] | None = None
        # an unquoted {{ … }}
        self.template = False


class Tree:
    """
    A tree that grows with each event.

    ``root`` is the top node once the document has ended (None: there was none), ``problems`` what is wrong so far. ``quoted`` is the last
    quoted text that spans lines: where a forgotten quote shows itself.
    """

    def __init__(self, source: Source, text: str, limits: Limits) -> None:
        self.root: Node | None = None
        self.problems: list[Diagnostic] = []
        self.quoted: Scalar | None = None
        self._source = source
        self._text = text
        self._limits = limits
        self._open: list[_Open] = []
        self._top: _Open | None = None
        self._last: Any = None
        self._nodes = 0
        self._aliases = 0
        self._documents = 0
        # anchor → node, how many values it holds, how deep it goes
        self._anchors: dict[str, tuple[Node, int, int]] = {}

    def grow(self, next_event: Callable[[], Any]) -> None:
        """
        Take all events.

        Raises: ``Stopped`` – a limit was passed, the last problem says which; ``yaml.YAMLError`` – the parser does not understand the text.
        """
        # here, so that the tree does not hold itself
        take: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._mapping,
            SequenceStartEvent: self._sequence,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
            DocumentEndEvent: _nothing,
            StreamStartEvent: _nothing,
            StreamEndEvent: _nothing,
        }
        event = None
        for _ in range(self._limits.events):
            event = next_event()
            if event is None:
                return
            take[type(event)](event)
        self._stop("E115", f"the file holds more than {self._limits.events:,} elements", event, "split it into several files")

    # one function an event

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        style = event.style or ""
        node = Scalar(self._source, event.value, style, start.line, start.column, end.line, end.column)
        self._last = event
        self._nodes += 1
        if style:
            self._look_at_quoted(node, event)
        if event.anchor is not None or event.tag is not None:
            self._properties(node, event)
            if event.anchor is not None:
                self._anchors[event.anchor] = (node, 1, 0)
        top = self._top
        if top is None:
            self.root = node
        elif type(top.node) is Sequence:
            top.node.items.append(node)
        elif top.key is None:
            self._key(top, node)
        else:
            top.node.entries[top.key.raw] = node  # type: ignore[union-attr]  # not a Sequence
            top.key = None

    def _mapping(self, event: Any) -> None:
        mark = event.start_mark
        self._begin(Mapping(self._source, mark.line, mark.column), event)

    def _sequence(self, event: Any) -> None:
        mark = event.start_mark
        self._begin(Sequence(self._source, mark.line, mark.column), event)

    def _begin(self, node: Sequence | Mapping, event: Any) -> None:
        if len(self._open) >= self._limits.depth:
            self._stop("E114", f"nested deeper than {self._limits.depth}", event, "write it flatter")
        if event.anchor is not None or event.tag is not None:
            self._properties(node, event)
        top = self._top
        if top is not None and top.key is None and type(top.node) is Mapping:
            self._collection_as_key(top, node)
        self._top = _Open(node, event.anchor, self._nodes, flow=event.flow_style)
        self._nodes += 1
        self._open.append(self._top)

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        node: Node = done.node
        if done.flow:
            self._last = event
        mark = self._last.end_mark
        node.end_line, node.end_column = mark.line, mark.column
        if done.repeated:
            self._tell_repeated(done.repeated)
        if done.template:
            node = self._unquoted_template(node)
        if done.anchor is not None:
            self._anchors[done.anchor] = (node, self._nodes - done.before, done.height)
        self._top = self._open[-1] if self._open else None
        self._put(node, done.height)

    def _alias(self, event: Any) -> None:
        self._last = event
        self._aliases += 1
        if self._aliases > self._limits.aliases:
            self._stop("E112", f"more than {self._limits.aliases} aliases in one file", event, "write some of the values out")
        name = event.anchor
        known = self._anchors.get(name)
        if any(level.anchor == name for level in self._open):
            self._problem(
                "E113", "the value contains itself", event, label=f"`*{name}` stands inside `&{name}`", hint="write the value out"
            )
            known = None
        elif known is None:
            self._problem("E112", f"no value above is marked `&{name}`", event, hint=f'for the text itself, quote it: "*{name}"')
        if known is None:
            mark = event.start_mark
            self._nodes += 1
            self._put(Scalar(self._source, f"*{name}", '"', mark.line, mark.column, mark.line, event.end_mark.column), 0)
            return
        node, size, height = known
        self._nodes += size
        if self._nodes > self._limits.nodes:
            self._stop("E112", f"the file expands to more than {self._limits.nodes:,} values", event, "write the values out, without `*`")
        if len(self._open) + height > self._limits.depth:
            self._stop("E114", f"nested deeper than {self._limits.depth}", event, "write it flatter")
        self._put(node, height)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(
                "E108",
                "more than one document in the file",
                event,
                "delete the line `---`, or make two files",
                label="a second one begins here",
            )

    # placing

    def _put(self, node: Node, height: int) -> None:
        top = self._top
        if top is None:
            self.root = node
            return
        if height >= top.height:
            top.height = height + 1
        if type(top.node) is Sequence:
            top.node.items.append(node)
        elif top.key is None:
            self._key(top, node if isinstance(node, Scalar) else self._stand_in(node))
        else:
            top.node.entries[top.key.raw] = node  # type: ignore[union-attr]  # not a Sequence
            top.key = None

    def _key(self, top: _Open, key: Scalar) -> None:
        mapping = top.node
        assert isinstance(mapping, Mapping)  # noqa: S101 - only a mapping waits for a key
        raw = key.raw
        if raw in mapping.keys:
            top.repeated = top.repeated or {}
            top.repeated.setdefault(raw, [mapping.keys[raw]]).append(key)
        else:
            mapping.keys[raw] = key
        if not key.style and raw in ("<<", ""):
            self._refuse_key(key)
        top.key = key

    def _stand_in(self, node: Node) -> Scalar:
        """A key that no other key equals, in place of a list or mapping; the mistake has been told."""
        return Scalar(self._source, f"\0{node.line}:{node.column}", '"', node.line, node.column, node.end_line, node.end_column)

    # what is wrong

    def _refuse_key(self, key: Scalar) -> None:
        if key.raw:
            hint = "write the keys out, or make a word of your own in a `.steps.yaml` file"
            self.problems.append(Diagnostic("E116", "`<<` is not part of the language", key.span, hint=hint))
        else:
            self.problems.append(Diagnostic("E117", "a colon without a name before it", key.span, hint="write `name: value`"))

    def _collection_as_key(self, top: _Open, node: Sequence | Mapping) -> None:
        outer = top.node
        if top.flow and isinstance(node, Mapping) and (node.line, node.column) == (outer.line, outer.column + 1):
            top.template = True
        elif not any(level.template for level in self._open):
            told = f"a name must be text; this is {'a list' if isinstance(node, Sequence) else 'an object'}"
            self.problems.append(Diagnostic("E117", told, node.span, hint='write `name: value`; a text with brackets needs "quotes"'))

    def _unquoted_template(self, node: Node) -> Scalar:
        """The message with the line in quotes; the node that stands for what was meant."""
        lines = self._source.lines[node.line : node.end_line + 1]
        lines[-1] = lines[-1][: node.end_column]
        text = "\n".join([lines[0][node.column :] if len(lines) > 1 else lines[0][node.column : node.end_column], *lines[1:]])
        head, rest = self._source.lines[node.line][: node.column].strip(), self._source.lines[node.end_line][node.end_column :].strip()
        self.problems.append(
            Diagnostic("E106", "a value that begins with `{{` needs quotes", node.span, hint=f"write {head} {in_quotes(text)}{rest}")
        )
        return Scalar(self._source, text, '"', node.line, node.column, node.end_line, node.end_column)

    def _tell_repeated(self, repeated: dict[str, list[Scalar]]) -> None:
        for name, keys in repeated.items():
            lines = list(dict.fromkeys(str(key.line + 1) for key in keys))
            where = f"on lines {', '.join(lines[:-1])} and {lines[-1]}" if len(lines) > 1 else f"on line {lines[0]}"
            told = f"`{name}` is given {'twice' if len(keys) == 2 else f'{len(keys)} times'}: {where}"
            self.problems.append(Diagnostic("E110", told, keys[1].span, label=f"first on line {lines[0]}", hint="keep one of them"))

    def _look_at_quoted(self, node: Scalar, event: Any) -> None:
        if node.style in "\"'" and node.end_line > node.line:
            self.quoted = node
        if not node.raw.isascii() and _SURROGATE.search(node.raw):
            # only the parser without C lets it pass
            self._problem(
                "E127", "half a character: `\\uD800` to `\\uDFFF` stand for nothing alone", event, hint="write the character itself"
            )

    def _properties(self, node: Node, event: Any) -> None:
        """Refuse a tag; let the node begin where its value begins, behind the anchor."""
        written = _PROPERTIES.match(self._text, event.start_mark.index)
        skipped = written[0] if written else ""
        if event.tag is not None:
            tag = next((word for word in skipped.split() if word.startswith("!")), "!")
            self._problem(
                "E111",
                f"tags are not allowed: `{tag}`",
                event,
                hint=f'delete it; for the text itself, quote it: "{tag} …"',
                length=len(tag),
            )
        breaks = skipped.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        node.line += len(breaks) - 1
        node.column = len(breaks[-1]) + (node.column if len(breaks) == 1 else 0)

    def _problem(self, code: str, message: str, event: Any, *, label: str = "", hint: str = "", length: int = 0) -> None:
        start, end = event.start_mark, event.end_mark
        column = start.column + length if length else end.column if end.line == start.line else start.column + 1
        span = Span(self._source, start.line + 1, start.column + 1, start.line + 1, max(column, start.column + 1) + 1)
        self.problems.append(Diagnostic(code, message, span, label=label, hint=hint))

    def _stop(self, code: str, message: str, event: Any, hint: str, *, label: str = "") -> None:
        self._problem(code, message, event, label=label, hint=hint)
        raise Stopped


def in_quotes(text: str) -> str:
    """*text* as YAML in quotes: double ones where they do not stand in it."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _nothing(event: Any) -> None:
    """The events that mean nothing to us."""
