"""
The modifiers beside ``parallel`` and words of one's own: ``timeout``, ``refused``, ``retry`` and ``repeat`` mean the whole block.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from runner.engine.ending import PASSED, Ending, ending_of
from runner.engine.live import Live
from runner.engine.output import check, check_refusal, not_refused
from runner.engine.plan import Bound, placed, sends_mail
from runner.engine.policy import Pacer
from runner.errors import StepTimedOut

__all__ = ["Once", "carry_out"]

# Carries a block out a single time, its steps standing where they stand in that round; the pacer wants to see its output.
Once = Callable[[Bound, Pacer | None], Awaitable[Ending]]


class _Whole(NamedTuple):
    """A block as :func:`runner.engine.policy.may_try_again` sees it: who writes ``retry`` beside one wants all of it again."""

    sends: bool
    safe: bool = True


async def carry_out(bound: Bound, live: Live, place: str, once: Once) -> tuple[Ending, int]:
    """``retry`` inside ``repeat``, as for a single step; gives how the block ended, and after how many tries."""
    step = bound.step
    if step.retry is None and step.repeat is None:
        return await _try(bound, live, place, once, None), 1
    pacer = Pacer(step, live.run.clock, live.random, live.run.environment.timeout.total_seconds())
    whole = _Whole(sends_mail(bound))
    while True:
        ending = await _try(bound, live, place, once, pacer)
        if ending.outcome == "errored" and pacer.may_retry(ending, whole):
            live.retry(place, pacer.attempts, ending)
            await pacer.pause()
            continue
        if step.repeat is None or not ending.good:
            return ending, pacer.attempts
        verdict = await pacer.again(live.scope)
        if verdict is not None:
            checked = check(bound, live, place, pacer.output, None) if verdict.good else PASSED
            return (verdict if checked.good else checked), pacer.attempts


async def _try(bound: Bound, live: Live, place: str, once: Once, pacer: Pacer | None) -> Ending:
    if pacer is not None and pacer.attempts > 1:
        bound = placed(bound, f"{bound.place}~{pacer.attempts}")
    ending = await _in_time(bound, live, once, pacer)
    if bound.step.refused is None:
        return ending
    if ending.good:
        return not_refused(bound.step.word)
    return check_refusal(bound, live, place, ending.refusal) if ending.refusal is not None else ending


async def _in_time(bound: Bound, live: Live, once: Once, pacer: Pacer | None) -> Ending:
    timeout = bound.step.timeout
    if timeout is None:
        return await once(bound, pacer)
    seconds = timeout.total_seconds()
    try:
        with live.run.alarms.within(seconds):
            return await once(bound, pacer)
    except TimeoutError:
        late = StepTimedOut(f"`{bound.step.word}` did not end within {seconds:g} s", hint="give it more time with `timeout`")
        return ending_of(late, word=bound.step.word, sends=False)
