"""
A Bayeux 1.0 server over long polling, as CometD 3.1 behaves: what a simulator mounts to push events.

It knows no paths and no sign-in: the simulator authenticates a request, then hands it to :meth:`BayeuxServer.handle` with the key of the
user. Sources: Bayeux 1.0 specification; CometD 3.1 server behaviour and defaults; what stays assumption is a field of the settings.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import msgspec
from aiohttp import web

from runner.clock import Clock
from runner.simulation.bayeux_messages import BadMessages, BayeuxSettings, Incoming, Reply, is_pattern, read, refusal, reply_to
from runner.simulation.bayeux_session import BayeuxSession

__all__ = ["BayeuxServer", "BayeuxSettings"]

_UNKNOWN_CLIENT = "402::Unknown client"
_AGAIN = {"reconnect": "handshake", "interval": 0}
_DENIED = "denied_by_security_policy"
_DEFAULTS = BayeuxSettings()


def _nobody_refused(user_key: str) -> bool:
    """Everybody who is signed in may shake hands."""
    return False


def _nothing_refused(user_key: str, channel: str) -> str:
    """Everybody may subscribe to everything."""
    return ""


class BayeuxServer:
    """
    Sessions, subscriptions and held connects of one CometD endpoint.

    ``refuse_handshake(user_key)`` says whether a handshake is denied; ``refuse_subscribe(user_key, channel)`` gives the reason for which a
    subscription is, or "". Sessions whose client stays away are swept when somebody next looks, by *clock*.
    """

    def __init__(
        self,
        clock: Clock,
        random: random.Random,
        settings: BayeuxSettings = _DEFAULTS,
        *,
        refuse_handshake: Callable[[str], bool] = _nobody_refused,
        refuse_subscribe: Callable[[str, str], str] = _nothing_refused,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._random = random
        self._refuse_handshake = refuse_handshake
        self._refuse_subscribe = refuse_subscribe
        self._sessions: dict[str, BayeuxSession] = {}
        self._forced = 0
        self._closing = False
        self._answers: dict[str, Callable[[Incoming, BayeuxSession], Reply]] = {
            "/meta/subscribe": self._subscribe,
            "/meta/unsubscribe": self._unsubscribe,
            "/meta/disconnect": self._disconnect,
        }

    async def handle(self, request: web.Request, *, user_key: str) -> web.Response:
        """
        Answer one request of the user *user_key*, who must already be authenticated.

        Whatever follows the endpoint's path (``/handshake``, ``/connect``, nothing) is the caller's to ignore: the channel decides.
        """
        if request.method != "POST":
            return web.Response(status=400, text="long polling takes POST")
        try:
            messages = read(await request.read())
        except BadMessages as exc:
            return web.Response(status=400, text=str(exc))
        if not messages:
            return web.Response(status=self.settings.empty_array_status, text="no messages")
        browser = request.cookies.get(self.settings.browser_cookie, "")
        if any(message.channel == "/meta/handshake" for message in messages):
            return self._shake_hands(messages, user_key, browser)
        if len(messages) == 1 and messages[0].channel == "/meta/connect":
            return await self._connect_alone(request, messages[0], user_key, browser)
        return self._answer_all(messages, user_key, browser)

    def publish(self, user_key: str | None, channel: str, data: object) -> int:
        """
        Push *data* to the live sessions of *user_key* (None: everybody's) that are subscribed to *channel*; gives how many there are.

        A session gets it once, however many of its subscriptions fit. Who has no live session misses it.
        """
        event = msgspec.json.encode({"channel": channel, "data": data})
        reached = 0
        for session in self._live():
            if user_key in {None, session.user_key} and session.wants(channel):
                reached += 1
                if not session.push(event, self.settings.max_queue):
                    self._forget(session)
        return reached

    def drop_sessions(self, user_key: str | None = None) -> int:
        """Forget the sessions of *user_key* (None: all): what they hold is answered with 402, what comes later as well."""
        dropped = [session for session in self._live() if user_key in {None, session.user_key}]
        for session in dropped:
            self._forget(session)
        return len(dropped)

    def force_402(self, count: int = 1) -> None:
        """Let the next *count* messages of any session meet 402; what is held is answered at once, so that its client comes again."""
        self._forced += count
        for session in self._sessions.values():
            session.release("idle")

    def cut_held(self) -> int:
        """Cut the connections of all held connects without an answer; their sessions live on. Gives how many."""
        held = [session for session in self._sessions.values() if session.is_held]
        for session in held:
            session.release("cut")
        return len(held)

    def close(self) -> None:
        """Answer everything that is held, and hold nothing any more; for the application's ``on_shutdown``."""
        self._closing = True
        for session in self._sessions.values():
            session.release("idle")

    def described(self) -> list[dict[str, object]]:
        """The live sessions, JSON-able, for ``/_control/world``."""
        return [session.described() for session in self._live()]

    # ── sessions ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _live(self) -> list[BayeuxSession]:
        """All sessions, after those whose client stayed away too long are swept."""
        now = self._clock.monotonic()
        for session in [s for s in self._sessions.values() if s.expires_at is not None and s.expires_at < now]:
            self._forget(session)
        return list(self._sessions.values())

    def _forget(self, session: BayeuxSession) -> None:
        self._sessions.pop(session.client_id, None)
        session.release("gone")

    def _session(self, message: Incoming, user_key: str, browser: str) -> BayeuxSession | None:
        """The session that *message* names, if the same user and browser opened it and it still lives."""
        self._live()
        found = self._sessions.get(message.client_id)
        if found is None or found.user_key != user_key:
            return None
        if self._forced:
            self._forced -= 1
            self._forget(found)
            return None
        return found if self.settings.trust_client_session or found.browser == browser else None

    def _shake_hands(self, messages: list[Incoming], user_key: str, browser: str) -> web.Response:
        if len(messages) > 1:
            return web.Response(status=500, text="a handshake must be alone in its request")
        message = messages[0]
        if self._refuse_handshake(user_key) or self._closing:
            denied = refusal(message, "403::Handshake denied", advice={"reconnect": "none"})
            return _answer([], [denied])
        given = browser or f"{self._random.getrandbits(128):032x}"
        session = BayeuxSession(f"{self._random.getrandbits(160):040x}", user_key, given)
        session.expires_at = self._deadline()
        session.acknowledges = self.settings.acknowledge and message.offers_acknowledgement
        self._sessions[session.client_id] = session
        reply = reply_to(
            message,
            clientId=session.client_id,
            version="1.0",
            minimumVersion="1.0",
            supportedConnectionTypes=["long-polling"],
            advice=self._advice(),
            ext={"ack": True} if session.acknowledges else None,
        )
        response = _answer([], [reply])
        if not browser:
            response.set_cookie(self.settings.browser_cookie, given, path="/", httponly=True)
        return response

    def _advice(self) -> dict[str, object]:
        return {"reconnect": "retry", "interval": self.settings.interval, "timeout": self.settings.timeout}

    def _deadline(self) -> float:
        return self._clock.monotonic() + (self.settings.interval + self.settings.max_interval) / 1000

    # ── connect ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _connect_alone(self, request: web.Request, message: Incoming, user_key: str, browser: str) -> web.Response:
        """The one message that may be held."""
        session = self._session(message, user_key, browser)
        if session is None:
            return _answer([], [refusal(message, _UNKNOWN_CLIENT, advice=_AGAIN)])
        session.release("replaced")
        session.confirmed(message.acknowledged)
        hold_seconds = self._hold_seconds(session, message)
        advice = self._due_advice(session, message)
        if hold_seconds > 0 and not session.queue:
            if self._too_many(session):
                return self._one_too_many(session, message)
            match await session.hold(self._clock, hold_seconds):
                case "replaced":
                    return web.Response(status=self.settings.duplicate_connect_status)
                case "cut":
                    return _cut(request)
                case "gone":
                    return _answer([], [refusal(message, _UNKNOWN_CLIENT, advice=_AGAIN)])
                case "disconnected":
                    return _answer([], [reply_to(message, advice={"reconnect": "none"})])
        session.expires_at = self._deadline()
        reply = reply_to(message, advice=advice or None, ext=_batch(session))
        # A client that went away meanwhile would lose its events: they wait for its next connect.
        gone = request.transport is None or request.transport.is_closing()
        return _answer([] if gone else session.take(), [reply])

    def _hold_seconds(self, session: BayeuxSession, message: Incoming) -> float:
        first, session.connected = not session.connected, True
        if self._closing or (first and not self.settings.hold_first_connect):
            return 0.0
        asked = message.advised_timeout
        return (self.settings.timeout if asked is None else min(asked, self.settings.timeout)) / 1000

    def _due_advice(self, session: BayeuxSession, message: Incoming) -> dict[str, object]:
        """The advice, when the client asked by giving one, or when the last one it got no longer holds."""
        due = message.has_advice or session.advice_changed
        session.advice_changed = False
        return self._advice() if due else {}

    def _too_many(self, session: BayeuxSession) -> bool:
        """Whether the session's browser already holds as many connects as it may."""
        limit = self.settings.max_sessions_per_browser
        held = sum(1 for other in self._sessions.values() if other.is_held and other.browser == session.browser)
        return limit >= 0 and held >= limit

    def _one_too_many(self, session: BayeuxSession, message: Incoming) -> web.Response:
        session.advice_changed = True
        session.expires_at = self._deadline()
        interval = self.settings.multi_session_interval
        if interval > 0:
            # The session may stay away for as long as it was just told to.
            session.expires_at += interval / 1000
            advice: dict[str, object] = {"multiple-clients": True, "reconnect": "retry", "interval": interval}
            return _answer([], [reply_to(message, advice=advice)])
        return _answer([], [reply_to(message, successful=False, advice={"multiple-clients": True, "reconnect": "none"})])

    # ── everything else ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _answer_all(self, messages: list[Incoming], user_key: str, browser: str) -> web.Response:
        """Answer without holding; queued events of the sessions that are named come first."""
        replies: list[Reply] = []
        named: dict[str, BayeuxSession] = {}
        for message in messages:
            session = self._session(message, user_key, browser)
            # Who confirms gets events with a connect only: no other reply can be confirmed.
            if session is not None and (not session.acknowledges or message.channel == "/meta/connect"):
                named[session.client_id] = session
            replies.append(self._reply(message, session))
        events = [event for session in named.values() for event in session.take()]
        return _answer(events, replies)

    def _reply(self, message: Incoming, session: BayeuxSession | None) -> Reply:
        if not message.channel:
            return refusal(message, "400::channel missing")
        if session is None:
            return refusal(message, _UNKNOWN_CLIENT, advice=_AGAIN if message.channel == "/meta/connect" else None)
        if message.channel == "/meta/connect":
            session.connected = True
            session.release("replaced")
            session.confirmed(message.acknowledged)
            session.expires_at = self._deadline()
            advice = self._due_advice(session, message)
            return reply_to(message, advice=advice or None, ext=_batch(session))
        known = self._answers.get(message.channel)
        if known is not None:
            return known(message, session)
        if message.channel.startswith("/meta/") or not is_pattern(message.channel):
            return refusal(message, f"403:{_DENIED}:create denied")
        return refusal(message, f"403:{_DENIED}:publish denied")

    def _subscribe(self, message: Incoming, session: BayeuxSession) -> Reply:
        channels = message.subscriptions
        error = self._why_not(channels, session.user_key)
        if error:
            return refusal(message, error, subscription=message.subscription)
        session.subscriptions.update(dict.fromkeys(channels or ()))
        return reply_to(message, subscription=message.subscription)

    def _why_not(self, channels: list[str] | None, user_key: str) -> str:
        if not channels:
            return "403::subscription_invalid" if channels is None else "403::subscription_missing"
        for channel in channels:
            if not is_pattern(channel):
                return "403::subscription_invalid"
            reason = _DENIED if channel.startswith("/meta/") else self._refuse_subscribe(user_key, channel)
            if reason:
                return f"403:{reason}:subscribe_denied"
        return ""

    def _unsubscribe(self, message: Incoming, session: BayeuxSession) -> Reply:
        channels = message.subscriptions
        if not channels:
            return refusal(message, "403::subscription_missing")
        if not all(self._somebody_has(channel) for channel in channels):
            return refusal(message, "400::channel_missing", subscription=message.subscription)
        for channel in channels:
            session.subscriptions.pop(channel, None)
        return reply_to(message, subscription=message.subscription)

    def _somebody_has(self, channel: str) -> bool:
        return any(channel in session.subscriptions for session in self._sessions.values())

    def _disconnect(self, message: Incoming, session: BayeuxSession) -> Reply:
        self._sessions.pop(session.client_id, None)
        session.queue.clear()
        session.release("disconnected")
        return reply_to(message)


def _answer(events: Iterable[bytes], replies: Iterable[Reply]) -> web.Response:
    """An array: events first, then the replies in the order of their requests."""
    body = b",".join([*events, *(msgspec.json.encode(reply) for reply in replies)])
    return web.Response(body=b"[" + body + b"]", content_type="application/json")


def _batch(session: BayeuxSession) -> dict[str, int] | None:
    """The extension that numbers what a connect brings, for a client that confirms it."""
    return {"ack": session.next_batch} if session.acknowledges else None


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
