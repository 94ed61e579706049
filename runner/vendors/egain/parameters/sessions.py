"""
Sessions.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from runner.plugins.vocabulary import Login

__all__ = ["EgainLogin"]


class EgainLogin(Login, frozen=True):
    """Whose session is opened, and what happens when they have five already."""

    force: Annotated[
        bool | None,
        Meta(
            title="Force",
            description="Whether the oldest of five sessions ends to make room; default: the environment's `force_login`.",
            examples=[False],
        ),
    ] = None
