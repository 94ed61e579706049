"""
``expect`` → a :class:`Check`: compiled once when the file is read, applied to each output.

An expectation is plain data. Objects are partial, lists exact, a bare value means equal, and wherever a value may stand, a matcher may: an
object whose only keys are names of matchers. Leaves may be *dynamic*: objects with ``render(scope)`` and ``names`` (templates). What is
static is made ready here; only dynamic leaves are rendered when the check is made. What they render to is data, never read as a matcher.

    >>> check = compile_check({"http": 201, "body": {"name": {"starts_with": "inv"}}})
    >>> check.differences({"http": 201, "body": {"name": "bill.pdf"}}, {})
    [Difference(path='body.name', expected='text that starts with "inv"', got='"bill.pdf"', …)]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

from msgspec import Struct, field

from runner.errors import RunnerError, nearest
from runner.matching.comparison import BadMatcher, Comparison, Files
from runner.matching.matchers import MATCHERS, same
from runner.matching.paths import ABSENT, BadPath, compile_holder, compile_path, lookup, missing_hint, parts_of
from runner.matching.place import Key, Place, Where, written
from runner.matching.recognise import BESIDE, MATCHER_NAMES, is_matcher, refuse_stray
from runner.matching.shapes import SHAPES, Node, Scope, Told, all_suit, told_fields
from runner.matching.showing import kind_of, show, why_unequal
from runner.matching.verdict import Difference

__all__ = ["BadExpectation", "CompiledCheck", "compile_check"]

_HEADERS = "headers"
# Fields of an object that a message names.
_MOST_TOLD = 6


class BadExpectation(RunnerError):
    """Matchers are used wrongly. ``problems`` has each mistake with the keys that lead to it."""

    code = "E230"

    def __init__(self, problems: Sequence[tuple[tuple[Key, ...], RunnerError]]) -> None:
        first = problems[0][1]
        super().__init__(first.message, code=first.code, hint=first.hint)
        self.problems = tuple(problems)


class _Dynamic(Protocol):
    """A leaf with templates in it."""

    @property
    def names(self) -> tuple[Any, ...]: ...

    def render(self, scope: Scope) -> Any: ...


class CompiledCheck(Struct, frozen=True):
    """A compiled expectation; satisfies ``scenario.model.Check``. ``count`` is how many values it compares."""

    names: tuple[Any, ...]
    count: int
    _root: Node

    def differences(self, got: Any, scope: Scope) -> list[Difference]:
        """
        Every difference between *got* and what is expected, with *scope* for the templates; empty when there is none.

        Raises: RunnerError – a template cannot be rendered, or a matcher got something out of it that it cannot work with.
        """
        return self._root.check(got, scope) or []


def compile_check(expectation: Any, *, where: Where | None = None, files: Files | None = None) -> CompiledCheck:
    """
    Compile *expectation*; *where* gives differences their line, *files* reads what ``same_as_file`` and ``schema`` name.

    Raises: ``BadExpectation`` – with every matcher that is used wrongly.
    """
    shared = _Shared(where, files)
    root = _Builder(Place(where), shared).node(expectation)
    if shared.problems:
        raise BadExpectation(shared.problems)
    return CompiledCheck(tuple(shared.names), shared.count, root)


class _Shared(Struct):
    """What all builders of one check have in common."""

    where: Where | None
    files: Files | None
    names: list[Any] = field(default_factory=list)
    problems: list[tuple[tuple[Key, ...], RunnerError]] = field(default_factory=list)
    count: int = 0


def _is_dynamic(value: Any) -> bool:
    return hasattr(value, "render")


def _has_templates(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_templates, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_templates, value))
    return _is_dynamic(value)


def _rendered(value: Any, scope: Scope) -> Any:
    if isinstance(value, Mapping):
        return {key: _rendered(item, scope) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rendered(item, scope) for item in value]
    return _revealed(value.render(scope)) if _is_dynamic(value) else value


def _revealed(value: Any) -> Any:
    """A secret's own value, to compare with; what is told of it later goes through the gate that takes secrets out."""
    return value.value if hasattr(value, "plain") else value


class _Builder(Struct):
    """Compiles the expectation at one place; satisfies ``shapes.Build`` for the matchers."""

    place: Place
    shared: _Shared
    # objects may have no other fields than the named ones
    exact: bool = False

    # ── for the matchers that hold expectations ──────────────────────────────────────────────────────────────────────────────

    def inner(self, argument: Any, *, exact: bool | None = None) -> Node:
        return _Builder(self.place, self.shared, self.exact if exact is None else exact).node(argument)

    def branch(self, argument: Any, number: int) -> Node:
        return _Builder(self.place.below(number), self.shared, self.exact).node(argument)

    def item(self, argument: Any, number: int | None = None) -> Node:
        return _Builder(self.place.below(number, anchor=True), self.shared, self.exact).node(argument)

    def length(self, argument: Any) -> Node:
        return _Builder(self.place.below(None, "length"), self.shared).node(argument)

    # ── kinds of expectation ─────────────────────────────────────────────────────────────────────────────────────────────────

    def node(self, expectation: Any) -> Node:
        """The expectation as a node; a mistake in it is kept, and the node then always agrees."""
        try:
            return self._node(expectation)
        except BadExpectation:
            raise
        except RunnerError as exc:
            stray = exc.key if isinstance(exc, BadMatcher) else None
            self.shared.problems.append((self.place.keys() + ((stray,) if stray else ()), exc))
            return Node(lambda _got, _scope: None, lambda _scope: "")

    def _node(self, expectation: Any) -> Node:
        if _is_dynamic(expectation):
            return self._rendered_leaf(expectation)
        if isinstance(expectation, Mapping):
            return self._matchers(expectation) if is_matcher(expectation) else self._object(expectation)
        if isinstance(expectation, list | tuple):
            return self._list(expectation)
        return self._leaf(expectation)

    def _leaf(self, expected: Any) -> Node:
        self.shared.count += 1
        kind, place = type(expected), self.place

        def check(got: Any, _scope: Scope) -> Told:
            if type(got) is kind and got == expected:
                return None
            return _unequal(expected, got, place)

        return Node(check, lambda _scope: show(expected))

    def _rendered_leaf(self, leaf: _Dynamic) -> Node:
        self.shared.count += 1
        self.shared.names += leaf.names
        render, place = leaf.render, self.place

        def check(got: Any, scope: Scope) -> Told:
            expected = render(scope)
            if type(got) is type(expected) and got == expected and type(got) in _PLAIN:
                return None
            return _unequal(expected, got, place)

        return Node(check, lambda scope: show(render(scope)))

    def _object(self, expectation: Mapping[str, Any]) -> Node:
        if not expectation and not self.exact:
            self._not_empty()
            self.shared.count += 1
        place, exact = self.place, self.exact
        any_case = place.field().lower() == _HEADERS
        fields = [(str(key), self._field(str(key), value), self._getter(str(key), any_case=any_case)) for key, value in expectation.items()]

        def tell(scope: Scope) -> str:
            told = [(name, node.tell(scope)) for name, node, _ in fields[:_MOST_TOLD]]
            return told_fields(told, more=len(fields) > _MOST_TOLD) if told else "an object"

        def check(got: Any, scope: Scope) -> Told:
            # `isinstance` of an abstract class costs more than the rest of it
            if type(got) is not dict and not isinstance(got, Mapping):
                return place.difference(tell(scope), got, _text_of_json(got))
            told: Told = None
            for name, node, get in fields:
                value = got[name] if name in got else get(got)
                found = node.check(value, scope)
                if not found and value is ABSENT:
                    found = _nowhere(place, name, got)
                if found:
                    found = [_explained(one, got, name) for one in found] if name not in got else found
                    told = found if told is None else told + found
            if exact:
                told = _too_many(place, expectation, got, told)
            return told

        return Node(check, tell, tuple(name for name, _, _ in fields))

    def _not_empty(self) -> None:
        """An object in which nothing is asked for is like every other: a check that cannot say no. (A step may ask for nothing in all.)"""
        if self.place.keys():
            raise BadMatcher("`{}` asks for nothing, so every object is like it", "name what must be in it, or write `{is: object}`")

    def _field(self, key: str, value: Any) -> Node:
        return _Builder(self.place.below(key, _path_of(key)), self.shared, self.exact).node(value)

    def _getter(self, key: str, *, any_case: bool) -> Callable[[Any], Any]:
        """How a field is found that the object does not have in so many words: headers in any case, a selector as key."""
        if any_case:
            return lambda got: lookup(got, key, any_case=True)
        return compile_path(key) if _is_path(key) else lambda _got: ABSENT

    def _list(self, expectation: Sequence[Any]) -> Node:
        place = self.place
        if not expectation:
            self.shared.count += 1
        nodes = [_Builder(place.below(n, f"[{n}]"), self.shared, self.exact).node(item) for n, item in enumerate(expectation)]

        def check(got: Any, scope: Scope) -> Told:
            if not isinstance(got, list | tuple):
                return place.difference(_told_list(len(nodes)), got)
            told: list[Difference] = []
            for node, item in zip(nodes, got, strict=False):
                told += node.check(item, scope) or ()
            if len(got) != len(nodes):
                hint = "use `contains` or `unordered` when not all of them matter" if len(got) > len(nodes) else ""
                told += place.difference(_told_list(len(nodes)), got, hint, shown=f"{_told_list(len(got))}: {show(got, length=120)}")
            return told or None

        return Node(check, lambda scope: "[" + ", ".join(node.tell(scope) for node in nodes) + "]")

    # ── matchers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _matchers(self, expectation: Mapping[str, Any]) -> Node:
        refuse_stray(expectation)
        within = expectation.get("within")
        nodes = [self._matcher(name, argument, within) for name, argument in expectation.items() if name not in BESIDE]
        if len(nodes) == 1:
            return nodes[0]

        def check(got: Any, scope: Scope) -> Told:
            return [told for node in nodes for told in node.check(got, scope) or ()] or None

        return Node(check, lambda scope: " and ".join(node.tell(scope) for node in nodes), suits=all_suit(nodes))

    def _matcher(self, name: str, argument: Any, within: Any) -> Node:
        below = _Builder(self.place.below(name), self.shared, self.exact)
        try:
            if name in SHAPES:
                return below.shape(name, argument)
            return below.comparison(name, argument, within)
        except BadExpectation:
            raise
        except RunnerError as exc:
            self.shared.problems.append((below.place.keys(), exc))
            return Node(lambda _got, _scope: None, lambda _scope: "")

    def shape(self, name: str, argument: Any) -> Node:
        """A matcher that holds expectations; when its list itself comes out of a template, each value in it means equal."""
        before = self.shared.count
        listed = _is_dynamic(argument) and name in _WANT_LISTS
        node = self._shape_of_rendered(name, argument) if listed else SHAPES[name](argument, self)
        self.shared.count = max(before + 1, self.shared.count)
        return node

    def _shape_of_rendered(self, name: str, argument: _Dynamic) -> Node:
        self.shared.names += argument.names
        place = self.place

        def made(scope: Scope) -> Node:
            values = argument.render(scope)
            literal = [{"equals": v} for v in values] if isinstance(values, list | tuple) else values
            if name == "contains" and not isinstance(values, list | tuple | Mapping):
                literal = values
            return SHAPES[name](literal, _Builder(place, _Shared(self.shared.where, self.shared.files)))

        return Node(
            lambda got, scope: made(scope).check(got, scope),
            lambda scope: made(scope).tell(scope),
            suits=lambda got, scope: made(scope).suits(got, scope),
        )

    def comparison(self, name: str, argument: Any, within: Any) -> Node:
        """A matcher that compares with a value: made ready now, or at each check when a template stands in it."""
        self.shared.count += 1
        make, files, place = MATCHERS[name], self.shared.files, self.place
        if not _has_templates(argument) and not _has_templates(within):
            ready = make(argument, within, files)
            suits = ready.suits
            return Node(
                lambda got, _scope: _compared(ready, got, place), lambda _scope: ready.expected, suits=lambda got, _scope: suits(got)
            )
        self._collect(argument)
        self._collect(within)

        def made(scope: Scope) -> Comparison:
            return make(_rendered(argument, scope), _rendered(within, scope), files)

        return Node(
            lambda got, scope: _compared(made(scope), got, place),
            lambda scope: made(scope).expected,
            suits=lambda got, scope: made(scope).suits(got),
        )

    def _collect(self, value: Any) -> None:
        if isinstance(value, Mapping):
            for item in value.values():
                self._collect(item)
        elif isinstance(value, list | tuple):
            for item in value:
                self._collect(item)
        elif _is_dynamic(value):
            self.shared.names += cast("_Dynamic", value).names


_PLAIN = frozenset({str, int, float, bool, type(None)})
_WANT_LISTS = frozenset({"one_of", "any_of", "all_of", "unordered", "contains"})


def _unequal(expected: Any, got: Any, place: Place) -> Told:
    """The slow way to say that two values are equal after all, or where they differ."""
    if got is not ABSENT and same(_revealed(expected), got):
        return None
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return _unequal_fields(expected, got, place)
    return place.difference(show(expected), got, "" if got is ABSENT else why_unequal(expected, got))


def _unequal_fields(expected: Mapping[str, Any], got: Mapping[str, Any], place: Place) -> Told:
    told: list[Difference] = []
    for key in [*expected, *(k for k in got if k not in expected)]:
        below = place.below(None, written(str(key)))
        if key not in expected:
            told += below.difference("nothing at all", got[key])
        else:
            told += _unequal(expected[key], got.get(key, ABSENT), below) or ()
    return told or None


def _compared(ready: Comparison, got: Any, place: Place) -> Told:
    if got is ABSENT:
        return place.difference(ready.expected, got)
    return None if ready.passes(got) else place.difference(ready.expected, got, ready.hint(got))


def _explained(told: Difference, got: Mapping[str, Any], name: str) -> Difference:
    """A difference about a missing field, with the nearest field there is."""
    if told.hint or told.got != "absent":
        return told
    hint = missing_hint(got, name)
    if name in MATCHER_NAMES or nearest(name, MATCHER_NAMES) is None or hint.startswith("there is `"):
        return Difference(told.path, told.expected, told.got, hint, told.line, told.column)
    hint = f"there is no such field; if a matcher was meant, it is called `{nearest(name, MATCHER_NAMES)}`"
    return Difference(told.path, told.expected, told.got, hint, told.line, told.column)


def _nowhere(place: Place, name: str, got: Mapping[str, Any]) -> Told:
    """That there is no ``body.error`` is only known where ``body`` is an object: an answer in HTML may say anything."""
    holder = compile_holder(name)(got) if _is_path(name) else got
    if isinstance(holder, list | tuple | Mapping):
        return None
    return place.below(name, _path_of(name)).difference(
        "nothing at all", holder, f"what it would be in is {kind_of(holder)}, so nobody can say"
    )


def _too_many(place: Place, expectation: Mapping[str, Any], got: Mapping[str, Any], told: Told) -> Told:
    extra = [key for key in got if key not in expectation]
    if not extra:
        return told
    found = [d for key in extra for d in place.below(None, written(str(key))).difference("nothing at all", got[key])]
    return found if told is None else told + found


def _text_of_json(got: Any) -> str:
    return "the answer is text, not JSON" if isinstance(got, str) else ""


def _told_list(size: int) -> str:
    return f"a list of {size} {'item' if size == 1 else 'items'}"


def _is_path(key: str) -> bool:
    """Whether *key* reads as a selector of more than one part."""
    if "." not in key and "[" not in key:
        return False
    try:
        return len(parts_of(key)) > 1
    except BadPath:
        return False


def _path_of(key: str) -> str:
    return key if _is_path(key) else written(key)
