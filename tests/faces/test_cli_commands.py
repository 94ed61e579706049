"""Each command: what it asks the harness for, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from runner.errors import BadScenario, Diagnostic, EnvironmentUnusable
from runner.record.events import RunFinished, ScenarioFinished

FILE = "scenarios/reply.scenario.yaml"


# ── selecting ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["run", "check", "list"])
def test_every_way_of_selecting_reaches_the_harness(runner: Any, harness: Any, command: str) -> None:
    """Paths, lines, tags, vendors, cases, environment and variables are handed on as they were given."""
    runner(
        command,
        "a",
        "b.scenario.yaml:12",
        "-t",
        "smoke",
        "-t",
        "not:slow",
        "--vendor",
        "gws",
        "--case",
        "German",
        "-e",
        "staging",
        "--set",
        "x=1=2",
    )
    (request,) = harness.requests
    assert request == harness.Request(
        paths=("a", "b.scenario.yaml:12"),
        tags=("smoke", "not:slow"),
        vendors=("gws",),
        cases=("German",),
        environment="staging",
        variables={"x": "1=2"},
    )


def test_without_paths_everything_is_meant(runner: Any, harness: Any) -> None:
    """No path means the scenarios folder."""
    runner("check")
    assert harness.requests[0].paths == ("scenarios",)


def test_a_run_can_be_named_by_its_key(runner: Any, harness: Any) -> None:
    """The key that reports show selects exactly that run."""
    runner("run", f"{FILE}::gws[German]")
    assert (harness.requests[0].paths, harness.requests[0].keys) == ((FILE,), (f"{FILE}::gws[German]",))


# ── run ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_run_hands_on_its_options(runner: Any, harness: Any) -> None:
    """Parallel, seed, fail-fast and the reports' folder reach the harness."""
    runner("run", "-j", "4", "--seed", "7", "-x", "--reports", "out")
    request = harness.requests[0]
    assert (request.parallel, request.seed, request.fail_fast, request.reports) == (4, 7, True, Path("out"))


def test_run_tells_the_run_and_writes_junit(runner: Any, tmp_path: Path) -> None:
    """A run is told on stdout, ends with the report's path, and leaves junit.xml in its folder."""
    said = runner("run")
    assert said.out.splitlines()[-1].split() == ["report", "reports/r1/"]
    assert ET.parse(tmp_path / "reports" / "r1" / "junit.xml").getroot().get("tests") == "1"


def test_quiet_is_one_line(runner: Any) -> None:
    """``-q`` leaves one line."""
    assert runner("run", "-q").out.splitlines() == ["✓ 1 passed, in 600ms; reports/r1/"]


def test_a_reporter_can_be_chosen(runner: Any, tmp_path: Path) -> None:
    """With ``--reporter`` only what was named is made."""
    said = runner("run", "--reporter", "junit")
    assert said.out == ""
    assert (tmp_path / "reports" / "r1" / "junit.xml").is_file()


@pytest.mark.parametrize("code", [0, 1, 2, 5, 6])
def test_the_exit_code_is_the_results(runner: Any, harness: Any, code: int) -> None:
    """What the result says is what the program ends with."""
    harness.exit_code = code
    assert runner("run").code == code


def test_a_reporter_that_broke_at_the_end_is_told(runner: Any, harness: Any) -> None:
    """What went wrong after the last event, and so stands in no report, is told on stderr."""
    harness.problems = ("reporter `junit` could not finish: the disk is full",)
    assert runner("run").err == "error: reporter `junit` could not finish: the disk is full\n"


def test_only_what_failed_runs_again(runner: Any, harness: Any) -> None:
    """``--failed RUN`` selects the keys that did not pass in that run."""
    failed = ScenarioFinished(scenario=f"{FILE}::acme[German]", outcome="failed", took=1.0)
    errored = ScenarioFinished(scenario=f"{FILE}::gws", outcome="errored", took=1.0)
    passed = ScenarioFinished(scenario=f"{FILE}::icws", outcome="passed", took=1.0)
    harness.events = (failed, errored, passed, RunFinished(took=1.0, counts={}))
    runner("run", "--failed", "latest")
    assert harness.requests[0].keys == (f"{FILE}::acme[German]", f"{FILE}::gws")


def test_when_nothing_failed_nothing_runs_again(runner: Any, harness: Any) -> None:
    """``--failed`` of a green run runs nothing, which is exit code 5."""
    said = runner("run", "--failed", "latest")
    assert (said.code, said.out, harness.requests) == (5, "nothing failed in latest\n", [])


# ── check, list ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_check_says_that_all_is_well(runner: Any) -> None:
    """Files without mistakes are counted."""
    said = runner("check")
    assert (said.code, said.out) == (0, "no mistakes in 1 file, 1 scenario, 1 run\n")


def test_check_shows_every_mistake_and_ends_with_4(runner: Any, harness: Any, mistake: Any) -> None:
    """A mistake is shown with place, line and caret."""
    harness.diagnostics = [mistake]
    said = runner("check")
    assert said.code == 4
    assert f"--> {FILE}:4:5" in said.out
    assert said.out.endswith("1 mistake in 1 file, 1 scenario, 1 run\n")


def test_check_tells_at_most_twenty_mistakes_of_a_file(runner: Any, harness: Any, mistake: Any) -> None:
    """Of a file with many mistakes the first twenty are told, and the rest counted."""
    harness.diagnostics = [mistake] * 23
    said = runner("check")
    assert said.out.count("error[E201]") == 20
    assert f"and 3 more mistakes in {FILE}" in said.out


@pytest.mark.parametrize("command", ["check", "list"])
@pytest.mark.parametrize(
    ("raised", "code", "exit_code"),
    [
        (BadScenario([Diagnostic("E201", "unknown step `sned`")]), "E201", 4),
        (EnvironmentUnusable("there is no environment `stagin`", code="E501", hint="did you mean `staging`?"), "E501", 6),
    ],
)
def test_who_asks_for_json_always_reads_json(runner: Any, harness: Any, command: str, raised: Exception, code: str, exit_code: int) -> None:
    """Also when an environment's file is wrong or missing, so that nothing could be looked at."""
    harness.raises = raised
    said = runner(command, "--format", "json")
    assert (said.code, said.err) == (exit_code, "")
    assert [told["code"] for told in said.json["diagnostics"]] == [code]
    assert (said.json["errors"], said.json["warnings"]) == (1, 0)


def test_check_in_json_has_the_place(runner: Any, harness: Any, mistake: Any) -> None:
    """For programs a mistake is a record with its place and its fix."""
    harness.diagnostics = [mistake]
    said = runner("check", "--format", "json")
    (told,) = said.json["diagnostics"]
    assert (said.json["errors"], told["code"], told["file"], told["line"], told["column"]) == (1, "E201", FILE, 4, 5)
    assert told["hint"] == "write `send`"


@pytest.mark.parametrize("command", ["check", "list"])
def test_nothing_found_is_exit_code_5(runner: Any, harness: Any, command: str) -> None:
    """A selection of nothing is not green."""
    harness.empty = True
    assert runner(command).code == 5


def test_list_shows_scenarios_with_vendors_cases_and_tags(runner: Any, harness: Any) -> None:
    """A scenario is listed with its file, vendors, cases and tags."""
    harness.cases = ("German", "Japanese")
    assert runner("list").out.splitlines() == ["Reply", f"  {FILE}  acme  [German, Japanese]  #smoke", "", "1 scenario, 2 runs"]


def test_list_can_show_keys(runner: Any, harness: Any) -> None:
    """``-v`` shows the key of each run."""
    assert f"    {FILE}::acme" in runner("list", "-v").out.splitlines()


def test_list_in_json_counts_the_runs(runner: Any, harness: Any) -> None:
    """For programs each scenario is a record with the keys of its runs."""
    harness.cases = ("German",)
    said = runner("list", "--format", "json")
    assert (said.json["runs"], said.json["scenarios"][0]["runs"]) == (1, [f"{FILE}::acme[German]"])


def test_list_shows_mistakes_beside_what_it_could_read(runner: Any, harness: Any, mistake: Any) -> None:
    """A wrong file does not keep the others from being listed, and the exit code is 4."""
    harness.diagnostics = [mistake]
    said = runner("list")
    assert (said.code, "Reply" in said.out, "error[E201]" in said.err) == (4, True, True)


# ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_steps_lists_every_word_by_whose_it_is(runner: Any) -> None:
    """The shared words say which vendors can; a vendor's own and the general ones stand apart."""
    assert runner("steps").out.splitlines() == [
        "Shared by the vendors",
        "  create     Begin a new mail  (acme, apex)",
        "  send       Send  (acme)",
        "",
        "General, for every vendor",
        "  note       Note",
        "",
        "Only acme",
        "  acme.ring  Ring",
        "",
        "Everything about one: runner steps NAME",
    ]


def test_steps_of_one_vendor(runner: Any) -> None:
    """``--vendor`` leaves what that vendor can do."""
    out = runner("steps", "--vendor", "apex").out
    assert "create" in out
    assert "note" in out
    assert "send" not in out


def test_a_step_is_told_whole(runner: Any) -> None:
    """A word's page has its example, its parameters, who can do it and who cannot and why."""
    out = runner("steps", "send").out
    assert "  - send" in out
    assert "apex           no: it has no outbox" in out
    assert "May be refused, for `refused`: unauthenticated" in out
    assert "It sends mail, so it is never repeated by itself." in out


def test_a_parameter_says_its_type_and_whose_it_is(runner: Any) -> None:
    """A parameter that only one vendor has is marked, and types are in plain words."""
    lines = runner("steps", "create").out.splitlines()
    assert "  to             text or a list of them" in lines
    assert "  channel        text  only acme" in lines


def test_a_short_form_is_shown(runner: Any) -> None:
    """A parameter that a bare value goes to says so."""
    assert "  times          whole number (default 1, short form: `acme.ring: …`)" in runner("steps", "acme.ring").out.splitlines()


def test_steps_in_json(runner: Any) -> None:
    """For programs a step is a record."""
    told = runner("steps", "send", "--format", "json").json
    assert (told["name"], told["sends"], told["vendors"]["apex"]) == ("send", True, "no: it has no outbox")


# ── report ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_report_makes_the_reports_again(runner: Any, tmp_path: Path) -> None:
    """``runner report`` tells the latest run again and writes its reports."""
    said = runner("report")
    assert "✓ Reply · acme" in said.out
    assert (tmp_path / "reports" / "r1" / "junit.xml").is_file()
