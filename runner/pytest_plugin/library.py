"""
The fixture ``run_scenario``: a scenario carried out inside a Python test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from runner.engine.plan import Plan
from runner.errors import RunnerError
from runner.pytest_plugin.outcomes import told_error
from runner.pytest_plugin.session import scenarios_of
from runner.record.result import ScenarioResult

__all__ = ["Library"]


class Library:
    """The scenarios, for one test. *variables* are handed to each that it runs."""

    def __init__(self, node: pytest.Item, variables: Mapping[str, object]) -> None:
        self._node = node
        self._variables = variables

    def run(
        self, path: str, *, vendor: str | None = None, case: str | None = None, variables: Mapping[str, object] | None = None
    ) -> ScenarioResult:
        """
        Carry out the scenario in the file at *path* and wait for its end. Its steps and exchanges become a section of the test's report.

        Raises: ``pytest.fail.Exception`` – there is no such file, vendor or case, or the file is wrong.
        """
        scenarios = scenarios_of(self._node.config)
        try:
            plan = _chosen(scenarios.plans(self._found(path)), path, vendor, case)
            told = scenarios.run(plan, {**self._variables, **(variables or {})}, self._node.session)
            sections = scenarios.sections(told.sections)
        except RunnerError as exc:
            pytest.fail(told_error(exc), pytrace=False)
        for name, text in sections.items():
            self._node.add_report_section("call", name, f"{plan.key}: {told.outcome}\n{text}" if name == "scenario" else text)
        if told.result is None:
            pytest.fail(f"{plan.key} could not be carried out: {told.reason}", pytrace=False)
        return told.result

    def _found(self, path: str) -> Path:
        config = self._node.config
        bases = (config.invocation_params.dir, config.rootpath, config.rootpath / "scenarios", self._node.path.parent)
        found = next((base / path for base in bases if (base / path).is_file()), None)
        if found is None:
            pytest.fail(
                f"there is no scenario file `{path}`; give its path from {config.rootpath}, or from its folder scenarios", pytrace=False
            )
        return found


def _chosen(plans: Sequence[Plan], path: str, vendor: str | None, case: str | None) -> Plan:
    """The one plan that is meant."""
    fitting = [
        plan for plan in plans if vendor in (None, plan.vendor) and case in (None, plan.case.name if plan.case is not None else None)
    ]
    if len(fitting) == 1:
        return fitting[0]
    meant = "fits" if not fitting else "is meant"
    known = ", ".join(plan.key.rpartition("::")[2] for plan in plans)
    pytest.fail(f"say which run of `{path}` {meant}, with vendor= and case=; there are: {known}", pytrace=False)
