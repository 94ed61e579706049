"""The decisions: each has a number of its own, the next one, and says the same number in its title."""

from __future__ import annotations

import re
from pathlib import Path

DECISIONS = sorted((Path(__file__).parents[2] / "docs" / "decisions").glob("[0-9]*.md"))


def test_the_numbers_go_on_without_a_gap() -> None:
    """No two decisions share a number, and none is missing."""
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_a_title_has_the_number_of_its_file() -> None:
    """Who looks for decision 17 finds it by its name and by its title."""
    titles = [re.match(r"# (\d+)\. \S", path.read_text(encoding="utf-8")) for path in DECISIONS]
    assert [int(title[1]) if title else None for title in titles] == [int(path.name[:4]) for path in DECISIONS]
