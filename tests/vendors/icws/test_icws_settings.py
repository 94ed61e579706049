"""Each assumption of the simulator is a named setting: what it does by default, and what another value makes of it, seen from outside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from runner.cli.main import main
from runner.clock import ManualClock
from runner.vendors.icws.simulator.settings import IcwsSettings
from tests.vendors.icws.conftest import DESK, JOE, URN

STATUS = {"statusId": "Available"}
STATION = {"__type": "urn:inin.com:connection:stationlessSettings"}
QUEUE = {"queueIds": [{"queueType": 1, "queueName": "agent1"}], "attributeNames": ["Eic_State"]}
SEND = {
    "toParticipants": {"emailAddresses": [DESK]},
    "ccParticipants": {"emailAddresses": []},
    "replyToAddress": "a@example.org",
    "emailSubject": "s",
    "emailBody": "b",
    "priority": 1,
}
RECORDING, RECORDINGS = "recordings/b7d2e0c1-1/send-as-email", "recordings/send-as-email"
NOWHERE = "interactions/2101999999/email/attachments/response-management/insert"
GUID = "0f8c2a54-5b0e-4a0c-8f7d-2d1f5b7f9a11"
NOBODY = SEND | {"toParticipants": {"emailAddresses": []}}
CHANGES = ["queueContentsMessage", "interactionChangedMessage", "emailContentsMessage"]
FLAT = {k: v for k, v in SEND.items() if not k.endswith("Participants")} | DESK
ANSWER = {
    "__type": URN + "createEmailResponseParameters",
    "responseType": 0,
    "emailContent": {"__type": URN + "emailResponseContent", "attachmentsFromParent": 0, "sender": DESK},
}


CHECKS = ("route", "removed", "session", "cookie", "token", "rights", "body", "object")


def _order(first: str, then: str) -> tuple[str, ...]:
    """The usual order, but with *first* right before *then*."""
    others = [check for check in CHECKS if check != first]
    others.insert(others.index(then), first)
    return tuple(others)


async def _login(door: Any) -> Any:
    return (await door.knock("agent1")).json()


async def _loginless(door: Any) -> Any:
    body = {"__type": "urn:inin.com:connection:icAuthConnectionRequestSettings", "applicationName": "x", "userID": "agent1"}
    password = door.world.people["agent1"].password
    return (await door.call("POST", "/icws/connection", body | {"password": password})).http


async def _twice(door: Any) -> Any:
    first = await door.login()
    await door.login()
    return [m["__type"].rpartition(":")[2] for m in await first.messages()]


async def _attributes(door: Any, *names: str) -> Any:
    agent = await door.login()
    draft = await agent.draft()
    return list((await agent.good("GET", f"interactions/{draft}?select={','.join(names)}"))["attributes"].items())


async def _ended(door: Any, verb: str) -> Any:
    agent = await door.login()
    draft = await agent.draft()
    await agent.good("POST", f"interactions/{draft}/{verb}")
    return (await agent.good("GET", f"interactions/{draft}?select=Eic_CallStateString"))["attributes"]["Eic_CallStateString"]


async def _status(door: Any, method: str, path: str, body: object = None, *, user: str = "agent1") -> Any:
    agent = await door.login(user)
    draft = await agent.draft() if "{draft}" in path else ""
    answer = await agent.call(method, path.replace("{draft}", draft), body)
    return answer.http, answer.json().get("errorId", "") if answer.body else ""


async def _insert(door: Any, item: str = "Price list", user: str = "agent1") -> Any:
    agent = await door.login(user)
    draft = await agent.draft()
    path = f"interactions/{draft}/email/attachments/response-management/insert"
    return (await agent.call("POST", path, {"id": door.library_item(item)})).http


async def _libraries(door: Any) -> Any:
    agent = await door.login()
    await agent.good("PUT", "messaging/subscriptions/response-management")
    (message,) = await agent.messages("responseManagementMessage")
    library = await door.call(
        "GET", message["librariesAdded"][0]["url"], headers={"Cookie": agent.cookie, "ININ-ICWS-CSRF-Token": agent.token}
    )
    return message["librariesAdded"][0]["name"], [item["name"] for item in library.json()["items"]]


async def _upload(door: Any) -> Any:
    agent = await door.login()
    draft = await agent.draft()
    await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
    path = f"interactions/{draft}/email/attachments/file/upload"
    told = await agent.good("POST", path, {"uploadFileName": "a.txt", "isInlineAttachment": False})
    await agent.messages()
    headers = {"Cookie": agent.cookie, "ININ-ICWS-CSRF-Token": agent.token}
    await door.call("PUT", told["uploadUri"], headers=headers, content=b"0123456789")
    messages = await agent.messages()
    (status,) = [m for m in messages if "uploadSuccess" in m]
    return [m["__type"].rpartition(":")[2] for m in messages], told["uploadUri"].startswith("http"), status["uploadSuccess"]


async def _answered(door: Any) -> Any:
    agent = await door.login()
    mail = await door.arrives()
    await agent.good("POST", f"interactions/{mail}/pickup")
    draft = (await agent.good("POST", "interactions", ANSWER | {"parentInteractionId": mail}))["interactionId"]
    await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
    (told,) = await agent.messages("emailContentsMessage")
    sent = await agent.call("POST", f"interactions/{draft}/email/send")
    return len(told["emailContent"]["toRecipients"]), sent.http, await agent.state(mail)


async def _send_to_nobody(door: Any) -> Any:
    agent = await door.login()
    return (await agent.call("POST", f"interactions/{await agent.draft(toRecipients=[])}/email/send")).http


async def _two_bodies(door: Any) -> Any:
    agent = await door.login()
    content = {"__type": URN + "emailContent", "sender": DESK, "bodies": [{"body": "a", "bodyType": 0}, {"body": "b", "bodyType": 0}]}
    return (await agent.call("POST", "interactions", {"__type": URN + "createEmailParameters", "emailContent": content})).http


async def _created(door: Any) -> Any:
    agent = await door.login()
    content = {"__type": URN + "emailContent", "sender": DESK, "toRecipients": [JOE]}
    answer = await agent.call("POST", "interactions", {"__type": URN + "createEmailParameters", "emailContent": content})
    return bool(answer.header("Location"))


async def _beside_stream(door: Any) -> Any:
    agent = await door.login()
    session = next(iter(door.office.sessions))
    session.streams += 1
    session.messages.put({"__type": "urn:inin.com:x:y", "isDelta": False})
    return len(await agent.messages())


async def _quiet(door: Any, *steps: tuple[float, str]) -> Any:
    agent = await door.login()
    for seconds, path in steps:
        door.world.clock.turn(seconds)
        answer = await agent.call("POST" if path.endswith("heartbeat") else "GET", path)
    return answer.http


async def _after_logout(door: Any) -> Any:
    agent = await door.login()
    await agent.good("DELETE", "connection")
    door.world.clock.turn(10)
    return (await agent.call("GET", "connection")).http


async def _forgotten(door: Any) -> Any:
    agent = await door.login()
    draft = await agent.draft()
    await agent.good("POST", f"interactions/{draft}/disconnect")
    door.world.clock.turn(3)
    return (await agent.call("GET", f"interactions/{draft}")).http


async def _alerted(door: Any, wait: float = 0.0) -> Any:
    one, two = await door.login("agent1"), await door.login("agent2")
    await one.ready()
    await two.ready()
    mail = await door.arrives()
    door.world.clock.turn(wait)
    await one.state(mail)
    return sum(len(i.alerted) for i in door.office.desk)


async def _late_token(door: Any) -> Any:
    agent, seed = await door.login(), "0f8c2a54-5b0e-4a0c-8f7d-2d1f5b7f9a11"
    token = (await agent.good("POST", "connection/unique-auth-token", {"authTokenSeed": seed}))["authToken"]
    door.world.clock.turn(5)
    kind = "urn:inin.com:connection:authTokenConnectionRequestSettings"
    return (await door.knock("", "", __type=kind, authTokenSeed=seed, authToken=token, authTokenSourceSession=agent.id)).http


async def _single_sign_on(door: Any) -> Any:
    kind = "urn:inin.com:connection:singleSignOnTokenConnectionRequestSettings"
    return (await door.knock("", "", __type=kind, singleSignOnToken="sso:agent1")).http


async def _denied(door: Any) -> Any:
    agent = await door.login()
    await door.call("POST", "/_switches/deny", {"user": "agent1"})
    answer = await agent.call("GET", "connection")
    return answer.http, answer.json()["errorCode"]


async def _origin(door: Any) -> Any:
    answer = await door.call("GET", "/icws/connection/version", headers={"Origin": "https://app.example"})
    return answer.header("Access-Control-Allow-Origin")


async def _included(door: Any) -> Any:
    body = {"__type": "urn:inin.com:connection:icAuthConnectionRequestSettings", "applicationName": "x", "userID": "agent1"}
    body["password"] = door.world.people["agent1"].password
    return (await door.call("POST", "/icws/connection?include=weather", body, {"Accept-Language": "en"})).http


async def _ready(door: Any) -> Any:
    agent = await door.login()
    await agent.good("PUT", "connection/station", STATION | {"supportedMediaTypes": [3], "readyForInteractions": True})
    await agent.good("PUT", "status/user-statuses/agent1", {"statusId": "At Lunch"})
    await door.arrives()
    return sum(len(i.alerted) for i in door.office.desk)


async def _http(door: Any) -> Any:
    return (await door.knock("agent1")).http


async def _key(door: Any, name: str, path: str = "") -> Any:
    told = await _login(door)
    if path:
        agent = await door.login()
        return list((await agent.good("GET", path))["activations"])
    return name in told if name == "features" else told[name]


async def _sit(door: Any, name: str) -> Any:
    agent = await door.login()
    body = {"__type": "urn:inin.com:connection:workstationSettings", "workstation": name}
    return (await agent.call("PUT", "connection/station", body)).http


async def _licence(door: Any) -> Any:
    agent = await door.login()
    told = await agent.good("POST", "licenses", {"licenseList": ["I3_ACCESS_CLIENT"]})
    return told["licenseOperationResultList"][0]["isAvailable"]


async def _mailbox(door: Any) -> Any:
    agent = await door.login()
    draft = await agent.draft()
    await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
    return (await agent.messages("emailContentsMessage"))[0]["mailbox"]


async def _refused(door: Any, *, user: str = "agent1", path: str, method: str = "POST", body: object = None, **changes: str | None) -> Any:
    """Which of all the refusals that a request deserves is told: its status, and which number stands in a 401."""
    owner, other = await door.login("agent1"), await door.login(user)
    draft = await owner.draft()
    target = f"interactions/{draft}/{path}" if "/" not in path else path.replace("{draft}", draft)
    answer = await other.call(method, target, body, **changes)
    return answer.http, answer.json().get("errorCode")


async def _http_of(told: Awaitable[Any]) -> int:
    return int((await told)[0])


async def _no_session(door: Any, method: str, path: str) -> Any:
    return (await door.call(method, path)).http


async def _changes(door: Any) -> Any:
    agent = await door.login()
    draft = await agent.draft()
    await agent.good("PUT", "messaging/subscriptions/queues/q", QUEUE | {"attributeNames": ["Eic_EmailSubject"]})
    await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}", {"attributeNames": ["Eic_EmailSubject"]})
    await agent.good("PUT", f"messaging/subscriptions/interactions/{draft}/email")
    await agent.messages()
    content = {"emailContent": {"__type": URN + "emailContent", "sender": DESK, "subject": "Other"}}
    await agent.good("POST", f"interactions/{draft}/email/save", content)
    return [m["__type"].rpartition(":")[2] for m in await agent.messages()]


async def _create(door: Any, *, user: str = "agent1", **members: object) -> Any:
    content = {"__type": URN + "emailContent", "sender": DESK}
    body = {"__type": URN + "createEmailParameters", "emailContent": content} | members
    return (await (await door.login(user)).call("POST", "interactions", body)).http


async def _family(door: Any) -> Any:
    agent = await door.login()
    mail = await door.arrives()
    await agent.good("POST", f"interactions/{mail}/pickup")
    children = [(await agent.good("POST", "interactions", ANSWER | {"parentInteractionId": mail}))["interactionId"] for _ in range(2)]
    told = await agent.good("GET", f"interactions/{mail}?select=Eic_EmailChildren")
    parent = await agent.good("GET", f"interactions/{children[0]}?select=Eic_EmailParent")
    return told["attributes"]["Eic_EmailChildren"][len(children[0])], len(parent["attributes"]["Eic_EmailParent"])


async def _inline(door: Any) -> Any:
    agent = await door.login()
    path = f"interactions/{await agent.draft()}/email/attachments/response-management/insert"
    return bool((await agent.good("POST", path, {"id": door.library_item("Logo")}))["contentId"])


async def _removed(door: Any, file: str) -> Any:
    agent = await door.login()
    draft = await agent.draft()
    path = f"interactions/{draft}/email/attachments"
    await agent.good("POST", f"{path}/response-management/insert", {"id": door.library_item("Terms")})
    return (await agent.call("POST", f"{path}/file/remove", {"fileUri": file})).http


async def _send_from_nobody(door: Any) -> Any:
    agent = await door.login()
    return (await agent.call("POST", f"interactions/{await agent.draft(sender={'displayName': 'Shop'})}/email/send")).http


async def _searched(door: Any) -> Any:
    agent = await door.login()
    search = (await agent.good("POST", "agent-quality/search", {"filters": {}}))["requestId"]
    (message,) = await agent.messages()
    ids = (search, message.get("searchId", "none"))
    return [(await agent.call("GET", f"agent-quality/search/{id}")).http for id in ids]


async def _upload_place(door: Any) -> Any:
    agent = await door.login()
    body = {"uploadFileName": "a.txt", "isInlineAttachment": False}
    uri = (await agent.good("POST", f"interactions/{await agent.draft()}/email/attachments/file/upload", body))["uploadUri"]
    without = (await door.call("PUT", uri, content=b"x")).http
    cookies = {"Cookie": agent.cookie, "ININ-ICWS-CSRF-Token": agent.token}
    return without, (await door.call("PUT", uri, headers=cookies, content=b"x")).http


async def _streamed(door: Any) -> Any:
    agent = await door.login()
    headers = {"Accept": "*/*", "Cookie": agent.cookie}
    async with door.http.stream("GET", f"/icws/{agent.id}/messaging/messages", headers=headers) as stream:
        return stream.headers["Content-Type"].startswith("text/event-stream")


async def _foreign_queue(door: Any) -> Any:
    agent = await door.login("agent2")
    await (await door.login("agent1")).draft()
    await agent.good("PUT", "messaging/subscriptions/queues/q", QUEUE)
    (message,) = await agent.messages()
    return message["__type"].rpartition(":")[2], message.get("state"), message.get("interactionsAdded")


async def _logged_off(door: Any) -> Any:
    agent = await door.login()
    await door.call("POST", "/_switches/log-off", {"user": "agent1"})
    return (await agent.call("GET", "messaging/messages", token=None)).http


async def _first(told: Awaitable[Any]) -> Any:
    return (await told)[0]


async def _second(told: Awaitable[Any]) -> Any:
    return (await told)[1]


async def _last(told: Awaitable[Any]) -> Any:
    return (await told)[-1]


# setting, another value, what is looked at, what is seen by default, what is seen then
Row = tuple[str, Any, Callable[[Any], Awaitable[Any]], Any, Any]
ROWS: list[Row] = [
    ("server_name", "IC-B", lambda d: _key(d, "icServer"), "IC-A", "IC-B"),
    ("features", {"connection": 1}, lambda d: _key(d, "features"), True, False),
    ("accepting", False, _http, 201, 503),
    ("alternate_hosts", ("ic-b",), lambda d: _key(d, "alternateHostList"), [], ["ic-b"]),
    ("accept_language_required", False, _loginless, 400, 201),
    ("one_session_per_user", True, _twice, [], ["connectionStateChangeMessage"]),
    ("idle_seconds", 5.0, lambda d: _quiet(d, (10, "connection")), 200, 401),
    ("heartbeat_keeps_alive", False, lambda d: _quiet(d, (100, "messaging/heartbeat"), (100, "connection")), 200, 401),
    ("grace_seconds", 1.0, _after_logout, 200, 401),
    ("linger_seconds", 60.0, _forgotten, 404, 200),
    ("alert_seconds", 5.0, lambda d: _alerted(d, 10), 2, 0),
    ("alerting", "one", _alerted, 2, 1),
    ("unique_token_seconds", 1.0, _late_token, 201, 400),
    ("workgroups", ("Parcels",), lambda d: _key(d, "", "activations/users/agent1"), ["Customer Service", "Returns"], ["Parcels"]),
    ("stations", ("Desk-9",), lambda d: _sit(d, "Desk-1"), 200, 400),
    ("statuses", ("Busy",), lambda d: _status(d, "PUT", "status/user-statuses/agent1", STATUS), (202, ""), (400, None)),
    ("available_statuses", ("At Lunch",), _ready, 0, 1),
    ("licences", (), _licence, True, False),
    ("work_right", "supervise", lambda d: _status(d, "POST", "configuration/mail/send-email", {}), (400, None), (403, None)),
    ("supervise_right", "email", lambda d: _status(d, "PUT", "status/user-statuses/agent2", STATUS), (403, None), (202, "")),
    ("response_management_right", "supervise", _insert, 200, 403),
    ("recordings_right", "supervise", lambda d: _status(d, "GET", "recordings/b7d2e0c1-1/tags"), (200, ""), (403, None)),
    ("coerce_booleans", False, lambda d: _status(d, "POST", "interactions/{draft}/hold", {"on": "true"}), (200, ""), (400, None)),
    ("sent_state", "Gone", lambda d: _ended(d, "email/send"), "Sent", "Gone"),
    ("dropped_state", "Dropped", lambda d: _ended(d, "disconnect"), "Disconnected", "Dropped"),
    (
        "directory_answers",
        False,
        lambda d: _status(d, "POST", "interactions/email/resolve-address", {"name": "a"}),
        (200, ""),
        (504, None),
    ),
    ("removed", ("interactions/*/email/send",), lambda d: _status(d, "POST", "interactions/{draft}/email/send"), (200, ""), (410, None)),
    ("library_name", "Answers", lambda d: _first(_libraries(d)), "Shop answers", "Answers"),
    ("library", (), lambda d: _second(_libraries(d)), ["Greeting", "Shop"], []),
    ("recordings", (), lambda d: _status(d, "GET", "recordings/b7d2e0c1-1/tags"), (200, ""), (400, None)),
    ("mailbox", "desk@shop.example", _mailbox, "help@shop.example", "desk@shop.example"),
    ("success_statuses", {"heartbeat": 200}, lambda d: _status(d, "POST", "messaging/heartbeat"), (204, ""), (200, "")),
    (
        "error_ids",
        {"error.request.notFound": "not.there"},
        lambda d: _status(d, "GET", "interactions/2101999999"),
        (404, "error.request.notFound"),
        (404, "not.there"),
    ),
    ("transitions", {"hold": {"D": ""}}, lambda d: _status(d, "POST", "interactions/{draft}/hold", {"on": True}), (200, ""), (400, None)),
    (
        "email_object_type",
        "E-Mail",
        lambda d: _attributes(d, "Eic_ObjectType"),
        [("Eic_ObjectType", "EMAIL")],
        [("Eic_ObjectType", "E-Mail")],
    ),
    ("unset_attributes", "absent", lambda d: _attributes(d, "Order"), [("Order", "")], []),
    ("reply_presets", False, _answered, (1, 200, "C"), (0, 400, "C")),
    ("parent_ends_with_answer", True, _answered, (1, 200, "C"), (1, 200, "I")),
    ("recipients_required", False, _send_to_nobody, 400, 200),
    ("one_body_of_a_type", False, _two_bodies, 400, 201),
    ("create_location", False, _created, True, False),
    ("absolute_uris", True, lambda d: _second(_upload(d)), False, True),
    (
        "upload_tells_first",
        "contents",
        lambda d: _first(_upload(d)),
        ["emailUploadFileStatusMessage", "emailContentsMessage"],
        ["emailContentsMessage", "emailUploadFileStatusMessage"],
    ),
    ("largest_upload", 4, lambda d: _last(_upload(d)), True, False),
    ("insertable_types", (0, 2), lambda d: _insert(d, "Greeting"), 400, 200),
    ("unknown_recording_status", 404, lambda d: _status(d, "GET", "recordings/none/tags"), (400, None), (404, None)),
    ("flat_participant", False, lambda d: _status(d, "PUT", "recordings/b7d2e0c1-1/send-as-email", FLAT), (204, ""), (400, None)),
    ("poll_beside_stream", "empty", _beside_stream, 1, 0),
    ("unsubscribe_absent", "not found", lambda d: _status(d, "DELETE", "messaging/subscriptions/queues/q"), (204, ""), (404, None)),
    ("ignore_unknown_include", False, _included, 201, 400),
    (
        "property_names_any_case",
        True,
        lambda d: _status(d, "PUT", "connection/station", {"__TYPE": STATION["__type"]}),
        (400, None),
        (200, ""),
    ),
    ("single_sign_on_prefix", "", _single_sign_on, 201, 400),
    ("denied_status", 403, _denied, (401, 7), (403, 7)),
    ("order_of_checks", _order("token", "cookie"), lambda d: _refused(d, path="pickup", token=None, cookie=None), (401, 4), (401, 2)),
    ("change_order", ("contents", "interactions", "queues"), _changes, CHANGES, CHANGES[::-1]),
    ("create_refusals", {"rights": 403}, lambda d: _create(d, user="restricted1"), 400, 403),
    ("create_refusals", {"workgroup": 404}, lambda d: _create(d, workgroup="None"), 400, 404),
    ("create_refusals", {"parent": 404}, lambda d: _create(d, **ANSWER, parentInteractionId="2101999999"), 400, 404),
    ("create_needs_station", True, _create, 201, 400),
    ("routing_needs", ("media", "ready"), _ready, 0, 1),
    ("family_ids", "key", lambda d: _second(_family(d)), 10, 18),
    ("children_separator", ",", lambda d: _first(_family(d)), "|", ","),
    ("telephony_on_email", "ignored", lambda d: _status(d, "POST", "interactions/{draft}/play-wav", {}), (400, None), (200, "")),
    ("inline_by_default", True, _inline, False, True),
    ("removes_by", "name", lambda d: _removed(d, "terms.txt"), 400, 200),
    ("unknown_file_status", 404, lambda d: _removed(d, "/icws/1/files/none"), 400, 404),
    ("sender_required", False, _send_from_nobody, 400, 200),
    (
        "recording_recipients_required",
        False,
        lambda d: _status(d, "PUT", "recordings/b7d2e0c1-1/send-as-email", NOBODY),
        (400, None),
        (204, ""),
    ),
    ("search_ids", "own", _searched, [200, 404], [404, 200]),
    ("upload_below_session", False, _upload_place, (401, 200), (200, 404)),
    ("stream_when", "accepted", _streamed, False, True),
    (
        "queue_faults",
        "silent",
        _foreign_queue,
        ("queueSubscriptionStateMessage", 3, None),
        ("queueContentsMessage", None, []),
    ),
    ("farewell", False, _logged_off, 200, 401),
    ("preflight", False, lambda d: _no_session(d, "OPTIONS", "/icws/connection"), 200, 405),
    ("echo_origin", False, _origin, "https://app.example", "*"),
]
# two checks, a request that both refuse, what the first says, what the second says
PAIRS: list[tuple[str, str, Callable[[Any], Awaitable[Any]], int, int]] = [
    ("route", "session", lambda d: _no_session(d, "GET", "/icws/17/nowhere"), 404, 401),
    ("route", "session", lambda d: _no_session(d, "PATCH", "/icws/17/connection"), 405, 401),
    ("route", "removed", lambda d: _no_session(d, "PATCH", "/icws/17/connection"), 405, 410),
    ("removed", "session", lambda d: _no_session(d, "DELETE", "/icws/17/connection"), 410, 401),
    ("rights", "body", lambda d: _http_of(_refused(d, user="restricted1", path="interactions/{draft}/email/save", body={})), 403, 400),
    ("rights", "body", lambda d: _http_of(_refused(d, user="restricted1", path=RECORDING, method="PUT", body={})), 403, 400),
    ("rights", "body", lambda d: _http_of(_refused(d, user="restricted1", path=RECORDINGS, method="PUT", body={})), 403, 400),
    ("rights", "object", lambda d: _http_of(_refused(d, user="restricted1", path=NOWHERE, body={"id": GUID})), 403, 404),
    ("body", "object", lambda d: _http_of(_refused(d, path=NOWHERE, body={})), 400, 404),
]


@pytest.mark.parametrize(("first", "second", "look", "by_first", "by_second"), PAIRS, ids=[f"{p[0]} {p[1]} {p[3]}" for p in PAIRS])
def test_of_two_refusals_the_first_in_the_order_is_told(
    first: str, second: str, look: Callable[[Any], Awaitable[Any]], by_first: int, by_second: int, knock: Callable[..., None]
) -> None:
    """By default the first, the other way round where the setting says so."""
    seen: list[Any] = []

    async def story(door: Any) -> None:
        seen.append(await look(door))

    removed = ("connection",) if "removed" in (first, second) else ()
    knock(story, removed=removed)
    # a check that must come before others takes along those that stand between
    after = CHECKS[: CHECKS.index("token") + 1] if second == "session" else (second,)
    others = [check for check in CHECKS if check != first]
    others.insert(others.index(after[-1]) + 1, first)
    knock(story, removed=removed, order_of_checks=tuple(others))
    assert seen == [by_first, by_second]


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("order_of_checks", CHECKS[1:]),
        ("order_of_checks", _order("token", "session")),
        ("order_of_checks", _order("object", "route")),
        ("change_order", ("queues", "queues", "contents")),
    ],
)
def test_an_order_that_cannot_be_is_refused(name: str, order: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """One that leaves something out, or that asks for rights before it is known whose they are; `--set` says so."""
    assert main(["simulate", "icws", "--set", f"{name}={json.dumps(order)}"]) == 4
    assert name in capsys.readouterr().err


# seen over an event stream, in test_icws_messages.py
ELSEWHERE = {"ping_seconds", "messages_survive_break"}


def _alike(seen: Any, expected: Any) -> Any:
    """*seen*, with what *expected* leaves open taken out."""
    return (seen[0], None) if isinstance(expected, tuple) and len(expected) == 2 and expected[1] is None else seen


@pytest.mark.parametrize(("name", "value", "look", "by_default", "then"), ROWS, ids=[row[0] for row in ROWS])
def test_a_setting_changes_what_the_simulator_does(
    name: str, value: Any, look: Callable[[Any], Awaitable[Any]], by_default: Any, then: Any, knock: Callable[..., None]
) -> None:
    """By default one thing is seen, with another value of the setting another."""
    seen: list[Any] = []

    async def story(door: Any) -> None:
        seen.append(await look(door))

    knock(story, clock=ManualClock())
    knock(story, clock=ManualClock(), **{name: value})
    assert [_alike(seen[0], by_default), _alike(seen[1], then)] == [by_default, then]


def test_every_setting_is_tried() -> None:
    """None is left out, and none is tried that does not exist."""
    names = {field.name for field in msgspec.structs.fields(IcwsSettings)}
    assert {row[0] for row in ROWS} | ELSEWHERE == names


def test_every_setting_is_listed_with_its_default_and_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """`runner simulate icws --settings` names each, and says why below it."""
    assert main(["simulate", "icws", "--settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for field in msgspec.structs.fields(IcwsSettings):
        at = next(i for i, line in enumerate(lines) if line.startswith(f"  {field.name} "))
        assert "default" in lines[at]
        assert len(lines[at + 1].split()) > 3
