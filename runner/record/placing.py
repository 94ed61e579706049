"""
One file in the place of another, in one go: who reads sees the old one or the new one.

Windows replaces no file that somebody has open (an editor, a virus scanner, another run that is just ending): there it is waited for.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

__all__ = ["put_in_place"]

_HELD_BY_READERS = sys.platform == "win32"
# Seconds between two tries, and how many there are.
_PAUSE = 0.05
_TRIES = 20


def put_in_place(fresh: Path, path: Path) -> None:
    """
    Let *fresh* be *path*; whatever stood there is gone.

    Raises: ``OSError`` – no right to, or on Windows somebody holds the old one for more than a second.
    """
    for _ in range(_TRIES if _HELD_BY_READERS else 0):
        try:
            fresh.replace(path)
        except PermissionError:
            time.sleep(_PAUSE)
        else:
            return
    fresh.replace(path)
