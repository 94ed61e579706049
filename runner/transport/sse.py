"""
Server-sent events out of a response that is read while it arrives, by the rules of the WHATWG HTML standard ("Server-sent events").

Connecting again is the caller's: it knows the session; :class:`EventStream` remembers what a new request needs (``last_id``, ``retry``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import Struct

from runner.errors import WireError
from runner.transport.base import ResponseStream

__all__ = ["EventStream", "ServerEvent"]

_BOM = b"\xef\xbb\xbf"
_LONGEST = 16 * 1024 * 1024


class ServerEvent(Struct, frozen=True):
    """One event: ``type`` is ``message`` unless the server named it, ``data`` its lines joined, ``id`` the last id that was sent."""

    data: str
    type: str = "message"
    id: str = ""


class EventStream:
    """
    The events of one stream, one after the other; an event that the end of the stream cuts off is dropped, as the standard has it.

    ``retry`` is the server's wish in seconds for the pause before another connection, or None; ``comments`` counts keep-alive lines.
    """

    def __init__(self, stream: ResponseStream, *, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry: float | None = None
        self.comments = 0
        self._stream = stream
        self._type = ""
        self._data: list[str] = []
        self._size = 0

    async def __aiter__(self) -> AsyncIterator[ServerEvent]:
        """
        The events until the stream ends.

        Raises: ``WireError`` – the stream broke, or one event is larger than 16 MiB.
        """
        async for line in self._lines():
            event = self._line(line)
            if event is not None:
                yield event

    async def _lines(self) -> AsyncIterator[str]:
        """Lines without their ends: LF, CRLF or CR, whatever comes from ``readline``, which knows LF only."""
        is_first = True
        while raw := await self._stream.readline():
            if is_first:
                raw, is_first = raw.removeprefix(_BOM), False
            text = raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
            for line in text.split("\n")[:-1]:  # what follows the last line end was cut off
                yield line

    def _line(self, line: str) -> ServerEvent | None:
        """Take one line in; gives the event that it completes."""
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "":
                self.comments += 1
            case "data":
                self._add(value)
            case "event":
                self._type = value
            case "id" if "\0" not in value:
                self.last_id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry = int(value[:9]) / 1000
        return None

    def _add(self, value: str) -> None:
        self._data.append(value)
        self._size += len(value)
        if self._size > _LONGEST:
            raise WireError(f"an event of the stream is larger than {_LONGEST // 1048576} MiB", code="E704", maybe_sent=True)

    def _complete(self) -> ServerEvent | None:
        data, kind = self._data, self._type
        self._data, self._type, self._size = [], "", 0
        return ServerEvent("\n".join(data), kind or "message", self.last_id) if data else None
