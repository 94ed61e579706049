"""What is made of a file is kept as compiled modules are, and is never older than the file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from runner.plugins.kept import kept


class Maker:
    """Makes a list of a file's words, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, content: bytes) -> Any:
        self.times += 1
        return {"words": content.decode().split(), "more": [None, True, 1]}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    path = tmp_path / "contract.yaml"
    path.write_text("one two", encoding="utf-8")
    return path


def test_it_is_made_once(file: Path) -> None:
    """The second time nothing is made, and the same is given."""
    make = Maker()
    assert kept(file, make) == kept(file, make) == {"words": ["one", "two"], "more": [None, True, 1]}
    assert make.times == 1


def test_another_content_is_made_again(file: Path) -> None:
    """Also when the new file has the size and the time of the old one, as an installation may give it."""
    make = Maker()
    kept(file, make)
    file.write_text("one two three", encoding="utf-8")
    assert kept(file, make)["words"] == ["one", "two", "three"]
    before = file.stat().st_mtime_ns
    file.write_text("one two seven", encoding="utf-8")
    os.utime(file, ns=(before, before))
    assert kept(file, make)["words"] == ["one", "two", "seven"]


@pytest.mark.parametrize("rubbish", [b"", b"\x00", b"words", b"i\x01\x00\x00\x00"])
def test_a_broken_one_is_made_again(file: Path, rubbish: bytes) -> None:
    """Whatever stands where it is kept, the file decides."""
    kept(file, Maker())
    (place,) = (file.parent / "__pycache__").iterdir()
    place.write_bytes(rubbish)
    assert kept(file, Maker())["words"] == ["one", "two"]


def test_nothing_is_kept_where_python_keeps_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wants no compiled modules gets no such file either."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    make = Maker()
    assert kept(file, make) == kept(file, make)
    assert (make.times, [one.name for one in file.parent.iterdir()]) == (2, ["contract.yaml"])


def test_a_place_that_cannot_be_used_is_no_trouble(file: Path) -> None:
    """A file where the folder should be: it is made each time."""
    (file.parent / "__pycache__").write_text("", encoding="utf-8")
    assert kept(file, Maker())["words"] == ["one", "two"]
