"""
Is one of these texts in this line? Answered in two or three millionths of a second, however many texts there are.

A line of JSON is almost never about a secret, so what counts is to say no quickly. The trick: letter case is folded and all but the rarer
letters and the digits are dropped from the line, in one pass. What remains, its *shadow*, is a seventh as long. It is cut into groups of
four; a text whose shadow has seven characters contains one of these groups wherever it stands, so four groups of each text (one for each
way it can lie) in one table settle the matter. Only a text whose group turns up is looked for in the line itself.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from runner.environment.forms import Form, Hidden

__all__ = ["Screen"]

_KEPT = b"0123456789jkmpqvwxyz"
_FOLDED = bytes(c + 32 if 65 <= c <= 90 else c for c in range(256))
_DROPPED = bytes(c for c in range(256) if _FOLDED[c] not in _KEPT)
_GROUP = 4
# So many shadows are looked for one by one before the table pays.
_FEW = 24
# A shadow this long has a whole group in it at each of the four ways to lie.
_ENOUGH = 2 * _GROUP - 1

_Thrown = tuple[bytes, Hidden]


class Screen:
    """
    A set of hidden texts that are looked for all at once.

    One that is made on top of another (``Screen(below)``) looks for what that one looks for as well, also for what is added to it later.
    """

    __slots__ = ("_below", "_faint", "_groups")

    def __init__(self, below: Screen | None = None) -> None:
        self._below = below
        # a group → the shadows that have it, each with what throws it
        self._groups: dict[int, tuple[_Thrown, ...]] = {}
        # shadows that are looked for one by one: the first few, and those too short to have a group at each way to lie; as texts, because
        # `in` of bytes first makes and drops an exception (CPython 3.11), which takes ten times as long as to look
        self._faint: dict[str, tuple[Hidden, ...]] = {}

    def add(self, hidden: Hidden) -> None:
        """Look for this, too."""
        if hidden.shadows is None:
            hidden.shadows = frozenset(telltale.translate(_FOLDED, _DROPPED) for telltale in hidden.telltales)
        for shadow in hidden.shadows:
            if len(shadow) < _ENOUGH or len(self._faint) < _FEW:
                text = shadow.decode()
                self._faint[text] = (*self._faint.get(text, ()), hidden)
                continue
            # the end of a text tells more than its beginning, which tokens of one kind often share
            for start in range(len(shadow) - _ENOUGH, len(shadow) - _GROUP + 1):
                group = int.from_bytes(shadow[start : start + _GROUP], sys.byteorder)
                self._groups[group] = (*self._groups.get(group, ()), (shadow, hidden))

    def hits(self, line: bytes) -> Sequence[Form]:
        """The forms that are in *line*; as a rule none."""
        shadow = line.translate(_FOLDED, _DROPPED)
        text = shadow.decode()
        suspects: list[Hidden] = []
        screen: Screen | None = self
        while screen is not None:
            if screen._groups:
                screen._look_up(shadow, suspects)
            for thrown in screen._faint:
                if thrown in text:
                    suspects += screen._faint[thrown]
            screen = screen._below
        return [form for hidden in dict.fromkeys(suspects) for form in hidden.forms if line.find(form.needle) >= 0] if suspects else ()

    def _look_up(self, shadow: bytes, suspects: list[Hidden]) -> None:
        table = self._groups
        groups = memoryview(shadow)[: len(shadow) & ~3].cast("I").tolist()
        if not table.keys().isdisjoint(groups):
            suspects += [hidden for group in table.keys() & set(groups) for thrown, hidden in table[group] if shadow.find(thrown) >= 0]
