"""
Every setting of the simulator, asked about over the wire with its default and with another value: each changes what is answered.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from runner.simulation.world import Attachment, Mail, default_password
from runner.vendors.egain.simulator.console import by_hand
from runner.vendors.egain.simulator.organisation import AGENT, MAILPLUS
from runner.vendors.egain.simulator.settings import EgainSettings

A = "/ws/v12/interaction/activity"
LOGIN = "/ws/v12/authentication/user/login"
ATTRIBUTES = f"{A}/attributes?$attribute=language"
FIRST = {"activity": [{"id": 2801}]}

WHO = {"userName": "agent2", "password": default_password("agent2")}
KIM_AGAIN = {
    "type": {"value": "individual"},
    "contactPersons": {
        "contactPerson": [
            {
                "firstName": "Kim",
                "contactPoints": {"contactPoint": [{"type": {"value": "email", "email": {"emailAddress": "kim@mail.example"}}}]},
            }
        ]
    },
}

# Asks the simulator something and gives what became of it; `make` is the `document` fixture.
Ask = Callable[[Any, Any], Awaitable[Any]]


def mail(*, content: tuple[tuple[str, str], ...] = (), rest: dict[str, Any] | None = None, **addresses: Any) -> Ask:
    """Sends a mail and gives the status."""
    told = {"contents": {"content": [{"type": kind, "value": value} for kind, value in content]}} if content else {}
    change = {"payload": {"email": told | {"emailAddresses": addresses}}} | (rest or {})

    async def ask(wire: Any, make: Any) -> int:
        return int((await wire.send(make(change))).http)

    return ask


def asked(method: str, path: str, tree: Any = None, **more: Any) -> Ask:
    """Sends a request and gives the status."""

    async def ask(wire: Any, make: Any) -> int:
        return int((await wire.ask(method, path, tree, **more)).http)

    return ask


def headed(**headers: str) -> Ask:
    """Sends a mail with other headers and gives the status."""

    async def ask(wire: Any, make: Any) -> int:
        return int((await wire.send(make(), headers={name.replace("_", "-"): value for name, value in headers.items()})).http)

    return ask


def posted(body: bytes, kind: str) -> Ask:
    """Sends a body as it is and gives the status."""
    return asked("POST", f"{A}/send", body=body, kind=kind)


# ── what takes more than one request ─────────────────────────────────────────────────────────────────────────────────────────────


async def format_of_an_answer(wire: Any, make: Any) -> str:
    return str((await wire.ask("GET", ATTRIBUTES, headers={"Accept": ""})).header("Content-Type"))


async def header_of_a_401(wire: Any, make: Any) -> bool:
    return bool((await wire.ask("GET", ATTRIBUTES, session="dead")).header("X-egain-session"))


async def details_of_an_error(wire: Any, make: Any) -> bool:
    return "details" in (await wire.send(make({"priority": "9"}))).json()


async def the_sixth_login(wire: Any, make: Any) -> int:
    return [(await wire.login()).http for _ in range(5)][-1]


async def a_second_user_logs_in(wire: Any, make: Any) -> int:
    assert (await wire.login()).http == 204
    return int((await wire.login("agent2")).http)


async def first_session_after_a_forced_login(wire: Any, make: Any) -> int:
    first = wire.session
    await wire.login(query="?forceLogin=yes")
    return int((await wire.ask("GET", ATTRIBUTES, session=first)).http)


async def a_session_in_use_for_40_minutes(wire: Any, make: Any) -> int:
    wire.world.clock.turn(20 * 60)
    await wire.ask("GET", ATTRIBUTES)
    wire.world.clock.turn(20 * 60)
    return int((await wire.ask("GET", ATTRIBUTES)).http)


async def a_session_at_rest_for_20_minutes(wire: Any, make: Any) -> int:
    wire.world.clock.turn(20 * 60)
    return int((await wire.ask("GET", ATTRIBUTES)).http)


async def what_the_customer_gets(wire: Any, make: Any) -> str:
    await wire.send(make({"payload": {"email": {"contents": {"content": [{"type": "text", "value": "``nested"}]}}}}))
    return str(wire.world.outbox[-1].text)


async def type_of_a_part(wire: Any, make: Any) -> str:
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="data-type"\r\n\r\napplication/json\r\n'
        b'--b\r\nContent-Disposition: form-data; name="data"\r\n\r\n' + msgspec.json.encode(make()) + b"\r\n"
        b'--b\r\nContent-Disposition: form-data; name="f"; fileName="a.x"\r\n\r\nx\r\n--b--\r\n'
    )
    await wire.ask("POST", f"{A}/send", body=parts, kind="multipart/form-data; boundary=b")
    return str(wire.world.outbox[-1].attachments[0].type)


async def an_inline_part(wire: Any, make: Any) -> int:
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="data-type"\r\n\r\napplication/json\r\n'
        b'--b\r\nContent-Disposition: form-data; name="data"\r\n\r\n' + msgspec.json.encode(make()) + b"\r\n"
        b'--b\r\nContent-Disposition: inline; fileName="a.png"\r\n\r\nx\r\n--b--\r\n'
    )
    return int((await wire.ask("POST", f"{A}/send", body=parts, kind="multipart/form-data; boundary=b")).http)


async def security_with_a_sender(wire: Any, make: Any) -> str:
    private = {"department": {"name": "Private"}, "payload": {"email": {"emailAddresses": {"from": "private@shop.example"}}}}
    return await _of_sent(wire, make(private), "isSecure")


async def _of_sent(wire: Any, tree: Any, *path: str) -> str:
    place = (await wire.send(tree)).header("Location")
    found = (await wire.ask("GET", f"/ws{place.partition('/ws')[2]}")).json()["activity"][0]
    for name in path:
        found = found[name]
    return str(found)


async def status_when_it_was_sent(wire: Any, make: Any) -> str:
    return await _of_sent(wire, make(), "status", "value")


async def seconds_until_it_left(wire: Any, make: Any) -> float:
    id = int((await wire.send(make())).header("Location").rpartition("/")[2])
    await asyncio.gather(*wire.desk._working)
    return float((wire.desk.activities[id].sent - wire.desk.activities[id].created).total_seconds())


async def loose_json(wire: Any, make: Any) -> int:
    return int((await wire.ask("POST", f"{A}/send", body=repr(make()).encode())).http)


async def status_when_it_arrived(wire: Any, make: Any) -> str:
    return str(wire.desk.arrive(Mail(sender="x@mail.example", to=["care@shop.example"])).status)


async def substatus_when_pulled(wire: Any, make: Any) -> str:
    await wire.ask("PUT", f"{A}/pull")
    return str((await wire.ask("GET", f"{A}/2801")).json()["activity"][0]["status"]["substatus"]["value"])


async def a_stale_date(wire: Any, make: Any) -> int:
    await wire.ask("PUT", f"{A}/pull")
    stale = {"id": 2801, "lastModified": {"date": "2030-01-01T00:00:00.000Z"}}
    return int((await wire.ask("PUT", f"{A}/complete", {"activity": [stale]})).http)


async def pulled(wire: Any, make: Any) -> int:
    wire.desk.arrive(Mail(sender="x@mail.example", to=["care@shop.example"]))
    return len((await wire.ask("PUT", f"{A}/pull")).json()["activity"])


async def masked(wire: Any, make: Any) -> str:
    id = wire.desk.arrive(Mail(sender="x@mail.example", to=["care@shop.example"], subject="Card 4111111111111111, PIN 4711")).id
    await wire.ask("PUT", "/ws/v19/interaction/activity/mask", {"activity": [{"id": id}]})
    return str((await wire.ask("GET", f"{A}/{id}")).json()["activity"][0]["subject"])


async def known_in_another_department(wire: Any, make: Any) -> int:
    sales = {"department": {"name": "Sales"}, "payload": {"email": {"emailAddresses": {"from": "sales@shop.example"}}}}
    return int((await wire.send(make(sales))).http)


async def words_of_an_error(wire: Any, make: Any) -> str:
    return str((await wire.send(make({"priority": "9"}), headers={"X-egain-error-message": "yes"})).json()["userMessage"])


async def third_call(wire: Any, make: Any) -> int:
    return [(await wire.ask("GET", ATTRIBUTES)).http for _ in range(3)][-1]


async def place_of_what_was_made(wire: Any, make: Any) -> str:
    return str((await wire.send(make())).header("Location").split("/")[1])


async def home_of_a_user(wire: Any, make: Any) -> str:
    return str((await wire.ask("GET", "/ws/v12/administration/user/1010")).json()["user"][0]["department"]["name"])


async def refusal_of_a_stranger_in_no_language(wire: Any, make: Any) -> int:
    return int((await wire.send(make(), session="dead", headers={"Accept-Language": "xx"})).http)


async def code_of_a_wrong_priority(wire: Any, make: Any) -> str:
    return str((await wire.send(make({"priority": "9"}))).json()["code"])


async def a_change_by_cookie(wire: Any, make: Any) -> int:
    await wire.login()
    return int((await wire.ask("PUT", f"{A}/pull", session="")).http)


async def reading_by_cookie(wire: Any, make: Any) -> int:
    await wire.login()
    return int((await wire.ask("GET", ATTRIBUTES, session="")).http)


async def members_of_a_login_error(wire: Any, make: Any) -> list[str]:
    return list((await wire.ask("POST", LOGIN, {"userName": "agent2", "password": "wrong"})).json())


async def a_page_in_xml(wire: Any, make: Any) -> bool:
    return b"paginationInfo" in (await wire.ask("GET", f"{A}?status=open", headers={"Accept": "application/xml"})).body


async def one_attachment(wire: Any, make: Any) -> str:
    id = wire.desk.arrive(Mail(sender="x@mail.example", to=["care@shop.example"], attachments=[Attachment("a.txt", b"a", "text/plain")])).id
    file = (await wire.ask("GET", f"{A}/{id}/attachment")).json()["attachment"][0]
    return type((await wire.ask("GET", f"{A}/{id}/attachment/{file['id']}")).json()["attachment"]).__name__


def form_with(head: str, content: bytes) -> Ask:
    """Sends a mail with an attachment as a part, and gives the status, and the bytes that left."""

    async def ask(wire: Any, make: Any) -> tuple[int, bytes]:
        parts = (
            b'--b\r\nContent-Disposition: form-data; name="data-type"\r\n\r\napplication/json\r\n'
            b'--b\r\nContent-Disposition: form-data; name="data"\r\n\r\n' + msgspec.json.encode(make()) + b"\r\n"
            b"--b\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n--b--\r\n"
        )
        answer = await wire.ask("POST", f"{A}/send", body=parts, kind="multipart/form-data; boundary=b")
        return answer.http, b"".join(a.content for mail in wire.world.outbox for a in mail.attachments)

    return ask


async def number_after_a_refused_mail(wire: Any, make: Any) -> int:
    await wire.send(make({"subject": "``empty_article"}))
    return int((await wire.send(make())).header("Location").rpartition("/")[2])


async def substatus_after_an_edit(wire: Any, make: Any) -> str:
    await wire.ask("PUT", f"{A}/pull")
    dated = {"id": 2801, "lastModified": {"date": (await wire.ask("GET", f"{A}/2801")).json()["activity"][0]["lastModified"]["date"]}}
    await wire.ask("PUT", A, {"activity": [dated | {"priority": "3"}]})
    return str((await wire.ask("GET", f"{A}/2801")).json()["activity"][0]["status"]["substatus"]["value"])


async def status_of_a_saved_draft(wire: Any, make: Any) -> str:
    place = (await wire.ask("POST", A, make({"queue": {"name": "Complaints"}}))).header("Location")
    return str((await wire.ask("GET", place.removeprefix("/system"))).json()["activity"][0]["status"]["value"])


async def picking_two(wire: Any, make: Any) -> int:
    other = wire.desk.arrive(Mail(sender="x@mail.example", to=["care@shop.example"])).id
    return int((await wire.ask("PUT", f"{A}/pick", {"activity": [{"id": 2801}, {"id": other}]})).http)


def _completing(**console: Any) -> Ask:
    async def ask(wire: Any, make: Any) -> int:
        by_hand(wire.desk, msgspec.json.encode({"activity": 2801, "resolution": "Refunded"} | console))
        await wire.ask("PUT", f"{A}/pull")
        told = (await wire.ask("GET", f"{A}/2801")).json()["activity"][0]
        item = {"id": 2801, "lastModified": {"date": told["lastModified"]["date"]}}
        return int((await wire.ask("PUT", f"{A}/complete", {"activity": [item]})).http)

    return ask


async def picking_what_is_locked(wire: Any, make: Any) -> int:
    by_hand(wire.desk, b'{"activity": 2801, "locked_by": "agent2"}')
    return int((await wire.ask("PUT", f"{A}/pick", FIRST)).http)


async def mails_that_came_back(wire: Any, make: Any) -> int:
    await wire.send(make())
    return sum(a.subject.startswith("Undeliverable") for a in wire.desk.activities.values())


async def cases_when_a_mail_came_back(wire: Any, make: Any) -> int:
    await wire.send(make({"case": {"id": 1301}}))
    return len(wire.desk.cases)


REGION = {"customAttribute": [{"attribName": "region", "attribValues": {"attribValue": [{"value": "North"}]}}]}
LONG_AFTER = "``greeting " * 10  # 110 characters before, 290 after
COPIES = {"address": [f"someone.far.away{n}@shop.example" for n in range(9)]}
XML_TURNED = (
    b'<activity xmlns="http://bindings.egain.com/ws/model/v12/gen/interaction/activity"'
    b' xmlns:p="http://bindings.egain.com/ws/model/v12/gen/platform" xmlns:c="http://bindings.egain.com/ws/model/v12/gen/common">'
    b"<subject>x</subject><department><p:name>Service</p:name></department>"
    b"<type><value>email</value><subtype><c:value>compose</c:value></subtype></type><payload><email><emailAddresses>"
    b"<from>care@shop.example</from><to><address>kim@mail.example</address></to></emailAddresses></email></payload></activity>"
)
XML_SLOPPY = (
    b'<activity xmlns="http://bindings.egain.com/ws/model/v12/gen/interaction/activity"><department><name>Service</name></department>'
    b"<type><value>email</value><subtype><value>compose</value></subtype></type><subject>x</subject><payload><email><emailAddresses>"
    b"<from>care@shop.example</from><to><address>kim@mail.example</address></to></emailAddresses></email></payload></activity>"
)
NESTED = ({"name": "nested", "kind": "article", "content": "Dear ``customer_name", "folder": "Shared"},)
NO_LICENCE = frozenset(AGENT - {MAILPLUS})
HEAVY = {"attachments": {"attachment": [{"fileName": "a", "contentType": "b/c", "content": base64.b64encode(b"x" * 900_000).decode()}]}}

# setting → its other value, what is asked, the answer by default, the answer then, and settings that are needed in both cases
CASES: dict[str, tuple[Any, Ask, Any, Any, dict[str, Any]]] = {
    "departments": ([{"id": 1, "name": "Service", "aliases": [{"address": "x@y.example"}]}], mail(), 201, 400, {"foreign_departments": []}),
    "home_department": ("Sales", home_of_a_user, "Service", "Sales", {}),
    "foreign_departments": (["Legal"], mail(rest={"department": {"name": "Legal"}}, **{"from": "legal@shop.example"}), 403, 201, {}),
    "customer_departmentalization": (True, known_in_another_department, 201, 400, {}),
    "custom_attributes": ([], mail(rest={"customAttributes": REGION}), 201, 400, {}),
    "macros": ([], mail(rest={"subject": "``greeting"}), 201, 400, {}),
    "closed_folders": ([], mail(rest={"subject": "``board_notes"}), 403, 201, {}),
    "blocked_extensions": (
        ["pdf"],
        mail(rest={"attachments": {"attachment": [{"fileName": "a.pdf", "contentType": "x/y", "content": "eA=="}]}}),
        201,
        400,
        {},
    ),
    "max_email_mb": (2, mail(rest=HEAVY | {"subject": "x"}, content=(("text", "y" * 500_000),)), 400, 201, {"max_email_mb": 1}),
    "max_body_kb": (2, mail(content=(("text", "x" * 1500),)), 400, 201, {"max_body_kb": 1}),
    "max_pull": (2, pulled, 1, 2, {}),
    "session_minutes": (10.0, a_session_at_rest_for_20_minutes, 200, 401, {}),
    "sessions_per_user": (6, the_sixth_login, 403, 204, {}),
    "after_send": ("complete", status_when_it_was_sent, "assigned", "completed", {}),
    "dispatch_seconds": (5.0, seconds_until_it_left, 0.0, 5.0, {}),
    "lenient_json": (True, loose_json, 400, 201, {}),
    "username_allowed": (True, asked("POST", LOGIN, {"username": "agent2", "password": default_password("agent2")}), 400, 204, {}),
    "default_language": ("de-DE", words_of_an_error, "The request is not valid.", "Die Anfrage ist ungültig.", {}),
    "languages": (["de-DE"], headed(Accept_Language="fr-FR"), 201, 406, {}),
    "requests_per_minute": (2, third_call, 200, 429, {}),
    "context_root": ("ece", place_of_what_was_made, "system", "ece", {}),
    "check_order": (
        ["language", "session", "content_type", "accept", "query"],
        refusal_of_a_stranger_in_no_language,
        401,
        406,
        {},
    ),
    "rights_checked": ("after_values", mail(rest={"priority": "9"}), 403, 400, {"rights": set(NO_LICENCE)}),
    "error_numbers": ({"priority": "777"}, code_of_a_wrong_priority, "400-196", "400-777", {}),
    "child_order": ("listed", posted(XML_TURNED, "application/xml"), 201, 400, {}),
    "default_format": ("json", format_of_an_answer, "application/xml", "application/json", {}),
    "other_accept": ("default", headed(Accept="text/html"), 406, 201, {}),
    "other_content_type": (400, headed(Content_Type="text/plain"), 415, 400, {}),
    "language_lists": (False, headed(Accept_Language="xx, de-DE;q=0.5"), 201, 406, {}),
    "strict_namespaces": (True, posted(XML_SLOPPY, "application/xml"), 201, 400, {}),
    "bare_addresses": (False, mail(to="kim@mail.example"), 201, 400, {}),
    "login_errors": ("wserror", members_of_a_login_error, ["message"], ["code", "developerMessage"], {}),
    "xml_pagination": (False, a_page_in_xml, True, False, {}),
    "attachment_detail": ("object", one_attachment, "list", "dict", {}),
    "session_header_on_401": (True, header_of_a_401, False, True, {}),
    "error_details": (False, details_of_an_error, True, False, {}),
    "login_parameters": ("ignore", asked("POST", f"{LOGIN}?forceLogin=no&x=1", WHO), 400, 204, {}),
    "incomplete_login_status": (401, asked("POST", LOGIN, {"userName": "agent2"}), 400, 401, {}),
    "disabled_status": (
        401,
        asked("POST", LOGIN, {"userName": "special1", "password": default_password("special1")}),
        403,
        401,
        {"rights": {"disabled"}},
    ),
    "sixth_login_status": (401, the_sixth_login, 403, 401, {}),
    "force_ends": ("always", first_session_after_a_forced_login, 200, 401, {}),
    "sliding_sessions": (False, a_session_in_use_for_40_minutes, 200, 401, {}),
    "licences": (1, a_second_user_logs_in, 204, 403, {}),
    "licences_taken_status": (401, a_second_user_logs_in, 403, 401, {"licences": 1}),
    "missing_licence_status": (401, mail(), 403, 401, {"rights": set(NO_LICENCE)}),
    "console_cookie": (True, reading_by_cookie, 401, 200, {}),
    "csrf_on": ("all", reading_by_cookie, 200, 403, {"console_cookie": True}),
    "missing_csrf_status": (401, a_change_by_cookie, 403, 401, {"console_cookie": True}),
    "forced_at_completion": (["category"], _completing(), 200, 400, {}),
    "locked_status": (409, picking_what_is_locked, 400, 409, {}),
    "bounce_domains": (["mail.example"], mails_that_came_back, 0, 1, {}),
    "bounces": ("same_case", cases_when_a_mail_came_back, 2, 1, {"bounce_domains": ["mail.example"]}),
    "empty_counts": (True, mail(rest={"subject": ""}), 400, 201, {}),
    "subject_limit": ("after", mail(rest={"subject": LONG_AFTER}), 201, 400, {}),
    "copies_limit": ("address", mail(cc=COPIES), 400, 201, {}),
    "same_content_twice": ("last", mail(content=(("text", "a"), ("text", "b"))), 400, 201, {}),
    "body_limit": ("both", mail(content=(("text", "a" * 700), ("html", "b" * 700))), 201, 400, {"max_body_kb": 1}),
    "sizes": ("encoded", mail(rest=HEAVY), 201, 400, {"max_email_mb": 1}),
    "inline_parts": ("attach", an_inline_part, 400, 201, {}),
    "part_content": ("base64", form_with('name="f"; fileName="a"', b"aGk="), (201, b"aGk="), (201, b"hi"), {}),
    "file_name_spelled": ("published", form_with('name="f"; filename="a"', b"x"), (201, b"x"), (400, b""), {}),
    "default_part_type": ("application/x-unknown", type_of_a_part, "application/octet-stream", "application/x-unknown", {}),
    "secure_with_sender": ("secure", security_with_a_sender, "false", "true", {}),
    "valueless_macro": ("empty", mail(rest={"subject": "Hello ``empty_article"}), 400, 201, {}),
    "long_accents": ("macro", mail(rest={"subject": "Hello ```user_name"}), 400, 201, {}),
    "failed_calls_take_numbers": (False, number_after_a_refused_mail, 2803, 2802, {}),
    "taken_address_status": (400, asked("POST", "/ws/v12/interaction/customer", KIM_AGAIN), 409, 400, {}),
    "rescan_macros": (True, what_the_customer_gets, "Dear ``customer_name", "Dear kim", {"macros": NESTED}),
    "inbound_seconds": (5.0, status_when_it_arrived, "awaiting_assignment", "ready_for_inbound_workflow", {}),
    "fresh_substatus": ("unread", substatus_when_pulled, "new", "unread", {}),
    "edit_begins": (False, substatus_after_an_edit, "in_progress", "new", {}),
    "saved_drafts": ("queued", status_of_a_saved_draft, "assigned", "awaiting_assignment", {}),
    "most_moved": (1, picking_two, 204, 400, {}),
    "moved_answer": ("activities", asked("PUT", f"{A}/pick", FIRST), 204, 200, {}),
    "stale_status": (400, a_stale_date, 409, 400, {}),
    "mask_pattern": (r"\d{4}", masked, "Card ****************, PIN 4711", "Card ****************, PIN ****", {}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_setting_changes_what_is_answered(wired: Callable[..., None], document: Any, name: str) -> None:
    """The same question meets another answer when the setting has another value."""
    value, ask, by_default, then, needed = CASES[name]
    found: list[Any] = []

    async def story(wire: Any) -> None:
        found.append(await ask(wire, document))

    rights = {"rights": needed["rights"]} if "rights" in needed else {}
    before = typed({key: given for key, given in needed.items() if key != "rights"})
    wired(story, **rights, **before)
    wired(story, **rights, **before | typed({name: value}))
    assert found == [by_default, then]
    assert by_default != then


def typed(given: dict[str, Any]) -> dict[str, Any]:
    """Plain data as the settings' own types."""
    kinds = {field.name: field.type for field in msgspec.structs.fields(EgainSettings)}
    return {name: msgspec.convert(value, kinds[name]) for name, value in given.items()}


def test_every_setting_is_asked_about() -> None:
    """Whoever adds a setting says what it changes."""
    assert set(CASES) == {field.name for field in msgspec.structs.fields(EgainSettings)}


@pytest.mark.parametrize("order", [["session"], ["session", "session", "language", "content_type", "accept"]])
def test_an_order_of_checks_names_each_once(order: list[str]) -> None:
    """A check that is left out or named twice is refused when the settings are read."""
    with pytest.raises(msgspec.ValidationError, match="check_order must name each"):
        msgspec.convert({"check_order": order}, EgainSettings)


def test_a_number_can_stand_for_another(wired: Callable[..., None], document: Any) -> None:
    """`error_numbers` replaces a number wherever it is used, unless the element has one of its own."""

    async def story(wire: Any) -> None:
        codes = [(await wire.send(document(change))).json()["code"] for change in ({"dueDate": "soon"}, {"queue": {"name": "None"}})]
        assert codes == ["400-100", "400-205"]

    wired(story, error_numbers={"152": "100", "queue.name": "205"})
