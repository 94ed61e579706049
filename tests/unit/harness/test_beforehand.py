"""Values that are known before a run are judged when the file is checked, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runner import harness
from runner.cli.main import main
from runner.record.events import StepFinished
from runner.record.journal import read_journal, resolve_run

Told = Callable[..., list[str]]

TOP = "scenario: It\nvendor: gws\n"
LOGIN = "steps:\n  - login: {as: agent}\n"


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """The messages about one scenario, in a project that has one file."""

    def check(text: str, *, word: str = "", **more: object) -> list[str]:
        folder = tmp_path / "scenarios"
        (folder / "files").mkdir(parents=True, exist_ok=True)
        (folder / "files" / "a.pdf").write_bytes(b"a")
        (folder / "it.scenario.yaml").write_text(text, encoding="utf-8")
        if word:
            (folder / "own.steps.yaml").write_text(word, encoding="utf-8")
        request = harness.Request(paths=(str(folder),), start=tmp_path, **more)  # type: ignore[arg-type]  # a test names what it gives
        return [one.message for one in harness.check(request).errors]

    return check


def attaching(file: str, *, top: str = "", below: str = "", before: str = "") -> str:
    """A scenario that attaches a file that is named by a template."""
    return f'{TOP}{top}{LOGIN}{before}  - create: {{to: j@example.com, subject: S, text: T}}\n  - attach: {{file: "{file}"}}\n{below}'


MISSING = ["there is no file `files/none.pdf`"]


@pytest.mark.parametrize(
    "text",
    [
        attaching("{{ doc }}", top="variables: {doc: files/none.pdf}\n"),
        attaching("{{ doc }}", top="variables: {name: none, doc: 'files/{{ name }}.pdf'}\n"),
        attaching("{{ doc }}", top="cases: [{doc: files/a.pdf}, {doc: files/none.pdf}]\n"),
        attaching("files/{{ case }}.pdf", top="cases: [{case: a, x: 1}, {case: none, x: 1}]\n"),
        attaching("files/{{ item }}", below="    for_each: [a.pdf, none.pdf]\n"),
        attaching("files/{{ doc }}", below="    for_each: {doc: '{{ docs }}'}\n", top="variables: {docs: [none.pdf]}\n"),
        attaching("files/{{ 'none' if vendor == 'gws' else 'a' }}.pdf"),
        attaching("{{ doc }}", top="variables: {doc: files/none.pdf}\n", below="    when: vendor == 'gws'\n"),
        attaching("{{ doc }}", top="variables: {doc: files/none.pdf}\n", below="    refused: invalid\n"),
    ],
)
def test_a_file_that_is_known_to_be_missing_is_told(told: Told, text: str) -> None:
    """However the template comes to its name: of a variable, a column, an item, the vendor."""
    assert told(text) == MISSING


@pytest.mark.parametrize(
    "text",
    [
        attaching("files/{{ unique('none') }}.pdf"),
        attaching("{{ env('DOC') }}"),
        attaching("{{ doc }}", top="variables: {doc: \"files/{{ unique('x') }}.pdf\"}\n"),
        attaching("{{ doc }}", top="variables: {doc: \"{{ secret('DOC') }}\"}\n"),
        attaching("{{ doc }}", top="variables: {doc: files/none.pdf}\n", before="  - set: {doc: files/a.pdf}\n"),
        attaching("{{ me.user }}", before="  - check: {that: 1, is: 1}\n").replace("{as: agent}", "{as: agent}\n    save: me"),
        attaching("{{ doc }}", top="variables: {doc: files/none.pdf}\n", below="    when: vendor == 'icws'\n"),
        attaching("{{ doc }}", top="variables: {doc: files/none.pdf}\n", below="    when: target.control\n"),
        attaching("{{ item }}", below="    for_each: \"{{ [unique('x')] }}\"\n", top="variables: {item_: x}\n"),
        attaching("{{ item }}", below="    for_each: []\n"),
        attaching("{{ doc }}", top="cases: [{doc: files/a.pdf}]\n"),
    ],
)
def test_what_only_the_run_can_know_is_left_to_it(told: Told, text: str) -> None:
    """What is made up, secret, asked of the process, saved, set, or behind a condition that does not hold for sure."""
    assert told(text) == []


def test_values_that_are_given_count_and_not_those_in_the_file(told: Told) -> None:
    """`--set` may mend what the file has, and may break it."""
    wrong, right = (attaching("{{ doc }}", top=f"variables: {{doc: files/{name}.pdf}}\n") for name in ("none", "a"))
    assert told(wrong, variables={"doc": "files/a.pdf"}) == []
    assert told(right, variables={"doc": "files/none.pdf"}) == MISSING


def test_a_word_of_ones_own_is_judged_with_what_it_is_given(told: Told) -> None:
    """Its inputs and their defaults are known inside, the scenario's variables are not."""
    word = 'step: own\ninputs: {doc: {type: text, default: files/a.pdf}}\nsteps:\n  - attach: {file: "{{ doc }}"}\n'
    text = attaching("files/a.pdf", top="variables: {doc: files/none.pdf}\n")
    assert told(text + "  - own\n", word=word) == []
    assert told(text + '  - own: {doc: "{{ doc }}"}\n', word=word) == MISSING
    assert told(text + "  - own: {doc: \"{{ unique('x') }}\"}\n", word=word) == []


@pytest.mark.parametrize(
    ("parameters", "messages"),
    [
        ('create: {to: "{{ x }}"}', ["`nobody` is no e-mail address"]),
        ('create: {to: ["{{ x }}", j@example.com]}', ["`nobody` is no e-mail address"]),
        ('verify_status: "{{ x }}"', ["`is` cannot be `nobody`"]),
        ('wait: "{{ x }}"', ["`for` cannot be `nobody`: 'nobody' is not a duration; write it like 500ms, 30s, 2 min or 1 h"]),
        ('create: {to: j@example.com, subject: "{{ x.y }}"}', ["text has no part"]),
        ('create: {to: j@example.com, subject: "{{ x }}"}', []),
        ('create: {to: j@example.com, subject: "{{ n }}", text: "{{ n > 1 }}"}', []),
        ('note: "{{ n }}"', []),
    ],
)
def test_what_a_parameter_can_never_be_is_told(told: Told, parameters: str, messages: list[str]) -> None:
    """An address, a status, a duration, a part that is not there; a number where text comes is text."""
    found = told(f"{TOP}variables: {{x: nobody, n: 5}}\n{LOGIN}  - {parameters}\n")
    assert [one[: len(each)] for one, each in zip(found, messages, strict=True)] == messages


def test_a_recipient_outside_the_environment_is_told(told: Told, tmp_path: Path) -> None:
    """The rows of a table name only people to whom mail may go."""
    (tmp_path / "scenarios" / "environments").mkdir(parents=True)
    (tmp_path / "scenarios" / "environments" / "near.yaml").write_text(
        "environment: near\nvendors: {gws: {url: 'http://127.0.0.1:1'}}\nactors: {agent: [{gws: {user: a, password: b}}]}\n"
        "allow_recipients: ['*@example.com']\n",
        encoding="utf-8",
    )
    text = (
        f'{TOP}cases: [{{who: j@example.com}}, {{who: j@else.example}}]\n{LOGIN}  - create: {{to: "{{{{ who }}}}", subject: S, text: T}}\n'
    )
    assert told(text, environment="near") == ["mail to j@else.example is not allowed in environment `near`"]
    assert told(text) == []


def test_ten_thousand_rows_are_looked_at_once_for_each_value(told: Told, tmp_path: Path) -> None:
    """Each mistake is told once, with the first row that has it."""
    rows = "".join(f"r{n},{'files/none.pdf' if n % 2 else 'files/a.pdf'}\n" for n in range(10_000))
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "rows.csv").write_text(f"case,doc\n{rows}", encoding="utf-8")
    assert told(attaching("{{ doc }}", top="cases: rows.csv\n").replace("vendor: gws", "vendors: [gws, icws, egain]")) == MISSING


def test_nothing_is_sent_of_a_file_with_such_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """A run ends before anybody logs in, as with any mistake in a file."""
    assert told(attaching("{{ doc }}", top="variables: {doc: files/none.pdf}\n")) == MISSING
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 4
    assert not (tmp_path / "reports").exists()


def test_a_value_that_was_foreseen_wrong_would_have_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Told) -> None:
    """The same file, made known only when it runs, ends in the step with the same code: the check said nothing that the run would not."""
    text = attaching("{{ doc }}", top="variables: {doc: \"{{ 'files/' ~ unique('none') }}\"}\n")
    assert told(text) == []
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--quiet"]) == 1
    steps = [one for one in read_journal(resolve_run(tmp_path / "reports", "latest")) if isinstance(one, StepFinished)]
    assert [one.code for one in steps if one.outcome == "errored"] == ["E401"]
