"""One item of a list of steps becomes a Step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.scenario.items import MOST_STEPS
from runner.scenario.model import Scenario, Step

Reads = Callable[..., Scenario]
Mistakes = Callable[..., list[tuple[str, str]]]


def only(scenario: Scenario) -> Step:
    """The only step."""
    (step,) = scenario.steps
    return step


@pytest.mark.parametrize(
    ("item", "parameters"),
    [
        ("- send", {}),
        ("- send:", {}),
        ("- login: agent", {"as": "agent"}),
        ("- verify_status: sent", {"is": "sent"}),
        ("- verify_status: [sent, sending]", {"is": ["sent", "sending"]}),
        ("- verify_status: {is: sent, within: 2 min}", {"is": "sent", "within": "2 min"}),
        ("- attach: files/invoice.pdf", {"file": "files/invoice.pdf"}),
        ("- verify_attachments: [invoice.pdf]", {"are": ["invoice.pdf"]}),
        ("- reply: |\n      Hello\n      you\n", {"text": "Hello\nyou\n"}),
        ("- note: 12:30", {"text": "12:30"}),
        ("- set: {a: 1, b: [2]}", {"values": {"a": 1, "b": [2]}}),
    ],
)
def test_a_step_has_its_parameters_by_name(reads: Reads, item: str, parameters: dict[str, Any]) -> None:
    """A bare value goes to the word's short parameter; nothing is an empty object."""
    step = only(reads(steps=f"  {item}"))

    assert step.parameters.static
    assert step.parameters.render({}) == parameters


@pytest.mark.parametrize("written", ["012", "1.10", "yes", "no", "true", "1_000", "1e3", "2024-01-01", "12:30", "0o14", "-0", "+49301234"])
def test_text_is_taken_as_written(reads: Reads, written: str) -> None:
    """Where a step wants text, a bare word is the text that stands there."""
    step = only(reads(steps=f"  - create: {{to: joe@example.com, subject: {written}}}"))

    assert step.parameters.render({})["subject"] == written


def test_text_is_taken_as_written_in_lists_too(reads: Reads) -> None:
    """Also inside lists and objects of a parameter; what may be a number stays one."""
    step = only(reads(steps="  - verify_attachments: {are: [2024, {name: 012, size: 12}]}"))

    assert step.parameters.render({}) == {"are": ["2024", {"name": "012", "size": 12}]}


def test_a_template_may_stand_wherever_a_value_may(reads: Reads) -> None:
    """A parameter of any kind may come out of a template; what it gives is converted when the step runs."""
    step = only(reads(steps='  - attach: {file: "{{ f }}", inline: "{{ i }}"}\n'))

    assert not step.parameters.static
    assert [use.name for use in step.parameters.names] == ["f", "i"]
    assert step.parameters.render({"f": "a.pdf", "i": True}) == {"file": "a.pdf", "inline": True}


@pytest.mark.parametrize(
    ("item", "given", "rendered"),
    [
        ('- create: {subject: "{{ x }}"}', 4711, {"subject": "4711"}),
        ('- create: {subject: "{{ x }}"}', 1.5, {"subject": "1.5"}),
        ('- create: {subject: "{{ x }}"}', True, {"subject": "true"}),
        ('- create: {subject: "{{ x }}"}', None, {"subject": None}),
        ('- create: {subject: "{{ x }}"}', ["a"], {"subject": ["a"]}),
        ('- create: {to: ["{{ x }}", b]}', 4711, {"to": ["4711", "b"]}),
        ('- verify_attachments: [{name: "{{ x }}", size: "{{ x }}"}]', 12, {"are": [{"name": "12", "size": 12}]}),
        ('- http: {url: "{{ x }}", json: {"a b": "{{ x }}"}}', 5, {"url": "5", "json": {"a b": 5}}),
    ],
)
def test_a_number_becomes_text_where_only_text_is_wanted(reads: Reads, item: str, given: Any, rendered: dict[str, Any]) -> None:
    """A whole template keeps its type, but a subject is text whatever the name holds; twice rendered gives the same."""
    parameters = only(reads(steps=f"  {item}")).parameters

    assert parameters.render({"x": given}) == rendered
    assert parameters.render({"x": given}) == rendered
    assert {use.name for use in parameters.names} == {"x"}


def test_a_step_knows_its_places(reads: Reads) -> None:
    """The word, the whole item and each parameter have their places."""
    step = only(reads(steps="  - verify_attachments:\n      are:\n        - {name: a.pdf}\n"))

    assert (step.word_span.line, step.word_span.column, step.word_span.end_column) == (4, 5, 23)
    assert step.span.line == 4
    assert {path: (span.line, span.column) for path, span in step.parameter_spans.items()} == {
        "are": (6, 9),
        "are[0]": (6, 11),
        "are[0].name": (6, 18),
    }


def test_the_names_that_set_gives_are_among_its_places(reads: Reads) -> None:
    """For `set` the places are those of the names themselves."""
    assert list(only(reads(steps="  - set: {a: 1, b: {c: 2}}")).parameter_spans) == ["a", "b", "b.c"]


@pytest.mark.parametrize("item", ["- login: {as: boss}", "- login: boss", "- login:\n    as: boss", "- send:\n    as: boss"])
def test_the_actor_is_known(reads: Reads, item: str) -> None:
    """`as` stands beside a step, or among the parameters of a step that opens a session."""
    step = only(reads(steps=f"  {item}"))

    assert step.actor == "boss"
    assert step.actor_span is not None


def test_parallel_holds_steps(reads: Reads) -> None:
    """`parallel` has a block of steps, and a block may stand in a block."""
    step = only(reads(steps="  - parallel:\n      - send\n      - parallel:\n          - wait: {for: 1s}\n    when: vendor == 'gws'\n"))

    assert [inner.word for inner in step.block] == ["send", "parallel"]
    assert [inner.word for inner in step.block[1].block] == ["wait"]
    assert step.when is not None


@pytest.mark.parametrize(
    ("vendors", "word", "codes"),
    [
        ("egain", "listen", ["E210"]),
        ("[gws, egain]", "listen", []),
        ("gws", "icws.send_recording", ["E201"]),
        ("[gws, icws]", "icws.send_recording", []),
        ("gws", "nothing_like_it", ["E201"]),
    ],
)
def test_a_word_must_be_possible_for_some_vendor(reads: Reads, mistakes: Mistakes, vendors: str, word: str, codes: list[str]) -> None:
    """What the only vendor cannot do is a mistake; with several vendors, the run for that one is unsupported."""
    text = f"scenario: x\nvendors: {vendors}\nsteps:\n  - {word}\n"

    assert [code for code, _ in mistakes(text)] == codes if codes else reads(text).steps[0].word == word


def test_mistakes_in_blocks_are_found(mistakes: Mistakes) -> None:
    """Steps inside `parallel` and in `cleanup` are looked at like others."""
    text = "scenario: x\nvendor: gws\nsteps:\n  - parallel:\n      - sned\ncleanup:\n  - logut\n"

    assert mistakes(text) == [("E201", "unknown step `sned`"), ("E201", "unknown step `logut`")]


def test_there_is_a_limit_to_the_steps_of_a_file(mistakes: Mistakes) -> None:
    """A thousand steps are enough for one file."""
    assert mistakes(steps="  - send\n" * (MOST_STEPS + 1)) == [("E142", "`steps` has 1,001 steps, at most 1,000 are allowed")]


def test_a_word_that_differs_between_vendors_is_judged_for_each(folder: Path, mistakes: Mistakes) -> None:
    """What only some of the vendors refuse is told with their names."""
    text = "scenario: x\nvendors: [gws, icws]\nsteps:\n  - login: {as: agent, usr: a}\n"

    assert mistakes(text) == [("E204", "unknown parameter `usr`")]
