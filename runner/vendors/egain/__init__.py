"""
eGain / Cisco ECE, REST web services v12: log in, write and send, take mail in hand, hand it over, look what became of it.

``README.md`` says how each word is done, ``contract.yaml`` what the server answers, ``simulator/`` is a server to try it on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.plugins.contract import Vendor
from runner.vendors.egain import activities, cases, composing, customers, handling, listening, steps
from runner.vendors.egain.place import Credentials, Defaults, Options
from runner.vendors.egain.session import open_session
from runner.vendors.egain.simulator.settings import EgainSettings

if TYPE_CHECKING:  # the simulator needs a web server, which a run without simulators does not load
    from runner.simulation.world import World
    from runner.vendors.egain.simulator.app import EgainSimulator

__all__ = ["VENDOR"]

_NO_CHANNEL = "eGain publishes no call that makes an agent ready or not ready; agents pull their mail from queues"


def _simulate(world: World, settings: EgainSettings | None = None) -> EgainSimulator:
    from runner.vendors.egain.simulator.app import EgainSimulator

    return EgainSimulator(world, settings)


VENDOR = Vendor(
    name="egain",
    title="eGain / Cisco ECE",
    steps=(*steps.STEPS, *handling.STEPS, *listening.STEPS, *composing.STEPS, *activities.STEPS, *cases.STEPS, *customers.STEPS),
    open=open_session,
    credentials=Credentials,
    defaults=Defaults,
    options=Options,
    settings=EgainSettings,
    simulate=_simulate,
    cannot={"ready": _NO_CHANNEL, "not_ready": _NO_CHANNEL},
    contract="runner/vendors/egain/contract.yaml",
)
