"""From a whole file to a Scenario. How mistakes read is kept in tests/golden/check."""

from __future__ import annotations

from collections.abc import Callable

from runner.scenario.model import Scenario

Reads = Callable[..., Scenario]

WHOLE = """\
scenario: An agent answers a customer and attaches the invoice
id: reply-with-invoice
description: The everyday case of the billing desk.
tags: [nightly, smoke, nightly]
vendors: [gws, icws]
variables:
  order: "{{ unique('ORD-') }}"
  code: 0049
cases:
  - {case: German, customer: joerg@example.de}
  - {case: French, customer: luc@example.fr}
steps:
  - login: {as: agent}
  - create:
      to: "{{ customer }}"
      subject: 012
    save: mail
cleanup:
  - logout
"""


def test_a_whole_file_becomes_a_scenario(reads: Reads) -> None:
    """Every key at the top of a file is in the Scenario, with its place where it has one."""
    scenario = reads(WHOLE)

    assert scenario.name == "An agent answers a customer and attaches the invoice"
    assert (scenario.id, scenario.description) == ("reply-with-invoice", "The everyday case of the billing desk.")
    assert scenario.tags == ("nightly", "smoke")
    assert [(v.name, v.span.line, v.span.column) for v in scenario.vendors] == [("gws", 5, 11), ("icws", 5, 16)]
    assert {name: value.static for name, value in scenario.variables.items()} == {"order": False, "code": True}
    assert [(case.name, dict(case.values), case.line) for case in scenario.cases] == [
        ("German", {"customer": "joerg@example.de"}, 10),
        ("French", {"customer": "luc@example.fr"}, 11),
    ]
    assert scenario.columns == ("customer",)
    assert [step.word for step in scenario.steps] == ["login", "create"]
    assert [step.word for step in scenario.cleanup] == ["logout"]
    assert (scenario.file, scenario.span.line) == ("it.scenario.yaml", 1)


def test_a_file_without_an_id_is_known_by_its_path_and_name(reads: Reads) -> None:
    """The history hangs on `id`, else on path and name together."""
    assert reads(steps="  - login").id == "it.scenario.yaml::An agent answers"


def test_one_vendor_may_be_named_either_way(reads: Reads) -> None:
    """`vendor: gws`, `vendors: gws` and `vendors: [gws]` say the same."""
    texts = [f"scenario: x\n{line}\nsteps: [login]\n" for line in ("vendor: gws", "vendors: gws", "vendors: [gws]")]

    assert [[vendor.name for vendor in reads(text).vendors] for text in texts] == [["gws"]] * 3


def test_a_scenario_of_general_steps_needs_no_vendor(reads: Reads) -> None:
    """A file that only uses steps of no vendor need not name one."""
    scenario = reads("scenario: x\nsteps:\n  - set: {a: 1}\n  - note: hello\n")

    assert [vendor.name for vendor in scenario.vendors] == ["general"]


def test_a_single_tag_needs_no_list(reads: Reads) -> None:
    """`tags: nightly` is one tag, `tags: no` is the tag no."""
    assert reads("scenario: x\nvendor: gws\ntags: no\nsteps: [login]\n").tags == ("no",)


def test_a_scenario_is_called_what_is_written(reads: Reads) -> None:
    """A bare word that looks like a number or a truth value is the name as written."""
    assert reads("scenario: 1.10\nvendor: gws\nsteps: [login]\n").name == "1.10"


def test_variables_keep_their_kinds(reads: Reads) -> None:
    """A variable is the value that stands there, of whatever kind."""
    scenario = reads("scenario: x\nvendor: gws\nvariables: {a: 1, b: no, c: [1, x], d: {e: true}, f: 012}\nsteps: [login]\n")

    assert {name: value.render({}) for name, value in scenario.variables.items()} == {
        "a": 1,
        "b": "no",
        "c": [1, "x"],
        "d": {"e": True},
        "f": "012",
    }
