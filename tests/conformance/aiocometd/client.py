"""
What aiocometd-ng does in the test: it tells each happening as a JSON line, and disconnects when its stdin ends.

Arguments: the URL, and the headers of a session as JSON.
"""

import asyncio
import json
import sys

from aiocometd_ng import AuthExtension, Client, ConnectionType


def tell(what, detail=None):
    print(json.dumps([what, detail]), flush=True)


class Session(AuthExtension):
    """Headers on every request; what comes back on meta channels is told."""

    def __init__(self, headers):
        self.headers = headers

    async def outgoing(self, payload, headers):
        headers.update(self.headers)

    async def incoming(self, payload, headers=None):
        for message in payload:
            if message["channel"] in {"/meta/handshake", "/meta/subscribe", "/meta/disconnect"}:
                name = {"handshake": "handshake", "subscribe": "subscribed", "disconnect": "disconnected"}[message["channel"][6:]]
                tell(name, [message["successful"], message.get("error")] if name == "handshake" else message["successful"])

    async def authenticate(self):
        pass


async def main(url, headers):
    loop = asyncio.get_running_loop()
    asked = loop.run_in_executor(None, sys.stdin.read)
    # the default connection_timeout fails at the first interruption
    async with Client(url, ConnectionType.LONG_POLLING, connection_timeout=None, auth=Session(headers)) as client:
        await client.subscribe("/v2/me/*")
        hearing = asyncio.ensure_future(hear(client))
        await asyncio.wait([hearing, asyncio.ensure_future(asked)], return_when=asyncio.FIRST_COMPLETED)
        hearing.cancel()


async def hear(client):
    async for message in client:
        tell("event", message["data"])


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
