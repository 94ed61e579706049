"""What is called by a name: helpers ``unique('x')``, methods ``x.strip()``, filters ``x | upper``, tests ``x is number``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes

from runner.errors import nearest
from runner.scenario.templates.closures.building import Building, Closure, Make
from runner.scenario.templates.conditions import TESTS
from runner.scenario.templates.expression import Fault
from runner.scenario.templates.filters import FILTERS, applied
from runner.scenario.templates.functions import HELPERS, call_helper, usage
from runner.scenario.templates.methods import METHODS
from runner.scenario.templates.values import NotPossible, Work, hidden, kind, revealed, weigh

__all__ = ["MAKERS"]

# gives the positional and the named ones
Arguments = Callable[[Work], tuple[list[Any], dict[str, Any]]]

_DEFAULTS = ("default", "d")
_IS_THERE = ("defined", "undefined")
# a name is not known, a part is not there
_MISSING = ("E301", "E302")
_METHOD_NAMES = sorted({name for table in METHODS.values() for name in table})


def _arguments(building: Building, node: Any) -> Arguments:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise building.fault("E303", "`*` and `**` are not allowed here", node)
    positional = [building.build(one) for one in node.args]
    named = [(one.key, building.build(one.value)) for one in node.kwargs]
    return lambda work: ([one(work) for one in positional], {name: one(work) for name, one in named})


# helpers and methods


def _call(building: Building, node: nodes.Call) -> Closure:
    arguments = _arguments(building, node)
    called = node.node
    if isinstance(called, nodes.Getattr) and not (isinstance(called.node, nodes.Name) and called.node.name == "fake"):
        return _method(building, called, arguments)
    if not isinstance(called, nodes.Name) or called.name not in HELPERS:
        raise _no_helper(building, called)
    name = called.name

    def call(work: Work) -> Any:
        given, options = arguments(work)
        return call_helper(work.scope, name, tuple(given), options)

    return building.guard(call, building.place(called))


def _no_helper(building: Building, called: nodes.Node) -> Fault:
    word = called.name if isinstance(called, nodes.Name) else "this"
    guess = nearest(word, HELPERS)
    hint = f"write {usage(guess)}" if guess else f"helpers are {', '.join(sorted(HELPERS))}"
    return building.fault("E303", f"`{word}` is not a helper", called, hint=hint)


def _method(building: Building, node: nodes.Getattr, arguments: Arguments) -> Closure:
    name, place = node.attr, building.place_of(node.attr, node)
    if name not in _METHOD_NAMES:
        guess = nearest(name, _METHOD_NAMES)
        hint = f"write `{guess}`" if guess else "use a filter: {{ name | upper }}"
        raise Fault("E303", f"`{name}` is not allowed in values", *place, hint=hint)
    owner = building.build(node.node)

    def call(work: Work) -> Any:
        given, options = arguments(work)
        (value, *given), secret = revealed((owner(work), *given))
        method = METHODS.get({tuple: list}.get(type(value), type(value)), {}).get(name)
        if method is None or options:
            raise NotPossible(f"{kind(value)} has no `{name}`" if method is None else f"`{name}` takes no names for its values")
        work.spend(weigh(value) + weigh(given))
        made = method(value, *given)
        weigh(made)
        return hidden(made, secret)

    return building.guard(call, place)


# filters


def _filter(building: Building, node: nodes.Filter) -> Closure:
    name = node.name
    known = FILTERS.get(name)
    if known is None or node.node is None:
        guess = nearest(name, FILTERS)
        hint = f"write `{guess}`" if guess else f"filters are {', '.join(FILTERS)}"
        raise building.fault("E312", f"there is no filter `{name}`", node, hint=hint)
    if name in _DEFAULTS:
        return _default(building, node, known.call)
    value = building.build(node.node)
    arguments = _arguments(building, node)

    def apply(work: Work) -> Any:
        given, options = arguments(work)
        of = value(work)
        work.spend(weigh(of) + weigh(given))
        try:
            made = applied(known.call, of, given, options)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as exc:
            if isinstance(exc, NotPossible):
                raise
            told = f"`{name}` takes {known.takes}; it was given {kind(of)}"
            raise NotPossible(told, hint=f"for example {known.example}") from None
        weigh(made)
        return made

    return building.guard(apply, building.place(node))


def _default(building: Building, node: Any, default: Callable[..., Any]) -> Closure:
    value = building.build_unsure(node.node)
    arguments = _arguments(building, node)

    def choose(work: Work) -> Any:
        given, options = arguments(work)
        try:
            found = value(work)
        except Fault as fault:
            if fault.code not in _MISSING:
                raise
            return default("", given[0] if given else options.get("default_value", ""), boolean=True)
        return default(found, *given, **options) if given or options else found

    return building.guard(choose)


# tests


def _test(building: Building, node: nodes.Test) -> Closure:
    name = node.name
    test = TESTS.get(name)
    if test is None:
        guess = nearest(name, TESTS)
        hint = f"write `is {guess}`" if guess else f"tests are {', '.join(TESTS)}"
        raise building.fault("E312", f"there is no test `is {name}`", node, hint=hint)
    if name in _IS_THERE:
        return _is_there(building.build_unsure(node.node), wanted=name == "defined")
    value = building.build(node.node)
    arguments = _arguments(building, node)

    def apply(work: Work) -> Any:
        given, _ = arguments(work)
        (plain, *given), _ = revealed((value(work), *given))
        work.spend(weigh(plain) + weigh(given))
        try:
            return bool(test(plain, *given))
        except (TypeError, ValueError, ArithmeticError):
            told = f"`is {name}` cannot be asked of {kind(plain)}" + (f" with {kind(given[0])}" if given else "")
            raise NotPossible(told) from None

    return building.guard(apply, building.place(node))


def _is_there(value: Closure, *, wanted: bool) -> Closure:
    def ask(work: Work) -> bool:
        try:
            value(work)
        except Fault as fault:
            if fault.code not in _MISSING:
                raise
            return not wanted
        return wanted

    return ask


MAKERS: Mapping[type[nodes.Node], Make] = {nodes.Call: _call, nodes.Filter: _filter, nodes.Test: _test}
