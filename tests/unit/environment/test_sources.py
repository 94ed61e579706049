"""Where secrets come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.environment.sources import SecretSources, parse_dotenv
from runner.errors import EnvironmentUnusable


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=1\nB = two words \n", {"A": "1", "B": "two words"}),
        ("export A=1", {"A": "1"}),
        ("# A=1\n\n  # B=2\nC=3 # a comment", {"C": "3"}),
        ("A=with#hash", {"A": "with#hash"}),
        ("A='# no comment' # one", {"A": "# no comment"}),
        ('A="a \\"quoted\\" \\\\ and\\nnew"', {"A": 'a "quoted" \\ and\nnew'}),
        ("A='a \\n stays'", {"A": "a \\n stays"}),
        ("A='line one\nline two'\nB=2", {"A": "line one\nline two", "B": "2"}),
        ("A=$B ${C}", {"A": "$B ${C}"}),
        ("A=\nB=''", {"A": "", "B": ""}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A=a=b", {"A": "a=b"}),
        ("no line of this kind\nA=1", {"A": "1"}),
        ("A=1\nA=2", {"A": "2"}),
        ("A= # only a comment", {"A": ""}),
    ],
)
def test_a_dotenv_file_is_read(text: str, values: dict[str, str]) -> None:
    """Quotes, comments, exports and line ends as people write them."""
    assert parse_dotenv(text) == values


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mounted"
    folder.mkdir()
    return folder


def test_the_process_environment_goes_first(tmp_path: Path, folder: Path) -> None:
    """Then .env, then the mounted folder."""
    (tmp_path / ".env").write_text("A=dotenv\nB=dotenv\n", encoding="utf-8")
    for name in "ABC":
        (folder / name).write_text("file\n", encoding="utf-8")
    sources = SecretSources(tmp_path, {"A": "process", "RUNNER_SECRETS_DIR": str(folder)})

    assert [sources.get(name).plain() for name in "ABC"] == ["process", "dotenv", "file"]
    assert list(sources.found) == ["A", "B", "C"]


def test_a_file_loses_only_the_newline_at_its_end(tmp_path: Path, folder: Path) -> None:
    """What `echo` added is no part of a secret, other space is."""
    (folder / "A").write_bytes(b" two\nlines \r\n")
    sources = SecretSources(tmp_path, {"RUNNER_SECRETS_DIR": str(folder)})

    assert sources.get("A").plain() == " two\nlines "


@pytest.mark.parametrize("name", ["../outside", "a/b", "..", ".hidden", "C:\\x"])
def test_a_name_is_no_path(tmp_path: Path, folder: Path, name: str) -> None:
    """Nothing outside the mounted folder is read."""
    (tmp_path / "outside").write_text("no", encoding="utf-8")

    assert SecretSources(tmp_path, {"RUNNER_SECRETS_DIR": str(folder)}).find(name) is None


def test_a_missing_secret_is_named_with_the_places(tmp_path: Path, folder: Path) -> None:
    """The message says what was looked for and where, in order."""
    sources = SecretSources(tmp_path, {"RUNNER_SECRETS_DIR": str(folder), "OTHER": "value-of-other"})

    with pytest.raises(EnvironmentUnusable) as told:
        sources.get("QA1")

    assert told.value.message == (
        f"the secret QA1 cannot be found; looked in the process environment, .env in the project folder (not there), files in {folder}"
    )


def test_an_empty_secret_is_a_missing_one(tmp_path: Path) -> None:
    """``QA1=`` in a pipeline means that somebody forgot it."""
    assert SecretSources(tmp_path, {"QA1": ""}).find("QA1") is None
