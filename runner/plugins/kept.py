"""
What is made of a file, kept beside it where Python keeps compiled modules. Asked by :mod:`runner.plugins.openapi`.

Reading a vendor's contract of 3,000 lines takes 20 ms, what was made of it less than one. It is kept where a compiled module would be (so
not where nobody may write, or Python was told not to), and made again for another content or another version of the runner: an installation
may give a new file the time and the size of the old one, and leaves behind what it did not bring.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from runner import __version__

__all__ = ["kept"]


def kept(path: Path, make: Callable[[bytes], Any]) -> Any:
    """
    What *make* gives for the content of the file at *path*: plain data (mappings, lists, texts, numbers, truth values, None).

    Raises: ``OSError`` – the file cannot be read; what *make* raises.
    """
    content = path.read_bytes()
    stamp, place = (__version__, blake2b(content).digest()), Path(cache_from_source(str(path))).with_suffix(".kept")
    # whatever is wrong with it, it can be made again
    with suppress(OSError, ValueError, EOFError, TypeError):
        was, made = marshal.loads(place.read_bytes())  # noqa: S302 - as trusted as the compiled modules beside it
        if was == stamp:
            return made
    made = make(content)
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
