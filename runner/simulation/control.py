"""
The control API of a simulator, outside the vendor's paths: the outbox, the world, arriving mail, faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from runner.simulation.server import Simulator

__all__ = ["control_routes"]


def control_routes(app: web.Application, simulator: Simulator) -> None:
    """Add ``/_control/…``."""
