"""
What a pretend vendor is: the class that every vendor's simulator fills in. Served by :mod:`runner.simulation.server`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import msgspec
from aiohttp import web

from runner.simulation.faults import Faults
from runner.simulation.world import Mail, Person, World

__all__ = ["Simulator"]


class Simulator(ABC):
    """
    A pretend vendor.

    Subclasses keep the vendor's state and serve its paths; the world keeps people, outbox, chance and time. ``settings`` is a record
    whose fields are the vendor's named assumptions, with their defaults. Whoever holds requests open (polls, streams) ends them in an
    ``on_shutdown`` of the application.
    """

    vendor: str
    # The path below which the vendor's API stands; the target's URL is the server's address with this behind it.
    base_path: str = ""
    settings: msgspec.Struct | None = None

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

    def forget_listeners(self) -> int:
        """Forget who listens to notifications, where that is something apart from a session; gives how many."""
        return 0

    def switch_backend(self, *, up: bool) -> bool:
        """What stands behind the vendor's API goes down or comes back; gives False where that is nothing apart."""
        return False

    def described(self) -> Mapping[str, object]:
        """The vendor's state as JSON-able data, for the control API's ``/world``."""
        return {}

    def credentials(self, person: Person) -> dict[str, str]:
        """What an actor needs in order to log in as *person*."""
        return {"user": person.user, "password": person.password}

    def defaults(self) -> dict[str, object]:
        """The target's defaults that fit this simulator (queue, from, department …)."""
        return {}

    def fault_body(self, request: web.Request, status: int) -> tuple[bytes, str] | None:
        """The body and media type of an error that a fault asks for, in the vendor's form for *request*; None for a gateway's HTML page."""
        return None

    async def named_operation(self, request: web.Request) -> str:
        """The operation that a request names in its body, where one path takes several; "" where it names none."""
        return ""

    def by_hand(self, asked: bytes) -> Mapping[str, object] | None:
        """
        What people do at the vendor's own screens and no call of its API does; *asked* is JSON in the vendor's own words.
        Gives what came of it, and None where there are no such screens.

        Raises: ``ValueError`` – it cannot be done, the text says why.
        """
        return None

    def reset(self) -> bool:
        """Forget all sessions and mails, as if just started; gives False when this simulator cannot."""
        return False
