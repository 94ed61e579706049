"""What was made up for one scenario is known by the time a step fails, and nothing else is taken for it."""

from __future__ import annotations

from typing import Any

import pytest

from runner.engine.generated import Generated


@pytest.fixture
def generated() -> Generated:
    """What a scenario generated: an order, a name, a mail."""
    made = Generated()
    helpers = made.noting({"unique": lambda prefix="": f"{prefix}kfmzqwhtrx", "fake": {"name": "Ada Novak"}, "env": lambda name: "home"})
    helpers["unique"]("ORD-")
    assert helpers["fake"]["name"] == "Ada Novak"
    made.note("mail-abc")
    return made


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("no order ORD-kfmzqwhtrx for Ada Novak", ["ORD-kfmzqwhtrx", "Ada Novak"]),
        ("mail-abc is sent", ["mail-abc"]),
        ("status is sent", []),
    ],
)
def test_what_was_generated_is_found_in_a_text(generated: Generated, text: str, among: list[str]) -> None:
    """Texts of helpers and ids, the longest first."""
    assert generated.among(text) == among


@pytest.mark.parametrize(
    ("field", "value", "is_particular"),
    [
        ("status", "sent", False),
        ("", {"id": "mailxyz", "status": "sent"}, True),
        ("answer.body.messageId", "mailxyz", True),
        ("subject", "mailxyz 7", True),
        ("size", 4711, False),
        ("name", "no", False),
    ],
)
def test_what_is_kept_is_particular_when_it_is_an_id_or_has_digits(field: str, value: Any, is_particular: bool) -> None:
    """A status that is kept is a word like any other: a failure that tells it is not the same as one that tells another."""
    made = Generated()
    made.kept(field, value)
    assert bool(made.among("sent mailxyz 7 of 4711, no")) is is_particular


def test_a_text_inside_a_longer_one_is_told_once() -> None:
    """The longer one is taken out whole."""
    made = Generated()
    for text in ("ORD-k", "ORD-kfmz"):
        made.note(text)
    assert made.among("ORD-kfmz is missing") == ["ORD-kfmz"]
