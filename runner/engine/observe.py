"""
Looking until something is there: the three ends of an observing step – reached, impossible, still pending – and the states seen.

That nothing came is another end: it is proven when the vendor says that all was heard (docs/decisions/0022-silence-is-proven.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from runner.engine.acting import Acting
from runner.engine.ending import Ending
from runner.engine.output import asked_by, compared, count_of, differences_of, keep, plain_output
from runner.engine.plan import GRACE
from runner.engine.policy import Pacer
from runner.errors import WireError
from runner.matching.verdict import Difference
from runner.plugins.contract import StepType
from runner.record.events import Checked
from runner.scenario.model import Check

__all__ = ["observe"]

# Seconds that a server always has to say that nothing came.
_LEAST = 1.0


async def observe(acting: Acting, type_: StepType, parameters: Any, pacer: Pacer | None) -> Ending:
    """
    Look until what is asked for is there (reached), can never come (impossible), or time is up (still pending).

    With ``absent`` the first two change places: nothing may match until time is up, and the vendor has heard all that came until then.
    """
    bound, live = acting.bound, acting.live
    clock = live.run.clock
    absent = type_.absent is not None and type_.absent(parameters)
    asked = asked_by(bound, type_, parameters, acting)
    within = getattr(parameters, "within", None)
    seconds = within.total_seconds() if within is not None else min(acting.timeout, live.run.environment.timeout.total_seconds())
    until = clock.monotonic() + seconds
    # to say that nothing came, the vendor is asked once more after the time is up
    extra = min(GRACE, max(_LEAST, acting.timeout - seconds)) if absent else 0.0
    acting.deadline = until
    seen = _Seen(clock.monotonic())
    silence = f"nothing was heard from {bound.vendor} at the end of the {seconds:g} s, nor within {extra:g} s after"
    try:
        async with asyncio.timeout(seconds + extra), aclosing(type_.run(acting, parameters)) as outputs:
            async for output in outputs:
                ending = _look(acting, type_, parameters, output, asked, seen, absent=absent, pacer=pacer, now=clock.monotonic())
                if ending is not None:
                    return ending
                if not absent and clock.monotonic() >= until:
                    break
            else:
                silence = "" if clock.monotonic() >= until else f"{bound.vendor} stopped telling before the {seconds:g} s were over"
    except TimeoutError:
        pass
    except WireError as exc:
        if not absent:
            raise
        silence = exc.message
    if absent:
        return _nothing_came(silence, seen)
    if not seen.tries and type_.absent is None:
        # what is waited for is not an event that may not come, but a look: it could not be carried out
        return Ending("errored", f"no look was answered within {seconds:g} s", "E703", "environment")
    return _still_pending(acting, seen, seconds)


class _Seen:
    """The states an observing step saw, each with the second it was first seen, and what was wrong with the last output."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._states: list[tuple[str, float]] = []
        self.tries = 0
        self.differences: list[Difference] = []
        self.checks = 0

    def add(self, output: Mapping[str, Any], now: float) -> None:
        self.tries += 1
        state = str(output.get("status") or output.get("name") or "")
        if state and (not self._states or self._states[-1][0] != state):
            self._states.append((state, round(now - self._began, 3)))

    def states(self) -> tuple[tuple[str, float], ...]:
        return tuple(self._states)

    def told(self) -> str:
        return " → ".join(state for state, _ in self._states)


def _look(
    acting: Acting,
    type_: StepType,
    parameters: Any,
    output: Any,
    asked: Check | None,
    seen: _Seen,
    *,
    absent: bool,
    pacer: Pacer | None,
    now: float,
) -> Ending | None:
    """What one output means: an ending, or None when it is to be looked at again."""
    bound, live = acting.bound, acting.live
    data = plain_output(output, acting)
    seen.add(data, now)
    differences = differences_of(asked, data, live.scope) + differences_of(bound.step.expect, data, live.scope)
    seen.differences, seen.checks = differences, count_of(asked) + count_of(bound.step.expect)
    if not differences:
        if absent:
            return Ending("failed", f"{_named(data)} came, though nothing like it may", "F204", "product", states=seen.states())
        live.emit(Checked(scenario=live.key, step=acting.place, passed=True, checks=max(1, seen.checks)))
        return keep(bound, live, acting.place, data, pacer) or Ending("passed", states=seen.states())
    never = type_.impossible(parameters, data) if type_.impossible is not None and not absent else ""
    if not never:
        return None
    _tell_differences(acting, seen)
    return Ending("failed", f"impossible: {never}", "F205", "product", states=seen.states())


def _nothing_came(silence: str, seen: _Seen) -> Ending:
    """*silence*: why nobody can say so, or ""."""
    if not silence:
        return Ending("passed", states=seen.states())
    hint = "a silence counts when the server was heard at its end; see its last exchanges with -vv"
    return Ending("errored", f"nobody can say that nothing came: {silence}", "E718", "environment", hint=hint, states=seen.states())


def _still_pending(acting: Acting, seen: _Seen, seconds: float) -> Ending:
    if not seen.tries:
        return Ending("failed", f"nothing came within {seconds:g} s", "F206", "product")
    _tell_differences(acting, seen)
    first = compared(acting.live, seen.differences[0]) if seen.differences else Difference("", "", "")
    what = f"{first.path} is {first.got}, expected {first.expected}" if first.path else "not as expected"
    told = f"; seen: {seen.told()}" if seen.told() else ""
    reason = f"still pending after {seconds:g} s and {seen.tries} {'look' if seen.tries == 1 else 'looks'}: {what}{told}"
    return Ending("failed", reason, "F206", "product", states=seen.states())


def _tell_differences(acting: Acting, seen: _Seen) -> None:
    live = acting.live
    live.emit(Checked(scenario=live.key, step=acting.place, passed=False, checks=max(1, seen.checks), differences=seen.differences))


def _named(data: Mapping[str, Any]) -> str:
    return str(data.get("status") or data.get("name") or "something that matches")
