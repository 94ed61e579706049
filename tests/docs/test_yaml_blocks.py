"""
Every YAML block in the documentation is run, or at least loaded, as a reader would.

A block with ``scenario:`` is run on the simulators; one with ``steps:`` alone is run as a scenario of GWS, and so is a list of steps,
after a login; ``step:`` defines a word, which is used once; ``environment:`` is loaded with its secrets set. Pieces of a file that
cannot stand alone are marked ``yaml part``; those of the error pages ``yaml wrong`` and ``yaml right``, those of the reference
``yaml example``.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from runner import harness
from runner.record.result import RunResult

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KINDS = ("scenario", "step", "environment", "steps")

Make = Callable[[dict[str, str]], Path]
Run = Callable[..., RunResult]


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    text: str

    @property
    def content(self) -> object:
        return yaml.load(self.text, Loader=yaml.CSafeLoader)

    @property
    def kind(self) -> str:
        return "list" if isinstance(self.content, list) else next(kind for kind in KINDS if kind in self.keys)

    @property
    def keys(self) -> dict[str, object]:
        assert isinstance(self.content, dict)
        return self.content

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(*kinds: str) -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 2
            found.append(Block(page.relative_to(ROOT).as_posix(), line, match[1]))
    return [block for block in found if not kinds or block.kind in kinds]


def test_there_are_blocks() -> None:
    """The documentation has examples of every kind."""
    assert {block.kind for block in blocks()} == {*KINDS, "list"}


@pytest.mark.parametrize("block", blocks("scenario"), ids=str)
def test_scenario_block_runs_green(block: Block, project: Make, run_in: Run) -> None:
    """A scenario in the documentation runs green."""
    assert run_in(project({"it.scenario.yaml": block.text}), "it.scenario.yaml").exit_code == 0


@pytest.mark.parametrize("block", blocks("steps", "list"), ids=str)
def test_steps_block_runs_green(block: Block, project: Make, run_in: Run) -> None:
    """Steps in the documentation run green."""
    steps = f"steps:\n  - login: {{as: agent}}\n{textwrap.indent(block.text, '  ')}" if block.kind == "list" else block.text
    text = f"scenario: From the documentation\nvendor: gws\n{steps}"
    assert run_in(project({"it.scenario.yaml": text}), "it.scenario.yaml").exit_code == 0


@pytest.mark.parametrize("block", blocks("step"), ids=str)
def test_word_block_can_be_used(block: Block, project: Make, run_in: Run) -> None:
    """A word defined in the documentation works when it is used."""
    inputs = block.keys.get("inputs")
    given = {name: "joe@example.com" for name, spec in inputs.items() if "default" not in spec} if isinstance(inputs, dict) else {}
    text = f"scenario: Uses a word\nvendor: gws\nsteps:\n  - login: {{as: agent}}\n  - {block.keys['step']}: {given}\n"
    folder = project({"it.scenario.yaml": text, "steps/it.steps.yaml": block.text})
    assert run_in(folder, "it.scenario.yaml").exit_code == 0


@pytest.mark.parametrize("block", blocks("environment"), ids=str)
def test_environment_block_can_be_used(block: Block, project: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in the documentation is accepted when its secrets are there."""
    for name in re.findall(r"(?:secret|env)\('(\w+)'\)", block.text):
        monkeypatch.setenv(name, "a-password-of-no-worth")
    name = str(block.keys["environment"])
    files = {"it.scenario.yaml": "scenario: It\nvendor: gws\nsteps:\n  - login: {as: agent}\n", f"environments/{name}.yaml": block.text}
    folder = project(files)
    request = harness.Request(paths=(str(folder / "scenarios"),), environment=name, start=folder)
    checked = harness.check(request, secrets=True)
    assert checked.errors == []
    assert len(checked.plans) == 1
