"""
One request with its response, as it went over the wire.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

__all__ = ["Exchange"]

_decode = msgspec.json.Decoder().decode


class Exchange(msgspec.Struct):
    """
    A request and what came back.

    ``http`` is the status, 0 when no answer came and ``error`` says why; ``lost``: the far end may have acted on it, and nobody knows what
    came of that; ``cancelled``: nobody waits for it any longer. ``started`` and ``took`` are seconds (monotonic, length).
    Headers keep the spelling of the wire; look them up with :meth:`header`.
    """

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes
    http: int = 0
    headers: Mapping[str, str] = {}
    body: bytes = b""
    started: float = 0.0
    took: float = 0.0
    error: str = ""
    lost: bool = False
    cancelled: bool = False

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> object:
        """
        The body decoded from JSON; None when it is empty.

        Raises: ``ValueError`` – the body is not JSON.
        """
        return _decode(self.body) if self.body else None

    def header(self, name: str, default: str = "") -> str:
        """A response header, whatever its case."""
        found = self.headers.get(name)
        if found is not None:
            return found
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), default)
