"""One night as people and CI servers read it: the golden texts of every form, with three nights before it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from runner.record.events import Difference, Event

GOLDEN = Path(__file__).parents[2] / "golden" / "reports"
FILE = "scenarios/mail/{}.scenario.yaml"
SOURCE = """\
scenario: {name}
vendor: gws
steps:
  - login
  - send: {{to: joe@example.com}}
  - verify_status: {{is: sent, within: 30s}}
"""
NAMES = {
    "reply": "An agent answers",
    "attach": "An invoice goes along",
    "forward": "A mail is handed on",
    "draft": "A draft is kept",
    "late": "Another queue | with a bar",
}
# what came of each scenario in the nights, the last of which is told; a blank: it was not there
NIGHTS = {"reply": "PPPF", "attach": "PFFF", "forward": "PPFP", "draft": "PPPY", "late": "   E", "old": "PPP "}


@pytest.fixture
def events(scenario: Any, run: Any) -> Callable[[int], Sequence[Event]]:
    """The events of a night."""

    def of(night: int) -> Sequence[Event]:
        told = [
            scenario(
                FILE.format(name),
                {"P": "passed", "Y": "passed", "F": "failed", "E": "errored"}[nights[night]],
                **_given(name, nights[night]),
            )
            for name, nights in NIGHTS.items()
            if nights[night] != " "
        ]
        sources = {FILE.format(name): SOURCE.format(name=title) for name, title in NAMES.items()}
        day = f"2030-01-0{night + 1}"
        return list(
            run(*told, run=f"{day}-020000", started=f"{day}T02:00:00.000+00:00", sources=sources, arguments={"paths": ["scenarios"]})
        )

    return of


def _given(name: str, letter: str) -> dict[str, Any]:
    given: dict[str, Any] = {"name": NAMES.get(name, name), "flaky": letter == "Y"}
    if name == "attach":
        given |= {"reason": "the invoice is missing", "difference": Difference("attachments", "[invoice.pdf]", "[]", line=6, column=5)}
    if letter == "E":
        given["reason"] = "no answer came: 100% of 3 tries, queue [late], *all* of them"
    return given


@pytest.fixture
def night(events: Any, tell: Any, tmp_path: Path) -> Callable[..., tuple[Path, str]]:
    """Has the last night told by a reporter, after three others left their results; gives the folder and what was printed."""

    def telling(*names: str, **more: Any) -> tuple[Path, str]:
        for number in range(3):
            tell(events(number), "json", folder=f"2030010{number + 1}-020000-aaaaaa")
        stream = io.StringIO()
        folder = tell(events(3), *names, folder="20300104-020000-aaaaaa", stream=stream, **more)
        return folder, stream.getvalue().replace("\\", "/").replace(tmp_path.as_posix(), "/project")

    return telling


def test_markdown(night: Any, same_as_golden: Any) -> None:
    """The page for a step summary: the verdict, what is new and since when, why."""
    folder, _ = night("markdown")
    same_as_golden(GOLDEN / "night.md", (folder / "summary.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("form", ["github", "azure", "teamcity"])
def test_annotations(night: Any, same_as_golden: Any, form: str) -> None:
    """What each CI server reads from the log."""
    _, printed = night(form)
    same_as_golden(GOLDEN / f"night.{form}.txt", printed)


def test_code_quality(night: Any, same_as_golden: Any) -> None:
    """What GitLab reads from its file; its log has nothing."""
    folder, printed = night("gitlab")
    assert printed == ""
    same_as_golden(GOLDEN / "night.gitlab.json", (folder / "gl-code-quality-report.json").read_text(encoding="utf-8"))


def test_console(night: Any, same_as_golden: Any) -> None:
    """What stands at the end of the log, with what is new."""
    _, printed = night("console")
    same_as_golden(GOLDEN / "night.console", printed)


def test_since_in_the_result(night: Any) -> None:
    """Other programs are told the same as people."""
    folder, _ = night("json")
    since = json.loads((folder / "result.json").read_bytes())["since"]
    keys = {name: [f"{FILE.format(name)}::gws"] for name in NIGHTS}
    assert since == {
        "last_green": "20300101-020000-aaaaaa",
        "new": keys["reply"],
        "still": keys["attach"],
        "fixed": keys["forward"],
        "first": keys["late"],
        "flaky": [*keys["forward"], *keys["draft"]],
        "added": keys["late"],
        "removed": keys["old"],
    }


@pytest.mark.parametrize(
    ("variable", "begins"),
    [("GITHUB_ACTIONS", "::error "), ("TF_BUILD", "##vso["), ("TEAMCITY_VERSION", "##teamcity["), ("GITLAB_CI", ""), ("CI", "")],
)
def test_the_form_is_that_of_the_server(night: Any, variable: str, begins: str) -> None:
    """``annotations`` speaks to the server that it runs on, and says nothing elsewhere."""
    folder, printed = night("annotations", environ={variable: "true"})
    assert [line.startswith(begins) for line in printed.splitlines()] == [True] * len(printed.splitlines())
    assert bool(printed) is bool(begins)
    assert (folder / "gl-code-quality-report.json").is_file() is (variable == "GITLAB_CI")


def test_paths_are_named_from_the_root_of_the_project(night: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in a folder of the repository names its files as the server knows them."""
    (tmp_path / "qa").mkdir()
    monkeypatch.chdir(tmp_path / "qa")
    _, printed = night("github", environ={"GITHUB_WORKSPACE": str(tmp_path)})
    assert "file=qa/scenarios/mail/attach.scenario.yaml" in printed


def test_the_summary_is_handed_to_the_server(night: Any, tmp_path: Path) -> None:
    """On GitHub the page is appended to the step's summary, on Azure its place is told."""
    summary = tmp_path / "summary"
    summary.write_text("before\n", encoding="utf-8")
    folder, printed = night("markdown", environ={"GITHUB_STEP_SUMMARY": str(summary), "TF_BUILD": "True"})
    assert summary.read_text(encoding="utf-8") == "before\n\n" + (folder / "summary.md").read_text(encoding="utf-8")
    assert printed == "##vso[task.uploadsummary]/project/reports/20300104-020000-aaaaaa/summary.md\n"


def test_a_huge_summary_stays_below_what_servers_take(tell: Any, scenario: Any, run: Any) -> None:
    """Thousands of long causes make a page below 1 MiB that says that there is more."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    told = [
        scenario(f"scenarios/{n}.scenario.yaml", "errored", reason=f"{letters[n % 26]}{letters[n // 26]} " + "long " * 40_000)
        for n in range(60)
    ]
    text = (tell(run(*told), "markdown") / "summary.md").read_bytes()
    assert len(text) < 1_000_000
    assert b"more cause" in text
