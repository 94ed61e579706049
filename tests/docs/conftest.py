"""What the tests of the documentation share: projects to run examples in, and the generator of the reference."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from runner import harness
from runner.record.result import RunResult

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def generate() -> ModuleType:
    """docs/generate.py as a module."""
    spec = util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Makes a project with the shipped files, tables and words, and the files that are given by name."""

    def make(files: dict[str, str]) -> Path:
        scenarios = tmp_path / "scenarios"
        for kind in ("files", "data", "steps"):
            shutil.copytree(ROOT / "scenarios" / kind, scenarios / kind)
        for name, text in files.items():
            (scenarios / name).parent.mkdir(parents=True, exist_ok=True)
            (scenarios / name).write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def run_in() -> Callable[..., RunResult]:
    """Runs files of a project on the simulators."""

    def run(folder: Path, *paths: str) -> RunResult:
        asked = tuple(str(folder / "scenarios" / path) for path in paths)
        return asyncio.run(harness.run(harness.Request(paths=asked, reports=folder / "reports", seed=1, start=folder)))

    return run
