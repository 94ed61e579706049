"""
The same document as JSON and as XML, and what is refused when it is read.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import Refused
from runner.transport.exchange import Exchange
from runner.vendors.egain.multipart import FilePart, build
from runner.vendors.egain.refusals import reason_for, refusal
from runner.vendors.egain.representation import BadDocument, from_json, from_xml, to_json, to_xml
from runner.vendors.egain.simulator.multipart import read_form
from runner.vendors.egain.simulator.settings import EgainSettings

B = "http://bindings.egain.com/ws/model/v12/gen"


def test_the_published_xml_is_read_as_its_json_twin() -> None:
    """Attributes become members, repeatable elements lists, the root disappears, prefixes are free."""
    document = f"""<activity xmlns="{B}/interaction/activity" xmlns:p="{B}/platform" xmlns:c="{B}/common">
      <department><p:name>Service</p:name></department>
      <type><value>email</value><subtype><c:value>compose</c:value></subtype></type>
      <case id="1304"/>
      <payload><email>
        <contents><content><c:type>html</c:type><c:value><![CDATA[<p>Paid today.</p>]]></c:value></content></contents>
        <emailAddresses><from>care@shop.example</from><to><address>kim@mail.example</address></to></emailAddresses>
      </email></payload>
    </activity>"""

    root, tree = from_xml(document.encode())

    assert root == "activity"
    assert tree == {
        "department": {"name": "Service"},
        "type": {"value": "email", "subtype": {"value": "compose"}},
        "case": {"id": "1304"},
        "payload": {
            "email": {
                "contents": {"content": [{"type": "html", "value": "<p>Paid today.</p>"}]},
                "emailAddresses": {"from": "care@shop.example", "to": {"address": ["kim@mail.example"]}},
            }
        },
    }


def test_what_is_written_stands_in_the_published_namespaces() -> None:
    """Containers stand in their parent's namespace, items in their own, coded values in common."""
    tree = {"activity": [{"id": 2811, "link": {"rel": "self", "href": "/x"}, "status": {"value": "assigned", "displayValue": "Assigned"}}]}

    written = to_xml("activities", tree).decode()

    assert written == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<activities xmlns="{B}/interaction/activity" xmlns:c="{B}/common">'
        '<activity id="2811"><link rel="self" href="/x"/>'
        "<status><c:value>assigned</c:value><c:displayValue>Assigned</c:displayValue></status></activity></activities>"
    )


@pytest.mark.parametrize(
    "document",
    [
        b"<a>",
        b"",
        b"<a/><b/>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"<a>&nbsp;</a>",
        b"<a>" * 41 + b"</a>" * 41,
        b'<a xmlns="urn:other"/>',
        b"<a><b/>text</a>",
        b"<a><b/><b/></a>",
        b"<a>text</a>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"<a>\xff</a>",
    ],
)
def test_dangerous_and_broken_xml_is_refused(document: bytes) -> None:
    """Document types, entities, depth, foreign namespaces, doubles and mixed content are no documents of ours."""
    with pytest.raises(BadDocument):
        from_xml(document)


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b'"x"', b"nul", b"\xff", b'{"a":' * 5000])
def test_broken_json_is_refused(document: bytes) -> None:
    """Only an object in JSON is a document."""
    with pytest.raises(BadDocument):
        from_json(document)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)


@given(subject=texts, value=texts)
def test_any_text_survives_xml(subject: str, value: str) -> None:
    """Every character that XML can hold comes back as it was; any other becomes U+FFFD."""
    tree = {"subject": subject, "payload": {"email": {"contents": {"content": [{"type": "text", "value": value}]}}}}

    _, back = from_xml(to_xml("activity", tree))

    legal = "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in subject)
    assert back["subject"] == legal


@given(name=st.text(max_size=40), content=st.binary(max_size=200))
def test_any_file_survives_a_form(name: str, content: bytes) -> None:
    """Our client's forms are read byte for byte by the simulator, names included; one with a line break is not sent at all."""
    name = name.encode("utf-8", "replace").decode() or "x"
    if "\r" in name or "\n" in name:
        with pytest.raises(Refused, match="line break"):
            build(b"{}", "application/json", [FilePart(name, "text/plain", content)])
        return
    kind, body = build(b"{}", "application/json", [FilePart(f"a{name}", "text/plain", content)])

    form = read_form(kind, body, EgainSettings())

    assert form.data == b"{}"
    assert [f.content for f in form.files] == [content]
    assert form.files[0].file_name == f"a{name}"


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def answer(http: int, body: bytes, kind: str = "application/json") -> Exchange:
    return Exchange("GET", "/x", {}, b"", http=http, headers={"Content-Type": kind}, body=body)


ERROR: dict[str, Any] = {"code": "400-152", "developerMessage": "no", "details": [{"key": "attribute", "value": "to"}]}


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        (to_json(ERROR), "400-152", "no [attribute: to]"),
        (to_xml("error", ERROR), "400-152", "no [attribute: to]"),
        (b'<ns2:error xmlns:ns2="' + B.encode() + b'/common"><ns2:code>400-152</ns2:code></ns2:error>', "400-152", ""),
        (b'{"message":"no"}', "", "no"),
        (b'<Error xmlns="' + B.encode() + b'/platform"><message>no</message></Error>', "", "no"),
        (b"", "", ""),
        (b"{broken", "", "the answer is application/json, not an eGain error: {broken"),
        (
            b"<html><body>Bad gateway</body></html>",
            "",
            "the answer is application/json, not an eGain error: <html><body>Bad gateway</body></html>",
        ),
    ],
)
def test_both_error_shapes_are_read_in_both_formats(body: bytes, code: str, text: str) -> None:
    """A WSError, the older Error, and anything else become a refusal with the vendor's words."""
    refused = refusal(answer(400, body))

    assert isinstance(refused, Refused)
    assert (refused.reason, refused.vendor_code, refused.text) == ("invalid", code, text)


@pytest.mark.parametrize(
    ("http", "reason"),
    [
        (400, "invalid"),
        (401, "unauthenticated"),
        (403, "forbidden"),
        (404, "not_found"),
        (405, "invalid"),
        (406, "not_acceptable"),
        (408, "unavailable"),
        (409, "conflict"),
        (410, "gone"),
        (413, "too_large"),
        (415, "invalid"),
        (429, "unavailable"),
        (500, "server_error"),
        (502, "unavailable"),
        (503, "unavailable"),
        (505, "server_error"),
    ],
)
def test_each_status_has_its_neutral_reason(http: int, reason: str) -> None:
    """Statuses are told in the words that all vendors share."""
    assert reason_for(http) == reason
