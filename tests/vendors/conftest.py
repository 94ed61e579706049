"""
A stage for one vendor: its simulator on a real port, and actors who carry out its steps there, without the engine.

``play(VENDOR, story)`` runs ``await story(stage)`` in an event loop of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from runner import harness
from runner.clock import Clock, Duration, SystemClock
from runner.environment.model import Actor, Member, Target
from runner.errors import BadScenario, Diagnostic
from runner.plugins.contract import ProjectFile, StepType, Vendor, decode_custom
from runner.plugins.registry import Registry
from runner.record.events import Exchanged, Logged
from runner.record.journal import read_journal
from runner.record.result import RunResult, ScenarioResult
from runner.simulation.server import Serving, serving
from runner.simulation.world import World, default_people
from runner.transport.exchange import Exchange
from runner.transport.http import AiohttpTransport
from runner.vendors.general import VENDOR as GENERAL

_TIMEOUT = 5.0


class Part:
    """One actor's part: what the engine gives a session and its steps, kept small and honest."""

    def __init__(self, stage: Stage, actor: Actor) -> None:
        self._stage = stage
        self.actor = actor
        self.target = stage.target
        self.clock: Clock = stage.clock
        self.smtp: Mapping[str, object] = {}
        self.timeout = _TIMEOUT
        self.session: Any = None
        self.exchanges: list[Exchange] = []
        self.notifications: list[tuple[str, object]] = []
        self.learned: dict[str, str] = {}
        self.logged: list[str] = []
        self.guarded: list[str] = []
        self.made: list[tuple[str, str]] = []
        self.worked_on: str | None = None
        self.stays_out = False
        self.logins_again = 0

    # what a session asks

    def client(self, base_url: str = "", *, cookies: bool = True) -> Any:
        return self._stage.transport.client(base_url or self.target.url, observer=self.exchanges.append, cookies=cookies)

    def notified(self, name: str, body: object) -> None:
        self.notifications.append((name, body))

    def learn(self, name: str, value: str) -> None:
        self.learned[name] = value

    def log(self, message: str, *, code: str = "") -> None:
        self.logged.append(message)

    def may_log_in_again(self) -> bool:
        if self.stays_out or self.logins_again:
            return False
        self.logins_again += 1
        self.log("logged in again")
        return True

    # what a step asks

    def mail(self, named: object = None) -> str:
        if named is not None:
            return str(named["id"]) if isinstance(named, dict) else str(named)
        known = self.known_mail()
        if known is None:
            raise BadScenario([Diagnostic("E212", "there is no mail yet")])
        return known

    def known_mail(self) -> str | None:
        return self.worked_on or self._stage.arrived

    def work_on(self, mail_id: str) -> None:
        self.worked_on = mail_id
        self._stage.taken.add(mail_id)

    def new_mail(self) -> str | None:
        arrived = self._stage.arrived
        return None if arrived in self._stage.taken else arrived

    def arrived(self, mail_id: str) -> None:
        self._stage.arrived = mail_id

    def user(self, name: str) -> str:
        part = self._stage.parts.get(name)
        return part.actor.user if part is not None else name

    def file(self, path: str) -> ProjectFile:
        content, kind = self._stage.files[path]
        return ProjectFile(str(path).rpartition("/")[2], content, kind, sha256(content).hexdigest())

    def guard(self, recipients: Iterable[str]) -> None:
        self.guarded += recipients

    def created(self, kind: str, id: str, *, undo: str = "") -> None:
        self.made.append((kind, id))

    async def pause(self) -> None:
        await self.clock.sleep(0.02)


class Stage:
    """
    A simulator that answers, and its actors by name: ``agent``, ``agent_2`` …, ``restricted``.

    ``files`` maps the paths that steps may name → content and media type.
    """

    def __init__(self, vendor: Vendor, serving: Serving, transport: AiohttpTransport, target: Target, clock: Clock) -> None:
        self.vendor = vendor
        self.serving = serving
        self.simulator: Any = serving.simulator
        self.world = serving.simulator.world
        self.transport = transport
        self.target = target
        self.clock = clock
        self.steps: dict[str, StepType] = {step.name: step for step in vendor.steps}
        self.parts: dict[str, Part] = {}
        self.arrived: str | None = None
        self.taken: set[str] = set()
        self.files: dict[str, tuple[bytes, str]] = {}

    async def part(self, name: str = "agent") -> Part:
        """An actor with an open session, made when first asked for."""
        if name not in self.parts:
            pool, _, number = name.rpartition("_")
            pool, number = (pool, number) if number.isdigit() else (name, "1")
            person = self.world.people[f"{pool}{number}"]
            credentials = self.simulator.credentials(person)
            actor = Actor(name, self.vendor.name, credentials, Member(pool, int(number), {self.vendor.name: credentials}))
            self.parts[name] = Part(self, actor)
            self.parts[name].session = await self.vendor.open(self.parts[name])
        return self.parts[name]

    async def act(self, word: str, parameters: Mapping[str, object] | None = None, *, by: str = "agent") -> Any:
        """Carry out an acting step; gives its output as it is."""
        step = self.steps[word]
        return await step.run(await self.part(by), self.converted(step, parameters))

    async def observe(
        self,
        word: str,
        parameters: Mapping[str, object] | None = None,
        *,
        by: str = "agent",
        until: Callable[[Any], bool],
        within: float = 5.0,
    ) -> list[Any]:
        """Carry out an observing step until an output satisfies; gives all outputs. An error when it took too long, or ended before."""
        step = self.steps[word]
        seen: list[Any] = []
        async with asyncio.timeout(within), aclosing(step.run(await self.part(by), self.converted(step, parameters))) as outputs:
            async for output in outputs:
                seen.append(output)
                if until(output):
                    return seen
        raise AssertionError(f"`{word}` ended without what was waited for; it gave {seen}")

    def converted(self, step: StepType, parameters: Mapping[str, object] | None) -> Any:
        """Parameters as a file gives them → the step's record."""
        return msgspec.convert(dict(parameters or {}), step.parameters, strict=False, dec_hook=decode_custom)


Story = Callable[[Stage], Awaitable[None]]


@asynccontextmanager
async def staged(
    vendor: Vendor,
    *,
    settings: msgspec.Struct | None = None,
    options: Mapping[str, object] | None = None,
    defaults: Mapping[str, object] | None = None,
    agents: int = 4,
    seed: int = 7,
    clock: Clock | None = None,
) -> AsyncIterator[Stage]:
    """A stage, cleared afterwards: sessions closed, simulator stopped."""
    assert vendor.simulate is not None
    world = World(default_people(agents), seed=seed, clock=clock)
    simulator = vendor.simulate(world, settings or vendor.settings())
    transport = AiohttpTransport()
    try:
        async with serving(simulator) as running:
            given = {**simulator.defaults(), **(defaults or {})}
            target = Target(vendor.name, running.url, defaults=given, options=options or {}, control=running.control)
            stage = Stage(vendor, running, transport, target, clock or SystemClock())
            try:
                yield stage
            finally:
                for part in stage.parts.values():
                    await part.session.close()
    finally:
        await transport.close()


@pytest.fixture
def play() -> Callable[..., None]:
    """``play(VENDOR, story, settings=…)``."""

    def played(vendor: Vendor, story: Story, **given: Any) -> None:
        async def run() -> None:
            async with staged(vendor, **given) as stage:
                await story(stage)

        asyncio.run(run())

    return played


@pytest.fixture
def everything_of() -> Callable[[Sequence[Any]], list[Any]]:
    """Outputs as plain data, by the names that files use."""
    return lambda outputs: [msgspec.to_builtins(output) for output in outputs]


# ── whole scenarios ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

# Short delays, so that GWS' simulator keeps no test waiting.
_QUICK: Mapping[str, Mapping[str, Any]] = {
    "gws": {"delay": (Duration(milliseconds=1), Duration(milliseconds=2)), "connect_timeout": Duration(milliseconds=200)}
}
# The request that sends the mail.
_SEND = {"icws": "POST */email/send", "egain": "POST */activity/send", "gws": "POST */me/interactions/?*#Send"}


@dataclass(frozen=True)
class Carried:
    """What came of a run on one vendor's simulator: the result, every event, and the simulator as it stands."""

    result: RunResult
    events: Sequence[Any]
    simulator: Any

    @property
    def scenario(self) -> ScenarioResult:
        """The only one."""
        (found,) = self.result.scenarios
        return found

    def codes(self) -> list[str]:
        """The codes of what was logged."""
        return [e.code for e in self.events if isinstance(e, Logged) and e.code]

    def asked(self, method: str, part: str) -> int:
        """How many requests had this method and this in their URL."""
        return sum(isinstance(e, Exchanged) and e.method == method and part in e.url for e in self.events)

    def mails(self, subject: str = "") -> int:
        """How many mails left."""
        return sum(subject in mail.subject for mail in self.simulator.world.outbox)


@pytest.fixture
def carry(tmp_path: Path) -> Callable[..., Carried]:
    """``carry(VENDOR, steps, *faults)``: run scenarios with the faults switched on; SEND in a fault is where mail leaves."""

    def carried(
        vendor: Vendor,
        *texts: str,
        faults: Iterable[str] = (),
        seed: int = 7,
        folder: str = "one",
        files: Mapping[str, str] = MappingProxyType({}),
        **settings: Any,
    ) -> Carried:
        made: list[Any] = []

        def simulate(world: Any, given: msgspec.Struct) -> Any:
            assert vendor.simulate is not None
            simulator = vendor.simulate(world, vendor.settings(**{**_QUICK.get(vendor.name, {}), **settings}))
            for fault in faults:
                simulator.faults.add(fault.replace("SEND", _SEND[vendor.name]))
            made.append(simulator)
            return simulator

        root = tmp_path / folder
        (root / "scenarios").mkdir(parents=True)
        (root / "runner.toml").touch()
        for name, content in files.items():
            (root / "scenarios" / name).write_text(content, encoding="utf-8")
        for number, text in enumerate(texts):
            (root / "scenarios" / f"{number:03}.scenario.yaml").write_text(text.replace("VENDOR", vendor.name), encoding="utf-8")
        request = harness.Request(
            paths=(str(root / "scenarios"),), reports=root / "reports", seed=seed, start=root, parallel=1 if len(texts) == 1 else 32
        )
        result = asyncio.run(harness.run(request, vendors=Registry.of(replace(vendor, simulate=simulate), GENERAL)))
        assert result.folder is not None
        return Carried(result, list(read_journal(result.folder)), made[0])

    return carried
