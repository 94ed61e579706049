"""Each status of the given pages, met by a scenario through our client; docs/vendors.yaml lists them, docs/vendors.md links here."""

from __future__ import annotations

import asyncio
import json
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from msgspec import Struct
from msgspec.structs import replace

from runner import harness
from runner.plugins.contract import StepContext, Vendor, Word
from runner.plugins.registry import Registry
from runner.plugins.vocabulary import Nothing
from runner.record.events import Exchanged
from runner.record.journal import read_journal
from runner.vendors.general import VENDOR as GENERAL

PAGES = yaml.safe_load((Path(__file__).parents[2] / "docs" / "vendors.yaml").read_text(encoding="utf-8"))
ROWS = [(page, status) for page in PAGES for status in page["statuses"]]
REASONS = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    406: "not_acceptable",
    410: "gone",
    500: "server_error",
}


class AddFault(Struct, frozen=True, forbid_unknown_fields=True):
    """A fault of the simulator's."""

    add: str


def with_fault_word(declared: Vendor, made: list[Any]) -> Vendor:
    """The vendor with a word more, that switches a fault on in its simulator."""

    def simulate(world: Any, settings: Any) -> Any:
        assert declared.simulate is not None
        made.append(declared.simulate(world, settings))
        return made[-1]

    async def fault(context: StepContext[Any], p: AddFault) -> Nothing:
        made[-1].faults.add(p.add)
        return Nothing()

    name = f"{declared.name}.fault"
    word = Word(name=name, title="Fault", description="Switches a fault on.", example=f"- {name}: {{add: '500'}}", parameters=AddFault)
    return replace(declared, simulate=simulate, steps=(*declared.steps, word.step(fault)))


def scenario(page: dict[str, Any], status: int) -> str:
    """The steps that lead there, and the one that asks: it succeeds, or it is refused with this status, by the simulator or by a fault."""
    own = page["statuses"][status]
    asks = dict(own.get("step") or page["step"])
    before = list(own.get("before") or page["before"])
    if status >= 400:
        asks["refused"] = {"http": status, "reason": REASONS[status]}
    if status >= 400 and "step" not in own:
        before.append({f"{page['vendor']}.fault": {"add": f"{status}@{page['fault']}"}})
    told = {"scenario": "One status", "vendor": page["vendor"], "steps": [*before, asks], "cleanup": [{"logout": {}}]}
    return json.dumps(told)


@pytest.mark.parametrize(("page", "status"), ROWS, ids=[f"{p['vendor']} {p['operation'].replace('/', ' ')} {s}" for p, s in ROWS])
def test_a_status_of_a_page(page: dict[str, Any], status: int, tmp_path: Path) -> None:
    """
    The client carries the operation out, or tells the refusal with its status and neutral reason; the scenario asks for just that, and the
    request on the wire met this status.
    """
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "one.scenario.yaml").write_text(scenario(page, status), encoding="utf-8")
    (folder / "a.txt").write_text("a", encoding="utf-8")
    declared = import_module(f"runner.vendors.{page['vendor']}").VENDOR
    request = harness.Request(paths=(str(folder),), reports=tmp_path / "reports", seed=7, start=tmp_path)
    result = asyncio.run(harness.run(request, vendors=Registry.of(with_fault_word(declared, []), GENERAL)))
    assert [(one.outcome, one.reason) for one in result.scenarios] == [("passed", "")]
    assert result.folder is not None
    asked = [e for e in read_journal(result.folder) if isinstance(e, Exchanged) and e.http == status]
    assert [e for e in asked if fnmatchcase(f"{e.method} {urlsplit(e.url).path}", page["fault"])]
