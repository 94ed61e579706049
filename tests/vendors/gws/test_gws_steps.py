"""Every shared word against the simulator, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from runner.clock import Duration
from runner.errors import Refused, StepTimedOut, Unsupported, WireError

Gws = Callable[..., None]

MAIL = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}


def reached(status: str) -> Callable[[Any], bool]:
    """Whether an output has the status."""
    return lambda output: output.status == status


async def asked(stage: Any, **letter: object) -> Any:
    """A customer wrote and the agent took the mail."""
    await stage.act("login")
    await stage.act("ready")
    await stage.act("receive", {"from": "joe@example.com", "subject": "Broken lamp", "text": "It does\nnot light.", **letter})
    return await stage.act("accept")


def test_a_new_mail_is_created_sent_and_known_as_sent(gws: Gws) -> None:
    """The everyday case: log in, create, send, verify; the mail leaves once, complete."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        created = await stage.act("create", {**MAIL, "cc": ["ann@example.com"], "bcc": "eve@example.com"})
        sent = await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))

        [mail] = stage.world.outbox
        assert created.status == "draft"
        assert sent.status in {"sending", "sent"}
        assert seen[-1].id == created.id
        assert (mail.sender, mail.to, mail.cc, mail.bcc) == (
            "help@shop.example",
            ["joe@example.com"],
            ["ann@example.com"],
            ["eve@example.com"],
        )
        assert (mail.subject, mail.text) == ("Your order", "It is on its way.")

    gws(story)


@pytest.mark.parametrize("dialect", ["interactions", "emails"])
@pytest.mark.parametrize("event_first", [False, True])
def test_the_whole_case_runs_in_both_dialects_whichever_comes_first(gws: Gws, dialect: str, *, event_first: bool) -> None:
    """Receive, accept, reply, attach, send, complete work in both dialects, also when each notification precedes its HTTP answer."""

    async def story(stage: Any) -> None:
        stage.files["files/a.txt"] = (b"abc", "text/plain")
        question = await asked(stage)
        answer = await stage.act("reply", {"text": "A new one is on its way."})
        await stage.act("attach", {"file": "files/a.txt"})
        await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))
        done = await stage.act("complete", {"mail": question.id})

        [mail] = stage.world.outbox
        assert answer.parent == question.id
        assert seen[-1].subject == "Re: Broken lamp"
        assert done.status == "completed"
        assert (mail.to, mail.sender, mail.subject, mail.text) == (
            ["joe@example.com"],
            "agent1@shop.example",
            "Re: Broken lamp",
            "A new one is on its way.",
        )
        assert [(a.name, a.content) for a in mail.attachments] == [("a.txt", b"abc")]

    gws(story, dialect=dialect, event_first=event_first, options={"dialect": dialect})


def test_login_learns_every_secret_of_the_session(gws: Gws) -> None:
    """The password pair, the cookies, the CSRF token and the CometD client id are taken out of everything that is recorded."""

    async def story(stage: Any) -> None:
        told = await stage.act("login")
        part = await stage.part()

        assert told.user == "agent1"
        assert {"password pair", "JSESSIONID", "CSRF token", "CometD client"} <= part.learned.keys()

    gws(story)


@pytest.mark.parametrize(
    ("actor", "parameters", "reason", "http"),
    [
        ("agent", {"password": "wrong"}, "unauthenticated", 401),
        ("agent", {"user": "nobody"}, "unauthenticated", 401),
        ("agent", {"password": ""}, "unauthenticated", 401),
        ("restricted", {}, "forbidden", 403),
    ],
)
def test_a_login_is_refused_with_its_reason(gws: Gws, actor: str, parameters: dict[str, object], reason: str, http: int) -> None:
    """A wrong password is unauthenticated, a person who is no agent is forbidden; nothing stays open."""

    async def story(stage: Any) -> None:
        with pytest.raises(Refused) as refused:
            await stage.act("login", parameters, by=actor)

        assert (refused.value.reason, refused.value.http) == (reason, http)
        assert stage.simulator.bayeux.described() == []

    gws(story)


def test_a_step_after_logout_is_unauthenticated(gws: Gws) -> None:
    """Logging out ends the contact-centre session, the cookie and CometD; the next call is refused, not logged in again."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("logout")
        with pytest.raises(Refused) as refused:
            await stage.act("create", {**MAIL, "queue": "Outbound-draft"})

        assert refused.value.reason == "unauthenticated"
        assert stage.simulator.center.agents["agent1"].started is False
        assert stage.simulator.bayeux.described() == []

    gws(story)


@pytest.mark.parametrize("fault", ["500", "reset", "409", "hang"])
def test_a_refused_not_ready_keeps_nobody_in(gws: Gws, fault: str) -> None:
    """The contact-centre session is ended all the same, and with it the agent's work; the record has a line about it."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        stage.simulator.faults.add(f"{fault}@POST */me/channels/email")
        await stage.act("logout")

        assert stage.simulator.center.agents["agent1"].started is False
        assert stage.simulator.bayeux.described() == []
        assert any("is not NotReady before the logout" in line for line in (await stage.part()).logged)

    gws(story)


@pytest.mark.parametrize("fault", ["500:1", "reset:1"])
def test_a_session_that_could_not_be_ended_is_ended_at_the_close(gws: Gws, fault: str) -> None:
    """The step is refused, or does not know; nothing is forgotten that may still be open."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.faults.add(f"{fault}@POST */me")
        with pytest.raises((Refused, WireError)):
            await stage.act("logout")
        assert stage.simulator.center.agents["agent1"].started is True
        await (await stage.part()).session.close()

        assert stage.simulator.center.agents["agent1"].started is False

    gws(story)


def test_logging_in_again_begins_anew(gws: Gws) -> None:
    """A second login ends the first session and works as the first did."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login")
        created = await stage.act("create", MAIL)

        assert created.status == "draft"
        assert len(stage.simulator.bayeux.described()) == 1

    gws(story)


def test_closing_a_session_logs_out_quietly(gws: Gws) -> None:
    """A session that nobody logged out ends the contact-centre session when it is closed, also when the server has forgotten it."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login", by="agent_2")
        part = stage.parts.pop("agent")
        await part.session.close()

        assert stage.simulator.center.agents["agent1"].started is False
        stage.simulator.expire_sessions()

    gws(story)


def test_an_expired_session_is_opened_again_once(gws: Gws) -> None:
    """The first expiry logs in again, marks it and goes on hearing; the second is the scenario's refusal."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.expire_sessions()
        created = await stage.act("create", MAIL)
        part = await stage.part()

        assert created.status == "draft"
        assert "logged in again" in part.logged
        stage.simulator.expire_sessions()
        with pytest.raises(Refused) as refused:
            await stage.act("send")
        assert refused.value.reason == "unauthenticated"
        assert stage.world.outbox == []

    gws(story)


def test_a_ready_agent_stays_ready_after_an_expiry_that_logged_them_out(gws: Gws) -> None:
    """When the expiry also ended the contact-centre session, it is started again and the channel is Ready as before."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        stage.simulator.expire_sessions()
        listed = await stage.act("gws.channels")

        assert [(c["channel"], c["state"]) for c in listed.channels] == [("email", "Ready")]

    gws(story, expiry_ends_contact_center=True)


def test_only_a_ready_agent_is_offered_mail(gws: Gws) -> None:
    """A mail waits while nobody is Ready; NotReady stops new offers and leaves what is in hand."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("receive", {"subject": "One"})
        with pytest.raises(StepTimedOut):
            await stage.act("accept", {"within": "100ms"})
        await stage.act("ready")
        one = await stage.act("accept")
        await stage.act("not_ready", {"reason": "OutToLunch"})
        await stage.act("receive", {"subject": "Two"})
        with pytest.raises(StepTimedOut) as late:
            await stage.act("accept", {"within": "100ms"})

        assert one.subject == "One"
        assert "was not offered" in late.value.message
        assert one.id in [i.id for i in (await stage.act("gws.interactions")).interactions]

    gws(story)


def test_what_is_rejected_is_offered_to_the_next(gws: Gws) -> None:
    """A rejected mail is revoked for who rejected it and offered to another agent of the scenario."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login", by="agent_2")
        await stage.act("ready")
        await stage.act("receive", {"subject": "Late parcel"})
        rejected = await stage.act("reject")
        await stage.act("ready", by="agent_2")
        taken = await stage.act("accept", by="agent_2")

        assert rejected.status == "revoked"
        assert (taken.id, taken.status, taken.subject) == (rejected.id, "accepted", "Late parcel")

    gws(story)


def test_an_offer_that_nobody_takes_is_revoked_and_made_again(gws: Gws) -> None:
    """When the invitation's time is up the mail is revoked, and offered again."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        await stage.act("ready")
        await stage.act("receive", {"subject": "Late parcel"})
        events = await stage.observe("expect_event", {"status": "revoked"}, until=reached("revoked"))
        again = await stage.observe("expect_event", {"status": "invited"}, until=reached("invited"))

        assert [e.status for e in events if e.mail] == ["invited", "revoked"]
        assert again[-1].mail == events[-1].mail

    gws(story, invitation=Duration(milliseconds=60))


@pytest.mark.parametrize("target", [{"to": "agent_2"}, {"skill": "Billing"}, {"queue": "Escalation"}])
def test_a_transferred_mail_is_the_takers(gws: Gws, target: dict[str, object]) -> None:
    """To a person, to a skill, to a queue: completed for the giver, offered to the taker, who answers it."""

    async def story(stage: Any) -> None:
        await stage.act("login", by="agent_2")
        question = await asked(stage)
        given = await stage.act("transfer", target)
        await stage.act("ready", by="agent_2")
        taken = await stage.act("accept", {"mail": question.id}, by="agent_2")
        with pytest.raises(Refused) as refused:
            await stage.act("complete", {"mail": question.id})

        assert given.status == "completed"
        assert (taken.id, taken.status) == (question.id, "accepted")
        assert refused.value.reason == "not_found"

    gws(story)


def test_a_draft_can_be_transferred_and_is_sent_by_the_taker(gws: Gws) -> None:
    """An outgoing mail goes to another agent as a draft with its contents and attachments."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login", by="agent_2")
        await stage.act("ready", by="agent_2")
        draft = await stage.act("create", MAIL)
        await stage.act("gws.update_properties", {"subject": "From a colleague", "to": "joe@example.com", "text": "Hello"})
        await stage.act("transfer", {"to": "agent_2"})
        taken = await stage.act("accept", {"mail": draft.id}, by="agent_2")
        await stage.act("send", by="agent_2")

        assert taken.status == "draft"
        assert [(m.subject, m.to) for m in stage.world.outbox] == [("From a colleague", ["joe@example.com"])]

    gws(story)


def test_reply_and_reply_all_differ_in_copies_and_quotes(gws: Gws) -> None:
    """Reply has no CC and no quote unless asked; ReplyAll copies CC and quotes by itself; prefix, line and indent go as they are."""

    async def story(stage: Any) -> None:
        question = await asked(stage, cc="ann@example.com")
        plain = await stage.act("reply", {"mail": question.id})
        quoted = await stage.act(
            "reply",
            {"mail": question.id, "quote": True, "start_line": "You wrote:", "indent": "> ", "subject_prefix": "AW: ", "text": "See:"},
        )
        everybody = await stage.act("reply_all", {"mail": question.id})

        assert (plain.to, plain.cc, plain.subject, plain.text) == (["joe@example.com"], [], "Re: Broken lamp", "")
        assert (quoted.subject, quoted.text) == ("AW: Broken lamp", "See:\n\nYou wrote:\n> It does\n> not light.")
        assert (everybody.cc, everybody.text) == (["ann@example.com"], "It does\nnot light.")
        assert len({plain.id, quoted.id, everybody.id, question.id}) == 4

    gws(story)


def test_an_edited_draft_is_sent_as_it_was_edited(gws: Gws) -> None:
    """What is named changes, what is not named stays."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        edited = await stage.act("edit", {"subject": "Corrected", "cc": "desk@example.com"})
        await stage.act("send")

        [mail] = stage.world.outbox
        assert (edited.subject, edited.text) == ("Corrected", "It is on its way.")
        assert (mail.subject, mail.text, mail.cc) == ("Corrected", "It is on its way.", ["desk@example.com"])

    gws(story)


def test_recipients_that_the_server_filled_in_are_guarded_before_sending(gws: Gws) -> None:
    """A reply goes to whom the customer's mail names, so they are checked against the allowed recipients before anything leaves."""

    async def story(stage: Any) -> None:
        await asked(stage)
        await stage.act("reply", {"text": "Yes", "bcc": "eve@example.com"})
        await stage.act("send")

        assert (await stage.part()).guarded == ["joe@example.com", "eve@example.com"]

    gws(story)


def test_a_cancelled_draft_is_never_sent(gws: Gws) -> None:
    """Cancel drops the draft; sending it afterwards is refused."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        cancelled = await stage.act("cancel")
        with pytest.raises(Refused) as refused:
            await stage.act("send")

        assert cancelled.status == "cancelled"
        assert refused.value.reason == "not_found"
        assert stage.world.outbox == []

    gws(story)


def test_a_mail_put_into_a_queue_waits_for_somebody_else(gws: Gws) -> None:
    """PlaceInQueue ends the giver's work; the next Ready agent is offered the mail, the giver is not."""

    async def story(stage: Any) -> None:
        await stage.act("login", by="agent_2")
        question = await asked(stage)
        placed = await stage.act("place_in_queue", {"queue": "Escalation"})
        waiting = await stage.observe("verify_status", {"is": "queued", "mail": question.id}, by="agent_2", until=reached("queued"))
        await stage.act("ready", by="agent_2")
        taken = await stage.act("accept", by="agent_2")

        assert (placed.status, placed.queue) == ("completed", "Escalation")
        assert waiting[-1].id == question.id
        assert taken.id == question.id

    gws(story)


FILES = {
    "files/plain.txt": (b"hello\n", "text/plain"),
    "files/empty.txt": (b"", "text/plain"),
    'files/日本語 "q" ü.bin': (bytes(range(256)) * 40 + b"\r\n--", "application/octet-stream"),
}


@pytest.mark.parametrize("path", list(FILES))
@pytest.mark.parametrize("dialect", ["interactions", "emails"])
def test_attachments_go_round_byte_for_byte(gws: Gws, path: str, dialect: str) -> None:
    """Content, name and type come back as they went, the empty file and a name in other scripts included."""

    async def story(stage: Any) -> None:
        stage.files.update(FILES)
        content, kind = FILES[path]
        await stage.act("login")
        await stage.act("create", MAIL)
        attached = await stage.act("attach", {"file": path})
        got = await stage.act("download", {"name": attached.name})
        verified = await stage.observe("verify_attachments", {"are": [attached.name]}, until=lambda _: True)
        await stage.act("send")

        digest = sha256(content).hexdigest()
        assert (got.name, got.size, got.type, got.sha256) == (path[6:], len(content), kind, digest)
        assert [(a.name, a.sha256, a.size) for a in verified[-1].attachments] == [(path[6:], digest, len(content))]
        assert [(a.name, a.content) for a in stage.world.outbox[0].attachments] == [(path[6:], content)]

    gws(story, dialect=dialect, options={"dialect": dialect})


def test_a_detached_file_is_gone_and_an_unknown_one_is_not_found(gws: Gws) -> None:
    """Detach removes one attachment by name; a name that is not there is refused with the names that are."""

    async def story(stage: Any) -> None:
        stage.files.update(FILES)
        await stage.act("login")
        await stage.act("create", MAIL)
        await stage.act("attach", {"file": "files/plain.txt", "rename": "a.txt", "type": "text/csv"})
        await stage.act("attach", {"file": "files/empty.txt"})
        await stage.act("detach", {"name": "a.txt"})
        left = await stage.observe("verify_attachments", {"are": ["empty.txt"]}, until=lambda _: True)
        with pytest.raises(Refused) as refused:
            await stage.act("detach", {"name": "a.txt"})

        assert [a.name for a in left[-1].attachments] == ["empty.txt"]
        assert refused.value.reason == "not_found"
        assert "empty.txt" in refused.value.text

    gws(story)


def test_a_received_mails_attachments_can_be_fetched_and_not_changed(gws: Gws) -> None:
    """The agent reads what the customer attached; adding to it is refused."""

    async def story(stage: Any) -> None:
        stage.files.update(FILES)
        await asked(stage, files=["files/plain.txt"])
        got = await stage.act("download", {"name": "plain.txt"})
        with pytest.raises(Refused) as refused:
            await stage.act("attach", {"file": "files/empty.txt"})

        assert got.content == "hello\n"
        assert (refused.value.reason, refused.value.vendor_code) == ("invalid", "2")

    gws(story)


@pytest.mark.parametrize("dialect", ["interactions", "emails"])
def test_a_library_item_is_attached_by_its_name(gws: Gws, dialect: str) -> None:
    """The environment knows the documentIds of library items; an id that does not exist is not found."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", MAIL)
        linked = await stage.act("attach", {"library": "Price list"})
        with pytest.raises(Refused) as refused:
            await stage.act("attach", {"library": "No such thing"})
        await stage.act("send")

        assert (linked.name, linked.type) == ("Price list.pdf", "application/pdf")
        assert refused.value.reason == "not_found"
        assert [a.name for a in stage.world.outbox[0].attachments] == ["Price list.pdf"]

    gws(story, dialect=dialect, options={"dialect": dialect})


@pytest.mark.parametrize(
    ("word", "parameters", "why"),
    [
        ("create", {**MAIL, "html": "<p>Hello</p>"}, "plain text only"),
        ("attach", {"file": "files/plain.txt", "inline": True}, "no inline"),
    ],
)
def test_what_the_vendor_cannot_do_is_unsupported(gws: Gws, word: str, parameters: dict[str, object], why: str) -> None:
    """HTML bodies in the first dialect and inline attachments in any are unsupported, and nothing is sent."""

    async def story(stage: Any) -> None:
        stage.files.update(FILES)
        await stage.act("login")
        await stage.act("create", MAIL)
        with pytest.raises(Unsupported) as told:
            await stage.act(word, parameters)

        assert why in told.value.message

    gws(story)


def test_html_goes_out_in_the_later_dialect(gws: Gws) -> None:
    """The later dialect sends an HTML body beside the plain text."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {**MAIL, "html": "<p>Hello</p>"})
        await stage.act("send")

        assert [(m.html, m.text) for m in stage.world.outbox] == [("<p>Hello</p>", "It is on its way.")]

    gws(story, dialect="emails", options={"dialect": "emails"})


def test_notifications_are_told_in_order_and_none_is_lost_between_steps(gws: Gws) -> None:
    """What is pushed while an acting step runs is there for the expect_event after it; each one looks behind the last."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        created = await stage.act("create", MAIL)
        draft = await stage.observe("expect_event", {"status": "draft"}, until=reached("draft"))
        await stage.act("send")
        sent = await stage.observe("expect_event", {"status": "sent"}, until=reached("sent"))
        everything = await stage.observe("expect_event", {"status": "sent", "any_order": True}, until=reached("sent"))

        assert (draft[-1].mail, draft[-1].name, draft[-1].channel) == (created.id, "InteractionStateMessage", "/v2/me/interactions")
        assert sent[-1].body["state"] == "Sent"
        assert [e.status for e in everything if e.mail] == ["draft", "sent"]
        stage.simulator.notifier.tell("agent1", "/v2/me/marker", {"messageType": "Marker"})
        after = await stage.observe("expect_event", {"status": "draft"}, until=lambda event: event.name == "Marker")
        assert [event.name for event in after] == ["Marker"], "what was found before is not found again"

    gws(story)


def test_nobody_hears_what_is_a_colleagues(gws: Gws) -> None:
    """Notifications go to the owner's session only."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login", by="agent_2")
        await stage.act("listen", by="agent_2")
        await stage.act("create", MAIL)
        stage.simulator.notifier.tell("agent2", "/v2/me/marker", {"messageType": "Marker"})
        heard = await stage.observe("expect_event", {"any_order": True}, by="agent_2", until=lambda event: event.name == "Marker")

        assert [event.mail for event in heard if event.mail] == []

    gws(story)


def test_two_drafts_begun_at_once_are_two(gws: Gws) -> None:
    """Steps that run side by side in one session each get a draft of their own."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        one, two = await asyncio.gather(stage.act("create", {**MAIL, "subject": "One"}), stage.act("create", {**MAIL, "subject": "Two"}))

        assert one.id != two.id
        assert {one.subject, two.subject} == {"One", "Two"}

    gws(story)
