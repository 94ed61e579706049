"""
The vocabulary that files are checked against: every vendor's steps with the shape of their parameters.

A step has exactly one known word, so its parameters are judged by *that word's* record alone, and the message is about that step. The
vendors are given as a :class:`VendorSource` (the registry satisfies it) and asked only for what a file names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from runner.errors import BrokenPlugin
from runner.scenario.foreseen import ANSWER
from runner.scenario.language import BUILT_IN
from runner.scenario.shapes.shape import DecHook, Field, Record
from runner.scenario.shapes.shaping import shape_of

__all__ = ["GENERAL", "Exemplary", "Specs", "StepSpec", "VendorSource", "VendorSpec", "Vocabulary"]

# The vendor whose steps every scenario may use.
GENERAL = "general"


class Exemplary(Protocol):
    """What menus need to know of a word; ``plugins.contract.Word`` and the words of the language have it."""

    @property
    def name(self) -> str:
        """The word."""
        ...

    @property
    def title(self) -> str:
        """A few words for menus."""
        ...

    @property
    def description(self) -> str:
        """What it does."""
        ...

    @property
    def example(self) -> str:
        """One list item of YAML."""
        ...


class StepSpec(Exemplary, Protocol):
    """What a file needs to know of a step; ``plugins.contract.Word`` has it."""

    @property
    def parameters(self) -> type[msgspec.Struct]:
        """The record of its parameters."""
        ...

    @property
    def output(self) -> type[msgspec.Struct] | None:
        """The record of its output, None when that is open."""
        ...

    @property
    def short(self) -> str:
        """The parameter that a bare value goes to."""
        ...

    @property
    def opens(self) -> bool:
        """Whether it opens a session, so that ``as`` among its parameters is the actor."""
        ...

    @property
    def sets_names(self) -> bool:
        """Whether its whole value is a mapping of names."""
        ...


# a word as each vendor does it: vendor → step
Specs = Mapping[str, StepSpec]


class VendorSpec(Protocol):
    """What a file needs to know of a vendor; ``plugins.contract.Vendor`` has it."""

    @property
    def name(self) -> str:
        """As files call it."""
        ...

    @property
    def title(self) -> str:
        """As people call it."""
        ...

    @property
    def cannot(self) -> Mapping[str, str]:
        """Shared words that it has no way to do, with the reason."""
        ...

    @property
    def credentials(self) -> type[msgspec.Struct]:
        """What an actor needs."""
        ...

    @property
    def defaults(self) -> type[msgspec.Struct]:
        """What an environment may set once."""
        ...

    @property
    def options(self) -> type[msgspec.Struct]:
        """What stands beside its ``url``."""
        ...


class VendorSource(Protocol):
    """Who can be asked; ``plugins.registry.Registry`` has it."""

    @property
    def names(self) -> tuple[str, ...]:
        """The vendors that a scenario can name."""
        ...

    def vendor(self, name: str) -> VendorSpec:
        """One vendor."""
        ...

    def steps_of(self, vendor: str) -> Mapping[str, StepSpec]:
        """Every step that a scenario for this vendor can use, the general ones too."""
        ...


class Vocabulary:
    """
    Every word there is, by vendor, with the shapes of their parameters (made once for each record).

    - *read*, *describe*: the ``dec_hook`` and ``schema_hook`` for the records' kinds of text; *file_kind* names files of the project.
    - *reasons*: why a vendor can refuse.
    """

    def __init__(
        self,
        vendors: VendorSource,
        *,
        read: DecHook,
        describe: Any,
        file_kind: type,
        reasons: Collection[str],
    ) -> None:
        self._vendors = vendors
        self.read = read
        self.describe = describe
        self.file_kind = file_kind
        self.reasons = tuple(reasons)
        # files ask for the same few words again and again
        self._specs: dict[tuple[str, tuple[str, ...]], Specs] = {}
        self._records: dict[type, Record] = {}
        self._outputs: dict[type, Record] = {}

    @property
    def vendors(self) -> tuple[str, ...]:
        """The vendors that a scenario can name."""
        return self._vendors.names

    def vendor(self, name: str) -> VendorSpec:
        """One of them."""
        return self._vendors.vendor(name)

    def knows_vendor(self, name: str) -> bool:
        """Whether a scenario can be for *name*."""
        return name in self._vendors.names or name == GENERAL

    def steps_of(self, vendor: str) -> Mapping[str, StepSpec]:
        """Every step of a scenario for *vendor*."""
        return self._vendors.steps_of(vendor)

    def specs(self, word: str, vendors: tuple[str, ...]) -> Specs:
        """*word* as each of *vendors* does it that can."""
        found = self._specs.get((word, vendors))
        if found is None:
            every = ((vendor, self.steps_of(vendor).get(word)) for vendor in vendors)
            found = {vendor: spec for vendor, spec in every if spec is not None}
            if found:
                self._specs[word, vendors] = found
        return found

    def words(self, vendors: Iterable[str]) -> set[str]:
        """Every word of these vendors, and of the language."""
        return {word for vendor in vendors for word in self.steps_of(vendor)} | BUILT_IN

    def owners(self, word: str, *, besides: Collection[str]) -> list[str]:
        """The vendors, other than *besides*, that have *word*; a broken one is not asked, nobody here needs it."""
        found = []
        for vendor in self._vendors.names:
            if vendor not in besides:
                with suppress(BrokenPlugin):
                    found += [vendor] if word in self.steps_of(vendor) else []
        return found

    def is_general(self, word: str) -> bool:
        """Whether *word* belongs to no vendor."""
        return word in BUILT_IN or word in self.steps_of(GENERAL)

    def cannot(self, word: str, vendor: str) -> str:
        """Why *vendor* cannot do *word*, or ""."""
        return self._vendors.vendor(vendor).cannot.get(word, "")

    def record(self, spec: StepSpec) -> Record:
        """The shape of a step's parameters."""
        cls = spec.parameters
        if cls not in self._records:
            record = shape_of(cls, read=self.read).record
            assert record is not None  # noqa: S101 - the parameters of a step are a record; the registry has seen to it
            self._records[cls] = record
        return self._records[cls]

    def output(self, spec: StepSpec) -> Record | None:
        """The shape of a step's output, ``answer`` in it; None when any fields may come."""
        if spec.output is None or spec.sets_names:
            return None
        if spec.output not in self._outputs:
            record = shape_of(spec.output, read=self.read).record
            assert record is not None  # noqa: S101 - an output is a record; the registry has seen to it
            fields = {"answer": Field(ANSWER, required=False), **record.fields}
            self._outputs[spec.output] = Record(fields, closed=True, cls=record.cls)
        return self._outputs[spec.output]
