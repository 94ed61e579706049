"""Login, the session's headers, and the ways to be without one (icws.md §1, §2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from runner.clock import ManualClock
from runner.simulation.world import default_password

LOGIN = {
    "__type": "urn:inin.com:connection:icAuthConnectionRequestSettings",
    "applicationName": "test",
    "userID": "agent1",
    "password": default_password("agent1"),
}


def test_a_login_gives_id_token_and_cookie_in_headers_and_body(knock: Callable[..., None]) -> None:
    """The vendor's library reads the headers, others the body; both say the same."""

    async def story(door: Any) -> None:
        answer = await door.knock("agent1")
        body = answer.json()
        id = answer.header("ININ-ICWS-Session-ID")
        assert (answer.http, body["sessionId"], answer.header("Location")) == (201, id, f"/icws/{id}/connection")
        assert body["csrfToken"] == answer.header("ININ-ICWS-CSRF-Token")
        cookie = answer.header("Set-Cookie")
        assert cookie.startswith(f"icws_{id}=")
        assert cookie.endswith(f"|languageId=en-us; Path=/icws/{id}; HttpOnly")
        assert {"featureId": "interactions", "version": 13} in body["features"]
        assert int(id) < 2**32

    knock(story)


def test_every_answer_has_the_caching_and_cross_origin_headers(knock: Callable[..., None]) -> None:
    """Errors and successes alike; the origin is echoed."""

    async def story(door: Any) -> None:
        answer = await door.call("GET", "/icws/connection/version", headers={"Origin": "https://desk.example"})
        assert answer.header("Cache-Control") == "no-cache, no-store, must-revalidate"
        assert answer.header("Access-Control-Allow-Origin") == "https://desk.example"
        assert "ININ-ICWS-Session-ID" in answer.header("Access-Control-Expose-Headers")
        assert answer.header("Server") == "HttpPluginHost"

    knock(story)


def test_a_preflight_needs_no_session(knock: Callable[..., None]) -> None:
    """OPTIONS names the verbs and headers."""

    async def story(door: Any) -> None:
        answer = await door.call("OPTIONS", "/icws/1/interactions/2/email/send")
        assert (answer.http, answer.header("Access-Control-Allow-Methods")) == (200, "POST")
        assert "ININ-ICWS-CSRF-Token" in answer.header("Access-Control-Allow-Headers")

    knock(story)


@pytest.mark.parametrize(("user", "password"), [("agent1", "wrong"), ("nobody", "wrong"), ("agent1", "")])
def test_wrong_credentials_are_400_and_never_401(user: str, password: str, knock: Callable[..., None]) -> None:
    """With the id and the number that public clients look for."""

    async def story(door: Any) -> None:
        answer = await door.knock(user, password)
        assert answer.http == 400
        assert answer.json() == {
            "errorId": "error.request.connection.authenticationFailure",
            "errorCode": -2147221503,
            "message": "The authentication process failed.",
        }

    knock(story)


@pytest.mark.parametrize(
    ("change", "error_id", "name"),
    [
        ({"__type": None}, "missingProperty", "__type"),
        ({"applicationName": None}, "missingProperty", "applicationName"),
        ({"userID": None}, "missingProperty", "userID"),
        ({"password": 7}, "invalidProperty", "password"),
        ({"marketPlaceApplicationCode": "x"}, "missingProperty", "marketPlaceApplicationLicenseName"),
        ({"__type": "urn:inin.com:connection:somethingElse"}, "malformed", None),
    ],
)
def test_a_login_with_a_wrong_body_is_400(change: dict[str, Any], error_id: str, name: str | None, knock: Callable[..., None]) -> None:
    """The property is named."""

    async def story(door: Any) -> None:
        answer = await door.call("POST", "/icws/connection", LOGIN | change, {"Accept-Language": "en"})
        assert answer.http == 400
        assert answer.json()["errorId"].endswith(error_id)
        assert answer.json().get("propertyName") == name

    knock(story)


def test_a_login_needs_a_language_and_nothing_else_does(knock: Callable[..., None]) -> None:
    """Accept-Language is asked for at login only."""

    async def story(door: Any) -> None:
        assert (await door.call("POST", "/icws/connection", LOGIN)).http == 400
        agent = await door.login()
        assert (await agent.call("GET", "connection")).http == 200

    knock(story)


def test_unknown_members_and_any_media_type_are_taken(knock: Callable[..., None]) -> None:
    """Real clients send spurious members, and JSON without a content type."""

    async def story(door: Any) -> None:
        content = json.dumps(LOGIN | {"x-icws": None}).encode()
        answer = await door.call(
            "POST", "/icws/connection", headers={"Accept-Language": "EN-US", "Content-Type": "text/plain"}, content=content
        )
        assert answer.http == 201

    knock(story)


def test_a_server_that_takes_no_logins_names_others(knock: Callable[..., None]) -> None:
    """503 with alternateHostList."""

    async def story(door: Any) -> None:
        answer = await door.knock("agent1")
        assert answer.http == 503
        assert (answer.json()["alternateHostList"], answer.json()["errorId"]) == (["ic-b"], "error.server.notAcceptingConnections")

    knock(story, accepting=False, alternate_hosts=("ic-b",))


def test_one_time_tokens_log_in_once_and_soon(knock: Callable[..., None]) -> None:
    """A unique-auth-token works once, with its seed and its source session, for seven seconds."""
    clock = ManualClock()
    seed = "0f8c2a54-5b0e-4a0c-8f7d-2d1f5b7f9a11"

    async def story(door: Any) -> None:
        agent = await door.login()

        async def token() -> str:
            return str((await agent.good("POST", "connection/unique-auth-token", {"authTokenSeed": seed}))["authToken"])

        async def enter(token: str) -> int:
            given = {"authTokenSeed": seed, "authToken": token, "authTokenSourceSession": agent.id, "applicationName": "test"}
            body = {"__type": "urn:inin.com:connection:authTokenConnectionRequestSettings"} | given
            return int((await door.call("POST", "/icws/connection", body, {"Accept-Language": "en"})).http)

        first, late = await token(), await token()
        assert [await enter(first), await enter(first)] == [201, 400]
        clock.turn(8)
        assert await enter(late) == 400

    knock(story, clock=clock)


@pytest.mark.parametrize(("id", "code"), [("99999999999", 1), ("abc", 1), ("4294967296", 1), ("12345", -2147221499), ("9" * 5000, 1)])
def test_an_id_that_is_none_and_one_that_is_unknown_are_told_apart(id: str, code: int, knock: Callable[..., None]) -> None:
    """Code 1 for what cannot be an id, another one for a session that is not there."""

    async def story(door: Any) -> None:
        answer = await door.call("GET", f"/icws/{id}/connection")
        assert (answer.http, answer.json()["errorCode"]) == (401, code)

    knock(story)


def test_one_session_never_opens_another(knock: Callable[..., None]) -> None:
    """Neither the cookie nor the token of a session opens another one."""

    async def story(door: Any) -> None:
        one, two = await door.login("agent1"), await door.login("agent2")
        assert (await one.call("GET", "connection", cookie=two.cookie)).json()["errorCode"] == 4
        assert (await one.call("GET", "connection", token=two.token)).json()["errorCode"] == 2
        assert (await one.call("GET", "connection", cookie=f"{two.cookie}; {one.cookie}")).http == 200

    knock(story)


def test_a_cookie_header_with_its_attributes_is_understood(knock: Callable[..., None]) -> None:
    """Some clients replay the whole Set-Cookie value."""

    async def story(door: Any) -> None:
        agent = await door.login()
        assert (await agent.call("GET", "connection", cookie=f"{agent.cookie}; Path=/icws/{agent.id}; HttpOnly")).http == 200

    knock(story)


def test_after_logout_the_connection_is_down_for_a_while_then_unknown(knock: Callable[..., None]) -> None:
    """200 with state 2 in the grace period, 401 afterwards; everything else is 401 at once."""
    clock = ManualClock()

    async def story(door: Any) -> None:
        agent = await door.login()
        ended = await agent.call("DELETE", "connection")
        assert (ended.http, ended.body) == (200, b"")
        assert (await agent.call("GET", "connection")).json()["connectionState"] == 2
        assert (await agent.call("GET", "connection/station")).http == 401
        clock.turn(31)
        assert (await agent.call("GET", "connection")).http == 401

    knock(story, clock=clock)


def test_an_idle_session_expires(knock: Callable[..., None]) -> None:
    """Without a request it is unknown after its time; a heartbeat keeps it."""
    clock = ManualClock()

    async def story(door: Any) -> None:
        agent = await door.login()
        clock.turn(100)
        assert (await agent.call("POST", "messaging/heartbeat")).http == 204
        clock.turn(100)
        assert (await agent.call("GET", "connection")).http == 200
        clock.turn(121)
        assert (await agent.call("GET", "connection")).json()["errorCode"] == -2147221499

    knock(story, clock=clock)


def test_a_login_elsewhere_ends_the_earlier_session_where_the_server_is_so_set(knock: Callable[..., None]) -> None:
    """The earlier session is 401 from then on."""

    async def story(door: Any) -> None:
        first = await door.login()
        await door.login()
        assert (await first.call("GET", "connection")).http == 401

    knock(story, one_session_per_user=True)


def test_features_and_versions_are_told_without_a_session(knock: Callable[..., None]) -> None:
    """And with one; an unknown feature is 400, not 404."""

    async def story(door: Any) -> None:
        agent = await door.login()
        assert (await door.call("GET", "/icws/connection/features/messaging")).json() == {"featureId": "messaging", "version": 2}
        assert (await door.call("GET", "/icws/connection/features/none")).http == 400
        assert (await agent.call("GET", "connection/features/messaging")).http == 200
        assert (await door.call("GET", "/icws/connection/version")).json()["productId"] == "CIC"

    knock(story)


def test_a_server_without_the_feature_has_no_email_resources(knock: Callable[..., None]) -> None:
    """Below interactions 10 they are 404."""

    async def story(door: Any) -> None:
        agent = await door.login()
        assert (await agent.call("POST", "interactions/1/email/send")).http == 404

    knock(story, features={"connection": 1, "messaging": 1, "interactions": 1})


def test_unknown_paths_are_404_and_known_ones_with_another_verb_405(knock: Callable[..., None]) -> None:
    """Before any session is looked at."""

    async def story(door: Any) -> None:
        assert (await door.call("GET", "/icws/nowhere/at/all")).json()["errorId"] == "error.request.notFound"
        answer = await door.call("PATCH", "/icws/connection")
        assert (answer.http, answer.header("Allow")) == (405, "POST")

    knock(story)


@pytest.mark.parametrize(
    ("body", "http"),
    [
        ({"__type": "urn:inin.com:connection:stationlessSettings"}, 200),
        ({"__type": "urn:inin.com:connection:workstationSettings", "workstation": "desk-1"}, 200),
        ({"__type": "urn:inin.com:connection:workstationSettings"}, 400),
        ({"__type": "urn:inin.com:connection:remoteNumberSettings", "remoteNumber": "123"}, 200),
        ({"workstation": "Desk-1"}, 400),
        ({"__type": "urn:inin.com:connection:stationlessSettings", "supportedMediaTypes": [3, 99]}, 400),
    ],
)
def test_stations_are_taken(body: dict[str, Any], http: int, knock: Callable[..., None]) -> None:
    """By kind; what is taken can be read back and left."""

    async def story(door: Any) -> None:
        agent = await door.login()
        answer = await agent.call("PUT", "connection/station", body)
        assert answer.http == http, answer.text
        if http == 200:
            assert answer.header("Location") == f"/icws/{agent.id}/connection/station"
            assert (await agent.good("GET", "connection/station"))["stationSetting"] in {0, 1, 2, 3}
            await agent.good("DELETE", "connection/station")
        gone = await agent.call("GET", "connection/station")
        assert (gone.http, gone.json()["errorId"]) == (400, "-2147221496")

    knock(story)


def test_an_unknown_station_is_told_by_its_number(knock: Callable[..., None]) -> None:
    """The errorId is the number, as text."""

    async def story(door: Any) -> None:
        agent = await door.login()
        body = {"__type": "urn:inin.com:connection:workstationSettings", "workstation": "Nowhere"}
        assert (await agent.call("PUT", "connection/station", body)).json()["errorId"] == "-2147221496"

    knock(story)


@pytest.mark.parametrize("id", ["a%2Fb", "a%0Ab", "%F0%9F%93%A7", "%25"])
def test_an_id_may_hold_any_character(id: str, knock: Callable[..., None]) -> None:
    """A segment of a path is taken apart before it is decoded."""

    async def story(door: Any) -> None:
        agent = await door.login()
        assert (await agent.call("POST", f"interactions/{id}/email/send")).json()["errorId"] == "error.request.notFound"
        assert (await agent.call("PUT", f"messaging/subscriptions/queues/{id}", {})).http == 400

    knock(story)
