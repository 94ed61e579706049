"""
A simulator on a real port: the vendor's paths, the control API, and the faults, as one aiohttp application.

A vendor's simulator is a :class:`Simulator`; :func:`serving` puts it on a port for as long as it is needed.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web

from runner.simulation.control import control_routes
from runner.simulation.faults import Faults, fault_middleware
from runner.simulation.world import Mail, Person, World

__all__ = ["Serving", "Simulator", "serving"]


class Simulator(ABC):
    """
    A pretend vendor.

    Subclasses keep the vendor's state and serve its paths; the world keeps people, outbox, chance and time. ``settings`` is a record
    whose fields are the vendor's named assumptions, with their defaults.
    """

    vendor: str
    # The path below which the vendor's API stands; the target's URL is the server's address with this behind it.
    base_path: str = ""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults(world)

    @abstractmethod
    def routes(self, app: web.Application) -> None:
        """Add the vendor's paths to *app*, and its own start-up and clean-up if it has any."""

    @abstractmethod
    async def receive(self, mail: Mail) -> str:
        """A customer's mail arrives; gives the id under which agents will see it."""

    @abstractmethod
    def expire_sessions(self) -> int:
        """End every session as if its time had run out; gives how many."""

    def described(self) -> Mapping[str, object]:
        """The vendor's state as JSON-able data, for the control API's ``/world``."""
        return {}

    def credentials(self, person: Person) -> dict[str, str]:
        """What an actor needs in order to log in as *person*."""
        return {"user": person.user, "password": person.password}

    def defaults(self) -> dict[str, object]:
        """The target's defaults that fit this simulator (queue, from, department …)."""
        return {}


@dataclass(frozen=True, slots=True)
class Serving:
    """A simulator that answers: ``url`` for the vendor's clients, ``control`` for the control API."""

    simulator: Simulator
    url: str
    control: str


@asynccontextmanager
async def serving(simulator: Simulator, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Serving]:
    """Serve *simulator* until the block ends; port 0 takes a free one."""
    app = web.Application(middlewares=[fault_middleware(simulator.faults)], client_max_size=64 * 1024 * 1024)
    control_routes(app, simulator)
    simulator.routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        origin = f"http://{host}:{runner.addresses[0][1]}"
        yield Serving(simulator, origin + simulator.base_path, origin + "/_control")
    finally:
        with suppress(asyncio.CancelledError):
            await runner.cleanup()
