"""
What a person reads when values that are known before a run are wrong: each ``beforehand/x.scenario.yaml`` with ``x.err`` beside it.

``pytest tests --rewrite-golden`` writes the texts anew, for a reviewed diff.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runner import harness

FOLDER = Path(__file__).parent / "beforehand"
FILES = sorted(FOLDER.glob("*.scenario.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".scenario.yaml"))
def test_what_is_known_to_be_wrong_is_told_as_kept(
    path: Path, same_as_golden: Callable[[Path, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mistake once, whatever number of vendors has it, with the case and the item."""
    shutil.copytree(FOLDER, tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    checked = harness.check(harness.Request(paths=(f"scenarios/{path.name}",), start=tmp_path))
    text = "\n\n".join(told.render() for told in checked.errors) + "\n"

    same_as_golden(path.with_name(path.name.replace(".scenario.yaml", ".err")), text)
