"""
What is made of a file, kept beside it where Python keeps compiled modules. Asked by :mod:`runner.plugins.openapi`.

Reading a vendor's contract of 3,000 lines takes 20 ms, what was made of it less than one. It is kept under the same rules as a compiled
module: made again when the file has another time or size, not kept where nobody may write or Python was told not to.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

__all__ = ["kept"]


def kept(path: Path, make: Callable[[bytes], Any]) -> Any:
    """
    What *make* gives for the content of the file at *path*: plain data (mappings, lists, texts, numbers, truth values, None).

    Raises: ``OSError`` – the file cannot be read; what *make* raises.
    """
    told = path.stat()
    stamp, place = (told.st_mtime_ns, told.st_size), Path(cache_from_source(str(path))).with_suffix(".kept")
    # whatever is wrong with it, it can be made again
    with suppress(OSError, ValueError, EOFError, TypeError):
        was, made = marshal.loads(place.read_bytes())  # noqa: S302 - as trusted as the compiled modules beside it
        if was == stamp:
            return made
    made = make(path.read_bytes())
    if not sys.dont_write_bytecode:
        with suppress(OSError, ValueError):
            _write(place, marshal.dumps((stamp, made)))
    return made


def _write(place: Path, content: bytes) -> None:
    """All of it or nothing, also when two processes do so at once."""
    place.parent.mkdir(exist_ok=True)
    beside = place.with_suffix(f".{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(place)
