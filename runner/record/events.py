"""
What happened: the events of a run. Past tense, flat, JSON-able; the journal is one of them a line.

Made by the engine, numbered and redacted by :mod:`runner.record.stream`, folded into a result by :mod:`runner.record.result`.

``n`` counts all events of a run from 1 without gaps; ``at`` is seconds since the run began; both are set by the stream. ``scenario`` is
the key of one scenario × vendor × case, ``mail/reply.scenario.yaml::gws[German]``; ``step`` is the step's place in it, ``3``, ``3.1``
(in a block or a word of one's own), ``3#2`` (second item of a for_each), ``3~2.1`` (in the second try of a block), ``cleanup.1``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from runner.matching.verdict import Difference

__all__ = [
    "OUTCOMES",
    "Channel",
    "Checked",
    "Created",
    "Difference",
    "Drifted",
    "Event",
    "Exchanged",
    "Logged",
    "Notified",
    "Outcome",
    "Retried",
    "RunExtended",
    "RunFinished",
    "RunStarted",
    "Saved",
    "ScenarioFinished",
    "ScenarioStarted",
    "SourceRead",
    "StepFinished",
    "StepStarted",
    "extended",
]

Outcome = Literal["passed", "failed", "errored", "skipped", "unsupported"]
OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "errored", "skipped", "unsupported")

# Whose fault an error is: the exit code and the first line of a report depend on it.
Cause = Literal["", "product", "environment", "scenario", "plugin", "internal", "interrupted"]


class _Event(Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True, gc=False):
    n: int = 0
    at: float = 0.0


class RunStarted(_Event, frozen=True, tag="RunStarted"):
    """
    A run began. ``planned`` counts scenarios × vendors × cases; ``targets`` maps vendor → URL or "simulator"; ``started`` is ISO 8601 with
    offset; ``limits`` are those in force.
    """

    run: str
    started: str
    environment: str
    seed: int
    planned: int
    parallel: int
    version: str
    targets: dict[str, str] = {}
    limits: dict[str, Any] = {}
    arguments: dict[str, Any] = {}


class SourceRead(_Event, frozen=True, tag="SourceRead"):
    """
    A file that this run follows, as it was then: a scenario's, or one that defines words of one's own. Once for each file, before the
    first scenario; a report shows it beside the steps.
    """

    file: str
    text: str


class RunExtended(_Event, frozen=True, tag="RunExtended"):
    """More was asked for while the run went on; ``planned`` is how many scenarios × vendors × cases there are now in all."""

    planned: int


class ScenarioStarted(_Event, frozen=True, tag="ScenarioStarted"):
    """
    One scenario × vendor × case began. ``id`` is what keeps its history; ``steps`` counts the planned ones; ``actors`` maps the scenario's
    names → user names; ``waited`` is how many seconds it waited until they were
    free, None when they were at once.
    """

    scenario: str
    id: str
    name: str
    file: str
    line: int
    vendor: str
    case: str = ""
    tags: list[str] = []
    description: str = ""
    steps: int = 0
    actors: dict[str, str] = {}
    waited: float | None = None


class StepStarted(_Event, frozen=True, tag="StepStarted"):
    """A step began. ``type`` is the word (``create``), ``name`` what the tester calls it, ``parameters`` are rendered."""

    scenario: str
    step: str
    type: str
    line: int
    name: str = ""
    actor: str = ""
    phase: Literal["steps", "cleanup"] = "steps"
    file: str = ""
    parameters: Any = None


class Exchanged(_Event, frozen=True, tag="Exchanged"):
    """
    One request and its response. Bodies are text cut to the excerpt limit with their true sizes in bytes beside them; bytes that are not
    text are given as ``<binary>``. ``http`` 0 means that no answer came, ``error`` says why. ``took`` in seconds.
    """

    scenario: str
    step: str
    method: str
    url: str
    request_headers: dict[str, str] = {}
    request_body: str = ""
    request_size: int = 0
    http: int = 0
    headers: Mapping[str, str] = {}
    body: str = ""
    size: int = 0
    took: float = 0.0
    error: str = ""
    vendor: str = ""
    actor: str = ""


class Notified(_Event, frozen=True, tag="Notified"):
    """The vendor pushed something."""

    scenario: str
    step: str
    name: str
    body: Any = None
    vendor: str = ""
    actor: str = ""


class Saved(_Event, frozen=True, tag="Saved"):
    """A value was kept under a name."""

    scenario: str
    step: str
    name: str
    value: Any = None


class Checked(_Event, frozen=True, tag="Checked"):
    """A step's expectations were applied: how many comparisons held, and every difference."""

    scenario: str
    step: str
    passed: bool
    checks: int
    differences: list[Difference] = []
    attempt: int = 1


class Created(_Event, frozen=True, tag="Created"):
    """Something now exists at the vendor; ``undo`` is the step that would remove it."""

    scenario: str
    step: str
    vendor: str
    kind: str
    id: str
    undo: str = ""


class Drifted(_Event, frozen=True, tag="Drifted"):
    """
    A vendor answered otherwise than its API is written down. Once a run for each difference, whoever meets it first; no verdict hangs
    on it.

    ``operation`` is as the contract names it, ``GET /me/interactions/{id}``, ``http`` the status of the answer, ``place`` where in its
    body, ``$.interaction.attachments[].size``. ``expected`` and ``got`` are types and names, never values.
    """

    scenario: str
    step: str
    vendor: str
    kind: str
    operation: str
    http: int
    place: str = ""
    expected: str = ""
    got: str = ""


class Retried(_Event, frozen=True, tag="Retried"):
    """
    A try of a step could not be carried out, and the step is done again. ``attempt`` is the number of the try that did not work, counted
    as ``StepFinished.attempts`` counts: from 1, rounds of ``repeat`` among them. Only ``retry`` is told so: another round of ``repeat``,
    or another look, is no failure.
    """

    scenario: str
    step: str
    attempt: int
    reason: str
    code: str = ""
    cause: Cause = ""


class StepFinished(_Event, frozen=True, tag="StepFinished"):
    """
    A step ended. ``reason`` says why it did not pass, or why it was skipped; ``attempts`` counts the tries of ``retry`` and the rounds of
    ``repeat`` together; ``states`` are the values that an observing step saw, each with the second it was first seen; ``in_doubt``: mail
    may have been sent and nobody knows; ``generated`` are the texts in ``reason`` that were made up for this scenario
    (``unique()``, an id).
    """

    scenario: str
    step: str
    outcome: Outcome
    took: float
    reason: str = ""
    code: str = ""
    cause: Cause = ""
    hint: str = ""
    attempts: int = 1
    states: list[tuple[str, float]] = []
    in_doubt: bool = False
    refused: str = ""
    generated: list[str] = []


class ScenarioFinished(_Event, frozen=True, tag="ScenarioFinished"):
    """A scenario ended. ``step`` and ``line`` are where it stopped, when it did not pass; ``flaky`` when it passed after a retry."""

    scenario: str
    outcome: Outcome
    took: float
    reason: str = ""
    code: str = ""
    cause: Cause = ""
    step: str = ""
    line: int = 0
    in_doubt: bool = False
    left_open: list[str] = []
    flaky: bool = False


# How a line that was printed came.
Channel = Literal["stdout", "stderr", "log"]


class Logged(_Event, frozen=True, tag="Logged"):
    """
    A line for the record. ``code`` names what it is about, where there is one.

    With ``stream`` it is not ours: a plugin, or a library under it, printed it there. ``size`` is its true length in characters when it was
    cut.
    """

    message: str
    level: Literal["debug", "info", "warning", "error"] = "info"
    scenario: str = ""
    step: str = ""
    code: str = ""
    stream: Channel | Literal[""] = ""
    size: int = 0


class RunFinished(_Event, frozen=True, tag="RunFinished"):
    """
    The last event, on every path. ``counts`` maps outcome → how many; ``not_run`` counts planned scenarios that never ended;
    ``ended`` says how: by itself, or interrupted by what.
    """

    took: float
    counts: dict[str, int]
    not_run: int = 0
    ended: Literal["complete", "fail_fast", "interrupted", "terminated", "timeout", "broken"] = "complete"
    problems: list[str] = []


Event = (
    RunStarted
    | RunExtended
    | SourceRead
    | ScenarioStarted
    | StepStarted
    | Exchanged
    | Notified
    | Saved
    | Checked
    | Created
    | Drifted
    | Retried
    | StepFinished
    | ScenarioFinished
    | Logged
    | RunFinished
)


def extended(started: RunStarted | None, event: RunExtended) -> RunStarted | None:
    """The beginning of a run as it is known after *event*: for who counts what is planned."""
    return None if started is None else msgspec.structs.replace(started, planned=event.planned)


# what JSON has no form for (a Secret, a duration) is written as it shows itself
encode = msgspec.json.Encoder(enc_hook=str).encode
encode_lines = msgspec.json.Encoder(enc_hook=str).encode_lines
decode = msgspec.json.Decoder(Event).decode
