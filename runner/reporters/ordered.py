"""
More records than memory should hold, in order: a thousand of those that were added are in memory, the others lie on disk, sorted.

Used for what the first page of the HTML report tells of each scenario.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from heapq import merge
from typing import IO, Any, Generic, TypeVar

import msgspec

__all__ = ["Ordered"]

Record = TypeVar("Record", bound=msgspec.Struct)

_MOST_HELD = 1_000
_PIECE = 1 << 16
_encode_lines = msgspec.json.Encoder().encode_lines


class Ordered(Generic[Record]):
    """
    Records of one *kind* by their *key*; those of the same key in the order in which they were added. Can be gone through again and again,
    and added to in between. A record that was added is not changed any more.
    """

    def __init__(self, kind: type[Record], key: Callable[[Record], Any]) -> None:
        self._key = key
        self._decode: Callable[[bytes], Record] = msgspec.json.Decoder(kind).decode
        self._held: list[Record] = []
        self._file: IO[bytes] | None = None
        # where sorted stretches end on disk
        self._ends: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, record: Record) -> None:
        """One more."""
        if len(self._held) == _MOST_HELD:
            self._put_away()
        self._held.append(record)
        self._count += 1

    def __iter__(self) -> Iterator[Record]:
        self._held.sort(key=self._key)
        if not self._ends:
            return iter(self._held)
        stretches = (self._read(begin, end) for begin, end in zip([0, *self._ends], self._ends, strict=False))
        return merge(*stretches, self._held, key=self._key)

    def close(self) -> None:
        """Forget everything."""
        self._held.clear()
        self._ends.clear()
        self._count = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _put_away(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the records
        end = self._ends[-1] if self._ends else 0
        self._file.seek(end)
        self._held.sort(key=self._key)
        lines = _encode_lines(self._held)
        self._file.write(lines)
        self._ends.append(end + len(lines))
        self._held.clear()

    def _read(self, begin: int, end: int) -> Iterator[Record]:
        """A sorted stretch, a piece at a time: all of them are read side by side."""
        rest = b""
        while begin < end and self._file is not None:
            self._file.seek(begin)
            piece = self._file.read(min(_PIECE, end - begin))
            begin += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            yield from map(self._decode, lines)
