"""A project in a folder of its own, and the short way from a text to a Scenario or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from runner.errors import BadScenario, Diagnostic
from runner.scenario.load import Loader
from runner.scenario.model import Scenario
from runner.scenario.project import Project
from runner.scenario.schema import Vocabulary
from runner.source import Source

HEAD = "scenario: An agent answers\nvendor: gws\nsteps:\n"


class Reads(Protocol):
    """Reads a scenario; *steps* alone are put under a usual head."""

    def __call__(self, text: str = "", *, steps: str = "") -> Scenario:
        """The scenario; raises BadScenario."""
        ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project: scenarios/files/invoice.pdf, scenarios/mail/ where the scenario stands, and a secret outside."""
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    root = tmp_path / "project"
    for name in ("scenarios/files", "scenarios/mail", "scenarios/steps", "scenarios/data"):
        (root / name).mkdir(parents=True)
    (root / "scenarios/files/invoice.pdf").write_bytes(b"%PDF-1.4 invoice")
    return root


@pytest.fixture
def loader(folder: Path, plain_vocabulary: Vocabulary) -> Loader:
    """A loader for that project."""
    return Loader(plain_vocabulary, Project(folder))


@pytest.fixture
def reads(folder: Path, loader: Loader) -> Reads:
    """From a text to a Scenario, as if it stood in scenarios/mail/it.scenario.yaml."""

    def read(text: str = "", *, steps: str = "") -> Scenario:
        path = folder / "scenarios" / "mail" / "it.scenario.yaml"
        return loader.parse(Source("it.scenario.yaml", text or HEAD + steps, path), path)

    return read


@pytest.fixture
def mistakes(reads: Reads) -> Callable[..., list[tuple[str, str]]]:
    """What is wrong with a text: code and message of each mistake, in order."""

    def wrong(text: str = "", *, steps: str = "") -> list[tuple[str, str]]:
        with pytest.raises(BadScenario) as caught:
            reads(text, steps=steps)
        return [(one.code, one.message) for one in caught.value.diagnostics]

    return wrong


@pytest.fixture
def diagnostics(reads: Reads) -> Callable[..., tuple[Diagnostic, ...]]:
    """What is wrong with a text, whole."""

    def wrong(text: str = "", *, steps: str = "") -> tuple[Diagnostic, ...]:
        with pytest.raises(BadScenario) as caught:
            reads(text, steps=steps)
        return caught.value.diagnostics

    return wrong
