"""
How many of each outcome, and their share of the run.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from runner.reporters.verdict import MEANINGS, ORDER, SIGNS, WORDS

__all__ = ["TALL", "Part", "parts"]


class Part(Struct, frozen=True):
    """An outcome's share of the run: how many, and where it lies in the bar, in thousandths."""

    outcome: str
    word: str
    sign: str
    meaning: str
    count: int
    x: int
    width: int

    @property
    def tall(self) -> bool:
        """Whether it stands taller than the others in the time line."""
        return self.outcome in TALL


# Shape as well as colour tells them from what ended well.
TALL = ("failed", "errored", "not_run")


def parts(counts: Mapping[str, int]) -> list[Part]:
    """The shares of all outcomes that occurred, worst first."""
    told = [outcome for outcome in ORDER if counts.get(outcome)]
    total = sum(counts[outcome] for outcome in told) or 1
    found: list[Part] = []
    x = 0
    for outcome in told:
        # even one among thousands can be seen
        width = max(8, round(counts[outcome] / total * 1000))
        found.append(Part(outcome, WORDS[outcome], SIGNS[outcome], MEANINGS[outcome], counts[outcome], x, width))
        x += width
    scale = 1000 / x if x else 1
    return [Part(p.outcome, p.word, p.sign, p.meaning, p.count, round(p.x * scale), max(1, round(p.width * scale))) for p in found]
