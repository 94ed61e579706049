"""Reporters are found by their entry points and made with a context."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runner.discovery import Provided
from runner.errors import BrokenPlugin, RunnerError
from runner.reporters.base import Reporter, installed, make, read_file
from runner.reporters.console import ConsoleReporter


def test_the_built_in_reporters_come_by_the_same_door(context: Any) -> None:
    """Console and JUnit are installed reporters like anybody's."""
    assert isinstance(make("console", context()), ConsoleReporter)
    assert {"console", "junit"} <= set(installed())


def test_an_unknown_reporter_gets_a_suggestion(context: Any) -> None:
    """A reporter that nobody installed is named, with the nearest."""
    with pytest.raises(RunnerError, match="unknown reporter `juint`") as caught:
        make("juint", context())
    assert caught.value.hint == "write `junit`"


@pytest.mark.parametrize("text", ["def make(context): raise ValueError('no licence')", "def make(context): return 4", "make = 4"])
def test_a_reporter_that_cannot_be_made_is_blamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: Any, text: str) -> None:
    """A reporter that raises when made, or is none, is a broken plugin with its name."""
    module = f"broken_reporter_{abs(hash(text))}"
    (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BrokenPlugin, match="reporter `mine` of acme 1"):
        make("mine", context(), {"mine": Provided("mine", f"{module}:make", "acme 1")})


def test_what_has_the_three_parts_is_a_reporter(context: Any) -> None:
    """A name, handle and close make a reporter."""
    assert isinstance(ConsoleReporter(context()), Reporter)


def test_a_file_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    """A missing file, and one that is no text, have no lines to show."""
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    assert read_file(str(tmp_path / "nowhere.yaml")) is None
    assert read_file(str(tmp_path / "bytes.yaml")) is None
