"""
Our client before every status of the three given pages, each provoked by what the simulator itself refuses, over the wire: the neutral
reason stands beside the vendor's own code and text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from runner.errors import Refused
from runner.vendors.icws import VENDOR
from runner.vendors.icws.simulator.settings import IcwsSettings

UNKNOWN = "2101999999"
DRAFT = {"to": "joe@example.com", "subject": "Hello", "text": "Hello"}
RECORDING = {"to": "qa@example.org", "subject": "Call for review", "text": "See attachment", "reply_to": "noreply@example.org"}

# the step that asks → where the resource stands, for the list of removed ones
PAGES: dict[str, tuple[dict[str, Any], str]] = {
    "send": ({}, "interactions/*/email/send"),
    "icws.insert_from_library": ({"item": "Price list"}, "interactions/*/email/attachments/response-management/insert"),
    "icws.send_recording": (RECORDING, "recordings/*/send-as-email"),
}
GOOD = {"send": 200, "icws.insert_from_library": 200, "icws.send_recording": 204}


async def _begun(stage: Any, word: str) -> dict[str, Any]:
    """Logged in, with a draft; what the step is given."""
    await stage.act("login")
    mail = (await stage.act("create", DRAFT))["id"]
    return PAGES[word][0] | ({} if word == "icws.send_recording" else {"mail": mail})


async def _bad(stage: Any, word: str) -> None:
    given = await _begun(stage, word)
    wrong = {
        "send": {"mail": await stage.simulator.receive(_mail())},
        "icws.insert_from_library": {"item": "0f8c2a54-5b0e-4a0c-8f7d-2d1f5b7f9a11"},
        "icws.send_recording": {"recording": "none"},
    }
    await stage.act(word, given | wrong[word])


async def _expired(stage: Any, word: str) -> None:
    given = await _begun(stage, word)
    (await stage.part()).stays_out = True
    stage.simulator.expire_sessions()
    await stage.act(word, given)


async def _forbidden(stage: Any, word: str) -> None:
    given = await _begun(stage, word)
    await stage.act("login", by="restricted")
    # an id, so that it is the page's own resource that refuses, and not the libraries
    item = {"item": _item(stage)} if word == "icws.insert_from_library" else {}
    await stage.act(word, given | item, by="restricted")


async def _not_there(stage: Any, word: str) -> None:
    given = await _begun(stage, word)
    await stage.act(word, given | {"mail": UNKNOWN})


async def _plainly(stage: Any, word: str) -> None:
    await stage.act(word, await _begun(stage, word))


async def _failing(stage: Any, word: str) -> None:
    given = await _begun(stage, word)
    stage.simulator.faults.add(f"500:1@*/{PAGES[word][1].rpartition('/')[2]}")
    await stage.act(word, given)


def _mail() -> Any:
    from runner.simulation.world import Mail

    return Mail("Kim <kim@mail.example>", ["help@shop.example"], "Where is it", "Order 77")


def _item(stage: Any) -> str:
    (library,) = stage.simulator.office.libraries.visible("")
    return next(item.id for item in library.items if item.name == "Price list")


ASKED = "error.request"
AUTHENTICATION = "error.request.connection.authenticationFailure"
# status → what provokes it, the neutral reason, and how the vendor's code begins
STATUSES: dict[int, tuple[Callable[[Any, str], Awaitable[None]], str, str]] = {
    400: (_bad, "invalid", ASKED),
    401: (_expired, "unauthenticated", AUTHENTICATION),
    403: (_forbidden, "forbidden", "error.request.accessDenied"),
    404: (_not_there, "not_found", "error.request.notFound"),
    410: (_plainly, "gone", "error.request.gone"),
    500: (_failing, "server_error", "-2147467259"),
}
# the page of send-as-email knows no 404
ROWS = [(word, http) for word in PAGES for http in STATUSES if (word, http) != ("icws.send_recording", 404)]


@pytest.mark.parametrize("word", PAGES)
def test_the_client_meets_the_success_of_its_page(word: str, play: Callable[..., None]) -> None:
    """The step succeeds, with just the status that the page names; one mail leaves where one is sent."""

    async def story(stage: Any) -> None:
        await stage.act(word, await _begun(stage, word))
        path = PAGES[word][1].rpartition("/")[2]
        (answer,) = [e for e in (await stage.part()).exchanges if e.url.endswith(path)]
        assert answer.http == GOOD[word]
        assert len(stage.world.outbox) == (word != "icws.insert_from_library")

    play(VENDOR, story)


@pytest.mark.parametrize(("word", "http"), ROWS, ids=[f"{word} {http}" for word, http in ROWS])
def test_the_client_meets_each_refusal_of_its_page(word: str, http: int, play: Callable[..., None]) -> None:
    """The step is refused with the status, the neutral reason, and the code and text that the server gave; nothing is sent."""
    provoke, reason, code = STATUSES[http]
    removed = (PAGES[word][1],) if http == 410 else ()

    async def story(stage: Any) -> None:
        with pytest.raises(Refused) as caught:
            await provoke(stage, word)
        found = caught.value
        assert (found.http, found.reason) == (http, reason)
        assert found.vendor_code.startswith(code)
        assert found.text
        assert stage.world.outbox == []

    play(VENDOR, story, settings=IcwsSettings(removed=removed))
