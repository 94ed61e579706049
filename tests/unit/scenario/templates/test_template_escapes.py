"""What templates and files have been broken out of with elsewhere, and that it does nothing here: one test for each advisory."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from runner.errors import BadScenario, RunnerError, TemplateFailed
from runner.scenario.templates.template import Templates, compile_value
from runner.scenario.yaml.document import examine, parse
from runner.source import Source

LARGEST = 1 << 20

CORPUS = Path(__file__).parent / "payloads"
# ways out of a sandbox that somebody has tried somewhere, one a line
PAYLOADS = (CORPUS / "escapes.txt").read_text(encoding="utf-8").splitlines()
# results that would take gigabytes, or minutes, if they were made
GIANTS = (CORPUS / "giants.txt").read_text(encoding="utf-8").splitlines()
SCOPE: dict[str, Any] = {"x": [1], "text": "text", "data": {"k": 1}}


def rendered(expression: str, scope: dict[str, Any] | None = None) -> Any:
    """What `{{ expression }}` gives, from the file to the value."""
    node = parse(Source("a.yaml", "v: |-\n  {{ " + expression + " }}\n")).root.entries["v"]
    return compile_value(node, Templates()).render(SCOPE if scope is None else scope)


def refused(expression: str, scope: dict[str, Any] | None = None) -> str:
    """The code with which an expression is refused, before or when it is rendered."""
    with pytest.raises(RunnerError) as caught:
        rendered(expression, scope)
    return caught.value.code


def file_refused(text: str) -> list[str]:
    """The codes with which a file is refused."""
    return [problem.code for problem in examine(Source("a.yaml", text))[1]]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_but_data_can_be_reached(payload: str) -> None:
    """Each known way out is refused with a code; none gives a value."""
    assert refused(payload).startswith("E3")


@pytest.mark.parametrize("payload", ["x.append(1)", "x.pop()", "x.clear()", "x.sort()", "data.update(a=1)", "data.pop('k')"])
def test_nothing_can_be_changed(payload: str) -> None:
    """A template reads its scope and leaves it as it is."""
    refused(payload)
    assert SCOPE == {"x": [1], "text": "text", "data": {"k": 1}}


@pytest.mark.parametrize("giant", GIANTS)
def test_a_giant_is_refused_before_it_is_made(giant: str) -> None:
    """No expression takes long or makes more than 1 MiB: it is refused, or its result is small."""
    started = time.process_time()
    with contextlib.suppress(TemplateFailed, BadScenario):
        assert len(str(rendered(giant))) <= LARGEST
    assert time.process_time() - started < 2


@pytest.mark.skipif(sys.platform == "win32", reason="limits of memory are set otherwise there")
def test_giants_need_no_memory() -> None:
    """All giants are refused in a process that may use 512 MB, and no code of Python is run or made by any payload."""
    program = textwrap.dedent("""
        import resource, sys
        from runner.errors import RunnerError
        from runner.scenario.yaml.document import parse
        from runner.scenario.templates.template import Templates, compile_value
        from runner.source import Source
        import runner.scenario.templates.closures
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
        happened = []
        sys.addaudithook(lambda event, _: event in FORBIDDEN and happened.append(event))
        FORBIDDEN = {"exec", "import", "open", "os.system", "subprocess.Popen", "object.__getattr__", "socket.connect"}
        for one in ["'x'", "1 | uper", *sys.stdin.read().split("\\0")]:
            source = Source("a.yaml", "v: |-\\n  {{ " + one + " }}\\n")
            try:
                node = parse(source).root.entries["v"]
                happened.clear()
                compile_value(node, Templates()).render({"x": [1], "text": "text", "data": {"k": 1}})
            except RunnerError:
                pass
            if happened and one not in ("'x'", "1 | uper"):
                print(one, happened)
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], input="\0".join(PAYLOADS + GIANTS), capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# Jinja2


def test_cve_2016_10745_str_format() -> None:
    """`str.format` reads attributes of what it is given; it is not a method of ours."""
    assert refused("'{0.__class__}'.format(x)") == "E303"


def test_cve_2019_10906_str_format_map() -> None:
    """`str.format_map` does the same."""
    assert refused("'{a.__class__}'.format_map({'a': 1})") == "E303"


def test_cve_2024_56326_indirect_reference_to_format() -> None:
    """A method can only be called where it is named, never kept or handed to a filter."""
    assert refused("['{0.__class__}'.format] | first") == "E302"
    assert refused("['{0.__class__}'] | map('format', 1) | first") == "E305"
    assert refused("('{0.__class__}'.format if true else 1)(1)") == "E303"


def test_cve_2025_27516_attr_filter_reaches_format() -> None:
    """There is no `attr` filter."""
    assert refused("'{0.__class__}' | attr('format')") == "E312"
    assert refused("['{0.__class__}'] | map('attr', 'format') | first") == "E305"


def test_cve_2024_56201_code_by_the_name_of_a_template() -> None:
    """A file's name is never part of code: no code is made."""
    name = "'; import os; os.system('true'); '\n{{ 1 }}"
    node = parse(Source(name, 'v: "{{ 1 + 1 }}"')).root.entries["v"]
    assert compile_value(node, Templates()).render({}) == 2


@pytest.mark.parametrize("key", ["a b", "a/b", "a>b", "a=b", "a\nb"])
def test_cve_2024_22195_and_cve_2024_34064_attributes_of_html(key: str) -> None:
    """There is no `xmlattr` filter, whatever the keys."""
    assert refused("attributes | xmlattr", {"attributes": {key: 1}}) == "E312"


def test_cve_2020_28493_urlize() -> None:
    """There is no `urlize` filter, and no filter of ours uses a regular expression on a value."""
    assert refused("text | urlize") == "E312"
    started = time.process_time()
    for name in ("e", "trim", "title", "urlencode", "capitalize", "truncate"):
        rendered(f"text | {name}", {"text": "x@" * 50_000})
    assert time.process_time() - started < 1


def test_cve_2014_1402_no_cache_on_disk() -> None:
    """Nothing is cached in a shared folder: compiled expressions live in memory."""
    templates = Templates()
    assert templates.expression("1 + 1") is templates.expression("1 + 1")


# PyYAML


@pytest.mark.parametrize(
    "loader", ["python/object/apply:os.system", "python/object/new:os.system", "python/name:os.system", "python/module:os"]
)
def test_cve_2017_18342_load_runs_code(loader: str) -> None:
    """Tags that make Python objects are refused as any tag is, before anything is built."""
    assert file_refused(f"a: !!{loader} ['touch /tmp/x']") == ["E111"]


def test_cve_2020_1747_full_load_runs_code() -> None:
    """The way through `python/object/new` with a state is refused at each of its tags."""
    text = 'a: !!python/object/new:type\n  args: ["z", !!python/tuple [], {"extend": !!python/name:exec }]\n  listitems: "1"\n'
    assert file_refused(text) == ["E111", "E111", "E111"]


def test_cve_2020_14343_full_load_runs_code_again() -> None:
    """Its incomplete repair is refused likewise."""
    text = "a: !!python/object/new:tuple\n- !!python/object/new:map\n  - !!python/name:eval\n  - [ RCE_HERE ]\n"
    assert file_refused(text) == ["E111", "E111", "E111"]


def test_no_tag_loads_a_module() -> None:
    """A file full of tags imports nothing and starts nothing."""
    program = (
        "import sys; from runner.scenario.yaml.document import examine; from runner.source import Source; happened = [];"
        "examine(Source('a', 'a: [{'));"
        "watched = ('import', 'subprocess.Popen', 'os.system');"
        "sys.addaudithook(lambda event, arguments: event in watched and happened.append((event, arguments)));"
        "text = 'a: !!python/module:wave x\\nb: !!python/name:sndhdr.what\\nc: !!python/object/apply:os.system [x]';"
        "found = examine(Source('a', text))[1];"
        "assert len(found) == 3 and not happened and 'wave' not in sys.modules, happened"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
