"""
Headers, media types and fields that public clients of eGain send and read, asked for as they ask.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from runner.simulation.world import Mail, default_password

Wired = Callable[..., None]
A = "/ws/v12/interaction/activity"
USER = "/ws/v12/administration/user"


def test_a_search_for_chats_finds_none(wired: Wired) -> None:
    """A chat analysis asks for completed chats since yesterday, brackets as they are; there are none, which is 204."""

    async def story(wire: Any) -> None:
        since = "[2030-01-01T00:00:00.000Z,2030-01-03T00:00:00.000Z]"
        query = f"?status=completed&type=chat&lastModifiedDate={since}&$pagenum=1&$pagesize=20&$sort=lastModifiedDate"

        answer = await wire.ask("GET", A + query, headers={"Accept": "application/json", "Accept-Language": "en-US"})

        assert (answer.http, answer.body) == (204, b"")
        assert (await wire.ask("GET", f"{A}?status=open&type=fax")).http == 400

    wired(story)


def test_an_activity_tells_who_the_customer_is(wired: Wired, document: Any) -> None:
    """Names are read from the contact person, last name and first name apart; `created`, `userLastWorked` only when asked for."""

    async def story(wire: Any) -> None:
        person = {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [{"firstName": "Nora", "lastName": "Vale"}]}}
        to = {"payload": {"email": {"emailAddresses": {"to": {"address": ["nora@mail.example"]}}}}}
        id = (await wire.send(document(to, {"customer": person}))).header("Location").rpartition("/")[2]

        answer = await wire.ask("GET", f"{A}/{id}?$attribute=payload,contactPointData,created,userLastWorked")

        told = answer.json()["activity"][0]
        assert told["customer"]["customerName"] == "Nora Vale"
        assert {"firstName": "Nora", "lastName": "Vale"}.items() <= told["customer"]["contactPersons"]["contactPerson"][0].items()
        assert told["created"]["date"].endswith("Z")
        assert told["userLastWorked"]["firstName"] == "Agent"
        assert told["contactPointData"] == "nora@mail.example"

    wired(story)


def test_users_have_a_screen_name(wired: Wired) -> None:
    """Several users in one request, told apart by `screenName`; an unknown attribute is refused."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("GET", f"{USER}/1010,1011?%24attribute=all")

        assert [u["screenName"] for u in answer.json()["user"]] == ["agent1", "agent2"]
        assert answer.json()["user"][0]["emailAddress"] == "agent1@shop.example"
        assert (await wire.ask("GET", f"{USER}/1010?$attribute=salary")).http == 400

    wired(story)


@pytest.mark.parametrize("version", ["v12", "v20"])
def test_a_web_application_logs_in_and_reads_who_it_is(wired: Wired, version: str) -> None:
    """Login, the user of the login name with the department's id, and logout, with a Content-Type even where there is no body."""

    async def story(wire: Any) -> None:
        sent = {"Accept-Language": "en-us", "Content-Type": "application/json"}
        body = {"userName": "agent2", "password": default_password("agent2")}
        login = await wire.ask("POST", f"/ws/{version}/authentication/user/login?forceLogin=yes", body, session="", headers=sent)
        session = login.header("x-egain-session")

        user = await wire.ask("GET", f"/ws/{version}/administration/user/login/agent2?%24attribute=all", session=session, headers=sent)
        nobody = await wire.ask("GET", f"/ws/{version}/administration/user/login/nobody", session=session)
        logout = await wire.ask("DELETE", f"/ws/{version}/authentication/user/logout", session=session, headers=sent)

        assert (login.http, user.http, nobody.http, logout.http) == (204, 200, 404, 204)
        assert user.json()["user"][0]["department"] == {"id": 999, "name": "Service"}

    wired(story)


# What a Java program sends that sets no Accept, and what a browser's fetch does.
@pytest.mark.parametrize("accept", ["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "*/*", ""])
def test_whoever_says_nothing_of_formats_gets_xml(wired: Wired, accept: str) -> None:
    """XML is the default format, also for an error of login."""

    async def story(wire: Any) -> None:
        body = b'<login xmlns="http://bindings.egain.com/ws/model/v12/gen/platform"><userName>x</userName><password>y</password></login>'

        answer = await wire.ask(
            "POST", "/ws/v12/authentication/user/login", body=body, kind="application/xml", session="", headers={"Accept": accept}
        )

        assert answer.http == 401
        assert b"<Error " in answer.body

    wired(story)


@pytest.mark.parametrize("version", ["v12", "v20"])
def test_a_batch_goes_on_after_an_error(wired: Wired, version: str) -> None:
    """201 for the whole, a status for each request; they run in their order, in the caller's session."""

    async def story(wire: Any) -> None:
        base = "https://tenant.example/system"
        batch = {
            "request": [
                {"method": "PUT", "url": f"{base}{A}/pick", "requestBodyText": '{"activity":[{"id":2801}]}'},
                {"method": "GET", "url": f"{base}{A}/9999"},
                {"method": "GET", "url": f"{base}{A}/2801?%24attribute=payload"},
                {"method": "PATCH", "url": f"{base}{A}"},
            ]
        }

        answer = await wire.ask("POST", f"/ws/{version}/composite", batch)

        results = answer.json()["resultObject"]
        assert (answer.http, [r["httpStatus"] for r in results]) == (201, [204, 404, 200, 405])
        assert "any" not in results[0]
        assert results[1]["any"]["code"] == "404-100"
        assert results[2]["any"]["activity"][0]["status"]["value"] == "assigned"

    wired(story)


@pytest.mark.parametrize(
    ("request_", "http"),
    [
        ({"method": "GET", "url": "/system/ws/v12/interaction/activity/2801"}, 400),
        ({"method": "GET", "url": "https://tenant.example/elsewhere"}, 400),
        ({"method": "POST", "url": "https://tenant.example/system/ws/v12/composite"}, 400),
        ({"method": "GET", "url": "https://tenant.example/system/ws/v12/nowhere"}, 201),
    ],
)
def test_what_a_batch_may_hold(wired: Wired, request_: dict[str, str], http: int) -> None:
    """Absolute addresses below the context root, and no batch."""

    async def story(wire: Any) -> None:
        assert (await wire.ask("POST", "/ws/v12/composite", {"request": [request_]})).http == http
        assert (await wire.ask("POST", "/ws/v12/composite", {"request": []})).http == 400
        assert (await wire.ask("POST", "/ws/v12/composite", body=b"<a/>", kind="application/xml")).http == 415

    wired(story)


@pytest.mark.parametrize("accept", ["application/xml", "*/*", ""])
def test_a_batch_is_answered_in_json_whatever_is_accepted(wired: Wired, accept: str) -> None:
    """It is known in no other form; what the answer says it is, it is."""

    async def story(wire: Any) -> None:
        batch = {"request": [{"method": "GET", "url": f"https://tenant.example/system{A}/2801"}]}

        answer = await wire.ask("POST", "/ws/v12/composite", batch, headers={"Accept": accept})

        assert answer.header("Content-Type") == "application/json"
        assert [result["httpStatus"] for result in answer.json()["resultObject"]] == [200]

    wired(story)


def test_answers_are_compressed_when_that_is_accepted(wired: Wired) -> None:
    """gzip is honoured for answers."""

    async def story(wire: Any) -> None:
        for number in range(5):
            wire.desk.arrive(Mail(sender=f"c{number}@mail.example", to=["care@shop.example"], subject="x" * 200))
        plain = await wire.ask("GET", f"{A}?status=open&$attribute=all")

        packed = await wire.ask("GET", f"{A}?status=open&$attribute=all", headers={"Accept-Encoding": "gzip"})

        assert packed.header("Content-Encoding") == "gzip"
        assert packed.body == plain.body

    wired(story)


def test_compressed_requests_are_not_understood(wired: Wired, document: Any) -> None:
    """Bodies of requests may not be compressed; nothing is made of one."""

    async def story(wire: Any) -> None:
        body = gzip.compress(b"{}")

        answer = await wire.ask("POST", f"{A}/send", body=body, headers={"Content-Encoding": "gzip"})

        assert (answer.http, wire.world.outbox) == (415, [])

    wired(story)


@pytest.mark.parametrize("kind", ["application/json", "application/xml"])
def test_a_failing_server_fails_in_the_wanted_format(wired: Wired, document: Any, error_of: Any, kind: str) -> None:
    """A WSError with 500-100 where activities are, the older shape at login, each as it was asked for."""

    async def story(wire: Any) -> None:
        wire.simulator.faults.add("500")

        send = await wire.send(document(), headers={"Accept": kind, "Accept-Language": "de-DE", "X-egain-error-message": "yes"})
        login = await wire.ask("POST", "/ws/v12/authentication/user/login", {}, headers={"Accept": kind})

        assert send.header("Content-Type") == login.header("Content-Type") == kind
        assert (error_of(send)["code"], error_of(send)["userMessage"]) == ("500-100", "Der Server hat versagt.")
        assert list(error_of(login)) == ["message"]

    wired(story)


def test_masked_is_what_nobody_reads_any_more(wired: Wired) -> None:
    """Long numbers disappear from subject and contents; an unknown activity is 404."""

    async def story(wire: Any) -> None:
        mail = Mail(sender="x@mail.example", to=["care@shop.example"], subject="Card", text="It is 4111111111111111, thanks")
        id = wire.desk.arrive(mail).id
        mask = "/ws/v19/interaction/activity/mask"

        done = await wire.ask("PUT", mask, {"activity": [{"id": id}]})
        unknown = await wire.ask("PUT", mask, {"activity": [{"id": 9999}]})

        assert (done.http, unknown.http) == (204, 404)
        assert wire.desk.activities[id].contents == {"text": "It is ****************, thanks"}

    wired(story)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('fileName="a b.txt"', "a b.txt"),
        ('filename="grün 名.txt"', "grün 名.txt"),
        ("filename*=UTF-8''gr%C3%BCn%20%E5%90%8D.txt", "grün 名.txt"),
        ("filename=fallback.txt; filename*=utf-8'de'gr%C3%BCn.txt", "grün.txt"),
        ('filename="plain.txt"; filename*=nonsense', "plain.txt"),
        ("filename=plain.txt; filename*=no-charset''a.txt", "plain.txt"),
        ('fileName="say \\"hi\\".txt"', 'say "hi".txt'),
        ('fileName="back\\\\slash;x=y.txt"', "back\\slash;x=y.txt"),
        ('fileName="a/b.txt"', "a/b.txt"),
    ],
)
def test_file_names_as_form_libraries_write_them(wired: Wired, document: Any, disposition: str, name: str) -> None:
    """Quoted, beyond ASCII, in the extended form: the file has its name, in the list and in the mail, and its bytes can be fetched."""

    async def story(wire: Any) -> None:
        body = (
            b'--b\r\nContent-Disposition: form-data; name="data-type"\r\n\r\napplication/json\r\n'
            b'--b\r\nContent-Disposition: form-data; name="data"\r\n\r\n' + json.dumps(document()).encode() + b"\r\n"
            b'--b\r\nContent-Disposition: form-data; name="f"; ' + disposition.encode() + b"\r\n\r\nhello\r\n--b--\r\n"
        )
        sent = await wire.ask("POST", f"{A}/send", body=body, kind="multipart/form-data; boundary=b")
        assert sent.http == 201, sent.text
        place = f"/ws{sent.header('Location').partition('/ws')[2]}/attachment"

        listed = (await wire.ask("GET", place)).json()["attachment"][0]
        told = (await wire.ask("GET", f"{place}/{listed['id']}?$attribute=contentUrl")).json()["attachment"][0]
        fetched = await wire.ask("GET", told["contentUrl"].removeprefix("/system"))

        assert (listed["fileName"], wire.world.outbox[0].attachments[0].name) == (name, name)
        assert (fetched.http, fetched.body) == (200, b"hello")

    wired(story)


@pytest.mark.parametrize("kind", ["text/plain\r\nX-Injected: yes", "text/pläin", "a\x00b"])
def test_a_media_type_that_no_header_can_hold_harms_nobody(wired: Wired, document: Any, kind: str) -> None:
    """It is told as it was given; the bytes come as unknown ones, and no header is slipped in."""

    async def story(wire: Any) -> None:
        files = {"attachments": {"attachment": [{"fileName": "a\r\nb.txt", "contentType": kind, "content": "aGVsbG8="}]}}
        sent = await wire.send(document(files))
        place = f"/ws{sent.header('Location').partition('/ws')[2]}/attachment"

        listed = (await wire.ask("GET", place)).json()["attachment"][0]
        told = (await wire.ask("GET", f"{place}/{listed['id']}?$attribute=contentUrl")).json()["attachment"][0]
        fetched = await wire.ask("GET", told["contentUrl"].removeprefix("/system"))

        assert (listed["fileName"], listed["contentType"]) == ("a\r\nb.txt", kind)
        assert (fetched.http, fetched.body, fetched.header("Content-Type")) == (200, b"hello", "application/octet-stream")
        assert fetched.header("X-Injected") == ""

    wired(story)
