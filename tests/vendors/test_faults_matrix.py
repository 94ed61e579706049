"""
Every vendor × every fault: a scenario that meets it ends within its limits, with the right class of outcome, and no mail leaves twice.

The scenario runs through the whole engine against the vendor's simulator with a fault switched on: where the mail leaves (SEND),
where it is read (READ), at every request, or at what is pushed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from msgspec.structs import replace

from runner import harness
from runner.clock import Duration
from runner.plugins.contract import StepContext, Vendor, Word
from runner.plugins.registry import Registry
from runner.plugins.vocabulary import Nothing
from runner.record.events import Exchanged, Logged
from runner.record.journal import read_journal
from runner.record.result import ScenarioResult
from runner.simulation.server import serving
from runner.simulation.world import World, default_people
from runner.vendors.general import VENDOR as GENERAL
from runner.vendors.icws.simulator.stock import FEATURES

VENDORS = ("icws", "egain", "gws")
# Where the mail leaves.
SEND = {"icws": "POST */email/send", "egain": "POST */activity/send", "gws": "POST */me/interactions/?*#Send"}
# Where a mail is read.
READ = {"icws": "GET */interactions/*", "egain": "GET */interaction/activity*", "gws": "GET */me/interactions*"}
# Where somebody logs in.
LOGIN = {"icws": "POST */icws/connection", "egain": "POST */user/login", "gws": "GET */me"}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "gws": {"delay": (Duration(milliseconds=1), Duration(milliseconds=2)), "connect_timeout": Duration(milliseconds=200)},
}
# The six forms of Retry-After; ~ stands for a space, {soon} for a date that comes in a second.
RETRY_AFTER = {
    "seconds": "=Retry-After:1",
    "zero": "=Retry-After:0",
    "date": "=Retry-After:{soon}",
    "past date": "=Retry-After:Sun,~06~Nov~1994~08:49:37~GMT",
    "missing": "",
    "unreadable": "=Retry-After:soon",
}

SENDING = """\
scenario: A mail is sent
vendor: {vendor}
steps:
  - login: {{as: agent}}
  - create: {{to: kim@mail.example, subject: Hello, text: Hello Kim}}
  - send: {{}}
    timeout: {limit}
  - verify_status: {{is: sent, within: 5s}}
    timeout: 6s
cleanup:
  - logout
"""
HEARING = """\
scenario: An agent hears of a mail and answers it
vendor: {vendor}
steps:
  - login: {{as: agent}}
{ready}
  - listen: {{}}
    timeout: 2s
  - receive: {{from: kim@mail.example, to: help@shop.example, subject: Where is it, text: Order 77}}
{invited}
  - accept
  - reply: {{text: It is on its way}}
  - send
  - verify_status: {{is: sent, within: 3s}}
cleanup:
  - logout
"""


@dataclass(frozen=True)
class Ran:
    """What came of it: the scenario's result, what was logged, the requests that went out, the mails that left, the faults left over."""

    scenario: ScenarioResult
    logged: list[str]
    exchanges: list[Exchanged]
    mails: int
    left_over: list[dict[str, Any]]

    def sends(self, vendor: str) -> list[Exchanged]:
        """The requests that asked for the mail to be sent."""
        words = {"icws": "/email/send", "egain": "/activity/send", "gws": '"Send"'}[vendor]
        return [e for e in self.exchanges if e.method == "POST" and (words in e.url or words in e.request_body)]


def ran(vendor: str, text: str, faults: str, folder: Path, **settings: Any) -> Ran:
    """Run a scenario with faults switched on; several are parted by spaces."""
    return asyncio.run(carried_out(vendor, text, faults, folder, **settings))


async def carried_out(vendor: str, text: str, faults: str, folder: Path, *, later: str = "", **settings: Any) -> Ran:
    """The same inside an event loop; the step ``VENDOR.fault`` switches on what comes *later*."""
    declared: Vendor = import_module(f"runner.vendors.{vendor}").VENDOR
    made: list[Any] = []

    def simulate(world: Any, given: msgspec.Struct) -> Any:
        assert declared.simulate is not None
        simulator = declared.simulate(world, declared.settings(**{**SETTINGS.get(vendor, {}), **settings}))
        soon = format_datetime(world.clock.now() + timedelta(seconds=1), usegmt=True)
        for fault in faults.split():
            written = fault.replace("SEND", SEND[vendor]).replace("READ", READ[vendor]).replace("LOGIN", LOGIN[vendor]).replace("~", " ")
            simulator.faults.add(written.replace("{soon}", soon))
        made.append(simulator)
        return simulator

    async def fault(context: StepContext[Any], parameters: Nothing) -> Nothing:
        made[0].faults.add(later)
        return parameters

    word = Word(name=f"{vendor}.fault", title="Fault", description="Later.", example=f"- {vendor}.fault", parameters=Nothing)
    path = folder / "scenarios" / "one.scenario.yaml"
    path.parent.mkdir(exist_ok=True)
    # eGain has no ready agents: its mails wait in a queue until somebody pulls them
    ready, invited = ("", "") if vendor == "egain" else ("  - ready", "  - verify_status: {is: invited, within: 3s}")
    path.write_text(
        text.replace("{ready}", ready).replace("{invited}", invited).replace("{vendor}", vendor).replace("{{", "{").replace("}}", "}"),
        encoding="utf-8",
    )
    request = harness.Request(paths=(str(path),), reports=folder / "reports", seed=7, start=folder)
    tried = replace(declared, simulate=simulate, steps=(*declared.steps, word.step(fault)))
    result = await harness.run(request, vendors=Registry.of(tried, GENERAL))
    assert result.folder is not None
    events = list(read_journal(result.folder))
    logged = [e.message for e in events if isinstance(e, Logged)]
    return Ran(
        result.scenarios[0], logged, [e for e in events if isinstance(e, Exchanged)], len(made[0].world.outbox), made[0].faults.told()
    )


def sending(limit: str = "20s") -> str:
    return SENDING.replace("{limit}", limit)


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    """Each of them."""
    return str(request.param)


@pytest.mark.parametrize("fault", ["latency=20ms", "jitter=20ms", "drip@SEND=1ms", "drip@READ=1ms", "latency=5ms jitter=5ms"])
def test_slowness_does_no_harm(vendor: str, fault: str, tmp_path: Path) -> None:
    """An answer that comes late, or byte by byte, is an answer."""
    found = ran(vendor, sending(), fault, tmp_path)
    assert (found.scenario.outcome, found.mails, len(found.sends(vendor))) == ("passed", 1, 1)


@pytest.mark.parametrize(
    ("fault", "limit"), [("reset:1@SEND", "20s"), ("answer_lost:1@SEND", "20s"), ("cut:1@SEND", "20s"), ("hang:1@SEND", "1s")]
)
def test_a_send_without_an_answer_is_never_repeated(vendor: str, fault: str, limit: str, tmp_path: Path) -> None:
    """It is in doubt, or settled by looking: the scenario passes only when the mail really left."""
    found = ran(vendor, sending(limit), fault, tmp_path)
    assert len(found.sends(vendor)) == 1
    settled = found.scenario.outcome == "passed" and found.mails == 1
    in_doubt = found.scenario.outcome == "errored" and found.scenario.in_doubt
    assert settled or in_doubt, found.scenario.reason


@pytest.mark.parametrize("form", RETRY_AFTER)
def test_a_send_that_meets_429(vendor: str, form: str, tmp_path: Path) -> None:
    """The place is at fault, not the product; the mail did not leave and is not sent again, and the record says what the server asked."""
    found = ran(vendor, sending(), f"429:1@SEND{RETRY_AFTER[form]}", tmp_path)
    assert (found.scenario.outcome, found.scenario.in_doubt, found.mails, len(found.sends(vendor))) == ("errored", False, 0, 1)
    assert "unavailable" in found.scenario.reason
    assert any("takes no more requests now (429)" in line for line in found.logged)


@pytest.mark.parametrize("form", RETRY_AFTER)
def test_a_look_that_meets_429(vendor: str, form: str, tmp_path: Path) -> None:
    """Looking does no harm, so it waits and looks again when the server says for how long; otherwise the place is at fault."""
    found = ran(vendor, sending(), f"429:1@READ{RETRY_AFTER[form]}", tmp_path)
    told = form not in {"missing", "unreadable"}
    assert any(("asking again in" if told else "does not say for how long") in line for line in found.logged)
    assert found.scenario.outcome == "passed" if told else found.scenario.outcome in {"passed", "errored"}
    assert found.mails <= 1 == len(found.sends(vendor)) or not told


@pytest.mark.parametrize(
    ("fault", "outcome"), [("500:1@SEND", "failed"), ("502:1@SEND", "errored"), ("503:1@SEND", "errored"), ("504:1@SEND", "errored")]
)
def test_a_server_that_fails(vendor: str, fault: str, outcome: str, tmp_path: Path) -> None:
    """500 is the product's failure; a gateway's page and "not available now" are the place's. Nothing is sent twice."""
    found = ran(vendor, sending(), fault, tmp_path)
    assert (found.scenario.outcome, found.mails, len(found.sends(vendor))) == (outcome, 0, 1)


@pytest.mark.parametrize("fault", ["reset:1@READ", "cut:1@READ", "502:1@READ", "503:1@READ", "hang:1@READ"])
def test_a_look_that_fails(vendor: str, fault: str, tmp_path: Path) -> None:
    """The scenario passes or could not be carried out; it never says that the product failed."""
    found = ran(vendor, sending("2s").replace("as: agent}}", "as: agent}}\n    timeout: 2s"), fault, tmp_path)
    assert found.scenario.outcome in {"passed", "errored"}, found.scenario.reason
    assert found.mails <= 1


@pytest.mark.parametrize("calls", range(1, 21))
def test_a_session_that_expires(vendor: str, calls: int, tmp_path: Path) -> None:
    """After any number of calls: the scenario passes or could not be carried out, one mail leaves at most, with one new login at most."""
    found = ran(vendor, HEARING, f"expire:{calls}", tmp_path)
    assert found.scenario.outcome in {"passed", "errored"}, found.scenario.reason
    assert found.mails <= 1
    assert sum("logged in again" in line for line in found.logged) <= 1


@pytest.mark.parametrize("calls", [2, 4, 7, 10])
def test_a_server_that_restarts(vendor: str, calls: int, tmp_path: Path) -> None:
    """Connections and sessions are gone, and nobody answers for a while: no product failure, and no mail twice."""
    found = ran(vendor, HEARING, f"restart:{calls}=100ms", tmp_path)
    assert found.scenario.outcome in {"passed", "errored"}, found.scenario.reason
    assert found.mails <= 1


@pytest.mark.parametrize("fault", ["", "late=100ms", "lost:1", "duplicate", "reorder=50ms", "duplicate reorder=50ms late=20ms"])
def test_notifications_that_misbehave(vendor: str, fault: str, tmp_path: Path) -> None:
    """Late, lost, doubled or overtaking one another: what is true in the end decides."""
    found = ran(vendor, HEARING, fault, tmp_path)
    assert (found.scenario.outcome, found.mails) == ("passed", 1), found.scenario.reason


@pytest.mark.parametrize(("vendor", "outcome"), [("icws", "errored"), ("egain", "passed"), ("gws", "passed")], indirect=["vendor"])
def test_notifications_that_never_come(vendor: str, outcome: str, tmp_path: Path) -> None:
    """eGain has none and GWS can be asked; ICWS tells what stands in a queue by nothing else, so `listen` says that it heard nothing."""
    found = ran(vendor, HEARING, "lost", tmp_path)
    assert found.scenario.outcome == outcome
    assert outcome == "passed" or (found.scenario.at_step, found.mails) == ("3", 0)


def test_icws_takes_the_other_host(tmp_path: Path) -> None:
    """A server that takes no logins names another (503 with alternateHostList); the whole scenario runs there."""

    async def go() -> tuple[Ran, int]:
        from runner.vendors.icws.simulator.app import IcwsSimulator

        other = IcwsSimulator(World(default_people(), seed=8))
        async with serving(other) as served:
            host = urlsplit(served.url).netloc
            found = await carried_out("icws", sending(), "", tmp_path, accepting=False, alternate_hosts=(host,))
            return found, len(other.world.outbox)

    found, elsewhere = asyncio.run(go())
    assert (found.scenario.outcome, found.mails, elsewhere) == ("passed", 0, 1)
    assert any("the server takes no logins; trying" in line for line in found.logged)


def test_icws_without_another_host(tmp_path: Path) -> None:
    """When nobody takes logins the place cannot be used, and every host was asked once."""
    found = ran("icws", sending(), "", tmp_path, accepting=False)
    assert (found.scenario.outcome, found.scenario.at_step) == ("errored", "1")
    assert len([e for e in found.exchanges if e.url.endswith("/icws/connection?include=features,version")]) == 1


@pytest.mark.parametrize("calls", [2, 4, 6, 8, 10, 12, 15])
def test_gws_forgets_who_listens(calls: int, tmp_path: Path) -> None:
    """After any number of calls CometD says 402: the scenario goes on in a new session, and logs in to nothing else."""
    found = ran("gws", HEARING, f"forget:{calls}", tmp_path)
    assert (found.scenario.outcome, found.mails, len(found.sends("gws"))) == ("passed", 1, 1), found.scenario.reason
    assert len([e for e in found.exchanges if "subresources" in e.url and "Authorization" in str(e.request_headers)]) == 1


@pytest.mark.parametrize("fault", ["reset:2", "answer_lost:2", "cut:2", "502:2", "503:2", "429:2=Retry-After:1", "drip:3=1ms", "hang:1"])
def test_gws_connects_that_break(fault: str, tmp_path: Path) -> None:
    """A held connect that is cut, refused or never answered costs nothing but a look: one mail leaves."""
    kind, _, parameter = fault.partition("=")
    after_login = HEARING.replace("  - listen: {{}}\n", "  - gws.fault: {{}}\n  - listen: {{}}\n")
    found = ran("gws", after_login, "", tmp_path, later=f"{kind}@POST */notifications" + (f"={parameter}" if parameter else ""))
    assert all(left["left"] < int(kind.partition(":")[2]) for left in found.left_over)
    assert (found.scenario.outcome, found.mails, len(found.sends("gws"))) == ("passed", 1, 1), found.scenario.reason


def test_gws_says_yes_and_fails_afterwards(tmp_path: Path) -> None:
    """The late error is what comes of the mail: the scenario fails at the look, with the server's words, and nothing left."""
    found = ran("gws", sending().replace("send: {{}}", "send: {{queue: Failing-email}}"), "", tmp_path)
    assert (found.scenario.outcome, found.scenario.at_step, found.mails) == ("failed", "4", 0)
    assert "failed" in found.scenario.reason


@pytest.mark.parametrize(("down", "outcome"), [(("email",), "failed"), (("voice",), "passed")])
def test_gws_cannot_start_every_channel(down: tuple[str, ...], outcome: str, tmp_path: Path) -> None:
    """Code 7 for a channel that nobody needs is news; that e-mail cannot be started is the login's refusal, with the server's words."""
    starting = sending().replace("  - create:", "  - gws.start_channels: [email, voice]\n  - create:")
    found = ran("gws", starting, "", tmp_path, down_channels=down)
    assert (found.scenario.outcome, found.mails) == (outcome, int(outcome == "passed"))
    assert outcome == "passed" or (found.scenario.at_step, "Interaction Server is not available" in found.scenario.reason) == ("1", True)


FORGETFUL = "scenario: It\nvendor: {vendor}\nsteps:\n  - login: {{as: agent}}\n  - {vendor}.fault\n"


@pytest.mark.parametrize("fault", ["500", "reset", "503"])
def test_a_session_that_could_not_be_closed_is_told(vendor: str, fault: str, tmp_path: Path) -> None:
    """Nobody logs out in the file, and the server does not end the session at the end either: not green, and told whose stays open."""
    found = asyncio.run(carried_out(vendor, FORGETFUL, "", tmp_path, later=fault))
    assert (found.scenario.outcome, found.scenario.code, found.scenario.cause) == ("errored", "E708", "environment")
    assert found.scenario.left_open == (f"agent at {vendor}",)


def test_a_session_that_is_gone_already_is_as_good_as_closed(vendor: str, tmp_path: Path) -> None:
    """The server ended it first."""
    found = asyncio.run(carried_out(vendor, FORGETFUL, "", tmp_path, later="expire"))
    assert (found.scenario.outcome, found.scenario.left_open) == ("passed", ())


LOGGING_IN = "scenario: It\nvendor: {vendor}\nsteps:\n  - login: {{as: agent}}\n    timeout: 1s\n{retry}"
RETRY = "    retry: {{times: 1, every: 10ms}}\n"
MAY_BE_OPEN = "its session may be open there, and nobody can close it"


@pytest.mark.parametrize("fault", ["answer_lost:1@LOGIN", "cut:1@LOGIN", "hang:1@LOGIN", "504:1@LOGIN"])
def test_a_login_without_an_answer_may_have_left_a_session(vendor: str, fault: str, tmp_path: Path) -> None:
    """Nobody knows the session that the server may have opened, so nobody can close it: the scenario is errored, and told whose it is."""
    found = ran(vendor, LOGGING_IN.replace("{retry}", ""), fault, tmp_path)
    assert (found.scenario.outcome, found.scenario.left_open) == ("errored", (f"agent at {vendor}",))
    assert any(MAY_BE_OPEN in line for line in found.logged)


def test_a_login_that_is_tried_again_may_have_left_a_session(vendor: str, tmp_path: Path) -> None:
    """The second login is answered and logged out; the first one's session is named all the same, and the scenario is flaky at best."""
    found = ran(vendor, LOGGING_IN.replace("{retry}", RETRY), "answer_lost:1@LOGIN", tmp_path)
    if found.scenario.outcome == "passed":
        assert found.scenario.flaky
    assert found.scenario.left_open == (f"agent at {vendor}",)


@pytest.mark.parametrize("fault", ["403:1@LOGIN", "503:1@LOGIN"])
def test_a_login_that_was_answered_with_no_leaves_nothing(vendor: str, fault: str, tmp_path: Path) -> None:
    """A no is an answer: there is no session."""
    found = ran(vendor, LOGGING_IN.replace("{retry}", ""), fault, tmp_path)
    assert found.scenario.outcome in {"failed", "errored"}
    assert found.scenario.left_open == ()


@pytest.mark.parametrize("fault", ["500:1@POST */me", "answer_lost:1@POST */me", "reset:1@POST */notifications*"])
def test_gws_takes_back_a_login_that_breaks_off(fault: str, tmp_path: Path) -> None:
    """The cookie was given and the agent's work could not be started: it is ended at once, and no session stays open."""
    found = ran("gws", LOGGING_IN.replace("{retry}", ""), fault.replace(" ", "~"), tmp_path)
    assert (found.scenario.outcome in {"failed", "errored"}, found.scenario.left_open) == (True, ())
    assert "EndContactCenterSession" in found.exchanges[-1].request_body
    assert found.exchanges[-1].http == 200


@pytest.mark.parametrize("how", ["unauthenticated", "{reason: unauthenticated, message: {contains: logged}}"])
def test_what_was_never_sent_was_never_refused(how: str, tmp_path: Path) -> None:
    """After the logout ICWS's client has no session to ask with: that is no proof of what the server would say."""
    text = "scenario: It\nvendor: icws\nsteps:\n  - login: {as: agent}\n  - logout\n  - ready:\n    refused: HOW\n".replace("HOW", how)
    found = ran("icws", text.replace("{", "{{").replace("}", "}}"), "", tmp_path)
    assert (found.scenario.outcome, found.scenario.code, found.scenario.at_step) == ("failed", "F202", "3")
    assert "nothing was sent" in found.scenario.reason


QUIET = """\
scenario: Nothing comes
vendor: {vendor}
steps:
  - login: {{as: agent}}
  - listen
  - {vendor}.fault
  - expect_event: {{status: completed, absent: true, within: 200ms}}
    timeout: 1s
"""
# How news comes → who tells it, the requests that it comes by, and the simulator's settings.
CHANNELS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "short poll": ("icws", "GET */messaging/messages", {"features": FEATURES | {"messaging": 1}}),
    "stream": ("icws", "PUT */messaging/subscriptions/*", {"ping_seconds": 60}),
    "long poll": ("gws", "POST */notifications*", {}),
    "looking": ("egain", "GET */interaction/*", {}),
}


@pytest.mark.parametrize(
    ("fault", "channel"),
    [
        *itertools.product(["hang@{}", "reset@{}", "503@{}", "answer_lost@{}"], CHANNELS),
        # elsewhere the answer that proves the silence has no body that could drip
        *itertools.product(["drip@{}=1s"], ["short poll", "long poll"]),
    ],
)
def test_silence_of_a_deaf_ear_is_no_absence(fault: str, channel: str, tmp_path: Path) -> None:
    """That nothing came is only worth something when something could have come: what news comes by is dead, so nobody knows."""
    vendor, requests, settings = CHANNELS[channel]
    found = asyncio.run(carried_out(vendor, QUIET, "", tmp_path, later=fault.format(requests), **settings))
    assert (found.scenario.outcome, found.scenario.at_step) == ("errored", "4"), found.scenario.reason


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_hanging_channel_is_told_as_a_silence_that_proves_nothing(channel: str, tmp_path: Path) -> None:
    """The report names who was silent, and has a code of its own."""
    vendor, requests, settings = CHANNELS[channel]
    found = asyncio.run(carried_out(vendor, QUIET, "", tmp_path, later=f"hang@{requests}", **settings))
    assert (found.scenario.code, found.scenario.reason) == (
        "E718",
        f"nobody can say that nothing came: nothing was heard from {vendor} at the end of the 0.2 s, nor within 1 s after",
    )


def test_a_held_connect_that_hangs_is_no_absence_though_the_server_answers(tmp_path: Path) -> None:
    """The connect beside it is answered at once, and what may have been written into the dead one is not known."""
    story = QUIET.replace("200ms", "1s").replace("timeout: 1s", "timeout: 2s")
    # the connect that is held now ends after 200 ms, the next one hangs
    found = asyncio.run(carried_out("gws", story, "", tmp_path, later="hang:1@POST */notifications*"))
    assert (found.scenario.outcome, found.scenario.code) == ("errored", "E718"), found.scenario.reason


def test_silence_of_a_broken_wire_is_no_absence(vendor: str, tmp_path: Path) -> None:
    """Every request is cut once somebody listens, also where a stream was open before."""
    found = asyncio.run(carried_out(vendor, QUIET, "", tmp_path, later="reset"))
    assert (found.scenario.outcome, found.scenario.at_step) == ("errored", "4"), found.scenario.reason


@pytest.mark.parametrize("channel", CHANNELS)
def test_silence_that_could_be_broken_is_an_absence(channel: str, tmp_path: Path) -> None:
    """Everything works, and nothing comes; a held connect or a quiet stream is no reason to doubt."""
    vendor, _, settings = CHANNELS[channel]
    found = asyncio.run(carried_out(vendor, QUIET, "", tmp_path, later="latency=1ms", **settings))
    assert (found.scenario.outcome, found.scenario.reason) == ("passed", "")


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_comes_with_the_last_answer_counts(channel: str, tmp_path: Path) -> None:
    """The news waits at the server until the proof is asked for: the step says that it came."""
    vendor, _, settings = CHANNELS[channel]
    story = """\
scenario: A draft is begun while nobody looks
vendor: {vendor}
steps:
  - login: {{as: agent}}
  - listen
  - create: {{to: kim@mail.example, subject: Hello, text: Hello Kim}}
  - expect_event: {{status: draft, absent: true, any_order: true, within: 1ms}}
"""
    found = asyncio.run(carried_out(vendor, story, "", tmp_path, **settings))
    assert (found.scenario.outcome, found.scenario.code, found.scenario.at_step) == ("failed", "F204", "4"), found.scenario.reason


@pytest.mark.parametrize("channel", ["short poll", "long poll"])
def test_what_may_have_been_lost_is_not_absent(channel: str, tmp_path: Path) -> None:
    """One answer is lost while somebody listens, and all goes well again: what it held is not known."""
    vendor, requests, settings = CHANNELS[channel]
    story = QUIET.replace("200ms", "1s").replace("timeout: 1s", "timeout: 5s")
    settings = {**settings, "acknowledge": False} if vendor == "gws" else settings
    found = asyncio.run(carried_out(vendor, story, "", tmp_path, later=f"answer_lost:1@{requests}", **settings))
    assert (found.scenario.outcome, found.scenario.code) == ("errored", "E718"), found.scenario.reason


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_silence_leaves_nothing_behind(channel: str, tmp_path: Path) -> None:
    """What was asked to prove it is no news for the steps after it, and news goes on coming."""
    vendor, _, settings = CHANNELS[channel]
    story = """\
scenario: Quiet, and then not
vendor: {vendor}
steps:
  - login: {{as: agent}}
  - listen
  - expect_event: {{status: draft, absent: true, within: 50ms}}
  - expect_event: {{status: draft, absent: true, any_order: true, within: 50ms}}
  - create: {{to: kim@mail.example, subject: Hello, text: Hello Kim}}
  - expect_event: {{status: draft, within: 3s}}
"""
    found = asyncio.run(carried_out(vendor, story, "", tmp_path, **settings))
    assert (found.scenario.outcome, found.scenario.reason) == ("passed", "")
