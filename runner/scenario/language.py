"""
The language itself as records: the keys of a scenario file, of a step, of a ``*.steps.yaml`` file, of an environment.

One record serves three readers: :mod:`runner.scenario.build` checks files with it, :mod:`runner.scenario.shapes.published` makes the
editors' schema of it, and the reference is generated from it. Custom kinds of value stand for what is compiled rather than converted.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from runner.clock import Duration

__all__ = [
    "BUILT_IN",
    "INPUT_TYPES",
    "LANGUAGE",
    "EnvironmentFile",
    "InputRecord",
    "Modifiers",
    "Parallel",
    "RefusedRecord",
    "RepeatRecord",
    "RetryRecord",
    "ScenarioFile",
    "StepList",
    "StepsFile",
    "Use",
    "read_kind",
]


class StepList(list[Any]):
    """A list of steps; for the schema only."""


class Record(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all objects of the language have in common: an unknown key is a mistake."""


# An expression without braces.
Condition = Annotated[
    str,
    Meta(title="Condition", description="An expression, without braces.", examples=["mail.status == 'sent'"]),
]


class RepeatRecord(Record, frozen=True):
    """Do the step again and again until something holds."""

    until: Annotated[str, Meta(title="Until", description="Reached: the expression is true.", examples=["output.status == 'sent'"])]
    every: Annotated[Duration, Meta(title="Every", description="How long to wait in between.", examples=["2s"])] = Duration(seconds=1)
    within: Annotated[
        Duration | None, Meta(title="Within", description="Still pending after that: the step fails.", examples=["1 min"])
    ] = None
    stop_if: Annotated[
        str | None, Meta(title="Stop if", description="Impossible: the step fails at once.", examples=["output.status == 'failed'"])
    ] = None


class RetryRecord(Record, frozen=True):
    """Try again after a failure of the wire."""

    times: Annotated[int, Meta(title="Times", description="How many more tries.", examples=[2], ge=1, le=100)] = 2
    every: Annotated[Duration, Meta(title="Every", description="How long to wait before the first of them.", examples=["1s"])] = Duration(
        seconds=1
    )
    backoff: Annotated[
        float, Meta(title="Backoff", description="What the wait is multiplied by each time.", examples=[2], ge=1, le=100)
    ] = 1.0
    jitter: Annotated[float, Meta(title="Jitter", description="Which part of the wait is left to chance.", examples=[0.2], ge=0, le=1)] = (
        0.0
    )
    even_if_sent: Annotated[bool, Meta(title="Even if sent", description="Also when mail may have left already.", examples=[True])] = False


class RefusedRecord(Record, frozen=True):
    """How the vendor must refuse."""

    reason: Annotated[str | None, Meta(title="Reason", description="The neutral reason.", examples=["forbidden"])] = None
    http: Annotated[Any, Meta(title="HTTP status", description="The status of the answer, or a matcher.", examples=[403])] = None
    code: Annotated[Any, Meta(title="Code", description="The vendor's own code, or a matcher.", examples=["error.notFound"])] = None
    message: Annotated[
        Any, Meta(title="Message", description="The vendor's own words, or a matcher.", examples=[{"contains": "subject"}])
    ] = None


class Modifiers(Record, frozen=True):
    """What may stand beside every step."""

    name: Annotated[str | None, Meta(title="Name", description="What the report calls this step.", examples=["Answer the customer"])] = None
    as_: Annotated[
        str | None, Meta(title="As", description="The actor who does it; default: the last one who logged in.", examples=["agent"])
    ] = field(name="as", default=None)
    save: Annotated[
        str | dict[str, str] | None,
        Meta(
            title="Save",
            description="Keeps the output under this name; `{mail_id: id}` keeps one field of it.",
            examples=["mail"],
        ),
    ] = None
    expect: Annotated[
        Any,
        Meta(
            title="Expect",
            description="What the output must look like: objects are partial, lists exact, and a matcher may stand wherever a value may.",
            examples=[{"status": "sent"}],
        ),
    ] = None
    refused: Annotated[
        str | RefusedRecord | None,
        Meta(title="Refused", description="The vendor must refuse; the step passes only then.", examples=["forbidden"]),
    ] = None
    when: Annotated[
        str | None,
        Meta(title="When", description="An expression without braces; false: the step is skipped.", examples=["vendor == 'gws'"]),
    ] = None
    for_each: Annotated[
        Any,
        Meta(
            title="For each",
            description="A list; the step is done for each `item`. `{customer: [...]}` gives the item another name.",
            examples=[["one", "two"]],
        ),
    ] = None
    repeat: Annotated[
        RepeatRecord | None,
        Meta(
            title="Repeat", description="Do it again until something holds.", examples=[{"until": "output.status == 'sent'", "every": "2s"}]
        ),
    ] = None
    retry: Annotated[
        RetryRecord | None,
        Meta(title="Retry", description="Try again after a failure of the wire.", examples=[{"times": 2, "every": "1s"}]),
    ] = None
    timeout: Annotated[Duration | None, Meta(title="Timeout", description="The longest this step may take.", examples=["30s"])] = None
    on_failure: Annotated[
        Literal["stop", "continue"], Meta(title="On failure", description="Whether the scenario goes on.", examples=["continue"])
    ] = "stop"


class ScenarioFile(Record, frozen=True, kw_only=True):
    """One scenario: what is done, by whom, at which vendors, and what must come of it."""

    scenario: Annotated[
        str, Meta(title="Scenario", description="What it proves, as a sentence.", examples=["An agent answers a customer"], min_length=1)
    ]
    id: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None,
        Meta(
            title="Id",
            description="Keeps the history when the file is renamed: letters, digits, `-`, `_` and `.`.",
            examples=["reply-with-invoice"],
        ),
    ] = None
    description: Annotated[
        str | None, Meta(title="Description", description="More about it, for people.", examples=["The everyday case of the billing desk."])
    ] = None
    tags: Annotated[
        str | list[str] | None, Meta(title="Tags", description="Words to choose scenarios by.", examples=[["nightly", "smoke"]])
    ] = None
    vendors: Annotated[
        str | list[str] | None, Meta(title="Vendors", description="One run for each of them.", examples=[["gws", "icws", "egain"]])
    ] = None
    vendor: Annotated[str | None, Meta(title="Vendor", description="The vendor it runs against.", examples=["gws"])] = None
    variables: Annotated[
        dict[str, Any] | None,
        Meta(
            title="Variables", description="Names and their values, for use as `{{ name }}`.", examples=[{"order": "{{ unique('ORD-') }}"}]
        ),
    ] = None
    cases: Annotated[
        str | list[dict[str, Any]] | None,
        Meta(
            title="Cases",
            description="One run for each row: a list of objects, or the path of a CSV, YAML or JSON file.",
            examples=["data/customers.csv"],
        ),
    ] = None
    steps: Annotated[StepList, Meta(title="Steps", description="What is done, in order.", examples=[[{"login": {"as": "agent"}}, "send"]])]
    cleanup: Annotated[
        StepList | None,
        Meta(title="Clean-up", description="Steps that always run, also after a failure or Ctrl-C.", examples=[["logout"]]),
    ] = None


INPUT_TYPES = ("text", "number", "whole_number", "boolean", "list", "object", "file", "any")


class InputRecord(Record, frozen=True):
    """An input of a word of one's own."""

    type: Annotated[
        Literal["text", "number", "whole_number", "boolean", "list", "object", "file", "any"],
        Meta(title="Type", description="What kind of value it is.", examples=["text"]),
    ] = "any"
    default: Annotated[Any, Meta(title="Default", description="Its value when none is given.", examples=["Hello"])] = msgspec.UNSET
    description: Annotated[
        str | None, Meta(title="Description", description="What it is for.", examples=["The customer's order number"])
    ] = None


class StepsFile(Record, frozen=True, kw_only=True):
    """A word of one's own: a step made of steps."""

    step: Annotated[
        str,
        Meta(
            title="Step",
            description="The word, as scenarios use it: small letters, digits and `_`.",
            examples=["answer_with_invoice"],
            pattern=r"^[a-z][a-z0-9_]{0,59}$",
        ),
    ]
    description: Annotated[
        str | None, Meta(title="Description", description="What it does, in a sentence.", examples=["Reply with the invoice"])
    ] = None
    inputs: Annotated[
        dict[str, str | InputRecord | None] | None,
        Meta(title="Inputs", description="The parameters it takes.", examples=[{"text": {"type": "text"}}]),
    ] = None
    outputs: Annotated[
        dict[str, Any] | None, Meta(title="Outputs", description="What it gives back.", examples=[{"mail": "{{ answer }}"}])
    ] = None
    steps: Annotated[StepList, Meta(title="Steps", description="What it does, in order.", examples=[["send"]])]


class Parallel(Record, frozen=True):
    """Steps that are done at the same time."""


class Use(Record, frozen=True):
    """A file with steps, and what it is given."""

    file: Annotated[str, Meta(title="File", description="The `*.steps.yaml` file.", examples=["steps/answer.steps.yaml"])]
    with_: Annotated[dict[str, Any] | None, Meta(title="With", description="Its inputs.", examples=[{"text": "Hello"}])] = field(
        name="with", default=None
    )


class LimitsRecord(Record, frozen=True):
    """What a vendor's system can bear."""

    requests_per_second: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(title="Requests a second", description="No more than these are sent.", examples=[5])
    ] = None
    sessions: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(title="Sessions", description="No more are open at once.", examples=[4])
    ] = None


class ServerRecord(Record, frozen=True):
    """A mail server."""

    host: Annotated[str, Meta(title="Host", description="Its name or address.", examples=["mx.staging.example.com"])]
    port: Annotated[
        Annotated[int, Meta(ge=1, le=65535)] | None, Meta(title="Port", description="Default: the usual one.", examples=[25])
    ] = None
    user: Annotated[str | None, Meta(title="User", description="Who logs in, if anybody must.", examples=["customer"])] = None
    password: Annotated[str | None, Meta(title="Password", description="Always as a secret.", examples=["{{ secret('CUSTOMER') }}"])] = None
    tls: Annotated[
        Literal["none", "starttls", "implicit"] | None,
        Meta(title="TLS", description="How the connection is made safe.", examples=["starttls"]),
    ] = None


class MailboxRecord(ServerRecord, frozen=True):
    """A mail server with a mailbox on it."""

    folder: Annotated[str | None, Meta(title="Folder", description="Default: INBOX.", examples=["INBOX"])] = None


class MailRecord(Record, frozen=True):
    """The mail servers around the contact centre."""

    smtp: Annotated[ServerRecord | None, Meta(title="SMTP", description="Takes customers' mail in.")] = None
    imap: Annotated[MailboxRecord | None, Meta(title="IMAP", description="The customer's mailbox.")] = None


class DefaultsRecord(Record, frozen=True):
    """What holds for every run there."""

    timeout: Annotated[Duration | None, Meta(title="Timeout", description="For each step.", examples=["30s"])] = None
    scenario_timeout: Annotated[Duration | None, Meta(title="Scenario timeout", description="For each scenario.", examples=["15 min"])] = (
        None
    )
    cleanup_timeout: Annotated[Duration | None, Meta(title="Clean-up timeout", description="For cleaning up.", examples=["20s"])] = None
    parallel: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(title="Parallel", description="How many scenarios run at once.", examples=[8])
    ] = None


class EnvironmentFile(Record, frozen=True):
    """A named place to run against: addresses, actors, limits, guards."""

    environment: Annotated[str, Meta(title="Environment", description="Its name.", examples=["staging"])]
    description: Annotated[str | None, Meta(title="Description", description="More about it.", examples=["The systems of the QA team"])] = (
        None
    )
    vendors: Annotated[dict[str, Any] | None, Meta(title="Vendors", description="Where each vendor is.")] = None
    actors: Annotated[
        dict[str, Any] | None, Meta(title="Actors", description="Pools of people; each run borrows one, and nobody else has it meanwhile.")
    ] = None
    mail: Annotated[MailRecord | None, Meta(title="Mail", description="The mail servers.")] = None
    allow_recipients: Annotated[
        list[str] | None,
        Meta(
            title="Allowed recipients", description="Anything else is refused before a connection is opened.", examples=[["*@example.com"]]
        ),
    ] = None
    variables: Annotated[
        dict[str, Any] | None, Meta(title="Variables", description="Names that every scenario here knows.", examples=[{"desk": "Billing"}])
    ] = None
    defaults: Annotated[DefaultsRecord | None, Meta(title="Defaults", description="What holds for every run there.")] = None


def read_kind(kind: type, value: Any) -> Any:
    """The ``dec_hook`` for these records."""
    if kind is Duration:
        return Duration.parse(value)
    return value


class LanguageWord(Struct, frozen=True):
    """A step that the engine itself carries out."""

    name: str
    title: str
    description: str
    example: str


# The steps that belong to the language, not to a vendor.
LANGUAGE: dict[str, LanguageWord] = {
    "parallel": LanguageWord(
        "parallel",
        "Do steps at the same time",
        "All steps of the list at once; each is done, whatever becomes of the others.",
        "- parallel:\n    - wait: {for: 1s}\n    - note: meanwhile",
    ),
    "use": LanguageWord(
        "use",
        "Use a file with steps",
        "Does the steps of a `*.steps.yaml` file, with its inputs.",
        "- use: {file: steps/answer.steps.yaml, with: {text: Hello}}",
    ),
}
BUILT_IN = frozenset(LANGUAGE)
