"""Messaging: polls and streams, subscriptions, what is pushed and in which order (icws.md §3)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from runner.transport.sse import EventStream

QUEUE = {"queueIds": [{"queueType": 1, "queueName": "agent1"}], "attributeNames": ["Eic_State", "eic_emailsubject"]}


def test_nothing_waits_before_a_subscription(knock: Callable[..., None]) -> None:
    """A poll of an empty queue is an empty list; no token is asked for."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.draft()
        assert await agent.messages() == []

    knock(story)


def test_the_first_message_is_whole_and_the_next_are_deltas(knock: Callable[..., None]) -> None:
    """The first has isDelta false; all three arrays always; names spelled as asked; reading empties the queue."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft(subject="One")
        await agent.good("PUT", "messaging/subscriptions/queues/mine", QUEUE)
        first = await agent.messages()
        assert first == [
            {
                "__type": "urn:inin.com:queues:queueContentsMessage",
                "isDelta": False,
                "subscriptionId": "mine",
                "interactionsAdded": [{"interactionId": draft, "attributes": {"Eic_State": "C", "eic_emailsubject": "One"}}],
                "interactionsChanged": [],
                "interactionsRemoved": [],
            }
        ]
        await agent.good("POST", f"interactions/{draft}/hold", {"on": True})
        (delta,) = await agent.messages()
        assert (delta["isDelta"], delta["interactionsChanged"]) == (True, [{"interactionId": draft, "attributes": {"Eic_State": "H"}}])
        assert await agent.messages() == []

    knock(story)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"attributeNames": ["Eic_State"]}, "queueIds"),
        ({"queueIds": [], "attributeNames": ["Eic_State"]}, "queueIds"),
        ({"queueIds": [{"queueType": 9, "queueName": "a"}], "attributeNames": ["Eic_State"]}, "queueType"),
        ({"queueIds": QUEUE["queueIds"]}, "attributeNames"),
        ({"queueIds": QUEUE["queueIds"], "attributeNames": []}, "attributeNames"),
    ],
)
def test_a_queue_subscription_with_a_wrong_body_is_400(body: dict[str, Any], name: str, knock: Callable[..., None]) -> None:
    """The property is named."""

    async def story(door: Any) -> None:
        answer = await (await door.login()).call("PUT", "messaging/subscriptions/queues/mine", body)
        assert (answer.http, answer.json()["propertyName"]) == (400, name)

    knock(story)


def test_each_change_goes_to_queues_then_watchers_then_contents(knock: Callable[..., None]) -> None:
    """The order of §8: queue contents, interaction changed, e-mail contents."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
        await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}", {"attributeNames": ["Eic_State"]})
        await agent.good("PUT", "messaging/subscriptions/queues/mine", QUEUE)
        await agent.messages()
        await agent.good("POST", f"interactions/{draft}/email/send")
        kinds = [m["__type"].rpartition(":")[2] for m in await agent.messages()]
        assert kinds == ["queueContentsMessage", "interactionChangedMessage", "emailContentsMessage"]

    knock(story)


def test_email_contents_are_whole_and_say_what_may_be_done(knock: Callable[..., None]) -> None:
    """A draft is editable, a customer's mail may be answered."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft(bodies=[{"body": "Hi", "bodyType": 0}, {"body": "<p>Hi</p>", "bodyType": 1}])
        mail = await door.arrives()
        for id in (draft, mail):
            await agent.good("PUT", f"messaging/subscriptions/interactions/{id}/email")
        ours, theirs = await agent.messages("emailContentsMessage")
        assert (ours["isEditable"], ours["supportedResponseTypes"], ours["emailType"]) == (True, [], 1)
        assert ours["emailContent"]["bodies"] == [{"body": "Hi", "bodyType": 0}, {"body": "<p>Hi</p>", "bodyType": 1}]
        assert (theirs["isEditable"], theirs["supportedResponseTypes"]) == (False, [0, 1, 2])
        assert theirs["emailContent"]["sender"] == {"displayName": "Joe", "address": "joe@example.com"}

    knock(story)


@pytest.mark.parametrize(("user", "interaction", "http"), [("agent1", "2101999999", 404), ("restricted1", "", 403)])
def test_an_email_subscription_needs_the_mail_and_rights(user: str, interaction: str, http: int, knock: Callable[..., None]) -> None:
    """403 and 404 as with the verbs."""

    async def story(door: Any) -> None:
        mail = await door.arrives()
        peer = await door.login(user)
        assert (await peer.call("PUT", f"messaging/subscriptions/interactions/{interaction or mail}/email")).http == http

    knock(story)


def test_a_subscription_that_was_deleted_is_silent(knock: Callable[..., None]) -> None:
    """204, also when there was none."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.good("PUT", "messaging/subscriptions/queues/mine", QUEUE)
        assert [(await agent.call("DELETE", "messaging/subscriptions/queues/mine")).http for _ in range(2)] == [204, 204]
        await agent.messages()
        await agent.draft()
        assert await agent.messages() == []

    knock(story)


def test_the_stream_brings_one_message_an_event_and_ends_with_the_session(knock: Callable[..., None]) -> None:
    """The same address as the poll, chosen by Accept; it ends when the session does."""

    async def story(door: Any) -> None:
        agent = await door.login()
        headers = {"Accept": "text/event-stream", "Cookie": agent.cookie}
        async with door.http.stream("GET", f"/icws/{agent.id}/messaging/messages", headers=headers) as stream:
            assert (stream.http, stream.headers["Content-Type"]) == (200, "text/event-stream")
            events = aiter(EventStream(stream))
            await agent.good("PUT", "messaging/subscriptions/queues/mine", QUEUE)
            draft = await agent.draft()
            assert json.loads((await anext(events)).data)["isDelta"] is False
            assert json.loads((await anext(events)).data)["interactionsAdded"][0]["interactionId"] == draft
            await agent.good("DELETE", "connection")
            assert [e async for e in events] == []

    knock(story)


def test_a_server_below_messaging_2_only_polls(knock: Callable[..., None]) -> None:
    """Accept does not matter there."""

    async def story(door: Any) -> None:
        agent = await door.login()
        headers = {"Accept": "text/event-stream", "Cookie": agent.cookie}
        answer = await door.call("GET", f"/icws/{agent.id}/messaging/messages", headers=headers)
        assert answer.json() == []

    knock(story, features={"connection": 11, "messaging": 1, "interactions": 13, "queues": 1})


def test_a_session_that_the_server_ends_is_told_so_first(knock: Callable[..., None]) -> None:
    """A connectionStateChangeMessage to down with its reason; afterwards 401."""

    async def story(door: Any) -> None:
        agent = await door.login()
        headers = {"Accept": "text/event-stream", "Cookie": agent.cookie}
        async with door.http.stream("GET", f"/icws/{agent.id}/messaging/messages", headers=headers) as stream:
            switched = await door.call("POST", "/_switches/log-off", {"user": "agent1", "reason": "Maintenance"})
            assert switched.http == 200
            (event,) = [json.loads(e.data) async for e in EventStream(stream)]
        assert event["__type"].endswith(":connectionStateChangeMessage")
        assert (event["newConnectionState"], event["reason"]) == (2, "Maintenance")
        assert (await agent.call("GET", "connection")).http == 401

    knock(story)


def test_ready_agents_are_alerted_and_the_first_one_takes_it(knock: Callable[..., None]) -> None:
    """All ready members of the workgroup are asked; whoever picks up first has it, for the others it goes."""

    async def story(door: Any) -> None:
        one, two = await door.login("agent1"), await door.login("agent2")
        for agent in (one, two):
            await agent.ready()
            await agent.call("PUT", "messaging/subscriptions/interaction-alerting", {"attributeNames": ["Eic_EmailSubject"]})
        mail = await door.arrives()
        for agent in (one, two):
            (alert,) = await agent.messages("interactionAlertingMessage")
            detail = alert["alertingInteractionDetails"][0]
            assert (detail["interactionId"], detail["alertAction"], detail["attributes"]["Eic_EmailSubject"]) == (
                mail,
                1,
                "Where is my parcel",
            )
        await one.good("POST", f"interactions/{mail}/pickup")
        (stop,) = await two.messages("interactionAlertingMessage")
        assert stop["alertingInteractionDetails"][0]["alertAction"] == 2
        assert (await two.call("POST", f"interactions/{mail}/disconnect")).http == 403

    knock(story)


def test_one_after_another_is_asked_where_the_workgroup_is_so_set(knock: Callable[..., None]) -> None:
    """When an agent leaves, the next one is asked; an agent whose session ended blocks nobody."""

    async def story(door: Any) -> None:
        one, two = await door.login("agent1"), await door.login("agent2")
        await one.ready()
        await two.ready()
        mail = await door.arrives()
        alerted = next(i for i in door.office.desk if i.id == mail).alerted
        assert alerted == {"agent1"}
        await one.good("DELETE", "connection")
        assert alerted == {"agent2"}

    knock(story, alerting="one")


def test_statuses_are_pushed_to_who_watches_them(knock: Callable[..., None]) -> None:
    """First all that were asked for, then what changes; the change itself is completed by a message."""

    async def story(door: Any) -> None:
        one, two = await door.login("agent1"), await door.login("agent2")
        await two.good("PUT", "messaging/subscriptions/status/user-statuses", {"userIds": ["agent1"]})
        answer = await one.call("PUT", "status/user-statuses/agent1", {"statusId": "at lunch"})
        assert answer.http == 202
        first, then = await two.messages("userStatusMessage")
        assert (first["isDelta"], then["userStatusList"][0]["statusId"]) == (False, "At Lunch")
        (done,) = await one.messages("asyncOperationCompletedMessage")
        assert (done["requestId"], done["error"]) == (answer.json()["requestId"], None)
        assert (await two.call("PUT", "status/user-statuses/agent1", {"statusId": "Available"})).http == 403
        assert (await one.call("PUT", "status/user-statuses/agent1", {"statusId": "Asleep"})).http == 400

    knock(story)


def test_the_statuses_that_there_are_can_be_watched(knock: Callable[..., None]) -> None:
    """Public clients ask for them before they show any; the message has them all, as the list has them."""

    async def story(door: Any) -> None:
        agent = await door.login()
        assert (await agent.call("PUT", "messaging/subscriptions/status/status-messages")).http == 200
        (told,) = await agent.messages("statusMessagesMessage")
        listed = (await agent.good("GET", "status/status-messages"))["statusMessageList"]
        assert (told["isDelta"], told["statusMessagesAdded"]) == (False, listed)
        assert (told["statusMessagesChanged"], told["statusMessagesRemoved"]) == ([], [])
        assert (await agent.call("DELETE", "messaging/subscriptions/status/status-messages")).http == 204

    knock(story)


def test_licences_are_pushed_to_who_watches_them(knock: Callable[..., None]) -> None:
    """First all that were asked for, then what changes; nothing more after the subscription has ended."""
    client, acd = "I3_ACCESS_CLIENT", "I3_ACCESS_ACD_MEDIA_3_PLUS"

    async def story(door: Any) -> None:
        agent = await door.login()
        assert (await agent.call("PUT", "messaging/subscriptions/licenses", {"licenseList": [client, "i3_none"]})).http == 200
        await agent.good("POST", "licenses", {"licenseList": [client.lower(), acd]})
        await agent.good("PUT", "licenses", {"licenseList": [client]})
        assert (await agent.call("DELETE", "licenses")).http == 204
        told = [(m["isDelta"], m["licenseAssignedStatusList"]) for m in await agent.messages("licenseMessage")]
        assert told == [
            (False, [{"name": client, "isAssigned": False}, {"name": "i3_none", "isAssigned": False}]),
            (True, [{"name": client, "isAssigned": True}]),
            (True, [{"name": client, "isAssigned": False}]),
        ]
        assert (await agent.call("DELETE", "messaging/subscriptions/licenses")).http == 204
        await agent.good("POST", "licenses", {"licenseList": [client]})
        assert await agent.messages("licenseMessage") == []
        assert (await agent.call("PUT", "messaging/subscriptions/licenses", {})).http == 400

    knock(story)


@pytest.mark.parametrize("fault", ["duplicate@emailContentsMessage", "lost:1@emailContentsMessage"])
def test_messages_can_be_lost_and_doubled_on_demand(fault: str, knock: Callable[..., None]) -> None:
    """The faults name a message by the end of its type."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        door.simulator.faults.add(fault)
        await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
        await asyncio.sleep(0)
        assert len(await agent.messages()) == (2 if fault.startswith("duplicate") else 0)

    knock(story)
