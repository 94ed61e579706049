"""
What a scenario's templates know before its first step: environment < scenario < case < what is given by whoever asks for the run; saved
outputs and a step's own names come later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.live import Live
from runner.environment.secrets import Secret

__all__ = ["open_scope"]


def open_scope(live: Live) -> None:
    """Fill ``live.scope``; each of the scenario's variables may use the ones before it."""
    run, plan = live.run, live.plan
    case: dict[str, Any] = {**(plan.case.values if plan.case is not None else {}), **_telling(plan.given, live)}
    helpers = run.helpers(live.random)
    scope: dict[str, Any] = {
        **helpers,
        **live.generated.noting(helpers),
        "secret": lambda name: helpers["secret"](name).telling(live.learn_derived),
        **_telling(run.environment.variables, live),
        "vendor": plan.vendor,
        "environment": run.environment.name,
        "case": plan.case.name if plan.case is not None else "",
        "run": run.id,
        "target": _target(live),
        "actors": {name: _telling(actor.credentials, live) for name, actor in live.actors.items()},
    }
    live.given = tuple(scope)
    scope |= case
    for name, value in plan.scenario.variables.items():
        if name not in case:
            scope[name] = value.render(scope)
    live.scope = scope


def _telling(values: Mapping[str, Any], live: Live) -> dict[str, Any]:
    """*values*, whose secrets tell the scenario what is made from them."""
    return {name: value.telling(live.learn_derived) if isinstance(value, Secret) else value for name, value in values.items()}


def _target(live: Live) -> dict[str, Any]:
    """The vendor's place: ``url``, ``control`` ("" when it is no simulator), and the environment's ``defaults`` for it."""
    target = live.run.environment.targets.get(live.plan.vendor)
    if target is None:
        return {"url": "", "control": "", "defaults": {}}
    return {"url": target.url, "control": target.control or "", "defaults": dict(target.defaults)}
