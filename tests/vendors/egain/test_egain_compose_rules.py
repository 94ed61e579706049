"""
Every rule of the compose-and-send page, asked of the simulator over the wire: the document, who sends it, and the status it must meet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.transport.exchange import Exchange
from runner.vendors.egain.simulator.organisation import AGENT, CREATE, EDIT_BCC, MAILPLUS
from runner.vendors.egain.simulator.settings import EgainSettings

SEND = "/ws/v12/interaction/activity/send"
FORMATS = ("json", "xml", "multipart")
TO = ("payload", "email", "emailAddresses", "to")

Wired = Callable[..., None]
Document = Callable[..., dict[str, Any]]


def addresses(**given: Any) -> dict[str, Any]:
    """A change of the addresses."""
    return {"payload": {"email": {"emailAddresses": given}}}


def to(*given: str) -> dict[str, Any]:
    return addresses(to={"address": list(given)})


def content(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"payload": {"email": {"contents": {"content": [{"type": kind, "value": value} for kind, value in pairs]}}}}


def custom(name: str, *values: str) -> dict[str, Any]:
    given = [{"value": v} for v in values]
    return {"customAttributes": {"customAttribute": [{"attribName": name, "attribValues": {"attribValue": given}}]}}


def attachment(**changes: Any) -> dict[str, Any]:
    given = {"fileName": "slip.pdf", "contentType": "application/pdf", "content": "JVBERi0xLjQK"} | changes
    return {"attachments": {"attachment": [{k: v for k, v in given.items() if v is not None}]}}


PERSON = {"contactPersons": {"contactPerson": [{"firstName": "Nora"}]}}
INDIVIDUAL = {"type": {"value": "individual"}, **PERSON}


def customer(*, persons: int = 1, point: str = "", **more: Any) -> dict[str, Any]:
    """A new customer, with a further address when one is given."""
    points = {"contactPoints": {"contactPoint": [{"type": {"value": "email", "email": {"emailAddress": point}}}]}} if point else {}
    return {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [{"firstName": "Nora"} | points] * persons}} | more


# (the number in §8 of the protocol reference, what is wrong, the change) → 400 with the element in the details
WRONG = [
    (22, "no department", {"department": None}),
    (22, "unknown department", {"department": {"name": "Nowhere"}}),
    (23, "another type", {"type": {"value": "chat"}}),
    (24, "another subtype", {"type": {"subtype": {"value": "general"}}}),
    (24, "no subtype", {"type": {"subtype": None}}),
    (25, "no recipient", to()),
    (25, "recipient without dot", to("kim@mail")),
    (25, "recipient with dot at the end", to("kim@mail.example.")),
    (25, "recipient with two @", to("kim@mail@mail.example")),
    (25, "recipient with a space", to("kim reed@mail.example")),
    (25, "recipient with a semicolon", to("kim;reed@mail.example")),
    (25, "recipient with two backslashes", to("kim\\\\reed@mail.example")),
    (25, "recipient with dot right after @", to("kim@.example")),
    (25, "recipient of 256 characters", to("k" * 243 + "@mail.example")),
    (25, "two recipients", to("kim@mail.example", "joe@mail.example")),
    (26, "nothing to say", {"subject": None}),
    (26, "an empty subject alone", {"subject": ""}),
    (28, "an unknown address without customer", to("nora@mail.example")),
    (32, "a department in customer", {**to("nora@mail.example"), "customer": {**INDIVIDUAL, "department": {"name": "Service"}}}),
    (29, "a customer without first name", {**to("nora@mail.example"), "customer": {"type": {"value": "individual"}}}),
    (29, "a customer who is no individual", {**to("nora@mail.example"), "customer": {"type": {"value": "group"}, **PERSON}}),
    (29, "a customer of an unknown role", {**to("nora@mail.example"), "customer": {**INDIVIDUAL, "role": "Boss"}}),
    (29, "a customer with two contact persons", {**to("nora@mail.example"), "customer": customer(persons=2)}),
    (29, "a customer with a pin of 256 characters", {**to("nora@mail.example"), "customer": customer(pin="1" * 256)}),
    (29, "a customer with a contact that is no address", {**to("nora@mail.example"), "customer": customer(point="nora@mail")}),
    (
        29,
        "a customer with a custom attribute of no such value",
        {**to("nora@mail.example"), "customer": customer(**custom("region", "East"))},
    ),
    (29, "a customer with an element of no page", {**to("nora@mail.example"), "customer": customer(shoeSize="40")}),
    (33, "no sender where mail is not secure", addresses(**{"from": None})),
    (34, "a sender that is no address", addresses(**{"from": "care"})),
    (34, "two senders", addresses(**{"from": "care@shop.example,help@shop.example"})),
    (35, "a sender that is no alias", addresses(**{"from": "stranger@shop.example"})),
    (35, "an alias that is not active", addresses(**{"from": "old@shop.example"})),
    (35, "an alias of another department", addresses(**{"from": "sales@shop.example"})),
    (39, "an unknown case", {"case": {"id": "999999"}}),
    (39, "a case that is no number", {"case": {"id": "abc"}}),
    (41, "an unknown queue", {"queue": {"name": "Nowhere"}}),
    (41, "a queue that is not active", {"queue": {"name": "Closed queue"}}),
    (41, "a queue of another department", {"queue": {"name": "Sales mail"}}),
    (43, "priority 0", {"priority": "0"}),
    (43, "priority 8", {"priority": "8"}),
    (43, "a priority that is no number", {"priority": "high"}),
    (44, "a due date in the past", {"dueDate": "2029-01-01T00:00:00.000Z"}),
    (44, "a due date of now", {"dueDate": "2030-01-02T09:00:00.000Z"}),
    (44, "a due date that is no date", {"dueDate": "tomorrow"}),
    (44, "a due date with an offset", {"dueDate": "2031-01-01T00:00:00+02:00"}),
    (44, "a due date with something beside it", {"dueDate": {"date": "2031-05-04T09:30:00Z", "time": "09:30"}}),
    (44, "a due date that does not exist", {"dueDate": "2031-02-30T00:00:00.000Z"}),
    (45, "a subject of 246 characters", {"subject": "s" * 246}),
    (50, "an unknown custom attribute", custom("colour", "red")),
    (50, "a value outside the enumeration", custom("region", "East")),
    (50, "a character that is not allowed", custom("order_number", "A+1")),
    (51, "content of another type", content(("rtf", "x"))),
    (51, "two contents of one type", content(("text", "x"), ("text", "y"))),
    (52, "a cc that is no address", addresses(cc={"address": ["desk"]})),
    (52, "one bad cc of two", addresses(cc={"address": ["desk@shop.example", "x"]})),
    (52, "cc of 256 characters", addresses(cc={"address": [f"{'d' * 50}{n}@shop.example" for n in range(4)]})),
    (52, "a bcc that is no address", addresses(bcc={"address": ["boss@"]})),
    (53, "an element at the top", {"colour": "red"}),
    (53, "an element deep inside", {"payload": {"email": {"receiver": "x"}}}),
    (53, "isSecure, which the page does not list", {"isSecure": "true"}),
    (53, "an element in type", {"type": {"category": "x"}}),
    (57, "an unknown macro in the subject", {"subject": "Ref ``nonsense"}),
    (57, "an empty macro in the subject", {"subject": "Ref `` now"}),
    (57, "three grave accents", {"subject": "Ref ```activity_id"}),
    (57, "an unknown macro in the content", content(("text", "Ref ``nonsense"))),
    (58, "a macro that cannot be expanded", content(("html", "``empty_article"))),
    (55, "content larger than the setting", content(("text", "x" * 2049))),
]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("rule", "what", "change"), WRONG, ids=[f"{rule}: {what}" for rule, what, _ in WRONG])
def test_a_wrong_element_is_400(
    wired: Wired,
    document: Document,
    error_of: Callable[[Exchange], dict[str, Any]],
    format: str,
    rule: int,
    what: str,
    change: dict[str, Any],
) -> None:
    """Each rule about an element is kept in each of the three formats, with a WSError, and nothing stays behind."""

    async def story(wire: Any) -> None:
        before = (len(wire.desk.activities), len(wire.desk.cases), len(wire.desk.customers))

        answer = await wire.send(document(change), format)

        assert answer.http == 400, answer.text
        error = error_of(answer)
        assert error["code"].startswith("400-")
        assert error["developerMessage"]
        assert (len(wire.desk.activities), len(wire.desk.cases), len(wire.desk.customers)) == before
        assert wire.world.outbox == []

    wired(story, max_body_kb=2)


RIGHT = [
    (25, "a bare text as recipient", addresses(to="kim@mail.example")),
    (26, "content alone", {"subject": None, **content(("text", "Paid."))}),
    (26, "subject alone", {}),
    (31, "a customer element for a known address is ignored", {"customer": {"type": {"value": "group"}}}),
    (29, "a customer with a pin of 255 characters", {**to("nora@mail.example"), "customer": customer(pin="1" * 255)}),
    (43, "priority 1", {"priority": "1"}),
    (43, "priority 7", {"priority": "7"}),
    (44, "a due date in the future", {"dueDate": "2031-05-04T09:30:00.000Z"}),
    (44, "a due date as an element of its own", {"dueDate": {"date": "2031-05-04T09:30:00.000Z"}}),
    (44, "a due date without milliseconds", {"dueDate": "2031-05-04T09:30:00Z"}),
    (45, "a subject of 245 characters", {"subject": "s" * 245}),
    (50, "an enumerated custom attribute", custom("region", "North")),
    (50, "a free custom attribute of allowed characters", custom("order_number", "A-1, (ö) #?=.'\"&@:_")),
    (51, "both contents", content(("text", "a"), ("html", "<p>a</p>"))),
    (52, "cc and bcc", addresses(cc={"address": ["a@b.example", "c@d.example"]}, bcc={"address": ["boss@b.example"]})),
    (41, "an active queue", {"queue": {"name": "Service mail"}}),
]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("rule", "what", "change"), RIGHT, ids=[f"{rule}: {what}" for rule, what, _ in RIGHT])
def test_what_keeps_the_rules_is_201(wired: Wired, document: Document, format: str, rule: int, what: str, change: dict[str, Any]) -> None:
    """What a rule allows is sent in each of the three formats."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document(change), format)

        assert answer.http == 201, answer.text
        assert len(wire.world.outbox) == 1

    wired(story)


def test_success_tells_place_session_and_type_and_nothing_else(wired: Wired, document: Document) -> None:
    """59: 201 has Location, X-egain-session and Content-Type, and an empty body."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document())

        assert answer.http == 201
        assert answer.body == b""
        assert answer.header("Location").startswith("/system/ws/v12/interaction/activity/")
        assert answer.header("X-egain-session") == wire.session
        assert answer.header("Content-Type").startswith("application/json")

    wired(story)


# ── who, and in which form ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("session", ["", "5d0b6a0e-7c41-4f0e-9a58-0f4f3c1f2b77"], ids=["missing", "unknown"])
@pytest.mark.parametrize("kind", ["application/json", "application/xml"])
def test_no_session_is_401(wired: Wired, document: Document, error_of: Any, session: str, kind: str) -> None:
    """1, 2: a missing and an unknown session meet the same 401-101 in the wanted format, without the session's header."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document(), session=session, headers={"Accept": kind})

        assert answer.http == 401
        assert error_of(answer)["code"] == "401-101"
        assert answer.header("Content-Type").startswith(kind)
        assert answer.header("X-egain-session") == ""

    wired(story)


@pytest.mark.parametrize("how", ["logout", "time", "eviction"])
def test_an_ended_session_is_401(wired: Wired, document: Document, how: str) -> None:
    """2: a session that was logged out, ran out of time or was evicted never works again."""

    async def story(wire: Any) -> None:
        old = wire.session
        if how == "logout":
            await wire.ask("DELETE", "/ws/v12/authentication/user/logout")
        elif how == "time":
            wire.world.clock.turn(30 * 60 + 1)
        else:
            for _ in range(5):
                await wire.login(query="?forceLogin=yes")

        answer = await wire.send(document(), session=old)

        assert answer.http == 401

    wired(story)


FORBIDDEN = [
    (3, "without Create activity", AGENT - {CREATE}, {}),
    (4, "bcc without Edit BCC field", AGENT - {EDIT_BCC}, addresses(bcc={"address": ["boss@b.example"]})),
    (5, "in a department of others", AGENT, {"department": {"name": "Legal"}, **addresses(**{"from": "legal@shop.example"})}),
    (6, "an article without View Folder", AGENT, {"subject": "``board_notes"}),
    (7, "a usage link without Execute", AGENT - {"link"}, {"subject": "``order_status_link"}),
    (8, "a queue without pull permission", AGENT - {"queue"}, {"queue": {"name": "Service mail"}}),
    (9, "without MailPlus", AGENT - {MAILPLUS}, {}),
]


@pytest.mark.parametrize(("rule", "what", "rights", "change"), FORBIDDEN, ids=[f"{rule}: {what}" for rule, what, _, _ in FORBIDDEN])
def test_a_missing_right_is_403(wired: Wired, document: Document, rule: int, what: str, rights: set[str], change: dict[str, Any]) -> None:
    """Each right that the page asks for is asked for, and no other."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document(change))

        assert answer.http == 403, answer.text
        assert wire.world.outbox == []

    wired(story, rights=set(rights))


ALLOWED = [
    ("an article with View Folder", AGENT | {"folder: Board"}, {"subject": "``board_notes"}),
    ("a usage link with Execute on it", (AGENT - {"link"}) | {"link: order_status_link"}, {"subject": "``order_status_link"}),
    ("a queue with pull permission on it", (AGENT - {"queue"}) | {"queue: Service mail"}, {"queue": {"name": "Service mail"}}),
    ("no bcc without Edit BCC field", AGENT - {EDIT_BCC}, {}),
    ("a department where one is a foreign user", AGENT, {"department": {"name": "Sales"}, **addresses(**{"from": "sales@shop.example"})}),
]


@pytest.mark.parametrize(("what", "rights", "change"), ALLOWED, ids=[what for what, _, _ in ALLOWED])
def test_the_right_that_is_asked_for_suffices(
    wired: Wired, document: Document, what: str, rights: set[str], change: dict[str, Any]
) -> None:
    """3-8 from the other side: with the right, the same request is sent."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document(change))

        assert answer.http == 201, answer.text

    wired(story, rights=set(rights))


@pytest.mark.parametrize(
    ("headers", "http"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Accept": "text/html"}, 406),
        ({"Accept": "application/xml"}, 201),
        ({"Accept": "*/*"}, 201),
        ({"Accept": ""}, 201),
        ({"Accept": "application/json, text/plain, */*"}, 201),
        ({"Accept-Language": "xx-XX"}, 406),
        ({"Accept-Language": "de-DE"}, 201),
        ({"Accept-Language": "en-us"}, 201),
        ({"Accept-Language": "xx, fr-FR;q=0.5"}, 201),
        ({"Content-Type": "application/json;charset=utf-8"}, 201),
    ],
)
def test_headers_are_negotiated(wired: Wired, document: Document, headers: dict[str, str], http: int) -> None:
    """10, 11, 12: three kinds of body, two kinds of answer, fifteen languages."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document(), headers=headers)

        assert answer.http == http, answer.text

    wired(story)


@pytest.mark.parametrize("query", ["?a=1", "?$attribute=all", "?forceLogin=yes"])
def test_any_query_parameter_is_400(wired: Wired, document: Document, error_of: Any, query: str) -> None:
    """13: compose-and-send takes no query parameters at all."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("POST", SEND + query, document())

        assert answer.http == 400
        assert error_of(answer)["code"] == "400-101"

    wired(story)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b""),
        ("application/xml", b""),
        ("multipart/form-data; boundary=b", b""),
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b"{'department':{name:Service}}"),
        ("application/xml", b"<activity>"),
        ("application/xml", b'<!DOCTYPE a [<!ENTITY x "y">]><activity>&x;</activity>'),
        ("application/xml", b'<activity xmlns="urn:other"><subject>x</subject></activity>'),
        ("multipart/form-data", b"--b--"),
        ("multipart/form-data; boundary=b", b"--other--"),
    ],
)
def test_a_body_that_cannot_be_read_is_400(wired: Wired, error_of: Any, kind: str, body: bytes) -> None:
    """14, 15: empty, broken, foreign and dangerous bodies are refused."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("POST", SEND, body=body, kind=kind)

        assert answer.http == 400
        assert error_of(answer)["code"].startswith("400-")

    wired(story)


def form(*parts: tuple[str, bytes]) -> bytes:
    """A form out of (headers, content)."""
    return b"".join(b"--b\r\n" + head.encode() + b"\r\n\r\n" + body + b"\r\n" for head, body in parts) + b"--b--\r\n"


DATA = (
    b'{"department":{"name":"Service"},"type":{"value":"email","subtype":{"value":"compose"}},"subject":"Slip",'
    b'"payload":{"email":{"emailAddresses":{"from":"care@shop.example","to":{"address":["kim@mail.example"]}}}}}'
)
D = 'Content-Disposition: form-data; name="data"'
T = 'Content-Disposition: form-data; name="data-type"'
JSON_TYPE = (T, b"application/json")
FORMS = [
    (16, "no data", [JSON_TYPE], 400),
    (16, "no data-type", [(D, DATA)], 400),
    (17, "another data-type", [(D, DATA), (T, b"text/plain")], 400),
    (17, "data of the other type", [(D, DATA), (T, b"application/xml")], 400),
    (18, "an attachment without fileName", [JSON_TYPE, (D, DATA), ('Content-Disposition: form-data; name="f"', b"x")], 400),
    (18, "a part without disposition", [JSON_TYPE, (D, DATA), ("Content-Type: text/plain", b"x")], 400),
    (20, "an inline part", [JSON_TYPE, (D, DATA), ('Content-Disposition: inline; fileName="a.png"', b"x")], 400),
    (
        20,
        "a part with Content-ID",
        [JSON_TYPE, (D, DATA), ('Content-Disposition: form-data; fileName="a.png"\r\nContent-ID: <a>', b"x")],
        400,
    ),
    (47, "a file name of 256 characters", [JSON_TYPE, (D, DATA), (f'Content-Disposition: form-data; fileName="{"a" * 256}"', b"x")], 400),
    (47, "a file name of 255 characters", [JSON_TYPE, (D, DATA), (f'Content-Disposition: form-data; fileName="{"a" * 255}"', b"x")], 201),
    (
        47,
        "a type of 256 characters",
        [JSON_TYPE, (D, DATA), (f'Content-Disposition: form-data; fileName="a"\r\nContent-Type: {"b" * 256}', b"x")],
        400,
    ),
    (49, "a blocked type", [JSON_TYPE, (D, DATA), ('Content-Disposition: form-data; name="f"; fileName="run.EXE"', b"x")], 400),
    (18, "fileName", [JSON_TYPE, (D, DATA), ('Content-Disposition: form-data; name="f"; fileName="slip.txt"', b"hello")], 201),
    (18, "filename", [(D, DATA), JSON_TYPE, ('Content-Disposition: form-data; name="f"; filename="slip.txt"', b"hello")], 201),
    (16, "no attachment", [JSON_TYPE, (D, DATA)], 201),
]


@pytest.mark.parametrize(("rule", "what", "parts", "http"), FORMS, ids=[f"{rule}: {what}" for rule, what, _, _ in FORMS])
def test_forms(wired: Wired, rule: int, what: str, parts: list[tuple[str, bytes]], http: int) -> None:
    """16-20, 49: a form has data, data-type and attachments with names, none of them inline."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("POST", SEND, body=form(*parts), kind="multipart/form-data; boundary=b")

        assert answer.http == http, answer.text

    wired(story)


def test_a_form_may_not_hold_the_attachments_element(wired: Wired, document: Document) -> None:
    """19: in a form, attachments are parts."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document(attachment()), "multipart")

        assert answer.http == 400

    wired(story)


def test_bytes_of_a_form_arrive_as_they_are(wired: Wired, document: Document) -> None:
    """Attachment parts are raw bytes, line ends and all."""

    async def story(wire: Any) -> None:
        raw = bytes(range(256)) + b"\r\n--b8\r\n"

        await wire.send(document(), "multipart", files=[("all.bin", raw)])

        assert [(a.name, a.content) for a in wire.world.outbox[0].attachments] == [("all.bin", raw)]

    wired(story)


ATTACHMENTS = [
    (46, "no contentType", attachment(contentType=None), 400),
    (46, "no content", attachment(content=None), 400),
    (46, "no fileName", attachment(fileName=None), 400),
    (47, "contentType of 256 characters", attachment(contentType="a" * 256), 400),
    (47, "fileName of 256 characters", attachment(fileName="a" * 256), 400),
    (48, "content that is not base64", attachment(content="%%%"), 400),
    (48, "base64 cut short", attachment(content="abc"), 400),
    (49, "a blocked type", attachment(fileName="run.exe"), 400),
    (49, "a blocked type in capitals", attachment(fileName="RUN.BAT"), 400),
    (46, "all there", attachment(), 201),
    (47, "names of 255 characters", attachment(fileName="a" * 255, contentType="b" * 255), 201),
    (26, "an attachment and no subject", {"subject": None, **attachment()}, 201),
    (53, "an element inside", attachment(inline="true"), 400),
]


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize(("rule", "what", "change", "http"), ATTACHMENTS, ids=[f"{rule}: {what}" for rule, what, _, _ in ATTACHMENTS])
def test_attachments(wired: Wired, document: Document, format: str, rule: int, what: str, change: dict[str, Any], http: int) -> None:
    """46-49: an attachment has type, content and name, not too long, in base64, of a type that is not blocked."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document(change), format)

        assert answer.http == http, answer.text

    wired(story)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"activity":[{},{}]}'),
        ("application/json", b'{"activity":[{"subject":"x"}]}'),
        ("application/xml", b"<activities><activity/><activity/></activities>"),
    ],
)
def test_only_one_activity(wired: Wired, kind: str, body: bytes) -> None:
    """21: one activity in a request."""

    async def story(wire: Any) -> None:
        assert (await wire.ask("POST", SEND, body=body, kind=kind)).http == 400

    wired(story)


# ── customers ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_customer_is_made_with_the_address(wired: Wired, document: Document) -> None:
    """29, 30: an unknown address with a customer element makes the customer, shared by all, with the address as contact point."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document(to("nora@mail.example"), {"customer": INDIVIDUAL}))

        made = list(wire.desk.customers.values())[-1]
        assert answer.http == 201
        assert (made.name(), made.department) == ("Nora", None)
        assert [p.value for p in made.points()] == ["nora@mail.example"]

    wired(story)


def test_the_address_joins_the_contacts_that_a_new_customer_is_given(wired: Wired, document: Document) -> None:
    """29: the mail's address is one more contact point; one that is given already is not added twice."""

    async def story(wire: Any) -> None:
        for point in ("work@mail.example", "nora@mail.example"):
            wire.simulator.reset()
            wire.desk = wire.simulator.desk
            await wire.login()
            sent = await wire.send(document(to("nora@mail.example"), {"customer": customer(point=point)}))

            made = list(wire.desk.customers.values())[-1]
            assert sent.http == 201
            assert [p.value for p in made.points()] == list(dict.fromkeys([point, "nora@mail.example"]))
            assert made.points()[-1].id == next(iter(wire.desk.activities.values())).point

    wired(story)


def test_with_departmentalization_the_customer_is_the_departments(wired: Wired, document: Document) -> None:
    """27, 30: then customers are looked for in the department and made in it."""

    async def story(wire: Any) -> None:
        sales = {"department": {"name": "Sales"}, **addresses(**{"from": "sales@shop.example"})}

        unknown_there = await wire.send(document(sales))
        made_there = await wire.send(document(sales, {"customer": INDIVIDUAL}))
        known_at_home = await wire.send(document())

        assert [unknown_there.http, made_there.http, known_at_home.http] == [400, 201, 201]
        assert list(wire.desk.customers.values())[-1].department == "Sales"

    wired(story, customer_departmentalization=True)


def test_customers_are_found_across_the_application(wired: Wired, document: Document) -> None:
    """27: without departmentalization a customer of another department is known."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document({"department": {"name": "Sales"}, **addresses(**{"from": "sales@shop.example"})}))

        assert answer.http == 201
        assert len(wire.desk.customers) == 1

    wired(story)


# ── secure mail, reply-to, case, queue ───────────────────────────────────────────────────────────────────────────────────────────

SECURE = [
    ("Service", "care@shop.example", 201, False),
    ("Service", None, 400, False),
    ("Private", None, 201, True),
    ("Private", "private@shop.example", 201, False),
    ("Clinic", None, 201, True),
    ("Clinic", "clinic@shop.example", 201, True),
]


@pytest.mark.parametrize(("department", "sender", "http", "secure"), SECURE)
def test_secure_mail(wired: Wired, document: Document, department: str, sender: str | None, http: int, secure: bool) -> None:
    """33, 37, 38: secure messaging decides whether a sender is needed and whether the mail is secure."""

    async def story(wire: Any) -> None:
        answer = await wire.send(document({"department": {"name": department}}, addresses(**{"from": sender})))

        assert answer.http == http
        if http == 201:
            sent = wire.world.outbox[0]
            activity = await wire.ask("GET", answer.header("Location").removeprefix("/system") + "?$attribute=all")
            assert activity.json()["activity"][0]["isSecure"] == str(secure).lower()
            assert sent.sender.endswith("center@shop.example") is (secure and True)

    wired(story)


@pytest.mark.parametrize(("sender", "words"), [("care", "not a valid e-mail address"), ("x@shop.example", "not an active alias")])
def test_a_sender_is_an_address_before_it_is_an_alias(wired: Wired, document: Document, error_of: Any, sender: str, words: str) -> None:
    """34, 35: which of both is wrong is said."""

    async def story(wire: Any) -> None:
        assert words in error_of(await wire.send(document(addresses(**{"from": sender}))))["developerMessage"]

    wired(story)


def test_the_sender_is_the_reply_to_address(wired: Wired, document: Document) -> None:
    """36: from doubles as reply-to."""

    async def story(wire: Any) -> None:
        await wire.send(document())

        assert wire.world.outbox[0].reply_to == wire.world.outbox[0].sender == "care@shop.example"

    wired(story)


def test_case_is_kept_or_made(wired: Wired, document: Document) -> None:
    """39, 40: a named case gets the activity, without one a new case is made; both are seen afterwards."""

    async def story(wire: Any) -> None:
        standing = next(iter(wire.desk.cases))

        kept = await wire.send(document({"case": {"id": str(standing)}}))
        made = await wire.send(document())

        found = await wire.ask("GET", f"/ws/v12/interaction/activity?case={standing}")
        assert int(kept.header("Location").rpartition("/")[2]) in [a["id"] for a in found.json()["activity"]]
        assert int(made.header("Location").rpartition("/")[2]) not in [a["id"] for a in found.json()["activity"]]
        assert len(wire.desk.cases) == 2

    wired(story)


def test_queue_needs_the_departments_setting(wired: Wired, document: Document) -> None:
    """42: a queue may be named only where the department allows it."""

    async def story(wire: Any) -> None:
        sales = {"department": {"name": "Sales"}, "queue": {"name": "Sales mail"}, **addresses(**{"from": "sales@shop.example"})}

        assert (await wire.send(document(sales))).http == 400

    wired(story)


# ── macros and sizes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_macros_are_expanded_in_subject_and_content(wired: Wired, document: Document) -> None:
    """56: business, article and usage-link macros are replaced before the mail leaves; what was put in is not read again."""

    async def story(wire: Any) -> None:
        change = content(("text", "``greeting ``user_name `x` ``department_name"), ("html", "``greeting``order_status_link"))

        answer = await wire.send(document({"subject": "Ref ``activity_id in ``case_id"}, change))

        sent = wire.world.outbox[0]
        id = answer.header("Location").rpartition("/")[2]
        assert sent.subject == f"Ref {id} in {wire.desk.activities[int(id)].case}"
        assert sent.text == "Thank you for writing to us. Agent 1 `x` Service"
        assert sent.html == "<p>Thank you for writing to us.</p>https://shop.example/orders"

    wired(story)


@pytest.mark.parametrize(
    ("macro", "value"),
    [
        ("case_id", "1301"),
        ("external_case_id", "CASE-1301"),
        ("customer_name", "kim"),
        ("user_name", "Agent 1"),
        ("department_name", "Service"),
        ("activity_id", "2802"),
    ],
)
def test_each_business_macro_has_its_value(wired: Wired, document: Document, macro: str, value: str) -> None:
    """56: each reads one attribute of the activity, its case, customer, user or department."""

    async def story(wire: Any) -> None:
        await wire.send(document({"case": {"id": "1301"}, "subject": f"<``{macro}>"}))

        assert wire.world.outbox[0].subject == f"<{value}>"

    wired(story)


def test_whole_mail_larger_than_the_setting_is_400(wired: Wired, document: Document) -> None:
    """54: the size of the whole mail counts, attachments as bytes."""

    async def story(wire: Any) -> None:
        fits = await wire.send(document(), "multipart", files=[("a.txt", b"x" * (1024 * 1024 - 100))])
        too_large = await wire.send(document(), "multipart", files=[("a.txt", b"x" * 1024 * 1024)])

        assert [fits.http, too_large.http] == [201, 400]

    wired(story, max_email_mb=1)


def test_body_size_counts_each_content_in_bytes(wired: Wired, document: Document) -> None:
    """55: each content may have as many KB as the setting says."""

    async def story(wire: Any) -> None:
        fits = await wire.send(document(content(("text", "x" * 1024), ("html", "y" * 1024))))
        too_large = await wire.send(document(content(("text", "ü" * 513))))

        assert [fits.http, too_large.http] == [201, 400]

    wired(story, max_body_kb=1)


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["application/json", "application/xml"])
def test_errors_come_in_the_wanted_format_and_language(wired: Wired, document: Document, error_of: Any, kind: str) -> None:
    """60: a WSError in the negotiated format; the user's message in the negotiated language when it is asked for."""

    async def story(wire: Any) -> None:
        headers = {"Accept": kind, "Accept-Language": "de-DE", "X-egain-error-message": "yes"}

        answer = await wire.send(document({"priority": "9"}), headers=headers)

        assert answer.header("Content-Type").startswith(kind)
        assert answer.header("X-egain-session") == wire.session
        error = error_of(answer)
        assert error["code"] == "400-196"
        assert error["details"] == [{"key": "attribute", "value": "priority"}]
        assert error["userMessage"] == "Die Anfrage ist ungültig."

    wired(story)


def test_an_injected_fault_is_500_100(wired: Wired, document: Document, error_of: Any) -> None:
    """61: a fault that is switched on answers with the generic failure."""

    async def story(wire: Any) -> None:
        wire.simulator.faults.add("500:1")

        answer = await wire.send(document())

        assert (answer.http, error_of(answer)["code"]) == (500, "500-100")

    wired(story)


def test_lenient_json_is_a_setting(wired: Wired, document: Document) -> None:
    """With lenient_json single quotes and bare words are read, as some servers do; without it they are refused."""

    async def story(wire: Any) -> None:
        body = repr(document()).encode()

        assert (await wire.ask("POST", SEND, body=body)).http == 201

    wired(story, lenient_json=True)


def test_the_defaults_are_the_published_ones() -> None:
    """Five sessions a user is published; the other defaults are assumptions, each with its reason."""
    assert EgainSettings().sessions_per_user == 5
