"""What is new since the nights before: scripted histories, each a row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runner.history import Changes, compare
from runner.record.result import ScenarioResult

KEY = "scenarios/reply.scenario.yaml::gws"
ASKED = {"paths": ["scenarios"]}
OUTCOMES = {"P": "passed", "F": "failed", "E": "errored", "S": "skipped", "U": "unsupported", "Y": "passed"}

# A night each, the last one is told. P passed, F failed, E errored, S skipped, U unsupported, Y passed only after a retry; `.` the scenario
# was not in the run; `x` the run was killed and left no result; `i` the run was interrupted before it was this scenario's turn.
# Then: the kind of change, red nights in a row, the night of the first of those before this one, the night it passed last, flaky.
HISTORIES = [
    ("PPPPPPPPPP", "", 0, None, 8, False),
    ("PPPPPPPPPF", "new", 1, None, 8, False),
    ("PPPPPPPPPE", "new", 1, None, 8, False),
    ("PPPPPPPPFF", "still", 2, 8, 7, False),
    ("PPPPPPFFFF", "still", 4, 6, 5, False),
    ("FFFFFFFFFF", "still", 10, 0, None, False),
    ("FFFFFFFFFP", "fixed", 0, None, None, False),
    ("PPPPPPPPFP", "fixed", 0, None, 7, True),
    ("PPPPPPFFFP", "fixed", 0, None, 5, True),
    ("PFPFPFPFPF", "new", 1, None, 8, True),
    ("FPFPFPFPFP", "fixed", 0, None, 7, True),
    ("PPPFPPPPPP", "", 0, None, 8, True),
    ("PPPPPPPPPY", "", 0, None, 8, True),
    ("YYYYYYYYYP", "", 0, None, 8, False),
    ("PPPPPPPPYF", "new", 1, None, 8, False),
    ("PPPPPPEFEF", "still", 4, 6, 5, False),
    ("PPPPPPPSSF", "new", 1, None, 6, False),
    ("PPPPPPPFSF", "still", 2, 7, 6, False),
    ("PPPPPPPFUP", "fixed", 0, None, 6, True),
    ("PPPPPPPPPS", "", 0, None, None, False),
    ("FFFFFFFFFU", "", 0, None, None, False),
    (".........F", "first", 1, None, None, False),
    (".........P", "", 0, None, None, False),
    ("........PF", "new", 1, None, 8, False),
    ("P........F", "new", 1, None, 0, False),
    ("PPPPPPPPxF", "new", 1, None, 7, False),
    ("PPPPPPPFxF", "still", 2, 7, 6, False),
    ("PPPPPPPPiF", "new", 1, None, 7, False),
    ("xxxxxxxxxF", "", 0, None, None, False),
    ("F.F.F.F.FF", "still", 6, 0, None, False),
    ("PPPPPPPPPX", "", 0, None, None, False),
    ("FFPPPPPPPP", "", 0, None, 8, False),
]


def name(night: int) -> str:
    """The folder of a night's run."""
    return f"203001{night + 1:02}-020000-abcdef"


def row(key: str, outcome: str, *, flaky: bool = False) -> dict[str, Any]:
    """A scenario in a result."""
    file, _, vendor = key.partition("::")
    return {"key": key, "id": file, "vendor": vendor, "outcome": outcome, "flaky": flaky}


@pytest.fixture
def night(tmp_path: Path) -> Callable[..., None]:
    """Writes the result of one night."""

    def write(number: int, rows: list[dict[str, Any]], **run: Any) -> None:
        folder = tmp_path / name(number)
        folder.mkdir()
        counts = {outcome: sum(row["outcome"] == outcome for row in rows) for outcome in set(OUTCOMES.values())}
        given = {"environment": "staging", "complete": True, "ended": "complete", "arguments": ASKED, "problems": [], "not_run": 0} | run
        counts["not_run"] = given.pop("not_run")
        document = {
            "format": "scenario-runner-result",
            "version": 1,
            "run": {"id": name(number), "started": f"2030-01-{number + 1:02}T02:00:00+00:00", **given},
            "counts": counts,
            "scenarios": rows,
        }
        (folder / "result.json").write_bytes(msgspec.json.encode(document))

    return write


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Changes]:
    """Sets the run of a night against those before it."""

    def tell(number: int, *rows: dict[str, Any], environment: str = "staging", arguments: Any = ASKED, whole: bool = True) -> Changes:
        scenarios = [msgspec.convert({"name": "", "file": "", "line": 1, **row}, ScenarioResult) for row in rows]
        return compare(tmp_path / name(number), scenarios, environment=environment, arguments=arguments, whole=whole)

    return tell


@pytest.mark.parametrize(("nights", "kind", "reds", "since", "passed", "flaky"), HISTORIES, ids=[row[0] for row in HISTORIES])
def test_a_scenario_against_its_past(
    night: Any, told: Any, nights: str, kind: str, reds: int, since: int | None, passed: int | None, flaky: bool
) -> None:
    """New, still failing since when and for how many nights, fixed, flaky: as a person would say it of these ten nights."""
    *before, last = nights
    for number, letter in enumerate(before):
        if letter == "i":
            night(number, [], complete=True, ended="interrupted", not_run=1)
        elif letter != "x":
            night(number, [] if letter == "." else [row(KEY, OUTCOMES[letter], flaky=letter == "Y")])
    rows = [] if last == "X" else [row(KEY, OUTCOMES[last], flaky=last == "Y")]
    change = told(9, *rows)[KEY]
    assert (change.kind, change.reds, change.unsteady) == (kind, reds, flaky)
    assert (change.since.run if change.since else None) == (None if since is None else name(since))
    assert (change.last_passed.run if change.last_passed else None) == (None if passed is None else name(passed))


# ── the last green run ───────────────────────────────────────────────────────────────────────────────────────────────────────────

NOT_GREEN = {
    "a red scenario": {"rows": [row(KEY, "failed")]},
    "one that could not be carried out": {"rows": [row(KEY, "errored")]},
    "nothing passed": {"rows": [row(KEY, "skipped")]},
    "nothing at all": {"rows": []},
    "no whole record": {"complete": False},
    "cut off": {"ended": "cut off", "complete": False},
    "interrupted": {"ended": "interrupted"},
    "out of time": {"ended": "timeout"},
    "stopped at the first failure": {"ended": "fail_fast"},
    "some were not run": {"not_run": 1},
    "a reporter broke": {"problems": ["html was detached"]},
    "another environment": {"environment": "production"},
    "another question": {"arguments": {"paths": ["scenarios/mail"]}},
    "other tags": {"arguments": ASKED | {"tags": ["smoke"]}},
}


@pytest.mark.parametrize("what", NOT_GREEN)
def test_what_is_not_green(night: Any, told: Any, what: str) -> None:
    """The last green run is the last whole one of the same question with nothing red; anything less is passed over."""
    given = dict(NOT_GREEN[what])
    night(0, [row(KEY, "passed")])
    night(1, given.pop("rows", [row(KEY, "passed")]), **given)
    green = told(2, row(KEY, "failed")).last_green
    assert green is not None
    assert green.folder == name(0)


def test_flaky_nights_are_green(night: Any, told: Any) -> None:
    """A night that passed with a retry is green, and is told as flaky where it happened."""
    night(0, [row(KEY, "passed", flaky=True)])
    green = told(1, row(KEY, "failed")).last_green
    assert green is not None
    assert green.folder == name(0)


def test_without_earlier_runs_nothing_is_new(told: Any) -> None:
    """The first run of all has nothing to be compared with."""
    changes = told(0, row(KEY, "failed"))
    assert (changes.earlier, changes.last_green, dict(changes.of), list(changes.added)) == (0, None, {}, [])


def test_later_runs_are_not_looked_at(night: Any, told: Any) -> None:
    """A report of an old run that is made again compares it with what was before it."""
    night(0, [row(KEY, "passed")])
    night(2, [row(KEY, "failed")])
    assert told(1, row(KEY, "failed"))[KEY].kind == "new"


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"format": "other"}', b"\xff\xfe", b'{"format":"scenario-runner-result","version":99}']
)
def test_what_is_no_result_is_passed_over(night: Any, told: Any, tmp_path: Path, text: bytes) -> None:
    """A result that cannot be read, or is of a newer version, hides none of the others."""
    night(0, [row(KEY, "passed")])
    (tmp_path / name(1)).mkdir()
    (tmp_path / name(1) / "result.json").write_bytes(text)
    assert told(2, row(KEY, "failed"))[KEY].kind == "new"


# ── added and removed ────────────────────────────────────────────────────────────────────────────────────────────────────────────

OTHER = "scenarios/forward.scenario.yaml::gws"


def test_a_scenario_that_no_run_had_is_added(night: Any, told: Any) -> None:
    """What is there for the first time is told, whatever came of it."""
    night(0, [row(KEY, "passed")])
    changes = told(1, row(KEY, "passed"), row(OTHER, "passed"))
    assert (list(changes.added), list(changes.removed)) == ([OTHER], [])


def test_a_scenario_that_is_gone_is_removed(night: Any, told: Any) -> None:
    """What the last whole run of the same question had and this one has not is told by its key."""
    night(0, [row(KEY, "passed"), row(OTHER, "failed")])
    changes = told(1, row(KEY, "passed"))
    assert (list(changes.added), list(changes.removed)) == ([], [OTHER])


@pytest.mark.parametrize(("given", "whole"), [({"arguments": {"paths": ["a"]}}, True), ({"not_run": 2}, True), ({}, False)])
def test_what_was_not_asked_for_or_not_reached_is_not_removed(night: Any, told: Any, given: dict[str, Any], whole: bool) -> None:
    """Another question, a run that was not whole, or this run's being cut off removes nothing."""
    night(0, [row(KEY, "passed"), row(OTHER, "passed")], **given)
    assert list(told(1, row(KEY, "passed"), whole=whole).removed) == []


def test_a_scenario_that_was_run_alone_before_is_not_added(night: Any, told: Any) -> None:
    """A run of one file alone is a past of its scenarios, too."""
    night(0, [row(KEY, "passed")])
    night(1, [row(OTHER, "passed")], arguments={"paths": ["scenarios/forward.scenario.yaml"]})
    assert list(told(2, row(KEY, "passed"), row(OTHER, "passed")).added) == []
