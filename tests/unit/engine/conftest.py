"""
A toy vendor with every way of going right and wrong, and a function that runs a scenario's text on it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from runner import harness
from runner.clock import Duration, ManualClock
from runner.engine.live import Run
from runner.engine.plan import bind
from runner.engine.schedule import Schedule, Tally
from runner.environment.actors import ActorPool
from runner.environment.model import Environment, Member, Target
from runner.environment.redaction import Redactor
from runner.environment.secrets import Secret
from runner.errors import AnswerLost, ConnectFailed, Refused, Unsupported
from runner.plugins import vocabulary as words
from runner.plugins.contract import SessionContext, StepContext, Vendor, Word
from runner.plugins.registry import Registry
from runner.record.events import Event, ScenarioFinished, StepFinished
from runner.scenario.functions import functions
from runner.scenario.load import Loader
from runner.scenario.project import Project
from runner.vendors.general import VENDOR as GENERAL


class ToySession:
    """Remembers what was done with it."""

    def __init__(self, context: SessionContext, done: list[str]) -> None:
        self.user = context.actor.user if context.actor else ""
        self.done = done
        self.states: list[str] = []

    async def close(self) -> None:
        self.done.append(f"close {self.user}")


class Go(Struct, frozen=True, forbid_unknown_fields=True):
    """How a toy step ends."""

    how: str = "well"
    value: Any = None
    states: list[str] = []
    within: Duration | None = None


class Given(Struct, frozen=True):
    """What the toy gives back."""

    id: str
    status: str = ""
    value: Any = None


class Stubborn(BaseException):
    """Something no plugin should raise."""


async def go(context: StepContext[ToySession], p: Go) -> Given:
    session = context.session
    session.done.append(f"{p.how} {session.user}")
    match p.how:
        case "well":
            return Given("m1", "draft", p.value)
        case "refuse":
            raise Refused(str(p.value or "forbidden"), http=403, vendor_code="F-1", text="not yours")
        case "no connection":
            raise ConnectFailed("cannot connect to toy:1")
        case "lost":
            raise AnswerLost("the answer was lost")
        case "unsupported":
            raise Unsupported("the toy is too small for this")
        case "crash":
            raise ZeroDivisionError("inside the plugin")
        case "exit":
            raise SystemExit(3)
        case "stubborn":
            raise Stubborn
        case "hang":
            await asyncio.Event().wait()
        case "swallow":
            # the loop that runs the test must get rid of it in the end
            for _ in range(3):
                with suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()
        case "flaky":
            if session.done.count(f"flaky {session.user}") <= int(p.value):
                raise ConnectFailed("cannot connect to toy:1")
    return Given("m1", "draft", p.value)


async def show(context: StepContext[ToySession], p: Go) -> AsyncIterator[Given]:
    for state in p.states:
        yield Given("m1", state)
        await context.pause()
    while True:
        yield Given("m1", p.states[-1] if p.states else "")
        await context.pause()


async def login(context: StepContext[ToySession], p: words.Login) -> words.SessionOutput:
    if p.password == "wrong":
        raise Refused("unauthenticated", http=401)
    context.session.done.append(f"login {context.session.user}")
    return words.SessionOutput(context.session.user)


async def logout(context: StepContext[ToySession], p: words.Logout) -> words.Nothing:
    context.session.done.append(f"logout {context.session.user}")
    return words.Nothing()


async def create(context: StepContext[ToySession], p: words.Create) -> words.MailOutput:
    context.session.done.append(f"create {context.session.user}")
    context.created("mail", "m7", undo="cancel")
    context.work_on("m7")
    return words.MailOutput("m7", status="draft", subject=p.subject or "", to=words.addresses(p.to))


async def send(context: StepContext[ToySession], p: words.Send) -> words.MailOutput:
    context.session.done.append(f"send {context.mail(p.mail)}")
    if context.mail(p.mail) == "lost":
        raise AnswerLost("the answer was lost")
    return words.MailOutput(context.mail(p.mail), status="sent")


_GO = Word(
    name="toy.go",
    title="Go",
    description="Ends as it is told.",
    example="- toy.go",
    parameters=Go,
    output=Given,
    short="how",
    refusals=("forbidden",),
)
_LOOK = Word(
    name="toy.look",
    title="Look",
    description="Looks and may be repeated.",
    example="- toy.look",
    parameters=Go,
    output=Given,
    short="how",
    safe=True,
)
_WATCH = Word(
    name="toy.watch",
    title="Watch",
    description="Shows states.",
    example="- toy.watch: {states: [draft]}",
    parameters=Go,
    output=Given,
    shape="observe",
    safe=True,
)


async def verify(context: StepContext[ToySession], p: words.VerifyStatus) -> AsyncIterator[words.MailOutput]:
    states = context.session.states
    while True:
        yield words.MailOutput(context.mail(p.mail), status=states.pop(0) if len(states) > 1 else states[0])
        await context.pause()


class SetStates(Struct, frozen=True, forbid_unknown_fields=True):
    """The states that verify_status will see."""

    states: list[str]


async def set_states(context: StepContext[ToySession], p: SetStates) -> words.Nothing:
    context.session.states = list(p.states)
    return words.Nothing()


_STATES = Word(
    name="toy.states",
    title="States",
    description="Sets what verify_status sees.",
    example="- toy.states: [draft]",
    parameters=SetStates,
    short="states",
)


def toy(done: list[str], *, name: str = "toy") -> Vendor:
    async def open_session(context: SessionContext) -> ToySession:
        done.append(f"open {context.actor.user if context.actor else ''}")
        return ToySession(context, done)

    return Vendor(
        name=name,
        title="Toy",
        open=open_session,
        cannot={"forward": "the toy has no forward"},
        steps=(
            _GO.step(go),
            _LOOK.step(go),
            _WATCH.step(show),
            _STATES.step(set_states),
            words.LOGIN.step(login),
            words.LOGOUT.step(logout),
            words.CREATE.step(create),
            words.SEND.step(send),
            words.VERIFY_STATUS.step(verify),
        ),
    )


@dataclass
class Ran:
    """What came of a run: the tally, the events, what the toy was told to do, and the clock at the end."""

    tally: Tally
    events: list[Event]
    done: list[str]
    clock: ManualClock
    schedule: Schedule | None = None
    finished: dict[str, ScenarioFinished] = field(default_factory=dict)

    def scenario(self, key: str = "") -> ScenarioFinished:
        found = [e for e in self.events if isinstance(e, ScenarioFinished) and key in e.scenario]
        assert len(found) == 1
        return found[0]

    def step(self, place: str) -> StepFinished:
        found = [e for e in self.events if isinstance(e, StepFinished) and e.step == place]
        assert len(found) == 1, [e.step for e in self.events if isinstance(e, StepFinished)]
        return found[0]

    def of(self, kind: type) -> list[Any]:
        return [e for e in self.events if isinstance(e, kind)]


@pytest.fixture
def run_text(tmp_path: Path) -> Callable[..., Ran]:
    """Run the text of one scenario (or several, by name) on the toy."""

    def run(text: str | dict[str, str], *, members: int = 3, on_start: Any = None, **changes: Any) -> Ran:
        folder = tmp_path / "scenarios"
        folder.mkdir(exist_ok=True)
        texts = {"it": text} if isinstance(text, str) else text
        for name, body in texts.items():
            (folder / f"{name}.scenario.yaml").write_text(body, encoding="utf-8")
        done: list[str] = []
        registry = Registry.of(GENERAL, toy(done))
        clock = ManualClock()
        pool = tuple(
            Member("agent", n, {"toy": {"user": f"a{n}", "password": Secret("pw", f"password-{n}")}}) for n in range(1, members + 1)
        )
        environment = Environment(
            name="test",
            targets={"toy": Target("toy", "http://toy.invalid")},
            pools={"agent": pool},
            allow_recipients=changes.pop("allow", ("*@example.com",)),
            **changes.pop("environment", {}),
        )
        project = Project.around(tmp_path)
        loader = Loader(harness.vocabulary(registry), project)
        plans = []
        for name in texts:
            plans += bind(loader.load(folder / f"{name}.scenario.yaml"), environment, registry, ActorPool(environment))
        events: list[Event] = []
        live = Run(
            id="run-1",
            seed=1,
            environment=environment,
            registry=registry,
            clock=clock,
            emit=events.append,
            flush=lambda: None,
            connect=lambda *a, **k: pytest.fail("the toy has no wire"),
            redactor=Redactor(),
            project=project,
            helpers=lambda chance: functions(
                random=chance,
                clock=clock,
                read=lambda path: project.read(path).decode(),
                env={},
                secret=lambda n: Secret(n, f"secret-of-{n}"),
            ),
        )
        schedule = Schedule(live, ActorPool(environment), parallel=changes.pop("parallel", 4), **changes)

        async def all_of_it() -> Tally:
            if on_start is not None:
                on_start(schedule)
            return await schedule.carry_out(plans, len(plans))

        tally = asyncio.run(all_of_it())
        return Ran(tally, events, done, clock)

    return run


@pytest.fixture
def chance() -> random.Random:
    return random.Random(7)
