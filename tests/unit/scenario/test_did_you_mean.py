"""Whoever slips by one letter is told the right word: at least 95 of 100 times, wherever in a file the word stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from runner import harness
from runner.errors import BadScenario, Diagnostic
from runner.matching import MATCHER_NAMES
from runner.plugins.contract import REASONS
from runner.scenario.language import ScenarioFile
from runner.scenario.load import Loader
from runner.scenario.modifiers import MODIFIERS
from runner.scenario.project import Project
from runner.scenario.reading import language_shape
from runner.source import Source

# letters side by side on a keyboard
_BESIDE = {"a": "s", "b": "v", "c": "x", "d": "f", "e": "r", "f": "g", "g": "h", "h": "j", "i": "o", "k": "l", "l": "k", "m": "n", "n": "m"}
_BESIDE |= {
    "o": "p",
    "p": "o",
    "q": "w",
    "r": "t",
    "s": "d",
    "t": "z",
    "u": "i",
    "v": "b",
    "w": "e",
    "x": "c",
    "y": "x",
    "z": "u",
    "_": "-",
}
_STEPS = "scenario: It\nvendor: {vendor}\nsteps:\n  - login: {{as: agent}}\n  - {step}\n"


def slips(word: str) -> Iterator[str]:
    """A letter too few, too many, in place of another, in place of its neighbour; each at one place."""
    chance = Random(word)
    place = chance.randrange(1, len(word) - 1) if len(word) > 2 else 0
    yield word[:place] + word[place + 1 :]
    yield word[:place] + word[place] * 2 + word[place + 1 :]
    yield word[:place] + _BESIDE.get(word[place], "x") + word[place + 1 :]
    yield word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]


@cache
def loader() -> Loader:
    return Loader(harness.vocabulary(harness.registry()), Project(Path(__file__).parent))


def told(text: str) -> list[Diagnostic]:
    try:
        loader().parse(Source("it.scenario.yaml", text), Path(__file__).parent / "it.scenario.yaml")
    except BadScenario as exc:
        return list(exc.diagnostics)
    return []


def steps() -> list[tuple[str, str]]:
    """Every word with a vendor that has it."""
    words = loader().vocabulary
    return sorted({word: vendor for vendor in words.vendors for word in words.steps_of(vendor)}.items())


def parameters() -> list[tuple[str, str, str]]:
    """Every parameter of every word, with a vendor."""
    words = loader().vocabulary
    return [
        (word, vendor, name)
        for word, vendor in steps()
        if not words.steps_of(vendor)[word].sets_names
        for name in words.record(words.steps_of(vendor)[word]).fields
    ]


def _top(slip: str) -> str:
    return f"scenario: It\nvendor: gws\nsteps:\n  - note: hi\n{slip}: x\n"


# what is misspelt → the known words there, and a file with a slip in that place
PLACES: dict[str, Callable[[], list[tuple[str, Callable[[str], str]]]]] = {
    "keys of a file": lambda: [
        (key, _top) for key in language_shape(ScenarioFile).record.fields if key not in ("scenario", "steps", "vendor")
    ],  # type: ignore[union-attr]  # a record
    "vendors": lambda: [
        (name, lambda slip: f"scenario: It\nvendor: {slip}\nsteps:\n  - note: hi\n") for name in loader().vocabulary.vendors
    ],
    "steps": lambda: [(word, lambda slip, vendor=vendor: _STEPS.format(vendor=vendor, step=f"{slip}: {{}}")) for word, vendor in steps()],  # type: ignore[misc]  # bound early
    "parameters": lambda: [
        (name, lambda slip, word=word, vendor=vendor: _STEPS.format(vendor=vendor, step=f"{word}: {{{slip}: x}}"))  # type: ignore[misc]  # bound early
        for word, vendor, name in parameters()
    ],
    "what stands beside a step": lambda: [
        (name, lambda slip: _STEPS.format(vendor="gws", step=f"ready:\n    {slip}: x")) for name in MODIFIERS
    ],
    "reasons for a refusal": lambda: [
        (name, lambda slip: _STEPS.format(vendor="gws", step=f"ready:\n    refused: {slip}")) for name in REASONS
    ],
    "matchers of two words": lambda: [
        (name, lambda slip: _STEPS.format(vendor="gws", step=f"accept:\n    expect: {{subject: {{{slip}: 1}}}}"))
        for name in MATCHER_NAMES
        if "_" in name
    ],
    "fields of an output": lambda: [
        (name, lambda slip: _STEPS.format(vendor="gws", step=f"accept:\n    expect: {{{slip}: x}}"))
        for name in ("status", "subject", "attachments", "html", "text", "from")
    ],
}


@pytest.mark.parametrize("place", PLACES)
def test_the_right_word_is_told(place: str) -> None:
    """Of all slips that are no word themselves, at most one in twenty is told another word or none."""
    known = {word for word, _ in PLACES[place]()}
    missed, tried = [], 0
    for word, file in PLACES[place]():
        for slip in slips(word):
            if len(word) < 3 or slip in known or slip == word:
                continue
            tried += 1
            if not any(f"`{word}`" in diagnostic.hint for diagnostic in told(file(slip))):
                missed.append(f"{slip} for {word}")
    assert tried >= 10
    assert len(missed) <= tried / 20, f"{len(missed)} of {tried}: {missed}"
