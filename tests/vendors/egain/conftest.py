"""
A bare wire to the eGain simulator: requests as anybody might send them, past our own client.
"""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml
from msgspec import structs

from runner.clock import ManualClock
from runner.plugins.contract import Vendor
from runner.simulation.server import serving
from runner.simulation.world import Mail, Person, World, default_password, default_people
from runner.transport.exchange import Exchange
from runner.transport.http import AiohttpTransport
from runner.vendors.egain.representation import from_xml, to_xml
from runner.vendors.egain.simulator.app import EgainSimulator
from runner.vendors.egain.simulator.organisation import AGENT
from runner.vendors.egain.simulator.settings import EgainSettings
from runner.vendors.egain.xsd import FOLDER

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
        self.answers: list[Exchange] = []

    async def login(self, user: str = "agent1", *, query: str = "", password: str = "") -> Exchange:
        body = {"userName": user, "password": password or default_password(user)}
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
        self.answers.append(await self.http.request(method, path, headers={k: v for k, v in sent.items() if v}, body=content))
        return self.answers[-1]

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


@pytest.fixture(scope="session")
def invalid_xml() -> Callable[[Exchange], str]:
    """What a schema-validating parser says against the XML of an exchange, "" for nothing; the request counts when it was not refused."""
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed: no XML can be validated")
    schema = etree.XMLSchema(etree.parse(str(FOLDER / "egain.xsd")))

    def said(exchange: Exchange) -> str:
        bodies = [exchange.body] if "xml" in exchange.header("Content-Type") else []
        if exchange.http < 400 and "xml" in exchange.request_headers.get("Content-Type", ""):
            bodies.append(exchange.request_body)
        for body in bodies:
            if body and not schema.validate(etree.fromstring(body)):
                return f"{exchange.method} {urlsplit(exchange.url).path}: {schema.error_log.last_error.message}"
        return ""

    return said


@pytest.fixture
def play(play: Callable[..., None], invalid_xml: Callable[[Exchange], str]) -> Callable[..., None]:
    """The stage of all vendors; here every XML document that went to and fro on it is valid."""

    def played(vendor: Vendor, story: Callable[[Any], Awaitable[None]], **given: Any) -> None:
        async def watched(stage: Any) -> None:
            await story(stage)
            assert [found for part in stage.parts.values() for e in part.exchanges if (found := invalid_xml(e))] == []

        play(vendor, watched, **given)

    return played


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    """The OpenAPI document."""
    import runner.vendors.egain as package

    text = (Path(package.__file__).parent / "contract.yaml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="session")
def drift(contract: dict[str, Any]) -> Callable[[Exchange], str]:
    """How an answer differs from the contract, "" when it does not; paths and verbs that the contract does not have are not compared."""
    patterns = {re.compile("/system" + re.sub(r"\{\w+\}", "[^/]+", path)): item for path, item in contract["paths"].items()}
    plain = {f"/system{path}": item for path, item in contract["paths"].items()}

    def different(answer: Exchange) -> str:
        path = urlsplit(answer.url).path
        item = plain.get(path) or next((i for p, i in patterns.items() if p.fullmatch(path)), {})
        operation = item.get(answer.method.lower())
        if operation is None:
            return ""
        told = operation["responses"].get(str(answer.http))
        if told is None:
            return f"{answer.method} {path}: status {answer.http} is not documented"
        told = _resolved(contract, told)
        missing = [name for name, header in told.get("headers", {}).items() if header.get("required") and not answer.header(name)]
        if missing:
            return f"{answer.method} {path}: {missing} missing"
        if "json" not in answer.header("Content-Type") or not answer.body:
            return "" if bool(answer.body) <= bool(told.get("content")) else f"{answer.method} {path}: a body where none is documented"
        schema = told["content"]["application/json"]["schema"] | {"components": contract["components"]}
        error = next(iter(jsonschema.Draft202012Validator(schema).iter_errors(answer.json())), None)
        return f"{answer.method} {path}: {error.json_path}: {error.message}" if error is not None else ""

    return different


def _resolved(contract: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    found = contract["components"]["responses"][told["$ref"].rpartition("/")[2]] if "$ref" in told else told
    assert isinstance(found, dict)
    return found


@pytest.fixture
def wired(drift: Callable[[Exchange], str], invalid_xml: Callable[[Exchange], str]) -> Callable[..., None]:
    """
    ``wired(story, rights=…, settings=…)``: a simulator with one known customer; *rights* are those of ``special1``.

    Every answer of the story is compared with the contract, and with the XML Schemas when it is XML.
    """

    def run(story: Story, *, rights: set[str] | None = None, user: str = "agent1", **settings: Any) -> None:
        async def play() -> None:
            special = Person(
                "special1", default_password("special1"), "Special One", "special1@shop.example", "special", frozenset(rights or AGENT)
            )
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
                    assert [found for answer in wire.answers if (found := drift(answer))] == []
                    assert [found for e in wire.answers if (found := invalid_xml(structs.replace(e, request_headers={})))] == []
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
