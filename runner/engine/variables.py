"""
What a scenario's templates know before its first step: environment < scenario < case < what is given by whoever asks for the run; saved
outputs and a step's own names come later.
"""

from __future__ import annotations

from typing import Any

from runner.engine.live import Live

__all__ = ["open_scope"]


def open_scope(live: Live) -> None:
    """Fill ``live.scope``; each of the scenario's variables may use the ones before it."""
    run, plan = live.run, live.plan
    case: dict[str, Any] = {**(plan.case.values if plan.case is not None else {}), **plan.given}
    scope: dict[str, Any] = {
        **run.helpers(live.random),
        **run.environment.variables,
        "vendor": plan.vendor,
        "environment": run.environment.name,
        "case": plan.case.name if plan.case is not None else "",
        "run": run.id,
        "target": _target(live),
        "actors": {name: dict(actor.credentials) for name, actor in live.actors.items()},
    }
    live.given = tuple(scope)
    scope |= case
    for name, value in plan.scenario.variables.items():
        if name not in case:
            scope[name] = value.render(scope)
    live.scope = scope


def _target(live: Live) -> dict[str, Any]:
    """The vendor's place: ``url``, ``control`` ("" when it is no simulator), and the environment's ``defaults`` for it."""
    target = live.run.environment.targets.get(live.plan.vendor)
    if target is None:
        return {"url": "", "control": "", "defaults": {}}
    return {"url": target.url, "control": target.control or "", "defaults": dict(target.defaults)}
