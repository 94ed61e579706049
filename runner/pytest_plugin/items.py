"""
An item: a scenario for one vendor and case, called ``gws[German]``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from runner.engine.plan import Bound, Plan
from runner.errors import RunnerError
from runner.pytest_plugin import asking
from runner.reporters.text import one_line
from runner.source import Source

if TYPE_CHECKING:  # a session that only collects need not have the reporters
    from runner.pytest_plugin.results import Told

__all__ = ["Carrier", "ScenarioItem"]


class Carrier(Protocol):
    """What an item needs of the session (:class:`runner.pytest_plugin.session.Scenarios`)."""

    def carry_out(self, item: ScenarioItem) -> Told:
        """What came of *item*, which is being set up. Raises ``RunnerError`` – nothing can be carried out."""
        ...

    def sections(self, told: Mapping[str, str]) -> Mapping[str, str]:
        """Those of *told*, by the name of their section, that pytest is to show beside the verdict."""
        ...

    def read(self, name: str) -> Source | None:
        """A file by the name that events use for it."""
        ...


class ScenarioItem(pytest.Item):
    """
    A scenario for one vendor and case.

    No fixture but ``scenario_variables`` is set up for it, whatever is ``autouse``: what stands around a Python test would not stand around
    a scenario, which runs on another thread and beside others.
    """

    def __init__(self, *, plan: Plan, parent: pytest.File, carrier: Carrier) -> None:
        case = plan.case
        name = plan.vendor if case is None else f"{plan.vendor}[{one_line(case.name)}]"
        # as a text, so that pytest takes `[German]` for what it is in other ids; ``--lf`` would not find it again otherwise
        super().__init__(name, parent, nodeid=None if case is None else f"{parent.nodeid}::{name}")
        self.plan = plan
        self.told: Told | None = None
        # whether the engine was given it, so that the run's own record tells of it
        self.handed_over = False
        self._carrier = carrier

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """The file, the line (from 0) of the scenario or of its case, and its name for people."""
        scenario, case = self.plan.scenario, self.plan.case
        line = case.line if case is not None and case.line else scenario.span.line
        title = f"{scenario.name} · {self.plan.vendor}" + (f" [{case.name}]" if case is not None else "")
        return self.path, line - 1, one_line(title)

    @property
    def sending(self) -> frozenset[str]:
        """The words of its steps that send mail."""
        return frozenset(_sending((*self.plan.steps, *self.plan.cleanup)))

    # ── being run ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def setup(self) -> None:
        """
        Have it carried out, and wait for what comes of it.

        That is a part of the set-up because pytest tells an *error* from a *failure* by where it happened: what could not be carried out
        ends here, and only a check that said no is left for the call.
        """
        if self.config.getoption("setuponly", default=False):
            return
        from runner.pytest_plugin.outcomes import Errored, raise_if_not_called, told_error

        # what an earlier try showed (pytest-rerunfailures) is in the report of that one
        self._report_sections.clear()
        try:
            self.told = self._carrier.carry_out(self)
        except RunnerError as exc:
            raise Errored(told_error(exc)) from None
        for name, text in self._carrier.sections(self.told.sections).items():
            self.add_report_section("call", name, text)
        raise_if_not_called(self.told, self._carrier.read)

    def runtest(self) -> None:
        """Fail if a check said no."""
        from runner.pytest_plugin.outcomes import Failed

        if self.told is not None and self.told.outcome == "failed":
            raise Failed(self.told, self._carrier.read)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]  # nobody hands it a style
        """The same excerpt as on the command line, without a frame of Python."""
        from runner.pytest_plugin.outcomes import explained

        shown = explained(excinfo, self.path)
        return super().repr_failure(excinfo) if shown is None else shown

    # ── variables ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def variables(self) -> Mapping[str, object]:
        """
        The values that fixtures give it. Called while the item is being set up.

        Raises: ``pytest.fail.Exception`` – the fixture cannot be used for scenarios.
        """
        if asking.definition(self).scope in ("class", "module"):
            pytest.fail(f'`{asking.VARIABLES}` cannot have the scope of a module; write @pytest.fixture(scope="session")', pytrace=False)
        given = asking.value(self)
        if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
            pytest.fail(f"`{asking.VARIABLES}` must give a dict of names and values, and gave {type(given).__name__}", pytrace=False)
        return given

    def alike(self, items: Sequence[pytest.Item]) -> list[ScenarioItem]:
        """Those of *items* that are scenarios and are given the same values, so that they may begin together with this one."""
        mine = asking.definition(self)
        if mine.scope != "session":
            return []
        folders: dict[Path, bool] = {}
        found: list[ScenarioItem] = []
        for item in items:
            if not isinstance(item, ScenarioItem) or item is self:
                continue
            folder = item.path.parent
            if folder not in folders:
                folders[folder] = asking.definition(item) is mine
            if folders[folder]:
                found.append(item)
        return found


def _sending(steps: Sequence[Bound]) -> Iterator[str]:
    for bound in steps:
        if bound.type is not None and bound.type.sends:
            yield bound.step.word
        yield from _sending(bound.inner)
