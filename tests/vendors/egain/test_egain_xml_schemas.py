"""
The XML Schemas are written out of the contract, and say yes and no where they should. What is sent and answered in XML in any test of this
folder is validated against them, see ``conftest.py``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runner.vendors.egain.namespaces import BASE, REPEATABLE
from runner.vendors.egain.xsd import FOLDER, main, repeated


def test_the_schemas_are_those_of_the_contract() -> None:
    """What is committed is what would be written."""
    assert main(["--check"]) == 0


def test_lists_of_the_contract_are_the_elements_that_repeat(contract: dict[str, Any]) -> None:
    """The rule that the reader of documents goes by, and the contract, say the same."""
    assert repeated(contract) == REPEATABLE


@pytest.fixture(scope="module")
def schema() -> Any:
    """A validating parser's view of them."""
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed: no XML can be validated")
    made = etree.XMLSchema(etree.parse(str(FOLDER / "egain.xsd")))
    return lambda text: made.validate(etree.fromstring(text.encode()))


A, C, P = f"{BASE}/interaction/activity", f"{BASE}/common", f"{BASE}/platform"
PUBLISHED = [
    f'<login xmlns="{P}"><userName>mona.agent</userName><password>s3cret!</password></login>',
    f'<error xmlns="{C}"><code>401-101</code><developerMessage>Log in.</developerMessage></error>',
    f'<Error xmlns="{P}"><message>Log in.</message></Error>',
    f'<activities xmlns="{A}"><activity id="2811"><lastModified date="2031-05-01T08:00:01.000Z"/></activity></activities>',
    (
        f'<activity xmlns="{A}" xmlns:p="{P}" xmlns:c="{C}" xmlns:a="{BASE}/interaction/attachment">'
        "<department><p:name>Service</p:name></department>"
        "<type><value>email</value><subtype><c:value>compose</c:value></subtype></type>"
        '<case id="1304"/><subject>Your refund</subject><payload><email>'
        "<contents><content><c:type>html</c:type><c:value><![CDATA[<p>Paid today.</p>]]></c:value></content></contents>"
        "<emailAddresses><from>care@shop.example</from><to><address>kim@mail.example</address></to></emailAddresses></email></payload>"
        "<attachments><a:attachment><a:fileName>slip.pdf</a:fileName><a:contentType>application/pdf</a:contentType>"
        "<a:content>JVBERi0xLjQK</a:content></a:attachment></attachments></activity>"
    ),
    (
        f'<activities xmlns="{A}" xmlns:c="{C}"><activity id="2811"><link rel="self" href="/system/ws/v12/interaction/activity/2811"/>'
        "<status><c:value>assigned</c:value><c:displayValue>Assigned</c:displayValue></status></activity></activities>"
    ),
]


@pytest.mark.parametrize("document", PUBLISHED)
def test_a_published_form_is_valid(schema: Any, document: str) -> None:
    """As the pages show it: namespaces, attributes, any order of elements."""
    assert schema(document)


@pytest.mark.parametrize(
    ("document", "change"),
    [
        (PUBLISHED[0], ("</userName>", "</userName><realm>x</realm>")),
        (PUBLISHED[0], ("<password>s3cret!</password>", "")),
        (PUBLISHED[1], ('common"', 'platform"')),
        (PUBLISHED[1], ("<code>401-101</code>", "<code>4xx</code>")),
        (PUBLISHED[2], ("Error", "error")),
        (PUBLISHED[3], ('date="2031', 'day="2031')),
        (PUBLISHED[4], ("<p:name>Service</p:name>", "<name>Service</name>")),
        (PUBLISHED[4], ("<c:type>html</c:type>", "<c:type>rtf</c:type>")),
        (PUBLISHED[4], ("<from>", "<replyTo>x@y.example</replyTo><from>")),
        (PUBLISHED[5], ("c:displayValue", "c:shown")),
    ],
)
def test_what_is_another_thing_is_not_valid(schema: Any, document: str, change: tuple[str, str]) -> None:
    """An element more or less, another namespace, another name, a value of another form."""
    assert change[0] in document
    assert not schema(document.replace(*change))
