"""The rest of the surface: answers, attributes, uploads, libraries, recordings, activations, licences, plain mail (icws.md §4 to §6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.simulation.world import Attachment

URN = "urn:inin.com:interactions.email:"
DESK = {"displayName": "Shop", "address": "help@shop.example"}


def response(parent: str, how: int, files: int = 0, **content: Any) -> dict[str, Any]:
    """An answer's body."""
    told = {"__type": URN + "emailResponseContent", "attachmentsFromParent": files, "sender": DESK} | content
    return {"__type": URN + "createEmailResponseParameters", "responseType": how, "parentInteractionId": parent, "emailContent": told}


async def _contents(agent: Any, mail: str) -> dict[str, Any]:
    await agent.good("PUT", f"messaging/subscriptions/interactions/{mail}/email")
    message: dict[str, Any] = (await agent.messages("emailContentsMessage"))[-1]
    return message


async def _taken(door: Any, agent: Any, **mail: Any) -> str:
    id = str(await door.arrives(**mail))
    await agent.good("POST", f"interactions/{id}/pickup")
    return id


@pytest.mark.parametrize(
    ("how", "subject", "to", "cc"),
    [
        (0, "RE: Where is my parcel", ["joe@example.com"], []),
        (1, "RE: Where is my parcel", ["joe@example.com", "ann@example.com"], ["boss@example.com"]),
        (2, "FW: Where is my parcel", [], []),
    ],
)
def test_an_answer_inherits_recipients_and_subject(
    how: int, subject: str, to: list[str], cc: list[str], knock: Callable[..., None]
) -> None:
    """Reply goes to the sender, reply-all to everybody but ourselves, forward to nobody yet; parent and child know one another."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await _taken(door, agent, to=["help@shop.example", "ann@example.com"], cc=["boss@example.com"])
        draft = (await agent.good("POST", "interactions", response(mail, how)))["interactionId"]
        told = await _contents(agent, draft)
        content = told["emailContent"]
        assert (content["subject"], told["parentInteractionId"], told["emailType"]) == (subject, mail, how + 2)
        assert [a["address"] for a in content["toRecipients"]] == to
        assert [a["address"] for a in content["ccRecipients"]] == cc
        parent = await agent.good("GET", f"interactions/{mail}?select=Eic_EmailChildren")
        assert parent["attributes"] == {"Eic_EmailChildren": draft}
        assert (await _contents(agent, mail))["hasResponse"] is True

    knock(story)


def test_what_an_answer_says_itself_wins(knock: Callable[..., None]) -> None:
    """Given recipients and subject replace the inherited ones."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await _taken(door, agent)
        given = response(mail, 0, subject="Found it", toRecipients=[{"displayName": "Ann", "address": "ann@example.com"}])
        draft = (await agent.good("POST", "interactions", given))["interactionId"]
        content = (await _contents(agent, draft))["emailContent"]
        assert (content["subject"], content["toRecipients"][0]["address"]) == ("Found it", "ann@example.com")

    knock(story)


@pytest.mark.parametrize(("files", "names"), [(0, []), (1, ["logo.png"]), (2, ["bill.pdf", "logo.png"])])
def test_attachments_of_the_parent_come_along_as_asked(files: int, names: list[str], knock: Callable[..., None]) -> None:
    """None, the inline ones, all."""

    async def story(door: Any) -> None:
        agent = await door.login()
        enclosed = [Attachment("bill.pdf", b"1"), Attachment("logo.png", b"2", "image/png", "logo@x")]
        mail = await _taken(door, agent, attachments=enclosed)
        draft = (await agent.good("POST", "interactions", response(mail, 2, files)))["interactionId"]
        assert [a["name"] for a in (await _contents(agent, draft))["emailContent"]["fileAttachments"]] == names

    knock(story)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"__type": URN + "createEmailParameters"},
        {"__type": URN + "createEmailParameters", "emailContent": {"sender": DESK}},
        {"__type": URN + "createEmailParameters", "emailContent": {"__type": URN + "emailContent"}},
        {"__type": URN + "createEmailParameters", "emailContent": {"__type": URN + "emailResponseContent", "sender": DESK}},
        {"__type": URN + "createEmailParameters", "workgroup": "None", "emailContent": {"__type": URN + "emailContent", "sender": DESK}},
        {"__type": "urn:inin.com:interactions:createCallParameters"},
        {
            "__type": URN + "createEmailParameters",
            "emailContent": {"__type": URN + "emailContent", "sender": DESK, "bodies": [{"body": "a", "bodyType": 0}] * 2},
        },
        {
            "__type": URN + "createEmailParameters",
            "emailContent": {"__type": URN + "emailContent", "sender": DESK, "toRecipients": [{"address": "joe@example.com"}]},
        },
    ],
)
def test_a_create_with_a_wrong_body_is_400(body: dict[str, Any], knock: Callable[..., None]) -> None:
    """Type, sender, workgroup, bodies and recipients are looked at."""

    async def story(door: Any) -> None:
        assert (await (await door.login()).call("POST", "interactions", body)).http == 400

    knock(story)


def test_missing_rights_surface_as_400_on_create(knock: Callable[..., None]) -> None:
    """The page of create lists no 403."""

    async def story(door: Any) -> None:
        stranger = await door.login("restricted1")
        body = {"__type": URN + "createEmailParameters", "emailContent": {"__type": URN + "emailContent", "sender": DESK}}
        assert (await stranger.call("POST", "interactions", body)).http == 400

    knock(story)


def test_attributes_are_read_and_written_without_regard_to_case(knock: Callable[..., None]) -> None:
    """Custom names are free, unset ones read as empty text, the system's own cannot be written."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        path = f"interactions/{draft}"
        assert await agent.good("GET", path) == {"attributes": {"Eic_CallId": draft}}
        await agent.good("POST", path, {"attributes": {"Order": "1"}})
        await agent.good("POST", path, {"attributes": {"order": "2"}, "appendMode": 2})
        await agent.good("POST", path, {"attributes": {"ORDER": "3"}, "appendMode": 1})
        found = await agent.good("GET", path + "?select=oRdEr,eic_state,None")
        assert found == {"attributes": {"oRdEr": "1|23", "eic_state": "C", "None": ""}}
        assert (await agent.call("POST", path, {"attributes": {"Eic_State": "I"}})).http == 400
        assert (await agent.call("POST", path, {"attributes": {"Order": 7}})).http == 400
        assert (await agent.call("POST", path, {"attributes": {}, "appendMode": 9})).http == 400

    knock(story)


@pytest.mark.parametrize(
    ("body", "http"),
    [
        ({"target": "agent2"}, 200),
        ({"target": "returns"}, 200),
        ({"queueID": {"queueType": 1, "queueName": "AGENT2"}}, 200),
        ({"queueID": {"queueType": 2, "queueName": "None"}}, 400),
        ({"queueID": {"queueType": 7, "queueName": "agent2"}}, 400),
        ({"target": "agent2", "queueID": {"queueType": 1, "queueName": "agent2"}}, 400),
        ({"target": "nobody"}, 400),
        ({}, 400),
    ],
)
def test_a_transfer_names_a_target_or_a_queue(body: dict[str, Any], http: int, knock: Callable[..., None]) -> None:
    """Either, never both or neither; it must exist."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await _taken(door, agent)
        assert (await agent.call("POST", f"interactions/{mail}/blind-transfer", body)).http == http

    knock(story)


@pytest.mark.parametrize("verb", ["play-wav", "send-digits", "coach", "listen", "join", "secure-pause"])
def test_telephony_is_400_on_an_email(verb: str, knock: Callable[..., None]) -> None:
    """Such verbs exist and do not fit."""

    async def story(door: Any) -> None:
        agent = await door.login()
        assert (await agent.call("POST", f"interactions/{await agent.draft()}/{verb}")).http == 400

    knock(story)


# ── uploads ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _announced(agent: Any, draft: str, *, inline: object = False) -> dict[str, Any]:
    path = f"interactions/{draft}/email/attachments/file/upload"
    answer = await agent.call("POST", path, {"uploadFileName": "map.png", "isInlineAttachment": inline})
    assert answer.http == 202
    told: dict[str, Any] = answer.json()
    return told


def test_a_file_is_uploaded_in_two_steps_once(knock: Callable[..., None]) -> None:
    """The address is good for one transfer; status and contents follow as messages; the bytes come back as they went."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
        await agent.messages()
        told = await _announced(agent, draft)
        headers = {"ININ-ICWS-CSRF-Token": agent.token, "Cookie": agent.cookie, "Content-Type": "image/png"}
        statuses = [(await door.call("PUT", told["uploadUri"], headers=headers, content=b"\x89PNG\x00")).http for _ in range(2)]
        assert statuses == [200, 404]
        status, contents = await agent.messages()
        assert (status["requestId"], status["uploadSuccess"], status["error"]) == (told["requestId"], True, None)
        (attachment,) = contents["emailContent"]["fileAttachments"]
        assert (attachment["name"], attachment["contentId"]) == ("map.png", "")
        fetched = await door.call("GET", attachment["downloadUri"], headers=headers)
        assert (fetched.body, fetched.header("Content-Type")) == (b"\x89PNG\x00", "image/png")

    knock(story)


def test_a_file_may_come_as_multipart_too(knock: Callable[..., None]) -> None:
    """As a public sample sends it: one part named file."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        told = await _announced(agent, draft, inline=True)
        assert told["contentId"]
        part = (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: image/png\r\n\r\n\x89P\r\nNG\r\n--b--\r\n'
        )
        headers = {"ININ-ICWS-CSRF-Token": agent.token, "Cookie": agent.cookie, "Content-Type": "multipart/form-data; boundary=b"}
        assert (await door.call("POST", told["uploadUri"], headers=headers, content=part)).http == 200
        await agent.good("POST", f"interactions/{draft}/email/send")
        (sent,) = door.world.outbox[0].attachments
        assert (sent.name, sent.content, sent.type, sent.content_id) == ("map.png", b"\x89P\r\nNG", "image/png", told["contentId"])

    knock(story)


def test_a_foreign_upload_address_is_of_no_use(knock: Callable[..., None]) -> None:
    """It belongs to the session that asked for it."""

    async def story(door: Any) -> None:
        agent, other = await door.login(), await door.login("agent2")
        told = await _announced(agent, await agent.draft())
        assert (await other.call("PUT", f"upload/{told['uploadUri'].rpartition('/')[2]}", {})).http == 404

    knock(story)


@pytest.mark.parametrize(("coerce", "http"), [(True, 202), (False, 400)])
def test_a_boolean_as_text_is_taken_unless_the_server_is_strict(coerce: bool, http: int, knock: Callable[..., None]) -> None:
    """A public sample sends it so."""

    async def story(door: Any) -> None:
        agent = await door.login()
        body = {"uploadFileName": "a", "isInlineAttachment": "true"}
        path = f"interactions/{await agent.draft()}/email/attachments/file/upload"
        assert (await agent.call("POST", path, body)).http == http

    knock(story, coerce_booleans=coerce)


def test_an_attachment_is_removed_by_its_address(knock: Callable[..., None]) -> None:
    """An address that is not attached is 400."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        insert = {"id": door.library_item("Logo"), "isInlineAttachment": False}
        await agent.good("POST", f"interactions/{draft}/email/attachments/response-management/insert", insert)
        uri = (await _contents(agent, draft))["emailContent"]["fileAttachments"][0]["downloadUri"]
        path = f"interactions/{draft}/email/attachments/file/remove"
        assert [(await agent.call("POST", path, {"fileUri": uri})).http for _ in range(2)] == [200, 400]

    knock(story)


@pytest.mark.parametrize(("answers", "http"), [(True, 200), (False, 504)])
def test_addresses_are_resolved(answers: bool, http: int, knock: Callable[..., None]) -> None:
    """As many as asked for; 504 when the mail directory is too slow."""

    async def story(door: Any) -> None:
        agent = await door.login()
        answer = await agent.call("POST", "interactions/email/resolve-address", {"name": "AGENT", "maxResults": 2})
        assert answer.http == http
        if answers:
            assert [a["address"] for a in answer.json()["matchedAddresses"]] == ["agent1@shop.example", "agent2@shop.example"]

    knock(story, directory_answers=answers)


# ── libraries ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_libraries_are_told_and_read(knock: Callable[..., None]) -> None:
    """Subscribe, take the addresses from the message, read the library with its items."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.good("PUT", "messaging/subscriptions/response-management")
        (message,) = await agent.messages()
        (shared,) = message["librariesAdded"]
        library = (await door.call("GET", shared["url"], headers={"Cookie": agent.cookie, "ININ-ICWS-CSRF-Token": agent.token})).json()
        files = [i["name"] for c in library["categories"] for i in c["items"]]
        assert (library["name"], files, [i["type"] for i in library["items"]]) == ("Shop answers", ["Price list", "Terms", "Logo"], [0, 1])

    knock(story)


def test_ones_own_library_is_replaced_and_told(knock: Callable[..., None]) -> None:
    """Its name is the user's id; a file that was transferred before can be inserted; others do not see it."""

    async def story(door: Any) -> None:
        agent, other = await door.login(), await door.login("agent2")
        await agent.good("PUT", "messaging/subscriptions/response-management")
        await agent.messages()
        url = (await agent.good("POST", "response-management/file", {"name": "own.txt"}))["url"]
        headers = {"Cookie": agent.cookie, "ININ-ICWS-CSRF-Token": agent.token, "Content-Type": "text/plain"}
        assert (await door.call("PUT", url, headers=headers, content=b"mine")).http == 200
        own = {"name": "agent1", "items": [{"name": "Own", "type": 2, "value": "own.txt"}]}
        assert (await agent.call("PUT", "response-management", own | {"name": "agent2"})).http == 400
        await agent.good("PUT", "response-management", own)
        (message,) = await agent.messages()
        assert [x["name"] for x in message["librariesAdded"]] == ["agent1"]
        item = door.office.libraries.visible("agent1")[1].items[0].id
        for peer, http in ((agent, 200), (other, 400)):
            draft = await peer.draft()
            path = f"interactions/{draft}/email/attachments/response-management/insert"
            assert (await peer.call("POST", path, {"id": item})).http == http

    knock(story)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "messaging/subscriptions/response-management", None),
        ("PUT", "response-management", {"name": "restricted1"}),
        ("POST", "response-management/file", {"name": "a"}),
        ("GET", "recordings/b7d2e0c1-1/tags", None),
        ("PUT", "recordings/b7d2e0c1-1/tags", {"tags": []}),
        ("GET", "recordings/b7d2e0c1-1/attributes", None),
        ("GET", "recordings/b7d2e0c1-1/media-details", None),
        ("GET", "recordings/b7d2e0c1-1/export-uri", None),
        ("PUT", "recordings/send-as-email", {}),
        ("POST", "agent-quality/search", {"filters": {}}),
        ("POST", "configuration/mail/send-email", {}),
        ("PUT", "messaging/subscriptions/interaction-alerting", {}),
        ("PUT", "status/user-statuses/agent1", {"statusId": "Available"}),
    ],
)
def test_who_has_no_right_is_forbidden(method: str, path: str, body: object, knock: Callable[..., None]) -> None:
    """Rights are looked at before the body."""

    async def story(door: Any) -> None:
        assert (await (await door.login("restricted1")).call(method, path, body)).http == 403

    knock(story)


# ── recordings, people ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_several_recordings_go_in_one_mail(knock: Callable[..., None]) -> None:
    """All are attached; an unknown one among them is 400 and nothing leaves."""

    async def story(door: Any) -> None:
        agent = await door.login()
        email = {
            "toParticipants": {"emailAddresses": [{"displayName": "QA", "address": "qa@example.org"}]},
            "ccParticipants": {"emailAddresses": [{"displayName": "B", "address": "b@example.org"}]},
            "replyToAddress": "noreply@example.org",
            "emailSubject": "Two",
            "emailBody": "",
            "priority": 4,
        }
        good = {"recordings": {"recordingIds": ["b7d2e0c1-1", "B7D2E0C1-2"]}, "parameters": email}
        assert (await agent.call("PUT", "recordings/send-as-email", good)).http == 204
        mail = door.world.outbox[0]
        assert ([a.name for a in mail.attachments], mail.cc) == (
            ["b7d2e0c1-1.wav", "b7d2e0c1-2.eml", "order.pdf", "photo.png"],
            ["b@example.org"],
        )
        bad = {"recordings": {"recordingIds": ["b7d2e0c1-1", "none"]}, "parameters": email}
        assert (await agent.call("PUT", "recordings/send-as-email", bad)).http == 400
        assert len(door.world.outbox) == 1

    knock(story)


@pytest.mark.parametrize(
    ("path", "http"),
    [
        ("b7d2e0c1-1/export-uri", 200),
        ("b7d2e0c1-2/export-uri?attachmentId=2", 200),
        ("b7d2e0c1-2/export-uri?attachmentId=3", 400),
        ("b7d2e0c1-1/export-uri?attachmentId=1", 400),
        ("b7d2e0c1-2/export-uri?attachmentId=x", 400),
        ("none/export-uri", 400),
    ],
)
def test_recordings_are_exported(path: str, http: int, knock: Callable[..., None]) -> None:
    """The attachmentId counts the attachments of a recorded mail from 1."""

    async def story(door: Any) -> None:
        assert (await (await door.login()).call("GET", f"recordings/{path}")).http == http

    knock(story)


def test_tags_and_attributes_of_a_recording_are_kept(knock: Callable[..., None]) -> None:
    """Written, read, removed."""

    async def story(door: Any) -> None:
        agent = await door.login()
        base = "recordings/b7d2e0c1-1"
        await agent.good("PUT", f"{base}/tags", {"tags": ["training"]})
        assert await agent.good("GET", f"{base}/tags") == {"tags": ["training"]}
        await agent.good("DELETE", f"{base}/tags")
        assert await agent.good("GET", f"{base}/tags") == {"tags": []}
        values = {"attributesValues": [{"attributeName": "Case", "attributeValue": "1"}]}
        await agent.good("PUT", f"{base}/attributes", values)
        assert await agent.good("GET", f"{base}/attributes") == values
        await agent.good("DELETE", f"{base}/attributes")
        assert await agent.good("GET", f"{base}/attributes") == {"attributesValues": []}
        assert (await agent.good("GET", f"{base}/media-details"))["interactionId"] == "2101980001"

    knock(story)


@pytest.mark.parametrize(
    ("part", "written", "query"),
    [
        ("tags", [{"tags": ["a b"]}, {"tags": ["c&d", "a b"]}], "?tag=a%20b"),
        (
            "attributes",
            [{"attributesValues": [{"attributeName": n, "attributeValue": "1"}]} for n in ("a b", "c&d")],
            "?attributeName=a%20b",
        ),
    ],
)
def test_tags_and_attributes_come_and_go_one_by_one(part: str, written: list[Any], query: str, knock: Callable[..., None]) -> None:
    """PUT adds to what is there, DELETE with a name takes that one away, without a name all: so the vendor's own example does it."""

    async def story(door: Any) -> None:
        agent = await door.login()
        base = f"recordings/b7d2e0c1-1/{part}"
        for body in written:
            await agent.good("PUT", base, body)
        (there,) = (await agent.good("GET", base)).values()
        await agent.good("DELETE", base + query)
        (left,) = (await agent.good("GET", base)).values()
        await agent.good("DELETE", base)
        (none,) = (await agent.good("GET", base)).values()
        assert ([len(there), len(left), none], left[0] in written[1].popitem()[1]) == ([2, 1, []], True)

    knock(story)


def test_a_quality_search_ends_with_a_message(knock: Callable[..., None]) -> None:
    """Its results can be read and forgotten by the request's id."""

    async def story(door: Any) -> None:
        agent = await door.login()
        search = (await agent.good("POST", "agent-quality/search", {"filters": {}, "maxResults": 1}))["requestId"]
        (message,) = await agent.messages()
        assert (message["requestId"], len(message["results"]), message["moreResults"]) == (search, 1, True)
        assert len((await agent.good("GET", f"agent-quality/search/{search}"))["results"]) == 2
        statuses = [(await agent.call(verb, f"agent-quality/search/{search}")).http for verb in ("DELETE", "GET", "DELETE")]
        assert statuses == [204, 404, 404]

    knock(story)


def test_an_inactive_agent_is_not_asked(knock: Callable[..., None]) -> None:
    """Activation is by workgroup."""

    async def story(door: Any) -> None:
        agent = await door.login()
        await agent.ready()
        await agent.good("PUT", "activations/users/agent1", {"activations": {"Customer Service": False}})
        assert await agent.good("GET", "activations/users/agent1") == {
            "userId": "agent1",
            "activations": {"Customer Service": False, "Returns": True},
        }
        mail = await door.arrives()
        assert await agent.state(mail) == "O"
        await agent.good("PUT", "activations/users/agent1", {"activations": {"customer service": True}})
        assert await agent.state(mail) == "A"
        assert (await agent.call("PUT", "activations/users/agent1", {"activations": {"None": True}})).http == 400

    knock(story)


def test_licences_are_acquired_one_by_one(knock: Callable[..., None]) -> None:
    """What came of each is told."""

    async def story(door: Any) -> None:
        agent = await door.login()
        told = await agent.good("POST", "licenses", {"licenseList": ["I3_ACCESS_CLIENT", "None"]})
        assert [r["isAvailable"] for r in told["licenseOperationResultList"]] == [True, False]
        assert (await agent.call("GET", "licenses")).http == 405

    knock(story)


def test_plain_mail_is_no_interaction(knock: Callable[..., None]) -> None:
    """204, one mail, nothing on the desk."""

    async def story(door: Any) -> None:
        agent = await door.login()
        body = {"recipients": ["joe@example.com"], "subject": "Hi", "body": "There"}
        assert (await agent.call("POST", "configuration/mail/send-email", body)).http == 204
        assert (door.world.outbox[0].text, list(door.office.desk)) == ("There", [])

    knock(story)


def test_an_attached_mail_is_fetched_by_request_and_message(knock: Callable[..., None]) -> None:
    """202, then emailMessageAttachmentMessage with the content; an unknown id is 400."""
    from runner.vendors.icws.simulator.interactions import Address, Content

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await _taken(door, agent)
        inner = Content(Address("Ann", "ann@example.com"), "The first mail", text="Hello", at="20300102T090000Z")
        next(i for i in door.office.desk if i.id == mail).content.mails["m1"] = inner
        path = f"interactions/{mail}/email/attachments/message/download"
        answer = await agent.call("POST", path, {"messageId": "m1"})
        (message,) = await agent.messages("emailMessageAttachmentMessage")
        assert (answer.http, answer.json()["requestId"], message["emailContent"]["subject"]) == (
            202,
            message["requestId"],
            "The first mail",
        )
        assert (await agent.call("POST", path, {"messageId": "m2"})).http == 400

    knock(story)
