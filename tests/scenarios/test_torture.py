"""A scenario that is stopped at any of its awaits cleans up: whoever had logged in logs out, and the record is whole."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest

from runner import harness
from runner.engine.schedule import Schedule
from runner.record.events import Event, Exchanged, ScenarioFinished, StepFinished, StepStarted

SCENARIO = """\
scenario: Stopped anywhere
vendor: {vendor}
steps:
  - login: {{as: agent}}
  - create: {{to: joe@example.com, subject: Torture, text: Hello}}
  - send
cleanup:
  - logout
"""
# More awaits than this the scenario does not have; the test says so if it ever does.
MOST = 80


class Watched(Coroutine[Any, Any, Any]):
    """A coroutine that has something called when it waits for the *number*-th time."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], number: int, then: Any) -> None:
        self._coroutine = coroutine
        self._left = number
        self._then = then

    def send(self, value: Any) -> Any:
        """Go on until it waits again."""
        waiting = self._coroutine.send(value)
        self._left -= 1
        if self._left == 0:
            # the task has to see what it waits for first
            asyncio.get_running_loop().call_soon(self._then)
        return waiting

    def throw(self, *problem: Any) -> Any:
        """As the coroutine does."""
        return self._coroutine.throw(*problem)

    def close(self) -> None:
        """As the coroutine does."""
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        """As the coroutine does."""
        return self._coroutine.__await__()


class Told:
    """The events of a run."""

    name = "told"

    def __init__(self) -> None:
        self.events: list[Event] = []

    def handle(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)

    def close(self) -> None:
        """Nothing is held."""

    def outcome(self, word: str) -> str:
        """What became of the step *word*; "" when it did not begin."""
        places = {event.step for event in self.events if isinstance(event, StepStarted) and event.type == word}
        return next((event.outcome for event in self.events if isinstance(event, StepFinished) and event.step in places), "")

    @property
    def lost_login(self) -> bool:
        """Whether the answer was never heard that would have told of the session: nobody here can close that."""
        first = next((event for event in self.events if isinstance(event, Exchanged)), None)
        return first is not None and bool(first.error)


async def stopped_at(number: int, file: Path) -> Told:
    """Run the scenario and interrupt it at its *number*-th await; 0 is never."""
    told = Told()
    schedules: list[Schedule] = []

    def task(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
        if coroutine.__qualname__ == "ScenarioRun._all_steps":
            coroutine = Watched(coroutine, number, schedules[0].interrupt)
        return asyncio.Task(coroutine, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(task)
    request = harness.Request(paths=(str(file),), reports=file.parent.parent / "reports", start=file.parent.parent, seed=1)
    await harness.run(request, [told], on_start=schedules.append)
    return told


@pytest.mark.parametrize("vendor", ["gws", "icws", "egain"])
def test_whoever_logged_in_logs_out_wherever_the_scenario_is_stopped(tmp_path: Path, vendor: str) -> None:
    """Stopped at each of its awaits in turn, a scenario ends every step, logs out, and leaves no session open but one it names."""
    file = tmp_path / "scenarios" / "torture.scenario.yaml"
    file.parent.mkdir()
    file.write_text(SCENARIO.format(vendor=vendor), encoding="utf-8")
    stops = 0
    for number in range(1, MOST):
        told = asyncio.run(stopped_at(number, file))
        (finished,) = (event for event in told.events if isinstance(event, ScenarioFinished))
        began = [event.step for event in told.events if isinstance(event, StepStarted)]
        ended = [event.step for event in told.events if isinstance(event, StepFinished)]
        assert sorted(began) == sorted(ended), number
        assert finished.left_open == [f"agent at {vendor}"] * told.lost_login, number
        if told.outcome("login") == "passed":
            assert told.outcome("logout") == "passed", number
        if finished.outcome == "passed":
            break
        assert finished.cause == "interrupted", number
        stops = number
    assert 3 < stops < MOST - 1
