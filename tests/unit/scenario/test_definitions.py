"""Words of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.errors import BadScenario, Diagnostic
from runner.scenario.load import Loader
from runner.scenario.model import Scenario

Reads = Callable[..., Scenario]
Diagnostics = Callable[..., tuple[Diagnostic, ...]]

ANSWER = """\
step: answer
description: Reply with the invoice.
inputs:
  text: {type: text, description: What to say}
  file: {type: file, default: files/invoice.pdf}
outputs: {mail: "{{ reply_mail }}"}
steps:
  - reply: {text: "{{ text }}"}
    save: reply_mail
  - attach: {file: "{{ file }}"}
  - send
"""


@pytest.fixture
def define(folder: Path) -> Callable[[str, str], Path]:
    """Put a file with steps into the project."""

    def write(name: str, text: str) -> Path:
        path = folder / "scenarios/steps" / f"{name}.steps.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("item", "parameters"),
    [
        ("- answer: {text: Hello}", {"text": "Hello"}),
        ("- answer: Hello", {"text": "Hello"}),
        ("- answer: 012", {"text": "012"}),
        ("- answer: {text: 1.10, file: files/invoice.pdf}", {"text": "1.10", "file": "files/invoice.pdf"}),
        ("- use: {file: steps/answer.steps.yaml, with: {text: Hello}}", {"text": "Hello"}),
    ],
)
def test_a_word_of_ones_own_is_used_like_any_other(
    define: Callable[[str, str], Path], reads: Reads, item: str, parameters: dict[str, Any]
) -> None:
    """Its inputs are its parameters; a bare value goes to the only input that must be given; `use` names its file."""
    define("answer", ANSWER)

    (step,) = reads(steps=f"  {item}\n    save: {{sent: mail}}\n    expect: {{mail: {{id: x}}}}\n").steps

    assert step.definition is not None
    assert step.parameters.render({}) == parameters
    assert [inner.word for inner in step.definition.steps] == ["reply", "attach", "send"]
    assert step.definition.inputs["text"].default is None
    assert step.definition.inputs["file"].default is not None
    assert list(step.definition.outputs) == ["mail"]


def test_a_file_without_inputs_may_be_named_alone(define: Callable[[str, str], Path], reads: Reads) -> None:
    """`use: file` and a bare word need no inputs when the file has none."""
    define("bye", "step: bye\nsteps: [logout]\n")

    assert [step.definition.name for step in reads(steps="  - use: steps/bye.steps.yaml\n  - bye\n").steps if step.definition] == [
        "bye",
        "bye",
    ]


def test_inputs_may_be_written_shortly(define: Callable[[str, str], Path], reads: Reads) -> None:
    """`text: text` gives the type alone, `anything:` takes any value."""
    define("say", "step: say\ninputs: {text: text, anything: }\nsteps: [send]\n")

    (step,) = reads(steps="  - say: {text: 5, anything: [1]}").steps

    assert step.definition is not None
    assert {name: one.type for name, one in step.definition.inputs.items()} == {"text": "text", "anything": "any"}
    assert step.parameters.render({}) == {"text": "5", "anything": [1]}


def test_words_may_use_words(define: Callable[[str, str], Path], reads: Reads) -> None:
    """A definition may use other definitions."""
    define("inner", "step: inner\nsteps: [send]\n")
    define("outer", "step: outer\nsteps: [inner, inner]\n")

    (step,) = reads(steps="  - outer").steps

    assert step.definition is not None
    assert [inner.definition.name for inner in step.definition.steps if inner.definition] == ["inner", "inner"]


def test_a_broken_file_breaks_only_who_uses_it(define: Callable[[str, str], Path], reads: Reads, diagnostics: Diagnostics) -> None:
    """A wrong definition is told where it is used, and nobody else notices."""
    define("broken", "step: broken\nsteps: [sned]\n")
    define("no-yaml", "step: [\n")
    define("empty", "")

    assert reads(steps="  - send").steps[0].word == "send"
    (told,) = diagnostics(steps="  - broken")
    assert (told.code, told.message) == ("E408", "`broken` cannot be used: scenarios/steps/broken.steps.yaml has mistakes")
    assert told.notes == ("scenarios/steps/broken.steps.yaml:2:9: unknown step `sned`",)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": ["a"]}, "the steps use themselves: scenarios/steps/a.steps.yaml:2 → scenarios/steps/a.steps.yaml"),
        (
            {"a": ["send", "b"], "b": ["a"]},
            "the steps use themselves: scenarios/steps/a.steps.yaml:2 → scenarios/steps/b.steps.yaml:2 → scenarios/steps/a.steps.yaml",
        ),
    ],
)
def test_a_circle_is_told_with_its_way(
    define: Callable[[str, str], Path], diagnostics: Diagnostics, files: dict[str, list[str]], message: str
) -> None:
    """Steps that use themselves are named with each file and line on the way round."""
    for name, words in files.items():
        define(name, f"step: {name}\nsteps: [{', '.join(words)}]\n")

    (told,) = diagnostics(steps="  - a")

    assert (told.code, told.message) == ("E406", message)


@pytest.mark.parametrize(("depth", "codes"), [(8, []), (9, ["E407"])])
def test_words_go_eight_deep(define: Callable[[str, str], Path], reads: Reads, depth: int, codes: list[str]) -> None:
    """Definitions within definitions end at the eighth."""
    for n in range(1, depth + 1):
        define(f"d{n}", f"step: d{n}\nsteps: [{f'd{n + 1}' if n < depth else 'send'}]\n")

    try:
        reads(steps="  - d1")
        found = []
    except BadScenario as exc:
        found = [one.code for one in exc.diagnostics]

    assert found == codes


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("step: send\nsteps: [login]\n", "E409"),
        ("step: use\nsteps: [login]\n", "E409"),
        ("step: Answer it\nsteps: [login]\n", "E142"),
        ("step: it\n", "E141"),
        ("steps: [login]\n", "E141"),
        ("step: it\nsteps: [login]\nimputs: {}\n", "E140"),
        ("step: it\ninputs: {a b: text}\nsteps: [login]\n", "E143"),
        ("step: it\ninputs: {a: txt}\nsteps: [login]\n", "E142"),
        ("step: it\ninputs: {a: {type: text, defualt: x}}\nsteps: [login]\n", "E140"),
        ("step: it\ninputs: {a: {type: number, default: x}}\nsteps: [login]\n", "E142"),
        ("step: it\ninputs: {a: {type: file, default: files/none.pdf}}\nsteps: [login]\n", "E401"),
        ('step: it\noutputs: {a: "{{ b"}\nsteps: [login]\n', "E310"),
    ],
)
def test_a_wrong_definition_is_told(define: Callable[[str, str], Path], loader: Loader, definition: str, code: str) -> None:
    """Each mistake in a file with steps has its code."""
    path = define("it", definition)

    with pytest.raises(BadScenario) as caught:
        loader.definition(path)

    assert [one.code for one in caught.value.diagnostics] == [code]


def test_a_definition_is_checked_for_the_vendors_of_who_uses_it(
    define: Callable[[str, str], Path], reads: Reads, diagnostics: Diagnostics
) -> None:
    """What a vendor cannot do is a mistake in a definition too, when the scenario is for that vendor alone."""
    define("ear", "step: ear\nsteps: [listen]\n")

    assert reads("scenario: x\nvendors: [gws, egain]\nsteps: [ear]\n").steps[0].definition is not None
    (told,) = diagnostics("scenario: x\nvendor: egain\nsteps: [ear]\n")
    assert told.notes == ("scenarios/steps/ear.steps.yaml:2:9: egain cannot do `listen`",)


def test_a_definition_is_built_once(define: Callable[[str, str], Path], reads: Reads) -> None:
    """Two uses have the same definition."""
    define("answer", ANSWER)

    first, second = reads(steps="  - answer: a\n  - answer: b\n").steps

    assert first.definition is second.definition


def test_a_word_defined_twice_cannot_be_used(define: Callable[[str, str], Path], diagnostics: Diagnostics) -> None:
    """Both files are named."""
    define("one", "step: twice\nsteps: [send]\n")
    define("two", "step: twice\nsteps: [send]\n")

    (told,) = diagnostics(steps="  - twice")

    assert told.message == "`twice` is defined twice: in scenarios/steps/one.steps.yaml and scenarios/steps/two.steps.yaml"
