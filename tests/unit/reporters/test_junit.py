"""JUnit XML, row by row of the dialect that Jenkins, GitLab and GitHub actions read."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.clock import ManualClock
from runner.record.events import (
    Event,
    Logged,
    Retried,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    StepFinished,
    StepStarted,
    encode_lines,
)
from runner.reporters.junit import JUnitReporter

STARTED = RunStarted(run="r1", started="2030-01-02T09:00:00+01:00", environment="staging", seed=7, planned=1, parallel=1, version="0.1.0")
KEY = "mail/reply.scenario.yaml::gws"
BEGAN = ScenarioStarted(
    at=1.0, scenario=KEY, id="reply", name="Reply", file="mail/reply.scenario.yaml", line=1, vendor="gws", tags=["smoke"]
)


def parsed(file: Path) -> ET.Element:
    """The root of a report."""
    return ET.parse(file).getroot()


@pytest.fixture
def written(tmp_path: Path, context: Any, play: Any) -> Callable[..., ET.Element]:
    """Plays events to the reporter, as they are in the run's journal, and reads back what it wrote."""

    def write(*events: Event, **options: Any) -> ET.Element:
        told = [msgspec.structs.replace(event, n=n) for n, event in enumerate(events, 1)]
        (tmp_path / "journal.jsonl").write_bytes(encode_lines(told))
        play(JUnitReporter(msgspec.structs.replace(context(), folder=tmp_path), **options), told, ManualClock())
        return parsed(tmp_path / "junit.xml")

    return write


def ended(outcome: str = "passed", **changes: Any) -> ScenarioFinished:
    """The scenario ended."""
    return msgspec.convert(
        {"scenario": KEY, "outcome": outcome, "took": 1.5, "at": 2.5, **changes, "event": "ScenarioFinished"}, ScenarioFinished
    )


def whole(outcome: str = "passed", *between: Event, **changes: Any) -> list[Event]:
    """A run of one scenario."""
    return [STARTED, BEGAN, *between, ended(outcome, **changes), RunFinished(took=2.0, counts={outcome: 1})]


def retried(place: str) -> list[Event]:
    """A step that passed at its second try."""
    return [
        StepStarted(scenario=KEY, step=place, type="look", line=9),
        Retried(scenario=KEY, step=place, attempt=1, reason="no connection", code="E701"),
        StepFinished(scenario=KEY, step=place, outcome="passed", took=1.0, attempts=2),
    ]


def polled(place: str) -> list[Event]:
    """A step that looked nine times until it saw what it wanted."""
    return [
        StepStarted(scenario=KEY, step=place, type="look", line=11),
        StepFinished(scenario=KEY, step=place, outcome="passed", took=1.0, attempts=9),
    ]


def case(root: ET.Element) -> ET.Element:
    """The only testcase."""
    (found,) = root.iter("testcase")
    return found


def test_a_file_is_a_suite_and_a_scenario_is_a_case(written: Any, journal: Any) -> None:
    """The root holds one suite a file, and each scenario × vendor × case is a case of its file's suite."""
    root = written(*journal("passing"))
    assert [(suite.get("name"), len(suite)) for suite in root] == [("scenarios/mail/reply.scenario.yaml", 6)]
    assert root.tag == "testsuites"


def test_names_are_unique_and_dots_divide_folders(written: Any, journal: Any) -> None:
    """The class name is the path with dots, and no two cases of a class have one name."""
    cases = list(written(*journal("passing")).iter("testcase"))
    assert {c.get("classname") for c in cases} == {"scenarios.mail.reply"}
    assert len({c.get("name") for c in cases}) == 6


def test_two_cases_of_one_name_are_told_apart(written: Any) -> None:
    """GitLab drops the second of two equal names, so it gets a number."""
    root = written(msgspec.structs.replace(STARTED, planned=2), BEGAN, ended(), BEGAN, ended(), RunFinished(took=1.0, counts={"passed": 2}))
    assert [c.get("name") for c in root.iter("testcase")] == ["Reply · gws", "Reply · gws (2)"]


def test_a_dot_in_a_folder_is_no_division(written: Any) -> None:
    """A folder with a dot in its name does not become two."""
    began = msgspec.structs.replace(BEGAN, file="v1.2/reply.scenario.yaml")
    root = written(STARTED, began, ended(), RunFinished(took=1.0, counts={"passed": 1}))
    assert case(root).get("classname") == "v1_2.reply"


@pytest.mark.parametrize(
    ("outcome", "kinds"),
    [("passed", []), ("failed", ["failure"]), ("errored", ["error"]), ("skipped", ["skipped"]), ("unsupported", ["skipped"])],
)
def test_a_case_has_exactly_one_verdict(written: Any, outcome: str, kinds: list[str]) -> None:
    """Failure is the product's, error the environment's; a case has one of failure, error, skipped, or none."""
    found = case(written(*whole(outcome, reason="why")))
    assert [child.tag for child in found if child.tag in {"failure", "error", "skipped"}] == kinds


def test_a_failing_cleanup_does_not_count_twice(written: Any, journal: Any) -> None:
    """A scenario whose step and clean-up both fail is one case with one failure."""
    root = written(*journal("failing"))
    (found,) = [c for c in root.iter("testcase") if c.get("name", "").endswith("icws [Japanese]")]
    assert [child.tag for child in found if child.tag in {"failure", "error"}] == ["failure"]
    assert "clean-up" in found.findtext("failure", "")


def test_counts_are_those_of_the_cases(written: Any, journal: Any) -> None:
    """The head of the root counts what is in it, and the scenarios that were not run are an error of their own."""
    root = written(*journal("failing"))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8",
        "failures": "3",
        "errors": "3",
        "skipped": "1",
    }


def test_the_message_is_short_and_the_text_is_long(written: Any) -> None:
    """The message is one line of at most 200 characters that begins with the cause; the body has the rest."""
    found = case(written(*whole("failed", reason="status is queued\n" + "x" * 500, code="F201"))).find("failure")
    assert found is not None
    assert len(found.get("message", "")) <= 200
    assert found.get("message", "").startswith("status is queued\\n")
    assert (found.text or "").startswith("failed[F201]: status is queued")


def test_passed_on_retry_is_flaky_in_surefires_words(written: Any) -> None:
    """A scenario that passed after a retry has a flakyFailure with its stack trace for each try that did not work."""
    found = case(written(*whole("passed", *retried("2"), flaky=True)))
    assert [(one.get("message"), one.get("type")) for one in found.iter("flakyFailure")] == [("no connection", "E701")]
    assert found.findtext("flakyFailure/stackTrace") == "step 2, look, in line 9: try 1: no connection"
    assert found.find("rerunFailure") is None


def test_retries_of_a_red_scenario_are_reruns_in_surefires_words(written: Any) -> None:
    """A scenario that did not pass keeps its one failure, and each try before it is a rerunFailure."""
    found = case(written(*whole("failed", *retried("2"))))
    assert [one.get("message") for one in found.iter("rerunFailure")] == ["no connection"]
    assert (len(found.findall("failure")), found.find("flakyFailure")) == (1, None)


def test_a_step_that_only_looked_again_is_no_retry(written: Any) -> None:
    """Rounds of `repeat` are counted as attempts, and none of them is a failure."""
    found = case(written(*whole("passed", *retried("2"), *polled("3"), flaky=True)))
    assert [one.get("message") for one in found.iter("flakyFailure")] == ["no connection"]


def test_the_first_500_characters_of_output_say_why(written: Any, journal: Any) -> None:
    """Jenkins keeps little of the output, so the cause stands first."""
    outs = [out.text or "" for out in written(*journal("failing")).iter("system-out")]
    assert outs[0].startswith('status is "queued", expected "sent"\n1 login passed\n')


def test_the_journal_is_attached_on_a_line_of_its_own(written: Any, tmp_path: Path) -> None:
    """GitLab and Jenkins find the journal by a line of its own."""
    out = case(written(*whole("failed"))).findtext("system-out", "")
    assert f"[[ATTACHMENT|{(tmp_path / 'journal.jsonl').as_posix()}]]" in out.splitlines()


def test_times_are_seconds_and_moments_have_an_offset(written: Any) -> None:
    """A case has its seconds with a dot and its moment with an offset."""
    found = case(written(*whole()))
    assert (found.get("time"), found.get("timestamp")) == ("1.500", "2030-01-02T09:00:01.000+01:00")


@pytest.mark.parametrize(("took", "told"), [(-1.0, "0.000"), (1e12, "31536000.000")])
def test_times_stay_within_a_year(written: Any, took: float, told: str) -> None:
    """A time that a consumer would clamp is clamped."""
    assert case(written(*whole(took=took))).get("time") == told


def test_file_and_line_are_always_there(written: Any) -> None:
    """A case names its file, and the line at which it stopped."""
    found = case(written(*whole("failed", line=12)))
    assert (found.get("file"), found.get("line")) == ("mail/reply.scenario.yaml", "12")


def test_properties_say_seed_vendor_and_run(written: Any) -> None:
    """The properties of a case hold what a person needs to run it again."""
    told = {p.get("name"): p.get("value") for p in case(written(*whole())).iter("property")}
    assert told == {"vendor": "gws", "outcome": "passed", "id": "reply", "tags": "smoke", "run": "r1", "seed": "7"}


def test_warnings_of_a_scenario_are_its_error_output(written: Any) -> None:
    """What was logged as a warning stands in system-err."""
    logged = Logged(message="the session was opened again", level="warning", scenario=KEY)
    assert case(written(*whole("passed", logged))).findtext("system-err") == "the session was opened again"


# ── never green by accident ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_without_its_end_is_not_green(written: Any) -> None:
    """A killed run has an error of its own, and each scenario that had begun is an error as well."""
    root = written(msgspec.structs.replace(STARTED, planned=3), BEGAN)
    assert [(c.get("name"), [child.tag for child in c]) for c in root.iter("testcase")] == [
        ("Reply · gws", ["error"]),
        ("the run is whole", ["error"]),
    ]
    assert "3 of 3 planned scenarios were not run" in "".join(root.itertext())


def test_a_reporter_that_broke_is_told(written: Any) -> None:
    """A run in which a reporter broke is not green."""
    root = written(STARTED, BEGAN, ended(), RunFinished(took=1.0, counts={"passed": 1}, problems=["html was detached"]))
    assert root.get("errors") == "1"


def test_a_run_of_nothing_gives_a_file_that_parses(written: Any) -> None:
    """A run without scenarios gives an empty root."""
    root = written(msgspec.structs.replace(STARTED, planned=0), RunFinished(took=0.0, counts={}))
    assert list(root) == []


def test_without_a_beginning_nothing_is_written(tmp_path: Path, context: Any) -> None:
    """A run that never began leaves no file."""
    JUnitReporter(msgspec.structs.replace(context(), folder=tmp_path)).close()
    assert list(tmp_path.iterdir()) == []


# ── size, bytes, pieces ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_large_report_is_split(written: Any, tmp_path: Path, journal: Any) -> None:
    """What would be too large for one file goes on in the next, and every case is in exactly one of them."""
    written(*journal("passing"), most_bytes=2000)
    files = sorted(tmp_path.glob("junit*.xml"))
    roots = [parsed(file) for file in files]
    assert len(files) > 1
    assert sum(int(root.get("tests", "0")) for root in roots) == 6
    assert all(root.get("tests") == str(len(list(root.iter("testcase")))) for root in roots)


def test_a_smaller_report_takes_the_place_of_a_larger(written: Any, tmp_path: Path, journal: Any) -> None:
    """When a report is made again, no file of the earlier one is left."""
    written(*journal("passing"), most_bytes=2000)
    written(*journal("passing"))
    assert [file.name for file in tmp_path.glob("*.xml")] == ["junit.xml"]


def test_control_characters_are_written_out(written: Any) -> None:
    r"""A control character in data is shown as ``\x1b``."""
    assert case(written(*whole("failed", reason="red \x1b[31m"))).find("failure").get("message") == "red \\x1b[31m"  # type: ignore[union-attr]  # it failed


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_gives_xml_that_parses(written: Any, text: str) -> None:
    """Whatever stands in names, reasons, cases and files, the report parses and has its one failure; a journal holds no half characters."""
    file = f"{text}.scenario.yaml"
    began = msgspec.structs.replace(BEGAN, name=text, case=text, file=file, tags=[text])
    step = StepStarted(scenario=KEY, step="1", type="send", line=1, name=text)
    failed = StepFinished(scenario=KEY, step="1", outcome="failed", took=1.0, reason=text, hint=text)
    logged = Logged(message=text, level="error", scenario=KEY)
    root = written(
        STARTED, began, step, failed, logged, ended("failed", reason=text, left_open=[text]), RunFinished(took=1.0, counts={"failed": 1})
    )
    assert root.get("failures") == "1"


def test_passed_scenarios_take_no_memory_to_speak_of(tmp_path: Path, context: Any) -> None:
    """What is kept of a scenario that ended is where it stands on the disk, not its text."""
    reporter = JUnitReporter(msgspec.structs.replace(context(), folder=tmp_path))
    reporter.handle(msgspec.structs.replace(STARTED, n=1))
    tracemalloc.start()
    for number in range(50):
        reporter.handle(msgspec.structs.replace(BEGAN, n=2 * number + 2, case=f"row {number}", description=f"{number}" * 50_000))
        reporter.handle(ended(n=2 * number + 3))
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    reporter.close()
    assert kept < 1_000_000


def test_data_names_no_file_to_be_attached(written: Any) -> None:
    """A mail that says ``[[ATTACHMENT|/etc/passwd]]`` attaches nothing; the journal is the only file that is named."""
    root = written(*whole("failed", reason="got [[ATTACHMENT|/etc/passwd]]"))
    text = "".join(root.itertext())
    assert "[ [ATTACHMENT|/etc/passwd]]" in text
    assert text.count("[[ATTACHMENT|") == 1
