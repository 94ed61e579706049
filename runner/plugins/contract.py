"""
What a vendor must provide: a :class:`Vendor` with its step types, and sessions that the steps act through.

A vendor returns data and never asserts; the engine checks. Two shapes of step:

- **act**: ``async def run(context, parameters) -> output``.
- **observe**: ``async def run(context, parameters) -> AsyncIterator[output]``; the engine applies the step's own expectation and the
  tester's ``expect`` to each output until one satisfies both, one says that it never will, or ``within`` has passed. A vendor that has to
  look again and again writes ``while True: yield await look(); await context.pause()``; one that is told yields what it is told.
  To end by itself says: all that came until ``context.timeout`` was 0 has been told. Only that proves that nothing came (a word's
  ``absent``), so a vendor asks the server once more then, over the way that news takes, yields what comes, and returns. A ``WireError``
  says that it cannot know.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from runner.clock import Clock, Duration
from runner.environment.model import Actor, Target
from runner.transport.base import HttpClient

__all__ = [
    "REASONS",
    "FilePath",
    "HttpClient",
    "ProjectFile",
    "Session",
    "SessionContext",
    "StepContext",
    "StepType",
    "Vendor",
    "Word",
    "decode_custom",
    "schema_custom",
]

# The neutral reasons for a refusal; every vendor maps its own codes to these.
REASONS = (
    "unauthenticated",
    "forbidden",
    "not_found",
    "invalid",
    "conflict",
    "gone",
    "not_acceptable",
    "too_large",
    "unavailable",
    "server_error",
)

S_co = TypeVar("S_co", bound="Session", covariant=True)


class FilePath(str):
    """A parameter that names a file of the project, relative to the scenario file or to ``scenarios/``."""

    __slots__ = ()


class ProjectFile(msgspec.Struct, frozen=True):
    """A file of the project, read: its base ``name``, ``content``, media ``type`` and ``sha256`` in hex."""

    name: str
    content: bytes
    type: str
    sha256: str


class Session(Protocol):
    """One actor's authenticated connection to one vendor, for one scenario."""

    async def close(self) -> None:
        """Log out if still logged in, end background tasks, let go of the connection. Called once, also after a failure."""
        ...


class SessionContext(Protocol):
    """What a vendor is given to open a session."""

    @property
    def actor(self) -> Actor | None:
        """Who it is for; None for a vendor without actors."""
        ...

    @property
    def target(self) -> Target:
        """Where."""
        ...

    @property
    def clock(self) -> Clock:
        """Time."""
        ...

    @property
    def smtp(self) -> Mapping[str, object]:
        """The environment's mail server that takes customers' mail in (``host``, ``port`` …); empty when it has none."""
        ...

    def client(self, base_url: str = "", *, cookies: bool = True) -> HttpClient:
        """An HTTP client whose exchanges are recorded and which keeps the target's rate; default base: the target's URL."""
        ...

    def notified(self, name: str, body: object) -> None:
        """Record that the vendor pushed something."""
        ...

    def learn(self, name: str, value: str) -> None:
        """From now on *value* (a session id, a token) is taken out of everything that is recorded."""
        ...

    def log(self, message: str) -> None:
        """A line for the record."""
        ...

    def may_log_in_again(self) -> bool:
        """
        Whether this session, which the vendor has forgotten, may be opened anew: once in a scenario, and never in a step that has to be
        refused as unauthenticated. A yes is written down as a login, so it is asked for right before one.
        """
        ...


class StepContext(Protocol[S_co]):
    """What a running step is given."""

    @property
    def session(self) -> S_co:
        """The acting actor's session with this vendor; open, though not yet logged in when the step is ``login``."""
        ...

    @property
    def actor(self) -> Actor | None:
        """Who acts."""
        ...

    @property
    def target(self) -> Target:
        """Where."""
        ...

    @property
    def clock(self) -> Clock:
        """Time."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds this step may still take."""
        ...

    def mail(self, named: object = None) -> str:
        """
        The id of the mail that is meant: *named* (an id, or an output that has one), else the one this actor worked on last, else the
        one that arrived last in this scenario.

        Raises: ``BadScenario`` – there is none yet.
        """
        ...

    def known_mail(self) -> str | None:
        """The same without a name, or None."""
        ...

    def work_on(self, mail_id: str) -> None:
        """From now on this is the mail the actor works on."""
        ...

    def new_mail(self) -> str | None:
        """The customer's mail that arrived last in this scenario, as long as no actor of it has worked on it; else None."""
        ...

    def arrived(self, mail_id: str) -> None:
        """A customer's mail arrived; it is "the mail" for every actor who has none of their own yet."""
        ...

    def user(self, name: str) -> str:
        """The vendor's user name of an actor of this scenario (``agent_2``); a name that is no actor is given back as it is."""
        ...

    def file(self, path: str) -> ProjectFile:
        """
        Read a file of the project.

        Raises: ``NotAllowed`` – outside the project; ``BadScenario`` – missing, or not a plain file.
        """
        ...

    def guard(self, recipients: Iterable[str]) -> None:
        """
        Call before mail leaves for *recipients* that did not stand in the step's parameters.

        Raises: ``NotAllowed`` – one is outside ``allow_recipients``.
        """
        ...

    def created(self, kind: str, id: str, *, undo: str = "") -> None:
        """Write down that something now exists at the vendor, and the step that would remove it."""
        ...

    def learn(self, name: str, value: str) -> None:
        """A secret, as in :class:`SessionContext`."""
        ...

    def log(self, message: str, *, code: str = "") -> None:
        """A line for the record; with a *code*, a warning that people are shown."""
        ...

    async def pause(self) -> None:
        """Wait until it is time to look again; the engine lets the gaps grow."""
        ...


Parameters = TypeVar("Parameters", bound=msgspec.Struct)
Shape = Literal["act", "observe"]


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """
    A step's name and meaning, before any vendor carries it out.

    - ``example`` is one list item of YAML that validates and runs; ``short`` the parameter that a bare value goes to (``wait: 5s``).
    - ``sends``: mail may leave, so the step is never repeated blindly. ``safe``: may be repeated after a failure of the wire.
    - ``opens``: its session need not be logged in (login). ``anonymous``: it needs nobody to be logged in (a customer acts).
    - ``sets_names``: its whole value is a mapping of names → values, which goes to ``short`` and is known from then on (set).
    - ``actors``: parameters that may name an actor of the scenario, who is then borrowed too. ``recipients``: those that hold addresses.
    - ``expects``: the expectation that the parameters themselves state, as ``expect`` would be written, and ``stated_in`` the parameter
      that each of its fields comes from; ``impossible``: why an output can never satisfy it any more, or ""; ``absent``: whether the
      parameters ask that nothing comes.
    """

    name: str
    title: str
    description: str
    example: str
    parameters: type[msgspec.Struct]
    output: type[msgspec.Struct] | None = None
    shape: Shape = "act"
    short: str = ""
    sends: bool = False
    safe: bool = False
    opens: bool = False
    anonymous: bool = False
    sets_names: bool = False
    actors: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    expects: Callable[[Any, Callable[[str], ProjectFile]], object] | None = None
    stated_in: Mapping[str, str] = {}
    impossible: Callable[[Any, Mapping[str, Any]], str] | None = None
    absent: Callable[[Any], bool] | None = None

    def step(self, run: Callable[[Any, Any], Any], **changes: Any) -> StepType:
        """This word as one vendor does it; *changes* widen it (``parameters``, ``refusals``, ``description`` …)."""
        given: dict[str, Any] = {name: getattr(self, name) for name in Word.__struct_fields__}
        return StepType(**(given | changes), run=run)


class StepType(Word, frozen=True, kw_only=True):
    """A step that a vendor offers. ``run(context, parameters)`` is a coroutine function (act) or an async generator function (observe)."""

    run: Callable[[Any, Any], Any]


class NoOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to set."""


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """
    One vendor, declared.

    - ``open`` makes a session for an actor, not yet logged in.
    - ``credentials`` is what an actor needs, ``defaults`` what an environment may set once, ``options`` what stands beside ``url`` there.
    - ``simulate(world, settings)`` makes the :class:`runner.simulation.server.Simulator`; it imports what it needs itself, so that a run
      without simulators does not pay for them. ``settings`` are the simulator's named assumptions.
    - ``cannot`` names the shared words it has no way to do, with the reason.
    - ``contract`` is its API as an OpenAPI document, a file of the package by its path from the package on
      (``runner/vendors/gws/contract.yaml``); every answer is compared with it.
    """

    name: str
    title: str
    steps: tuple[StepType, ...]
    open: Callable[[SessionContext], Awaitable[Session]]
    credentials: type[msgspec.Struct] = NoOptions
    defaults: type[msgspec.Struct] = NoOptions
    options: type[msgspec.Struct] = NoOptions
    settings: type[msgspec.Struct] = NoOptions
    simulate: Callable[..., Any] | None = None
    cannot: Mapping[str, str] = msgspec.field(default_factory=dict)
    contract: str = ""


def decode_custom(kind: type, value: object) -> object:
    """The ``dec_hook`` for every record of ours: durations and file paths from text."""
    if kind is Duration:
        return Duration.parse(value)
    if kind is FilePath and isinstance(value, str):
        return FilePath(value)
    raise ValueError(f"{value!r} is not a {kind.__name__}")


def schema_custom(kind: type) -> dict[str, object]:
    """The ``schema_hook`` that goes with it."""
    if kind is Duration:
        return {
            "type": "string",
            "format": "duration",
            "pattern": r"^(\s*\d+(\.\d+)?\s*(ms|sec|s|min|m|h|d)\s*)+$",
            "patternErrorMessage": "Write a duration like 500ms, 30s, 2 min or 1 h.",
            "examples": ["30s", "2 min"],
        }
    if kind is FilePath:
        return {"type": "string", "format": "file"}
    raise NotImplementedError(kind)
