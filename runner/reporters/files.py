"""
Reports on disk: each appears in one piece, so a reader sees the old one or the new one, and never half of one.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path

from runner.record.placing import put_in_place

__all__ = ["slug", "write_file"]

_UNSAFE = re.compile(r"[^a-z0-9]+")


def write_file(path: Path, chunks: Iterable[bytes]) -> None:
    """
    Write *path* in one piece; folders that are missing are made.

    Raises: ``OSError`` – disk full …; then what stood there before still does, and nothing else is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.writelines(chunks)
        put_in_place(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def slug(text: str, most: int = 60) -> str:
    """*text* as a part of a file's name that every system and every URL can bear: ``reply-with-invoice``."""
    return _UNSAFE.sub("-", text.lower()).strip("-")[:most].rstrip("-")
