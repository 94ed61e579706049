"""
A scenario file as pytest collects it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runner.errors import BadScenario, RunnerError
from runner.harness.overlooked import misspelt
from runner.pytest_plugin.items import ScenarioItem
from runner.pytest_plugin.marks import mark
from runner.pytest_plugin.session import scenarios_of

__all__ = ["MisspeltFile", "ScenarioFile"]


class _OurFile(pytest.File):
    """A file whose mistakes are told as ``runner check`` tells them."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]  # nobody hands it a style
        """Why the file could not be collected."""
        if not isinstance(excinfo.value, RunnerError):
            return super().repr_failure(excinfo)
        from runner.pytest_plugin.outcomes import told_error

        return told_error(excinfo.value)


class MisspeltFile(_OurFile):
    """A file that is called almost as a scenario (``reply.scenario.yml``): it is a mistake, as it would silently not run."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Nothing; raises ``BadScenario``."""
        told = misspelt(self.path)
        raise BadScenario([told] if told is not None else [])


class ScenarioFile(_OurFile):
    """A ``*.scenario.yaml``."""

    def collect(self) -> Iterator[ScenarioItem]:
        """One item for each vendor and case."""
        scenarios = scenarios_of(self.config)
        plans = scenarios.plans(self.path)
        mark(self, plans[0].scenario)
        for plan in plans:
            yield ScenarioItem.from_parent(self, plan=plan, carrier=scenarios)
