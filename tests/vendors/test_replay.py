"""
One seed replays a run: the same files, seed and place give the same journal, but for times, addresses and what keeps no order.

``RUNNER_REPLAYS=200`` tries so many seeds; a few are the default.
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
SEEDS = int(os.environ.get("RUNNER_REPLAYS", "3"))

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
  - verify_status: {is: sent, within: 5s}
  - logout
"""
# How long something took, and when it was.
TIMES = {"at", "took", "started", "n", "mono", "offset"}
WHENS = [
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
    (re.compile(r"\d{4}-?\d{2}-?\d{2}T\d{2}:?\d{2}:?\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?"), "WHEN"),
    (re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT"), "WHEN"),
]


def timeless(value: Any) -> Any:
    """Plain data without times and addresses."""
    if isinstance(value, Mapping):
        return {name: timeless(inner) for name, inner in value.items() if name not in TIMES}
    if isinstance(value, list | tuple):
        return [timeless(inner) for inner in value]
    if isinstance(value, str):
        for pattern, word in WHENS:
            value = pattern.sub(word, value)
    return value


def told(events: Any) -> list[Any]:
    """The journal without times; what is pushed, and what is looked at again and again, keeps its place by the step and not by the clock."""
    plain = [timeless(msgspec.to_builtins(event)) for event in events]
    kept = [event for event in plain if event["type"] not in {"Notified", "RunStarted", "RunFinished"}]
    return [event for event in kept if not (event["type"] == "Exchanged" and event["method"] == "GET")]


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_the_same_seed_gives_the_same_journal(vendor: Vendor, seed: int, carry: Callable[..., Any]) -> None:
    """Twice the same, whatever the seed."""
    first, second = (carry(vendor, STORY, seed=seed, folder=name, files={"note.txt": "A note"}) for name in ("first", "second"))
    assert first.scenario.outcome == "passed"
    assert told(first.events) == told(second.events)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_another_seed_gives_another_journal(vendor: Vendor, carry: Callable[..., Any]) -> None:
    """So the first test says something."""
    first, second = (carry(vendor, STORY, seed=seed, folder=str(seed), files={"note.txt": "A note"}) for seed in (1, 2))
    assert told(first.events) != told(second.events)
