"""
One step, carried out: render, perform, save, check. Called for each line of a file by :mod:`runner.engine.scenario`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from functools import partial, reduce
from typing import Any

import msgspec
from msgspec.structs import replace

from runner.clock import micro
from runner.engine.acting import Acting
from runner.engine.blocks import carry_out
from runner.engine.ending import PASSED, Ending, ending_of, graver
from runner.engine.live import WORKING, Live, Opened
from runner.engine.observe import observe
from runner.engine.output import asked_by, check, check_refusal, not_refused, settle
from runner.engine.plan import GRACE, Bound, limit_of, listed, placed
from runner.engine.policy import Pacer
from runner.environment.secrets import revealed
from runner.errors import Refused, StepTimedOut
from runner.plugins.contract import StepType, decode_custom
from runner.record.events import StepFinished, StepStarted
from runner.scenario.model import Step

__all__ = ["perform", "perform_all", "skip"]

# Until it has passed, its actor is with nobody.
_LOGIN = "login"


def perform(bound: Bound, live: Live) -> Coroutine[Any, Any, Ending]:
    """Carry out *bound* (once for each item of ``for_each``) and give how it ended; never raises but for a cancellation."""
    # each coroutine between the event loop and the wire is paid for again whenever the loop comes back
    if bound.plain and bound.type is not None:
        return _word(bound, bound.type, live, bound.place)
    return _one(bound, live, bound.place) if bound.step.for_each is None else _for_each(bound, live)


async def _for_each(bound: Bound, live: Live) -> Ending:
    step = bound.step
    assert step.for_each is not None  # noqa: S101 - the caller looked
    try:
        items = step.for_each.items.render(live.scope)
    except Exception as exc:  # noqa: BLE001 - the net: whatever a step does, it ends as a step
        return _never_began(bound, live, ending_of(exc, word=step.word, sends=False))
    if not isinstance(items, Sequence) or isinstance(items, str):
        reason = f"for_each wants a list, got {items!r}"[:200]
        return _never_began(bound, live, Ending("errored", reason, "E221", "scenario"))
    return await _each(bound, live, items)


async def _each(bound: Bound, live: Live, items: Sequence[Any]) -> Ending:
    assert bound.step.for_each is not None  # noqa: S101 - the caller looked
    if not items:
        return skip(bound, live, "for_each has nothing in its list")
    worst = PASSED
    for number, item in enumerate(items, 1):
        live.scope[bound.step.for_each.name] = item
        live.scope["index"] = number
        place = f"{bound.place}#{number}"
        ending = await _one(placed(bound, place), live, place)
        if not ending.good:
            worst = graver(worst, ending)
            if bound.step.on_failure == "stop":
                break
    return worst


async def _one(bound: Bound, live: Live, place: str) -> Ending:
    step = bound.step
    if step.when is not None:
        try:
            wanted = step.when.evaluate(live.scope)
        except Exception as exc:  # noqa: BLE001 - as above
            return _never_began(bound, live, ending_of(exc, word=step.word, sends=False), place)
        if not wanted:
            return skip(bound, live, f"not wanted here: `when: {step.when.text}` is false", place)
    if bound.cannot:
        return _never_began(bound, live, Ending("unsupported", bound.cannot, "E210"), place)
    if bound.type is not None:
        return await _word(bound, bound.type, live, place)
    return await _block(bound, live, place)


def skip(bound: Bound, live: Live, reason: str, place: str = "") -> Ending:
    """Record that *bound* was not carried out."""
    return _never_began(bound, live, Ending("skipped", reason), place)


def _never_began(bound: Bound, live: Live, ending: Ending, place: str = "") -> Ending:
    place = place or bound.place
    live.emit(_started(bound, live, place, None))
    _finish(live, place, ending, 0.0)
    return ending


# ── blocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _block(bound: Bound, live: Live, place: str) -> Ending:
    """``parallel`` or a word of one's own, with the modifiers that stand beside it."""
    started = live.run.clock.monotonic()
    try:
        given = bound.step.parameters.render(live.scope)
    except Exception as exc:  # noqa: BLE001 - as above
        return _never_began(bound, live, ending_of(exc, word=bound.step.word, sends=False), place)
    live.emit(_started(bound, live, place, given))
    before = live.performed
    ending, attempts = Ending("errored", "interrupted", "E705", "interrupted"), 1
    try:
        once = partial(_parallel, live) if bound.step.word == "parallel" else partial(_definition, live, place, given)
        ending, attempts = await carry_out(bound, live, place, once)
        if ending.good and live.performed == before:
            ending = Ending("skipped", "every step in it was skipped")
    except Exception as exc:  # noqa: BLE001 - as above
        ending = ending_of(exc, word=bound.step.word, sends=False)
    finally:
        _finish(live, place, ending, live.run.clock.monotonic() - started, attempts)
    return ending


async def _parallel(live: Live, bound: Bound, pacer: Pacer | None) -> Ending:
    """All steps of the block at once; each is done, whatever becomes of the others, and knows nothing of what they save."""
    branches = [live.branch() for _ in bound.inner]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(perform(inner, branch)) for inner, branch in zip(bound.inner, branches, strict=True)]
    finally:
        live.join(branches)
    if pacer is not None:
        pacer.saw({})
    return reduce(graver, (task.result() for task in tasks), PASSED)


async def _definition(live: Live, place: str, given: Any, bound: Bound, pacer: Pacer | None) -> Ending:
    """A word of one's own: its steps know its inputs and nothing of the scenario that uses it."""
    step, definition = bound.step, bound.step.definition
    assert definition is not None  # noqa: S101 - only such steps come here
    outer = live.scope
    try:
        if pacer is not None and pacer.rounds:
            given = step.parameters.render(outer)
        inner = {k: outer[k] for k in live.given}
        inner |= {n: i.default.render(inner) for n, i in definition.inputs.items() if i.default is not None and n not in given}
        live.scope = inner | given
        ending, _ = await perform_all(bound.inner, live)
        if not ending.good:
            return ending
        output = {name: value.render(live.scope) for name, value in definition.outputs.items()}
        live.scope = outer
        return settle(bound, live, place, output, None, pacer=pacer)
    except Exception as exc:  # noqa: BLE001 - as above
        return ending_of(exc, word=step.word, sends=False)
    finally:
        live.scope = outer


async def perform_all(steps: Sequence[Bound], live: Live) -> tuple[Ending, Bound | None]:
    """Steps in order; after one that stops, the rest are skipped. Gives what they mean together, and where it first was not good."""
    worst, where = PASSED, None
    stopped = ""
    for bound in steps:
        if stopped:
            skip(bound, live, stopped)
            continue
        ending = await perform(bound, live)
        if ending.good:
            continue
        worst, where = graver(worst, ending), where or bound
        if bound.step.on_failure == "stop" or ending.outcome == "unsupported":
            stopped = f"step {bound.place} did not pass"
    return worst, where


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _word(bound: Bound, type_: StepType, live: Live, place: str) -> Ending:
    monotonic = live.run.clock.monotonic
    started = monotonic()
    try:
        rendered, parameters = _given(bound, type_, live)
    except Exception as exc:  # noqa: BLE001 - as above
        return _never_began(bound, live, ending_of(exc, word=type_.name, sends=False), place)
    live.emit(_started(bound, live, place, rendered))
    live.place = place
    if type_.sends:
        # whatever becomes of this process: that mail may have left is written down before it can
        live.run.flush()
    ending, attempts = PASSED, 1
    try:
        if bound.plain:
            ending = await _try(bound, type_, live, place, parameters)
        else:
            ending, attempts = await _tries(bound, type_, live, place, parameters)
    except asyncio.CancelledError:
        doubt = type_.sends
        ending = Ending("errored", "interrupted", "E705", "interrupted", in_doubt=doubt)
        raise
    except Exception as exc:  # noqa: BLE001 - as above: what a repeated step looks at could not be computed
        ending = ending_of(exc, word=type_.name, sends=False)
    finally:
        live.deadline = float("inf")
        _finish(live, place, ending, monotonic() - started, attempts)
    return ending


def _given(bound: Bound, type_: StepType, live: Live) -> tuple[Any, Any]:
    """The step's parameters with everything filled in: as they are told, and as the step's own record."""
    rendered = bound.step.parameters.render(live.scope)
    if bound.parameters is not None:
        return rendered, bound.parameters
    plain = rendered if type_.sets_names else revealed(rendered)
    return rendered, msgspec.convert(plain, type_.parameters, strict=False, dec_hook=decode_custom)


async def _tries(bound: Bound, type_: StepType, live: Live, place: str, parameters: Any) -> tuple[Ending, int]:
    """``retry`` inside ``repeat``; each round of ``repeat`` fills its parameters in anew, a retry asks the same again."""
    pacer = Pacer(bound.step, live.run.clock, live.random, live.run.environment.timeout.total_seconds())
    while True:
        ending = await _try(bound, type_, live, place, parameters, pacer)
        if ending.outcome == "errored" and pacer.may_retry(ending, type_):
            live.retry(place, pacer.attempts, ending)
            await pacer.pause()
            continue
        if bound.step.repeat is None or ending.outcome != "passed":
            return ending, pacer.attempts
        verdict = await pacer.again(live.scope)
        if verdict is not None:
            checked = check(bound, live, place, pacer.output, None) if verdict.good else PASSED
            return (verdict if checked.good else checked), pacer.attempts
        try:
            _, parameters = _given(bound, type_, live)
        except Exception as exc:  # noqa: BLE001 - as above
            return ending_of(exc, word=type_.name, sends=type_.sends), pacer.attempts


async def _try(bound: Bound, type_: StepType, live: Live, place: str, parameters: Any, pacer: Pacer | None = None) -> Ending:
    """One try, in which everything that can be raised becomes an ending."""
    limit = bound.limit if bound.limit is not None else limit_of(bound.step, parameters, live.run.environment)
    monotonic = live.run.clock.monotonic
    began = monotonic()
    live.deadline = began + limit
    refused = bound.step.refused
    opened = live.opened(bound.vendor, bound.actor)
    acting = Acting(place=place, bound=bound, live=live, opened=opened, deadline=live.deadline)
    acting.stays_out = bound.stays_out
    opened.newest = acting
    WORKING.set(acting)
    if type_.name == _LOGIN:
        opened.turned_away = False
    if type_.opens:
        acting.goes_in = True
    try:
        # an observing step ends by itself when its time is up, and says what it saw
        with live.run.alarms.within(limit + (GRACE if type_.shape == "observe" else 0)) as bounds:
            if opened.session is None:
                await opened.open()
            if type_.recipients and bound.parameters is None:
                acting.guard(a for name in type_.recipients for a in listed(getattr(parameters, name, None)))
            if type_.shape == "observe":
                seen = await observe(acting, type_, parameters, pacer)
                return not_refused(type_.name) if refused is not None and seen.good else seen
            output = await type_.run(acting, parameters)
        if monotonic() - began > limit:
            late = StepTimedOut(f"`{type_.name}` took longer than {limit:g} s and kept everything else waiting", code="E608")
            return ending_of(late, word=type_.name, sends=type_.sends)
        if refused is not None:
            return not_refused(type_.name)
        return settle(bound, live, place, output, acting, asked=asked_by(bound, type_, parameters, acting), pacer=pacer)
    except TimeoutError as exc:
        if not bounds.expired:
            return ending_of(exc, word=type_.name, sends=type_.sends)
        late = StepTimedOut(f"`{type_.name}` did not end within {limit:g} s", hint="give it more time with `timeout`")
        return ending_of(late, word=type_.name, sends=type_.sends)
    except Refused as exc:
        if type_.name == _LOGIN:
            opened.turned_away = True
        if refused is not None:
            return check_refusal(bound, live, place, exc)
        ending = ending_of(exc, word=type_.name, sends=type_.sends)
        return replace(ending, hint=_who(opened, live)) if opened.turned_away and exc.reason == "unauthenticated" else ending
    except asyncio.CancelledError as exc:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return ending_of(exc, word=type_.name, sends=type_.sends)
    except BaseException as exc:  # noqa: BLE001 - a plugin may raise anything, SystemExit too; it ends a step, not the run
        return ending_of(exc, word=type_.name, sends=type_.sends)
    finally:
        acting.over = True


def _who(opened: Opened, live: Live) -> str:
    """What to look at when somebody may not log in."""
    actor = opened.actor
    if actor is None:
        return ""
    where = f"of {actor.name} in the environment `{live.run.environment.name}`"
    return f"look at the user `{actor.user}` {where}: a wrong password, locked, expired?"


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _started(bound: Bound, live: Live, place: str, parameters: Any) -> StepStarted:
    step = bound.step
    return StepStarted(
        scenario=live.key,
        step=place,
        type=step.word,
        line=step.span.line,
        name=_step_name(step, live),
        actor=bound.actor,
        phase="cleanup" if bound.phase == "cleanup" else "steps",
        file="" if step.span.source is live.plan.scenario.source else step.span.source.name,
        parameters=parameters or None,
    )


def _step_name(step: Step, live: Live) -> str:
    if step.name is None:
        return ""
    try:
        return str(step.name.render(live.scope))
    except Exception:  # noqa: BLE001 - a name is for people only
        return step.word


def _finish(live: Live, place: str, ending: Ending, took: float, attempts: int = 1) -> None:
    if ending.outcome != "skipped":
        live.performed += 1
        live.in_doubt = live.in_doubt or ending.in_doubt
    if ending is PASSED:
        live.emit(StepFinished(scenario=live.key, step=place, outcome="passed", took=micro(took), attempts=attempts))
        return
    live.emit(
        StepFinished(
            scenario=live.key,
            step=place,
            outcome=ending.outcome,
            took=micro(took),
            reason=ending.reason,
            code=ending.code,
            cause=ending.cause,
            hint=ending.hint,
            attempts=attempts,
            states=list(ending.states),
            in_doubt=ending.in_doubt,
            refused=ending.refused,
            generated=live.generated.among(ending.reason),
        )
    )
