"""The helpers of values: chance and time come from outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from runner.clock import ManualClock
from runner.errors import NotAllowed
from runner.scenario.templates.functions import HELPERS, call_helper, functions, usage
from runner.scenario.templates.values import LARGEST, NotPossible, TooLarge


def helpers(seed: int = 1, read: Callable[[str], str] = str.upper) -> dict[str, Any]:
    """The helpers with a clock that stands at 2030-01-02 09:00 UTC."""
    return functions(
        random=Random(seed), clock=ManualClock(), read=read, env={"SET": "value", "EMPTY": ""}, secret=lambda name: ("secret", name)
    )


def test_the_names_are_known() -> None:
    """HELPERS is exactly what functions gives, and each has its usage."""
    assert set(helpers()) == HELPERS
    assert all(name in usage(name) for name in HELPERS)


def test_the_same_seed_says_the_same() -> None:
    """All chance comes from the given Random."""

    def told(seed: int) -> list[Any]:
        made = helpers(seed)
        return [made["unique"](), made["random_text"](20), made["random_number"](), *(made["fake"][key] for key in made["fake"])]

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_unique_gives_another_text_each_time() -> None:
    """A thousand calls give a thousand texts that can be read aloud."""
    unique = helpers()["unique"]
    made = {unique("ORD-") for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch("ORD-[a-hjkmnp-z2-9]{10}", one) for one in made)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "2030-01-02T09:00:00Z"),
        (("+2h",), "2030-01-02T11:00:00Z"),
        (("-1 d",), "2030-01-01T09:00:00Z"),
        (("1 h 30 min",), "2030-01-02T10:30:00Z"),
        (("", "%d.%m.%Y %H:%M"), "02.01.2030 09:00"),
        (("+1d", "%A"), "Thursday"),
    ],
)
def test_now_is_the_clocks_time(arguments: tuple[str, ...], expected: str) -> None:
    """It tells the clock's time, moved and formatted as wanted."""
    assert helpers()["now"](*arguments) == expected


@pytest.mark.parametrize(
    ("options", "expected"), [({}, "2030-01-02"), ({"offset": "-2d"}, "2029-12-31"), ({"format": "%d.%m.%y"}, "02.01.30")]
)
def test_today_is_the_clocks_day(options: dict[str, str], expected: str) -> None:
    """It tells the day, moved and formatted as wanted."""
    assert helpers()["today"](**options) == expected


def test_chance_keeps_to_its_bounds() -> None:
    """Texts have the length and numbers the range that is asked for."""
    made = helpers()
    assert len(made["random_text"](7)) == 7
    assert {made["random_number"](1, 3) for _ in range(100)} == {1, 2, 3}


def test_invented_addresses_are_nobodys() -> None:
    """Mail addresses end in reserved domains, telephone numbers lie in ranges kept for fiction."""
    fake = helpers()["fake"]
    assert all(re.fullmatch(r"[a-z.]+\.\d+@example\.(com|org)", fake["email"]) for _ in range(200))
    assert all(re.fullmatch(r"\+44 1632 960\d{3}|\+1 202 555 01\d{2}", fake["phone"]) for _ in range(200))


def test_invented_people_write_many_scripts() -> None:
    """Names come in more than Latin letters."""
    fake = helpers()["fake"]
    assert len({ord(fake["name"][0]) // 256 for _ in range(300)}) >= 5
    assert len(fake) == 9


def test_environment_variables_are_read() -> None:
    """A variable that is set is given, also an empty one; another only with its default."""
    env = helpers()["env"]
    assert [env("SET"), env("EMPTY"), env("UNSET", "x")] == ["value", "", "x"]
    with pytest.raises(NotPossible, match="the environment variable UNSET is not set"):
        env("UNSET")


def test_files_and_secrets_come_from_outside() -> None:
    """Both ask whoever was given."""
    assert [helpers()["read"]("a.txt"), helpers()["secret"]("QA1")] == ["A.TXT", ("secret", "QA1")]


def test_what_a_reader_refuses_passes() -> None:
    """An error of ours keeps its class: a path outside the project is not a mistake of the template."""

    def refuse(path: str) -> str:
        raise NotAllowed("outside the project folder")

    with pytest.raises(NotAllowed):
        call_helper(helpers(read=refuse), "read", ("../x",), {})


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("unique", (1,), "`unique` cannot be used like that (it was given a number)"),
        ("unique", ("a", "b"), "`unique` cannot be used like that (it was given text, text)"),
        ("now", ("tomorrow",), "the offset is not a length of time"),
        ("now", ("+999999999999h",), "the offset is not a length of time"),
        ("now", ("", 5), "`now` cannot be used like that (it was given text, a number)"),
        ("random_number", (6, 1), "`random_number` takes the smaller number first"),
        ("random_text", ("x",), "`random_text` cannot be used like that (it was given text)"),
        ("random_text", (-1,), "`random_text` cannot be used like that (it was given a number)"),
        ("fake", (), "`fake` cannot be called"),
        ("other", (), "there is no helper `other` here"),
    ],
)
def test_a_wrong_call_says_how_it_is_written(name: str, arguments: tuple[Any, ...], message: str) -> None:
    """A helper that is given the wrong things names their kinds and shows its usage."""
    with pytest.raises(NotPossible) as caught:
        call_helper(helpers(), name, arguments, {})
    assert caught.value.message == message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "arguments"), [("random_text", (LARGEST + 1,)), ("random_text", (10**18,)), ("read", ("x" * (LARGEST + 1),))]
)
def test_no_helper_makes_a_giant(name: str, arguments: tuple[Any, ...]) -> None:
    """What would be larger than 1 MiB is refused."""
    with pytest.raises(TooLarge):
        call_helper(helpers(), name, arguments, {})
