"""What is told of an exchange that is not as the contract says, and how often."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runner.environment.model import Target
from runner.errors import BrokenPlugin
from runner.plugins.contract import Vendor
from runner.plugins.drift import Finding, Watch
from runner.transport.exchange import Exchange

CONTRACT = """\
openapi: 3.1.0
paths:
  /mails/{id}:
    get:
      responses:
        "200":
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}, size: {type: integer}}}
        "204": {description: Nothing.}
        "500": {content: {application/json: {schema: {type: object}}}}
"""
URL = "https://acme.example/api/mails/17?fields=all"
TARGET = Target("acme", "https://acme.example/api", control="https://acme.example/_control")


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Vendor]:
    """A vendor whose package holds this contract."""

    async def nothing(context: object) -> Any:
        return None

    def made(contract: str) -> Vendor:
        package = tmp_path / "acme_of_a_test"
        package.mkdir()
        (package / "contract.yaml").write_text(contract, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        return Vendor(name="acme", title="Acme", steps=(), open=nothing, contract="acme_of_a_test/contract.yaml")

    return made


def answer(body: bytes = b'{"id": "17"}', *, http: int = 200, media: str = "application/json", **more: Any) -> Exchange:
    given = {"method": "GET", "url": URL, "http": http, "body": body, "headers": {"content-type": media} if media else {}}
    return Exchange(**{"request_headers": {}, "request_body": b"", **given, **more})


@pytest.mark.parametrize(
    ("exchange", "found"),
    [
        (answer(), []),
        (answer(media="Application/JSON; charset=utf-8"), []),
        (answer(b"", http=204, media=""), []),
        (answer(b"{}"), [("missing field", "$.id", "text", "nothing of this name")]),
        (answer(b'{"id": "1", "x": []}'), [("unknown field", "$.x", "no field of this name", "list")]),
        (answer(b'{"id": 1}'), [("wrong type", "$.id", "text", "whole number")]),
        (answer(b"<html>"), [("wrong type", "$", "object", "something that is not JSON")]),
        (answer(b""), [("wrong type", "$", "object", "no body")]),
        (answer(b"", headers={"Content-Type": "application/json", "Content-Length": "40"}), []),
        (answer(media="text/plain"), [("undocumented media type", "", "application/json", "text/plain")]),
        (answer(media=""), [("undocumented media type", "", "application/json", "no media type")]),
        (answer(http=204), [("undocumented media type", "", "no body", "application/json")]),
        (answer(http=201), [("undocumented status", "", "200, 204, 500", "201")]),
        (answer(http=503), []),
        (answer(b"<html>", http=502, media="text/html"), []),
        (answer(b"<html>", http=500, media="text/html"), []),
        (answer(b"{}", error="cut off"), []),
        (answer(http=0), []),
        (answer(url="https://acme.example/_control/receive"), []),
        (answer(url="https://other.example/api/mails/17"), []),
    ],
)
def test_what_is_told_of_an_answer(acme: Any, exchange: Exchange, found: list[tuple[str, str, str, str]]) -> None:
    """Types and names; nothing of answers that a gateway gave or that did not come whole."""
    told = Watch().look(acme(CONTRACT), TARGET, exchange)
    assert [(one.kind, one.place, one.expected, one.got) for one in told] == found


XML_CONTRACT = """\
openapi: 3.1.0
paths:
  /mails/{id}:
    get:
      responses:
        "200":
          content:
            application/xml:
              schema:
                type: object
                xml: {name: mails}
                required: [mail, label]
                properties:
                  label: {type: array, items: {type: string}}
                  people: {type: object, required: [person], properties: {person: {type: array, items: {type: string}}}}
                  count: {type: integer}
                  read: {type: boolean}
                  weight: {type: number}
                  owner: {type: object, required: [name], properties: {name: {type: string}}}
                  to: {anyOf: [{type: string}, {type: object, properties: {address: {type: array, items: {type: string}}}}]}
                  mail: {type: array, minItems: 1, items: {$ref: "#/components/schemas/Mail"}}
components:
  schemas:
    Mail: {type: object, required: [id], properties: {id: {type: integer}, subject: {type: string}}}
"""


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<mails><mail id="1"/></mails>', []),
        ('<m:mails xmlns:m="urn:m" count="2"><m:mail id="1"><m:subject>7</m:subject></m:mail><m:mail id="2"/></m:mails>', []),
        ("<mails><count>2</count><read>true</read><weight>1.5</weight><mail><id>1</id></mail></mails>", []),
        ('<mails><to>kim@mail.example</to><mail id="1"/></mails>', []),
        ('<mails><to><address>a@b.c</address><address>d@e.f</address></to><mail id="1"/></mails>', []),
        ('<mails xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"><mail id="1"/></mails>', []),
        ('<mails><label>a</label><mail id="1"/><people/></mails>', []),
        ("<mails/>", [("missing field", "$.mail", "list", "nothing of this name")]),
        ("<mails><mail/></mails>", [("missing field", "$.mail[].id", "whole number", "nothing of this name")]),
        ('<mails><mail id="1"/><owner/></mails>', [("missing field", "$.owner.name", "text", "nothing of this name")]),
        ('<mails><mail id="1" colour="red"/></mails>', [("unknown field", "$.mail[].colour", "no field of this name", "text")]),
        ('<mails><mail id="1"/><folder><id>1</id></folder></mails>', [("unknown field", "$.folder", "no field of this name", "object")]),
        ('<mails><mail id="1"/>words</mails>', [("unknown field", "$.#text", "no field of this name", "text")]),
        ('<mails count="two"><mail id="1"/></mails>', [("wrong type", "$.count", "whole number", "text")]),
        ("<mails><mail>1</mail></mails>", [("wrong type", "$.mail[]", "object", "text")]),
        ('<mails><mail id="1"><subject><b>x</b></subject></mail></mails>', [("wrong type", "$.mail[].subject", "text", "object")]),
        ('<mails><mail id="1"/><count>1</count><count>2</count></mails>', [("wrong type", "$.count", "whole number", "list")]),
        ("<html><body/></html>", [("wrong type", "$", "an element mails", "an element html")]),
        ("<mails>", [("wrong type", "$", "object", "something that is not XML")]),
        ('{"mail": []}', [("wrong type", "$", "object", "something that is not XML")]),
        ('<!DOCTYPE mails [<!ENTITY x "y">]><mails>&x;</mails>', [("wrong type", "$", "object", "XML with a document type")]),
        ("<mails>" * 120 + "</mails>" * 120, [("wrong type", "$", "object", "XML that is too deep")]),
    ],
)
def test_what_is_told_of_an_answer_in_xml(acme: Any, body: str, found: list[tuple[str, str, str, str]]) -> None:
    """
    The same as of JSON: attributes and elements are fields, a text is a number where it looks like one, namespaces are free.

    A list that has to be there may be empty, which in XML is no element at all, unless its schema wants an item.
    """
    told = Watch().look(acme(XML_CONTRACT), TARGET, answer(body.encode(), media="application/xml"))
    assert [(one.kind, one.place, one.expected, one.got) for one in told] == found


@pytest.mark.parametrize(
    ("method", "url", "operation"),
    [
        ("DELETE", "https://acme.example/api/mails/17", "DELETE /mails/{id}"),
        ("GET", "https://acme.example/api/mails/17/files/99?x=secret", "GET /mails/{id}/files/{…}"),
    ],
)
def test_an_operation_that_nobody_wrote_down(acme: Any, method: str, url: str, operation: str) -> None:
    """It is told without what may be an id, and without the query."""
    told = Watch().look(acme(CONTRACT), TARGET, answer(method=method, url=url))
    assert [(one.kind, one.operation) for one in told] == [("undocumented operation", operation)]


@pytest.mark.parametrize("url", ["https://acme.example", "https://acme.example/", "https://acme.example/api"])
def test_the_base_path_may_be_left_to_the_client(acme: Any, url: str) -> None:
    """An environment gives the vendor's URL with the base path of the contract or without it; the operations are the same."""
    served = CONTRACT.replace("paths:", 'servers: [{url: "https://{host}/api"}]\npaths:')
    told = Watch().look(acme(served), replace(TARGET, url=url), answer(b"{}"))
    assert [(one.kind, one.operation) for one in told] == [("missing field", "GET /mails/{id}")]


def test_each_finding_is_told_once_in_a_run(acme: Any) -> None:
    """However many scenarios meet it; another one is told as well."""
    vendor, watch = acme(CONTRACT), Watch()
    told = [watch.look(vendor, TARGET, answer(body)) for body in (b"{}", b"{}", b'{"x": 1}')]
    assert [[one.kind for one in found] for found in told] == [["missing field"], [], ["unknown field"]]


def test_there_is_an_end_to_findings(acme: Any) -> None:
    """A vendor whose answers have nothing in common with the contract does not fill the record."""
    vendor, watch = acme(CONTRACT), Watch()
    told = [finding for n in range(500) for finding in watch.look(vendor, TARGET, answer(b'{"id": "1", "x%d": 1}' % n))]
    assert len(told) == 200


def test_no_value_is_told(acme: Any) -> None:
    """Whatever stands in an answer."""
    told = Watch().look(acme(CONTRACT), TARGET, answer(b'{"id": {"a": "geheim"}, "size": "geheim"}'))
    assert told
    assert "geheim" not in repr(told)


@pytest.mark.parametrize(
    "contract",
    ["paths: [", "openapi: 3.1.0", CONTRACT.replace("{type: string}", "{$ref: '#/nowhere'}"), CONTRACT.replace("integer", "whole")],
)
def test_a_contract_that_cannot_be_used_is_told_once(acme: Any, contract: str) -> None:
    """From then on that vendor's answers are not compared; the run goes on."""
    vendor, watch = acme(contract), Watch()
    with pytest.raises(BrokenPlugin, match="acme_of_a_test"):
        watch.look(vendor, TARGET, answer())
    assert watch.look(vendor, TARGET, answer()) == ()


def test_a_vendor_without_a_contract_has_no_drift(acme: Any) -> None:
    """There is nothing to compare with."""
    assert Watch().look(replace(acme(CONTRACT), contract=""), TARGET, answer(b"?")) == ()


def test_a_finding_says_which_operation_and_status(acme: Any) -> None:
    """As the contract names it."""
    told = Watch().look(acme(CONTRACT), TARGET, answer(b"{}"))
    assert list(told) == [Finding("acme", "missing field", "GET /mails/{id}", 200, "$.id", "text", "nothing of this name")]
