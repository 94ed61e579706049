"""
The JSON Schemas that editors and other tools read: made of the same shapes that files are checked with, so that both say the same.

Three documents (JSON Schema 2020-12): scenarios, ``*.steps.yaml`` files, environments. They are written for completion: a title
everywhere, ``type`` lists rather than ``anyOf``, each step with a snippet, each key with an example. They live in ``schemas/``, are
committed, and checked for drift with ``write_schemas(..., check=True)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from runner.scenario.language import LANGUAGE, EnvironmentFile, LimitsRecord, Modifiers, ScenarioFile, StepsFile, Use
from runner.scenario.model import Definition
from runner.scenario.schema import GENERAL, Vocabulary
from runner.scenario.shapes.outline import Outline
from runner.scenario.shapes.snippets import example_of, new_environment, new_scenario, new_steps, step_snippet

__all__ = ["environment_schema", "published_schema", "scenario_schema", "steps_schema", "write_schemas"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEMPLATE = "\\{\\{"
Document = dict[str, Any]


def write_schemas(
    folder: Path,
    vocabulary: Vocabulary,
    *,
    own: Iterable[Definition] = (),
    meanings: Mapping[str, str] | None = None,
    others: Mapping[str, Document] | None = None,
    check: bool = False,
) -> list[Path]:
    """
    Write the three documents into *folder*; *own* are the project's own words, *meanings* explain values of enumerations. *others* are
    documents that are published with them, file name → document.

    With *check* nothing is written. Returns: The files that changed, or would.
    """
    documents = {
        "scenario.schema.json": scenario_schema(vocabulary, own=own, meanings=meanings),
        "steps.schema.json": steps_schema(vocabulary, own=own, meanings=meanings),
        "environment.schema.json": environment_schema(vocabulary, meanings=meanings),
        **(others or {}),
    }
    changed = []
    for name, document in documents.items():
        path, content = folder / name, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
        if path.is_file() and path.read_bytes().replace(b"\r\n", b"\n") == content:
            continue
        changed.append(path)
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return changed


def published_schema(vocabulary: Vocabulary, *, own: Iterable[Definition] = (), meanings: Mapping[str, str] | None = None) -> Document:
    """The document for scenario files; see :func:`scenario_schema`."""
    return scenario_schema(vocabulary, own=own, meanings=meanings)


def scenario_schema(vocabulary: Vocabulary, *, own: Iterable[Definition] = (), meanings: Mapping[str, str] | None = None) -> Document:
    """For ``*.scenario.yaml``."""
    outline = Outline(vocabulary.describe, meanings or {})
    document = _document("Scenario", outline.record(ScenarioFile))
    properties = document["properties"]
    titles = {name: vocabulary.vendor(name).title for name in vocabulary.vendors}
    properties["vendor"] |= _choice(titles)
    properties["vendors"] |= {
        "type": ["array", "string"],
        "items": {"title": "Vendor", **_choice(titles)},
        "minItems": 1,
        "uniqueItems": True,
    }
    properties["variables"] |= _names()
    _with_steps(document, vocabulary, tuple(own), outline)
    document["defaultSnippets"] = [new_scenario(vocabulary.vendors)]
    return document


def steps_schema(vocabulary: Vocabulary, *, own: Iterable[Definition] = (), meanings: Mapping[str, str] | None = None) -> Document:
    """For ``*.steps.yaml``."""
    outline = Outline(vocabulary.describe, meanings or {})
    document = _document("Steps of one's own", outline.record(StepsFile))
    document["properties"]["inputs"] |= _names()
    _with_steps(document, vocabulary, tuple(own), outline)
    document["defaultSnippets"] = [new_steps()]
    return document


def environment_schema(vocabulary: Vocabulary, *, meanings: Mapping[str, str] | None = None) -> Document:
    """For ``scenarios/environments/*.yaml``: each vendor's own options, defaults and credentials in their places."""
    outline = Outline(vocabulary.describe, meanings or {})
    document = _document("Environment", outline.record(EnvironmentFile))
    vendors = [vocabulary.vendor(name) for name in vocabulary.vendors]
    targets: Document = {}
    people: Document = {}
    for vendor in vendors:
        options = outline.record(vendor.options)
        options["title"] = vendor.title
        options["description"] = options["markdownDescription"] = f"Where {vendor.title} is."
        options["properties"] = _target(vendor.title) | {
            "limits": outline.record(LimitsRecord) | {"title": "Limits"},
            "defaults": outline.record(vendor.defaults) | {"title": "Defaults"},
            "settings": _settings(vendor.name),
            "faults": _faults(vendor.name),
            **options["properties"],
        }
        targets[vendor.name] = options
        people[vendor.name] = outline.record(vendor.credentials) | {"title": f"{vendor.title} credentials"}
    member = {
        "title": "Person",
        "description": "Credentials for each vendor.",
        "type": "object",
        "properties": people,
        "additionalProperties": False,
    }
    document["properties"]["vendors"] |= {"type": "object", "properties": targets, "additionalProperties": False}
    document["properties"]["actors"] |= {
        "type": "object",
        "additionalProperties": {
            "title": "Pool",
            "description": "People who can play this part.",
            "type": ["array", "object"],
            "items": member,
        },
    }
    document["defaultSnippets"] = [new_environment(vocabulary.vendors)]
    return document


def _settings(vendor: str) -> Document:
    """The names are left to the environment's own check: they are many, and few files have one."""
    told = f"The simulator's assumptions, where `url` is `simulator`; `runner simulate {vendor} --settings` lists them."
    return {"title": "Settings", "description": told, "markdownDescription": told, "type": "object"}


def _faults(vendor: str) -> Document:
    told = f"What goes wrong, where `url` is `simulator`; `runner simulate {vendor} --settings` lists the kinds."
    example = [["latency=200ms", "500:1@*/send"]]
    return {
        "title": "Faults",
        "description": told,
        "markdownDescription": told,
        "type": "array",
        "items": {"type": "string"},
        "examples": example,
    }


def _document(title: str, record: Document) -> Document:
    return {"$schema": _DIALECT, **record, "title": title}


def _target(title: str) -> Document:
    told = f"The address of {title}, or `simulator`."
    url = {"title": "URL", "description": told, "markdownDescription": told, "type": "string", "examples": ["https://staging.example.com"]}
    return {"url": url}


def _choice(titles: Mapping[str, str]) -> Document:
    return {"type": "string", "enum": list(titles), "enumDescriptions": list(titles.values())}


def _names() -> Document:
    names = {"pattern": "^[^\\W\\d]\\w*$", "patternErrorMessage": "A name has letters, digits and _ only, like order_number."}
    return {"type": ["object", "null"], "propertyNames": names}


# ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _with_steps(document: Document, vocabulary: Vocabulary, own: tuple[Definition, ...], outline: Outline) -> None:
    """Put the list of steps into the places that hold one."""
    document["$defs"] = {
        "steps": _steps(vocabulary, own),
        "step": _step(vocabulary, own, outline),
        "expectation": _expectation(),
    }
    for key in ("steps", "cleanup"):
        if key in document["properties"]:
            kept = {name: document["properties"][key][name] for name in ("title", "description", "markdownDescription")}
            document["properties"][key] = kept | {"$ref": "#/$defs/steps"}


def _steps(vocabulary: Vocabulary, own: tuple[Definition, ...]) -> Document:
    snippets = [step_snippet(spec, number) for number, spec in enumerate(_specs(vocabulary).values(), 10)]
    snippets += [step_snippet(word, number) for number, word in enumerate(LANGUAGE.values(), 10 + len(snippets))]
    told = "What is done, in order."
    return {
        "title": "Steps",
        "description": told,
        "markdownDescription": told,
        "type": "array",
        "items": {"$ref": "#/$defs/step"},
        "defaultSnippets": snippets,
    }


def _specs(vocabulary: Vocabulary) -> dict[str, Any]:
    """Every word once, the shared ones first, then each vendor's own."""
    found: dict[str, Any] = {}
    for vendor in (*vocabulary.vendors, GENERAL):
        for word, spec in vocabulary.steps_of(vendor).items():
            found.setdefault(word, spec)
    return dict(sorted(found.items(), key=lambda item: ("." in item[0], vocabulary.is_general(item[0]))))


def _step(vocabulary: Vocabulary, own: tuple[Definition, ...], outline: Outline) -> Document:
    words = {word: _word(word, vocabulary, outline) for word in _specs(vocabulary)}
    words |= {definition.name: _own_word(definition, outline) for definition in own}
    words["parallel"] = _said(LANGUAGE["parallel"]) | {"type": "array", "items": {"$ref": "#/$defs/step"}}
    words["use"] = _said(LANGUAGE["use"]) | outline.record(Use, bare=True) | {"type": ["object", "string"]}
    modifiers = outline.record(Modifiers)["properties"]
    modifiers["expect"] |= {"$ref": "#/$defs/expectation"}
    modifiers["refused"] |= {"type": ["string", "object", "boolean"], "examples": list(vocabulary.reasons)}
    modifiers["retry"] |= {"type": ["object", "integer"]}
    told = "One step: a word with its parameters, and what stands beside it."
    return {
        "title": "Step",
        "description": told,
        "markdownDescription": told,
        "type": ["object", "string"],
        "pattern": f"^({'|'.join(sorted(word.replace('.', '[.]') for word in words))})$",
        "patternErrorMessage": "There is no step of this name.",
        "minProperties": 1,
        "properties": words | modifiers,
        "additionalProperties": False,
    }


def _said(spec: Any) -> Document:
    """Title, description and example, as an editor shows them."""
    sample = spec.example.strip()
    return {
        "title": spec.title,
        "description": spec.description,
        "markdownDescription": f"{spec.description}\n\n```yaml\n{sample}\n```",
    }


def _word(word: str, vocabulary: Vocabulary, outline: Outline) -> Document:
    """A word's parameters, with those of all vendors that have it."""
    specs = vocabulary.specs(word, (*vocabulary.vendors, GENERAL))
    first = next(iter(specs.values()))
    if first.sets_names:
        return _said(first) | _names() | {"type": "object", "minProperties": 1}
    merged: Document = {}
    for spec in specs.values():
        record = outline.shape(vocabulary.record(spec))
        merged["properties"] = record["properties"] | merged.get("properties", {})
        required = set(record.get("required", ()))
        merged["required"] = sorted(required & set(merged["required"])) if "required" in merged else sorted(required)
    kinds = ["object"] if merged["required"] else ["object", "null"]
    short = merged["properties"].get(first.short, {}) if first.short else {}
    found = _said(first) | {"type": kinds, **merged, "additionalProperties": False}
    if not found["required"]:
        del found["required"]
    return found | _short(short, kinds, sample=example_of(first))


def _short(parameter: Document, kinds: list[str], *, sample: Any) -> Document:
    """A bare value may stand for the parameter that it is short for."""
    if not parameter:
        return {"type": kinds} if len(kinds) > 1 else {"type": "object"}
    bare = parameter.get("type", ["string", "number", "boolean", "array"])
    types = [*kinds, *(kind for kind in ([bare] if isinstance(bare, str) else bare) if kind not in (*kinds, "null"))]
    found: Document = {"type": types}
    if "enum" in parameter:
        found["examples"] = parameter["enum"]
    if "items" in parameter and "array" in types:
        found["items"] = parameter["items"]
    return found


def _own_word(definition: Definition, outline: Outline) -> Document:
    told = definition.description or f"The steps of {definition.source.name}."
    inputs = {name: outline.input(one) for name, one in definition.inputs.items()}
    needed = [name for name, one in definition.inputs.items() if one.default is None]
    document = {"title": definition.name, "description": told, "markdownDescription": told}
    document |= {"properties": inputs, "additionalProperties": False, "type": ["object", "string", "number", "boolean", "array", "null"]}  # type: ignore[dict-item]  # JSON
    return document | ({"required": needed} if needed else {})


# ── expectations ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _expectation() -> Document:
    """A shape of data in which a matcher may stand anywhere."""
    told = "A value means equal; an object is partial; a list is exact; and a matcher may stand wherever a value may."
    matchers = {
        name: {"title": name.replace("_", " ").capitalize(), "description": text, "markdownDescription": text, "examples": [example]}
        for name, (text, example) in _MATCHERS.items()
    }
    return {
        "title": "Expectation",
        "description": told,
        "markdownDescription": told,
        "type": ["object", "array", "string", "number", "boolean", "null"],
        "properties": matchers,
        "additionalProperties": {"$ref": "#/$defs/expectation"},
        "items": {"$ref": "#/$defs/expectation"},
    }


# Matcher → what it says, an example of its argument.
_MATCHERS: dict[str, tuple[str, Any]] = {
    "contains": ("The text has this in it; a list has such an item; an object has such a field.", "order"),
    "matches": ("The text matches this regular expression somewhere.", "Order [0-9]+"),
    "starts_with": ("The text begins with this.", "Re:"),
    "ends_with": ("The text ends with this.", ".pdf"),
    "one_of": ("It is one of these.", ["sent", "sending"]),
    "not": ("It is anything else.", "failed"),
    "at_least": ("A number, a duration or a time: this or more.", 1),
    "at_most": ("A number, a duration or a time: this or less.", "2s"),
    "between": ("From the first to the second, both included.", [1, 9]),
    "length": ("How long a text or a list is.", 2),
    "is": ("What kind of value it is.", "timestamp"),
    "each": ("Every item of the list is like this, and there is one at least.", {"status": "sent"}),
    "unordered": ("The list has exactly these items, in any order.", ["a.pdf", "b.pdf"]),
    "exactly": ("The object has these fields and no others.", {"id": "4711"}),
    "absent": ("There is no such field.", True),
    "same_as_file": ("The same bytes as a file of the project.", "files/invoice.pdf"),
    "close_to": ("Near this number or time; `within` says how near.", "12:00"),
    "within": ("How near `close_to` means.", "5s"),
    "schema": ("It fits the JSON Schema in this file.", "files/mail.schema.json"),
    "all_of": ("All of these hold.", [{"starts_with": "Re:"}, {"contains": "order"}]),
    "any_of": ("At least one of these holds.", ["sent", {"starts_with": "send"}]),
    "equals": ("It is this value, read literally.", {"contains": "order"}),
}
