"""
What is a matcher, what is an object, and what was meant for a matcher: the names of both kinds of matcher in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from runner.matching.comparison import BadMatcher
from runner.matching.matchers import MATCHERS
from runner.matching.shapes import SHAPES

__all__ = ["BESIDE", "MATCHER_NAMES", "is_matcher", "refuse_stray"]

# Every name that makes an object a matcher.
MATCHER_NAMES: frozenset[str] = frozenset(MATCHERS) | frozenset(SHAPES)

# Stands beside close_to, and is no matcher itself.
BESIDE = frozenset({"within"})


def is_matcher(expectation: Mapping[str, Any]) -> bool:
    """
    Whether an object is a matcher: all its keys are names of matchers.

    An object that is *nearly* one is taken for a mistake in two cases only, because a field may be called anything: some of its keys are
    names of matchers and the others look like one (``{at_least: 1, atmost: 9}``); or its single key is a two-word name in another spelling
    (``{startsWith: Re}``, ``{at_leest: 3}``). :func:`refuse_stray` tells of it.
    """
    named = [key for key in expectation if key in MATCHER_NAMES or (key in BESIDE and "close_to" in expectation)]
    if len(named) == len(expectation):
        return bool(named)
    strays = [key for key in expectation if key not in named]
    return (bool(named) or len(strays) == 1) and all(_meant(str(key), strict=not named) is not None for key in strays)


def refuse_stray(expectation: Mapping[str, Any]) -> None:
    """Raise ``BadMatcher`` for the first key that only looks like a matcher's name."""
    for key in expectation:
        if key not in MATCHER_NAMES and not (key in BESIDE and "close_to" in expectation):
            meant = _meant(str(key), strict=False) or "equals"
            raise BadMatcher(f"there is no matcher `{key}`", f"write `{meant}`", key=str(key))


@lru_cache(maxsize=1024)
def _meant(key: str, *, strict: bool) -> str | None:
    """The matcher that *key* is another spelling of; *strict*: only those whose names no field is likely to have."""
    plain = _plain(key)
    likeness = {name: SequenceMatcher(None, plain, _plain(name)).ratio() for name in sorted(MATCHER_NAMES) if "_" in name or not strict}
    close = max(likeness, key=lambda name: likeness[name])
    # one letter of a name in two words: nobody calls a field `at_mots`
    slip = "_" in key and abs(len(key) - len(close)) <= 1
    return close if likeness[close] >= (0.75 if not strict else 0.8 if slip else 0.88) else None


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()
