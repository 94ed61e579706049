"""
Tags as marks, so that ``-m`` chooses by them.
"""

from __future__ import annotations

import re

import pytest

__all__ = ["mark"]

# What ``-m`` can be asked for, and what may be registered: no blanks, colons or brackets.
_NAME = re.compile(r"[^\W_][\w./+-]*")
# Marks that make pytest, or a plugin that many have, do something. A tag only chooses, so a scenario is not marked with them.
_DOING = frozenset({"filterwarnings", "flaky", "parametrize", "skip", "skipif", "timeout", "tryfirst", "trylast", "usefixtures", "xfail"})
# tag → its mark, once it is registered
_MARKS = pytest.StashKey[dict[str, pytest.MarkDecorator]]()


def mark(item: pytest.Item, tags: tuple[str, ...]) -> None:
    """Mark *item* with those of its *tags* that can be marks; ``-k`` finds it by all of them."""
    item.extra_keyword_matches.update(tags)
    marks = item.config.stash.setdefault(_MARKS, {})
    for tag in tags:
        if not _NAME.fullmatch(tag) or tag in _DOING:
            continue
        if tag not in marks:
            item.config.addinivalue_line("markers", f"{tag}: a tag of scenarios")
            marks[tag] = getattr(pytest.mark, tag)
        item.add_marker(marks[tag])
