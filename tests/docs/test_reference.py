"""The reference is made out of the code, and as it would be made now."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from runner import harness
from runner.matching import MATCHER_NAMES
from runner.plugins.contract import REASONS

ROOT = Path(__file__).parents[2]
STEPS = (ROOT / "docs" / "reference" / "steps.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^### (\S+)$.*?^```yaml example\n(.*?)^```$", STEPS, re.MULTILINE | re.DOTALL)


def test_the_reference_is_up_to_date(generate: ModuleType) -> None:
    """Each page is as docs/generate.py would write it, and there are no others."""
    assert generate.stale() == []


def test_every_step_has_its_place(generate: ModuleType) -> None:
    """Every word of every vendor is in it, and those of the language."""
    there = {name for name, _ in EXAMPLES}
    assert there == {*harness.registry().words(), "parallel", "use"}


def test_every_matcher_has_its_place() -> None:
    """Every matcher that can be written is in it."""
    text = (ROOT / "docs" / "reference" / "matchers.md").read_text(encoding="utf-8")
    assert set(MATCHER_NAMES) - set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE)) == set()


def test_every_refusal_is_told() -> None:
    """The how-to page about refusals names every reason."""
    text = (ROOT / "docs" / "how-to" / "test-a-refusal.md").read_text(encoding="utf-8")
    assert {reason for reason in REASONS if f"`{reason}`" not in text} == set()


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_example_is_right(name: str, example: str, project: Callable[[dict[str, str]], Path]) -> None:
    """An example of the reference is a step without mistakes, for the vendor that it is for."""
    vendor = name.partition(".")[0] if "." in name else "icws"
    known = {"mail", "question", "first_mail", "customers"} & set(re.findall(r"\{\{ (\w+)", example))
    names = "".join(f"  - set: {{{one}: {{id: x}}}}\n" for one in sorted(known))
    files = {
        "it.scenario.yaml": f"scenario: It\nvendor: {vendor}\nsteps:\n  - login: {{as: agent}}\n{names}{textwrap.indent(example, '  ')}",
        "steps/answer.steps.yaml": 'step: answer\ninputs: {text: {type: text}}\nsteps:\n  - note: "{{ text }}"\n',
    }
    folder = project(files)
    checked = harness.check(harness.Request(paths=(str(folder / "scenarios" / "it.scenario.yaml"),), start=folder))
    assert [d.render() for d in checked.errors] == []
