"""The control API: for test code and for people with a browser."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from runner.simulation.world import Attachment, Mail, default_password


def asked(place: Any, *requests: tuple[str, str, object]) -> list[tuple[int, Any]]:
    """Ask one toy several things."""

    async def go() -> list[tuple[int, Any]]:
        async with place() as here:
            here.toy.world.deliver(Mail("help@shop.example", ["ana@example.com"], "Hello", attachments=[Attachment("a.txt", b"abc")]))
            return [await here.control(*request) for request in requests]

    return asyncio.run(go())


def test_the_index_lists_what_there_is(place: Any) -> None:
    """Every path that it names answers."""
    ((status, index),) = asked(place, ("GET", "", None))
    assert (status, index["vendor"]) == (200, "toy")
    paths = [line.split(" ") for line in index["there_is"] if line.startswith("GET")]
    assert {status for status, _ in asked(place, *((method, path.removeprefix("/_control"), None) for method, path in paths))} == {200}


def test_who_can_log_in(place: Any) -> None:
    """People are shown with pool, rights and what they log in with."""
    ((_, told),) = asked(place, ("GET", "/people", None))
    assert told["people"][0]["credentials"] == {"user": "agent1", "password": default_password("agent1")}
    assert {person["pool"] for person in told["people"]} == {"agent", "supervisor", "restricted"}


def test_settings_and_world(place: Any) -> None:
    """The simulator's assumptions and its state are shown."""
    (_, settings), (_, world) = asked(place, ("GET", "/settings", None), ("GET", "/world/", None))
    assert settings == {"settings": {"colour": "red"}}
    assert world == {"vendor": "toy", "outbox": 1, "hellos": 0}


def test_only_a_vendor_with_screens_has_a_console(place: Any) -> None:
    """Where nothing is done by hand, the answer says so."""
    ((status, told),) = asked(place, ("POST", "/console", {}))
    assert (status, told) == (501, {"error": "the toy simulator has no screens of its own"})


def test_the_outbox_is_shown_and_emptied(place: Any) -> None:
    """Mails that left are there with their attachments, until they are forgotten."""
    (_, full), (_, forgotten), (_, empty) = asked(place, ("GET", "/outbox", None), ("DELETE", "/outbox", None), ("GET", "/outbox", None))
    assert base64.b64decode(full["mails"][0]["attachments"][0]["content"]) == b"abc"
    assert (forgotten, empty) == ({"forgotten": 1}, {"mails": []})


def test_the_outbox_can_be_asked_for_a_subject(place: Any) -> None:
    """Only the mails whose subject has the text; several scenarios share one outbox."""
    (_, found), (_, none) = asked(place, ("GET", "/outbox?subject=ell", None), ("GET", "/outbox?subject=Other", None))
    assert ([mail["subject"] for mail in found["mails"]], none) == (["Hello"], {"mails": []})


def test_a_mail_arrives(place: Any) -> None:
    """All that a mail can have reaches the vendor, the bytes of its files too, and its id comes back."""

    async def go() -> Any:
        async with place() as here:
            answer = await here.control(
                "POST",
                "/receive",
                {
                    "from": "Ana <ana@example.com>",
                    "to": "help@shop.example, sales@shop.example",
                    "cc": ["boss@example.com"],
                    "subject": "Größe",
                    "text": "Hello",
                    "html": "<p>Hello</p>",
                    "reply_to": "other@example.com",
                    "attachments": [{"name": "ä.bin", "type": "image/png", "content": base64.b64encode(b"\0\xff").decode()}],
                },
            )
            return answer, here.toy.mails[0]

    answer, mail = asyncio.run(go())
    assert answer == (200, {"id": "mail-1"})
    assert (mail.sender, mail.to, mail.cc) == ("Ana <ana@example.com>", ["help@shop.example", "sales@shop.example"], ["boss@example.com"])
    assert (mail.subject, mail.text, mail.html, mail.reply_to) == ("Größe", "Hello", "<p>Hello</p>", "other@example.com")
    assert [(file.name, file.type, file.content) for file in mail.attachments] == [("ä.bin", "image/png", b"\0\xff")]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the body cannot be read"),
        (b"{", "the body cannot be read"),
        (b"\xff\xfe", "the body cannot be read"),
        ([], "the body cannot be read"),
        ({}, "to"),
        ({"to": []}, "to: a mail needs at least one recipient"),
        ({"to": "nobody"}, "to: 'nobody' is not a mail address"),
        ({"to": "a@b.c", "subject": "a\nBcc: x@y.z"}, "subject: must be one line"),
        ({"to": "a@b.c", "subject": 7}, "$.subject"),
        ({"to": "a@b.c", "Subject": "x"}, "Subject"),
        ({"to": "a@b.c", "from": "x"}, "from: 'x' is not a mail address"),
        ({"to": "a@b.c", "attachments": [{"name": "a", "content": "not base64!"}]}, "content"),
    ],
)
def test_a_mail_that_cannot_be_read(place: Any, body: object, told: str) -> None:
    """The answer is 400 and says what is wrong."""
    ((status, answer),) = asked(place, ("POST", "/receive", body))
    assert (status, told in answer["error"]) == (400, True), answer


def test_faults_are_switched(place: Any) -> None:
    """On, one by one or several at once; off, one by one or all."""
    on, more, one_off, none, all_off = asked(
        place,
        ("POST", "/faults", {"fault": "503:2@*/hello"}),
        ("POST", "/faults", {"faults": ["latency=1ms", "lost:1"]}),
        ("DELETE", "/faults/2", None),
        ("DELETE", "/faults/2", None),
        ("DELETE", "/faults", None),
    )
    assert on[1] == {"ids": [1], "faults": [{"id": 1, "fault": "503:2@*/hello", "left": 2}]}
    assert more[1]["ids"] == [2, 3]
    assert [fault["id"] for fault in one_off[1]["faults"]] == [1, 3]
    assert (none[0], all_off[1]) == (404, {"faults": []})


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "name a fault"),
        ({"fault": "nonsense"}, "no kind of fault"),
        ({"faults": ["503", "x"]}, "no kind of fault"),
        ({"fault": 7}, "$.fault"),
        (b"503", "the body cannot be read"),
    ],
)
def test_faults_that_are_none(place: Any, body: object, told: str) -> None:
    """The answer is 400, says what is wrong, and nothing is switched on."""
    (status, answer), (_, now) = asked(place, ("POST", "/faults", body), ("GET", "/faults", None))
    assert (status, told in answer["error"], now["faults"]) == (400, True, [])


def test_sessions_expire_on_demand(place: Any) -> None:
    """The number of those that ended comes back."""

    async def go() -> Any:
        async with place() as here:
            await here.shake_hands()
            return await here.control("POST", "/expire")

    assert asyncio.run(go()) == (200, {"expired": 1})


def test_reset_forgets_everything(place: Any) -> None:
    """Mails and faults are gone; a simulator that cannot says so."""

    async def go() -> Any:
        async with place() as here:
            here.toy.faults.add("latency=1ms")
            here.toy.world.deliver(Mail("a@b.c", ["d@e.f"]))
            done = await here.control("POST", "/reset")
            left = len(here.toy.world.outbox), here.toy.faults.told()
            here.toy.can_reset = False
            return done, left, (await here.control("POST", "/reset"))[0]

    assert asyncio.run(go()) == ((200, {"reset": True}), (0, []), 501)


def test_a_simulator_without_a_back_end_apart_says_so(place: Any) -> None:
    """With what to do instead."""
    ((status, answer),) = asked(place, ("POST", "/backend", {"up": False}))
    assert (status, answer["error"]) == (501, "the toy simulator has no back end apart; a fault does it: 503")


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "/nothing", 404, "GET /_control lists what there is"),
        ("PUT", "/outbox", 405, "it takes DELETE and GET"),
        ("POST", "/backend", 400, "the body cannot be read"),
        ("DELETE", "/faults/x", 404, "there is no fault 'x'"),
        ("DELETE", "/faults/99999999999999999999999999", 404, "there is no fault"),
        ("GET", "/faults/1", 404, "there is no"),
    ],
)
def test_what_there_is_not(place: Any, method: str, path: str, status: int, told: str) -> None:
    """Unknown paths and methods are answered in JSON, with the way out."""
    ((got, answer),) = asked(place, (method, path, None))
    assert (got, told in answer["error"]) == (status, True), answer
