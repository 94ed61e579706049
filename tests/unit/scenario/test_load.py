"""From paths to scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.errors import BadScenario
from runner.scenario.load import Loader, find, load
from runner.scenario.schema import Vocabulary

GOOD = "scenario: x\nvendor: gws\nsteps: [login]\n"


@pytest.fixture
def files(folder: Path) -> Path:
    """Some scenarios in folders."""
    for name in ("b.scenario.yaml", "mail/a.scenario.yaml", "mail/.hidden.scenario.yaml", "mail/other.yaml", "steps/x.steps.yaml"):
        (folder / "scenarios" / name).write_text(GOOD, encoding="utf-8")
    return folder / "scenarios"


def test_scenarios_are_found_below_folders(files: Path) -> None:
    """Sorted, each once, without hidden ones; a file that is named is taken whatever it is called."""
    found = find([files, files / "mail", files / "mail/other.yaml"])

    assert [path.relative_to(files).as_posix() for path in found] == ["b.scenario.yaml", "mail/a.scenario.yaml", "mail/other.yaml"]


def test_files_with_steps_are_found_when_asked_for(files: Path) -> None:
    """`steps` finds words of one's own too."""
    assert [path.name for path in find([files], steps=True)][-1] == "x.steps.yaml"


def test_a_path_that_leads_nowhere_is_told(files: Path) -> None:
    """With the nearest name there is."""
    with pytest.raises(BadScenario) as caught:
        find([files / "mial"])

    assert caught.value.diagnostics[0].code == "E401"
    assert caught.value.diagnostics[0].hint.endswith("scenarios/mail`")


def test_a_scenario_is_loaded_from_its_path(files: Path, plain_vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is called as people see it from where they stand."""
    monkeypatch.chdir(files.parent)

    scenario = load(files / "b.scenario.yaml", vocabulary=plain_vocabulary)

    assert (scenario.file, scenario.path) == ("scenarios/b.scenario.yaml", files / "b.scenario.yaml")


def test_a_template_is_understood_once_in_a_run(files: Path, loader: Loader) -> None:
    """Two files with the same text share what it was compiled to."""
    for name in ("one", "two"):
        (files / f"{name}.scenario.yaml").write_text(GOOD + "variables: {a: \"{{ unique('A') }}\"}\n", encoding="utf-8")

    loader.load(files / "one.scenario.yaml")
    pieces = loader.templates.text("{{ unique('A') }}")
    loader.load(files / "two.scenario.yaml")

    assert loader.templates.text("{{ unique('A') }}") is pieces


def test_mistakes_of_yaml_and_of_the_language_come_together(loader: Loader, files: Path) -> None:
    """A slip of the pen does not hide what else is wrong with the file."""
    (files / "it.scenario.yaml").write_text('scenario: x\nvendor: gws\nvendor: gws\nsteps:\n  - sned\n  - note: "{{ x"\n', encoding="utf-8")

    with pytest.raises(BadScenario) as caught:
        loader.load(files / "it.scenario.yaml")

    assert [(one.code, one.span.line) for one in caught.value.diagnostics if one.span] == [("E110", 3), ("E201", 5), ("E310", 6)]


@pytest.mark.parametrize(("count", "told"), [(19, 19), (20, 20), (21, 21), (50, 21)])
def test_twenty_mistakes_are_told_and_the_rest_counted(loader: Loader, files: Path, count: int, told: int) -> None:
    """After the twentieth mistake of a file comes their number."""
    text = "scenario: x\nvendor: gws\nsteps:\n" + "".join(f"  - sned_{n}x\n" for n in range(count))
    (files / "it.scenario.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(BadScenario) as caught:
        loader.load(files / "it.scenario.yaml")

    assert len(caught.value.diagnostics) == told
