"""How an answer is made different, as by a vendor whose API has changed; and how that is asked for."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from xml.etree.ElementTree import canonicalize

import pytest

from runner.simulation.drifting import DRIFTS, Reply, drifted
from runner.simulation.faults import parse_fault

BODY = {"ok": True, "mails": [{"id": "1", "size": 3}, {"id": "2", "size": 4}]}
REPLY = Reply(200, "application/json; charset=utf-8", json.dumps(BODY).encode())


@pytest.mark.parametrize(
    ("how", "body"),
    [
        ("missing-field", {"mails": BODY["mails"]}),
        ("missing-field:size", {"ok": True, "mails": [{"id": "1"}, {"id": "2", "size": 4}]}),
        ("unknown-field", {**BODY, "addedField": "added"}),
        ("unknown-field:colour", {**BODY, "colour": "added"}),
        ("wrong-type", {**BODY, "ok": "changed"}),
        ("wrong-type:id", {"ok": True, "mails": [{"id": True, "size": 3}, {"id": "2", "size": 4}]}),
        ("missing-field:nowhere", BODY),
    ],
)
def test_a_body_is_changed_in_one_place(how: str, body: object) -> None:
    """The first field of the name, from the outside in; status and media type stay."""
    changed = drifted(REPLY, how)
    assert (changed.status, changed.media, json.loads(changed.body)) == (200, REPLY.media, body)


@pytest.mark.parametrize(
    ("how", "status", "media"),
    [
        ("status", 299, REPLY.media),
        ("status:202", 202, REPLY.media),
        ("media-type", 200, "application/x-changed+json"),
        ("media-type:text/plain", 200, "text/plain"),
    ],
)
def test_the_head_of_an_answer_is_changed(how: str, status: int, media: str) -> None:
    """The body stays."""
    assert drifted(REPLY, how) == Reply(status, media, REPLY.body)


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"7"])
@pytest.mark.parametrize("how", ["missing-field", "unknown-field", "wrong-type"])
def test_what_has_no_field_stays_as_it_is(how: str, body: bytes) -> None:
    """There is nothing to change."""
    reply = Reply(200, "application/json", body)
    assert drifted(reply, how) == reply


XML = (
    '<mails xmlns="urn:m" xmlns:c="urn:c" count="2"><mail id="1"><c:size>3</c:size></mail><mail id="2"/></mails>',
    "application/xml; charset=utf-8",
)


@pytest.mark.parametrize(
    ("how", "body"),
    [
        ("missing-field", '<mails xmlns="urn:m" xmlns:c="urn:c"><mail id="1"><c:size>3</c:size></mail><mail id="2"/></mails>'),
        ("missing-field:mail", '<mails xmlns="urn:m" count="2"/>'),
        ("missing-field:size", '<mails xmlns="urn:m" count="2"><mail id="1"/><mail id="2"/></mails>'),
        ("unknown-field:colour", XML[0].replace("</mails>", "<colour>added</colour></mails>")),
        ("wrong-type:count", XML[0].replace('count="2"', 'count="true"')),
        ("wrong-type:mail", '<mails xmlns="urn:m" count="2"><mail>true</mail><mail id="2"/></mails>'),
        ("wrong-type:size", XML[0].replace(">3<", '><changed xmlns=""/><')),
        ("missing-field:nowhere", XML[0]),
    ],
)
def test_a_body_in_xml_is_changed_in_one_place(how: str, body: str) -> None:
    """Fields are attributes and elements by their local names, from the outside in; prefixes may become others."""
    changed = drifted(Reply(200, XML[1], XML[0].encode()), how)
    assert (changed.status, changed.media) == (200, XML[1])
    assert canonicalize(changed.body.decode(), rewrite_prefixes=True) == canonicalize(body, rewrite_prefixes=True)


@pytest.mark.parametrize("how", ["missing-field", "unknown-field", "wrong-type"])
def test_what_is_not_well_formed_stays_as_it_is(how: str) -> None:
    """There is nothing to change."""
    reply = Reply(200, "application/xml", b"<mails>")
    assert drifted(reply, how) == reply


def test_what_is_no_json_stays_as_it_is() -> None:
    """A file that looks like JSON is a file."""
    reply = Reply(200, "application/octet-stream", b'{"a": 1}')
    assert drifted(reply, "missing-field") == reply


@pytest.mark.parametrize(
    "text", ["drift=missing-field", "drift:2=wrong-type:state", "drift@*/me*=status:202", "drift=media-type:text/plain"]
)
def test_a_drift_is_written_like_any_fault(text: str) -> None:
    """With a count and a path."""
    assert str(parse_fault(text)) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("drift", "write it like drift=missing-field"),
        ("drift=mising-field", "drift=missing-field"),
        ("drift=status:99", "drift=status:202"),
        ("drift=status:soon", "drift=status:202"),
        ("drift=media-type:ü", "drift=media-type:text/plain"),
    ],
)
def test_what_is_no_drift(text: str, told: str) -> None:
    """The message says how it is written."""
    with pytest.raises(ValueError, match=r".") as caught:
        parse_fault(text)
    assert told in str(caught.value)


@pytest.mark.parametrize("how", sorted(DRIFTS))
def test_a_drift_over_a_real_socket(place: Any, how: str) -> None:
    """The vendor carries the request out; headers and cookies are its own, and the length of the body is right."""

    async def go() -> Any:
        async with place() as here:
            here.toy.faults.add(f"drift:1={how}")
            async with here.http.get(here.served.url + "/hello") as answer:
                first = answer.status, answer.content_type, await answer.read(), "seen" in answer.cookies
            async with here.http.get(here.served.url + "/hello") as answer:
                return first, (answer.status, answer.content_type, await answer.read())

    (status, media, body, cookie), after = asyncio.run(go())
    expected = drifted(Reply(200, "application/json", b'{"hello": 1}'), how)
    assert (status, media, body, cookie) == (expected.status, expected.media, expected.body, True)
    assert after == (200, "application/json", b'{"hello": 2}')
