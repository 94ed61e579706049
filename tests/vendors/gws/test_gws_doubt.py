"""What became of a mail that is not in the agent's list any more: said only when the server said it, never presumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.errors import Refused, WireError
from runner.simulation.faults import parse_fault
from runner.vendors.gws.ledger import Ledger
from runner.vendors.gws.notifications import news_of

Gws = Callable[..., None]

MAIL = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}
SEND = "POST */me/interactions/?*#Send"


def reached(status: str) -> Callable[[Any], bool]:
    """Whether an output has the status."""
    return lambda output: output.status == status


def deleted(stage: Any, id: str) -> None:
    """A supervisor deletes the mail with another tool: nobody is told."""
    interactions = stage.simulator.desk.interactions
    interactions.retire(interactions.find(id))


def taken_by_a_colleague(stage: Any, id: str) -> None:
    """Somebody else goes on with the draft; who had it is not told."""
    stage.simulator.desk.interactions.find(id).owner = "agent2"


def reset(stage: Any, id: str) -> None:
    """The agent's session was lost, and what stood in it."""
    stage.simulator.desk.clear()


AWAY = pytest.mark.parametrize("goes", [deleted, taken_by_a_colleague, reset])


async def drafted(stage: Any, *faults: str) -> str:
    """A draft of a logged-in agent, and what breaks from now on; gives its id."""
    await stage.act("login")
    id = str((await stage.act("create", MAIL)).id)
    for fault in faults:
        stage.simulator.faults.add(parse_fault(fault))
    return id


def sends(part: Any) -> int:
    """How often Send was asked for."""
    return sum(b'"Send"' in e.request_body for e in part.exchanges)


@AWAY
def test_a_draft_that_is_gone_was_not_sent_by_a_request_that_never_arrived(gws: Gws, goes: Callable[[Any, str], None]) -> None:
    """The request is lost and the draft is gone for another reason: in doubt, not "sent", and not asked for again."""

    async def story(stage: Any) -> None:
        id = await drafted(stage, f"reset:1@{SEND}")
        goes(stage, id)
        with pytest.raises(WireError) as lost:
            await stage.act("send")
        part = await stage.part()

        assert (lost.value.maybe_sent, sends(part), stage.world.outbox) == (True, 1, [])
        assert (part.session.told(id).status, part.session.ledger.known(id).in_doubt) == ("", True)
        assert f"{id} is no longer with the agent; whether it was sent is not known" in part.logged

    gws(story)


def test_a_look_while_the_answer_is_under_way_says_nothing(gws: Gws) -> None:
    """The agent looks while Send is under way; that the draft is gone is told as nothing, and the server's yes counts afterwards."""

    async def story(stage: Any) -> None:
        id = await drafted(stage, "lost")
        session = (await stage.part()).session
        known = session.ledger.known(id)
        known.in_doubt = True
        stage.simulator.desk.interactions.find(id).owner = ""
        await session.look()
        meanwhile = known.status
        stage.simulator.desk.interactions.find(id).owner = "agent1"
        told = await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))

        assert (meanwhile, told.status, seen[-1].status, len(stage.world.outbox)) == ("", "sending", "sent", 1)

    gws(story)


def test_a_lost_answer_is_settled_by_the_notification(gws: Gws) -> None:
    """The server tells of this very mail that it was sent, though later than the first look at a list in which it is not any more."""

    async def story(stage: Any) -> None:
        id = await drafted(stage, f"answer_lost:1@{SEND}", "late=60ms")
        told = await stage.act("send")
        part = await stage.part()

        assert (told.status, part.session.ledger.known(id).how, sends(part), len(stage.world.outbox)) == ("sent", "notified", 1, 1)
        assert f"{id} is no longer with the agent; whether it was sent is not known" in part.logged

    gws(story)


def test_a_lost_answer_without_a_notification_stays_in_doubt(gws: Gws) -> None:
    """The mail left and nobody said so: GWS tells no other way of a mail that was sent, so nobody knows."""

    async def story(stage: Any) -> None:
        id = await drafted(stage, f"answer_lost:1@{SEND}", "lost")
        with pytest.raises(WireError) as lost:
            await stage.act("send")
        with pytest.raises(Refused, match="not found"):
            await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))
        part = await stage.part()

        assert (lost.value.maybe_sent, part.session.told(id).status, sends(part), len(stage.world.outbox)) == (True, "", 1, 1)

    gws(story)


def test_a_draft_that_is_still_there_is_told_as_a_draft(gws: Gws) -> None:
    """The request never arrived and the draft stands in the list: it is in doubt all the same, and can be sent by who decides so."""

    async def story(stage: Any) -> None:
        id = await drafted(stage, f"reset:1@{SEND}")
        with pytest.raises(WireError):
            await stage.act("send")
        before = (await stage.part()).session.told(id).status
        await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))

        assert (before, seen[-1].status, len(stage.world.outbox)) == ("draft", "sent", 1)

    gws(story)


@pytest.mark.parametrize("dialect", ["interactions", "emails"])
def test_a_yes_and_nobody_working_on_it_is_sent(gws: Gws, dialect: str) -> None:
    """Without notifications: the server took the Send over, and then neither the agent nor anybody else has the mail."""

    async def story(stage: Any) -> None:
        await drafted(stage, "lost")
        await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))

        assert ([m.status for m in seen], len(stage.world.outbox)) == (["sending", "sent"], 1)

    gws(story, dialect=dialect, options={"dialect": dialect})


@pytest.mark.parametrize("word", ["send", "cancel", "complete"])
def test_a_yes_is_not_the_end_of_a_mail_that_somebody_has(gws: Gws, word: str) -> None:
    """The server said yes and failed afterwards, the news of that was lost, and a colleague has the mail: its end is not told."""

    async def story(stage: Any) -> None:
        id = await drafted(stage, "lost")
        session = (await stage.part()).session
        session.ledger.answered(id, leads_to={"send": "sent", "cancel": "cancelled", "complete": "completed"}[word])
        taken_by_a_colleague(stage, id)
        for _ in range(3):
            await session.look()

        assert (session.told(id).status, stage.world.outbox) == ("draft", [])

    gws(story)


def test_an_operation_by_its_own_name_takes_back_what_was_expected(gws: Gws) -> None:
    """A Send that failed unheard leads to "sent"; once the draft is cancelled by `gws.operation`, its end is not "sent"."""

    async def story(stage: Any) -> None:
        id = await drafted(stage, "lost")
        await stage.act("send", {"queue": "Failing-email"})
        await stage.act("gws.operation", {"operation": "Cancel", "mail": id})
        session = (await stage.part()).session
        await session.look()

        assert (session.told(id).status, stage.world.outbox) == ("revoked", [])

    gws(story)


def test_whoever_may_not_read_the_mails_of_others_presumes_nothing(gws: Gws) -> None:
    """The server refuses the look at the contact centre's mails: the mail is on its way as far as anybody knows."""

    async def story(stage: Any) -> None:
        id = await drafted(stage, "lost", "403@GET */api/v2/interactions/*")
        await stage.act("send")
        part = await stage.part()
        await part.session.look()

        assert part.session.told(id).status == "sending"
        assert any(line.startswith(f"whether anybody works on {id} is not known") for line in part.logged)

    gws(story)


def told(state: str) -> Any:
    """A notification of mail 1."""
    return news_of("x", {"messageTypeName": "InteractionStateMessage", "id": "1", "state": state, "email_object": {"Subject": "S"}})


@pytest.mark.parametrize(
    ("leads_to", "handed_on", "active", "status", "how"),
    [
        ("sent", False, False, "sent", "looked"),
        ("sent", False, True, "draft", "notified"),
        ("completed", True, True, "completed", "looked"),
        ("", False, False, "revoked", "missed"),
        ("", False, True, "revoked", "missed"),
    ],
)
def test_what_a_mail_that_has_left_the_list_is(leads_to: str, handed_on: bool, active: bool, status: str, how: str) -> None:
    """An accepted operation ended it if nobody has it any more, or if somebody else has to; without one, it was taken away."""
    ledger = Ledger()
    ledger.notified(told("ReplyCreated"))
    ledger.answered("1", leads_to=leads_to, handed_on=handed_on)
    (known,) = ledger.missing(set(), {"1": "draft"})
    ledger.gone(known, active=active)

    assert (known.status, known.how) == (status, how)


@pytest.mark.parametrize(("state", "status"), [("Sent", "sent"), ("Canceled", "cancelled"), ("Completed", "completed")])
def test_an_end_that_is_told_late_counts_for_a_mail_that_was_missed(state: str, status: str) -> None:
    """A mail that was missing from the list counts as taken away only until somebody says what became of it."""
    ledger = Ledger()
    ledger.notified(told("ReplyCreated"))
    (known,) = ledger.missing(set(), {"1": "draft"})
    ledger.gone(known, active=False)
    ledger.notified(told(state))

    assert (known.status, known.how, ledger.doubt) == (status, "notified", False)


def test_what_was_done_to_a_mail_before_it_came_back_leads_nowhere() -> None:
    """It was handed over, came back, was taken again, and is gone: taken away, not "completed" by the transfer of then."""
    ledger = Ledger()
    ledger.notified(told("Processing"))
    ledger.answered("1", leads_to="completed", handed_on=True)
    ledger.notified(told("Completed"))
    ledger.looked(told("Invited"), was="completed")
    ledger.notified(told("Processing"))
    (known,) = ledger.missing(set(), {"1": "accepted"})
    ledger.gone(known, active=True)

    assert known.status == "revoked"
