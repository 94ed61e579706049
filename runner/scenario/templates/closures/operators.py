"""Operators: ``a + b``, ``a < b``, ``a ~ b``, ``a if c else b``, ``a and b``, ``not a``, ``-a``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import nodes

from runner.scenario.templates.closures.building import Building, Closure, Make
from runner.scenario.templates.operations import binary, compare
from runner.scenario.templates.values import Work, joined, truth

__all__ = ["MAKERS"]

_SIGNS: Mapping[type[nodes.Expr], str] = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
}
_COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "notin"}


def _binary(building: Building, node: nodes.BinExpr) -> Closure:
    sign = _SIGNS[type(node)]
    left, right = building.build(node.left), building.build(node.right)
    return building.guard(lambda work: binary(sign, left(work), right(work), work))


def _signed(building: Building, node: nodes.Neg | nodes.Pos) -> Closure:
    value = building.build(node.node)
    sign = "-" if isinstance(node, nodes.Neg) else "+"
    return building.guard(lambda work: binary(sign, 0, value(work), work))


def _compare(building: Building, node: nodes.Compare) -> Closure:
    first = building.build(node.expr)
    others = [(_COMPARISONS[one.op], building.build(one.expr)) for one in node.ops]

    def ask(work: Work) -> bool:
        left = first(work)
        for sign, other in others:
            right = other(work)
            if not compare(sign, left, right, work):
                return False
            left = right
        return True

    return building.guard(ask)


def _concat(building: Building, node: nodes.Concat) -> Closure:
    parts = [building.build(one) for one in node.nodes]

    def put_together(work: Work) -> Any:
        made = joined([one(work) for one in parts])
        work.spend(len(made) if isinstance(made, str) else 1)
        return made

    return building.guard(put_together)


def _choice(building: Building, node: nodes.CondExpr) -> Closure:
    test, yes = building.build(node.test), building.build(node.expr1)
    no = building.build(node.expr2) if node.expr2 is not None else lambda _: ""
    return lambda work: yes(work) if truth(test(work)) else no(work)


def _and(building: Building, node: nodes.And) -> Closure:
    left, right = building.build(node.left), building.build(node.right)

    def both(work: Work) -> Any:
        value = left(work)
        return right(work) if truth(value) else value

    return both


def _or(building: Building, node: nodes.Or) -> Closure:
    left, right = building.build(node.left), building.build(node.right)

    def either(work: Work) -> Any:
        value = left(work)
        return value if truth(value) else right(work)

    return either


def _not(building: Building, node: nodes.Not) -> Closure:
    value = building.build(node.node)
    return lambda work: not truth(value(work))


MAKERS: Mapping[type[nodes.Node], Make] = {
    **dict.fromkeys(_SIGNS, _binary),
    nodes.Neg: _signed,
    nodes.Pos: _signed,
    nodes.Compare: _compare,
    nodes.Concat: _concat,
    nodes.CondExpr: _choice,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Not: _not,
}
