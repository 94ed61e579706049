"""
What came of the run in a line, for people: did it pass, what else is to be known, what is new. The same words in every report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from runner.history import Change, Changes
from runner.history.changes import Kind
from runner.record.result import RunResult
from runner.reporters.text import counted

__all__ = [
    "MEANINGS",
    "ORDER",
    "SIGNS",
    "WORDS",
    "Verdict",
    "badge",
    "day",
    "listed_changes",
    "moment",
    "not_whole",
    "told_changes",
    "verdict",
]

# Never by colour alone.
SIGNS = {"passed": "✓", "failed": "✗", "errored": "!", "skipped": "–", "unsupported": "~", "not_run": "?"}
WORDS = {
    "passed": "passed",
    "failed": "failed",
    "errored": "errored",
    "skipped": "skipped",
    "unsupported": "unsupported",
    "not_run": "not run",
}
# What a reader wants to see first stands first.
ORDER = ("failed", "errored", "not_run", "passed", "unsupported", "skipped")
MEANINGS = {
    "failed": "a check said no",
    "errored": "could not be carried out",
    "not_run": "planned, and never ended",
    "unsupported": "the vendor cannot do it",
    "skipped": "not wanted here",
    "passed": "",
}
_ENDED = {
    "complete": "",
    "fail_fast": "It stopped at the first failure, as asked.",
    "interrupted": "It was interrupted.",
    "terminated": "It was stopped from outside.",
    "timeout": "It was stopped: the whole run took too long.",
    "broken": "It broke off.",
    "cut off": "It was cut off, and did not end by itself. This is what its journal has.",
}


class Verdict(Struct, frozen=True):
    """The first line: ``tone`` is good, bad or open (not whole), with a sign and words."""

    tone: str
    sign: str
    words: str
    notes: list[str]


def verdict(result: RunResult, flaky: int, in_doubt: int) -> Verdict:
    """Did it pass? Green is only what the exit code calls green."""
    counts = result.counts
    planned = sum(counts.values())
    red = counts["failed"] + counts["errored"]
    notes = [text for text in (_ENDED.get(result.ended, result.ended), *result.problems) if text]
    notes += [f"{counted(flaky, 'scenario')} passed only after a retry."] if flaky else []
    notes += [f"{counted(in_doubt, 'scenario')} may have sent mail that nobody saw arrive."] if in_doubt else []
    if not result.complete and not result.problems and result.ended == "complete":
        notes.append("Its record is not whole: the numbers in it do not agree.")
    code = result.exit_code
    if code == 0:
        return Verdict("good", SIGNS["passed"], _green(counts, planned), notes)
    if red:
        return Verdict("bad", SIGNS["failed"], f"{red} of {counted(planned, 'scenario')} did not pass", notes)
    if counts["not_run"] or not result.complete:
        done = planned - counts["not_run"]
        return Verdict("open", "!", f"Not complete: {done} of {counted(planned, 'scenario')} ended", notes)
    if code == 5:
        return Verdict("open", "–", "Nothing was tested", [*notes, "Every scenario was skipped or unsupported, or there was none."])
    return Verdict("open", "!", "The run itself broke", notes)


def _green(counts: Mapping[str, int], planned: int) -> str:
    passed = counts["passed"]
    if passed == planned:
        return f"All {counted(planned, 'scenario')} passed" if planned > 1 else "The scenario passed"
    return f"{passed} of {counted(planned, 'scenario')} passed, no other was to run"


def not_whole(result: RunResult) -> list[str]:
    """What keeps the run from being whole, whatever came of its scenarios; nothing when it ended by itself and everything was run."""
    troubles = [] if result.ended == "complete" else [f"the run was not complete: {result.ended.replace('_', ' ')}"]
    troubles += result.problems
    if result.counts["not_run"]:
        troubles.append(f"{result.counts['not_run']} of {sum(result.counts.values())} planned scenarios were not run")
    if not result.complete and not troubles:
        troubles.append("the record of the run is not whole")
    return troubles


_KINDS: tuple[tuple[Kind, str], ...] = (
    ("new", "new"),
    ("first", "failing on first run"),
    ("still", "still failing"),
    ("fixed", "fixed"),
)


def told_changes(changes: Changes) -> str:
    """``1 new, 2 still failing, 0 fixed, 1 flaky, 3 scenarios added``; what nobody misses is left out."""
    counts = [(kind, words, len(changes.keys(kind))) for kind, words in _KINDS]
    told = [f"{count} {words}" for kind, words, count in counts if count or kind != "first"]
    told += [f"{len(changes.unsteady)} flaky"] if changes.unsteady else []
    told += [f"{counted(len(changes.added), 'scenario')} added"] if changes.added else []
    told += [f"{counted(len(changes.removed), 'scenario')} removed"] if changes.removed else []
    return ", ".join(told)


def listed_changes(changes: Changes) -> Iterator[tuple[str, str]]:
    """What there is to tell of single scenarios: words (``new failure``, ``failing since 18 Nov, 3 runs``) and the key of each."""
    for kind, _ in _KINDS:
        yield from ((badge(changes[key]) + (", flaky" if changes[key].unsteady else ""), key) for key in changes.keys(kind))
    yield from (("flaky", key) for key in changes.unsteady if not changes[key].kind)
    yield from (("added", key) for key in changes.added if changes[key].kind != "first")
    yield from (("removed", key) for key in changes.removed)


def badge(change: Change) -> str:
    """``new``, ``still failing, 3rd run since 18 Nov``, ``fixed``, ``failing on first run``."""
    match change.kind:
        case "new":
            return "new failure"
        case "still":
            since = f" since {day(change.since.started)}" if change.since is not None else ""
            return f"failing{since}, {change.reds} runs"
        case "fixed":
            return "fixed"
        case "first":
            return "failing on first run"
        case _:
            return "flaky" if change.unsteady else ""


def day(started: str) -> str:
    """``18 Nov``."""
    day = moment(started).split(",")[0].split(" ")
    return f"{day[1]} {day[2][:3]}" if len(day) > 2 else started


def moment(text: str) -> str:
    """``Sat 21 November 2026, 06:56 UTC``; what is no moment stays as it is."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = when.tzname() or ""
    return f"{when:%a} {when.day} {when:%B %Y, %H:%M} {zone}".strip()
