"""
Each status of the compose-and-send page, met by our client for its own reason: what breaks the rule is in the request or in the user.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from runner.errors import Refused
from runner.vendors.egain import VENDOR

KIM = "kim@example.com"
MAIL = {"to": KIM, "subject": "Your refund", "text": "Paid today.", "customer": {"first_name": "Kim"}}
Play = Callable[..., None]


async def as_it_should_be(stage: Any) -> dict[str, Any]:
    await stage.act("login")
    return MAIL


async def with_a_priority_of_nine(stage: Any) -> dict[str, Any]:
    await stage.act("login")
    return MAIL | {"priority": 9}


async def after_the_session_has_ended(stage: Any) -> dict[str, Any]:
    await stage.act("login")
    stage.simulator.expire_sessions()
    return MAIL


async def in_a_department_of_others(stage: Any) -> dict[str, Any]:
    await stage.act("login")
    return MAIL | {"department": "Legal", "from": "legal@shop.example"}


async def in_a_language_that_nobody_speaks(stage: Any) -> dict[str, Any]:
    await stage.act("login")
    client = (await stage.part()).session.client
    client.options = msgspec.structs.replace(client.options, language="xx-XX")
    return MAIL


async def while_the_server_fails(stage: Any) -> dict[str, Any]:
    await stage.act("login")
    stage.simulator.faults.add("500@POST */activity/send")
    return MAIL


@pytest.mark.parametrize("format", ["json", "xml", "multipart"])
@pytest.mark.parametrize(
    ("how", "http", "reason", "code"),
    [
        (as_it_should_be, 201, "", ""),
        (with_a_priority_of_nine, 400, "invalid", "400-196"),
        (after_the_session_has_ended, 401, "unauthenticated", "401-101"),
        (in_a_department_of_others, 403, "forbidden", "403-105"),
        (in_a_language_that_nobody_speaks, 406, "not_acceptable", "406-100"),
        (while_the_server_fails, 500, "server_error", "500-100"),
    ],
)
def test_a_status_of_the_page_for_its_own_reason(
    play: Play, how: Callable[[Any], Awaitable[dict[str, Any]]], http: int, reason: str, code: str, format: str
) -> None:
    """Our client sends once, in each of the three formats, and tells the status with its neutral reason, the vendor's code and words."""

    async def story(stage: Any) -> None:
        client = (await stage.part()).session.client
        as_before = client.options
        mail = await how(stage) | {"format": format}
        told = ("", "", 201)
        try:
            await stage.act("egain.compose_and_send", mail)
        except Refused as refused:
            told = (refused.reason, refused.vendor_code, refused.http)
            assert refused.text
        # so that the session can be closed in a language that is spoken
        client.options = as_before

        sends = [e.http for e in (await stage.part()).exchanges if e.url.endswith("/activity/send")]
        assert (sends, told) == ([http], (reason, code, http))
        assert len(stage.world.outbox) == (http == 201)

    play(VENDOR, story, options={"login_again": False})
