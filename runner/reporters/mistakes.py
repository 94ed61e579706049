"""
Mistakes in files as a person reads them, wherever they are told: on the command line, and by pytest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from runner.errors import Diagnostic
from runner.reporters.text import counted, guarded, visible

__all__ = ["shown", "told_diagnostics"]

# More mistakes than this in one file are counted, not told.
_MOST_A_FILE = 20


def shown(text: str) -> str:
    """*text* without control characters and CI commands."""
    return "\n".join(guarded(line) for line in visible(text).split("\n"))


def told_diagnostics(diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics as a person reads them, file by file, with a blank line between them."""
    return "\n\n".join(shown(text) for text in _told(diagnostics))


def _told(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    for name, group in _by_file(diagnostics).items():
        yield from (diagnostic.render() for diagnostic in group[:_MOST_A_FILE])
        if len(group) > _MOST_A_FILE:
            yield f"and {counted(len(group) - _MOST_A_FILE, 'more mistake')} in {name}"


def _by_file(diagnostics: Iterable[Diagnostic]) -> dict[str, list[Diagnostic]]:
    groups: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        groups.setdefault(diagnostic.span.source.name if diagnostic.span is not None else "", []).append(diagnostic)
    return groups
