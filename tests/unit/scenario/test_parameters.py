"""Parameters are judged by the records of the vendors that a scenario is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runner.errors import BadScenario
from runner.plugins.contract import REASONS, FilePath, StepType, Vendor, Word, decode_custom, schema_custom
from runner.scenario.load import Loader
from runner.scenario.project import Project
from runner.scenario.schema import Vocabulary
from runner.source import Source
from runner.vendors.general import VENDOR as GENERAL


class Narrow(msgspec.Struct, forbid_unknown_fields=True):
    """What one vendor takes."""

    text: str


class Wide(Narrow, forbid_unknown_fields=True):
    """What another takes beside it."""

    urgent: bool = False


class Either(msgspec.Struct, forbid_unknown_fields=True):
    """One of two must be given."""

    file: FilePath | None = None
    library: str | None = None

    def __post_init__(self) -> None:
        if (self.file is None) == (self.library is None):
            raise ValueError("give either a file or a library item")


class Vendors:
    """Vendors as a file needs them, without the rules for plugins."""

    def __init__(self, *vendors: Vendor) -> None:
        self._vendors = {vendor.name: vendor for vendor in vendors}
        self.names = tuple(name for name in self._vendors if name != "general")

    def vendor(self, name: str) -> Vendor:
        return self._vendors[name]

    def steps_of(self, vendor: str) -> dict[str, StepType]:
        return {step.name: step for step in (*GENERAL.steps, *self._vendors[vendor].steps)}


@pytest.fixture
def wrong(folder: Path) -> Callable[[str, str], list[str]]:
    """What is wrong with a step, for these vendors: narrow takes `text`, wide and broad take `urgent` too, all take `either`."""

    async def nothing(context: object, parameters: object) -> None:
        return None

    def vendor(name: str, record: type[msgspec.Struct]) -> Vendor:
        words = (
            Word(name="say", title="Say", description="Say it.", example="- say: {text: Hello}", parameters=record, short="text"),
            Word(name="put", title="Put", description="Put it.", example="- put: {library: A}", parameters=Either),
        )
        return Vendor(name=name, title=name, steps=tuple(word.step(nothing) for word in words), open=nothing)

    vendors = Vendors(vendor("narrow", Narrow), vendor("wide", Wide), vendor("broad", Wide), GENERAL)
    vocabulary = Vocabulary(vendors, read=decode_custom, describe=schema_custom, file_kind=FilePath, reasons=REASONS)
    loader = Loader(vocabulary, Project(folder))

    def read(vendors: str, step: str) -> list[str]:
        path = folder / "scenarios/it.scenario.yaml"
        try:
            loader.parse(Source("it", f"scenario: x\nvendors: {vendors}\nsteps:\n  - {step}\n", path), path)
        except BadScenario as exc:
            return [one.message for one in exc.diagnostics]
        return []

    return read


@pytest.mark.parametrize(
    ("vendors", "step", "messages"),
    [
        ("[wide, broad]", "say: {text: a, urgent: true}", []),
        ("[narrow]", "say: {text: a, urgent: true}", ["unknown parameter `urgent`"]),
        ("[narrow, wide, broad]", "say: {text: a, urgent: true}", ["narrow: unknown parameter `urgent`"]),
        (
            "[narrow, wide, broad]",
            "say: {text: a, urgent: yes}",
            ["narrow: unknown parameter `urgent`", "wide, broad: `urgent` must be true or false, not `yes`"],
        ),
        ("[narrow, wide, broad]", "say", ["`say` needs `text`"]),
        ("[narrow, wide, broad]", "say: [a]", ["`say` must be text, not a list"]),
    ],
)
def test_a_mistake_for_some_vendors_names_them(
    wrong: Callable[[str, str], list[str]], vendors: str, step: str, messages: list[str]
) -> None:
    """What all vendors object to is told once; what only some object to, with their names."""
    assert sorted(wrong(vendors, step)) == sorted(messages)


@pytest.mark.parametrize(
    ("step", "messages"),
    [
        ("put: {library: A}", []),
        ("put: {}", ["`put`: give either a file or a library item"]),
        ("put: {library: A, file: files/invoice.pdf}", ["`put`: give either a file or a library item"]),
        ('put: {library: "{{ x }}", file: "{{ y }}"}', []),
        ("put: {file: files/none.pdf}", ["there is no file `files/none.pdf`"]),
    ],
)
def test_rules_about_several_parameters_are_asked_of_the_record(
    wrong: Callable[[str, str], list[str]], step: str, messages: list[Any]
) -> None:
    """What a record itself says about its parameters together is told when nothing in them comes out of a template."""
    assert wrong("[narrow]", step) == messages
