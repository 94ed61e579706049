"""
Ten thousand hostile strings through every writer: everything parses, nothing is interpreted, no escape sequence comes from data.

The strings are made by a seed, so a failure can be looked at again.
"""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from runner.environment.redaction import Redactor
from runner.record.document import result_schema
from runner.record.events import Difference
from runner.record.gate import Gate

SEED = 20300102
STRINGS = 10_000
A_SCENARIO = 11
KNOWN = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "]]><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "<![CDATA[x",
    "::error file=a,line=1::boo",
    "  ::add-mask::passed",
    "::stop-commands::x",
    "##[error]boo",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[testFailed name='x']",
    "section_start:1:x\r\x1b[0K",
    "[[ATTACHMENT|/etc/passwd]]",
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "\u202egnp.exe",
    "\u2028\u2029",
    "\ud800",
    "\udc80 text",
    "\ufffe\uffff",
    "\x00",
    "\r\nSet-Cookie: x",
    "a|b|c",
    "| --- |",
    "````",
    "```text",
    "### not a head",
    "![x](javascript:alert(1))",
    "[x](http://evil.example)",
    "@everyone #1 !2",
    '=HYPERLINK("http://evil.example")',
    "%0A%0D%25",
    "'|[]\n|n",
    "\\",
    "\\|",
    "{{ 7*7 }}",
    "*" * 300,
    "日本語 \u0301\u0301",
    "",
    " ",
    "\t",
)
LETTERS = "aZ0 .-_:,;|`'\"<>&%#@![](){}*\\/=~$^\n\r\t\x00\x07\x1b\x7f\x85\x9b\u200b\u200f\u2028\u202e\ufeff\ud83d\ude00\ufffeé日😀"

DANGEROUS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
OUR_COLOURS = re.compile("\x1b\\[[0-9;]*m")


def strings(chance: random.Random) -> Iterator[str]:
    """Known attacks, alone and inside other text, and letters by chance."""
    while True:
        known = chance.choice(KNOWN)
        drawn = "".join(chance.choices(LETTERS, k=chance.randrange(30)))
        yield chance.choice((known, drawn, drawn + known, known + drawn, f"\n{known}\n", known * 2))


def hostile_run(scenario: Any, run: Any, count: int, seed: int = SEED) -> list[Any]:
    """A run with so many hostile strings in names, reasons, cases, tags, bodies, headers, values, differences."""
    chance = random.Random(seed)
    text = strings(chance)
    scenarios = []
    for number in range(count // A_SCENARIO):
        outcome = chance.choice(("passed", "failed", "failed", "errored", "skipped", "unsupported", None))
        given = {name: next(text) for name in ("name", "vendor", "case", "reason", "description", "body", "sent", "saved", "pushed")}
        scenarios.append(
            scenario(
                f"scenarios/{number}{next(text)}.yaml",
                outcome,
                key=f"scenarios/{number}.yaml::gws",
                tags=[next(text)],
                difference=Difference(next(text), next(text), next(text), hint=next(text), line=6),
                url=f"http://127.0.0.1/{number}?{next(text)}",
                headers={"X-Odd": next(text)},
                parameters={next(text): next(text)},
                flaky=outcome == "passed" and chance.random() < 0.2,
                **given,
            )
        )
    # as in a run: the gate writes out what no JSON can hold
    return Gate(Redactor()).let_through(run(*scenarios, problems=[next(text)], sources={}))[0]


@pytest.fixture
def told(tell: Callable[..., Path], scenario: Any, run: Any) -> Callable[..., tuple[Path, str]]:
    """Has such a run told by reporters; gives the folder and what was printed."""

    def telling(*names: str, count: int = 1_000, stream: io.StringIO | None = None, **more: Any) -> tuple[Path, str]:
        stream = stream or io.StringIO()
        return tell(hostile_run(scenario, run, count), *names, stream=stream, **more), stream.getvalue()

    return telling


def test_every_file_parses(told: Any) -> None:
    """After 10,000 strings the XML, the JSON of three forms, and the code quality report parse, and hold no character that XML forbids."""
    folder, _ = told("junit", "json", "ctrf", "allure", "gitlab", "markdown", count=STRINGS)
    for file in folder.glob("junit*.xml"):
        assert len(list(ET.parse(file).iter("testcase"))) > STRINGS // A_SCENARIO - 1
        if shutil.which("xmllint"):
            subprocess.run(["xmllint", "--noout", "--huge", "--nonet", str(file)], check=True, capture_output=True)
    jsonschema.validate(json.loads((folder / "result.json").read_text(encoding="utf-8")), result_schema())
    assert len(json.loads((folder / "ctrf.json").read_text(encoding="utf-8"))["results"]["tests"]) == STRINGS // A_SCENARIO + 1
    results = list((folder / "allure-results").glob("*-result.json"))
    assert len(results) == STRINGS // A_SCENARIO + 1
    assert not any(DANGEROUS.search(text) for file in results for text in _texts(json.loads(file.read_text(encoding="utf-8"))))
    assert len(json.loads((folder / "gl-code-quality-report.json").read_text(encoding="utf-8"))) <= 10
    assert not DANGEROUS.search((folder / "summary.md").read_text(encoding="utf-8"))


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        yield from data
        data = list(data.values())
    if isinstance(data, list):
        for item in data:
            yield from _texts(item)
    elif isinstance(data, str):
        yield data


def test_markdown_stays_what_it_is(told: Any) -> None:
    """Tables keep their columns, fences close, and nothing outside of code is HTML, a link, an image, or calls somebody."""
    folder, _ = told("markdown", count=3_000)
    outside, fence = [], ""
    for line in (folder / "summary.md").read_text(encoding="utf-8").split("\n"):
        if fence:
            fence = "" if line == fence else fence
        elif match := re.match("(`{3,})text$", line):
            fence = match[1]
        else:
            outside.append(re.sub(r"`[^`]*`", "", line))
    assert not fence
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 3 for line in outside if line.startswith("|"))
    prose = [re.sub(r"\\[\\`*_{}\[\]<>()#+!|~$.=-]", " ", line) for line in outside]
    assert not [line for line in prose if re.search(r"<|\]\(|(?<![\w.+@-])@\w", line)]


FORMS = {
    "github": re.compile(r"::error (?:(?:file|line|col|title)=[^:,\r\n]*,?)*::[^\r\n]*"),
    "azure": re.compile(r"##vso\[task\.logissue [^\]\r\n]*\](?:(?!##vso\[|##\[)[^\r\n])*"),
    "teamcity": re.compile(r"##teamcity\[\w+(?: \w+='(?:[^'|\[\]\r\n]|\|['|\[\]nr]|\|0x[0-9A-F]{4})*')+\]"),
}


@pytest.mark.parametrize("form", FORMS)
def test_annotations_are_ours_alone(told: Any, form: str) -> None:
    """Every line printed is one whole command of ours, at most ten of them, and data stands escaped inside."""
    _, printed = told(form, count=3_000)
    lines = printed.split("\n")
    assert lines.pop() == ""
    assert 0 < len(lines) <= 10
    assert all(FORMS[form].fullmatch(line) for line in lines)
    assert not DANGEROUS.search(printed)


@pytest.mark.parametrize("verbosity", [-1, 0, 1, 2])
def test_a_log_obeys_no_data(told: Any, verbosity: int) -> None:
    """What is printed into a log has no control character, and no line that a CI server takes for a command."""
    _, printed = told("console", count=3_000, verbosity=verbosity)
    assert not DANGEROUS.search(printed)
    assert not [line for line in printed.split("\n") if line.lstrip().startswith("::")]
    assert not re.search(r"##(?:vso)?\[|##teamcity\[|##section", printed)


@pytest.mark.parametrize("verbosity", [0, 2])
def test_a_terminal_obeys_no_data(told: Any, screen: Any, verbosity: int) -> None:
    """On a terminal the only escape sequences are our colours and the live region."""
    _, printed = told("console", count=3_000, verbosity=verbosity, stream=screen(tty=True), environ={"TERM": "xterm", "COLUMNS": "80"})
    ours = re.sub(r"\x1b\[(?:\?25[lh]|2K|1A|\d*[ABK])|\r", "", OUR_COLOURS.sub("", printed))
    assert not DANGEROUS.search(ours)
