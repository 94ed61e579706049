"""
Does a vendor keep the contract? Asked of each one when it is first loaded; one that does not is blamed by name, with everything at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from runner.errors import BrokenPlugin
from runner.plugins.contract import REASONS, StepType, Vendor, Word, decode_custom
from runner.plugins.vocabulary import WORDS

__all__ = ["verify"]

_SHARED = {word.name: word for word in WORDS}
# Every scalar is text, as `on` and `12:30` are in a scenario; the records take numbers from text. In C where PyYAML was built with it.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def verify(found: object, *, name: str, package: str, tried: bool = False) -> Vendor:
    """
    *found*, which the entry point *name* of *package* gave, as the vendor that it must be.

    Examples that were *tried* (those of our own vendors, by our tests) are believed: to read them takes as long as to read the file.

    Raises: ``BrokenPlugin`` – it does not keep the contract; the message lists every way in which it does not.
    """
    wrong = [f"it gives a {type(found).__name__}, and must give a Vendor"]
    if isinstance(found, Vendor):
        wrong = list(_wrong(found, name, tried=tried))
    if wrong or not isinstance(found, Vendor):
        raise BrokenPlugin(
            f"plugin `{name}` of {package} is broken: " + "\n  and: ".join(wrong),
            plugin=name,
            code="E603",
            hint=f"tell the people who make {package.partition(' ')[0]}",
        )
    return found


def _wrong(found: Vendor, name: str, *, tried: bool) -> Iterator[str]:
    if found.name != name:
        yield f"it calls itself `{found.name}`, and must have the name of its entry point"
    if not found.title:
        yield "it has no title"
    names = [step.name for step in found.steps]
    yield from (f"the step `{twice}` stands there more than once" for twice in sorted({n for n in names if names.count(n) > 1}))
    yield from (f"`{word}` is said to be impossible, and no shared word is called so" for word in found.cannot if word not in _SHARED)
    yield from (f"`{word}` is offered, and also said to be impossible" for word in found.cannot if word in names)
    for step in found.steps:
        yield from (f"step `{step.name}` {wrong}" for wrong in _wrong_step(step, found.name, tried=tried))


def _wrong_step(step: StepType, vendor: str, *, tried: bool) -> Iterator[str]:
    yield from (f"has no {text}" for text in ("title", "description", "example") if not getattr(step, text))
    if not _is_record(step.parameters):
        yield "has parameters that are not a msgspec.Struct"
        return
    yield from (f"may be refused as `{reason}`, which is no reason" for reason in step.refusals if reason not in REASONS)
    # `msgspec.structs.fields` would evaluate every annotation, which takes as long as all else that is looked at here
    fields = set(step.parameters.__struct_encode_fields__)
    asked = (step.short, *step.actors, *step.recipients)
    yield from (f"names the parameter `{name}`, which it does not have" for name in asked if name and name not in _spellings(step, fields))
    if step.name in _SHARED:
        yield from _wrong_shared(step, _SHARED[step.name], fields)
    elif vendor != "general" and not step.name.startswith(f"{vendor}."):
        yield f"is no shared word, so its name must begin with `{vendor}.`"
    if step.example and not tried and not _is_shared_example(step):
        yield from _wrong_example(step)


def _is_shared_example(step: StepType) -> bool:
    """Whether the example is the shared word's own, for the word's own parameters; our tests have tried it, so no run pays for it."""
    word = _SHARED.get(step.name)
    return word is not None and step.example == word.example and step.parameters is word.parameters


def _is_record(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _spellings(step: StepType, fields: set[str]) -> set[str]:
    """The parameters' names in files and in code (``as`` and ``as_``)."""
    return fields.union(step.parameters.__struct_fields__)


def _wrong_shared(step: StepType, word: Word, fields: set[str]) -> Iterator[str]:
    if step.shape != word.shape:
        yield f"is of the shape {step.shape}, and the shared word is of the shape {word.shape}"
    if step.sends != word.sends:
        yield "says otherwise than the shared word whether it sends mail"
    missing = sorted(set(word.parameters.__struct_encode_fields__) - fields)
    yield from (f"lacks the shared word's parameter `{name}`" for name in missing)


def _wrong_example(step: StepType) -> Iterator[str]:
    try:
        items = yaml.load(step.example, Loader=_LOADER)  # noqa: S506 - the loader that makes nothing but text
    except yaml.YAMLError:
        yield "has an example that is not YAML"
        return
    item = items[0] if isinstance(items, list) and len(items) == 1 else None
    if item != step.name and not (isinstance(item, dict) and step.name in item):
        yield f"has an example that is not one list item with the key `{step.name}`"
    elif "{{" not in step.example:
        yield from _wrong_values(step, item[step.name] if isinstance(item, dict) else None)


def _wrong_values(step: StepType, value: object) -> Iterator[str]:
    if value is None:
        value = {}
    elif step.sets_names or not isinstance(value, dict):
        value = {step.short: value}
    try:
        msgspec.convert(value, step.parameters, strict=False, dec_hook=decode_custom)
    except (msgspec.ValidationError, ValueError) as exc:
        yield f"has an example that does not fit its parameters: {exc}"
