"""Our client when things go wrong: lost answers and notifications, late errors, expired and forgotten sessions, other installations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.errors import Refused
from runner.simulation.faults import parse_fault

Gws = Callable[..., None]

MAIL = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}


def reached(status: str) -> Callable[[Any], bool]:
    """Whether an output has the status."""
    return lambda output: output.status == status


async def asked(stage: Any) -> Any:
    """A customer wrote and the agent took the mail."""
    await stage.act("login")
    await stage.act("ready")
    await stage.act("receive", {"from": "joe@example.com", "subject": "Broken lamp", "text": "It does\nnot light."})
    return await stage.act("accept")


def test_an_answer_lost_after_send_is_told_and_nothing_is_sent_again(gws: Gws) -> None:
    """Send goes out once; its answer is lost, and looking afterwards finds the mail sent."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        stage.simulator.faults.add(parse_fault("answer_lost:1@POST */me/interactions/*"))
        told = await stage.act("send")
        assert told.status == "sent"
        assert any(line.startswith("settled by looking") for line in (await stage.part()).logged)
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))

        assert len(stage.world.outbox) == 1
        assert seen[-1].status == "sent"

    gws(story)


@pytest.mark.parametrize("lost", ["lost", "late=400ms", "duplicate"])
def test_lost_late_and_double_notifications_change_nothing(gws: Gws, lost: str) -> None:
    """When notifications do not come the client looks; when they come late or twice the states stay in order."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.faults.add(parse_fault(lost))
        created = await stage.act("create", MAIL)
        await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))

        assert created.status == "draft"
        assert [m.status for m in seen][-1] == "sent"
        assert len(stage.world.outbox) == 1

    gws(story)


def test_a_request_that_fails_afterwards_is_a_refusal(gws: Gws) -> None:
    """The server says ok and fails later, by a notification: create and complete are refused, a sent mail has failed."""

    async def story(stage: Any) -> None:
        question = await asked(stage)
        with pytest.raises(Refused) as no_draft:
            await stage.act("create", {**MAIL, "queue": "Failing-email"})
        with pytest.raises(Refused) as not_done:
            await stage.act("complete", {"mail": question.id, "queue": "Failing-email"})
        await stage.act("create", MAIL)
        await stage.act("send", {"queue": "Failing-email"})
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("failed"))

        assert {no_draft.value.reason, not_done.value.reason} == {"server_error"}
        assert "did not accept" in no_draft.value.text
        assert seen[-1].status == "failed"
        assert stage.world.outbox == []

    gws(story)


def test_a_forced_402_is_survived_and_the_state_read_again(gws: Gws) -> None:
    """CometD forgets us: a new handshake, all subscriptions, and what was missed is looked up."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.bayeux.force_402()
        created = await stage.act("create", MAIL)
        await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))

        assert created.status == "draft"
        assert seen[-1].status == "sent"

    gws(story)


def test_after_a_new_handshake_the_user_is_read_and_then_the_list(gws: Gws) -> None:
    """The order of the page on recovering state; the contact-centre session has outlived it and is not started again."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        part = await stage.part()
        before = len(part.exchanges)
        stage.simulator.bayeux.force_402()
        while not any("fields=*" in e.url for e in part.exchanges[before:]):
            await part.pause()
        asked_for = [e.url.rpartition("/api/v2")[2] for e in part.exchanges[before:] if e.method == "GET"]
        starts = [e for e in part.exchanges if b"StartContactCenterSession" in e.request_body]

        assert asked_for == ["/me?subresources=*", "/me/interactions?fields=*"]
        assert len(starts) == 1

    gws(story)


def test_forgotten_listeners_hear_again(gws: Gws) -> None:
    """The fault `forget` ends every CometD session from outside; what the server then tells is heard in a new one."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        stage.simulator.faults.add("forget:0")
        await stage.act("gws.channels")
        part = await stage.part()
        while not any("new session after '402::Unknown client'" in line for line in part.logged):
            await part.pause()
        before = len(part.notifications)
        await stage.act("create", MAIL)
        # the look after a gap may have found the mail before it was told
        while len(part.notifications) == before:
            await part.pause()

        assert [name for name, _ in part.notifications[before:]] == ["InteractionStateMessage"]

    gws(story)


@pytest.mark.parametrize("http", [200, 403, 500])
def test_code_20_means_expired_whatever_the_status(gws: Gws, http: int) -> None:
    """The body is judged first: an installation that says 20 with another status gets its one new login, and one mail leaves."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        stage.simulator.expire_sessions()
        await stage.act("send")
        part = await stage.part()

        assert (part.logins_again, len(stage.world.outbox)) == (1, 1)

    gws(story, http_status={20: http})


@pytest.mark.parametrize("body", ["page", "none"])
def test_a_401_of_any_body_means_expired(gws: Gws, body: str) -> None:
    """A servlet container's page, or nothing, is understood as well as the return code."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.expire_sessions()
        await stage.act("create", MAIL)

        assert (await stage.part()).logins_again == 1

    gws(story, unauthenticated_body=body)


@pytest.mark.parametrize(
    "other",
    [
        {"accepted_state": "Accepted", "canceled_state": "Cancelled", "created_state": "Created"},
        {"nested": True},
        {"address_lists": True},
        {"parent_field": "parentId"},
        {"always_200": True},
        {"attachment_events": False},
        {"csrf": False},
        {"csrf_header": "X-Shop-Token"},
        {"csrf_on_cometd": False},
        {"without_contents": ("accepted", "changed")},
        {"queue_of_completed": False},
        {"single_of_mine": False},
        {"channels_in": "user"},
        {"quote_line_break": "crlf"},
        {"created_type": "Email"},
        {"attachment_name": False},
        {"cometd_refusal": "bayeux"},
        {"order_of_checks": ("backend", "contact_center", "fields", "state", "interaction", "operation")},
    ],
    ids="-".join,
)
def test_other_installations_are_understood(gws: Gws, other: dict[str, Any]) -> None:
    """Whichever way a server does what no page settles, a mail is taken, answered with a file and finished, and a draft dropped."""

    async def story(stage: Any) -> None:
        stage.files["a.txt"] = (b"abc", "text/plain")
        question = await asked(stage)
        answer = await stage.act("reply_all", {"text": "On its way"})
        await stage.act("attach", {"file": "a.txt"})
        await stage.act("send")
        await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))
        done = await stage.act("complete", {"mail": question.id})
        await stage.act("create", MAIL)
        dropped = await stage.act("cancel")
        with pytest.raises(Refused):
            await stage.act("gws.operation", {"operation": "Dance", "mail": question.id})

        assert (answer.parent, answer.to, done.status, dropped.status) == (question.id, ["joe@example.com"], "completed", "cancelled")
        assert [[a.name for a in mail.attachments] for mail in stage.world.outbox] == [["a.txt"]]

    gws(story, **other)
