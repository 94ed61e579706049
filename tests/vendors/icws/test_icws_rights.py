"""Who is told, and who may, when an item changes hands or the server ends a session (icws.md §3, §7, §8); asked on the bare wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.vendors.icws.conftest import DESK

RETURNS = {"queueID": {"queueType": 2, "queueName": "Returns"}}


async def _said(agent: Any, interaction: str) -> str:
    found = await agent.good("GET", f"interactions/{interaction}?select=Eic_CallStateString")
    return str(found["attributes"]["Eic_CallStateString"])


def test_a_poller_is_told_that_its_session_was_ended(knock: Callable[..., None]) -> None:
    """The next poll brings connectionStateChangeMessage to down, once; everything else is 401 from then on, and so is the poll after it."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await door.call("POST", "/_switches/log-off", {"user": "agent1", "reason": "Maintenance"})
        (message,) = await agent.messages("connectionStateChangeMessage")
        assert (message["previousConnectionState"], message["newConnectionState"], message["reason"]) == (1, 2, "Maintenance")
        assert message["shouldReconnect"] is False
        again = await agent.call("GET", "messaging/messages", token=None)
        assert (again.http, again.json()["errorCode"]) == (401, -2147221499)

    knock(story)


def test_a_session_that_was_ended_answers_nothing_else(knock: Callable[..., None]) -> None:
    """A request that is no poll finds no session, though its last message was not read."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await door.call("POST", "/_switches/log-off", {"user": "agent1"})
        assert (await agent.call("GET", "connection")).json()["errorCode"] == -2147221499
        assert (await agent.call("GET", "messaging/messages", token=None)).http == 401

    knock(story)


def test_access_may_be_denied_for_a_session(knock: Callable[..., None]) -> None:
    """errorCode 7 with the challenge of every 401."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await door.call("POST", "/_switches/deny", {"user": "agent1"})
        answer = await agent.call("GET", "connection")
        assert (answer.http, answer.json()["errorCode"], "errorId" in answer.json()) == (401, 7, False)
        assert answer.header("WWW-Authenticate") == 'ICWS realm="ICWS" location="/ICWS/connection"'

    knock(story)


def test_whoever_may_no_longer_look_is_told(knock: Callable[..., None]) -> None:
    """A direct watcher gets interactionLostRightsMessage, a watcher of the contents a state that is faulted; then both hear nothing."""

    async def story(door: Any) -> None:
        helper, chief = await door.login("agent1"), await door.login("supervisor1")
        draft = (await _drafted(chief))["interactionId"]
        found = door.office.desk.find(draft)
        found.draft, found.owner, found.workgroup = False, "agent1", ""
        found.creator = "supervisor1"
        await helper.good("PUT", f"messaging/subscriptions/interactions/{draft}", {"attributeNames": ["Eic_State"]})
        await helper.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
        await helper.messages()
        await helper.good("POST", f"interactions/{draft}/blind-transfer", {"queueID": {"queueType": 1, "queueName": "agent2"}})
        told = {m["__type"].rpartition(":")[2]: m for m in await helper.messages()}
        assert told["interactionLostRightsMessage"]["interactionID"] == draft
        assert told["emailSubscriptionStateMessage"]["state"] == 3
        await chief.good("POST", f"interactions/{draft}/pickup")
        assert await helper.messages() == []

    knock(story)


async def _drafted(agent: Any) -> Any:
    content = {"__type": "urn:inin.com:interactions.email:emailContent", "sender": DESK}
    return await agent.good(
        "POST", "interactions", {"__type": "urn:inin.com:interactions.email:createEmailParameters", "emailContent": content}
    )


def test_a_member_s_item_is_assigned_and_stays_in_the_queue(knock: Callable[..., None]) -> None:
    """The state string names the agent; the workgroup's queue still shows it."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await door.arrives()
        await agent.good("POST", f"interactions/{mail}/pickup")
        assert await _said(agent, mail) == "ACD - Assigned: agent1"
        assert await _listed(agent) == [mail]

    knock(story)


def test_somebody_else_takes_it_out_of_the_queue(knock: Callable[..., None]) -> None:
    """Taken by a supervisor who is no member it is Connected, and gone from the workgroup's queue."""

    async def story(door: Any) -> None:
        chief = await door.login("supervisor1")
        mail = await door.arrives()
        await chief.good("POST", f"interactions/{mail}/pickup")
        assert await _said(chief, mail) == "Connected"
        assert await _listed(chief) == []

    knock(story, work_right="email-only")


def test_a_transferred_item_is_connected(knock: Callable[..., None]) -> None:
    """Handed to a person it is no longer the workgroup's assignment."""

    async def story(door: Any) -> None:
        one, two = await door.login("agent1"), await door.login("agent2")
        mail = await door.arrives()
        await one.good("POST", f"interactions/{mail}/pickup")
        await one.good("POST", f"interactions/{mail}/blind-transfer", {"target": "agent2"})
        await two.good("POST", f"interactions/{mail}/pickup")
        assert await _said(two, mail) == "Connected"

    knock(story)


async def _listed(agent: Any) -> list[str]:
    body = {"queueIds": [{"queueType": 2, "queueName": "Customer Service"}], "attributeNames": ["Eic_State"]}
    await agent.good("PUT", "messaging/subscriptions/queues/w", body)
    message = (await agent.messages("queueContentsMessage"))[-1]
    return [entry["interactionId"] for entry in message["interactionsAdded"]]


@pytest.mark.parametrize(("version", "http", "name"), [(13, 200, None), (12, 400, "target")])
def test_transfers_know_queue_ids_from_interactions_13(version: int, http: int, name: str | None, knock: Callable[..., None]) -> None:
    """An older server passes queueID over and misses target."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await door.arrives()
        answer = await agent.call("POST", f"interactions/{mail}/blind-transfer", RETURNS)
        assert (answer.http, (answer.json() if answer.body else {}).get("propertyName")) == (http, name)

    knock(story, features={"connection": 11, "interactions": version})


def test_recording_needs_to_know_for_whom(knock: Callable[..., None]) -> None:
    """record takes `on` and `supervisor`, its neighbours only `on`."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        assert (await agent.call("POST", f"interactions/{draft}/record", {"on": True})).json()["propertyName"] == "supervisor"
        assert (await agent.call("POST", f"interactions/{draft}/record", {"on": True, "supervisor": False})).http == 200
        assert (await agent.call("POST", f"interactions/{draft}/mute", {"on": True})).http == 200

    knock(story)


@pytest.mark.parametrize(("mode", "text"), [(1, "Hello, urgent"), (2, "Hello|, urgent")])
def test_text_is_put_behind_what_a_standard_attribute_has(mode: int, text: str, knock: Callable[..., None]) -> None:
    """Appending looks at what stands there, whoever wrote it; names are compared without case."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        await agent.good("POST", f"interactions/{draft}", {"attributes": {"eic_details": ", urgent"}, "appendMode": mode})
        found = await agent.good("GET", f"interactions/{draft}?select=Eic_Details")
        assert found["attributes"] == {"Eic_Details": text}

    knock(story)


def test_an_own_library_may_have_categories(knock: Callable[..., None]) -> None:
    """Items of categories, however deep, can be inserted as those beside them."""

    async def story(door: Any) -> None:
        agent = await door.login()
        item = {"name": "Map", "type": 2, "value": "map.txt"}
        deep = {"name": "A", "categories": [{"name": "B", "items": [item]}]}
        await agent.good("PUT", "response-management", {"name": "agent1", "categories": [deep], "items": []})
        own = door.office.libraries.visible("agent1")[-1]
        path = f"interactions/{await agent.draft()}/email/attachments/response-management/insert"
        assert (await agent.call("POST", path, {"id": own.items[0].id})).http == 200

    knock(story)
