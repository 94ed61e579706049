"""
Scenarios as pytest items: a ``*.scenario.yaml`` is collected, a scenario × vendor × case is an item. The entry point ``scenario-runner``.

It does nothing in a project without scenario files: it adds options that begin with ``--scenario-``, two fixtures, and looks at the names
of files. Everything else is imported when the first scenario file is collected, or when a test asks for ``run_scenario``.

- ``collecting`` makes files, ``items`` what is in them; ``marks`` says which tags are marks, ``asking`` how an item asks for a fixture.
- ``session`` is what the items of one session share; ``carrying`` has them carried out by ``background``, a thread with the event loop,
  and hears from ``results``, a sink, what came of them; ``outcomes`` makes pytest's reports of that.
- ``workers`` is what pytest-xdist changes, ``beside_allure`` what allure-pytest does; ``library`` is the fixture ``run_scenario``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner.pytest_plugin import options, workers

if TYPE_CHECKING:  # what a session without scenarios must not pay for
    from runner.record.result import ScenarioResult

__all__ = ["run_scenario", "scenario_variables"]

_ENDING = ".scenario.yaml"
_ALMOST = (".scenario.yaml", ".scenario.yml", ".scenarios.yaml", ".scenarios.yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; each begins with ``--scenario-``, so that they clash with nobody's."""
    options.add(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hook by which others hear of the events."""
    from runner.pytest_plugin import hooks

    pluginmanager.add_hookspecs(hooks)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A file of ours, or of one who meant to write one; else None."""
    if not (file_path.name.endswith(_ENDING) or file_path.name.lower().endswith(_ALMOST)):
        return None
    from runner.pytest_plugin.collecting import MisspeltFile, ScenarioFile

    kind = ScenarioFile if file_path.name.endswith(_ENDING) else MisspeltFile
    return kind.from_parent(parent, path=file_path)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which run it belongs to."""
    workers.tell(node)


@pytest.fixture(scope="session")
def scenario_variables() -> Mapping[str, object]:
    """
    Values for variables that scenarios have, by name; they win over the files' own.

    Override it in a ``conftest.py`` to hand fixtures to the scenarios below that folder. With ``scope="session"`` these scenarios run side
    by side; with a narrower scope each waits for its turn, when its fixtures are set up.
    """
    return {}


@pytest.fixture
def run_scenario(request: pytest.FixtureRequest, scenario_variables: Mapping[str, object]) -> Callable[..., ScenarioResult]:
    """
    Carry out a scenario inside a test: ``run_scenario("mail/reply.scenario.yaml", vendor="gws", case=None, variables={})``.

    The path is looked for from where pytest was started, from its root folder, from ``scenarios/`` and beside the test. *vendor* and *case*
    may be left out where the file has one, or none. It gives a ``ScenarioResult`` with all its steps; ``outcome`` is ``"passed"`` when
    everything went well.
    """
    from runner.pytest_plugin.library import Library

    return Library(request.node, scenario_variables).run
