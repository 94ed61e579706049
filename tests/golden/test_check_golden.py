"""
What a person reads when a file is wrong: each ``check/x.scenario.yaml`` with ``check/x.err`` beside it.

``pytest tests --rewrite-golden`` writes the texts anew, for a reviewed diff.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.errors import BadScenario
from runner.scenario.load import Loader
from runner.scenario.project import Project
from runner.scenario.schema import Vocabulary

FOLDER = Path(__file__).parent / "check"
FILES = sorted(FOLDER.glob("*.scenario.yaml"))
WIDEST = 100
LONGEST = 12
JARGON = re.compile(r"\b(schema|mapping|NoneType|coroutine|anyOf|traceback|kwargs)\b", re.IGNORECASE)


@pytest.fixture
def told(plain_vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[str]]:
    """What is said about a file, one text for each mistake, to somebody who stands in the project's folder."""
    monkeypatch.chdir(FOLDER)

    def tell(path: Path) -> list[str]:
        with pytest.raises(BadScenario) as caught:
            Loader(plain_vocabulary, Project(FOLDER)).load(path)
        return [diagnostic.render() for diagnostic in caught.value.diagnostics]

    return tell


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".scenario.yaml"))
def test_a_wrong_file_is_told_as_kept(path: Path, told: Callable[[Path], list[str]], same_as_golden: Callable[[Path, str], None]) -> None:
    """Each wrong file gives exactly the text beside it: every mistake, in the order of the file."""
    text = "\n\n".join(told(path)) + "\n"

    same_as_golden(path.with_name(path.name.replace(".scenario.yaml", ".err")), text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".scenario.yaml"))
def test_a_message_is_short_and_in_plain_words(path: Path, told: Callable[[Path], list[str]]) -> None:
    """A message has at most 12 lines of 100 columns, says what to do, and has no jargon in it."""
    for message in told(path):
        own_words = [line for line in message.splitlines() if " | " not in line]

        assert len(message.splitlines()) <= LONGEST
        assert [line for line in message.splitlines() if len(line) > WIDEST] == []
        assert [line for line in own_words if JARGON.search(line)] == []


def test_there_are_enough_of_them() -> None:
    """At least a hundred mistakes are kept."""
    assert len(FILES) >= 100
