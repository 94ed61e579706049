"""
Login, logout, and sessions: five for a user, the earliest ended by force, one answer for every kind of dead session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.simulation.world import default_password

Wired = Callable[..., None]
LOGIN = "/ws/v12/authentication/user/login"
LOGOUT = "/ws/v12/authentication/user/logout"
ANY = "/ws/v12/interaction/activity/attributes?$attribute=language"


def test_login_is_204_with_the_session_and_no_body(wired: Wired) -> None:
    """The session's id looks like a GUID and stands in a header."""

    async def story(wire: Any) -> None:
        answer = await wire.login()

        assert (answer.http, answer.body) == (204, b"")
        assert len(answer.header("X-egain-session")) == 36

    wired(story)


def test_login_in_xml_without_accept(wired: Wired) -> None:
    """The published XML works, from a client that sends no Accept at all."""

    async def story(wire: Any) -> None:
        body = (
            b'<login xmlns="http://bindings.egain.com/ws/model/v12/gen/platform">'
            b"<userName>agent1</userName><password>" + default_password("agent1").encode() + b"</password></login>"
        )

        answer = await wire.ask("POST", LOGIN, body=body, kind="application/xml", headers={"Accept": ""}, session="")

        assert answer.http == 204
        assert answer.header("Content-Type").startswith("application/xml")

    wired(story)


@pytest.mark.parametrize(
    ("body", "query", "http"),
    [
        ({"userName": "agent1", "password": "wrong"}, "", 401),
        ({"userName": "nobody", "password": "x"}, "", 401),
        ({"userName": "agent1"}, "", 400),
        ({"password": "x"}, "", 400),
        ({"username": "agent1", "password": default_password("agent1")}, "", 400),
        ({"userName": "AGENT1", "password": default_password("agent1")}, "", 204),
        ({"userName": "agent1", "password": default_password("agent1")}, "?forceLogin=yes", 204),
        ({"userName": "agent1", "password": default_password("agent1")}, "?forceLogin=Yes", 204),
        ({"userName": "agent1", "password": default_password("agent1")}, "?forceLogin=no", 400),
        ({"userName": "agent1", "password": default_password("agent1")}, "?force=yes", 400),
    ],
)
def test_login_answers(wired: Wired, body: dict[str, str], query: str, http: int) -> None:
    """Who is let in, and why not."""

    async def story(wire: Any) -> None:
        assert (await wire.ask("POST", LOGIN + query, body, session="")).http == http

    wired(story)


@pytest.mark.parametrize("kind", ["application/json", "application/xml"])
def test_login_and_logout_refuse_in_the_older_shape(wired: Wired, error_of: Any, kind: str) -> None:
    """Both answer with a message alone."""

    async def story(wire: Any) -> None:
        login = await wire.ask("POST", LOGIN, {"userName": "x", "password": "y"}, headers={"Accept": kind})
        logout = await wire.ask("DELETE", LOGOUT, session="dead", headers={"Accept": kind})

        for answer in (login, logout):
            assert answer.http == 401
            assert list(error_of(answer)) == ["message"]
        assert (kind == "application/xml") is (b"<Error" in login.body)

    wired(story)


def test_who_is_disabled_is_forbidden(wired: Wired) -> None:
    """The password is right, and that is not enough."""

    async def story(wire: Any) -> None:
        assert (await wire.login("special1")).http == 403
        assert wire.session == ""

    wired(story, rights={"email", "disabled"})


def test_the_sixth_session_needs_force(wired: Wired) -> None:
    """Five sessions a user; the sixth is refused, or with force ends the earliest one."""

    async def story(wire: Any) -> None:
        first = wire.session
        others = [(await wire.login()).header("X-egain-session") for _ in range(4)]

        refused = await wire.login()
        forced = await wire.login(query="?forceLogin=yes")

        assert (refused.http, forced.http) == (403, 204)
        assert [(await wire.ask("GET", ANY, session=s)).http for s in (first, *others)] == [401, 200, 200, 200, 200]
        assert (await wire.login("agent2")).http == 204

    wired(story)


def test_force_ends_nobody_while_there_is_room(wired: Wired) -> None:
    """It is no one-session rule."""

    async def story(wire: Any) -> None:
        first = wire.session
        await wire.login(query="?forceLogin=yes")

        assert (await wire.ask("GET", ANY, session=first)).http == 200

    wired(story)


def test_logout_ends_the_session_and_tells_its_id(wired: Wired) -> None:
    """204 with the ended id; it never works again."""

    async def story(wire: Any) -> None:
        ended = await wire.ask("DELETE", LOGOUT)
        again = await wire.ask("DELETE", LOGOUT)

        assert (ended.http, ended.header("X-egain-session")) == (204, wire.session)
        assert again.http == 401

    wired(story)


def test_each_call_keeps_a_session_alive(wired: Wired) -> None:
    """Time runs from the last call, not from login."""

    async def story(wire: Any) -> None:
        for _ in range(3):
            wire.world.clock.turn(20 * 60)
            assert (await wire.ask("GET", ANY)).http == 200
        wire.world.clock.turn(31 * 60)

        assert (await wire.ask("GET", ANY)).http == 401

    wired(story)


def test_too_many_requests_when_a_limit_is_set(wired: Wired) -> None:
    """The optional limit answers 429 with its figures."""

    async def story(wire: Any) -> None:
        answers = [await wire.ask("GET", ANY) for _ in range(3)]

        assert [a.http for a in answers] == [200, 200, 429]
        assert answers[-1].json()["code"] == "429-001"
        assert [answers[-1].header(f"X-RateLimit-{name}") for name in ("Limit", "Remaining", "Reset")] == ["2", "0", "60"]

    wired(story, requests_per_minute=2)


@pytest.mark.parametrize(
    ("method", "path", "http"),
    [
        ("GET", "/ws/v12/nowhere", 404),
        ("GET", "", 404),
        ("GET", LOGIN, 405),
        ("PATCH", "/ws/v12/interaction/activity", 405),
        ("GET", "/ws/v12/interaction/activity/2801/attachment/311/x", 404),
    ],
)
def test_paths_and_verbs(wired: Wired, error_of: Any, method: str, path: str, http: int) -> None:
    """Unknown paths and verbs are refused with an error document, before anything else is looked at."""

    async def story(wire: Any) -> None:
        answer = await wire.ask(method, path, session="")

        assert answer.http == http
        assert error_of(answer)["code"].startswith(str(http))
        assert (http == 405) is bool(answer.header("Allow"))

    wired(story)


def test_the_world_tells_what_no_path_does(wired: Wired) -> None:
    """Departments with their aliases and active queues, for whoever writes an environment; a closed queue is none to write down."""

    async def story(wire: Any) -> None:
        service = wire.simulator.described()["departments"][0]

        assert (service["name"], service["queues"]) == ("Service", {"Service mail": 2001, "Complaints": 2002})
        assert "care@shop.example" in service["aliases"]

    wired(story)


def test_reset_forgets_everything(wired: Wired) -> None:
    """After a reset nobody is logged in and no mail is there."""

    async def story(wire: Any) -> None:
        assert wire.simulator.reset()

        assert (await wire.ask("GET", ANY)).http == 401
        assert wire.simulator.described()["activities"] == []

    wired(story)
