"""
What failures of one cause say together: the words of the first, and each value that came instead of what was expected, or that differs from
one to the other.
"""

from __future__ import annotations

from collections import Counter

from runner.reporters.failure import compared_in, headline
from runner.reporters.story import Story
from runner.reporters.text import counted, cut, one_line

__all__ = ["Said"]

_MOST_VALUES = 4
_LONGEST = 60
_MOST_HEADLINES = 1_000


class Said:
    """What they say; its size grows with the number of different values."""

    def __init__(self, first: Story) -> None:
        self._headline = headline(first)
        told = compared_in(first)
        self._path = (one_line(told.path) or "it") if told is not None else ""
        # (what came, what was expected) → how often
        self._values: Counter[tuple[str, str]] = Counter()
        # what they say, where nothing was compared → how often
        self._headlines: Counter[str] = Counter()

    def add(self, story: Story) -> None:
        """A failure of this cause."""
        told = compared_in(story)
        if told is not None:
            self._values[_short(told.got), _short(told.expected)] += 1
        elif len(self._headlines) < _MOST_HEADLINES or headline(story) in self._headlines:
            self._headlines[headline(story)] += 1

    @property
    def words(self) -> str:
        """
        ``status is "queued" (3 ×) or "draft" (1 ×), expected "sent"``, ``no mail ORD-1 (1 ×) or ORD-2 (2 ×) here``; the headline where all
        say the same.
        """
        if len(self._headlines) > 1:
            return _together(self._headlines)
        if len(self._values) < 2:
            return self._headline
        most = self._values.most_common(_MOST_VALUES)
        more = f" or {len(self._values) - len(most)} other values" if len(self._values) > len(most) else ""
        expected = {wanted for _, wanted in self._values}
        if len(expected) > 1:
            return f"{self._path} is " + " or ".join(f"{got}, expected {wanted} ({n} ×)" for (got, wanted), n in most) + more
        return f"{self._path} is {' or '.join(f'{got} ({n} ×)' for (got, _), n in most)}{more}, expected {expected.pop()}"


def _together(headlines: Counter[str]) -> str:
    """Headlines in one: the words that all begin and end with once, and between them what each says."""
    split = [text.split(" ") for text in headlines]
    shortest = min(map(len, split))
    first = next((n for n in range(shortest) if len({words[n] for words in split}) > 1), shortest - 1)
    last = next((n for n in range(shortest - first) if len({words[-1 - n] for words in split}) > 1), shortest - first - 1)
    most = headlines.most_common(_MOST_VALUES)
    each = [f"{_short(' '.join(text.split(' ')[first : len(text.split(' ')) - last]))} ({n} ×)" for text, n in most]
    more = [f"{counted(len(headlines) - len(most), 'other value')}"] if len(headlines) > len(most) else []
    return " ".join([*split[0][:first], " or ".join([*each, *more]), *split[0][len(split[0]) - last :]])


def _short(text: str) -> str:
    return cut(one_line(text), _LONGEST)
