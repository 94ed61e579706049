"""The three kinds of sign-in, by our client and steps: user and password, an identity provider's token, a one-time token of a session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from runner.errors import EnvironmentUnusable, Refused
from runner.vendors.icws import VENDOR
from runner.vendors.icws.simulator.settings import IcwsSettings

DRAFT = {"to": "joe@example.com", "subject": "Hello", "text": "Hello"}


async def _as(stage: Any, **credentials: str) -> Any:
    part = await stage.part()
    part.actor = replace(part.actor, credentials=credentials)
    return part


def test_a_single_sign_on_token_needs_no_password(play: Callable[..., None]) -> None:
    """The request has the token under its own __type, and no password."""

    async def story(stage: Any) -> None:
        part = await _as(stage, user="agent1", single_sign_on_token="sso:agent1")
        output = await stage.act("login")
        assert output["user"] == "agent1"
        body = part.exchanges[0].request_body.decode()
        assert '"urn:inin.com:connection:singleSignOnTokenConnectionRequestSettings"' in body
        assert "password" not in body

    play(VENDOR, story)


def test_a_single_sign_on_token_that_is_not_known(play: Callable[..., None]) -> None:
    """Refused like a wrong password: 400 with the vendor's code."""

    async def story(stage: Any) -> None:
        await _as(stage, user="agent1", single_sign_on_token="sso:nobody")
        with pytest.raises(Refused) as caught:
            await stage.act("login")
        assert (caught.value.reason, caught.value.http) == ("unauthenticated", 400)
        assert caught.value.vendor_code == "error.request.connection.authenticationFailure"

    play(VENDOR, story)


def test_nobody_logs_in_without_a_name(play: Callable[..., None]) -> None:
    """The environment is at fault, and says what is missing."""

    async def story(stage: Any) -> None:
        await _as(stage)
        with pytest.raises(EnvironmentUnusable, match="user name"):
            await stage.act("login")

    play(VENDOR, story)


@pytest.mark.parametrize(("end_first", "sessions"), [(True, 1), (False, 2)])
def test_a_one_time_token_opens_another_session(end_first: bool, sessions: int, play: Callable[..., None]) -> None:
    """It takes the place of the first, with station and subscriptions; the server ends the first one if it is asked to."""

    async def story(stage: Any) -> None:
        first = await stage.act("login")
        await stage.act("ready")
        await stage.act("listen")
        then = await stage.act("icws.login_with_token", {"end_first": end_first})
        assert (then["user"], then["session"] != first["session"]) == ("agent1", True)
        assert len(list(stage.simulator.office.sessions)) == sessions
        await stage.act("receive", {"subject": "Where?"})
        assert (await stage.act("accept"))["status"] == "accepted"
        part = await stage.part()
        assert any(name == "one-time token" for name in part.learned)

    play(VENDOR, story)


def test_a_draft_goes_on_in_the_other_session(play: Callable[..., None]) -> None:
    """Addresses that the server gave to the first session are asked for in the second."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        await stage.act("attach", {"library": "Terms"})
        await stage.act("icws.login_with_token")
        assert (await stage.act("download", {"name": "terms.txt"}))["size"] > 0
        assert (await stage.act("send"))["status"] == "sent"

    play(VENDOR, story)


def test_a_session_out_of_a_token_is_opened_anew_as_the_first_was(play: Callable[..., None]) -> None:
    """A used token opens nothing; when the second session expires, the actor's own credentials do."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("icws.login_with_token")
        stage.simulator.expire_sessions()
        assert (await stage.act("create", DRAFT))["status"] == "draft"
        assert "logged in again" in (await stage.part()).logged

    play(VENDOR, story)


def test_a_token_that_the_server_does_not_know_is_refused(play: Callable[..., None]) -> None:
    """The neutral reason is unauthenticated, beside the vendor's code and text."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        with pytest.raises(Refused) as caught:
            await stage.act("icws.login_with_token")
        assert (caught.value.reason, caught.value.http) == ("unauthenticated", 400)
        assert caught.value.vendor_code == "error.request.connection.authenticationFailure"
        assert caught.value.text == "The authentication process failed."

    play(VENDOR, story, settings=IcwsSettings(unique_token_seconds=-1))
