"""
The shared words on eGain: our client against the simulator over a real socket, refusals included.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from runner.errors import AnswerLost, EnvironmentUnusable, Refused, StepTimedOut, Unsupported
from runner.plugins.vocabulary import can_follow
from runner.vendors.egain import VENDOR
from runner.vendors.egain.simulator.settings import EgainSettings

Play = Callable[..., None]
JOE = "joe@example.com"


async def arrived(stage: Any, **given: Any) -> str:
    """A customer's mail, in the queue."""
    mail = {"from": JOE, "subject": "Where is my parcel?", "text": "It is late.\nVery late."} | given
    return (await stage.act("receive", mail)).id


def status(wanted: str) -> Callable[[Any], bool]:
    return lambda output: output.status == wanted


def sends(stage: Any) -> int:
    """How many times compose-and-send was asked for."""
    return sum(e.method == "POST" and e.url.endswith("/activity/send") for p in stage.parts.values() for e in p.exchanges)


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_login_gives_the_session_and_makes_it_a_secret(play: Play) -> None:
    """The session's id is learned before anything shows it."""

    async def story(stage: Any) -> None:
        output = await stage.act("login")

        assert output.user == "agent1"
        assert output.session in stage.parts["agent"].learned.values()

    play(VENDOR, story)


def test_a_wrong_password_is_unauthenticated(play: Play) -> None:
    """Login with a wrong password is refused with 401, told in the older error shape."""

    async def story(stage: Any) -> None:
        with pytest.raises(Refused) as refused:
            await stage.act("login", {"password": "wrong"})

        assert (refused.value.reason, refused.value.http) == ("unauthenticated", 401)
        assert "password is wrong" in refused.value.text

    play(VENDOR, story)


@pytest.mark.parametrize("format", ["json", "xml"])
def test_an_expired_session_is_unauthenticated(play: Play, format: str) -> None:
    """A session that expired and is not to be opened again meets 401-101 at the next call, in either format."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": JOE, "subject": "x"})
        stage.simulator.expire_sessions()

        with pytest.raises(Refused) as refused:
            await stage.act("send")

        assert (refused.value.reason, refused.value.vendor_code) == ("unauthenticated", "401-101")

    play(VENDOR, story, options={"format": format, "login_again": False})


def test_login_again_repeats_the_request_once_and_says_so(play: Play) -> None:
    """The first expiry is mended and written down; the second one is not."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.expire_sessions()
        await stage.act("create", {"to": JOE, "subject": "x"})
        await stage.act("send")
        stage.simulator.expire_sessions()

        with pytest.raises(Refused) as refused:
            await stage.act("complete")

        assert refused.value.reason == "unauthenticated"
        assert len(stage.world.outbox) == 1
        assert any("logged in again" in line for line in stage.parts["agent"].logged)

    play(VENDOR, story)


def test_logout_ends_the_session_at_the_server(play: Play) -> None:
    """After logout no draft can be begun, and the server has no session left."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("logout")

        with pytest.raises(Refused) as refused:
            await stage.act("create", {"to": JOE})

        assert refused.value.reason == "unauthenticated"
        assert stage.simulator.described()["sessions"] == []

    play(VENDOR, story)


def test_closing_a_session_logs_out(play: Play) -> None:
    """A session that is closed without logout does not stay open at the server."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.parts["agent"].session.close()

        assert stage.simulator.described()["sessions"] == []

    play(VENDOR, story)


def test_an_unknown_language_is_not_acceptable(play: Play) -> None:
    """Accept-Language with an unknown code is refused with 406."""

    async def story(stage: Any) -> None:
        with pytest.raises(Refused) as refused:
            await stage.act("login")

        assert (refused.value.reason, refused.value.http) == ("not_acceptable", 406)

    play(VENDOR, story, options={"language": "xx-XX"})


def test_ready_and_not_ready_cannot_be_done() -> None:
    """Steps that would do nothing are not offered; the reason is told."""
    assert set(VENDOR.cannot) == {"ready", "not_ready"}


# ── writing and sending ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("format", ["json", "xml"])
def test_create_attach_send_verify(play: Play, format: str) -> None:
    """The everyday path is one request, and the mail arrives whole."""

    async def story(stage: Any) -> None:
        stage.files["files/bill.pdf"] = (b"%PDF-1.4\x00\xff", "application/pdf")
        await stage.act("login")
        draft = await stage.act(
            "create", {"to": "Joe Doe <joe@example.com>", "cc": "desk@shop.example", "subject": "Hi", "text": "a < b", "html": "<p>ü</p>"}
        )
        await stage.act("attach", {"file": "files/bill.pdf"})

        sent = await stage.act("send")

        seen = await stage.observe("verify_status", {"is": "sent"}, until=status("sent"))
        mail = stage.world.outbox[0]
        assert (draft.status, sent.status, sends(stage)) == ("draft", "sending", 1)
        assert (mail.sender, mail.to, mail.cc, mail.subject) == ("help@shop.example", [JOE], ["desk@shop.example"], "Hi")
        assert (mail.text, mail.html) == ("a < b", "<p>ü</p>")
        assert [(a.name, a.type, a.content) for a in mail.attachments] == [("bill.pdf", "application/pdf", b"%PDF-1.4\x00\xff")]
        assert (seen[-1].id, seen[-1].to, seen[-1].subject) == (sent.id, [JOE], "Hi")
        assert stage.parts["agent"].made == [("activity", sent.id)]
        bodies = [e.request_headers for e in stage.parts["agent"].exchanges if e.request_body]
        assert {headers["Content-Type"] for headers in bodies} == {headers["Accept"] for headers in bodies} == {f"application/{format}"}

    play(VENDOR, story, options={"format": format})


def test_a_drafts_id_still_names_the_mail_after_it_was_sent(play: Play) -> None:
    """What was saved before send goes on naming the mail."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        draft = msgspec.to_builtins(await stage.act("create", {"to": JOE, "subject": "Hi"}))
        await stage.act("send")

        seen = await stage.observe("verify_status", {"is": "sent", "mail": draft}, until=status("sent"))

        assert seen[-1].subject == "Hi"

    play(VENDOR, story)


def test_edit_detach_and_cancel_change_the_draft(play: Play) -> None:
    """What is named changes, what is not stays; a cancelled draft cannot be sent."""

    async def story(stage: Any) -> None:
        stage.files["a.txt"] = (b"a", "text/plain")
        await stage.act("login")
        await stage.act("create", {"to": JOE, "subject": "Hi", "text": "old"})
        await stage.act("attach", {"file": "a.txt", "rename": "b.txt"})
        edited = await stage.act("edit", {"text": "new", "cc": "a@b.example, c@d.example"})
        await stage.act("detach", {"name": "b.txt"})
        files = await stage.observe("verify_attachments", {"are": []}, until=lambda o: True)

        cancelled = await stage.act("cancel")
        with pytest.raises(Refused) as refused:
            await stage.act("send")

        assert (edited.subject, edited.text, edited.cc) == ("Hi", "new", ["a@b.example", "c@d.example"])
        assert (files[0].attachments, cancelled.status, refused.value.reason) == ([], "cancelled", "conflict")
        assert sends(stage) == 0

    play(VENDOR, story)


def test_detach_names_what_is_there(play: Play) -> None:
    """An attachment that is not there is not found, and the message lists the others."""

    async def story(stage: Any) -> None:
        stage.files["a.txt"] = (b"a", "text/plain")
        await stage.act("login")
        await stage.act("create", {"to": JOE})
        await stage.act("attach", {"file": "a.txt"})

        with pytest.raises(Refused, match=r"has a\.txt"):
            await stage.act("detach", {"name": "b.txt"})

    play(VENDOR, story)


@pytest.mark.parametrize("parameters", [{"library": "Price list"}, {"file": "a.txt", "inline": True}])
def test_what_compose_and_send_cannot_take_is_unsupported(play: Play, parameters: dict[str, Any]) -> None:
    """Library items and inline attachments are unsupported, not failed."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": JOE})

        with pytest.raises(Unsupported):
            await stage.act("attach", parameters)

    play(VENDOR, story)


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        ({"subject": "Hi"}, "emailAddresses.to"),
        ({"to": "joe@example.com, ann@example.com", "subject": "Hi"}, "emailAddresses.to"),
        ({"to": JOE}, "subject"),
        ({"to": JOE, "subject": "x" * 246}, "subject"),
        ({"to": JOE, "subject": "Hi", "from": "stranger@shop.example"}, "emailAddresses.from"),
        ({"to": JOE, "subject": "Hi", "cc": "nobody"}, "emailAddresses.cc"),
    ],
)
def test_an_invalid_mail_is_refused_with_its_element(play: Play, mail: dict[str, Any], text: str) -> None:
    """The server's 400 is told with the element that is wrong, and the draft can be mended."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", mail)

        with pytest.raises(Refused) as refused:
            await stage.act("send")

        assert (refused.value.reason, refused.value.http) == ("invalid", 400)
        assert text in refused.value.text
        await stage.act("edit", {"to": JOE, "cc": [], "from": "help@shop.example", "subject": "Hi"})
        await stage.act("send")
        assert [(m.to, m.cc, m.sender, m.subject) for m in stage.world.outbox] == [([JOE], [], "help@shop.example", "Hi")]

    play(VENDOR, story)


def test_an_agent_without_the_right_is_forbidden(play: Play) -> None:
    """Somebody without 'Create activity' may write a draft, and is refused when it is sent."""

    async def story(stage: Any) -> None:
        await stage.act("login", by="restricted")
        await stage.act("create", {"to": JOE, "subject": "Hi"}, by="restricted")

        with pytest.raises(Refused) as refused:
            await stage.act("send", by="restricted")

        assert (refused.value.reason, refused.value.http) == ("forbidden", 403)

    play(VENDOR, story)


def test_a_new_customer_can_be_left_to_the_server(play: Play) -> None:
    """Without new_customers an unknown address is refused, as eGain does it."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": JOE, "subject": "Hi"})

        with pytest.raises(Refused, match="customer"):
            await stage.act("send")

    play(VENDOR, story, options={"new_customers": False})


# ── answers that are lost ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lost_answer_is_not_sent_again_and_is_settled_by_looking(play: Play) -> None:
    """The mail left and the answer did not come: `send` finds the mail, says so, and cannot be repeated."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        draft = await stage.act("create", {"to": JOE, "subject": "Ref ``activity_id (a+b)"})
        stage.simulator.faults.add("answer_lost:1@*/activity/send")
        told = await stage.act("send")

        assert told.status == "sent"
        assert any(line.startswith("settled by looking") for line in stage.parts["agent"].logged)
        with pytest.raises(Refused, match="is sent already"):
            await stage.act("send", {"mail": draft.id})
        seen = await stage.observe("verify_status", {"is": "sent", "mail": draft.id}, until=status("sent"))

        assert len(stage.world.outbox) == 1
        assert sends(stage) == 1
        assert seen[-1].subject.endswith(" (a+b)")

    play(VENDOR, story)


def test_a_lost_request_stays_in_doubt(play: Play) -> None:
    """The request never arrived: nothing is found, the mail stays on its way, and nothing is sent again."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": JOE, "subject": "Hi"})
        stage.simulator.faults.add("reset:1@*/activity/send")
        with pytest.raises(AnswerLost):
            await stage.act("send")

        with pytest.raises(Refused, match="may have been sent"):
            await stage.act("send")
        seen = await stage.observe("verify_status", {"is": "sent"}, until=status("sending"))

        assert seen[-1].status == "sending"
        assert stage.world.outbox == []

    play(VENDOR, story)


def test_a_refused_send_leaves_a_draft(play: Play) -> None:
    """After a 503 nothing was sent, and the draft can be sent."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": JOE, "subject": "Hi"})
        stage.simulator.faults.add("503:1@*/activity/send")

        with pytest.raises(Refused) as refused:
            await stage.act("send")
        await stage.act("send")

        assert refused.value.reason == "unavailable"
        assert len(stage.world.outbox) == 1

    play(VENDOR, story)


def test_a_gateways_page_is_told_as_such(play: Play) -> None:
    """502 with an HTML page is unavailable, and its beginning is shown."""

    async def story(stage: Any) -> None:
        stage.simulator.faults.add("502:1")

        with pytest.raises(Refused, match="text/html") as refused:
            await stage.act("login")

        assert refused.value.reason == "unavailable"

    play(VENDOR, story)


# ── customers' mail ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_receive_accept_reply_send_complete(play: Play) -> None:
    """A customer's mail is taken, answered in its case from the address it was sent to, and finished."""

    async def story(stage: Any) -> None:
        id = await arrived(stage)
        await stage.act("login")
        queued = await stage.observe("verify_status", {"is": "queued"}, until=status("queued"))
        taken = await stage.act("accept")
        answer = await stage.act("reply", {"text": "It is on its way.", "quote": True})
        sent = await stage.act("send")
        done = await stage.act("complete", {"mail": id})

        mail = stage.world.outbox[0]
        assert (queued[0].id, taken.id, taken.status) == (id, id, "accepted")
        assert (answer.to, answer.from_, answer.subject) == ([JOE], "help@shop.example", "Re: Where is my parcel?")
        assert mail.text == "It is on its way.\n\njoe@example.com wrote:\n> It is late.\n> Very late."
        assert done.status == "completed"
        activities = stage.simulator.desk.activities
        assert activities[int(sent.id)].case == activities[int(id)].case

    play(VENDOR, story)


def test_reply_all_takes_everybody_along_but_us(play: Play) -> None:
    """Whoever got the mail is in cc, our own address is not."""

    async def story(stage: Any) -> None:
        await arrived(stage, to="help@shop.example", cc="ann@example.com, help@shop.example")
        await stage.act("login")

        answer = await stage.act("reply_all", {"text": "Hello all", "cc": "bob@example.com"})

        assert (answer.to, answer.cc) == ([JOE], ["bob@example.com", "ann@example.com"])
        assert "ann@example.com" in stage.parts["agent"].guarded

    play(VENDOR, story)


def test_forward_takes_text_and_attachments_along(play: Play) -> None:
    """A forwarded mail has the customer's words and files, byte for byte."""

    async def story(stage: Any) -> None:
        stage.files["photo.png"] = (b"\x89PNG\r\n", "image/png")
        await arrived(stage, files=["photo.png"])
        await stage.act("login")

        await stage.act("forward", {"to": "desk@example.com", "text": "Please look."})
        await stage.act("send")

        mail = stage.world.outbox[0]
        assert (mail.subject, mail.to) == ("Fw: Where is my parcel?", ["desk@example.com"])
        assert "> It is late." in mail.text
        assert [(a.name, a.content) for a in mail.attachments] == [("photo.png", b"\x89PNG\r\n")]

    play(VENDOR, story)


def test_accept_without_a_mail_pulls_the_next_one(play: Play) -> None:
    """When no mail is meant, whichever waits longest is pulled."""

    async def story(stage: Any) -> None:
        first = await arrived(stage)
        await arrived(stage, subject="Second")
        stage.arrived = None
        await stage.act("login")

        taken = await stage.act("accept")

        assert taken.id == first

    play(VENDOR, story)


def test_accept_ends_in_time_when_nothing_comes(play: Play) -> None:
    """Waiting for a mail has an end."""

    async def story(stage: Any) -> None:
        await stage.act("login")

        with pytest.raises(StepTimedOut):
            await stage.act("accept", {"within": "50ms"})

    play(VENDOR, story)


def test_accept_does_not_take_what_another_agent_has(play: Play) -> None:
    """A mail in somebody else's hands is a conflict."""

    async def story(stage: Any) -> None:
        id = await arrived(stage)
        await stage.act("login")
        await stage.act("login", by="agent_2")
        await stage.act("accept")

        with pytest.raises(Refused) as refused:
            await stage.act("accept", {"mail": id}, by="agent_2")

        assert refused.value.reason == "conflict"
        # whose number is whose is not mixed up by what was looked at first
        other = await arrived(stage, subject="Second")
        assert (await stage.act("accept", {"mail": other}, by="agent_2")).id == other
        for mail, by in ((id, "agent_2"), (other, "agent")):
            with pytest.raises(Refused, match="somebody else"):
                await stage.act("accept", {"mail": mail}, by=by)

    play(VENDOR, story)


def test_transfer_to_a_colleague(play: Play) -> None:
    """A transferred mail is offered to the other agent, who accepts and finishes it; the first one may not."""

    async def story(stage: Any) -> None:
        id = await arrived(stage)
        await stage.act("login")
        await stage.act("login", by="agent_2")
        await stage.act("accept")

        handed = await stage.act("transfer", {"to": "agent_2"})
        offered = await stage.observe("verify_status", {"is": "invited", "mail": id}, by="agent_2", until=status("invited"))
        with pytest.raises(Refused) as refused:
            await stage.act("complete", {"mail": id})
        taken = await stage.act("accept", {"mail": id}, by="agent_2")
        done = await stage.act("complete", by="agent_2")

        assert (handed.status, offered[0].id, taken.status, done.status) == ("invited", id, "accepted", "completed")
        assert refused.value.reason == "invalid"

    play(VENDOR, story)


def test_reject_and_place_in_queue_put_a_mail_back(play: Play) -> None:
    """Both put a mail in hand back into a queue; the environment knows the queues' numbers."""

    async def story(stage: Any) -> None:
        await arrived(stage)
        await stage.act("login")
        await stage.act("accept")
        rejected = await stage.act("reject")
        await stage.act("accept")
        placed = await stage.act("place_in_queue", {"queue": "Complaints"})
        back = await stage.act("transfer", {"queue": "Service mail"})

        assert (rejected.status, rejected.queue) == ("queued", "Service mail")
        assert (placed.status, placed.queue, back.queue) == ("queued", "Complaints", "Service mail")

    play(VENDOR, story)


@pytest.mark.parametrize(
    ("word", "parameters", "reason"),
    [
        ("transfer", {"to": "nobody"}, "not_found"),
        ("transfer", {"queue": "Nowhere"}, "invalid"),
        ("transfer", {}, "invalid"),
        ("transfer", {"queue": "2003"}, "invalid"),
        ("reply", {"mail": "999999"}, "not_found"),
        ("reply", {"mail": "abc"}, "invalid"),
        ("complete", {"mail": "999999"}, "not_found"),
        ("accept", {"mail": "999999"}, "not_found"),
        ("download", {"name": "a.txt"}, "not_found"),
        ("edit", {"text": "x"}, "conflict"),
        ("send", {}, "conflict"),
        ("send", {"mail": "draft-agent9-1"}, "not_found"),
        ("complete", {}, "invalid"),
    ],
)
def test_refusals_of_steps_on_a_mail(play: Play, word: str, parameters: dict[str, Any], reason: str) -> None:
    """Unknown mails, people and queues, and mails in the wrong state, are refused for a neutral reason."""

    async def story(stage: Any) -> None:
        await arrived(stage)
        await stage.act("login")

        with pytest.raises(Refused) as refused:
            await stage.act(word, parameters)

        assert refused.value.reason == reason

    play(VENDOR, story)


def test_an_unsent_draft_is_unknown_to_egain(play: Play) -> None:
    """Steps for mails that eGain knows refuse a draft."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": JOE})

        for word in ("complete", "reply", "place_in_queue"):
            with pytest.raises(Refused, match="until it is sent"):
                await stage.act(word)

    play(VENDOR, story)


def test_receive_needs_an_address(play: Play) -> None:
    """Without a default sender nobody knows where customers write to."""

    async def story(stage: Any) -> None:
        with pytest.raises(EnvironmentUnusable, match="where customers write to"):
            await stage.act("receive", {"text": "x"})

    play(VENDOR, story, defaults={"from": None})


# ── status, attachments ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("after_send", ["stay_assigned", "complete"])
def test_sent_is_seen_whatever_becomes_of_a_sent_activity(play: Play, after_send: Any) -> None:
    """Whether eGain keeps a sent mail or completes it, sent is seen, and completed can follow."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": JOE, "subject": "Hi"})
        await stage.act("send")

        await stage.observe("verify_status", {"is": "sent"}, until=status("sent"))
        if after_send == "stay_assigned":
            await stage.act("complete")
        seen = await stage.observe("verify_status", {"is": "completed"}, until=status("completed"))

        states = [o.status for o in seen]
        assert all(a == b or can_follow(a, b) for a, b in pairwise(states))

    play(VENDOR, story, settings=EgainSettings(after_send=after_send))


@pytest.mark.parametrize("dated", [True, False])
def test_a_draft_that_somebody_completed_was_never_sent(play: Play, dated: bool) -> None:
    """Only what left was sent: a completed mail without a date is one that this session sent, or it is not told as sent."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        draft = await stage.act("egain.save_draft", {"to": JOE, "subject": "Draft", "customer": {"first_name": "Joe"}})
        await stage.act("create", {"to": JOE, "subject": "Mail"})
        mail = await stage.act("send")
        activities = stage.simulator.desk.activities
        for id in (draft.id, mail.id):
            activities[int(id)].status = "completed"
            activities[int(id)].sent = activities[int(id)].created if dated else None

        of_draft = await stage.observe("verify_status", {"is": "completed", "mail": draft.id}, until=status("completed"))
        of_mail = await stage.observe("verify_status", {"is": "completed", "mail": mail.id}, until=status("completed"))

        assert [o.status for o in of_draft] == (["sent", "completed"] if dated else ["completed"])
        assert [o.status for o in of_mail] == ["sent", "completed"]

    play(VENDOR, story)


def test_a_slow_dispatcher_is_waited_for(play: Play) -> None:
    """A mail that waits for the dispatcher is sending, and sent when it has left."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": JOE, "subject": "Hi"})
        await stage.act("send")

        seen = await stage.observe("verify_status", {"is": "sent"}, until=status("sent"))

        assert seen[0].status == "sending"
        assert len(stage.world.outbox) == 1

    play(VENDOR, story, settings=EgainSettings(dispatch_seconds=0.1))


def test_attachments_are_verified_and_downloaded_byte_for_byte(play: Play) -> None:
    """Names and sizes come from the list, hashes from the bytes, which are fetched from a new place each time."""

    async def story(stage: Any) -> None:
        stage.files["photo.png"] = (b"\x89PNG\r\n\x00", "image/png")
        stage.files["note.txt"] = ("grüezi".encode(), "text/plain")
        await arrived(stage, files=["photo.png", "note.txt"])
        await stage.act("login")

        by_name = await stage.observe("verify_attachments", {"are": ["photo.png"]}, until=lambda o: True)
        by_hash = await stage.observe("verify_attachments", {"are": [{"same_as": "photo.png"}]}, until=lambda o: True)
        note = await stage.act("download", {"name": "note.txt"})
        again = await stage.act("download", {"name": "photo.png"})

        assert [(a.name, a.size, a.type) for a in by_name[0].attachments] == [("photo.png", 7, "image/png"), ("note.txt", 7, "text/plain")]
        assert by_hash[0].attachments[0].sha256 == again.sha256
        assert (note.content, again.content, again.size) == ("grüezi", "", 7)

    play(VENDOR, story)


# ── listening ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_changes_become_events_once_and_in_order(play: Play) -> None:
    """What happens after listen is found in its order; what was found is not found again."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        id = await arrived(stage)
        queued = await stage.observe("expect_event", {"status": "queued"}, until=status("queued"))
        await stage.act("accept")
        await stage.act("complete")

        accepted = await stage.observe("expect_event", {"status": "completed"}, until=status("completed"))
        anyway = await stage.observe("expect_event", {"any_order": True}, until=status("completed"))
        with pytest.raises(TimeoutError):
            await stage.observe("expect_event", {"status": "queued"}, until=status("queued"), within=0.1)

        assert (queued[0].name, queued[0].mail) == ("activity_created", id)
        assert [e.status for e in accepted] == ["accepted", "completed"]
        assert [e.status for e in anyway] == ["queued", "accepted", "completed"]

    play(VENDOR, story)


@pytest.mark.parametrize(
    ("word", "parameters"), [("verify_status", {"is": "completed"}), ("verify_attachments", {"are": ["a.txt"]}), ("expect_event", {})]
)
def test_whoever_looks_again_pauses_in_between(play: Play, word: str, parameters: dict[str, Any]) -> None:
    """A server is asked a few times while one waits, not as often as it answers; so it is by `accept`."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        asked = stage.parts["agent"].exchanges
        with pytest.raises(StepTimedOut):
            await stage.act("accept", {"within": "100ms"})
        pulled = sum(e.url.endswith("/pull") for e in asked)
        await arrived(stage)
        await stage.act("listen")
        before = len(asked)
        with pytest.raises(TimeoutError):
            await stage.observe(word, parameters, until=lambda o: False, within=0.1)

        assert 1 <= pulled <= 8
        assert 1 <= len(asked) - before <= 16

    play(VENDOR, story)


def test_what_stood_before_listening_is_no_event(play: Play) -> None:
    """Only what changes after listen is news, and only what concerns this actor or scenario."""

    async def story(stage: Any) -> None:
        await arrived(stage)
        await stage.act("login")
        await stage.act("login", by="agent_2")
        await stage.act("listen")
        await stage.act("create", {"to": "x@example.com", "subject": "someone else's"}, by="agent_2")
        await stage.act("send", by="agent_2")

        with pytest.raises(TimeoutError):
            await stage.observe("expect_event", {"absent": True}, until=lambda e: True, within=0.1)

    play(VENDOR, story)


def test_an_event_bears_the_name_under_which_the_mail_was_saved(play: Play) -> None:
    """A mail named by its draft is found in the events of what it became."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        draft = await stage.act("create", {"to": JOE, "subject": "Hi"})
        await stage.act("send")

        seen = await stage.observe("expect_event", {"status": "sent", "mail": draft.id}, until=status("sent"))

        assert seen[-1].mail == draft.id

    play(VENDOR, story)


def test_drafts_are_heard_of_in_their_order(play: Play) -> None:
    """A draft that is begun or dropped is an event where somebody listens, between what happens at the server."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        id = await arrived(stage)
        await stage.act("accept")
        first = await stage.act("reply", {"text": "x"})
        await stage.act("cancel")
        await stage.act("create", {"to": JOE, "subject": "Hi"})
        await stage.act("send")

        seen = await stage.observe("expect_event", {"status": "sent"}, until=status("sent"))

        assert [e.status for e in seen] == ["queued", "accepted", "draft", "cancelled", "draft", "sent"]
        assert [e.mail for e in seen[:4]] == [id, id, first.id, first.id]

    play(VENDOR, story)
