"""
A run in this process: the event loop, Ctrl-C and SIGTERM, and the ticks that keep live lines alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli.exits import Exit
from runner.cli.output import shown
from runner.engine.loop import loop_factory
from runner.engine.scenario import LEFT_BEHIND
from runner.record.events import Event, RunFinished
from runner.record.printed import overheard
from runner.reporters.base import Reporter, Ticking

if TYPE_CHECKING:  # names for the reader; the harness brings them when it is imported
    from runner.record.result import RunResult

__all__ = ["ToldProblems", "carry_out", "exit_of_result", "tell_problems"]

_TICK = 0.25


def carry_out(harness: Any, request: Any, make_reporters: Callable[[Path], list[Reporter]]) -> RunResult:
    """
    Run *request* to its end and give the result.

    The first Ctrl-C (or SIGTERM) stops what runs and lets it clean up; the second cuts the clean-up short; the third ends the program.
    """
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        result: RunResult = runner.run(_run(harness, request, make_reporters))
        _end_if_stuck(runner.get_loop(), result)
    return result


def _end_if_stuck(loop: asyncio.AbstractEventLoop, result: RunResult) -> None:
    """A step that cannot be stopped would keep this process for ever; everything is written by now, so the process ends here."""
    if any(task.get_name() == LEFT_BEHIND for task in asyncio.all_tasks(loop)):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_of_result(result))


async def _run(harness: Any, request: Any, make_reporters: Callable[[Path], list[Reporter]]) -> Any:
    reporters: list[Reporter] = []
    told = ToldProblems()

    interrupts = _Interrupts()

    def made(folder: Path) -> Sequence[Reporter]:
        # from here on there is something on disk that has to come to its end
        stack.enter_context(_interruptible(interrupts.interrupt))
        stack.enter_context(overheard(sys.stdout, sys.stderr))
        reporters.extend(make_reporters(folder))
        return [told, *reporters]

    with contextlib.ExitStack() as stack:
        ticks = asyncio.create_task(_tick(reporters))
        try:
            result = await harness.run(request, (), make_sinks=made, on_start=interrupts.begin)
        finally:
            ticks.cancel()
    tell_problems(result, told)
    return result


class ToldProblems:
    """The problems that the last event told; a reporter that breaks while it is closed comes too late for that."""

    name = "told problems"

    def __init__(self) -> None:
        self.problems: list[str] = []

    def handle(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, RunFinished):
            self.problems = event.problems

    def close(self) -> None:
        """Nothing to write."""


def tell_problems(result: RunResult, told: ToldProblems) -> None:
    """Say what came too late for the reports: a reporter that broke while it was closed."""
    for problem in result.problems:
        if problem not in told.problems:
            click.echo(shown(f"error: {problem}"), err=True)


async def _tick(reporters: list[Reporter]) -> None:
    """Tell the reporters four times a second that time has passed; one that cannot bear it is left alone from then on."""
    broken: set[int] = set()
    while True:
        await asyncio.sleep(_TICK)
        for reporter in reporters:
            if isinstance(reporter, Ticking) and id(reporter) not in broken:
                try:
                    reporter.tick()
                except Exception:  # noqa: BLE001 - its next event will show what is wrong with it, and the stream names it then
                    broken.add(id(reporter))


class _Interrupts:
    """Who is told to stop: the schedule, also of what came before there was one."""

    def __init__(self) -> None:
        self._schedule: Any = None
        self._early: list[str] = []

    def begin(self, schedule: Any) -> None:
        """The *schedule* begins."""
        self._schedule = schedule
        for why in self._early:
            schedule.interrupt(why)

    def interrupt(self, why: str) -> None:
        """Stop."""
        if self._schedule is None:
            self._early.append(why)
        else:
            self._schedule.interrupt(why)


@contextlib.contextmanager
def _interruptible(interrupt: Callable[[str], None]) -> Iterator[None]:
    """SIGINT and SIGTERM *interrupt* the run while the block runs; the third time they do what they always do."""
    loop = asyncio.get_running_loop()
    # a signal comes within whatever goes on, and what is said then is said by us
    outside = contextvars.copy_context()
    told: list[int] = []

    def on_signal(number: int) -> None:
        told.append(number)
        if len(told) == 1:
            click.echo("\ncleaning up; press Ctrl-C again to skip it", err=True)
        elif len(told) == 2:
            click.echo("\nstopping now; sessions may stay open", err=True)
            signal.signal(number, signal.SIG_DFL)
        interrupt("interrupted" if number == signal.SIGINT else "terminated")

    before = {number: signal.getsignal(number) for number in _signals()}
    for number in before:
        signal.signal(number, lambda number, _frame: loop.call_soon_threadsafe(on_signal, number, context=outside))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _signals() -> list[signal.Signals]:
    names = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def exit_of_result(result: RunResult) -> Exit:
    """What the whole run means for the program."""
    return Exit(result.exit_code)
