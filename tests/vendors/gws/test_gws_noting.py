"""Properties, comments, dispositions and the focus: said to be done when the server tells the change, not when it took it over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from runner.errors import Refused, StepTimedOut, Unsupported
from runner.simulation.faults import parse_fault

Gws = Callable[..., None]

MAIL = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}
EMAILS: dict[str, Any] = {"dialect": "emails", "options": {"dialect": "emails"}}
# the step, its parameters, the operation that it ends with, and the field in which the change is told
NOTES: list[tuple[str, dict[str, Any], str, str]] = [
    ("gws.update_properties", {"data": {"Product": "Lamp"}, "remove": ["Old"], "subject": "Your lamp"}, "Save", "userData"),
    ("gws.comment", {"comment": "Called back"}, "AddComment", "comment"),
    ("gws.disposition", {"disposition": "IssueResolved"}, "SetDisposition", "userData"),
    ("gws.disposition", {"disposition": "IssueResolved", "key": "DISP_KEY"}, "SetDisposition", "userData"),
]
NOTED = pytest.mark.parametrize(
    ("word", "parameters", "operation", "field"), NOTES, ids=["properties", "comment", "disposition", "its-key"]
)


def hide(stage: Any, field: str) -> None:
    """Neither what is pushed nor what is looked at has this field from now on."""
    for where in ("/v2/me/emails", "GET */me/emails*"):
        stage.simulator.faults.add(f"drift@{where}=missing-field:{field}")


@NOTED
@pytest.mark.parametrize("fault", ["", "lost", "late=50ms", "duplicate"])
def test_what_is_noted_is_told(gws: Gws, word: str, parameters: dict[str, Any], operation: str, field: str, fault: str) -> None:
    """Whatever happens to the notification, the step ends with the change in what the server tells of the mail."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        draft = await stage.act("create", MAIL)
        (kept,) = stage.simulator.desk.interactions.active()
        kept.user_data["Old"] = "x"
        if fault:
            stage.simulator.faults.add(parse_fault(fault))
        told = (await stage.act(word, parameters)).native

        assert draft.native.get(field, {}) != told[field] == {"userData": kept.user_data, "comment": kept.comment}[field]
        assert told["subject"] == kept.subject == parameters.get("subject", "")
        assert "Old" not in kept.user_data or "remove" not in parameters

    gws(story, **EMAILS)


@NOTED
def test_a_change_that_is_not_shown_is_not_done(gws: Gws, word: str, parameters: dict[str, Any], operation: str, field: str) -> None:
    """The server says yes, and nothing that it tells of the mail has the change: the step waits in vain and does not pass."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        (await stage.part()).timeout = 0.5
        hide(stage, field)
        with pytest.raises(StepTimedOut, match="what changed in"):
            await stage.act(word, parameters)

    gws(story, **EMAILS)


@NOTED
def test_a_change_that_fails_afterwards_is_refused(gws: Gws, word: str, parameters: dict[str, Any], operation: str, field: str) -> None:
    """The server's late error ends the step, with its words."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        (kept,) = stage.simulator.desk.interactions.active()
        hide(stage, field)
        noting = asyncio.create_task(stage.act(word, parameters))
        part = await stage.part()
        while not any(f'"{operation}"'.encode() in e.request_body for e in part.exchanges):
            await part.pause()
        stage.simulator.desk.tell(kept, "error", error="Interaction Server is gone")
        with pytest.raises(Refused) as refused:
            await noting

        assert (refused.value.reason, refused.value.text) == ("server_error", "Interaction Server is gone")

    gws(story, **EMAILS)


@pytest.mark.parametrize(
    ("word", "parameters"),
    [
        ("gws.comment", {"comment": "x"}),
        ("gws.disposition", {"disposition": "x"}),
        ("gws.focus", {}),
        ("gws.update_properties", {"remove": ["x"]}),
    ],
)
def test_the_first_dialect_has_none_of_them(gws: Gws, word: str, parameters: dict[str, Any]) -> None:
    """Nothing is asked of a server that cannot have it, and the hint says who has."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        part = await stage.part()
        before = len(part.exchanges)
        with pytest.raises(Unsupported, match="the interactions dialect") as unsupported:
            await stage.act(word, parameters)

        assert "emails dialect" in str(unsupported.value.hint)
        assert not any(b"operationName" in e.request_body for e in part.exchanges[before:])

    gws(story)


def test_the_focus_is_asked_for_and_changes_nothing(gws: Gws) -> None:
    """SetInFocus goes out without a field; the mail is told as it was."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        draft = await stage.act("create", MAIL)
        told = await stage.act("gws.focus")
        (asked,) = [e for e in (await stage.part()).exchanges if b"SetInFocus" in e.request_body]

        assert (asked.request_body, asked.http) == (b'{"operationName":"SetInFocus"}', 200)
        assert (told.status, told.native["userData"]) == (draft.status, draft.native["userData"])

    gws(story, **EMAILS)
