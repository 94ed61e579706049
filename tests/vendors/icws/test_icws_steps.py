"""The shared steps and ICWS's own, through our client against the simulator, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from runner.errors import EnvironmentUnusable, Refused, StepTimedOut
from runner.simulation.world import Attachment, Mail
from runner.vendors.icws import VENDOR
from runner.vendors.icws.simulator.interactions import Address, Content
from runner.vendors.icws.simulator.settings import IcwsSettings

INVOICE = b"%PDF-1.7 \x00\xff invoice"
DRAFT = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}
CUSTOMER = {"from": "Joe <joe@example.com>", "subject": "Where is my parcel?", "text": "It is late."}


def status_is(*wanted: str) -> Callable[[Any], bool]:
    """An output has one of these statuses."""
    return lambda output: output.status in wanted


async def refusal_of(stage: Any, word: str, parameters: dict[str, Any] | None = None, *, by: str = "agent") -> Refused:
    """The refusal that a step meets."""
    with pytest.raises(Refused) as caught:
        await stage.act(word, parameters, by=by)
    return caught.value


async def taken(stage: Any, **mail: Any) -> str:
    """A customer's mail that the agent has accepted."""
    await stage.act("login")
    await stage.act("ready")
    await stage.act("receive", CUSTOMER | mail)
    return str((await stage.act("accept"))["id"])


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_login_gives_the_session_and_learns_its_secrets(play: Callable[..., None]) -> None:
    """Session id, token and cookie are taken out of everything that is recorded."""

    async def story(stage: Any) -> None:
        output = await stage.act("login")
        part = stage.parts["agent"]
        assert (output["user"], output["answer"]["http"]) == ("agent1", 201)
        assert set(part.learned) >= {"session id", "csrf token", f"cookie icws_{output['session']}"}
        assert part.learned["session id"] == output["session"]

    play(VENDOR, story)


def test_a_wrong_password_is_unauthenticated_by_400(play: Callable[..., None]) -> None:
    """The reason is neutral, the status and the code are the server's."""

    async def story(stage: Any) -> None:
        refused = await refusal_of(stage, "login", {"password": "wrong"})
        assert (refused.reason, refused.http) == ("unauthenticated", 400)
        assert refused.vendor_code == "error.request.connection.authenticationFailure"

    play(VENDOR, story)


def test_nothing_goes_out_before_login(play: Callable[..., None]) -> None:
    """A step without a session is refused here."""

    async def story(stage: Any) -> None:
        refused = await refusal_of(stage, "create", DRAFT)
        assert (refused.reason, stage.parts["agent"].exchanges) == ("unauthenticated", [])

    play(VENDOR, story)


def test_an_expired_session_is_unauthenticated(play: Callable[..., None]) -> None:
    """A step that has to be refused for want of a session meets no silent second login."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.expire_sessions()
        stage.parts["agent"].stays_out = True
        refused = await refusal_of(stage, "create", DRAFT)
        assert (refused.reason, refused.http, refused.vendor_code) == (
            "unauthenticated",
            401,
            "error.request.connection.authenticationFailure",
        )

    play(VENDOR, story)


def test_logout_ends_the_session_and_a_new_login_begins_another(play: Callable[..., None]) -> None:
    """Nothing is known any more after it."""

    async def story(stage: Any) -> None:
        first = await stage.act("login")
        await stage.act("create", DRAFT)
        await stage.act("logout")
        assert len(stage.simulator.office.sessions) == 0
        assert (await refusal_of(stage, "create", DRAFT)).reason == "unauthenticated"
        second = await stage.act("login")
        assert first["session"] != second["session"]
        assert (await stage.act("create", DRAFT))["status"] == "draft"

    play(VENDOR, story)


def test_closing_a_session_logs_out(play: Callable[..., None]) -> None:
    """Also while its message stream is open; a session that is gone already is as good."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        await stage.act("login", by="agent_2")
        await stage.parts["agent"].session.close()
        assert [s.user for s in stage.simulator.office.sessions] == ["agent2"]
        stage.simulator.expire_sessions()
        await stage.parts["agent_2"].session.close()

    play(VENDOR, story)


# ── outgoing mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("messages", ["auto", "poll"])
def test_the_everyday_mail_is_created_attached_sent_and_verified(messages: str, play: Callable[..., None]) -> None:
    """Log in, create, attach, send, verify: the customer gets the mail byte for byte, by stream and by poll alike."""

    async def story(stage: Any) -> None:
        stage.files["files/invoice.pdf"] = (INVOICE, "application/pdf")
        await stage.act("login")
        draft = await stage.act("create", DRAFT)
        assert (draft["status"], draft["to"], draft["answer"]["http"]) == ("draft", ["joe@example.com"], 201)
        attached = await stage.act("attach", {"file": "files/invoice.pdf"})
        assert (attached["name"], attached["answer"]["http"]) == ("invoice.pdf", 202)
        (seen,) = await stage.observe("verify_attachments", {"are": ["invoice.pdf"]}, until=lambda o: len(o.attachments) == 1)
        (found,) = seen.attachments
        assert (found.name, found.size, found.type, found.sha256) == (
            "invoice.pdf",
            len(INVOICE),
            "application/pdf",
            sha256(INVOICE).hexdigest(),
        )
        assert (await stage.act("send"))["answer"]["http"] == 200
        await stage.observe("verify_status", {"is": "sent"}, until=status_is("sent"))
        mail = stage.world.outbox[0]
        assert (mail.subject, mail.to, mail.attachments[0].content) == ("Your order", ["joe@example.com"], INVOICE)
        assert stage.parts["agent"].guarded == ["joe@example.com"]

    play(VENDOR, story, options={"messages": messages, "poll_seconds": 0.02})


def test_a_draft_is_edited_and_keeps_what_is_not_named(play: Callable[..., None]) -> None:
    """The whole content is saved; body, recipients and subject change one by one."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT | {"html": "<p>It is on its way.</p>", "cc": ["ann@example.com"]})
        edited = await stage.act("edit", {"subject": "Your order 4711", "to": "Joe <joe@example.com>, sam@example.com"})
        assert (edited["subject"], edited["to"], edited["cc"]) == (
            "Your order 4711",
            ["joe@example.com", "sam@example.com"],
            ["ann@example.com"],
        )
        assert (edited["text"], edited["html"]) == (DRAFT["text"], "<p>It is on its way.</p>")
        again = await stage.act("edit", {"text": "It is there."})
        assert (again["text"], again["html"], again["subject"]) == ("It is there.", "<p>It is on its way.</p>", "Your order 4711")

    play(VENDOR, story)


def test_a_dropped_draft_is_cancelled_and_not_sent(play: Callable[..., None]) -> None:
    """Both end in state I; they are told apart, by the actor who did it and by another who looks."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login", by="supervisor")
        dropped = await stage.act("create", DRAFT)
        assert (await stage.act("cancel"))["status"] == "cancelled"
        sent = await stage.act("create", DRAFT)
        assert (await stage.act("send"))["status"] == "sent"
        for mail, status in ((dropped, "cancelled"), (sent, "sent")):
            await stage.observe("verify_status", {"is": status, "mail": mail["id"]}, by="supervisor", until=status_is(status))
        assert len(stage.world.outbox) == 1

    play(VENDOR, story)


def test_a_sent_mail_that_the_server_forgot_is_still_known_as_sent(play: Callable[..., None]) -> None:
    """After the linger the server says 404; the session remembers what it did."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        await stage.act("send")
        outputs = await stage.observe("verify_status", {"is": "sent"}, until=status_is("sent"))
        assert outputs[-1].subject == "Your order"

    play(VENDOR, story, settings=IcwsSettings(linger_seconds=0))


@pytest.mark.parametrize(("state_string", "status"), [("Sent", "sent"), ("Disconnected", "cancelled"), ("Verschickt", "completed")])
def test_the_words_of_the_state_string_tell_sent_from_dropped(state_string: str, status: str, play: Callable[..., None]) -> None:
    """A wording that the environment does not know is not guessed at: the mail is only said to be completed."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login", by="supervisor")
        mail = await stage.act("create", DRAFT)
        await stage.act("send")
        await stage.observe("verify_status", {"is": status, "mail": mail["id"]}, by="supervisor", until=status_is(status))

    play(VENDOR, story, settings=IcwsSettings(sent_state=state_string))


@pytest.mark.parametrize("word", ["send", "edit", "cancel", "complete", "transfer"])
@pytest.mark.parametrize(("by", "mail", "reason"), [("agent", "2101999999", "not_found"), ("agent_2", "", "forbidden")])
def test_unknown_and_foreign_mails_are_refused(word: str, by: str, mail: str, reason: str, play: Callable[..., None]) -> None:
    """404 and 403, whatever one tries."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login", by="agent_2")
        draft = await stage.act("create", DRAFT)
        parameters = {"mail": mail or draft["id"]} | ({"to": "agent_2"} if word == "transfer" else {})
        assert (await refusal_of(stage, word, parameters, by=by)).reason == reason

    play(VENDOR, story, defaults={"workgroup": ""})


def test_sending_twice_is_refused(play: Callable[..., None]) -> None:
    """One mail, one refusal."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        await stage.act("send")
        assert ((await refusal_of(stage, "send")).http, len(stage.world.outbox)) == (400, 1)

    play(VENDOR, story)


def test_a_person_without_rights_is_refused(play: Callable[..., None]) -> None:
    """Create knows no 403: missing rights are 400."""

    async def story(stage: Any) -> None:
        await stage.act("login", by="restricted")
        assert (await refusal_of(stage, "create", DRAFT, by="restricted")).reason == "invalid"
        assert (await refusal_of(stage, "icws.send_recording", {"to": "qa@example.com"}, by="restricted")).reason == "forbidden"

    play(VENDOR, story)


def test_a_mail_without_sender_says_what_the_environment_lacks(play: Callable[..., None]) -> None:
    """Before anything is sent."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        with pytest.raises(EnvironmentUnusable, match="sender"):
            await stage.act("create", DRAFT)

    play(VENDOR, story, defaults={"from": ""})


# ── a customer's mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_customers_mail_is_received_accepted_answered_and_finished(play: Callable[..., None]) -> None:
    """The whole way of a mail, with its statuses."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("receive", CUSTOMER)
        await stage.observe("verify_status", {"is": "invited"}, until=status_is("invited"))
        mail = await stage.act("accept")
        assert (mail["status"], mail["subject"], mail["from"], mail["text"]) == (
            "accepted",
            CUSTOMER["subject"],
            "joe@example.com",
            "It is late.",
        )
        reply = await stage.act("reply", {"text": "It is on its way.", "quote": True})
        assert (reply["to"], reply["parent"], reply["subject"]) == (["joe@example.com"], mail["id"], f"RE: {CUSTOMER['subject']}")
        await stage.act("send")
        assert stage.parts["agent"].guarded == ["joe@example.com"]
        done = await stage.act("complete")
        assert (done["id"], done["status"]) == (mail["id"], "completed")
        assert stage.world.outbox[0].text == "It is on its way.\n\njoe@example.com wrote:\n> It is late."

    play(VENDOR, story)


def test_reply_all_goes_to_everybody_and_forward_takes_the_attachments(play: Callable[..., None]) -> None:
    """Who gets it is told by the server."""

    async def story(stage: Any) -> None:
        stage.files["files/photo.png"] = (b"\x89PNG", "image/png")
        await taken(stage, cc="ann@example.com", files=["files/photo.png"])
        mail = stage.arrived
        everybody = await stage.act("reply_all", {"text": "Hello all", "mail": mail})
        assert (everybody["to"], everybody["cc"]) == (["joe@example.com"], ["ann@example.com"])
        onward = await stage.act("forward", {"to": "desk@example.com", "text": "Please look", "mail": mail})
        assert (onward["to"], [a["name"] for a in onward["attachments"]]) == (["desk@example.com"], ["photo.png"])
        got = await stage.act("download", {"name": "photo.png"})
        assert (got["size"], got["sha256"], got["content"]) == (4, sha256(b"\x89PNG").hexdigest(), "")

    play(VENDOR, story)


def test_an_offer_is_taken_only_for_the_scenarios_own_mail(play: Callable[..., None]) -> None:
    """Another scenario's mail alerts the same agent and is left alone."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.simulator.receive(Mail("other@example.com", [], "Somebody else's"))
        mail = await stage.act("receive", CUSTOMER)
        await stage.simulator.receive(Mail("other@example.com", [], "Yet another"))
        assert (await stage.act("accept"))["id"] == mail.id

    play(VENDOR, story)


def test_an_own_draft_does_not_hide_the_offer(play: Callable[..., None]) -> None:
    """Who wrote a mail before may accept the one that comes now."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("create", DRAFT)
        mail = await stage.act("receive", CUSTOMER)
        assert (await stage.act("accept"))["id"] == mail.id

    play(VENDOR, story)


def test_nothing_is_offered_to_who_is_not_ready(play: Callable[..., None]) -> None:
    """The wait has an end, and says what the mail was doing."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("not_ready", {"reason": "Lunch"})
        await stage.act("receive", CUSTOMER)
        await stage.observe("verify_status", {"is": "queued"}, until=status_is("queued"))
        with pytest.raises(StepTimedOut, match="was not offered"):
            await stage.act("accept", {"within": "100ms"})

    play(VENDOR, story)


def test_a_rejected_offer_goes_back_to_its_workgroup(play: Callable[..., None]) -> None:
    """It is not offered to the same agent again, others may take it."""

    async def story(stage: Any) -> None:
        for by in ("agent", "agent_2"):
            await stage.act("login", by=by)
        await stage.act("ready")
        mail = await stage.act("receive", CUSTOMER)
        assert (await stage.act("reject"))["status"] == "queued"
        await stage.act("ready", by="agent_2")
        assert (await stage.act("accept", by="agent_2"))["id"] == mail.id

    play(VENDOR, story)


def test_a_mail_is_handed_to_another_agent(play: Callable[..., None]) -> None:
    """The taker is offered it and accepts; the giver cannot act on it any more."""

    async def story(stage: Any) -> None:
        mail = await taken(stage)
        await stage.act("login", by="agent_2")
        await stage.act("ready", by="agent_2")
        assert (await stage.act("transfer", {"to": "agent_2"}))["id"] == mail
        assert (await stage.act("accept", by="agent_2"))["status"] == "accepted"
        assert (await refusal_of(stage, "complete", {"mail": mail})).reason == "forbidden"
        assert (await stage.act("complete", by="agent_2"))["status"] == "completed"

    play(VENDOR, story)


@pytest.mark.parametrize("word", ["place_in_queue", "transfer"])
def test_a_mail_is_put_into_a_queue(word: str, play: Callable[..., None]) -> None:
    """By blind transfer to a workgroup."""

    async def story(stage: Any) -> None:
        await taken(stage)
        placed = await stage.act(word, {"queue": "Returns"})
        assert (placed["status"], placed["queue"]) == ("queued", "Returns")

    play(VENDOR, story)


def test_a_server_below_interactions_13_is_told_the_target_by_name(play: Callable[..., None]) -> None:
    """The queueID came with version 13."""

    async def story(stage: Any) -> None:
        await taken(stage)
        assert (await stage.act("place_in_queue", {"queue": "Returns"}))["queue"] == "Returns"
        asked = next(e for e in stage.parts["agent"].exchanges if e.url.endswith("/blind-transfer"))
        assert asked.request_body == b'{"target":"Returns"}'

    features = IcwsSettings().features | {"interactions": 12, "messaging": 1}
    play(VENDOR, story, settings=IcwsSettings(features=features), options={"poll_seconds": 0.02})


# ── attachments ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("item", ["Price list", "price-list.pdf"])
@pytest.mark.parametrize("inline", [True, False])
def test_a_library_file_is_found_by_name_and_inserted(item: str, inline: bool, play: Callable[..., None]) -> None:
    """Only an inline one has a Content-ID."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        got = await stage.act("attach", {"library": item, "inline": inline})
        assert (got["name"], bool(got.get("content_id", ""))) == ("price-list.pdf", inline)
        assert got["answer"]["body"] == {"contentId": got.get("content_id", "")}

    play(VENDOR, story)


def test_a_library_file_that_is_not_there_names_those_that_are(play: Callable[..., None]) -> None:
    """By name here; by id the server itself says 400."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        absent = await refusal_of(stage, "attach", {"library": "Prices"})
        assert (absent.reason, "Price list" in absent.text) == ("not_found", True)
        unknown = await refusal_of(stage, "icws.insert_from_library", {"item": "00000000-0000-4000-8000-000000000000"})
        assert (unknown.reason, unknown.http) == ("invalid", 400)

    play(VENDOR, story)


def test_attachments_come_off_again(play: Callable[..., None]) -> None:
    """By name; one that is not there names those that are."""

    async def story(stage: Any) -> None:
        stage.files["a.txt"] = (b"a", "text/plain")
        await stage.act("login")
        await stage.act("create", DRAFT)
        await stage.act("attach", {"file": "a.txt", "rename": "b.txt", "inline": True})
        await stage.act("attach", {"file": "a.txt"})
        assert (await stage.act("download", {"name": "b.txt"}))["content"] == "a"
        await stage.act("detach", {"name": "a.txt"})
        refused = await refusal_of(stage, "detach", {"name": "a.txt"})
        assert (refused.reason, "b.txt" in refused.text) == ("not_found", True)
        await stage.observe("verify_attachments", {"are": ["b.txt"]}, until=lambda o: [a.name for a in o.attachments] == ["b.txt"])

    play(VENDOR, story)


def test_an_attached_mail_is_downloaded_by_its_subject(play: Callable[..., None]) -> None:
    """Its text comes over the message queue."""

    async def story(stage: Any) -> None:
        mail = await taken(stage)
        inner = Content(Address("Ann", "ann@example.com"), "The first mail", text="Hello", at="20300102T090000Z")
        interaction = next(i for i in stage.simulator.office.desk if i.id == mail)
        interaction.content.mails["m1"] = inner
        stage.simulator.office.hub.contents(interaction)
        part = stage.parts["agent"]
        await part.session.contents(mail, 5.0, lambda c: bool(c["emailContent"]["messageAttachments"]))
        assert (await stage.act("download", {"name": "The first mail"}))["content"] == "Hello"

    play(VENDOR, story)


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("messages", ["auto", "poll"])
def test_events_are_heard_in_order(messages: str, play: Callable[..., None]) -> None:
    """Each expectation goes on behind the event that the one before it found."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("listen")
        mail = await stage.act("receive", CUSTOMER)
        heard = await stage.observe("expect_event", {"status": "invited"}, until=status_is("invited"))
        assert (heard[-1].mail, heard[-1].name, heard[-1].subject) == (mail.id, "queueContentsMessage", CUSTOMER["subject"])
        await stage.act("accept")
        await stage.observe("expect_event", {"status": "accepted"}, until=status_is("accepted"))
        with pytest.raises(TimeoutError):
            await stage.observe("expect_event", {"status": "invited"}, until=status_is("invited"), within=0.1)
        await stage.observe("expect_event", {"status": "invited", "any_order": True}, until=status_is("invited"))

    play(VENDOR, story, options={"messages": messages, "poll_seconds": 0.02})


def test_who_waits_for_an_event_has_the_queue_looked_at(play: Callable[..., None]) -> None:
    """However seldom the queue is polled: an event that may not come would else be missed when it does."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("listen")
        await stage.act("receive", CUSTOMER)
        await stage.observe("expect_event", {"status": "invited", "absent": True}, until=status_is("invited"))

    play(VENDOR, story, options={"messages": "poll", "poll_seconds": 3_600})


def test_a_sent_draft_is_heard_as_sent(play: Callable[..., None]) -> None:
    """The own queue tells what becomes of drafts."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        await stage.act("create", DRAFT)
        await stage.observe("expect_event", {"status": "draft"}, until=status_is("draft"))
        await stage.act("send")
        await stage.observe("expect_event", {"status": "sent"}, until=status_is("sent"))
        assert "queueContentsMessage" in [name for name, _ in stage.parts["agent"].notifications]

    play(VENDOR, story)


def test_a_watched_interaction_is_heard(play: Callable[..., None]) -> None:
    """Its attribute changes come as interactionChangedMessage."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        await stage.act("create", DRAFT)
        await stage.act("icws.watch", {"names": ["Eic_State"]})
        await stage.act("icws.hold", {"on": True})

        def held(event: Any) -> bool:
            return event.name == "interactionChangedMessage" and event.body["attributes"] == {"Eic_State": "H"}

        await stage.observe("expect_event", {"event": "interactionChangedMessage"}, until=held)

    play(VENDOR, story)


# ── ICWS's own ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("priority", "sent"), [("normal", 1), ("low", 2), ("high", 4), (99, 1)])
def test_a_recording_is_sent(priority: object, sent: int, play: Callable[..., None]) -> None:
    """204; the real, nested form goes out."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        output = await stage.act("icws.send_recording", {"to": "QA <qa@example.com>", "cc": "b@example.com", "priority": priority})
        assert output["answer"]["http"] == 204
        sent_recording = stage.simulator.office.recorder.sent[0]
        assert (sent_recording.priority, sent_recording.mail.to, sent_recording.mail.cc) == (sent, ["qa@example.com"], ["b@example.com"])

    play(VENDOR, story)


def test_several_recordings_are_sent_at_once(play: Callable[..., None]) -> None:
    """By the common resource."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("icws.send_recording", {"to": "qa@example.com", "recordings": ["b7d2e0c1-1", "b7d2e0c1-2"]})
        assert stage.simulator.office.recorder.sent[0].recordings == ("b7d2e0c1-1", "b7d2e0c1-2")

    play(VENDOR, story)


def test_recordings_are_tagged_described_and_exported(play: Callable[..., None]) -> None:
    """Written and read back."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        assert (await stage.act("icws.export_recording", {"recording": "b7d2e0c1-2", "attachment": 1})).uri.endswith("/b7d2e0c1-2/1")
        assert (await stage.act("icws.recording_tags", {"set": ["training"]}))["tags"] == ["training"]
        assert (await stage.act("icws.recording_tags", {"set": ["a b", "training"]}))["tags"] == ["training", "a b"]
        assert (await stage.act("icws.recording_tags", {"set": ["a b"]}))["tags"] == ["a b"]
        assert (await stage.act("icws.recording_tags", {"set": []}))["tags"] == []
        assert (await stage.act("icws.recording_attributes", {"set": {"Case": "4711"}}))["attributes"] == {"Case": "4711"}
        assert (await stage.act("icws.recording_attributes", {"set": {}}))["attributes"] == {}
        assert (await stage.act("icws.recording_details")).details["interactionId"] == "2101980001"

    play(VENDOR, story)


def test_interactions_are_held_parked_picked_up_and_disconnected(play: Callable[..., None]) -> None:
    """The plain verbs."""

    async def story(stage: Any) -> None:
        mail = await taken(stage)
        assert (await stage.act("icws.hold"))["native"]["attributes"]["Eic_State"] == "H"
        assert (await stage.act("icws.hold", {"on": False}))["native"]["attributes"]["Eic_State"] == "C"
        assert (await stage.act("icws.park"))["status"] == "queued"
        assert (await stage.act("icws.pickup", {"mail": mail}))["status"] == "accepted"
        assert (await stage.act("icws.disconnect"))["status"] == "completed"

    play(VENDOR, story)


def test_attributes_are_written_and_read(play: Callable[..., None]) -> None:
    """Appended where asked."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        await stage.act("icws.set_attributes", {"values": {"Order": "4711"}})
        appended = await stage.act("icws.set_attributes", {"values": {"Order": "4712"}, "append": "append_with_separator"})
        assert appended["attributes"] == {"Order": "4711|4712"}
        assert (await stage.act("icws.get_attributes", {"names": ["eic_state"]})).attributes == {"eic_state": "C"}

    play(VENDOR, story)


def test_stations_statuses_activations_licences_and_the_directory(play: Callable[..., None]) -> None:
    """What is set is read back."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        assert (await stage.act("icws.station", {"workstation": "Desk-1"}))["station"]["id"] == "Desk-1"
        assert (await stage.act("icws.station", {"leave": True}))["station"] == {}
        assert (await refusal_of(stage, "icws.station", {"workstation": "Nowhere"})).vendor_code == "-2147221496"
        assert (await stage.act("icws.status", {"status": "At Lunch"}))["status"] == "At Lunch"
        assert (await stage.act("icws.status"))["status"] == "At Lunch"
        assert (await stage.act("icws.activate", {"workgroup": "Returns", "on": False}))["activations"]["Returns"] is False
        assert (await stage.act("icws.acquire_licences", {"names": ["I3_ACCESS_CLIENT"]})).licences[0]["isAvailable"] is True
        assert (await stage.act("icws.resolve_address", {"name": "agent 2"})).addresses == [
            {"name": "Agent 2", "address": "agent2@shop.example"}
        ]
        assert (await stage.act("icws.server")).features["interactions"] == 13
        await stage.act("icws.send_plain_mail", {"to": "joe@example.com", "subject": "Hi", "text": "There"})
        assert stage.world.outbox[0].to == ["joe@example.com"]

    play(VENDOR, story)


def test_a_customers_attachment_is_verified_byte_for_byte(play: Callable[..., None]) -> None:
    """Names, sizes and hashes of what came in."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        mail = await stage.simulator.receive(
            Mail("joe@example.com", [], "Photo", attachments=[Attachment("a.png", b"\x00\x01", "image/png")])
        )
        await stage.act("accept", {"mail": mail})
        (seen,) = await stage.observe("verify_attachments", {"are": ["a.png"]}, until=lambda o: True)
        assert [(a.name, a.size, a.sha256) for a in seen.attachments] == [("a.png", 2, sha256(b"\x00\x01").hexdigest())]

    play(VENDOR, story)
