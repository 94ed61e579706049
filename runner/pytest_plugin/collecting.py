"""
Files and items: a scenario file is a collector, a scenario × vendor × case is an item called ``gws[German]``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from runner.engine.plan import Bound, Plan
from runner.errors import RunnerError
from runner.pytest_plugin.carrying import Item
from runner.pytest_plugin.marks import mark
from runner.pytest_plugin.outcomes import Errored, Failed, explained, raise_if_not_called, told_error
from runner.pytest_plugin.results import Told
from runner.pytest_plugin.session import Scenarios, scenarios_of
from runner.reporters.text import one_line

__all__ = ["ScenarioFile", "ScenarioItem"]

# The fixture by which a conftest.py hands values to scenarios.
_VARIABLES = "scenario_variables"


class ScenarioFile(pytest.File):
    """A ``*.scenario.yaml``. When it is wrong, all its mistakes are told as ``runner check`` tells them."""

    def collect(self) -> Iterator[ScenarioItem]:
        """One item for each vendor and case."""
        fixtures = None
        for plan in scenarios_of(self.config).plans(self.path):
            item = ScenarioItem.from_parent(self, name=_name(plan), plan=plan, fixtureinfo=fixtures)
            # the same for all items of a file, and not cheap to find out
            fixtures = item.fixtures
            yield item

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]  # as a Collector's
        """Why the file could not be collected."""
        return told_error(excinfo.value) if isinstance(excinfo.value, RunnerError) else super().repr_failure(excinfo)


def _name(plan: Plan) -> str:
    case = f"[{one_line(plan.case.name)}]" if plan.case is not None else ""
    return f"{plan.vendor}{case}"


def _with_variables(scenario_variables: Mapping[str, object]) -> None:
    """What pytest sees as the function of an item: it asks for the one fixture that scenarios know."""


class ScenarioItem(pytest.Function):
    """
    A scenario for one vendor and case.

    It is a ``pytest.Function`` because only those may ask for fixtures. No fixture but ``scenario_variables`` is set up for it, whatever is
    ``autouse``: what stands around a Python test would not stand around a scenario, which runs on another thread and beside others.
    """

    def __init__(self, *, plan: Plan, **kwargs: Any) -> None:
        super().__init__(callobj=_with_variables, **kwargs)
        if hasattr(self, "_id"):
            # newer pytests remember what failed by the parts of an id; without a callspec they would not take `[German]` for one
            self._id = type(self._id).parse(self.nodeid)
        scenario = plan.scenario
        self.plan = plan
        self.told: Told | None = None
        self.extra_keyword_matches.update((scenario.name, scenario.id))
        mark(self, scenario.tags)

    @property
    def scenarios(self) -> Scenarios:
        """What it shares with the session's other items."""
        return scenarios_of(self.config)

    @property
    def sending(self) -> frozenset[str]:
        """The words of its steps that send mail."""
        return frozenset(_sending((*self.plan.steps, *self.plan.cleanup)))

    def setup(self) -> None:
        """
        Have it carried out, and wait for what comes of it.

        That is a part of the set-up because pytest tells an *error* from a *failure* by where it happened: what could not be carried out
        ends here, and only a check that said no is left for the call.
        """
        if self.config.getoption("setuponly", default=False):
            return
        try:
            self.told = self.scenarios.carry_out(self)
        except RunnerError as exc:
            raise Errored(told_error(exc)) from None
        self.add_report_section("call", "scenario", "\n".join(self.told.lines))
        raise_if_not_called(self.told, self.scenarios.read)

    def runtest(self) -> None:
        """Fail if a check said no."""
        if self.told is not None and self.told.outcome == "failed":
            raise Failed(self.told, self.scenarios.read)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]  # as a Function's
        """The same excerpt as on the command line, without a frame of Python."""
        shown = explained(excinfo, self.path)
        return super().repr_failure(excinfo) if shown is None else shown

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """The file, the line (from 0) of the scenario or of its case, and its name for people."""
        plan = self.plan
        line = plan.case.line if plan.case is not None and plan.case.line else plan.scenario.span.line
        case = f" [{plan.case.name}]" if plan.case is not None else ""
        return self.path, line - 1, one_line(f"{plan.scenario.name} · {plan.vendor}{case}")

    def variables(self) -> Mapping[str, object]:
        """
        The values that fixtures give it. Called while the item is being set up.

        Raises: ``pytest.fail.Exception`` – the fixture cannot be used for scenarios.
        """
        if self.variables_fixture.scope in ("class", "module"):
            pytest.fail(f'`{_VARIABLES}` cannot have the scope of a module; write @pytest.fixture(scope="session")', pytrace=False)
        given = self._request.getfixturevalue(_VARIABLES)
        if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
            pytest.fail(f"`{_VARIABLES}` must give a dict of names and values, and gave {type(given).__name__}", pytrace=False)
        return given

    def beside(self, items: Sequence[pytest.Item]) -> list[Item]:
        """Those of *items* that are scenarios and are given the same values, so that they may begin together with this one."""
        mine = self.variables_fixture
        if mine.scope != "session":
            return []
        return [item for item in items if isinstance(item, ScenarioItem) and item is not self and item.variables_fixture is mine]

    @property
    def fixtures(self) -> Any:
        """What pytest found out about the fixtures that it asks for."""
        return self._fixtureinfo

    @property
    def variables_fixture(self) -> Any:
        """The definition that counts for this item: the nearest ``conftest.py`` goes before the plugin."""
        return self._fixtureinfo.name2fixturedefs[_VARIABLES][-1]


def _sending(steps: tuple[Bound, ...]) -> Iterator[str]:
    for bound in steps:
        if bound.type is not None and bound.type.sends:
            yield bound.step.word
        yield from _sending(bound.inner)
