"""
One expression, understood once: ``order.id``, ``unique('ORD-')``, ``status == 'sent' and tries < 3``.

What most values ask for, a path of names or one call of a helper, becomes a closure at once. Everything else is read by Jinja2's own
parser (:mod:`.grammar`) and carried out by closures of ours (:mod:`.closures`), loaded only then. A compiled expression knows nothing of
files: its places are positions in its own text, which makes it usable wherever the same text stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from runner.errors import nearest
from runner.scenario.templates.functions import HELPERS, call_helper
from runner.scenario.templates.operations import part
from runner.scenario.templates.values import NotPossible

__all__ = ["Compiled", "Fault", "Use", "compiled", "unknown_name"]

_WORDS = frozenset({"true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else"})
_NAME = r"[^\W\d]\w*"
_PATH = re.compile(rf"\s*({_NAME})((?:\s*\.\s*(?:{_NAME}|\d+)|\[\s*(?:\d+|'[^'\\]*'|\"[^\"\\]*\")\s*\])*)\s*")
_PART = re.compile(rf"\.\s*({_NAME}|\d+)|\[\s*(?:(\d+)|'([^'\\]*)'|\"([^\"\\]*)\")\s*\]")
_LITERAL = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"|-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_ONE = rf"(?:{_LITERAL.pattern})"
_CALL = re.compile(rf"\s*({_NAME})\(\s*((?:{_ONE}(?:\s*,\s*{_ONE})*)?)\s*\)\s*")

# a name, and where it stands in the expression
Use = tuple[str, int, int]


class Fault(Exception):
    """
    Something is wrong with an expression, or cannot be computed, from character ``start`` to ``end`` of its text.

    Whoever knows where the expression stands turns it into a diagnostic or a ``TemplateFailed``.
    """

    def __init__(
        self, code: str, message: str, start: int, end: int, *, label: str = "", hint: str = "", notes: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.label = label
        self.hint = hint
        self.notes = notes

    @classmethod
    def of(cls, cause: NotPossible, start: int, end: int) -> Fault:
        """What went wrong in an operation, at its place."""
        return cls(cause.code, cause.message, start, end, hint=cause.hint, notes=cause.notes)


class Compiled(Struct, frozen=True):
    """
    ``evaluate(scope)`` gives the value or raises :class:`Fault`; ``names`` are the names it needs, in the order of the text.

    Helpers are not among the names, nor is what is only asked for under ``default`` or ``is defined``.
    """

    names: tuple[Use, ...]
    evaluate: Callable[[Mapping[str, Any]], Any]


def compiled(text: str) -> Compiled:
    """
    The expression *text*, without braces.

    Raises: ``Fault`` – it cannot be understood, or asks for something that values may not have.
    """
    path = _PATH.fullmatch(text)
    if path is not None and path[1] not in _WORDS:
        return _path(path)
    call = _CALL.fullmatch(text)
    if call is not None and call[1] in HELPERS:
        return _call(call)
    from runner.scenario.templates.closures import understand

    return understand(text)


def unknown_name(name: str, start: int, scope: Mapping[str, Any]) -> Fault:
    """The message for a name that the scope does not have: what is known, and which was probably meant."""
    known = sorted(one for one in scope if one not in HELPERS and not one.startswith("_"))
    guess = nearest(name, [*known, *HELPERS])
    shown = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    notes = (f"known here: {shown}" if known else "nothing is known here but the helpers",)
    return Fault("E301", f"`{name}` is not known here", start, start + len(name), hint=f"write `{guess}`" if guess else "", notes=notes)


def _path(match: re.Match[str]) -> Compiled:
    name, start = match[1], match.start(1)
    keys: list[tuple[Any, int, int]] = []
    for found in _PART.finditer(match.string, match.end(1)):
        group = found.lastindex or 1
        key: Any = found[group]
        keys.append((int(key) if group == 2 or (group == 1 and key.isdecimal()) else key, found.start(group), found.end(group)))
    helper = name in HELPERS
    if helper and not (name == "fake" and keys):
        raise Fault("E305", f"`{name}` is a helper", start, start + len(name), hint=_usage(name))
    return Compiled(() if helper else ((name, start, start + len(name)),), _walker(name, start, tuple(keys)))


def _usage(name: str) -> str:
    return "write fake.name, fake.email …" if name == "fake" else f"write {name}()"


def _walker(name: str, start: int, keys: tuple[tuple[Any, int, int], ...]) -> Callable[[Mapping[str, Any]], Any]:
    def look_up(scope: Mapping[str, Any]) -> Any:
        try:
            return scope[name]
        except KeyError:
            raise unknown_name(name, start, scope) from None

    def walk(scope: Mapping[str, Any]) -> Any:
        try:
            value = scope[name]
        except KeyError:
            raise unknown_name(name, start, scope) from None
        for key, begin, end in keys:
            try:
                value = value[key] if type(value) is dict and key in value else part(value, key)
            except NotPossible as exc:
                raise Fault.of(exc, begin, end) from None
        return value

    return walk if keys else look_up


def _literal(written: str) -> Any:
    """A text in quotes (without escapes) or a number."""
    if written[0] in "'\"":
        return written[1:-1]
    return float(written) if "." in written else int(written)


def _call(match: re.Match[str]) -> Compiled:
    name, start, end = match[1], match.start(1), match.end(1)
    arguments = tuple(_literal(found[0]) for found in _LITERAL.finditer(match[2]))

    def call(scope: Mapping[str, Any]) -> Any:
        try:
            return call_helper(scope, name, arguments, {})
        except NotPossible as exc:
            raise Fault.of(exc, start, end) from None

    return Compiled((), call)
