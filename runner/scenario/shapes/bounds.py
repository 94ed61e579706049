"""
Limits on a number or a text: whether a value keeps to them, and how to say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

__all__ = ["Bound"]


class Bound(Struct, frozen=True):
    """A limit on a number or a text, by the name that JSON Schema has for it."""

    keyword: str
    limit: Any

    def holds(self, value: Any) -> bool:
        """Whether *value* keeps to it; a limit on texts says nothing about numbers, and the other way round."""
        rule = _TEXT_RULES.get(self.keyword)
        if rule is not None:
            return rule(str(value), self.limit)
        return isinstance(value, bool | str) or _NUMBER_RULES[self.keyword](value, self.limit)

    @property
    def words(self) -> str:
        """What a value must do: ``be at least 1``."""
        if self.keyword == "minLength" and self.limit == 1:
            return "not be empty"
        return _BOUND_WORDS[self.keyword].format(self.limit)


_TEXT_RULES: dict[str, Callable[[str, Any], bool]] = {
    "minLength": lambda text, limit: len(text) >= limit,
    "maxLength": lambda text, limit: len(text) <= limit,
    "pattern": lambda text, limit: re.search(limit, text) is not None,
}
_NUMBER_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda number, limit: number >= limit,
    "exclusiveMinimum": lambda number, limit: number > limit,
    "maximum": lambda number, limit: number <= limit,
    "exclusiveMaximum": lambda number, limit: number < limit,
}
_BOUND_WORDS = {
    "minLength": "have at least {} characters",
    "maxLength": "have at most {} characters",
    "minimum": "be at least {:g}",
    "exclusiveMinimum": "be more than {:g}",
    "maximum": "be at most {:g}",
    "exclusiveMaximum": "be less than {:g}",
}
