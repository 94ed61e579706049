"""
Values with ``{{ … }}`` in them: compiled once, with their places; rendered strictly and within bounds.

Called by :mod:`runner.scenario.build` for every value of a file, rendered by the engine. Only values are templates, never the text of a
file, never a key, and never what came from a server: a value is compiled from a node of the file, and what a name stands for is put in as
it is.

    title: Hello                        a static value: the text itself, each time
    order: "{{ order }}"                whole: the value of the expression, with its type
    subject: "Your order {{ order }}"   mixed: text; lists and objects as JSON, true/false/null as JSON writes them
    headers: {X-Run: "{{ run }}"}       lists and objects: one closure that makes them anew

A secret stays one: ``{{ secret('QA1') }}`` gives the Secret, and a text with a secret in it becomes a Secret. Statements (``{% … %}``) are
not allowed; ``{# … #}`` is a comment; ``{{- x -}}`` takes the blanks round it away, as in Jinja2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from runner.errors import BadScenario, Diagnostic, RunnerError, TemplateFailed
from runner.scenario import model
from runner.scenario.templates.expression import Fault
from runner.scenario.templates.pieces import OPEN, Piece, Templates
from runner.scenario.templates.values import NotPossible, joined
from runner.scenario.yaml.nodes import Mapping as MappingNode
from runner.scenario.yaml.nodes import Node, Scalar, Sequence
from runner.scenario.yaml.positions import stretch
from runner.source import Span

__all__ = ["Templates", "compile_expression", "compile_value", "constant"]

Scope = Mapping[str, Any]

# what is known when it runs: a secret, a process variable, a name that may be missing
_ASKS_THE_WORLD = re.compile(r"\b(?:secret|env|default|d|defined|undefined)\b")
# what is another each time, or is read
_MADE_UP = re.compile(r"\b(?:unique|now|today|random_text|random_number|fake|read)\b")

Render = Callable[[Scope], Any]


def compile_value(node: Node, templates: Templates) -> model.Value:
    """
    The value of *node*, with all that is in it.

    Raises: ``BadScenario`` – with every mistake in its templates.
    """
    work = _Compiler(templates)
    static, made = work.compile(node)
    if work.problems:
        raise BadScenario(work.problems)
    return _Static(node.span, made) if static else _Rendered(node.span, made, tuple(work.leaves))


def compile_expression(text: str, span: Span, templates: Templates) -> model.Expression:
    """
    The expression *text*, which stands at *span* (quotes included) without braces.

    Raises: ``BadScenario``.
    """
    try:
        return _Expression(_Leaf(span, text, ((templates.expression(text), 0),)))
    except Fault as fault:
        raise BadScenario([_Leaf(span, text, ()).diagnostic(fault)]) from None


def constant(data: Any, span: Span) -> model.Value:
    """Data that is no template whatever it holds: a row of a table, text of a server."""
    return _Static(span, data)


# what a value becomes


class _Static:
    """A value without templates."""

    __slots__ = ("_data", "span")

    static = settled = True
    names: tuple[model.NameUse, ...] = ()
    parts: tuple[model.Value, ...] = ()

    def __init__(self, span: Span, data: Any) -> None:
        self.span = span
        self._data = data

    def render(self, scope: Scope) -> Any:
        return self._data


class _Rendered:
    """A value with templates somewhere in it."""

    __slots__ = ("_leaves", "render", "span")

    static = False

    def __init__(self, span: Span, render: Render, leaves: tuple[_Leaf, ...]) -> None:
        self.span = span
        self.render = render
        self._leaves = leaves

    @property
    def names(self) -> tuple[model.NameUse, ...]:
        return tuple(use for leaf in self._leaves for use in leaf.names())

    @property
    def settled(self) -> bool:
        return all(leaf.is_settled() for leaf in self._leaves)

    @property
    def parts(self) -> tuple[model.Value, ...]:
        return tuple(_Rendered(leaf.span, leaf.render(), (leaf,)) for leaf in self._leaves)


class _Expression:
    """An expression without braces."""

    __slots__ = ("_leaf", "evaluate")

    def __init__(self, leaf: _Leaf) -> None:
        self._leaf = leaf
        self.evaluate = leaf.whole()

    @property
    def span(self) -> Span:
        return self._leaf.span

    @property
    def text(self) -> str:
        return self._leaf.text

    @property
    def names(self) -> tuple[model.NameUse, ...]:
        return tuple(self._leaf.names())

    @property
    def settled(self) -> bool:
        return self._leaf.is_settled()


class _Leaf:
    """One text of a file with its pieces; the only one who knows both, and so who says where something went wrong."""

    __slots__ = ("pieces", "span", "text")

    def __init__(self, span: Span, text: str, pieces: tuple[Piece, ...]) -> None:
        self.span = span
        self.text = text
        self.pieces = pieces

    def names(self) -> list[model.NameUse]:
        """The names of all its expressions with their places."""
        uses = []
        for piece in self.pieces:
            if not isinstance(piece, str):
                expression, offset = piece
                uses += [model.NameUse(name, self.span, self.text, offset + start, offset + end) for name, start, end in expression.names]
        return uses

    def is_settled(self) -> bool:
        """Whether the same names give the same each time; a word in the text that looks like a helper is taken for one."""
        return not (_ASKS_THE_WORLD.search(self.text) or _MADE_UP.search(self.text))

    def asks(self) -> bool:
        """Whether it asks for any name."""
        return any(piece[0].names for piece in self.pieces if not isinstance(piece, str))

    def render(self) -> Render:
        """The closure: for one expression alone its value, else text."""
        return self.whole() if len(self.pieces) == 1 and not isinstance(self.pieces[0], str) else self._mixed()

    def whole(self) -> Render:
        """The value of the only expression, with its type."""
        piece = self.pieces[0]
        assert not isinstance(piece, str)  # noqa: S101 - the caller has looked
        evaluate, offset = piece[0].evaluate, piece[1]

        def render(scope: Scope) -> Any:
            try:
                return evaluate(scope)
            except Fault as fault:
                raise self._failed(fault, offset) from None

        return render

    def _mixed(self) -> Render:
        steps = [(piece, None, 0) if isinstance(piece, str) else ("", piece[0].evaluate, piece[1]) for piece in self.pieces]

        def render(scope: Scope) -> Any:
            out: list[Any] = []
            try:
                for literal, evaluate, _ in steps:
                    out.append(literal if evaluate is None else evaluate(scope))
                return joined(out)
            except Fault as fault:
                # the piece that failed is the first that gave nothing
                raise self._failed(fault, steps[len(out)][2]) from None
            except NotPossible as exc:
                raise self._failed(Fault.of(exc, 0, len(self.text)), 0) from None

        return render

    def diagnostic(self, fault: Fault, offset: int = 0) -> Diagnostic:
        """A mistake found when the file was read."""
        return Diagnostic(fault.code, fault.message, self._place(fault, offset), fault.label, fault.hint, fault.notes)

    def _failed(self, fault: Fault, offset: int) -> TemplateFailed:
        place = self._place(fault, offset)
        return TemplateFailed(fault.message, code=fault.code, span=place, label=fault.label, hint=fault.hint, notes=fault.notes)

    def _place(self, fault: Fault, offset: int) -> Span:
        return stretch(self.span, self.text, offset + fault.start, offset + fault.end)


class _Compiler:
    """A node with all that is in it → ``(True, data)`` or ``(False, closure)``; collects the texts with templates, and the mistakes."""

    def __init__(self, templates: Templates) -> None:
        self.leaves: list[_Leaf] = []
        self.problems: list[Diagnostic] = []
        self._templates = templates

    def compile(self, node: Node) -> tuple[bool, Any]:
        if isinstance(node, Scalar):
            return self._scalar(node)
        if isinstance(node, MappingNode):
            return self._mapping(node)
        assert isinstance(node, Sequence)  # noqa: S101 - there are three kinds
        return self._sequence(node)

    def _scalar(self, node: Scalar) -> tuple[bool, Any]:
        text = node.raw
        if "{" not in text or not OPEN.search(text):
            return True, node.value
        try:
            leaf = _Leaf(node.span, text, self._templates.text(text))
        except Fault as fault:
            self.problems.append(_Leaf(node.span, text, ()).diagnostic(fault))
            return True, None
        if all(isinstance(piece, str) for piece in leaf.pieces):
            return True, "".join(piece for piece in leaf.pieces if isinstance(piece, str))
        self.leaves.append(leaf)
        render = leaf.render()
        if self._templates.foreseen is not None and not leaf.asks() and not _ASKS_THE_WORLD.search(text):
            try:
                render(self._templates.foreseen)
            except RunnerError as exc:
                self.problems.append(replace(exc.diagnostic(), span=exc.span or node.span))
        return False, render

    def _mapping(self, node: MappingNode) -> tuple[bool, Any]:
        for key, place, _ in node.items():
            if "{{" in key:
                hint = "write the name itself; only values are computed"
                self.problems.append(Diagnostic("E313", "a name cannot be computed", place.span, label="a template in a name", hint=hint))
        parts = [(key, *self.compile(child)) for key, child in node.entries.items()]
        if all(static for _, static, _ in parts):
            return True, {key: made for key, _, made in parts}
        fixed = {key: made if static else None for key, static, made in parts}
        moving = [(key, made) for key, static, made in parts if not static]

        def render(scope: Scope) -> Any:
            made = fixed.copy()
            for key, part in moving:
                made[key] = part(scope)
            return made

        return False, render

    def _sequence(self, node: Sequence) -> tuple[bool, Any]:
        parts = [self.compile(child) for child in node.items]
        if all(static for static, _ in parts):
            return True, [made for _, made in parts]
        return False, lambda scope: [made if static else made(scope) for static, made in parts]


# texts and their pieces
