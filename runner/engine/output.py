"""
What a step gave back: as plain data, kept under names, checked against what the file expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from runner.engine.acting import Acting
from runner.engine.ending import NOT_THE_PRODUCT, PASSED, Ending, ending_of
from runner.engine.live import Live, Working
from runner.engine.plan import Bound
from runner.engine.policy import Pacer
from runner.engine.stated import stated
from runner.errors import Refused
from runner.matching import ABSENT, find
from runner.matching.verdict import Difference
from runner.plugins.contract import StepType
from runner.record.events import Checked, Saved
from runner.scenario.model import Check, Scope

__all__ = ["asked_by", "check", "check_refusal", "compared", "count_of", "differences_of", "keep", "not_refused", "plain_output", "settle"]

# Refusals of our own side (nothing was sent) that say nothing of the vendor: it was not asked. What a session knows for itself, as it holds
# the drafts, may refuse for the vendor.
_NEVER_ASKED = NOT_THE_PRODUCT | {"invalid"}


def settle(
    bound: Bound,
    live: Live,
    place: str,
    output: Any,
    working: Working | None,
    *,
    asked: Check | None = None,
    pacer: Pacer | None = None,
) -> Ending:
    """Save and check an output; the order matters: what was saved is there for a later look, also when a check said no."""
    step = bound.step
    if not bound.looks:
        return PASSED
    data = plain_output(output, working)
    missing = keep(bound, live, place, data, pacer)
    if missing is not None:
        return missing
    # a repeated step is checked when its end is reached
    return PASSED if step.repeat is not None else check(bound, live, place, data, asked)


def check(bound: Bound, live: Live, place: str, data: Mapping[str, Any], asked: Check | None) -> Ending:
    """Apply the step's ``expect`` and what its parameters ask; all differences are recorded, the first one is the reason."""
    expect = bound.step.expect
    count = count_of(expect) + count_of(asked)
    if not count:
        return PASSED
    differences = differences_of(asked, data, live.scope) + differences_of(expect, data, live.scope)
    live.emit(Checked(scenario=live.key, step=place, passed=not differences, checks=count, differences=differences))
    return PASSED if not differences else _said_no(live, differences)


def _said_no(live: Live, differences: list[Difference]) -> Ending:
    first = compared(live, differences[0])
    more = f" (and {len(differences) - 1} more)" if len(differences) > 1 else ""
    where = f"{first.path} is" if first.path else "it is"
    return Ending("failed", f"{where} {first.got}, expected {first.expected}{more}", "F201", "product")


def compared(live: Live, difference: Difference) -> Difference:
    """A difference as it may stand in a reason."""
    redactor, key, path = live.run.redactor, live.key, difference.path
    return replace(
        difference,
        expected=redactor.compared(path, difference.expected, scope=key),
        got=redactor.compared(path, difference.got, scope=key),
    )


def keep(bound: Bound, live: Live, place: str, data: dict[str, Any], pacer: Pacer | None) -> Ending | None:
    """Save what the step wants to keep; an ending when a part is not there."""
    scope = live.scope
    if pacer is not None:
        pacer.saw(data)
    for save in bound.step.save:
        value = find(save.path, data) if save.path else data
        if value is ABSENT:
            there = ", ".join(list(data)[:12])
            return Ending("failed", f"cannot save `{save.path}`: the output has no such field; it has {there}", "F203", "product")
        live.generated.kept(save.path or "", value)
        _record(live, place, save.name, value)
    if bound.type is not None and bound.type.sets_names:
        for name, value in data.items():
            if name != "answer":
                scope[name] = value
                live.emit(Saved(scenario=live.key, step=place, name=name, value=value))
    return None


def _record(live: Live, place: str, name: str, value: Any) -> None:
    live.scope[name] = value
    if type(value) is dict and "answer" in value:
        # what came over the wire is recorded as an exchange already
        value = {key: item for key, item in value.items() if key != "answer"}
    live.emit(Saved(scenario=live.key, step=place, name=name, value=value))


def plain_output(output: Any, working: Working | None) -> dict[str, Any]:
    """An output as plain data, with ``answer``: the last exchange it came from."""
    if isinstance(output, dict):
        data = dict(output)
    else:
        built = msgspec.to_builtins(output)
        data = built if isinstance(built, dict) else {"value": built}
    if "answer" not in data:
        data["answer"] = output if isinstance(output, dict) and "http" in output else _answer(working)
    return data


def _answer(working: Working | None) -> dict[str, Any]:
    exchange = working.last if working is not None else None
    if exchange is None:
        return {}
    return {"http": exchange.http, "headers": dict(exchange.headers), "body": _decoded(exchange), "took": exchange.took}


def _decoded(exchange: Any) -> Any:
    """The body as sent: decoded when it is JSON, else text."""
    start = exchange.body[:1]
    if start and start in b'{["-0123456789tfn':
        try:
            return exchange.json()
        except ValueError:
            return exchange.text
    return exchange.text


def differences_of(check: Check | None, data: Any, scope: Scope) -> list[Difference]:
    """Every difference; none when there is nothing to check."""
    return check.differences(data, scope) if check is not None else []


def count_of(check: Check | None) -> int:
    """How many comparisons *check* makes."""
    return check.count if check is not None else 0


def check_refusal(bound: Bound, live: Live, place: str, exc: Refused) -> Ending:
    """A refusal that the file asks for: the reason and the details must be the wanted ones."""
    wanted = bound.step.refused
    assert wanted is not None  # noqa: S101 - the caller looked
    if exc.http == 0 and exc.reason in _NEVER_ASKED:
        return Ending("failed", f"nothing was sent, so the vendor refused nothing: {exc.text}", "F202", "scenario", refusal=exc)
    got = {"reason": exc.reason, "http": exc.http, "code": exc.vendor_code, "message": exc.text}
    differences: list[Difference] = []
    if wanted.reason is not None and wanted.reason != exc.reason:
        differences.append(Difference("refused", wanted.reason, exc.reason, line=wanted.span.line, column=wanted.span.column))
    try:
        differences += differences_of(wanted.check, got, live.scope)
    except Exception as error:  # noqa: BLE001 - as above
        return ending_of(error, word=bound.step.word, sends=False)
    count = count_of(wanted.check) + (wanted.reason is not None)
    live.emit(Checked(scenario=live.key, step=place, passed=not differences, checks=max(1, count), differences=differences))
    if differences:
        first = compared(live, differences[0])
        said = f"as {first.got}" if first.path == "refused" else f"as wanted, but {first.path} is {first.got}"
        reason = f"refused {said}, expected {first.expected}"
        return Ending("failed", reason, "F202", "product", refusal=exc)
    return Ending("passed", refusal=exc)


def not_refused(word: str) -> Ending:
    """The vendor did what it had to refuse."""
    return Ending("failed", f"the vendor did `{word}`, though it had to refuse", "F202", "product")


def asked_by(bound: Bound, type_: StepType, parameters: Any, acting: Acting) -> Check | None:
    """The expectation that the parameters themselves state."""
    return bound.asked if bound.asked is not None else stated(bound.step, type_, parameters, acting.file)
