"""
Does a secret stand in this YAML file? Found where a person wrote it, with a warning that does not show it.

Asked by the checks of scenario and environment files. A secret is known by the name beside it (``password: hunter2``), or by how it looks:
the head of a token, or a long text that no person could have thought of.
"""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from msgspec.structs import replace

from runner.environment.handwritten import HARMLESS, starred
from runner.environment.secret_names import is_secret_name
from runner.errors import Diagnostic
from runner.scenario.yaml.nodes import Mapping, Node, Scalar, Sequence
from runner.source import Source, Span

__all__ = ["unseen", "written_secrets"]

# how the makers of tokens let them begin, so that they can be found
_TOKEN = re.compile(
    r"\b(?:eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}"
    r"|sk-[\w-]{20,}|Bearer\s+[\w.~+/-]{8,}=*|Basic\s+[\w+/-]{8,}=*)"
)
_DENSE = re.compile(r"[A-Za-z0-9+_=-]{24,}")
# bits for each character; words and numbers have less, what a machine made has more
_ENTROPY = 4.0
_SHORTEST = 12
# `xxxx` and `0000-0000` stand for something
_FEWEST_LETTERS = 2
_NOT_BLANK = re.compile(r"\S")
# letters of one case, or digits, side by side; in what a machine made they are short
_RUNS = re.compile(r"[A-Z]+|[a-z]+|[0-9]+")
_LONGEST_RUN = 3
_ADDRESS = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@]*:[^\s/@]+@")


def written_secrets(root: Node) -> list[Diagnostic]:
    """A warning for each secret in the tree *root*; its excerpt shows stars. A step that must be ``refused`` may have a wrong password."""
    found = [(name, scalar) for name, scalar in _scalars(root, "", []) if _is_secret(name, scalar)]
    if not found:
        return []
    source = shown_source(root.source, [scalar.span for _, scalar in found])
    return [_warning(name, scalar, source) for name, scalar in found]


def shown_source(source: Source, also: Iterable[Span] = ()) -> Source:
    """*source* with a star for each character of what is written under a secret name, and of the stretches in *also*."""
    text = starred(source.text, is_secret_name)
    lines = Source(source.name, text).lines
    for span in also:
        for number in range(span.line, span.end_line + 1):
            line = lines[number - 1]
            start, end = span.column - 1 if number == span.line else 0, span.end_column - 1 if number == span.end_line else len(line)
            lines[number - 1] = line[:start] + _NOT_BLANK.sub("*", line[start:end]) + line[end:]
    shown = "\n".join(lines)
    return source if shown == source.text else Source(source.name, shown, source.path)


def unseen(told: Diagnostic) -> Diagnostic:
    """A message whose excerpt shows no secret that is written in the file."""
    if told.span is None:
        return told
    source = shown_source(told.span.source)
    return told if source is told.span.source else replace(told, span=replace(told.span, source=source))


def _scalars(node: Node, name: str, found: list[tuple[str, Scalar]]) -> list[tuple[str, Scalar]]:
    """Every single value with the name it stands under, added to *found*."""
    if isinstance(node, Scalar):
        found.append((name, node))
    elif isinstance(node, Sequence):
        for item in node.items:
            _scalars(item, name, found)
    elif isinstance(node, Mapping) and "refused" not in node:
        for key, child in node.entries.items():
            _scalars(child, key, found)
    return found


def _is_secret(name: str, scalar: Scalar) -> bool:
    text, named = scalar.raw, _named(name)
    if (not named and len(text) < _SHORTEST) or "{{" in text:
        # as a rule
        return False
    if HARMLESS.fullmatch(text) or len(set(text) - {"-", " "}) <= _FEWEST_LETTERS:
        return False
    return named or bool(_TOKEN.search(text) or _ADDRESS.search(text) or any(map(_is_random, _DENSE.findall(text))))


# files have the same few names again and again
_named = lru_cache(maxsize=4096)(is_secret_name)


def _is_random(text: str) -> bool:
    """Whether a machine made it: letters of both cases and digits all over the place, and no text in base64."""
    counts = Counter(text)
    entropy = -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
    changes = len(_RUNS.findall(text))
    mixed = all(any(map(kind, counts)) for kind in (str.isupper, str.islower, str.isdigit))
    return mixed and entropy >= _ENTROPY and changes * _LONGEST_RUN >= len(text) and not _is_base64_text(text)


def _is_base64_text(text: str) -> bool:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8").isprintable()
    except ValueError:
        return False


def _warning(name: str, scalar: Scalar, source: Source) -> Diagnostic:
    word = re.sub(r"\W+", "_", name).strip("_").upper() or "TOKEN"
    scheme = re.match(r"(?:Bearer|Basic)\s", scalar.raw)
    hint = f"write \"{scheme[0] if scheme else ''}{{{{ secret('{word}') }}}}\", and set {word} outside of the file"
    span = replace(scalar.span, source=source)
    return Diagnostic("E515", "a secret is written in the file", span, hint=hint, severity="warning")
