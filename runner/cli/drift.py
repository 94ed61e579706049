"""
``runner drift``: where vendors answered otherwise than their APIs are written down, in one run or over several.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct, field

from runner.cli.exits import Exit
from runner.cli.selecting import format_option, harness_of, reports_option

if TYPE_CHECKING:  # a command imports the record when it runs
    from runner.plugins.registry import Registry
    from runner.record.events import Drifted, Event
    from runner.record.result import RunResult

__all__ = ["command"]


class _Difference(Struct):
    """A finding with the runs that met it, in the order in which they were named; ``first`` is that of the first one."""

    first: Drifted
    runs: list[str] = field(default_factory=list)


class _Answers:
    """Which vendors answered at all: of the others nothing was compared."""

    name = "answers"

    def __init__(self) -> None:
        self.vendors: set[str] = set()

    def handle(self, event: Event) -> None:
        """Take an event; the status of an exchange without an answer is 0."""
        from runner.record.events import Exchanged

        if isinstance(event, Exchanged) and event.http and not event.error:
            self.vendors.add(event.vendor)

    def close(self) -> None:
        """There are no more events."""


@click.command("drift")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("--vendor", "vendors", multiple=True, metavar="NAME", help="Only this vendor; may be repeated.")
@format_option
@reports_option
@click.pass_context
def command(ctx: click.Context, /, runs: tuple[str, ...], reports: Path, **options: Any) -> int:
    """
    Show where vendors answered otherwise than their contracts say.

    RUN is the name of a run, its folder, or `latest` (the default). Nothing is sent. The exit code is 0 whatever is found: drift is news,
    no verdict.
    """
    harness = harness_of(ctx)
    names = tuple(dict.fromkeys(runs or ("latest",)))
    answers = _Answers()
    results = [harness.report(name, reports, lambda _folder: (answers,)) for name in names]
    wanted = frozenset(options["vendors"])
    found = [one for one in _gathered(results) if not wanted or one.first.vendor in wanted]
    answered = _compared(answers.vendors & wanted if wanted else answers.vendors, harness.registry())
    if options["form"] == "json":
        _tell_json(found, answered, results)
    else:
        _tell(found, answered, results)
    return Exit.PASSED


def _compared(answered: Collection[str], registry: Registry) -> list[str]:
    """Those of the vendors that *answered* which have a contract to compare with, by name."""
    return sorted(name for name in answered if name in registry.names and registry.vendor(name).contract)


def _gathered(results: Iterable[RunResult]) -> list[_Difference]:
    """Each difference once, by vendor, operation and place."""
    found: dict[tuple[Any, ...], _Difference] = {}
    for result in results:
        for one in result.drift:
            runs = found.setdefault(_key(one), _Difference(one)).runs
            if _name(result) not in runs:
                runs.append(_name(result))
    return [found[key] for key in sorted(found)]


def _key(one: Drifted) -> tuple[Any, ...]:
    path = one.operation.partition(" ")[2]
    return one.vendor, path, one.operation, one.http, one.place, one.kind, one.expected, one.got


def _name(result: RunResult) -> str:
    if result.started is not None:
        return result.started.run
    return result.folder.name if result.folder is not None else ""


def _tell(found: Sequence[_Difference], answered: Sequence[str], results: Sequence[RunResult]) -> None:
    from runner.cli.output import say
    from runner.reporters.text import counted, one_line

    asked = ", ".join(dict.fromkeys(map(_name, results)))
    if not found and not answered:
        say(f"nothing was compared: no vendor with a contract answered ({asked})")
        return
    if not found:
        say(f"no drift: every answer of {' and '.join(answered)} was as the contract says ({asked})")
        return
    vendor = operation = ""
    for difference in found:
        one = difference.first
        if one.vendor != vendor:
            vendor, operation = one.vendor, ""
            number = sum(other.first.vendor == vendor for other in found)
            say(f"{vendor}: {counted(number, 'difference')} between its answers and its contract")
        if f"{one.operation} → {one.http}" != operation:
            operation = f"{one.operation} → {one.http}"
            say(one_line(f"  {operation}"))
        say(one_line(f"    {_told(one)}{_when(difference, results)}"))
        say(one_line(f"      first in {one.scenario}, step {one.step or '-'}"))


def _told(one: Drifted) -> str:
    """``unknown field $.user.nickname: expected no field of this name, got text``."""
    compared = f"expected {one.expected}, got {one.got}"
    return f"{one.kind} {one.place}: {compared}" if one.place else f"{one.kind}: {compared}"


def _when(difference: _Difference, results: Sequence[RunResult]) -> str:
    return f"  (in {len(difference.runs)} of {len(results)} runs)" if len(results) > 1 else ""


def _tell_json(found: Sequence[_Difference], answered: Sequence[str], results: Sequence[RunResult]) -> None:
    from runner.cli.output import say_json

    say_json(
        {
            "runs": [_name(result) for result in results],
            "answered": answered,
            "drift": [
                {
                    "vendor": one.vendor,
                    "kind": one.kind,
                    "operation": one.operation,
                    "http": one.http,
                    "place": one.place,
                    "expected": one.expected,
                    "got": one.got,
                    "runs": difference.runs,
                    "scenario": one.scenario,
                    "step": one.step,
                }
                for difference in found
                for one in (difference.first,)
            ],
        }
    )
