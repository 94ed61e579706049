"""
Where an expectation stands: its path in the output, for the report, and its keys in the file, for the line. Used by every compiled node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from runner.matching.showing import show
from runner.matching.verdict import Difference
from runner.source import Span

__all__ = ["Key", "Place", "Where", "joined", "written"]

Key = str | int

# Where an expectation stands in its file: from its keys (``("body", "id", "one_of", 2)``) to the place, or None.
Where = Callable[[Sequence[Key]], Span | None]


class Place:
    """One place, as a link of a chain: paths and lines are put together only when there is a difference to tell."""

    __slots__ = ("_anchor", "_key", "_parent", "_shown", "_where")

    def __init__(
        self, where: Where | None, *, parent: Place | None = None, key: Key | None = None, shown: str = "", anchor: bool = False
    ) -> None:
        self._where = where
        self._parent = parent
        # its part of the way in the file, None when it has none
        self._key = key
        # its part of the path in the output, "" when it has none (a matcher)
        self._shown = shown
        # paths are counted from here
        self._anchor = anchor

    def below(self, key: Key | None, shown: str = "", *, anchor: bool = False) -> Place:
        """The place of what stands inside; with *anchor*, paths begin anew there (an item whose number shows only in the output)."""
        return Place(self._where, parent=self, key=key, shown=shown, anchor=anchor)

    def path(self) -> str:
        """``body.items[0].name``."""
        if self._anchor or self._parent is None:
            return self._shown
        return joined(self._parent.path(), self._shown)

    def keys(self) -> tuple[Key, ...]:
        """The keys and numbers that lead here in the file."""
        before = self._parent.keys() if self._parent is not None else ()
        return before if self._key is None else (*before, self._key)

    def field(self) -> str:
        """The last field on the way here."""
        if self._shown or self._anchor or self._parent is None:
            return self._shown
        return self._parent.field()

    def difference(self, expected: str, got: Any, hint: str = "", *, shown: str | None = None) -> list[Difference]:
        """One difference at this place; *shown* is told instead of *got*."""
        span = self._where(self.keys()) if self._where is not None else None
        line, column = (span.line, span.column) if span is not None else (0, 0)
        return [Difference(self.path(), expected, show(got) if shown is None else shown, hint, line, column)]


def joined(before: str, after: str) -> str:
    """Two parts of a path as one."""
    return f"{before}.{after}" if before and after and not after.startswith("[") else before + after


def written(key: str) -> str:
    """A field's name as it stands in a path."""
    return f"['{key}']" if not key or any(c in ".[]'\" " for c in key) else key
