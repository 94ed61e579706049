"""Each code that the runner can show has a page, whose wrong example gives the code and whose right one gives nothing."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner import harness

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"""["']([EF][1-7]\d\d)["']""")
# where a code is given to an error, not where one is asked about
SAID = re.compile(
    r"""(?:code\s?=\s?|Diagnostic\(\s*|tell\(\s*|problem\(\s*|Fault\(\s*|Ending\("(?:errored|failed)", [^\n]*?)["']([EF][1-7]\d\d)["']"""
)
TOLD: Mapping[str, Mapping[str, Any]] = yaml.safe_load((ROOT / "docs" / "errors" / "codes.yaml").read_text(encoding="utf-8"))
IN_FILES = [name for name, told in TOLD.items() if told.get("as") != "text"]

Make = Callable[[dict[str, str]], Path]


def codes_of(folder: Path) -> set[str]:
    """The codes that a check of the project's one scenario shows."""
    checked = harness.check(harness.Request(paths=(str(folder / "scenarios" / "it.scenario.yaml"),), start=folder))
    return {d.code for d in checked.diagnostics}


def scenario(told: Mapping[str, Any], key: str) -> str:
    """The example as a whole file."""
    text = str(told[key]).rstrip() + "\n"
    return text if told.get("whole") else f"scenario: It\nvendor: gws\nsteps:\n  - login: {{as: agent}}\n{textwrap.indent(text, '  ')}"


def test_every_code_has_a_page() -> None:
    """What the code can say and what the pages explain are the same codes."""
    said = {code for path in (ROOT / "runner").rglob("*.py") for code in CODE.findall(path.read_text(encoding="utf-8"))}
    pages = {path.stem for path in (ROOT / "docs" / "errors").glob("[EF]*.md")}
    assert (said - pages, pages - said) == (set(), set())


def test_a_code_has_one_meaning() -> None:
    """No page explains two things: a title joins no two mistakes, and no text speaks of a second use."""
    joined = [code for code, told in TOLD.items() if ", or " in told["title"] or "same code" in told["means"].lower()]
    assert joined == []


# A code is said on one floor of the house. These are said on two, in the same sense: what can be known is said when the file is
# checked, the rest when it runs.
SHARED = {
    "E143": {"scenario", "harness"},
    "E201": {"scenario", "engine"},
    "E202": {"scenario", "plugins"},
    "E203": {"scenario", "engine", "vendors"},
    "E210": {"scenario", "engine"},
    "E301": {"scenario", "engine"},
    "E512": {"environment", "engine"},
    "E603": {"plugins", "engine"},
    "E704": {"transport", "vendors"},
    "E705": {"engine", "pytest_plugin"},
}


def test_a_code_is_said_in_one_place_of_the_house() -> None:
    """A code that two floors say has two meanings, unless it is told above that it has not."""
    floors: dict[str, set[str]] = {}
    for path in (ROOT / "runner").glob("*/**/*.py"):
        for code in SAID.findall(path.read_text(encoding="utf-8")):
            floors.setdefault(code, set()).add(path.relative_to(ROOT / "runner").parts[0])
    assert {code: found for code, found in floors.items() if len(found) > 1} == SHARED


@pytest.mark.parametrize("code", IN_FILES)
def test_a_wrong_example_gives_its_code(code: str, project: Make) -> None:
    """The mistake on the page is found by a check, with the page's code."""
    assert code in codes_of(project({"it.scenario.yaml": scenario(TOLD[code], "wrong")}))


@pytest.mark.parametrize("code", IN_FILES)
def test_a_right_example_is_right(code: str, project: Make) -> None:
    """What the page says instead has no mistakes."""
    assert codes_of(project({"it.scenario.yaml": scenario(TOLD[code], "right")})) == set()


@pytest.mark.parametrize("code", TOLD)
def test_a_page_is_in_plain_words(code: str) -> None:
    """A page says what it means and what to do, without jargon."""
    told = TOLD[code]
    assert not re.search(
        r"\b(schema|mapping|NoneType|coroutine|anyOf|traceback|kwargs|exception)\b", f"{told['title']} {told['means']}", re.IGNORECASE
    )
    assert told["wrong"]
    assert told["right"]
