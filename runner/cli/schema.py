"""
``runner schema``: the JSON Schemas that editors complete and check by.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.cli.exits import Exit
from runner.cli.selecting import harness_of

if TYPE_CHECKING:  # loaded by the harness when the command runs
    from runner.scenario.model import Definition
    from runner.scenario.schema import Vocabulary

__all__ = ["command", "write_all"]


@click.command("schema")
@click.argument("kind", type=click.Choice(["scenario", "steps", "environment", "result"]), default="scenario")
@click.option("--write", is_flag=True, help="Write all of them into the folder, instead of printing one.")
@click.option("--check", is_flag=True, help="Say whether the files in the folder are up to date; exit code 1 when they are not.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("schemas"), help="Default: schemas.")
@click.pass_context
def command(ctx: click.Context, kind: str, folder: Path, *, write: bool, check: bool) -> int:
    """
    Print the JSON Schema of a scenario file, a steps file, an environment file, or of result.json.

    It holds the steps of every installed vendor, and the words that this project defines itself.
    """
    from runner.cli.output import say, say_json
    from runner.plugins.vocabulary import STATUSES
    from runner.record.document import result_schema
    from runner.scenario.shapes.published import environment_schema, scenario_schema, steps_schema

    harness = harness_of(ctx)
    vocabulary = harness.vocabulary(harness.registry())
    own = _own_words(vocabulary)
    if not (write or check):
        made: dict[str, Callable[[], Any]] = {
            "scenario": lambda: scenario_schema(vocabulary, own=own, meanings=STATUSES),
            "steps": lambda: steps_schema(vocabulary, own=own, meanings=STATUSES),
            "environment": lambda: environment_schema(vocabulary, meanings=STATUSES),
            "result": result_schema,
        }
        say_json(made[kind]())
        return Exit.PASSED
    changed = write_all(harness, folder, check=check)
    for path in changed:
        say(f"{path.as_posix()} {'is out of date; write it with: runner schema --write' if check else 'written'}")
    if not changed:
        say(f"the schemas in {folder.as_posix()} are up to date")
    return Exit.FAILED if check and changed else Exit.PASSED


def write_all(harness: Any, folder: Path, *, check: bool = False) -> list[Path]:
    """Write every document into *folder*; with *check* nothing is written. Gives the files that changed, or would."""
    from runner.plugins.vocabulary import STATUSES
    from runner.record.document import result_schema
    from runner.scenario.shapes.published import write_schemas

    vocabulary = harness.vocabulary(harness.registry())
    others = {"result.schema.json": result_schema()}
    return write_schemas(folder, vocabulary, own=_own_words(vocabulary), meanings=STATUSES, others=others, check=check)


def _own_words(vocabulary: Vocabulary) -> list[Definition]:
    """The words that the project defines in its ``*.steps.yaml`` files."""
    from runner.scenario.load import Loader
    from runner.scenario.project import Project

    project = Project.around(Path.cwd())
    loader = Loader(vocabulary, project)
    return [loader.definition(path) for path in project.files("*.steps.yaml")]
