"""Links lead somewhere, commands exist, and the plugin of the developer's page works."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import get_args

import click
import pytest

from runner import harness
from runner.cli.main import cli
from runner.plugins.registry import Registry
from runner.plugins.verify import verify
from runner.record.events import Event
from runner.vendors.general import VENDOR as GENERAL

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "scenarios" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)(#[^)]*)?\)")
FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(runner [a-z][^`]*)`")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def commands() -> list[tuple[str, str]]:
    """Every call of the runner in the pages, with its page."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [line.partition("  #")[0].strip() for block in FENCED.findall(text) for line in block.splitlines()]
        calls = [line for line in lines if line.startswith("runner ") and "reference" not in page.parts]
        found += [(named(page), call) for call in [*calls, *INLINE.findall(FENCED.sub("", text))]]
    return found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link to another page or folder of the project names one that is there."""
    targets = [target for target, _ in LINK.findall(re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL))]
    assert [t for t in targets if "://" not in t and not (page.parent / t).exists()] == []


@pytest.mark.parametrize(("page", "call"), commands(), ids=lambda value: value)
def test_every_command_exists(page: str, call: str) -> None:
    """A call of the runner in the pages has options that there are."""
    name, *arguments = shlex.split(call)[1:]
    with click.Context(cli, info_name="runner", help_option_names=["-h", "--help"]) as top:
        command = cli.get_command(top, name)
        assert command is not None
        if not {"-h", "--help"} & set(arguments):
            command.make_context(name, arguments, parent=top)


def test_the_page_about_the_journal_knows_every_event() -> None:
    """Each kind of event is explained."""
    text = (ROOT / "docs" / "how-to" / "read-a-journal.md").read_text(encoding="utf-8")
    assert [kind.__name__ for kind in get_args(Event) if f"`{kind.__name__}`" not in text] == []


@pytest.fixture
def greeter(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The plugin of the developer's page, as a module."""
    text = (ROOT / "docs" / "how-to" / "write-a-vendor-plugin.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    module = ModuleType("greeter_of_the_docs")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(source, "write-a-vendor-plugin.md", "exec"), module.__dict__)  # noqa: S102 - it is our own page
    return module


def test_the_plugin_of_the_page_works(greeter: ModuleType, project: Callable[[dict[str, str]], Path]) -> None:
    """It keeps the contract, and a scenario can use its words."""
    verify(greeter.VENDOR, name="greeter", package="the docs")
    text = (
        "scenario: Somebody is greeted\nvendor: greeter\nsteps:\n  - login: {as: agent}\n"
        "  - greeter.greet: Joe\n    expect: {text: Hello Joe}\n  - greeter.greet: {whom: Ann}\n    expect: {text: Hello Ann}\n"
    )
    folder = project({"it.scenario.yaml": text})
    request = harness.Request(paths=(str(folder / "scenarios" / "it.scenario.yaml"),), start=folder)
    checked = harness.check(request, vendors=Registry.of(GENERAL, greeter.VENDOR))
    assert checked.errors == []
    assert len(checked.plans) == 1
