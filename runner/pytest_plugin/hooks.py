"""
What other plugins may implement beside this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # the record's modules are not imported where no scenario runs
    from runner.record.stream import Sink

__all__ = ["pytest_scenario_sinks"]


@pytest.hookspec
def pytest_scenario_sinks(config: pytest.Config, folder: Path) -> Sequence[Sink]:
    """
    Give sinks (:class:`runner.record.stream.Sink`) for the events of the session's scenarios.

    Called once, before the first event, with the run's *folder*. The events are redacted. Under pytest-xdist it is called in the process
    that controls the workers, when all of them are done, and the sinks are given the events of all workers in the order of time.
    """
    return ()
