"""The rows that a scenario is run for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.scenario.model import Scenario

Reads = Callable[..., Scenario]
Mistakes = Callable[..., list[tuple[str, str]]]


def text(cases: str) -> str:
    """A scenario with these cases."""
    return f"scenario: x\nvendor: gws\ncases: {cases}\nsteps: [login]\n"


@pytest.fixture
def table(folder: Path, reads: Reads) -> Callable[[str, bytes], Scenario]:
    """A scenario whose cases stand in a file."""

    def read(name: str, content: bytes) -> Scenario:
        (folder / "scenarios/data" / name).write_bytes(content)
        return reads(text(f"data/{name}"))

    return read


def rows(scenario: Scenario) -> list[tuple[str, dict[str, object], int]]:
    """Name, values and line of each case."""
    return [(case.name, dict(case.values), case.line) for case in scenario.cases]


def test_rows_may_stand_in_the_file(reads: Reads) -> None:
    """Values keep their kinds; a row without a name is counted."""
    scenario = reads(text("\n  - {case: One, n: 1, t: no}\n  - {n: 2, t: 012}"))

    assert rows(scenario) == [("One", {"n": 1, "t": "no"}, 4), ("row 2", {"n": 2, "t": "012"}, 5)]


@pytest.mark.parametrize(
    "content",
    [
        b"case,a,b\nOne,1,x\nTwo,2,y\n",
        b"case;a;b\r\nOne;1;x\r\nTwo;2;y\r\n",
        b"case\ta\tb\nOne\t1\tx\n\nTwo\t2\ty",
        "\ufeffcase,a,b\nOne,1,x\nTwo,2,y\n".encode(),
        b'case,"a","b"\n"One",1,"x"\nTwo,2,y\n',
        b"case , a , b\nOne,1,x\nTwo,2,y\n",
    ],
)
def test_a_csv_file_is_read_however_it_was_saved(table: Callable[[str, bytes], Scenario], content: bytes) -> None:
    """Comma, semicolon or tab; any line ends; with a byte-order mark or quotes or empty lines. Cells are text."""
    scenario = table("a.csv", content)

    assert [(case.name, dict(case.values)) for case in scenario.cases] == [("One", {"a": "1", "b": "x"}), ("Two", {"a": "2", "b": "y"})]


def test_a_row_of_another_file_is_on_no_line_of_this_one(table: Callable[[str, bytes], Scenario]) -> None:
    """A cell may go over several lines; where the row stands in the table is no line of the scenario."""
    scenario = table("a.csv", b'case,a\nOne,"1\n2"\nTwo,3\n')

    assert rows(scenario) == [("One", {"a": "1\n2"}, 0), ("Two", {"a": "3"}, 0)]


def test_a_json_file_is_a_list_of_objects(table: Callable[[str, bytes], Scenario]) -> None:
    """Values keep their kinds."""
    scenario = table("a.json", json.dumps([{"case": "One", "n": 1, "l": [True, None]}]).encode())

    assert [(case.name, dict(case.values)) for case in scenario.cases] == [("One", {"n": 1, "l": [True, None]})]


def test_a_yaml_file_is_a_list_of_objects(table: Callable[[str, bytes], Scenario]) -> None:
    """Values are read as in a scenario."""
    scenario = table("a.yaml", b"- {case: One, n: 1, t: no}\n- {case: Two, n: 2, t: 012}\n")

    assert rows(scenario) == [("One", {"n": 1, "t": "no"}, 0), ("Two", {"n": 2, "t": "012"}, 0)]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "E422"),
        ("a.csv", b"\n\n", "E422"),
        ("a.csv", b"case,a\n", "E422"),
        ("a.csv", b"case,a\nOne\n", "E423"),
        ("a.csv", b"case,a\nOne,1,2\n", "E423"),
        ("a.csv", b"a,a\n1,2\n", "E423"),
        ("a.csv", b'a,b\n1,"2\n', "E421"),
        ("a.csv", b"a b\n1\n", "E143"),
        ("a.csv", b"vendor\n1\n", "E143"),
        ("a.csv", b"case,a\nOne,1\nOne,2\n", "E424"),
        ("a.csv", b"a\n\xff\n", "E421"),
        ("a.csv", b"a\n" + b"x" * 200_000 + b"\n", "E421"),
        ("a.json", b"{", "E421"),
        ("a.json", b"{}", "E421"),
        ("a.json", b"[1]", "E421"),
        ("a.json", b"[]", "E422"),
        ("a.json", b"[" * 100_000, "E421"),
        ("a.yaml", b"a: 1\n", "E421"),
        ("a.yaml", b"- 1\n", "E421"),
        ("a.yaml", b"- {a: 1}\n- {b: 1}\n", "E423"),
        ("a.yaml", b"- {a: 1\n", "E124"),
        ("a.yaml", b"", "E421"),
        ("a.xlsx", b"PK", "E420"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(folder: Path, mistakes: Mistakes, name: str, content: bytes, code: str) -> None:
    """Empty, uneven, unnamed, doubled or unreadable tables each have their mistake."""
    (folder / "scenarios/data" / name).write_bytes(content)

    assert mistakes(text(f"data/{name}"))[0][0] == code


@pytest.mark.parametrize(
    ("cases", "code"),
    [
        ("[]", "E422"),
        ("", "E142"),
        ("5", "E401"),
        ("[a]", "E142"),
        ("[{}]", "E423"),
        ("[{a: 1}, {b: 1}]", "E423"),
        ('[{a: "{{ x }}"}]', "E425"),
        ("[{now: 1}]", "E143"),
        ("{a: 1}", "E142"),
        ("../../../secret.csv", "E402"),
    ],
)
def test_cases_that_are_no_table_are_told(mistakes: Mistakes, cases: str, code: str) -> None:
    """What stands under `cases` is a list of objects with plain values, or the path of a table."""
    assert mistakes(text(cases))[0][0] == code
