"""
``runner run``: carry out scenarios, tell how it goes, and write the reports.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from runner.cli.exits import Exit
from runner.cli.reporting import make_reporters, reporting
from runner.cli.selecting import harness_of, reports_option, request_of, selecting

__all__ = ["command"]


@click.command("run")
@selecting
@click.option("--failed", metavar="RUN", help="Only what did not pass in an earlier run: its name, or `latest`.")
@click.option("-j", "--parallel", type=click.IntRange(min=1), metavar="N", help="How many scenarios at a time.")
@click.option("--seed", type=int, metavar="N", help="Repeat an earlier run's chances.")
@click.option("-x", "--fail-fast", is_flag=True, help="Stop at the first failure.")
@reporting
@reports_option
@click.pass_context
def command(ctx: click.Context, /, failed: str | None, **options: Any) -> int:
    """
    Run scenarios.

    PATH is a file, a folder, FILE:LINE, or the key of a run (FILE::VENDOR[CASE]); default: everything in scenarios/.
    """
    from runner.cli.output import say
    from runner.cli.running import carry_out, exit_of_result

    harness = harness_of(ctx)
    if failed is not None:
        keys = _failed(harness, failed, options["reports"])
        options["paths"] = (*options["paths"], *keys)
        if not keys:
            say(f"nothing failed in {failed}")
            return Exit.NOTHING
    request = request_of(
        harness,
        options,
        parallel=options["parallel"],
        seed=options["seed"],
        reports=options["reports"],
        fail_fast=options["fail_fast"],
    )
    result = carry_out(harness, request, lambda folder: make_reporters(folder, options))
    return exit_of_result(result)


def _failed(harness: Any, run: str, reports: Path) -> tuple[str, ...]:
    """The keys of what did not pass in an earlier run."""
    result = harness.report(run, reports, lambda _folder: ())
    return tuple(scenario.key for scenario in result.not_passed)
