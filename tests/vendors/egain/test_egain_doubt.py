"""
Whose mail it is that a look finds after a lost answer: with others about who send the same words, no mail of theirs is taken for one's own.

A request that never arrived stays in doubt here; whoever calls it sent has taken another mail for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from runner.errors import AnswerLost, Refused, WireError
from runner.vendors.egain import VENDOR
from runner.vendors.egain.simulator.console import by_hand
from runner.vendors.egain.simulator.settings import EgainSettings

Play = Callable[..., None]

JOE = "joe@mail.example"
MAIL = {"to": JOE, "subject": "Your refund", "text": "Paid today."}
NEVER_ARRIVED = "reset:1@*/activity/send"
ANSWER_LOST = "answer_lost:1@*/activity/send"
LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def written(stage: Any, *, by: str = "agent", **given: str) -> str:
    """A draft with the same words as all the others, but for what is given."""
    return str((await stage.act("create", MAIL | given, by=by)).id)


async def said(stage: Any, mail: str, *, by: str = "agent") -> str:
    """What a send says of its mail."""
    try:
        await stage.act("send", {"mail": mail}, by=by)
    except WireError as exc:
        return "in doubt" if exc.maybe_sent else "not sent"
    return "sent"


async def two_sessions(stage: Any) -> None:
    """The user is logged in twice, as ``other`` and as ``agent``, and so long ago that nothing is asked for before a send."""
    await stage.act("login")
    stage.parts["other"] = stage.parts.pop("agent")
    await stage.act("login")
    for part in stage.parts.values():
        part.session.began = LONG_AGO


def activity_of(stage: Any, mail: str, *, by: str = "agent") -> str:
    """The activity that a draft is taken for, "" for none."""
    return str(stage.parts[by].session.drafts[mail].activity)


# ── others' mails ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("logged_in", ["a moment ago", "long ago"])
def test_a_colleagues_mail_is_not_ones_own(play: Play, logged_in: str) -> None:
    """Another agent's identical mail shows nothing of a request that never arrived; what stays in doubt is not sent again."""

    async def story(stage: Any) -> None:
        for agent in ("agent", "agent_2"):
            await stage.act("login", by=agent)
            if logged_in == "long ago":
                stage.parts[agent].session.began = LONG_AGO
        mine, theirs = await written(stage), await written(stage, by="agent_2")
        assert await said(stage, theirs, by="agent_2") == "sent"
        stage.simulator.faults.add(NEVER_ARRIVED)

        with pytest.raises(AnswerLost):
            await stage.act("send", {"mail": mine})
        with pytest.raises(Refused, match="may have been sent"):
            await stage.act("send", {"mail": mine})
        assert len(stage.world.outbox) == 1

    play(VENDOR, story)


def test_ones_own_mail_is_found_beside_a_colleagues(play: Play) -> None:
    """Both left, one answer was lost: each has an activity of its own."""

    async def story(stage: Any) -> None:
        for agent in ("agent", "agent_2"):
            await stage.act("login", by=agent)
        mine, theirs = await written(stage), await written(stage, by="agent_2")
        await said(stage, theirs, by="agent_2")
        stage.simulator.faults.add(ANSWER_LOST)

        assert await said(stage, mine) == "sent"
        assert activity_of(stage, mine) != activity_of(stage, theirs, by="agent_2")
        assert len(stage.world.outbox) == 2

    play(VENDOR, story)


def test_a_mail_of_an_earlier_session_is_not_this_ones(play: Play) -> None:
    """The same user sent the same words a moment ago, in a session that is over; the server's dates cannot tell the two moments apart."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        assert await said(stage, await written(stage)) == "sent"
        await stage.act("logout")
        await stage.parts.pop("agent").session.close()
        await stage.act("login")
        mine = await written(stage)
        stage.simulator.faults.add(NEVER_ARRIVED)

        assert await said(stage, mine) == "in doubt"
        assert len(stage.world.outbox) == 1

    play(VENDOR, story)


@pytest.mark.parametrize("theirs", [{"to": "ann@mail.example"}, {"subject": "Your order"}, {"subject": "Your refund, again"}])
def test_another_mail_is_another_one(play: Play, theirs: dict[str, str]) -> None:
    """What the same user sent elsewhere to somebody else, or with another subject, shows nothing."""

    async def story(stage: Any) -> None:
        await two_sessions(stage)
        assert await said(stage, await written(stage, by="other", **theirs), by="other") == "sent"
        mine = await written(stage)
        stage.simulator.faults.add(NEVER_ARRIVED)
        assert await said(stage, mine) == "in doubt"

    play(VENDOR, story)


@pytest.mark.parametrize("saved_by", ["agent", "other"])
def test_a_saved_mail_has_not_left(play: Play, saved_by: str) -> None:
    """It has the same user, recipient and subject, and nobody got it."""

    async def story(stage: Any) -> None:
        await two_sessions(stage)
        await stage.act("egain.save_draft", {**MAIL, "customer": {"first_name": "Joe"}}, by=saved_by)
        mine = await written(stage)
        stage.simulator.faults.add(NEVER_ARRIVED)
        assert await said(stage, mine) == "in doubt"
        assert stage.world.outbox == []

    play(VENDOR, story)


def test_a_reply_out_of_the_console_is_no_composed_mail(play: Play) -> None:
    """The same user answered the same mail by hand, with the same subject; the answer that the scenario sent is another one."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        received = await stage.act("receive", {"from": JOE, "subject": "Where is it?", "text": "Late."})
        await stage.act("accept", {"mail": received.id})
        stage.parts["agent"].session.began = LONG_AGO
        by_hand(stage.simulator.desk, json.dumps({"activity": received.id, "reply": "Soon.", "send_reply": True}).encode())
        mine = await stage.act("reply", {"mail": received.id, "text": "Soon."})
        stage.simulator.faults.add(NEVER_ARRIVED)
        assert await said(stage, mine.id) == "in doubt"

    play(VENDOR, story)


def test_more_than_one_mail_that_can_be_meant_leaves_the_doubt(play: Play) -> None:
    """The same user sent the same words elsewhere: which of the two is whose, no look can say."""

    async def story(stage: Any) -> None:
        await two_sessions(stage)
        assert await said(stage, await written(stage, by="other"), by="other") == "sent"
        mine = await written(stage)
        stage.simulator.faults.add(ANSWER_LOST)
        assert await said(stage, mine) == "in doubt"
        assert len(stage.world.outbox) == 2

    play(VENDOR, story)


# ── two of one's own ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("faults", [(NEVER_ARRIVED, ANSWER_LOST), (ANSWER_LOST, NEVER_ARRIVED)])
def test_of_two_mails_alike_none_is_called_sent_by_the_other(play: Play, faults: tuple[str, str]) -> None:
    """Two answers of one session are lost, one after the other, and one mail left: the one that did not leave is never called sent."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        verdicts = {}
        for fault in faults:
            mail = await written(stage)
            stage.simulator.faults.add(fault)
            verdicts[fault] = await said(stage, mail)

        assert verdicts[NEVER_ARRIVED] == "in doubt"
        assert len(stage.world.outbox) == 1

    play(VENDOR, story)


@pytest.mark.parametrize(("lost", "left"), [(NEVER_ARRIVED, 1), (ANSWER_LOST, 2)])
def test_two_mails_alike_at_once(play: Play, lost: str, left: int) -> None:
    """Once the other one has its answer, the doubt can be settled; as many are called sent as left, and no two are one."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        mails = [await written(stage), await written(stage)]
        stage.simulator.faults.add(lost)
        verdicts = await asyncio.gather(*(said(stage, mail) for mail in mails))

        taken = {activity_of(stage, mail) for mail in mails} - {""}
        assert (verdicts.count("sent"), len(taken), len(stage.world.outbox)) == (left, left, left)

    play(VENDOR, story)


@pytest.mark.parametrize("subjects", [("Your refund", "Your refund"), ("Ref ``activity_id", "Ref 12")])
def test_two_lost_answers_and_one_mail(play: Play, subjects: tuple[str, str]) -> None:
    """Two that may look alike, by their words or by a macro, lose their answers at once and one left: neither is called sent."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        mails = [await written(stage, subject=subject) for subject in subjects]
        stage.simulator.faults.add(NEVER_ARRIVED)
        stage.simulator.faults.add(ANSWER_LOST)
        verdicts = await asyncio.gather(*(said(stage, mail) for mail in mails))
        assert (list(verdicts), len(stage.world.outbox)) == (["in doubt", "in doubt"], 1)

    play(VENDOR, story)


# ── what is found ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("after_send", ["stay_assigned", "complete"])
def test_ones_own_mail_is_found_whatever_becomes_of_it(play: Play, after_send: str) -> None:
    """A mail that stays with the agent is found, and so is one that the server completes by itself."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        mine = await written(stage)
        stage.simulator.faults.add(ANSWER_LOST)
        assert await said(stage, mine) == "sent"

    play(VENDOR, story, settings=EgainSettings(after_send=after_send))


def test_a_mail_is_looked_for_by_what_was_sent(play: Play) -> None:
    """`extra` put another subject in: the mail is found under that one."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.faults.add(ANSWER_LOST)
        given = {**MAIL, "customer": {"first_name": "Joe"}, "extra": {"subject": "Another"}}
        told = await stage.act("egain.compose_and_send", given)
        assert (told.status, told.subject) == ("sent", "Another")

    play(VENDOR, story)


@pytest.mark.parametrize(("then", "verdict"), [((), "sent"), ((ANSWER_LOST,), "in doubt")])
def test_a_look_before_a_send_that_fails_harms_no_send(play: Play, then: tuple[str, ...], verdict: str) -> None:
    """The mail leaves all the same, once; only a doubt of it cannot be settled, since what is found may have stood there already."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        mine = await written(stage)
        for fault in ("500:1@GET */interaction/activity", *then):
            stage.simulator.faults.add(fault)
        assert await said(stage, mine) == verdict
        assert len(stage.world.outbox) == 1

    play(VENDOR, story)
