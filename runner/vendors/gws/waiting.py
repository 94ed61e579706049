"""
Waiting for what the server tells: woken by each notification, and looking when none comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from runner.clock import written
from runner.errors import StepTimedOut
from runner.vendors.gws.session import GwsSession

__all__ = ["heard", "until"]

T = TypeVar("T")

# A wait that hears nothing looks for itself after so many pauses.
_QUIET = 2


class Pausing(Protocol):
    """What a wait needs of the running step."""

    @property
    def timeout(self) -> float:
        """Seconds it may still take."""
        ...

    async def pause(self) -> None:
        """Wait until it is time to look again."""
        ...


async def until(session: GwsSession, step: Pausing, found: Callable[[], T | None], *, within: float | None = None, waiting_for: str) -> T:
    """
    Wait until *found* gives something, woken by each notification; when none comes, look.

    Raises: ``StepTimedOut`` – nothing within *within* seconds (default: what the step may take); whatever *found* raises.
    """
    seconds = within if within is not None else step.timeout * 0.95
    deadline = session.clock.monotonic() + seconds
    quiet = 0
    while (value := found()) is None:
        if session.clock.monotonic() >= deadline:
            raise StepTimedOut(f"{waiting_for} did not come within {written(seconds)}")
        if session.ledger.doubt or quiet >= _QUIET:
            await session.look()
            if (value := found()) is not None:
                return value
        quiet = 0 if await heard(session, step, at_most=deadline - session.clock.monotonic()) else quiet + 1
    return value


async def heard(session: GwsSession, step: Pausing, *, at_most: float | None = None) -> bool:
    """Wait for the next notification, though no longer than a pause; gives whether one came."""
    session.changed.clear()
    hearing = asyncio.ensure_future(session.changed.wait())
    pausing = asyncio.ensure_future(step.pause())
    try:
        await asyncio.wait({hearing, pausing}, timeout=at_most, return_when=asyncio.FIRST_COMPLETED)
        return hearing.done()
    finally:
        hearing.cancel()
        pausing.cancel()
        await asyncio.wait({hearing, pausing})
