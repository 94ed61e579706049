"""What the reporters' tests share: journals played to a reporter, streams that stand for terminals and pipes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from runner.clock import ManualClock
from runner.record.events import Event, decode
from runner.reporters.base import ReportContext, Reporter, Ticking
from runner.source import Source

GOLDEN = Path(__file__).parents[2] / "golden" / "console"
RUN = "2030-01-02-090000-a1b2"


class Screen(io.StringIO):
    """A stream that says it is a terminal, or has another encoding than UTF-8."""

    def __init__(self, *, tty: bool = False, encoding: str = "utf-8") -> None:
        super().__init__()
        self._tty = tty
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]  # StringIO has none; a text stream has
        """What the stream can show."""
        return self._encoding

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._tty


def read(name: str) -> Source | None:
    """A scenario file of the golden folder."""
    known = {path.relative_to(GOLDEN).as_posix(): path for path in GOLDEN.rglob("*.yaml")}
    return Source(name, known[name].read_text(encoding="utf-8"), known[name]) if name in known else None


@pytest.fixture
def golden() -> Path:
    """The folder of the golden texts."""
    return GOLDEN


@pytest.fixture
def journal() -> Callable[[str], list[Event]]:
    """The events of a golden journal."""
    return lambda name: [decode(line) for line in (GOLDEN / f"{name}.journal.jsonl").read_bytes().splitlines()]


@pytest.fixture
def screen() -> Callable[..., Screen]:
    """Makes a stream."""
    return Screen


@pytest.fixture
def context(tmp_path: Path) -> Callable[..., ReportContext]:
    """Makes what a reporter is made with; time stands still, files come from the golden folder, the process environment is empty."""

    def make(**changes: object) -> ReportContext:
        given: dict[str, object] = {
            "folder": Path("reports") / RUN,
            "stream": Screen(),
            "environ": {},
            "clock": ManualClock(),
            "read": read,
        }
        return ReportContext(**(given | changes))  # type: ignore[arg-type]  # a test names the fields it changes

    return make


@pytest.fixture
def play() -> Callable[[Reporter, Iterable[Event], ManualClock], None]:
    """Hands events to a reporter at their times, and closes it."""

    def played(reporter: Reporter, events: Iterable[Event], clock: ManualClock) -> None:
        for event in events:
            clock.turn(max(0.0, event.at - clock.monotonic()))
            reporter.handle(event)
            if isinstance(reporter, Ticking):
                reporter.tick()
        reporter.close()

    return played
