"""
A bare wire to the eGain simulator: requests as anybody might send them, past our own client.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from runner.clock import ManualClock
from runner.simulation.server import serving
from runner.simulation.world import Mail, Person, World, default_people
from runner.transport.exchange import Exchange
from runner.transport.http import AiohttpTransport
from runner.vendors.egain.representation import from_xml, to_xml
from runner.vendors.egain.simulator.app import EgainSimulator
from runner.vendors.egain.simulator.organisation import AGENT
from runner.vendors.egain.simulator.settings import EgainSettings

SEND = "/ws/v12/interaction/activity/send"
KNOWN = "kim@mail.example"


def _document() -> dict[str, Any]:
    """The least that can be sent: to a customer who is known."""
    return {
        "department": {"name": "Service"},
        "type": {"value": "email", "subtype": {"value": "compose"}},
        "subject": "Your refund",
        "payload": {"email": {"emailAddresses": {"from": "care@shop.example", "to": {"address": [KNOWN]}}}},
    }


class Wire:
    """Requests to a simulator, with one session of ``agent1`` unless another is asked for."""

    def __init__(self, simulator: EgainSimulator, http: Any) -> None:
        self.simulator = simulator
        self.desk = simulator.desk
        self.world = simulator.world
        self.http = http
        self.session = ""

    async def login(self, user: str = "agent1", *, query: str = "", password: str = "") -> Exchange:
        body = {"userName": user, "password": password or f"{user}-Passw0rd"}
        answer = await self.ask("POST", f"/ws/v12/authentication/user/login{query}", body, session="")
        self.session = answer.header("X-egain-session") or self.session
        return answer

    async def ask(
        self,
        method: str,
        path: str,
        tree: Any = None,
        *,
        session: str | None = None,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        kind: str = "application/json",
    ) -> Exchange:
        """Any request; *tree* goes out as JSON unless *body* is given."""
        sent = {"Accept": "application/json"}
        if tree is not None or body is not None:
            sent["Content-Type"] = kind
        wanted = self.session if session is None else session
        if wanted:
            sent["X-egain-session"] = wanted
        sent |= headers or {}
        content = body if body is not None else (json.dumps(tree).encode() if tree is not None else None)
        return await self.http.request(method, path, headers={k: v for k, v in sent.items() if v}, body=content)

    async def send(self, tree: Any, format: str = "json", *, files: list[tuple[str, bytes]] = [], **more: Any) -> Exchange:  # noqa: B006 - never changed
        """Compose and send, in one of the three formats; errors come as JSON."""
        kind, body = _written(tree, format, files)
        return await self.ask("POST", SEND, body=body, kind=kind, **more)


def _written(tree: Any, format: str, files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    if format == "xml":
        return "application/xml", to_xml("activity", tree)
    data = json.dumps(tree).encode()
    if format == "json":
        return "application/json", data
    parts = [
        b'Content-Disposition: form-data; name="data-type"\r\n\r\napplication/json',
        b'Content-Disposition: form-data; name="data"\r\n\r\n' + data,
    ]
    parts += [
        f'Content-Disposition: form-data; name="f{n}"; fileName="{name}"\r\nContent-Type: text/plain\r\n\r\n'.encode() + content
        for n, (name, content) in enumerate(files)
    ]
    return "multipart/form-data; boundary=b7", b"".join(b"--b7\r\n" + p + b"\r\n" for p in parts) + b"--b7--\r\n"


Story = Callable[[Wire], Awaitable[None]]


@pytest.fixture
def wired() -> Callable[..., None]:
    """``wired(story, rights=…, settings=…)``: a simulator with one known customer; *rights* are those of ``special1``."""

    def run(story: Story, *, rights: set[str] | None = None, user: str = "agent1", **settings: Any) -> None:
        async def play() -> None:
            special = Person("special1", "special1-Passw0rd", "Special One", "special1@shop.example", "special", frozenset(rights or AGENT))
            world = World([*default_people(6), special], seed=3, clock=ManualClock())
            simulator = EgainSimulator(world, EgainSettings(**settings))
            transport = AiohttpTransport()
            try:
                async with serving(simulator) as place:
                    wire = Wire(simulator, transport.client(place.url))
                    simulator.desk.arrive(Mail(sender=KNOWN, to=["care@shop.example"], subject="Where is it?", text="Order 77"))
                    await wire.login("special1" if rights is not None else user)
                    await story(wire)
                    await wire.http.close()
            finally:
                await transport.close()

        asyncio.run(play())

    return run


@pytest.fixture
def document() -> Callable[..., dict[str, Any]]:
    """``document({"subject": None}, …)``: the least document with changes laid over it; None takes an element out."""

    def made(*changes: dict[str, Any]) -> dict[str, Any]:
        tree = copy.deepcopy(_document())
        for change in changes:
            _lay(tree, change)
        return tree

    return made


def _lay(tree: dict[str, Any], change: dict[str, Any]) -> None:
    for name, value in change.items():
        if value is None:
            tree.pop(name, None)
        elif isinstance(value, dict) and isinstance(tree.get(name), dict):
            _lay(tree[name], value)
        else:
            tree[name] = value


@pytest.fixture
def error_of() -> Callable[[Exchange], dict[str, Any]]:
    """The error document of an answer, from either format."""

    def read(answer: Exchange) -> dict[str, Any]:
        if answer.body.lstrip().startswith(b"<"):
            return from_xml(answer.body)[1]
        found = answer.json()
        assert isinstance(found, dict)
        return found

    return read


@pytest.fixture
def pdf() -> str:
    """A small attachment in base64."""
    return base64.b64encode(b"%PDF-1.4\n").decode()
