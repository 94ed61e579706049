"""
How often the garbage collector looks while much is made that stays.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["collecting_rarely"]


@contextmanager
def collecting_rarely() -> Iterator[Callable[[], None]]:
    """
    Let the garbage collector look less often, and not at what stays for the whole run: what is there now, and whenever the function that
    this gives is called.

    A run makes many small records that live for one step, and keeps its plans to the end; looking at all of them again and again costs a
    fifth of a step. (What is garbage already stays until the end as well: to look for it first costs more than it holds.)
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(20_000, before[1], before[2])
    try:
        yield gc.freeze
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
