"""
SIGTERM while scenarios run: pytest ends as it does after Ctrl-C, so that people are logged out and reports are written.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

import pytest

__all__ = ["terminating"]


def terminating() -> Callable[[], None]:
    """
    From now on SIGTERM ends the session with the exit code 143 that it would have; gives what undoes this.

    Only where nobody else has a say: in the main thread, and when no handler was there.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return lambda: None

    def stop(number: int, _frame: FrameType | None) -> None:
        pytest.exit("stopped by SIGTERM; the scenarios clean up", returncode=128 + number)

    signal.signal(signal.SIGTERM, stop)

    def undo() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    return undo
