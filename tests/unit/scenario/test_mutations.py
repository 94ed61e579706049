"""Whatever is done to a good file, it is read or told what is wrong: no other error, no long wait."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.errors import BadScenario, Diagnostic
from runner.plugins.vocabulary import WORDS
from runner.scenario.language import Modifiers, ScenarioFile
from runner.scenario.load import Loader
from runner.scenario.project import Project
from runner.scenario.schema import Vocabulary
from runner.source import Source

ROOT = Path(__file__).parents[3]
SAMPLES = [
    path.read_text(encoding="utf-8")
    for path in sorted([*(ROOT / "scenarios").rglob("*.scenario.yaml"), *(ROOT / "tests/golden/check").glob("*.scenario.yaml")])
]
BITS = [
    *(
        "{{",
        "}}",
        "{%",
        "[",
        "]",
        "{",
        "}",
        ":",
        "- ",
        "\n",
        "\t",
        "  ",
        '"',
        "'",
        "#",
        "&a ",
        "*a",
        "!!python/name:os.system ",
        "|",
        ">",
        "---\n",
    ),
    *(
        "yes",
        "null",
        "012",
        "\x00",
        "\ud83d",
        "\u202e",
        "\ufeff",
        "../../etc/passwd",
        "expect",
        "save",
        "for_each",
        "each",
        "matches",
        "(a+)+",
    ),
]
LETTERS = "abcdefghijklmnopqrstuvwxyz_"


@pytest.fixture(scope="module")
def reader(plain_vocabulary: Vocabulary) -> Loader:
    """Reads the samples as if they were the project's own."""
    return Loader(plain_vocabulary, Project(ROOT))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A sample with up to four things done to it."""
    text = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        to = min(len(text), at + draw(st.integers(0, 12)))
        kind = draw(st.sampled_from(["cut", "put", "swap", "line twice", "line away", "indent", "dedent", "case"]))
        lines = text.split("\n")
        line = draw(st.integers(0, len(lines) - 1))
        if kind == "cut":
            text = text[:at] + text[to:]
        elif kind == "put":
            text = text[:at] + draw(st.sampled_from(BITS)) + text[at:]
        elif kind == "swap":
            text = text[:at] + text[at:to][::-1] + text[to:]
        elif kind == "case":
            text = text[:at] + text[at:to].swapcase() + text[to:]
        else:
            changed = {"line twice": [lines[line]] * 2, "line away": [], "indent": ["  " + lines[line]], "dedent": [lines[line][2:]]}
            text = "\n".join([*lines[:line], *changed[kind], *lines[line + 1 :]])
    return text


@settings(max_examples=200, deadline=2_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=mutated())
def test_a_mutated_file_is_read_or_refused(reader: Loader, text: str) -> None:
    """Nothing but BadScenario comes out, within two seconds, and each mistake can be shown."""
    path = ROOT / "scenarios/mail/mutated.scenario.yaml"

    try:
        reader.parse(Source("mutated.scenario.yaml", text, path), path)
        told: tuple[Diagnostic, ...] = ()
    except BadScenario as exc:
        told = exc.diagnostics

    assert all(one.render() for one in told)


# ── did you mean ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def slips(word: str) -> Iterable[str]:
    """*word* with one letter left out, doubled, exchanged with the next one, or replaced."""
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        yield word[:at] + LETTERS[(LETTERS.index(word[at]) + 7) % 27] + word[at + 1 :]
        if at + 1 < len(word):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def rate(reader: Loader, words: Iterable[str], text: str) -> float:
    """How many of all slips of *words*, put into *text*, are told with the word that was meant."""
    known = {word for word in words if re.fullmatch(r"[a-z_]{4,}", word)}
    right = every = 0
    for word in sorted(known):
        for slip in sorted(set(slips(word)) - known):
            path = ROOT / "scenarios/mail/slip.scenario.yaml"
            with pytest.raises(BadScenario) as caught:
                reader.parse(Source("slip.scenario.yaml", text.replace("SLIP", slip), path), path)
            every += 1
            right += any(f"write `{word}`" in one.hint for one in caught.value.diagnostics)
    return right / every


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([word.name for word in WORDS], "scenario: x\nvendor: gws\nsteps: [SLIP]\n"),
        ([one.encode_name for one in msgspec.structs.fields(Modifiers)], "scenario: x\nvendor: gws\nsteps:\n  - send:\n    SLIP: a\n"),
        (
            [one.encode_name for one in msgspec.structs.fields(ScenarioFile) if one.encode_name not in ("vendor", "vendors")],
            "SLIP: {}\nvendor: gws\n",
        ),
        (["library", "inline", "rename", "file", "mail", "type"], "scenario: x\nvendor: gws\nsteps:\n  - attach: {SLIP: a}\n"),
        (["gws", "icws", "egain"], "scenario: x\nvendor: SLIP\nsteps: [login]\n"),
    ],
    ids=["steps", "beside a step", "top of a file", "parameters", "vendors"],
)
def test_a_slip_of_one_letter_is_understood(reader: Loader, words: list[str], text: str) -> None:
    """In at least 95 of 100 cases the word that was meant is the one that is proposed."""
    assert rate(reader, words, text) >= 0.95
