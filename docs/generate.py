"""
Makes docs/reference/ and docs/errors/ out of the code: what a page says there is what the runner does.

``python docs/generate.py`` writes the pages, ``--check`` says which are out of date (exit code 1). The runner is asked from outside
wherever it can tell: ``runner steps --format json``, ``runner schema``, ``runner COMMAND --help``.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from runner.cli.main import cli, main
from runner.environment.model import Environment
from runner.plugins.vocabulary import STATUSES
from runner.scenario.language import LANGUAGE
from runner.scenario.project import LARGEST as LARGEST_FILE
from runner.scenario.templates.conditions import TESTS
from runner.scenario.templates.filters import FILTERS
from runner.scenario.templates.functions import HELPERS, usage
from runner.scenario.templates.values import LARGEST as LARGEST_VALUE
from runner.scenario.yaml.tree import Limits
from runner.simulation.faults import KINDS

DOCS = Path(__file__).parent
NOTE = "<!-- made by docs/generate.py: change the code, then run it -->\n"
GENERAL = "general"
WIDTH = 80

Record = Mapping[str, Any]


def asked(*arguments: str) -> Any:
    """What the runner prints for *arguments*, as data."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        main(list(arguments))
    return json.loads(told.getvalue())


def page(title: str, *parts: str) -> str:
    """A page of Markdown."""
    return "\n".join([f"# {title}", "", NOTE, *parts]).rstrip() + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines) + "\n"


def code(value: object) -> str:
    """A value as it stands in a file, in code quotes; "" for none."""
    text = value if isinstance(value, str) else _flow(value)
    return f"``{text}``" if "`" in text else f"`{text}`" if text.strip() else ""


def _flow(value: object) -> str:
    """Data on one line, as people write it in YAML."""
    return (
        str(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)).removesuffix("...\n").strip()
    )


# ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps() -> str:
    """Every step of every vendor."""
    records = asked("steps", "--format", "json")["steps"]
    parts = ["`runner steps NAME` prints the same in the terminal.\n"]
    for heading, chosen in _groups(records).items():
        parts += [f"## {heading}\n", *(_step(record) for record in chosen)]
        if heading.startswith("General"):
            parts += [_built_in(word) for word in LANGUAGE.values()]
    return page("Steps", *parts)


def _groups(records: list[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {"Shared by the vendors": [], "General, for every vendor": []}
    for record in records:
        vendor, dot, _ = record["name"].partition(".")
        heading = f"Only {vendor}" if dot else "General, for every vendor" if "all" in record["vendors"] else "Shared by the vendors"
        groups.setdefault(heading, []).append(record)
    return groups


def _step(record: Record) -> str:
    lines = [f"### {record['name']}", "", record["description"], "", "```yaml example", record["example"], "```", ""]
    if record["parameters"]:
        head = ("parameter", "value", "meaning")
        lines.append(table(head, ((code(p["name"]), _value(p, record), _meaning(p, record)) for p in record["parameters"])))
    if record["output"]:
        gives = (f"`{o['name']}`{_only(o, record)}" for o in record["output"])
        lines.append(f"Gives {', '.join(gives)}.\n")
    lines += _facts(record)
    return "\n".join(lines)


def _value(parameter: Record, record: Record) -> str:
    short = "; can stand alone" if parameter["name"] == record["short"] else ""
    need = "; required" if parameter["required"] else f"; default {code(parameter['default'])}" if parameter["default"] else ""
    return f"{parameter['type']}{need}{short}"


def _meaning(parameter: Record, record: Record) -> str:
    example = f" Example: {code(parameter['example'])}" if parameter["example"] else ""
    return f"{parameter['description']}{example}{_only(parameter, record)}"


def _only(field: Record, record: Record) -> str:
    able = [vendor for vendor, answer in record["vendors"].items() if answer == "yes"]
    return "" if len(field["vendors"]) == len(able) else f" (only {', '.join(field['vendors'])})"


def _facts(record: Record) -> list[str]:
    facts = []
    cannot = {vendor: answer for vendor, answer in record["vendors"].items() if answer != "yes"}
    if "." not in record["name"] and "all" not in record["vendors"]:
        facts.append(f"Can: {', '.join(v for v in record['vendors'] if v not in cannot)}.")
        facts += [f"{vendor}: {answer}." for vendor, answer in cannot.items()]
    if record["refusals"]:
        facts.append(f"Refusals: {', '.join(f'`{reason}`' for reason in record['refusals'])}.")
    if record["sends"]:
        facts.append("It sends mail, so it is never repeated by itself.")
    if record["shape"] == "observe":
        facts.append("It waits, and ends as soon as it is clear whether what was asked for comes.")
    return [" ".join(facts) + "\n"] if facts else []


def _built_in(word: Any) -> str:
    return "\n".join([f"### {word.name}", "", word.description, "", "```yaml example", word.example, "```", ""])


# ── the language ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def matchers() -> str:
    """What can stand in `expect`."""
    shape = asked("schema")["$defs"]["expectation"]
    known = shape["properties"]
    beside = {"close_to": {"within": known["within"]["examples"][0]}}
    rows = (
        (code(name), told["description"], code({name: told["examples"][0]} | beside.get(name, {})))
        for name, told in known.items()
        if name != "within"
    )
    return page(
        "Matchers",
        f"{shape['description']} Several in one object must all hold.\n",
        table(("matcher", "holds when", "example"), rows),
        "`is` knows: text, number, whole_number, boolean, list, object, nothing, uuid, email, url, timestamp.\n",
    )


def modifiers() -> str:
    """What can stand beside a step, and in a file."""
    schema = asked("schema")
    step = schema["$defs"]["step"]
    beside = {name: told for name, told in _properties(step).items() if name in _MODIFIERS}
    return page(
        "Keys of a file, and what stands beside a step",
        "## A scenario file\n",
        _keys(schema["properties"], schema.get("required", ())),
        "## Beside a step\n",
        _keys({name: beside[name] for name in _MODIFIERS}, ()),
        "## A word of one's own, `*.steps.yaml`\n",
        _keys(asked("schema", "steps")["properties"], ("step", "steps")),
    )


_MODIFIERS = ("name", "as", "save", "expect", "refused", "when", "for_each", "repeat", "retry", "timeout", "on_failure")


def _properties(step: Record) -> Record:
    """The properties of a step, wherever the schema keeps them."""
    found: dict[str, Any] = dict(step.get("properties", {}))
    for one in (*step.get("allOf", ()), *step.get("anyOf", ()), *step.get("oneOf", ())):
        found |= _properties(one)
    return found


def _keys(properties: Record, required: Iterable[str]) -> str:
    needed = set(required)
    rows = []
    for name, told in properties.items():
        example = f" Example: {code(told['examples'][0])}" if told.get("examples") else ""
        rows.append((code(name), "required" if name in needed else "", f"{told.get('description', '')}{example}"))
    return table(("key", "", "meaning"), rows)


def values() -> str:
    """What can stand between braces."""
    return page(
        "Values, statuses and refusals",
        "## Helpers\n",
        table(("helper", "is written"), ((code(name), usage(name)) for name in sorted(HELPERS))),
        "Besides, every value knows `vendor`, `environment`, `case`, `run`, `actors` (name → user and password of whoever is borrowed) and",
        "`target` (`url`, `control`, `defaults`).\n",
        "## Filters\n",
        table(("filter", "takes", "example"), ((code(name), f.takes, code(f.example)) for name, f in FILTERS.items())),
        "## Tests\n",
        f"`{{{{ value is TEST }}}}`: {', '.join(code(name) for name in TESTS)}.\n",
        "## Statuses of a mail\n",
        table(("status", "means"), ((code(name), told) for name, told in STATUSES.items())),
    )


def limits() -> str:
    """What is bounded, and by how much."""
    most, place = Limits(), Environment("", {}, {})
    rows = (
        ("a scenario file", f"{most.size // 1024:,} KiB, {most.events:,} elements, {most.depth} levels, {most.aliases} aliases"),
        ("a file that is attached or read", f"{LARGEST_FILE // 1024 // 1024} MiB"),
        ("a computed value", f"{LARGEST_VALUE // 1024 // 1024} MiB"),
        ("a step", f"{place.timeout} (`timeout` beside the step, or in the environment's `defaults`)"),
        ("a scenario", f"{place.scenario_timeout} (`scenario_timeout` in the environment's `defaults`)"),
        ("cleaning up", f"{place.cleanup_timeout} (`cleanup_timeout` in the environment's `defaults`)"),
        ("scenarios at a time", "16 (`--parallel`, or `parallel` in the environment's `defaults`)"),
        ("requests and sessions of a vendor", "none (`limits: {requests_per_second: 5, sessions: 4}` in the environment)"),
    )
    return page("Limits", table(("what", "at most"), rows))


def environment() -> str:
    """What an environment's file can say."""
    schema = asked("schema", "environment")
    keys = schema["properties"]
    parts = ["`scenarios/environments/NAME.yaml`, chosen with `--environment NAME`.\n", _keys(keys, ("environment",))]
    for name, vendor in keys["vendors"]["properties"].items():
        rest = {key: told for key, told in vendor["properties"].items() if key != "defaults"}
        parts += [f"## Under `vendors`, for {name}\n", _keys(rest, ("url",))]
        parts += ["Under `defaults`:\n", _keys(vendor["properties"]["defaults"].get("properties", {}), ())]
    for name in ("mail", "defaults"):
        parts += [f"## Under `{name}`\n", _keys(keys[name]["properties"], ())]
    return page("Environment files", *parts)


# ── the command line, errors ─────────────────────────────────────────────────────────────────────────────────────────────────────


def command_line() -> str:
    """Every command with its options."""
    import click

    parts = ["`runner` alone prints what there is; `runner COMMAND -h` prints what stands here.\n"]
    with click.Context(cli, info_name="runner", help_option_names=["-h", "--help"]) as top:
        for name in cli.list_commands(top):
            command = cli.get_command(top, name)
            assert command is not None
            context = click.Context(command, info_name=name, parent=top, terminal_width=WIDTH, max_content_width=WIDTH)
            parts += [f"## runner {name}\n", "```", command.get_help(context), "```\n"]
    faults = table(("fault", "does"), ((code(kind), told) for kind, told in KINDS.items()))
    exits = table(("exit code", "means"), _EXITS)
    return page("Command line", *parts, "## Faults of a simulator\n", faults, "## Exit codes\n", exits)


_EXITS = (
    ("0", "all passed"),
    ("1", "a check failed"),
    ("2", "interrupted, or not complete"),
    ("3", "a fault of the runner, a plugin or a reporter"),
    ("4", "a file, or the call, is wrong"),
    ("5", "nothing ran"),
    ("6", "the environment could not be used"),
)
_FAMILIES = {
    "E1": "The text of a file",
    "E2": "Steps and their parameters",
    "E3": "Values",
    "E4": "Files, words of one's own, tables",
    "E5": "Environments, actors, secrets",
    "E6": "Plugins, reports, journals",
    "E7": "The wire and the vendor",
    "F2": "A check said no",
}


def codes() -> dict[str, Record]:
    """Every code with what docs/errors/codes.yaml says about it."""
    text = (DOCS / "errors" / "codes.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def error_pages() -> dict[str, str]:
    """A page for each code, and the list of them."""
    told = codes()
    pages = {f"errors/{name}.md": _error(name, one) for name, one in told.items()}
    parts = [
        f"## {heading}\n\n"
        + table(("code", ""), ((f"[{name}]({name}.md)", told[name]["title"]) for name in told if name.startswith(family)))
        for family, heading in _FAMILIES.items()
    ]
    return pages | {"errors/README.md": page("Error codes", *parts)}


def _error(name: str, told: Record) -> str:
    language = "text" if told.get("as") == "text" else "yaml"
    return page(f"{name}: {told['title']}", told["means"], "", *(_example(told[key], key, language) for key in ("wrong", "right")))


def _example(text: str, key: str, language: str) -> str:
    heading = "Wrong" if key == "wrong" else "Right"
    return f"## {heading}\n\n```{language} {key}\n{text.rstrip()}\n```\n"


# ── all of it ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

PAGES: Mapping[str, Callable[[], str]] = {
    "reference/steps.md": steps,
    "reference/matchers.md": matchers,
    "reference/keys.md": modifiers,
    "reference/values.md": values,
    "reference/limits.md": limits,
    "reference/environment.md": environment,
    "reference/command-line.md": command_line,
}


def made() -> dict[str, str]:
    """Every page, by its path below docs/."""
    return {path: make() for path, make in PAGES.items()} | error_pages()


def stale() -> list[str]:
    """The pages that are not as they would be made, and those that should not be there."""
    wanted = made()
    there = {path.relative_to(DOCS).as_posix() for folder in ("reference", "errors") for path in (DOCS / folder).glob("*.md")}
    different = [path for path, text in wanted.items() if path not in there or (DOCS / path).read_text(encoding="utf-8") != text]
    return sorted({*different, *(there - wanted.keys())})


def write() -> None:
    """Write what is stale, remove what should not be there."""
    wanted = made()
    for path in stale():
        if path in wanted:
            (DOCS / path).write_text(wanted[path], encoding="utf-8", newline="\n")
        else:
            (DOCS / path).unlink()


def run() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description=re.split(r"\n\n", str(__doc__).strip())[0])
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    if parser.parse_args().check:
        for path in (found := stale()):
            sys.stderr.write(f"docs/{path} is out of date; write it with: python docs/generate.py\n")
        return 1 if found else 0
    write()
    return 0


if __name__ == "__main__":
    sys.exit(run())
