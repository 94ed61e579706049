"""
``runner report``: the reports of an earlier run, made again from its journal.
"""

from __future__ import annotations

from pathlib import Path

import click

from runner.cli.selecting import harness_of, reports_option

__all__ = ["command"]


@click.command("report")
@click.argument("run", default="latest", metavar="[RUN]")
@click.option("--reporter", "reporters", multiple=True, metavar="NAME", help="What to make; default: console and junit.")
@click.option("-q", "--quiet", is_flag=True, help="One line.")
@click.option("-v", "--verbose", count=True, help="Each step; -vv: each exchange.")
@reports_option
@click.pass_context
def command(ctx: click.Context, run: str, reporters: tuple[str, ...], reports: Path, *, quiet: bool, verbose: int) -> int:
    """
    Make the reports of an earlier run again.

    RUN is the name of a run, its folder, or `latest` (the default). Nothing is sent. The exit code is that of the run.
    """
    from runner.cli.run import make_reporters
    from runner.cli.running import exit_of_result

    verbosity = -1 if quiet else min(verbose, 2)
    result = harness_of(ctx).report(run, reports, lambda folder: make_reporters(reporters, folder, verbosity))
    return exit_of_result(result)
