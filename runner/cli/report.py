"""
``runner report``: the reports of an earlier run, made again from its journal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from runner.cli.reporting import make_reporters, reporting
from runner.cli.selecting import harness_of, reports_option

__all__ = ["command"]


@click.command("report")
@click.argument("run", default="latest", metavar="[RUN]")
@reporting
@reports_option
@click.pass_context
def command(ctx: click.Context, /, run: str, reports: Path, **options: Any) -> int:
    """
    Make the reports of an earlier run again.

    RUN is the name of a run, its folder, or `latest` (the default). Nothing is sent. The exit code is that of the run; 3 when a report
    could not be written.
    """
    from runner.cli.running import ToldProblems, exit_of_result, tell_problems

    told = ToldProblems()
    result = harness_of(ctx).report(run, reports, lambda folder: [told, *make_reporters(folder, options)])
    tell_problems(result, told)
    return exit_of_result(result)
