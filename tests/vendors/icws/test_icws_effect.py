"""A server that says yes and does nothing: what was asked for must show, else the scenario is not green."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.vendors.icws import VENDOR

BEGUN = """\
scenario: A mail is worked on
vendor: icws
steps:
  - login: {as: agent}
  - ready
  - receive: {from: kim@mail.example, to: help@shop.example, subject: Where is it, text: Order 77}
"""
TAKEN = f"{BEGUN}  - accept\n"
BRIEFLY = "    timeout: 500ms\n"


@pytest.mark.parametrize(
    ("steps", "transitions", "verb"),
    [
        (f"{BEGUN}  - accept:\n{BRIEFLY}", {"pickup": {"A": "-", "O": "-"}}, "pickup"),
        (f"{TAKEN}  - complete:\n{BRIEFLY}", {"disconnect": {"C": "-"}}, "disconnect"),
        (f"{TAKEN}  - reply: {{text: Soon}}\n  - cancel:\n{BRIEFLY}", {"disconnect": {"D": "-"}}, "disconnect"),
    ],
    ids=["accept", "complete", "cancel"],
)
def test_a_yes_alone_is_not_believed(steps: str, transitions: dict[str, dict[str, str]], verb: str, carry: Callable[..., Any]) -> None:
    """The step looks until the mail shows what it was told, and is errored when it does not."""
    found = carry(VENDOR, steps, transitions=transitions).scenario

    assert found.outcome == "errored"
    assert f"the server said yes to `{verb}`, but mail" in found.reason


@pytest.mark.parametrize(
    ("steps", "transitions"),
    [
        (f"{TAKEN}  - reply: {{text: Soon}}\n  - send\n  - verify_status: {{is: sent, within: 300ms}}\n", {"send": {"D": "-"}}),
        (f"{TAKEN}  - icws.hold: true\n    expect: {{native: {{attributes: {{Eic_State: H}}}}}}\n", {"hold": {"C": "-"}}),
    ],
    ids=["send", "hold"],
)
def test_what_a_check_asks_for_is_not_made_up(steps: str, transitions: dict[str, dict[str, str]], carry: Callable[..., Any]) -> None:
    """What a step itself leaves open, the check behind it finds."""
    assert carry(VENDOR, steps, transitions=transitions).scenario.outcome == "failed"
