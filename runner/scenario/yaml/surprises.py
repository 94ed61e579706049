"""
What can be read and was probably not meant: text that YAML takes for a comment, and quotes that are letters to it.

Warnings, not mistakes: now and then somebody means it. Asked by the loader for each scenario without mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.errors import Diagnostic
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence
from runner.source import Span

__all__ = ["surprises"]

# a comment that a person writes has a blank behind its sign
_TIGHT_COMMENT = re.compile(r"\s+(#[^\s#].*)$")
_MAYBE_CUT_OFF = re.compile(r"\S[ \t]+#[^\s#]")
_CURLY = re.compile(r"[\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u201a]")
_QUOTED = re.compile(r"[\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019\u201a].*[\u201c\u201d\u00ab\u00bb\u2018\u2019]", re.DOTALL)


def surprises(root: Node) -> list[Diagnostic]:
    """A warning for each text in the tree *root* that says something else than it seems to."""
    text = root.source.text
    if not _MAYBE_CUT_OFF.search(text) and (text.isascii() or not _CURLY.search(text)):
        # as a rule
        return []
    return [told for scalar in _bare(root) if (told := _cut_off(scalar) or _curly(scalar)) is not None]


def _bare(node: Node) -> Iterator[Scalar]:
    """The single values that stand without quotes."""
    if isinstance(node, Scalar):
        if not node.style:
            yield node
        return
    children = node.entries.values() if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else ()
    for child in children:
        yield from _bare(child)


def _cut_off(scalar: Scalar) -> Diagnostic | None:
    """``subject: Order #5`` is the text `Order`."""
    line = scalar.source.lines[scalar.end_line]
    found = _TIGHT_COMMENT.match(line, scalar.end_column) if "#" in line else None
    if found is None:
        return None
    span = Span(scalar.source, scalar.end_line + 1, found.start(1) + 1, scalar.end_line + 1, len(line) + 1)
    whole = f"{scalar.raw} {found[1].rstrip()}"
    hint = f'write "{whole}" in quotes; a comment has a blank behind its #' if len(whole) <= 60 else "put the whole text in quotes"
    return Diagnostic("E129", f"the text ends at `{scalar.raw[-30:]}`", span, "this is a comment", hint, severity="warning")


def _curly(scalar: Scalar) -> Diagnostic | None:
    """Quotes that came with a text from a word processor."""
    if not _QUOTED.fullmatch(scalar.raw):
        return None
    hint = 'write "straight" quotes, or put straight quotes around it all when these are meant'
    return Diagnostic("E130", "these quotes are letters of the text", scalar.span, hint=hint, severity="warning")
