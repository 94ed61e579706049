"""
One scenario while it runs: what it knows, whom it has borrowed, and the sessions it holds open.
"""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, cast

from msgspec import Struct

from runner.clock import Clock, micro
from runner.engine.ending import FROM_BETWEEN, Ending
from runner.engine.generated import Generated
from runner.engine.plan import Plan
from runner.engine.run import Run
from runner.environment.model import Actor, Target
from runner.environment.secrets import Secret
from runner.errors import BrokenPlugin
from runner.plugins.contract import HttpClient, Session, Vendor
from runner.plugins.drift import Finding
from runner.record.events import Drifted, Event, Exchanged, Logged, Notified, Retried

__all__ = ["WORKING", "Live", "Opened", "Working", "place_at_work"]

# How much of a body is recorded, in characters.
_EXCERPT = 65536


class Chance:
    """
    A ``random.Random`` that is made when it is first asked: to seed one takes as long as a whole step takes the engine, and few scenarios
    need chance.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._made: random.Random | None = None

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            self._made = random.Random(self._seed)
        return getattr(self._made, name)


class Live:
    """
    The state of one scenario.

    - ``scope`` maps the names that templates know; ``given`` are those that words of one's own know too.
    - ``mails`` maps an actor → the mail worked on last; ``arrived_mail`` is the one that a customer sent last, ``taken`` are those that
      somebody of the scenario has worked on.
    - ``deadline`` is the running step's, for the watchdog. ``generated`` is what was made up for this scenario.
    """

    def __init__(self, plan: Plan, run: Run) -> None:
        self.plan = plan
        self.run = run
        self.key = plan.key
        self.scope: dict[str, Any] = {}
        self.given: tuple[str, ...] = ()
        self.actors: Mapping[str, Actor] = {}
        self.generated = Generated()
        self.mails: dict[str, str] = {}
        self.arrived_mail: str | None = None
        self.taken: set[str] = set()
        self.sessions: dict[tuple[str, str], Opened] = {}
        self.place = ""
        # for the scenario's last event: how many steps were carried out, what happened in them, and where it stopped
        self.performed = 0
        self.retried = False
        self.in_doubt = False
        # one for each of several steps at once, while they run
        self.branches: list[Live] = []
        self.failed_place = ""
        self.failed_line = 0
        self.deadline = float("inf")
        # records an event
        self.emit = run.emit
        self.random = cast("random.Random", Chance(f"{run.seed}:{plan.key}"))

    def learn_derived(self, made: Secret, source: Secret) -> None:
        """A template made a text from a secret."""
        self.run.redactor.learn_derived(made, source, scope=self.key)

    def retry(self, place: str, attempt: int, ending: Ending) -> None:
        """A try ended so, and the step at *place* is done again."""
        self.retried = True
        self.emit(Retried(scenario=self.key, step=place, attempt=attempt, reason=ending.reason, code=ending.code, cause=ending.cause))

    def branch(self) -> Live:
        """The same scenario for one of several steps at once: with names of its own, so that none of them sees another's."""
        fresh = copy.copy(self)
        fresh.scope = dict(self.scope)
        fresh.performed = 0
        fresh.deadline = float("inf")
        fresh.branches = []
        fresh.emit = self._told
        self.branches.append(fresh)
        return fresh

    def _told(self, event: Event) -> None:
        """Record what a branch tells; whoever silences this one silences its branches."""
        self.emit(event)

    def join(self, branches: Sequence[Live]) -> None:
        """What came of *branches*: the names they saved, and what happened in them."""
        before = dict(self.scope)
        for branch in branches:
            self.scope.update((name, value) for name, value in branch.scope.items() if before.get(name, self) is not value)
            self.performed += branch.performed
            self.retried = self.retried or branch.retried
            self.in_doubt = self.in_doubt or branch.in_doubt
            if branch.arrived_mail is not None:
                self.arrived_mail = branch.arrived_mail
        self.branches = []

    def most_overdue(self) -> Live:
        """This one or the branch whose step had to end first."""
        return min((self, *(branch.most_overdue() for branch in self.branches)), key=lambda live: live.deadline)

    def abandon(self) -> None:
        """From now on nothing is recorded: what still comes is from a step that was given up."""
        self.emit = _unheard

    def opened(self, vendor: str, actor: str) -> Opened:
        """What *actor* has with *vendor*; its session is to be opened when there is none yet."""
        opened = self.sessions.get((vendor, actor))
        if opened is None:
            targets = self.run.environment.targets
            target = targets.get(vendor) or targets.get(self.plan.vendor) or Target(vendor, "")
            opened = self.sessions[vendor, actor] = Opened(self, vendor, self.actors.get(actor), target)
        return opened


def _unheard(_event: Event) -> None:
    """Nobody records this."""


class Working(Struct, eq=False):
    """
    A step at work, as the wire sees it.

    What is sent and what comes because of it is recorded under its ``place``; ``last`` is the newest exchange. ``stays_out``: the session
    is not opened anew when it has expired, as this step has to be refused for want of it. ``goes_in``: it logs in, or logs in again.
    ``over``: it has ended.
    """

    place: str
    stays_out: bool = False
    goes_in: bool = False
    last: Any = None
    over: bool = False


# The step that this task, and what it starts, works for: two steps of one actor may work side by side.
WORKING: ContextVar[Working | None] = ContextVar("working", default=None)


def place_at_work() -> str:
    """The place of the step that this task works for; "" when it works for none, or for one that has ended."""
    working = WORKING.get()
    return "" if working is None or working.over else working.place


class Opened:
    """
    One session and its context (:class:`runner.plugins.contract.SessionContext`).

    ``newest`` is the step that began last on it. ``turned_away``: the last login was refused. ``unknown``: the vendor may have opened a
    session that nobody here knows, and nobody can close.
    """

    def __init__(self, live: Live, vendor: str, actor: Actor | None, target: Target) -> None:
        self._live = live
        self.vendor = vendor
        self._actor = actor
        self._name = actor.name if actor is not None else ""
        self._target = target
        self._has_contract = bool(live.run.registry.vendor(vendor).contract)
        self.newest = Working("")
        self.session: Session | None = None
        self.turned_away = False
        self.unknown = False
        self._opening = asyncio.Lock()
        self._logged_in_again = False

    async def open(self) -> None:
        """Open the session (nobody is logged in by that), unless another step was quicker."""
        async with self._opening:
            if self.session is not None:
                return
            session = await self._live.run.registry.vendor(self.vendor).open(self)
            if not callable(getattr(session, "close", None)):
                raise BrokenPlugin(f"{self.vendor}'s sessions have no `close`", plugin=self.vendor, code="E603")
            self.session = session

    def continue_with(self, live: Live) -> None:
        """Record for *live* from now on."""
        self._live = live

    @property
    def working(self) -> Working:
        """The step behind what happens now. A task that listens for longer than the step that started it tells the newest one."""
        mine = WORKING.get()
        return self.newest if mine is None or mine.over else mine

    @property
    def actor(self) -> Actor | None:
        """Who it is for."""
        return self._actor

    @property
    def target(self) -> Target:
        """Where."""
        return self._target

    @property
    def clock(self) -> Clock:
        """Time."""
        return self._live.run.clock

    @property
    def smtp(self) -> Mapping[str, object]:
        """The environment's mail server that takes customers' mail in."""
        return self._live.run.environment.mail.smtp

    def client(self, base_url: str = "", *, cookies: bool = True) -> HttpClient:
        """An HTTP client whose exchanges are recorded and which keeps the target's rate."""
        run = self._live.run
        limiter = run.limiters.get(self.vendor)
        return run.connect(base_url or self._target.url, observer=self._exchanged, limiter=limiter, cookies=cookies)

    def notified(self, name: str, body: object) -> None:
        """Record that the vendor pushed something, and how it differs from the vendor's contract."""
        key, place = self._live.key, self.working.place
        self._live.emit(Notified(scenario=key, step=place, name=name, body=body, vendor=self.vendor, actor=self._name))
        if self._has_contract:
            self._compare(lambda vendor: self._live.run.watch.hear(vendor, body), place)

    def learn(self, name: str, value: str) -> None:
        """From now on *value* is taken out of everything that is recorded."""
        self._live.run.redactor.learn(value, name=name, scope=self._live.key)

    def log(self, message: str) -> None:
        """A line for the record."""
        self._live.emit(Logged(message=message, scenario=self._live.key, step=self.working.place))

    def may_log_in_again(self) -> bool:
        """Whether the session may be opened anew, now; a yes is written down."""
        working = self.working
        if self._logged_in_again or working.stays_out:
            return False
        self._logged_in_again = working.goes_in = True
        message = f"the session of {self._name or 'nobody'} at {self.vendor} had expired; logged in again, once"
        self._live.emit(Logged(message=message, level="warning", scenario=self._live.key, step=working.place, code="E715"))
        return True

    def _exchanged(self, exchange: Any) -> None:
        """Record an exchange, as it was; the gate takes out what may not be seen."""
        working = self.working
        if working.goes_in and (exchange.lost or exchange.http in FROM_BETWEEN) and not _is_good(working.last):
            # the answer to this request would have told of the session
            self.unknown = True
        working.last = exchange
        live = self._live
        sent, came = exchange.request_body, exchange.body
        live.emit(
            Exchanged(
                scenario=live.key,
                step=working.place,
                method=exchange.method,
                url=exchange.url,
                # a client may use the same dictionary for its next request
                request_headers=dict(exchange.request_headers),
                request_body=_text(sent),
                request_size=len(sent),
                http=exchange.http,
                headers=exchange.headers,
                body=_text(came),
                size=len(came),
                took=micro(exchange.took),
                error=exchange.error,
                vendor=self.vendor,
                actor=self._name,
            )
        )
        if self._has_contract:
            self._compare(lambda vendor: live.run.watch.look(vendor, self._target, exchange), working.place)

    def _compare(self, find: Callable[[Vendor], Sequence[Finding]], place: str) -> None:
        """Record how what came differs from the vendor's contract, where *find* finds that it does."""
        run, emit = self._live.run, self._live.emit
        vendor = run.registry.vendor(self.vendor)
        try:
            findings = find(vendor)
        except BrokenPlugin as exc:
            emit(Logged(message=exc.message, level="warning", code=exc.code))
            return
        for found in findings:
            emit(
                Drifted(
                    scenario=self._live.key,
                    step=place,
                    vendor=found.vendor,
                    kind=found.kind,
                    operation=found.operation,
                    http=found.http,
                    place=found.place,
                    expected=found.expected,
                    got=found.got,
                )
            )


def _is_good(exchange: Any) -> bool:
    return exchange is not None and 200 <= exchange.http < 300


def _text(body: bytes) -> str:
    """The excerpt of a body that is recorded."""
    if not body:
        return ""
    try:
        return body[:_EXCERPT].decode("utf-8")
    except UnicodeDecodeError as exc:
        # a character cut in two by the limit is no sign of binary content
        return body[: exc.start].decode("utf-8") if exc.start >= _EXCERPT - 4 else "<binary>"
