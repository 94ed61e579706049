"""
Words of one's own: what ``*.steps.yaml`` files define, found below the scenarios folder, read only when a scenario uses them.

A definition is built for the vendors of the scenario that uses it, once for each such set of vendors. A broken one breaks only who uses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from runner.errors import BadScenario, Diagnostic, nearest
from runner.scenario.items import build_steps
from runner.scenario.language import BUILT_IN, INPUT_TYPES, StepsFile
from runner.scenario.model import Definition, Input, Value
from runner.scenario.parameters import input_shape
from runner.scenario.project import Project, real
from runner.scenario.reading import Reading, is_empty
from runner.scenario.shapes.shape import Owner, Spots
from runner.scenario.yaml.document import examine
from runner.scenario.yaml.document import load as load_source
from runner.scenario.yaml.nodes import Mapping, Node, Scalar
from runner.source import Source

__all__ = ["EXAMPLE", "PATTERN", "Definitions"]

PATTERN = "*.steps.yaml"

# How a file with steps begins; shown where it has nothing to go by.
EXAMPLE = 'step: answer_with_invoice\ninputs: {text: {type: text}}\nsteps:\n  - reply: {text: "{{ text }}"}'

_DEEPEST = 8
_OWNER = Owner("the file", "key", "E140", "E141", "E142")

Chain = tuple[tuple[Path, int], ...]


class Definitions:
    """
    The words of one project, for one run; satisfies ``reading.OwnWords``.

    Files are read once. A definition that is wrong is remembered as well, and raised anew for each who uses it.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._paths: dict[str, list[Path]] | None = None
        self._read: dict[Path, tuple[Source, Mapping | None, list[Diagnostic]]] = {}
        self._built: dict[tuple[Path, tuple[str, ...], tuple[str, ...]], Definition | BadScenario] = {}

    def __contains__(self, word: object) -> bool:
        return word in self._found()

    def names(self) -> Iterable[str]:
        """Every word that is defined."""
        return self._found().keys()

    def word(self, word: str, reading: Reading, line: int) -> Definition:
        """
        What *word*, used on *line* of *reading*, means to its vendors.

        Raises: ``BadScenario`` – the file is wrong, two files define the word (E409), it uses itself (E406), too deep (E407).
        """
        paths = self._found()[word]
        if len(paths) > 1:
            names = " and ".join(self._project.shown(path) for path in paths[:3])
            raise BadScenario([Diagnostic("E409", f"`{word}` is defined twice: in {names}", hint="give one of them another name")])
        return self.file(paths[0], reading, line)

    def file(self, path: Path, reading: Reading, line: int) -> Definition:
        """What the file at *path*, used on *line* of *reading*, defines; raises as :meth:`word` does."""
        chain = (*reading.chain, (real(reading.path), line))
        self._no_circle(path, chain)
        key = (path, reading.vendors, reading.asked)
        if key not in self._built:
            try:
                self._built[key] = self._build(path, reading, chain)
            except BadScenario as exc:
                self._built[key] = exc
        found = self._built[key]
        if isinstance(found, BadScenario):
            raise found.with_traceback(None)
        return found

    @property
    def used(self) -> dict[Path, Mapping | None]:
        """The files whose words were asked for, each with its tree."""
        return {path: self._document(path)[1] for path, _, _ in self._built}

    def _found(self) -> dict[str, list[Path]]:
        """Word → the files that define it."""
        if self._paths is None:
            self._paths = {}
            for path in self._project.files(PATTERN):
                place = real(path)
                name = self._document(place)[1]
                word = name.get("step") if name is not None else None
                if isinstance(word, Scalar):
                    self._paths.setdefault(word.raw, []).append(place)
        return self._paths

    def _document(self, path: Path) -> tuple[Source, Mapping | None, list[Diagnostic]]:
        if path not in self._read:
            name = self._project.shown(path)
            try:
                source = load_source(path, name=name)
                document, problems = examine(source, example=EXAMPLE)
                self._read[path] = (source, document.root if document is not None else None, problems)
            except BadScenario as exc:
                self._read[path] = (Source(name, "", path), None, list(exc.diagnostics))
        return self._read[path]

    def _no_circle(self, path: Path, chain: Chain) -> None:
        way = [f"{self._project.shown(used)}:{line}" for used, line in chain]
        start = next((n for n, (used, _) in enumerate(chain) if used == path), None)
        if start is not None:
            told = " → ".join([*way[start:], self._project.shown(path)])
            raise BadScenario([Diagnostic("E406", f"the steps use themselves: {told}", hint="take one of these uses out")])
        if len(chain) > _DEEPEST:
            told = f"steps within steps, more than {_DEEPEST} deep"
            raise BadScenario([Diagnostic("E407", told, hint="put some of them into one file", notes=(" → ".join(way),))])

    # ── one file ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self, path: Path, user: Reading, chain: Chain) -> Definition:
        source, root, problems = self._document(path)
        reading = replace(user, source=source, path=path, chain=chain, diagnostics=list(problems))
        definition = None if root is None else _definition(root, reading)
        reading.raise_if_wrong()
        assert definition is not None  # noqa: S101 - whatever is wrong has been noted
        return definition


def _definition(root: Mapping, reading: Reading) -> Definition | None:
    """The word that *root* defines; None when something is wrong, which is then in ``reading.diagnostics``."""
    first = next(iter(root.keys.values()), None)
    top = reading.fitted(StepsFile, root, _OWNER, first)
    _clash(root.get("step"), reading)
    inputs = _inputs(root.get("inputs"), reading)
    steps = build_steps(root.get("steps"), root.keys.get("steps"), reading)
    outputs = _outputs(root.get("outputs"), reading)
    if top is None or reading.diagnostics:
        return None
    name, told = top.get("step"), top.get("description")
    return Definition(
        name=name.raw if isinstance(name, Scalar) else "",
        description=told.raw if isinstance(told, Scalar) else "",
        inputs=inputs,
        outputs=outputs,
        steps=steps,
        source=reading.source,
        path=reading.path,
        span=root.span,
    )


def _clash(name: Node | None, reading: Reading) -> None:
    """A word of one's own must not have the name of a vendor's."""
    if not isinstance(name, Scalar):
        return
    owners = [vendor for vendor in reading.asked if name.raw in reading.vocabulary.steps_of(vendor)]
    if name.raw in BUILT_IN or owners:
        whose = "the language" if name.raw in BUILT_IN else ", ".join(owners)
        hint = f"call it `my_{name.raw}`"
        reading.tell("E409", f"there is a step `{name.raw}` already", name.span, label=f"a step of {whose}", hint=hint)


def _outputs(node: Node | None, reading: Reading) -> dict[str, Value]:
    if not isinstance(node, Mapping):
        return {}
    found = {name: reading.value(child) for name, _, child in node.items()}
    return {name: value for name, value in found.items() if value is not None}


# ── inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _inputs(node: Node | None, reading: Reading) -> dict[str, Input]:
    if not isinstance(node, Mapping):
        return {}
    found = {name: _input(key, child, reading) for name, key, child in node.items() if reading.new_name(key, what="an input")}
    return {name: one for name, one in found.items() if one is not None}


def _input(key: Scalar, node: Node, reading: Reading) -> Input | None:
    """``text: {type: text, default: Hello}``, ``text: text``, or ``text:`` alone."""
    if isinstance(node, Mapping):
        kind = node.get("type")
        told = node.get("description")
        type_ = _type(kind, reading) if isinstance(kind, Scalar) else "any"
        default = _default(node.get("default"), type_, reading) if "default" in node else None
        return Input(key.raw, type_, default, told.raw if isinstance(told, Scalar) else "", key.span)
    if isinstance(node, Scalar):
        return Input(key.raw, "any" if is_empty(node) else _type(node, reading), None, "", key.span)
    return None


def _type(node: Scalar, reading: Reading) -> str:
    if node.raw in INPUT_TYPES:
        return node.raw
    known = {str(span.line) for span in (one.span for one in reading.diagnostics) if span is not None}
    if str(node.line + 1) not in known:
        close = nearest(node.raw, INPUT_TYPES)
        reading.tell(
            "E142",
            f"`{node.raw}` is no type of input",
            node.span,
            label=f"did you mean `{close}`?" if close else "",
            hint=f"write `{close}`" if close else "write one of the types",
            notes=(f"types: {', '.join(INPUT_TYPES)}",),
        )
    return "any"


def _default(node: Node | None, kind: str, reading: Reading) -> Value | None:
    if node is None:
        return None
    spots = Spots()
    owner = Owner("the input", "key", "E142", "E142", "E142")
    fitted = node if is_empty(node) else input_shape(kind, reading.vocabulary.file_kind).fit(node, owner, spots, "default")
    for found, place in spots.customs:
        if found is reading.vocabulary.file_kind:
            reading.check_file(place.raw, place.span)
    reading.diagnostics += spots.diagnostics
    return reading.value(fitted)
