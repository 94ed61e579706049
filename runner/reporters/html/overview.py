"""
The first page: did it pass, what is new, why, since when; then every scenario, vendor by vendor, and in time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from runner.clock import written
from runner.history import Change, Changes
from runner.record.events import OUTCOMES
from runner.record.result import RunResult
from runner.reporters.html.shown import moment
from runner.reporters.html.why import Why
from runner.reporters.text import counted

__all__ = ["SIGNS", "Cause", "Cell", "Matrix", "Row", "Verdict", "badge", "matrix", "parts", "verdict"]

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
_MEANINGS = {
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
_MOST_ROWS_OF_CAUSE = 30


@dataclass(slots=True)
class Row:
    """A scenario in the table. ``strip`` are its last outcomes, oldest first, as signs; ``link`` leads to its page."""

    number: int
    key: str
    name: str
    case: str
    vendor: str
    file: str
    line: int
    tags: tuple[str, ...]
    outcome: str
    took: float
    began: float
    link: str
    reason: str = ""
    change: str = ""
    badge: str = ""
    strip: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    story: str = ""

    @property
    def red(self) -> bool:
        """Whether it did not end well."""
        return self.outcome in ("failed", "errored", "not_run")

    @property
    def sign(self) -> str:
        """What stands for the outcome beside its word."""
        return SIGNS[self.outcome]

    @property
    def took_text(self) -> str:
        """How long it took, for people."""
        return written(self.took)


@dataclass(slots=True)
class Cause:
    """Red scenarios that say the same: how many, why the first of them, and where the others are."""

    why: Why
    outcome: str
    rows: list[Row] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.rows)

    def add(self, row: Row) -> None:
        """One more."""
        self.count += 1
        if len(self.rows) < _MOST_ROWS_OF_CAUSE:
            self.rows.append(row)


@dataclass(frozen=True, slots=True)
class Verdict:
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


def _green(counts: Counter[str] | dict[str, int], planned: int) -> str:
    passed = counts["passed"]
    if passed == planned:
        return f"All {counted(planned, 'scenario')} passed" if planned > 1 else "The scenario passed"
    return f"{passed} of {counted(planned, 'scenario')} passed, no other was to run"


@dataclass(frozen=True, slots=True)
class Part:
    """An outcome's share of the run: how many, and where it lies in the bar, in thousandths."""

    outcome: str
    word: str
    sign: str
    meaning: str
    count: int
    x: int
    width: int


def parts(counts: dict[str, int]) -> list[Part]:
    """The shares of all outcomes that occurred, worst first."""
    told = [outcome for outcome in ORDER if counts.get(outcome)]
    total = sum(counts[outcome] for outcome in told) or 1
    found: list[Part] = []
    x = 0
    for outcome in told:
        # even one among thousands can be seen
        width = max(8, round(counts[outcome] / total * 1000))
        found.append(Part(outcome, WORDS[outcome], SIGNS[outcome], _MEANINGS[outcome], counts[outcome], x, width))
        x += width
    scale = 1000 / x if x else 1
    return [Part(p.outcome, p.word, p.sign, p.meaning, p.count, round(p.x * scale), max(1, round(p.width * scale))) for p in found]


def badge(change: Change) -> str:
    """``new``, ``still failing, 3rd run since 18 Nov``, ``fixed``, ``first run``."""
    match change.kind:
        case "new":
            return "new failure"
        case "still":
            since = f" since {_day(change.since.started)}" if change.since is not None else ""
            return f"failing{since}, {change.reds} runs"
        case "fixed":
            return "fixed"
        case "first":
            return "never ran before"
        case _:
            return "unsteady" if change.unsteady else ""


def _day(started: str) -> str:
    day = moment(started).split(",")[0].split(" ")
    return f"{day[1]} {day[2][:3]}" if len(day) > 2 else started


def strip(change: Change) -> tuple[tuple[str, str], ...]:
    """The last outcomes as (outcome, sign), oldest first; nothing when they were all the same as now, and good."""
    if not change.kind and not change.unsteady:
        return ()
    return tuple((then.outcome, SIGNS.get(then.outcome, "?")) for then in change.before)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one vendor came to in one scenario: a row for each case."""

    rows: list[Row]
    worst: str
    count: int

    @property
    def sign(self) -> str:
        """The sign of the worst."""
        return SIGNS[self.worst]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Scenarios down, vendors across. ``lines`` are (name, file, a cell or None for each vendor)."""

    vendors: list[str]
    lines: list[tuple[str, str, list[Cell | None]]]


_MOST_IN_CELL = 6


def matrix(rows: Iterable[Row]) -> Matrix:
    """The matrix of *rows*; scenarios with trouble first."""
    cells: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in rows:
        cells.setdefault((row.file, row.name), {}).setdefault(row.vendor, []).append(row)
    vendors = sorted({vendor for by_vendor in cells.values() for vendor in by_vendor})
    lines = [
        (name, file, [_cell(by_vendor.get(vendor)) for vendor in vendors])
        for (file, name), by_vendor in sorted(cells.items(), key=lambda item: (not _any_red(item[1]), item[0]))
    ]
    return Matrix(vendors, lines)


def _any_red(by_vendor: dict[str, list[Row]]) -> bool:
    return any(row.red for rows in by_vendor.values() for row in rows)


def _cell(rows: list[Row] | None) -> Cell | None:
    if not rows:
        return None
    by_weight = sorted(rows, key=lambda row: ORDER.index(row.outcome))
    return Cell(by_weight[:_MOST_IN_CELL], by_weight[0].outcome, len(rows))


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the runs before: (kind, words, rows). ``green`` and ``green_link`` tell the last green run."""

    groups: list[tuple[str, str, list[Row], int]]
    green: str
    green_link: str
    earlier: int


_KINDS = (("new", "new failure"), ("first", "failing, never run before"), ("still", "still failing"), ("fixed", "fixed"))
_MOST_OF_KIND = 12


def since(changes: Changes, rows: Iterable[Row]) -> Since | None:
    """What is new; None for a run that has nothing before it."""
    if not changes.earlier:
        return None
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(row.change, []).append(row)
    groups = [(kind, words, by_kind.get(kind, [])[:_MOST_OF_KIND], len(by_kind.get(kind, []))) for kind, words in _KINDS]
    green = changes.last_green
    link = f"../{green.folder}/index.html" if green is not None else ""
    return Since(groups, moment(green.started) if green is not None else "", link, changes.earlier)


assert set(ORDER) == {*OUTCOMES, "not_run"}  # noqa: S101 - a new outcome needs its place here
