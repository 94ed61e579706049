"""
What a file says, understood: a Scenario with its steps, frozen, each with the place where it stands.

Made by :mod:`runner.scenario.build`, bound by :mod:`runner.engine.binding`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from msgspec import Struct

from runner.clock import Duration
from runner.errors import Diagnostic
from runner.scenario.yaml.positions import stretch
from runner.source import Source, Span

__all__ = [
    "Case",
    "Check",
    "Definition",
    "Expression",
    "ForEach",
    "Input",
    "NameUse",
    "Refusal",
    "Repeat",
    "Retry",
    "Save",
    "Scenario",
    "Step",
    "Value",
    "VendorName",
]

Scope = Mapping[str, Any]


class NameUse(Struct, frozen=True):
    """A name that a template asks for: ``order``, characters *start* to *end* of the *text* that fills *place*."""

    name: str
    place: Span
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where the name itself stands. Found out when it is asked for: most names are known."""
        return stretch(self.place, self.text, self.start, self.end)


class Value(Protocol):
    """
    A value in a file, compiled once: text, number, list or mapping, with templates anywhere inside.

    A text that is exactly one ``{{ expression }}`` gives the expression's value with its type; any other text with templates gives text.
    ``static`` values have no templates: ``render`` gives the same object each time and must not be changed by who gets it.
    """

    @property
    def span(self) -> Span:
        """Where it stands."""
        ...

    @property
    def static(self) -> bool:
        """Whether it has no templates."""
        ...

    @property
    def names(self) -> tuple[NameUse, ...]:
        """The names it asks for, in the order of the text; helpers (``unique``, ``now`` …) are not among them."""
        ...

    @property
    def settled(self) -> bool:
        """Whether the same names give the same each time: nothing is made up, nothing is asked of the world."""
        ...

    @property
    def parts(self) -> tuple[Value, ...]:
        """The texts in it that have templates, each as a value with its own place."""
        ...

    def render(self, scope: Scope) -> Any:
        """
        The value with *scope*'s names.

        Raises: ``TemplateFailed`` (a RunnerError, code E3xx, with the span of the expression) – undefined, forbidden, too large, too slow.
        """
        ...


class Expression(Protocol):
    """An expression without braces (``when``, ``until``, ``stop_if``)."""

    @property
    def span(self) -> Span:
        """Where it stands."""
        ...

    @property
    def text(self) -> str:
        """As written."""
        ...

    @property
    def names(self) -> tuple[NameUse, ...]:
        """The names it asks for."""
        ...

    @property
    def settled(self) -> bool:
        """As :attr:`Value.settled`."""
        ...

    def evaluate(self, scope: Scope) -> Any:
        """Its value; raises as :meth:`Value.render` does."""
        ...


class Check(Protocol):
    """A compiled ``expect``; see :mod:`runner.matching`."""

    @property
    def names(self) -> tuple[NameUse, ...]:
        """The names its templates ask for."""
        ...

    @property
    def count(self) -> int:
        """How many comparisons it makes."""
        ...

    def differences(self, got: Any, scope: Scope) -> list[Any]:
        """Every difference (:class:`runner.matching.verdict.Difference`); empty when *got* is as expected."""
        ...


class Save(Struct, frozen=True):
    """Keep a part of the output: ``path`` ("" is all of it, ``body.items[0].id``) under ``name``."""

    name: str
    path: str
    span: Span


class Refusal(Struct, frozen=True):
    """``refused``: the neutral ``reason`` that is wanted (None: any), and a check on ``{reason, http, code, message}``."""

    reason: str | None
    check: Check | None
    span: Span


class ForEach(Struct, frozen=True):
    """``for_each``: the list and the name each item has."""

    name: str
    items: Value
    span: Span


class Repeat(Struct, frozen=True):
    """``repeat``: again every ``every`` until ``until`` holds, ``stop_if`` holds, or ``within`` has passed."""

    until: Expression
    stop_if: Expression | None
    every: Duration
    within: Duration | None
    span: Span


class Retry(Struct, frozen=True):
    """``retry``: up to ``times`` more tries after failures of the wire; the gap starts at ``every`` and grows by ``backoff``."""

    times: int
    every: Duration
    backoff: float
    jitter: float
    even_if_sent: bool
    span: Span


class Input(Struct, frozen=True):
    """An input of a definition. ``type`` is text, number, whole_number, boolean, list, object, file or any."""

    name: str
    type: str
    default: Value | None
    description: str
    span: Span


class Definition(Struct, frozen=True):
    """A word of one's own: what a ``*.steps.yaml`` file defines."""

    name: str
    description: str
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Value]
    steps: tuple[Step, ...]
    source: Source
    path: Path
    span: Span


class Step(Struct, frozen=True):
    """
    One line of a file's story.

    - ``word`` is the step's key; ``span`` is the whole item, ``word_span`` the key.
    - ``parameters`` render to a dict with the step's own keys: a bare value has been put under the word's ``short`` parameter by then.
    - ``block`` holds the steps of ``parallel``; ``definition`` is set for a word of one's own and for ``use``, whose inputs are then in
      ``parameters``.
    """

    word: str
    word_span: Span
    span: Span
    parameters: Value
    # spans of the parameters by path ("to", "are[1].name"), for messages after the file was read
    parameter_spans: Mapping[str, Span] = {}
    name: Value | None = None
    actor: str | None = None
    actor_span: Span | None = None
    save: tuple[Save, ...] = ()
    expect: Check | None = None
    refused: Refusal | None = None
    when: Expression | None = None
    for_each: ForEach | None = None
    repeat: Repeat | None = None
    retry: Retry | None = None
    timeout: Duration | None = None
    on_failure: Literal["stop", "continue"] = "stop"
    block: tuple[Step, ...] = ()
    definition: Definition | None = None


class Case(Struct, frozen=True):
    """One row of ``cases``: its name (column ``case``, else ``row 1`` …) and its values."""

    name: str
    values: Mapping[str, Any]
    # the lines of the scenario's file that it takes up; 0 where the table is a file of its own
    line: int
    end_line: int = 0


class VendorName(Struct, frozen=True):
    """A vendor that the file names, and where."""

    name: str
    span: Span


class Scenario(Struct, frozen=True):
    """A whole file. ``cases`` is empty when the file has none; ``file`` is the path people know it by, with forward slashes."""

    name: str
    id: str
    description: str
    tags: tuple[str, ...]
    vendors: tuple[VendorName, ...]
    variables: Mapping[str, Value]
    cases: tuple[Case, ...]
    # the columns that every case has, known also where the rows are many
    columns: tuple[str, ...]
    steps: tuple[Step, ...]
    cleanup: tuple[Step, ...]
    file: str
    path: Path
    source: Source
    span: Span
    # what is no mistake, and should be known
    warnings: tuple[Diagnostic, ...] = ()
