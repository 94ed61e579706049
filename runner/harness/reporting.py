"""
A run that is over, told once more: its journal through any reporters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from runner.record.journal import read_journal, resolve_run
from runner.record.result import Fold, RunResult
from runner.record.stream import Sink

__all__ = ["report"]


def report(run_name: str, reports: Path, make_sinks: Callable[[Path], Sequence[Sink]]) -> RunResult:
    """
    Make reports again from the journal of a run (a name, ``latest``, or a folder); nothing is sent.

    A reporter that breaks does not keep the others; it stands in the result's ``problems``.
    """
    folder = resolve_run(reports, run_name)
    fold = Fold(folder)
    sinks = list(make_sinks(folder))
    problems: dict[str, str] = {}
    for event in read_journal(folder):
        fold.handle(event)
        for sink in sinks:
            if sink.name not in problems:
                try:
                    sink.handle(event)
                except Exception as exc:  # noqa: BLE001 - a reporter may raise anything; the others go on
                    problems[sink.name] = _broke(sink, exc)
    for sink in sinks:
        try:
            sink.close()
        except Exception as exc:  # noqa: BLE001 - as above
            problems.setdefault(sink.name, _broke(sink, exc))
    return fold.result(problems=problems.values())


def _broke(sink: Sink, exc: Exception) -> str:
    return f"reporter `{sink.name}` could not finish: {type(exc).__name__}: {exc}".rstrip(": ")
