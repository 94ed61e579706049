"""What stands for itself or for a name: ``order``, ``'text'``, ``12``, ``[a, b]``, ``{'key': a}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import nodes

from runner.scenario.templates.closures.building import Building, Closure, Make
from runner.scenario.templates.expression import Fault, unknown_name
from runner.scenario.templates.functions import HELPERS, usage
from runner.scenario.templates.operations import counted
from runner.scenario.templates.values import NotPossible, Work, kind

__all__ = ["MAKERS"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def _name(building: Building, node: nodes.Name) -> Closure:
    name, (start, end) = node.name, building.place(node)
    if name in HELPERS:
        raise building.fault("E305", f"`{name}` is a helper", node, hint=f"write {usage(name)}")
    building.asks_for(name, start, end)

    def look_up(work: Work) -> Any:
        try:
            return work.scope[name]
        except KeyError:
            raise unknown_name(name, start, work.scope) from None

    return look_up


def _constant(building: Building, node: nodes.Const) -> Closure:
    value = _character_for_character(building, node) if isinstance(node.value, str) else _number(building, node)
    return lambda _: value


def _character_for_character(building: Building, node: nodes.Const) -> Any:
    if _SURROGATE.search(node.value):
        told = "half a character: `\\uD800` to `\\uDFFF` stand for nothing alone"
        raise building.fault("E310", told, node, hint="write the character itself")
    return node.value


def _number(building: Building, node: nodes.Const) -> Any:
    try:
        return counted(node.value)
    except NotPossible as exc:
        raise Fault.of(exc, *building.place(node)) from None


def _list(building: Building, node: nodes.List | nodes.Tuple) -> Closure:
    items = [building.build(item) for item in node.items]
    return lambda work: [item(work) for item in items]


def _dict(building: Building, node: nodes.Dict) -> Closure:
    pairs = [(building.build(pair.key), building.build(pair.value)) for pair in node.items]

    def make(work: Work) -> Any:
        made = {}
        for key, value in pairs:
            name = key(work)
            if not isinstance(name, str):
                raise NotPossible(f"a key must be text, not {kind(name)}")
            made[name] = value(work)
        return made

    return building.guard(make, building.place(node))


MAKERS: Mapping[type[nodes.Node], Make] = {
    nodes.Name: _name,
    nodes.Const: _constant,
    nodes.List: _list,
    nodes.Tuple: _list,
    nodes.Dict: _dict,
}
