"""
Faults on demand: what goes wrong, for which requests, how often. Switched by the control API or ``runner simulate --fault``.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from runner.simulation.world import World

__all__ = ["Faults", "fault_middleware"]


class Faults:
    """The faults that are switched on."""

    def __init__(self, world: World) -> None:
        self.world = world


def fault_middleware(faults: Faults) -> Middleware:
    """The middleware that carries them out."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await handler(request)

    return middleware
