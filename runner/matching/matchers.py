"""
The matchers that compare one value with a given one: ``equals``, ``matches``, ``at_least``, ``is`` … one small function each, in one table.

Each takes the matcher's argument once, when the file is checked, and gives a :class:`Comparison`. Those that know an order stand in
:mod:`runner.matching.sizes`, those that read a file in :mod:`runner.matching.files`, and those that hold other expectations (``each``,
``not``, ``any_of`` …) in :mod:`runner.matching.shapes`. Called by :mod:`runner.matching.compile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.errors import nearest
from runner.matching.comparison import BadMatcher, Comparison, Files, Maker, is_text, not_text, wanted_text
from runner.matching.files import same_as_file, schema
from runner.matching.kinds import KINDS
from runner.matching.patterns import LONGEST, compile_pattern
from runner.matching.showing import differs_at, kind_of, show, why_unequal
from runner.matching.sizes import at_least, at_most, between, close_to

__all__ = ["MATCHERS", "same"]


# ── equality ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def same(expected: Any, got: Any) -> bool:
    """Equal as JSON means it: ``1`` is ``1.0`` and neither is ``true`` or ``"1"``; objects and lists in whole."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and expected.keys() == got.keys() and all(same(v, got[k]) for k, v in expected.items())
    if isinstance(expected, list | tuple):
        return isinstance(got, list | tuple) and len(expected) == len(got) and all(map(same, expected, got))
    return bool(expected == got)


def _equals(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    return Comparison(lambda got: same(argument, got), show(argument), lambda got: why_unequal(argument, got))


# Texts that have nothing in common: a pattern that finds something in each of them finds it everywhere.
_PROBES = ("", "a", "7", " ", "\n", "-\u00e9\u3042")

# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _matches(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    text = wanted_text("matches", argument, "Order [0-9]+")
    try:
        pattern = compile_pattern(text)
    except ValueError as exc:
        raise BadMatcher(str(exc), "write it simpler, or use `contains`") from None
    if all(pattern.search(probe) for probe in _PROBES):
        raise BadMatcher(f"every text matches {text}, so this cannot say no", "write what must be there, or `{is: text}`")

    def passes(got: Any) -> bool:
        return isinstance(got, str) and len(got) <= LONGEST and pattern.search(got) is not None

    def hint(got: Any) -> str:
        if isinstance(got, str) and len(got) > LONGEST:
            return f"the text has {len(got)} characters, too long to search; use `contains`"
        if isinstance(got, str) and _search_any_case(text, got):
            return "only capital letters differ; write (?i) at the beginning to overlook them"
        return not_text(got)

    return Comparison(passes, f"text that matches {text}", hint, lambda got: isinstance(got, str) and len(got) <= LONGEST)


def _search_any_case(text: str, got: str) -> bool:
    try:
        return compile_pattern(f"(?i){text}").search(got) is not None
    except ValueError:
        return False


def _starts_with(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    text = wanted_text("starts_with", argument, "Re:")
    return Comparison(
        lambda got: isinstance(got, str) and got.startswith(text),
        f"text that starts with {show(text)}",
        lambda got: _begins_otherwise(text, got) if isinstance(got, str) else not_text(got),
        is_text,
    )


def _begins_otherwise(text: str, got: str) -> str:
    if got.casefold().startswith(text.casefold()):
        return "only capital letters differ; `matches` with (?i)^ before the text overlooks them"
    return differs_at(text, got[: len(text)])


def _ends_with(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    text = wanted_text("ends_with", argument, ".pdf")
    return Comparison(lambda got: isinstance(got, str) and got.endswith(text), f"text that ends with {show(text)}", not_text, is_text)


# ── kind ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _is(argument: Any, _within: Any, _files: Files | None) -> Comparison:
    names = argument if isinstance(argument, list | tuple) and argument else [argument]
    for name in names:
        if not isinstance(name, str) or name not in KINDS:
            close = _CALLED_OTHERWISE.get(str(name).lower()) or nearest(str(name), KINDS)
            every = ", ".join(KINDS)
            raise BadMatcher(f"`is` does not know {show(name, length=40)}", f"write `is: {close}`" if close else f"write one of {every}")
    tests = [KINDS[name] for name in names]
    told = " or ".join(_ARTICLES.get(name, f"a {name}") for name in names)
    return Comparison(lambda got: any(test(got) for test in tests), told, lambda got: f"it is {kind_of(got)}")


# What the kinds are called elsewhere.
_CALLED_OTHERWISE = {
    **dict.fromkeys(("string", "str", "char", "varchar"), "text"),
    **dict.fromkeys(("integer", "int", "long"), "whole_number"),
    **dict.fromkeys(("float", "double", "decimal", "numeric"), "number"),
    **dict.fromkeys(("bool", "yes", "no"), "boolean"),
    **dict.fromkeys(("array", "sequence"), "list"),
    **dict.fromkeys(("dict", "map", "hash", "record"), "object"),
    **dict.fromkeys(("null", "none", "nil", "empty"), "nothing"),
    **dict.fromkeys(("date", "time", "datetime", "date_time"), "timestamp"),
    **dict.fromkeys(("mail", "e-mail", "e_mail", "address"), "email"),
    **dict.fromkeys(("uri", "link"), "url"),
    "guid": "uuid",
}
_ARTICLES = {
    "text": "text",
    "whole_number": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "nothing": "nothing",
    "email": "an e-mail address",
    "uuid": "a UUID",
    "url": "a URL",
}


# The matchers that compare with a value, by the name they have in files.
MATCHERS: dict[str, Maker] = {
    "equals": _equals,
    "matches": _matches,
    "starts_with": _starts_with,
    "ends_with": _ends_with,
    "at_least": at_least,
    "at_most": at_most,
    "between": between,
    "close_to": close_to,
    "is": _is,
    "same_as_file": same_as_file,
    "schema": schema,
}
