"""Our client where servers misbehave: failover, lost answers, gateways, lost and doubled messages, broken streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from runner.clock import SystemClock
from runner.environment.model import Target
from runner.errors import Refused, StepTimedOut, WireError
from runner.simulation.server import serving
from runner.simulation.world import World, default_people
from runner.transport.exchange import Exchange
from runner.transport.scripted import Answer, ScriptedTransport
from runner.vendors.icws import VENDOR
from runner.vendors.icws.client import IcwsClient
from runner.vendors.icws.records import IcwsOptions
from runner.vendors.icws.refusals import refusal
from runner.vendors.icws.sign_in import with_password
from runner.vendors.icws.simulator.app import IcwsSimulator
from runner.vendors.icws.simulator.settings import IcwsSettings
from tests.vendors.icws.conftest import noticed

DRAFT = {"to": "joe@example.com", "subject": "Your order", "text": "It is on its way."}
CONNECTED = Answer.json(
    {"sessionId": "17", "csrfToken": "t", "userID": "agent1", "features": [{"featureId": "messaging", "version": 1}]}, http=201
)


class Context:
    """A session's context over scripted answers."""

    actor = None
    smtp: dict[str, object] = {}  # noqa: RUF012 - never changed

    def __init__(self, transport: ScriptedTransport, url: str = "http://ic-a:8018") -> None:
        self.target = Target("icws", url)
        self.clock = SystemClock()
        self.logged: list[str] = []
        self._transport = transport

    def client(self, base_url: str = "", *, cookies: bool = True) -> Any:
        return self._transport.client(base_url or self.target.url, cookies=cookies)

    def notified(self, name: str, body: object) -> None:
        """Nothing is recorded here."""

    def learn(self, name: str, value: str) -> None:
        """Nor redacted."""

    def log(self, message: str) -> None:
        self.logged.append(message)


def scripted(story: Callable[[ScriptedTransport, IcwsClient], Any], *, url: str = "http://ic-a:8018") -> None:
    """Run *story* with a client over scripted answers."""

    async def run() -> None:
        transport = ScriptedTransport()
        client = IcwsClient(Context(transport, url), IcwsOptions())
        await story(transport, client)
        await client.close()

    asyncio.run(run())


# ── login ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_takes_no_logins_is_left_for_one_that_does(play: Callable[..., None]) -> None:
    """The first simulator names the second, with its port; everything after goes there."""

    async def story(stage: Any) -> None:
        backup = IcwsSimulator(World(default_people(4), seed=1), IcwsSettings())
        async with serving(backup) as other:
            stage.simulator.office.alternates = (urlsplit(other.url).netloc,)
            await stage.act("login")
            await stage.act("create", DRAFT)
            await stage.act("send")
            assert (len(stage.world.outbox), len(backup.world.outbox)) == (0, 1)
            await stage.act("logout")
            assert len(backup.office.sessions) == 0

    play(VENDOR, story, settings=IcwsSettings(accepting=False))


def test_each_alternate_is_asked_once_with_the_same_scheme_and_port() -> None:
    """Then the refusal stands: unavailable."""
    down = Answer.json(
        {"alternateHostList": ["ic-a", "ic-b"], "errorId": "error.server.notAcceptingConnections", "message": "no"}, http=503
    )

    async def story(transport: ScriptedTransport, client: IcwsClient) -> None:
        transport.on("POST", "*", down)
        with pytest.raises(Refused) as caught:
            await client.login(with_password("agent1", "x"))
        assert (caught.value.reason, caught.value.vendor_code) == ("unavailable", "error.server.notAcceptingConnections")
        assert [urlsplit(r.url).netloc for r in transport.requests] == ["ic-a:8018", "ic-b:8018"]

    scripted(story)


def test_a_proxys_path_before_icws_stays() -> None:
    """Any base URL is allowed; /icws at its end is not doubled."""

    async def story(transport: ScriptedTransport, client: IcwsClient) -> None:
        transport.on("POST", "*", CONNECTED)
        await client.login(with_password("agent1", "x"))
        assert transport.requests[0].url == "https://proxy.example/app/api/ic-a/icws/connection?include=features,version"

    scripted(story, url="https://proxy.example/app/api/ic-a/icws/")


def test_the_id_and_token_of_the_body_serve_where_the_headers_lack_them() -> None:
    """Some proxies take headers away."""

    async def story(transport: ScriptedTransport, client: IcwsClient) -> None:
        transport.on("POST", "*", CONNECTED)
        connection, _ = await client.login(with_password("agent1", "x"))
        assert (connection.id, connection.token, connection.can("messaging", 2)) == ("17", "t", False)

    scripted(story)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(http=201, body=b"<html>"), "not the JSON"),
        (Answer.json({"userID": "agent1"}, http=201), "no session id"),
        (Answer(http=302, headers={"Location": "https://elsewhere.example/x"}), "redirects to elsewhere.example"),
    ],
)
def test_a_login_answer_that_cannot_be_used_breaks_the_wire(answer: Answer, words: str) -> None:
    """It is neither a yes nor a no."""

    async def story(transport: ScriptedTransport, client: IcwsClient) -> None:
        transport.on("POST", "*", answer)
        with pytest.raises(WireError, match=words):
            await client.login(with_password("agent1", "x"))

    scripted(story)


def test_the_session_does_not_follow_the_server_to_another_server() -> None:
    """An upload address elsewhere would get the token."""

    async def story(transport: ScriptedTransport, client: IcwsClient) -> None:
        transport.on("POST", "*", CONNECTED)
        await client.login(with_password("agent1", "x"))
        with pytest.raises(WireError, match="another server"):
            await client.transfer("PUT", "http://elsewhere.example/upload", b"x")

    scripted(story)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("http", "body", "reason", "code"),
    [
        (400, b'{"errorCode":-2147221503,"message":"no"}', "unauthenticated", "-2147221503"),
        (
            400,
            b'{"errorId":"error.request.invalidRepresentation.malformed","message":"no"}',
            "invalid",
            "error.request.invalidRepresentation.malformed",
        ),
        (401, b'{"errorCode":2,"message":"no"}', "unauthenticated", "2"),
        (403, b'{"message":"no"}', "forbidden", ""),
        (404, b"", "not_found", ""),
        (405, b"{}", "invalid", ""),
        (406, b"{}", "not_acceptable", ""),
        (409, b"{}", "conflict", ""),
        (410, b"{}", "gone", ""),
        (413, b"{}", "too_large", ""),
        (429, b"{}", "unavailable", ""),
        (500, b'{"errorCode":-2147467259,"message":"no"}', "server_error", "-2147467259"),
        (502, b"<html>Bad gateway</html>", "unavailable", ""),
        (503, b"[]", "unavailable", ""),
        (504, b"", "unavailable", ""),
    ],
)
def test_each_status_has_its_neutral_reason(http: int, body: bytes, reason: str, code: str) -> None:
    """Beside the vendor's own code; a body in another form is told by its beginning."""
    refused = refusal(Exchange("GET", "http://ic-a/x", {}, b"", http, {}, body))
    assert (refused.reason, refused.http, refused.vendor_code) == (reason, http, code)
    assert refused.text == {b"<html>Bad gateway</html>": "<html>Bad gateway</html>", b"[]": "[]", b"{}": "{}"}.get(
        body, "no" if body else ""
    )


def test_a_wrong_property_is_named_in_the_text() -> None:
    """The server names it beside its message."""
    body = b'{"errorId":"e","message":"Missing.","propertyName":"sender"}'
    assert refusal(Exchange("GET", "http://ic-a/x", {}, b"", 400, {}, body)).text == "Missing. (sender)"


# ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_send_whose_answer_is_lost_is_not_sent_again(play: Callable[..., None]) -> None:
    """It was carried out: one mail left, and looking settles it."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        stage.simulator.faults.add("answer_lost:1@*/email/send")
        assert (await stage.act("send"))["status"] == "sent"
        assert any(line.startswith("settled by looking") for line in stage.parts["agent"].logged)
        assert len(stage.world.outbox) == 1
        outputs = await stage.observe("verify_status", {"is": "sent"}, until=lambda o: o.status == "sent")
        assert outputs[-1].status == "sent"

    play(VENDOR, story)


def test_a_send_that_never_arrived_leaves_a_draft(play: Callable[..., None]) -> None:
    """The same error, another truth: looking tells."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        stage.simulator.faults.add("reset:1@*/email/send")
        with pytest.raises(WireError):
            await stage.act("send")
        (output,) = await stage.observe("verify_status", {"is": "draft"}, until=lambda o: True)
        assert (output.status, stage.world.outbox) == ("draft", [])

    play(VENDOR, story)


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("messages", ["auto", "poll"])
@pytest.mark.parametrize("fault", ["duplicate", "late=30ms", "reorder=30ms"])
def test_doubled_late_and_reordered_messages_change_nothing(fault: str, messages: str, play: Callable[..., None]) -> None:
    """The same scenario ends the same way."""

    async def story(stage: Any) -> None:
        stage.files["a.txt"] = (b"a", "text/plain")
        stage.simulator.faults.add(fault)
        await stage.act("login")
        await stage.act("ready")
        await stage.act("receive", {"subject": "Where is it?"})
        await stage.act("accept")
        await stage.act("reply", {"text": "Here."})
        await stage.act("attach", {"file": "a.txt"})
        await stage.act("send")
        await stage.observe("verify_status", {"is": "sent"}, until=lambda o: o.status == "sent")
        assert [a.name for a in stage.world.outbox[0].attachments] == ["a.txt"]

    play(VENDOR, story, options={"messages": messages, "poll_seconds": 0.02})


def test_a_lost_message_is_asked_for_again(play: Callable[..., None]) -> None:
    """A subscription put anew brings the whole contents."""

    async def story(stage: Any) -> None:
        stage.simulator.faults.add("lost:1@emailContentsMessage")
        await stage.act("login")
        assert (await stage.act("create", DRAFT))["subject"] == "Your order"

    play(VENDOR, story, options={"ask_again_seconds": 0.02})


def test_messages_that_never_come_end_the_wait(play: Callable[..., None]) -> None:
    """With the name of what did not come; the draft exists and is known."""

    async def story(stage: Any) -> None:
        stage.simulator.faults.add("lost@emailContentsMessage")
        await stage.act("login")
        (await stage.part()).timeout = 0.1
        with pytest.raises(StepTimedOut, match="contents of mail"):
            await stage.act("create", DRAFT)
        assert stage.parts["agent"].made[0][0] == "draft"

    play(VENDOR, story, options={"ask_again_seconds": 0.02})


def test_a_broken_stream_is_opened_again(play: Callable[..., None]) -> None:
    """What was pushed meanwhile is read then, and the record says that there was a gap."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        stage.simulator.faults.on_restart()
        await noticed(stage.parts["agent"].logged, "opening it again")
        await stage.act("create", DRAFT)
        await stage.observe("expect_event", {"status": "draft"}, until=lambda o: o.status == "draft")

    play(VENDOR, story)


def test_a_session_that_ends_while_listening_is_told(play: Callable[..., None]) -> None:
    """The wait ends as unauthenticated, not as a timeout, when nobody may log in again."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("listen")
        stage.parts["agent"].stays_out = True
        stage.simulator.expire_sessions()
        with pytest.raises(Refused) as caught:
            await stage.observe("expect_event", {"event": "none"}, until=lambda o: False)
        assert caught.value.reason == "unauthenticated"

    play(VENDOR, story)


def test_a_large_mail_comes_through_the_stream(play: Callable[..., None]) -> None:
    """A message may be longer than a line of a reader's usual limit."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        text = "long " * 100_000
        assert (await stage.act("create", DRAFT | {"text": text}))["text"] == text

    play(VENDOR, story)


def test_sixteen_agents_work_side_by_side(play: Callable[..., None]) -> None:
    """Each takes its own mail though all are alerted about all."""

    async def story(stage: Any) -> None:
        async def one(by: str) -> str:
            await stage.act("login", by=by)
            await stage.act("ready", by=by)
            mail = await stage.act("receive", {"subject": f"For {by}"}, by=by)
            accepted = await stage.act("accept", {"mail": mail.id}, by=by)
            await stage.act("reply", {"text": "Here."}, by=by)
            await stage.act("send", by=by)
            return str(accepted["subject"])

        agents = [f"agent_{n}" for n in range(1, 17)]
        subjects = await asyncio.gather(*(one(by) for by in agents))
        assert subjects == [f"For {by}" for by in agents]
        assert len(stage.world.outbox) == 16

    play(VENDOR, story, agents=16)


@pytest.mark.parametrize("member", ["interactionsRemoved", "interactionsAdded", "subscriptionId"])
def test_a_message_that_cannot_be_read_is_passed_over(member: str, play: Callable[..., None]) -> None:
    """One whose members are not of their types stops nobody: what it would have brought is asked for again."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("ready")
        stage.simulator.faults.add(f"drift:1@queueContentsMessage=wrong-type:{member}")
        await stage.act("receive", {"subject": "Where?"})
        assert (await stage.act("accept"))["status"] == "accepted"

    play(VENDOR, story, options={"ask_again_seconds": 0.05})
