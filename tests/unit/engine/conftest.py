"""
A function that runs a scenario's text on the toy vendor.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from runner import harness
from runner.clock import ManualClock
from runner.engine.binding import bind
from runner.engine.run import Run
from runner.engine.schedule import Schedule, Tally
from runner.environment.actors import ActorPool
from runner.environment.model import Environment, Member, Target
from runner.environment.redaction import Redactor
from runner.environment.secrets import Secret
from runner.plugins.contract import Vendor
from runner.plugins.registry import Registry
from runner.record.events import Event, ScenarioFinished, StepFinished
from runner.scenario.load import Loader
from runner.scenario.project import Project
from runner.scenario.templates.functions import functions
from runner.vendors.general import VENDOR as GENERAL


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
def run_text(tmp_path: Path, toy: Callable[..., Vendor]) -> Callable[..., Ran]:
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
            connect=changes.pop("connect", lambda *a, **k: pytest.fail("the toy has no wire")),
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
