"""
How an item that is no Python function asks for a fixture. The one place that knows pytest's insides, which doctest items use as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from _pytest.fixtures import FixtureDef, TopRequest

__all__ = ["VARIABLES", "definition", "value"]

# The fixture by which a conftest.py hands values to scenarios.
VARIABLES = "scenario_variables"


def definition(item: pytest.Item) -> FixtureDef[Any]:
    """The definition that counts for *item*: the nearest ``conftest.py`` goes before the plugin."""
    found = item.session._fixturemanager.getfixturedefs(VARIABLES, item)  # noqa: SLF001 - see above
    assert found, "the plugin defines it"  # noqa: S101
    return found[-1]


def value(item: Any) -> object:
    """What the fixture gives *item*, which is being set up; it is torn down when its scope ends."""
    # pytest looks for these two on who asks
    item.funcargs = {}
    item._fixtureinfo = item.session._fixturemanager.getfixtureinfo(item, _asks, None)  # noqa: SLF001 - see above
    return TopRequest(item, _ispytest=True).getfixturevalue(VARIABLES)


def _asks(scenario_variables: Mapping[str, object]) -> None:
    """What pytest takes for the item's function."""
