"""
One suite over the registry: what each step of each vendor promises — its documentation, its example, its refusals — is so.

The example of a step stands in a small scenario, after what it needs (:data:`BEFORE`), and the whole engine runs it on the vendor's simulator.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shutil import copytree
from textwrap import indent
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from runner import harness
from runner.cli.main import main
from runner.errors import Refused
from runner.plugins.contract import REASONS, StepType, Vendor
from runner.plugins.registry import Registry
from runner.plugins.vocabulary import WORDS
from runner.record.result import ScenarioResult
from runner.source import Source

ROOT = Path(__file__).parents[2]
REGISTRY = Registry.load()
VENDORS = {name: REGISTRY.vendor(name) for name in ("icws", "egain", "gws")}
STEPS = [(vendor, step) for vendor in VENDORS.values() for step in vendor.steps]
IDS = [f"{vendor.name}-{step.name}" for vendor, step in STEPS]

LOGIN = "- login: {as: agent}"
READY = "- ready:\n  when: vendor != 'egain'"
RECEIVE = "- receive: {from: joe@example.com, subject: Where is it, text: Order 77, files: [files/invoice.pdf]}\n  save: question"
INVITED = [LOGIN, READY, RECEIVE, "- verify_status: {is: invited, within: 5s}"]
IN_HAND = [LOGIN, READY, RECEIVE, "- accept"]
DRAFT = [LOGIN, "- create: {to: joe@example.com, subject: Hello, text: Hello Joe}"]
# What has to have happened before a step, by its name; a vendor's own by `vendor.name`, else what is said of the word.
BEFORE: Mapping[str, list[str]] = {
    "login": [],
    "icws.server": [],
    **dict.fromkeys(("accept", "reject", "icws.pickup", "egain.pull", "egain.pick"), [LOGIN, READY, RECEIVE]),
    **dict.fromkeys(("reply", "reply_all", "forward", "complete", "place_in_queue", "download", "verify_attachments"), IN_HAND),
    **dict.fromkeys(("edit", "attach", "send", "cancel"), DRAFT),
    "transfer": [*IN_HAND, "- login: {as: agent_2}", "- ready:\n  as: agent_2\n  when: vendor != 'egain'"],
    "detach": [*DRAFT, "- attach: {file: files/invoice.pdf}"],
    "verify_status": [*DRAFT, "- send"],
    "expect_event": [LOGIN, READY, "- listen", RECEIVE],
    **dict.fromkeys(
        ("icws.hold", "icws.park", "icws.disconnect", "icws.get_attributes", "icws.set_attributes", "icws.watch"),
        IN_HAND,
    ),
    "icws.pickup": INVITED,
    "icws.insert_from_library": DRAFT,
    **dict.fromkeys(
        ("egain.get_activity", "egain.edit_activity", "egain.note", "egain.notes", "egain.case", "egain.edit_case", "egain.change_case"),
        IN_HAND,
    ),
    "egain.receive": ["- login: {as: supervisor}"],
    "egain.change_customer": IN_HAND,
    "gws.update_properties": DRAFT,
    "gws.link_attachment": DRAFT,
    "gws.place_in_workbin": IN_HAND,
    "gws.operation": IN_HAND,
}


def before(step: StepType) -> list[str]:
    """The steps that *step* needs before it."""
    return BEFORE.get(step.name, [LOGIN])


def scenario(vendor: Vendor, step: StepType) -> str:
    """A scenario around the step's example."""
    steps = "\n".join([*before(step), step.example])
    return f"scenario: The example of {step.name}\nvendor: {vendor.name}\nsteps:\n{indent(steps, '  ')}\n"


# ── documentation ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("vendor", "step"), STEPS, ids=IDS)
def test_a_step_is_documented(vendor: Vendor, step: StepType) -> None:
    """It has a title, a description that is a sentence, and an example that begins with its own name."""
    assert step.title
    assert step.description.endswith(".")
    assert step.example.startswith(f"- {step.name}")


@pytest.mark.parametrize(("vendor", "step"), STEPS, ids=IDS)
def test_parameters_are_documented(vendor: Vendor, step: StepType) -> None:
    """Each parameter has a title and a description."""
    told = harness.vocabulary(REGISTRY)
    schema = told.describe_parameters(step) if hasattr(told, "describe_parameters") else msgspec.json.schema(step.parameters, schema_hook=_hook)
    (definition,) = [d for name, d in schema["$defs"].items() if name == step.parameters.__name__]
    bare = [name for name, given in definition.get("properties", {}).items() if not (_said(given, "title") and _said(given, "description"))]
    assert bare == []
