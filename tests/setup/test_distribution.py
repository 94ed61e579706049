"""What is built of this project: everything that the package needs is in the wheel, also when it was made of the sdist."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from hatchling import build; build.{function}(sys.argv[1])"


def build(function: str, source: Path, folder: Path) -> Path:
    """Build with the project's own build backend; gives what was made."""
    command = [sys.executable, "-P", "-c", BUILD.format(function=function), str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, encoding="utf-8", check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    (made,) = folder.iterdir()
    return made


def files_of(wheel: Path) -> set[str]:
    """The files of the package in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith("runner/")}


@pytest.fixture(scope="module")
def package() -> set[str]:
    """The files of the package, as they stand in the source."""
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    paths = (path for path in (ROOT / "runner").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in paths}


def test_the_wheel_has_every_file(package: set[str], tmp_path: Path) -> None:
    """Modules, templates, style sheets, scripts, contracts and ``py.typed``, and nothing else of the project."""
    wheel = build("build_wheel", ROOT, tmp_path)
    assert files_of(wheel) == package
    assert {Path(name).suffix for name in package} >= {".py", ".css", ".js", ".yaml", ".typed"}
    with zipfile.ZipFile(wheel) as archive:
        folders = {name.partition("/")[0] for name in archive.namelist()}
        (points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        told = archive.read(points).decode("utf-8")
    assert len(folders) == 2
    assert "runner = runner.cli.main:main" in told
    assert "scenario-runner = runner.pytest_plugin" in told


def test_the_sdist_builds_the_same_wheel(package: set[str], tmp_path: Path) -> None:
    """Who builds from the sdist gets what everybody gets, and the licence is in it."""
    made, unpacked, again = (tmp_path / name for name in ("made", "unpacked", "again"))
    made.mkdir()
    again.mkdir()
    with tarfile.open(build("build_sdist", ROOT, made)) as archive:
        archive.extractall(unpacked, filter="data")
    (source,) = unpacked.iterdir()
    assert {"LICENSE", "README.md", "pyproject.toml"} <= {path.name for path in source.iterdir()}
    assert files_of(build("build_wheel", source, again)) == package
