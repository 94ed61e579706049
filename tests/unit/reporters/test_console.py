"""The run told on a terminal: golden texts, live lines, signs of life, and streams that cannot do everything."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pyte
import pytest

from runner.clock import ManualClock
from runner.record.events import Event, Logged, RunFinished, RunStarted, ScenarioFinished, ScenarioStarted, StepStarted
from runner.reporters.console import ConsoleReporter, quote
from runner.reporters.terminal import Terminal

Journal = Callable[[str], list[Event]]
STARTED = RunStarted(run="r", started="2030-01-02T09:00:00+00:00", environment="simulator", seed=1, planned=2, parallel=2, version="0.1.0")


def scenario(key: str = "a.scenario.yaml::gws", name: str = "A mail is sent", **changes: Any) -> ScenarioStarted:
    """A scenario that began."""
    file, _, vendor = key.partition("::")
    return msgspec.structs.replace(ScenarioStarted(scenario=key, id="a", name=name, file=file, line=1, vendor=vendor, steps=3), **changes)


def for_this_shell(golden: str) -> str:
    """The golden texts are quoted for POSIX."""
    return re.sub(r"'((?:scenarios/|customer=)[^']+)'", lambda found: quote(found[1]), golden)


@pytest.mark.parametrize(
    ("name", "run", "verbosity"),
    [
        ("passing", "passing", 0),
        ("passing.steps", "passing", 1),
        ("passing.exchanges", "passing", 2),
        ("passing.quiet", "passing", -1),
        ("failing", "failing", 0),
        ("failing.quiet", "failing", -1),
    ],
)
def test_a_run_reads_as_its_golden_text(
    golden: Path, journal: Journal, context: Any, play: Any, name: str, run: str, verbosity: int
) -> None:
    """What a person reads of a run is exactly this, at each verbosity."""
    made = context(verbosity=verbosity)
    play(ConsoleReporter(made), journal(run), made.clock)
    assert made.stream.getvalue() == for_this_shell((golden / f"{name}.console").read_text(encoding="utf-8"))


def test_a_stream_without_unicode_gets_ascii(golden: Path, journal: Journal, context: Any, screen: Any, play: Any) -> None:
    """Where signs cannot be shown, words stand in their place, and other letters are written by number."""
    made = context(stream=screen(encoding="ascii"))
    play(ConsoleReporter(made), journal("failing"), made.clock)
    assert made.stream.getvalue() == for_this_shell((golden / "failing.ascii.console").read_text(encoding="ascii"))


def test_a_report_made_later_without_the_files_still_says_where(journal: Journal, context: Any, play: Any) -> None:
    """A scenario file that is gone is still named with its line."""
    made = context(read=lambda _: None)
    play(ConsoleReporter(made), journal("failing"), made.clock)
    assert "  --> scenarios/mail/reply.scenario.yaml:14\n" in made.stream.getvalue()


def test_a_killed_run_is_not_green(journal: Journal, context: Any, play: Any) -> None:
    """A journal without its last event is told as a run that did not end, with what was not run."""
    made = context()
    events = [event for event in journal("passing") if not isinstance(event, RunFinished)]
    cut_off = [event for event in events if "egain" not in getattr(event, "scenario", "")]
    play(ConsoleReporter(made), cut_off, made.clock)
    end = made.stream.getvalue().rpartition("───\n")[2]
    assert end.startswith("✗ 4 passed, 2 not run of 6 planned\n  !        the run did not end")


def test_a_run_in_which_nothing_passed_is_not_green(context: Any, play: Any) -> None:
    """Nothing ran, so nothing is shown to be right."""
    made = context()
    play(ConsoleReporter(made), [msgspec.structs.replace(STARTED, planned=0), RunFinished(took=0.1, counts={})], made.clock)
    assert "✗ nothing ran" in made.stream.getvalue()


def test_counts_that_do_not_agree_are_told(context: Any, play: Any) -> None:
    """When the run's own count and the events differ, the reader is told both."""
    made = context()
    events = [
        STARTED,
        scenario(),
        ScenarioFinished(scenario="a.scenario.yaml::gws", outcome="passed", took=1.0),
        RunFinished(took=1.0, counts={"passed": 2}),
    ]
    play(ConsoleReporter(made), events, made.clock)
    assert "the counts do not agree" in made.stream.getvalue()


def test_passed_on_retry_is_told_with_the_counts(context: Any, play: Any) -> None:
    """A scenario that passed only after a retry is never plain green."""
    made = context()
    finished = ScenarioFinished(scenario="a.scenario.yaml::gws", outcome="passed", took=1.0, flaky=True)
    events = [replace_planned(1), scenario(), finished, RunFinished(took=1.0, counts={"passed": 1})]
    play(ConsoleReporter(made), [msgspec.structs.replace(event, n=n) for n, event in enumerate(events, 1)], made.clock)
    assert "✓ 1 passed (1 only after a retry)" in made.stream.getvalue()


def test_gap_in_the_record_is_never_green(context: Any, play: Any) -> None:
    """A run of whose events some are missing is told as not whole, as its exit code says."""
    made = context()
    events = [replace_planned(1), scenario(), ScenarioFinished(scenario="a.scenario.yaml::gws", outcome="passed", took=1.0)]
    events.append(RunFinished(took=1.0, counts={"passed": 1}))
    play(ConsoleReporter(made), [msgspec.structs.replace(event, n=2 * n) for n, event in enumerate(events, 1)], made.clock)
    assert "✗ 1 passed, in 1s\n  !        its record is not whole" in made.stream.getvalue()


def replace_planned(planned: int) -> RunStarted:
    """The beginning of a run of so many scenarios."""
    return msgspec.structs.replace(STARTED, planned=planned)


# ── time passes ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def waiting(at: float = 0.0) -> StepStarted:
    """A step that waits for a status."""
    return StepStarted(
        at=at, scenario="a.scenario.yaml::gws", step="2", type="verify_status", line=4, parameters={"is": "sent", "within": "2 min"}
    )


def test_a_log_gets_a_sign_of_life_every_thirty_seconds(context: Any) -> None:
    """Where there is no terminal, thirty silent seconds are followed by a line that names the oldest step."""
    made = context()
    reporter = ConsoleReporter(made)
    for event in (STARTED, scenario(), waiting()):
        reporter.handle(event)
    for _ in range(70):
        made.clock.turn(1.0)
        reporter.tick()
    beats = [line for line in made.stream.getvalue().splitlines() if line.startswith("…")]
    assert beats == [
        "… 0 of 2 done after 30s; longest: A mail is sent · gws › verify_status › is sent › 30s/2 min",
        "… 0 of 2 done after 60s; longest: A mail is sent · gws › verify_status › is sent › 60s/2 min",
    ]


def test_a_run_that_speaks_needs_no_sign_of_life(context: Any) -> None:
    """A line that was printed is a sign of life."""
    made = context()
    reporter = ConsoleReporter(made)
    reporter.handle(STARTED)
    for second in range(100):
        made.clock.turn(1.0)
        reporter.handle(Logged(message=f"second {second}", level="warning"))
        reporter.tick()
    assert "…" not in made.stream.getvalue()


def shown(text: str, *, columns: int = 100, lines: int = 20) -> list[str]:
    """What stands on a terminal after *text*."""
    terminal = pyte.Screen(columns, lines)
    pyte.Stream(terminal).feed(text.replace("\n", "\r\n"))
    return [line.rstrip() for line in terminal.display if line.strip()]


def on_terminal(context: Any, screen: Any, **environ: str) -> tuple[ConsoleReporter, Any]:
    """A reporter on a terminal in which one scenario waits."""
    made = context(stream=screen(tty=True), environ={"COLUMNS": "100", "LINES": "20", "TERM": "xterm-256color", **environ})
    reporter = ConsoleReporter(made)
    for event in (STARTED, scenario(), waiting()):
        reporter.handle(event)
    return reporter, made


def test_a_terminal_shows_what_each_scenario_waits_for(context: Any, screen: Any) -> None:
    """On a terminal each running scenario has a live line: scenario, step, what it waits for, age and limit."""
    reporter, made = on_terminal(context, screen)
    made.clock.turn(12.0)
    reporter.tick()
    assert shown(made.stream.getvalue()) == [
        "scenario-runner 0.1.0 · SIMULATOR · 2 scenarios, 2 at a time · seed 1",
        "  A mail is sent · gws › verify_status › is sent › 12s/2 min",
        "  0 of 2 scenarios done",
    ]


def test_a_beginning_that_is_told_late_makes_nobody_younger(context: Any, screen: Any) -> None:
    """A run's first event is told when everything is ready; how long a step has run is counted from when it began all the same."""
    made = context(stream=screen(tty=True), environ={"COLUMNS": "100", "LINES": "20", "TERM": "xterm-256color"})
    reporter = ConsoleReporter(made)
    made.clock.turn(5.0)
    for event in (STARTED, scenario(at=5.0), waiting(at=5.0)):
        reporter.handle(event)
    made.clock.turn(1.0)
    reporter.tick()
    assert "› 1s/2 min" in shown(made.stream.getvalue())[1]


def test_the_live_line_is_drawn_in_place(context: Any, screen: Any) -> None:
    """Time passing changes the line, it does not add one."""
    reporter, made = on_terminal(context, screen)
    for _ in range(20):
        made.clock.turn(0.25)
        reporter.tick()
    assert [line for line in shown(made.stream.getvalue()) if "verify_status" in line] == [
        "  A mail is sent · gws › verify_status › is sent › 5s/2 min"
    ]


def test_live_lines_go_when_the_run_ends(context: Any, screen: Any) -> None:
    """At the end the live lines are gone, and what ended stands there once."""
    reporter, made = on_terminal(context, screen)
    made.clock.turn(1.0)
    reporter.tick()
    reporter.handle(ScenarioFinished(at=1.0, scenario="a.scenario.yaml::gws", outcome="passed", took=1.0))
    reporter.handle(RunFinished(at=1.0, took=1.0, counts={"passed": 1}, not_run=1))
    reporter.close()
    lines = shown(made.stream.getvalue())
    assert [line for line in lines if "A mail is sent" in line] == ["✓ A mail is sent · gws  1s"]
    assert lines[-1].startswith("  report")


def test_a_narrow_terminal_cuts_live_lines(context: Any, screen: Any) -> None:
    """In forty columns a live line keeps the step and its age on one line."""
    reporter, made = on_terminal(context, screen, COLUMNS="40")
    made.clock.turn(12.0)
    reporter.tick()
    (line,) = [line for line in shown(made.stream.getvalue(), columns=40) if "12s" in line]
    assert line == "  A mail i… › verify_status › 12s/2 min"


@pytest.mark.parametrize("columns", [40, 60])
def test_a_narrow_terminal_breaks_lines_between_words(journal: Journal, context: Any, screen: Any, play: Any, columns: int) -> None:
    """No line is longer than the terminal, but for a single word and for a command, which is left whole for who copies it."""
    made = context(stream=screen(tty=True), environ={"COLUMNS": str(columns), "LINES": "40", "TERM": "dumb"})
    play(ConsoleReporter(made), journal("failing"), made.clock)
    long = [line.strip() for line in made.stream.getvalue().splitlines() if len(line) > columns]
    assert [line for line in long if " " in line and "runner run" not in line] == []
    assert any("runner run" in line for line in long)


def test_more_scenarios_than_lines_are_counted(context: Any, screen: Any) -> None:
    """The live region never grows beyond the terminal."""
    reporter, made = on_terminal(context, screen, LINES="8")
    for number in range(30):
        reporter.handle(scenario(f"{number}.scenario.yaml::gws", f"Mail {number}"))
    made.clock.turn(1.0)
    reporter.tick()
    assert "  … and 27 more" in shown(made.stream.getvalue())


def test_no_color_is_respected(context: Any, screen: Any) -> None:
    """With NO_COLOR no colour is sent."""
    reporter, made = on_terminal(context, screen, NO_COLOR="1")
    made.clock.turn(1.0)
    reporter.handle(ScenarioFinished(scenario="a.scenario.yaml::gws", outcome="failed", took=1.0, reason="no"))
    reporter.close()
    assert "\x1b[1;31m" not in made.stream.getvalue()
    assert "\x1b[31" not in made.stream.getvalue()


def test_colour_is_there_without_it(context: Any, screen: Any) -> None:
    """On a terminal a failure is red, beside its sign."""
    reporter, made = on_terminal(context, screen)
    made.clock.turn(1.0)
    reporter.handle(ScenarioFinished(scenario="a.scenario.yaml::gws", outcome="failed", took=1.0, reason="no"))
    reporter.close()
    assert "\x1b[1;31m✗" in made.stream.getvalue()


def test_a_dumb_terminal_gets_plain_lines(context: Any, screen: Any) -> None:
    """A terminal that can do nothing is sent nothing but text."""
    reporter, made = on_terminal(context, screen, TERM="dumb")
    made.clock.turn(1.0)
    reporter.tick()
    reporter.close()
    assert "\x1b" not in made.stream.getvalue()


# ── data ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = "\x1b]0;owned\x07\x9b2J ::error::x\n::stop-commands::y\r##vso[task.complete]"


@pytest.mark.parametrize("tty", [False, True])
def test_data_cannot_steer_the_terminal_or_the_ci_system(context: Any, screen: Any, play: Any, *, tty: bool) -> None:
    """Names, reasons and messages with control codes and workflow commands are shown and not obeyed."""
    environ = {"NO_COLOR": "1", "TERM": "dumb"} if tty else {}
    made = context(stream=screen(tty=tty), environ=environ, verbosity=2)
    started = scenario(name=HOSTILE, case=HOSTILE)
    step = StepStarted(scenario=started.scenario, step="1", type="send", line=1, name=HOSTILE)
    finished = ScenarioFinished(scenario=started.scenario, outcome="failed", took=1.0, reason=HOSTILE)
    events = [replace_planned(1), started, step, Logged(message=HOSTILE, level="error"), finished]
    play(ConsoleReporter(made), [*events, RunFinished(took=1.0, counts={"failed": 1}, problems=[HOSTILE])], made.clock)
    text = made.stream.getvalue()
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(text)
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::") or "##vso[" in line]


class _Gone:
    """A pipe whose reader went away."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_a_reader_that_went_away_is_no_error(journal: Journal, context: Any, play: Any) -> None:
    """``| head`` ends the telling, not the run."""
    made = msgspec.structs.replace(context(), stream=_Gone())  # type: ignore[arg-type]  # as much of a stream as is used
    play(ConsoleReporter(made), journal("failing"), ManualClock())


@pytest.mark.parametrize(("tty", "no_colour", "asked"), [(True, "", 1), (True, "1", 0), (False, "", 0)])
def test_a_windows_console_is_asked_to_show_colours(
    screen: Any, monkeypatch: pytest.MonkeyPatch, tty: bool, no_colour: str, asked: int
) -> None:
    """It is asked once, and only when colours will come."""
    calls: list[str] = []
    colorama = SimpleNamespace(just_fix_windows_console=lambda: calls.append("asked"))
    monkeypatch.setitem(sys.modules, "colorama", colorama)
    with monkeypatch.context() as on_windows:
        on_windows.setattr(sys, "platform", "win32")
        Terminal(screen(tty=tty), {"NO_COLOR": no_colour})
    assert len(calls) == asked


def test_a_key_is_one_word_of_the_command() -> None:
    """What is to be copied into a shell is quoted for it."""
    assert quote("a.scenario.yaml") == "a.scenario.yaml"
    assert quote("a b") in {"'a b'", '"a b"'}
