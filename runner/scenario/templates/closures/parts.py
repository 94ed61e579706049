"""Parts of values: ``order.id``, ``items[0]``, ``text[2:]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import nodes

from runner.scenario.templates.closures.building import Building, Closure, Make
from runner.scenario.templates.operations import part, sliced
from runner.scenario.templates.values import Missing, NotPossible, Work, hidden, revealed

__all__ = ["MAKERS"]


def _attribute(building: Building, node: nodes.Getattr) -> Closure:
    return _part(building, node.node, lambda _: node.attr, building.place_of(node.attr, node))


def _item(building: Building, node: nodes.Getitem) -> Closure:
    if isinstance(node.arg, nodes.Slice):
        return _slice(building, node.node, node.arg)
    place = building.place(node.arg if isinstance(node.arg, nodes.Const) else node)
    return _part(building, node.node, building.build(node.arg), place)


def _part(building: Building, of: nodes.Expr, key: Closure, place: tuple[int, int]) -> Closure:
    if isinstance(of, nodes.Name) and of.name == "fake":
        return building.guard(lambda work: part(work.scope["fake"], key(work)), place)
    owner = building.build(of)

    def take(work: Work) -> Any:
        (which,), secret = revealed((key(work),))
        try:
            return part(owner(work), which)
        except NotPossible as exc:
            # it would say what there is none of
            raise exc if secret is None else Missing("there is no such part") from None

    return building.guard(take, place)


def _slice(building: Building, of: nodes.Expr, node: nodes.Slice) -> Closure:
    owner = building.build(of)
    limits = [None if one is None else building.build(one) for one in (node.start, node.stop, node.step)]

    def take(work: Work) -> Any:
        (value, *plain), secret = revealed((owner(work), *(None if limit is None else limit(work) for limit in limits)))
        return hidden(sliced(value, *plain), secret)

    return building.guard(take)


MAKERS: Mapping[type[nodes.Node], Make] = {nodes.Getattr: _attribute, nodes.Getitem: _item}
