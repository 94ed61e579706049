"""Reports are read by what others made to read them: Allure 3 generates its report from our results, CTRF's published schema holds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from runner.cli.main import main
from runner.harness import report
from runner.reporters.base import ReportContext, make

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[2]
_SECONDS = 120
SCENARIO = """\
scenario: Both drafts are kept
description: See https://tickets.example.com/MAIL-17.
tags: [nightly]
vendors: [gws, icws]
cases:
  - {name: German, text: Grüße}
  - {name: English, text: Greetings}
steps:
  - login: {as: agent}
  - create: {to: joe@example.com, subject: "{{ item }}", text: "{{ text }}"}
    for_each: [first, second]
    expect: {status: draft}
cleanup:
  - logout
"""


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of scenarios of every outcome, side by side, with Allure results in ``allure``."""
    place = tmp_path_factory.mktemp("readers")
    shutil.copytree(ROOT / "scenarios", place / "scenarios")
    (place / "scenarios" / "drafts.scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    before = Path.cwd()
    os.chdir(place)
    try:
        paths = ["scenarios/drafts.scenario.yaml", "scenarios/expected-red", "scenarios/mail"]
        options = ["--allure", "allure", "--seed", "3", "--parallel", "8", "-q"]
        assert main(["run", *paths, *options, "--reporter", "json", "--reporter", "ctrf"]) == 1
    finally:
        os.chdir(before)
    return place


@pytest.fixture(scope="module")
def counts(run_folder: Path) -> dict[str, int]:
    """What the run itself counted."""
    (result,) = (run_folder / "reports").glob("2*/result.json")
    counted: dict[str, int] = json.loads(result.read_bytes())["counts"]
    return counted


@pytest.fixture(scope="module")
def generated(run_folder: Path, report_readers: Path) -> Path:
    """What Allure 3 makes of the results."""
    command = ["node", str(report_readers / "node_modules" / "allure" / "cli.js"), "generate", "allure", "-o", "out"]
    environ = {**os.environ, "ALLURE_NO_ANALYTICS": "1"}
    done = subprocess.run(command, cwd=run_folder, env=environ, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return run_folder / "out"


@pytest.fixture(scope="module")
def tests(generated: Path) -> list[dict[str, Any]]:
    """The tests in Allure's report."""
    found = sorted(generated.rglob("data/test-results/*.json"))
    return [json.loads(file.read_bytes()) for file in found]


def test_allure_counts_as_the_run_does(generated: Path, tests: list[dict[str, Any]], counts: dict[str, int]) -> None:
    """Every scenario × vendor × case is one test of the right status, and nothing is taken for a retry of another."""
    statuses = Counter(test["status"] for test in tests)
    assert statuses == Counter(
        {
            "passed": counts["passed"],
            "failed": counts["failed"],
            "broken": counts["errored"],
            "skipped": counts["skipped"] + counts["unsupported"],
        }
    )
    (summary,) = generated.rglob("summary.json")
    assert json.loads(summary.read_bytes())["stats"]["total"] == counts["planned"]
    assert not any(test["isRetry"] for test in tests)


def test_allure_shows_steps_as_nested_as_in_the_file(tests: list[dict[str, Any]]) -> None:
    """Steps of a word of one's own stand inside it, rounds of a loop beside each other; scenarios that ran side by side did not mix."""
    words = [test for test in tests if "answer-with-own-words" in test["fullName"]]
    assert len(words) == 3
    for test in words:
        assert all(name.count(".") - name.startswith("cleanup") == depth for name, depth in _outline(test["steps"]))
        assert max(depth for _, depth in _outline(test["steps"])) >= 1
    loops = [test for test in tests if "drafts.scenario.yaml" in test["fullName"]]
    assert [[name for name, _ in _outline(test["steps"])] for test in loops] == [["1", "2#1", "2#2", "cleanup.1"]] * 4


def _outline(steps: list[dict[str, Any]], depth: int = 0) -> Iterator[tuple[str, int]]:
    for step in steps:
        if step["type"] == "step":
            yield step["name"].partition(" ")[0], depth
            yield from _outline(step["steps"], depth + 1)


def test_allure_has_labels_links_and_history(tests: list[dict[str, Any]]) -> None:
    """Vendor, tags, environment and suite are labels, the ticket of the description is a link, and each case has a history of its own."""
    mine = [test for test in tests if "drafts.scenario.yaml" in test["fullName"]]
    labels = [{label["name"]: label["value"] for label in test["labels"]} for test in mine]
    assert {label["vendor"] for label in labels} == {"gws", "icws"}
    assert all((label["environment"], label["tag"], label["suite"]) == ("simulator", "nightly", "Both drafts are kept") for label in labels)
    assert all([link["url"] for link in test["links"]] == ["https://tickets.example.com/MAIL-17"] for test in mine)
    assert len({test["historyId"] for test in mine}) == 4


def test_allure_has_every_attachment(generated: Path, tests: list[dict[str, Any]]) -> None:
    """Exchanges are attachments, and none is missing."""
    attached = [one["link"] for test in tests for one in _attachments(test["steps"])]
    assert len(attached) > len(tests)
    assert not [link for link in attached if link.get("missed")]
    texts = [path.read_text(encoding="utf-8") for path in generated.rglob("data/attachments/*.txt")]
    assert any("curl --request POST" in text for text in texts)


def _attachments(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        if step["type"] == "attachment":
            yield step
        else:
            yield from _attachments(step["steps"])


def test_ctrf_fits_its_published_schema(run_folder: Path, report_readers: Path, counts: dict[str, int]) -> None:
    """``ctrf.json`` of a real run is valid, formats included, and counts as the run does."""
    schema = json.loads((report_readers / "node_modules" / "ctrf" / "dist" / "ctrf-schema-0.0.json").read_bytes())
    (file,) = (run_folder / "reports").glob("2*/ctrf.json")
    document = json.loads(file.read_bytes())
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER).validate(document)
    summary = document["results"]["summary"]
    assert (summary["tests"], summary["passed"], summary["failed"], summary["other"]) == (
        counts["planned"],
        counts["passed"],
        counts["failed"],
        counts["errored"],
    )


def test_ctrf_of_a_run_that_was_cut_off_fits_too(tmp_path: Path, report_readers: Path) -> None:
    """A retry, scenarios that failed and errored, one that never ended, and a hole in the record are valid as well."""
    lines = (ROOT / "tests" / "golden" / "console" / "failing.journal.jsonl").read_bytes().splitlines(keepends=True)
    events = [json.loads(line) for line in lines]
    last_end = max(n for n, event in enumerate(events) if event["event"] == "ScenarioFinished")
    kept = [
        {**event, "flaky": True} if event.get("outcome") == "passed" and "took" in event and "step" not in event else event
        for event in events
    ]
    flaky = {event["scenario"] for event in kept if event.get("flaky")}
    first = next(n for n, event in enumerate(kept) if event["event"] == "StepStarted" and event["scenario"] in flaky)
    retried = {
        "event": "Retried",
        "attempt": 1,
        "reason": "no answer",
        **{name: kept[first][name] for name in ("scenario", "step", "n", "at")},
    }
    kept[first + 1 : first + 1] = [retried]
    folder = tmp_path / "20300102-090000-abcdef"
    folder.mkdir()
    (folder / "journal.jsonl").write_text("".join(json.dumps(event) + "\n" for event in kept[: last_end + 1]), encoding="utf-8")
    report(folder.name, tmp_path, lambda place: [make("ctrf", ReportContext(folder=place))])
    document = json.loads((folder / "ctrf.json").read_bytes())
    schema = json.loads((report_readers / "node_modules" / "ctrf" / "dist" / "ctrf-schema-0.0.json").read_bytes())
    jsonschema.Draft7Validator(schema).validate(document)
    assert {test["status"] for test in document["results"]["tests"]} == {"passed", "failed", "pending", "other"}
    assert any(test.get("retryAttempts") for test in document["results"]["tests"])
