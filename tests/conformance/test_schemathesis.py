"""
Schemathesis against each simulator, from outside, by its contract: no status that the contract lacks, and no 500 that was not asked for.

A vendor meets 2,000 cases at least. RUNNER_CONFORMANCE_CASES asks for more; then the deterministic cases of the coverage phase come too,
several thousand of them, which take minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, STDOUT
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from runner.clock import Duration
from runner.plugins.contract import Vendor
from runner.simulation.server import Serving, serving
from runner.simulation.world import World, default_people

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(1200)]

HOOKS = Path(__file__).parent / "schemathesis" / "hooks.py"
DEFAULT = 2000
CASES = int(os.environ.get("RUNNER_CONFORMANCE_CASES", str(DEFAULT)))
# Operations without parameters have fewer cases than they are asked for; the others make up for it.
_MARGIN = 1.15
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"
# CometD's own server says 500 to an empty list, to a handshake that is not alone, and to a connect that a newer one replaced.
ASKED_FOR = frozenset({("POST /notifications", "not_a_server_error")})
QUICK: dict[str, object] = {
    "connect_timeout": Duration(milliseconds=50),
    "delay": (Duration(milliseconds=1), Duration(milliseconds=2)),
}


@dataclass(frozen=True)
class Peer:
    """A simulator and the part of its contract that it speaks."""

    vendor: str
    settings: dict[str, object]
    leave_out: str = ""

    def __str__(self) -> str:
        return f"{self.vendor}-{self.settings['dialect']}" if "dialect" in self.settings else self.vendor


PEERS = [
    # what a telephone does is refused on a mail, unless it is passed over
    Peer("icws", {"telephony_on_email": "ignored"}),
    Peer("egain", {}),
    Peer("gws", {**QUICK, "dialect": "interactions"}, "D2"),
    Peer("gws", {**QUICK, "dialect": "emails"}, "D1"),
]


@dataclass(frozen=True)
class Findings:
    """
    What came of a run: how many cases, which failed, as (operation, check, what was wrong), and how often each operation met each status.
    """

    cases: int
    failures: list[tuple[str, str, str]]
    met: Mapping[str, Counter[int]]


@pytest.mark.parametrize("peer", PEERS, ids=str)
def test_a_simulator_keeps_its_contract(peer: Peer, python_peer: Callable[[str], Path], tmp_path: Path) -> None:
    """
    Every answer to every case, good or bad, has a status, a media type, headers and a body that the contract describes; and every operation
    that can succeed has succeeded.
    """
    python = python_peer("schemathesis")

    async def go() -> None:
        vendor: Vendor = import_module(f"runner.vendors.{peer.vendor}").VENDOR
        assert vendor.simulate is not None
        async with serving(vendor.simulate(World(default_people(4), seed=7), vendor.settings(**peer.settings))) as served:
            await _examined(python, peer, served, tmp_path)

    asyncio.run(go())
    findings = _read(tmp_path / "events.ndjson")
    assert [failure for failure in findings.failures if failure[:2] not in ASKED_FOR] == []
    assert findings.cases >= CASES
    operations = _operations(_contract(peer), peer.leave_out)
    assert [label for label, good in operations.items() if good and not good & findings.met[label].keys()] == []


async def _examined(python: Path, peer: Peer, served: Serving, folder: Path) -> None:
    """Run Schemathesis in an empty folder; its events stand in ``events.ndjson``."""
    contract = _contract(peer)
    process = await asyncio.create_subprocess_exec(
        str(python),
        *("-m", "schemathesis.cli", "--no-color", "run", str(contract), "--url", served.url, "--checks", CHECKS),
        *("--report-ndjson-path", "events.ndjson", "--seed", "1", "--request-timeout", "20", "--generation-database", "none"),
        *("--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--warnings", "off"),
        *("--phases", "examples,coverage,fuzzing" if CASES > DEFAULT else "examples,fuzzing"),
        *("--max-examples", str(ceil(CASES * _MARGIN / len(_operations(contract, peer.leave_out))))),
        *(("--exclude-tag", peer.leave_out) if peer.leave_out else ()),
        cwd=folder,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": str(HOOKS),
            "PYTHONPATH": str(HOOKS.parent),
            "PEER_VENDOR": peer.vendor,
            "PEER_URL": served.url,
            "PEER_CONTROL": served.control,
        },
        stdout=DEVNULL,
        stderr=STDOUT,
    )
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


def _contract(peer: Peer) -> Path:
    return Path(str(import_module(f"runner.vendors.{peer.vendor}").__file__)).parent / "contract.yaml"


def _operations(contract: Path, leave_out: str) -> dict[str, set[int]]:
    """``POST /path`` → the statuses of success that the contract has for it."""
    paths = yaml.load(contract.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["paths"]
    return {
        f"{verb.upper()} {path}": {int(status) for status in each["responses"] if status.startswith("2")}
        for path, item in paths.items()
        for verb, each in item.items()
        if isinstance(each, dict) and "responses" in each and leave_out not in each.get("tags", [])
    }


def _read(events: Path) -> Findings:
    """Fold what Schemathesis told."""
    cases, failures, met = 0, [], defaultdict[str, Counter[int]](Counter)
    for recorder in _recorders(events):
        cases += len(recorder.get("interactions", ()))
        met[recorder["label"]].update(
            one["response"]["status_code"] for one in recorder.get("interactions", {}).values() if one["response"]
        )
        for case, checks in recorder.get("checks", {}).items():
            told = [(recorder["label"], check["name"], _why(recorder, case, check)) for check in checks if check["status"] == "failure"]
            failures += told
    return Findings(cases, failures, met)


def _recorders(events: Path) -> Iterator[dict[str, Any]]:
    for line in events.read_bytes().splitlines():
        scenario = msgspec.json.decode(line).get("ScenarioFinished")
        if scenario is not None:
            yield scenario["recorder"]


def _why(recorder: dict[str, Any], case: str, check: dict[str, Any]) -> str:
    return json.dumps([check.get("failure_info"), recorder["interactions"].get(case)], default=str)[:2000]
