"""The state table of icws.md §8: each operation in each state, over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.clock import ManualClock
from runner.vendors.icws.simulator.states import OPERATIONS, StateTable

# column → how an interaction gets there
COLUMNS = ("offering", "alerting", "connected", "draft", "held", "suspended", "ended", "unknown")
EMAIL = "email/attachments"
_SENDER = {"displayName": "Shop", "address": "help@shop.example"}
_CONTENT = {"__type": "urn:inin.com:interactions.email:emailContent", "sender": _SENDER}
_QUEUE = {"queueID": {"queueType": 2, "queueName": "Returns"}}

# operation → path below the interaction, body, and column → status, and the letter afterwards when it changes
TABLE: dict[str, tuple[str, object, dict[str, tuple[int, str]]]] = {
    "pickup": (
        "pickup",
        None,
        {
            "offering": (200, "C"),
            "alerting": (200, "C"),
            "connected": (200, "C"),
            "draft": (200, "C"),
            "held": (200, "C"),
            "suspended": (200, "C"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
    "disconnect": (
        "disconnect",
        None,
        {
            "offering": (200, "I"),
            "alerting": (200, "I"),
            "connected": (200, "I"),
            "draft": (200, "I"),
            "held": (200, "I"),
            "suspended": (200, "I"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
    "hold": (
        "hold",
        {"on": True},
        {
            "offering": (400, "O"),
            "alerting": (400, "A"),
            "connected": (200, "H"),
            "draft": (200, "H"),
            "held": (200, "H"),
            "suspended": (400, "X"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
    "unhold": (
        "hold",
        {"on": False},
        {
            "offering": (400, "O"),
            "alerting": (400, "A"),
            "connected": (200, "C"),
            "draft": (200, "C"),
            "held": (200, "C"),
            "suspended": (400, "X"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
    "blind-transfer": (
        "blind-transfer",
        _QUEUE,
        {
            "offering": (200, "O"),
            "alerting": (200, "O"),
            "connected": (200, "O"),
            "draft": (400, "C"),
            "held": (200, "O"),
            "suspended": (200, "O"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
    "park": (
        "park",
        _QUEUE,
        {
            "offering": (200, "P"),
            "alerting": (200, "P"),
            "connected": (200, "P"),
            "draft": (400, "C"),
            "held": (200, "P"),
            "suspended": (200, "P"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
    "save": (
        "email/save",
        {"emailContent": _CONTENT},
        {
            "offering": (400, "O"),
            "alerting": (400, "A"),
            "connected": (400, "C"),
            "draft": (200, "C"),
            "held": (400, "H"),
            "suspended": (400, "X"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
    "upload": (
        f"{EMAIL}/file/upload",
        {"uploadFileName": "a.txt", "isInlineAttachment": False},
        {
            "offering": (400, "O"),
            "alerting": (400, "A"),
            "connected": (400, "C"),
            "draft": (202, "C"),
            "held": (400, "H"),
            "suspended": (400, "X"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
    "send": (
        "email/send",
        None,
        {
            "offering": (400, "O"),
            "alerting": (400, "A"),
            "connected": (400, "C"),
            "draft": (200, "I"),
            "held": (400, "H"),
            "suspended": (400, "X"),
            "ended": (400, "I"),
            "unknown": (404, ""),
        },
    ),
}


async def _in(column: str, door: Any, agent: Any) -> str:
    """An interaction in the state that *column* names."""
    if column == "unknown":
        return "2101999999"
    if column == "draft":
        return str(await agent.draft())
    if column == "ended":
        draft = await agent.draft()
        await agent.good("POST", f"interactions/{draft}/disconnect")
        return str(draft)
    if column == "alerting":
        await agent.ready()
    mail = str(await door.arrives())
    if column in {"connected", "held", "suspended"}:
        await agent.good("POST", f"interactions/{mail}/pickup")
    if column == "held":
        await agent.good("POST", f"interactions/{mail}/hold", {"on": True})
    if column == "suspended":
        door.office.desk.suspend(mail)
    return mail


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("operation", TABLE)
def test_each_operation_does_in_each_state_what_the_table_says(operation: str, column: str, knock: Callable[..., None]) -> None:
    """The cell of the table: the status, and the state afterwards."""
    path, body, cells = TABLE[operation]
    http, letter = cells[column]

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await _in(column, door, agent)
        answer = await agent.call("POST", f"interactions/{mail}/{path}", body)
        assert http == answer.http, answer.text
        assert letter == (await agent.state(mail) if letter else "")

    knock(story)


@pytest.mark.parametrize("column", COLUMNS)
def test_an_answer_is_begun_only_from_a_connected_mail(column: str, knock: Callable[..., None]) -> None:
    """Every other state of the parent, and no parent at all, is 400: create knows no 404."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await _in(column, door, agent)
        body = {
            "__type": "urn:inin.com:interactions.email:createEmailResponseParameters",
            "responseType": 0,
            "parentInteractionId": mail,
            "emailContent": {
                "__type": "urn:inin.com:interactions.email:emailResponseContent",
                "attachmentsFromParent": 0,
                "sender": _SENDER,
            },
        }
        answer = await agent.call("POST", "interactions", body)
        assert answer.http == (201 if column == "connected" else 400)

    knock(story)


def test_a_released_item_is_connected_again(knock: Callable[..., None]) -> None:
    """A higher-priority item pushes a mail aside (X) and gives it back (C)."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await _in("suspended", door, agent)
        assert await agent.state(mail) == "X"
        door.office.desk.release(mail)
        assert await agent.state(mail) == "C"

    knock(story)


def test_an_alert_falls_back_to_offering_in_time(knock: Callable[..., None]) -> None:
    """Nobody picked it up: after the alert's time it is offered to others, not to the same agent."""
    clock = ManualClock()

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.ready()
        mail = await door.arrives()
        assert await agent.state(mail) == "A"
        clock.turn(61)
        assert await agent.state(mail) == "O"

    knock(story, clock=clock)


def test_a_disconnected_item_is_forgotten_after_its_linger(knock: Callable[..., None]) -> None:
    """It stays listed for a while, then it is 404 and watchers are told that it was deallocated."""
    clock = ManualClock()

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}", {"attributeNames": ["Eic_State"]})
        await agent.good("POST", f"interactions/{draft}/disconnect")
        clock.turn(3)
        assert (await agent.call("GET", f"interactions/{draft}")).http == 404
        kinds = [m["__type"].rpartition(":")[2] for m in await agent.messages()]
        assert kinds == ["interactionChangedMessage", "interactionChangedMessage", "interactionDeallocatedMessage"]

    knock(story, clock=clock)


def test_no_operation_leads_out_of_the_known_states() -> None:
    """The table is closed: every state it leads to is a state it starts from."""
    states = {s for row in OPERATIONS.values() for s in row}
    assert all(StateTable().after(operation, state) in states for operation, row in OPERATIONS.items() for state in row)
