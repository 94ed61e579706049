"""
What a client does when a server says 429: it waits as long as ``Retry-After`` asks, says so, and asks again what may be asked again.

Used by the vendors' clients; what is not :data:`SAFE` is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from runner.clock import Clock, written
from runner.transport.exchange import Exchange

__all__ = ["SAFE", "Patience", "seconds_asked"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Who is asked to wait longer than this, in seconds, is told so instead.
_LONGEST = 60.0
# How often one request is sent again.
_TIMES = 3


def seconds_asked(header: str, now: datetime) -> float | None:
    """
    Seconds that a ``Retry-After`` asks for: a number, or a date in any of HTTP's three forms (one that is past is 0); None when it says
    neither.

    Source: RFC 9110, sections 10.2.3 and 5.6.7. A fraction is no number there; servers send it, and it is taken.
    """
    text = header.strip()
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


class Patience:
    """One session's: ``clock`` waits, ``log`` tells people."""

    def __init__(self, clock: Clock, log: Callable[[str], None]) -> None:
        self._clock = clock
        self._log = log

    async def again(self, answer: Exchange, send: Callable[[], Awaitable[Exchange]]) -> Exchange:
        """
        Wait and *send* again as long as *answer* is a 429 that allows it; gives the last answer, which may be a 429 still.

        The step's own time limit ends the wait as it ends everything else.
        """
        for _ in range(_TIMES):
            seconds = self._wait(answer) if answer.http == 429 else None
            if seconds is None:
                break
            await self._clock.sleep(seconds)
            answer = await send()
        return answer

    def _wait(self, answer: Exchange) -> float | None:
        """Seconds to wait before the same is sent again; None: it is not."""
        what = f"{answer.method}: the server takes no more requests now (429)"
        header = answer.header("Retry-After")
        seconds = seconds_asked(header, self._clock.now())
        if seconds is None:
            self._log(f"{what} and does not say for how long" + (f" (Retry-After: {header[:40]!r})" if header else ""))
            return None
        if answer.method not in SAFE:
            self._log(f"{what}, for {written(seconds)}; what changes something is not sent again by itself")
            return None
        if seconds > _LONGEST:
            self._log(f"{what}, for {written(seconds)}; that is too long to wait")
            return None
        self._log(f"{what}; asking again in {written(seconds)}")
        return seconds
