"""The installed vendors' words, the shipped files and the published schemas agree with one another."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runner.harness import registry, vocabulary
from runner.scenario.load import Loader, find
from runner.scenario.project import Project
from runner.scenario.schema import Vocabulary
from runner.scenario.shapes.published import environment_schema, scenario_schema, steps_schema
from runner.scenario.yaml.document import parse
from runner.scenario.yaml.nodes import plain
from runner.source import Source

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "scenarios"
VOCABULARY = vocabulary(registry())
EXAMPLES = [(vendor, word) for vendor in VOCABULARY.vendors for word in sorted(VOCABULARY.steps_of(vendor))]


@pytest.fixture(scope="module")
def real() -> Loader:
    """A loader of this project."""
    return Loader(VOCABULARY, Project(ROOT))


@pytest.fixture(scope="module")
def schemas(real: Loader) -> dict[str, Draft202012Validator]:
    """An outside validator for each kind of file."""
    words = [real.definition(path) for path in find([SHIPPED], steps=True) if path.name.endswith(".steps.yaml")]
    return {
        "scenario": Draft202012Validator(scenario_schema(VOCABULARY, own=words)),
        "steps": Draft202012Validator(steps_schema(VOCABULARY, own=words)),
        "environment": Draft202012Validator(environment_schema(VOCABULARY)),
    }


def data(text: str) -> Any:
    """A file as plain data."""
    return plain(parse(Source("a.yaml", text)).root)


def errors(validator: Draft202012Validator, text: str) -> list[str]:
    """What an outside validator says of a file."""
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data(text))]


@pytest.mark.parametrize(("vendor", "word"), EXAMPLES, ids=[f"{vendor}-{word}" for vendor, word in EXAMPLES])
def test_every_example_is_a_good_step(real: Loader, schemas: dict[str, Draft202012Validator], vendor: str, word: str) -> None:
    """The example of each word of each vendor is taken by the checker and by the published schema."""
    example = VOCABULARY.steps_of(vendor)[word].example
    text = f"scenario: x\nvendor: {vendor}\nsteps:\n{textwrap.indent(example, '  ')}\n"
    path = SHIPPED / "example.scenario.yaml"

    assert real.parse(Source("example.scenario.yaml", text, path), path).steps[0].word == word
    assert errors(schemas["scenario"], text) == []


@pytest.mark.parametrize("path", find([SHIPPED], steps=True), ids=lambda path: path.name)
def test_every_shipped_file_fits_its_schema(schemas: dict[str, Draft202012Validator], path: Path) -> None:
    """An editor shows no mistake in what is shipped."""
    assert errors(schemas["steps" if path.name.endswith(".steps.yaml") else "scenario"], path.read_text(encoding="utf-8")) == []


def test_every_shipped_environment_fits_its_schema(schemas: dict[str, Draft202012Validator]) -> None:
    """Environments too."""
    files = (SHIPPED / "environments").glob("*.yaml")

    assert [wrong for path in files for wrong in errors(schemas["environment"], path.read_text(encoding="utf-8"))] == []


def test_the_vocabulary_is_the_whole_one() -> None:
    """All three vendors and the general steps are there."""
    assert isinstance(VOCABULARY, Vocabulary)
    assert set(VOCABULARY.vendors) >= {"egain", "gws", "icws"}
    assert VOCABULARY.is_general("http")
