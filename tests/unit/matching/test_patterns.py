"""Regular expressions out of files are bounded."""

from __future__ import annotations

import pytest

from runner.matching.patterns import compile_pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a*)*b",
        "([a-z]+)*$",
        r"(\w+\s?)+$",
        "(.*,)*",
        "((a+))+",
        "(a|b+)+",
        "(?:x+y?)+",
        "(a{2,})+",
        "(a+){60}",
        "^(([a-z])+.)+[A-Z]+$",
    ],
)
def test_a_repeat_of_a_repeat_is_refused(pattern: str) -> None:
    """A pattern that can take for ever on a short text is refused."""
    with pytest.raises(ValueError, match="repeats a repeat"):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "Order [0-9]+",
        r"(\d+\.)+\d+",
        r"(\d{1,3},)*\d{3}",
        "(ab)+",
        "(a|b)+",
        "(?i)re: .*",
        r"(.*\n)*",
        r"^\[(x+)\]$",
        "[+*]+",
        r"\(a+\)+",
        "(?P<id>[a-z]+)-(?P<n>[0-9]+)",
        "(a+)?",
        "(a++)+",
        "(a+){2}",
        "[]+*(]+",
        "a{2,}b*",
    ],
)
def test_an_ordinary_pattern_is_taken(pattern: str) -> None:
    """Patterns as people write them pass."""
    assert compile_pattern(pattern).pattern == pattern


@pytest.mark.parametrize(("pattern", "message"), [("a" * 1001, "1001 characters"), ("(", "at character 1"), ("a{99999999999}", "too")])
def test_a_pattern_that_cannot_be_used_is_told(pattern: str, message: str) -> None:
    """A pattern that is too long, broken or too large says so."""
    with pytest.raises(ValueError, match=message):
        compile_pattern(pattern)
