"""
How often the garbage collector looks while files are collected. What is made of a file stays for the session, and to look at all of it
again after each file takes as long as reading the files.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

__all__ = ["leave_alone", "look_rarely"]

# Young garbage is still looked for; what has survived is left alone for the time being.
_RARELY = (50_000, 50, 1_000)


def look_rarely() -> Callable[[], None]:
    """From now on the collector looks rarely; gives what undoes this."""
    # what an earlier session of this process left alone may be garbage by now
    gc.unfreeze()
    before = gc.get_threshold()
    gc.set_threshold(*(max(ours, theirs) if theirs else 0 for ours, theirs in zip(_RARELY, before, strict=True)))

    def undo() -> None:
        gc.set_threshold(*before)
        gc.unfreeze()

    return undo


def leave_alone() -> None:
    """What there is now (nearly all of it was made of files, and stays) is looked at no more until :func:`look_rarely` is undone."""
    gc.freeze()
