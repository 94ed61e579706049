"""
SIGTERM while scenarios run: pytest ends as it does after Ctrl-C, so that people are logged out and reports are written.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

from _pytest.outcomes import Exit  # known to the public as pytest.exit.Exception, which no class can be derived from for mypy

__all__ = ["Terminated", "telling", "terminating"]

# How servers, service managers and closed terminals end a process; not each is known everywhere.
_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")


class Terminated(Exit):
    """The session ends because the process was told to."""

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}; the scenarios clean up", returncode=128 + number)


def terminating(*, once: bool = False) -> Callable[[], None]:
    """
    From now on SIGTERM ends the session in order, with the exit code 143 that it would have had; gives what undoes this. The same for the
    others of its kind. Of a session that ends by itself in a short time, it is told only *once*.

    Only where nobody else has a say: in the main thread, and when no handler was there.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    ours = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in ours if once else ():
            signal.signal(each, signal.SIG_IGN)
        raise Terminated(number)

    for number in ours:
        signal.signal(number, stop)

    def undo() -> None:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)

    return undo


def telling(tell: Callable[[], None]) -> Callable[[], None]:
    """
    From now on the next Ctrl-C, or SIGTERM, is told to *tell*, and is not raised wherever pytest happens to be, where it would keep
    reports from being written. The one after that is what it was before. Gives what undoes this.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    known = [getattr(signal, name) for name in ("SIGINT", *_NAMES) if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in known}

    def undo() -> None:
        for number, handler in before.items():
            # None: it was not set from Python, so it cannot be put back from there
            if handler is not None:
                signal.signal(number, handler)

    def told(number: int, _frame: FrameType | None) -> None:
        undo()
        tell()

    for number, handler in before.items():
        if handler is not None and handler is not signal.SIG_IGN:
            signal.signal(number, told)
    return undo
