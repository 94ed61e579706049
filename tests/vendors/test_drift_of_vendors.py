"""Every answer of every vendor is compared with its contract: what changed is found, and what did not change is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from runner import harness
from runner.cli.main import main
from runner.errors import RunnerError
from runner.plugins.contract import decode_custom
from runner.plugins.drift import Finding, Watch
from runner.plugins.registry import Registry
from runner.record.result import RunResult
from runner.simulation.server import serving
from runner.simulation.world import World, default_people
from runner.vendors.general import VENDOR as GENERAL

ROOT = Path(__file__).parents[2]
REGISTRY = Registry.load()
# vendor → where an answer with a body is changed, and a field that it must have
CHANGED = {"icws": ("*/icws/connection", "csrfToken"), "egain": ("*/attributes", "attribute"), "gws": ("*/me", "user")}
# what an agent does there after the login
READ: dict[str, list[tuple[str, dict[str, object]]]] = {"icws": [], "egain": [("egain.activity_attributes", {})], "gws": []}


@pytest.fixture
def findings(play: Callable[..., None]) -> Callable[..., list[Finding]]:
    """What is found when an agent works with a vendor while a fault is on."""

    def found(vendor: str, fault: str, **given: Any) -> list[Finding]:
        told: list[Finding] = []

        async def story(stage: Any) -> None:
            stage.simulator.faults.add(fault)
            with suppress(RunnerError):
                await stage.act("login")
                for word, parameters in READ[vendor]:
                    await stage.act(word, parameters)
            watch = Watch()
            for exchange in (await stage.part()).exchanges:
                told.extend(watch.look(stage.vendor, stage.target, exchange))
            stage.simulator.faults.clear()

        play(REGISTRY.vendor(vendor), story, **given)
        return told

    return found


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("missing-field:{name}", "missing field"),
        ("unknown-field", "unknown field"),
        ("wrong-type:{name}", "wrong type"),
        ("status", "undocumented status"),
        ("media-type", "undocumented media type"),
    ],
)
@pytest.mark.parametrize("vendor", ["icws", "egain", "gws"])
def test_each_kind_is_found_at_each_vendor(findings: Any, vendor: str, how: str, kind: str) -> None:
    """A simulator that answers otherwise is noticed, for what it does and for nothing else."""
    path, name = CHANGED[vendor]
    assert {finding.kind for finding in findings(vendor, f"drift@{path}={how.format(name=name)}")} == {kind}


@pytest.mark.parametrize(
    ("how", "kind", "place"),
    [
        ("missing-field:name", "missing field", "$.attribute[].name"),
        ("unknown-field:colour", "unknown field", "$.colour"),
        ("wrong-type:attribute", "wrong type", "$.attribute[]"),
        ("wrong-type:name", "wrong type", "$.attribute[].name"),
        ("status", "undocumented status", ""),
        ("media-type", "undocumented media type", ""),
    ],
)
@pytest.mark.parametrize("format", ["json", "xml"])
def test_each_kind_is_found_in_both_formats_of_egain(findings: Any, format: str, how: str, kind: str, place: str) -> None:
    """The same change is the same difference, whether the answer is JSON or XML."""
    if format == "json" and how == "wrong-type:attribute":
        place = "$.attribute"  # the whole list is another thing there, in XML one of its elements
    found = findings("egain", f"drift@*/attributes={how}", options={"format": format})
    assert [(one.kind, one.place) for one in found] == [(kind, place)]


@pytest.mark.parametrize(("format", "kinds"), [("json", ["missing field"]), ("xml", [])])
def test_a_list_that_is_missing_is_no_drift_in_xml(findings: Any, format: str, kinds: list[str]) -> None:
    """In XML nothing stands for a list that is empty: it cannot be told from one that is missing."""
    found = findings("egain", "drift@*/attributes=missing-field:attribute", options={"format": format})
    assert [one.kind for one in found] == kinds


@pytest.mark.parametrize("vendor", ["icws", "egain", "gws"])
def test_without_a_change_nothing_is_found(findings: Any, vendor: str) -> None:
    """The same story on a simulator that is as it should be."""
    assert findings(vendor, "latency=0s") == []


def test_no_shipped_scenario_meets_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulators and contracts say the same, in everything that the scenarios of this project do."""
    monkeypatch.chdir(ROOT)
    result = asyncio.run(harness.run(harness.Request(paths=("scenarios",), reports=tmp_path, seed=1)))
    assert result.counts["passed"] > 100
    assert [(one.kind, one.operation, one.http, one.place) for one in result.drift] == []


SCENARIO = """\
scenario: An agent looks
vendor: gws
steps:
  - login: {as: agent}
"""


def drifted_run(folder: Path, fault: str) -> RunResult:
    """Three cases of one scenario against a simulator elsewhere that has *fault*."""

    async def go() -> RunResult:
        vendor = REGISTRY.vendor("gws")
        assert vendor.simulate is not None
        simulator = vendor.simulate(World(default_people(), seed=1), vendor.settings())
        simulator.faults.add(fault)
        async with serving(simulator) as served:
            member = simulator.credentials(simulator.world.people["agent1"])
            environment = folder / "there.yaml"
            environment.write_text(
                f"environment: there\nvendors:\n  gws: {{url: '{served.url}'}}\n"
                f"actors:\n  agent: [{{gws: {{user: {member['user']}, password: \"{{{{ secret('PW') }}}}\"}}}}]\n",
                encoding="utf-8",
            )
            scenario = folder / "scenarios" / "look.scenario.yaml"
            scenario.parent.mkdir()
            scenario.write_text(SCENARIO + "cases: [{n: a}, {n: b}, {n: c}]\n", encoding="utf-8")
            (folder / ".env").write_text(f"PW={member['password']}\n", encoding="utf-8")
            request = harness.Request(paths=(str(scenario),), environment=str(environment), reports=folder / "reports", seed=1)
            return await harness.run(request)

    return asyncio.run(go())


def test_drift_is_its_own_section_of_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told once for all scenarios that meet it; they pass, the run is green, and the journal gives the same result again."""
    monkeypatch.chdir(tmp_path)
    result = drifted_run(tmp_path, "drift@*/me=unknown-field:nickname")
    assert result.folder is not None
    assert (result.counts["passed"], result.exit_code) == (3, 0)
    assert {(one.vendor, one.kind, one.operation, one.http, one.place) for one in result.drift} == {
        ("gws", "unknown field", "GET /me", 200, "$.nickname"),
        ("gws", "unknown field", "POST /me", 200, "$.nickname"),
    }
    assert harness.report(str(result.folder), tmp_path / "reports", lambda folder: ()).drift == result.drift


def test_what_a_person_is_told_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A short section below the counts, and the command that tells all of it."""
    monkeypatch.chdir(tmp_path)
    result = drifted_run(tmp_path, "drift:1@*/me=missing-field:userName")
    assert result.folder is not None
    assert main(["report", result.folder.name, "--reporter", "console"]) == 0
    told = capsys.readouterr().out
    assert "answers differ from the vendor's contract in 1 place (gws 1); no scenario fails by it" in told
    assert "gws: missing field, GET /me → 200 $.user.userName" in told
    assert f"all of it: runner drift {result.folder.name}" in told


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("missing-field:userName", "missing field $.user.userName: expected "),
        ("unknown-field:nickname", "unknown field $.nickname: expected no field of this name, got text"),
        ("wrong-type:enabled", "wrong type $.user.enabled: expected true or false, got text"),
        ("status", "undocumented status: expected "),
        ("media-type", "undocumented media type: expected application/json, got application/x-changed+json"),
    ],
)
def test_each_kind_is_told_by_runner_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str, told: str
) -> None:
    """From the simulator's switch to the person who asks: each kind, and no other."""
    monkeypatch.chdir(tmp_path)
    result = drifted_run(tmp_path, f"drift:1@*/me={how}")
    assert result.folder is not None
    assert main(["drift", result.folder.name]) == 0
    out = capsys.readouterr().out
    assert out.startswith("gws: 1 difference between its answers and its contract\n  GET /me → ")
    assert told in out


@pytest.fixture
def drift_of_messages(tmp_path: Path) -> Callable[[str, str], list[tuple[str, str, str]]]:
    """The (kind, operation, place) of what is found in the messages of an agent's day, with a fault on and the messages read in a way."""

    def found(fault: str, messages: str) -> list[tuple[str, str, str]]:
        declared = REGISTRY.vendor("icws")
        options = declared.options(messages=messages, poll_seconds=0.05)

        async def open_(context: Any) -> Any:
            from runner.vendors.icws.records import IcwsDefaults
            from runner.vendors.icws.session import IcwsSession

            defaults = msgspec.convert(dict(context.target.defaults), IcwsDefaults, strict=False, dec_hook=decode_custom)
            return IcwsSession(context, defaults, options)

        def simulate(world: Any, settings: Any) -> Any:
            assert declared.simulate is not None
            simulator = declared.simulate(world, settings)
            if fault:
                simulator.faults.add(fault)
            return simulator

        path = tmp_path / "scenarios" / "one.scenario.yaml"
        path.parent.mkdir()
        path.write_text(DAY, encoding="utf-8")
        request = harness.Request(paths=(str(path),), reports=tmp_path / "reports", seed=7, start=tmp_path)
        vendors = Registry.of(replace(declared, open=open_, simulate=simulate), GENERAL)
        result = asyncio.run(harness.run(request, vendors=vendors))
        return [(one.kind, one.operation, one.place) for one in result.drift]

    return found


DAY = """\
scenario: An agent's day
vendor: icws
steps:
  - login: {as: agent}
  - ready
  - receive: {from: kim@mail.example, subject: Where is it, text: Order 77}
  - accept: {within: 5s}
  - icws.watch: {names: [Eic_State]}
  - reply: {text: On its way}
  - attach: {library: Price list}
  - send
  - complete
cleanup:
  - logout
"""
QUEUE = "message urn:inin.com:queues:queueContentsMessage"


@pytest.mark.parametrize("messages", ["auto", "poll"])
def test_messages_are_as_the_contract_says(drift_of_messages: Any, messages: str) -> None:
    """Streamed or polled, nothing differs in a whole day."""
    assert drift_of_messages("", messages) == []


@pytest.mark.parametrize("messages", ["auto", "poll"])
@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("missing-field:isDelta", ("missing field", QUEUE, "$.isDelta")),
        ("unknown-field:colour", ("unknown field", QUEUE, "$.colour")),
        ("wrong-type:interactionsRemoved", ("wrong type", QUEUE, "$.interactionsRemoved")),
        ("message", ("undocumented message", QUEUE + "Changed", "")),
    ],
)
def test_each_kind_is_found_in_messages(drift_of_messages: Any, messages: str, how: str, told: tuple[str, str, str]) -> None:
    """A message that has changed is told with its kind, once in a run, whichever way it came."""
    assert drift_of_messages(f"drift@queueContentsMessage={how}", messages) == [told]
