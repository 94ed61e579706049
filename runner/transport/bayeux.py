"""
A Bayeux 1.0 client over long polling: how a vendor of the CometD family tells its events.

A vendor's client makes one for a session, over the session's own HTTP client, so that cookies (``BAYEUX_BROWSER``, the vendor's own) are
shared. Of CometD's extensions it offers one, ack: a server that takes it sends again what did not arrive.

Sources: Bayeux 1.0 specification; CometD 3.1 reference, "Long polling" and "Acknowledged Messages Extension"; observed with the servers
named in the conformance tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from runner.clock import Clock, written
from runner.errors import Refused, RunnerError, WireError
from runner.transport.base import HttpClient
from runner.transport.bayeux_messages import Advice, Message, refused
from runner.transport.bayeux_requests import BayeuxRequests

__all__ = ["BayeuxClient", "Gap"]

# Seconds. What a connect may take beyond the advised timeout (as CometD's own client has it).
_BEYOND = 10.0
# What a goodbye may take, and how long the held connect may still take to return after it.
_GOODBYE = 3.0
_RELEASE = 1.0
# How long a subscription waits for a session that is being renewed.
_RENEWAL = 30.0
_LONGEST_BACKOFF = 60.0
# New sessions that a server may lose before a connect went well in one of them; then it will not keep the next one either.
_RENEWALS = 10
_UNKNOWN_CLIENT = 402


class Gap(Struct, frozen=True):
    """A stretch of time in which events may be missing, and why (``402::Unknown client``)."""

    since: datetime
    until: datetime
    reason: str


async def _no_resync(gap: Gap) -> None:
    """Nothing to read again."""


def _nobody_told(what: object) -> None:
    """Nobody wants to know."""


class BayeuxClient:
    """
    One CometD session, kept alive by a task of its own until :meth:`close`.

    - ``headers()`` is asked before each request (a CSRF token, for one).
    - ``on_event(channel, data)`` is called for each event in the order of arrival, on whatever response it came.
    - ``on_gap(gap)`` is awaited after a new handshake, when all subscriptions stand again, and after an answer was lost that may have held
      events: read the state anew there. Its ``RunnerError`` is logged.
    - ``on_end(error)`` is called when the server wants no more of us, or loses each new session at once; ``ended`` keeps the error.
    - ``log`` gets a line for each trouble that the client deals with by itself.

    Never more than one request for ``/meta/connect`` and one other at a time, but for :meth:`catch_up`; never more than one handshake a
    second.
    """

    def __init__(
        self,
        http: HttpClient,
        path: str,
        *,
        clock: Clock,
        on_event: Callable[[str, object], None],
        headers: Callable[[], Mapping[str, str]] = dict,
        on_gap: Callable[[Gap], Awaitable[None]] = _no_resync,
        on_end: Callable[[RunnerError], None] = _nobody_told,
        log: Callable[[str], None] = _nobody_told,
    ) -> None:
        self.ended: RunnerError | None = None
        self._clock = clock
        self._on_gap = on_gap
        self._on_end = on_end
        self._log = log
        # what is subscribed to, in the order asked for; a dict for that
        self._wanted: dict[str, None] = {}
        self._requests = BayeuxRequests(http, path, headers=headers, on_event=on_event, subscriptions=self._wanted)
        self._loop: asyncio.Task[None] | None = None
        self._connecting: asyncio.Task[list[Message]] | None = None
        # a held connect that makes way for one of :meth:`catch_up`
        self._making_way: asyncio.Task[list[Message]] | None = None
        self._closing = False
        # why the session must be renewed; "" while it lives
        self._lost = ""
        self._renewed = asyncio.Event()
        self._shook_hands_at = float("-inf")
        # sessions since the last connect that went well
        self._unproven = 0
        # when the session was last known to live
        self._alive_at = clock.now()

    @property
    def client_id(self) -> str:
        """The session's name at the server; it opens the session, so it is a secret."""
        return self._requests.client_id

    async def start(self) -> None:
        """
        Shake hands, and begin to connect.

        Raises: ``Refused`` – the server says no; ``WireError`` – it could not be asked, or not understood.
        """
        await self._shake_hands()
        self._alive_at = self._clock.now()
        self._loop = asyncio.create_task(self._stay_connected())

    async def subscribe(self, *channels: str) -> None:
        """
        Subscribe, once started; returns when the server has confirmed all of them, after a new handshake if need be.

        Raises: ``Refused`` – one is refused (the others stand); ``WireError`` – the server could not be asked.
        """
        wanted = [channel for channel in dict.fromkeys(channels) if channel not in self._wanted]
        if not wanted:
            return
        if self.ended is not None:
            raise self.ended
        renewed = self._renewed
        replies = await self._requests.ask("/meta/subscribe", wanted)
        lost = next((reply for reply in replies if reply.code == _UNKNOWN_CLIENT), None)
        if lost is not None:
            self._wanted.update(dict.fromkeys(wanted))
            self._lose(str(lost.error))
            await self._next_session(renewed)
            return
        said_no = {channel: reply for channel, reply in zip(wanted, replies, strict=True) if not reply.successful}
        self._wanted.update(dict.fromkeys(channel for channel in wanted if channel not in said_no))
        for reply in said_no.values():
            raise refused(reply)

    async def unsubscribe(self, *channels: str) -> None:
        """
        Subscribe no longer; what the server says to that does not matter.

        Raises: ``WireError`` – the server could not be asked.
        """
        known = [channel for channel in channels if channel in self._wanted]
        for channel in known:
            del self._wanted[channel]
        if known:
            await self._requests.ask("/meta/unsubscribe", known)

    async def catch_up(self) -> None:
        """
        Come back when everything has been handed out that the server pushed before now.

        A held connect is silent when nothing happens and when nobody is there. One that is not to be held tells them apart: the server
        answers it at once with all that waits, and lets the held one go (gws.md §5.2: status 500, or 408 before CometD 3), whose own answer
        is waited for as well, as it may hold events that were on their way.

        Raises: ``Refused`` – the server says no; ``WireError`` – it could not be asked, or an answer was lost that may have held events.
        """
        if self.ended is not None:
            raise self.ended
        if self._lost:
            raise WireError(f"the notifications are being opened anew: {self._lost}")
        self._making_way = held = self._connecting
        replies = await self._requests.second([self._requests.connect_message(short=True)])
        reply = next((reply for reply in replies if reply.channel == "/meta/connect"), None)
        if reply is None:
            raise WireError("a connect was not answered")
        self._judge(reply)
        if not reply.successful:
            raise refused(reply)
        if held is not None:
            await asyncio.wait({held})
        if self._requests.missed:
            raise WireError(f"an answer was lost that may have held notifications: {self._requests.missed}")

    async def close(self) -> None:
        """Say goodbye and stop, in bounded time; more than once does no harm."""
        if self._loop is None or self._closing:
            return
        self._closing = True
        try:
            if self.ended is None and not self._lost:
                with suppress(WireError, Refused):
                    await self._requests.post([self._requests.message("/meta/disconnect")], timeout=_GOODBYE)
                if self._connecting is not None and not self._connecting.done():
                    await asyncio.wait({self._loop}, timeout=_RELEASE)
        finally:
            self._loop.cancel()
            await asyncio.wait({self._loop})
        if not self._loop.cancelled():
            self._loop.result()

    # ── the loop ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _stay_connected(self) -> None:
        """Connect, and connect again; renew the session when the server has lost it. Ends when closed, or when the server says so."""
        failures = renewals = 0
        is_new = True
        gap: Gap | None = None
        while not self._closing and self.ended is None:
            await self._pause(max(self._requests.advice.interval, _backoff(failures)))
            if self._lost and self._unproven >= _RENEWALS:
                self._end(Refused("unavailable", http=200, text=f"{_RENEWALS} new sessions were lost one after another: {self._lost}"))
            elif self._lost:
                gap = await self._renew(renewals)
                renewals += 1
                is_new = True
                failures = 0
                continue
            if not await self._connect(is_new=is_new):
                failures += 0 if self._lost else 1
                continue
            failures = renewals = self._unproven = 0
            is_new = False
            if self._requests.missed and gap is None:
                gap = Gap(self._alive_at, self._clock.now(), self._requests.missed)
            self._requests.missed = ""
            self._alive_at = self._clock.now()
            if gap is not None:
                await self._resync(gap)
                gap = None

    async def _connect(self, *, is_new: bool) -> bool:
        """One connect; gives whether it went well."""
        message = self._requests.connect_message(short=is_new)
        missed = self._requests.missed
        timeout = _BEYOND + (0.0 if is_new else self._requests.advice.timeout)
        try:
            replies = await self._interruptible(self._requests.post([message], timeout=timeout, observed=False))
        except (WireError, Refused) as exc:
            if isinstance(exc, Refused) and self._making_way is self._connecting:
                self._requests.missed = missed
                return True
            self._log(f"notifications: {exc.message}")
            return False
        if self._closing:
            return True
        reply = next((reply for reply in replies if reply.channel == "/meta/connect"), None)
        if reply is None:
            return any(reply.is_event for reply in replies)
        self._judge(reply)
        return bool(reply.successful) and not self._lost

    def _judge(self, reply: Message) -> None:
        """What a reply says about the session."""
        if reply.code == _UNKNOWN_CLIENT or self._requests.advice.reconnect == "handshake":
            self._lose(str(reply.error or "the server asks for a new handshake"))
        elif self._requests.advice.reconnect == "none":
            self._end(refused(reply))
        elif not reply.successful:
            self._log(f"notifications: the server refused a connect: {reply.error}")
        elif isinstance(reply.advice, dict) and reply.advice.get("multiple-clients"):
            self._log("notifications: the server sees several sessions with the same cookies and lets only one of them wait")

    async def _interruptible(self, asking: Coroutine[object, object, list[Message]]) -> list[Message]:
        """Run the held request so that it can be given up when the session turns out to be lost."""
        self._connecting = connecting = asyncio.create_task(asking)
        try:
            await asyncio.wait({connecting})
        finally:
            if not connecting.done():
                connecting.cancel()
                await asyncio.wait({connecting})
            if not connecting.cancelled():
                connecting.exception()  # looked at: nobody else does when this is being cancelled itself
        return [] if connecting.cancelled() else connecting.result()

    async def _renew(self, renewals: int) -> Gap | None:
        """Shake hands again, no sooner than allowed, and subscribe to everything; gives the gap, or None when it did not work."""
        since_last = self._clock.monotonic() - self._shook_hands_at
        await self._pause(max(_backoff(renewals), 1.0 - since_last))
        reason = self._lost
        try:
            await self._shake_hands()
            await self._subscribe_again()
        except (WireError, Refused) as exc:
            self._log(f"notifications: no new session yet: {exc.message}")
            return None
        if self._lost:
            return None
        gap = Gap(self._alive_at, self._clock.now(), reason)
        self._log(f"notifications: new session after {reason!r}; events may be missing {gap.since:%H:%M:%S}–{gap.until:%H:%M:%S}")
        self._renewed.set()
        self._renewed = asyncio.Event()
        return gap

    async def _subscribe_again(self) -> None:
        wanted = list(self._wanted)
        for channel, reply in zip(wanted, await self._requests.ask("/meta/subscribe", wanted), strict=True):
            if reply.code == _UNKNOWN_CLIENT:
                self._lose(str(reply.error))
            elif not reply.successful:
                del self._wanted[channel]
                self._log(f"notifications: {channel} is no longer allowed: {reply.error}")

    async def _resync(self, gap: Gap) -> None:
        try:
            await self._on_gap(gap)
        except RunnerError as exc:
            self._log(f"notifications: the state could not be read again: {exc.message}")

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            await self._clock.sleep(seconds)

    def _lose(self, reason: str) -> None:
        """The session is gone: the held connect is given up, and the loop renews it."""
        self._lost = self._lost or reason
        if self._connecting is not None:
            self._connecting.cancel()

    def _end(self, error: RunnerError) -> None:
        self.ended = error
        self._renewed.set()
        self._on_end(error)

    async def _next_session(self, renewed: asyncio.Event) -> None:
        """Wait until the loop has renewed the session."""
        try:
            async with asyncio.timeout(_RENEWAL):
                await renewed.wait()
        except TimeoutError as exc:
            raise WireError(f"the notifications found no new session within {written(_RENEWAL)}", code="E717") from exc
        if self.ended is not None:
            raise self.ended

    # ── handshakes ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _shake_hands(self) -> None:
        self._shook_hands_at = self._clock.monotonic()
        message = self._requests.message(
            "/meta/handshake", version="1.0", minimumVersion="1.0", supportedConnectionTypes=["long-polling"], ext={"ack": True}
        )
        message.pop("clientId")
        replies = await self._requests.second([message])
        reply = next((reply for reply in replies if reply.channel == "/meta/handshake"), None)
        if reply is None:
            raise WireError("the handshake was not answered", code="E704")
        if not reply.successful or not reply.client_id:
            error = refused(reply)
            if self._loop is not None and self._requests.advice.reconnect == "none":
                self._end(error)
            raise error
        self._requests.begin(reply)
        self._unproven += 1
        self._lost = ""
        if self._requests.advice.reconnect == "handshake":
            self._requests.advice = Advice(timeout=self._requests.advice.timeout)


def _backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row: none, 1, 2, 3 … 60."""
    return min(float(failures), _LONGEST_BACKOFF)
