"""
Tags as marks, so that ``-m`` chooses by them, and what else ``-k`` finds.
"""

from __future__ import annotations

import re

import pytest

from runner.scenario.model import Scenario

__all__ = ["mark"]

# What ``-m`` can be asked for, and what may be registered: no blanks, colons or brackets.
_NAME = re.compile(r"[^\W_][\w./+-]*")
# Marks that make pytest, or a plugin that many have, do something. A tag only chooses, so a scenario is not marked with them.
_DOING = frozenset({"filterwarnings", "flaky", "parametrize", "skip", "skipif", "timeout", "tryfirst", "trylast", "usefixtures", "xfail"})
# tag → its mark, once it is registered
_MARKS = pytest.StashKey[dict[str, pytest.MarkDecorator]]()


def mark(file: pytest.File, scenario: Scenario) -> None:
    """
    Mark the *file* of a *scenario*, and so each of its items, with those of its tags that can be marks; ``-k`` finds it by all of them, by
    its name and by its id.
    """
    file.extra_keyword_matches.update((scenario.name, scenario.id, *scenario.tags))
    marks = file.config.stash.setdefault(_MARKS, {})
    for tag in scenario.tags:
        if not _NAME.fullmatch(tag) or tag in _DOING:
            continue
        if tag not in marks:
            file.config.addinivalue_line("markers", f"{tag}: a tag of scenarios")
            marks[tag] = getattr(pytest.mark, tag)
        file.add_marker(marks[tag])
