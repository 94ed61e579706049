"""The simulator's gate: sign-in, cookie, CSRF token, role, contact-centre session, channel states, CometD."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from runner.clock import Duration, SystemClock
from runner.simulation.world import Mail, default_password

WireStory = Callable[..., None]

START = {"operationName": "StartContactCenterSession", "channels": ["email"]}


def basic(user: str, password: str) -> dict[str, str]:
    """The header of a sign-in."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    "headers",
    [{}, basic("agent1", "wrong"), basic("nobody", "x"), {"Authorization": "Basic !!!"}, {"Authorization": "Bearer abc"}, basic("", "")],
)
def test_without_right_credentials_everything_is_401(wire: WireStory, headers: dict[str, str]) -> None:
    """No session and no or wrong credentials: code 20 with a challenge, on every kind of path."""

    async def story(stage: Any, make: Any) -> None:
        for method, path in (("GET", "/me"), ("POST", "/me"), ("GET", "/me/interactions"), ("POST", "/notifications/handshake")):
            answer = await make().ask(method, path, {}, headers=headers)

            assert (answer.http, answer.json()["statusCode"]) == (401, 20)
            assert answer.header("WWW-Authenticate") == 'Basic realm="GWS"'

    wire(story)


def test_signing_in_gives_cookie_token_and_user(wire: WireStory) -> None:
    """The answer to GET /me opens the session and yields the token under the name that X-CSRF-HEADER says."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        answer = await agent.sign_in()
        whole = (await agent.ask("GET", "/me?subresources=*")).json()["user"]

        assert answer.json()["user"]["userName"] == "agent1"
        assert "JSESSIONID" in agent.http.cookies()
        assert answer.header("X-CSRF-HEADER") == "X-CSRF-TOKEN"
        assert len(answer.header("X-CSRF-TOKEN")) == 32
        assert whole["settings"]["interaction-workspace"]["email.outbound-queue"] == "Outbound-email"

    wire(story)


@pytest.mark.parametrize("token", ["", "wrong"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/me"),
        ("POST", "/me/channels/email"),
        ("POST", "/me/interactions/"),
        ("POST", "/me/interactions/x"),
        ("POST", "/me/interactions/x/attachments"),
        ("DELETE", "/me/interactions/x/attachments/y"),
        ("PUT", "/interactions/x"),
        ("POST", "/notifications"),
    ],
)
def test_writing_without_the_token_is_403_in_plain_text(wire: WireStory, method: str, path: str, token: str) -> None:
    """The documented text, before anything else of the request is looked at."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        answer = await agent.ask(method, path, START, token=False, headers={"X-CSRF-TOKEN": token} if token else {})

        assert (answer.http, answer.text) == (403, "Missing or invalid Csrf token")

    wire(story)


def test_a_client_without_cookies_gets_the_same_403(wire: WireStory) -> None:
    """Each of its requests looks like a new session, so that its token is never right."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        agent.http.clear_cookies()
        answer = await agent.ask("POST", "/me", START, headers=basic("agent1", default_password("agent1")))

        assert answer.http == 403

    wire(story)


def test_without_csrf_protection_no_token_is_given_or_asked(wire: WireStory) -> None:
    """`enableCsrfProtection` off."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        answer = await agent.sign_in()

        assert answer.header("X-CSRF-HEADER") == ""
        assert (await agent.ask("POST", "/me", START)).http == 200

    wire(story, csrf=False)


class Later(SystemClock):
    """A clock that can be set forward."""

    ahead = 0.0

    def monotonic(self) -> float:  # type: ignore[override]
        return SystemClock.monotonic() + self.ahead


def test_a_session_ends_when_it_was_idle_too_long(wire: WireStory) -> None:
    """After the limit the cookie is worth nothing, and the token with it."""
    clock = Later()

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        clock.ahead = 1790.0
        assert (await agent.ask("GET", "/me")).http == 200
        clock.ahead = 2 * 1800.0

        assert (await agent.ask("GET", "/me")).http == 401

    wire(story, clock=clock)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/me"), ("GET", "/me/interactions"), ("POST", "/me/channels/email"), ("GET", "/settings/agent-states")]
)
def test_who_is_no_agent_has_no_permission(wire: WireStory, method: str, path: str) -> None:
    """A person without the role may sign in; everything else is code 5."""

    async def story(stage: Any, make: Any) -> None:
        somebody = make()
        assert (await somebody.sign_in("restricted1")).http == 200
        answer = await somebody.ask(method, path, START)

        assert answer.http == 403
        assert "no permission" in answer.text

    wire(story)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operationName": "StartContactCenterSession"}, 1),
        ({"operationName": "StartContactCenterSession", "channels": []}, 1),
        ({"operationName": "StartContactCenterSession", "channels": "email"}, 2),
        ({"operationName": "StartContactCenterSession", "channels": ["pigeon"]}, 2),
        ({"operationName": "Dance"}, 2),
        ({}, 1),
    ],
)
def test_a_wrong_start_is_refused(wire: WireStory, body: dict[str, object], code: int) -> None:
    """Channels must be there, a list, and known."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        answer = await agent.ask("POST", "/me", body)

        assert (answer.http, answer.json()["statusCode"]) == (400, code)

    wire(story)


def test_some_channels_down_is_code_7_and_all_down_is_their_code(wire: WireStory) -> None:
    """Code 7 lists each channel with its own code; when none can be started there is one code only."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        some = (await agent.ask("POST", "/me", {**START, "channels": ["email", "voice"]})).json()
        none = await agent.ask("POST", "/me", {**START, "channels": ["voice"]})

        assert some["statusCode"] == 7
        assert [(c["channel"], c["statusCode"]) for c in some["channels"]] == [("email", 0), ("voice", 4)]
        assert (none.http, none.json()["statusCode"]) == (500, 4)

    wire(story, down_channels=("voice",))


def test_starting_twice_changes_nothing(wire: WireStory) -> None:
    """A second start is a success and leaves the channel Ready."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        again = (await agent.ask("POST", "/me", START)).json()
        [channel] = (await agent.ask("GET", "/me/channels")).json()["channels"]

        assert again == {"statusCode": 0}
        assert channel == {
            "channel": "email",
            "dndState": "Off",
            "userState": {"id": "9430250E-0A1B-421F-B372-F29E69366DED", "state": "Ready", "displayName": "Ready"},
        }

    wire(story)


@pytest.mark.parametrize(
    ("operation", "state", "reason", "dnd"),
    [
        ("Ready", "Ready", None, "Off"),
        ("NotReady", "NotReady", None, "Off"),
        ("OutToLunch", "NotReady", "OutToLunch", "Off"),
        ("DoNotDisturbOn", "Ready", None, "On"),
        ("DoNotDisturbOff", "Ready", None, "Off"),
    ],
)
@pytest.mark.parametrize("path", ["/me", "/me/channels/email"])
def test_channel_states(wire: WireStory, path: str, operation: str, state: str, reason: str | None, dnd: str) -> None:
    """For one channel or all: Ready, NotReady, the contact centre's own states, do not disturb."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        answer = await agent.ask("POST", path, {"operationName": operation})
        [channel] = (await agent.ask("GET", "/me/channels")).json()["channels"]

        assert answer.http == 200
        assert (channel["userState"]["state"], channel["userState"].get("reason"), channel["dndState"]) == (state, reason, dnd)

    wire(story)


@pytest.mark.parametrize(
    ("path", "operation", "http"),
    [("/me/channels/pigeon", "Ready", 404), ("/me/channels/chat", "Ready", 400), ("/me/channels/email", "Siesta", 400)],
)
def test_wrong_channel_states_are_refused(wire: WireStory, path: str, operation: str, http: int) -> None:
    """An unknown channel is not found, one outside the session and an unknown state are invalid."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        answer = await agent.ask("POST", path, {"operationName": operation})

        assert (answer.http, answer.json()["status"]) == (http, "error")

    wire(story)


def test_ending_the_contact_centre_session_ends_everything(wire: WireStory) -> None:
    """Cookie, token and CometD session are worth nothing afterwards, and an open offer goes to somebody else."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        await stage.simulator.receive(Mail(sender="joe@example.com", to=["help@shop.example"]))
        other = await make().started("agent2")
        ended = await agent.ask("POST", "/me", {"operationName": "EndContactCenterSession"})

        assert ended.json() == {"statusCode": 0}
        assert (await agent.ask("GET", "/me")).http == 401
        assert [i["state"] for i in await other.mine()] == ["Invited"]

    wire(story)


@pytest.mark.parametrize("subscription", ["/v2/me/interactions", "/v2/me/*", "/v2/**", "/**"])
def test_an_invitation_is_pushed_in_the_documented_form(wire: WireStory, subscription: str) -> None:
    """The Bayeux channel outside, the media channel inside, lower-case names in the invitation's e-mail object."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        client_id = await agent.listen(subscription)
        await agent.started()
        mail = Mail(sender="joe@example.com", to=["help@shop.example"], subject="Broken lamp")
        id = await stage.simulator.receive(mail)
        events = await agent.heard_until(client_id, "/v2/me/interactions")

        told = next(e for e in events if e["channel"] == "/v2/me/interactions")["data"]
        assert (told["messageTypeName"], told["channel"], told["state"], told["capabilities"]) == (
            "InteractionStateMessage",
            "email",
            "Invited",
            ["Accept", "Reject"],
        )
        assert told["email_object"] == {"subject": "Broken lamp", "interactionId": id}
        assert (told["interactionSubType"], told["currentQueue"], told["userData"]["FromAddress"]) == (
            "InboundNew",
            "Inbound-email",
            "joe@example.com",
        )

    wire(story)


def test_what_was_pushed_to_nobody_is_lost(wire: WireStory) -> None:
    """Events of a time without a live CometD session are not replayed; the state is there to be read."""

    async def story(stage: Any, make: Any) -> None:
        agent, witness = await make().started(), make()
        await witness.sign_in()
        witness_id = await witness.listen()
        await stage.simulator.receive(Mail(sender="joe@example.com", to=["help@shop.example"]))
        await witness.heard_until(witness_id, "/v2/me/interactions")
        client_id = await agent.listen()
        stage.simulator.notifier.tell("agent1", "/v2/me/marker", {})

        assert [e["channel"] for e in await agent.heard(client_id)] == ["/v2/me/marker"]
        assert len(await agent.mine()) == 1

    wire(story)


@pytest.mark.parametrize(
    ("content_type", "body", "http", "code"),
    [
        ("application/json", json.dumps({"attachment": "YQ=="}).encode(), 415, 2),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n',
            400,
            1,
        ),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="attachment"\r\n\r\nx\r\n--b--\r\n', 400, 1),
        ("multipart/form-data; boundary=b", b"nonsense", 400, None),
        ("multipart/form-data", b"nonsense", 400, None),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="attachment"; filename="a"\r\n\r\n' + b"x" * 101 + b"\r\n--b--\r\n",
            413,
            10,
        ),
    ],
)
def test_wrong_uploads_are_refused(wire: WireStory, content_type: str, body: bytes, http: int, code: int | None) -> None:
    """Only multipart with a file in the part `attachment`, within the limit."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        create = {
            "operationName": "Create",
            "queueName": "Outbound-draft",
            "interactionType": "Outbound",
            "interactionSubType": "OutboundNew",
        }
        await agent.ask("POST", "/me/interactions/", create)
        id = (await agent.mine())[0]["id"]
        answer = await agent.ask("POST", f"/me/interactions/{id}/attachments", body, headers={"Content-Type": content_type})

        assert answer.http == http
        assert code is None or answer.json()["statusCode"] == code
        assert (await agent.mine())[0]["attachments"] == []

    wire(story, attachment_limit=100)


def test_attachments_belong_to_their_interaction(wire: WireStory) -> None:
    """Another interaction does not have them, a second DELETE finds nothing, and only the owner reads them."""

    async def story(stage: Any, make: Any) -> None:
        agent, other = await make().started(), await make().started("agent2")
        create = {
            "operationName": "Create",
            "queueName": "Outbound-draft",
            "interactionType": "Outbound",
            "interactionSubType": "OutboundNew",
        }
        for _ in range(2):
            await agent.ask("POST", "/me/interactions/", create)
        one, two = [i["id"] for i in await agent.mine()]
        body = (
            b'--b\r\nContent-Disposition: form-data; name="attachment"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n'
        )
        form = {"Content-Type": "multipart/form-data; boundary=b"}
        added = (await agent.ask("POST", f"/me/interactions/{one}/attachments", body, headers=form)).json()
        path = f"attachments/{added['documentId']}"
        got = await agent.ask("GET", f"/me/interactions/{one}/{path}")

        assert added == {"statusCode": 0, "documentId": added["documentId"]}
        assert (got.body, got.header("Content-Type")) == (b"x", "text/plain")
        assert (await agent.ask("GET", f"/me/interactions/{two}/{path}")).http == 404
        assert (await other.ask("GET", f"/me/interactions/{one}/{path}")).http == 404
        assert (await agent.ask("DELETE", f"/me/interactions/{one}/{path}")).json() == {"statusCode": 0}
        assert (await agent.ask("DELETE", f"/me/interactions/{one}/{path}")).json()["statusCode"] == 6

    wire(story)


def test_the_connect_is_held_as_long_as_the_settings_say(wire: WireStory) -> None:
    """An idle connect is answered without events when its time is up."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        client_id = await agent.listen()

        assert await agent.heard(client_id) == []

    wire(story, connect_timeout=Duration(milliseconds=50))
