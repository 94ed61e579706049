"""
What is made of a run: the options that ``run`` and ``report`` share, and the reporters that they ask for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:  # reporters are made when the run's folder is there
    from runner.reporters.base import Reporter

__all__ = ["DEFAULT", "make_reporters", "reporting"]

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT = ("console", "junit", "html", "json")
# Where one of these is set, a CI server reads along: it is told at the lines, and on its summary page.
_CI = ("GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "TEAMCITY_VERSION")
_FOR_CI = ("annotations", "markdown")

_OPTIONS = (
    click.option("-q", "--quiet", is_flag=True, help="One line."),
    click.option("-v", "--verbose", count=True, help="Each step; -vv: each exchange."),
    click.option(
        "--reporter",
        "reporters",
        multiple=True,
        metavar="NAME",
        help=f"What to make of it, may be repeated; default: {', '.join(DEFAULT)}, and on CI servers {' and '.join(_FOR_CI)}.",
    ),
    click.option(
        "--allure",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        help="Write results for Allure into this folder, besides.",
    ),
)


def reporting(command: F) -> F:
    """Add the options that say what is made of a run."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_reporters(folder: Path, options: Mapping[str, Any]) -> list[Reporter]:
    """The reporters for a run that writes into *folder*; the console comes last, so that nothing is printed after its end."""
    from runner.reporters.base import ReportContext, installed, make

    # as people know it from where they stand
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())
    wanted = list(options["reporters"]) or [*DEFAULT, *(_FOR_CI if any(os.environ.get(name) for name in _CI) else ())]
    allure = options["allure"]
    context = ReportContext(
        folder=folder,
        stream=sys.stdout,
        verbosity=-1 if options["quiet"] else min(options["verbose"], 2),
        folders={"allure": allure} if allure is not None else {},
    )
    wanted += ["allure"] if allure is not None else []
    found = installed()
    return [make(name, context, found) for name in sorted(dict.fromkeys(wanted), key=lambda name: name == "console")]
