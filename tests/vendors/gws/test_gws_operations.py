"""The simulator's wire, by the protocol notes: each operation's success, the order of failures (3.2) and the state tables (6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.simulation.world import Attachment, Mail
from runner.vendors.gws.simulator.interactions import Interaction

WireStory = Callable[..., None]

EMAIL = {"toAddress": "joe@example.com", "subject": "Hello", "text": "Hi", "fromAddress": "help@shop.example"}
FIELDS: dict[str, dict[str, object]] = {
    "Reply": {"queueName": "Outbound-draft"},
    "ReplyAll": {"queueName": "Outbound-draft"},
    "Send": {"queueName": "Outbound-email", "email_object": EMAIL},
    "Transfer": {"userUri": "agent2"},
    "PlaceInQueue": {"queueName": "Escalation"},
    "PlaceInWorkbin": {"workbinName": "Drafts"},
    "UpdateProperties": {"userData": {"Product": "Lamp"}},
    "LinkAttachment": {"documentId": "0000QbLIB0000001"},
}
OPERATIONS = ("Accept", "Reject", "Reply", "ReplyAll", "Cancel", "Send", "Transfer", "Complete", "PlaceInQueue", "PlaceInWorkbin")
OPERATIONS += ("UpdateProperties", "LinkAttachment")

# state → operation → the state afterwards, as the owner sees it; what is not here is refused with code 2
ALLOWED = {
    "Invited": {"Accept": "Processing", "Reject": "Revoked"},
    "Processing": {
        "Reply": "Processing",
        "ReplyAll": "Processing",
        "Transfer": "Completed",
        "Complete": "Completed",
        "PlaceInQueue": "Completed",
        "PlaceInWorkbin": "Completed",
        "UpdateProperties": "Processing",
    },
    "ReplyCreated": {
        "Send": "Sent",
        "Cancel": "Canceled",
        "Transfer": "Completed",
        "PlaceInWorkbin": "Completed",
        "UpdateProperties": "ReplyCreated",
        "LinkAttachment": "ReplyCreated",
        "PlaceInQueue": "Completed",
        "Complete": "Completed",
    },
}


async def arriving(stage: Any, **given: Any) -> str:
    """A customer's mail for agent1; gives its id."""
    mail = Mail(sender="joe@example.com", to=["agent1@shop.example"], subject="Broken lamp", text="It does\nnot light.", **given)
    return str(await stage.simulator.receive(mail))


async def in_state(stage: Any, wire: Any, state: str) -> str:
    """An interaction of agent1 in this state."""
    if state == "ReplyCreated":
        await wire.ask(
            "POST",
            "/me/interactions/",
            {"operationName": "Create", "queueName": "Outbound-draft", "interactionType": "Outbound", "interactionSubType": "OutboundNew"},
        )
        return str((await wire.mine())[-1]["id"])
    id = await arriving(stage)
    if state == "Processing":
        await wire.ask("POST", f"/me/interactions/{id}", {"operationName": "Accept"})
    return id


def interaction(stage: Any, id: str) -> Interaction:
    """What the simulator holds."""
    found: Interaction = next(i for i in stage.simulator.desk.interactions if i.id == id)
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("state", list(ALLOWED))
def test_a_state_allows_its_operations_and_refuses_the_others(wire: WireStory, state: str, operation: str) -> None:
    """Each cell of the state tables: allowed ones answer `status: ok`, the others are refused and change nothing."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await in_state(stage, agent, state)
        before = interaction(stage, id).state
        answer = await agent.ask("POST", f"/me/interactions/{id}", {"operationName": operation, **FIELDS.get(operation, {})})

        if operation in ALLOWED[state]:
            assert (answer.http, answer.json()["status"]) == (200, "ok")
        else:
            assert (answer.http, answer.json()) == (
                400,
                {"status": "error", "errorDescription": f"Operation {operation} is not valid for the current state"},
            )
            assert interaction(stage, id).state == before

    wire(story)


@pytest.mark.parametrize(("state", "operation"), [(s, o) for s, ends in ALLOWED.items() for o in ends])
def test_each_transition_is_notified_once_to_its_owner(wire: WireStory, state: str, operation: str) -> None:
    """The owner is told the new state exactly once; a new draft is told beside it."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await in_state(stage, agent, state)
        client_id = await agent.listen()
        stage.simulator.notifier.tell("agent1", "/v2/me/before", {})
        await agent.heard_until(client_id, "/v2/me/before")
        await agent.ask("POST", f"/me/interactions/{id}", {"operationName": operation, **FIELDS.get(operation, {})})
        stage.simulator.notifier.tell("agent1", "/v2/me/after", {})
        told = await agent.heard_until(client_id, "/v2/me/after")

        wanted = "ReplyCreated" if operation in {"Reply", "ReplyAll"} else ALLOWED[state][operation]
        assert [e["data"]["state"] for e in told if e["channel"] == "/v2/me/interactions"] == [wanted]

    wire(story)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("end", ["Complete", "Reject"])
def test_a_finished_interaction_is_unknown(wire: WireStory, end: str, operation: str) -> None:
    """Completed or revoked: every operation on it answers 404."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await in_state(stage, agent, "Processing" if end == "Complete" else "Invited")
        await agent.ask("POST", f"/me/interactions/{id}", {"operationName": end})
        answer = await agent.ask("POST", f"/me/interactions/{id}", {"operationName": operation, **FIELDS.get(operation, {})})

        assert (answer.http, answer.json()["errorDescription"]) == (404, f"Interaction is not found: {id}")

    wire(story)


CREATE = {"operationName": "Create", "queueName": "Outbound-draft", "interactionType": "Outbound", "interactionSubType": "OutboundNew"}


@pytest.mark.parametrize("field", ["queueName", "interactionType", "interactionSubType", "operationName"])
@pytest.mark.parametrize("given", ["absent", "empty"])
def test_create_asks_for_its_four_fields(wire: WireStory, field: str, given: str) -> None:
    """Each of the page's four fields is required and must not be empty."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        body = {k: v for k, v in CREATE.items() if k != field} | ({field: ""} if given == "empty" else {})
        answer = await agent.ask("POST", "/me/interactions/", body)

        assert (answer.http, answer.json()) == (400, {"status": "error", "errorDescription": f"Required parameter is missing: {field}"})
        assert await agent.mine() == []

    wire(story)


@pytest.mark.parametrize("path", ["/me/interactions/", "/me/interactions"])
def test_create_answers_without_an_id_and_makes_an_empty_draft(wire: WireStory, path: str) -> None:
    """The answer is `status: ok` alone, with and without the slash; the draft has the asked type, the five capabilities and no text."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        answer = await agent.ask("POST", path, CREATE)
        [draft] = await agent.mine()

        assert answer.json() == {"status": "ok"}
        assert (draft["interactionType"], draft["interactionSubType"], draft["state"]) == ("Outbound", "OutboundNew", "ReplyCreated")
        assert draft["capabilities"] == ["Cancel", "Send", "PlaceInWorkbin", "UpdateProperties", "LinkAttachment"]
        assert draft["email_object"]["Text"] == ""

    wire(story)


@pytest.mark.parametrize("field", ["toAddress", "subject", "text", "fromAddress"])
def test_send_asks_for_four_fields_of_its_email(wire: WireStory, field: str) -> None:
    """To, subject, text and from are required; nothing is sent without one."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await in_state(stage, agent, "ReplyCreated")
        email = {k: v for k, v in EMAIL.items() if k != field}
        answer = await agent.ask(
            "POST", f"/me/interactions/{id}", {"operationName": "Send", "queueName": "Outbound-email", "email_object": email}
        )

        assert (answer.http, answer.json()["errorDescription"]) == (400, f"Required parameter is missing: {field}")
        assert stage.world.outbox == []

    wire(story)


def operation(**fields: object) -> dict[str, object]:
    """A request's body."""
    return fields


@pytest.mark.parametrize(
    ("state", "body", "http", "text"),
    [
        ("ReplyCreated", b"{not json", 400, "not valid JSON"),
        ("ReplyCreated", b"", 400, "not valid JSON"),
        ("ReplyCreated", b"[]", 400, "not a JSON object"),
        ("ReplyCreated", b'"Send"', 400, "not a JSON object"),
        ("ReplyCreated", operation(), 400, "missing: operationName"),
        ("ReplyCreated", operation(operationName=""), 400, "missing: operationName"),
        ("ReplyCreated", operation(operationName=7), 400, "operationName must be text"),
        ("ReplyCreated", operation(operationName="send"), 403, "not supported: send"),
        ("ReplyCreated", operation(operationName="Create"), 403, "not supported: Create"),
        ("ReplyCreated", operation(operationName="CancelReply"), 403, "not supported"),
        ("ReplyCreated", operation(operationName="Send", queueName="Outbound-email"), 400, "missing: email_object"),
        ("ReplyCreated", operation(operationName="Send", email_object=EMAIL), 400, "missing: queueName"),
        ("ReplyCreated", operation(operationName="Send", queueName="Nowhere", email_object=EMAIL), 400, "Queue is not known: Nowhere"),
        ("ReplyCreated", operation(operationName="Send", queueName=["x"], email_object=EMAIL), 400, "queueName must be text"),
        (
            "ReplyCreated",
            operation(operationName="Send", queueName="Outbound-email", email_object="x"),
            400,
            "email_object must be an object",
        ),
        (
            "ReplyCreated",
            operation(operationName="Send", queueName="Outbound-email", email_object={**EMAIL, "toAddress": ["joe@example.com"]}),
            400,
            "toAddress must be text",
        ),
        (
            "ReplyCreated",
            operation(operationName="Send", queueName="Outbound-email", email_object={**EMAIL, "toAddress": "joe"}),
            400,
            "not an e-mail address: toAddress joe",
        ),
        (
            "ReplyCreated",
            operation(operationName="Send", queueName="Outbound-email", email_object={**EMAIL, "ccAddress": "ann@example.com, x y"}),
            400,
            "not an e-mail address: ccAddress x y",
        ),
        ("Processing", operation(operationName="Reply"), 400, "missing: queueName"),
        (
            "Processing",
            operation(operationName="Reply", queueName="Outbound-draft", quoteOriginal="yes"),
            400,
            "quoteOriginal must be true or false",
        ),
        ("Processing", operation(operationName="Reply", queueName="Outbound-draft", subjectPrefix=1), 400, "subjectPrefix must be text"),
        ("Processing", operation(operationName="Transfer"), 400, "missing: userUri"),
        ("Processing", operation(operationName="Transfer", userUri=["agent2"]), 400, "userUri must be text"),
        ("Processing", operation(operationName="Transfer", userUri="nobody"), 404, "target is not found"),
        ("Processing", operation(operationName="Transfer", userUri="restricted1"), 404, "target is not found"),
        ("Processing", operation(operationName="Transfer", userUri="agent1"), 400, "has the interaction already"),
        ("Processing", operation(operationName="Transfer", skill="Klingon"), 404, "Skill is not found"),
        ("Processing", operation(operationName="PlaceInQueue"), 400, "missing: queueName"),
        ("Processing", operation(operationName="PlaceInWorkbin"), 400, "missing: workbinName"),
        ("Processing", operation(operationName="PlaceInWorkbin", workbinName="Attic"), 404, "Workbin is not found"),
        ("Processing", operation(operationName="UpdateProperties"), 400, "missing: userData"),
        ("Processing", operation(operationName="UpdateProperties", email_object={"subject": "New"}), 400, "received e-mail"),
        ("ReplyCreated", operation(operationName="LinkAttachment"), 400, "missing: documentId"),
        ("ReplyCreated", operation(operationName="LinkAttachment", documentId="x"), 404, "Document is not found"),
    ],
)
def test_a_wrong_request_is_refused_and_changes_nothing(wire: WireStory, state: str, body: object, http: int, text: str) -> None:
    """Missing, mistyped and unknown things are refused with their status and words; the interaction stays as it was."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await in_state(stage, agent, state)
        answer = await agent.ask("POST", f"/me/interactions/{id}", body)

        assert answer.http == http
        assert answer.json()["status"] == "error"
        assert text in answer.json()["errorDescription"]
        assert (await agent.mine())[0]["state"] == state

    wire(story)


@pytest.mark.parametrize(
    ("target", "taker"),
    [("agent2", "agent2"), ("http://h/api/v2/users/agent2", "agent2"), ("id", "agent2")],
)
def test_a_transfer_names_its_taker_by_user_uri_or_id(wire: WireStory, target: str, taker: str) -> None:
    """The taker is invited alone; for the giver the interaction is completed."""

    async def story(stage: Any, make: Any) -> None:
        one, two = await make().started(), await make().started("agent2")
        id = await in_state(stage, one, "Processing")
        named = stage.simulator.center.agents["agent2"].id if target == "id" else target
        await one.ask("POST", f"/me/interactions/{id}", {"operationName": "Transfer", "targetUri": named})

        assert await one.mine() == []
        assert [(i["id"], i["state"]) for i in await two.mine()] == [(id, "Invited")]

    wire(story)


def test_reply_all_answers_with_the_id_that_is_notified(wire: WireStory) -> None:
    """Reply answers `ok` alone, ReplyAll adds `replyInteractionId`, equal to the new draft's id."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await in_state(stage, agent, "Processing")
        reply = await agent.ask("POST", f"/me/interactions/{id}", {"operationName": "Reply", "queueName": "Outbound-draft"})
        everybody = await agent.ask("POST", f"/me/interactions/{id}", {"operationName": "ReplyAll", "queueName": "Outbound-draft"})

        assert reply.json() == {"status": "ok"}
        assert everybody.json() == {"status": "ok", "replyInteractionId": (await agent.mine())[-1]["id"]}

    wire(story)


@pytest.mark.parametrize(
    ("operation", "fields", "text"),
    [
        ("Reply", {}, ""),
        ("Reply", {"quoteOriginal": True}, "It does\nnot light."),
        ("ReplyAll", {}, "It does\nnot light."),
        ("ReplyAll", {"quoteOriginal": False}, ""),
        (
            "Reply",
            {"quoteOriginal": True, "indentCharacter": "> ", "replyToStartLine": "Joe wrote:"},
            "Joe wrote:\n> It does\n> not light.",
        ),
    ],
)
def test_a_reply_has_the_fields_that_the_page_says(wire: WireStory, operation: str, fields: dict[str, object], text: str) -> None:
    """To is the original's Reply-To, From its To, Subject prefix and subject without a space, CC only for ReplyAll, text by the quote."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await arriving(stage, cc=["ann@example.com"], reply_to="reply@example.com")
        await agent.ask("POST", f"/me/interactions/{id}", {"operationName": "Accept"})
        body = {"operationName": operation, "queueName": "Outbound-draft", "subjectPrefix": "Re:", **fields}
        await agent.ask("POST", f"/me/interactions/{id}", body)
        draft = (await agent.mine())[-1]

        assert draft["email_object"] == {
            "ToAddress": "reply@example.com",
            "FromAddress": "agent1@shop.example",
            "CCAddresses": "ann@example.com" if operation == "ReplyAll" else "",
            "Subject": "Re:Broken lamp",
            "Text": text,
            "StructuredText": "",
            "MimeType": "text/plain",
            "StructuredTextMimeType": "text/html",
        }
        assert (draft["messageTypeName"], draft["channel"], draft["interactionType"], draft["interactionSubType"]) == (
            "InteractionStateMessage",
            "email",
            "Email",
            "OutboundReply",
        )
        assert draft["parentInteractionId"] == id

    wire(story)


@pytest.mark.parametrize(("method", "http"), [("PUT", 405), ("DELETE", 405), ("PATCH", 405)])
def test_operations_are_post_only(wire: WireStory, method: str, http: int) -> None:
    """Other verbs on an interaction of one's own are not allowed; GET shows it."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await in_state(stage, agent, "Processing")
        shown = (await agent.ask("GET", f"/me/interactions/{id}")).json()

        assert (await agent.ask(method, f"/me/interactions/{id}", {})).http == http
        assert shown["interaction"]["id"] == id

    wire(story)


def test_interactions_are_listed_by_uri_or_whole_and_the_finished_are_not(wire: WireStory) -> None:
    """Without `fields` there are URIs, with it the notification's payload; everybody's list holds colleagues' too."""

    async def story(stage: Any, make: Any) -> None:
        one, two = await make().started(), await make().started("agent2")
        id = await in_state(stage, one, "Processing")
        uris = (await one.ask("GET", "/me/interactions")).json()
        others = (await two.ask("GET", "/interactions?fields=*")).json()
        seen = await two.ask("GET", f"/interactions/{id}")
        foreign = await two.ask("GET", f"/me/interactions/{id}")
        put = await two.ask("PUT", f"/interactions/{id}", {})

        assert uris["statusCode"] == 0
        assert [uri.rpartition("/")[2] for uri in uris["uris"]] == [id]
        assert [i["id"] for i in others["interactions"]] == [id]
        assert (seen.http, foreign.http, put.http) == (200, 404, 403)
        assert foreign.json()["statusCode"] == 6

    wire(story)


def test_without_a_contact_centre_session_no_operation_works(wire: WireStory) -> None:
    """Create before StartContactCenterSession is refused with code 2; so is the channel's Ready."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        created = await agent.ask("POST", "/me/interactions/", CREATE)
        ready = await agent.ask("POST", "/me/channels/email", {"operationName": "Ready"})

        assert (created.http, ready.http) == (400, 400)
        assert "not started" in created.json()["errorDescription"]
        assert "not started" in ready.json()["errorDescription"]

    wire(story)


def test_a_back_end_that_is_down_is_code_4(wire: WireStory) -> None:
    """Switched by the control API: every operation answers HTTP 500 until it is back, and everybody hears of the service."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        client_id = await agent.listen("/notifications/*")
        control = stage.transport.client(stage.serving.control)
        told = []
        for up in (False, True):
            switched = await control.request("POST", "/backend", headers={}, body=b'{"up": true}' if up else b'{"up": false}')
            created = await agent.ask("POST", "/me/interactions/", CREATE)
            services = (await agent.ask("GET", "/services")).json()["services"]
            (heard,) = await agent.heard_until(client_id, "/notifications/services")
            world = (await control.request("GET", "/world", headers={})).json()
            told.append((switched.http, created.http, services[0]["state"], heard["data"]["service"]["state"], world["backend_up"]))
        await control.close()

        assert told == [(200, 500, "Inactive", "Inactive", False), (200, 200, "Active", "Active", True)]

    wire(story)


def test_aliases_of_8_5_0_work_where_they_are_switched_on(wire: WireStory) -> None:
    """StopProcessing is Complete, CancelReply is Cancel, Forward makes a draft with the attachments; only behind the switch."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await arriving(stage, attachments=[Attachment("a.txt", b"abc", "text/plain")])
        await agent.ask("POST", f"/me/interactions/{id}", {"operationName": "Accept"})
        await agent.ask(
            "POST", f"/me/interactions/{id}", {"operationName": "Forward", "queueName": "Outbound-draft", "subjectPrefix": "Fwd: "}
        )
        forwarded = (await agent.mine())[-1]
        await agent.ask("POST", f"/me/interactions/{forwarded['id']}", {"operationName": "CancelReply"})
        await agent.ask("POST", f"/me/interactions/{id}", {"operationName": "StopProcessing"})

        assert (forwarded["email_object"]["Subject"], [a["name"] for a in forwarded["attachments"]]) == ("Fwd: Broken lamp", ["a.txt"])
        assert await agent.mine() == []

    wire(story, aliases=True)


def test_strict_capabilities_refuse_the_transfer_of_a_draft(wire: WireStory) -> None:
    """The page lets an outbound mail be transferred and lists no such capability; the switch decides."""

    async def story(stage: Any, make: Any) -> None:
        agent = await make().started()
        id = await in_state(stage, agent, "ReplyCreated")
        answer = await agent.ask("POST", f"/me/interactions/{id}", {"operationName": "Transfer", "userUri": "agent2"})

        assert answer.http == 400

    wire(story, strict_capabilities=True)


def test_always_200_leaves_the_body_to_say_no(wire: WireStory) -> None:
    """Installations may answer 200 to everything but a missing sign-in; the body then says the error."""

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        unknown = await agent.ask("GET", "/me")
        await agent.started()
        answer = await agent.ask("POST", "/me/interactions/", {})

        assert (unknown.http, answer.http, answer.json()["status"]) == (401, 200, "error")

    wire(story, always_200=True)
