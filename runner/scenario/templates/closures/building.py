"""
An expression while its closures are made: where its nodes stand, which names it asks for, and how its mistakes are told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes

from runner.scenario.templates.expression import Fault, Use
from runner.scenario.templates.values import NotPossible, Work

__all__ = ["Building", "Closure", "Make"]

Closure = Callable[[Work], Any]
# makes the closure that carries a node out; the node is of the kind under which the function stands in its table
Make = Callable[["Building", Any], Closure]
Place = tuple[int, int]


class Building:
    """
    One expression: *text*, where the token at a character *ends*, and who makes the closure for each kind of node.

    ``names`` are those it asks for; ``all_of_it`` reaches from its first to its last visible character.
    """

    def __init__(self, text: str, ends: Mapping[int, int], makers: Mapping[type[nodes.Node], Make]) -> None:
        self.text = text
        self.names: list[Use] = []
        start = len(text) - len(text.lstrip())
        self.all_of_it: Place = (start, max(start + 1, len(text.rstrip())))
        self._ends = ends
        self._makers = makers
        self._unsure = 0

    def build(self, node: nodes.Node) -> Closure:
        """
        The closure that carries *node* out.

        Raises: ``Fault`` – there is none.
        """
        make = self._makers.get(type(node))
        if make is None:
            raise self.fault("E303", "this is not allowed in values", node)
        return make(self, node)

    def build_unsure(self, node: nodes.Expr) -> Closure:
        """The same inside ``x | default(…)`` and ``x is defined``, where a name may be missing."""
        self._unsure += 1
        try:
            return self.build(node)
        finally:
            self._unsure -= 1

    def asks_for(self, name: str, start: int, end: int) -> None:
        """The name is needed, unless it may be missing here."""
        if not self._unsure:
            self.names.append((name, start, end))

    def place(self, node: nodes.Node) -> Place:
        """The characters of the token where *node* begins."""
        return node.lineno, self._ends.get(node.lineno, node.lineno + 1)

    def place_of(self, word: str, node: nodes.Node) -> Place:
        """The characters of *word*, the first one in *node*."""
        start = self.text.index(word, node.lineno)
        return start, start + len(word)

    def fault(self, code: str, message: str, node: nodes.Node, **more: Any) -> Fault:
        """What is wrong with *node*."""
        return Fault(code, message, *self.place(node), **more)

    def guard(self, closure: Closure, place: Place | None = None) -> Closure:
        """The closure with a place for what goes wrong in it; operators say it of the whole expression."""
        start, end = place or self.all_of_it

        def guarded(work: Work) -> Any:
            try:
                return closure(work)
            except NotPossible as exc:
                raise Fault.of(exc, start, end) from None
            except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError):
                # their texts may hold values
                raise Fault("E305", "this cannot be computed with these values", start, end) from None

        return guarded
