"""
When a step is done again: ``retry`` after a failure of the wire, ``repeat`` until something holds. Time comes from a Clock.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, Protocol

from runner.clock import Clock
from runner.engine.ending import Ending
from runner.scenario.model import Scope, Step

__all__ = ["Pacer", "Repeatable", "may_try_again"]

# Endings after which nothing has happened at the vendor: no connection was made, or it said that it does not take work now.
_NOTHING_HAPPENED = {"E701"}
_WIRE = {"E700", "E701", "E702", "E703", "E704"}


class Repeatable(Protocol):
    """What counts when something is to be done again."""

    @property
    def sends(self) -> bool:
        """Whether mail may leave."""
        ...

    @property
    def safe(self) -> bool:
        """Whether it only looks, or may be done again for another reason."""
        ...


def may_try_again(ending: Ending, type_: Repeatable, *, even_if_sent: bool) -> bool:
    """
    Whether a try that ended so may be made again.

    Only failures of the wire are; a try that may have reached the vendor only when the step is safe to repeat (it looks, it does not
    do), or the file says ``even_if_sent``.
    """
    if ending.refused == "unavailable":
        return even_if_sent or not type_.sends
    if ending.code not in _WIRE:
        return False
    if even_if_sent:
        return True
    return not type_.sends and (type_.safe or ending.code in _NOTHING_HAPPENED)


class Pacer:
    """Counts the tries of one step, and waits between them."""

    def __init__(self, step: Step, clock: Clock, chance: random.Random, timeout: float) -> None:
        self._step = step
        self._clock = clock
        self._chance = chance
        self._retries = 0
        self.output: Mapping[str, Any] = {}
        self._states: list[tuple[str, float]] = []
        self._began = clock.monotonic()
        repeat = step.repeat
        within = repeat.within.total_seconds() if repeat is not None and repeat.within is not None else timeout
        self._within = within
        self.attempts = 1
        # of `repeat`, that are over
        self.rounds = 0

    def saw(self, output: Mapping[str, Any]) -> None:
        """Keep the newest output, and its state if it is a new one."""
        self.output = output
        state = str(output.get("status", output.get("http", "")))
        if state and (not self._states or self._states[-1][0] != state):
            self._states.append((state, round(self._clock.monotonic() - self._began, 3)))

    def may_retry(self, ending: Ending, type_: Repeatable) -> bool:
        """Whether a try that ended so is made again, after :meth:`pause`."""
        retry = self._step.retry
        if retry is None or self._retries >= retry.times:
            return False
        return may_try_again(ending, type_, even_if_sent=retry.even_if_sent)

    async def pause(self) -> None:
        """Wait for the next try."""
        retry = self._step.retry
        assert retry is not None  # noqa: S101 - the caller asked may_retry
        gap = retry.every.total_seconds() * retry.backoff**self._retries
        gap *= 1 + retry.jitter * (2 * self._chance.random() - 1)
        self._retries += 1
        self.attempts += 1
        await self._clock.sleep(gap)

    async def again(self, scope: Scope) -> Ending | None:
        """The three ends of ``repeat``; None when it is to be done once more, after the wait."""
        repeat = self._step.repeat
        assert repeat is not None  # noqa: S101 - the caller looked
        names = {**scope, "output": self.output, "answer": self.output.get("answer"), "attempt": self.attempts}
        states = tuple(self._states)
        if repeat.until.evaluate(names):
            return Ending("passed", states=states)
        if repeat.stop_if is not None and repeat.stop_if.evaluate(names):
            reason = f"impossible: `stop_if: {repeat.stop_if.text}` holds{_told(states)}"
            return Ending("failed", reason, "F205", "product", states=states)
        left = self._began + self._within - self._clock.monotonic()
        if left <= 0:
            tries = f"{self.attempts} {'try' if self.attempts == 1 else 'tries'}"
            reason = f"still pending after {self._within:g} s and {tries}: `until: {repeat.until.text}` does not hold"
            return Ending("failed", reason + _told(states), "F206", "product", states=states)
        self.attempts += 1
        self.rounds += 1
        await self._clock.sleep(min(repeat.every.total_seconds(), left))
        return None


def _told(states: tuple[tuple[str, float], ...]) -> str:
    return f"; seen: {' → '.join(state for state, _ in states)}" if states else ""
