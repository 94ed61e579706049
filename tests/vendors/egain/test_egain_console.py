"""
What only the Agent Console does, and what the API refuses because of it: categories, supervision, locks, pins, replies being written.

Then what else is no plain mail: calls that are tracked, notices of mail servers, sessions that travel as a cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from runner.errors import Refused, WireError
from runner.vendors.egain import VENDOR
from runner.vendors.egain.simulator.console import by_hand
from runner.vendors.egain.simulator.settings import EgainSettings

Wired = Callable[..., None]
Play = Callable[..., None]
A = "/ws/v12/interaction/activity"
LOGIN = "/ws/v12/authentication/user/login"
ATTRIBUTES = f"{A}/attributes?$attribute=language"
FIRST = 2801
# agent1 and agent2 of the wire
ME, OTHER = "agent1", "agent2"


def console(wire: Any, **done: Any) -> Any:
    """What somebody does to the first mail at the console."""
    return by_hand(wire.desk, msgspec.json.encode({"activity": FIRST} | done))


def ids(id: int = FIRST) -> dict[str, Any]:
    return {"activity": [{"id": id}]}


async def complete(wire: Any, id: int = FIRST) -> Any:
    told = (await wire.ask("GET", f"{A}/{id}")).json()["activity"][0]
    return await wire.ask("PUT", f"{A}/complete", {"activity": [{"id": id, "lastModified": {"date": told["lastModified"]["date"]}}]})


def of(wire: Any, id: int = FIRST) -> tuple[str, int | None]:
    activity = wire.desk.activities[id]
    return activity.status, activity.assigned


# ── completion ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "before", "after", "element"),
    [
        ({"forced_at_completion": ("category",)}, {}, {"category": "Delivery"}, "activity.category"),
        ({"forced_at_completion": ("category", "resolution")}, {"category": "x"}, {"resolution": "Refunded"}, "activity.resolution"),
        ({}, {"supervised": True}, {"supervised": False}, "under supervision"),
    ],
)
def test_what_the_console_must_settle_before_completion(
    wired: Wired, settings: dict[str, Any], before: dict[str, Any], after: dict[str, Any], element: str
) -> None:
    """A mail without its category or resolution code, or under supervision, stays open until that is settled."""

    async def story(wire: Any) -> None:
        await wire.ask("PUT", f"{A}/pull")
        console(wire, **before)

        refused = await complete(wire)

        assert (refused.http, element in refused.json()["developerMessage"]) == (400, True)
        assert of(wire)[0] == "assigned"
        console(wire, **after)
        assert (await complete(wire)).http == 200
        assert of(wire)[0] == "completed"

    wired(story, **settings)


# ── locks ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_somebody_else_has_locked_is_neither_picked_nor_masked(wired: Wired) -> None:
    """The lock of another user keeps a mail; one's own does not, and when it is gone nothing does."""

    async def story(wire: Any) -> None:
        console(wire, locked_by=OTHER)
        picked = await wire.ask("PUT", f"{A}/pick", ids())
        masked = await wire.ask("PUT", "/ws/v19/interaction/activity/mask", ids())
        assert [(one.http, "locked" in one.json()["developerMessage"]) for one in (picked, masked)] == [(400, True)] * 2
        assert of(wire) == ("awaiting_assignment", None)

        console(wire, locked_by=ME)
        assert (await wire.ask("PUT", "/ws/v19/interaction/activity/mask", ids())).http == 204
        console(wire, locked_by="")
        assert (await wire.ask("PUT", f"{A}/pick", ids())).http == 204

    wired(story)


def test_a_pinned_mail_is_taken_only_by_who_may_unpin(wired: Wired) -> None:
    """A pin asks for `unpin=yes`, and that for the action; afterwards the mail is pinned to nobody."""

    async def story(wire: Any) -> None:
        await wire.ask("PUT", f"{A}/pull")
        console(wire, pinned=True)
        await wire.login(OTHER)
        assert (await wire.ask("PUT", f"{A}/pick", ids())).http == 400
        assert (await wire.ask("PUT", f"{A}/pick?unpin=yes", ids())).http == 403
        await wire.login("supervisor1")
        assert (await wire.ask("PUT", f"{A}/pick?unpin=yes", ids())).http == 204
        assert wire.desk.activities[FIRST].pinned is False

    wired(story)


# ── replies that are being written ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_that_is_being_written_is_not_handled_by_itself(wired: Wired) -> None:
    """It is neither completed nor picked nor transferred, and pulled by nobody; it goes where its mail goes."""

    async def story(wire: Any) -> None:
        await wire.ask("PUT", f"{A}/pull")
        reply = console(wire, reply="Sorry")["reply"]

        refused = [
            await complete(wire, reply),
            await wire.ask("PUT", f"{A}/transfer?queue=2002", ids(reply)),
        ]
        assert [one.http for one in refused] == [400, 400]
        assert "draft reply" in refused[0].json()["developerMessage"]
        told = (await wire.ask("GET", f"{A}/{reply}")).json()["activity"][0]
        assert (told["type"]["subtype"]["value"], told["mode"]["value"]) == ("reply", "outbound")

        assert (await wire.ask("PUT", f"{A}/transfer?user=1011", ids())).http == 204
        assert of(wire, reply) == of(wire) == ("assigned", 1011)
        assert (await wire.ask("PUT", f"{A}/pick", ids(reply))).http == 400
        assert (await wire.ask("PUT", f"{A}/transfer?queue=2002", ids())).http == 204
        assert of(wire, reply) == of(wire) == ("awaiting_assignment", None)
        pulled = (await wire.ask("PUT", f"{A}/pull")).json()["activity"]
        assert [one["id"] for one in pulled] == [FIRST]
        assert (await wire.ask("PUT", f"{A}/pull")).http == 204

    wired(story)


def test_a_mail_changes_its_case_once_its_reply_is_completed(wired: Wired) -> None:
    """Until then it is refused; a reply that is sent from the console leaves for the customer."""

    async def story(wire: Any) -> None:
        await wire.ask("PUT", f"{A}/pull")
        console(wire, reply="Sorry")

        assert (await wire.ask("PUT", f"{A}/{FIRST}/changecase", {})).http == 400
        console(wire, send_reply=True)

        assert [(m.to, m.subject, m.text) for m in wire.world.outbox] == [(["kim@mail.example"], "Re: Where is it?", "Sorry")]
        assert (await wire.ask("PUT", f"{A}/{FIRST}/changecase", {})).http == 201
        with pytest.raises(ValueError, match="nobody is replying"):
            console(wire, send_reply=True)
        assert len(wire.world.outbox) == 1

    wired(story)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (b"no", "cannot be read"),
        (b'{"activity": 2801, "colour": "red"}', "cannot be read"),
        (b'{"activity": 9}', "there is no 9"),
        (b'{"activity": 2801, "locked_by": "nobody"}', "no user nobody"),
        (b'{"activity": 2801, "reply": "x"}', "only the agent who has"),
        (b'{"activity": 2801, "send_reply": true}', "nobody is replying"),
    ],
)
def test_what_the_console_cannot_do_changes_nothing(wired: Wired, asked: bytes, said: str) -> None:
    """A wrong word, activity or user is said, and the mail stays as it was."""

    async def story(wire: Any) -> None:
        with pytest.raises(ValueError, match=said):
            by_hand(wire.desk, asked)
        assert len(wire.desk.activities) == 1

    wired(story)


# ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def call(**change: Any) -> dict[str, Any]:
    told = {"department": {"name": "Service"}, "type": {"value": "call_track"}, "contactPointData": "+1 555 0100", "subject": "Refund"}
    return {name: value for name, value in (told | change).items() if value is not None}


def test_a_call_is_an_activity_of_its_agent(wired: Wired) -> None:
    """It is found by its type, has no mail in it, and can be neither completed, picked nor transferred as a mail."""

    async def story(wire: Any) -> None:
        place = (await wire.ask("POST", f"{A}?anonymousCustomer=yes", call())).header("Location")
        id = int(place.rpartition("/")[2])

        found = (await wire.ask("GET", f"{A}?type=call_track&status=open&$attribute=all")).json()["activity"]

        assert [(a["id"], a["mode"]["value"], a["contactPointData"], "payload" in a) for a in found] == [
            (id, "inbound", "+1 555 0100", False)
        ]
        assert of(wire, id) == ("assigned", 1010)
        assert found[0]["customer"]["customerName"] == "Anonymous"
        assert (await complete(wire, id)).http == 400
        assert (await wire.ask("PUT", f"{A}/transfer?user=1011", ids(id))).http == 400
        assert wire.world.outbox == []

    wired(story)


@pytest.mark.parametrize(
    ("change", "query", "http"),
    [
        ({}, "", 400),
        ({"customer": {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [{"firstName": "Nora"}]}}}, "", 201),
        ({"customer": {"type": {"value": "individual"}, "department": {"name": "Service"}}}, "", 400),
        ({"contactPointData": "kim@mail.example"}, "", 201),
        ({"contactPointData": None}, "?anonymousCustomer=yes", 400),
        ({"contactPointData": "1" * 256}, "?anonymousCustomer=yes", 400),
        ({}, "?anonymousCustomer=no", 400),
        ({"mode": {"value": "sideways"}}, "?anonymousCustomer=yes", 400),
        ({"department": {"name": "Legal"}}, "?anonymousCustomer=yes", 403),
        ({"case": {"id": 9}}, "?anonymousCustomer=yes", 400),
        ({"colour": "red"}, "?anonymousCustomer=yes", 400),
        ({"subject": "x" * 246}, "?anonymousCustomer=yes", 400),
    ],
)
def test_what_a_call_must_tell(wired: Wired, change: dict[str, Any], query: str, http: int) -> None:
    """Who was spoken with is known, told, or nobody knows; nothing is made of a call that is refused."""

    async def story(wire: Any) -> None:
        before = len(wire.desk.activities), len(wire.desk.customers), len(wire.desk.cases)

        assert (await wire.ask("POST", f"{A}{query}", call(**change))).http == http

        after = len(wire.desk.activities), len(wire.desk.customers), len(wire.desk.cases)
        assert (before == after) is (http != 201)

    wired(story)


def test_an_anonymous_customer_is_for_calls(wired: Wired, document: Any) -> None:
    """Of a mail the parameter is one that is not listed."""

    async def story(wire: Any) -> None:
        answer = await wire.ask("POST", f"{A}?anonymousCustomer=yes", document())
        assert (answer.http, answer.json()["code"]) == (400, "400-101")

    wired(story)


@pytest.mark.parametrize("format", ["json", "xml"])
@pytest.mark.parametrize("mode", ["inbound", "outbound"])
def test_a_tester_tracks_a_call(play: Play, format: str, mode: str) -> None:
    """The step tells of a call, which is in its agent's hands whoever called whom; the same call of a known customer joins their case."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        made = await stage.act("egain.track_call", {"contact": "+1 555 0100", "mode": mode, "subject": "Refund", "anonymous": True})
        again = await stage.act("egain.track_call", {"contact": "+1 555 0100", "case": made.native["case"]["id"], "priority": 2})

        assert (made.status, made.subject, made.native["mode"]["value"]) == ("accepted", "Refund", mode)
        assert again.native["customer"]["id"] == made.native["customer"]["id"]
        with pytest.raises(Refused, match="no customer has"):
            await stage.act("egain.track_call", {"contact": "+1 555 0199"})

    play(VENDOR, story, options={"format": format})


# ── mail that cannot be delivered ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("bounces", ["new_case", "same_case", "none"])
def test_a_mail_that_nobody_takes_comes_back_as_a_mail(wired: Wired, document: Any, bounces: str) -> None:
    """eGain told 201 and hears of it from the mail server, like of any customer's mail."""

    async def story(wire: Any) -> None:
        person = {"type": {"value": "individual"}, "contactPersons": {"contactPerson": [{"firstName": "Nora"}]}}
        to = {"payload": {"email": {"emailAddresses": {"to": {"address": ["nora@Undeliverable.example"]}}}}}

        sent = await wire.send(document(to, {"customer": person}))

        assert sent.http == 201
        mail = wire.desk.activities[int(sent.header("Location").rpartition("/")[2])]
        assert mail.sent is not None
        came = [a for a in wire.desk.activities.values() if a.subject == "Undeliverable: Your refund"]
        assert [(a.mode, a.from_, a.receiver, a.status) for a in came] == (
            [] if bounces == "none" else [("inbound", "mailer-daemon@shop.example", "care@shop.example", "awaiting_assignment")]
        )
        assert [a.case == mail.case for a in came] == ([] if bounces == "none" else [bounces == "same_case"])
        assert {a.case for a in wire.desk.activities.values()} == set(wire.desk.cases)

    wired(story, bounces=bounces)


# ── the console's cookie ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_in_a_cookie_needs_its_token_for_changes(wired: Wired) -> None:
    """Reading needs the cookie alone; a change without the token, or with another, is refused and nothing is changed."""

    async def story(wire: Any) -> None:
        answer = await wire.login()
        token, cookie = answer.header("X-egain-csrf"), answer.header("Set-Cookie")
        assert cookie == f"X-egain-session={answer.header('X-egain-session')}; Path=/system; HttpOnly"

        async def by_cookie(method: str, path: str, **headers: str) -> Any:
            return await wire.ask(method, path, session="", headers={"X-egain-csrf": headers.get("token", "")})

        read = await by_cookie("GET", ATTRIBUTES)
        assert (read.http, read.header("X-egain-session")) == (200, answer.header("X-egain-session"))
        assert [(await by_cookie("PUT", f"{A}/pull", token=t)).http for t in ("", "wrong")] == [403, 403]
        assert of(wire)[0] == "awaiting_assignment"
        assert (await by_cookie("PUT", f"{A}/pull", token=token)).http == 200

    wired(story, console_cookie=True)


@pytest.mark.parametrize("format", ["json", "xml"])
def test_our_client_travels_by_cookie(play: Play, format: str) -> None:
    """With `session_as: cookie` no request carries the header, a mail leaves, and an expired session is opened anew with a new token."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", {"to": "kim@mail.example", "subject": "Hello", "text": "Hi"})
        stage.simulator.expire_sessions()
        await stage.act("send")

        assert len(stage.world.outbox) == 1
        sent = [e.request_headers for part in stage.parts.values() for e in part.exchanges]
        assert not any("X-egain-session" in headers for headers in sent)
        assert len({headers["X-egain-csrf"] for headers in sent if "X-egain-csrf" in headers}) == 2

    settings = EgainSettings(console_cookie=True, csrf_on="all")
    play(VENDOR, story, settings=settings, options={"session_as": "cookie", "format": format})


def test_a_server_without_the_cookie_is_told(play: Play) -> None:
    """Where login gives no cookie and no token, the step says what is needed."""

    async def story(stage: Any) -> None:
        with pytest.raises(WireError, match="X-egain-csrf"):
            await stage.act("login")

    play(VENDOR, story, options={"session_as": "cookie"})
