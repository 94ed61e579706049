"""
eGain's XML in both directions, judged by a parser that nobody here wrote: libxml2, by the XML Schemas in ``runner/vendors/egain/xsd``.

Every shipped scenario for eGain runs with a client that writes and reads XML; the simulator keeps what came in and what it gave back.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from msgspec.structs import replace

from runner import harness
from runner.plugins.contract import SessionContext
from runner.plugins.registry import Registry
from runner.vendors.egain import VENDOR
from runner.vendors.egain.simulator.app import EgainSimulator
from runner.vendors.egain.xsd import FOLDER

pytestmark = pytest.mark.conformance
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Passed:
    """What went through the simulator's door: an operation, its status, and the document, of the request or of the answer."""

    operation: str
    http: int
    document: bytes


class Watched(EgainSimulator):
    """The simulator, and everything in XML that it got and gave."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.requests: list[Passed] = []
        self.answers: list[Passed] = []

    async def _handle(self, request: web.Request) -> web.Response:
        answer = await super()._handle(request)
        told = f"{request.method} {request.path}", answer.status
        if request.content_type == "application/xml":
            self.requests.append(Passed(*told, await request.read()))
        if answer.content_type == "application/xml" and isinstance(answer.body, bytes) and answer.body:
            self.answers.append(Passed(*told, answer.body))
        return answer


class InXml:
    """What a session is opened with; the client writes and wants XML, whatever the environment says."""

    def __init__(self, context: SessionContext) -> None:
        self._context = context
        self.target = replace(context.target, options={**context.target.options, "format": "xml"})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """The simulator after all shipped scenarios, which are green in XML as they are in JSON."""
    made: list[Watched] = []

    def simulate(world: Any, settings: Any) -> Watched:
        made.append(Watched(world, settings))
        return made[-1]

    async def in_xml(context: Any) -> Any:
        return await VENDOR.open(InXml(context))  # type: ignore[arg-type]  # it gives everything that a context gives

    known = Registry.load()
    others = (known.vendor("general"), known.vendor("icws"), known.vendor("gws"))
    vendors = Registry.of(replace(VENDOR, simulate=simulate, open=in_xml), *others)
    paths = tuple(str(ROOT / "scenarios" / folder) for folder in ("egain", "mail"))
    reports = tmp_path_factory.mktemp("reports")
    request = harness.Request(paths=paths, vendors=("egain",), reports=reports, seed=7, start=ROOT, parallel=32)
    result = asyncio.run(harness.run(request, vendors=vendors))
    assert [f"{one.key}: {one.reason}" for one in result.scenarios if one.outcome != "passed"] == []
    assert result.drift == ()
    return made[0]


@pytest.fixture(scope="module")
def errors() -> Any:
    """What the parser says against a document, by the schemas."""
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed: nobody else can judge eGain's XML")
    schema = etree.XMLSchema(etree.parse(str(FOLDER / "egain.xsd")))

    def said(one: Passed) -> str:
        fits = schema.validate(etree.fromstring(one.document))
        return "" if fits else f"{one.operation} {one.http}: {schema.error_log.last_error.message}"

    return said


def test_every_request_in_xml_is_valid(passed: Watched, errors: Any) -> None:
    """What our client writes; where a scenario makes a mail wrong on purpose, eGain says so, and it is no document of ours."""
    taken = [one for one in passed.requests if one.http < 400]
    assert [said for one in taken if (said := errors(one))] == []
    assert {one.operation.rpartition("/")[2] for one in taken} >= {"login", "send", "pick", "transfer", "complete", "note", "case"}


def test_every_answer_in_xml_is_valid(passed: Watched, errors: Any) -> None:
    """What the simulator answers, refusals as well."""
    assert [said for one in passed.answers if (said := errors(one))] == []
    assert {one.http for one in passed.answers} >= {200, 400, 401, 403, 406}
    refused = {one.http for one in passed.answers if one.operation.endswith("/activity/send")}
    assert refused >= {400, 401, 403, 406}
