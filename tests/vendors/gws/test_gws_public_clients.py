"""What the vendor's public clients and a browser send and expect, request by request, without any of our client's code."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from runner.simulation.world import Attachment, Mail, default_password

WireStory = Callable[..., None]

CREATE = {"operationName": "Create", "queueName": "Outbound-draft", "interactionType": "Outbound", "interactionSubType": "OutboundNew"}
# How the .NET client writes the header of a sign-in.
BASIC = {"Authorization": "Basic " + base64.b64encode(f"agent1:{default_password('agent1')}".encode("latin-1")).decode()}


# The documented keys of an inbound mail's user data.
USUAL = (
    "To FromAddress FromPersonal EmailAddress Mailbox ContactId Header_Message-ID Header_Date Header_Content-Type _ContainsAttachment "
    "_AttachmentsSize _AttachmentFileNames _AutoReplyCount Origination_Source RTenant CustomerSegment ServiceType"
)


def message(channel: str, **fields: object) -> list[dict[str, object]]:
    """One Bayeux message."""
    return [{"channel": channel, **fields}]


def test_a_client_with_a_cookie_jar_for_each_purpose(wire: WireStory) -> None:
    """The .NET client keeps CometD's cookies apart and repeats Basic on every request: two HTTP sessions, one agent, all notifications."""

    async def story(stage: Any, make: Any) -> None:
        cometd, rest = make(), make()
        handshake = message("/meta/handshake", supportedConnectionTypes=["long-polling"], version="1.0", id="0")
        [shaken] = (await cometd.ask("POST", "/notifications/handshake", handshake, headers=BASIC)).json()
        own = {"clientId": shaken["clientId"]}
        first = message("/meta/connect", connectionType="long-polling", advice={"timeout": 0}, id="1", **own)
        [connected] = (await cometd.ask("POST", "/notifications/connect", first, headers=BASIC)).json()
        subscribe = message("/meta/subscribe", subscription="/**", id="3", **own)
        [subscribed] = (await cometd.ask("POST", "/notifications/subscribe", subscribe, headers=BASIC)).json()
        user = (await rest.ask("GET", "/me?subresources=*", headers=BASIC)).json()
        start = {
            "operationName": "StartContactCenterSession",
            "channels": ["email"],
            "loginCode": None,
            "queue": None,
            "devicePath": None,
        }
        started = (await rest.ask("POST", "/me", start, headers=BASIC)).json()
        ready = (await rest.ask("POST", "/me", {"operationName": "Ready"}, headers=BASIC)).json()
        told: list[Any] = []
        while len(told) < 2:
            held = message("/meta/connect", connectionType="long-polling", id="4", **own)
            told += [m for m in (await cometd.ask("POST", "/notifications/connect", held, headers=BASIC)).json() if "data" in m]

        assert cometd.http.cookies()["JSESSIONID"] != rest.http.cookies()["JSESSIONID"]
        assert (shaken["supportedConnectionTypes"], connected["successful"], subscribed["subscription"]) == (["long-polling"], True, "/**")
        assert (user["statusCode"], started, ready) == (0, {"statusCode": 0}, {"statusCode": 0})
        assert [m["data"]["messageType"] for m in told] == ["ChannelStateChangeMessageV2"] * 2
        assert [m["data"]["channels"][0]["userState"]["state"] for m in told] == ["NotReady", "Ready"]

    wire(story, dialect="emails", csrf=False)


def test_the_user_has_what_clients_read(wire: WireStory) -> None:
    """Names, roles and settings by section; devices, channels, calls and chats are lists under `subresources=*`."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        user = (await agent.ask("GET", "/me?subresources=*")).json()["user"]

        assert {name: user[name] for name in ("userName", "firstName", "lastName", "emailAddress", "enabled", "roles")} == {
            "userName": "agent1",
            "firstName": "Agent",
            "lastName": "1",
            "emailAddress": "agent1@shop.example",
            "enabled": True,
            "roles": ["ROLE_AGENT"],
        }
        assert (user["devices"], user["calls"], user["chats"], user["interactions"]) == ([], [], [], [])
        assert [channel["channel"] for channel in user["channels"]] == ["email"]
        assert user["settings"]["interaction-workspace"]["email.outbound-queue"] == "Outbound-email"

    wire(story)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", set()),
        ("?subresources=channels", {"channels"}),
        ("?subresources=features,%20devices,settings", {"features", "devices", "settings"}),
        ("?subresources=nothing", set()),
    ],
)
def test_subresources_are_those_that_were_asked_for(wire: WireStory, query: str, names: set[str]) -> None:
    """A list with commas names them; what is none is passed over."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        user = (await agent.ask("GET", f"/me{query}")).json()["user"]

        assert user.keys() & {"channels", "features", "devices", "settings", "calls", "interactions"} == names

    wire(story)


@pytest.mark.parametrize(("dialect", "version"), [("interactions", "8.5.1"), ("emails", "8.5.2")])
def test_the_version_is_told_to_anybody(wire: WireStory, dialect: str, version: str) -> None:
    """It is how one sees that the server runs, before there is a user."""

    async def story(stage: Any, make: Any) -> None:
        answer = await make().ask("GET", "/diagnostics/version")

        assert (answer.http, answer.json()) == (200, {"statusCode": 0, "version": version})

    wire(story, dialect=dialect)


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_password_that_is_not_ascii(wire: WireStory, charset: str) -> None:
    """Browsers write Basic in UTF-8, the .NET client in ISO-8859-1; both sign in."""

    async def story(stage: Any, make: Any) -> None:
        people = stage.world.people
        people["agent1"] = replace(people["agent1"], password="pässwörd-71")
        pair = base64.b64encode("agent1:pässwörd-71".encode(charset)).decode()
        right = await make().ask("GET", "/me", headers={"Authorization": f"Basic {pair}"})

        assert right.http == 200

    wire(story)


def test_a_received_mail_has_the_usual_user_data(wire: WireStory) -> None:
    """Every documented key is there, as text."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        mail = Mail(
            sender="Ana Cruz <ana@example.com>",
            to=["help@shop.example"],
            subject="Broken lamp",
            attachments=[Attachment("a.txt", b"abc"), Attachment("b.txt", b"de")],
        )
        await stage.simulator.receive(mail)
        data = (await agent.mine())[0]["userData"]

        assert data.keys() == set(USUAL.split())
        assert {type(value) for value in data.values()} == {str}
        assert (data["FromPersonal"], data["_ContainsAttachment"], data["_AttachmentsSize"], data["_AttachmentFileNames"]) == (
            "Ana Cruz",
            "true",
            "5",
            "a.txt;b.txt",
        )

    wire(story)


# ── the later dialect ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_later_create_names_a_parent_and_user_data(wire: WireStory) -> None:
    """`parentId` is one of the agent's own, `userData` goes with the draft, and so it does with a reply."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        question = await stage.simulator.receive(Mail(sender="ana@example.com", to=["help@shop.example"], subject="Broken lamp"))
        await agent.ask("POST", f"/me/emails/{question}", {"operationName": "Accept"})
        create = {"operationName": "Create", "queueUri": "http://h/api/v2/queues/Outbound-draft", "userData": {"Product": "Lamp"}}
        unknown = await agent.ask("POST", "/me/emails", {**create, "parentId": "0000000000000000"})
        created = await agent.ask("POST", "/me/emails", {**create, "parentId": question})
        reply = {"operationName": "Reply", "queueUri": "Outbound-draft", "userData": {"Product": "Bulb"}}
        replied = await agent.ask("POST", f"/me/emails/{question}", reply)
        [inbound, *drafts] = (await agent.ask("GET", "/me/emails?fields=*")).json()["emails"]

        assert (unknown.http, unknown.json()["statusCode"]) == (404, 6)
        assert (created.json(), replied.json()["statusCode"]) == ({"statusCode": 0, "referenceId": 2}, 0)
        assert [(d["parentId"], d["userData"], d["state"]) for d in drafts] == [
            (question, {"Product": "Lamp"}, "Composing"),
            (question, {"Product": "Bulb"}, "Composing"),
        ]
        assert inbound["contactId"] == inbound["userData"]["ContactId"]

    wire(story, dialect="emails")


# ── uploads as other clients write them ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('filename="Übersicht.txt"', "Übersicht.txt"),
        ("filename*=UTF-8''%C3%9Cbersicht.txt", "Übersicht.txt"),
        ("filename=\"x.txt\"; filename*=utf-8''%E6%97%A5.txt", "日.txt"),
        ("filename=plain.txt", "plain.txt"),
        ('filename="a;b.txt"', "a;b.txt"),
        ("filename*=UTF-8''a%0D%0AX-Evil%3A%201.txt", "a  X-Evil: 1.txt"),
    ],
)
def test_file_names_as_clients_write_them(wire: WireStory, disposition: str, name: str) -> None:
    """Raw UTF-8 of browsers, the extended form of libraries, both; a line break cannot get into the header of the download."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        await agent.ask("POST", "/me/interactions/", CREATE)
        id = (await agent.mine())[0]["id"]
        form = {"Content-Type": "multipart/form-data; boundary=b"}
        body = f'--b\r\nContent-Disposition: form-data; name="attachment"; {disposition}\r\n\r\n'.encode() + b"\x00\xff\r\n\r\n--b--\r\n"
        added = await agent.ask("POST", f"/me/interactions/{id}/attachments", body, headers=form)
        got = await agent.ask("GET", f"/me/interactions/{id}/attachments/{added.json()['documentId']}")

        assert (added.http, got.http, got.body) == (200, 200, b"\x00\xff\r\n")
        assert (await agent.mine())[0]["attachments"][0]["name"] == name
        assert got.header("Content-Disposition").startswith("attachment; filename=")
        assert got.header("X-Evil") == ""

    wire(story)


def test_a_part_in_base64_is_decoded_and_a_second_file_is_passed_over(wire: WireStory) -> None:
    """The first part of the name counts, in the encoding that it says it has."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        await agent.ask("POST", "/me/interactions/", CREATE)
        id = (await agent.mine())[0]["id"]
        part = "--b\r\nContent-Disposition: form-data; name="
        body = f'{part}"note"\r\n\r\nhi\r\n'
        body += f'{part}"attachment"; filename="a.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\nAP8K\r\n'
        body += f'{part}"attachment"; filename="b.bin"\r\n\r\nsecond\r\n--b--\r\n'
        form = {"Content-Type": "multipart/form-data; boundary=b"}
        added = await agent.ask("POST", f"/me/interactions/{id}/attachments", body.encode(), headers=form)
        got = await agent.ask("GET", f"/me/interactions/{id}/attachments/{added.json()['documentId']}")

        assert (got.body, len((await agent.mine())[0]["attachments"])) == (b"\x00\xff\n", 1)

    wire(story)


def test_a_client_that_waits_for_100_continue(wire: WireStory) -> None:
    """The .NET client sends `Expect: 100-continue` and its body only afterwards."""

    async def story(stage: Any, make: Any) -> None:
        place = urlsplit(stage.target.url)
        body = b'[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["long-polling"],"id":"0"}]'
        head = f"POST {place.path}/notifications/handshake HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: {BASIC['Authorization']}\r\n"
        head += f"Content-Type: application/json;charset=UTF-8\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n"
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(f"{head}Connection: close\r\n\r\n".encode())
        continued = await reader.readuntil(b"\r\n\r\n")
        writer.write(body)
        answer = await reader.read()
        writer.close()

        assert continued == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b'"successful":true' in answer

    wire(story, csrf=False)


# ── browsers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-CSRF-TOKEN"}


@pytest.mark.parametrize(("origin", "http"), [("https://desk.shop.example", 200), ("https://evil.example", 403)])
def test_a_browser_asks_before_it_lets_a_page_call(wire: WireStory, origin: str, http: int) -> None:
    """A question from an allowed origin is answered without signing in, with the documented methods and headers."""

    async def story(stage: Any, make: Any) -> None:
        answer = await make().ask("OPTIONS", "/me/interactions/x", headers={"Origin": origin, **PREFLIGHT})

        assert answer.http == http
        assert (answer.header("Access-Control-Allow-Origin") == origin) is (http == 200)
        assert (answer.header("Access-Control-Allow-Methods") == "GET,POST,PUT,DELETE,OPTIONS") is (http == 200)
        assert ("ContactCenterId" in answer.header("Access-Control-Allow-Headers")) is (http == 200)

    wire(story, allowed_origins=("https://*.shop.example",))


def test_a_page_may_read_the_token(wire: WireStory) -> None:
    """Answers to an allowed origin expose the two headers of the CSRF token; to others they do not."""

    async def story(stage: Any, make: Any) -> None:
        told = []
        for origin in ("https://desk.shop.example", "https://evil.example"):
            answer = await make().ask("GET", "/me", headers={"Origin": origin, **BASIC})
            told.append((answer.http, answer.header("Access-Control-Expose-Headers"), answer.header("Access-Control-Allow-Credentials")))

        assert told == [(200, "X-CSRF-HEADER,X-CSRF-TOKEN", "true"), (200, "", "")]

    wire(story, allowed_origins=("https://*.shop.example",))
