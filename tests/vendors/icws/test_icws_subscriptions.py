"""Interactions that go on under another id, and queues that cannot be watched for now or at all (icws.md §3): server and client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.errors import Refused
from runner.vendors.icws import VENDOR
from runner.vendors.icws.refusals import pushed_refusal

DRAFT = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}
STATE = {"attributeNames": ["Eic_State"]}


def _queue(kind: int, name: str) -> dict[str, Any]:
    return {"queueIds": [{"queueType": kind, "queueName": name}], "attributeNames": ["Eic_State"]}


async def _morph(door: Any, interaction: str) -> str:
    return str((await door.call("POST", "/_switches/morph", {"interaction": interaction})).json()["interaction"])


# ── another id ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_direct_watcher_is_told_the_new_id_and_a_queue_shows_it(knock: Callable[..., None]) -> None:
    """interactionMorphedMessage names both; in the queue one leaves and one comes; the old id is 404, the new one goes on."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}", STATE)
        await agent.good("PUT", "messaging/subscriptions/queues/mine", _queue(1, "agent1"))
        await agent.messages()
        new = await _morph(door, draft)
        queue, morphed = await agent.messages()
        assert (morphed["interactionID"], morphed["newInteractionID"]) == (draft, new)
        assert morphed["__type"] == "urn:inin.com:interactions:interactionMorphedMessage"
        assert (queue["interactionsRemoved"], [e["interactionId"] for e in queue["interactionsAdded"]]) == ([draft], [new])
        assert (await agent.call("POST", f"interactions/{draft}/email/send")).http == 404
        assert (await agent.call("POST", f"interactions/{new}/email/send")).http == 200

    knock(story)


def test_subscriptions_to_the_old_id_are_over(knock: Callable[..., None]) -> None:
    """What happens under the new id is told to who watches that."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}", STATE)
        await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
        new = await _morph(door, draft)
        await agent.messages()
        await agent.good("POST", f"interactions/{new}/hold", {"on": True})
        assert await agent.messages() == []

    knock(story)


def test_answers_and_files_stay_with_the_interaction(knock: Callable[..., None]) -> None:
    """The answer's parent has the new id, and an attached file is still its own."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        item = {"id": door.library_item("Terms")}
        await agent.good("POST", f"interactions/{draft}/email/attachments/response-management/insert", item)
        new = await _morph(door, draft)
        await agent.good("PUT", f"messaging/subscriptions/interactions/{new}/email")
        (told,) = await agent.messages("emailContentsMessage")
        uri = told["emailContent"]["fileAttachments"][0]["downloadUri"]
        assert (await door.call("GET", uri, headers={"Cookie": agent.cookie, "ININ-ICWS-CSRF-Token": agent.token})).http == 200

    knock(story)


@pytest.mark.parametrize("messages", ["auto", "poll"])
def test_the_client_follows_a_mail_to_its_new_id(messages: str, play: Callable[..., None]) -> None:
    """A mail that is watched is worked on under the id that the scenario knows, sent once, and watched under the new id."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        mail = (await stage.act("create", DRAFT))["id"]
        await stage.act("listen")
        await stage.act("icws.watch", {"names": ["Eic_State"]})
        new = stage.simulator.office.morph(mail)
        await stage.observe("expect_event", {"event": "interactionMorphedMessage"}, until=lambda o: True)
        await stage.observe("expect_event", {"event": "interactionChangedMessage", "mail": new}, until=lambda o: o.mail == new)
        await stage.act("edit", {"mail": mail, "subject": "Another"})
        await stage.act("send", {"mail": mail})
        (sent,) = stage.world.outbox
        assert (sent.id, sent.subject) == (new, "Another")
        assert f"mail {mail} goes on as {new}" in stage.parts["agent"].logged

    play(VENDOR, story, options={"messages": messages, "poll_seconds": 0.02})


# ── queues ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("user", "queue", "code"),
    [
        ("agent1", (1, "agent2"), "error.request.accessDenied"),
        ("agent1", (0, "any"), "error.request.accessDenied"),
        ("restricted1", (2, "Returns"), "error.request.accessDenied"),
        ("agent1", (2, "No such workgroup"), "error.request.notFound"),
        ("supervisor1", (1, "nobody"), "error.request.notFound"),
    ],
)
def test_a_queue_that_cannot_be_watched_is_faulted(user: str, queue: tuple[int, str], code: str, knock: Callable[..., None]) -> None:
    """The PUT is 200, for it lists neither 403 nor 404; a message says why nothing will be told, and nothing is."""

    async def story(door: Any) -> None:
        agent = await door.login(user)
        await agent.good("PUT", "messaging/subscriptions/queues/q", _queue(*queue))
        (message,) = await agent.messages()
        assert (message["__type"], message["state"]) == ("urn:inin.com:queues:queueSubscriptionStateMessage", 3)
        assert (message["subscriptionId"], message["error"]["errorId"]) == ("q", code)
        await (await door.login("agent2")).draft()
        assert await agent.messages() == []

    knock(story)


@pytest.mark.parametrize(
    ("user", "queue"),
    [
        ("agent1", (1, "AGENT1")),
        ("agent1", (2, "returns")),
        ("agent1", (3, "Desk-1")),
        ("supervisor1", (1, "agent2")),
        ("supervisor1", (0, "x")),
    ],
)
def test_a_queue_that_may_be_watched_is(user: str, queue: tuple[int, str], knock: Callable[..., None]) -> None:
    """One's own, one's workgroups', stations'; supervisors every one."""

    async def story(door: Any) -> None:
        agent = await door.login(user)
        await agent.good("PUT", "messaging/subscriptions/queues/q", _queue(*queue))
        assert [m["__type"].rpartition(":")[2] for m in await agent.messages()] == ["queueContentsMessage"]

    knock(story)


def test_a_suspended_queue_tells_nothing_until_it_is_normal(knock: Callable[..., None]) -> None:
    """State 2, silence, state 1, and then everything anew."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.good("PUT", "messaging/subscriptions/queues/mine", _queue(1, "agent1"))
        await door.call("POST", "/_switches/suspend-queues", {"user": "agent1"})
        draft = await agent.draft()
        assert [m.get("state") for m in await agent.messages()] == [None, 2]
        await door.call("POST", "/_switches/release-queues", {"user": "agent1"})
        state, contents = await agent.messages()
        assert (state["state"], contents["isDelta"], [e["interactionId"] for e in contents["interactionsAdded"]]) == (1, False, [draft])

    knock(story)


def test_the_client_is_refused_when_its_queue_cannot_be_watched(play: Callable[..., None]) -> None:
    """`accept` ends with the server's own words at once, not by waiting for an offer that cannot come."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        stage.simulator.world.people.pop("agent1")
        with pytest.raises(Refused) as caught:
            await stage.act("accept")
        assert (caught.value.reason, caught.value.vendor_code) == ("not_found", "error.request.notFound")

    play(VENDOR, story)


def test_the_client_waits_while_its_queue_is_suspended(play: Callable[..., None]) -> None:
    """The record says so; the offer is heard when the queue is normal again."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("listen")
        stage.simulator.office.watch_queues("agent1", on=False)
        await stage.act("receive", {"subject": "Where?"})
        stage.simulator.office.watch_queues("agent1", on=True)
        assert (await stage.act("accept"))["status"] == "accepted"
        assert any("is suspended" in line for line in stage.parts["agent"].logged)

    play(VENDOR, story)


@pytest.mark.parametrize(
    ("error", "reason", "text"),
    [
        ({"errorId": "error.request.accessDenied", "message": "No."}, "forbidden", "No."),
        ({"errorId": "error.request.notFound", "message": "Gone."}, "not_found", "Gone."),
        ({}, "invalid", "the server gives no reason"),
    ],
)
def test_a_pushed_error_has_its_neutral_reason(error: dict[str, Any], reason: str, text: str) -> None:
    """By its errorId, for it has no status."""
    found = pushed_refusal(error)
    assert (found.reason, found.text) == (reason, text)
