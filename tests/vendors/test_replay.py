"""
One seed replays a run: the same files, seed and place give the same journal, but for times, addresses and what keeps no order.

``RUNNER_REPLAYS=1000`` tries more seeds than the 200 of every run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from runner.plugins.contract import Vendor
from runner.plugins.registry import Registry

REGISTRY = Registry.load()
VENDORS = {name: REGISTRY.vendor(name) for name in ("icws", "egain", "gws")}
SEEDS = int(os.environ.get("RUNNER_REPLAYS", "200"))

STORY = """\
scenario: A mail with chance in it is sent
vendor: VENDOR
variables:
  order: "{{ unique('ORD-') }}"
  words: "{{ random_text(20) }}"
steps:
  - login: {as: agent}
  - create: {to: kim@mail.example, subject: "{{ order }}", text: "{{ words }}"}
  - attach: {file: note.txt}
  - send
  - WAIT
  - logout
"""
# GWS tells that the mail was sent, the others are asked.
WAIT = {
    "gws": "expect_event: {event: InteractionStateMessage, status: sent, within: 5s}",
    "icws": "verify_status: {is: sent, within: 5s}",
    "egain": "verify_status: {is: sent, within: 5s}",
}
# What GWS' client does beside the story, as often as there is time for it: it holds a connection open, and looks when it hears nothing.
BESIDE = re.compile(r"/notifications$|/me/interactions\?fields=")
# How long something took, and when it was.
NOT_OF_THE_STORY = {"RunStarted", "RunFinished", "Notified"}
TIMES = {"at", "took", "waited", "started", "n", "mono", "offset"}
WHENS = [
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r"\d{4}-?\d{2}-?\d{2}T\d{2}:?\d{2}:?\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?"), "WHEN"),
    (re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT"), "WHEN"),
]


def timeless(value: Any) -> Any:
    """Plain data without times and addresses."""
    if isinstance(value, Mapping):
        # how long packed bytes are depends on the times in them
        packed = {"Content-Length"} if "Content-Encoding" in value else set()
        return {name: timeless(inner) for name, inner in value.items() if name not in TIMES | packed}
    if isinstance(value, list | tuple):
        return [timeless(inner) for inner in value]
    if isinstance(value, str):
        for pattern, word in WHENS:
            value = pattern.sub(word, value)
    return value


def told(events: Any) -> tuple[list[Any], list[Any]]:
    """
    The journal without times, as two threads: what was done, and what was pushed meanwhile.

    Each has its order; which of the two is quicker, the network says. The states that a step saw on its way depend on when it looked.
    """
    plain = [timeless(e) for e in map(msgspec.to_builtins, events) if not BESIDE.search(e.get("url", ""))]
    done = [e | {"states": [name for name, _ in e.get("states", [])][-1:]} for e in plain if e["event"] not in NOT_OF_THE_STORY]
    pushed = [{**event, "step": ""} for event in plain if event["event"] == "Notified"]
    return done, pushed


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_the_same_seed_gives_the_same_journal(vendor: Vendor, seed: int, carry: Callable[..., Any]) -> None:
    """Twice the same, whatever the seed."""
    story = STORY.replace("WAIT", WAIT[vendor.name])
    first, second = (carry(vendor, story, seed=seed, folder=name, files={"note.txt": "A note"}) for name in ("first", "second"))
    assert first.scenario.outcome == "passed"
    assert told(first.events) == told(second.events)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_another_seed_gives_another_journal(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """So the first test says something."""
    story = STORY.replace("WAIT", WAIT[vendor.name])
    first, second = (carry(vendor, story, seed=seed, folder=str(seed), files={"note.txt": "A note"}) for seed in (1, 2))
    assert told(first.events) != told(second.events)
