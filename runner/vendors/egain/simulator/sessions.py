"""
Sessions: five for a user, ended by logout, by time, or by a forced login; an ended id never works again.
"""

from __future__ import annotations

from msgspec import Struct, field

from runner.simulation.world import World
from runner.vendors.egain.simulator.errors import WsError, unauthenticated
from runner.vendors.egain.simulator.organisation import User
from runner.vendors.egain.simulator.settings import EgainSettings

__all__ = ["LiveSession", "Sessions"]


class LiveSession(Struct):
    """
    An open session; ``used`` is the second of its last call, ``calls`` those of the last minute.

    ``csrf`` is what changes must bring along when the session travels as a cookie; "" where it may not.
    """

    id: str
    user: User
    used: float
    calls: list[float] = field(default_factory=list)
    csrf: str = ""


class Sessions:
    """Every open session, the earliest first."""

    def __init__(self, world: World, settings: EgainSettings) -> None:
        self._world = world
        self._settings = settings
        self._open: dict[str, LiveSession] = {}

    def open(self, user: User, *, force: bool) -> LiveSession:
        """
        Open one more.

        Raises: ``WsError`` 403 – the user has all they may have and the login does not force the earliest one to end, or all concurrent
        licences are taken by others.
        """
        self._end_old()
        settings = self._settings
        theirs = [s for s in self._open.values() if s.user.id == user.id]
        full = len(theirs) >= settings.sessions_per_user
        if full or (force and theirs and settings.force_ends == "always"):
            if not force:
                raise WsError(
                    settings.sixth_login_status, "105", f"User {user.name} has {len(theirs)} sessions already; use forceLogin=yes."
                )
            del self._open[theirs[0].id]
        holders = {s.user.id for s in self._open.values()} | {user.id}
        if settings.licences and len(holders) > settings.licences:
            raise WsError(settings.licences_taken_status, "105", f"All {settings.licences} licences are taken.")
        session = LiveSession(self._world.guid(), user, self._world.clock.monotonic())
        session.csrf = self._world.guid() if settings.console_cookie else ""
        self._open[session.id] = session
        return session

    def find(self, id: str) -> LiveSession:
        """
        The session of an id; finding it keeps it alive.

        Raises: ``WsError`` 401-101; 429 – more calls than the setting allows.
        """
        session = self._open.get(id)
        now = self._world.clock.monotonic()
        if session is None or self._is_old(session, now):
            self._open.pop(id, None)
            raise unauthenticated()
        if self._settings.sliding_sessions:
            session.used = now
        self._count(session, now)
        return session

    def end(self, session: LiveSession) -> None:
        """Log out."""
        self._open.pop(session.id, None)

    def end_all(self) -> int:
        """End every session as if its time had run out."""
        ended = len(self._open)
        self._open.clear()
        return ended

    def told(self) -> list[dict[str, str]]:
        """Who is logged in, for the control API."""
        return [{"user": s.user.name} for s in self._open.values()]

    def _is_old(self, session: LiveSession, now: float) -> bool:
        return now - session.used > self._settings.session_minutes * 60

    def _end_old(self) -> None:
        now = self._world.clock.monotonic()
        for session in [s for s in self._open.values() if self._is_old(s, now)]:
            del self._open[session.id]

    def _count(self, session: LiveSession, now: float) -> None:
        limit = self._settings.requests_per_minute
        if not limit:
            return
        session.calls = [at for at in session.calls if now - at < 60]
        if len(session.calls) >= limit:
            wait = 60 - (now - session.calls[0])
            headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{wait:.0f}"}
            raise WsError(429, "001", f"more than {limit} requests in a minute", headers=headers)
        session.calls.append(now)
