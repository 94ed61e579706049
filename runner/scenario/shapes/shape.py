"""
Does a value have the shape that a record asks for? A record's type, compiled once to a :class:`Shape` that is laid on nodes of a file.

What a shape finds is told in a tester's words, at the value's own place, all of it at once. And it settles what a bare word means: where
text is wanted, ``012``, ``1.10`` and ``yes`` are the text that stands there; where truth is wanted, ``yes`` is a mistake. A text with a
template may stand wherever a value may; what it renders to is converted when the step runs.

Used for the parameters of steps (the records of the vendors) and for the language itself (:mod:`runner.scenario.language`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from runner.errors import Diagnostic, nearest
from runner.scenario.shapes.bounds import Bound
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence
from runner.scenario.yaml.resolver import canonical

__all__ = ["DecHook", "Field", "Owner", "Record", "Shape", "Spots", "has_template"]

DecHook = Callable[[type, Any], Any]


class Owner(msgspec.Struct, frozen=True):
    """
    Whose keys these are, for messages: ``name`` (``attach``, ``the scenario``), and what its keys are called (``parameter``, ``key``).

    ``codes`` are those for an unknown key, a missing one, a wrong value.
    """

    name: str
    noun: str
    unknown: str
    missing: str
    wrong: str


class Spots(msgspec.Struct):
    """
    What came up while shapes were laid on nodes.

    ``customs`` is every scalar that stands where a custom kind of text is wanted, ``texts`` every
    template that must give text.
    """

    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)
    customs: list[tuple[type, Scalar]] = msgspec.field(default_factory=list)
    texts: list[Scalar] = msgspec.field(default_factory=list)


class Field(msgspec.Struct, frozen=True):
    """A key of a record."""

    shape: Shape
    required: bool


class Record(msgspec.Struct):
    """An object with known keys."""

    fields: dict[str, Field]
    closed: bool
    cls: type

    def fit(self, node: Mapping, owner: Owner, spots: Spots, path: str = "", key: Scalar | None = None) -> Mapping:
        """*node* with each value as its field wants it; *key* is where the record's own name stands, for what is missing."""
        found = node
        meant: set[str | None] = set()
        for name, child in node.entries.items():
            one = self.fields.get(name)
            if one is None:
                if self.closed:
                    close = self._meant(name, node)
                    meant.add(close)
                    spots.diagnostics.append(self._unknown(name, close, node, owner, path))
                continue
            fitted = one.shape.fit(child, owner, spots, _below(path, name))
            if fitted is not child:
                found = _copied(node) if found is node else found
                found.entries[name] = fitted
        for name, one in self.fields.items():
            if one.required and name not in node.entries and name not in meant:
                spots.diagnostics.append(self._missing(name, one, node, owner, path, key))
        return found

    def _meant(self, name: str, node: Mapping) -> str | None:
        """The key that *name* was most likely meant to be, among those that are not there already."""
        return nearest(name, [known for known in self.fields if known not in node.entries])

    def _unknown(self, name: str, close: str | None, node: Mapping, owner: Owner, path: str) -> Diagnostic:
        where = f" in `{path}`" if path else ""
        listed = ", ".join(self.fields)
        return Diagnostic(
            owner.unknown,
            f"unknown {owner.noun} `{name}`{where}",
            node.keys[name].span,
            label=f"did you mean `{close}`?" if close else f"there is no such {owner.noun}",
            hint=f"write `{close}`" if close else "remove it" if listed else f"write `{owner.name}` alone",
            notes=(f"{_ticked(owner)} has: {listed}" if listed else f"{_ticked(owner)} takes nothing",),
        )

    def _missing(self, name: str, one: Field, node: Mapping, owner: Owner, path: str, key: Scalar | None) -> Diagnostic:
        example = one.shape.example()
        return Diagnostic(
            owner.missing,
            f"{_ticked(owner)} needs `{_below(path, name)}`",
            (key or node).span,
            label=f"`{name}` is missing",
            hint=f"add `{name}: {example}`" if example else f"add `{name}: …`",
            notes=(one.shape.description,) if one.shape.description else (),
        )


def _ticked(owner: Owner) -> str:
    return owner.name if " " in owner.name else f"`{owner.name}`"


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _copied(node: Mapping) -> Mapping:
    """A mapping of its own: an alias may stand for the same node elsewhere, where something else is wanted."""
    copy = Mapping(node.source, node.line, node.column)
    copy.end_line, copy.end_column = node.end_line, node.end_column
    copy.keys = node.keys
    copy.entries = dict(node.entries)
    return copy


class Shape(msgspec.Struct):
    """
    Every kind of value that may stand in one place. A union of types is one shape with several of these on.

    ``customs`` are kinds of text with a reader of their own (a duration, a file); ``values`` is what an object with free keys holds.
    ``expects``: what stands here is an expectation, in which matchers may stand.
    """

    any: bool = False
    text: bool = False
    whole: bool = False
    number: bool = False
    boolean: bool = False
    nothing: bool = False
    choices: tuple[str, ...] = ()
    customs: tuple[type, ...] = ()
    items: Shape | None = None
    values: Shape | None = None
    record: Record | None = None
    bounds: tuple[Bound, ...] = ()
    templates: bool = True
    title: str = ""
    description: str = ""
    examples: tuple[Any, ...] = ()
    read: DecHook | None = None
    expects: bool = False

    def fit(self, node: Node, owner: Owner, spots: Spots, path: str) -> Node:
        """*node*, or what stands for it where text was wanted; what is wrong goes to *spots*."""
        if self.any:
            return node
        if isinstance(node, Scalar):
            return self._scalar(node, owner, spots, path)
        if isinstance(node, Mapping):
            if self.record is not None:
                return self.record.fit(node, owner, spots, path)
            if self.values is not None:
                return self._free(node, self.values, owner, spots, path)
        elif isinstance(node, Sequence) and self.items is not None:
            return self._list(node, self.items, owner, spots, path)
        spots.diagnostics.append(self._wrong(node, owner, path))
        return node

    def _free(self, node: Mapping, values: Shape, owner: Owner, spots: Spots, path: str) -> Mapping:
        if values.any:
            return node
        fitted = {name: values.fit(child, owner, spots, _below(path, name)) for name, child in node.entries.items()}
        if all(fitted[name] is child for name, child in node.entries.items()):
            return node
        copy = _copied(node)
        copy.entries = fitted
        return copy

    def _list(self, node: Sequence, items: Shape, owner: Owner, spots: Spots, path: str) -> Sequence:
        if items.any:
            return node
        fitted = [items.fit(child, owner, spots, f"{path}[{n}]") for n, child in enumerate(node.items)]
        if all(a is b for a, b in zip(fitted, node.items, strict=True)):
            return node
        copy = Sequence(node.source, node.line, node.column)
        copy.end_line, copy.end_column = node.end_line, node.end_column
        copy.items = fitted
        return copy

    # ── a single value ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _scalar(self, node: Scalar, owner: Owner, spots: Spots, path: str) -> Node:
        raw = node.raw
        if has_template(raw):
            if not self.templates:
                spots.diagnostics.append(_no_template(node, owner, path))
            elif self.text and not (self.whole or self.number or self.boolean) and raw.startswith("{{"):
                spots.texts.append(node)
            return node
        if self.choices and raw in self.choices:
            return node if node.style else node.as_text()
        value = node.value
        if value is None:
            if not self.nothing:
                spots.diagnostics.append(self._empty(node, owner, path))
            return node
        if self._fits(value, node, owner, spots, path):
            return node
        if self.customs and self._custom(node, spots):
            return node.as_text()
        if self.text:
            self._bounded(raw, node, owner, spots, path)
            return node if isinstance(value, str) else node.as_text()
        spots.diagnostics.append(self._wrong(node, owner, path))
        return node

    def _fits(self, value: Any, node: Scalar, owner: Owner, spots: Spots, path: str) -> bool:
        """Whether a number or a truth value is welcome as such."""
        if value is True or value is False:
            return self.boolean
        if isinstance(value, str) or not (self.number or (self.whole and (isinstance(value, int) or value.is_integer()))):
            return False
        self._bounded(value, node, owner, spots, path)
        return True

    def _custom(self, node: Scalar, spots: Spots) -> bool:
        for kind in self.customs:
            try:
                if self.read is not None:
                    self.read(kind, node.raw)
            except ValueError:
                continue
            spots.customs.append((kind, node))
            return True
        return False

    def _bounded(self, value: Any, node: Scalar, owner: Owner, spots: Spots, path: str) -> None:
        for bound in self.bounds:
            if not bound.holds(value):
                hint = f"write it like `{_last(path)}: {self.example()}`" if self.examples else "change it"
                message = (
                    f"`{path}` cannot be {_shown(node)}"
                    if bound.keyword == "pattern"
                    else f"`{path}` must {bound.words}, not {_shown(node)}"
                )
                notes = (self.description,) if bound.keyword == "pattern" else ()
                spots.diagnostics.append(Diagnostic(owner.wrong, message, node.span, hint=hint, notes=notes))
                return

    # ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _wrong(self, node: Node, owner: Owner, path: str) -> Diagnostic:
        """A value of the wrong kind: what is wanted, what stands there, how to write it."""
        if isinstance(node, Scalar) and self.choices:
            return self._no_choice(node, owner, path)
        message = f"`{path}` must be {self.wanted()}, not {_shown(node)}"
        return Diagnostic(owner.wrong, message, node.span, label=_kind(node), hint=self._fix(node, _last(path)))

    def _no_choice(self, node: Scalar, owner: Owner, path: str) -> Diagnostic:
        close = nearest(node.raw, self.choices)
        return Diagnostic(
            owner.wrong,
            f"`{path}` cannot be {_shown(node)}",
            node.span,
            label=f"did you mean `{close}`?" if close else "not one of the possible values",
            hint=f"write `{close}`" if close else f"write one of: {', '.join(self.choices)}",
            notes=(f"possible: {', '.join(self.choices)}",) if close else (),
        )

    def _empty(self, node: Scalar, owner: Owner, path: str) -> Diagnostic:
        example = self.example()
        name = _last(path)
        return Diagnostic(
            owner.wrong,
            f"`{path}` has no value",
            node.span,
            label=f"{self.wanted()} is expected",
            hint=f"write `{name}: {example}`" if example else 'write a value behind it, or "" for an empty text',
        )

    def _fix(self, node: Node, name: str) -> str:
        if isinstance(node, Scalar):
            other = canonical(node.raw)
            if self.boolean:
                return f"write `{name}: {other}`" if other in ("true", "false") else "write true or false"
            if (self.whole or self.number) and other not in (None, "true", "false", "null"):
                return f"write `{name}: {other}`"
            if self.customs and re.fullmatch(r"\d+(\.\d+)?", node.raw):
                return f"write `{name}: {node.raw}s` for seconds"
            meant = _LENGTH.fullmatch(node.raw.strip()) if self.customs else None
            if meant is not None:
                return f"write `{name}: {meant[1].replace(',', '.')} {_UNIT[meant[2][0].lower()]}`"
        if self.items is not None and not isinstance(node, Sequence) and isinstance(node, Scalar):
            return f"write `{name}: [{node.raw}]`"
        example = self.example()
        return f"write it like `{name}: {example}`" if example else f"write {self.wanted()}"

    def wanted(self) -> str:
        """What may stand here: ``text or a list``, ``true or false``, ``a duration like 30s``."""
        kinds = [
            (self.choices, f"one of {', '.join(self.choices)}"),
            (self.text, "text"),
            (self.customs, " or ".join(_CUSTOM_WORDS.get(kind.__name__, "text") for kind in self.customs)),
            (self.number, "a number"),
            (self.whole and not self.number, "a whole number"),
            (self.boolean, "true or false"),
            (self.items is not None, "a list"),
            (self.record is not None or self.values is not None, "an object with names and values"),
        ]
        return " or ".join(word for on, word in kinds if on) or "nothing"

    def example(self) -> str:
        """One value as it may be written, or ""."""
        if self.examples:
            return _written(self.examples[0])
        return self.choices[0] if self.choices else ""


_CUSTOM_WORDS = {"Duration": "a duration like 30s", "FilePath": "the path of a file"}


def has_template(text: str) -> bool:
    """Whether a text has template marks in it."""
    return "{{" in text or "{%" in text or "{#" in text


def _no_template(node: Scalar, owner: Owner, path: str) -> Diagnostic:
    return Diagnostic(
        owner.wrong, f"`{path}` cannot have a template", node.span, label="must be known beforehand", hint="write the value itself"
    )


def _last(path: str) -> str:
    return re.sub(r"\[\d+\]$", "", path.rpartition(".")[2]) or path


def _shown(node: Node) -> str:
    if isinstance(node, Scalar):
        raw = " ".join(node.raw.split())
        return f"`{raw}`" if len(raw) <= 40 else f"`{raw[:39]}…`"
    return "a list" if isinstance(node, Sequence) else "an object"


def _kind(node: Node) -> str:
    if isinstance(node, Scalar):
        return {"text": "this is text", "number": "this is a number"}.get(node.kind, f"this is {node.kind}")
    return "this is a list" if isinstance(node, Sequence) else "this is an object"


def _written(value: Any) -> str:
    """An example as YAML in one line."""
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and canonical(value) is None else f'"{value}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(key)}: {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return msgspec.json.encode(value).decode()


# A length of time in other words: `1 minute`, `1,5 seconds`, `2 Std.`
_LENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*((?:s|m|h)[a-z]*)\.?", re.IGNORECASE)
_UNIT = {"s": "s", "m": "min", "h": "h"}
# Text that needs no quotes, wherever it stands.
_PLAIN = re.compile(r"[^\W_](?:[\w ./@+-]|:(?! |$))*(?<! )")
