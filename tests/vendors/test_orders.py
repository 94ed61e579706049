"""
Notifications in any order, each of them twice: what is true in the end decides, not what came last.

The notifications are real ones, taken from the simulator while a mail was begun, written, sent or taken and finished.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import pytest

from runner.clock import Duration
from runner.vendors.gws import VENDOR as GWS
from runner.vendors.gws.ledger import Ledger
from runner.vendors.gws.notifications import News, news_of, read_resource
from runner.vendors.gws.simulator.settings import GwsSettings
from runner.vendors.icws import VENDOR as ICWS

QUICK = GwsSettings(delay=(Duration(milliseconds=1), Duration(milliseconds=2)))
MAIL = {"from": "kim@mail.example", "to": "help@shop.example", "subject": "Where is it", "text": "Order 77"}
TIMES = [1, 2]


async def answered(stage: Any) -> str:
    """A customer's mail is taken, answered and finished; gives its id."""
    await stage.act("login")
    await stage.act("ready")
    await stage.act("listen")
    await stage.act("receive", MAIL)
    taken = await stage.act("accept")
    id = str(taken["id"] if isinstance(taken, dict) else taken.id)
    await stage.act("reply", {"text": "It is on its way"})
    await stage.act("send")
    await stage.observe("verify_status", {"is": "sent"}, until=lambda o: o.status == "sent")
    await stage.act("complete", {"mail": id})
    return id


@pytest.mark.parametrize("times", TIMES)
def test_gws_notifications_in_every_order(times: int, play: Callable[..., None]) -> None:
    """All 120 orders of five notifications lead to the same status of every mail, once the ledger has looked where it doubts."""

    async def story(stage: Any) -> None:
        await answered(stage)
        five, sent, listed = await left_by(stage.parts["agent"])

        assert len(five) == 5
        assert verdicts(five, times, sent, listed) == {("completed", "sent")}

    play(GWS, story, settings=QUICK)


def test_gws_notifications_of_which_one_is_lost(play: Callable[..., None]) -> None:
    """Without the last one an order may leave the wrong status; the look after a gap puts it right by the list and by what was sent."""

    async def story(stage: Any) -> None:
        await answered(stage)
        five, sent, listed = await left_by(stage.parts["agent"])
        four, kept = five[:-1], [*listed, *({"id": id} for id in sent)]

        assert ("accepted", "sent") in verdicts(four, 1, sent, listed)
        assert verdicts(four, 1, sent, listed, gap=True) == {("completed", "sent")}
        assert verdicts(four, 1, sent, kept, gap=True) == {("accepted", "sent")}
        assert verdicts(four, 1, {}, listed, gap=True) == {("revoked", "sent")}

    play(GWS, story, settings=QUICK)


async def left_by(part: Any) -> tuple[list[News], dict[str, str], list[dict[str, Any]]]:
    """The last five notifications, what the client's own operations lead to (id → status), and the list that the server holds now."""
    told = [news_of("/v2/me/interactions", body) for _, body in part.notifications]
    sent = {known.id: known.leads_to for known in part.session.ledger.mails.values() if known.leads_to}
    return [news for news in told if news.mail][-5:], sent, await part.session.client.mine()


def verdicts(
    told: list[News], times: int, sent: dict[str, str], listed: list[dict[str, Any]], *, gap: bool = False
) -> set[tuple[str, ...]]:
    """The statuses of the mails, sorted, that the orders of the notifications lead to."""
    return {settled(order, times, sent, listed, gap=gap) for order in permutations(told)}


def settled(order: Sequence[News], times: int, sent: dict[str, str], listed: list[dict[str, Any]], *, gap: bool = False) -> tuple[str, ...]:
    """The statuses after the notifications in this order, and, if they left a doubt or had a gap, a look at the list."""
    ledger = Ledger()
    for id, end in sent.items():
        ledger.answered(id, leads_to=end)
    for news in order:
        for _ in range(times):
            ledger.notified(news)
    if ledger.doubt or gap:
        before = {known.id: known.status for known in ledger.mails.values()}
        found = [read_resource(each) for each in listed]
        for news in found:
            ledger.looked(news, was=before.get(news.mail, ""))
        for known in ledger.missing({news.mail for news in found}, before):
            ledger.gone(known, active=False)
    return tuple(sorted(known.status for known in ledger.mails.values()))


@pytest.mark.parametrize("times", TIMES)
def test_icws_messages_in_every_order(times: int, play: Callable[..., None]) -> None:
    """All 120 orders of five messages leave the mail in different states; a look, as a step takes it, tells the same."""

    async def story(stage: Any) -> None:
        id = await answered(stage)
        part = stage.parts["agent"]
        session = part.session
        five = [message for _, message in part.notifications if id in str(message)][:5]
        did, truth = session.known(id).did, (await session.look(id)).status
        before, after = set(), set()
        for order in permutations(five):
            session.mails.clear()
            session.known(id).did = did
            for message in order:
                for _ in range(times):
                    session._take(message)
            before.add(session.output(id).status)
            after.add((await session.look(id)).status)

        assert len(five) == 5
        assert len(before) > 1, "the orders make a difference, else the look has nothing to put right"
        assert after == {truth} == {"completed"}

    play(ICWS, story)


def test_icws_looks_that_are_wrong(play: Callable[..., None]) -> None:
    """After each of 120 orders and an old list, a look at old attributes says what they say, not what was hoped for."""

    async def story(stage: Any) -> None:
        id = await answered(stage)
        part = stage.parts["agent"]
        session = part.session
        lists = [message for kind, message in part.notifications if kind == "queueContentsMessage" and id in str(message)]
        offered = next(message for message in lists if '"A"' in json.dumps(message))
        answer = next(known.id for known in session.mails.values() if known.did == "sent")
        five = [message for _, message in part.notifications if id in str(message) or answer in str(message)][-5:]
        did = {mail: session.known(mail).did for mail in (id, answer)}
        wrong, right = set(), set()
        for order in permutations(five):
            session.mails.clear()
            for mail, end in did.items():
                session.known(mail).did = end
            for message in (*order, {**offered, "isDelta": False}):
                session._take(message)
            wrong |= await looked(stage, {id: "C", answer: "C"})
            right |= await looked(stage, {id: "I", answer: "I"})

        assert len(five) == 5
        assert wrong == {("accepted", "sending")}
        assert right == {("completed", "sent")}

    play(ICWS, story)


async def looked(stage: Any, states: dict[str, str]) -> set[tuple[str, ...]]:
    """The statuses that looks tell while the server says these states (id → letter)."""
    for interaction in stage.simulator.office.desk:
        interaction.state = states.get(interaction.id, interaction.state)
    return {tuple([(await stage.parts["agent"].session.look(id)).status for id in states])}


def test_icws_a_message_that_overtakes_a_look(play: Callable[..., None]) -> None:
    """An answer that was old before it had come is not believed: the server is asked once more."""

    async def story(stage: Any) -> None:
        for step, given in (("login", None), ("ready", None), ("listen", None), ("receive", MAIL), ("accept", None)):
            await stage.act(step, given)
        session, id = stage.parts["agent"].session, stage.arrived
        stage.simulator.faults.add("drip:1@GET */interactions/*=2ms")
        looking = asyncio.create_task(session.look(id))
        await asyncio.sleep(0)
        # when this one is answered, on a connection of its own, the server has looked for the one before
        await session.client.call("GET", f"interactions/{id}?select=Eic_State")
        stage.simulator.office.desk.disconnect(stage.simulator.office.desk.find(id))
        await session.inbox.until(lambda: session.known(id).state == "I" or None, 5)

        status, exchanges = (await looking).status, stage.parts["agent"].exchanges[-3:]

        assert status == "completed"
        assert [json.loads(exchange.body)["attributes"]["Eic_State"] for exchange in exchanges] == ["C", "C", "I"]

    play(ICWS, story)


@pytest.mark.parametrize(("lost", "really", "told"), [("added", "invited", "queued"), ("removed", "queued", "invited")])
def test_icws_a_change_of_the_queue_that_is_lost(lost: str, really: str, told: str, play: Callable[..., None]) -> None:
    """Whose offer it is, only the actor's own queue tells; a list that is older than a lost message is asked for again."""

    async def story(stage: Any) -> None:
        await stage.act("login", by="agent_2")
        await stage.act("ready", by="agent_2")
        for step, given in (("login", None), ("ready", None), ("receive", MAIL)):
            await stage.act(step, given)
        mail = {"mail": stage.arrived}
        await stage.observe("verify_status", {"is": "invited", **mail}, until=lambda o: o.status == "invited")
        if lost == "removed":
            # only the other agent is asked any more
            await stage.act("not_ready")
            await stage.observe("verify_status", {"is": "queued", **mail}, until=lambda o: o.status == "queued")
        # as if the last change had not come
        stage.parts["agent"].session.known(stage.arrived).offered = lost == "removed"
        seen = await stage.observe("verify_status", {"is": really, **mail}, until=lambda o: o.status == really)

        assert stage.parts["agent"].session.known(stage.arrived).state == "A"
        assert {output.status for output in seen} <= {really, told}

    play(ICWS, story, options={"ask_again_seconds": 0.2})


SEEN = """\
scenario: An agent takes a mail and answers it
vendor: VENDOR
steps:
  - login: {as: agent}
  - ready
  - listen
  - receive: {from: kim@mail.example, to: help@shop.example, subject: Where is it, text: Order 77}
  - accept
  - reply: {text: It is on its way}
  - send
  - verify_status: {is: sent, within: 5s}
cleanup:
  - logout
"""


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("vendor", [GWS, ICWS], ids=["gws", "icws"])
def test_orders_over_the_wire(vendor: Any, seed: int, carry: Callable[..., Any]) -> None:
    """The same while they overtake one another on the way, and each comes twice."""
    found = carry(vendor, SEEN, faults=["reorder=40ms", "duplicate"], seed=seed)
    assert (found.scenario.outcome, found.scenario.reason, found.mails()) == ("passed", "", 1)
