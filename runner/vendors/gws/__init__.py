"""
Genesys Web Services, e-mail channel: sign in, take offers, reply, write, attach, send, hand over, hear notifications over CometD.

``README.md`` says how each word is done, ``contract.yaml`` what the server answers, ``simulator/`` is a server to try it on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.plugins.contract import Vendor
from runner.vendors.gws.own_steps import OWN_STEPS
from runner.vendors.gws.place import Credentials, Defaults, Options
from runner.vendors.gws.session import open_session
from runner.vendors.gws.simulator.settings import GwsSettings
from runner.vendors.gws.steps import STEPS

if TYPE_CHECKING:  # the simulator needs a web server, which a run without simulators does not load
    from runner.simulation.world import World
    from runner.vendors.gws.simulator.app import GwsSimulator

__all__ = ["VENDOR"]


def _simulate(world: World, settings: GwsSettings | None = None) -> GwsSimulator:
    from runner.vendors.gws.simulator.app import GwsSimulator

    return GwsSimulator(world, settings)


VENDOR = Vendor(
    name="gws",
    title="Genesys Web Services",
    steps=(*STEPS, *OWN_STEPS),
    open=open_session,
    credentials=Credentials,
    defaults=Defaults,
    options=Options,
    settings=GwsSettings,
    simulate=_simulate,
    cannot={"forward": "the e-mail channel of GWS has no forward; only version 8.5.0 had one"},
    contract="runner/vendors/gws/contract.yaml",
)
