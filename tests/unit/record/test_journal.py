"""The run on disk: written so that a kill loses nothing, read so that a torn end does no harm."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runner.clock import ManualClock
from runner.errors import BadScenario, EnvironmentUnusable
from runner.record.events import Event, Logged, RunFinished, ScenarioFinished, encode
from runner.record.journal import JOURNAL, Journal, is_incomplete, new_run_folder, point_latest, read_journal, resolve_run

EVENTS: list[Event] = [
    Logged(message="one", n=1),
    ScenarioFinished(scenario="s", outcome="passed", took=1.0, n=2),
    RunFinished(took=2.0, counts={"passed": 1}, n=3),
]


def written(folder: Path, events: list[Event] = EVENTS, *, complete: bool = True) -> Path:
    folder.mkdir(exist_ok=True)
    journal = Journal(folder)
    for event in events:
        journal.append(encode(event) + b"\n")
    journal.sync()
    journal.close(complete=complete)
    return folder


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    """From the folder or from the file."""
    folder = written(tmp_path / "run")

    assert list(read_journal(folder)) == EVENTS
    assert list(read_journal(folder / JOURNAL)) == EVENTS


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_nobody_else_can_read_a_run(tmp_path: Path) -> None:
    """The journal is its owner's, and so is the folder of a run."""
    folder = written(new_run_folder(tmp_path / "reports", ManualClock()))

    assert stat.S_IMODE((folder / JOURNAL).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_run_is_marked_until_it_ends_well(tmp_path: Path) -> None:
    """The marker goes at a clean end, and only then."""
    assert not is_incomplete(written(tmp_path / "whole"))
    assert is_incomplete(written(tmp_path / "cut", complete=False))


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    """Wherever a journal is cut, the whole lines before the cut are read."""
    whole = (written(tmp_path / "run") / JOURNAL).read_bytes()
    header = whole.index(b"\n") + 1
    torn = tmp_path / "torn.jsonl"

    for cut in range(header, len(whole)):
        torn.write_bytes(whole[:cut])
        lines = whole[header:cut].count(b"\n")
        # a line that is whole but for its newline is as good as one
        assert list(read_journal(torn)) in (EVENTS[:lines], EVENTS[: lines + 1])


def test_a_damaged_line_is_told_in_its_place(tmp_path: Path) -> None:
    """One bad line does not take the others with it."""
    file = written(tmp_path / "run") / JOURNAL
    lines = file.read_bytes().splitlines(keepends=True)
    lines[2] = b"\x00\xff not json\n"
    file.write_bytes(b"".join(lines))

    first, damaged, last = read_journal(file)

    assert (first, last) == (EVENTS[0], EVENTS[2])
    assert isinstance(damaged, Logged)
    assert (damaged.code, damaged.message) == ("E621", "line 3 of the journal cannot be read and was left out")


def test_newer_fields_and_events_do_no_harm(tmp_path: Path) -> None:
    """Within one format an older runner reads what it knows, and says what it does not."""
    file = tmp_path / "newer.jsonl"
    file.write_text(
        '{"journal":1,"needs":"0.1.0","colour":"blue"}\n'
        '{"event":"Logged","n":1,"message":"hello","mood":"good"}\n'
        '{"event":"Photographed","n":2,"at":0.5,"scenario":"s","size":3}\n',
        encoding="utf-8",
    )

    known, unknown = read_journal(file)

    assert known == Logged(message="hello", n=1)
    assert isinstance(unknown, Logged)
    assert (unknown.n, unknown.scenario, unknown.code) == (2, "s", "E623")


def test_a_newer_format_names_the_version_it_needs(tmp_path: Path) -> None:
    """Nothing is guessed about a format that is not known."""
    file = tmp_path / "future.jsonl"
    file.write_text('{"journal":2,"needs":"3.0.0"}\n{"event":"Logged","message":"x"}\n', encoding="utf-8")

    with pytest.raises(BadScenario, match=r"needs version 3\.0\.0 of the runner, or a newer one"):
        list(read_journal(file))


def test_a_journal_without_a_header_is_read(tmp_path: Path) -> None:
    """The header is for versions, the events are the journal."""
    file = tmp_path / "plain.jsonl"
    file.write_bytes(b"".join(encode(event) + b"\n" for event in EVENTS))

    assert list(read_journal(file)) == EVENTS


def test_a_missing_journal_is_said_in_plain_words(tmp_path: Path) -> None:
    """The path and the reason, no traceback."""
    with pytest.raises(BadScenario, match="cannot be read: it is not there"):
        list(read_journal(tmp_path / "nowhere.jsonl"))


def test_a_kill_loses_no_line_that_was_written(tmp_path: Path) -> None:
    """A process that dies without warning leaves every appended line behind."""
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from runner.record.events import Logged, encode\n"
        "from runner.record.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for n in range(1, 201):\n"
        "    journal.append(encode(Logged(message='x' * 300, n=n)) + b'\\n')\n"
        "os._exit(9)\n"
    )

    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)

    assert [event.n for event in read_journal(tmp_path)] == list(range(1, 201))
    assert is_incomplete(tmp_path)


# ── folders ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_run_folders_sort_by_time_and_never_clash(tmp_path: Path) -> None:
    """Twenty runs that start at the same moment get twenty folders."""
    clock = ManualClock()
    with ThreadPoolExecutor(20) as threads:
        folders = list(threads.map(lambda _: new_run_folder(tmp_path / "deep" / "reports", clock), range(20)))
    clock.turn(1)
    later = new_run_folder(tmp_path / "deep" / "reports", clock)

    assert len({*folders}) == 20
    assert max([*folders, later]) == later
    assert later.name.startswith("20300102-090001-")


@pytest.mark.parametrize("path", ["reports", "reports/inner"])
def test_a_file_in_the_way_is_said_before_the_run(tmp_path: Path, path: str) -> None:
    """Reports cannot be written into a file."""
    (tmp_path / "reports").write_text("a file", encoding="utf-8")

    with pytest.raises(EnvironmentUnusable, match=r"is a file, and must be a folder") as told:
        new_run_folder(tmp_path / path, ManualClock())
    assert told.value.code == "E540"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system that refuses everybody")
def test_a_folder_that_cannot_be_written_is_said_before_the_run() -> None:
    """/proc refuses even the superuser."""
    with pytest.raises(EnvironmentUnusable, match="reports cannot be written to"):
        new_run_folder(Path("/proc/self/reports"), ManualClock())


def test_a_journal_that_cannot_be_made_is_said_before_the_run(tmp_path: Path) -> None:
    """The folder went away meanwhile."""
    with pytest.raises(EnvironmentUnusable, match="it is not there"):
        Journal(tmp_path / "gone")


def test_latest_is_switched_in_one_go(tmp_path: Path) -> None:
    """It points at the newest run that asked for it, and leaves nothing lying about."""
    first, second = written(tmp_path / "1"), written(tmp_path / "2")
    point_latest(tmp_path, first)
    point_latest(tmp_path, second)

    assert resolve_run(tmp_path, "latest") == second.resolve()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("may_remove", [True, False])
def test_latest_is_the_newest_run_where_no_link_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_remove: bool) -> None:
    """Windows replaces no link to a folder: the old one goes first, and when it cannot go either the text is believed and not the link."""
    first, second = written(tmp_path / "1"), written(tmp_path / "2")
    point_latest(tmp_path, first)
    replaced, unlinked = Path.replace, Path.unlink

    def replace(self: Path, target: Path) -> Path:
        if target.is_symlink():
            raise PermissionError("Access is denied")
        return replaced(self, target)

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if self.name == "latest" and not may_remove:
            raise PermissionError("Access is denied")
        unlinked(self, missing_ok)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "unlink", unlink)
    point_latest(tmp_path, second)

    assert resolve_run(tmp_path, "latest") == second.resolve()
    assert (tmp_path / "latest.txt").exists() is not may_remove


def test_twenty_runs_may_switch_latest_at_once(tmp_path: Path) -> None:
    """Whoever was last, it points at one of them."""
    folders = [written(tmp_path / str(number)) for number in range(20)]
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda folder: point_latest(tmp_path, folder), folders))

    assert resolve_run(tmp_path, "latest") in [folder.resolve() for folder in folders]


def test_where_there_are_no_links_a_text_file_points(tmp_path: Path) -> None:
    """Something that cannot be replaced by a link is left alone, and ``latest.txt`` holds the name."""
    folder = written(tmp_path / "run")
    (tmp_path / "latest").mkdir()

    point_latest(tmp_path, folder)

    assert (tmp_path / "latest.txt").read_text(encoding="utf-8") == "run\n"
    assert resolve_run(tmp_path, "latest") == folder


def test_a_run_is_found_by_name_beginning_folder_or_journal(tmp_path: Path) -> None:
    """However a person names it."""
    folder = written(tmp_path / "20300102-090000-abcdef")

    for which in (folder.name, "20300102", str(folder), str(folder / JOURNAL)):
        assert resolve_run(tmp_path, which) == folder


def test_without_a_pointer_latest_is_the_newest_run(tmp_path: Path) -> None:
    """Names sort by time."""
    written(tmp_path / "20300102-090000-aaaaaa")
    newest = written(tmp_path / "20300102-090001-aaaaaa")

    assert resolve_run(tmp_path, "latest") == newest


def test_an_unknown_run_has_a_nearest_name(tmp_path: Path) -> None:
    """And the newest ones are listed."""
    written(tmp_path / "20300102-090000-abcdef")

    with pytest.raises(BadScenario) as told:
        resolve_run(tmp_path, "20300102-090000-abcdee")
    assert told.value.diagnostics[0].hint == "write `20300102-090000-abcdef`"

    with pytest.raises(BadScenario, match="there is no run in"):
        resolve_run(tmp_path / "empty", "latest")
