"""
What failures of one cause say together: the words of the first, and each value that came instead of what was expected.
"""

from __future__ import annotations

from collections import Counter

from runner.reporters.failure import compared_in, headline
from runner.reporters.story import Story
from runner.reporters.text import cut, one_line

__all__ = ["Said"]

_MOST_VALUES = 4
_LONGEST = 60


class Said:
    """What they say; its size grows with the number of different values."""

    def __init__(self, first: Story) -> None:
        self._headline = headline(first)
        told = compared_in(first)
        self._path = (one_line(told.path) or "it") if told is not None else ""
        # (what came, what was expected) → how often
        self._values: Counter[tuple[str, str]] = Counter()

    def add(self, story: Story) -> None:
        """A failure of this cause."""
        told = compared_in(story)
        if told is not None:
            self._values[_short(told.got), _short(told.expected)] += 1

    @property
    def words(self) -> str:
        """``status is "queued" (3 ×) or "draft" (1 ×), expected "sent"``; the headline where all say the same."""
        if len(self._values) < 2:
            return self._headline
        most = self._values.most_common(_MOST_VALUES)
        more = f" or {len(self._values) - len(most)} other values" if len(self._values) > len(most) else ""
        expected = {wanted for _, wanted in self._values}
        if len(expected) > 1:
            return f"{self._path} is " + " or ".join(f"{got}, expected {wanted} ({n} ×)" for (got, wanted), n in most) + more
        return f"{self._path} is {' or '.join(f'{got} ({n} ×)' for (got, _), n in most)}{more}, expected {expected.pop()}"


def _short(text: str) -> str:
    return cut(one_line(text), _LONGEST)
