"""
A session that expires at any call of a scenario: one new login, marked in the record; the call that met it is done once; twice is the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.plugins.contract import Vendor
from runner.plugins.registry import Registry

REGISTRY = Registry.load()
VENDORS = {name: REGISTRY.vendor(name) for name in ("icws", "egain", "gws")}
LOGIN = {"icws": "/icws/connection?", "egain": "/user/login", "gws": "/me?subresources"}

# A word that asks the server something each time; so many of them that every expiry comes before the day is over.
LOOK = {"icws": "icws.get_attributes: {names: [Eic_State]}", "egain": "egain.users", "gws": "gws.interactions"}
LOOKS = 16
# The step that sends, at each vendor.
SENDS = {"icws": "25", "egain": "24", "gws": "25"}

ANSWERING = """\
scenario: An agent hears of a mail and answers it
vendor: VENDOR
steps:
  - login: {as: agent}
READY  - listen
  - receive: {from: kim@mail.example, to: help@shop.example, subject: Where is it, text: Order 77}
  - verify_status: {is: STANDS, within: 5s}
  - accept
LOOKS  - reply: {text: It is on its way}
  - attach: {file: note.txt}
  - send
  - verify_status: {is: sent, within: 5s}
  - logout
"""
SENDING = """\
scenario: A mail is sent
vendor: VENDOR
steps:
  - login: {as: agent}
  - create: {to: kim@mail.example, subject: Hello, text: Hello Kim}
  - send
  - verify_status: {is: sent, within: 5s}
"""
REFUSED = SENDING.replace("  - send\n", "  - send:\n    refused: unauthenticated\n  - send\n")


@pytest.fixture(params=VENDORS.values(), ids=VENDORS)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Each of them."""
    found: Vendor = request.param
    return found


def answering(vendor: Vendor) -> str:
    """The scenario as the vendor can do it."""
    text = ANSWERING.replace("READY", "" if vendor.name == "egain" else "  - ready\n")
    text = text.replace("STANDS", "queued" if vendor.name == "egain" else "invited")
    return text.replace("LOOKS", f"  - {LOOK[vendor.name]}\n" * LOOKS)


@pytest.mark.parametrize("calls", range(1, 21))
def test_a_session_that_expires_once_is_opened_once_more(vendor: Vendor, calls: int, carry: Callable[..., Any]) -> None:
    """After any number of calls: the scenario passes, one mail leaves, and the record says that somebody logged in again, once."""
    found = carry(vendor, answering(vendor), faults=[f"expire:{calls}"], files={"note.txt": "A note"})

    assert found.simulator.faults.told() == []
    assert (found.scenario.outcome, found.scenario.reason) == ("passed", "")
    assert (found.codes().count("E715"), found.mails()) == (1, 1)
    get = "GET" if vendor.name == "gws" else "POST"
    assert found.asked(get, LOGIN[vendor.name]) == 2


def test_a_call_that_met_the_expiry_is_done_once(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """Also the one that sends: 401 says that it was not carried out."""
    found = carry(vendor, SENDING, faults=["expire:0@SEND"])
    assert (found.scenario.outcome, found.codes(), found.mails()) == ("passed", ["E715"], 1)


def test_a_second_expiry_ends_the_scenario(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """It could not be carried out, for want of a session; nothing was sent."""
    found = carry(vendor, SENDING, faults=["expire:0@SEND", "expire:1@SEND"])
    assert (found.scenario.outcome, found.scenario.at_step, found.mails()) == ("errored", "3", 0)
    assert "unauthenticated" in found.scenario.reason
    assert found.codes() == ["E715"]


@pytest.mark.parametrize("calls", range(1, 5))
def test_a_second_expiry_at_the_send_ends_the_scenario_too(vendor: Vendor, calls: int, carry: Callable[..., Any]) -> None:
    """The one new login was for an earlier call; the step that meets the second is refused, and the mail does not leave."""
    found = carry(vendor, answering(vendor), faults=[f"expire:{calls}", "expire:0@SEND"], files={"note.txt": "A note"})

    assert (found.scenario.outcome, found.codes(), found.mails()) == ("errored", ["E715"], 0)
    assert "unauthenticated" in found.scenario.reason
    assert found.scenario.at_step == SENDS[vendor.name]
    get = "GET" if vendor.name == "gws" else "POST"
    assert found.asked(get, LOGIN[vendor.name]) == 2


def test_a_step_that_has_to_be_refused_sees_the_expiry(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """`refused: unauthenticated` is met, and the step after it logs in again."""
    found = carry(vendor, REFUSED, faults=["expire:0@SEND"])
    assert (found.scenario.outcome, found.codes(), found.mails()) == ("passed", ["E715"], 1)


def test_who_switches_it_off_meets_the_refusal(vendor: Vendor, play: Callable[..., None]) -> None:
    """`login_again: false` in the environment leaves the session expired."""

    async def story(stage: Any) -> None:
        await stage.act("login")
        stage.simulator.expire_sessions()
        with pytest.raises(Exception, match="unauthenticated"):
            await stage.observe("verify_status", {"is": "sent", "mail": "12345"}, until=bool)
        assert stage.parts["agent"].logins_again == 0

    play(vendor, story, options={"login_again": False})
