"""
Writes ``docs/vendors.md`` out of ``docs/vendors.yaml``: every status of the given pages, with the tests that keep it.

    python docs/generate_vendors.py            write it
    python docs/generate_vendors.py --check    say whether it is up to date (exit code 1 when not)

Nothing is believed: a test that is not there, a scenario that is not there, a status that the contract does not describe, is an error.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
CLIENT = "tests/vendors/test_given_pages.py::test_a_status_of_a_page"
CONTRACT = "tests/conformance/test_schemathesis.py::test_a_simulator_keeps_its_contract"
COMETD = "tests/conformance/test_gws_simulation_with_cometd_clients.py::test_a_mail_is_offered_and_accepted"
# Where clients that nobody here wrote see more than the contract.
XML = "tests/conformance/test_egain_xml.py::"
ALSO = {
    ("gws", "Accept", 200): COMETD,
    ("egain", "activity/send", 201): f"{XML}test_every_request_in_xml_is_valid",
    **{("egain", "activity/send", status): f"{XML}test_every_answer_in_xml_is_valid" for status in (400, 401, 403, 406)},
}

HEAD = """\
# What keeps the given pages true

<!-- written by docs/generate_vendors.py out of docs/vendors.yaml -->

Every operation of the vendors' pages, and every status that its page names. *Client*: our client meets the status and tells it,
said by the simulator for a reason of its own where `vendors.yaml` names a test or the steps that lead there, else by a fault.
*Simulator*: the simulator answers so, seen by requests that our client has no part in. *Scenario*: testers can ask for it; those in
`scenarios/` are shipped. *Conformance*: somebody else's program checks it, see `tests/conformance/`; Schemathesis holds each answer
that it gets against the contract, which describes the status, and does not promise to meet all of them; a second test beside it does.

The page of GWS knows only "ok" and "error": 200 stands for the first, 400 (404 for a document that is not there) for the second.
"""


def page_text() -> str:
    """The whole page."""
    pages = yaml.safe_load((DOCS / "vendors.yaml").read_text(encoding="utf-8"))
    return HEAD + "".join(line for name in dict.fromkeys(p["page"] for p in pages) for line in _section(name, pages))


def _section(name: str, pages: list[dict[str, Any]]) -> Iterator[str]:
    yield f"\n## {name.removesuffix('.txt')}\n\n"
    yield "| operation | status | client | simulator | scenario | conformance |\n|---|---|---|---|---|---|\n"
    for page in pages:
        if page["page"] == name:
            yield from _rows(page)


def _rows(page: dict[str, Any]) -> Iterator[str]:
    for status, kept in page["statuses"].items():
        _described(page["vendor"], page["contract"], status)
        more = ALSO.get((page["vendor"], page["operation"], status))
        conformance = _test(CONTRACT) + (f", {_test(more)}" if more else "")
        generic = _test(CLIENT, f"{page['vendor']} {page['operation']} {status}")
        scenario = _scenario(kept["scenario"]) if kept.get("scenario") else generic
        client = _test(kept["client"]) if kept.get("client") else generic
        cells = [f"`{page['operation']}`", str(status), client, _test(kept["simulator"]), scenario, conformance]
        yield f"| {' | '.join(cells)} |\n"


def _test(named: str, case: str = "") -> str:
    """A link to ``path::test``, which must be there; *case* is which of its cases."""
    path, _, name = named.partition("::")
    if name not in _functions(path):
        raise SystemExit(f"docs/vendors.yaml: there is no test {name} in {path}")
    told = name.removeprefix("test_").replace("_", " ")
    return f"[{told}: {case}](../{path})" if case else f"[{told}](../{path})"


def _scenario(path: str) -> str:
    if not (ROOT / path).is_file():
        raise SystemExit(f"docs/vendors.yaml: there is no scenario {path}")
    return f"[{Path(path).name.removesuffix('.scenario.yaml')}](../{path})"


@cache
def _functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _described(vendor: str, operation: str, status: int) -> None:
    """Whether the vendor's contract has the operation and the status."""
    method, _, path = operation.partition(" ")
    found = _contract(vendor)["paths"].get(path, {}).get(method.lower(), {})
    if str(status) not in found.get("responses", {}):
        raise SystemExit(f"docs/vendors.yaml: the contract of {vendor} does not describe {status} for {operation}")


@cache
def _contract(vendor: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "runner" / "vendors" / vendor / "contract.yaml").read_text(encoding="utf-8")))


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    path, text = DOCS / "vendors.md", page_text()
    if "--check" not in arguments:
        path.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write("docs/vendors.md is not what docs/generate_vendors.py writes; run it\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
