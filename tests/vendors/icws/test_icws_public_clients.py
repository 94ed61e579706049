"""What public ICWS clients send and read, request by request as each writes it (icws reference, section 11): their habits must work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

MEDIA_TYPE = "application/vnd.inin.icws+JSON; charset=utf-8"
LOGIN = {"__type": "urn:inin.com:connection:icAuthConnectionRequestSettings", "applicationName": "peer", "userID": "agent1"}


def test_the_vendors_library_parses_only_its_own_media_type(knock: Callable[..., None]) -> None:
    """A good answer, an error and an empty success all have exactly that type; the empty one has no byte in its body."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        good = await agent.call("GET", f"interactions/{draft}?select=Eic_State")
        bad = await agent.call("GET", "interactions/2101999999")
        empty = await agent.call("POST", f"interactions/{draft}/email/send")
        assert [a.header("Content-Type") for a in (good, bad, empty)] == [MEDIA_TYPE] * 3
        assert (empty.http, empty.body) == (200, b"")

    knock(story)


def test_the_vendors_library_takes_session_and_token_from_the_headers(knock: Callable[..., None]) -> None:
    """They stand in the login's headers, are the same as in its body, and are exposed to browsers."""

    async def story(door: Any) -> None:
        answer = await door.knock("agent1")
        told = (answer.header("ININ-ICWS-Session-ID"), answer.header("ININ-ICWS-CSRF-Token"))
        assert told == (answer.json()["sessionId"], answer.json()["csrfToken"])
        exposed = answer.header("Access-Control-Expose-Headers").split(",")
        assert {"ININ-ICWS-CSRF-Token", "ININ-ICWS-Session-ID"} <= {name.strip() for name in exposed}

    knock(story)


def test_the_vendors_library_reads_messages_without_the_token(knock: Callable[..., None]) -> None:
    """An EventSource can set no header: the cookie is enough for messages, polled or streamed, and for nothing else."""

    async def story(door: Any) -> None:
        agent = await door.login()
        path = f"/icws/{agent.id}/messaging/messages"
        assert (await door.call("GET", path, headers={"Cookie": agent.cookie})).json() == []
        async with (
            asyncio.timeout(5),
            door.http.stream("GET", path, headers={"Cookie": agent.cookie, "Accept": "text/event-stream"}) as stream,
        ):
            assert stream.http == 200
            assert {k.lower(): v for k, v in stream.headers.items()}["content-type"].startswith("text/event-stream")
        assert (await agent.call("GET", "connection", token=None)).http == 401

    knock(story)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/vnd.inin.icws+JSON;charset=utf-8"},
        {"Content-Type": "text/plain"},
    ],
    ids=["none", "json", "vendor", "text"],
)
def test_any_content_type_of_json_logs_in(headers: dict[str, str], knock: Callable[..., None]) -> None:
    """The library names the vendor's type, Go and Ruby clients plain JSON, scripts none at all."""

    async def story(door: Any) -> None:
        body = LOGIN | {"password": door.world.people["agent1"].password, "x-icws": None}
        answer = await door.call("POST", "/icws/connection?include=features", body, {"Accept-Language": "en-us"} | headers)
        assert answer.http == 201

    knock(story)


def test_the_ruby_client_replays_the_whole_cookie(knock: Callable[..., None]) -> None:
    """Set-Cookie comes back as Cookie, with its path and flags; and the session's id as a header, which nobody asked for."""

    async def story(door: Any) -> None:
        answer = await door.knock("agent1")
        session = answer.header("ININ-ICWS-Session-ID")
        headers = {
            "Cookie": answer.header("Set-Cookie"),
            "ININ-ICWS-CSRF-Token": answer.header("ININ-ICWS-CSRF-Token"),
            "ININ-ICWS-Session-ID": session,
        }
        assert (await door.call("GET", f"/icws/{session}/connection", headers=headers)).json()["connectionState"] == 1

    knock(story)


@pytest.mark.parametrize("on", [True, "true"])
def test_the_go_client_writes_a_boolean_as_text(on: object, knock: Callable[..., None]) -> None:
    """``{"on": "true"}`` holds as ``{"on": true}`` does."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        assert (await agent.call("POST", f"interactions/{draft}/hold", {"on": on})).http == 200
        assert await agent.state(draft) == "H"

    knock(story)


def test_two_sessions_share_one_cookie_jar(knock: Callable[..., None]) -> None:
    """Each session's cookie has its own name, so both can be sent with every request."""

    async def story(door: Any) -> None:
        one, two = await door.login("agent1"), await door.login("agent2")
        both = f"{one.cookie}; {two.cookie}"
        assert [(await peer.call("GET", "connection", cookie=both)).http for peer in (one, two)] == [200, 200]

    knock(story)


@pytest.mark.parametrize(
    ("method", "path", "body", "http"),
    [
        (
            "PUT",
            "messaging/subscriptions/system/handler-sent-notifications",
            {"headers": [{"__type": "urn:inin.com:system:handlerSentNotificationsSubscription", "objectId": "a", "eventIds": ["b"]}]},
            204,
        ),
        ("PUT", "messaging/subscriptions/system/handler-sent-notifications", {"headers": [{"objectId": "a"}]}, 400),
        ("PUT", "messaging/subscriptions/system/handler-sent-notifications", {"headers": []}, 400),
        ("DELETE", "messaging/subscriptions/system/handler-sent-notifications", None, 204),
        ("POST", "system/handler-notification", {"objectId": "a", "eventId": "b", "data": ["test 0", "test 1"]}, 202),
        ("POST", "system/handler-notification", {"objectId": "a", "data": []}, 400),
    ],
)
def test_clients_that_talk_to_handlers_are_answered(method: str, path: str, body: object, http: int, knock: Callable[..., None]) -> None:
    """They do so right after login; a script takes only 204 and 202 for done, and a page's preflight finds the resource, too."""

    async def story(door: Any) -> None:
        agent = await door.login()
        answer = await agent.call(method, path, body)
        preflight = await door.call("OPTIONS", f"/icws/{agent.id}/{path}", headers={"Origin": "https://desk.example"})
        assert (answer.http, preflight.http, method in preflight.header("Access-Control-Allow-Methods")) == (http, 200, True)

    knock(story)


def test_a_client_that_says_voicemail_otherwise_is_refused_alike(knock: Callable[..., None]) -> None:
    """Scripts write send-to-voicemail where the vendor's library writes transfer-to-voicemail: 400 on an e-mail, not 404."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        answers = [(await agent.call("POST", f"interactions/{draft}/{verb}-to-voicemail")).http for verb in ("send", "transfer")]
        assert answers == [400, 400]

    knock(story)
