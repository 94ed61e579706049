"""Long lines are broken between words, and lose nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runner.reporters.text import cells
from runner.reporters.wrapping import Line, wrapped

PARTS = st.lists(st.tuples(st.text("ab ✗語", max_size=40), st.sampled_from(["", "red"])), min_size=1, max_size=5).map(tuple)


def _text(line: Line) -> str:
    return "".join(part for part, _ in line)


@given(PARTS, st.integers(10, 60))
def test_every_word_stands_where_it_fits(line: Line, width: int) -> None:
    """The words are the same, in order; no line is too long but for a word that is."""
    lines = list(wrapped(line, width))
    assert "".join(_text(line).split()) == "".join("".join(map(_text, lines)).split())
    assert all(cells(_text(one).rstrip()) <= width or len(_text(one).split()) == 1 for one in lines)


def test_what_follows_is_set_in() -> None:
    """Below the beginning of the first, and a bit deeper; each part keeps its style."""
    line = (("  ✗ ", "red"), ("A customer is answered", "bold"))
    assert list(wrapped(line, 16)) == [(("  ✗ ", "red"), ("A customer ", "bold")), (("    ", ""), ("is answered", "bold"))]


def test_a_command_is_left_whole() -> None:
    """Who copies it from the terminal gets one line."""
    line = (("  again    ", "dim"), ("runner run --failed 20261121-073516-3ed4bb --seed 205157125", ""))
    assert list(wrapped(line, 40)) == [line]
