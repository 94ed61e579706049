"""
A document whose head comes last: its parts are kept on disk, not in memory, until the head can be written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

__all__ = ["Spool"]

_PIECE = 1 << 20


class Spool:
    """Parts of a JSON list, in order; each is written with what separates it from the one before."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None

    def add(self, part: bytes) -> None:
        """Keep one more."""
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the spool
            self._file.write(part)
        else:
            self._file.write(b",\n" + part)

    def read(self) -> Iterator[bytes]:
        """Everything that was kept, in pieces."""
        if self._file is None:
            return
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    def close(self) -> None:
        """Forget everything."""
        if self._file is not None:
            self._file.close()
            self._file = None
