"""
What everybody needs who turns one file into something: its text, where it stands, the vocabulary, and a place for what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from runner.errors import BadScenario, Diagnostic, RunnerError, nearest
from runner.scenario.language import read_kind
from runner.scenario.model import Definition, Expression, Value
from runner.scenario.project import Project
from runner.scenario.schema import Specs, Vocabulary
from runner.scenario.shapes.shape import Owner, Shape, Spots
from runner.scenario.shapes.shaping import shape_of
from runner.scenario.templates.functions import HELPERS
from runner.scenario.templates.template import Templates, compile_expression, compile_value
from runner.scenario.yaml.nodes import Mapping, Node, Scalar
from runner.source import Source, Span

__all__ = ["GIVEN", "OwnWords", "Reading", "asked_of", "file_order", "is_empty", "language_shape"]

# Names that every template may use beside the helpers; nobody may give them another meaning.
GIVEN = frozenset({"vendor", "environment", "case", "run", "actors"})

# What a file shows of its mistakes; the rest are counted.
MOST = 20

_NAME = re.compile(r"[^\W\d]\w*")


class OwnWords(Protocol):
    """The words of the project's own ``*.steps.yaml`` files; see :mod:`runner.scenario.definitions`."""

    def __contains__(self, word: object) -> bool:
        """Whether a file of the project defines *word*."""
        ...

    def names(self) -> Iterable[str]:
        """Every word that is defined."""
        ...

    def word(self, word: str, reading: Reading, line: int) -> Definition:
        """What *word*, used on *line* of *reading*, means to its vendors; raises BadScenario with what is wrong there."""
        ...

    def file(self, path: Path, reading: Reading, line: int) -> Definition:
        """What a file defines; raises as :meth:`word` does."""
        ...


class Reading(Struct):
    """
    One file being understood.

    ``vendors`` are those it is for, ``general`` alone when it needs none; ``asked`` those of them that somebody wants to know about: the
    others are loaded only where these do not have a word. ``chain`` is how one came here: each file with the line that uses the next.
    What is wrong is collected in ``diagnostics``; nothing is raised before the whole file has been looked at.
    """

    source: Source
    path: Path
    vocabulary: Vocabulary
    project: Project
    templates: Templates
    own: OwnWords
    vendors: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    chain: tuple[tuple[Path, int], ...] = ()
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def tell(self, code: str, message: str, span: Span, *, label: str = "", hint: str = "", notes: tuple[str, ...] = ()) -> None:
        """Note a mistake."""
        self.diagnostics.append(Diagnostic(code, message, span, label, hint, notes))

    def raise_if_wrong(self) -> None:
        """Raise ``BadScenario`` with all that was noted, in file order; of very many, the first and a count."""
        if self.diagnostics:
            raise BadScenario(file_order(self.diagnostics))

    def specs(self, word: str) -> Specs:
        """*word* as each of the vendors does it that can: those that are asked about, or else the others; none for a word of one's own."""
        found = self.vocabulary.specs(word, self.asked)
        return found if found or word in self.own else self.vocabulary.specs(word, self.vendors)

    # ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def value(self, node: Node) -> Value | None:
        """*node* compiled, None when a template in it is wrong."""
        try:
            return compile_value(node, self.templates)
        except BadScenario as exc:
            self.diagnostics += exc.diagnostics
            return None

    def expression(self, node: Scalar) -> Expression | None:
        """*node* as an expression without braces, None when it is wrong."""
        try:
            return compile_expression(node.raw, node.span, self.templates)
        except BadScenario as exc:
            self.diagnostics += exc.diagnostics
            return None

    def fitted(self, kind: type, node: Mapping, owner: Owner, key: Scalar | None = None) -> Mapping | None:
        """*node* as a record of the language wants it, None when it is wrong."""
        record = language_shape(kind).record
        assert record is not None  # noqa: S101 - the language is made of records
        spots = Spots()
        found = record.fit(node, owner, spots, "", key)
        self.diagnostics += spots.diagnostics
        return None if spots.diagnostics else found

    # ── names and files ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def new_name(self, name: Scalar, *, what: str) -> bool:
        """Whether *name* can be the name of a value; what is wrong with it is noted. *what*: ``a variable``, ``a saved output`` …"""
        raw = name.raw
        if not _NAME.fullmatch(raw):
            plain = re.sub(r"\W+", "_", raw.strip()).strip("_").lower()
            plain = f"_{plain}" if plain[:1].isdigit() else plain
            label = "letters, digits and _ only" if raw else "a name is missing"
            self.tell("E143", f"`{raw}` cannot be the name of {what}", name.span, label=label, hint=f"write `{plain or 'order'}`")
        elif raw in GIVEN or raw in HELPERS:
            label = "every template knows it already" if raw in GIVEN else "this is a helper"
            self.tell("E143", f"`{raw}` cannot be the name of {what}", name.span, label=label, hint=f"write `my_{raw}`")
        else:
            return True
        return False

    def check_file(self, path: str, span: Span) -> Path | None:
        """Where the file *path* is, None when there is none that can be read."""
        return self.guarded(lambda: self.project.check(path, relative_to=self.path), span)

    def guarded(self, call: Callable[[], Path], span: Span) -> Path | None:
        """The outcome of *call*, None when it raised, which is then noted at *span*."""
        try:
            return call()
        except RunnerError as exc:
            self.diagnostics.append(replace(exc.diagnostic(), span=span))
            return None

    def unknown_vendor(self, name: str, span: Span) -> None:
        """Note that there is no vendor *name*."""
        known = self.vocabulary.vendors
        several = [part.strip() for part in name.split(",")]
        if len(several) > 1 and set(several) <= {*known, ""}:
            hint = f"write `[{', '.join(part for part in several if part)}]`"
            self.tell("E202", f"unknown vendor `{name}`", span, label="several vendors are a list", hint=hint)
            return
        close = nearest(name, known)
        self.tell(
            "E202",
            f"unknown vendor `{name}`",
            span,
            label=f"did you mean `{close}`?" if close else "no vendor of this name is installed",
            hint=f"write `{close}`" if close else f"write one of: {', '.join(known)}",
            notes=(f"installed: {', '.join(known)}",) if close else (),
        )


def asked_of(vendors: Iterable[str], only: Collection[str]) -> tuple[str, ...]:
    """Those of *vendors* that are among *only*; all of them when none is, or nobody is left out."""
    every = tuple(vendors)
    return tuple(vendor for vendor in every if vendor in only) or every


def is_empty(node: Node | None) -> bool:
    """Whether nothing stands there: ``send:`` alone."""
    return node is None or (isinstance(node, Scalar) and not node.style and node.value is None)


def file_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """In the order of the file, each one once; after twenty, a count of the rest."""
    distinct = {(str(one.span), one.code, one.message): one for one in diagnostics}
    inside = sorted(distinct.values(), key=lambda one: (one.span.line, one.span.column) if one.span else (0, 0))
    if len(inside) <= MOST:
        return inside
    rest = len(inside) - MOST
    return [*inside[:MOST], Diagnostic("E100", f"and {rest} more {'mistake' if rest == 1 else 'mistakes'} in this file")]


@cache
def language_shape(kind: type) -> Shape:
    """The shape of one of the language's own records; templates are for values, not for these."""
    return shape_of(kind, read=read_kind, templates=False)
