"""One file in the place of another, also where somebody holds the old one."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.record import placing
from runner.record.placing import put_in_place


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """As on Windows, somebody has the old file open; each try takes one of the list."""
    replaced, left = Path.replace, ["an editor"] * 3

    def replace(self: Path, target: Path) -> Path:
        if left:
            left.pop()
            raise PermissionError(13, "Access is denied")
        return replaced(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(placing, "_HELD_BY_READERS", True)
    monkeypatch.setattr(placing, "_PAUSE", 0)
    return left


def files(folder: Path) -> tuple[Path, Path]:
    fresh, path = folder / "fresh", folder / "report.json"
    fresh.write_text("new", encoding="utf-8")
    path.write_text("old", encoding="utf-8")
    return fresh, path


def test_who_reads_the_old_file_is_waited_for(tmp_path: Path, held: list[str]) -> None:
    """When they let go, the new one is there, whole."""
    fresh, path = files(tmp_path)
    put_in_place(fresh, path)
    assert (path.read_text(encoding="utf-8"), fresh.exists(), held) == ("new", False, [])


def test_who_never_lets_go_is_told(tmp_path: Path, held: list[str]) -> None:
    """After all tries the error comes through, and the old file stays."""
    held += ["an editor"] * 100
    fresh, path = files(tmp_path)
    with pytest.raises(PermissionError):
        put_in_place(fresh, path)
    assert path.read_text(encoding="utf-8") == "old"


def test_elsewhere_a_no_is_a_no(tmp_path: Path, held: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits on systems where only a missing right says no."""
    monkeypatch.setattr(placing, "_HELD_BY_READERS", False)
    fresh, path = files(tmp_path)
    with pytest.raises(PermissionError):
        put_in_place(fresh, path)
    assert len(held) == 2
