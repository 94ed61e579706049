"""
Numbers where text is wanted: ``subject: "{{ order }}"`` with the number 4711 under ``order`` is the subject "4711".

A whole template keeps its type; where a record takes nothing but text, this gives the text. Lists and objects are left, so that they are
told as the mistake that they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from runner.scenario.model import NameUse, Scope, Value
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence
from runner.source import Span

__all__ = ["WithTexts"]

Way = tuple[str | int, ...]


class WithTexts:
    """
    A compiled value whose numbers and truth values become text in some places when it is rendered; satisfies ``model.Value``.

    *node* is what *value* was compiled from, *texts* are the templates in it that must give text.
    """

    __slots__ = ("_places", "_value", "_ways")

    static = False

    def __init__(self, value: Value, node: Node, texts: Collection[Scalar]) -> None:
        self._value = value
        self._ways = tuple(_ways(node, {id(text) for text in texts}, ()))
        # nodes count from 0, spans from 1
        self._places = frozenset((text.line + 1, text.column + 1) for text in texts)

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self._value.span

    @property
    def names(self) -> tuple[NameUse, ...]:
        """The names it asks for."""
        return self._value.names

    @property
    def settled(self) -> bool:
        """As the value's."""
        return self._value.settled

    @property
    def parts(self) -> tuple[Value, ...]:
        """The value's; those that must give text do."""
        return tuple(_Text(part) if (part.span.line, part.span.column) in self._places else part for part in self._value.parts)

    def render(self, scope: Scope) -> Any:
        """The value; what leads to a template was made by this rendering, and so may be changed."""
        made = self._value.render(scope)
        for *way, last in self._ways:
            holder = made
            for part in way:
                holder = holder[part]
            holder[last] = _as_text(holder[last])
        return made


class _Text:
    """One template that must give text; satisfies ``model.Value``."""

    __slots__ = ("_part", "names", "span")

    static = False

    def __init__(self, part: Value) -> None:
        self._part = part
        self.span = part.span
        self.names = part.names

    @property
    def settled(self) -> bool:
        return self._part.settled

    @property
    def parts(self) -> tuple[Value, ...]:
        return (self,)

    def render(self, scope: Scope) -> Any:
        return _as_text(self._part.render(scope))


def _as_text(found: Any) -> Any:
    """A number or a truth value as text; anything else as it is."""
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found) if isinstance(found, int | float) else found


def _ways(node: Node, wanted: set[int], way: Way) -> Iterator[Way]:
    """The keys and numbers that lead to each wanted scalar."""
    if isinstance(node, Scalar):
        if id(node) in wanted:
            yield way
    elif isinstance(node, Mapping):
        for key, child in node.entries.items():
            yield from _ways(child, wanted, (*way, key))
    elif isinstance(node, Sequence):
        for number, child in enumerate(node.items):
            yield from _ways(child, wanted, (*way, number))
