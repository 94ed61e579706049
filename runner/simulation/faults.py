"""
Faults on demand: what goes wrong, for which requests, how often. Switched by the control API or ``runner simulate --fault``.

A fault is written ``kind[:count][@path][=parameter]``::

    latency=200ms                  every answer 200 ms later
    jitter=50ms                    and up to 50 ms more, by chance out of the seed
    429:2=Retry-After:3            the next two requests meet a 429 with this header; any status from 400 to 599
    500@*/email/send               every request to such a path; `@POST */interactions/*` asks for the method too
    502  504                       an HTML page, as a gateway writes it
    503                            in the vendor's own form, where it has one
    reset                          the connection is cut before the answer; the request is not carried out
    answer_lost                    the request is carried out, then the connection is cut without an answer
    cut                            the connection is cut inside the body
    drip=100ms                     the body comes byte by byte, so long apart
    hang                           no answer, until the client goes away
    expire:5                       five more requests, then all sessions have expired
    forget:5                       five more requests, then nobody is listening any more: CometD says 402 (GWS)
    500:1@*/send;X-Tenant:7        only a request with this header
    500@*/me/interactions/*#Send   only a request for this operation, where one path takes several (GWS)
    restart:5=2s                   five more requests, then sessions and connections are gone, and for 2 s nobody answers
    drift=missing-field:state      the API has changed: an answer lacks that field; or unknown-field, wrong-type, status, media-type;
                                   `@` and a topic changes notifications instead, which may also be of another kind: message
    late=500ms  lost:1  duplicate  reorder=200ms      what happens to notifications; `@` names a topic

Without a count a fault stays until it is removed; with one it ends by itself. Of several that would answer in place of the vendor the one
switched on first does, and only that one is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TypeVar

from msgspec import Struct

from runner.clock import Duration
from runner.errors import nearest
from runner.simulation.drifting import DRIFTS, drifted_message
from runner.simulation.world import World

__all__ = ["KINDS", "Fault", "Faults", "Strike", "parse_fault"]

T = TypeVar("T")

# kind → what it does, for people
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "400 … 599": "the request meets this status; `=Header:value` adds a header",
        "latency": "each answer comes later, `=200ms`",
        "jitter": "and up to so much more by chance, `=50ms`",
        "reset": "the connection is cut before the answer; the request is not carried out",
        "answer_lost": "the request is carried out, then the connection is cut without an answer",
        "cut": "the connection is cut inside the body",
        "drip": "the body comes byte by byte, `=100ms` apart",
        "hang": "no answer until the client goes away",
        "expire": "after `:N` more requests all sessions have expired",
        "forget": "after `:N` more requests who listens to notifications is forgotten: CometD's 402, where there is CometD",
        "restart": "after `:N` more requests sessions and connections are gone; `=2s` is how long nobody answers",
        "drift": (
            "the API has changed: `=missing-field`, `=unknown-field`, `=wrong-type`, `=status`, `=media-type` or `=message`; "
            "`:name` says which; `@TOPIC` changes notifications"
        ),
        "late": "notifications come later, `=500ms`",
        "lost": "notifications do not come",
        "duplicate": "notifications come twice",
        "reorder": "notifications overtake one another within `=200ms`",
    }
)
_NOTIFICATION = frozenset({"late", "lost", "duplicate", "reorder"})
_COUNTDOWN = frozenset({"expire", "forget", "restart"})
_SLOW = frozenset({"latency", "jitter"})
# kind → the length of time when none is given; "" means that one must be given
_DURATIONS = {"latency": "", "jitter": "", "late": "", "drip": "100ms", "reorder": "200ms", "restart": "0s"}
_WRITE = "write it like latency=200ms, 503:3, 429:2=Retry-After:3 or 500@*/send"


class Fault(Struct, frozen=True):
    """
    One fault; ``count`` None stays until removed, ``path`` is a glob over the path (or ``METHOD path``), or a notification's topic.

    ``#Operation`` behind the path asks for what a request names in its body, where the path does not tell. ``;Header:value`` at the end
    asks for a header too: one session's requests, where the path does not tell whose they are.
    """

    kind: str
    count: int | None = None
    path: str = "*"
    parameter: str = ""

    def __str__(self) -> str:
        count = "" if self.count is None else f":{self.count}"
        path = "" if self.path == "*" else f"@{self.path}"
        return f"{self.kind}{count}{path}" + (f"={self.parameter}" if self.parameter else "")

    @property
    def seconds(self) -> float:
        """The length of time that it was given, or that its kind has by default."""
        return Duration.parse(self.parameter or _DURATIONS[self.kind]).total_seconds()

    @property
    def header(self) -> tuple[str, str] | None:
        """The header that a status brings along, if any."""
        name, colon, value = self.parameter.partition(":")
        return (name.strip(), value.strip()) if colon else None

    @property
    def names_operation(self) -> bool:
        """Whether it is meant for one of several operations at a path."""
        return "#" in self.path

    def hits(self, method: str, path: str, headers: Mapping[str, str], operation: str = "") -> bool:
        """Whether a request is meant."""
        if self.path == "*":
            return True
        wanted, _, header = self.path.partition(";")
        name, _, value = header.partition(":")
        if header and headers.get(name.strip()) != value.strip():
            return False
        wanted, hash, named = wanted.partition("#")
        if hash and operation != named.strip():
            return False
        return fnmatchcase(f"{method} {path}" if " " in wanted else path, wanted)


def parse_fault(text: str) -> Fault:
    """
    Read ``kind[:count][@path][=parameter]``.

    Raises: ``ValueError`` – not a fault; the message says what is wrong and how to write one.
    """
    head, _, parameter = text.partition("=")
    head, _, path = head.partition("@")
    kind, colon, count = head.partition(":")
    fault = Fault(kind.strip().lower(), _count(text, count.strip()) if colon else None, path.strip() or "*", parameter.strip())
    _check(fault, text)
    return fault


def _count(text: str, count: str) -> int:
    if not count.isascii() or not count.isdigit() or len(count) > 9:
        raise ValueError(f"{text!r}: {count!r} is not a number of requests; {_WRITE}")
    return int(count)


def _check(fault: Fault, text: str) -> None:
    if fault.kind not in KINDS and not _is_status(fault.kind):
        near = nearest(fault.kind, [kind for kind in KINDS if kind.isalpha() or "_" in kind])
        raise ValueError(f"{text!r}: {fault.kind!r} is no kind of fault" + (f"; did you mean {near!r}?" if near else f"; {_WRITE}"))
    if fault.count == 0 and fault.kind not in _COUNTDOWN:
        raise ValueError(f"{text!r}: a fault that happens 0 times does nothing; leave the count out for always")
    if _is_status(fault.kind):
        if fault.parameter and (fault.header is None or not _is_header(*fault.header)):
            raise ValueError(f"{text!r}: {fault.parameter!r} is not a header; write it like {fault.kind}=Retry-After:3")
    elif fault.kind in _DURATIONS:
        try:
            _ = fault.seconds
        except ValueError as exc:
            raise ValueError(f"{text!r}: {fault.kind} needs a length of time, like {fault.kind}=200ms") from exc
    elif fault.kind == "drift":
        _check_drift(fault, text)
    elif fault.parameter:
        raise ValueError(f"{text!r}: {fault.kind} takes nothing after `=`")


def _check_drift(fault: Fault, text: str) -> None:
    kind, _, name = fault.parameter.partition(":")
    if kind not in DRIFTS:
        near = nearest(kind, DRIFTS) or "missing-field"
        raise ValueError(f"{text!r}: {kind!r} is no kind of drift; write it like drift={near}, or one of {', '.join(DRIFTS)}")
    if kind == "status" and name and not (len(name) == 3 and name.isascii() and name.isdigit() and 200 <= int(name) <= 599):
        raise ValueError(f"{text!r}: {name!r} is no status of an answer; write it like drift=status:202")
    if kind == "media-type" and not (name.isascii() and name.isprintable()):
        raise ValueError(f"{text!r}: {name!r} is no media type; write it like drift=media-type:text/plain")


def _is_for_notifications(fault: Fault) -> bool:
    """Whether notifications may meet it: their own kinds, and a drift that names a topic."""
    return fault.kind in _NOTIFICATION or (fault.kind == "drift" and fault.path != "*")


def _is_status(kind: str) -> bool:
    return len(kind) == 3 and kind.isascii() and kind.isdigit() and 400 <= int(kind) <= 599


def _is_header(name: str, value: str) -> bool:
    return name.isascii() and name.replace("-", "").isalnum() and value.isprintable()


class Strike(Struct, frozen=True):
    """What happens to one request: ``delay`` in seconds, the fault that answers for the vendor, and whether everything restarts first."""

    delay: float = 0.0
    fault: Fault | None = None
    restart: Fault | None = None


class _Active(Struct):
    id: int
    fault: Fault
    # how often it still happens, or how many requests still pass; None is always
    left: int | None


class Faults:
    """
    The faults that are switched on.

    ``on_expire``, ``on_forget`` and ``on_restart`` are the simulator's; ``stopping`` is set when the server goes down, so that nothing
    hangs on.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.on_expire: Callable[[], object] = lambda: None
        self.on_forget: Callable[[], object] = lambda: None
        self.on_restart: Callable[[], object] = lambda: None
        self.stopping = asyncio.Event()
        # monotonic seconds until which nobody answers, after a restart
        self.down_until = 0.0
        self._active: list[_Active] = []
        self._last_id = 0

    def __bool__(self) -> bool:
        return bool(self._active) or self.down_until > 0

    @property
    def name_operations(self) -> bool:
        """Whether any of them is meant for one of several operations at a path."""
        return any(active.fault.names_operation for active in self._active)

    def add(self, fault: Fault | str) -> int:
        """
        Switch *fault* on; gives the id under which it can be removed.

        Raises: ``ValueError`` – it is a text that is no fault.
        """
        fault = parse_fault(str(fault))
        self._last_id += 1
        left = fault.count or 0 if fault.kind in _COUNTDOWN else fault.count
        self._active.append(_Active(self._last_id, fault, left))
        return self._last_id

    def remove(self, id: int) -> bool:
        """Switch one off; gives whether there was one."""
        before = len(self._active)
        self._active = [active for active in self._active if active.id != id]
        return len(self._active) < before

    def clear(self) -> None:
        """Switch all off."""
        self._active.clear()
        self.down_until = 0.0

    def told(self) -> list[dict[str, object]]:
        """JSON-able: ``id``, ``fault`` as it is written, ``left`` (how often still; null is always)."""
        return [{"id": active.id, "fault": str(active.fault), "left": active.left} for active in self._active]

    def strike(self, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({}), operation: str = "") -> Strike:
        """What happens to this request, which names an *operation* in its body or does not; counts it."""
        delay, answer, restart = 0.0, None, None
        for active in list(self._active):
            fault = active.fault
            if fault.kind in _NOTIFICATION or not fault.hits(method, path, headers, operation):
                continue
            if fault.kind in _COUNTDOWN:
                restart = self._countdown(active) or restart
            elif fault.kind in _SLOW:
                delay += fault.seconds if fault.kind == "latency" else self.world.random.uniform(0, fault.seconds)
                self._counted(active)
            elif answer is None:
                answer = fault
                self._counted(active)
        return Strike(delay, answer, restart)

    def notification(self, data: T, name: str = "") -> list[tuple[float, T]]:
        """
        What becomes of a notification that is pushed now: (seconds from now, data), none when it is lost, two when it is doubled.

        *name* is its topic or channel, for faults that name one.
        """
        delays = [0.0]
        for active in list(self._active):
            fault = active.fault
            if not _is_for_notifications(fault) or not fnmatchcase(name, fault.path):
                continue
            self._counted(active)
            match fault.kind:
                case "lost":
                    return []
                case "late":
                    delays = [delay + fault.seconds for delay in delays]
                case "reorder":
                    delays = [delay + self.world.random.uniform(0, fault.seconds) for delay in delays]
                case "drift":
                    data = drifted_message(data, fault.parameter)
                case "duplicate":
                    delays = [*delays, delays[-1]]
        return [(delay, data) for delay in delays]

    def _countdown(self, active: _Active) -> Fault | None:
        """Let a request pass, or let sessions or listeners be gone; gives the fault when everything restarts."""
        if active.left:
            active.left -= 1
            return None
        self.remove(active.id)
        match active.fault.kind:
            case "expire":
                self.on_expire()
            case "forget":
                self.on_forget()
            case _:
                return active.fault
        return None

    def _counted(self, active: _Active) -> None:
        if active.left is None:
            return
        active.left -= 1
        if active.left == 0:
            self.remove(active.id)
