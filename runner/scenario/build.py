"""
A valid document → a Scenario: the keys at the top of the file, each by its own small function; steps by :mod:`runner.scenario.items`.

Everything that is wrong is noted in the :class:`Reading`; nothing is raised before the whole file has been looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from runner.errors import nearest
from runner.scenario import layout
from runner.scenario.cases import read_cases
from runner.scenario.items import build_steps
from runner.scenario.language import ScenarioFile
from runner.scenario.model import Scenario, Step, Value, VendorName
from runner.scenario.reading import Reading, asked_of, is_empty
from runner.scenario.schema import GENERAL
from runner.scenario.shapes.shape import Owner
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence

__all__ = ["EXAMPLE", "build"]

# How a scenario file begins; shown where a file has nothing to go by.
EXAMPLE = "scenario: An agent answers a customer\nvendor: gws\nsteps:\n  - login: {as: agent}"

# What the keys are called elsewhere.
_CALLED_OTHERWISE = {
    **dict.fromkeys(("title", "name", "test", "testcase", "test_case", "summary", "feature"), "scenario"),
    **dict.fromkeys(("teardown", "tear_down", "after", "finally", "always"), "cleanup"),
    **dict.fromkeys(("examples", "data", "rows", "dataset", "parameters"), "cases"),
    **dict.fromkeys(("vars", "params", "with"), "variables"),
    **dict.fromkeys(("platform", "platforms", "system", "systems", "provider"), "vendors"),
    **dict.fromkeys(("labels", "markers", "groups"), "tags"),
}
_OWNER = Owner("the scenario", "key", "E140", "E141", "E142")


def build(root: Mapping, reading: Reading, *, only: Collection[str] = ()) -> Scenario | None:
    """
    The scenario that *root* says; None when something is wrong, which is then in ``reading.diagnostics``.

    With *only*, its steps are judged by these of its vendors; by all of them when it is for none of these.
    """
    before = len(reading.diagnostics)
    vendors = _vendors(root, reading)
    reading.vendors = tuple(vendor.name for vendor in vendors) or _without_vendor(root, reading)
    reading.asked = asked_of(reading.vendors, only)
    top = _top(root, reading)
    variables = _variables(root, reading)
    cases, columns = read_cases(root.get("cases"), reading)
    steps = build_steps(root.get("steps"), root.keys.get("steps"), reading)
    cleanup = build_steps(root.get("cleanup"), root.keys.get("cleanup"), reading)
    if len(reading.diagnostics) > before or top is None:
        return None
    name = _text(top, "scenario")
    file = reading.source.name
    return Scenario(
        name=name,
        id=_text(top, "id") or f"{file}::{name}",
        description=_text(top, "description"),
        tags=tuple(_texts(top.get("tags"))),
        vendors=vendors or (VendorName(GENERAL, root.span),),
        variables=variables,
        cases=cases,
        columns=columns,
        steps=steps,
        cleanup=cleanup,
        file=file,
        path=reading.path,
        source=reading.source,
        span=root.span,
    )


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _top(root: Mapping, reading: Reading) -> Mapping | None:
    """The top as its record wants it; keys that belong elsewhere are told as such."""
    kept = Mapping(root.source, root.line, root.column)
    for key, place, node in root.items():
        meant = _CALLED_OTHERWISE.get(key.lower())
        if meant is not None and meant not in root:
            reading.tell("E140", f"unknown key `{key}`", place.span, label=f"did you mean `{meant}`?", hint=f"write `{meant}`")
            kept.keys[meant], kept.entries[meant] = place, node
        elif not layout.misplaced_top(place, _is_step(key, reading), reading):
            kept.keys[key], kept.entries[key] = place, node
    if "vendor" in kept and "vendors" in kept:
        reading.tell("E144", "`vendor` and `vendors` in one file", root.keys["vendor"].span, hint="keep one of them")
    tags = kept.get("tags")
    if isinstance(tags, Scalar) and len(several := tags.raw.replace(",", " ").split()) > 1:
        hint = f"write `tags: [{', '.join(several)}]`"
        reading.tell("E142", "`tags` is one text with several tags", tags.span, label="several tags are a list", hint=hint)
    first = next(iter(root.keys.values()), None)
    return reading.fitted(ScenarioFile, kept, _OWNER, first)


def _is_step(key: str, reading: Reading) -> bool:
    return key not in ("description", "name") and any(key in reading.vocabulary.steps_of(vendor) for vendor in reading.asked)


def _text(top: Mapping, key: str) -> str:
    node = top.get(key)
    return node.raw.strip() if isinstance(node, Scalar) and not is_empty(node) else ""


def _texts(node: Node | None) -> Iterable[str]:
    if isinstance(node, Sequence):
        return dict.fromkeys(item.raw for item in node.items if isinstance(item, Scalar))
    return [node.raw] if isinstance(node, Scalar) and not is_empty(node) else []


# ── vendors ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _vendors(root: Mapping, reading: Reading) -> tuple[VendorName, ...]:
    """The vendors that the file names and that there are."""
    found: dict[str, VendorName] = {}
    for node in _named(root.get("vendor"), root.get("vendors")):
        if node.raw in found and "vendor" in root and "vendors" in root:
            continue
        if node.raw in found:
            reading.tell("E144", f"`{node.raw}` is named twice", node.span, hint="remove one of them")
        elif reading.vocabulary.knows_vendor(node.raw):
            found[node.raw] = VendorName(node.raw, node.span)
        else:
            reading.unknown_vendor(node.raw, node.span)
    return tuple(found.values())


def _named(*nodes: Node | None) -> Iterable[Scalar]:
    for node in nodes:
        if isinstance(node, Scalar) and not is_empty(node):
            yield node
        elif isinstance(node, Sequence):
            yield from (item for item in node.items if isinstance(item, Scalar) and not is_empty(item))


def _without_vendor(root: Mapping, reading: Reading) -> tuple[str, ...]:
    """
    Whom to check the steps against when no vendor is known.

    A file without vendors is fine when all its steps are general; else it lacks the key. When it names only vendors that there are not, its
    steps are checked against everybody's words.
    """
    if "vendor" in root or "vendors" in root:
        if not any(True for _ in _named(root.get("vendor"), root.get("vendors"))):
            key = root.keys.get("vendors") or root.keys["vendor"]
            reading.tell("E142", f"`{key.raw}` names nobody", key.span, hint=f"write `vendor: {_sample(reading)}`")
        return ()
    words = {key for steps in (root.get("steps"), root.get("cleanup")) for key in _words(steps)}
    if words and all(reading.vocabulary.is_general(word) for word in words):
        return (GENERAL,)
    if not any(nearest(key, ("vendor", "vendors")) for key in root):
        first = root.keys.get("scenario") or next(iter(root.keys.values()), None)
        reading.tell(
            "E141",
            "the scenario does not say which vendor it is for",
            (first or root).span,
            hint=f"add `vendor: {_sample(reading)}`, or `vendors: [...]` for several",
            notes=(f"installed: {', '.join(reading.vocabulary.vendors)}",),
        )
    return ()


def _sample(reading: Reading) -> str:
    return next(iter(reading.vocabulary.vendors), "gws")


def _words(steps: Node | None) -> Iterable[str]:
    if isinstance(steps, Sequence):
        for item in steps.items:
            if isinstance(item, Scalar):
                yield item.raw
            elif isinstance(item, Mapping) and len(item):
                yield next(iter(item))


# ── variables ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _variables(root: Mapping, reading: Reading) -> dict[str, Value]:
    node = root.get("variables")
    if not isinstance(node, Mapping):
        return {}
    found: dict[str, Value] = {}
    for name, key, child in node.items():
        value = reading.value(child)
        if reading.new_name(key, what="a variable") and value is not None:
            found[name] = value
    return found


def walk(steps: Iterable[Step]) -> Iterable[Step]:
    """Every step, those in blocks too."""
    for step in steps:
        yield step
        yield from walk(step.block)
