"""
``runner steps [NAME]``: the vocabulary, and everything about one word of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from runner.cli.exits import Exit
from runner.cli.selecting import format_option, harness_of

if TYPE_CHECKING:  # types for the reader; the registry brings them when it is loaded
    from runner.cli.describing import Field
    from runner.plugins.contract import StepType
    from runner.plugins.registry import Registry

__all__ = ["command"]

_GENERAL = "general"


@click.command("steps")
@click.argument("name", required=False)
@click.option("--vendor", metavar="NAME", help="Only what this vendor can do.")
@format_option
@click.pass_context
def command(ctx: click.Context, name: str | None, vendor: str | None, form: str) -> int:
    """Show the steps that a scenario can have; with NAME, everything about one."""
    from runner.cli.output import say, say_json

    registry: Registry = harness_of(ctx).registry()
    words = _words(registry, vendor)
    if name is not None and name not in words:
        raise click.UsageError(_unknown(name, words), ctx)
    chosen = words if name is None else {name: words[name]}
    if form == "json":
        records = [_record(registry, word, types) for word, types in chosen.items()]
        say_json(records[0] if name is not None else {"steps": records})
    elif name is not None:
        say("\n".join(_page(registry, name, words[name])))
    else:
        say("\n".join(_index(registry, words)))
    return Exit.PASSED


def _words(registry: Registry, vendor: str | None) -> dict[str, dict[str, StepType]]:
    if vendor is None:
        return {word: dict(types) for word, types in registry.words().items()}
    own = {step.name for step in registry.vendor(vendor).steps}
    return {word: {vendor if word in own else _GENERAL: step} for word, step in registry.steps_of(vendor).items()}


def _unknown(name: str, words: Mapping[str, object]) -> str:
    from runner.errors import nearest

    close = nearest(name, words)
    return f"there is no step `{name}`" + (f"; did you mean `{close}`?" if close else "; see all with `runner steps`")


def _groups(words: Mapping[str, Mapping[str, StepType]]) -> dict[str, list[str]]:
    """Heading → words: the shared ones in the vocabulary's order, the general ones, each vendor's own."""
    from runner.plugins.vocabulary import WORDS

    groups: dict[str, list[str]] = {"shared": [word.name for word in WORDS if word.name in words], _GENERAL: []}
    shared = set(groups["shared"])
    for word, types in words.items():
        if word not in shared:
            groups.setdefault(next(iter(types)), []).append(word)
    return groups


def _index(registry: Registry, words: Mapping[str, Mapping[str, StepType]]) -> Iterator[str]:
    width = max((len(word) for word in words), default=0) + 2
    for heading, names in _groups(words).items():
        if not names:
            continue
        yield {"shared": "Shared by the vendors", _GENERAL: "General, for every vendor"}.get(heading, f"Only {heading}")
        for name in names:
            types = words[name]
            able = "" if heading != "shared" else f"  ({', '.join(sorted(types))})"
            yield f"  {name:<{width}}{next(iter(types.values())).title}{able}"
        yield ""
    yield "Everything about one: runner steps NAME"


def _page(registry: Registry, name: str, types: Mapping[str, StepType]) -> Iterator[str]:
    step = next(iter(types.values()))
    yield f"{name}: {step.title}"
    yield step.description
    yield ""
    yield from (f"  {line}" for line in step.example.splitlines())
    yield ""
    parameters = _parameters(types)
    yield "Parameters" if parameters else "It has no parameters."
    yield from _fields(parameters, step)
    outputs = _outputs(types)
    if outputs:
        yield ""
        yield "Gives, for `save` and `expect`"
        yield from (f"  {field.name:<14} {field.type}{_only(vendors)}" for field, vendors in outputs)
    yield ""
    yield "Vendors"
    yield from (f"  {vendor:<14} {able}" for vendor, able in _able(registry, types).items())
    refusals = list(dict.fromkeys(reason for one in types.values() for reason in one.refusals))
    if refusals:
        yield ""
        yield f"May be refused, for `refused`: {', '.join(refusals)}"
    yield from _notes(step)


def _fields(parameters: list[tuple[Field, str]], step: StepType) -> Iterator[str]:
    for field, vendors in parameters:
        need = "required" if field.required else f"default {field.default}" if field.default else ""
        short = f"short form: `{step.name}: …`" if field.name == step.short else ""
        facts = ", ".join(part for part in (need, short) if part)
        yield f"  {field.name:<14} {field.type}{f' ({facts})' if facts else ''}{_only(vendors)}"
        example = f" Example: {field.example}" if field.example else ""
        if field.description or example:
            yield f"  {'':<14} {field.description}{example}"


def _only(vendors: str) -> str:
    return f"  only {vendors}" if vendors else ""


def _parameters(types: Mapping[str, StepType]) -> list[tuple[Field, str]]:
    """Every parameter with the vendors that have it, "" when all do."""
    from runner.cli.describing import fields_of

    return _merged({vendor: fields_of(step.parameters) for vendor, step in types.items()})


def _outputs(types: Mapping[str, StepType]) -> list[tuple[Field, str]]:
    from runner.cli.describing import fields_of

    return _merged({vendor: fields_of(step.output) for vendor, step in types.items()})


def _merged(by_vendor: Mapping[str, list[Field]]) -> list[tuple[Field, str]]:
    found: dict[str, Field] = {}
    having: dict[str, list[str]] = {}
    for vendor, fields in by_vendor.items():
        for field in fields:
            found.setdefault(field.name, field)
            having.setdefault(field.name, []).append(vendor)
    return [(field, "" if len(having[name]) == len(by_vendor) else ", ".join(having[name])) for name, field in found.items()]


def _able(registry: Registry, types: Mapping[str, StepType]) -> dict[str, str]:
    """Vendor → ``yes``, or why it cannot."""
    if _GENERAL in types:
        return {"all": "yes"}
    word = next(iter(types.values())).name
    own = word.partition(".")[0] if "." in word else ""
    able: dict[str, str] = {}
    for vendor in registry.names:
        if vendor in types:
            able[vendor] = "yes"
        elif not own:
            able[vendor] = f"no: {registry.vendor(vendor).cannot.get(word, 'it has no way to do it')}"
    return able


def _notes(step: StepType) -> Iterator[str]:
    if step.sends:
        yield "It sends mail, so it is never repeated by itself."
    if step.shape == "observe":
        yield "It waits, and ends as soon as it is clear whether what was asked for comes."
    if step.anonymous:
        yield "Nobody need be logged in for it."


def _record(registry: Registry, name: str, types: Mapping[str, StepType]) -> dict[str, Any]:
    """A step as JSON-able data."""
    step = next(iter(types.values()))
    return {
        "name": name,
        "title": step.title,
        "description": step.description,
        "example": step.example,
        "shape": step.shape,
        "short": step.short,
        "sends": step.sends,
        "parameters": [_field_record(field, vendors, types) for field, vendors in _parameters(types)],
        "output": [_field_record(field, vendors, types) for field, vendors in _outputs(types)],
        "vendors": _able(registry, types),
        "refusals": list(dict.fromkeys(reason for one in types.values() for reason in one.refusals)),
    }


def _field_record(field: Field, vendors: str, types: Mapping[str, StepType]) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "title": field.title,
        "description": field.description,
        "default": field.default,
        "example": field.example,
        "vendors": vendors.split(", ") if vendors else list(types),
    }
