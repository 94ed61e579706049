"""
The matchers that hold other expectations: ``not``, ``each``, ``unordered``, ``any_of`` … one small function each, in one table.

Each takes its argument and a :class:`Build` that compiles what is inside, and gives a :class:`Node`.
Called by :mod:`runner.matching.compile`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from runner.errors import nearest
from runner.matching.comparison import BadMatcher
from runner.matching.paths import ABSENT
from runner.matching.place import Place, joined
from runner.matching.showing import kind_of, show
from runner.matching.verdict import Difference

__all__ = ["SHAPES", "Build", "Node", "Told", "all_suit", "told_fields"]

Scope = Mapping[str, Any]
Told = list[Difference] | None


# How `contains` tells what it wants, and how `not` turns it round.
_THAT = "something that contains "
# Characters that the items of a list may take in a message.
_ROOM = 160


class Node(msgspec.Struct, frozen=True):
    """
    A compiled expectation: ``check(got, scope)`` gives its differences, None when there are none; ``tell(scope)`` says what is wanted.

    ``got`` may be ABSENT. ``fields`` are those that an object must have, for who shows only these of what came. ``suits(got, scope)``:
    whether it can be compared at all. A number does not contain a text, and that is no answer to whether it may.
    """

    check: Callable[[Any, Scope], Told]
    tell: Callable[[Scope], str]
    fields: tuple[str, ...] = ()
    suits: Callable[[Any, Scope], bool] = lambda _got, _scope: True


def all_suit(nodes: Sequence[Node]) -> Callable[[Any, Scope], bool]:
    """Whether a value can be compared with each of them."""
    return lambda got, scope: all(node.suits(got, scope) for node in nodes)


class Build(Protocol):
    """Compiles what stands inside a matcher."""

    @property
    def place(self) -> Place:
        """Where the matcher stands."""
        ...

    def inner(self, argument: Any, *, exact: bool | None = None) -> Node:
        """The argument as an expectation of the same value."""
        ...

    def branch(self, argument: Any, number: int) -> Node:
        """The *number*-th of several expectations of the same value."""
        ...

    def item(self, argument: Any, number: int | None = None) -> Node:
        """The argument as an expectation of an item; its differences have paths that begin at the item. *number*: its place in the file."""
        ...

    def length(self, argument: Any) -> Node:
        """The argument as an expectation of the value's length."""
        ...


def _items(name: str, argument: Any, example: str) -> Sequence[Any]:
    if not isinstance(argument, list | tuple) or not argument:
        raise BadMatcher(
            f"`{name}` needs a list with something in it, not {show(argument, length=40)}", f"write it like `{name}: {example}`"
        )
    return argument


# ── one value ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _absent(argument: Any, build: Build) -> Node:
    if not isinstance(argument, bool):
        raise BadMatcher(f"`absent` needs true or false, not {show(argument, length=40)}", "write `absent: true`")
    wanted = "nothing at all" if argument else "something"

    def check(got: Any, _scope: Scope) -> Told:
        return None if (got is ABSENT) is argument else build.place.difference(wanted, got)

    return Node(check, lambda _scope: wanted)


def _not(argument: Any, build: Build) -> Node:
    node = build.inner(argument)

    def tell(scope: Scope) -> str:
        told = node.tell(scope)
        return f"anything that does not contain {told.removeprefix(_THAT)}" if told.startswith(_THAT) else f"anything but {told}"

    def check(got: Any, scope: Scope) -> Told:
        told = node.check(got, scope)
        if got is ABSENT or not told:
            return build.place.difference(tell(scope), got)
        if node.suits(got, scope):
            return None
        return build.place.difference(tell(scope), got, told[0].hint or f"it is {kind_of(got)}, so nobody can say")

    return Node(check, tell, suits=node.suits)


def _exactly(argument: Any, build: Build) -> Node:
    return build.inner(argument, exact=True)


def _length(argument: Any, build: Build) -> Node:
    node = build.length(argument)

    def check(got: Any, scope: Scope) -> Told:
        if not isinstance(got, str | list | tuple | Mapping):
            return build.place.difference(f"something with a length of {node.tell(scope)}", got, f"{kind_of(got)} has no length")
        return node.check(len(got), scope)

    return Node(
        check, lambda scope: f"a length of {node.tell(scope)}", suits=lambda got, _scope: isinstance(got, str | list | tuple | Mapping)
    )


# ── several expectations of one value ────────────────────────────────────────────────────────────────────────────────────────────


def _all_of(argument: Any, build: Build) -> Node:
    nodes = [build.branch(item, n) for n, item in enumerate(_items("all_of", argument, "[{at_least: 1}, {at_most: 9}]"))]

    def check(got: Any, scope: Scope) -> Told:
        return [told for node in nodes for told in node.check(got, scope) or ()] or None

    return Node(check, lambda scope: " and ".join(node.tell(scope) for node in nodes), suits=all_suit(nodes))


def _any_of(argument: Any, build: Build) -> Node:
    return _either(build, [build.branch(item, n) for n, item in enumerate(_items("any_of", argument, "[sent, {starts_with: se}]"))])


def _one_of(argument: Any, build: Build) -> Node:
    values = _items("one_of", argument, "[sent, sending]")
    return _either(build, [build.branch(item, n) for n, item in enumerate(values)], [v for v in values if isinstance(v, str)])


def _either(build: Build, nodes: Sequence[Node], texts: Sequence[str] = ()) -> Node:
    def tell(scope: Scope) -> str:
        return " or ".join(node.tell(scope) for node in nodes)

    def check(got: Any, scope: Scope) -> Told:
        closest: list[Difference] = []
        for node in nodes:
            told = node.check(got, scope)
            if not told:
                return None
            closest = told if not closest or len(told) < len(closest) else closest
        close = nearest(got, texts) if isinstance(got, str) else None
        hint = f'"{close}" is the nearest' if close else "" if len(nodes) > 1 and texts else closest[0].hint
        return build.place.difference(tell(scope), got, hint)

    return Node(check, tell, suits=all_suit(nodes))


# ── what is in a list ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _each(argument: Any, build: Build) -> Node:
    node = build.item(argument)

    def check(got: Any, scope: Scope) -> Told:
        if not isinstance(got, list | tuple):
            return build.place.difference(f"a list, each item {node.tell(scope)}", got)
        if not got:
            hint = "nothing was looked at; if it may be empty, write any_of: [[], {each: …}]"
            return build.place.difference(f"a list, each item {node.tell(scope)}", got, hint)
        told: list[Difference] = []
        for number, item in enumerate(got):
            told += _at(build.place, number, node.check(item, scope))
        return told or None

    # of an empty list nobody can say what each of its items is
    return Node(
        check, lambda scope: f"a list, each item {node.tell(scope)}", suits=lambda got, _scope: isinstance(got, list | tuple) and bool(got)
    )


def _at(place: Place, number: int, told: Told) -> list[Difference]:
    """Differences of an item with the item's own path before theirs."""
    start = f"{place.path()}[{number}]"
    return [msgspec.structs.replace(inner, path=joined(start, inner.path)) for inner in told or ()]


def _contains(argument: Any, build: Build) -> Node:
    """In a text: the text; in a list: an item like it; in an object: the field. Several in a list: all of them."""
    wanted = list(argument) if isinstance(argument, list | tuple) else [argument]
    if not wanted or any(w is None or w == "" for w in wanted):
        raise BadMatcher("`contains` needs something that is not empty", 'write it like `contains: "order"`')
    several = isinstance(argument, list | tuple)
    nodes = [build.item(item, n if several else None) for n, item in enumerate(wanted)]

    def tell(scope: Scope) -> str:
        return " and ".join(node.tell(scope) for node in nodes)

    def check(got: Any, scope: Scope) -> Told:
        missing = [n for n in range(len(nodes)) if not _is_in(got, wanted[n], nodes[n], scope)]
        if not missing:
            return None
        expected = " and ".join(nodes[n].tell(scope) for n in missing)
        hint, shown = _contains_hint(got, wanted[missing[0]], scope), _shown_items(got, nodes) if isinstance(got, list | tuple) else None
        return build.place.difference(f"{_holder(got)} that contains {expected}", got, hint, shown=shown)

    return Node(check, lambda scope: f"{_THAT}{tell(scope)}", suits=lambda got, _scope: isinstance(got, str | list | tuple | Mapping))


def _is_in(got: Any, wanted: Any, node: Node, scope: Scope) -> bool:
    if isinstance(got, list | tuple):
        return any(not node.check(item, scope) for item in got)
    value = _value(wanted, scope)
    if isinstance(got, str):
        return str(value) in got if isinstance(value, str | int | float) and not isinstance(value, bool) else False
    return isinstance(got, Mapping) and isinstance(value, str) and value in got


def _value(wanted: Any, scope: Scope) -> Any:
    return wanted.render(scope) if hasattr(wanted, "render") else wanted


def _holder(got: Any) -> str:
    return "a list" if isinstance(got, list | tuple) else "an object" if isinstance(got, Mapping) else "text"


def _contains_hint(got: Any, wanted: Any, scope: Scope) -> str:
    value = _value(wanted, scope)
    if isinstance(got, str) and isinstance(value, str):
        if value.casefold() in got.casefold():
            return "only capital letters differ"
        return "only spaces or line ends differ" if "".join(value.split()) in "".join(got.split()) else ""
    if isinstance(got, list | tuple | Mapping) and isinstance(value, str):
        close = nearest(value, [item for item in got if isinstance(item, str)])
        return f'"{close}" is the nearest' if close else ""
    return ""


def _unordered(argument: Any, build: Build) -> Node:
    if not isinstance(argument, list | tuple):
        raise BadMatcher(f"`unordered` needs a list, not {show(argument, length=40)}", "write it like `unordered: [a.pdf, b.pdf]`")
    nodes = [build.item(item, n) for n, item in enumerate(argument)]

    def tell(scope: Scope) -> str:
        items = ", ".join(node.tell(scope) for node in nodes)
        return f"[{items}]{' in any order' if len(nodes) > 1 else ''}"

    def check(got: Any, scope: Scope) -> Told:
        if not isinstance(got, list | tuple):
            return build.place.difference(tell(scope), got)
        partner = _pair([[not node.check(item, scope) for item in got] for node in nodes], len(got))
        taken = set(partner.values())
        missing = [node for n, node in enumerate(nodes) if n not in partner]
        left = [got[n] for n in range(len(got)) if n not in taken]
        if not missing and not left:
            return None
        hint = _unpaired(missing, left, nodes, scope) if len(nodes) > 1 or len(got) > 1 else ""
        return build.place.difference(tell(scope), None, hint, shown=_shown_items(got, nodes))

    return Node(check, tell, suits=lambda got, _scope: isinstance(got, list | tuple))


def _unpaired(missing: Sequence[Node], left: Sequence[Any], nodes: Sequence[Node], scope: Scope) -> str:
    """What is missing, and what is too much."""
    told = []
    if missing:
        told.append(f"missing: {', '.join(node.tell(scope) for node in missing)}")
    if left:
        told.append(f"too many: {', '.join(_brief(item, nodes) for item in left)}")
    return "; ".join(told)


def _shown_items(got: Sequence[Any], nodes: Sequence[Node]) -> str:
    """A list as it came, its objects with the fields that matter here; the items that there is room for."""
    shown: list[str] = []
    room = _ROOM
    for item in got:
        shown.append(_brief(item, nodes))
        room -= len(shown[-1]) + 2
        if room < 0 and len(shown) < len(got):
            return f"[{', '.join(shown)}, and {len(got) - len(shown)} more]"
    return f"[{', '.join(shown)}]"


def _brief(item: Any, nodes: Sequence[Node]) -> str:
    """One item, in the form in which an object is expected: ``{name: "a.pdf", size: 12}``."""
    fields = list(dict.fromkeys(field for node in nodes for field in node.fields))
    if not isinstance(item, Mapping) or not any(field in item for field in fields):
        return show(item, length=80)
    return told_fields([(field, show(item[field], length=60)) for field in fields if field in item])


def told_fields(fields: Sequence[tuple[str, str]], *, more: bool = False) -> str:
    """An object as a file would have it; what is expected of each field stands in words. *more*: it has others."""
    return f"{{{', '.join(f'{name}: {told}' for name, told in fields)}{', …' if more else ''}}}"


def _pair(fits: Sequence[Sequence[bool]], size: int) -> dict[int, int]:
    """The largest pairing of expectations with items (``fits[expectation][item]``); none takes the item that another one needs."""
    owner: dict[int, int] = {}

    def place(wish: int, tried: set[int]) -> bool:
        for item in range(size):
            if fits[wish][item] and item not in tried:
                tried.add(item)
                if item not in owner or place(owner[item], tried):
                    owner[item] = wish
                    return True
        return False

    for wish in range(len(fits)):
        place(wish, set())
    return {wish: item for item, wish in owner.items()}


Shape = Callable[[Any, Build], Node]

# The matchers that hold expectations, by the name they have in files.
SHAPES: dict[str, Shape] = {
    "absent": _absent,
    "not": _not,
    "exactly": _exactly,
    "length": _length,
    "all_of": _all_of,
    "any_of": _any_of,
    "one_of": _one_of,
    "each": _each,
    "contains": _contains,
    "unordered": _unordered,
}
