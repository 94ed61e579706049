"""What the reporters' tests share: journals played to a reporter, streams that stand for terminals and pipes."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runner.clock import ManualClock
from runner.record.events import (
    Checked,
    Difference,
    Event,
    Exchanged,
    Notified,
    Retried,
    RunFinished,
    RunStarted,
    Saved,
    ScenarioFinished,
    ScenarioStarted,
    SourceRead,
    StepFinished,
    StepStarted,
    decode,
    encode,
)
from runner.reporters.base import ReportContext, Reporter, Ticking, make
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


# ── runs that are made up ────────────────────────────────────────────────────────────────────────────────────────────────────────

SOURCE = "scenario: {name}\nvendor: gws\nsteps:\n  - login\n  - send: {{to: joe@example.com}}\n  - verify_status: {{is: sent}}\n"


def scenario_events(file: str = "scenarios/a.scenario.yaml", outcome: str = "passed", **given: Any) -> Iterator[Event]:
    """A scenario of three steps; *outcome* None: it never ended. *given*: its fields, body, and how often step 2 looked, `polled`."""
    vendor, case = given.get("vendor", "gws"), given.get("case", "")
    key = given.get("key", f"{file}::{vendor}{f'[{case}]' if case else ''}")
    reason, body = given.get("reason", ""), given.get("body", '{"status":"queued"}')
    yield ScenarioStarted(
        scenario=key,
        id=given.get("id", file),
        name=given.get("name", "A mail is sent"),
        file=file,
        line=1,
        vendor=vendor,
        case=case,
        tags=given.get("tags", ["nightly"]),
        description=given.get("description", ""),
        steps=3,
        actors={"agent": "agent1"},
    )
    if outcome in ("passed", "failed", "errored", None):
        yield StepStarted(scenario=key, step="1", type="login", line=4, actor="agent")
        if given.get("flaky"):
            yield Retried(scenario=key, step="1", attempt=1, reason=given.get("tried", "cannot connect"), code="E701", cause="environment")
        yield StepFinished(scenario=key, step="1", outcome="passed", took=0.1, attempts=2 if given.get("flaky") else 1)
        yield StepStarted(
            scenario=key, step="2", type="send", line=5, actor="agent", parameters=given.get("parameters", {"to": "joe@example.com"})
        )
        yield Exchanged(
            scenario=key,
            step="2",
            method="POST",
            url=given.get("url", "http://127.0.0.1:8010/mails?token=***"),
            request_headers={"Authorization": "Basic ***", "Content-Type": "application/json", **given.get("headers", {})},
            request_body=given.get("sent", '{"password":"***"}'),
            request_size=20,
            http=200,
            headers={"Content-Type": "application/json"},
            body=body,
            size=len(body.encode("utf-8", "replace")),
            took=0.012,
            vendor=vendor,
            actor="agent1",
        )
        yield Saved(scenario=key, step="2", name="mail", value=given.get("saved", {"id": "17"}))
    if outcome in ("passed", "failed", "errored"):
        red = outcome != "passed"
        yield Notified(scenario=key, step="2", name="MailSent", body={"text": given.get("pushed", "gone")}, vendor=vendor)
        if outcome == "failed":
            difference = given.get("difference", Difference("status", '"sent"', '"queued"', line=6, column=23))
            yield Checked(scenario=key, step="2", passed=False, checks=1, differences=[difference])
        code, polled = "F201" if red else "", given.get("polled", 1)
        yield StepFinished(scenario=key, step="2", outcome=outcome, took=0.2, reason=reason if red else "", code=code, attempts=polled)
    if outcome is not None:
        yield ScenarioFinished(
            scenario=key,
            outcome=outcome,  # type: ignore[arg-type]  # a test names one of them
            took=0.4,
            reason=reason,
            code="F201" if outcome == "failed" else "",
            line=5 if outcome in ("failed", "errored") else 0,
            step="2" if outcome in ("failed", "errored") else "",
            flaky=given.get("flaky", False),
            in_doubt=given.get("in_doubt", False),
        )


def run_events(*scenarios: Iterable[Event], planned: int | None = None, ended: str | None = "complete", **given: Any) -> list[Event]:
    """A whole run, numbered; *ended* None: it was cut off. *given*: fields of its first event, ``problems`` of its last, ``sources``."""
    told = [list(one) for one in scenarios]
    outcomes = Counter(event.outcome for one in told for event in one if isinstance(event, ScenarioFinished))
    planned = len(told) if planned is None else planned
    first: dict[str, Any] = {
        "run": RUN,
        "started": "2030-01-02T09:00:00.000+00:00",
        "environment": "staging",
        "seed": 4711,
        "parallel": 4,
        "version": "0.1.0",
        "targets": {"gws": "https://gws.staging.example.com"},
    }
    problems, sources = given.pop("problems", []), given.pop("sources", {"scenarios/a.scenario.yaml": SOURCE.format(name="A")})
    events: list[Event] = [RunStarted(planned=planned, **(first | given))]
    events += [SourceRead(file=file, text=text) for file, text in sources.items()]
    events += [event for one in told for event in one]
    if ended is not None:
        counts = dict(outcomes)
        not_run = planned - sum(counts.values())
        events.append(RunFinished(took=1.5, counts=counts, not_run=not_run, ended=ended, problems=problems))  # type: ignore[arg-type]  # as above
    return [replace(event, n=n, at=round(n * 0.01, 6)) for n, event in enumerate(events, 1)]


def write_journal(folder: Path, events: Sequence[Event], *, complete: bool = True) -> None:
    """The journal of a run, as the stream writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [b'{"journal":1,"needs":"0.1.0"}', *map(encode, events)]
    (folder / "journal.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    if not complete:
        (folder / "incomplete").touch()


@pytest.fixture
def scenario() -> Callable[..., Iterator[Event]]:
    """Makes the events of a scenario."""
    return scenario_events


@pytest.fixture
def run() -> Callable[..., list[Event]]:
    """Makes the events of a run."""
    return run_events


@pytest.fixture
def tell(tmp_path: Path) -> Callable[..., Path]:
    """Has a run told by reporters, as after a run; gives its folder. *journal*: what is left of it, where the disk was full."""

    def told(
        events: Sequence[Event],
        *names: str,
        folder: str = RUN,
        complete: bool = True,
        stream: io.StringIO | None = None,
        environ: Mapping[str, str] | None = None,
        journal: Sequence[Event] | None = None,
        **more: Any,
    ) -> Path:
        place = tmp_path / "reports" / folder
        write_journal(place, events if journal is None else journal, complete=complete)
        context = ReportContext(
            folder=place, stream=stream or Screen(), environ=environ or {}, clock=ManualClock(), read=lambda _: None, **more
        )
        reporters = [make(name, context) for name in names]
        for reporter in reporters:
            for event in events:
                reporter.handle(event)
        for reporter in reporters:
            reporter.close()
        return place

    return told
