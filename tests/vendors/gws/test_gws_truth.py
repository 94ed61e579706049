"""No step says more than the server did: answers that say nothing, lists that are not there, hashes of what was really kept."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from runner.errors import Refused, WireError
from runner.plugins.vocabulary import AttachmentOutput
from runner.simulation.world import Attachment
from runner.transport.exchange import Exchange
from runner.vendors.gws.ledger import Ledger
from runner.vendors.gws.notifications import News
from runner.vendors.gws.refusals import judge, said_yes

Gws = Callable[..., None]

MAIL = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}
EMAILS: dict[str, Any] = {"dialect": "emails", "options": {"dialect": "emails"}}
SEND = "POST */me/interactions/?*#Send"


def reached(status: str) -> Callable[[Any], bool]:
    """Whether an output has the status."""
    return lambda output: output.status == status


def answer(http: int, body: dict[str, object]) -> Exchange:
    """An exchange with this answer."""
    raw = msgspec.json.encode(body)
    return Exchange("POST", "http://h/api/v2/me", {}, b"", http=http, headers={"Content-Type": "application/json"}, body=raw)


async def drafted(stage: Any, *faults: str) -> Any:
    """A draft as the simulator keeps it, of a logged-in agent, and what breaks from now on."""
    stage.files["a.txt"] = (b"abc", "text/plain")
    await stage.act("login")
    await stage.act("create", MAIL)
    for fault in faults:
        stage.simulator.faults.add(fault)
    (kept,) = stage.simulator.desk.interactions.active()
    return kept


@pytest.mark.parametrize(
    ("http", "body", "reason"),
    [
        (500, {"statusCode": 0}, "server_error"),
        (403, {"status": "ok"}, "forbidden"),
        (200, {"statusCode": False}, "invalid"),
        (200, {"status": False}, "invalid"),
        (200, {"status": True}, "invalid"),
    ],
)
def test_what_contradicts_itself_is_no_yes(http: int, body: dict[str, object], reason: str) -> None:
    """A yes beside an HTTP error is an error; true and false are no return codes."""
    with pytest.raises(Refused) as refused:
        judge(answer(http, body))

    assert refused.value.reason == reason


def test_an_answer_without_a_word_is_no_yes() -> None:
    """An operation's answer says ok; one that says nothing may have been carried out or not."""
    with pytest.raises(WireError, match="says neither yes nor no") as silent:
        said_yes(answer(200, {}), judge(answer(200, {})))

    assert (silent.value.code, silent.value.maybe_sent) == ("E704", True)


@pytest.mark.parametrize("heard", [True, False])
def test_a_send_that_was_answered_without_a_word_is_in_doubt(gws: Gws, heard: bool) -> None:
    """The notification settles it; without one nobody knows."""

    async def story(stage: Any) -> None:
        await drafted(stage, f"drift:1@{SEND}=missing-field:status", *(() if heard else ("lost",)))
        if heard:
            assert (await stage.act("send")).status == "sent"
        else:
            with pytest.raises(WireError, match="neither yes nor no"):
                await stage.act("send")

        assert len(stage.world.outbox) == 1

    gws(story)


def test_a_list_that_is_not_there_is_not_empty(gws: Gws) -> None:
    """A mail does not count as gone because the answer has no list; the look has failed."""

    async def story(stage: Any) -> None:
        kept = await drafted(stage, "drift:1@GET */me/interactions=missing-field:interactions")
        session = (await stage.part()).session
        with pytest.raises(WireError, match="no list of interactions"):
            await session.look()

        assert session.told(kept.id).status == "draft"

    gws(story)


def test_a_look_that_failed_leaves_its_doubt(gws: Gws) -> None:
    """What did not fit before is still looked for."""

    async def story(stage: Any) -> None:
        await drafted(stage, "503:1@GET */me/interactions")
        session = (await stage.part()).session
        session.ledger.doubt = True
        with pytest.raises(Refused, match="unavailable"):
            await session.look()
        after = session.ledger.doubt
        await session.look()

        assert (after, session.ledger.doubt) == (True, False)

    gws(story)


def test_an_answer_about_nobody_is_no_mail(gws: Gws) -> None:
    """A look at one mail whose answer has no mail in it has failed, and tells of none."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("login", by="agent_2")
        created = await stage.act("create", MAIL, by="agent_2")
        stage.simulator.faults.add("drift@GET */api/v2/interactions/*=missing-field:interaction")
        with pytest.raises(WireError, match="tells of no such interaction"):
            await stage.observe("verify_status", {"is": "draft", "mail": created.id}, until=bool)

    gws(story)


def test_an_upload_without_a_document_is_no_attachment(gws: Gws) -> None:
    """The server says 0 and names no document: nothing is told to be attached."""

    async def story(stage: Any) -> None:
        kept = await drafted(stage, "drift@POST */attachments=missing-field:documentId")
        with pytest.raises(WireError, match="no documentId"):
            await stage.act("attach", {"file": "a.txt"})

        assert (await stage.part()).session.ledger.known(kept.id).files.keys() <= kept.documents.keys()

    gws(story)


@pytest.mark.parametrize("given", [{}, EMAILS], ids=["interactions", "emails"])
def test_a_hash_is_of_what_the_server_keeps(gws: Gws, given: dict[str, Any]) -> None:
    """The server keeps other bytes than were sent: `verify_attachments` tells theirs."""

    async def story(stage: Any) -> None:
        kept = await drafted(stage)
        sent = await stage.act("attach", {"file": "a.txt"})
        (id,) = kept.documents
        kept.documents[id] = msgspec.structs.replace(kept.documents[id], attachment=Attachment("a.txt", b"xyz!", "text/plain"))
        (seen,) = (await stage.observe("verify_attachments", {"are": ["a.txt"]}, until=bool))[-1].attachments

        assert (sent.sha256, sent.size) == (sha256(b"abc").hexdigest(), 3)
        assert (seen.sha256, seen.size) == (sha256(b"xyz!").hexdigest(), 4)

    gws(story, **given)


@pytest.mark.parametrize("fetched", [True, False])
def test_the_files_of_a_mail_that_has_left_are_told_without_what_nobody_fetched(gws: Gws, fetched: bool) -> None:
    """GWS cannot be asked any more: the server's last word counts, and a hash only of bytes that came from it."""

    async def story(stage: Any) -> None:
        await drafted(stage)
        await stage.act("attach", {"file": "a.txt"})
        if fetched:
            await stage.observe("verify_attachments", {"are": ["a.txt"]}, until=bool)
        await stage.act("send")
        await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))
        (seen,) = (await stage.observe("verify_attachments", {"are": ["a.txt"]}, until=bool))[-1].attachments

        assert (seen.name, seen.sha256) == ("a.txt", sha256(b"abc").hexdigest() if fetched else "")

    gws(story)


def test_the_files_that_only_the_client_knows_are_not_told(gws: Gws) -> None:
    """The server never told the file that was uploaded, and the mail has left: not found, whatever the client believes."""

    async def story(stage: Any) -> None:
        await drafted(stage, "lost")
        await stage.act("attach", {"file": "a.txt"})
        await stage.act("send")
        await stage.observe("verify_status", {"is": "sent"}, until=reached("sent"))
        with pytest.raises(Refused, match="not_found"):
            await stage.observe("verify_attachments", {"are": ["a.txt"]}, until=bool)

    gws(story)


@pytest.mark.parametrize("given", [{}, EMAILS, EMAILS | {"emails_error_field": "reason"}], ids=["interactions", "emails", "other-field"])
def test_an_error_may_come_before_the_answer(gws: Gws, given: dict[str, Any]) -> None:
    """A notification that overtakes the yes counts: the mail has failed, and what should end it is refused; wherever its text stands."""

    async def story(stage: Any) -> None:
        await drafted(stage)
        with pytest.raises(Refused) as refused:
            await stage.act("complete", {"queue": "Failing-email"})
        await stage.act("send", {"queue": "Failing-email"})
        seen = await stage.observe("verify_status", {"is": "sent"}, until=reached("failed"))

        assert (refused.value.reason, seen[-1].status, stage.world.outbox) == ("server_error", "failed", [])

    gws(story, event_first=True, **given)


@pytest.mark.parametrize("state", ["Queued", "Requeued", "Completed"])
def test_a_mail_that_was_put_into_a_queue_is_out_of_hand_by_any_name(gws: Gws, state: str) -> None:
    """Whatever the server calls it to who gave the mail away, the step ends."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        await stage.act("receive", {"subject": "Hello"})
        await stage.act("accept")
        told = await stage.act("place_in_queue", {"queue": "Escalation"})

        assert told.status == ("queued" if state == "Queued" else "completed")

    gws(story, queued_state=state)


@pytest.mark.parametrize("shape", ["list", "by_name"])
def test_a_start_that_does_not_speak_of_e_mail_is_no_login(gws: Gws, shape: str) -> None:
    """Code 7 without a word of the e-mail channel: nobody knows whether it was started."""

    async def story(stage: Any) -> None:
        stage.simulator.faults.add("drift@POST */me=missing-field:channels")
        with pytest.raises(Refused, match="e-mail may be one"):
            await stage.act("login")
        stage.simulator.faults.clear()
        await stage.act("login")

        assert any("voice" in line for line in (await stage.part()).logged)

    gws(story, down_channels=("voice",), partial_start=shape, options={"channels": ["email", "voice"]})


def test_a_raw_send_is_guarded_as_well(gws: Gws) -> None:
    """Whoever an operation's contents name is held against the environment's recipients before anything is sent."""

    async def story(stage: Any) -> None:
        await drafted(stage)
        contents = {"toAddress": "a@x.example, b@x.example", "ccAddress": "c@x.example", "subject": "S", "text": "T"}
        fields = {"queueName": "Outbound-email", "email_object": {**contents, "fromAddress": "help@shop.example"}}
        await stage.act("gws.operation", {"operation": "Send", "fields": fields})
        await stage.act("create", MAIL)
        with pytest.raises(Refused):
            await stage.act("gws.operation", {"operation": "Send", "fields": {"email": {"to": ["d@x.example"], "bcc": "e@x.example"}}})

        assert (await stage.part()).guarded == [f"{name}@x.example" for name in "abcde"]

    gws(story)


@pytest.mark.parametrize("given", [{}, EMAILS], ids=["interactions", "emails"])
def test_a_mail_in_hand_is_looked_at_before_it_is_told(gws: Gws, given: dict[str, Any]) -> None:
    """The draft was taken away unheard: it is not told as a draft because it once was one."""

    async def story(stage: Any) -> None:
        kept = await drafted(stage)
        kept.owner = "agent2"
        (seen,) = await stage.observe("verify_status", {"is": "draft"}, until=bool)

        assert seen.status == "revoked"

    gws(story, **given)


def test_an_error_of_before_is_not_one_of_now(gws: Gws) -> None:
    """A Send failed afterwards; what is linked then is not refused for that."""

    async def story(stage: Any) -> None:
        await drafted(stage)
        await stage.act("send", {"queue": "Failing-email"})
        await stage.observe("verify_status", {"is": "failed"}, until=reached("failed"))
        linked = await stage.act("gws.link_attachment", {"document": "Terms"})

        assert linked.name == "Terms.txt"

    gws(story)


def test_a_file_that_was_not_taken_off_is_told(gws: Gws) -> None:
    """The server said yes to the removal and has the file all the same."""

    async def story(stage: Any) -> None:
        kept = await drafted(stage)
        await stage.act("attach", {"file": "a.txt"})
        documents = dict(kept.documents)
        await stage.act("detach", {"name": "a.txt"})
        kept.documents.update(documents)
        (seen,) = (await stage.observe("verify_attachments", {"are": []}, until=bool))[-1].attachments

        assert seen.name == "a.txt"

    gws(story)


def test_a_late_notification_takes_back_nothing_that_was_told_of_files() -> None:
    """One from before the last upload comes after the look that told all files; only the mail that left may have fewer."""
    ledger = Ledger()
    both = [AttachmentOutput(id=id, name=f"{id}.pdf") for id in ("1", "2")]
    ledger.looked(News("it", mail="m", status="draft", attachments=both), was="")
    ledger.notified(News("it", mail="m", status="draft", attachments=both[:1]))
    assert ledger.known("m").files_told

    ledger.notified(News("it", mail="m", status="sent", attachments=both[:1]))
    assert not ledger.known("m").files_told
