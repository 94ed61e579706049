"""What pytest says of each outcome, and that nothing is green by accident."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from runner.cli.main import main

pytest_plugins = ["pytester"]

BROKEN_SINK = """
class Broken:
    name = "broken"
    def handle(self, event): raise ValueError("no room")
    def close(self): pass

def pytest_scenario_sinks(config, folder):
    return [Broken()]
"""
LISTENING = """
class Listening:
    name = "listening"
    def __init__(self, folder): self.file = folder / "heard.txt"
    def handle(self, event):
        with self.file.open("a") as heard:
            heard.write(type(event).__name__ + "\\n")
    def close(self): pass

def pytest_scenario_sinks(config, folder):
    return [Listening(folder)]
"""


@pytest.mark.parametrize(
    ("scenario", "outcomes"),
    [
        ("green", {"passed": 1}),
        ("red", {"failed": 1}),
        ("errored", {"errors": 1}),
        ("skipped", {"skipped": 1}),
        ("unsupported", {"skipped": 1, "passed": 1}),
        ("cases", {"passed": 1, "failed": 1}),
    ],
)
def test_outcomes_are_those_of_pytest(project: Any, scenario: str, outcomes: dict[str, int]) -> None:
    """A failed check is a failure, what could not be carried out is an error, unsupported is a skip."""
    project.add(scenario)
    project.pytest().assert_outcomes(**outcomes)


@pytest.mark.parametrize(
    ("scenarios", "code"),
    [
        ((), 5),
        (("green",), 0),
        (("green", "skipped"), 0),
        (("skipped",), 5),
        (("skipped", "red"), 1),
        (("red",), 1),
        (("green", "red"), 1),
        (("errored",), 1),
        (("wrong",), 2),
        (("wrong", "green"), 2),
    ],
)
def test_exit_codes_are_those_of_pytest(project: Any, scenarios: Sequence[str], code: int) -> None:
    """Nothing collected is 5, and one that did not go well is enough for 1."""
    project.add(*scenarios)
    assert project.pytest().ret == code


def test_all_unsupported_is_not_green(project: Any) -> None:
    """Where the vendor that was asked for can do none of it, nothing was proved."""
    project.add("unsupported", "skipped")
    assert project.pytest("--scenario-vendor", "egain").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_all_skipped_is_not_green_beside_python_tests(project: Any) -> None:
    """Where no scenario ran of those that were to, tests in Python do not make it green; those that a mark leaves out were not to."""
    project.add("skipped")
    project.pytester.makepyfile(test_python="def test_it(): pass")
    result = project.pytest("scenarios", "test_python.py")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["scenarios: nothing was carried out: all were skipped, or are unsupported"])
    project.pytester.makeconftest("import pytest\ndef pytest_collection_modifyitems(items): items[0].add_marker(pytest.mark.skip)")
    assert project.pytest("scenarios", "test_python.py").ret == 0


def test_a_failure_is_told_as_on_the_command_line(project: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The excerpt is that of ``runner run``, without a frame of Python; the summary has the reason."""
    project.add("red")
    main(["run", "scenarios"])
    told = [line[2:] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    excerpt = "\n".join(told[: next(n for n, line in enumerate(told) if "= next" in line)])
    result = project.pytest("-W", "error")
    assert excerpt in result.stdout.str()
    assert "failed[F201] at step 1 of 1, `check`" in excerpt
    result.stdout.fnmatch_lines(["*_ A sum is wrong · icws _*"])
    result.stdout.fnmatch_lines(["FAILED scenarios/red.scenario.yaml::icws - that is 4, expected 5"])
    assert "Error" not in result.stdout.str()
    assert "outcomes.py" not in result.stdout.str()


@pytest.mark.parametrize("style", ["auto", "long", "short", "line", "native"])
def test_no_style_of_traceback_shows_ours(project: Any, style: str) -> None:
    """Whatever ``--tb`` says, there are no frames to show."""
    project.add("red", "errored")
    told = project.pytest(f"--tb={style}", "--showlocals").stdout.str()
    assert "Traceback" not in told
    assert ".py:" not in told


def test_an_error_says_at_which_step(project: Any) -> None:
    """What could not be carried out is an error, and the summary says so."""
    project.add("errored")
    result = project.pytest()
    result.stdout.fnmatch_lines(["*errored[[]E701[]] at step 1 of 1, `http`: *", "ERROR scenarios/errored.scenario.yaml::icws - *"])


def test_a_skip_says_why_and_where(project: Any) -> None:
    """The reasons stand in the summary with the file of the scenario; unsupported says that word."""
    project.add("skipped", "unsupported")
    result = project.pytest("-rs")
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED [[]1[]] scenarios/skipped.scenario.yaml:1: every step was skipped",
            "SKIPPED [[]1[]] scenarios/unsupported.scenario.yaml:1: unsupported: egain cannot ready: *",
        ]
    )


def test_junit_tells_failure_from_error(project: Any) -> None:
    """pytest's own JUnit has exactly one verdict for each scenario, and the time that the scenario itself took."""
    project.add("green", "red", "errored", "skipped")
    project.pytest("--junitxml=junit.xml")
    suite = ET.parse(project.root / "junit.xml").getroot()[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "1", "1", "1"]
    assert [[verdict.tag for verdict in case] for case in suite] == [["error"], [], ["failure"], ["skipped"]]


def test_durations_are_those_of_the_scenarios(project: Any) -> None:
    """A report's duration and moment are the scenario's own, however long pytest waited for others."""
    project.add("green", wait="scenario: Wait\nvendor: icws\nsteps:\n  - wait: 300ms\n")
    reports = project.pytester.inline_run("-pno:xdist").getreports("pytest_runtest_logreport")
    called = {report.nodeid: report for report in reports if report.when == "call"}
    events = [event for event in project.events() if event["event"] == "ScenarioFinished"]
    assert {key: report.duration for key, report in called.items()} == {event["scenario"]: event["took"] for event in events}
    assert [report.duration for report in reports if report.when == "setup"] == [0.0, 0.0]
    assert all(report.stop == report.start + report.duration for report in called.values())


def test_each_item_has_its_own_steps(project: Any) -> None:
    """The section of an item tells its own steps, though all ran side by side; what is secret is masked."""
    project.add("red", "sends")
    reports = project.pytester.inline_run("-pno:xdist").getreports("pytest_runtest_logreport")
    sections = {report.nodeid.rpartition("/")[2]: dict(report.sections) for report in reports if report.when == "call"}
    red = sections["red.scenario.yaml::icws"]["Captured scenario call"]
    sends = sections["sends.scenario.yaml::icws"]["Captured scenario call"]
    assert red.splitlines()[0] == "1 check"
    assert "login" not in red
    assert '"password":"***"' in sends
    assert sends.count("email/send gave") == 1


def test_the_journal_is_that_of_any_run(project: Any) -> None:
    """It stands in ``reports``, ``runner report`` reads it, and the last line of pytest's summary says where it is."""
    project.add("green", "red")
    result = project.pytest()
    (folder,) = project.root.glob("reports/2*")
    result.stdout.fnmatch_lines([f"scenarios: reports/{folder.name}/"])
    assert main(["report", folder.name, "--reports", str(folder.parent)]) == 1
    assert [event["planned"] for event in project.events() if event["event"] == "RunStarted"] == [2]


def test_a_run_has_its_reports(project: Any) -> None:
    """The page and the result for programs stand beside the journal, as after ``runner run``; JUnit is left to pytest."""
    project.add("green", "red")
    project.pytest()
    folder = project.root / "reports" / "latest"
    assert {path.name for path in folder.iterdir() if path.is_file()} >= {"journal.jsonl", "index.html", "result.json"}
    assert not (folder / "junit.xml").exists()
    assert json.loads((folder / "result.json").read_text(encoding="utf-8"))["counts"]["failed"] == 1


def test_other_reports_can_be_made(project: Any) -> None:
    """``--scenario-reporter`` says which, instead."""
    project.add("green")
    project.pytest("--scenario-reporter", "junit")
    assert list(project.root.glob("reports/latest/junit.xml"))
    assert not list(project.root.glob("reports/latest/index.html"))


def test_other_plugins_hear_the_events(project: Any) -> None:
    """The hook ``pytest_scenario_sinks`` gives sinks, which are told everything from the first to the last event."""
    project.pytester.makeconftest(LISTENING)
    project.add("green")
    project.pytest()
    heard = (project.root / "reports" / "latest" / "heard.txt").read_text().split()
    assert (heard[0], heard[-1]) == ("RunStarted", "RunFinished")


def test_a_sink_that_breaks_is_never_green(project: Any) -> None:
    """The scenarios are told as they went, and the session ends with pytest's code for a fault of ours."""
    project.pytester.makeconftest(BROKEN_SINK)
    project.add("green")
    result = project.pytest()
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(["scenarios: error: reporter `broken` broke and was switched off: ValueError: no room"])


def test_an_unknown_reporter_is_an_error_of_each_scenario(project: Any) -> None:
    """Nothing is carried out, and the message says which there are."""
    project.add("green", "red")
    result = project.pytest("--scenario-reporter", "jnuit")
    result.assert_outcomes(errors=2)
    assert "unknown reporter `jnuit`" in result.stdout.str()


def test_secrets_that_are_missing_are_an_error(project: Any) -> None:
    """Collecting needs no secrets; carrying out does, and says which."""
    (project.root / "scenarios" / "environments").mkdir(parents=True)
    (project.root / "scenarios" / "environments" / "staging.yaml").write_text(
        "environment: staging\nvendors: {icws: {url: 'http://127.0.0.1:9'}}\n"
        "actors: {agent: [{icws: {user: qa, password: \"{{ secret('NO_SUCH_SECRET') }}\"}}]}\n"
        "allow_recipients: ['*']\n",
        encoding="utf-8",
    )
    project.add("sends")
    assert project.pytest("--scenario-environment", "staging", "--collect-only").ret == 0
    result = project.pytest("--scenario-environment", "staging")
    result.assert_outcomes(errors=1)
    assert "NO_SUCH_SECRET" in result.stdout.str()


def test_reports_that_cannot_be_written_are_an_error(project: Any) -> None:
    """Nobody logs in when the run could not be written down."""
    (project.root / "reports").write_text("a file", encoding="utf-8")
    project.add("green", "red")
    result = project.pytest()
    result.assert_outcomes(errors=2)
    assert "reports cannot be written" in result.stdout.str()
