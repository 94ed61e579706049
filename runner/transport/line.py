"""
A connection on which answers that come whole are heard at once; what comes in any other way is aiohttp's to read.

For each answer aiohttp makes a parser, a queue, a stream and two futures. As a rule an answer of a few hundred bytes comes in one piece
with its length in front, so the connection (one of aiohttp's pool) is listened to by a protocol of ours, which knows such an answer when
it sees one. Anything else, and be it a blank too many, is put before aiohttp's own protocol, as if that had listened all along.
Asked by :mod:`runner.transport.direct`.
"""

from __future__ import annotations

import asyncio
import re
import select
import sys
from collections.abc import Callable
from typing import Protocol

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from msgspec import Struct
from multidict import CIMultiDict, CIMultiDictProxy, istr

__all__ = ["Line", "Whole", "whole_answer"]

# As strict as aiohttp's parser is or stricter: no folded lines, no control characters, nothing but a token in front of the colon.
_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5]\d\d)(?: [^\x00-\x08\x0a-\x1f\x7f]*+)?\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]++:[^\x00-\x08\x0a-\x1f\x7f]*+\r\n){0,64}+)\r\n"
).match
# Well-known names are spelled as aiohttp's parser spells them, however they came, so that both ways give the same.
_SPELLED = {name.lower(): name for name in vars(hdrs).values() if isinstance(name, istr)}
# Bytes of a head from which on aiohttp judges whether its lines are too long; it refuses none below.
_LONG_HEAD = 8 * 1024
# Digits of a length that nobody means.
_LONG = 16
_WITHOUT_BODY = frozenset({204, 304})


class _Socket(Protocol):
    """What an event loop gives out of a socket."""

    def fileno(self) -> int:
        """Its number."""
        ...


class Whole(Struct, eq=False):
    """An answer of which nothing is left to come."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


def whole_answer(data: bytes) -> Whole | None:
    """*data* as the answer that it is from its first to its last byte; None when it is more, or less, or not an ordinary one."""
    head = _HEAD(data)
    if head is None or head.end() > _LONG_HEAD:
        return None
    pairs: list[tuple[str, str]] = []
    for line in head[2].decode("utf-8", "surrogateescape").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        pairs.append((_SPELLED.get(name.lower(), name), value.strip(" \t")))
    headers = CIMultiDict(pairs)
    status, body = int(head[1]), data[head.end() :]
    if _expected(status, headers) != len(body) or "Connection" in headers or "Upgrade" in headers:
        return None
    return Whole(status, CIMultiDictProxy(headers), body)


def _expected(status: int, headers: CIMultiDict[str]) -> int | None:
    """How long the body of such an answer is; None when its head alone does not say."""
    if "Transfer-Encoding" in headers:
        return None
    told = headers.getall("Content-Length", ())
    if status in _WITHOUT_BODY:
        return None if told else 0
    return int(told[0]) if len(told) == 1 and told[0].isdecimal() and told[0].isascii() and len(told[0]) < _LONG else None


def _watched(socket: _Socket | None) -> Callable[[], object]:
    """Whether something has come on *socket* that the event loop has not looked at yet; to be asked often. It is a system call of 1 µs."""
    if socket is None:
        return bool
    if sys.platform == "win32":
        return lambda: select.select([socket], [], [], 0)[0]
    else:  # noqa: RET505 - the types are those of each system
        watch = select.poll()
        watch.register(socket.fileno(), select.POLLIN)
        return lambda: watch.poll(0)


class Line(asyncio.Protocol):
    """
    One *connection* of aiohttp's pool, held until it is given back or closed.

    Lines of an answer's head may be *longest_line* bytes long. ``idle_since`` is for who keeps it, in seconds (monotonic);
    ``closes_late``: the server may have hung up already while the line still seems open.
    """

    def __init__(self, connection: Connection, longest_line: int) -> None:
        transport, theirs = connection.transport, connection.protocol
        if transport is None or theirs is None or transport.is_closing():
            connection.close()
            raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
        self.connection = connection
        self.idle_since = 0.0
        self._transport = transport
        self._theirs: ResponseHandler = theirs
        self._longest_line = longest_line
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[Whole | None] | None = None
        self._something_came = _watched(transport.get_extra_info("socket"))
        # TLS hears a goodbye at once and closes its side some turns of the loop later; Windows' sockets are read before anybody looks
        self.closes_late = transport.get_extra_info("ssl_object") is not None or sys.platform == "win32"
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """
        Whether a request can be sent. What comes on an idle line is its end, or what nobody asked for; what has not gone out yet is the
        rest of a request that was answered early, and whether the server will read it nobody knows.
        """
        transport = self._transport
        return not transport.is_closing() and not transport.get_write_buffer_size() and not self._something_came()

    def ask(self, message: bytes, *, head_only: bool) -> asyncio.Future[Whole | None]:
        """
        Send *message*: gives the whole answer, or None as soon as aiohttp's protocol has it to read, or the end of the connection.

        With *head_only* no body comes, whatever the head says of its length.
        """
        self._waiter = waiter = self._loop.create_future()
        if head_only:
            self._give_up(head_only=True)
        self._transport.write(message)
        return waiter

    def close(self) -> None:
        """Nobody uses it any more."""
        self._waiter = None
        self.connection.close()

    def _give_up(self, *, head_only: bool = False) -> None:
        """From here on aiohttp reads."""
        self._theirs.set_response_params(
            skip_payload=head_only,
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=self._longest_line,
            max_field_size=self._longest_line,
        )
        self._transport.set_protocol(self._theirs)
        self._tell(None)

    def _tell(self, whole: Whole | None) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(whole)

    # ── called by the event loop ─────────────────────────────────────────────────────────────────────────────────────────────────

    def data_received(self, data: bytes) -> None:
        """An answer, or a part of it. What nobody asked for can be the answer to nothing."""
        if self._waiter is None:
            self._transport.close()
            return
        whole = whole_answer(data)
        if whole is not None:
            self._tell(whole)
            return
        self._give_up()
        self._theirs.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, in whatever way."""
        self._theirs.connection_lost(exc)
        self._tell(None)

    def pause_writing(self) -> None:
        """More was written than the network takes; what is sent this way is small."""

    def resume_writing(self) -> None:
        """It has been taken."""
