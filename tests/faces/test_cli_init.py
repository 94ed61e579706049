"""`runner init`: from an empty folder to a green run, without a question, and without touching what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner import harness
from runner.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which one stands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_two_commands_give_a_green_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is written runs as it is, on all three simulators."""
    assert main(["init"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "next: runner run"
    assert main(["run"]) == 0
    assert "3 passed" in capsys.readouterr().out


def test_each_file_is_told_with_what_it_is_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each, and nothing besides is written but the schemas."""
    main(["init"])
    told = {line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("written")}
    assert {name for name in written(folder) if not name.startswith("schemas/")} | {"schemas/"} == told


def test_nothing_that_is_there_is_touched(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second time nothing is written, and one's own text stays."""
    mine = folder / "scenarios" / "first.scenario.yaml"
    mine.parent.mkdir()
    mine.write_text("# mine\n", encoding="utf-8")
    main(["init"])
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    main(["init"])
    assert mine.read_text(encoding="utf-8") == "# mine\n"
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_it_can_be_another_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which is made when it is not there; the last line says how to go on."""
    assert main(["init", "mine/mail"]) == 0
    assert (folder / "mine" / "mail" / "scenarios" / "first.scenario.yaml").is_file()
    assert capsys.readouterr().out.splitlines()[-1] == "next: cd mine/mail, then runner run"


def test_the_environment_is_right_but_for_its_secrets(folder: Path) -> None:
    """It can be checked at once; a run would say which secrets are missing."""
    main(["init"])
    checked = harness.check(harness.Request(environment="staging", start=folder))
    assert checked.diagnostics == ()
    assert [plan.vendor for plan in checked.plans] == ["gws", "icws", "egain"]


def test_the_editor_finds_every_schema(folder: Path) -> None:
    """The settings and the first line of each file lead to a file that is there."""
    main(["init"])
    settings = json.loads((folder / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    named = [folder / path for path in settings["yaml.schemas"]]
    for path in (folder / "scenarios").rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        named.append(path.parent / first.partition("$schema=")[2])
    assert [path for path in named if not path.is_file()] == []
    assert len(named) == 5
