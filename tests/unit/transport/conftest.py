"""A real socket at the far end: what a test writes there is what the client reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest

Respond = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Respond], AbstractAsyncContextManager[str]]


@pytest.fixture
def wire_server() -> Serve:
    """A server to enter as ``wire_server(respond)``; *respond* gets each request, head and body, and the writer, which it may close."""

    @asynccontextmanager
    async def serve(respond: Respond) -> AsyncIterator[str]:
        open_ones: set[asyncio.StreamWriter] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            open_ones.add(writer)
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while not writer.is_closing():
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
                    await respond(head + await reader.readexactly(length), writer)
                    await writer.drain()
            writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for writer in open_ones:
                writer.close()

    return serve


@pytest.fixture
def answering() -> Callable[..., Respond]:
    """A respond function that always writes the same bytes, and closes the connection unless told to keep it."""

    def make(answer: bytes, *, keep: bool = False) -> Respond:
        async def respond(request: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            if not keep:
                writer.close()

        return respond

    return make
