"""``runner drift``: what is told of runs whose vendors answered otherwise than their contracts say."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from runner.cli.main import main
from runner.record.events import Drifted, Event, Exchanged, RunFinished, RunStarted, encode

KEY = "scenarios/look.scenario.yaml::gws"
NICKNAME = Drifted(
    scenario=KEY,
    step="2",
    vendor="gws",
    kind="unknown field",
    operation="GET /me",
    http=200,
    place="$.user.nickname",
    expected="no field of this name",
    got="text",
)
STATUS = Drifted(
    scenario=KEY,
    step="3",
    vendor="icws",
    kind="undocumented status",
    operation="POST /icws/connection",
    http=299,
    expected="201",
    got="299",
)

ANSWER = Exchanged(scenario=KEY, step="2", method="GET", url="http://127.0.0.1:8090/api/v2/me", http=200, vendor="gws")

Write = Callable[[str, Sequence[Event]], None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write the journal of a run below ``reports``, in the working folder."""
    monkeypatch.chdir(tmp_path)

    def written(run: str, events: Sequence[Event]) -> None:
        folder = tmp_path / "reports" / run
        folder.mkdir(parents=True)
        started = RunStarted(
            n=1, run=run, started="2030-01-02T09:00:00+00:00", environment="staging", seed=1, planned=0, parallel=1, version="0.1.0"
        )
        lines = [started, *events, RunFinished(n=len(events) + 2, took=1.0, counts={})]
        (folder / "journal.jsonl").write_bytes(b"".join(encode(line) + b"\n" for line in lines))

    return written


def test_each_difference_is_told_with_its_place(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """By vendor and operation; the exit code is 0, whatever is found."""
    write("20300102-090000-aaaaaa", [STATUS, NICKNAME])
    assert main(["drift", "20300102-090000-aaaaaa"]) == 0
    assert capsys.readouterr().out == (
        "gws: 1 difference between its answers and its contract\n"
        "  GET /me → 200\n"
        "    unknown field $.user.nickname: expected no field of this name, got text\n"
        f"      first in {KEY}, step 2\n"
        "icws: 1 difference between its answers and its contract\n"
        "  POST /icws/connection → 299\n"
        "    undocumented status: expected 201, got 299\n"
        f"      first in {KEY}, step 3\n"
    )


def test_over_several_runs_each_is_told_once(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """With how many of the runs met it."""
    write("20300102-090000-aaaaaa", [NICKNAME])
    write("20300103-090000-bbbbbb", [STATUS, NICKNAME])
    assert main(["drift", "20300102-090000-aaaaaa", "20300103-090000-bbbbbb"]) == 0
    out = capsys.readouterr().out
    assert "got text  (in 2 of 2 runs)\n" in out
    assert "got 299  (in 1 of 2 runs)\n" in out


def test_one_vendor_can_be_asked_for(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are left out."""
    write("20300102-090000-aaaaaa", [STATUS, NICKNAME])
    assert main(["drift", "20300102-090000-aaaaaa", "--vendor", "icws"]) == 0
    assert "gws:" not in capsys.readouterr().out


def test_programs_are_told_in_json(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Every field of the finding, and the runs that met it."""
    write("20300102-090000-aaaaaa", [ANSWER, NICKNAME])
    assert main(["drift", "20300102-090000-aaaaaa", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "runs": ["20300102-090000-aaaaaa"],
        "answered": ["gws"],
        "drift": [
            {
                "vendor": "gws",
                "kind": "unknown field",
                "operation": "GET /me",
                "http": 200,
                "place": "$.user.nickname",
                "expected": "no field of this name",
                "got": "text",
                "runs": ["20300102-090000-aaaaaa"],
                "scenario": KEY,
                "step": "2",
            }
        ],
    }


def test_no_drift_is_said_too(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Silence would leave a doubt; whose answers were compared stands with it."""
    write("20300102-090000-aaaaaa", [ANSWER, replace(ANSWER, vendor="icws")])
    assert main(["drift", "20300102-090000-aaaaaa"]) == 0
    assert capsys.readouterr().out == "no drift: every answer of gws and icws was as the contract says (20300102-090000-aaaaaa)\n"


@pytest.mark.parametrize(
    ("events", "asked"),
    [
        ([], []),
        ([replace(ANSWER, http=0, error="connection refused")], []),
        ([replace(ANSWER, vendor="general")], []),
        ([replace(ANSWER, vendor="uninstalled")], []),
        ([ANSWER], ["--vendor", "icws"]),
    ],
    ids=["no exchange", "no answer", "no contract", "no such vendor", "another vendor"],
)
def test_a_run_without_answers_proves_nothing(
    write: Write, capsys: pytest.CaptureFixture[str], events: list[Event], asked: list[str]
) -> None:
    """Nothing compared is not the same as no difference."""
    write("20300102-090000-aaaaaa", events)
    assert main(["drift", "20300102-090000-aaaaaa", *asked]) == 0
    assert capsys.readouterr().out == "nothing was compared: no vendor with a contract answered (20300102-090000-aaaaaa)\n"


def test_a_run_that_is_not_there(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """That is a usage error, as with every command."""
    write("20300102-090000-aaaaaa", [])
    assert main(["drift", "nobody"]) == 4
    assert "nobody" in capsys.readouterr().err
