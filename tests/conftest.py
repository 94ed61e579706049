"""What tests of several floors share: a plain vocabulary that stands still while the vendors move, golden files, and a toy vendor."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from msgspec import Struct

from runner.clock import Duration
from runner.errors import AnswerLost, ConnectFailed, Refused, Unsupported
from runner.plugins import vocabulary as words
from runner.plugins.contract import REASONS, FilePath, SessionContext, StepContext, Vendor, Word, decode_custom, schema_custom
from runner.plugins.registry import Registry
from runner.plugins.vocabulary import WORDS
from runner.scenario.schema import Vocabulary
from runner.vendors.general import VENDOR as GENERAL

# A busy machine makes nothing wrong: time is measured in benchmarks, never asserted. CI tries the same examples every time, so that what
# is red there is red by the change; everywhere else each run looks for new ones.
settings.register_profile("runner", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("runner")

# A process that was started in the background ignores Ctrl-C, and so would every process that a test starts to be interrupted.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_NO_EVENTS = {"listen": "egain sends no notifications", "expect_event": "egain sends no notifications"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that writes golden files instead of comparing them."""
    parser.addoption("--rewrite-golden", action="store_true", help="write the golden files anew, for a reviewed diff")


@pytest.fixture
def same_as_golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with the golden file at a path, or write it there."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--rewrite-golden"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == text

    return compare


@pytest.fixture(scope="session")
def plain_vocabulary() -> Vocabulary:
    """Three vendors that do the shared words plainly, egain without notifications, icws with a word of its own; and the general steps."""

    async def nothing(context: object, parameters: object) -> None:
        return None

    def vendor(name: str, cannot: dict[str, str], *own: str) -> Vendor:
        steps = [word.step(nothing) for word in WORDS if word.name not in cannot]
        steps += [WORDS[0].step(nothing, name=word, opens=False, short="", example=f"- {word}: {{user: agent1}}") for word in own]
        return Vendor(name=name, title=name, steps=tuple(steps), open=nothing, cannot=cannot)

    registry = Registry.of(vendor("gws", {}), vendor("icws", {}, "icws.send_recording"), vendor("egain", _NO_EVENTS), GENERAL)
    return Vocabulary(registry, read=decode_custom, describe=schema_custom, file_kind=FilePath, reasons=REASONS)


# ── a toy vendor with every way of going right and wrong ─────────────────────────────────────────────────────────────────────────


class Who(Struct, frozen=True, forbid_unknown_fields=True):
    """What a toy actor needs."""

    user: str
    password: str


class ToySession:
    """Remembers what was done with it."""

    def __init__(self, context: SessionContext, done: list[str]) -> None:
        self.user = context.actor.user if context.actor else ""
        self.done = done
        self.states: list[str] = []
        self.context = context
        self.listening: list[asyncio.Task[None]] = []

    async def listen(self) -> None:
        """Tells what was pushed, a while after the step that began to listen is over."""
        for _ in range(5):
            await asyncio.sleep(0)
        self.context.notified("late", None)

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
        case "push":
            await asyncio.sleep(0)
            session.context.notified(str(p.value), None)
        case "listen":
            session.listening.append(asyncio.create_task(session.listen()))
        case "hear":
            await asyncio.gather(*session.listening)
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


async def hear(context: StepContext[ToySession], p: words.ExpectEvent) -> AsyncIterator[words.Event]:
    """Nothing comes; the toy stops telling at once, or when the time is over, as its states say."""
    while context.session.states[0] != "early" and context.timeout > 0:
        await context.pause()
    for never in ():
        yield never


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


def _toy(done: list[str], *, name: str = "toy") -> Vendor:
    async def open_session(context: SessionContext) -> ToySession:
        done.append(f"open {context.actor.user if context.actor else ''}")
        return ToySession(context, done)

    return Vendor(
        name=name,
        title="Toy",
        open=open_session,
        credentials=Who,
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
            words.EXPECT_EVENT.step(hear),
        ),
    )


@pytest.fixture(scope="session")
def toy() -> Callable[..., Vendor]:
    """Makes a toy vendor that writes what it is told to do into a list."""
    return _toy
