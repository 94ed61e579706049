"""With `--vendor`, the vendors that are not asked for are not needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import harness
from runner.discovery import Provided
from runner.errors import BrokenPlugin
from runner.plugins.registry import Registry

FILE = """scenario: It
vendors: [absent, gws]
steps:
  - login: {as: agent}
  - own: {text: hi}
"""
WORD = "step: own\ninputs: {text: {type: text}}\nsteps:\n  - note: '{{ text }}'\n"


@pytest.fixture
def vendors() -> Registry:
    """GWS, the general steps, and a vendor that cannot be loaded."""
    targets = {"absent": "no.such.module:VENDOR", "gws": "runner.vendors.gws:VENDOR", "general": "runner.vendors.general:VENDOR"}
    return Registry(Provided(name, target, "test 1.0") for name, target in targets.items())


def check(folder: Path, registry: Registry, *, steps: str = "", only: tuple[str, ...] = ()) -> harness.Checked:
    """What comes of a file for both with more *steps*, when *only* these vendors are asked for."""
    (folder / "scenarios" / "steps").mkdir(parents=True)
    (folder / "scenarios" / "it.scenario.yaml").write_text(FILE + steps, encoding="utf-8")
    (folder / "scenarios" / "steps" / "own.steps.yaml").write_text(WORD, encoding="utf-8")
    return harness.check(harness.Request(paths=(str(folder / "scenarios"),), start=folder, vendors=only), vendors=registry)


def test_a_vendor_that_is_not_asked_for_is_not_loaded(tmp_path: Path, vendors: Registry) -> None:
    """A file for two vendors is checked for one though the other is broken, words of one's own in it too."""
    checked = check(tmp_path, vendors, only=("gws",))
    assert (checked.errors, [plan.vendor for plan in checked.plans]) == ([], ["gws"])


def test_without_a_choice_every_vendor_of_a_file_is_loaded(tmp_path: Path, vendors: Registry) -> None:
    """A broken one is blamed by name."""
    with pytest.raises(BrokenPlugin, match="`absent`"):
        check(tmp_path, vendors)


def test_a_word_that_only_another_vendor_has_makes_the_run_unsupported(tmp_path: Path) -> None:
    """It is no unknown word: the file is for that vendor, too."""
    (tmp_path / "two.scenario.yaml").write_text("scenario: It\nvendors: [icws, gws]\nsteps:\n  - icws.hold\n", encoding="utf-8")
    checked = harness.check(harness.Request(paths=(str(tmp_path / "two.scenario.yaml"),), start=tmp_path, vendors=("gws",)))
    assert [(plan.vendor, bool(plan.unsupported)) for plan in checked.plans] == [("gws", True)]
