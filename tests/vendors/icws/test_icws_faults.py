"""ICWS: every fault at every place of a day's work ends in the right outcome with its neutral reason, within the step's time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vendors.test_faults_matrix import RETRY_AFTER, Ran, ran

DAY = """\
scenario: An agent's day
vendor: icws
steps:
  - login: {as: agent}
    timeout: 2s
  - ready: {}
    timeout: 2s
  - receive: {from: kim@mail.example, to: help@shop.example, subject: Where is it, text: Order 77}
  - accept: {}
    timeout: 3s
  - reply: {text: It is on its way}
    timeout: 3s
  - attach: {library: Price list}
    timeout: 3s
  - attach: {file: a.txt}
    timeout: 3s
  - icws.send_recording: {to: qa@example.com}
    timeout: 2s
  - send: {}
    timeout: 2s
  - verify_status: {is: sent, within: 3s}
  - complete
cleanup:
  - logout
"""
# place → the requests that do it, and the number of its step
PLACES = {
    "login": ("POST */icws/connection", "1"),
    "station": ("PUT */connection/station", "2"),
    "status": ("PUT */status/user-statuses/*", "2"),
    "pickup": ("POST */pickup", "4"),
    "create": ("POST */interactions", "5"),
    "library": ("GET */response-management/libraries/*", "6"),
    "insert": ("POST */response-management/insert", "6"),
    "announce": ("POST */file/upload", "7"),
    "transfer": ("PUT */upload/*", "7"),
    "recording": ("PUT */send-as-email", "8"),
    "send": ("POST */email/send", "9"),
}
# fault → the outcome, and a word of the reason that a tester reads
MEETS = {
    "500": ("failed", "server_error"),
    "502": ("errored", "unavailable"),
    "503": ("errored", "unavailable"),
    "504": ("errored", "unavailable"),
    "429": ("errored", "unavailable"),
}


def day(faults: str, folder: Path) -> Ran:
    """Run it, with a file to attach."""
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "a.txt").write_text("a", encoding="utf-8")
    return ran("icws", DAY, faults.replace(" ", "~"), folder)


@pytest.mark.parametrize("fault", MEETS)
@pytest.mark.parametrize("place", PLACES)
def test_a_refusal_ends_the_scenario_where_it_happened(place: str, fault: str, tmp_path: Path) -> None:
    """500 is the product's failure, the others are the place's; the step is named, and nothing is sent after it."""
    requests, step = PLACES[place]
    found = day(f"{fault}@{requests}", tmp_path)
    outcome, reason = MEETS[fault]
    # what a gateway says does not tell whether the mail was sent
    in_doubt = place in {"recording", "send"} and fault in {"502", "504"}
    assert (found.scenario.outcome, found.scenario.at_step, found.scenario.in_doubt) == (outcome, step, in_doubt), found.scenario.reason
    assert reason in found.scenario.reason


@pytest.mark.parametrize("fault", ["reset", "cut", "hang", "answer_lost"])
@pytest.mark.parametrize("place", PLACES)
def test_silence_ends_the_scenario_where_it_happened(place: str, fault: str, tmp_path: Path) -> None:
    """No answer, or half of one: the step ends within its time and is not taken for the product's failure; what it did is done once."""
    requests, step = PLACES[place]
    found = day(f"{fault}@{requests}", tmp_path)
    settled = found.scenario.outcome == "passed" and fault in {"answer_lost", "cut"}
    assert settled or (found.scenario.outcome, found.scenario.at_step) == ("errored", step), found.scenario.reason
    assert found.mails <= 2


@pytest.mark.parametrize("form", RETRY_AFTER)
@pytest.mark.parametrize("place", ["library", "status"])
def test_a_look_waits_for_429(place: str, form: str, tmp_path: Path) -> None:
    """A look is repeated after the time that the server asks for; what changes something is not."""
    requests = PLACES["library"][0] if place == "library" else "GET */status/user-statuses/*"
    found = day(f"429:1@{requests}{RETRY_AFTER[form]}", tmp_path)
    told = form not in {"missing", "unreadable"}
    assert found.scenario.outcome == ("passed" if told else "errored"), found.scenario.reason


@pytest.mark.parametrize("fault", ["500:1", "502:1", "503:1", "429:1", "reset:1", "cut:1"])
def test_a_message_stream_that_fails_once_is_opened_again(fault: str, tmp_path: Path) -> None:
    """One bad answer of the message queue costs nothing but a moment: the answer and the recording leave."""
    found = day(f"{fault}@GET */messaging/messages", tmp_path)
    assert (found.scenario.outcome, found.mails) == ("passed", 2), found.scenario.reason


@pytest.mark.parametrize("fault", ["500", "502", "reset", "hang"])
def test_a_message_queue_that_never_answers_is_said(fault: str, tmp_path: Path) -> None:
    """Without messages no offer is heard: the step that waits for one ends within its time, errored, and no mail leaves."""
    found = day(f"{fault}@GET */messaging/messages", tmp_path)
    assert (found.scenario.outcome, found.scenario.at_step, found.mails) == ("errored", "4", 0), found.scenario.reason
