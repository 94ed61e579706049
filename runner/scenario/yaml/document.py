"""
What does this YAML say, and where? A file becomes a tree in which every node knows its place, or a list of everything that is wrong with
it.

Called by :mod:`runner.scenario.load` and by whoever reads a YAML file of ours (environments, words of one's own). The text is walked once,
as the stream of events of PyYAML's C parser; size, depth, aliases, tags and duplicate keys are judged event by event
(:mod:`runner.scenario.yaml.tree`), before anything is built from them. Nothing here knows what a scenario is.
"""

from __future__ import annotations

import stat
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from runner.errors import BadScenario, Diagnostic, reason
from runner.scenario.yaml.characters import cleaned, decode, not_utf8, unseen
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, at
from runner.scenario.yaml.tree import Limits, Stopped, Tree
from runner.source import Source, Span

__all__ = ["Document", "Limits", "examine", "load", "parse", "read", "tree_of"]

Events = Callable[[str], Callable[[], Any]]

# a file with more slips of the pen than this shows the rest in the next run
_MOST_REPAIRS = 20
_DEFAULT = Limits()
# mistakes about how lines stand to one another: mending one is a guess about the next
_LAYOUT = frozenset({"E105", "E121", "E122"})


class Document(Struct, frozen=True):
    """A YAML file, read: its text and its tree. The top is always a mapping."""

    source: Source
    root: Mapping

    def node(self, path: Iterable[str | int]) -> Node:
        """The node at *path*, or the nearest one above it that is there."""
        return at(self.root, path)[0]

    def span(self, path: Iterable[str | int]) -> Span:
        """
        Where the value at *path* stands: ``["steps", 2, "expect"]``.

        For a path that leads nowhere the answer is the nearest thing above it: its key where it has one, as that is where a person looks.
        """
        node, key, whole = at(self.root, path)
        return node.span if whole or key is None else key.span

    def key_span(self, path: Iterable[str | int]) -> Span:
        """Where the key at the end of *path* stands; for an item of a list, the item."""
        node, key, _ = at(self.root, path)
        return node.span if key is None else key.span


def read(path: Path, *, name: str, limits: Limits = _DEFAULT, example: str = "") -> Document:
    """
    Read the file at *path*, which people know as *name*.

    ``example`` is shown where the file has nothing to go by (it is empty, or a list): three lines of how such a file begins.
    Raises: ``BadScenario`` – it cannot be read, is too large, or is wrong; all its mistakes, in file order.
    """
    return parse(load(path, name=name, limits=limits), limits=limits, example=example)


def parse(source: Source, *, limits: Limits = _DEFAULT, example: str = "") -> Document:
    """
    The tree of *source*.

    Raises: ``BadScenario`` – with all its mistakes, in file order.
    """
    document, problems = examine(source, limits=limits, example=example)
    if document is None or problems:
        raise BadScenario(problems)
    return document


def load(path: Path, *, name: str, limits: Limits = _DEFAULT) -> Source:
    """
    The text of a file: a plain file, never more of it than the limit, UTF-8.

    Raises: ``BadScenario``.
    """
    try:
        # asked before it is opened: opening a FIFO would wait for its writer
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            what = "a folder" if stat.S_ISDIR(about.st_mode) else "not a plain file"
            raise BadScenario([Diagnostic("E101", f"{name} is {what}", hint="give the path of a YAML file")])
        if about.st_size > limits.size:
            raise BadScenario([_too_large(name, about.st_size, limits)])
        with path.open("rb") as file:
            data = file.read(limits.size + 1)
    except OSError as exc:
        raise BadScenario([Diagnostic("E101", f"{name} cannot be read: {reason(exc)}")]) from exc
    if len(data) > limits.size:
        raise BadScenario([_too_large(name, len(data), limits)])
    try:
        return decode(data, name, path)
    except UnicodeDecodeError as exc:
        raise BadScenario([not_utf8(data, exc, name, path)]) from exc


def examine(
    source: Source, *, limits: Limits = _DEFAULT, example: str = "", events: Events | None = None
) -> tuple[Document | None, list[Diagnostic]]:
    """
    The tree as far as there is one, and everything that is wrong, in file order.

    For who goes on to find the mistakes of the next stage too: after a duplicate key or a forgotten quote the tree says what was probably
    meant. ``events`` makes the source of events from a text (default: the C parser).
    """
    root, problems = tree_of(source, limits=limits, events=events)
    if root is None and not problems:
        problems.append(_empty(source, example))
    if root is not None and not isinstance(root, Mapping):
        problems.append(_not_a_mapping(root, source, example))
        problems.sort(key=_place)
    return (Document(source, root) if isinstance(root, Mapping) else None), problems


def tree_of(source: Source, *, limits: Limits = _DEFAULT, events: Events | None = None) -> tuple[Node | None, list[Diagnostic]]:
    """The same for a file whose top may be anything (a list of rows); an empty file has no tree and nothing wrong."""
    if len(source.text) > limits.size or len(source.text.encode("utf-8", "surrogatepass")) > limits.size:
        return None, [_too_large(source.name, len(source.text), limits)]
    problems = unseen(source)
    root, found = _grown(source, cleaned(source.text) if problems else source.text, limits, events or _events())
    return root, sorted(problems + found, key=_place) if problems or found else []


def _grown(source: Source, text: str, limits: Limits, events: Events) -> tuple[Node | None, list[Diagnostic]]:
    """The tree and its problems; where a slip of the pen can only mean one thing, that is read, to find what else is wrong."""
    slips: list[Diagnostic] = []
    for _ in range(_MOST_REPAIRS):
        tree = Tree(source, text, limits)
        try:
            tree.grow(events(text))
        except Stopped:
            return None, slips + tree.problems
        except yaml.YAMLError as exc:
            if _looked_too_deep(exc):
                return None, [*slips, *tree.problems, _too_deep(source, exc, limits)]
            # only a file that is wrong pays for the rules
            from runner.scenario.yaml.syntax import explain

            slip, repaired = explain(exc, source, text, tree.quoted)
            if _follows(slip, slips):
                return None, slips + tree.problems
            slips.append(slip)
            if repaired is None or repaired == text:
                return None, slips + tree.problems
            text = repaired
        else:
            return tree.root, slips + tree.problems
    return None, slips


def _looked_too_deep(error: Any) -> bool:
    """Whether the C parser gave up on nesting: it looks a whole line of brackets ahead, before the first of them becomes an event."""
    return "nesting depth" in (getattr(error, "problem", None) or "")


def _follows(slip: Diagnostic, earlier: list[Diagnostic]) -> bool:
    """Whether it comes only of what was guessed about an earlier one: on the same line, or one indentation after another."""
    lines = {one.span.line for one in earlier if one.span}
    return (slip.span is not None and slip.span.line in lines) or (slip.code in _LAYOUT and any(one.code in _LAYOUT for one in earlier))


def _events() -> Events:
    """The C parser, or the one in Python with a word about it."""
    if yaml.__with_libyaml__:
        return _fast_events
    warnings.warn("PyYAML was installed without its C parser: files are read about 14 times slower", RuntimeWarning, stacklevel=3)
    return slow_events


def _fast_events(text: str) -> Callable[[], Any]:
    """The next event of *text*, and None after the last."""
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs forget to export it

    return CParser(text).get_event


def slow_events(text: str) -> Callable[[], Any]:
    """The same without C."""
    return yaml.SafeLoader(text).get_event


def _place(problem: Diagnostic) -> tuple[int, int]:
    """What file order goes by."""
    return (problem.span.line, problem.span.column) if problem.span else (0, 0)


def _too_large(name: str, size: int, limits: Limits) -> Diagnostic:
    return Diagnostic("E102", f"{name} is too large: {size:,} bytes, at most {limits.size:,} are read", hint="split it into several files")


def _too_deep(source: Source, error: Any, limits: Limits) -> Diagnostic:
    line, column = error.problem_mark.line + 1, error.problem_mark.column + 1
    return Diagnostic("E114", f"nested deeper than {limits.depth}", Span(source, line, column, line, column + 1), hint="write it flatter")


def _empty(source: Source, example: str) -> Diagnostic:
    told = "the file holds only comments" if source.text.strip() else "the file is empty"
    return Diagnostic("E107", told, Span(source, 1, 1, 1, 1), hint=_begin(example))


def _not_a_mapping(root: Node, source: Source, example: str) -> Diagnostic:
    if isinstance(root, Scalar) and root.value is None:
        return Diagnostic("E107", "the file is empty", Span(source, 1, 1, 1, 1), hint=_begin(example))
    told = f"the file is a {root.kind}; names with values are expected at the top"
    return Diagnostic("E109", told, Span(source, root.line + 1, root.column + 1, root.line + 1, root.column + 2), hint=_begin(example))


def _begin(example: str) -> str:
    return (
        "write it like this:\n\n" + "\n".join(f"       {line}" for line in example.splitlines()) if example else "begin with `name: value`"
    )
