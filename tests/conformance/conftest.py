"""Peers that nobody here wrote, installed at test time; where that is not possible a test is skipped with the reason."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
_SECONDS = 120
_INSTALL_SECONDS = 300


@pytest.fixture(scope="session")
def npm_peer() -> Callable[[str], Path]:
    """Give the folder of a peer with its packages installed, by its lock file, in a cache beside the project."""

    def install(name: str) -> Path:
        return _installed(HERE / "bayeux" / name, {"flow.js": HERE / "bayeux" / "flow.js", "flow.cjs": HERE / "bayeux" / "flow.js"})

    return install


@pytest.fixture(scope="session")
def browser_peer() -> Path:
    """The folder in which what drives a browser is installed."""
    return _installed(HERE / "browser", {})


@pytest.fixture(scope="session")
def editor_peer() -> Path:
    """The folder in which the language server of editors is installed."""
    return _installed(HERE / "editor", {})


@pytest.fixture(scope="session")
def report_readers() -> Path:
    """The folder in which Allure 3 and CTRF's reference implementation are installed."""
    return _installed(HERE / "report_readers", {})


def _installed(source: Path, besides: Mapping[str, Path]) -> Path:
    """A folder with what is in *source*, the packages that its lock file names, and the files *besides* under their names."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("npm and node are not installed")
    own = sorted(path for path in source.iterdir() if path.suffix in {".js", ".mjs", ".json"})
    stamp = hashlib.sha256(b"".join(path.read_bytes() for path in [*own, *besides.values()])).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"scenario-runner-peer-{source.name}-{stamp}"
    if not (folder / "node_modules").is_dir():
        _install(npm, {path.name: path for path in own} | dict(besides), folder)
    return folder


def _install(npm: str, files: Mapping[str, Path], folder: Path) -> None:
    """Install aside and move into place, so that two test processes do not meet."""
    aside = Path(tempfile.mkdtemp(prefix=folder.name, dir=folder.parent))
    for name, path in files.items():
        shutil.copy(path, aside / name)
    try:
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=aside, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        pytest.skip("npm does not answer in time")
    if done.returncode:
        shutil.rmtree(aside, ignore_errors=True)
        pytest.skip("npm cannot install the peer here (no registry?)")
    try:
        aside.replace(folder)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)


@pytest.fixture(scope="session")
def python_peer() -> Callable[[str], Path]:
    """Give the Python of an environment in which a peer is installed as its ``requirements.txt`` says, in a cache beside the project."""

    def install(name: str) -> Path:
        wanted = Path(__file__).parent / name / "requirements.txt"
        stamp = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"scenario-runner-peer-{name}-{stamp}"
        python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        if not (folder / "installed").is_file():
            _make_environment(folder, python, wanted)
        return python

    return install


def _make_environment(folder: Path, python: Path, wanted: Path) -> None:
    """An environment cannot be moved, so it is made in place, and marked when it is whole."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--retries", "1", "--timeout", "20"]
    try:
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(python), "-m", "pip", "install", *quiet, "--requirement", str(wanted)],
        ):
            if subprocess.run(command, capture_output=True, timeout=_INSTALL_SECONDS, check=False).returncode:
                pytest.skip("the peer cannot be installed here (no package index?)")
    except (OSError, subprocess.TimeoutExpired):
        pytest.skip("the package index does not answer in time")
    (folder / "installed").touch()


class Peer:
    """A running peer: what it writes is read line by line; it stops when its stdin ends."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def line(self) -> str:
        """The next line that it writes."""
        assert self._process.stdout is not None
        async with asyncio.timeout(20):
            line = (await self._process.stdout.readline()).decode()
        assert line, f"the peer ended: {await self._complaint()}"
        return line.strip()

    async def until(self, what: str) -> Any:
        """The detail of the next happening of this name."""
        while True:
            happened, detail = json.loads(await self.line())
            if happened == what:
                return detail

    def stop(self) -> None:
        """Ask it to end."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def _complaint(self) -> str:
        assert self._process.stderr is not None
        return (await self._process.stderr.read()).decode()


@pytest.fixture
def running() -> Callable[..., AbstractAsyncContextManager[Peer]]:
    """A context manager that runs ``program script arguments`` in a folder (the program is node), and ends it by its id."""

    @asynccontextmanager
    async def run(folder: Path, script: str, *arguments: str, program: str = "node") -> AsyncIterator[Peer]:
        process = await asyncio.create_subprocess_exec(program, script, *arguments, cwd=folder, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        try:
            yield Peer(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    return run
