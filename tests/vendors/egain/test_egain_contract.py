"""
The contract says what the simulator serves, no more and no less; every answer of every test in this folder is compared with it.
"""

from __future__ import annotations

from typing import Any

import pytest

from runner.vendors.egain.simulator.operations import OPERATIONS

VERBS = {"get", "put", "post", "delete"}


def test_the_contract_has_every_operation_and_no_other(contract: dict[str, Any]) -> None:
    """The table of the simulator and the contract name the same verbs on the same paths."""
    told = {(verb.upper(), path) for path, item in contract["paths"].items() for verb in item if verb in VERBS}

    assert told == {(o.verb, o.pattern) for o in OPERATIONS}


def test_the_contract_names_every_query_parameter(contract: dict[str, Any]) -> None:
    """What an operation takes in its query stands in the contract; custom attributes, which have no fixed names, do not."""
    known = contract["components"]["parameters"]
    for operation in OPERATIONS:
        given = contract["paths"][operation.pattern][operation.verb.lower()].get("parameters", [])
        resolved = [known[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in given]
        assert {p["name"] for p in resolved if p["in"] == "query"} == set(operation.query) - {"custom."}


@pytest.mark.parametrize("body", [b'{"code": 1}', b'{"message": "x"}'])
def test_the_comparison_finds_what_is_wrong(contract: dict[str, Any], drift: Any, body: bytes) -> None:
    """An answer that is not as the contract says is told."""
    from runner.transport.exchange import Exchange

    answer = Exchange("GET", "http://x/system/ws/v12/interaction/activity/1", {}, b"", 404, {"Content-Type": "application/json"}, body)

    assert drift(answer) != ""
