"""
What a tester sees in an editor, by way of the language server that editors use (yaml-language-server, from npm): completion, help, errors.

The schemas are as `runner schema` writes them. What the editor and `runner check` say of the same files is compared.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from runner import harness
from runner.errors import BadScenario
from runner.plugins.vocabulary import STATUSES
from runner.scenario.load import Loader
from runner.scenario.project import Project
from runner.scenario.shapes.published import write_schemas
from tests.conformance.editor_client import Editor, editing

pytestmark = pytest.mark.conformance

ROOT = Path(__file__).parents[2]
HEAD = "scenario: It\nvendor: gws\nsteps:\n  - login: {as: agent}\n"
# the codes of mistakes that a schema can say, and that therefore show while one types
SEEN_WHILE_TYPING = frozenset({"E105", "E106", "E110", "E111", "E124", "E140", "E142", "E201", "E204", "E205", "E206", "E208"})
# it leads to a schema beside the file, which one that is only pretended does not have
_MODELINE = re.compile(r"^# yaml-language-server:.*")
_PLACE = re.compile(r"\$\{\d+:([^}]*)\}|\$\{\d+\|([^,|}]*)[^}]*\}|\$\d+")

Ask = Callable[[Callable[[Editor], Awaitable[Any]]], Any]


@pytest.fixture(scope="session")
def ask(editor_peer: Path, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Opens an editor that knows the schemas as they are now, and gives what came of a story in it."""
    folder = tmp_path_factory.mktemp("schemas")
    vocabulary = harness.vocabulary(harness.registry())
    project = Project(ROOT)
    loader = Loader(vocabulary, project)
    own = [loader.definition(path) for path in project.files("*.steps.yaml") if path.is_relative_to(ROOT / "scenarios")]
    write_schemas(folder, vocabulary, own=own, meanings=STATUSES)
    schemas = {
        (folder / "scenario.schema.json").as_uri(): "*.scenario.yaml",
        (folder / "steps.schema.json").as_uri(): "*.steps.yaml",
        (folder / "environment.schema.json").as_uri(): "*.environment.yaml",
    }

    def tell(story: Callable[[Editor], Awaitable[Any]]) -> Any:
        async def told() -> Any:
            async with editing(editor_peer, schemas) as editor:
                return await story(editor)

        return asyncio.run(told())

    return tell


# where the cursor stands (¦) → what must be offered there, and what must not
CURSORS: dict[str, tuple[set[str], set[str]]] = {
    "¦": ({"new scenario", "scenario", "vendor", "vendors", "steps", "cases", "cleanup"}, {"login", "save"}),
    "scenario: It\nvendor: ¦\n": ({"gws", "icws", "egain"}, {"general"}),
    "scenario: It\nvendors:\n  - ¦\n": ({"gws", "icws", "egain"}, {"login"}),
    f"{HEAD}¦\n": ({"tags", "variables", "cases", "cleanup"}, {"scenario", "steps"}),
    f"{HEAD}  - ¦\n": ({"login", "create", "reply", "send", "verify_status", "http", "check", "parallel", "use"}, {"scenario"}),
    f"{HEAD}  - create:\n      ¦\n": ({"to", "cc", "subject", "text", "html"}, {"save", "login"}),
    f"{HEAD}  - create:\n      to: a@example.com\n      ¦\n": ({"cc", "subject", "text"}, {"to"}),
    f"{HEAD}  - create: {{to: a@example.com}}\n    ¦\n": ({"name", "as", "save", "expect", "refused", "when"}, {"create", "subject"}),
    f"{HEAD}  - send:\n    s¦\n": ({"save", "expect", "repeat", "retry", "timeout", "on_failure"}, {"send"}),
    f"{HEAD}  - accept:\n    on_failure: ¦\n": ({"stop", "continue"}, {"true"}),
    f"{HEAD}  - accept:\n    refused: ¦\n": ({"forbidden", "not_found", "unauthenticated"}, {"sent"}),
    f"{HEAD}  - accept:\n    expect:\n      subject:\n        ¦\n": ({"contains", "matches", "one_of", "at_least", "is"}, {"save"}),
    f"{HEAD}  - accept:\n    repeat:\n      ¦\n": ({"until", "every", "within", "stop_if"}, {"times"}),
    f"{HEAD}  - accept:\n    retry:\n      ¦\n": ({"times", "every", "backoff", "even_if_sent"}, {"until"}),
    f"{HEAD}  - verify_status:\n      is: ¦\n": ({"sent", "draft", "cancelled", "failed"}, {"sended"}),
    f"{HEAD}  - http:\n      ¦\n": ({"url", "method", "headers", "json"}, {"to"}),
    f"{HEAD}cleanup:\n  - ¦\n": ({"logout", "cancel"}, {"scenario"}),
}


@pytest.mark.parametrize("text", CURSORS)
def test_what_is_offered_at_the_cursor(ask: Ask, text: str) -> None:
    """Everything that may stand there, and nothing that may not."""
    wanted, unwanted = CURSORS[text]
    offered = {item["label"] for item in ask(lambda editor: editor.completions("file:///it.scenario.yaml", text))}
    assert (wanted - offered, unwanted & offered) == (set(), set())


@pytest.mark.parametrize("kind", ["scenario", "steps", "environment"])
def test_an_empty_file_offers_a_whole_one(ask: Ask, kind: str) -> None:
    """One choice, and the file is valid but for what has to be filled in."""
    uri = f"file:///it.{kind}.yaml"

    async def story(editor: Editor) -> list[Any]:
        whole = [item for item in await editor.completions(uri, "¦") if item["label"].startswith("new ")]
        text = filled(whole[0]["textEdit"]["newText"] if "textEdit" in whole[0] else whole[0]["insertText"])
        found: list[Any] = await editor.diagnostics(uri.replace("it", "whole"), text + "\n")
        return found

    assert ask(story) == []


def test_every_snippet_of_a_step_is_right(ask: Ask, tmp_path: Path) -> None:
    """Each is inserted where it is offered; neither the editor nor a check says that it is written wrongly."""
    (tmp_path / "scenarios").mkdir()

    async def story(editor: Editor) -> dict[str, list[str]]:
        offered = [item for item in await editor.completions("file:///all.scenario.yaml", f"{HEAD}  - ¦\n") if item.get("kind") == SNIPPET]
        texts = {f"file:///s{number}.scenario.yaml": inserted(item) for number, item in enumerate(offered)}
        assert len(texts) > 80
        told = await editor.examined(texts)
        return {
            text: wrong
            for uri, text in texts.items()
            if (wrong := [one["message"] for one in told[uri]] + written_wrongly(tmp_path / "scenarios" / uri.rpartition("/")[2], text))
        }

    assert ask(story) == {}


# what the server calls a snippet of a schema
SNIPPET = 12


def inserted(item: dict[str, Any]) -> str:
    """A scenario with the snippet in it, for the vendor whose step it is."""
    vendor = item["label"].partition(".")[0] if "." in item["label"] else "icws"
    return f"{HEAD.replace('gws', vendor)}  - {filled(item['textEdit']['newText'], indent=2)}\n"


def filled(snippet: str, *, indent: int = 0) -> str:
    """A snippet with what its places suggest, put behind a dash that stands two spaces in: editors move its other lines as far."""
    return _PLACE.sub(lambda place: place[1] or place[2] or "", snippet).replace("\n", "\n" + " " * indent)


def written_wrongly(path: Path, text: str) -> list[str]:
    """What a check says of how it is written; a file that is not there and a name that nobody saved are left to the tester."""
    path.write_text(text, encoding="utf-8")
    try:
        Loader(harness.vocabulary(harness.registry()), Project.around(path)).load(path)
    except BadScenario as exc:
        return [told.message for told in exc.diagnostics if told.code not in ("E401", "E301", "E210")]
    return []


def test_every_step_says_what_it_does(ask: Ask) -> None:
    """The help beside each word begins with its title and has an example."""

    async def story(editor: Editor) -> list[str]:
        silent = []
        for number, word in enumerate(("login", "create", "reply", "attach", "send", "verify_status", "http", "check", "parallel", "use")):
            told = await editor.hover(f"file:///h{number}.scenario.yaml", f"{HEAD}  - {word}¦: \n")
            if not told.startswith("#### ") or "```yaml" not in told:
                silent.append(word)
        return silent

    assert ask(story) == []


def test_the_editor_has_nothing_against_right_files(ask: Ask) -> None:
    """Every shipped scenario, word and environment: what a check lets pass, the editor does too."""
    kinds = {"*.scenario.yaml": "scenario", "*.steps.yaml": "steps", "environments/*.yaml": "environment"}

    files = {
        f"file:///{number}/{path.name.partition('.')[0]}.{kind}.yaml": _MODELINE.sub("#", path.read_text(encoding="utf-8"))
        for pattern, kind in kinds.items()
        for number, path in enumerate(sorted((ROOT / "scenarios").rglob(pattern)))
    }

    told = ask(lambda editor: editor.examined(files))

    assert {uri: [one["message"] for one in found] for uri, found in told.items() if found} == {}


def test_the_editor_and_a_check_agree_on_wrong_files(ask: Ask, plain_vocabulary: Any) -> None:
    """Wherever a check finds a mistake that a schema can say, the editor marks a line of that mistake while one types."""
    folder = ROOT / "tests" / "golden" / "check"

    marked = {path.name: marked_by_a_check(path, plain_vocabulary) for path in sorted(folder.glob("*.scenario.yaml"))}
    marked = {name: lines for name, lines in marked.items() if lines}
    assert len(marked) > 25
    files = {f"file:///{name}": (folder / name).read_bytes().decode("utf-8", "replace") for name in marked}

    told = ask(lambda editor: editor.examined(files))

    apart = {name.partition(".")[0] for name, lines in marked.items() if not lines & lines_of(told[f"file:///{name}"])}
    assert apart == set(UNSEEN)


# what a check sees and a schema cannot say
UNSEEN = {
    "hash-in-braces": "the editor's parser complains where the next line begins",
    "tags-in-one-text": "for the schema a tag is any text",
    "two-steps-in-one": "for the schema a step's keys are all alike",
}


def lines_of(told: list[dict[str, Any]]) -> set[int]:
    """The lines that the editor marks, from 1."""
    return {line for one in told for line in range(one["range"]["start"]["line"] + 1, one["range"]["end"]["line"] + 2)}


def marked_by_a_check(path: Path, vocabulary: Any) -> set[int]:
    """The lines of the mistakes that a schema can say."""
    try:
        Loader(vocabulary, Project(path.parent)).load(path)
    except BadScenario as exc:
        return {told.span.line for told in exc.diagnostics if told.span is not None and told.code in SEEN_WHILE_TYPING}
    return set()
