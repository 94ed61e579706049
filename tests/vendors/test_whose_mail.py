"""Which mail a bare word means when there are several: the one that came for this scenario, never another scenario's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.plugins.contract import Vendor
from runner.plugins.registry import Registry
from runner.simulation.world import Mail

REGISTRY = Registry.load()
LOGIN, READY = ("login", {}), ("ready", {})
DRAFT = ("create", {"to": "joe@example.com", "subject": "Our prices", "text": "See below."})
OWN = {"from": "joe@example.com", "subject": "Broken lamp", "text": "It does not light."}


@pytest.mark.parametrize("word", ["accept", "reject"])
@pytest.mark.parametrize("order", ["own last", "own first"])
@pytest.mark.parametrize("vendor", [REGISTRY.vendor(name) for name in ("icws", "egain", "gws")], ids=lambda v: v.name)
def test_a_bare_word_means_the_mail_that_came_for_the_scenario(vendor: Vendor, order: str, word: str, play: Callable[..., None]) -> None:
    """An agent with a draft in hand, to whom somebody else's mail is offered as well, takes or turns down the one that was received."""
    taken: list[Any] = []

    async def other(stage: Any) -> None:
        mailbox = stage.target.defaults.get("to") or stage.target.defaults.get("from") or "support@example.com"
        await stage.simulator.receive(Mail(sender="kim@example.com", to=[mailbox], subject="Another scenario's"))

    async def story(stage: Any) -> None:
        words = {step.name for step in vendor.steps}
        for before, given in (LOGIN, READY, DRAFT):
            if before in words:
                await stage.act(before, given)
        if order == "own last":
            await other(stage)
        received = await stage.act("receive", OWN)
        if order == "own first":
            await other(stage)
        taken.extend((received.id, await stage.act(word, {"within": "4s"})))

    play(vendor, story)
    assert taken[0] == _id(taken[1])


def _id(output: Any) -> str:
    return str(output["id"] if isinstance(output, dict) else output.id)
