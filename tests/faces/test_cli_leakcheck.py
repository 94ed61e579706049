"""``runner leakcheck``: where it looks, what it says, what its exit code is."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.cli.main import main

SECRET = "kw-7f3e9a-canary"


@pytest.fixture
def leakcheck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Calls the command in a folder; gives its exit code and what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANARY", SECRET)
    (tmp_path / "out").mkdir()

    def call(*arguments: str) -> tuple[int, str]:
        code = main(["leakcheck", "out", "--secret", "CANARY", *arguments])
        told = capsys.readouterr()
        assert SECRET not in told.out + told.err
        return int(code), told.out

    return call


def test_nothing_is_found_in_clean_files(leakcheck: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """Without a leak the exit code is 0, and it says how much was looked at."""
    (tmp_path / "out" / "a.txt").write_text("***", encoding="utf-8")
    code, told = leakcheck()
    assert code == 0
    assert told.startswith("no trace of ")
    assert told.endswith("in 1 file\n")


def test_a_folder_without_files_proves_nothing(leakcheck: Callable[..., tuple[int, str]]) -> None:
    """When there was nothing to look at, the exit code is 5."""
    assert leakcheck() == (5, "there is no file to search\n")


def test_the_name_of_a_file_is_searched_and_masked(leakcheck: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """A secret in a file's name is a leak, and is not repeated in what is said."""
    (tmp_path / "out" / f"mail-{SECRET}.txt").touch()
    code, told = leakcheck()
    assert (code, told.splitlines()[0]) == (1, "out/mail-***.txt (its name): CANARY")


def test_archives_are_looked_into(leakcheck: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """What is packed with zip or gzip is searched, names inside included."""
    with zipfile.ZipFile(tmp_path / "out" / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mail.txt", f"one\n{SECRET}\n")
        archive.writestr(f"{SECRET}.txt", "")
    (tmp_path / "out" / "b.gz").write_bytes(gzip.compress(f"\n\n{SECRET}".encode()))
    code, told = leakcheck()
    assert code == 1
    assert "out/a.zip:2 in mail.txt: CANARY" in told
    assert "in ***.txt (its name): CANARY" in told
    assert "out/b.gz:3 in unpacked: CANARY" in told


def test_a_secret_across_two_pieces_is_found(leakcheck: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """Large files are read in pieces, and what stands across the seam is not missed."""
    (tmp_path / "out" / "large.bin").write_bytes(b"." * ((1 << 20) - 5) + SECRET.encode() + b"." * 100)
    assert leakcheck()[0] == 1


def test_what_cannot_be_read_is_told(leakcheck: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """An archive that is broken is no proof: exit code 2, and the reason."""
    (tmp_path / "out" / "broken.gz").write_bytes(b"\x1f\x8b\x08\x00nonsense")
    code, told = leakcheck()
    assert code == 2
    assert "could not be read: out/broken.gz" in told


def test_other_programs_are_told_as_json(leakcheck: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """With ``--format json`` each leak has its file, line and the name of the secret."""
    (tmp_path / "out" / "a.txt").write_text(f"\n{SECRET.upper()}\n", encoding="utf-8")
    code, told = leakcheck("--format", "json")
    assert code == 1
    assert json.loads(told)["leaks"] == [{"secret": "CANARY", "file": "out/a.txt", "member": "", "line": 2, "encoded": True}]
