"""
A server that answers as fast as plain asyncio can, in a process of its own, so that its work is not counted as the client's.

Six answers, told apart by method and path: log in, create, reply, attach, send, read. Prints its port and serves until its input closes.
``python benchmarks/server.py [LATENCY]`` with the seconds by which each answer comes later.
"""

from __future__ import annotations

import asyncio
import sys

_LOGIN = b'{"token":"tok-4f1c9a77e2","user":{"id":17,"name":"Mara Agent"}}'
_MAIL = b'{"id":"2101990183","status":"draft","subject":"Your order","to":["joe@example.com"],"queue":"Outbound"}'
_SENT = b'{"id":"2101990183","status":"sent","subject":"Your order","to":["joe@example.com"],"attachments":1}'

ANSWERS = {
    b"POST /login": (b"200 OK", _LOGIN),
    b"POST /mails": (b"201 Created", _MAIL),
    b"POST /mails/2101990183/reply": (b"201 Created", _MAIL),
    b"POST /mails/2101990183/attachments": (b"201 Created", b'{"id":"att-1","name":"invoice.txt","size":11}'),
    b"POST /mails/2101990183/send": (b"200 OK", b'{"status":"ok"}'),
    b"GET /mails/2101990183": (b"200 OK", _SENT),
}
READY = {
    line: b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
    for line, (status, body) in ANSWERS.items()
}


class Answering(asyncio.Protocol):
    """One connection: whole requests in, canned answers out."""

    def __init__(self, latency: float) -> None:
        self.latency = latency

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            self.answer(READY[head[: head.index(b" HTTP/")]])

    def answer(self, answer: bytes) -> None:
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self.transport.write, answer)  # type: ignore[attr-defined]  # TCP transports write
        else:
            self.transport.write(answer)  # type: ignore[attr-defined]  # as above


async def main(latency: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Answering(latency), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main(float(sys.argv[1]) if sys.argv[1:] else 0.0))
