"""
All writers count the same, whatever came of the run: each report is read back as its consumers read it.

U14, and table E and G of the faults: interrupted, cut off, lost journals, a writer that breaks.
"""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml

from runner.cli.main import main
from runner.harness import report
from runner.record.events import Event, ScenarioFinished, SourceRead, StepFinished, decode
from runner.record.result import fold
from runner.reporters.base import ReportContext, make
from tests.reading_back import FILES, OUTCOMES, READ_BACK, Counts, files_agree, in_json, in_junit, in_markdown

WRITERS = ("junit", "json", "ctrf", "markdown", "allure", "html", "console", "github")
ENDINGS = ("complete", "fail_fast", "interrupted", "terminated", "timeout", "broken", None)


# ── reading back ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def in_console(text: str) -> Counts:
    """The line of counts."""
    found = re.findall(r"(\d+) (passed|failed|errored|skipped|unsupported|not run)", _count_line(text))
    return {name.replace(" ", "_"): int(count) for count, name in found}


def _count_line(text: str) -> str:
    return next(line for line in reversed(text.splitlines()) if re.match(r"[✓✗] ", line))


def in_github(text: str) -> int:
    """How many scenarios did not pass, of the titles of at most ten annotations."""
    titles = [line.partition("title=")[2].partition("::")[0] for line in text.splitlines() if line.startswith("::error ")]
    assert len(titles) <= 10
    told = [title for title in titles if title != "the run is not whole"]
    return sum(_of_title(title) for title in told)


def _of_title(title: str) -> int:
    match = re.match(r"(?:and )?(\d+) (?:×|more)", title)
    return int(match[1]) if match else 1


def check(folder: Path, console: str, annotations: str, outcomes: Sequence[str | None], planned: int, *, whole: bool) -> None:
    """Every report says what came of the run."""
    counts = files_agree(folder, outcomes, planned, whole=whole)
    assert in_console(console) == counts
    assert in_github(annotations) == counts.get("failed", 0) + counts.get("errored", 0) + outcomes.count(None)
    green = json.loads((folder / "result.json").read_bytes())["run"]["exit_code"] == 0
    assert _count_line(console).startswith("✓") is green


@pytest.fixture
def told(tmp_path: Path, tell: Callable[..., Path]) -> Callable[..., tuple[Path, str, str]]:
    """Has a run told by every writer; gives the folder, what stands on the console, and the annotations."""

    def telling(events: Sequence[Event], **more: Any) -> tuple[Path, str, str]:
        shutil.rmtree(tmp_path / "reports", ignore_errors=True)
        stream = io.StringIO()
        folder = tell(events, *WRITERS, stream=stream, **more)
        lines = stream.getvalue().splitlines(keepends=True)
        annotations = "".join(line for line in lines if line.startswith("::error"))
        return folder, "".join(line for line in lines if not line.startswith("::error")), annotations

    return telling


def made(scenario: Any, outcomes: Sequence[str | None]) -> list[Any]:
    """Scenarios of these outcomes, each with a reason of its own kind."""
    words = ("late", "lost", "red", "gone", "shut", "odd", "full", "slow", "bad", "off", "wet", "dim")
    return [
        scenario(f"scenarios/{n}.scenario.yaml", outcome, reason=f"it is {words[n % len(words)]}" if outcome != "passed" else "")
        for n, outcome in enumerate(outcomes)
    ]


# ── agreement ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from((*OUTCOMES, None)), max_size=14), st.integers(0, 3), st.sampled_from(ENDINGS), st.booleans())
def test_all_writers_count_the_same(
    told: Any, scenario: Any, run: Any, outcomes: list[str | None], more: int, ended: str | None, broken: bool
) -> None:
    """Whatever came of the scenarios and of the run, each report read back has the same counts."""
    planned = len(outcomes) + more
    events = run(*made(scenario, outcomes), planned=planned, ended=ended, problems=["html was detached"] if broken and ended else [])
    result = fold(events)
    whole = ended == "complete" and not (broken or more) and None not in outcomes
    check(*told(events), outcomes, planned, whole=whole)
    assert whole == (result.complete and result.ended == "complete" and not result.problems and not result.counts["not_run"])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=8), st.data())
def test_all_writers_count_the_same_when_the_journal_was_lost(told: Any, scenario: Any, run: Any, outcomes: list[str], data: Any) -> None:
    """After a full disk the journal holds less than was heard; every report tells all that was heard, and that the run is not whole."""
    events = run(*made(scenario, outcomes), problems=["the journal cannot be written: the disk is full"])
    kept = data.draw(st.integers(0, len(events)))
    check(*told(events, journal=events[:kept]), outcomes, len(outcomes), whole=False)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=6), st.data())
def test_a_journal_cut_anywhere_is_told_by_all_alike(told: Any, scenario: Any, run: Any, outcomes: list[str], data: Any) -> None:
    """A run that was killed at any event is told as far as its journal goes, and never as green."""
    events = run(*made(scenario, outcomes))
    kept = events[: data.draw(st.integers(1, len(events) - 1))]
    begun = {event.scenario for event in kept if type(event).__name__ == "ScenarioStarted"}
    ended = {event.scenario: event.outcome for event in kept if isinstance(event, ScenarioFinished)}
    came: list[str | None] = [*ended.values(), *[None for key in begun if key not in ended]]
    check(*told(kept, complete=False), came, len(outcomes), whole=False)


def test_more_causes_than_annotations_are_all_counted(told: Any, scenario: Any, run: Any) -> None:
    """With more than ten causes the tenth annotation tells how many scenarios the others are."""
    outcomes = ["failed"] * 12 + ["errored"] * 12
    check(*told(run(*made(scenario, outcomes))), outcomes, 24, whole=True)


# ── made again, broken writers ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_reports_made_again_are_the_same(told: Any, scenario: Any, run: Any) -> None:
    """``runner report`` makes of the journal alone, byte for byte, what the run made; a second time as well."""
    events = run(*made(scenario, ["passed", "failed", "errored", None]), ended="interrupted")
    folder, _, _ = told(events)
    before = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = report(folder.name, folder.parent, lambda place: [make(name, _quiet(place)) for name in FILES])
    assert not again.problems
    assert {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def _quiet(folder: Path) -> ReportContext:
    return ReportContext(folder=folder, stream=io.StringIO(), environ={}, read=lambda _: None)


class Breaking:
    """A reporter that raises at the *n*-th call; ``close`` is the last."""

    name = "breaking"

    def __init__(self, n: int | None) -> None:
        self._left = n

    def handle(self, event: Event) -> None:
        """Take an event, or break."""
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise RuntimeError("no more paper")

    def close(self) -> None:
        """Break."""
        if self._left is None:
            raise OSError("no space left on device")


@pytest.mark.parametrize("n", [0, 3, None], ids=["at the first event", "later", "when it closes"])
@pytest.mark.parametrize("name", FILES)
def test_one_writer_that_raises_does_not_keep_the_others(told: Any, scenario: Any, run: Any, name: str, n: int | None) -> None:
    """A reporter that raises is told as a problem with exit code 3, and every other report is written whole."""
    folder, _, _ = told(run(*made(scenario, ["passed", "skipped"])))
    for written in ("junit.xml", "result.json", "ctrf.json", "summary.md", "index.html", "report.html"):
        (folder / written).unlink()
    for written in ("allure-results", "html"):
        shutil.rmtree(folder / written)
    result = report(folder.name, folder.parent, lambda place: [Breaking(n), make(name, _quiet(place))])
    assert result.exit_code == 3
    assert "reporter `breaking` could not finish" in result.problems[0]
    assert READ_BACK[name](folder) == {"passed": 1, "skipped": 1}


def test_a_listener_that_raises_keeps_no_other_from_being_told(told: Any, scenario: Any, run: Any) -> None:
    """Reporters that share the retelling do not share its faults: an unwritable place of one leaves the others whole."""
    folder, _, _ = told(run(*made(scenario, ["passed"])))
    for path in (folder / "ctrf.json", folder / "summary.md"):
        path.unlink()
    (folder / "ctrf.json").mkdir()
    result = report(folder.name, folder.parent, lambda place: _sharing(_quiet(place)))
    assert [problem.partition(":")[0] for problem in result.problems] == ["reporter `ctrf` could not finish"]
    assert in_markdown(folder) == {"passed": 1}


def _sharing(context: ReportContext) -> list[Any]:
    return [make("ctrf", context), make("markdown", context)]


# Where each writer begins to write, in the run's folder.
PLACES = {
    "junit": ".junit.xml.partial",
    "json": ".result.json.partial",
    "ctrf": ".ctrf.json.partial",
    "markdown": ".summary.md.partial",
    "html": "html/.report.css.partial",
    "allure": "allure-results",
}


@pytest.mark.skipif(sys.platform == "win32" or not Path("/dev/full").exists(), reason="there is no disk here that is always full")
@pytest.mark.parametrize("name", FILES)
def test_a_disk_that_is_full_for_one_writer_leaves_the_others_whole(told: Any, scenario: Any, run: Any, name: str) -> None:
    """Its problem is told with exit code 3, what stood there before still does, and every other report is written and agrees."""
    folder, _, _ = told(run(*made(scenario, ["passed", "failed", "skipped"])))
    counts = {other: READ_BACK[other](folder) for other in FILES}
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    _fill(folder, name)
    context = _quiet(folder)
    result = report(folder.name, folder.parent, lambda _: [make(other, context) for other in FILES])
    assert result.exit_code == 3
    assert [problem.partition(":")[0] for problem in result.problems] == [f"reporter `{name}` could not finish"]
    _empty(folder, name)
    assert {other: READ_BACK[other](folder) for other in FILES} == counts
    assert {path: path.read_bytes() for path in before} == before


def _fill(folder: Path, name: str) -> None:
    """From now on there is no room where *name* writes; of Allure, each file that it is going to write."""
    if name != "allure":
        (folder / PLACES[name]).symlink_to("/dev/full")
        return
    for path in list((folder / PLACES[name]).iterdir()):
        path.with_name(f"{path.name}.tmp").symlink_to("/dev/full")


def _empty(folder: Path, name: str) -> None:
    """What the test put there goes again."""
    for path in folder.rglob("*"):
        if path.is_symlink():
            path.unlink()


def test_who_did_not_end_is_told_in_each_writers_own_word(told: Any, scenario: Any, run: Any) -> None:
    """A scenario that began and never ended: nobody knows what it would have come to, so no writer calls it passed, failed or skipped."""
    folder, _, _ = told(run(*made(scenario, ["passed", None]), ended=None), complete=False)
    (case,) = [
        case for suite in JUnitXml.fromfile(str(folder / "junit.xml")) for case in suite if case.result and "ended" not in case.name
    ][:1]
    tests = json.loads((folder / "ctrf.json").read_bytes())["results"]["tests"]
    results = [json.loads(file.read_bytes()) for file in (folder / "allure-results").glob("*-result.json")]
    rows = json.loads((folder / "result.json").read_bytes())["scenarios"]

    assert (case.result[0].type, case.result[0].message) == ("run", "it began and did not end")
    assert [test["status"] for test in tests if test.get("rawStatus") == "not_run"] == ["pending"]
    assert sorted((one["status"], one["stage"]) for one in results if one["name"] != "the run is whole") == [
        ("passed", "finished"),
        ("unknown", "interrupted"),
    ]
    assert [row["outcome"] for row in rows] == ["passed", "not_run"]


def test_the_file_is_shown_as_it_was(told: Any, scenario: Any, run: Any) -> None:
    """A report of an old run shows the lines that the run read, not those that stand there today."""
    file = "scenarios/0.scenario.yaml"
    events = run(
        *made(scenario, ["failed"]), sources={file: "scenario: As it was\nvendor: gws\nsteps:\n  - login\n  - send\n  - then: old\n"}
    )
    folder, console, _ = told(events)
    assert any(isinstance(event, SourceRead) for event in events)
    assert "- then: old" in console
    assert "- then: old" in (folder / "junit.xml").read_text(encoding="utf-8")


# ── killed at any byte ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_journal_cut_at_any_byte_is_told(told: Any, scenario: Any, run: Any) -> None:
    """At 200 points of the file: what was whole in it is told, the line that was cut is not, and nothing looks green (R10)."""
    folder, _, _ = told(run(*made(scenario, ["passed", "failed", "errored", "skipped"] * 3)))
    journal = (folder / "journal.jsonl").read_bytes()
    (folder / "incomplete").touch()
    chance = random.Random(7)
    for cut in sorted(chance.sample(range(journal.index(b"SourceRead"), len(journal) - 2), 200)):
        (folder / "journal.jsonl").write_bytes(journal[:cut])
        whole = [decode(line) for line in journal[:cut].splitlines(keepends=True)[1:] if line.endswith(b"\n")]
        result = report(folder.name, folder.parent, lambda place: [make("junit", _quiet(place)), make("json", _quiet(place))])
        ended = Counter(event.outcome for event in whole if isinstance(event, ScenarioFinished))
        steps = sum(isinstance(event, StepFinished) for event in whole)
        rows = json.loads((folder / "result.json").read_bytes())["scenarios"]
        assert result.exit_code == 2
        assert {outcome: count for outcome, count in in_json(folder).items() if outcome != "begun"} == ended
        assert sum(step["outcome"] != "not_run" for row in rows for step in row.get("steps", [])) == steps
        assert in_junit(folder) == {**in_json(folder), "not whole": 1}


@pytest.mark.parametrize(("header", "code"), [(b'{"journal":99,"needs":"9.0.0"}', "E622"), (None, "E624")])
def test_what_cannot_be_told_is_a_coded_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], header: bytes | None, code: str
) -> None:
    """A journal of a newer version, or none at all, is told with its code, what to do, and no traceback; the exit code is not green."""
    monkeypatch.chdir(tmp_path)
    if header is not None:
        folder = tmp_path / "reports" / "20300102-090000-abcdef"
        folder.mkdir(parents=True)
        (folder / "journal.jsonl").write_bytes(header + b"\n")
    assert main(["report"]) != 0
    said = capsys.readouterr().err
    assert f"error[{code}]" in said
    assert "= fix:" in said
    assert "Traceback" not in said


def test_every_writer_tells_a_retry_and_no_writer_a_poll(tell: Callable[..., Path], run: Any, scenario: Any) -> None:
    """The try that did not work is named with its reason wherever a scenario is told; a step that only looked again is no failure."""
    folder = tell(run(scenario(flaky=True, tried="a wire broke", polled=7)), *FILES)
    cases = list(ET.parse(folder / "junit.xml").getroot().iter("testcase"))
    (test,) = json.loads((folder / "ctrf.json").read_bytes())["results"]["tests"]
    (told,) = json.loads((folder / "result.json").read_bytes())["scenarios"]
    (file,) = (folder / "allure-results").glob("*-result.json")
    allure = json.loads(file.read_bytes())
    page = (folder / "report.html").read_text(encoding="utf-8")

    assert [one.get("message") for case in cases for one in case.iter("flakyFailure")] == ["a wire broke"]
    assert [(one["message"], one["extra"]["step"]) for one in test["retryAttempts"]] == [("a wire broke", "1")]
    assert (test["flaky"], test["retries"]) == (True, 1)
    assert [step.get("retries", []) for step in told["steps"]] == [
        [{"attempt": 1, "reason": "a wire broke", "code": "E701", "cause": "environment"}],
        [],
    ]
    assert allure["statusDetails"] == {"message": "passed only after a retry", "trace": "step 1, login, try 1: a wire broke", "flaky": True}
    assert ("a wire broke" in page, "1 retry" in page, "7 rounds" in page) == (True, True, True)
