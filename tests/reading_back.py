"""
Reports read back as their consumers read them: what each says came of a run, so that tests can hold one against the other.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from junitparser import Error, Failure, JUnitXml, Skipped

from runner.record.events import Event, RunStarted, ScenarioFinished, ScenarioStarted

Counts = dict[str, int]
# The reporters that write files.
FILES = ("junit", "json", "ctrf", "markdown", "allure", "html")
OUTCOMES = ("passed", "failed", "errored", "skipped", "unsupported")


def in_junit(folder: Path) -> Counts:
    """Of every test case; what did not end, and the run that is not whole, are errors of type ``run``."""
    found: Counter[str] = Counter()
    for file in folder.glob("junit*.xml"):
        root = JUnitXml.fromfile(str(file))
        cases = [case for suite in root for case in suite]
        heads = [sum(getattr(suite, name) for suite in root) for name in ("tests", "failures", "errors", "skipped")]
        kinds = Counter(type(result) for case in cases for result in case.result)
        assert heads == [len(cases), kinds[Failure], kinds[Error], kinds[Skipped]]
        found.update(_junit_outcome(case) for case in cases)
    return dict(found)


def _junit_outcome(case: Any) -> str:
    if not case.result:
        return "passed"
    (result,) = case.result
    if isinstance(result, Skipped):
        return str(result.message).partition(":")[0]
    if result.type == "run":
        return "not whole" if case.name == "the run is whole" else "begun"
    return {Failure: "failed", Error: "errored"}[type(result)]


def in_json(folder: Path) -> Counts:
    """Of the rows; the head must say the same."""
    document = json.loads((folder / "result.json").read_bytes())
    rows = Counter(row["outcome"] for row in document["scenarios"])
    assert all(document["counts"][outcome] == rows[outcome] for outcome in OUTCOMES)
    return {"begun" if outcome == "not_run" else outcome: count for outcome, count in rows.items()}


def in_ctrf(folder: Path) -> Counts:
    """Of the tests; the summary must say the same."""
    results = json.loads((folder / "ctrf.json").read_bytes())["results"]
    statuses = Counter(test["status"] for test in results["tests"])
    summary = results["summary"]
    assert {name: summary[name] for name in ("passed", "failed", "skipped", "pending", "other")} == {
        name: statuses[name] for name in ("passed", "failed", "skipped", "pending", "other")
    }
    assert summary["tests"] == len(results["tests"])
    found = Counter(test.get("rawStatus", "not whole") for test in results["tests"])
    return {"begun" if outcome == "not_run" else outcome: count for outcome, count in found.items()}


def in_allure(folder: Path) -> Counts:
    """Of the result files."""
    found: Counter[str] = Counter()
    for file in (folder / "allure-results").glob("*-result.json"):
        result = json.loads(file.read_bytes())
        found[_allure_outcome(result)] += 1
    return dict(found)


def _allure_outcome(result: dict[str, Any]) -> str:
    if result["name"] == "the run is whole":
        return "not whole"
    if result["status"] == "skipped":
        return "unsupported" if result["statusDetails"]["message"].startswith("unsupported") else "skipped"
    return {"passed": "passed", "failed": "failed", "broken": "errored", "unknown": "begun"}[result["status"]]


def in_markdown(folder: Path) -> Counts:
    """The table of outcomes, as it stands; it counts what never began as well."""
    text = (folder / "summary.md").read_text(encoding="utf-8")
    return {name.replace(" ", "_"): int(count) for name, count in re.findall(r"^\| \S ([a-z ]+) \| (\d+) \|$", text, re.MULTILINE)}


def in_html(folder: Path) -> Counts:
    """The parts of the first page, as they stand on both forms of it; the rows of the table and the pages must say the same."""
    found = [_in_first_page((folder / name).read_text(encoding="utf-8")) for name in ("index.html", "report.html")]
    assert found[0] == found[1]
    counts, rows = found[0]
    assert len(list((folder / "html").glob("*.html"))) == sum(rows.values())
    assert all(counts.get(outcome, 0) == rows.get(outcome, 0) for outcome in OUTCOMES)
    assert counts.pop("planned") == sum(counts.values())
    return counts


def _in_first_page(text: str) -> tuple[Counts, Counts]:
    parts = re.findall(
        r"<li class=\"\w+\" data-outcome=\"(\w*)\"><span class=\"o[^>]*>(?:<span aria-hidden=\"true\">.</span> )?<b>(\d+)</b>", text
    )
    rows = Counter(re.findall(r'<tr role="row" class="(\w+)"', text))
    return {outcome or "planned": int(count) for outcome, count in parts}, dict(rows)


READ_BACK = {"junit": in_junit, "json": in_json, "ctrf": in_ctrf, "markdown": in_markdown, "allure": in_allure, "html": in_html}


def came(events: Sequence[Event]) -> list[str | None]:
    """What became of each scenario that began; None: it did not end."""
    outcomes = {event.scenario: event.outcome for event in events if isinstance(event, ScenarioFinished)}
    return [outcomes.get(event.scenario) for event in events if isinstance(event, ScenarioStarted)]


def planned(events: Sequence[Event]) -> int:
    """How many scenarios the run was to have."""
    return next((event.planned for event in events if isinstance(event, RunStarted)), 0)


def files_agree(folder: Path, outcomes: Sequence[str | None], planned: int, *, whole: bool) -> Counts:
    """
    Every report in *folder* says that these *outcomes* came of the run; None: it began and did not end. Gives the counts, with those that
    were not run.
    """
    ended = Counter(outcome for outcome in outcomes if outcome is not None)
    begun = outcomes.count(None)
    expected = {**ended, **({"begun": begun} if begun else {}), **({} if whole else {"not whole": 1})}
    rows = {outcome: count for outcome, count in expected.items() if outcome != "not whole"}
    not_run = planned - ended.total()
    counts = {**ended, **({"not_run": not_run} if not_run else {})}
    assert in_json(folder) == rows
    assert in_junit(folder) == expected
    assert in_ctrf(folder) == expected
    assert in_allure(folder) == expected
    assert in_markdown(folder) == counts
    assert in_html(folder) == counts
    return counts
