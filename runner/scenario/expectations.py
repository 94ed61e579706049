"""
``expect``, ``refused`` and their like: from the nodes of a file to a compiled check whose differences know their lines.
"""

from __future__ import annotations

from collections.abc import Sequence as AnySequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from runner.errors import nearest
from runner.matching import MATCHER_NAMES, BadExpectation, BadPath, compile_check, parts_of
from runner.scenario.foreseen import leads_nowhere, no_field
from runner.scenario.model import Check
from runner.scenario.project import Project
from runner.scenario.reading import Reading
from runner.scenario.shapes.shape import Record, has_template
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence, at
from runner.source import Span

__all__ = ["check_field", "compiled_check", "known_fields"]


class _Files(Struct, frozen=True):
    """The project's files, as seen from one file; satisfies ``matching.Files``."""

    project: Project
    path: Path

    def check(self, path: str) -> None:
        self.project.resolve(path, relative_to=self.path)

    def read(self, path: str) -> bytes:
        return self.project.read(path, relative_to=self.path)


def compiled_check(node: Node, reading: Reading) -> Check | None:
    """*node* as a check, None when something in it is wrong."""

    def where(keys: AnySequence[str | int]) -> Span | None:
        return at(node, keys)[0].span

    before = len(reading.diagnostics)
    data = _data(node, reading)
    if len(reading.diagnostics) > before:
        return None
    try:
        return compile_check(data, where=where, files=_Files(reading.project, reading.path))
    except BadExpectation as exc:
        for keys, problem in exc.problems:
            found, key, _ = at(node, keys)
            named = keys and isinstance(keys[-1], str) and keys[-1] not in MATCHER_NAMES
            whole = found if key is None or (isinstance(found, Scalar) and not named) else key
            reading.diagnostics.append(replace(problem.diagnostic(), span=whole.span))
        return None


def _data(node: Node, reading: Reading) -> Any:
    """*node* as plain data, with compiled values where templates stand."""
    if isinstance(node, Mapping):
        return {key: _data(child, reading) for key, child in node.entries.items()}
    if isinstance(node, Sequence):
        return [_data(child, reading) for child in node.items]
    assert isinstance(node, Scalar)  # noqa: S101 - there are three kinds
    if not has_template(node.raw):
        return node.value
    value = reading.value(node)
    return None if value is None else value.render({}) if value.static else value


def known_fields(node: Node, fields: frozenset[str] | None, word: str, reading: Reading) -> None:
    """Note each field that *node* (an ``expect``) asks for and the step's output never has."""
    if fields is None or not isinstance(node, Mapping) or any(key in MATCHER_NAMES for key in node):
        return
    for place in node.keys.values():
        check_field(place, fields, word, reading)


def check_field(place: Scalar, fields: frozenset[str] | None, word: str, reading: Reading, outputs: AnySequence[Record] = ()) -> None:
    """Note a path into the output of *word* that cannot be read, or that leads nowhere; of *outputs*, as far as they are known."""
    path, span = place.raw, place.span
    try:
        first = str(parts_of(path)[0])
    except BadPath as exc:
        reading.tell(
            "E209", f"`{path}` is not a path", span, label=f"from character {exc.position + 1} on", hint="write it like body.items[0].id"
        )
        return
    if fields is None or first in fields:
        lost = leads_nowhere(path, outputs)
        reading.diagnostics += [] if lost is None or not lost[0] else [no_field(lost, word, "", place)]
        return
    close = nearest(first, fields)
    own = ", ".join(sorted(fields - {"answer"}))
    reading.tell(
        "E214",
        f"`{word}` gives no `{first}`",
        span,
        label=f"did you mean `{close}`?" if close else "no such field",
        hint=f"write `{close}`" if close else "what the vendor itself says is under `answer: {body: …}`",
        notes=(f"`{word}` gives: {own}" if own else f"`{word}` gives nothing but `answer`",),
    )
