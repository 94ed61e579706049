"""What a bare word means: the table of the resolver, word by word."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.scenario.yaml.document import parse
from runner.scenario.yaml.nodes import Scalar, plain
from runner.scenario.yaml.resolver import canonical, resolve
from runner.source import Source

TEXTS = [
    "yes", "no", "Yes", "NO", "on", "off", "On", "OFF", "y", "n", "Y", "N",
    "12:30", "1:30:00", "-12:30", "190:20:30",
    "2024-01-01", "2024-01-01T12:00:00Z", "01.02.2024",
    "012", "007", "0049123", "-012", "00", "0o14", "0O14", "0x1F", "0b101", "0xZZ",
    "1_000", "1,000", "1'000", "1 000", "1_0.5",
    "1e3", "12e5", "1E-3", "1.5e3", "1e400",
    "+1", "+49301234567", ".5", "5.", "-.5", "+.5", "-", "--1", "1-1", "1.2.3", "127.0.0.1",
    ".inf", "-.inf", ".Inf", ".nan", ".NaN", "inf", "nan", "NaN",
    "12345678901234567890", "1.0000000000000000000000000000001", "١٢", "1２",
    "nil", "none", "None", "nULL", "tRUE", "TrUe", "t", "f", "=", "<",
    "a", "hello world", "3 items", "v1", "10%", "€5",
]  # fmt: skip
VALUES: list[tuple[str, Any]] = [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None),
    ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
    ("0", 0), ("7", 7), ("-12", -12), ("1000000", 1_000_000), ("9223372036854775807", 2**63 - 1), ("-0", 0),
    ("0.5", 0.5), ("-0.5", -0.5), ("1.10", 1.1), ("12.0", 12.0), ("200", 200), ("0.0", 0.0),
]  # fmt: skip


@pytest.mark.parametrize("word", TEXTS)
def test_what_json_does_not_write_as_a_value_is_text(word: str) -> None:
    """A bare word that is no JSON number, truth value or null is the text that stands there."""
    assert resolve(word) == word


@pytest.mark.parametrize(("word", "value"), VALUES)
def test_numbers_truth_values_and_nothing_are_values(word: str, value: Any) -> None:
    """JSON's numbers and YAML 1.2's words for true, false and nothing are values of that type."""
    found = resolve(word)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("word", [word for word in TEXTS if word not in ("=", "-")])
def test_a_word_in_a_file_means_what_the_table_says(word: str) -> None:
    """The same holds for the value of a key in a file, and its text as written is kept."""
    node = parse(Source("a.yaml", f"key: {word}")).root.entries["key"]
    assert isinstance(node, Scalar)
    assert (node.value, node.raw) == (word, word)


@pytest.mark.parametrize("word", ["1.10", "7", "true", "null", "~"])
def test_quotes_make_text_of_everything(word: str) -> None:
    """A quoted word is text, whatever stands in the quotes."""
    assert plain(parse(Source("a.yaml", f"key: '{word}'")).root) == {"key": word}


@pytest.mark.parametrize("word", ["1.10", "7", "true", "null", "~", ""])
def test_a_value_keeps_the_text_as_written(word: str) -> None:
    """Where text is wanted, the text as written stands beside the value."""
    node = parse(Source("a.yaml", f"key: {word}")).root.entries["key"]
    assert isinstance(node, Scalar)
    assert node.as_text().value == word


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("1_000", "1000"), ("1'000", "1000"), ("012", "12"), ("0x1F", "31"), ("0o14", "12"), ("1e3", "1000"), ("+5", "5"), (".5", "0.5"),
        ("yes", "true"), ("Off", "false"), ("n", "false"), ("TRUE", "true"), (".inf", None), ("inf", None), ("nan", None), ("12:30", None),
        ("hello", None), ("1" * 50, None),
    ],
)  # fmt: skip
def test_the_fix_says_how_to_write_what_was_meant(word: str, advice: str | None) -> None:
    """For a message, a word that looks like a number or truth value is told as JSON writes it."""
    assert canonical(word) == advice


@given(st.integers(-(10**18), 10**18))
def test_every_whole_number_that_json_writes_is_read_back(number: int) -> None:
    """A whole number written in digits is that number."""
    assert resolve(str(number)) == number


@given(st.text(max_size=30))
def test_a_value_is_text_finite_number_truth_or_nothing(word: str) -> None:
    """Whatever stands there, the value can be written as JSON, and a text is the text that stood there."""
    value = resolve(word)
    assert value == word if isinstance(value, str) else value is None or math.isfinite(value)
