"""
Each named assumption of the simulator is one: with another value it answers otherwise, and with the default as it is documented.

A row names a setting, another value for it, and something that can be seen from outside; what is seen must differ as the row says.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import pytest

from runner.clock import Duration, SystemClock
from runner.simulation.world import Attachment, Mail, default_password
from runner.vendors.gws.simulator.settings import GwsSettings

WireStory = Callable[..., None]
See = Callable[[Any, Any], Awaitable[object]]

EMAIL = {"toAddress": "joe@example.com", "subject": "Hello", "text": "Hi", "fromAddress": "help@shop.example"}
CREATE = {"operationName": "Create", "queueName": "Outbound-draft", "interactionType": "Outbound", "interactionSubType": "OutboundNew"}
BASIC = {"Authorization": "Basic " + base64.b64encode(f"agent1:{default_password('agent1')}".encode()).decode()}


class Later(SystemClock):
    """A clock that can be set forward; a wait of seconds ends by that alone, a shorter one by itself."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._set = asyncio.Event()

    def monotonic(self) -> float:  # type: ignore[override]
        return SystemClock.monotonic() + self.ahead

    def set_forward(self, seconds: float) -> None:
        """It is so much later."""
        self.ahead += seconds
        self._set.set()
        self._set = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        due = self.monotonic() + seconds
        if seconds < 1:
            await super().sleep(seconds)
        while seconds >= 1 and self.monotonic() < due:
            await self._set.wait()


# ── what can be seen ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def agent_of(make: Any, user: str = "agent1") -> Any:
    """Somebody at work."""
    return await make().started(user)


async def offered(stage: Any, **mail: Any) -> str:
    """A customer's mail arrives; gives its id."""
    given = {"sender": "joe@example.com", "to": ["help@shop.example"], "subject": "Lamp", "text": "Broken", **mail}
    return str(await stage.simulator.receive(Mail(**given)))


async def operate(agent: Any, id: str, operation: str, **fields: object) -> Any:
    """An operation's answer."""
    return await agent.ask("POST", f"/me/interactions/{id}", {"operationName": operation, **fields})


async def draft_of(agent: Any) -> str:
    """A new draft's id."""
    await agent.ask("POST", "/me/interactions/", CREATE)
    return str((await agent.mine())[-1]["id"])


async def accepted(stage: Any, agent: Any, **mail: Any) -> str:
    """A mail in hand."""
    id = await offered(stage, **mail)
    await operate(agent, id, "Accept")
    return id


async def told(stage: Any, agent: Any, act: Callable[[], Awaitable[object]]) -> list[dict[str, Any]]:
    """What the agent is notified of while *act* is done."""
    client_id = await agent.listen()
    stage.simulator.notifier.tell("agent1", "/v2/me/before", {})
    await agent.heard_until(client_id, "/v2/me/before")
    await act()
    stage.simulator.notifier.tell("agent1", "/v2/me/after", {})
    return [e["data"] for e in await agent.heard_until(client_id, "/v2/me/after") if e["channel"] == "/v2/me/interactions"]


def told_of(operation: str, *, draft: bool = False, pick: Callable[[dict[str, Any]], object], **fields: object) -> See:
    """What a notification of *operation* says, by *pick*."""

    async def see(stage: Any, make: Any) -> object:
        agent = await agent_of(make)
        id = await draft_of(agent) if draft else await offered(stage) if operation == "Reject" else await accepted(stage, agent)
        (event, *_) = await told(stage, agent, lambda: operate(agent, id, operation, **fields))
        return pick(event)

    return see


def state(event: dict[str, Any]) -> object:
    """Its state."""
    return event["state"]


def status_of(*path: object, **headers: str) -> See:
    """The status of a request that only signs in."""

    async def see(stage: Any, make: Any) -> object:
        method, where, body = path
        return (await make().ask(method, where, body, headers={**BASIC, **headers})).http

    return see


def answer_to(operation: str, pick: Callable[[Any], object], *, draft: bool = False, **fields: object) -> See:
    """Something of the answer to an operation."""

    async def see(stage: Any, make: Any) -> object:
        agent = await agent_of(make)
        id = await draft_of(agent) if draft else await accepted(stage, agent)
        return pick(await operate(agent, id, operation, **fields))

    return see


def http(answer: Any) -> object:
    """Its status."""
    return answer.http


def text(answer: Any) -> object:
    """What it says."""
    return answer.json().get("errorDescription")


async def unauthenticated(stage: Any, make: Any) -> object:
    """A request of nobody."""
    answer = await make().ask("GET", "/me")
    return answer.http, answer.header("WWW-Authenticate"), answer.header("Content-Type").partition(";")[0]


async def tokens_header(stage: Any, make: Any) -> object:
    """Under which name a sign-in yields the token."""
    return (await make().sign_in()).header("X-CSRF-HEADER")


async def token_on_cometd(stage: Any, make: Any) -> object:
    """A handshake without the token."""
    agent = make()
    await agent.sign_in()
    shake = [{"id": "1", "version": "1.0", "channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]}]
    return (await agent.ask("POST", "/notifications", shake, token=False)).http


async def after_ten_minutes(stage: Any, make: Any) -> object:
    """The cookie, ten minutes later."""
    agent = make()
    await agent.sign_in()
    stage.clock.set_forward(600)
    return (await agent.ask("GET", "/me")).http


async def preflight(stage: Any, make: Any) -> object:
    """A browser's question."""
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    return (await make().ask("OPTIONS", "/me", headers=headers)).http


async def started_with_fax(stage: Any, make: Any) -> object:
    """A start of a channel of this name."""
    agent = make()
    await agent.sign_in()
    return (await agent.ask("POST", "/me", {"operationName": "StartContactCenterSession", "channels": ["fax"]})).http


async def started(stage: Any, make: Any) -> object:
    """The answer to a start, and the state that the channel is in."""
    agent = make()
    await agent.sign_in()
    answer = await agent.ask("POST", "/me", {"operationName": "StartContactCenterSession", "channels": ["email", "chat"]})
    channels = (await agent.ask("GET", "/me/channels")).json()["channels"]
    return answer.json()["statusCode"], [channel["userState"]["state"] for channel in channels]


async def channels_after_expiry(stage: Any, make: Any) -> object:
    """How many channels are still started."""
    agent = await agent_of(make)
    stage.simulator.expire_sessions()
    await agent.sign_in()
    return len((await agent.ask("GET", "/me/channels")).json()["channels"])


async def siesta(stage: Any, make: Any) -> object:
    """A state of this name."""
    return (await (await agent_of(make)).ask("POST", "/me/channels/email", {"operationName": "Siesta"})).http


async def inbound_queue(stage: Any, make: Any) -> object:
    """Where a customer's mail waits."""
    agent = await agent_of(make)
    await offered(stage)
    return (await agent.mine())[0]["currentQueue"]


async def outbound_queue(stage: Any, make: Any) -> object:
    """The user's own setting."""
    agent = make()
    await agent.sign_in()
    user = (await agent.ask("GET", "/me?subresources=settings")).json()["user"]
    return user["settings"]["interaction-workspace"]["email.outbound-queue"]


async def new_drafts(stage: Any, make: Any) -> object:
    """How many drafts come of a Create in the draft queue, and in which state."""
    agent = await agent_of(make)
    answer = await agent.ask("POST", "/me/interactions/", CREATE)
    return answer.http, [draft["state"] for draft in await agent.mine()]


async def sender_of_a_reply(stage: Any, make: Any) -> object:
    """Of a reply to a mail with two recipients."""
    agent = await agent_of(make)
    id = await accepted(stage, agent, to=["one@shop.example", "two@shop.example"])
    await operate(agent, id, "Reply", queueName="Outbound-draft")
    return (await agent.mine())[-1]["email_object"]["FromAddress"]


async def reply(stage: Any, make: Any) -> object:
    """A reply: its text, whom it goes to, and where it names its parent."""
    agent = await agent_of(make)
    id = await accepted(stage, agent)
    await operate(agent, id, "Reply", queueName="Outbound-draft")
    draft = (await agent.mine())[-1]
    return draft["email_object"]["Text"], draft["email_object"]["ToAddress"], sorted(draft.keys() & {"parentId", "parentInteractionId"})


async def after_the_invitation(stage: Any, make: Any) -> object:
    """What is told of a mail within half a minute of its offer."""
    agent = await agent_of(make)
    client_id = await agent.listen()
    await offered(stage)
    await agent.mine()  # the offer's time runs by now
    stage.clock.set_forward(30)
    await agent.mine()  # and whatever ran out is told by now
    stage.simulator.notifier.tell("agent1", "/v2/me/marker", {})
    told = [e["data"] for e in await agent.heard_until(client_id, "/v2/me/marker") if e["channel"] == "/v2/me/interactions"]
    return [data["state"] for data in told][:2]


async def offers(stage: Any, make: Any) -> object:
    """How often a mail is offered that nobody takes, up to three times."""
    agent = await agent_of(make)
    client_id = await agent.listen()
    await offered(stage)
    invited = 0
    # a mail that waits although somebody is ready is offered no more
    while invited < 3 and not (invited and list(stage.simulator.desk.interactions.waiting())):
        invited += sum(e["data"].get("state") == "Invited" for e in await agent.heard(client_id))
    return min(3, invited)


async def order(stage: Any, make: Any) -> object:
    """Whether the notification was there when the answer came."""
    agent = await agent_of(make)
    client_id = await agent.listen()
    await agent.ask("POST", "/me/interactions/", CREATE)
    return stage.simulator.bayeux.described()[0]["queued"] > 0 if client_id else None


async def soon(stage: Any, make: Any) -> object:
    """Whether a notification comes within half a second."""
    agent = await agent_of(make)
    client_id = await agent.listen("/v2/me/interactions")
    await agent.ask("POST", "/me/interactions/", CREATE)
    connect = {"channel": "/meta/connect", "connectionType": "long-polling", "clientId": client_id, "advice": {"timeout": 500}}
    return len((await agent.ask("POST", "/notifications", [connect])).json()) > 1


async def attached(stage: Any, make: Any) -> object:
    """The answer to an upload of eleven bytes, and how many notifications it brings."""
    agent = await agent_of(make)
    id = await draft_of(agent)
    body = b'--b\r\nContent-Disposition: form-data; name="attachment"; filename="a"\r\n\r\nHello World\r\n--b--\r\n'
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    answers: list[int] = []

    async def upload() -> None:
        answers.append((await agent.ask("POST", f"/me/interactions/{id}/attachments", body, headers=form)).http)

    return len(await told(stage, agent, upload)), answers


async def nested(stage: Any, make: Any) -> object:
    """Where the fields of a notification stand."""
    agent = await agent_of(make)
    (event, *_) = await told(stage, agent, lambda: agent.ask("POST", "/me/interactions/", CREATE))
    return "interaction" in event


async def idle_connect(stage: Any, make: Any) -> object:
    """What a connect is advised."""
    agent = make()
    await agent.sign_in()
    client_id = await agent.listen()
    connect = {"channel": "/meta/connect", "connectionType": "long-polling", "clientId": client_id, "advice": {"timeout": 0}}
    return (await agent.ask("POST", "/notifications", [connect])).json()[0]["advice"]["timeout"]


async def a_minute_away(stage: Any, make: Any) -> object:
    """A connect, a minute after the last."""
    agent = make()
    await agent.sign_in()
    client_id = await agent.listen()
    stage.clock.set_forward(60)
    connect = {"channel": "/meta/connect", "connectionType": "long-polling", "clientId": client_id, "advice": {"timeout": 0}}
    return (await agent.ask("POST", "/notifications", [connect])).json()[0]["successful"]


async def dialects(stage: Any, make: Any) -> object:
    """Which collections there are."""
    agent = make()
    await agent.sign_in()
    return [(await agent.ask("GET", f"/me/{name}")).http for name in ("interactions", "emails")]


async def parked(stage: Any, make: Any) -> object:
    """What is told, and where, when a mail is put into a workbin the later way."""
    agent = await agent_of(make)
    client_id = await agent.listen("/v2/**")
    id = await draft_of(agent)
    answer = (await agent.ask("POST", "/me/workbins/draft", {"operationName": "AddEmail", "id": id})).json()
    stage.simulator.notifier.tell("agent1", "/v2/me/after", {})
    events = await agent.heard_until(client_id, "/v2/me/after")
    (told,) = [event for event in events if event["data"].get("action") == "ItemAdded"]
    return told["channel"], told["data"]["id"] == id, told["data"]["referenceId"] == answer["referenceId"], told["data"]["workbin"]["name"]


async def agreed_to_confirm(stage: Any, make: Any) -> object:
    """What a handshake that offers the ack extension is answered."""
    agent = make()
    await agent.sign_in()
    shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"], "ext": {"ack": True}}
    return (await agent.ask("POST", "/notifications", [shake])).json()[0].get("ext")


async def later_told(stage: Any, make: Any, operation: str, **fields: object) -> list[dict[str, Any]]:
    """What the later dialect tells of an operation on a mail in hand."""
    agent = await agent_of(make)
    client_id = await agent.listen("/v2/**")
    id = await offered(stage)
    for name, given in (("Accept", {}), (operation, fields)):
        await agent.ask("POST", f"/me/emails/{id}", {"operationName": name, **given})
    stage.simulator.notifier.tell("agent1", "/v2/me/after", {})
    return [e["data"] for e in await agent.heard_until(client_id, "/v2/me/after") if e["channel"] == "/v2/me/emails"]


async def disposed(stage: Any, make: Any) -> object:
    """Under which key of the user data a disposition is kept."""
    *_, event = await later_told(stage, make, "SetDisposition", disposition="IssueResolved")
    return [key for key, value in event["email"]["userData"].items() if value == "IssueResolved"]


async def focused(stage: Any, make: Any) -> object:
    """What is told of a mail that comes into focus, beside its changes of state."""
    events = await later_told(stage, make, "SetInFocus")
    return [event["notificationType"] for event in events if event["notificationType"] != "StatusChange"]


async def nothing_right(stage: Any, make: Any) -> object:
    """An unknown operation on an unknown mail before the work has begun."""
    agent = make()
    await agent.sign_in()
    return (await operate(agent, "x", "Dance")).http


async def too_early(stage: Any, make: Any) -> object:
    """Complete of an offer."""
    return (await operate(await agent_of(make), await offered(stage), "Complete")).http


async def after_an_answer(stage: Any, make: Any) -> object:
    """What the agent still has when the answer was sent."""
    agent = await agent_of(make)
    await operate(agent, await accepted(stage, agent), "Reply", queueName="Outbound-draft")
    await operate(agent, (await agent.mine())[-1]["id"], "Send", **SENDING)
    return [mail["state"] for mail in await agent.mine()]


async def type_of_a_draft(stage: Any, make: Any) -> object:
    """What a created mail says that it is."""
    agent = await agent_of(make)
    await draft_of(agent)
    return (await agent.mine())[-1]["interactionType"]


async def quote(stage: Any, make: Any) -> object:
    """The text of a reply to two lines."""
    agent = await agent_of(make)
    id = await accepted(stage, agent, text="Broken\nlamp")
    fields = {"queueName": "Outbound-draft", "quoteOriginal": True, "replyToStartLine": "Joe:", "indentCharacter": "> "}
    await operate(agent, id, "Reply", **fields)
    return (await agent.mine())[-1]["email_object"]["Text"]


async def started_in_part(stage: Any, make: Any) -> object:
    """The first key of what is told of each channel, or its name."""
    agent = make()
    await agent.sign_in()
    start = {"operationName": "StartContactCenterSession", "channels": ["chat", "email"]}
    return [next(iter(each)) if isinstance(each, dict) else each for each in (await agent.ask("POST", "/me", start)).json()["channels"]]


async def channels_key(stage: Any, make: Any) -> object:
    """The keys of the channels' list."""
    return sorted((await (await agent_of(make)).ask("GET", "/me/channels")).json())


async def undisturbed(stage: Any, make: Any) -> object:
    """dndState before and after DoNotDisturbOn."""
    agent = await agent_of(make)
    seen = [(await agent.ask("GET", "/me/channels")).json()["channels"][0]["dndState"]]
    await agent.ask("POST", "/me/channels/email", {"operationName": "DoNotDisturbOn"})
    return [*seen, (await agent.ask("GET", "/me/channels")).json()["channels"][0]["dndState"]]


async def one_of_mine(stage: Any, make: Any) -> object:
    """A GET where the page has a POST."""
    agent = await agent_of(make)
    return (await agent.ask("GET", f"/me/interactions/{await draft_of(agent)}")).http


async def late_error(stage: Any, make: Any) -> object:
    """The fields of an error in the later dialect."""
    *_, event = await later_told(stage, make, "Complete", queueName="Failing-email")
    return sorted(event.keys() - {"messageType", "notificationType", "referenceId"})


async def told_accepted(stage: Any, make: Any) -> object:
    """Which contents the notification of Accept has."""
    agent = await agent_of(make)
    id = await offered(stage)
    (event,) = [e for e in await told(stage, agent, lambda: operate(agent, id, "Accept")) if e["state"] == "Processing"]
    return sorted(event.keys() & CONTENTS)


async def service_told(stage: Any, make: Any) -> object:
    """What is told when the back end goes down."""
    agent = make()
    await agent.sign_in()
    client_id = await agent.listen("/notifications/services")
    stage.simulator.switch_backend(up=False)
    (event,) = await agent.heard(client_id)
    return event["data"].get("services") or event["data"]["service"]["type"]


async def answer_of_an_upload(stage: Any, make: Any) -> object:
    """A file as JSON."""
    agent = await agent_of(make)
    return (await agent.ask("POST", f"/me/interactions/{await draft_of(agent)}/attachments", {"attachment": "YQ=="})).http


async def downloaded(stage: Any, make: Any) -> object:
    """The name that a download tells."""
    agent = await agent_of(make)
    path = f"/me/interactions/{await draft_of(agent)}/attachments"
    body = b'--b\r\nContent-Disposition: form-data; name="attachment"; filename="a"\r\n\r\nx\r\n--b--\r\n'
    document = (await agent.ask("POST", path, body, headers={"Content-Type": "multipart/form-data; boundary=b"})).json()["documentId"]
    return (await agent.ask("GET", f"{path}/{document}")).header("Content-Disposition")


async def received_file(stage: Any, make: Any) -> object:
    """A file of a customer's mail in hand."""
    agent = await agent_of(make)
    id = await accepted(stage, agent, attachments=[Attachment("a.txt", b"x", "text/plain")])
    (document,) = (await agent.mine())[-1]["attachments"]
    return (await agent.ask("GET", f"/me/interactions/{id}/attachments/{document['id']}")).http


async def handshake_of_nobody(stage: Any, make: Any) -> object:
    """A handshake of who is not signed in, and its error."""
    shake = {"id": "1", "version": "1.0", "channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]}
    answer = await make().ask("POST", "/notifications", [shake])
    told = answer.json()
    return answer.http, told[0]["error"] if isinstance(told, list) else None


def error_fields(event: dict[str, Any]) -> object:
    """The fields of a late error."""
    return sorted(event.keys() - {"messageTypeName", "id", "channel", "state", "capabilities"})


SHORT = Duration(milliseconds=10)
JOE, PARENT = "joe@example.com", "parentInteractionId"
# a listener outlives the setting forward of the clock
LISTENING = {"max_interval": Duration(hours=1)}
EMAILS = {"dialect": "emails"}
CONTENTS = {"email_object", "userData", "attachments"}
OTHER_CHECKS = ("operation", "interaction", "state", "fields", "backend")
SENDING = {"queueName": "Outbound-email", "email_object": EMAIL}
# setting, another value, what is seen, by default, with the other value; settings that are needed beside
ROWS: list[tuple[str, object, See, object, object, Mapping[str, object]]] = [
    ("dialect", "emails", dialects, [200, 404], [404, 200], {}),
    ("aliases", True, answer_to("StopProcessing", http), 403, 200, {}),
    ("http_status", {2: 422}, answer_to("Send", http, **SENDING), 400, 422, {}),
    ("always_200", True, answer_to("Send", http, **SENDING), 400, 200, {}),
    (
        "wording",
        {2: "Bad state ({text})"},
        answer_to("Send", text, **SENDING),
        "Operation Send is not valid for the current state",
        "Bad state (Operation Send is not valid for the current state)",
        {},
    ),
    (
        "unauthenticated_body",
        "page",
        unauthenticated,
        (401, 'Basic realm="GWS"', "application/json"),
        (401, 'Basic realm="GWS"', "text/html"),
        {},
    ),
    ("realm", "Shop", unauthenticated, (401, 'Basic realm="GWS"', "application/json"), (401, 'Basic realm="Shop"', "application/json"), {}),
    ("session_idle", Duration(minutes=5), after_ten_minutes, 200, 401, {}),
    ("csrf", False, status_of("POST", "/me", {"operationName": "Dance"}), 403, 400, {}),
    ("csrf_header", "X-Shop", tokens_header, "X-CSRF-TOKEN", "X-Shop", {}),
    ("csrf_on_cometd", False, token_on_cometd, 403, 200, {}),
    ("allowed_origins", ("*",), preflight, 405, 200, {}),
    ("channels", ("email", "fax"), started_with_fax, 400, 200, {}),
    ("down_channels", ("chat",), started, (0, ["NotReady", "NotReady"]), (7, ["NotReady"]), {}),
    ("start_state", "Ready", started, (0, ["NotReady", "NotReady"]), (0, ["Ready", "Ready"]), {}),
    ("expiry_ends_contact_center", True, channels_after_expiry, 1, 0, {}),
    ("not_ready_states", {"Siesta": "Siesta"}, siesta, 400, 200, {}),
    ("queues", ("Inbound-email", "Outbound-email"), new_drafts, (200, ["ReplyCreated"]), (400, []), {}),
    ("inbound_queue", "Escalation", inbound_queue, "Inbound-email", "Escalation", {}),
    ("outbound_queue", "Escalation", outbound_queue, "Outbound-email", "Escalation", {}),
    ("failing_queues", ("Outbound-draft",), new_drafts, (200, ["ReplyCreated"]), (200, []), {}),
    ("mailbox", "desk@shop.example", sender_of_a_reply, "help@shop.example", "desk@shop.example", {}),
    ("skills", ("French",), answer_to("Transfer", http, skill="French"), 404, 200, {}),
    ("workbins", {"attic": "Attic"}, answer_to("PlaceInWorkbin", http, workbinName="Attic"), 404, 200, {}),
    ("library", {"d1": "a.txt"}, answer_to("LinkAttachment", http, draft=True, documentId="d1"), 404, 200, {}),
    ("backend_up", False, new_drafts, (200, ["ReplyCreated"]), (500, []), {}),
    ("strict_capabilities", True, answer_to("Complete", http, draft=True), 200, 400, {}),
    (
        "reply_quotes",
        True,
        reply,
        ("", JOE, [PARENT]),
        ("Broken", JOE, [PARENT]),
        {},
    ),
    ("accepted_state", "Accepted", told_of("UpdateProperties", pick=state, userData={"a": "b"}), "Processing", "Accepted", {}),
    (
        "accepted_capabilities",
        ("Reply",),
        told_of("UpdateProperties", pick=lambda e: e["capabilities"], userData={"a": "b"}),
        ["Reply", "ReplyAll", "Transfer", "Complete", "PlaceInQueue", "PlaceInWorkbin", "UpdateProperties"],
        ["Reply"],
        {},
    ),
    ("sent_state", "Gone", told_of("Send", draft=True, pick=state, **SENDING), "Sent", "Gone", {}),
    ("canceled_state", "Cancelled", told_of("Cancel", draft=True, pick=state), "Canceled", "Cancelled", {}),
    ("completed_state", "Done", told_of("Complete", pick=state), "Completed", "Done", {}),
    ("rejected_state", "Rejected", told_of("Reject", pick=state), "Revoked", "Rejected", {}),
    ("queued_state", "Queued", told_of("PlaceInQueue", pick=state, queueName="Escalation"), "Completed", "Queued", {}),
    ("created_state", "Created", new_drafts, (200, ["ReplyCreated"]), (200, ["Created"]), {}),
    ("renamed_fields", {"PlaceInQueue.queueName": "target"}, answer_to("PlaceInQueue", http, target="Escalation"), 400, 200, {}),
    ("order_of_checks", ("contact_center", *OTHER_CHECKS), nothing_right, 403, 400, {}),
    ("operations_in", {"Invited": ("Accept", "Reject", "Complete")}, too_early, 400, 200, {}),
    ("answer_completes_parent", True, after_an_answer, ["Processing"], [], {}),
    ("created_type", "Email", type_of_a_draft, "Outbound", "Email", {}),
    ("quote_line_break", "crlf", quote, "Joe:\n> Broken\n> lamp", "Joe:\r\n> Broken\r\n> lamp", {}),
    ("start_line_alone", False, quote, "Joe:\n> Broken\n> lamp", "Joe:> Broken\n> lamp", {}),
    ("partial_start", "by_name", started_in_part, ["channel", "channel"], ["chat", "email"], {"down_channels": ("chat",)}),
    ("channels_in", "user", channels_key, ["channels", "statusCode"], ["statusCode", "user"], {}),
    ("do_not_disturb_words", ("true", "false"), undisturbed, ["Off", "On"], ["false", "true"], {}),
    ("single_of_mine", False, one_of_mine, 200, 405, {}),
    ("emails_error_field", "reason", late_error, ["email", "errorMessage"], ["email", "reason"], EMAILS),
    (
        "without_contents",
        ("changed",),
        told_of("UpdateProperties", pick=lambda e: sorted(e.keys() & CONTENTS), userData={"a": "b"}),
        ["attachments", "email_object", "userData"],
        [],
        {},
    ),
    ("without_contents", ("accepted",), told_accepted, ["attachments", "email_object", "userData"], [], {}),
    ("sent_capabilities", ("Recall",), told_of("Send", draft=True, pick=lambda e: e["capabilities"], **SENDING), [], ["Recall"], {}),
    (
        "queue_of_completed",
        False,
        told_of("PlaceInQueue", pick=lambda e: e.get("currentQueue"), queueName="Escalation"),
        "Escalation",
        None,
        {},
    ),
    ("service_message", "services", service_told, "Media", [{"id": "media", "type": "Media", "state": "Inactive"}], {}),
    ("not_multipart_status", 400, answer_of_an_upload, 415, 400, {}),
    ("attachment_name", False, downloaded, "attachment; filename=\"a\"; filename*=UTF-8''a", "", {}),
    ("inbound_attachments", False, received_file, 200, 400, {}),
    ("cometd_refusal", "bayeux", handshake_of_nobody, (401, None), (200, "403::Handshake denied"), {}),
    ("disposition_key", "DISP_KEY", disposed, ["DispositionCode"], ["DISP_KEY"], EMAILS),
    ("focus_event", False, focused, ["PropertiesUpdated"], [], EMAILS),
    (
        "address_lists",
        True,
        reply,
        ("", JOE, [PARENT]),
        ("", [JOE], [PARENT]),
        {},
    ),
    ("invitation", Duration(seconds=20), after_the_invitation, ["Invited"], ["Invited", "Revoked"], LISTENING),
    ("offers", 1, offers, 3, 1, {"invitation": SHORT}),
    ("delay", (Duration(hours=1), Duration(hours=1)), soon, True, False, {}),
    ("event_first", True, order, False, True, {"delay": (Duration(milliseconds=300), Duration(milliseconds=300))}),
    ("nested", True, nested, False, True, {}),
    ("parent_field", "parentId", reply, ("", JOE, [PARENT]), ("", JOE, ["parentId"]), {}),
    (
        "late_error_field",
        "error",
        told_of("Complete", pick=error_fields, queueName="Failing-email"),
        ["errorDescription"],
        ["error"],
        {},
    ),
    ("workbin_topic", "/v2/workbins", parked, ("/v2/me/workbins", True, True, "Drafts"), ("/v2/workbins", True, True, "Drafts"), {}),
    ("attachment_events", False, attached, (1, [200]), (0, [200]), {}),
    ("attachment_limit", 10, attached, (1, [200]), (0, [413]), {}),
    ("connect_timeout", Duration(seconds=7), idle_connect, 30_000, 7_000, {}),
    ("codes", {"wrong_state": 6}, answer_to("Send", http, **SENDING), 400, 404, {}),
    ("acknowledge", True, agreed_to_confirm, None, {"ack": True}, {}),
    ("max_interval", Duration(minutes=5), a_minute_away, False, True, {}),
]


@pytest.mark.parametrize(("name", "value", "see", "by_default", "otherwise", "beside"), ROWS, ids=[row[0] for row in ROWS])
def test_a_setting_changes_what_is_seen(
    wire: WireStory, name: str, value: object, see: See, by_default: object, otherwise: object, beside: Mapping[str, object]
) -> None:
    """By default the documented thing is seen, with the other value the other one."""
    seen: list[object] = []

    async def story(stage: Any, make: Any) -> None:
        seen.append(await see(stage, make))

    wire(story, clock=Later(), **beside)
    wire(story, clock=Later(), **{**beside, name: value})

    assert seen == [by_default, otherwise]


def test_no_setting_is_without_its_row() -> None:
    """A setting that changes nothing is no setting."""
    assert {row[0] for row in ROWS} == {field.name for field in msgspec.structs.fields(GwsSettings)}
