"""
``runner check``: every mistake that can be found without a network, all at once.
"""

from __future__ import annotations

from typing import Any

import click

from runner.cli.exits import Exit
from runner.cli.selecting import format_option, harness_of, request_of, selecting

__all__ = ["command"]


@click.command("check")
@selecting
@format_option
@click.pass_context
def command(ctx: click.Context, /, form: str, **options: Any) -> int:
    """Find the mistakes in scenario files; nothing is sent."""
    from runner.cli.output import diagnostic_record, say, say_json, told_diagnostics

    harness = harness_of(ctx)
    checked = harness.check(request_of(harness, options), words=True)
    errors = [d for d in checked.diagnostics if d.severity == "error"]
    counts = {
        "files": checked.files,
        "scenarios": len(checked.scenarios),
        "runs": len(checked.plans),
        "errors": len(errors),
        "warnings": len(checked.diagnostics) - len(errors),
    }
    if form == "json":
        say_json({"diagnostics": [diagnostic_record(d) for d in checked.diagnostics], **counts})
    else:
        if checked.diagnostics:
            say(told_diagnostics(checked.diagnostics) + "\n")
        say(_summary(**counts))
    if errors:
        return Exit.USAGE
    return Exit.PASSED if checked.plans or checked.words else Exit.NOTHING


def _summary(*, files: int, scenarios: int, runs: int, errors: int, warnings: int) -> str:
    from runner.reporters.text import counted

    found = [counted(errors, "mistake")] if errors else []
    found += [counted(warnings, "warning")] if warnings else []
    looked_at = f"{counted(files, 'file')}, {counted(scenarios, 'scenario')}, {counted(runs, 'run')}"
    if not files:
        return "no scenario files found; they end in .scenario.yaml"
    return f"{', '.join(found) or 'no mistakes'} in {looked_at}"
