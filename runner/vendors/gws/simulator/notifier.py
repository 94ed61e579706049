"""
Telling agents what happened: each notification a little after the answer that caused it, in order for each agent, and only to the
sessions that the agent had when it happened.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from runner.clock import Clock
from runner.simulation.faults import Faults
from runner.vendors.gws.simulator.settings import GwsSettings

__all__ = ["Background", "Notifier"]

# HTTP session, Bayeux channel, data
Publish = Callable[[str, str, object], object]
# user → HTTP sessions
Sessions = Callable[[str], Sequence[str]]


class Background:
    """Tasks that somebody owns: all of them end when the simulator does."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run *work* beside everything else."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End all of them."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Notifier:
    """The way from something that happened to the agent's CometD sessions."""

    def __init__(
        self,
        settings: GwsSettings,
        clock: Clock,
        chance: random.Random,
        background: Background,
        faults: Faults,
        *,
        sessions: Sessions,
        publish: Publish,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._chance = chance
        self._background = background
        self._faults = faults
        self._sessions = sessions
        self._publish = publish
        # user → the notification that goes out before the next one
        self._last: dict[str, asyncio.Task[None]] = {}

    def tell(self, user: str, topic: str, data: object) -> None:
        """Push *data* to a user's sessions: later, or at once when the event is to come before the answer."""
        sessions = self._sessions(user)
        if self._settings.event_first:
            self._push(sessions, topic, data)
        else:
            after = self._last.get(user)
            self._last[user] = self._background.begin(self._later(after, sessions, topic, data, self._delay()))

    async def before_answer(self) -> None:
        """Wait until a notification that comes first can have arrived."""
        if self._settings.event_first:
            await self._clock.sleep(self._delay())

    async def _later(self, after: asyncio.Task[None] | None, sessions: Sequence[str], topic: str, data: object, delay: float) -> None:
        await self._clock.sleep(delay)
        if after is not None:
            await asyncio.wait({after})
        self._push(sessions, topic, data)

    def _push(self, sessions: Sequence[str], topic: str, data: object) -> None:
        """Publish now, unless a fault makes it late, lost or double."""
        for seconds, each in self._faults.notification(data, topic):
            if seconds:
                self._background.begin(self._pushed_after(seconds, sessions, topic, each))
            else:
                self._publish_all(sessions, topic, each)

    async def _pushed_after(self, seconds: float, sessions: Sequence[str], topic: str, data: object) -> None:
        await self._clock.sleep(seconds)
        self._publish_all(sessions, topic, data)

    def _publish_all(self, sessions: Sequence[str], topic: str, data: object) -> None:
        for session in sessions:
            self._publish(session, topic, data)

    def _delay(self) -> float:
        shortest, longest = (d.total_seconds() for d in self._settings.delay)
        return self._chance.uniform(shortest, longest)
