"""What README.md shows is what happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.cli.main import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VARIES = (
    (r"\d+(?:\.\d+)?m?s\b", "TIME"),
    (r"\d{8}-\d{6}-[0-9a-f]{6}", "RUN"),
    (r"seed \d+", "seed N"),
    (r"runner \d+\.\S+", "runner VERSION"),
)


def block(kind: str) -> str:
    """The one block of this kind."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return str(found)


def normalised(text: str) -> str:
    """Without what differs from run to run."""
    for pattern, told in VARIES:
        text = re.sub(pattern, told, text)
    return text.strip()


def test_the_failure_is_what_the_runner_says(
    project: Callable[[dict[str, str]], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scenario that fails prints exactly the text below it, times and names of runs aside."""
    monkeypatch.chdir(project({"mine/greeting.scenario.yaml": block("yaml fails")}))
    code = main(["run", "scenarios/mine", "--seed", "1"])
    said = capsys.readouterr().out
    assert code == 1
    assert normalised(said).replace("--seed 1", "--seed N") == re.sub(r"--seed \d+", "--seed N", normalised(block("console")))


def test_it_is_short() -> None:
    """It can be read in a few minutes."""
    assert len(README.splitlines()) <= 190
