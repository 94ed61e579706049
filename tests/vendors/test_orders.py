"""
Notifications in any order, each of them twice: what is true in the end decides, not what came last.

The notifications are real ones, taken from the simulator while a mail was begun, written, sent or taken and finished.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from runner.clock import Duration
from runner.vendors.gws import VENDOR as GWS
from runner.vendors.gws.ledger import Ledger
from runner.vendors.gws.notifications import news_of
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
        part = stage.parts["agent"]
        told = [news_of("/v2/me/interactions", body) for name, body in part.notifications]
        five = [news for news in told if news.mail][-5:]
        truth = {id: known.status for id, known in part.session.ledger.mails.items()}

        verdicts = {tuple(sorted(settled(order, times, truth).items())) for order in permutations(five)}

        assert len(five) == 5
        assert verdicts == {tuple(sorted((id, truth[id]) for id in {news.mail for news in five}))}

    play(GWS, story, settings=QUICK)


def settled(order: Any, times: int, truth: dict[str, str]) -> dict[str, str]:
    """The status of each mail after the notifications in this order, and, if they left a doubt, a look at the list that it has left."""
    ledger = Ledger()
    for id, status in truth.items():
        ledger.known(id).leads_to = status
    for news in order:
        for _ in range(times):
            ledger.notified(news)
    if ledger.doubt:
        ledger.gone(set(), {known.id: known.status for known in ledger.mails.values()})
    return {known.id: known.status for known in ledger.mails.values() if known.status}


@pytest.mark.parametrize("times", TIMES)
def test_icws_messages_in_every_order(times: int, play: Callable[..., None]) -> None:
    """All 120 orders of five messages lead to the same status and contents of the mail when it is looked at."""

    async def story(stage: Any) -> None:
        id = await answered(stage)
        part = stage.parts["agent"]
        session = part.session
        five = [message for _, message in part.notifications if id in str(message)][:5]
        did, truth = session.known(id).did, (await session.look(id)).status
        verdicts = set()
        for order in permutations(five):
            session.mails.clear()
            session.known(id).did = did
            for message in order:
                for _ in range(times):
                    session._take(message)
            verdicts.add((await session.look(id)).status)

        assert len(five) == 5
        assert verdicts == {truth} == {"completed"}

    play(ICWS, story)


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
