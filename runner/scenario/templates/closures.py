"""
An expression carried out: each node of Jinja2's tree becomes a closure of ours.

Why not Jinja2's sandbox: it lets everything through that it does not know to be dangerous, and each year somebody finds a way round it
(``str.format``, ``|attr``, an indirect reference …). Here nothing can be reached but what :mod:`.operations` and :mod:`.filters` list. No
Python code is made, no attribute of an object is looked up, nothing loops; compiling costs a third of what it costs there, and carrying
out a tenth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes

from runner.errors import nearest
from runner.scenario.templates.conditions import TESTS
from runner.scenario.templates.expression import Compiled, Fault, Use, unknown_name
from runner.scenario.templates.filters import FILTERS, applied
from runner.scenario.templates.functions import HELPERS, call_helper, usage
from runner.scenario.templates.grammar import Grammar
from runner.scenario.templates.methods import METHODS
from runner.scenario.templates.operations import binary, compare, counted, part, sliced
from runner.scenario.templates.values import NotPossible, Work, hidden, joined, kind, revealed, truth, weigh

__all__ = ["understand"]

Closure = Callable[[Work], Any]
# positional and named ones
Arguments = Callable[[Work], tuple[list[Any], dict[str, Any]]]

_GRAMMAR = Grammar()
_LOOKS_GUARDED = ("default", "d")
_SURROGATE = re.compile("[\ud800-\udfff]")
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


def understand(text: str) -> Compiled:
    """
    The expression *text* in Jinja2's grammar.

    Raises: ``Fault`` – it cannot be read, is too long, or uses what values may not use.
    """
    read = _GRAMMAR.read(text)
    builder = _Builder(text, read.ends)
    closure = builder.build(read.tree)
    start, end = _trimmed(text)

    def evaluate(scope: Mapping[str, Any]) -> Any:
        value = closure(Work(scope))
        try:
            return _sized(value)
        except NotPossible as exc:
            raise Fault.of(exc, start, end) from None

    return Compiled(tuple(sorted(builder.names, key=lambda use: use[1])), evaluate)


def _trimmed(text: str) -> tuple[int, int]:
    """From its first to its last visible character."""
    start = len(text) - len(text.lstrip())
    return start, max(start + 1, len(text.rstrip()))


class _Builder:
    """Jinja2's tree → closures; collects the names."""

    def __init__(self, text: str, ends: Mapping[int, int]) -> None:
        self.names: list[Use] = []
        self._text = text
        self._ends = ends
        # inside `x | default(…)` and `x is defined` a name may be missing
        self._guarded = 0
        self._build: Mapping[type[nodes.Node], Callable[[Any], Closure]] = {
            nodes.Name: self._name,
            nodes.Const: self._const,
            nodes.List: self._list,
            nodes.Tuple: self._list,
            nodes.Dict: self._dict,
            nodes.Getattr: self._getattr,
            nodes.Getitem: self._getitem,
            nodes.Call: self._call,
            nodes.Filter: self._filter,
            nodes.Test: self._test,
            nodes.Compare: self._compare,
            nodes.Concat: self._concat,
            nodes.CondExpr: self._choice,
            nodes.And: self._and,
            nodes.Or: self._or,
            nodes.Not: self._not,
            nodes.Neg: self._negative,
            nodes.Pos: self._negative,
            **dict.fromkeys(_SIGNS, self._binary),
        }

    def build(self, node: nodes.Node) -> Closure:
        """The closure that carries *node* out."""
        make = self._build.get(type(node))
        if make is None:
            raise self._fault("E303", "this is not allowed in values", node)
        return make(node)

    # places

    def _place(self, node: nodes.Node) -> tuple[int, int]:
        return node.lineno, self._ends.get(node.lineno, node.lineno + 1)

    def _fault(self, code: str, message: str, node: nodes.Node, **more: Any) -> Fault:
        return Fault(code, message, *self._place(node), **more)

    def _guard(self, closure: Closure, place: tuple[int, int] | None = None) -> Closure:
        """The closure with a place for what goes wrong in it; operators say it of the whole expression."""
        start, end = place or _trimmed(self._text)

        def guarded(work: Work) -> Any:
            try:
                return closure(work)
            except NotPossible as exc:
                raise Fault.of(exc, start, end) from None
            except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError):
                # their texts may hold values
                raise Fault("E305", "this cannot be computed with these values", start, end) from None

        return guarded

    # values

    def _name(self, node: nodes.Name) -> Closure:
        name, (start, end) = node.name, self._place(node)
        if name in HELPERS:
            raise self._fault("E305", f"`{name}` is a helper", node, hint=f"write {usage(name)}")
        if not self._guarded:
            self.names.append((name, start, end))

        def look_up(work: Work) -> Any:
            try:
                return work.scope[name]
            except KeyError:
                raise unknown_name(name, start, work.scope) from None

        return look_up

    def _const(self, node: nodes.Const) -> Closure:
        value = node.value
        if isinstance(value, str) and _SURROGATE.search(value):
            raise self._fault(
                "E310", "half a character: `\\uD800` to `\\uDFFF` stand for nothing alone", node, hint="write the character itself"
            )
        if not isinstance(value, str):
            value = self._now(lambda: counted(value), node)
        return lambda _: value

    def _now(self, compute: Callable[[], Any], node: nodes.Node) -> Any:
        try:
            return compute()
        except NotPossible as exc:
            raise Fault.of(exc, *self._place(node)) from None

    def _list(self, node: nodes.List | nodes.Tuple) -> Closure:
        items = [self.build(item) for item in node.items]
        return lambda work: [item(work) for item in items]

    def _dict(self, node: nodes.Dict) -> Closure:
        pairs = [(self.build(pair.key), self.build(pair.value)) for pair in node.items]

        def make(work: Work) -> Any:
            made = {}
            for key, value in pairs:
                name = key(work)
                if not isinstance(name, str):
                    raise NotPossible(f"a key must be text, not {kind(name)}")
                made[name] = value(work)
            return made

        return self._guard(make, self._place(node))

    # parts

    def _getattr(self, node: nodes.Getattr) -> Closure:
        start = self._text.index(node.attr, node.lineno)
        return self._part(node.node, lambda _: node.attr, (start, start + len(node.attr)))

    def _getitem(self, node: nodes.Getitem) -> Closure:
        if isinstance(node.arg, nodes.Slice):
            return self._slice(node.node, node.arg)
        place = (node.lineno, self._ends.get(node.lineno, node.lineno + 1))
        if isinstance(node.arg, nodes.Const):
            place = self._place(node.arg)
        return self._part(node.node, self.build(node.arg), place)

    def _part(self, of: nodes.Expr, key: Closure, place: tuple[int, int]) -> Closure:
        if isinstance(of, nodes.Name) and of.name == "fake":
            return self._guard(lambda work: part(work.scope["fake"], key(work)), place)
        owner = self.build(of)
        return self._guard(lambda work: part(owner(work), key(work)), place)

    def _slice(self, of: nodes.Expr, node: nodes.Slice) -> Closure:
        owner = self.build(of)
        limits = [None if one is None else self.build(one) for one in (node.start, node.stop, node.step)]

        def take(work: Work) -> Any:
            (value,), secret = revealed((owner(work),))
            return hidden(sliced(value, *(None if limit is None else limit(work) for limit in limits)), secret)

        return self._guard(take)

    # calls

    def _arguments(self, node: Any) -> Arguments:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise self._fault("E303", "`*` and `**` are not allowed here", node)
        positional = [self.build(one) for one in node.args]
        named = [(one.key, self.build(one.value)) for one in node.kwargs]
        return lambda work: ([one(work) for one in positional], {name: one(work) for name, one in named})

    def _call(self, node: nodes.Call) -> Closure:
        arguments = self._arguments(node)
        called = node.node
        if isinstance(called, nodes.Getattr) and not (isinstance(called.node, nodes.Name) and called.node.name == "fake"):
            return self._method(called, arguments)
        if not isinstance(called, nodes.Name) or called.name not in HELPERS:
            word = called.name if isinstance(called, nodes.Name) else "this"
            guess = nearest(word, HELPERS)
            hint = f"write {usage(guess)}" if guess else f"helpers are {', '.join(sorted(HELPERS))}"
            raise self._fault("E303", f"`{word}` is not a helper", called, hint=hint)
        name = called.name

        def call(work: Work) -> Any:
            given, options = arguments(work)
            return call_helper(work.scope, name, tuple(given), options)

        return self._guard(call, self._place(called))

    def _method(self, node: nodes.Getattr, arguments: Arguments) -> Closure:
        name = node.attr
        if not any(name in table for table in METHODS.values()):
            known = sorted({method for table in METHODS.values() for method in table})
            guess = nearest(name, known)
            start = self._text.index(name, node.lineno)
            told = f"`{name}` is not allowed in values"
            raise Fault("E303", told, start, start + len(name), hint=f"write `{guess}`" if guess else "use a filter: {{ name | upper }}")
        owner = self.build(node.node)
        start = self._text.index(name, node.lineno)

        def call(work: Work) -> Any:
            given, options = arguments(work)
            (value, *given), secret = revealed((owner(work), *given))
            method = METHODS.get({tuple: list}.get(type(value), type(value)), {}).get(name)
            if method is None or options:
                raise NotPossible(f"{kind(value)} has no `{name}`" if method is None else f"`{name}` takes no names for its values")
            work.spend(weigh(value) + weigh(given))
            return hidden(_sized(method(value, *given)), secret)

        return self._guard(call, (start, start + len(name)))

    def _filter(self, node: nodes.Filter) -> Closure:
        name = node.name
        known = FILTERS.get(name)
        if known is None or node.node is None:
            guess = nearest(name, FILTERS)
            raise self._fault(
                "E312", f"there is no filter `{name}`", node, hint=f"write `{guess}`" if guess else f"filters are {', '.join(FILTERS)}"
            )
        value = self._guarded_value(node.node) if name in _LOOKS_GUARDED else self.build(node.node)
        arguments = self._arguments(node)
        if name in _LOOKS_GUARDED:
            return self._default(value, arguments, known.call)

        def apply(work: Work) -> Any:
            given, options = arguments(work)
            of = value(work)
            work.spend(weigh(of) + weigh(given))
            try:
                return _sized(applied(known.call, of, given, options))
            except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as exc:
                if isinstance(exc, NotPossible):
                    raise
                told = f"`{name}` takes {known.takes}; it was given {kind(of)}"
                raise NotPossible(told, hint=f"for example {known.example}") from None

        return self._guard(apply, self._place(node))

    def _guarded_value(self, node: nodes.Expr) -> Closure:
        self._guarded += 1
        try:
            return self.build(node)
        finally:
            self._guarded -= 1

    def _default(self, value: Closure, arguments: Arguments, default: Callable[..., Any]) -> Closure:
        def choose(work: Work) -> Any:
            given, options = arguments(work)
            try:
                found = value(work)
            except Fault as fault:
                if fault.code not in ("E301", "E302"):
                    raise
                return default("", given[0] if given else options.get("default_value", ""), boolean=True)
            return default(found, *given, **options) if given or options else found

        return self._guard(choose)

    def _test(self, node: nodes.Test) -> Closure:
        name = node.name
        test = TESTS.get(name)
        if test is None:
            guess = nearest(name, TESTS)
            raise self._fault(
                "E312", f"there is no test `is {name}`", node, hint=f"write `is {guess}`" if guess else f"tests are {', '.join(TESTS)}"
            )
        if name in ("defined", "undefined"):
            return self._defined(self._guarded_value(node.node), wanted=name == "defined")
        value = self.build(node.node)
        arguments = self._arguments(node)

        def apply(work: Work) -> Any:
            given, _ = arguments(work)
            (plain, *given), _ = revealed((value(work), *given))
            work.spend(weigh(plain) + weigh(given))
            try:
                return bool(test(plain, *given))
            except (TypeError, ValueError, ArithmeticError):
                told = f"`is {name}` cannot be asked of {kind(plain)}" + (f" with {kind(given[0])}" if given else "")
                raise NotPossible(told) from None

        return self._guard(apply, self._place(node))

    def _defined(self, value: Closure, *, wanted: bool) -> Closure:
        def ask(work: Work) -> bool:
            try:
                value(work)
            except Fault as fault:
                if fault.code not in ("E301", "E302"):
                    raise
                return not wanted
            return wanted

        return ask

    # operators

    def _binary(self, node: nodes.BinExpr) -> Closure:
        sign = _SIGNS[type(node)]
        left, right = self.build(node.left), self.build(node.right)
        return self._guard(lambda work: binary(sign, left(work), right(work), work))

    def _compare(self, node: nodes.Compare) -> Closure:
        first = self.build(node.expr)
        others = [(_COMPARISONS[one.op], self.build(one.expr)) for one in node.ops]

        def ask(work: Work) -> bool:
            left = first(work)
            for sign, other in others:
                right = other(work)
                if not compare(sign, left, right, work):
                    return False
                left = right
            return True

        return self._guard(ask)

    def _concat(self, node: nodes.Concat) -> Closure:
        parts = [self.build(one) for one in node.nodes]

        def put_together(work: Work) -> Any:
            made = joined([one(work) for one in parts])
            work.spend(len(made) if isinstance(made, str) else 1)
            return made

        return self._guard(put_together)

    def _choice(self, node: nodes.CondExpr) -> Closure:
        test, yes = self.build(node.test), self.build(node.expr1)
        no = self.build(node.expr2) if node.expr2 is not None else lambda _: ""
        return lambda work: yes(work) if truth(test(work)) else no(work)

    def _and(self, node: nodes.And) -> Closure:
        left, right = self.build(node.left), self.build(node.right)

        def both(work: Work) -> Any:
            value = left(work)
            return right(work) if truth(value) else value

        return both

    def _or(self, node: nodes.Or) -> Closure:
        left, right = self.build(node.left), self.build(node.right)

        def either(work: Work) -> Any:
            value = left(work)
            return value if truth(value) else right(work)

        return either

    def _not(self, node: nodes.Not) -> Closure:
        value = self.build(node.node)
        return lambda work: not truth(value(work))

    def _negative(self, node: nodes.Neg | nodes.Pos) -> Closure:
        value = self.build(node.node)
        sign, start = ("-", 0) if isinstance(node, nodes.Neg) else ("+", 0)
        return self._guard(lambda work: binary(sign, start, value(work), work))


def _sized(value: Any) -> Any:
    """What was made, if it is not too large."""
    weigh(value)
    return value
