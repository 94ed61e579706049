"""``runner check FOLDER`` looks at everything in it that a person wrote: words that nobody uses, links that lead nowhere, ``.env``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner import harness
from runner.environment.sources import SecretSources
from runner.errors import EnvironmentUnusable

SCENARIO = "scenario: It\nvendor: gws\nsteps:\n  - note: Hello\n"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"

Check = Callable[..., harness.Checked]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Checks a folder with one scenario and a word of one's own."""

    def checked(word: str, *, scenario: str = SCENARIO, words: bool = True, path: str = "") -> harness.Checked:
        folder = tmp_path / "scenarios"
        folder.mkdir(exist_ok=True)
        (folder / "it.scenario.yaml").write_text(scenario, encoding="utf-8")
        (folder / "quiet.steps.yaml").write_text(word, encoding="utf-8")
        return harness.check(harness.Request(paths=(str(folder / path),), start=tmp_path), words=words)

    return checked


def told(checked: harness.Checked) -> list[tuple[str, str]]:
    """The code of each message, and where it points."""
    return [(one.code, str(one.span).rpartition("/")[2]) for one in checked.diagnostics]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("step: quiet\nsteps:\n  - notte: Hello\n", ("E201", "quiet.steps.yaml:3:5")),
        ("step: quiet\nsteps:\n  - note: '{{ text }}'\n", ("E301", "quiet.steps.yaml:3:15")),
        ("step: quiet\ninputs: {text: {type: txt}}\nsteps:\n  - note: Hello\n", ("E142", "quiet.steps.yaml:2:23")),
        ("stepp: quiet\nsteps:\n  - note: Hello\n", ("E140", "quiet.steps.yaml:1:1")),
    ],
)
def test_a_broken_word_that_nobody_uses_is_told(check: Check, word: str, found: tuple[str, str]) -> None:
    """Where the folder is checked, and where the file itself is; a run, which does not need it, is not held up."""
    assert told(check(word)) == [found]
    assert told(check(word, path="quiet.steps.yaml")) == [found]
    assert told(check(word, words=False)) == []


def test_a_word_for_one_vendor_is_right(check: Check) -> None:
    """It need not be right for the others; what is in it may need somebody to be logged in already."""
    checked = check("step: quiet\nsteps:\n  - ready\n  - gws.start_channels: [email]\n")
    assert (told(checked), checked.words, checked.files) == ([], 1, 2)


@pytest.mark.parametrize("words", [True, False])
def test_a_secret_written_in_a_word_is_told(check: Check, words: bool) -> None:
    """Once, wherever the word is used or looked at; the message does not show it."""
    word = f"step: quiet\nsteps:\n  - note: {TOKEN}\n"
    checked = check(word, scenario=SCENARIO + "  - quiet\n", words=words)
    assert told(checked) == [("E515", "quiet.steps.yaml:3:11")]
    assert TOKEN not in checked.diagnostics[0].render()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_to_itself_is_told(check: Check, tmp_path: Path) -> None:
    """As a file that cannot be read, beside all other mistakes."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "self.scenario.yaml").symlink_to("self.scenario.yaml")
    (tmp_path / "scenarios" / "self.steps.yaml").symlink_to("self.steps.yaml")
    checked = check("step: quiet\nsteps:\n  - notte: Hello\n")
    assert [one.code for one in checked.diagnostics] == ["E101", "E201", "E101"]


@pytest.mark.parametrize("kind", ["a folder", "not UTF-8"])
def test_a_dotenv_that_cannot_be_read_is_told(check: Check, tmp_path: Path, kind: str) -> None:
    """As a warning, since nothing may need it; who asks for a secret in it gets the error."""
    if kind == "a folder":
        (tmp_path / ".env").mkdir()
    else:
        (tmp_path / ".env").write_bytes(b"QA1=J\xf6rg\n")
    (found,) = check("step: quiet\nsteps:\n  - note: Hello\n").diagnostics
    assert (found.code, found.severity, bool(found.hint)) == ("E511", "warning", True)
    with pytest.raises(EnvironmentUnusable, match=r"\.env in the project folder cannot be read"):
        SecretSources(tmp_path, {}).get("QA1")
