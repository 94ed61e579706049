"""Where the pages leave open which return code a mistake has, an installation may have another; each cause is one that comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, get_args

import pytest

from runner.simulation.world import Mail
from runner.vendors.gws.simulator.settings import Cause

WireStory = Callable[..., None]
Act = Callable[[Any, Any], Awaitable[Any]]

CREATE = {"operationName": "Create", "queueName": "Outbound-draft", "interactionType": "Outbound", "interactionSubType": "OutboundNew"}
START = {"operationName": "StartContactCenterSession", "channels": ["email"]}
FORM = {"Content-Type": "multipart/form-data; boundary=b"}
FILE = b'--b\r\nContent-Disposition: form-data; name="attachment"; filename="a"\r\n\r\nHello World\r\n--b--\r\n'


def asked(path: str, body: object, *, started: bool = True, method: str = "POST") -> Act:
    """A request, before the contact-centre session is started or after."""

    async def act(stage: Any, agent: Any) -> Any:
        if started:
            await agent.started()
        return await agent.ask(method, path, body)

    return act


async def draft_of(agent: Any) -> str:
    """A new draft's path."""
    await agent.started()
    await agent.ask("POST", "/me/interactions/", CREATE)
    return f"/me/interactions/{(await agent.mine())[-1]['id']}"


async def to_a_bad_address(stage: Any, agent: Any) -> Any:
    """Send with an address that is none."""
    contents = {"toAddress": "nobody", "subject": "S", "text": "T", "fromAddress": "help@shop.example"}
    send = {"operationName": "Send", "queueName": "Outbound-email", "email_object": contents}
    return await agent.ask("POST", await draft_of(agent), send)


async def too_large(stage: Any, agent: Any) -> Any:
    """A file above the limit; its HTTP status is 413 whatever the code, so the code is what is seen."""
    return await agent.ask("POST", f"{await draft_of(agent)}/attachments", FILE, headers=FORM)


async def to_nobody(stage: Any, agent: Any) -> Any:
    """Transfer to somebody who is not there."""
    return await agent.ask("POST", await draft_of(agent), {"operationName": "Transfer", "userUri": "nobody"})


async def too_early(stage: Any, agent: Any) -> Any:
    """Complete before Accept."""
    await agent.started()
    id = await stage.simulator.receive(Mail(sender="joe@example.com", to=["help@shop.example"]))
    return await agent.ask("POST", f"/me/interactions/{id}", {"operationName": "Complete"})


async def put(stage: Any, agent: Any) -> Any:
    """The update that the pages name and do not describe."""
    return await agent.ask("PUT", (await draft_of(agent)).removeprefix("/me"), {"subject": "S"})


def http(answer: Any) -> object:
    """Its status."""
    return answer.http


def code(answer: Any) -> object:
    """Its return code."""
    return answer.json()["statusCode"]


# cause, what provokes it, what is seen, by default, with the code 19 (HTTP 409)
CAUSES: list[tuple[str, Act, Callable[[Any], object], object, object]] = [
    ("bad_address", to_a_bad_address, http, 400, 409),
    ("channel_not_started", asked("/me/channels/chat", {"operationName": "Ready"}), http, 400, 409),
    ("not_json", asked("/me", b"{"), code, 1, 19),
    ("not_json", asked("/me/interactions/", b"[]"), http, 400, 409),
    ("not_updatable", put, http, 403, 409),
    ("not_started", asked("/me/interactions/", CREATE, started=False), http, 400, 409),
    ("not_started", asked("/me/channels/email", {"operationName": "Ready"}, started=False), http, 400, 409),
    ("too_large", too_large, code, 10, 19),
    ("unknown_channel", asked("/me/channels/fax", {"operationName": "Ready"}), http, 404, 409),
    ("unknown_channel", asked("/me", {**START, "channels": ["fax"]}, started=False), code, 2, 19),
    ("unknown_operation", asked("/me/interactions/", {"operationName": "Dance"}), http, 403, 409),
    ("unknown_queue", asked("/me/interactions/", {**CREATE, "queueName": "Nowhere"}), http, 400, 409),
    ("unknown_state", asked("/me/channels/email", {"operationName": "Siesta"}), http, 400, 409),
    ("unknown_target", to_nobody, http, 404, 409),
    ("wrong_state", too_early, http, 400, 409),
    ("already_started", asked("/me", START), code, 0, 19),
    ("nothing_to_end", asked("/me", {"operationName": "EndContactCenterSession"}, started=False), code, 0, 19),
]


@pytest.mark.parametrize(("cause", "act", "see", "by_default", "otherwise"), CAUSES)
def test_a_cause_has_the_code_that_the_installation_says(
    wire: WireStory, cause: str, act: Act, see: Callable[[Any], object], by_default: object, otherwise: object
) -> None:
    """By default the documented meaning decides, and another cause's code changes nothing."""
    seen: list[object] = []

    async def story(stage: Any, make: Any) -> None:
        agent = make()
        await agent.sign_in()
        seen.append(see(await act(stage, agent)))

    another = "unknown_state" if cause != "unknown_state" else "bad_address"
    for codes in ({}, {another: 18}, {cause: 19}):
        wire(story, codes=codes, attachment_limit=10)

    assert seen == [by_default, by_default, otherwise]


def test_no_cause_is_without_its_row() -> None:
    """A cause that never comes is none."""
    assert {cause for cause, *_ in CAUSES} == set(get_args(Cause))
