"""
What was made up for this scenario alone? Texts of ``unique()`` and its like, times, ids of mails and of what was kept: another run has
others.

Asked when a step did not pass: whoever groups failures by what they say leaves these texts out of account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["Generated"]

_HELPERS = ("now", "random_number", "random_text", "today", "unique")
# Shorter ones are in ordinary words.
_SHORTEST = 3
_MOST = 10_000
_LONGEST = 200


class Generated:
    """The texts that one scenario generated so far."""

    __slots__ = ("_texts",)

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def note(self, value: object) -> None:
        """*value* was generated; what is no text, or too short or long to be told by, is passed over."""
        if isinstance(value, str) and _SHORTEST <= len(value) <= _LONGEST and len(self._texts) < _MOST:
            self._texts[value] = None

    def kept(self, field: str, value: Any) -> None:
        """An output, or its *field*, is kept: an id of the vendor's, or a text with digits in it, is particular to this scenario."""
        if isinstance(value, Mapping):
            self.note(value.get("id"))
        elif isinstance(value, str) and (field.lower().endswith("id") or any(character.isdigit() for character in value)):
            self.note(value)

    def among(self, text: str) -> list[str]:
        """Those that stand in *text*, the longest first; one inside another only once."""
        found: list[str] = []
        if not text:  # most steps pass, and say nothing
            return found
        for one in sorted((one for one in self._texts if one in text), key=len, reverse=True):
            if not any(one in longer for longer in found):
                found.append(one)
        return found

    def noting(self, helpers: Mapping[str, Any]) -> dict[str, Any]:
        """The helpers that make something up, each of which notes what it gives."""
        noting: dict[str, Any] = {name: self._noting(helpers[name]) for name in _HELPERS if name in helpers}
        if "fake" in helpers:
            noting["fake"] = _Noted(helpers["fake"], self.note)
        return noting

    def _noting(self, helper: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            value = helper(*arguments, **options)
            self.note(value)
            return value

        return call


class _Noted(Mapping[str, str]):
    """``fake``, whose texts are noted when they are asked for."""

    __slots__ = ("_note", "_people")

    def __init__(self, people: Mapping[str, str], note: Callable[[object], None]) -> None:
        self._people = people
        self._note = note

    def __getitem__(self, key: str) -> str:
        value = self._people[key]
        self._note(value)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._people)

    def __len__(self) -> int:
        return len(self._people)
