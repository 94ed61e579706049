"""
Sessions: who is connected, the four ways not to be (icws.md §1.2), and the messages that wait for each.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections import deque
from collections.abc import Iterator

from msgspec import Struct, field

from runner.simulation.faults import Faults
from runner.simulation.world import Person, World
from runner.vendors.icws.simulator.errors import IcwsError, session_ended, unauthenticated
from runner.vendors.icws.simulator.settings import IcwsSettings

__all__ = ["MessageQueue", "QueueSubscription", "Session", "Sessions", "Station"]

_COOKIE = re.compile(r"(?:^|[;,\s])icws_(\d+)=\"?([^;,\"|]*)")
_MOST_MESSAGES = 20_000


class MessageQueue:
    """What waits for one session, oldest first; each message goes to whoever reads it first."""

    def __init__(self, faults: Faults) -> None:
        self._waiting: deque[dict[str, object]] = deque(maxlen=_MOST_MESSAGES)
        self._news = asyncio.Event()
        self._faults = faults

    def put(self, message: dict[str, object]) -> None:
        """Add a message, unless a fault loses, delays or doubles it; faults name it by the end of its type (``emailContentsMessage``)."""
        for delay, told in self._faults.notification(message, str(message["__type"]).rpartition(":")[2]):
            if delay:
                asyncio.get_running_loop().call_later(delay, self._add, told)
            else:
                self._add(told)

    def _add(self, message: dict[str, object]) -> None:
        self._waiting.append(message)
        self._news.set()

    def drain(self) -> list[dict[str, object]]:
        """Everything that waits; it waits no more."""
        found = list(self._waiting)
        self._waiting.clear()
        self._news.clear()
        return found

    def give_back(self, messages: list[dict[str, object]]) -> None:
        """What was drained and could not be told waits again, before everything else."""
        self._waiting.extendleft(reversed(messages))
        self._news.set()

    def wake(self) -> None:
        """Let whoever waits look again."""
        self._news.set()

    async def news(self, seconds: float) -> None:
        """Come back when there is something to read, at the latest after *seconds*: an event stream's keep-alive, in real time."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return


class QueueSubscription(Struct):
    """A client's own name for the queues it watches, the attributes it wants, and the interactions it has been told of."""

    id: str
    queues: tuple[tuple[int, str], ...]
    attributes: tuple[str, ...]
    # nothing is told for as long as the server has suspended it
    suspended: bool = False
    known: set[str] = field(default_factory=set)


class Station(Struct, frozen=True):
    """Where somebody sits. ``media`` are the supported media types; 3 is e-mail."""

    kind: str
    name: str = ""
    media: tuple[int, ...] = ()
    ready: bool = False
    mode: int = 0
    remote_number: str = ""


class Session(Struct):
    """One connection of one person."""

    id: str
    token: str
    cookie: str
    person: Person
    application: str
    language: str
    messages: MessageQueue
    seen: float
    # scheme and host as the client wrote them at login
    origin: str = ""
    station: Station | None = None
    streams: int = 0
    open: bool = True
    licences: set[str] = field(default_factory=set)
    # the ones it wants to be told of, as it wrote them
    watched_licences: tuple[str, ...] = ()
    queues: dict[str, QueueSubscription] = field(default_factory=dict)
    interactions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    emails: set[str] = field(default_factory=set)
    # None: not subscribed
    alerting: tuple[str, ...] | None = None
    libraries: bool = False
    statuses: frozenset[str] = frozenset()
    watches_station: bool = False
    # asked for at login: told whenever the station changes
    effective_station: bool = False
    # the server ended it, and its last message still waits to be read
    farewell: bool = False
    denied: bool = False
    requests: int = 0

    @property
    def user(self) -> str:
        """The user id, in lower case."""
        return self.person.user.lower()

    def request_id(self) -> str:
        """The next number of an asynchronous operation."""
        self.requests += 1
        return str(self.requests)


class Sessions:
    """All sessions, by id; ended ones are kept for the grace period in which ``GET connection`` still answers."""

    def __init__(self, world: World, settings: IcwsSettings, faults: Faults) -> None:
        self._world = world
        self._settings = settings
        self._faults = faults
        self._open: dict[str, Session] = {}
        self._ended: dict[str, tuple[Session, float]] = {}
        self.unique_tokens: dict[str, tuple[Session, str, float]] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter([s for s in self._open.values() if not s.farewell])

    def __len__(self) -> int:
        return len(self._open)

    def start(self, person: Person, application: str, language: str) -> Session:
        """A new session."""
        world = self._world
        id = str(world.random.randrange(10_000_000, 99_999_999))
        while id in self._open or id in self._ended:
            id = str(world.random.randrange(10_000_000, 99_999_999))
        secret = f"{len(person.user):02d}{person.user}{len(application):02d}{application}36{world.guid()}09127.0.0.1"
        token = base64.b64encode(secret.encode()).decode()
        messages = MessageQueue(self._faults)
        session = Session(id, token, world.guid(), person, application, language, messages, world.clock.monotonic())
        self._open[id] = session
        return session

    def of(self, user: str) -> list[Session]:
        """The open sessions of a user that have not run out."""
        return [s for s in self if s.user == user and not self._idle(s)]

    def prove_cookie(self, session: Session, header: str) -> None:
        """Raises: 401 with code 4 – the cookie is missing, or is another session's."""
        if session.cookie not in [value for name, value in _COOKIE.findall(header) if name == session.id]:
            raise unauthenticated(4, "The session cookie was missing or did not match the session.")

    def prove_token(self, session: Session, token: str) -> None:
        """Raises: 401 with code 2 – the token is missing or wrong."""
        if token != session.token:
            raise unauthenticated(2, "An authentication token was expected in the request, but not found.")

    def admit(self, session: Session) -> None:
        """Raises: 401 with code 7 – access was denied for the session."""
        if session.denied:
            raise IcwsError(self._settings.denied_status, "Access was denied for the session.", errorCode=7)

    def find(self, id: str, *, reads: bool = False) -> Session:
        """
        The session that *id* names. *reads*: it is its messages that are asked for, which a session that the server has ended answers once
        more.

        Raises: 401 with code 1 (unusable id), -2147221499 (no such session).
        """
        if not (id.isascii() and id.isdigit() and len(id) <= 10 and int(id) < 2**32):
            raise unauthenticated(1, "This request requires a session ID!")
        session = self._open.get(id)
        if session is not None and (self._idle(session) or (session.farewell and not reads)):
            self.end(session, grace=False)
            session = None
        if session is None:
            raise session_ended()
        return session

    def _idle(self, session: Session) -> bool:
        quiet = self._world.clock.monotonic() - session.seen
        return not session.streams and quiet > self._settings.idle_seconds

    def end(self, session: Session, *, grace: bool = True) -> None:
        """No request of this session is answered from now on; its event stream ends."""
        if self._open.pop(session.id, None) is None:
            return
        session.open = False
        session.station = None
        session.messages.wake()
        if grace:
            self._ended[session.id] = (session, self._world.clock.monotonic() + self._settings.grace_seconds)

    def recently_ended(self, id: str, cookie_header: str) -> Session | None:
        """The session that was logged out a moment ago, asked for with its own cookie."""
        session, until = self._ended.get(id, (None, 0.0))
        if session is None:
            return None
        if self._world.clock.monotonic() > until:
            del self._ended[id]
            return None
        return session if (id, session.cookie) in _COOKIE.findall(cookie_header) else None
