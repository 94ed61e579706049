"""
One request as the operations see it, and what they answer: headers understood, session found, query checked, body decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field

from runner.vendors.egain.representation import Tree
from runner.vendors.egain.simulator.multipart import Part
from runner.vendors.egain.simulator.organisation import User
from runner.vendors.egain.simulator.sessions import LiveSession

__all__ = ["Answer", "Call", "Incoming", "Outgoing"]


class Incoming(Struct, frozen=True):
    """A request as it came: ``path`` below the context root, decoded; ``headers`` whatever their case."""

    verb: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes = b""


class Outgoing(Struct, frozen=True):
    """An answer as it goes out."""

    http: int
    headers: Mapping[str, str]
    body: bytes


class Call(Struct, frozen=True):
    """
    A request that got as far as its operation.

    ``ids`` are what the path's placeholders held. ``root`` is the XML body's root element, "" for JSON. ``form`` holds the attachments of
    a multipart body, None for any other body. ``incoming`` is the request itself, ``again`` carries another one out.
    """

    ids: dict[str, str]
    query: dict[str, str]
    tree: Tree = field(default_factory=dict)
    root: str = ""
    form: tuple[Part, ...] | None = None
    live: LiveSession | None = None
    incoming: Incoming | None = None
    again: Callable[[Incoming], Outgoing] | None = None

    @property
    def session(self) -> LiveSession:
        """The session; only operations that ask for one get this far without it being there."""
        assert self.live is not None  # noqa: S101 - the router looked
        return self.live

    @property
    def user(self) -> User:
        """Who calls."""
        return self.session.user


class Answer(Struct, frozen=True):
    """What goes back: the status, a document (None for none) with its XML name, headers; or raw bytes with their type."""

    http: int
    root: str = ""
    tree: Tree | None = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    type: str = ""
