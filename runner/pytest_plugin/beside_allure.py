"""
What ``--alluredir`` changes: our own reporter writes the scenarios' results, from the journal, and allure-pytest does not write them again.

allure-pytest hangs everything on the thread and the item that pytest is at, which is wrong for scenarios that run side by side; and it
would write what has passed no gate. Its listener goes on hearing of Python tests, and of scenarios that were never carried out.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from runner.pytest_plugin.items import ScenarioItem

__all__ = ["folder_of", "stand_between"]

_LISTENER = "allure_listener"


def folder_of(config: pytest.Config) -> Path | None:
    """The folder that results for Allure were asked for with ``--alluredir``."""
    named = config.getoption("allure_report_dir", default=None)
    return Path(os.path.abspath(named)) if named else None  # noqa: PTH100 - as allure-pytest does, so that it is the same folder


def stand_between(config: pytest.Config) -> None:
    """From now on allure-pytest hears only of what is its own."""
    manager = config.pluginmanager
    listener = manager.get_plugin(_LISTENER)
    if listener is not None and not isinstance(listener, _Between):
        manager.unregister(listener)
        manager.register(_Between(listener), _LISTENER)


class _Between:
    """In the place of allure-pytest's *listener*, which has the same hooks. They are generators of pluggy's older kind, as its are."""

    def __init__(self, listener: Any) -> None:
        self._listener = listener

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, None]:
        """Whether a scenario is its own is known only after the set-up, where it can begin as well."""
        if isinstance(item, ScenarioItem):
            yield
        else:
            yield from self._listener.pytest_runtest_protocol(item, nextitem)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, None]:
        """A scenario that was skipped by a mark, or could not begin, is told afterwards."""
        if not isinstance(item, ScenarioItem):
            yield from self._listener.pytest_runtest_setup(item)
            return
        outcome = yield
        if not item.handed_over:
            late = self._listener.pytest_runtest_setup(item)
            next(late)
            with suppress(StopIteration):
                late.send(outcome)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, None]:
        """The call of a test."""
        yield from _unless_ours(item, lambda: self._listener.pytest_runtest_call(item))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, None]:
        """The end of a test."""
        yield from _unless_ours(item, lambda: self._listener.pytest_runtest_teardown(item))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """What came of a part of a test."""
        yield from _unless_ours(item, lambda: self._listener.pytest_runtest_makereport(item, call))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> Generator[None, Any, None]:
        """A test is over; it knows by itself of which it heard."""
        yield from self._listener.pytest_runtest_logfinish(nodeid, location)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: pytest.FixtureRequest) -> Generator[None, Any, None]:
        """A fixture begins."""
        yield from self._listener.pytest_fixture_setup(fixturedef, request)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_post_finalizer(self, fixturedef: Any) -> Generator[None, Any, None]:
        """A fixture is over."""
        yield from self._listener.pytest_fixture_post_finalizer(fixturedef)


def _unless_ours(item: pytest.Item, theirs: Any) -> Generator[None, Any, None]:
    if isinstance(item, ScenarioItem) and item.handed_over:
        yield
    else:
        yield from theirs()
