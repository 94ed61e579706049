"""What a request names and nothing has is a mistake in the call; what it names is what runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner import harness

FILE = """scenario: It
vendors: [egain, gws]
tags: [smoke, nightly]
variables:
  order: ORD-1
cases:
  - {case: German, name: Joerg}
  - case: Greek
    name: Yorgos
steps:
  - note: "{{ order }} {{ name }} {{ given }} {{ place }}"
  - quiet: {text: hi}
"""
WORD = "step: quiet\ninputs: {text: {type: text}}\nsteps:\n  - note: '{{ text }} {{ inner }}'\n"
ENVIRONMENT = (
    "environment: here\nvendors: {egain: {url: 'http://127.0.0.1:9'}, gws: {url: 'http://127.0.0.1:9'}}\nvariables: {place: Athens}\n"
)
SET = {"given": "1", "inner": "2"}

Ask = Callable[..., harness.Checked]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Checks a project of one file with two vendors and two cases, one word of its own, and an environment."""
    folder = tmp_path / "scenarios"
    for name, text in {"it.scenario.yaml": FILE, "steps/quiet.steps.yaml": WORD, "environments/here.yaml": ENVIRONMENT}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    def check(place: str = "", **asked: Any) -> harness.Checked:
        asked = {"variables": SET, "environment": "here", **asked}
        return harness.check(harness.Request(paths=(f"{folder / 'it.scenario.yaml'}{place}",), start=tmp_path, **asked))

    return check


def cases(checked: harness.Checked) -> list[str]:
    assert checked.errors == []
    return sorted({plan.case.name for plan in checked.plans if plan.case is not None})


@pytest.mark.parametrize(
    ("paths", "left_out"),
    [
        (["it.scenario.yaml", "more"], ["more"]),
        (["more", "it.scenario.yaml", "more/it.scenario.yaml"], ["more", "more/it.scenario.yaml"]),
        (["."], []),
        (["more"], []),
    ],
)
def test_a_path_of_which_nothing_is_asked_for_is_told(ask: Ask, tmp_path: Path, paths: list[str], left_out: list[str]) -> None:
    """Of several that are named, one in which no scenario has the tag does not run, and a warning says so."""
    folder = tmp_path / "scenarios"
    (folder / "more").mkdir()
    (folder / "more" / "it.scenario.yaml").write_text("scenario: More\nvendor: gws\ntags: [rare]\nsteps:\n  - note: hi\n", encoding="utf-8")
    asked = tuple(str(folder / path) for path in paths)
    request = harness.Request(paths=asked, tags=("smoke", "not:rare"), start=tmp_path, variables=SET, environment="here")
    told = [one.message for one in harness.check(request).diagnostics if one.code == "E412" and one.severity == "warning"]
    assert told == [f"nothing in `{folder / path}` is what was asked for, so nothing of it runs" for path in left_out]


@pytest.mark.parametrize("line", [7])
def test_a_line_of_a_case_is_that_case(ask: Ask, line: int) -> None:
    """For each of its vendors."""
    assert cases(ask(f":{line}")) == ["German"]


@pytest.mark.parametrize("line", [8, 9])
def test_every_line_of_a_case_is_that_case(ask: Ask, line: int) -> None:
    """A row may be written over several lines."""
    assert cases(ask(f":{line}")) == ["Greek"]


@pytest.mark.parametrize("line", [1, 3, 6, 10, 12])
def test_any_other_line_is_the_scenario(ask: Ask, line: int) -> None:
    """One file is one scenario: its head, its steps, the line above its cases."""
    assert cases(ask(f":{line}")) == ["German", "Greek"]


@pytest.mark.parametrize("line", [0, 13, 99])
def test_a_line_that_is_not_there_is_a_mistake(ask: Ask, line: int) -> None:
    """Nothing runs instead."""
    (told,) = ask(f":{line}").errors
    assert (told.code, told.message) == ("E411", f"scenarios/it.scenario.yaml has no line {line}, only 12 lines")


@pytest.mark.parametrize(
    ("asked", "code", "hint"),
    [
        ({"tags": ("smokee",)}, "E412", "write `smoke`"),
        ({"tags": ("smoke", "nigthly")}, "E412", "write `nightly`"),
        ({"tags": ("zzz",)}, "E412", "write one of: nightly, smoke"),
        ({"cases": ("Greek", "Germna")}, "E412", "write `German`"),
        ({"keys": ("scenarios/it.scenario.yaml::egian[Greek]",)}, "E412", "write `scenarios/it.scenario.yaml::egain[Greek]`"),
        ({"variables": SET | {"ordre": "1"}}, "E314", "write `order`"),
        ({"variables": SET | {"vendor": "gws"}}, "E143", "choose runs with --vendor"),
        ({"variables": SET | {"case": "Greek"}}, "E143", "choose runs with --case"),
        ({"variables": SET | {"unique": "1"}}, "E143", "give it another name"),
    ],
)
def test_a_name_that_nothing_has_is_a_mistake(ask: Ask, asked: dict[str, Any], code: str, hint: str) -> None:
    """Also where another name beside it selects something."""
    (told,) = ask(**asked).errors
    assert (told.code, told.hint) == (code, hint)


@pytest.mark.parametrize("name", ["order", "name", "given", "inner", "place"])
def test_every_variable_that_a_scenario_knows_may_be_set(ask: Ask, name: str) -> None:
    """One of its own, a column, one that only its templates or a word of its own ask for, one of the environment."""
    assert ask(variables=SET | {name: "1"}).errors == []


def test_leaving_a_tag_out_that_nobody_has_is_no_mistake(ask: Ask) -> None:
    """`not:slow` stands in many a pipeline."""
    assert cases(ask(tags=("not:slow",))) == ["German", "Greek"]


def test_what_exists_and_selects_nothing_together_is_no_mistake(ask: Ask) -> None:
    """Then nothing runs, which the exit code says."""
    checked = ask(cases=("Greek",), tags=("not:smoke",))
    assert (checked.errors, checked.plans) == ([], ())
