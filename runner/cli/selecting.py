"""
Which scenarios are meant: the options that ``run``, ``check`` and ``list`` share, and the request that they make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:  # the harness brings the whole engine; a command imports it when it runs
    from runner.errors import RunnerError
    from runner.harness import Request

__all__ = ["format_option", "harness_of", "request_of", "selecting"]

F = TypeVar("F", bound=Callable[..., Any])


def harness_of(ctx: click.Context) -> Any:
    """The harness: :mod:`runner.harness`, or what a test put in its place."""
    if ctx.obj is not None:
        return ctx.obj
    from runner import harness

    return harness


def _variables(_ctx: click.Context, _parameter: click.Parameter, given: Sequence[str]) -> Mapping[str, str]:
    variables: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise click.BadParameter(f"`{text}` is not NAME=VALUE; write it like --set customer=joe@example.com")
        variables[name.strip()] = value
    return variables


_OPTIONS = (
    click.argument("paths", nargs=-1, metavar="[PATH]..."),
    click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="Only scenarios with this tag; `not:slow` leaves some out."),
    click.option("--vendor", "vendors", multiple=True, metavar="NAME", help="Only the runs for this vendor."),
    click.option("--case", "cases", multiple=True, metavar="NAME", help="Only the runs for this case."),
    click.option("-e", "--environment", default="simulator", metavar="NAME", help="Where to run; default: the built-in simulators."),
    click.option(
        "--set",
        "variables",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_variables,
        help="Give a variable another value; may be repeated.",
    ),
)


def selecting(command: F) -> F:
    """Add the options that say which scenarios are meant."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--format``; who asks for JSON reads JSON on stdout, also when the command cannot be carried out."""

    @wraps(command)
    def told(*arguments: Any, form: str, **options: Any) -> Any:
        if form != "json":
            return command(*arguments, form=form, **options)
        from runner.errors import RunnerError

        try:
            return command(*arguments, form=form, **options)
        except RunnerError as exc:
            return _told_in_json(exc)

    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people, or for programs.")(told)


def _told_in_json(error: RunnerError) -> int:
    """``diagnostics``, ``errors`` and ``warnings``, as ``runner check`` tells them; gives the exit code."""
    from runner.cli.exits import Exit, exit_of_error
    from runner.cli.output import diagnostic_record, say_json
    from runner.errors import BadScenario

    found = error.diagnostics if isinstance(error, BadScenario) else (error.diagnostic(),)
    errors = sum(d.severity == "error" for d in found)
    say_json({"diagnostics": [diagnostic_record(d) for d in found], "errors": errors, "warnings": len(found) - errors})
    return Exit.USAGE if isinstance(error, BadScenario) else exit_of_error(error)


def request_of(harness: Any, options: Mapping[str, Any], **more: Any) -> Request:
    """
    The request that the shared options make.

    A path may be a file, a folder, ``file.scenario.yaml:LINE``, or the key of a run, ``file.scenario.yaml::gws[German]``.
    """
    paths = [str(path) for path in options["paths"]]
    keys = tuple(path for path in paths if "::" in path)
    files = tuple(dict.fromkeys(path.partition("::")[0] for path in paths))
    if keys:
        more["keys"] = keys
    request: Request = harness.Request(
        **({"paths": files} if files else {}),
        environment=options["environment"],
        vendors=tuple(options["vendors"]),
        tags=tuple(options["tags"]),
        cases=tuple(options["cases"]),
        variables=options["variables"],
        **more,
    )
    return request


def reports_option(command: F) -> F:
    """Add ``--reports``."""
    return click.option(
        "--reports", type=click.Path(path_type=Path, file_okay=False), default=Path("reports"), metavar="FOLDER", help="Where runs write."
    )(command)
