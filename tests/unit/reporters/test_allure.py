"""What stands in Allure's results, and where what went over the wire is to be found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attr
import msgspec
import pytest
from allure_commons import model2

from runner.reporters import allure_parts

Tell = Callable[..., Path]
Make = Callable[..., Any]


def _result(folder: Path) -> dict[str, Any]:
    (file,) = (folder / "allure-results").glob("*-result.json")
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def _names(part: dict[str, Any]) -> list[str]:
    return [one["name"] for one in part.get("attachments", [])]


def _text(folder: Path, attached: dict[str, str]) -> str:
    return (folder / "allure-results" / attached["source"]).read_text(encoding="utf-8")


def test_a_step_of_a_red_scenario_has_its_own_attachments(tell: Tell, run: Make, scenario: Make) -> None:
    """Exchange, pushed event and difference are attached where somebody looks for them: at the step, with a command that asks again."""
    folder = tell(run(scenario(outcome="failed")), "allure")
    result = _result(folder)

    assert [_names(step) for step in result["steps"]] == [
        [],
        ["POST /mails?token=*** gave 200 after 12ms", "pushed: MailSent", "1 difference"],
    ]
    assert _names(result) == []
    assert "curl --request POST" in _text(folder, result["steps"][1]["attachments"][0])


def test_a_scenario_that_passed_has_one_attachment(tell: Tell, run: Make, scenario: Make) -> None:
    """All its exchanges stand in one, by step, with what was pushed; its steps are told without."""
    folder = tell(run(scenario()), "allure")
    result = _result(folder)

    assert [step["name"] for step in result["steps"]] == ["1 login (agent)", "2 send (agent)"]
    assert [_names(step) for step in result["steps"]] == [[], []]
    assert _names(result) == ["1 exchange"]
    text = _text(folder, result["attachments"][0])
    assert [line for line in text.splitlines() if line.startswith("step ")] == ["step 2 send"]
    for told in ("POST http://127.0.0.1:8010/mails?token=***", '{"status":"queued"}', "pushed: MailSent"):
        assert told in text


def test_what_is_empty_is_left_out(tell: Tell, run: Make, scenario: Make) -> None:
    """A result has no nulls and no empty lists, as those of Allure's own adapters have none."""
    text = json.dumps(_result(tell(run(scenario()), "allure")))

    assert [empty for empty in ("null", "[]", '""', "{}") if empty in text] == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (allure_parts.Result, model2.TestResult),
        (allure_parts.Step, model2.TestStepResult),
        (allure_parts.Parameter, model2.Parameter),
        (allure_parts.Label, model2.Label),
        (allure_parts.Link, model2.Link),
        (allure_parts.StatusDetails, model2.StatusDetails),
        (allure_parts.Attachment, model2.Attachment),
    ],
)
def test_our_parts_have_the_names_of_allures_own(ours: type, theirs: type) -> None:
    """Each field that is written is one that Allure's own classes have."""
    assert {field.encode_name for field in msgspec.structs.fields(ours)} <= {field.name for field in attr.fields(theirs)}
