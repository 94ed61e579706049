"""
``runner run``: carry out scenarios, tell how it goes, and write the reports.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli.exits import Exit
from runner.cli.selecting import harness_of, reports_option, request_of, selecting

if TYPE_CHECKING:  # reporters are made when the run's folder is there
    from runner.reporters.base import Reporter

__all__ = ["command"]


@click.command("run")
@selecting
@click.option("--failed", metavar="RUN", help="Only what did not pass in an earlier run: its name, or `latest`.")
@click.option("-j", "--parallel", type=click.IntRange(min=1), metavar="N", help="How many scenarios at a time.")
@click.option("--seed", type=int, metavar="N", help="Repeat an earlier run's chances.")
@click.option("-x", "--fail-fast", is_flag=True, help="Stop at the first failure.")
@click.option("-q", "--quiet", is_flag=True, help="One line.")
@click.option("-v", "--verbose", count=True, help="Each step; -vv: each exchange.")
@click.option("--reporter", "reporters", multiple=True, metavar="NAME", help="What to make of the run; default: console and junit.")
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
    verbosity = -1 if options["quiet"] else min(options["verbose"], 2)
    result = carry_out(harness, request, lambda folder: make_reporters(options["reporters"], folder, verbosity))
    return exit_of_result(result)


def make_reporters(names: tuple[str, ...], folder: Path, verbosity: int) -> list[Reporter]:
    """The reporters *names* for a run that writes into *folder*; the console comes last, so that nothing is printed after its end."""
    from runner.reporters.base import ReportContext, make

    # as people know it from where they stand
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())
    context = ReportContext(folder=folder, stream=sys.stdout, verbosity=verbosity)
    wanted = names or ("console", "junit")
    return [make(name, context) for name in sorted(dict.fromkeys(wanted), key=lambda name: name == "console")]


def _failed(harness: Any, run: str, reports: Path) -> tuple[str, ...]:
    """The keys of what did not pass in an earlier run."""
    result = harness.report(run, reports, lambda _folder: ())
    return tuple(scenario.key for scenario in result.not_passed)
