"""Clients of CometD that nobody here wrote, signed in at the GWS simulator: cookie, CSRF token, and what happens to an agent's mail."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runner.clock import Duration
from runner.simulation.server import serving
from runner.simulation.world import Mail, World, default_password, default_people
from runner.transport.http import AiohttpTransport
from runner.vendors.gws.simulator.app import GwsSimulator
from runner.vendors.gws.simulator.settings import GwsSettings

pytestmark = pytest.mark.conformance

SETTINGS = GwsSettings(
    delay=(Duration(milliseconds=1), Duration(milliseconds=2)),
    connect_timeout=Duration(milliseconds=300),
    invitation=Duration(minutes=10),
)
AIOCOMETD = Path(__file__).parent / "aiocometd" / "client.py"


@dataclass(frozen=True)
class Program:
    """How a peer is started: ``program script URL HEADERS`` in a folder."""

    folder: Path
    script: str
    program: str = "node"


@pytest.fixture(params=["client3", "client9", "aiocometd"])
def peer(request: pytest.FixtureRequest, npm_peer: Callable[[str], Path], python_peer: Callable[[str], Path]) -> Program:
    """CometD's own client in two generations, and one in Python."""
    if request.param == "aiocometd":
        return Program(AIOCOMETD.parent, str(AIOCOMETD), str(python_peer("aiocometd")))
    return Program(npm_peer(request.param), "client.js")


@dataclass
class Meeting:
    """The simulator, one agent's HTTP session there, and the peer that listens in it."""

    simulator: GwsSimulator
    http: Any
    headers: dict[str, str]
    client: Any

    async def operate(self, path: str, **body: object) -> Any:
        """An operation of the agent's."""
        answer = await self.http.request(
            "POST", path, headers={**self.headers, "Content-Type": "application/json"}, body=json.dumps(body).encode()
        )
        assert answer.http == 200, answer.text
        return answer.json()

    async def offered(self, subject: str) -> dict[str, Any]:
        """A customer's mail arrives; gives the notification of its offer."""
        await self.simulator.receive(Mail(sender="kim@mail.example", to=["help@shop.example"], subject=subject, text="Where?"))
        while True:
            event: dict[str, Any] = await self.client.until("event")
            if event.get("state") == "Invited":
                return event


def meet(peer: Program, running: Any, story: Callable[[Meeting], Awaitable[Any]]) -> Any:
    """Sign in, let the peer shake hands and subscribe with that session, become Ready, and go on with *story*."""

    async def go() -> Any:
        simulator = GwsSimulator(World(default_people(2), seed=7), SETTINGS)
        transport = AiohttpTransport()
        try:
            async with serving(simulator) as served:
                http = transport.client(served.url)
                headers = await _signed_in(http)
                url = served.url.replace("127.0.0.1", "localhost") + "/notifications"
                async with running(peer.folder, peer.script, url, json.dumps(headers), program=peer.program) as client:
                    assert await client.until("handshake") == [True, None]
                    assert await client.until("subscribed") is True
                    meeting = Meeting(simulator, http, headers, client)
                    await meeting.operate("/me", operationName="StartContactCenterSession", channels=["email"])
                    await meeting.operate("/me/channels/email", operationName="Ready")
                    return await story(meeting)
        finally:
            await transport.close()

    return asyncio.run(go())


async def _signed_in(http: Any) -> dict[str, str]:
    """The headers of a new session, as a program that has only these would send them."""
    pair = base64.b64encode(f"agent1:{default_password('agent1')}".encode()).decode()
    answer = await http.request("GET", "/me", headers={"Authorization": f"Basic {pair}"})
    name = answer.header("X-CSRF-HEADER")
    return {"Cookie": f"JSESSIONID={http.cookies()['JSESSIONID']}", name: answer.header(name)}


def test_a_mail_is_offered_and_accepted(peer: Program, running: Any) -> None:
    """The peer hears the channel's state, the offer, and what comes of accepting it."""

    async def story(meeting: Meeting) -> Any:
        offer = await meeting.offered("Where is my parcel")
        await meeting.operate(f"/me/interactions/{offer['id']}", operationName="Accept")
        return offer, await meeting.client.until("event")

    offer, accepted = meet(peer, running, story)
    assert (offer["messageTypeName"], offer["channel"], offer["email_object"]["subject"]) == (
        "InteractionStateMessage",
        "email",
        "Where is my parcel",
    )
    assert (accepted["id"], accepted["state"]) == (offer["id"], "Processing")


def test_a_forced_402_in_a_signed_in_session(peer: Program, running: Any) -> None:
    """The peer shakes hands and subscribes again with the same cookie and token, and hears the next offer."""

    async def story(meeting: Meeting) -> Any:
        meeting.simulator.bayeux.force_402()
        again = await meeting.client.until("handshake"), await meeting.client.until("subscribed")
        return again, (await meeting.offered("Second"))["email_object"]["subject"]

    assert meet(peer, running, story) == (([True, None], True), "Second")


def test_a_peer_disconnects(peer: Program, running: Any) -> None:
    """Its CometD session is gone, and the agent's HTTP session is not."""

    async def story(meeting: Meeting) -> Any:
        meeting.client.stop()
        told = await meeting.client.until("disconnected")
        mine = await meeting.http.request("GET", "/me/interactions", headers=meeting.headers)
        return told, meeting.simulator.bayeux.described(), mine.http

    assert meet(peer, running, story) == (True, [], 200)
