"""What the command line's tests share: a harness that answers from memory, and a way to call the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from runner.cli.main import main
from runner.errors import Diagnostic
from runner.plugins import vocabulary as words
from runner.plugins.contract import StepType, Vendor
from runner.plugins.registry import Registry
from runner.record.events import Event, RunFinished, RunStarted, ScenarioFinished, ScenarioStarted
from runner.source import Source, Span


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the harness is asked for; the fields that the command line fills in."""

    paths: tuple[str, ...] = ("scenarios",)
    keys: tuple[str, ...] = ()
    environment: str = "simulator"
    vendors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    parallel: int | None = None
    seed: int | None = None
    reports: Path = Path("reports")
    variables: Mapping[str, str] = field(default_factory=dict)
    fail_fast: bool = False


async def perform(context: Any, parameters: Any) -> None:
    """Do nothing."""


class Ring(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How often the bell rings."""

    times: int = 1


class WideCreate(words.Create, frozen=True):  # type: ignore[misc]  # a vendor's wider record, as vendors write it
    """A new mail, with this vendor's own field."""

    channel: str | None = None


RING = StepType(
    name="acme.ring", title="Ring", description="Rings the bell.", example="- acme.ring: 2", parameters=Ring, short="times", run=perform
)
NOTE = StepType(name="note", title="Note", description="Writes a line.", example="- note: 1", parameters=Ring, short="times", run=perform)
VENDORS = Registry.of(
    Vendor(name="general", title="General", steps=(NOTE,), open=perform),
    Vendor(
        name="acme", title="Acme", steps=(RING, words.CREATE.step(perform, parameters=WideCreate), words.SEND.step(perform)), open=perform
    ),
    Vendor(name="apex", title="Apex", steps=(words.CREATE.step(perform),), open=perform, cannot={"send": "it has no outbox"}),
)

FILE = "scenarios/reply.scenario.yaml"
SOURCE = Source(FILE, "scenario: Reply\nvendor: acme\nsteps:\n  - sned\n")
MISTAKE = Diagnostic("E201", "unknown step `sned`", Span(SOURCE, 4, 5, 4, 9), "acme has no step of this name", "write `send`")


class FakeHarness:
    """
    Stands where the harness stands. ``raises`` is raised by whatever is called; ``requests`` keeps what was asked; a run plays ``events``.
    """

    Request = Request

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.raises: BaseException | None = None
        self.diagnostics: list[Diagnostic] = []
        self.cases: tuple[str, ...] = ()
        self.empty = False
        self.exit_code = 0
        self.problems: tuple[str, ...] = ()
        self.events: Sequence[Event] = (
            RunStarted(
                run="r1", started="2030-01-02T09:00:00+00:00", environment="simulator", seed=1, planned=1, parallel=1, version="0.1.0"
            ),
            ScenarioStarted(scenario=f"{FILE}::acme", id="reply", name="Reply", file=FILE, line=1, vendor="acme"),
            ScenarioFinished(scenario=f"{FILE}::acme", outcome="passed", took=0.5),
            RunFinished(took=0.6, counts={"passed": 1}),
        )

    def _asked(self, request: Request) -> None:
        self.requests.append(request)
        if self.raises is not None:
            raise self.raises

    def check(self, request: Request, *, words: bool = False) -> SimpleNamespace:
        """One scenario for one vendor, with the diagnostics that were put here."""
        self._asked(request)
        scenario = SimpleNamespace(name="Reply", file=FILE, id="reply", description="", tags=("smoke",), span=Span(SOURCE, 1, 1, 1, 9))
        cases = [SimpleNamespace(name=name) for name in self.cases] or [None]
        keys = [f"{FILE}::acme" + (f"[{case.name}]" if case else "") for case in cases]
        plans = [
            SimpleNamespace(key=key, scenario=scenario, vendor="acme", case=case, unsupported="")
            for key, case in zip(keys, cases, strict=True)
        ]
        found = not self.empty
        return SimpleNamespace(
            plans=tuple(plans) if found else (),
            scenarios=(scenario,) if found else (),
            diagnostics=tuple(self.diagnostics),
            files=int(found),
            words=0,
        )

    async def run(self, request: Request, sinks: Sequence[Any], *, make_sinks: Callable[[Path], Sequence[Any]], on_start: Any) -> Any:
        """Plays the events to the sinks."""
        self._asked(request)
        return self._played(make_sinks, request.reports)

    def report(self, run: str, reports: Path, make_sinks: Callable[[Path], Sequence[Any]]) -> Any:
        """The same from an earlier run."""
        if self.raises is not None:
            raise self.raises
        return self._played(make_sinks, reports)

    def registry(self) -> Registry:
        """Two vendors, and a general step."""
        return VENDORS

    def _played(self, make_sinks: Callable[[Path], Sequence[Any]], reports: Path) -> Any:
        sinks = make_sinks(reports / "r1")
        for n, event in enumerate(self.events, 1):
            for sink in sinks:
                sink.handle(msgspec.structs.replace(event, n=n))
        for sink in sinks:
            sink.close()
        ended = [event for event in self.events if isinstance(event, ScenarioFinished)]
        red = [SimpleNamespace(key=event.scenario) for event in ended if event.outcome != "passed"]
        return SimpleNamespace(exit_code=self.exit_code, problems=self.problems, folder=reports / "r1", not_passed=red)


@dataclass(frozen=True)
class Said:
    """What the program said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        return msgspec.json.decode(self.out.encode())


CHATTY = """
import asyncio, logging, sys, threading
from typing import Annotated

from msgspec import Meta, Struct

from runner.plugins.contract import StepType, Vendor

print("chatty is loaded")
together = asyncio.Barrier(2)
# who has said everything, and who may go on
said, heard = threading.Event(), threading.Event()


class Session:
    async def close(self):
        pass


async def open_session(context):
    return Session()


class Say(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    text: Annotated[str, Meta(title="Text", description="What is said.", examples=["hello"])]
    how: Annotated[str, Meta(title="How", description="How it is said.", examples=["print"])] = "print"


def in_a_thread(text):
    thread = threading.Thread(target=print, args=(text,))
    thread.start()
    thread.join()


async def say(context, p):
    loop = asyncio.get_running_loop()
    match p.how:
        case "stderr":
            print(p.text, file=sys.stderr)
        case "pieces":
            print(*p.text, sep="", end="", flush=True)
            print()
        case "unended":
            print(p.text, end="")
        case "bytes":
            sys.stdout.buffer.write(p.text.encode() + b"\\n")
        case "log":
            logging.getLogger("chatty").warning("%s", p.text)
        case "task":
            await asyncio.create_task(asyncio.to_thread(print, p.text))
        case "executor":
            await loop.run_in_executor(None, print, p.text)
        case "thread":
            in_a_thread(p.text)
        case "flood":
            print("\\n".join([p.text] * 5000))
        case "long":
            print(p.text * 5000)
        case "together":
            for number in range(3):
                await together.wait()
                print(p.text, number)
        case "said":
            for write in (print, logging.getLogger("chatty").error, sys.stdout.write, sys.stderr.write):
                write(p.text)
            said.set()
            await asyncio.to_thread(heard.wait, 20)
        case _:
            print(p.text)


VENDOR = Vendor(
    name="chatty",
    title="Chatty",
    open=open_session,
    steps=(
        StepType(
            name="chatty.say",
            title="Say",
            description="Says something.",
            example="- chatty.say: hello",
            parameters=Say,
            short="text",
            anonymous=True,
            run=say,
        ),
    ),
)
"""
HERE = """
environment: here
vendors: {chatty: {url: "http://127.0.0.1:9"}}
actors: {agent: [{chatty: {}}, {chatty: {}}, {chatty: {}}]}
"""


@pytest.fixture
def chatty() -> Callable[[Path], None]:
    """Puts a vendor whose plugin prints into a folder, and the environment ``here`` that has it; the folder is to be on ``sys.path``."""

    def put(folder: Path) -> None:
        (folder / "chatty.py").write_text(CHATTY, encoding="utf-8")
        points = folder / "chatty-1.0.dist-info" / "entry_points.txt"
        points.parent.mkdir()
        points.write_text("[runner.vendors]\nchatty = chatty:VENDOR\n", encoding="utf-8")
        environment = folder / "scenarios" / "environments" / "here.yaml"
        environment.parent.mkdir(parents=True)
        environment.write_text(HERE, encoding="utf-8")

    return put


@pytest.fixture
def mistake() -> Diagnostic:
    """A mistake in a scenario file."""
    return MISTAKE


@pytest.fixture
def harness() -> FakeHarness:
    """A harness that answers from memory."""
    return FakeHarness()


@pytest.fixture
def runner(
    harness: FakeHarness, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Calls the program in an empty folder, with the harness that answers from memory."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Said:
        code = main(arguments, obj=harness)
        captured = capsys.readouterr()
        return Said(int(code), captured.out, captured.err)

    return call
