"""Which items there are, what they are called, how they are chosen, and what is said of files that are wrong."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from runner.cli.main import main

pytest_plugins = ["pytester"]

CHOICE = {
    "one": "scenario: The billing desk answers\nid: desk\nvendors: [icws, egain]\ntags: [smoke, own-words]\nsteps:\n  - note: one\n",
    "two": "scenario: A draft is dropped\nvendor: gws\ntags: [nightly]\nsteps:\n  - note: two\n",
}


def listed(result: pytest.RunResult) -> list[str]:
    """The items of ``--collect-only -q``, as ``one::icws``."""
    items = [line for line in result.outlines if "::" in line]
    return [line.removeprefix("scenarios/").replace(".scenario.yaml", "") for line in items]


def test_there_is_an_item_for_each_vendor_and_case(project: Any) -> None:
    """A scenario × vendor × case is an item under the path of its file."""
    project.add("cases", "unsupported")
    result = project.pytest("--collect-only", "-q")
    assert listed(result) == ["cases::icws[right]", "cases::icws[wrong]", "unsupported::egain", "unsupported::icws"]


def test_collecting_carries_out_nothing(project: Any) -> None:
    """``--collect-only`` sends nothing and writes no report."""
    project.add("green")
    assert project.pytest("--collect-only").ret == 0
    assert not (project.root / "reports").exists()


def test_only_scenario_files_are_collected(project: Any) -> None:
    """Other YAML files are nobody's business."""
    project.pytester.makefile(".yaml", other="scenario: no\n", steps="step: no\n")
    assert project.pytest("--collect-only").ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("ending", [".scenario.yml", ".scenarios.yaml"])
def test_a_file_that_is_called_almost_as_a_scenario_is_a_mistake(project: Any, ending: str) -> None:
    """It would silently not run, and all would be green."""
    project.add("green")
    (project.root / "scenarios" / f"red{ending}").write_text("scenario: It\nvendor: icws\nsteps:\n  - check: {that: 1, is: 2}\n", "utf-8")
    result = project.pytest()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*error*E413*", "*call it `red.scenario.yaml`*"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-m", "smoke"], ["one::egain", "one::icws"]),
        (["-m", "own-words"], ["one::egain", "one::icws"]),
        (["-m", "not smoke"], ["two::gws"]),
        (["-m", "smoke or nightly"], ["one::egain", "one::icws", "two::gws"]),
        (["-k", "icws"], ["one::icws"]),
        (["-k", "billing"], ["one::egain", "one::icws"]),
        (["-k", "desk and egain"], ["one::egain"]),
        (["-k", "nightly"], ["two::gws"]),
        (["-k", "two.scenario"], ["two::gws"]),
        (["--scenario-vendor", "gws"], ["two::gws"]),
        (["--scenario-vendor", "gws", "--scenario-vendor", "icws"], ["one::icws", "two::gws"]),
        (["scenarios/one.scenario.yaml::egain"], ["one::egain"]),
        (["--deselect", "scenarios/one.scenario.yaml"], ["two::gws"]),
    ],
)
def test_items_are_chosen_as_tests_are(project: Any, arguments: list[str], expected: list[str]) -> None:
    """``-m`` goes by tags, ``-k`` also by name, id, vendor and file, and a node id names one."""
    project.add(**CHOICE)
    result = project.pytest("--collect-only", "-q", *arguments)
    assert sorted(listed(result)) == expected


def test_all_cases_are_named_by_their_vendor(project: Any) -> None:
    """``file::icws`` means every case of it."""
    project.add("cases")
    result = project.pytest("--collect-only", "-q", "scenarios/cases.scenario.yaml::icws")
    assert listed(result) == ["cases::icws[right]", "cases::icws[wrong]"]


def test_tags_are_registered_marks(project: Any) -> None:
    """``--strict-markers`` is content with tags."""
    project.add(**CHOICE)
    assert project.pytest("--collect-only", "--strict-markers", "-W", "error").ret == 0


@pytest.mark.parametrize("tag", ["skip", "xfail", "timeout", "flaky", "_hidden", "two words", "a:b", "a(b)"])
def test_a_tag_that_cannot_be_a_mark_is_a_keyword(project: Any, tag: str) -> None:
    """A tag only chooses: it never skips a scenario or sets its limits, and any text is allowed."""
    project.add(tagged=f"scenario: Tagged\nvendor: icws\ntags: ['{tag}']\nsteps:\n  - note: hello\n")
    result = project.pytest("--strict-markers", "-W", "error")
    result.assert_outcomes(passed=1)


def test_an_item_knows_its_file_and_line(project: Any) -> None:
    """``location`` is the scenario's line, or that of its case, and the name is for people."""
    project.add("cases")
    items, _ = project.pytester.inline_genitems("-pno:xdist")
    path = "scenarios/cases.scenario.yaml"
    assert [item.location for item in items] == [
        (path, 3, "A sum for each · icws [right]"),
        (path, 4, "A sum for each · icws [wrong]"),
    ]


def test_a_wrong_file_is_a_collection_error_with_all_its_mistakes(project: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is told as ``runner check`` tells it, without a frame of Python, and nothing runs."""
    project.add("wrong", "green")
    main(["check", "scenarios"])
    told = capsys.readouterr().out.split("\n\n")[:2]
    result = project.pytest()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert all(mistake.strip("\n") in result.stdout.str() for mistake in told)
    assert "unknown step `logn`" in result.stdout.str()
    assert ".py" not in result.stdout.str().partition("ERRORS")[2]
    assert project.ran() == []


def test_right_files_run_beside_wrong_ones_when_that_is_asked_for(project: Any) -> None:
    """``--continue-on-collection-errors`` runs the others, and is red."""
    project.add("wrong", "green")
    result = project.pytest("--continue-on-collection-errors")
    result.assert_outcomes(passed=1, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("arguments", [["--collect-only"], []], ids=["only collected", "carried out"])
def test_the_garbage_collector_looks_as_before(project: Any, arguments: list[str]) -> None:
    """When the session is over, it looks as often as it did, whether or not anything ran."""
    project.add("green")
    before = gc.get_threshold()
    assert project.pytest(*arguments).ret == pytest.ExitCode.OK
    assert gc.get_threshold() == before


def test_an_environment_that_is_missing_is_told_once(project: Any) -> None:
    """The first file is told what is wrong with the environment, the others refer to it."""
    project.add("green", "red", "cases")
    result = project.pytest("--scenario-environment", "staging")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert result.stdout.str().count("there is no environment `staging`") == 1
    assert result.stdout.str().count("not checked: see the first error") == 2


def test_what_is_set_may_stand_in_the_ini_file(project: Any) -> None:
    """Each option has its key; the option wins."""
    project.pytester.makeini("[pytest]\nscenario_vendors = gws\nscenario_reports = out\nscenario_seed = 7\nscenario_parallel = 3\n")
    project.add(**CHOICE)
    project.pytest("--scenario-seed", "9").assert_outcomes(passed=1, deselected=2)
    (journal,) = project.root.glob("out/latest/journal.jsonl")
    assert '"seed":9' in journal.read_text(encoding="utf-8")
    assert '"parallel":3' in journal.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "ini", "message"),
    [
        (["--scenario-parallel", "0"], "", "is not a whole number of at least 1"),
        (["--scenario-set", "customer"], "", "is not NAME=VALUE"),
        ([], "scenario_parallel = many", "scenario_parallel of the ini-file is 'many', and must be a whole number"),
        ([], "scenario_parallel = 0", "must be at least 1"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(project: Any, arguments: list[str], ini: str, message: str) -> None:
    """The message names the setting and its value."""
    project.pytester.makeini(f"[pytest]\n{ini}\n")
    project.add("green")
    result = project.pytest(*arguments)
    assert result.ret in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED)
    assert message in result.stdout.str() + result.stderr.str()


NAMES = ("größe ☃ [x]::y", "日本", "a/b\\c d")
OF_ANY_SCRIPT = (
    "scenario: Names\nvendor: icws\ncases:\n"
    + "".join(f"  - {{case: '{name}', n: {number}}}\n" for number, name in enumerate(NAMES, 4))
    + "steps:\n  - check: {that: '{{ n }}', is: 5}\n"
)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_may_have_any_name(project: Any, name: str) -> None:
    """Its item is chosen and left out by its id, and by ``-k``, whatever script and signs the name has."""
    project.add(names=OF_ANY_SCRIPT)
    key = f"scenarios/names.scenario.yaml::icws[{name}]"
    project.pytest("--collect-only", "-q", key).stdout.fnmatch_lines(["1 test collected in *"])
    left = project.pytest("--collect-only", "-q", "--deselect", key)
    assert [line for line in left.outlines if "::" in line] == [
        f"scenarios/names.scenario.yaml::icws[{other}]" for other in NAMES if other != name
    ]


def test_what_failed_last_is_found_by_names_of_any_script(project: Any) -> None:
    """``--lf`` runs those that failed, and no other."""
    project.add(names=OF_ANY_SCRIPT)
    project.pytest("-pcacheprovider").assert_outcomes(passed=1, failed=2)
    project.pytest("-pcacheprovider", "--lf").assert_outcomes(failed=2)
    assert sorted(project.ran()) == sorted(f"names::icws[{name}]" for name in NAMES if name != "日本")


def test_files_of_one_name_in_two_folders_are_two(project: Any) -> None:
    """Each has its own items, its own verdict and its own rows; that one of them failed says nothing of the other."""
    project.add(x="scenario: Green\nvendor: icws\nsteps:\n  - note: hello\n")
    other = project.root / "more" / "x.scenario.yaml"
    other.parent.mkdir()
    other.write_text("scenario: Red\nvendor: icws\nsteps:\n  - check: {that: 1, is: 2}\n", encoding="utf-8")
    project.pytest("-pcacheprovider").assert_outcomes(passed=1, failed=1)
    project.pytest("-pcacheprovider", "--lf").assert_outcomes(failed=1)
    assert project.ran() == ["more/x::icws"]


def test_a_root_folder_elsewhere_gets_the_reports(project: Any) -> None:
    """With ``--rootdir`` scenarios run as ever; the reports stand below the root."""
    project.add("green", "red")
    root = project.root / "elsewhere"
    root.mkdir()
    project.pytest(f"--rootdir={root}", "scenarios").assert_outcomes(passed=1, failed=1)
    assert list(root.glob("reports/*/journal.jsonl"))
