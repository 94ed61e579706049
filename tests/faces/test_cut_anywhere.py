"""
The journal of a real run, cut anywhere: all reports made of what is left agree, have every step that was told, and are never green.

R10 and table G of the faults: a disk that was full, a copy that stopped half-way.
"""

from __future__ import annotations

import io
import json
from itertools import pairwise
from pathlib import Path

import pytest

from runner.cli.main import main
from runner.harness import report
from runner.record.events import StepFinished
from runner.record.journal import JOURNAL, read_journal, resolve_run
from runner.reporters.base import ReportContext, make
from tests.reading_back import FILES, came, files_agree, planned

# Of four in every line: where the event before it ends, and at three places inside.
CUTS = 200

SCENARIO = """\
scenario: A mail is written and dropped
vendors: [icws, egain]
cases: [{case: one}, {case: two}]
steps:
  - login: {as: agent}
  - create: {to: joe@example.com, subject: Your order, text: It is on its way.}
  - cancel
cleanup:
  - logout
"""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The journal of a real run that was green, on the simulators of two vendors."""
    (tmp_path / "mail.scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    assert main(["run", str(tmp_path), "--reports", str(tmp_path / "reports"), "--seed", "5"]) == 0
    return resolve_run(tmp_path / "reports", "latest") / JOURNAL


def _cuts(whole: bytes) -> list[tuple[int, int]]:
    """Where to cut, and how many events are whole before it; never after the last event, and never inside the header."""
    ends = [place for place, byte in enumerate(whole, start=1) if byte == ord("\n")]
    # before the line's own newline: without it, the line is whole as well
    lines = [(first, end - 1) for first, end in pairwise(ends)]
    places = [(first + n * (last - first) // 4, number) for number, (first, last) in enumerate(lines) for n in range(4)]
    return [places[n * (len(places) - 1) // (CUTS - 1)] for n in range(CUTS)]


def test_a_journal_cut_anywhere_is_told_by_all_alike(journal: Path, tmp_path: Path) -> None:
    """Every report of what is left has the same counts and every step that ended before the cut; none is green."""
    whole = journal.read_bytes()
    events = list(read_journal(journal.parent))
    cuts = _cuts(whole)
    assert len(set(cuts)) == CUTS
    for at, number in cuts:
        folder = tmp_path / f"cut-{at:07}"
        folder.mkdir()
        (folder / JOURNAL).write_bytes(whole[:at])
        context = ReportContext(folder=folder, stream=io.StringIO(), environ={})
        result = report(folder.name, tmp_path, lambda _, context=context: [make(name, context) for name in FILES])  # type: ignore[misc]  # bound at once
        assert (result.exit_code, result.problems) == (2, ()), at
        left = events[:number]
        if not left:
            # of a run of which nothing is known there is no report that could say anything
            assert [file.name for file in folder.iterdir()] == [JOURNAL]
            continue
        rows = json.loads((folder / "result.json").read_bytes())["scenarios"]
        told = [(row["key"], step["place"]) for row in rows for step in row.get("steps", []) if step["outcome"] != "not_run"]
        assert sorted(told) == sorted((event.scenario, event.step) for event in left if isinstance(event, StepFinished)), at
        files_agree(folder, came(left), planned(left), whole=False)
