"""
Every YAML block in the documentation is run, or at least loaded, as a reader would.

A block with ``scenario:`` is run on the simulators; one with ``steps:`` alone is run as a scenario of GWS; ``step:`` defines a word, which is used
once; ``environment:`` is loaded with its secrets set.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from runner import harness

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    text: str

    @property
    def kind(self) -> str:
        keys = set(yaml.safe_load(self.text))
        return next(kind for kind in ("scenario", "step", "environment", "steps") if kind in keys)


def blocks() -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            found.append(Block(page.relative_to(ROOT).as_posix(), text.count("\n", 0, match.start()) + 2, match[1]))
    return found


def project(folder: Path, files: dict[str, str]) -> Path:
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    for kind in ("files", "data"):
        (scenarios / kind).symlink_to(ROOT / "scenarios" / kind)
    for name, text in files.items():
        (scenarios / name).write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, *paths: str) -> harness.RunResult:
    asked = tuple(str(folder / "scenarios" / path) for path in paths)
    return asyncio.run(harness.run(harness.Request(paths=asked, reports=folder / "reports", seed=1, start=folder)))


def test_there_are_blocks() -> None:
    """The documentation has examples."""
    assert len(blocks()) > 5


@pytest.mark.parametrize("block", [b for b in blocks() if b.kind == "scenario"], ids=lambda b: f"{b.page}:{b.line}")
def test_scenario_block_runs_green(block: Block, tmp_path: Path) -> None:
    """A scenario in the documentation runs green."""
    result = run(project(tmp_path, {"it.scenario.yaml": block.text}), "it.scenario.yaml")
    assert result.exit_code == 0, result


@pytest.mark.parametrize("block", [b for b in blocks() if b.kind == "steps"], ids=lambda b: f"{b.page}:{b.line}")
def test_steps_block_runs_green(block: Block, tmp_path: Path) -> None:
    """Steps in the documentation run green."""
    text = f"scenario: From the documentation\nvendor: gws\n{block.text}"
    result = run(project(tmp_path, {"it.scenario.yaml": text}), "it.scenario.yaml")
    assert result.exit_code == 0, result


@pytest.mark.parametrize("block", [b for b in blocks() if b.kind == "step"], ids=lambda b: f"{b.page}:{b.line}")
def test_word_block_can_be_used(block: Block, tmp_path: Path) -> None:
    """A word defined in the documentation works when it is used."""
    content = yaml.safe_load(block.text)
    given = {name: "joe@example.com" for name, spec in content.get("inputs", {}).items() if "default" not in spec}
    text = f"scenario: Uses a word\nvendor: gws\nsteps:\n  - login: {{as: agent}}\n  - {content['step']}: {given}\n"
    result = run(project(tmp_path, {"it.scenario.yaml": text, "it.steps.yaml": block.text}), "it.scenario.yaml")
    assert result.exit_code == 0, result


@pytest.mark.parametrize("block", [b for b in blocks() if b.kind == "environment"], ids=lambda b: f"{b.page}:{b.line}")
def test_environment_block_can_be_used(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in the documentation is accepted when its secrets are there."""
    for name in re.findall(r"secret\('(\w+)'\)", block.text):
        monkeypatch.setenv(name, "a-password-of-no-worth")
    folder = project(tmp_path, {"it.scenario.yaml": "scenario: It\nvendor: gws\nsteps:\n  - login: {as: agent}\n"})
    (folder / "scenarios" / "environments").mkdir()
    name = str(yaml.safe_load(block.text)["environment"])
    (folder / "scenarios" / "environments" / f"{name}.yaml").write_text(block.text, encoding="utf-8")
    checked = harness.check(harness.Request(paths=(str(folder / "scenarios"),), environment=name, start=folder))
    assert checked.errors == []
    assert len(checked.plans) == 1
