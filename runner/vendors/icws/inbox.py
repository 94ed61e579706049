"""
The message queue of a session: one background reader, by server-sent events where the server can, else by polling.

Messages go to ``take`` in the order they came; whoever waits for what they bring asks :meth:`Inbox.until`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from runner.clock import Clock
from runner.errors import Refused, RunnerError, WireError
from runner.transport.base import ResponseStream
from runner.transport.sse import EventStream
from runner.vendors.icws.client import IcwsClient
from runner.vendors.icws.records import IcwsOptions

__all__ = ["Inbox", "Message"]

T = TypeVar("T")
Message = dict[str, Any]

_MOST_BREAKS = 5
_FIRST_GAP, _LONGEST_GAP = 0.2, 5.0
_STREAMING = ("messaging", 2)


class Inbox:
    """
    Reads from :meth:`start` to :meth:`stop`. ``take`` is called with each message, ``follow`` afterwards for what must be asked because of
    it, ``log`` with what the record should know. ``missing`` says why a message may have been lost; "" when none can be.
    """

    def __init__(
        self,
        client: IcwsClient,
        options: IcwsOptions,
        clock: Clock,
        take: Callable[[Message], None],
        follow: Callable[[], Awaitable[None]],
        log: Callable[[str], None],
    ) -> None:
        self._client = client
        self._options = options
        self._clock = clock
        self._take = take
        self._follow = follow
        self._log = log
        self._news = asyncio.Event()
        self._hurry = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._broken: RunnerError | None = None
        self.missing = ""

    def start(self) -> None:
        """Read from now on; harmless when it does already."""
        if self._reader is None or self._reader.done():
            self._broken = None
            self._reader = asyncio.create_task(self._read(), name="icws messages")

    async def stop(self) -> None:
        """Read no more."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader

    async def until(self, look: Callable[[], T | None], seconds: float) -> T | None:
        """
        What *look* finds, asked again after each message; None when *seconds* pass first.

        Raises: what ended the reading, if it has ended.
        """
        try:
            async with asyncio.timeout(seconds):
                while (found := look()) is None:
                    await self.news()
        except TimeoutError:
            return None
        return found

    async def news(self) -> None:
        """Come back when a message has come; a queue that is polled is looked at once now, however long the gap is."""
        if self._broken is not None:
            raise self._broken
        self._hurry.set()
        await self._news.wait()
        if self._broken is not None:
            raise self._broken

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self) -> None:
        try:
            if self._options.messages == "poll" or not self._client.connection.can(*_STREAMING) or not await self._stream():
                await self._poll()
        except RunnerError as exc:
            self._broken = exc
            self._tell()

    def _arrived(self, message: Message) -> None:
        """A message whose members are not of their types is passed over; that it differs from the contract is told elsewhere."""
        try:
            self._take(message)
        except (TypeError, ValueError, AttributeError, LookupError) as exc:
            self._log(f"a message of the server cannot be read and is passed over ({type(exc).__name__})")
        self._tell()

    def _tell(self) -> None:
        """Wake whoever waits; the next wait is for the next message."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _poll(self) -> None:
        gap = self._options.poll_seconds
        breaks = 0
        while True:
            self._hurry.clear()
            try:
                for message in await self._client.messages():
                    self._arrived(message)
                await self._follow()
                breaks = 0
            except WireError as exc:
                if exc.maybe_sent:
                    # reading takes messages off the queue, and these did not arrive
                    self.missing = f"a poll broke ({exc.message})"
                breaks += 1
                if breaks > _MOST_BREAKS:
                    raise
            await self._wait(gap)

    async def _wait(self, seconds: float) -> None:
        """A poll's gap, shorter when somebody has begun to wait."""
        pause = asyncio.ensure_future(self._clock.sleep(seconds))
        hurry = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait({pause, hurry}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            hurry.cancel()

    async def _stream(self) -> bool:
        """Read the stream, again when it breaks; gives False when the server does not stream after all."""
        breaks = 0
        while True:
            try:
                used = self._client.connection
                async with self._client.message_stream() as stream:
                    if stream.http == 401 and await self._client.renew(used):
                        continue
                    if not await self._is_stream(stream):
                        return False
                    async for event in EventStream(stream):
                        breaks = 0
                        if (message := _message(event.data)) is not None:
                            self._arrived(message)
                            await self._follow()
                self._log("the message stream ended; opening it again")
            except WireError as exc:
                if breaks >= _MOST_BREAKS:
                    raise
                self.missing = f"the message stream broke ({exc.message})"
                self._log(f"{self.missing}; opening it again, messages of this moment may be missing")
            await self._clock.sleep(min(_LONGEST_GAP, _FIRST_GAP * 2**breaks))
            breaks += 1

    async def _is_stream(self, stream: ResponseStream) -> bool:
        if stream.http == 401:
            raise Refused("unauthenticated", http=401, text="the session has ended")
        if stream.http >= 400:
            raise WireError(f"the message stream was answered with HTTP {stream.http}")
        kind = next((v for k, v in stream.headers.items() if k.lower() == "content-type"), "")
        return kind.partition(";")[0].strip().lower() == "text/event-stream"


def _message(data: str) -> Message | None:
    """The message of one event; None when it is none that can be read."""
    try:
        found = msgspec.json.decode(data)
    except msgspec.DecodeError:
        return None
    return found if isinstance(found, dict) else None
