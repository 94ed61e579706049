"""
What came of a comparison: the differences, each as a person reads it.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Difference"]


class Difference(Struct, frozen=True, omit_defaults=True):
    """
    One thing that is not as expected: its ``path`` in the output (``body.items[2].name``), ``expected`` and ``got`` as text, and what helps
    (nearest value). ``line`` and ``column`` are where the file states the expectation, 0 when no file does.
    """

    path: str
    expected: str
    got: str
    hint: str = ""
    line: int = 0
    column: int = 0
