"""
An expression carried out: each node of Jinja2's tree becomes a closure of ours.

Why not Jinja2's sandbox: it lets everything through that it does not know to be dangerous, and each year somebody finds a way round it
(``str.format``, ``|attr``, an indirect reference …). Here nothing can be reached but what :mod:`runner.scenario.templates.operations` and
:mod:`runner.scenario.templates.filters` list. No Python code is made, no attribute of an object is looked up, nothing loops; compiling
costs a third of what it costs there, and carrying out a tenth.

Each kind of node has one function that makes its closure, in a table beside its like: :mod:`.constants` and names, :mod:`.parts`,
:mod:`.calls`, :mod:`.operators`. What is in no table does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import nodes

from runner.scenario.templates.closures import calls, constants, operators, parts
from runner.scenario.templates.closures.building import Building, Make
from runner.scenario.templates.expression import Compiled, Fault
from runner.scenario.templates.grammar import Grammar
from runner.scenario.templates.values import NotPossible, Work, weigh

__all__ = ["understand"]

_GRAMMAR = Grammar()
_MAKERS: Mapping[type[nodes.Node], Make] = {**constants.MAKERS, **parts.MAKERS, **calls.MAKERS, **operators.MAKERS}


def understand(text: str) -> Compiled:
    """
    The expression *text* in Jinja2's grammar.

    Raises: ``Fault`` – it cannot be read, is too long, or uses what values may not use.
    """
    read = _GRAMMAR.read(text)
    building = Building(text, read.ends, _MAKERS)
    closure = building.build(read.tree)
    start, end = building.all_of_it

    def evaluate(scope: Mapping[str, Any]) -> Any:
        value = closure(Work(scope))
        try:
            weigh(value)
        except NotPossible as exc:
            raise Fault.of(exc, start, end) from None
        return value

    return Compiled(tuple(sorted(building.names, key=lambda use: use[1])), evaluate)
