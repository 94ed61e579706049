"""
What happens when a scenario is run: each ``x.scenario.yaml`` on the toy vendor, with the clock turned by hand, beside its journal
``x.journal.jsonl`` and what the console says, ``x.console``.

``pytest tests --rewrite-golden`` writes them anew, for a reviewed diff. The run's name and the version are not kept.
"""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner import __version__, harness
from runner.clock import ManualClock
from runner.plugins.contract import Vendor
from runner.plugins.registry import Registry
from runner.reporters.base import ReportContext
from runner.reporters.console import ConsoleReporter
from runner.source import Source
from runner.vendors.general import VENDOR as GENERAL

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.scenario.yaml"))
PLACE = """
environment: toys
vendors: {toy: {url: "http://toy.invalid"}}
actors:
  agent:
    - {toy: {user: ann, password: "{{ secret('TOY_PASSWORD') }}"}}
allow_recipients: ["*@example.com"]
"""


@dataclass(frozen=True)
class Ran:
    """What one run left: its journal and what the console said, without what differs from run to run."""

    journal: str
    console: str


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy: Callable[..., Vendor]) -> Callable[[Path], Ran]:
    """Runs a file of the golden folder by itself, in a project of its own."""
    scenarios = tmp_path / "scenarios"
    shutil.copytree(FOLDER / "steps", scenarios / "steps")
    (scenarios / "environments").mkdir()
    (scenarios / "environments" / "toys.yaml").write_text(PLACE, encoding="utf-8")
    monkeypatch.setenv("TOY_PASSWORD", "a-password-of-no-worth")
    monkeypatch.chdir(tmp_path)

    def run(path: Path) -> Ran:
        shutil.copy(path, scenarios / path.name)
        stream = io.StringIO()
        clock = ManualClock()

        def console(folder: Path) -> list[ConsoleReporter]:
            return [ConsoleReporter(ReportContext(folder=folder, stream=stream, environ={}, clock=clock, read=_read))]

        request = harness.Request(paths=(f"scenarios/{path.name}",), environment="toys", seed=1, reports=Path("reports"))
        result = asyncio.run(harness.run(request, vendors=Registry.of(GENERAL, toy([])), clock=clock, make_sinks=console))
        assert result.folder is not None
        journal = (result.folder / "journal.jsonl").read_text(encoding="utf-8")
        return Ran(*(text.replace(result.folder.name, "RUN").replace(__version__, "VERSION") for text in (journal, stream.getvalue())))

    return run


def _read(name: str) -> Source | None:
    path = Path(name)
    return Source(name, path.read_text(encoding="utf-8"), path) if path.is_file() else None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".scenario.yaml"))
def test_a_run_happens_as_kept(path: Path, ran: Callable[[Path], Ran], same_as_golden: Callable[[Path, str], None]) -> None:
    """Each file gives exactly the events and the words beside it."""
    found = ran(path)

    same_as_golden(path.with_name(path.name.replace(".scenario.yaml", ".journal.jsonl")), found.journal)
    same_as_golden(path.with_name(path.name.replace(".scenario.yaml", ".console")), found.console)
