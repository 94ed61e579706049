"""
What came of each scenario, a row each: kept so that the thousands that passed take next to nothing.

Made by :mod:`runner.record.result`. Of a scenario that passed and has nothing else to tell a few numbers are kept, and what it shares with
its neighbours once; its row is made anew whenever somebody looks at it.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, overload

from msgspec import Struct, field

from runner.matching.verdict import Difference
from runner.record.events import Cause, Created, Logged, Retried

__all__ = ["ExchangeResult", "Rows", "ScenarioResult", "StepResult", "Stock"]

# What a scenario can come to; one that never began, or never ended, was not run.
Came = Literal["passed", "failed", "errored", "skipped", "unsupported", "not_run"]


class ExchangeResult(Struct, frozen=True):
    """One request and its answer, without headers and bodies; those are in the journal under the same ``n``."""

    n: int
    method: str
    url: str
    http: int
    took: float
    error: str


class StepResult(Struct):
    """A step; the fields are those of its events. ``outcome`` is None for one that began and never ended."""

    place: str
    type: str
    name: str = ""
    actor: str = ""
    phase: str = "steps"
    file: str = ""
    line: int = 0
    outcome: str | None = None
    took: float = 0.0
    reason: str = ""
    code: str = ""
    cause: Cause = ""
    hint: str = ""
    attempts: int = 1
    retries: list[Retried] = field(default_factory=list)
    states: tuple[tuple[str, float], ...] = ()
    in_doubt: bool = False
    refused: str = ""
    checks: int = 0
    differences: tuple[Difference, ...] = ()
    exchanges: list[ExchangeResult] = field(default_factory=list)


class ScenarioResult(Struct, frozen=True):
    """
    One scenario × vendor × case. ``at_step`` and ``at_line`` are where it stopped. ``steps``, ``created`` and ``logged`` are empty for one
    that passed, unless the fold was told to keep them.
    """

    key: str
    name: str
    file: str
    line: int
    vendor: str
    case: str = ""
    id: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    actors: Mapping[str, str] = {}
    outcome: Came = "not_run"
    # seconds since the run began, and the length
    began: float = 0.0
    took: float = 0.0
    reason: str = ""
    code: str = ""
    cause: Cause = ""
    at_step: str = ""
    at_line: int = 0
    in_doubt: bool = False
    flaky: bool = False
    left_open: tuple[str, ...] = ()
    steps: tuple[StepResult, ...] = ()
    created: tuple[Created, ...] = ()
    logged: tuple[Logged, ...] = ()


class _About(NamedTuple):
    """What all cases of a scenario have in common."""

    name: str
    file: str
    line: int
    vendor: str
    id: str
    tags: tuple[str, ...]


class Stock:
    """Rows in the order in which they came; grows, and forgets nothing."""

    def __init__(self) -> None:
        # of each row: its key, its case, what it shares, when it began and how long it took
        self._keys: list[str] = []
        self._cases: list[str] = []
        self._abouts: list[_About] = []
        self._times = array("d")
        self._shared: dict[_About, _About] = {}
        # rows with more to tell, by their place
        self._whole: dict[int, ScenarioResult] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, row: ScenarioResult) -> None:
        """One more."""
        about = _About(row.name, row.file, row.line, row.vendor, row.id, row.tags)
        self._keys.append(row.key)
        self._cases.append(row.case)
        self._abouts.append(self._shared.setdefault(about, about))
        self._times.extend((row.began, row.took))
        place = len(self._keys) - 1
        if self._plain(place) != row:
            self._whole[place] = row

    def row(self, place: int) -> ScenarioResult:
        """The row at *place*, counted from 0."""
        return self._whole.get(place) or self._plain(place)

    def _plain(self, place: int) -> ScenarioResult:
        """A scenario that passed, of which there is nothing else to say."""
        name, file, line, vendor, id_, tags = self._abouts[place]
        return ScenarioResult(
            key=self._keys[place],
            name=name,
            file=file,
            line=line,
            vendor=vendor,
            case=self._cases[place],
            id=id_,
            tags=tags,
            outcome="passed",
            began=self._times[2 * place],
            took=self._times[2 * place + 1],
        )


class Rows(Sequence[ScenarioResult]):
    """What is in a *stock* now, and behind it *more* rows."""

    def __init__(self, stock: Stock, more: Sequence[ScenarioResult] = ()) -> None:
        self._stock = stock
        self._stocked = len(stock)
        self._more = tuple(more)

    def __len__(self) -> int:
        return self._stocked + len(self._more)

    @overload
    def __getitem__(self, place: int) -> ScenarioResult: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ScenarioResult]: ...
    def __getitem__(self, place: int | slice) -> ScenarioResult | Sequence[ScenarioResult]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        return self._stock.row(place) if place < self._stocked else self._more[place - self._stocked]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it holds what changes

    def __repr__(self) -> str:
        # asyncio writes out the result of a run's task when it ends, and all rows as one text need more memory than the run did
        return f"<{len(self)} rows>"
