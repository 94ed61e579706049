"""
The three given pages, status by status: email/send, response-management/insert, recordings/send-as-email.

Each error has the page's body: ``message`` always, ``errorId`` where there is one; each 401 its ``WWW-Authenticate``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.simulation.faults import Fault

CHALLENGE = 'ICWS realm="ICWS" location="/ICWS/connection"'
UNKNOWN_GUID = "00000000-0000-4000-8000-000000000000"
RECORDING = "b7d2e0c1-1"
EMAIL = {
    "toParticipants": {"emailAddresses": [{"displayName": "QA", "address": "qa@example.org"}]},
    "ccParticipants": {"emailAddresses": []},
    "replyToAddress": "noreply@example.org",
    "emailSubject": "Call for review",
    "emailBody": "See attachment.",
    "priority": 1,
}


class Page:
    """How one page's resource is asked: the verb, the path and a good body, made for an agent."""

    def __init__(self, method: str, path: str, body: Callable[[Any], object]) -> None:
        self.method = method
        self.path = path
        self.body = body

    async def ask(self, door: Any, agent: Any, *, draft: str = "", **changes: Any) -> Any:
        body = changes.pop("body", None) or self.body(door)
        path = self.path.format(draft=draft or await agent.draft(), recording=changes.pop("recording", RECORDING))
        return await agent.call(self.method, path, body, **changes)


PAGES = {
    "send": Page("POST", "interactions/{draft}/email/send", lambda _door: None),
    "insert": Page(
        "POST",
        "interactions/{draft}/email/attachments/response-management/insert",
        lambda door: {"id": door.library_item("Price list"), "isInlineAttachment": False},
    ),
    "send-as-email": Page("PUT", "recordings/{recording}/send-as-email", lambda _door: EMAIL),
}
REMOVED = {
    "send": "interactions/*/email/send",
    "insert": "interactions/*/email/attachments/response-management/insert",
    "send-as-email": "recordings/*/send-as-email",
}
every_page = pytest.mark.parametrize("name", PAGES)


def is_error(answer: Any, http: int, error_id: str = "") -> bool:
    """Whether *answer* is the error representation, in the media type that the vendor's library reads."""
    body = answer.json()
    return (
        answer.http == http
        and isinstance(body["message"], str)
        and answer.header("Content-Type") == "application/vnd.inin.icws+JSON; charset=utf-8"
        and (not error_id or body["errorId"] == error_id)
    )


# ── what all three pages have ────────────────────────────────────────────────────────────────────────────────────────────────────


@every_page
@pytest.mark.parametrize(
    ("changes", "code"), [({"token": None}, 2), ({"token": "wrong"}, 2), ({"cookie": None}, 4), ({"cookie": "icws_1=x"}, 4)]
)
def test_401_without_a_right_token_or_cookie(name: str, changes: dict[str, Any], code: int, knock: Callable[..., None]) -> None:
    """A missing or wrong session token, a missing or foreign cookie: 401 with its own code and the challenge."""

    async def story(door: Any) -> None:
        agent = await door.login()
        answer = await PAGES[name].ask(door, agent, draft=await agent.draft(), **changes)
        assert is_error(answer, 401)
        assert (answer.json()["errorCode"], answer.header("WWW-Authenticate")) == (code, CHALLENGE)

    knock(story)


@every_page
def test_401_when_the_session_has_expired(name: str, knock: Callable[..., None]) -> None:
    """An expired session is 401 like one that never was."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        door.simulator.expire_sessions()
        answer = await PAGES[name].ask(door, agent, draft=draft)
        assert is_error(answer, 401, "error.request.connection.authenticationFailure")
        assert (answer.json()["errorCode"], answer.header("WWW-Authenticate")) == (-2147221499, CHALLENGE)

    knock(story)


@every_page
def test_410_when_the_resource_was_removed(name: str, knock: Callable[..., None]) -> None:
    """A resource on the list of removed ones is gone, for everybody."""

    async def story(door: Any) -> None:
        agent = await door.login()
        assert is_error(await PAGES[name].ask(door, agent), 410, "error.request.gone")

    knock(story, removed=(REMOVED[name],))


@every_page
def test_500_when_the_server_fails(name: str, knock: Callable[..., None]) -> None:
    """An unexpected error has the error representation, too."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        door.simulator.faults.add(Fault("500", 1))
        assert is_error(await PAGES[name].ask(door, agent, draft=draft), 500)

    knock(story)


@every_page
def test_403_without_rights(name: str, knock: Callable[..., None]) -> None:
    """Somebody who has no rights to the interaction, or to recordings, is forbidden."""

    async def story(door: Any) -> None:
        draft = await (await door.login()).draft()
        stranger = await door.login("restricted1")
        assert is_error(await PAGES[name].ask(door, stranger, draft=draft), 403, "error.request.accessDenied")

    knock(story)


@pytest.mark.parametrize("name", ["send", "insert"])
def test_404_when_the_interaction_does_not_exist(name: str, knock: Callable[..., None]) -> None:
    """Unknown interactions are not found."""

    async def story(door: Any) -> None:
        answer = await PAGES[name].ask(door, await door.login(), draft="2101999999")
        assert is_error(answer, 404, "error.request.notFound")

    knock(story)


@pytest.mark.parametrize("name", ["send", "insert"])
def test_400_when_the_interaction_is_no_email(name: str, knock: Callable[..., None]) -> None:
    """E-mail resources of a call are a bad request."""

    async def story(door: Any) -> None:
        agent = await door.login()
        mail = await door.arrives()
        next(i for i in door.office.desk if i.id == mail).kind = "CALL"
        assert is_error(await PAGES[name].ask(door, agent, draft=mail), 400)

    knock(story)


@every_page
def test_405_with_another_verb(name: str, knock: Callable[..., None]) -> None:
    """The path is known, the verb is not."""

    async def story(door: Any) -> None:
        agent = await door.login()
        answer = await agent.call("GET", PAGES[name].path.format(draft="1", recording="1"))
        assert is_error(answer, 405, "error.request.accessDenied.httpMethodNotAllowed")

    knock(story)


# ── send ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_send_200_has_no_body_and_the_mail_leaves(knock: Callable[..., None]) -> None:
    """A success is 200 with the JSON media type over no bytes at all, and one mail."""

    async def story(door: Any) -> None:
        agent = await door.login()
        answer = await PAGES["send"].ask(door, agent)
        assert (answer.http, answer.body) == (200, b"")
        assert answer.header("Content-Type") == "application/vnd.inin.icws+JSON; charset=utf-8"
        assert [m.to for m in door.world.outbox] == [["joe@example.com"]]

    knock(story)


def test_send_400_the_second_time(knock: Callable[..., None]) -> None:
    """What was sent cannot be sent again; the customer gets one mail."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        await PAGES["send"].ask(door, agent, draft=draft)
        assert is_error(await PAGES["send"].ask(door, agent, draft=draft), 400)
        assert len(door.world.outbox) == 1

    knock(story)


@pytest.mark.parametrize(
    ("content", "property_name"),
    [({"toRecipients": []}, "toRecipients"), ({"sender": {"displayName": "Shop"}}, "sender")],
)
def test_send_400_without_recipient_or_sender(content: dict[str, Any], property_name: str, knock: Callable[..., None]) -> None:
    """A mail needs somebody to go to and somebody who sends it."""

    async def story(door: Any) -> None:
        agent = await door.login()
        answer = await PAGES["send"].ask(door, agent, draft=await agent.draft(**content))
        assert is_error(answer, 400, "error.request.invalidRepresentation.missingProperty")
        assert (answer.json()["propertyName"], door.world.outbox) == (property_name, [])

    knock(story)


# ── insert ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("inline", [False, None, True])
def test_insert_200_has_a_content_id_only_for_inline(inline: bool | None, knock: Callable[..., None]) -> None:
    """The Content-ID is generated for an inline attachment, and is the empty string otherwise; not inline is the default."""

    async def story(door: Any) -> None:
        agent = await door.login()
        draft = await agent.draft()
        body = {"id": door.library_item("Price list")} | ({} if inline is None else {"isInlineAttachment": inline})
        answer = await PAGES["insert"].ask(door, agent, draft=draft, body=body)
        assert answer.http == 200
        assert bool(answer.json()["contentId"]) is bool(inline)
        await PAGES["send"].ask(door, agent, draft=draft)
        assert [(a.name, bool(a.content_id)) for a in door.world.outbox[0].attachments] == [("price-list.pdf", bool(inline))]

    knock(story)


@pytest.mark.parametrize("item", ["Greeting", "Shop", ""])
def test_insert_400_when_the_file_does_not_exist(item: str, knock: Callable[..., None]) -> None:
    """An unknown file is 400, not 404; a text and a link are no files."""

    async def story(door: Any) -> None:
        agent = await door.login()
        body = {"id": door.library_item(item) if item else UNKNOWN_GUID, "isInlineAttachment": False}
        assert is_error(await PAGES["insert"].ask(door, agent, body=body), 400)

    knock(story)


@pytest.mark.parametrize(
    ("body", "error_id"),
    [
        ({"isInlineAttachment": True}, "missingProperty"),
        ({"id": "no guid", "isInlineAttachment": True}, "invalidProperty"),
        ({"id": 7}, "invalidProperty"),
        ({"id": UNKNOWN_GUID, "isInlineAttachment": "maybe"}, "invalidProperty"),
    ],
)
def test_insert_400_when_the_body_is_wrong(body: dict[str, Any], error_id: str, knock: Callable[..., None]) -> None:
    """The property that is missing or wrong is named."""

    async def story(door: Any) -> None:
        answer = await PAGES["insert"].ask(door, await door.login(), body=body)
        assert is_error(answer, 400, f"error.request.invalidRepresentation.{error_id}")
        assert answer.json()["propertyName"] in {"id", "isInlineAttachment"}

    knock(story)


def test_insert_403_without_rights_to_response_management(knock: Callable[..., None]) -> None:
    """Rights to the interaction are not enough."""

    async def story(door: Any) -> None:
        assert is_error(await PAGES["insert"].ask(door, await door.login()), 403)

    knock(story, response_management_right="supervise")


# ── send-as-email ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("priority", "counts_as"), [(1, 1), (2, 2), (4, 4), (0, 1), (3, 1), (99, 1), (-4, 1)])
def test_send_as_email_204_and_the_priority(priority: int, counts_as: int, knock: Callable[..., None]) -> None:
    """1 normal, 2 low, 4 high; every other number counts as normal. The recording is attached."""

    async def story(door: Any) -> None:
        answer = await PAGES["send-as-email"].ask(door, await door.login(), body=EMAIL | {"priority": priority})
        assert (answer.http, answer.body) == (204, b"")
        sent = door.office.recorder.sent[0]
        assert (sent.priority, sent.mail.to, [a.name for a in sent.mail.attachments]) == (
            counts_as,
            ["qa@example.org"],
            [f"{RECORDING}.wav"],
        )

    knock(story)


def test_send_as_email_takes_the_flat_form_too(knock: Callable[..., None]) -> None:
    """The page's table reads as if name and address stood at the top; that form is understood."""

    async def story(door: Any) -> None:
        flat = {k: v for k, v in EMAIL.items() if not k.endswith("Participants")} | {"displayName": "QA", "address": "qa@example.org"}
        assert (await PAGES["send-as-email"].ask(door, await door.login(), body=flat)).http == 204
        assert door.world.outbox[0].to == ["qa@example.org"]

    knock(story)


@pytest.mark.parametrize("name", EMAIL)
def test_send_as_email_400_when_something_is_missing(name: str, knock: Callable[..., None]) -> None:
    """Every member is required; the one that is missing is named."""

    async def story(door: Any) -> None:
        answer = await PAGES["send-as-email"].ask(door, await door.login(), body={k: v for k, v in EMAIL.items() if k != name})
        assert is_error(answer, 400, "error.request.invalidRepresentation.missingProperty")
        assert answer.json()["propertyName"] == name

    knock(story)


@pytest.mark.parametrize(
    "changes",
    [
        {"priority": "high"},
        {"priority": 1.5},
        {"emailSubject": 7},
        {"toParticipants": []},
        {"toParticipants": {"emailAddresses": []}},
        {"toParticipants": {"emailAddresses": [{"displayName": "QA"}]}},
        {"toParticipants": {"emailAddresses": [{"displayName": "QA", "address": "nobody"}]}},
        {"ccParticipants": {"emailAddresses": "qa@example.org"}},
    ],
)
def test_send_as_email_400_when_something_is_wrong(changes: dict[str, Any], knock: Callable[..., None]) -> None:
    """Wrong types, no recipients, addresses that are none."""

    async def story(door: Any) -> None:
        assert is_error(await PAGES["send-as-email"].ask(door, await door.login(), body=EMAIL | changes), 400)
        assert door.world.outbox == []

    knock(story)


def test_send_as_email_400_when_the_recording_does_not_exist(knock: Callable[..., None]) -> None:
    """The page lists no 404."""

    async def story(door: Any) -> None:
        assert is_error(await PAGES["send-as-email"].ask(door, await door.login(), recording="none"), 400)

    knock(story)


@every_page
@pytest.mark.parametrize("content", ["{", "[]", "7", "\x00"])
def test_400_when_the_body_is_malformed(name: str, content: str, knock: Callable[..., None]) -> None:
    """What is not a JSON object is malformed; send takes no body and does not look at one."""

    async def story(door: Any) -> None:
        agent = await door.login()
        answer = await PAGES[name].ask(door, agent, draft=await agent.draft(), content=content)
        if name == "send":
            assert answer.http == 200
        else:
            assert is_error(answer, 400, "error.request.invalidRepresentation.malformed")

    knock(story)
