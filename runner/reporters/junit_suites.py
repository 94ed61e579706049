"""
Where finished test cases wait for the end of the run: on disk, by suite; then written into as many files as consumers take.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from msgspec import Struct, field

from runner.reporters.files import write_file
from runner.reporters.xml import opened

__all__ = ["Suites"]

_KINDS = ("", "failure", "error", "skipped")
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


class _Piece(Struct, frozen=True):
    """A ``testcase``: where it stands in the spool, and what counts in its suite's head."""

    offset: int
    length: int
    kind: str
    took: float


class _Pieces:
    """Pieces in order, kept as bare numbers: there may be very many."""

    def __init__(self) -> None:
        self._offsets = array("q")
        self._lengths = array("I")
        self._kinds = array("B")
        self._took = array("d")

    def __len__(self) -> int:
        return len(self._took)

    def __iter__(self) -> Iterator[_Piece]:
        for offset, length, kind, took in zip(self._offsets, self._lengths, self._kinds, self._took, strict=True):
            yield _Piece(offset, length, _KINDS[kind], took)

    def append(self, piece: _Piece) -> None:
        """One more."""
        self._offsets.append(piece.offset)
        self._lengths.append(piece.length)
        self._kinds.append(_KINDS.index(piece.kind))
        self._took.append(piece.took)


class _Suite(Struct):
    """One scenario file: when its first scenario began, and its pieces."""

    name: str
    began: str
    pieces: _Pieces = field(default_factory=_Pieces)


class Suites:
    """The test cases of a run, by scenario file. A case keeps a few numbers in memory, its text is on disk."""

    def __init__(self) -> None:
        self._suites: dict[str, _Suite] = {}
        self._spool: IO[bytes] | None = None

    def __bool__(self) -> bool:
        return bool(self._suites)

    def add(self, file: str, case: str, *, kind: str, took: float, began: str) -> None:
        """A test case of *file*. *kind*: ``failure``, ``error``, ``skipped``, or empty; *took*: seconds; *began*: ISO 8601."""
        if self._spool is None:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the suites
        data = case.encode("utf-8")
        suite = self._suites.setdefault(file, _Suite(file, began))
        suite.pieces.append(_Piece(self._spool.seek(0, os.SEEK_END), len(data), kind, took))
        self._spool.write(data)

    def write(self, folder: Path, name: str, *, most_bytes: int) -> None:
        """
        Write ``junit.xml``, and what does not fit into *most_bytes* into ``junit-2.xml`` and so on; more of them from earlier are removed.

        Raises: ``OSError`` – disk full …; then the file at which that happened is as it was.
        """
        parts = list(_split(self._suites.values(), most_bytes)) or [[]]
        for number, suites in enumerate(parts, 1):
            write_file(folder / ("junit.xml" if number == 1 else f"junit-{number}.xml"), self._document(name, suites))
        for stale in folder.glob("junit-*.xml"):
            number_there = stale.stem.removeprefix("junit-")
            if number_there.isdigit() and int(number_there) > len(parts):
                stale.unlink()

    def close(self) -> None:
        """Forget everything."""
        if self._spool is not None:
            self._spool.close()

    def _document(self, name: str, suites: list[_Suite]) -> Iterator[bytes]:
        every = chain.from_iterable(suite.pieces for suite in suites)
        yield _HEAD + opened("testsuites", {"name": name, **_counts(every)}).encode("utf-8") + b"\n"
        for suite in suites:
            attributes = {"name": suite.name, **_counts(suite.pieces), "timestamp": suite.began, "file": suite.name}
            yield b"  " + opened("testsuite", attributes).encode("utf-8") + b"\n"
            yield from (self._read(piece) for piece in suite.pieces)
            yield b"  </testsuite>\n"
        yield b"</testsuites>\n"

    def _read(self, piece: _Piece) -> bytes:
        if self._spool is None:
            return b""
        self._spool.seek(piece.offset)
        return self._spool.read(piece.length)


def _counts(pieces: Iterable[_Piece]) -> dict[str, str]:
    kinds: Counter[str] = Counter()
    took = 0.0
    for piece in pieces:
        kinds[piece.kind] += 1
        took += piece.took
    return {
        "tests": str(kinds.total()),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
        "skipped": str(kinds["skipped"]),
        "time": f"{took:.3f}",
    }


def _split(suites: Iterable[_Suite], most: int) -> Iterator[list[_Suite]]:
    """Suites in files of at most *most* bytes; a suite that does not fit goes on in the next file."""
    part: list[_Suite] = []
    room = most
    for suite in suites:
        current = _Suite(suite.name, suite.began)
        for piece in suite.pieces:
            if piece.length > room and (part or current.pieces):
                yield [*part, current] if current.pieces else part
                part, current, room = [], _Suite(suite.name, suite.began), most
            current.pieces.append(piece)
            room -= piece.length
        part.append(current)
    if part:
        yield part
