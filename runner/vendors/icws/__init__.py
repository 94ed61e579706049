"""
ICWS: Interaction Center Web Services of Genesys PureConnect (CIC). Its README says how the shared steps are done and what is assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from runner.plugins.contract import SessionContext, Vendor, decode_custom
from runner.vendors.icws.records import IcwsCredentials, IcwsDefaults, IcwsOptions
from runner.vendors.icws.session import IcwsSession
from runner.vendors.icws.simulator.settings import IcwsSettings
from runner.vendors.icws.steps import STEPS

if TYPE_CHECKING:
    from runner.simulation.server import Simulator
    from runner.simulation.world import World

__all__ = ["VENDOR"]


async def _open(context: SessionContext) -> IcwsSession:
    defaults = msgspec.convert(dict(context.target.defaults), IcwsDefaults, strict=False, dec_hook=decode_custom)
    options = msgspec.convert(dict(context.target.options), IcwsOptions, strict=False, dec_hook=decode_custom)
    return IcwsSession(context, defaults, options)


def _simulate(world: World, settings: IcwsSettings | None = None) -> Simulator:
    from runner.vendors.icws.simulator.app import IcwsSimulator

    return IcwsSimulator(world, settings)


VENDOR = Vendor(
    name="icws",
    title="ICWS (Genesys PureConnect)",
    steps=STEPS,
    open=_open,
    credentials=IcwsCredentials,
    defaults=IcwsDefaults,
    options=IcwsOptions,
    settings=IcwsSettings,
    simulate=_simulate,
    contract="runner/vendors/icws/contract.yaml",
)
