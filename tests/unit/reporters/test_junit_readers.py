"""
JUnit files by the rules of Jenkins and GitLab, written down here anew: the same counts as the run's.

Sources: the JUnit plugin's SuiteResult and CaseResult, GitLab's JUnit parser, read 2026-11.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

OUTCOMES = ["passed", "failed", "errored", "skipped", "unsupported", "passed", "failed"]
EXPECTED = {"passed": 2, "failed": 3, "skipped": 2}


def jenkins_suites(element: ET.Element) -> Iterator[ET.Element]:
    """Suites at any depth; one without a case of its own is dropped."""
    for inner in element.iter("testsuite"):
        if inner.find("testcase") is not None:
            yield inner


def jenkins(root: ET.Element) -> dict[tuple[str, str], str]:
    """Class and name of each case → status. Without a class name the name is split at its last dot; an error counts as a failure."""
    found: dict[tuple[str, str], str] = {}
    for suite in jenkins_suites(root):
        for case in suite.findall("testcase"):
            name = case.get("name", "")
            owner, name = (case.get("classname", ""), name) if case.get("classname") else name.rpartition(".")[::2]
            red = case.find("error") is not None or case.find("failure") is not None
            found[owner or suite.get("name", ""), name] = "failed" if red else "skipped" if case.find("skipped") is not None else "passed"
    return found


def gitlab(root: ET.Element) -> dict[str, str]:
    """What a case is known by → status; the second of two that are known by the same is dropped without a word."""
    found: dict[str, str] = {}
    for case in root.iter("testcase"):
        status = next((kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), "success")
        found.setdefault(f"{case.get('classname')}_{case.get('name')}", status)
    return found


@pytest.fixture
def root(tell: Callable[..., Path], scenario: Any, run: Any) -> ET.Element:
    """A report of a run whose scenarios have the same name in several files, and twice in one."""
    told = [
        scenario(f"scenarios/v1.{n % 3}/mail.scenario.yaml", outcome, key=f"{n}::gws", name="Reply. To all.", reason=f"{outcome} it is")
        for n, outcome in enumerate(OUTCOMES)
    ]
    told.append(scenario("scenarios/flaky.scenario.yaml", "passed", flaky=True))
    return ET.parse(tell(run(*told), "junit") / "junit.xml").getroot()


def test_jenkins_counts_every_case(root: ET.Element) -> None:
    """No case is lost by nesting, by a dot in a name, or by two of the same name."""
    assert Counter(jenkins(root).values()) == Counter({**EXPECTED, "passed": 3})


def test_gitlab_counts_every_case(root: ET.Element) -> None:
    """No case is dropped as a double."""
    assert Counter(gitlab(root).values()) == Counter({"success": 3, "failure": 2, "error": 1, "skipped": 2})


def test_jenkins_reads_the_retry(root: ET.Element) -> None:
    """A scenario that passed after a retry has its tries in Surefire's words, each with a stack trace."""
    (case,) = [case for case in root.iter("testcase") if case.get("classname") == "scenarios.flaky"]
    (retry,) = case.findall("flakyFailure")
    assert retry.findtext("stackTrace", "") == "step 1, login, in line 4: try 1: cannot connect"
    assert case.find("failure") is None


def test_the_cause_stands_in_what_jenkins_keeps(root: ET.Element) -> None:
    """The message of a red case has at most 200 characters, and the first 500 of its output say why."""
    red = [case for case in root.iter("testcase") if case.find("failure") is not None or case.find("error") is not None]
    for case in red:
        verdict = case.find("failure") if case.find("failure") is not None else case.find("error")
        assert verdict is not None
        assert 0 < len(verdict.get("message", "")) <= 200
        assert verdict.get("message", "") in case.findtext("system-out", "")[:500]


def test_every_case_has_its_place_and_moment(root: ET.Element) -> None:
    """File, line, seconds with a dot, a timestamp with offset; the attachment is a relative path on a line of its own."""
    for case in root.iter("testcase"):
        assert case.get("file", "").endswith(".scenario.yaml")
        assert int(case.get("line", "0")) > 0
        assert re.fullmatch(r"\d+\.\d{3}", case.get("time", ""))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+\d\d:\d\d", case.get("timestamp", ""))
    outputs = [case.findtext("system-out", "") for case in root.iter("testcase") if case.find("system-out") is not None]
    assert all(len(re.findall(r"^\[\[ATTACHMENT\|[^\[\]|]+\]\]$", text, re.MULTILINE)) == 1 for text in outputs)
