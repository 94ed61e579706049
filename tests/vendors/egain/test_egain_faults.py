"""
Each fault at each door of eGain — login, send, read, the one-shot place of a file — with the outcome that it must have, in XML as in JSON.

``tests/vendors/test_faults_matrix.py`` asks the same of all vendors, more loosely.
"""

from __future__ import annotations

from typing import Any

import pytest

from runner.record.events import Exchanged
from runner.vendors.egain import VENDOR

STEPS = """\
scenario: A mail with a file
vendor: egain
steps:
  - login: {as: agent}
    timeout: LIMIT
  - egain.compose_and_send:
      {to: kim@mail.example, subject: Slip, text: See below., files: [a.txt], customer: {first_name: Kim}, format: FORMAT}
    timeout: LIMIT
  - verify_status: {is: sent, within: LIMIT}
  - verify_attachments: {are: [{name: a.txt, same_as: a.txt}], within: LIMIT}
cleanup:
  - logout
"""
DOORS = {"login": "POST */user/login", "send": "POST */activity/send", "read": "GET */activity/?*", "file": "GET */temp/*"}
AT = {"login": "1", "send": "2", "read": "3", "file": "4"}
SLOW = ["latency=5ms", "jitter=5ms", "drip=1ms"]
# an error that no look mends: fault → the outcome, and words of the reason
BROKEN = {
    "reset:1": ("errored", ""),
    "cut:1": ("errored", ""),
    "hang:1": ("errored", ""),
    "429:1": ("errored", "unavailable"),
    "500:1": ("failed", "server_error"),
    "502:1": ("errored", "unavailable"),
    "503:1": ("errored", "unavailable"),
}


def scenario(format: str, limit: str) -> str:
    """The mail in a *format*; no step may take longer than *limit*."""
    return STEPS.replace("FORMAT", format).replace("LIMIT", limit)


def limit(fault: str) -> str:
    """Only of what hangs one waits for the end."""
    return "3s" if fault.startswith("hang") else "30s"


def at(door: str, fault: str) -> str:
    """``429:1=Retry-After:0`` at a door."""
    kind, equals, parameter = fault.partition("=")
    return f"{kind}@{DOORS[door]}{equals}{parameter}"


def struck(found: Any, door: str) -> list[Exchanged]:
    """The requests that came to the door."""
    path = DOORS[door].partition(" ")[2].strip("*?")
    return [e for e in found.events if isinstance(e, Exchanged) and path in e.url and e.method == DOORS[door].partition(" ")[0]]


@pytest.mark.parametrize("format", ["json", "xml", "multipart"])
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("fault", [*SLOW, "expire:1"])
def test_what_does_no_harm(carry: Any, fault: str, door: str, format: str) -> None:
    """A slow answer is an answer, and a session that ends anywhere is opened once more: the mail leaves once, the file comes whole."""
    found = carry(VENDOR, scenario(format, "30s"), faults=[at(door, fault)], files={"a.txt": "hello"})
    assert (found.scenario.outcome, found.scenario.reason, found.mails()) == ("passed", "", 1)
    assert [e for e in struck(found, "send") if e.http == 201] == struck(found, "send")[-1:]


@pytest.mark.parametrize("door", ["login", "read", "file"])
@pytest.mark.parametrize("fault", BROKEN)
def test_what_ends_the_scenario_where_it_strikes(carry: Any, fault: str, door: str) -> None:
    """Only 500 is the product's failure; whatever else is the place's, and the step that met it says so."""
    outcome, reason = BROKEN[fault]
    found = carry(VENDOR, scenario("json", limit(fault)), faults=[at(door, fault)], files={"a.txt": "hello"})
    assert (found.scenario.outcome, found.scenario.at_step, found.mails()) == (outcome, AT[door], 0 if door == "login" else 1)
    assert reason in found.scenario.reason
    assert not found.scenario.in_doubt
    assert len(struck(found, door)) == 1


@pytest.mark.parametrize("format", ["json", "xml", "multipart"])
@pytest.mark.parametrize(
    ("fault", "outcome", "in_doubt", "mails"),
    [
        ("reset:1", "errored", True, 0),
        ("hang:1", "errored", True, 0),
        ("answer_lost:1", "passed", False, 1),
        ("cut:1", "passed", False, 1),
        ("429:1", "errored", False, 0),
        ("429:1=Retry-After:0", "errored", False, 0),
        ("500:1", "failed", False, 0),
        ("502:1", "errored", True, 0),
        ("503:1", "errored", False, 0),
    ],
)
def test_a_send_is_one_request_whatever_it_meets(carry: Any, fault: str, outcome: str, in_doubt: bool, mails: int, format: str) -> None:
    """What may have left is looked for and found, or in doubt; what was refused has not left. Nothing is sent again."""
    found = carry(VENDOR, scenario(format, limit(fault)), faults=[at("send", fault)], files={"a.txt": "hello"})
    assert (found.scenario.outcome, found.scenario.in_doubt, found.mails(), len(struck(found, "send"))) == (outcome, in_doubt, mails, 1)


@pytest.mark.parametrize("door", ["read", "file"])
def test_a_look_waits_as_long_as_it_is_asked_to(carry: Any, door: str) -> None:
    """429 with Retry-After on a look is no end; the place of a file still works, because nothing was fetched there."""
    found = carry(VENDOR, scenario("json", "30s"), faults=[at(door, "429:1=Retry-After:0")], files={"a.txt": "hello"})
    assert (found.scenario.outcome, found.mails()) == ("passed", 1)
    assert [e.http for e in struck(found, door)][:2] == [429, 200]
