"""The published schemas: what an outside validator says of good and bad files, and what an editor needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.matching import MATCHER_NAMES
from runner.plugins.vocabulary import STATUSES
from runner.scenario.load import Loader
from runner.scenario.schema import Vocabulary
from runner.scenario.shapes.published import environment_schema, scenario_schema, steps_schema, write_schemas
from runner.scenario.yaml.document import parse
from runner.scenario.yaml.nodes import plain
from runner.source import Source

GOLDEN = Path(__file__).parents[3] / "golden" / "check"
SHIPPED = Path(__file__).parents[4] / "scenarios"

HEAD = "scenario: x\nvendor: gws\n"
STEPS = HEAD + "steps:\n"
GOOD = [
    HEAD + "steps: [login]\n",
    "scenario: x\nvendors: [gws, icws]\ntags: smoke\nsteps: [login: agent, send, logout]\n",
    "scenario: x\nvendors: gws\nvariables: {a: 1}\ncases: data/a.csv\nsteps: [login]\n",
    STEPS + "  - create: {to: [a@example.com], subject: 4711}\n    save: {m: id}\n",
    STEPS + '  - attach: {file: "{{ f }}", inline: "{{ i }}"}\n  - verify_status: "{{ s }}"\n',
    STEPS + "  - verify_status: {is: [sent, sending], within: 1 min}\n    expect: {subject: {contains: x}, to: [{is: email}]}\n",
    STEPS + "  - parallel:\n      - wait: {for: 1s}\n      - note: hello\n",
    STEPS + "  - use: steps/a.steps.yaml\n  - use: {file: steps/a.steps.yaml}\n  - set: {a: 1}\n",
    STEPS + "  - send:\n    refused: {reason: invalid, http: {between: [400, 499]}}\n  - download: a.pdf\n    retry: 2\n    timeout: 5s\n",
    "scenario: x\nvendor: icws\nsteps:\n  - icws.send_recording: {user: agent1}\ncleanup: [logout]\n",
    STEPS + "  - http: {url: /a, method: POST, json: {a: [1]}, headers: {X: 1}}\n    for_each: [1]\n",
    STEPS + "  - verify_status: sent\n    repeat: {until: x, every: 2s}\n    name: '{{ x }}'\n",
    STEPS + "  - verify_attachments: [a.pdf]\n  - verify_attachments: {are: [{name: a.pdf, size: 2}, b.pdf]}\n",
]
BAD = [
    HEAD,
    "scenario: x\nvendor: gsw\nsteps: [login]\n",
    HEAD + "steps: [sned]\n",
    STEPS + "  - sned: {}\n",
    STEPS + "  - attach: {fil: a.pdf}\n",
    STEPS + "  - attach: {inline: maybe}\n",
    STEPS + "  - verify_status: {is: snet}\n",
    STEPS + "  - verify_status: {is: sent, within: 30}\n",
    STEPS + "  - send:\n    on_failure: never\n",
    STEPS + "  - send:\n    repeat: {every: 2s}\n",
    STEPS + "  - send:\n    retry: {times: 0}\n",
    HEAD + "id: a b\nsteps: [login]\n",
    HEAD + "variables: {a b: 1}\nsteps: [login]\n",
]


@pytest.fixture(scope="module")
def schema(plain_vocabulary: Vocabulary) -> dict[str, Any]:
    """The schema of scenarios."""
    return scenario_schema(plain_vocabulary, meanings=STATUSES)


def data(text: str) -> Any:
    """A file as plain data."""
    return plain(parse(Source("a.yaml", text)).root)


def parts(document: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every sub-schema that stands for a value, with its path."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key in ("properties", "$defs"):
                for name, one in value.items():
                    yield f"{path}/{name}", one
                    yield from parts(one, f"{path}/{name}")
            elif key in ("items", "additionalProperties") and isinstance(value, dict):
                yield f"{path}/{key}", value
                yield from parts(value, f"{path}/{key}")


def texts(value: Any) -> Iterator[str]:
    """Every text in a body."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def test_the_documents_are_schemas(plain_vocabulary: Vocabulary) -> None:
    """All three are JSON Schema 2020-12."""
    for make in (scenario_schema, steps_schema, environment_schema):
        Draft202012Validator.check_schema(make(plain_vocabulary))


@pytest.mark.parametrize("text", GOOD)
def test_an_outside_validator_takes_good_files(schema: dict[str, Any], text: str) -> None:
    """What the language allows, the published schema allows."""
    assert [error.message for error in Draft202012Validator(schema).iter_errors(data(text))] == []


@pytest.mark.parametrize("text", BAD)
def test_an_outside_validator_refuses_bad_files(schema: dict[str, Any], text: str) -> None:
    """The usual mistakes are seen in the editor too."""
    assert not Draft202012Validator(schema).is_valid(data(text))


def test_a_good_file_is_good_to_both(schema: dict[str, Any], reads: Any, folder: Path) -> None:
    """The files above that need no other files are good to the checker as well."""
    (folder / "scenarios/data/a.csv").write_text("case,b\nOne,1\n")
    (folder / "scenarios/steps/a.steps.yaml").write_text("step: a\nsteps: [send]\n")

    assert [reads(text).name for text in GOOD] == ["x"] * len(GOOD)


@pytest.mark.parametrize("path", sorted(SHIPPED.rglob("*.scenario.yaml")), ids=lambda path: path.name)
def test_the_shipped_scenarios_fit(plain_vocabulary: Vocabulary, path: Path) -> None:
    """An editor shows no mistake in what is shipped, but for words that the plain vocabulary of these tests does not have."""
    errors = Draft202012Validator(scenario_schema(plain_vocabulary)).iter_errors(data(path.read_text(encoding="utf-8")))
    unknown = ("were unexpected", "was unexpected", "does not match '^(")

    assert [error.message for error in errors if not any(word in error.message for word in unknown)] == []


def test_everything_has_a_title_and_a_description(schema: dict[str, Any]) -> None:
    """An editor has something to show wherever the cursor stands."""
    without = [path for path, one in parts(schema) if "$ref" not in one and not (one.get("title") and one.get("description"))]

    assert [path for path in without if not path.endswith("vendors/items")] == []


def test_every_step_has_a_snippet_that_is_a_valid_step(schema: dict[str, Any], plain_vocabulary: Vocabulary) -> None:
    """What an editor inserts fits, and its templates have their quotes with them."""
    step = Draft202012Validator({"$ref": "#/$defs/step", "$defs": schema["$defs"]})
    snippets = schema["$defs"]["steps"]["defaultSnippets"]
    words = {word for vendor in plain_vocabulary.vendors for word in plain_vocabulary.steps_of(vendor)} | {"parallel", "use"}

    assert {snippet["label"] for snippet in snippets} == words
    assert [snippet["label"] for snippet in snippets if not step.is_valid(snippet["body"])] == []
    assert [text for snippet in snippets for text in texts(snippet["body"]) if "{" in text and text[0] + text[-1] != '""'] == []


def test_a_new_scenario_is_a_snippet(schema: dict[str, Any], loader: Loader, folder: Path) -> None:
    """The snippet for a new file, with its places filled in as proposed, is a good scenario."""
    (snippet,) = schema["defaultSnippets"]
    text = json.dumps(snippet["body"]).replace("${2|egain,gws,icws|}", "gws")
    for place in ("${1:", "${3:", "${4:", "${5:"):
        text = text.replace(place, "")
    path = folder / "scenarios/new.scenario.yaml"

    scenario = loader.parse(Source("new.scenario.yaml", text.replace('}"', '"'), path), path)

    assert [step.word for step in scenario.steps] == ["login", "create", "send", "verify_status"]


def test_statuses_are_explained(schema: dict[str, Any]) -> None:
    """Each value of an enumeration has a text beside it."""
    choices = schema["$defs"]["step"]["properties"]["verify_status"]["properties"]["is"]["anyOf"][0]

    assert dict(zip(choices["enum"], choices["enumDescriptions"], strict=True)) == {status: STATUSES[status] for status in choices["enum"]}


def test_every_matcher_is_completed(schema: dict[str, Any]) -> None:
    """The schema of expectations offers each matcher there is."""
    assert set(schema["$defs"]["expectation"]["properties"]) == MATCHER_NAMES | {"within"}


def test_own_words_are_completed(plain_vocabulary: Vocabulary, loader: Loader, folder: Path) -> None:
    """A project's own words are in its schema, with their inputs."""
    path = folder / "scenarios/steps/answer.steps.yaml"
    path.write_text("step: answer\ndescription: Say it.\ninputs: {text: {type: text}}\nsteps: [send]\n", encoding="utf-8")

    schema = scenario_schema(plain_vocabulary, own=[loader.definition(path)])

    own = schema["$defs"]["step"]["properties"]["answer"]
    assert (own["description"], own["required"], list(own["properties"])) == ("Say it.", ["text"], ["text"])
    assert Draft202012Validator(schema).is_valid(data("scenario: x\nvendor: gws\nsteps:\n  - answer: {text: Hello}\n"))


def test_files_with_steps_have_a_schema(plain_vocabulary: Vocabulary) -> None:
    """The schema for words of one's own takes a good file and refuses a bad one."""
    validator = Draft202012Validator(steps_schema(plain_vocabulary))

    assert validator.is_valid(data('step: a\ninputs: {b: {type: text, default: x}, c: text}\noutputs: {m: "{{ b }}"}\nsteps: [send]\n'))
    assert not validator.is_valid(data("step: A b\nsteps: [send]\n"))
    assert not validator.is_valid(data("step: a\ninputs: {b: {type: txet}}\nsteps: [send]\n"))


def test_environments_have_a_schema(plain_vocabulary: Vocabulary) -> None:
    """The schema for environments takes the example of the language and refuses unknown vendors."""
    text = """\
environment: staging
vendors:
  gws: {url: "https://gws.example.com", limits: {requests_per_second: 5, sessions: 4}}
actors:
  agent:
    - {gws: {}, icws: {}}
mail:
  smtp: {host: mx.example.com, port: 25}
  imap: {host: imap.example.com, user: customer, password: "{{ secret('CUSTOMER') }}"}
allow_recipients: ["*@example.com"]
defaults: {timeout: 30s, parallel: 8}
"""
    validator = Draft202012Validator(environment_schema(plain_vocabulary))

    assert [error.message for error in validator.iter_errors(data(text))] == []
    assert not validator.is_valid(data("environment: a\nvendors: {gsw: {}}\n"))


def test_schemas_are_written_once_and_drift_is_seen(tmp_path: Path, plain_vocabulary: Vocabulary) -> None:
    """Writing twice changes nothing; with `check` nothing is written, and what would change is told."""
    would = write_schemas(tmp_path, plain_vocabulary, check=True)
    first = write_schemas(tmp_path, plain_vocabulary)
    second = write_schemas(tmp_path, plain_vocabulary)
    (tmp_path / "scenario.schema.json").write_text("{}")

    assert would == first
    assert [path.name for path in first] == ["scenario.schema.json", "steps.schema.json", "environment.schema.json"]
    assert second == []
    assert [path.name for path in write_schemas(tmp_path, plain_vocabulary, check=True)] == ["scenario.schema.json"]
