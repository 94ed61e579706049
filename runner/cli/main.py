"""
The command line: ``runner COMMAND``. Each command stands in a module of its own and is imported when it is asked for.

Here is the one net: whatever happens, a person reads a message that says what to do, never a traceback.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from runner import __version__
from runner.cli.exits import Exit, exit_of_error

if TYPE_CHECKING:  # only for the net, which imports it when something falls in
    from runner.errors import RunnerError

__all__ = ["cli", "main"]

# command → its module, and a line about it; the order is that of the help
_COMMANDS = {
    "init": ("runner.cli.init", "begin: a first scenario, and what belongs to it"),
    "run": ("runner.cli.run", "run scenarios; without -e against the built-in simulators"),
    "check": ("runner.cli.check", "find the mistakes in files; nothing is sent"),
    "list": ("runner.cli.listing", "what would run"),
    "steps": ("runner.cli.steps", "what can be written in a scenario, and which vendor can do it"),
    "simulate": ("runner.cli.simulate", "a pretend vendor on a port of its own"),
    "report": ("runner.cli.report", "make the reports of an earlier run again"),
    "drift": ("runner.cli.drift", "where vendors answered otherwise than their contracts say"),
    "leakcheck": ("runner.cli.leakcheck", "search what a run left behind for secrets"),
    "schema": ("runner.cli.schema", "the JSON Schema for editors"),
}
_ARGUMENTS = {
    "init": "[FOLDER]",
    "run": "[PATH...]",
    "check": "[PATH...]",
    "list": "[PATH...]",
    "steps": "[NAME]",
    "simulate": "VENDOR",
    "report": "[RUN]",
    "drift": "[RUN...]",
    "leakcheck": "[FOLDER...]",
    "schema": "",
}

_LONGEST_NAME = 80


class _Commands(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            raise click.UsageError(f"there is no command `{name}`{_meant(name)}", ctx)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(_help())


def _meant(name: str) -> str:
    if name.endswith((".yaml", ".yml")) or os.sep in name or "/" in name:
        return f"; to run a file write: runner run {name}"
    from runner.errors import nearest

    close = nearest(name, _COMMANDS)
    return f"; did you mean `runner {close}`?" if close else ""


def _help() -> str:
    wide = max(len(name) + len(arguments) for name, arguments in _ARGUMENTS.items()) + 1
    told = [f"  runner {name + ' ' + _ARGUMENTS[name]:<{wide}}  {text}" for name, (_, text) in _COMMANDS.items()]
    first = f"scenario-runner {__version__}: proves that contact-centre e-mail works for agents and customers."
    more = f"  runner {'COMMAND -h':<{wide}}  the options of a command"
    return "\n".join([first, "", *told, more, "", "Start with: runner init, then runner run"]) + "\n"


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"scenario-runner {__version__}")
        ctx.exit()


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version.")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Prove that contact-centre e-mail works for agents and customers."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None, *, obj: Any = None) -> int:
    """
    Run the command line and give the exit code. *obj* takes the place of :mod:`runner.harness`, for tests.
    """
    _open_streams()
    _tame_streams()
    before = gc.get_threshold()
    # what is imported stays; to look through it again and again for garbage takes a twentieth of a short command
    gc.set_threshold(100_000, before[1], before[2])
    try:
        code = _called(arguments, obj)
        sys.stdout.flush()
    except OSError as exc:
        if not _reader_went(exc):
            raise
        return _reader_gone()
    finally:
        gc.set_threshold(*before)
    return code


def _open_streams() -> None:
    """Give a stream that somebody closed a place to write to; or the next file or socket takes its number and gets what is printed."""
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if number == 0 else "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - for as long as the process


def _called(arguments: Sequence[str] | None, obj: Any) -> int:
    try:
        # not `cli.main`, which makes a broken pipe an exit code 1: that is a failed check here
        with cli.make_context("runner", list(sys.argv[1:] if arguments is None else arguments), obj=obj) as ctx:
            result = cli.invoke(ctx)
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.UsageError as exc:
        return _usage(exc)
    except click.ClickException as exc:
        return _told("error: " + exc.format_message(), Exit.USAGE)
    except (KeyboardInterrupt, click.Abort):
        return _told("interrupted", Exit.INTERRUPTED)
    except Exception as exc:
        if _reader_went(exc):
            raise
        return _fell(exc)
    return int(result) if isinstance(result, int) else Exit.PASSED


def _fell(exc: Exception) -> int:
    from runner.errors import BadScenario, RunnerError

    if isinstance(exc, BadScenario):
        from runner.cli.output import told_diagnostics

        return _told(told_diagnostics(exc.diagnostics), Exit.USAGE)
    if isinstance(exc, RunnerError):
        return _told(_rendered(exc), exit_of_error(exc))
    if isinstance(exc, OSError) and exc.filename is not None:
        # a path that nobody can use: too long, a file where a folder is wanted, no right to write
        error = _unusable(exc)
        return _told(_rendered(error), exit_of_error(error))
    return _told(_rendered(_ours(exc)), Exit.BROKEN)


def _rendered(error: RunnerError) -> str:
    from runner.cli.output import shown

    return shown(error.diagnostic().render())


def _unusable(exc: OSError) -> RunnerError:
    from runner.errors import EnvironmentUnusable, reason

    name = str(exc.filename)
    shown = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    return EnvironmentUnusable(f"`{shown}` cannot be used: {reason(exc)}", code="E541", hint="name another place, or make this one usable")


def _ours(exc: Exception) -> RunnerError:
    """A bug of ours, with its traceback in a file that only this user can read."""
    import tempfile
    import traceback

    from runner.errors import InternalError

    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="runner-debug-", suffix=".txt", delete=False) as file:
        # a value that was given may be a secret
        called = " ".join(argument.partition("=")[0] + "=…" if "=" in argument else argument for argument in sys.argv)
        file.write(f"scenario-runner {__version__}, Python {sys.version}\n{called}\n\n")
        file.write(_without_secrets("".join(traceback.format_exception(exc))))
    message = f"something in the runner itself went wrong ({type(exc).__name__})"
    return InternalError(message, hint=f"report it, with the details in {file.name}")


def _without_secrets(text: str) -> str:
    """A traceback as it may be written down; nothing of it when that cannot be found out."""
    from pathlib import Path

    try:
        from runner.harness.debugging import without_secrets

        return without_secrets(text, Path.cwd())
    except Exception as exc:  # noqa: BLE001 - it is about a bug already; whatever is wrong here as well, no secret is written
        return f"the details are left out, as they could not be freed of secrets ({type(exc).__name__})\n"


def _usage(exc: click.UsageError) -> int:
    message = exc.format_message()
    where = exc.ctx.command_path if exc.ctx is not None else "runner"
    return _told(f"error: {message[:1].lower()}{message[1:].rstrip('.')}\n  = see: {where} -h", Exit.USAGE)


def _told(text: str, code: Exit) -> int:
    click.echo(text, err=True)
    return code


def _tame_streams() -> None:
    """A letter that a console does not have is written by its number, rather than breaking the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _reader_went(exc: Exception) -> bool:
    from runner.errors import is_broken_pipe

    return is_broken_pipe(exc)


def _reader_gone() -> int:
    """Whoever read us has read enough; nothing more is said, also not by the interpreter at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        pass
    return Exit.INTERRUPTED
