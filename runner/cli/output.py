"""
How commands speak: diagnostics, JSON, text that data cannot turn into commands.
"""

from __future__ import annotations

import click
import msgspec

from runner.errors import Diagnostic
from runner.reporters.mistakes import shown, told_diagnostics

__all__ = ["diagnostic_record", "say", "say_json", "shown", "told_diagnostics"]


def say(text: str = "") -> None:
    """Print *text*, which may hold data, on stdout."""
    click.echo(shown(text))


def say_json(value: object) -> None:
    """Print *value* as JSON, two spaces deep."""
    click.echo(msgspec.json.format(msgspec.json.encode(value, enc_hook=str)).decode())


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
