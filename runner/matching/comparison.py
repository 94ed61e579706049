"""
What a matcher is made of: the comparison that comes of its argument, and what is said when the argument cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from runner.errors import RunnerError
from runner.matching.showing import kind_of

__all__ = ["BadMatcher", "Comparison", "Files", "Maker", "anything", "is_text", "not_text", "wanted_text"]


class BadMatcher(RunnerError):
    """A matcher was given something it cannot work with; ``hint`` says how to write it."""

    code = "E230"

    def __init__(self, message: str, hint: str = "", *, key: str | None = None) -> None:
        super().__init__(message, hint=hint)
        # the key that is wrong, when it is not the matcher's own
        self.key = key


class Files(Protocol):
    """The files of the project, for matchers that compare with one."""

    def check(self, path: str) -> None:
        """Raise a RunnerError that says what is wrong when *path* is no readable file of the project."""
        ...

    def read(self, path: str) -> bytes:
        """Its bytes; raises as :meth:`check` does."""
        ...


def _no_hint(_got: Any) -> str:
    return ""


def anything(_got: Any) -> bool:
    """Every value suits."""
    return True


def is_text(got: Any) -> bool:
    """Only a text suits."""
    return isinstance(got, str)


class Comparison(Struct, frozen=True):
    """
    A matcher with its argument: the test, how to say what is wanted (``at least 3``), and what helps when the test says no.

    ``suits``: whether the value can be compared so at all; what cannot does not satisfy ``not`` either.
    """

    passes: Callable[[Any], bool]
    expected: str
    hint: Callable[[Any], str] = _no_hint
    suits: Callable[[Any], bool] = anything


# How a matcher is made: from its argument, the `within` beside it (None: there is none), and the files.
Maker = Callable[[Any, Any, "Files | None"], Comparison]


def wanted_text(name: str, argument: Any, example: str) -> str:
    """The argument of the matcher *name*, which has to be a text with something in it."""
    if not isinstance(argument, str):
        raise BadMatcher(
            f"`{name}` needs a text, not {kind_of(argument)}", f'write `{name}: "{argument if not _nested(argument) else example}"`'
        )
    if not argument:
        raise BadMatcher(f"`{name}` needs a text that is not empty", f'write `{name}: "{example}"`')
    return argument


def not_text(got: Any) -> str:
    """What helps when a text was wanted and something else came."""
    return "" if isinstance(got, str) else f"it is {kind_of(got)}, not text"


def _nested(value: Any) -> bool:
    return value is None or isinstance(value, dict | list)
