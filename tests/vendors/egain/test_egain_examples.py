"""
The six examples that the compose-and-send page names, each in the formats that it names, written out as a stranger would send them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

SEND = "/ws/v12/interaction/activity/send"
Wired = Callable[..., None]

HEAD = (
    '<activity xmlns="http://bindings.egain.com/ws/model/v12/gen/interaction/activity"'
    ' xmlns:p="http://bindings.egain.com/ws/model/v12/gen/platform"'
    ' xmlns:c="http://bindings.egain.com/ws/model/v12/gen/common"'
    ' xmlns:a="http://bindings.egain.com/ws/model/v12/gen/interaction/attachment"'
    ' xmlns:cu="http://bindings.egain.com/ws/model/v12/gen/interaction/customer"'
    ' xmlns:cp="http://bindings.egain.com/ws/model/v12/gen/interaction/contactperson">'
    "<department><p:name>Service</p:name></department><type><value>email</value><subtype><c:value>compose</c:value></subtype></type>"
)
FROM_TO = "<from>care@shop.example</from><to><address>{to}</address></to>"


def xml(rest: str, *, addresses: str = "", contents: str = "", to: str = "kim@mail.example") -> str:
    body = f"<contents>{contents}</contents>" if contents else ""
    email = f"<payload><email>{body}<emailAddresses>{FROM_TO.format(to=to)}{addresses}</emailAddresses></email></payload>"
    return f"{HEAD}{rest}{email}</activity>"


def tree(
    rest: dict[str, Any], *, addresses: dict[str, Any] | None = None, contents: list[Any] | None = None, to: str = "kim@mail.example"
) -> str:
    email: dict[str, Any] = {"emailAddresses": {"from": "care@shop.example", "to": {"address": [to]}} | (addresses or {})}
    if contents:
        email["contents"] = {"content": contents}
    head = {"department": {"name": "Service"}, "type": {"value": "email", "subtype": {"value": "compose"}}}
    return json.dumps(head | rest | {"payload": {"email": email}})


def form(data: str, data_type: str, *files: tuple[str, str, bytes]) -> bytes:
    """A multipart body; data-type first, as in the published example."""
    parts = [("data-type", "", data_type.encode()), ("data", "", data.encode())]
    raw = [f'Content-Disposition: form-data; name="{n}"\r\n\r\n'.encode() + c for n, _, c in parts]
    raw += [f'Content-Disposition: form-data; name="f"; fileName="{n}"\r\nContent-Type: {t}\r\n\r\n'.encode() + c for n, t, c in files]
    return b"".join(b"--b7\r\n" + part + b"\r\n" for part in raw) + b"--b7--\r\n"


FORM = "multipart/form-data; boundary=b7"
JSON, XML = "application/json", "application/xml"
TEXT = {"type": "text", "value": "Paid ``activity_id today."}
TEXT_XML = "<content><c:type>text</c:type><c:value>Paid ``activity_id today.</c:value></content>"
HTML = {"type": "html", "value": "<p>Paid today.</p>"}
HTML_XML = "<content><c:type>html</c:type><c:value><![CDATA[<p>Paid today.</p>]]></c:value></content>"

ALL_JSON = tree(
    {
        "queue": {"name": "Service mail"},
        "priority": "3",
        "dueDate": "2031-05-04T09:30:00.000Z",
        "subject": "Your refund",
        "customAttributes": {"customAttribute": [{"attribName": "region", "attribValues": {"attribValue": [{"value": "North"}]}}]},
        "customer": {
            "type": {"value": "individual"},
            "contactPersons": {"contactPerson": [{"firstName": "Nora", "lastName": "Vale"}]},
            "level": "Gold",
            "role": "Customer",
            "pin": "4711",
            "howReferred": "Fair",
            "industry": "Retail",
            "marketSegment": "Small",
        },
    },
    addresses={"cc": {"address": ["desk@shop.example"]}, "bcc": {"address": ["boss@shop.example"]}},
    contents=[TEXT, HTML],
    to="nora@mail.example",
)
ALL_XML = xml(
    "<queue><p:name>Service mail</p:name></queue><priority>3</priority><dueDate>2031-05-04T09:30:00.000Z</dueDate>"
    "<subject>Your refund</subject><customAttributes>"
    "<c:customAttribute><c:attribName>region</c:attribName><c:attribValues><c:attribValue><c:value>North</c:value>"
    "</c:attribValue></c:attribValues></c:customAttribute></customAttributes>"
    "<cu:customer><cu:type><cu:value>individual</cu:value></cu:type><cu:contactPersons><cp:contactPerson><cp:firstName>Nora</cp:firstName>"
    "<cp:lastName>Vale</cp:lastName></cp:contactPerson></cu:contactPersons><cu:level>Gold</cu:level><cu:role>Customer</cu:role>"
    "<cu:pin>4711</cu:pin><cu:howReferred>Fair</cu:howReferred><cu:industry>Retail</cu:industry><cu:marketSegment>Small</cu:marketSegment>"
    "</cu:customer>",
    addresses="<cc><address>desk@shop.example</address></cc><bcc><address>boss@shop.example</address></bcc>",
    contents=TEXT_XML + HTML_XML,
    to="nora@mail.example",
)
FILE_JSON = {"attachments": {"attachment": [{"fileName": "slip.pdf", "contentType": "application/pdf", "content": "JVBERi0xLjQK"}]}}
FILE_XML = (
    "<subject>Your refund</subject><attachments><a:attachment><a:fileName>slip.pdf</a:fileName>"
    "<a:contentType>application/pdf</a:contentType><a:content>JVBERi0xLjQK</a:content></a:attachment></attachments>"
)
SLIP = ("slip.pdf", "application/pdf", b"%PDF-1.4\n")

EXAMPLES = [
    ("1 macros, existing case, JSON", JSON, tree({"case": {"id": "1301"}, "subject": "Ref ``activity_id"}, contents=[TEXT]).encode()),
    ("1 macros, existing case, XML", XML, xml('<case id="1301"/><subject>Ref ``activity_id</subject>', contents=TEXT_XML).encode()),
    ("2 macros, new case, form of JSON", FORM, form(tree({"subject": "Ref ``activity_id"}, contents=[TEXT]), JSON)),
    ("2 macros, new case, form of XML", FORM, form(xml("<subject>Ref ``activity_id</subject>", contents=TEXT_XML), XML)),
    ("3 sender and attachments, JSON", JSON, tree({"subject": "Your refund"} | FILE_JSON).encode()),
    ("3 sender and attachments, XML", XML, xml(FILE_XML).encode()),
    ("4 new case, sender, form with attachment", FORM, form(tree({"subject": "Your refund"}), JSON, SLIP)),
    ("5 new customer, all elements, JSON", JSON, ALL_JSON.encode()),
    ("5 new customer, all elements, XML", XML, ALL_XML.encode()),
    ("6 new customer, all elements, form of JSON", FORM, form(ALL_JSON, JSON, SLIP)),
    ("6 new customer, all elements, form of XML", FORM, form(ALL_XML, XML, SLIP)),
]


@pytest.mark.parametrize("accept", [JSON, XML])
@pytest.mark.parametrize(("name", "kind", "body"), EXAMPLES, ids=[name for name, _, _ in EXAMPLES])
def test_the_example_works_as_written(wired: Wired, name: str, kind: str, body: bytes, accept: str) -> None:
    """The example is answered with 201 and a place, and the mail that leaves says what the example says."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("POST", SEND, body=body, kind=kind, headers={"Accept": accept})

        assert (answer.http, answer.body) == (201, b""), answer.text
        id = answer.header("Location").rpartition("/")[2]
        activity, mail = wire.desk.activities[int(id)], wire.world.outbox[0]
        assert mail.sender == "care@shop.example"
        if name[0] in "12":
            assert (mail.subject, mail.text) == (f"Ref {id}", f"Paid {id} today.")
            assert (activity.case == 1301) is (name[0] == "1")
        if name[0] in "346" and b"slip" in body:
            assert [(a.name, a.type, a.content) for a in mail.attachments] == [SLIP[:2] + SLIP[2:]]
        if name[0] in "56":
            made = wire.desk.customers[activity.customer]
            assert (made.name(), made.fields["pin"]) == ("Nora Vale", "4711")
            assert (mail.cc, mail.bcc, mail.html) == (["desk@shop.example"], ["boss@shop.example"], "<p>Paid today.</p>")
            assert (activity.priority, activity.custom, activity.queue) == (3, {"region": ["North"]}, 2001)

    wired(story)
