"""
The JSON result: a finished run as other programs read it, with a published schema (``schemas/result.schema.json``).

Written by the reporter ``json`` as ``result.json`` into the run's folder; read again by :mod:`runner.history`, which needs nothing else to
say what is new. Within one ``version`` fields are only added, so a reader that leaves alone what it does not know stays right.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from runner.record.events import Cause

__all__ = [
    "FORMAT",
    "RESULT",
    "VERSION",
    "Counts",
    "DifferencePart",
    "DriftPart",
    "ExchangePart",
    "ResultDocument",
    "RunPart",
    "ScenarioPart",
    "SincePart",
    "StatePart",
    "StepPart",
    "result_schema",
]

RESULT = "result.json"
FORMAT: Literal["scenario-runner-result"] = "scenario-runner-result"
VERSION: Literal[1] = 1

Came = Literal["passed", "failed", "errored", "skipped", "unsupported", "not_run"]
Changed = Literal["", "new", "still", "fixed", "first"]
Seconds = Annotated[float, Meta(ge=0, description="Seconds.")]
Count = Annotated[int, Meta(ge=0)]


class _Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the document; what has its default value is left out."""


class RunPart(Struct, frozen=True, kw_only=True):
    """The run as a whole."""

    id: Annotated[str, Meta(description="The name of the run and of its folder.")]
    started: Annotated[str, Meta(description="When it began: ISO 8601 with offset.")]
    took: Seconds
    environment: str
    targets: Annotated[dict[str, str], Meta(description="Vendor → URL, or `simulator`.")]
    seed: Annotated[int, Meta(description="Give it to `runner run --seed` to have the same chances again.")]
    parallel: Count
    version: Annotated[str, Meta(description="The version of the runner.")]
    ended: Annotated[
        Literal["complete", "fail_fast", "interrupted", "terminated", "timeout", "broken", "cut off"],
        Meta(description="How it ended; `cut off`: the process was killed."),
    ]
    complete: Annotated[bool, Meta(description="Whether the record has an end, no gaps, and agrees with itself.")]
    exit_code: Annotated[int, Meta(ge=0, le=6, description="What `runner run` ended with.")]
    arguments: Annotated[dict[str, Any], Meta(description="What was asked for: paths, tags, vendors, cases.")]
    problems: Annotated[list[str], Meta(description="Faults of the run itself; a run that has any is never green.")]
    warnings: list[str]


class Counts(Struct, frozen=True, kw_only=True):
    """planned = passed + failed + errored + skipped + unsupported + not_run. ``flaky`` and ``in_doubt`` count some of those again."""

    planned: Count
    passed: Count
    failed: Annotated[int, Meta(ge=0, description="A check said no.")]
    errored: Annotated[int, Meta(ge=0, description="It could not be carried out.")]
    skipped: Count
    unsupported: Annotated[int, Meta(ge=0, description="The vendor cannot do it.")]
    not_run: Annotated[int, Meta(ge=0, description="Planned, and never ended.")]
    flaky: Annotated[int, Meta(ge=0, description="Passed, but only after a retry.")]
    in_doubt: Annotated[int, Meta(ge=0, description="Mail may have been sent, and nobody knows.")]


class SincePart(Struct, frozen=True, kw_only=True):
    """What changed, told by the results of earlier runs in the same folder; keys of scenarios."""

    last_green: Annotated[str, Meta(description="The run of the same question that was wholly green last; empty: there is none.")]
    new: Annotated[list[str], Meta(description="Did not pass now, passed the time before.")]
    still: Annotated[list[str], Meta(description="Did not pass, now and the time before.")]
    fixed: Annotated[list[str], Meta(description="Passed now, did not the time before.")]
    first: Annotated[list[str], Meta(description="Did not pass, and was never run before.")]
    flaky: Annotated[list[str], Meta(description="Passes and fails in turn, or passed only after a retry.")] = []
    added: Annotated[list[str], Meta(description="No run before had it.")] = []
    removed: Annotated[list[str], Meta(description="The last whole run of the same question had it, this one has not.")] = []


class DifferencePart(_Part, frozen=True, kw_only=True):
    """One thing that is not as expected."""

    path: Annotated[str, Meta(description="Where in the output, `body.items[2].name`.")]
    expected: str
    got: str
    hint: str = ""
    line: Annotated[int, Meta(description="Where the file states it.")] = 0


class ExchangePart(_Part, frozen=True, kw_only=True):
    """One request and its answer; headers and bodies are in the journal, in the event of the same number."""

    n: Annotated[int, Meta(description="The number of its event in the journal.")]
    method: str
    url: str
    http: Annotated[int, Meta(description="The status; 0: no answer came.")]
    took: Seconds
    size: Annotated[int, Meta(description="Bytes of the answer's body.")] = 0
    error: str = ""


class StatePart(Struct, frozen=True, kw_only=True):
    """A status that was seen, and when: seconds since the step began."""

    name: str
    at: Seconds


class RetryPart(_Part, frozen=True, kw_only=True):
    """A try that could not be carried out, and was made again."""

    attempt: Annotated[int, Meta(ge=1, description="The number of the try, as `attempts` counts them.")]
    reason: str
    code: str = ""
    cause: Cause = ""


class StepPart(_Part, frozen=True, kw_only=True):
    """A step. ``outcome`` is ``not_run`` for one that began and never ended."""

    place: Annotated[str, Meta(description="`3`; `3.1` in a block; `3#2` in a for_each; `3~2.1` in a block's second try; `cleanup.1`.")]
    type: Annotated[str, Meta(description="The word of the vocabulary.")]
    name: str = ""
    actor: str = ""
    phase: Literal["steps", "cleanup"] = "steps"
    file: Annotated[str, Meta(description="Where the step stands, when that is not the scenario's own file.")] = ""
    line: int
    outcome: Came
    began: Annotated[float, Meta(description="Seconds since the run began.")]
    took: Seconds
    attempts: Annotated[int, Meta(description="Tries of `retry` and rounds of `repeat` together.")] = 1
    retries: Annotated[list[RetryPart], Meta(description="The tries that did not work and were made again (`retry`).")] = []
    reason: str = ""
    code: str = ""
    cause: Cause = ""
    hint: str = ""
    refused: str = ""
    in_doubt: bool = False
    checks: Annotated[int, Meta(description="How many comparisons were made.")] = 0
    differences: list[DifferencePart] = []
    states: list[StatePart] = []
    saved: Annotated[list[str], Meta(description="The names under which something was kept.")] = []
    exchanges: list[ExchangePart] = []


class ScenarioPart(_Part, frozen=True, kw_only=True):
    """One scenario × vendor × case."""

    key: Annotated[str, Meta(description="`file::vendor[case]`, unique in the run; `runner run KEY` runs it again.")]
    id: Annotated[str, Meta(description="What keeps its history when the file is renamed.")]
    name: str
    file: str
    line: int
    vendor: str
    case: str = ""
    tags: list[str] = []
    description: str = ""
    actors: Annotated[dict[str, str], Meta(description="The scenario's names → user names.")] = {}
    outcome: Came
    began: Annotated[float, Meta(description="Seconds since the run began.")]
    took: Seconds
    reason: str = ""
    headline: Annotated[str, Meta(description="Why it did not pass, in one line.")] = ""
    code: str = ""
    cause: Cause = ""
    step: Annotated[str, Meta(description="Where it stopped.")] = ""
    stopped_at: Annotated[int, Meta(description="The line where it stopped.")] = 0
    flaky: bool = False
    in_doubt: bool = False
    left_open: list[str] = []
    change: Changed = ""
    since: Annotated[str, Meta(description="For `new` and `still`: the run in which it did not pass first.")] = ""
    steps: list[StepPart] = []


class DriftPart(_Part, frozen=True, kw_only=True):
    """A difference between a vendor's answers and its contract; once a run, with the scenario and step that met it first."""

    vendor: str
    kind: Annotated[str, Meta(description="`missing field`, `unknown field`, `wrong type`, `undocumented status` …")]
    operation: Annotated[str, Meta(description="As the contract names it: `GET /me/interactions/{id}`.")]
    http: Annotated[int, Meta(description="The status of the answer.")]
    place: Annotated[str, Meta(description="Where in the body: `$.interaction.attachments[].size`.")] = ""
    expected: str = ""
    got: str = ""
    scenario: str
    step: str


class ResultDocument(Struct, frozen=True, kw_only=True):
    """The whole document. ``scenarios`` stand in the order in which they ended; those that never did come last."""

    format: Literal["scenario-runner-result"]
    version: Literal[1]
    run: RunPart
    counts: Counts
    since: SincePart | None = None
    drift: Annotated[list[DriftPart], Meta(description="How answers differ from the vendors' contracts; no outcome depends on it.")] = []
    scenarios: list[ScenarioPart]


def result_schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of the document."""
    (reference,), parts = msgspec.json.schema_components([ResultDocument], ref_template="#/$defs/{name}")
    root = parts.pop("ResultDocument")
    assert reference["$ref"] == "#/$defs/ResultDocument"  # noqa: S101 - the root is what was asked for
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Result of a run",
        "description": "What `runner run` writes as result.json: a run, its scenarios, their steps.",
        **{key: value for key, value in root.items() if key not in ("title", "description")},
        "$defs": dict(sorted(parts.items())),
    }
