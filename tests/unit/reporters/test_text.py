"""Text from a run, made fit to be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.reporters.text import cells, counted, cut, guarded, one_line, visible

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\x00b", "a\\x00b"),
        ("\ufffe\uffff", "\\ufffe\\uffff"),
        ("\ud83d", "\\ud83d"),
        ("\u202egnp", "\\u202egnp"),
        ("one\rtwo", "one\\x0dtwo"),
        ("one\r\ntwo", "one\ntwo"),
        ("こんにちは 👩‍👩‍👧", "こんにちは 👩‍👩‍👧"),
    ],
)
def test_what_does_not_show_is_written_out(text: str, shown: str) -> None:
    """A control character is shown by its number; text in any script stays."""
    assert visible(text) == shown


@given(ANY_TEXT)
def test_nothing_visible_can_steer_a_terminal(text: str) -> None:
    """Whatever the data, no control character but newline and tab is left."""
    assert not [c for c in visible(text) if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF]


@given(ANY_TEXT)
def test_one_line_is_one_line(text: str) -> None:
    """A message stays on its line."""
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    "line", ["::error file=a.py::x", "   ::add-mask::x", "got ##vso[task.complete]", "##[error]x", "##teamcity[testFailed]"]
)
def test_no_ci_system_takes_a_line_for_a_command(line: str) -> None:
    """A line that a CI system would obey is changed so that it does not."""
    shown = guarded(line)
    assert not shown.lstrip().startswith("::")
    assert "##" not in shown


def test_other_lines_stay_as_they_are() -> None:
    """A line that no CI system would obey is not touched."""
    assert guarded("  icws::reply ## two") == "  icws::reply ## two"


@given(ANY_TEXT.map(one_line), st.integers(1, 60))
def test_cut_text_fits(text: str, width: int) -> None:
    """Cut text takes no more columns than it may."""
    assert cells(cut(text, width)) <= width


def test_wide_letters_take_two_columns() -> None:
    """Japanese takes two columns a letter, a combining accent none."""
    assert (cells("日本"), cells("e\u0301")) == (4, 1)


def test_cut_text_says_that_something_is_missing() -> None:
    """What was cut ends with an ellipsis."""
    assert cut("Where is my parcel?", 9) == "Where is…"


@pytest.mark.parametrize(("number", "noun", "told"), [(1, "scenario", "1 scenario"), (2, "try", "2 tries"), (1200, "step", "1,200 steps")])
def test_counts_read_as_people_say_them(number: int, noun: str, told: str) -> None:
    """One thing, two things."""
    assert counted(number, noun) == told
