"""
What does this YAML say, and where? A file becomes a tree in which every node knows its place, or a list of everything that is wrong with it.

Called by :mod:`runner.scenario.load` and by whoever reads a YAML file of ours (environments, word files). The text is walked once, as the stream
of events of PyYAML's C parser; size, depth, aliases, tags and duplicate keys are judged event by event, before anything is built from them, so
that neither a bomb nor 200,000 open brackets get further than the limit. Nothing here knows what a scenario is.
"""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from runner.errors import BadScenario, Diagnostic
from runner.scenario.characters import decode, suspicious
from runner.scenario.nodes import Mapping, Node, Scalar, Sequence, at
from runner.scenario.syntax import explain
from runner.scenario.tree import Limits, Parser, Tree
from runner.source import Source, Span

__all__ = ["Document", "Limits", "examine", "parse", "read"]

_MOST_REPAIRS = 20
_EXAMPLE = "a file begins like this:\n     scenario: An agent answers a customer\n     vendor: gws\n     steps: [login]"


@dataclass(frozen=True, slots=True)
class Document:
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
        """Where the key at the end of *path* stands; for a list's item, the item."""
        node, key, _ = at(self.root, path)
        return node.span if key is None else key.span


def read(path: Path, *, name: str, limits: Limits = Limits()) -> Document:
    """
    Read the file at *path*, which people know as *name*.

    Raises: ``BadScenario`` – it cannot be read, is too large, or is wrong; all its mistakes, in file order.
    """
    return parse(load(path, name=name, limits=limits), limits=limits)


def parse(source: Source, *, limits: Limits = Limits()) -> Document:
    """
    The tree of *source*.

    Raises: ``BadScenario`` – with all its mistakes, in file order.
    """
    document, problems = examine(source, limits=limits)
    if document is None or problems:
        raise BadScenario(problems)
    return document


def load(path: Path, *, name: str, limits: Limits = Limits()) -> Source:
    """
    The text of a file: only a plain file, never more than the limit, UTF-8.

    Raises: ``BadScenario``.
    """
    nowhere = Span(Source(name, "", path), 1, 1, 1, 1)
    try:
        # asked of the path before it is opened: opening a FIFO would wait for a writer
        kind = os.stat(path)  # noqa: PTH116 - the path is a Path; its own stat() is twice as slow
        if not stat.S_ISREG(kind.st_mode):
            raise BadScenario([Diagnostic("E101", f"{name} is not a plain file", hint="give the path of a YAML file")])
        if kind.st_size > limits.size:
            raise BadScenario([_too_large(name, kind.st_size, limits)])
        with open(path, "rb") as file:  # noqa: PTH123
            data = file.read(limits.size + 1)
    except OSError as exc:
        raise BadScenario([Diagnostic("E101", f"{name} cannot be read: {exc.strerror or 'the system refused'}")]) from exc
    if len(data) > limits.size:
        raise BadScenario([_too_large(name, len(data), limits)])
    text, problem = decode(data, name, path)
    if problem is not None:
        raise BadScenario([problem])
    del nowhere
    return Source(name, text, path)
