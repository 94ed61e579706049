"""
A server that says yes and does something else, or answers with what is none of eGain's documents: no step is green because of its status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from msgspec.structs import replace

from runner.errors import Refused, WireError
from runner.vendors.egain import VENDOR
from runner.vendors.egain.simulator.app import EgainSimulator

Play = Callable[..., None]
KIM = "kim@example.com"
A = "/ws/v12/interaction/activity"
HTML = ("text/html", b"<html><head><title>Log in</title></head><body><p>Log in</p></body></html>")
ERROR = ("application/json", b'{"code": "500-100", "developerMessage": "The server failed."}')
NOTHING = ("application/json", b"{}")
# What an answer is called, what it holds, and what is said of it.
Lie = tuple[str, bytes]


class Lying(EgainSimulator):
    """
    It answers ``lies`` (method and path → status, media type, body, place) without carrying anything out; ``afterwards`` is done a moment
    after the first of them.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.lies: dict[tuple[str, str], tuple[int, str, bytes, str]] = {}
        self.afterwards: Callable[[], None] = lambda: None

    def lie(self, method: str, path: str, status: int, lie: Lie = ("application/json", b""), place: str = "") -> None:
        """Answer so from now on."""
        self.lies[method, f"/system{path}"] = status, *lie, place

    async def _handle(self, request: web.Request) -> web.Response:
        told = self.lies.get((request.method, request.path))
        if told is None:
            return await super()._handle(request)
        await request.read()
        asyncio.get_running_loop().call_later(0.05, self.afterwards)
        status, kind, body, place = told
        return web.Response(status=status, body=body, headers={"Content-Type": kind} | ({"Location": place} if place else {}))


LIAR = replace(VENDOR, simulate=lambda world, settings=None: Lying(world, settings))


async def arrived(stage: Any) -> str:
    """A customer's mail, whose agent is logged in."""
    id = (await stage.act("receive", {"from": KIM, "subject": "Where is it?", "text": "Order 77"})).id
    await stage.act("login")
    return str(id)


# ── it says that it was done ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize(
    ("word", "parameters", "path", "said"),
    [
        ("accept", {}, f"{A}/pick", "taken, but it is awaiting_assignment"),
        ("egain.pick", {}, f"{A}/pick", "taken, but it is awaiting_assignment"),
        ("complete", {}, f"{A}/complete", "completed, but it is assigned to user 1010"),
        ("transfer", {"to": "agent_2"}, f"{A}/transfer", "handed to user 1011, but it is assigned to user 1010"),
        ("transfer", {"queue": "Complaints"}, f"{A}/transfer", "put into a queue, but it is assigned to user 1010"),
        ("place_in_queue", {"queue": "Complaints"}, f"{A}/transfer", "put into a queue, but it is assigned"),
        ("reject", {}, f"{A}/transfer", "put into a queue, but it is assigned"),
    ],
)
def test_what_was_not_done_is_not_green(play: Play, word: str, parameters: dict[str, Any], path: str, said: str, format: str) -> None:
    """A good status of a server that does nothing is no success: the step looks, and tells what it sees."""

    async def story(stage: Any) -> None:
        id = await arrived(stage)
        await stage.act("login", by="agent_2")
        if word not in {"accept", "egain.pick"}:
            await stage.act("accept")
        stage.simulator.lie("PUT", path, 200 if word == "complete" else 204)
        stage.parts["agent"].timeout = 0.4

        with pytest.raises(Refused, match=said) as refused:
            await stage.act(word, {"mail": id} | parameters)

        assert (refused.value.reason, refused.value.http) == ("conflict", 0)

    play(LIAR, story, options={"format": format})


def test_what_is_done_a_moment_later_is_green(play: Play) -> None:
    """A server may take a moment; the step looks again."""

    async def story(stage: Any) -> None:
        id = await arrived(stage)
        await stage.act("accept")
        activity = stage.simulator.desk.activities[int(id)]
        stage.simulator.lie("PUT", f"{A}/complete", 204)
        stage.simulator.afterwards = lambda: setattr(activity, "status", "completed")

        done = await stage.act("complete", {"mail": id})

        assert done.status == "completed"

    play(LIAR, story)


# ── it answers with something else ───────────────────────────────────────────────────────────────────────────────────────────────

READING = [
    ("egain.search", {"status": "open"}, A),
    ("egain.get_activity", {"mail": "2801"}, f"{A}/2801"),
    ("egain.activity_attributes", {}, f"{A}/attributes"),
    ("egain.notes", {"mail": "2801"}, f"{A}/2801/note"),
    ("egain.case", {"case": 1301}, "/ws/v12/interaction/case/1301"),
    ("egain.find_cases", {"email": KIM}, "/ws/v12/interaction/case"),
    ("egain.find_customers", {"email": KIM}, "/ws/v12/interaction/customer"),
    ("egain.find_customers", {"id": 1041}, "/ws/v12/interaction/customer/1041"),
    ("egain.users", {}, "/ws/v12/administration/user"),
    ("egain.users", {"user": "agent"}, "/ws/v12/administration/user/login/agent1"),
]


@pytest.mark.parametrize("lie", [HTML, ERROR, NOTHING], ids=["a page", "an error", "nothing"])
@pytest.mark.parametrize(("word", "parameters", "path"), READING, ids=[f"{row[0]} {row[2]}" for row in READING])
def test_a_page_or_an_error_is_no_empty_list(play: Play, word: str, parameters: dict[str, Any], path: str, lie: Lie) -> None:
    """200 with what is no list of eGain's is told as that, and never as nothing found."""

    async def story(stage: Any) -> None:
        await arrived(stage)
        stage.simulator.lie("GET", path, 200, lie)

        with pytest.raises(WireError, match="eGain") as failed:
            await stage.act(word, parameters)

        assert failed.value.code == "E714"

    play(LIAR, story)


@pytest.mark.parametrize("path", ["/ws/v20/interaction/case/lookup", "/ws/v12/composite"])
@pytest.mark.parametrize("lie", [HTML, ERROR, NOTHING], ids=["a page", "an error", "nothing"])
def test_so_is_what_is_asked_by_post(play: Play, path: str, lie: Lie) -> None:
    """Looking cases up, and a batch."""

    async def story(stage: Any) -> None:
        await arrived(stage)
        stage.simulator.lie("POST", path, 200, lie)
        batch = {"requests": [{"method": "GET", "path": f"{A}/2801"}]}

        with pytest.raises(WireError) as failed:
            await stage.act(*(("egain.lookup_cases", {"email": KIM}) if "lookup" in path else ("egain.composite", batch)))

        assert failed.value.code == "E714"

    play(LIAR, story)


@pytest.mark.parametrize("lie", [HTML, ERROR], ids=["a page", "an error"])
@pytest.mark.parametrize(
    ("word", "parameters", "path"),
    [
        ("egain.edit_activity", {"priority": 3}, A),
        ("egain.mask", {}, "/ws/v19/interaction/activity/mask"),
        ("egain.change_case", {}, f"{A}/2801/changecase"),
        ("egain.change_customer", {"email": KIM}, f"{A}/changecustomer"),
        ("egain.edit_case", {"subject": "x"}, "/ws/v12/interaction/case"),
        ("egain.edit_customer", {"email": KIM, "pin": "1"}, "/ws/v12/interaction/customer"),
        ("egain.pull", {}, f"{A}/pull"),
    ],
)
def test_a_change_that_is_answered_with_a_page_is_not_green(play: Play, word: str, parameters: dict[str, Any], path: str, lie: Lie) -> None:
    """Whoever needs nothing of the answer still looks whether it is one."""

    async def story(stage: Any) -> None:
        id = await arrived(stage)
        await stage.act("accept", {"mail": id})
        stage.simulator.lie("PUT", path, 200, lie)

        with pytest.raises(WireError) as failed:
            await stage.act(word, parameters)

        assert failed.value.code == "E714"

    play(LIAR, story)


def test_a_logout_that_is_answered_with_a_page_is_not_green(play: Play) -> None:
    """The session may be open still."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.lie("DELETE", "/ws/v12/authentication/user/logout", 200, HTML)

        with pytest.raises(WireError, match="a page for people"):
            await stage.act("logout")

    play(LIAR, story)


# ── it does not say where something is ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", ["", "/", "/system/ws/v12/interaction/activity/", "/login", "/system/ws/v12/interaction/other/5"])
@pytest.mark.parametrize(
    ("word", "parameters", "path"),
    [
        ("egain.save_draft", {"to": KIM, "subject": "x"}, A),
        ("egain.receive", {"from": KIM, "subject": "x"}, A),
        ("egain.track_call", {"contact": "1", "anonymous": True}, A),
        ("egain.note", {"text": "x", "mail": "2801"}, f"{A}/2801/note"),
        ("egain.create_customer", {"first_name": "Kim"}, "/ws/v12/interaction/customer"),
        ("egain.compose_and_send", {"to": KIM, "subject": "x"}, f"{A}/send"),
    ],
)
def test_what_has_no_place_was_not_made_for_certain(play: Play, word: str, parameters: dict[str, Any], path: str, place: str) -> None:
    """201 without the place of the new activity, note or customer is no success."""

    async def story(stage: Any) -> None:
        await arrived(stage)
        stage.simulator.lie("POST", path, 201, place=place)

        with pytest.raises(WireError, match="did not say where it is"):
            await stage.act(word, parameters)

        assert not any(kind == "activity" and id != "2801" for kind, id in stage.parts["agent"].made)

    play(LIAR, story)


def test_another_activity_than_the_one_asked_for_is_no_answer(play: Play) -> None:
    """What stands at one place has that id."""

    async def story(stage: Any) -> None:
        await arrived(stage)
        stage.simulator.lie("GET", f"{A}/2801", 200, ("application/json", b'{"activity":[{"id":2802,"subject":"x"}]}'))

        with pytest.raises(WireError, match="without activity 2801"):
            await stage.act("egain.get_activity", {"mail": "2801"})

    play(LIAR, story)


# ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        f"{A}/send",
        f"{A}/sen%64",
        f"{A}//send/",
        f"{A}/2801/../send",
        f"{A.replace('activity', 'ACTIVITY')}/Send?x=1",
        f"{A}",
        f"{A}/#x",
        "/ws/v12/composite",
    ],
)
def test_no_spelling_of_a_path_lets_a_batch_make_a_mail(play: Play, path: str) -> None:
    """A mail that a batch made would pass the guard of recipients; a batch in a batch could hold one."""

    async def story(stage: Any) -> None:
        await stage.act("login")

        with pytest.raises(Refused, match="makes no mails"):
            await stage.act("egain.composite", {"requests": [{"method": "POST", "path": path, "json": {}}]})

        assert not any(e.url.endswith("/composite") for e in stage.parts["agent"].exchanges)

    play(VENDOR, story)


def test_a_batch_has_a_result_for_each_request(play: Play) -> None:
    """One that is missing is no success."""

    async def story(stage: Any) -> None:
        await arrived(stage)
        stage.simulator.lie("POST", "/ws/v12/composite", 201, ("application/json", b'{"resultObject":[{"httpStatus":200}]}'))
        reads = [{"method": "GET", "path": f"{A}/2801"}] * 2

        with pytest.raises(WireError, match="2 requests with 1 results"):
            await stage.act("egain.composite", {"requests": reads})

    play(LIAR, story)
