"""Side by side on the engine, one after the other for pytest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest_plugins = ["pytester"]

SKIP_AT_SETUP = """
import pytest

def pytest_runtest_setup(item):
    if "red" in item.nodeid:
        pytest.skip("not today")
"""
MARKED = """
import pytest

def pytest_collection_modifyitems(items):
    for item in items:
        if "red" in item.nodeid:
            item.add_marker(pytest.mark.{mark})
"""


def asking(url: str, name: str) -> str:
    return f"scenario: {name} asks\nvendor: icws\nsteps:\n  - http: {{url: '{url}/{name}'}}\n    expect: {{http: 200}}\n"


def verdicts(result: pytest.RunResult) -> list[str]:
    """The lines of ``-v``, as ``green::icws PASSED``."""
    lines = [line.split(" [")[0].rstrip() for line in result.outlines if "::" in line and line.endswith("]")]
    return [line.removeprefix("scenarios/").replace(".scenario.yaml", "") for line in lines]


def test_scenarios_run_side_by_side(project: Any, meeting: Callable[[int], Any]) -> None:
    """Three scenarios that each wait for the other two all pass."""
    url = meeting(3).url
    project.add(a=asking(url, "a"), b=asking(url, "b"), c=asking(url, "c"))
    project.pytest().assert_outcomes(passed=3)


def test_so_many_run_at_a_time(project: Any) -> None:
    """With ``--scenario-parallel 1`` the next begins when the one before has ended."""
    project.add("green", "skipped", "cases")
    project.pytest("--scenario-parallel", "1")
    told = [event["event"] for event in project.events() if event["event"] in ("ScenarioStarted", "ScenarioFinished")]
    assert told == ["ScenarioStarted", "ScenarioFinished"] * 4


def test_results_are_told_in_the_order_of_pytest(project: Any) -> None:
    """A scenario that takes long is told before a quick one, when it is collected before it."""
    project.add("green", a="scenario: Slow\nvendor: icws\nsteps:\n  - wait: 200ms\n")
    assert verdicts(project.pytest("-v")) == ["a::icws PASSED", "green::icws PASSED"]
    assert [event["scenario"].partition(".")[0] for event in project.events() if event["event"] == "ScenarioFinished"] == [
        "scenarios/green",
        "scenarios/a",
    ]


def test_python_tests_run_in_between(project: Any) -> None:
    """Tests and scenarios of one session are run in the order in which they were collected, and scenarios go on meanwhile."""
    project.add("green")
    project.pytester.makepyfile(test_one="def test_one(): assert True")
    project.pytest("scenarios", "test_one.py", "-v").assert_outcomes(passed=2)


def test_a_session_without_selected_scenarios_runs_none(project: Any) -> None:
    """What is deselected is not carried out."""
    project.add("green", "red")
    project.pytest("-m", "smoke").assert_outcomes(passed=1, deselected=1)
    assert project.ran() == ["green::icws"]


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_the_first_failure_stops_the_others(project: Any, option: str) -> None:
    """Nothing more is told, what runs is stopped and logs out, and the journal knows that it was interrupted."""
    project.add(a="scenario: Red\nvendor: icws\nsteps:\n  - wait: 100ms\n  - check: {that: 1, is: 2}\n")
    project.add("slow")
    result = project.pytest(option)
    result.assert_outcomes(failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    ended = {event["scenario"].split("/")[1][:4]: event for event in project.events() if event["event"] == "ScenarioFinished"}
    assert ended["slow"]["cause"] == "interrupted"
    logout = [event for event in project.events() if event["event"] == "StepFinished" and event["step"] == "cleanup.1"]
    assert [event["outcome"] for event in logout] == ["passed"]
    assert project.events()[-1]["ended"] == "interrupted"


def test_what_failed_last_can_be_run_again(project: Any) -> None:
    """``--lf`` runs what failed or could not be carried out, and nothing else."""
    project.add("cases", "errored", "green")
    project.pytest("-pcacheprovider")
    assert verdicts(project.pytest("-pcacheprovider", "--lf", "-v")) == ["cases::icws[wrong] FAILED", "errored::icws ERROR"]
    assert sorted(project.ran()) == ["cases::icws[wrong]", "errored::icws"]


def test_what_failed_last_can_come_first(project: Any) -> None:
    """``--ff`` changes the order."""
    project.add("green", "red")
    project.pytest("-pcacheprovider")
    assert verdicts(project.pytest("-pcacheprovider", "--ff", "-v")) == ["red::icws FAILED", "green::icws PASSED"]


def test_a_session_goes_on_stepwise(project: Any) -> None:
    """``--sw`` stops at the first failure and begins there the next time."""
    project.add("cases", "green", "red")
    first = project.pytest("-pcacheprovider", "--sw", "-v")
    assert verdicts(first) == ["cases::icws[right] PASSED", "cases::icws[wrong] FAILED"]
    project.add(cases="scenario: Mended\nvendor: icws\ncases: [{case: right}, {case: wrong}]\nsteps:\n  - note: hello\n")
    second = project.pytest("-pcacheprovider", "--sw", "-v")
    assert verdicts(second) == ["cases::icws[wrong] PASSED", "green::icws PASSED", "red::icws FAILED"]


def test_the_slowest_are_known(project: Any) -> None:
    """``--durations`` has the scenarios' own times."""
    project.add("green", a="scenario: Slow\nvendor: icws\nsteps:\n  - wait: 200ms\n")
    project.pytest("--durations=1", "--durations-min=0.1").stdout.fnmatch_lines(["0.2*s call * scenarios/a.scenario.yaml::icws"])


@pytest.mark.parametrize("mark", ["skip(reason='not today')", "skipif(True, reason='not today')", "xfail(run=False)"])
def test_what_a_mark_leaves_out_is_never_carried_out(project: Any, mark: str) -> None:
    """A scenario that pytest skips does not run beside the others either."""
    project.pytester.makeconftest(MARKED.format(mark=mark))
    project.add("green", "red")
    result = project.pytest()
    assert result.parseoutcomes().keys() & {"skipped", "xfailed"}
    assert project.ran() == ["green::icws"]


def test_a_failure_may_be_expected(project: Any) -> None:
    """``xfail`` holds for scenarios: failures and errors count as expected."""
    project.pytester.makeconftest(MARKED.format(mark="xfail").replace('"red"', '"e"'))
    project.add("red", "errored", "green")
    project.pytest().assert_outcomes(xfailed=2, xpassed=1)


def test_it_is_said_when_pytest_leaves_out_what_has_run(project: Any) -> None:
    """A hook that skips when an item's turn has come is too late; the summary names the scenario and what to do instead."""
    project.pytester.makeconftest(SKIP_AT_SETUP)
    project.add("green", "red")
    result = project.pytest()
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["scenarios: scenarios/red.scenario.yaml::icws was carried out, though it was then left out; leave it out with *"]
    )


@pytest.mark.parametrize("option", ["--setup-only", "--setup-plan"])
def test_looking_at_the_set_up_carries_out_nothing(project: Any, option: str) -> None:
    """Neither ``--setup-only`` nor ``--setup-plan`` sends anything."""
    project.add("green")
    project.pytest(option)
    assert project.ran() == []
