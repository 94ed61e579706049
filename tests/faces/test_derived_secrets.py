"""What is made from a secret is a secret: no part, letter case, coding or joining of one is in anything that a run leaves behind."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.cli.main import main
from runner.environment.redaction import Redactor
from runner.environment.secrets import Secret
from runner.record.events import Exchanged
from runner.record.gate import Gate
from runner.record.journal import resolve_run
from runner.reporters.console import quote

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
    """Its digits are taken out wherever they stand; a length tells nothing."""
    monkeypatch.setenv("PIN", "83719465")
    asked = "secret('PIN') | int"
    written = left(
        f'  - check: {{that: "{{{{ ({asked}) }}}}", is: nope}}\n'
        "  - check: {that: \"{{ secret('PIN') | length }}\", is: 8}\n"
        "  - check: {that: \"{{ secret('PIN')[2:] | int }}\", is: 719466}\n"
    )
    assert ("83719465" in written, "719465" in written.replace("83719465", "")) == (False, False)


@pytest.mark.parametrize(
    "steps",
    [
        "  - check: {that: \"{{ (secret('PIN') | int) + 1 }}\", is: nope}\n",
        '  - set: {pin: "{{ secret(\'PIN\') | int }}"}\n  - check: {that: "{{ pin + 1 }}", is: nope}\n',
        '  - set: {pin: "{{ secret(\'PIN\') | int + 1 }}"}\n  - check: {that: [1, "{{ pin }}"], is: nope}\n',
        '  - set: {pin: "{{ secret(\'PIN\') | int }}"}\n  - note: "it is {{ pin + 1 }}, or {{ [pin + 1] }}"\n',
        '  - set: {pin: "{{ secret(\'PIN\') | float }}"}\n  - note: "{{ (pin * 10 + 10) | int }}"\n',
    ],
    ids=["at once", "in a later step", "in a list", "in a text", "with a fraction"],
)
def test_what_is_calculated_from_a_secret_is_nowhere(left: Left, monkeypatch: pytest.MonkeyPatch, steps: str) -> None:
    """A sum in which a secret took part is a secret, and so is what a later step makes of it."""
    monkeypatch.setenv("PIN", "83719465")
    written = left(steps)
    assert "it.scenario.yaml" in written
    assert ("83719466" in written, "83719475" in written) == (False, False)


@pytest.mark.parametrize("made", ["(secret('PIN') | int) // 1000000", "secret('PIN')[:2]"], ids=["a number", "a text"])
@pytest.mark.parametrize(
    "steps",
    [
        '  - check: {that: "{{ MADE }}", is: nope}\n',
        '  - check: {that: "{{ MADE }}", is: "{{ MADE }}"}\n',
        '  - set: {made: "{{ MADE }}"}\n',
        '  - set: {made: ["{{ MADE }}"]}\n  - check: {that: {it: "{{ made[0] }}"}, is: {it: nope}}\n',
        '  - set: {made: "{{ MADE }}"}\n  - http: {method: POST, url: "http://127.0.0.1:9/", json: {a: ["{{ made }}"]}}\n',
    ],
    ids=["looked at", "expected", "kept", "in a list", "sent"],
)
def test_a_short_value_that_is_made_of_a_secret_is_hidden_where_it_stands_alone(
    left: Left, monkeypatch: pytest.MonkeyPatch, steps: str, made: str
) -> None:
    """As a parameter, a kept output, a field of what was sent and in what was compared."""
    monkeypatch.setenv("PIN", "83719465")
    written = left(steps.replace("MADE", made))
    assert "it.scenario.yaml" in written
    assert re.findall(r"""(?:is|got|expected|that|made|it|a|value)["':= []+83\b""", written) == []
    assert re.findall(r"""(?<![\w.:/-])["']?83["']?(?![\w.%:/-])""", re.sub(r"<(style|svg).*?</\1>", "", written, flags=re.DOTALL)) == []


def test_a_short_number_that_is_made_of_a_secret_does_not_blacken_the_report(left: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within other text it is left alone, as are all other numbers that have it in them."""
    monkeypatch.setenv("PIN", "83719465")
    written = left("  - note: \"desk {{ (secret('PIN') | int) // 10000000 }} of 18\"\n  - check: {that: 18, is: 8}\n")
    assert "desk 8 of 18" in written
    assert "got      18" in written


def test_a_short_number_that_comes_back_is_hidden_as_a_whole_value(tmp_path: Path) -> None:
    """What was sent as a field of JSON is none of the answer's fields, and the answer's other numbers stay."""
    redactor = Redactor()
    secret = Secret("PIN", "83719465", lambda made, source: redactor.learn_derived(made, source, scope="it"))
    secret.derived(83)
    url, body = "http://desk.example/83", '{"pin": 83, "size": 1830, "text": "room 83"}'
    event = Exchanged(scenario="it", step="1", method="POST", url=url, http=200, body=body)
    ((event,), _) = Gate(redactor).let_through([event])
    assert (event.body, event.url) == ('{"pin":"***","size":1830,"text":"room 83"}', "http://desk.example/83")


def test_a_number_that_is_a_secret_is_one_where_it_is_used(left: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compared, calculated and sent as the number that it is."""
    monkeypatch.setenv("PIN", "83719465")
    written = left(
        "  - set: {pin: \"{{ secret('PIN') | int }}\"}\n"
        '  - check: {that: "{{ pin + 1 }}", is: {between: [83719466, 83719466]}}\n'
        '  - check: {that: "{{ pin > 5 and pin is number and pin }}", is: {is: whole_number}}\n'
        '  - check: {that: "{{ {\'a\': pin} | json }}", is: {matches: ".a.: ?[0-9]{8}[}]"}}\n'
    )
    assert "1 passed" in written


STEPS_WITH_A_VALUE = """scenario: It
vendor: egain
steps:
  - note: "it is {{ NAME }}"
  - check: {that: "{{ NAME | base64 }}", is: nope}
"""


@pytest.mark.parametrize("how", ["by its name", "by the environment", "by the scenario", "by what the scenario makes of one"])
def test_a_value_given_for_a_secret_is_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, how: str) -> None:
    """``--set`` for what is a secret by its name, or by what the environment or the scenario fills it with: in no form in no output."""
    name = "api_token" if how == "by its name" else "door"
    place = "environment: here\nvendors: {egain: {url: 'http://127.0.0.1:9'}}\n"
    text = STEPS_WITH_A_VALUE.replace("NAME", name)
    if how == "by the environment":
        place += "variables: {door: \"{{ secret('DOOR') }}\"}\n"
    elif how == "by the scenario":
        text += "variables: {other: plain, door: \"{{ secret('DOOR') }}\"}\n"
    elif how == "by what the scenario makes of one":
        text += 'variables: {key: "{{ secret(\'DOOR\') }}", door: "{{ key | upper }}"}\n'
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


def test_the_command_that_runs_it_again_gives_what_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copied from the summary, it finds the same failure; a secret's value is for the reader to put in."""
    text = STEPS_WITH_A_VALUE.replace("NAME", "order") + "variables: {order: A-0, api_token: none}\n"
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "it.scenario.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    main(["run", "--set", "order=A 1", "--set", f"api_token={CANARY}", "--reporter", "console"])
    told = capsys.readouterr().out
    (command,) = [line.partition("runner ")[2] for line in told.splitlines() if "runner run --failed" in line]
    assert command.endswith(f"--set {quote('order=A 1')} --set {quote('api_token=***')}")
    assert CANARY not in told
    assert main(shlex.split(command)) == 1
    assert "it is A 1" in (resolve_run(tmp_path / "reports", "latest") / "journal.jsonl").read_text(encoding="utf-8")
