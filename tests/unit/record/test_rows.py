"""Rows come back as they went in, whatever is kept of them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from runner.record.events import Logged
from runner.record.rows import Rows, ScenarioResult, StepResult, Stock

PLAIN = ScenarioResult(
    key="a.scenario.yaml::gws[1]",
    name="A",
    file="a.scenario.yaml",
    line=3,
    vendor="gws",
    case="1",
    id="a",
    tags=("smoke", "mail"),
    outcome="passed",
    began=1.25,
    took=0.1,
)


@pytest.mark.parametrize(
    "row",
    [
        PLAIN,
        replace(PLAIN, tags=(), case="", began=0.0),
        replace(PLAIN, outcome="failed", reason="no", at_step="2", at_line=7),
        replace(PLAIN, outcome="skipped"),
        replace(PLAIN, flaky=True),
        replace(PLAIN, in_doubt=True),
        replace(PLAIN, left_open=("agent at gws",)),
        replace(PLAIN, description="told"),
        replace(PLAIN, actors={"agent": "qa1"}),
        replace(PLAIN, steps=(StepResult("1", "login"),)),
        replace(PLAIN, logged=(Logged(message="m"),)),
    ],
)
def test_a_row_comes_back_as_it_went_in(row: ScenarioResult) -> None:
    """Whether it passed and tells nothing else, or has more to tell."""
    stock = Stock()
    stock.add(PLAIN)
    stock.add(row)

    assert (len(stock), stock.row(0), stock.row(1)) == (2, PLAIN, row)


def test_rows_are_those_that_were_there_when_they_were_asked_for() -> None:
    """What comes later is not among them; what never ended stands behind them."""
    stock = Stock()
    stock.add(PLAIN)
    unfinished = replace(PLAIN, key="b", outcome="not_run")
    rows = Rows(stock, [unfinished])
    stock.add(replace(PLAIN, key="c"))

    assert [row.key for row in rows] == [PLAIN.key, "b"]
    assert (rows[-1], rows[0:1], len(rows)) == (unfinished, [PLAIN], 2)
    assert rows == (PLAIN, unfinished)
    with pytest.raises(IndexError):
        rows[2]
