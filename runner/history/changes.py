"""
What is new: each scenario of a run set against what it came to in the runs before, and the run against the last green one.

A scenario is compared with its own past in the same environment, whatever else was run with it: a run of one file alone hides nothing of
the night before. Skipped and unsupported say nothing, so they are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

from runner.history.past import Identity, PastRun, past_runs
from runner.record.result import ScenarioResult

__all__ = ["Change", "Changes", "Kind", "compare"]

Kind = Literal["", "new", "still", "fixed", "first"]

# How many earlier outcomes of a scenario are shown.
_STRIP = 10
# How many earlier runs are read, at most.
_MOST_RUNS = 60
_FLIPS = 2
_RED = ("failed", "errored")
_TELLING = ("passed", *_RED)


class Past(Struct, frozen=True):
    """One earlier time: the run's folder, when it began, what came of the scenario there, and whether only after a retry."""

    run: str
    started: str
    outcome: str
    flaky: bool = False


class Change(Struct, frozen=True):
    """
    One scenario and its past.

    ``kind``: ``new`` (red now, passed before) · ``still`` (red now and before) · ``fixed`` · ``first`` (red, never run before) · ``""``.
    ``reds`` counts the red runs in a row, this one included; ``since`` is the first of them, None when it is this one. ``last_passed`` is
    the run in which it passed last. ``before`` are the last times, oldest first, at most ten.
    """

    kind: Kind = ""
    reds: int = 0
    since: Past | None = None
    last_passed: Past | None = None
    before: tuple[Past, ...] = ()
    unsteady: bool = False


_NOTHING = Change()


class Changes(Struct, frozen=True):
    """
    What changed in a run. ``of`` maps the key of each scenario with something to tell → its change. ``last_green`` is the newest earlier
    run of the same question (environment, paths, tags, vendors, cases) that was wholly green. ``earlier`` counts the runs looked at.

    ``added`` are the keys of scenarios that no run before had; ``removed`` the keys of those that the last whole run of the same question
    had and this one has not. Both are empty when there is none to compare with, ``removed`` also when this run is not whole.
    """

    of: Mapping[str, Change] = field(default_factory=dict)
    last_green: PastRun | None = None
    earlier: int = 0
    added: Sequence[str] = ()
    removed: Sequence[str] = ()

    def __getitem__(self, key: str) -> Change:
        return self.of.get(key, _NOTHING)

    def keys(self, kind: Kind) -> list[str]:
        """The scenarios that changed so, in the order of the run."""
        return [key for key, change in self.of.items() if change.kind == kind]

    @property
    def unsteady(self) -> list[str]:
        """The scenarios that pass and fail in turn, or passed only after a retry again and again."""
        return [key for key, change in self.of.items() if change.unsteady]


def compare(
    folder: Path, scenarios: Sequence[ScenarioResult], *, environment: str, arguments: Mapping[str, Any], whole: bool = True
) -> Changes:
    """
    Set *scenarios*, those of the run in *folder*, against the runs beside it that began earlier.

    *whole*: everything that was planned is among them.
    """
    runs = _comparable(past_runs(folder), environment)
    first = next(runs, None)
    if first is None:
        return Changes()
    red = {_identity(s) for s in scenarios if s.outcome in _RED}
    wanted = {_identity(s) for s in scenarios}
    pasts: dict[Identity, list[Past]] = {}
    last_green = last_whole = None
    seen: set[Identity] = set()
    earlier = 0
    for run in chain((first,), runs):
        earlier += 1
        if last_green is None and run.green and _same_question(run.arguments, arguments):
            last_green = run
        if last_whole is None and run.whole and _same_question(run.arguments, arguments):
            last_whole = run
        seen |= run.scenarios.keys()
        # thousands of scenarios came to the same few things
        came = {(outcome, flaky): Past(run.folder, run.started, outcome, flaky) for outcome in _TELLING for flaky in (False, True)}
        for identity in wanted & run.scenarios.keys():
            then = run.scenarios[identity]
            if then.outcome in _TELLING:
                pasts.setdefault(identity, []).append(came[then.outcome, then.flaky])
        if earlier >= _MOST_RUNS or (earlier >= _STRIP and last_green is not None and not _unsettled(red, pasts)):
            break
    of = {s.key: change for s in scenarios if (change := _change(s, pasts.get(_identity(s), ()))) is not None}
    added = [s.key for s in scenarios if _identity(s) not in seen] if last_whole is not None else []
    gone = last_whole.scenarios.values() if last_whole is not None and whole else ()
    return Changes(of, last_green, earlier, added, [then.key or then.id for then in gone if then.identity not in wanted])


def _identity(scenario: ScenarioResult) -> Identity:
    return (scenario.id, scenario.vendor, scenario.case)


def _comparable(runs: Iterable[PastRun], environment: str) -> Iterator[PastRun]:
    return (run for run in runs if run.environment == environment)


def _same_question(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return all(_listed(then.get(name)) == _listed(now.get(name)) for name in ("paths", "tags", "vendors", "cases"))


def _listed(value: object) -> list[str]:
    return sorted(map(str, value)) if isinstance(value, list) else []


def _unsettled(red: Iterable[Identity], pasts: Mapping[Identity, list[Past]]) -> bool:
    """Whether one that is red now has been so in every run looked at: when that began is still to be found."""
    return any(past and all(then.outcome in _RED for then in past) for past in (pasts.get(identity) for identity in red))


def _change(scenario: ScenarioResult, newest_first: Sequence[Past]) -> Change | None:
    if scenario.outcome not in _TELLING:
        return None
    is_red = scenario.outcome in _RED
    if not newest_first:
        return Change("first", reds=1) if is_red else None
    streak = next((n for n, then in enumerate(newest_first) if then.outcome not in _RED), len(newest_first))
    kind: Kind = ("still" if streak else "new") if is_red else ("fixed" if streak else "")
    return Change(
        kind,
        reds=streak + 1 if is_red else 0,
        since=newest_first[streak - 1] if streak and is_red else None,
        last_passed=next((then for then in newest_first if then.outcome == "passed"), None),
        before=tuple(reversed(newest_first[:_STRIP])),
        unsteady=_unsteady(scenario, newest_first[: _STRIP - 1]),
    )


def _unsteady(scenario: ScenarioResult, before: Sequence[Past]) -> bool:
    """Passed only after a retry, or changed its mind at least twice in the last ten runs."""
    outcomes = [scenario.outcome in _RED, *(then.outcome in _RED for then in before)]
    flips = sum(a is not b for a, b in pairwise(outcomes))
    return scenario.flaky or flips >= _FLIPS
