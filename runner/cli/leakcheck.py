"""
``runner leakcheck``: does a secret of the environment stand in what a run left behind?
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli.exits import Exit
from runner.cli.selecting import format_option, harness_of

if TYPE_CHECKING:  # a command imports what it needs when it runs
    from runner.environment.leaks import Leak, Leaks

__all__ = ["command"]

_MOST_TOLD = 200


@click.command("leakcheck")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[FOLDER]...")
@click.option("-e", "--environment", default="simulator", metavar="NAME", help="Whose secrets; default: those of the built-in simulators.")
@click.option("--secret", "names", multiple=True, metavar="NAME", help="Look for this one, too; found where `secret()` finds it.")
@format_option
@click.pass_context
def command(ctx: click.Context, /, folders: tuple[Path, ...], environment: str, names: tuple[str, ...], form: str) -> int:
    """
    Search files for the secrets of an environment.

    FOLDER is a run's folder or any other one, or a file; default: reports. Every file in it is searched, also inside zip and gzip files,
    for every shape that a secret takes: plain, quoted for URLs, JSON and HTML, in base64, in hex. The exit code is 0 when nothing was
    found, 1 when something was, 2 when a file could not be read, 5 when there is no secret to look for.
    """
    from runner.environment.leaks import Leaks, Unreadable

    harness = harness_of(ctx)
    checked = harness.Checker(harness.Request(environment=environment), secrets=True).checked((), (), files=0)
    given = [checked.sources.get(name) for name in names]
    leaks = Leaks.of(checked.environment, [*checked.sources.found.values(), *given])
    found: list[Leak] = []
    unread: list[str] = []
    files = 0
    for path, shown in _files(folders or (Path("reports"),)):
        files += 1
        try:
            found += leaks.in_file(path, shown)
        except Unreadable as exc:
            unread.append(str(exc))
    _tell(form, leaks, found, unread, files)
    return _exit(leaks, found, unread, files)


def _files(folders: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Every plain file, each with the name that people know it by. Links are not followed: what they point at is somewhere else."""
    for folder in folders:
        if folder.is_file():
            yield folder, folder.as_posix()
        for parent, inner, names in os.walk(folder):
            inner.sort()
            for name in sorted(names):
                path = Path(parent) / name
                if path.is_file() and not path.is_symlink():
                    yield path, path.as_posix()


def _exit(leaks: Leaks, found: list[Leak], unread: list[str], files: int) -> Exit:
    if found:
        return Exit.FAILED
    if unread:
        return Exit.INTERRUPTED
    return Exit.PASSED if len(leaks) and files else Exit.NOTHING


def _tell(form: str, leaks: Leaks, found: list[Leak], unread: list[str], files: int) -> None:
    from runner.cli.output import say, say_json
    from runner.reporters.text import counted

    if form == "json":
        leaked: list[dict[str, Any]] = [
            {"secret": leak.secret, "file": leak.file, "member": leak.member, "line": leak.line, "encoded": leak.encoded} for leak in found
        ]
        say_json({"files": files, "secrets": len(leaks), "left_out": leaks.left_out, "leaks": leaked, "unreadable": unread})
        return
    for leak in found[:_MOST_TOLD]:
        say(_line(leak))
    if len(found) > _MOST_TOLD:
        say(f"and {len(found) - _MOST_TOLD} more")
    for reason in unread:
        say(f"could not be read: {reason}")
    if leaks.left_out:
        say(f"too short or too common to be looked for: {', '.join(leaks.left_out)}")
    if not files:
        say("there is no file to search")
    elif not len(leaks):
        say("there is no secret to look for; name the environment with -e")
    else:
        outcome = f"{counted(len(found), 'leak')} of" if found else "no trace of"
        say(f"{outcome} {counted(len(leaks), 'secret')} in {counted(files, 'file')}")


def _line(leak: Leak) -> str:
    member = f" in {leak.member}" if leak.member else ""
    place = f"{leak.file}:{leak.line}{member}" if leak.line else f"{leak.file}{member} (its name)"
    return f"{place}: {leak.secret}{', in another form' if leak.encoded else ''}"
