"""
One CometD session on the server's side: who it is, what it wants, what waits for it, and the connect that is held for it.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from runner.clock import Clock

__all__ = ["BayeuxSession", "Why"]

# Why a held connect ends: events came or nothing did, a newer connect took its place, the session is no more, its client said goodbye,
# or the connection is to be cut.
Why = Literal["events", "idle", "replaced", "gone", "disconnected", "cut"]


class BayeuxSession:
    """
    A session; ``queue`` holds encoded events, ``expires_at`` is when it is swept (None while a connect is held).

    ``connected`` says whether there was a connect since the handshake, ``advice_changed`` whether the last advice no longer holds.
    ``acknowledges``: its client confirms batches of events, and what it does not confirm is sent again.
    """

    def __init__(self, client_id: str, user_key: str, browser: str) -> None:
        self.client_id = client_id
        self.user_key = user_key
        self.browser = browser
        # a dict for its order
        self.subscriptions: dict[str, None] = {}
        self.queue: list[bytes] = []
        self.expires_at: float | None = None
        self.connected = False
        self.advice_changed = False
        self.acknowledges = False
        # the number of the last batch, and what was sent and not confirmed, with its batch's number
        self._batch = 0
        self._unconfirmed: list[tuple[int, bytes]] = []
        self._held: asyncio.Future[Why] | None = None

    @property
    def is_held(self) -> bool:
        """Whether a connect is held now."""
        return self._held is not None and not self._held.done()

    def wants(self, channel: str) -> bool:
        """Whether a subscription fits *channel*."""
        parent, _, last = channel.rpartition("/")
        if channel in self.subscriptions or (last and f"{parent}/*" in self.subscriptions):
            return True
        parts = channel.split("/")
        return any("/".join([*parts[:depth], "**"]) in self.subscriptions for depth in range(1, len(parts)))

    def push(self, event: bytes, limit: int) -> bool:
        """Queue an event and let the held connect go; False when more than *limit* wait."""
        self.queue.append(event)
        self.release("events")
        return len(self.queue) <= limit

    def take(self) -> list[bytes]:
        """What waits, which then waits no longer."""
        taken, self.queue = self.queue, []
        if self.acknowledges and taken:
            self._batch += 1
            self._unconfirmed += [(self._batch, event) for event in taken]
        return taken

    @property
    def next_batch(self) -> int:
        """The number of the batch that :meth:`take` would give; that of the last one when nothing waits."""
        return self._batch + bool(self.queue)

    def confirmed(self, batch: int | None) -> None:
        """The client got all batches up to this one; what it did not get waits again, before everything else. None: it does not say."""
        if self.acknowledges and batch is not None:
            self.queue[:0] = [event for number, event in self._unconfirmed if number > batch]
            self._unconfirmed.clear()

    def release(self, why: Why) -> None:
        """End the held connect, if there is one."""
        if self._held is not None and not self._held.done():
            self._held.set_result(why)

    async def hold(self, clock: Clock, seconds: float) -> Why:
        """Wait until somebody lets go, or *seconds* have passed."""
        held: asyncio.Future[Why] = asyncio.get_running_loop().create_future()
        self._held, self.expires_at = held, None
        timer = asyncio.create_task(_sleep(clock, seconds))
        try:
            waited: set[asyncio.Future[Any]] = {held, timer}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            return held.result() if held.done() else "idle"
        finally:
            timer.cancel()
            held.cancel()
            if self._held is held:
                self._held = None

    def described(self) -> dict[str, object]:
        """JSON-able."""
        return {
            "user": self.user_key,
            "clientId": self.client_id,
            "subscriptions": list(self.subscriptions),
            "queued": len(self.queue),
            "held": self.is_held,
            "acknowledges": self.acknowledges,
        }


async def _sleep(clock: Clock, seconds: float) -> None:
    await clock.sleep(seconds)
