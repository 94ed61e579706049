"""
Sending twice is impossible by accident: at most one leaves whatever breaks, and the verdict says no more than is known.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from runner.errors import BadScenario, Refused, WireError
from runner.plugins.contract import Vendor
from runner.plugins.registry import Registry

REGISTRY = Registry.load()
VENDORS = {name: REGISTRY.vendor(name) for name in ("icws", "egain", "gws")}
SENT_BY = {"icws": "/email/send", "egain": "/activity/send", "gws": "/me/interactions/0"}
DRAFT = {"to": "kim@mail.example", "subject": "Hello", "text": "Hello Kim"}
SENDING = """\
scenario: Mail number NUMBER is sent
vendor: VENDOR
steps:
  - login: {as: agent}
  - create: {to: kim@mail.example, subject: Hello <NUMBER>, text: Hello Kim}
  - send
"""
CUTS = 67


@pytest.fixture(params=VENDORS.values(), ids=VENDORS)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Each of them."""
    found: Vendor = request.param
    return found


def test_a_lost_answer_is_in_doubt_and_then_settled(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """The record says first that nobody knows, then that the mail was found; it left once, by one request."""
    found = carry(vendor, SENDING, faults=["answer_lost:1@SEND"])
    assert (found.scenario.outcome, found.codes(), found.mails()) == ("passed", ["E702", "E716"], 1)
    assert found.asked("POST", SENT_BY[vendor.name]) == 1


def test_a_request_that_never_arrived_stays_in_doubt(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """Nothing shows that the mail left, and nothing that it will not: errored, in doubt, not sent again, and the exit code says so."""
    found = carry(vendor, SENDING, faults=["reset:1@SEND"])
    assert (found.scenario.outcome, found.scenario.in_doubt, found.mails()) == ("errored", True, 0)
    assert found.asked("POST", SENT_BY[vendor.name]) == 1
    assert found.result.exit_code != 0


def test_a_gateways_answer_to_a_send_is_in_doubt(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """502 and 504 come from between: the server behind may have sent the mail."""
    found = carry(vendor, SENDING, faults=["504:1@SEND"])
    assert (found.scenario.outcome, found.scenario.in_doubt, found.mails()) == ("errored", True, 0)
    assert found.asked("POST", SENT_BY[vendor.name]) == 1


def test_a_send_is_not_tried_again_by_a_word_in_the_file(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """`retry` beside a send is a mistake of the file, unless it says `even_if_sent`."""
    with pytest.raises(BadScenario, match="never tried again by itself"):
        carry(vendor, SENDING.replace("- send\n", "- send:\n    retry: {times: 3, every: 10ms}\n"))


def requests_of_a_send(vendor: Vendor, play: Callable[..., None]) -> list[str]:
    """The requests that a send makes when nothing breaks, each as a fault names it."""
    made: list[str] = []

    async def story(stage: Any) -> None:
        await stage.act("login")
        await stage.act("create", DRAFT)
        before = len(stage.parts["agent"].exchanges)
        await stage.act("send")
        made.extend(
            f"{e.method} {e.url.partition('?')[0].removeprefix(stage.serving.url)}" for e in stage.parts["agent"].exchanges[before:]
        )

    play(vendor, story)
    return list(dict.fromkeys(made))


async def said(stage: Any) -> str:
    """What a send says of its mail."""
    try:
        await stage.act("send")
    except WireError as exc:
        return "in doubt" if exc.maybe_sent else "not sent"
    except Refused:
        return "not sent"
    return "sent"


@pytest.mark.parametrize("fault", ["answer_lost", "reset", "cut"])
def test_each_request_of_a_send_may_break(vendor: Vendor, fault: str, play: Callable[..., None]) -> None:
    """Whichever of them loses its answer: one mail at most, asked for once at most, and what `send` says of it is true."""
    for asked in requests_of_a_send(vendor, play):

        async def story(stage: Any, asked: str = asked) -> None:
            await stage.act("login")
            await stage.act("create", DRAFT)
            stage.simulator.faults.add(f"{fault}:1@{asked.partition(' ')[0]} *{asked.partition(' ')[2]}")
            verdict = await said(stage)
            assert (verdict, len(stage.world.outbox)) in {("sent", 1), ("in doubt", 0), ("not sent", 0)}
            sends = [e for e in stage.parts["agent"].exchanges if e.method == "POST" and SENT_BY[vendor.name] in e.url]
            assert len(stage.world.outbox) <= len(sends) <= 1

        play(vendor, story)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_cut_connections(vendor: Vendor, seed: int, carry: Callable[..., Any]) -> None:
    """Whenever a connection is cut during a send: one mail at most for each, none sent again, and a verdict that agrees with the outbox."""
    chance = random.Random(seed)
    cuts = [f"{chance.choice(['reset', 'answer_lost', 'cut'])}:1@SEND" for _ in range(CUTS)]

    found = carry(vendor, *[SENDING.replace("NUMBER", str(n)) for n in range(CUTS)], faults=cuts, seed=seed)

    left = [found.mails(f"<{n}>") for n in range(CUTS)]
    assert max(left) <= 1
    assert found.asked("POST", SENT_BY[vendor.name]) == CUTS
    for each in found.result.scenarios:
        number = int(each.name.split()[2])
        assert (each.outcome, each.in_doubt, left[number]) in {("passed", False, 1), ("errored", True, 0)}, each.reason
