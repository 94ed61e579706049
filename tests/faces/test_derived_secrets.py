"""What is made from a secret is a secret: no part, letter case, coding or joining of one is in anything that a run leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.cli.main import main

CANARY = "caramelWindow77b"
REPORTERS = ("console", "junit", "html", "json", "ctrf", "markdown", "allure")

Left = Callable[[str], str]


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Left:
    """Runs a scenario's steps, with every reporter and every detail on the terminal, and gives all that was written anywhere."""

    def run(steps: str) -> str:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("CANARY", CANARY)
        (tmp_path / "scenarios").mkdir(exist_ok=True)
        text = f"scenario: It\nvendor: egain\nsteps:\n{steps}"
        (tmp_path / "scenarios" / "it.scenario.yaml").write_text(text, encoding="utf-8")
        main(["run", "-vv", *(part for name in REPORTERS for part in ("--reporter", name))])
        told = capsys.readouterr()
        files = [path.read_bytes().decode("utf-8", "replace") for path in (tmp_path / "reports").rglob("*") if path.is_file()]
        return "\n".join([told.out, told.err, *files])

    return run


@pytest.mark.parametrize(
    ("expression", "plain"),
    [
        ("secret('CANARY')[2:]", "ramelWindow77b"),
        ("secret('CANARY')[:6]", "carame"),
        ("secret('CANARY') | upper", "CARAMELWINDOW77B"),
        ("secret('CANARY') | title", "Caramelwindow77B"),
        ("secret('CANARY') | reverse", "b77wodniWlemarac"),
        ("secret('CANARY') | base64", "Y2FyYW1lbFdpbmRvdzc3Yg=="),
        ("secret('CANARY') | sha256", "d908f34d42d989a7bfa63b29534ee140"),
        ("secret('CANARY').replace('mel', '-')", "cara-Window77b"),
        ("secret('CANARY')[3:9] ~ 'abc'", "amelWi"),
        ("('x' ~ secret('CANARY')) | upper", "XCARAMEL"),
        ("(secret('CANARY') | truncate(9, '')) | lower", "caramelwi"),
    ],
)
@pytest.mark.parametrize(
    "steps",
    [
        '  - check: {that: "{{ EXPRESSION }}", is: nope}\n',
        '  - check: {that: nope, is: "{{ EXPRESSION }}"}\n',
        '  - set: {made: "{{ EXPRESSION }}"}\n  - note: "it is {{ made }}"\n',
        '  - http: {method: POST, url: "http://127.0.0.1:9/?q={{ EXPRESSION }}", json: {a: ["{{ EXPRESSION }}"]}}\n',
    ],
    ids=["looked at", "expected", "kept", "sent"],
)
def test_what_is_made_from_a_secret_is_nowhere(left: Left, steps: str, expression: str, plain: str) -> None:
    """Whatever an expression makes of a secret, and wherever it goes."""
    written = left(steps.replace("EXPRESSION", expression))
    assert "it.scenario.yaml" in written
    assert plain not in written


def test_what_is_made_of_a_kept_part_is_a_secret_too(left: Left) -> None:
    """A name that holds a part of a secret goes on being one."""
    written = left('  - set: {half: "{{ secret(\'CANARY\')[2:] }}"}\n  - check: {that: "{{ half | reverse }}", is: nope}\n')
    assert "b77wodniWlemar" not in written


def test_the_text_around_a_secret_can_be_read(left: Left) -> None:
    """Only what is secret is taken out of a text that was put together."""
    written = left("  - check: {that: \"Hello {{ secret('CANARY')[2:] }} and {{ secret('CANARY') }}!\", is: nope}\n")
    assert "Hello *** and ***!" in written


def test_a_short_part_does_not_blacken_the_report(left: Left) -> None:
    """Three letters of a secret are no secret: a report without them could not be read."""
    written = left("  - check: {that: \"{{ secret('CANARY')[:3] }}\", is: nope}\n  - note: a car is a car\n")
    assert "car" in written
    assert "scen***" not in written


@pytest.mark.parametrize(
    "asking",
    [
        "\"{{ secret('CANARY') }}\"",
        '"{{ secret(\\"CANARY\\") }}"',
        "'{{ secret( ''CANARY'' ) }}'",
        "\"{{ secret('CANARY') | upper }}\"",
    ],
)
def test_a_secret_that_also_stands_openly_in_the_file_is_nowhere(left: Left, asking: str) -> None:
    """A file that writes out what it asks for by name elsewhere is recorded without it, though nothing has asked for it yet."""
    written = left(f"  - note: it is {CANARY}\n  - check: {{that: {CANARY}, is: nope}}\n  - note: {asking}\n")
    assert "note: it is ***" in written
    assert CANARY not in written


def test_a_secret_that_an_own_word_asks_for_is_in_no_file(left: Left, tmp_path: Path) -> None:
    """The word's file asks, the scenario's writes it out; the secret that is missing fails only the step that asks for it."""
    (tmp_path / "scenarios" / "steps").mkdir(parents=True)
    word = "step: ask\nsteps:\n  - note: \"{{ secret('CANARY') }} {{ secret('MISSING') }}\"\n"
    (tmp_path / "scenarios" / "steps" / "ask.steps.yaml").write_text(word, encoding="utf-8")
    written = left(f"  - note: it is {CANARY}\n  - ask\n")
    assert "E510" in written
    assert CANARY not in written


def test_a_number_that_is_made_of_a_secret_is_nowhere(left: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its digits are taken out wherever they stand; a number of three digits tells nothing."""
    monkeypatch.setenv("PIN", "83719465")
    asked = "secret('PIN') | int"
    written = left(
        f'  - check: {{that: "{{{{ ({asked}) }}}}", is: nope}}\n'
        "  - check: {that: \"{{ secret('PIN') | length }}\", is: 8}\n"
        "  - check: {that: \"{{ secret('PIN')[2:] | int }}\", is: 719466}\n"
    )
    assert ("83719465" in written, "719465" in written.replace("83719465", "")) == (False, False)


STEPS_WITH_A_VALUE = """scenario: It
vendor: egain
steps:
  - note: "it is {{ NAME }}"
  - check: {that: "{{ NAME | base64 }}", is: nope}
"""


@pytest.mark.parametrize("how", ["by its name", "by the environment"])
def test_a_value_given_for_a_secret_is_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, how: str) -> None:
    """``--set`` under a name that says it, or for a variable that the environment fills with a secret: in no form in no output."""
    name = "api_token" if how == "by its name" else "door"
    place = "environment: here\nvendors: {egain: {url: 'http://127.0.0.1:9'}}\nvariables: {door: \"{{ secret('DOOR') }}\"}\n"
    text = STEPS_WITH_A_VALUE.replace("NAME", name)
    (tmp_path / "scenarios" / "environments").mkdir(parents=True)
    (tmp_path / "scenarios" / "environments" / "here.yaml").write_text(place, encoding="utf-8")
    (tmp_path / "scenarios" / "it.scenario.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOOR", "somethingElse33")
    code = main(["run", "-vv", "-e", "here", "--set", f"{name}={CANARY}", "--reporter", "console", "--reporter", "html"])
    told = capsys.readouterr()
    files = [path.read_bytes().decode("utf-8", "replace") for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    written = "\n".join([told.out, told.err, *files])
    assert (code, "it is ***" in written) == (1, True)
    assert (CANARY in written, "Y2FyYW1lbFdpbmRvdzc3Yg" in written) == (False, False)
