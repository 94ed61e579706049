"""
How commands speak: diagnostics, JSON, text that data cannot turn into commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click
import msgspec

from runner.errors import Diagnostic
from runner.reporters.text import counted, guarded, visible

__all__ = ["diagnostic_record", "say", "say_json", "shown", "told_diagnostics"]

# More mistakes than this in one file are counted, not told.
_MOST_A_FILE = 20


def say(text: str = "") -> None:
    """Print *text*, which may hold data, on stdout."""
    click.echo(shown(text))


def say_json(value: object) -> None:
    """Print *value* as JSON, two spaces deep."""
    click.echo(msgspec.json.format(msgspec.json.encode(value, enc_hook=str)).decode())


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


def diagnostic_record(diagnostic: Diagnostic) -> dict[str, object]:
    """
    A diagnostic as JSON-able data: ``code severity message file line column end_line end_column label hint notes``.

    ``file`` is "" and the numbers are 0 where it belongs to no place in a file.
    """
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": span.source.name if span is not None else "",
        "line": span.line if span is not None else 0,
        "column": span.column if span is not None else 0,
        "end_line": span.end_line if span is not None else 0,
        "end_column": span.end_column if span is not None else 0,
        "label": diagnostic.label,
        "hint": diagnostic.hint,
        "notes": list(diagnostic.notes),
    }
