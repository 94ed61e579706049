"""How the client reads what it is told: answers, notifications of every shape, and notifications in any order."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from runner.errors import Refused, WireError
from runner.transport.exchange import Exchange
from runner.vendors.gws.ledger import Ledger
from runner.vendors.gws.multipart import encode_file
from runner.vendors.gws.notifications import news_of, status_of
from runner.vendors.gws.refusals import judge, judge_bytes


def answer(http: int, body: object, content_type: str = "application/json") -> Exchange:
    """An exchange with this answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange("POST", "http://h/api/v2/me", {}, b"", http=http, headers={"Content-Type": content_type}, body=raw)


@pytest.mark.parametrize(
    "body",
    [{"statusCode": 0}, {"status": "ok"}, {"status": 0}, {"status": "ok", "replyInteractionId": "x"}, {"statusCode": 0, "status": "error"}],
)
def test_these_are_successes(body: dict[str, object]) -> None:
    """`statusCode` 0, or `status` "ok" or 0; a return code outweighs a status."""
    assert judge(answer(200, body)) == body


@pytest.mark.parametrize(
    ("http", "body", "reason"),
    [
        (400, {"statusCode": 1}, "invalid"),
        (400, {"statusCode": 2}, "invalid"),
        (403, {"statusCode": 3}, "forbidden"),
        (500, {"statusCode": 4}, "server_error"),
        (403, {"statusCode": 5}, "forbidden"),
        (404, {"statusCode": 6}, "not_found"),
        (200, {"statusCode": 7}, "unavailable"),
        (403, {"statusCode": 8}, "forbidden"),
        (400, {"statusCode": 10}, "invalid"),
        (500, {"statusCode": 13}, "server_error"),
        (409, {"statusCode": 18}, "conflict"),
        (409, {"statusCode": 19}, "conflict"),
        (401, {"statusCode": 20}, "unauthenticated"),
        (200, {"statusCode": 6}, "not_found"),
        (500, {"statusCode": 6}, "not_found"),
        (200, {"statusCode": 99}, "server_error"),
        (404, {"status": "error", "errorDescription": "no"}, "not_found"),
        (200, {"status": "error", "errorDescription": "no"}, "invalid"),
        (413, {"statusCode": 10}, "too_large"),
        (403, b"Missing or invalid Csrf token", "forbidden"),
        (502, b"<html>Bad gateway</html>", "unavailable"),
        (503, b"", "unavailable"),
        (500, b"{broken", "server_error"),
        (429, b"", "unavailable"),
        (415, b"", "invalid"),
        (409, {}, "conflict"),
    ],
)
def test_a_refusal_has_a_neutral_reason(http: int, body: object, reason: str) -> None:
    """The body's code decides, whatever the HTTP status; where the body says nothing, the status does."""
    with pytest.raises(Refused) as refused:
        judge(answer(http, body))

    assert (refused.value.reason, refused.value.http) == (reason, http)


def test_a_success_that_is_no_object_is_the_wires_fault() -> None:
    """HTTP 200 with HTML in it is neither a yes nor a no."""
    with pytest.raises(WireError):
        judge(answer(200, b"<html>Welcome</html>"))


def test_partial_success_is_one_where_it_is_asked_for() -> None:
    """Code 7 is an answer of StartContactCenterSession."""
    assert judge(answer(200, {"statusCode": 7}), partial=True) == {"statusCode": 7}


def test_a_downloaded_json_file_is_a_file() -> None:
    """A file may be JSON, even with a statusCode in it among other things; an error has nothing else."""
    assert judge_bytes(answer(200, {"statusCode": 6, "more": 1})) == b'{"statusCode": 6, "more": 1}'
    with pytest.raises(Refused):
        judge_bytes(answer(200, {"statusCode": 6, "statusMessage": "no"}))


FLAT = {
    "messageTypeName": "InteractionStateMessage",
    "id": "1",
    "channel": "email",
    "email_object": {
        "ToAddress": "a@x, b@x",
        "FromAddress": "f@x",
        "CCAddresses": "",
        "Subject": "S",
        "Text": "T",
        "StructuredText": "<p>",
    },
    "parentInteractionId": "0",
    "state": "ReplyCreated",
}


@pytest.mark.parametrize(
    "data",
    [
        FLAT,
        {"messageTypeName": "InteractionStateMessage", "interaction": {k: v for k, v in FLAT.items() if k != "messageTypeName"}},
        {
            "messageType": "EmailStateChangeMessage",
            "notificationType": "StatusChange",
            "email": {
                "id": "1",
                "state": "Composing",
                "to": ["a@x", "b@x"],
                "from": "f@x",
                "cc": [],
                "subject": "S",
                "body": "<p>",
                "bodyAsPlainText": "T",
                "mime": "text/html",
                "parentId": "0",
            },
        },
    ],
)
def test_flat_nested_and_later_notifications_say_the_same(data: dict[str, Any]) -> None:
    """8.5.0's flat form, 8.5.1's nested one and the later dialect's are read alike."""
    news = news_of("/v2/me/interactions", data)

    assert (news.mail, news.status, news.parent, news.to, news.sender, news.cc) == ("1", "draft", "0", ["a@x", "b@x"], "f@x", [])
    assert (news.subject, news.text, news.html) == ("S", "T", "<p>")


@pytest.mark.parametrize(
    "data", [None, "text", 7, [], {}, {"id": 5}, {"email_object": "x", "id": "1"}, {"email": {"id": "1", "to": 5, "attachments": "x"}}]
)
def test_any_data_can_be_read(data: object) -> None:
    """What makes no sense is an event without a mail or without contents, never an error."""
    assert news_of("/v2/me/x", data).channel == "/v2/me/x"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("Processing", "accepted"),
        ("Accepted", "accepted"),
        ("Created", "draft"),
        ("Composing", "draft"),
        ("Cancelled", "cancelled"),
        ("?", ""),
    ],
)
def test_states_that_mean_the_same_are_one_status(state: str, status: str) -> None:
    """Spellings of different versions."""
    assert status_of(state) == status


def told(state: str, **more: object) -> dict[str, object]:
    """The data of a notification."""
    return {"messageTypeName": "InteractionStateMessage", "id": "1", "state": state, "email_object": {"Subject": "S"}, **more}


LIVES = {
    "draft": ["ReplyCreated", "ReplyCreated", "ReplyCreated", "ReplyCreated", "Sent"],
    "inbound": ["Invited", "Processing", "Processing", "Processing", "Completed"],
}


@pytest.mark.parametrize("doubled", [None, 0, 1, 2, 3, 4])
@pytest.mark.parametrize("life", list(LIVES))
def test_any_order_of_five_notifications_leads_to_the_same_status(life: str, doubled: int | None) -> None:
    """All 120 orders, and each notification twice, end at the last state."""
    states = LIVES[life]
    for order in itertools.permutations(range(5)):
        ledger = Ledger()
        for number in order:
            for _ in range(2 if number == doubled else 1):
                ledger.notified(news_of("/v2/me/interactions", told(states[number])))

        assert ledger.known("1").status == status_of(states[-1])


def test_a_notification_that_cannot_follow_asks_for_a_look_and_the_look_counts() -> None:
    """A completed mail that is offered again (it was transferred back) is believed when it was looked at."""
    ledger = Ledger()
    ledger.notified(news_of("x", told("Completed")))
    ledger.notified(news_of("x", told("Invited")))

    assert (ledger.known("1").status, ledger.doubt) == ("completed", True)
    ledger.looked(news_of("x", told("Invited")), was="completed")
    assert (ledger.known("1").status, ledger.known("1").how) == ("invited", "looked")


def test_a_look_that_was_overtaken_changes_nothing() -> None:
    """A status that came while the question was under way is newer than its answer."""
    ledger = Ledger()
    ledger.notified(news_of("x", told("ReplyCreated")))
    ledger.notified(news_of("x", told("Sent")))
    ledger.looked(news_of("x", told("ReplyCreated")), was="draft")

    assert ledger.known("1").status == "sent"


def test_an_attachment_that_was_removed_does_not_come_back_late() -> None:
    """A notification of an attachment that is gone by now adds nothing."""
    ledger = Ledger()
    known = ledger.known("1")
    known.removed.add("d1")
    ledger.notified(news_of("x", told("ReplyCreated", attachments=[{"id": "d1", "name": "a"}, {"id": "d2", "name": "b"}])))

    assert [f.name for f in known.files.values()] == ["b"]


@pytest.mark.parametrize("name", ['a".txt', "a\\b.txt", "a\r\nX-Evil: 1.txt", "ü.txt"])
def test_a_file_name_cannot_split_the_header(name: str) -> None:
    """Whatever a file is called, its part has two headers."""
    body, content_type = encode_file("attachment", name, b"x", "text/plain")
    head = body.split(b"\r\n\r\n")[0].split(b"\r\n")

    assert len(head) == 3
    assert head[0] == b"--" + content_type.partition("boundary=")[2].encode()
