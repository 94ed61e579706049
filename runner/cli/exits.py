"""
What the exit code says. The same numbers as pytest's, and one more.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported when something went wrong; `runner --version` does not wait for it
    from runner.errors import RunnerError

__all__ = ["Exit", "exit_of_error"]


class Exit(IntEnum):
    """How the program ended."""

    PASSED = 0
    FAILED = 1
    INTERRUPTED = 2
    BROKEN = 3
    USAGE = 4
    NOTHING = 5
    ENVIRONMENT = 6


# the first two characters of a code → what it means for the program
_BY_CODE = {
    "E1": Exit.USAGE,
    "E2": Exit.USAGE,
    "E3": Exit.USAGE,
    "E4": Exit.USAGE,
    "E5": Exit.ENVIRONMENT,
    "E6": Exit.BROKEN,
    "E7": Exit.ENVIRONMENT,
}
# a reporter or run that does not exist is a mistake in the command, not a fault of the plugin
_USAGE = {"E611", "E620"}


def exit_of_error(error: RunnerError) -> Exit:
    """The exit code that an error means."""
    if error.code in _USAGE:
        return Exit.USAGE
    return _BY_CODE.get(error.code[:2], Exit.BROKEN)
