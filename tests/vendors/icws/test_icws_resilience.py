"""ICWS: sessions that end while messages are read, servers that hand over, streams that break; told by what went over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from runner.simulation.server import serving
from runner.simulation.world import World, default_people
from runner.vendors.icws import VENDOR
from runner.vendors.icws.simulator.app import IcwsSimulator
from runner.vendors.icws.simulator.settings import IcwsSettings
from runner.vendors.icws.simulator.stock import FEATURES
from tests.vendors.icws.conftest import noticed
from tests.vendors.test_session_expiry import answering

DRAFT = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}
POLLED = {"messages": "poll", "poll_seconds": 0.02}
DAY = answering(VENDOR)


def logins(stage: Any, name: str = "agent") -> list[int]:
    """What each login of an actor was answered with."""
    return [e.http for e in stage.parts[name].exchanges if e.method == "POST" and urlsplit(e.url).path == "/icws/connection"]


# ── a session that ends ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("calls", range(1, 21))
def test_a_server_that_is_only_polled_may_forget_the_session_at_any_call(calls: int, carry: Callable[..., Any]) -> None:
    """Below messaging 2 there is no stream: whichever call meets the 401, the poll too, one new login follows and one mail leaves."""
    found = carry(VENDOR, DAY, faults=[f"expire:{calls}"], files={"note.txt": "A note"}, features=FEATURES | {"messaging": 1})

    assert found.simulator.faults.told() == []
    assert (found.scenario.outcome, found.scenario.reason) == ("passed", "")
    assert (found.codes().count("E715"), found.mails()) == (1, 1)
    assert found.asked("POST", "/icws/connection?") == 2


@pytest.mark.parametrize("messages", ["auto", "poll"])
def test_the_reader_of_messages_meets_the_401_alone(messages: str, play: Callable[..., None]) -> None:
    """While a step only waits, the reader finds the session gone: it logs in once, puts back what was subscribed, and hears the offer."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("listen")
        stage.simulator.expire_sessions()
        mail = (await stage.act("receive", {"subject": "Where?"})).id
        await stage.observe("expect_event", {"status": "invited"}, until=lambda o: o.mail == mail)
        assert (stage.parts["agent"].logins_again, logins(stage)) == (1, [201, 201])
        assert [(s.user, list(s.queues), s.station is not None) for s in stage.simulator.office.sessions] == [
            ("agent1", ["my-queue"], True)
        ]
        assert (await stage.act("accept"))["id"] == mail

    play(VENDOR, story, options=POLLED | {"messages": messages})


# ── servers that hand over ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_that_expires_on_a_draining_server_is_opened_on_the_other(play: Callable[..., None]) -> None:
    """The new login meets 503 and is made at the alternate, once; station and subscriptions go along, and so does the next mail."""

    async def story(stage: Any) -> None:
        backup = IcwsSimulator(World(default_people(4), seed=1), IcwsSettings())
        async with serving(backup) as other:
            await stage.act("login")
            await stage.act("ready")
            await stage.act("listen")
            stage.simulator.office.accepting = False
            stage.simulator.office.alternates = (urlsplit(other.url).netloc,)
            stage.simulator.expire_sessions()
            await stage.act("create", DRAFT)
            await stage.act("send")
            part = stage.parts["agent"]
            assert (part.logins_again, logins(stage)) == (1, [201, 503, 201])
            assert (len(stage.world.outbox), len(backup.world.outbox)) == (0, 1)
            assert [(list(s.queues), s.station is not None) for s in backup.office.sessions] == [(["my-queue"], True)]
            await stage.act("logout")

    play(VENDOR, story)


def test_servers_that_name_each_other_are_asked_once_each(play: Callable[..., None]) -> None:
    """A ring of servers that take nobody ends as unavailable, not in a circle."""

    async def story(stage: Any) -> None:
        second = IcwsSimulator(World(default_people(1), seed=1), IcwsSettings(accepting=False))
        async with serving(second) as other:
            here, there = urlsplit(stage.serving.url).netloc, urlsplit(other.url).netloc
            stage.simulator.office.alternates, second.office.alternates = (there, here), (here, there)
            with pytest.raises(Exception, match="unavailable"):
                await stage.act("login")
            assert logins(stage) == [503, 503]

    play(VENDOR, story, settings=IcwsSettings(accepting=False))


# ── streams that break ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stream_that_breaks_several_times_loses_nothing(play: Callable[..., None]) -> None:
    """Each time it is opened again in the same session, and every draft begun meanwhile is heard of, in order."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        made = []
        part = stage.parts["agent"]
        for number in range(3):
            stage.simulator.faults.on_restart()
            await noticed(part.logged, "opening it again", number + 1)
            made.append((await stage.act("create", DRAFT | {"subject": f"Number {number}"}))["id"])
        heard: list[str] = []
        for id in made:
            heard += [o.mail for o in await stage.observe("expect_event", {"status": "draft"}, until=lambda o, wanted=id: o.mail == wanted)]
        assert (list(dict.fromkeys(heard)), part.logins_again, logins(stage)) == (made, 0, [201])

    play(VENDOR, story)
