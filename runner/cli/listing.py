"""
``runner list``: the scenarios that would run, for which vendors and cases.
"""

from __future__ import annotations

from typing import Any

import click

from runner.cli.exits import Exit
from runner.cli.selecting import format_option, harness_of, request_of, selecting

__all__ = ["command"]


@click.command("list")
@selecting
@format_option
@click.option("-v", "--verbose", is_flag=True, help="Also the key of each run.")
@click.pass_context
def command(ctx: click.Context, /, form: str, *, verbose: bool, **options: Any) -> int:
    """Show what would run."""
    from runner.cli.output import say, say_json, told_diagnostics

    harness = harness_of(ctx)
    checked = harness.check(request_of(harness, options))
    records = _records(checked)
    if form == "json":
        say_json({"scenarios": records, "runs": len(checked.plans)})
    else:
        _tell(records, len(checked.plans), verbose=verbose)
    errors = [d for d in checked.diagnostics if d.severity == "error"]
    if errors:
        click.echo(told_diagnostics(errors), err=True)
        return Exit.USAGE
    if not records:
        say("nothing is selected")
    return Exit.PASSED if records else Exit.NOTHING


def _records(checked: Any) -> list[dict[str, object]]:
    """A record a scenario: name, file, line, id, description, tags, vendors, cases, and the keys of its runs."""
    runs: dict[int, list[Any]] = {}
    for plan in checked.plans:
        runs.setdefault(id(plan.scenario), []).append(plan)
    records = []
    for scenario in checked.scenarios:
        plans = runs.get(id(scenario), [])
        records.append(
            {
                "name": scenario.name,
                "file": scenario.file,
                "line": scenario.span.line,
                "id": scenario.id,
                "description": scenario.description,
                "tags": list(scenario.tags),
                "vendors": list(dict.fromkeys(plan.vendor for plan in plans)),
                "cases": list(dict.fromkeys(plan.case.name for plan in plans if plan.case is not None)),
                "unsupported": {plan.vendor: plan.unsupported for plan in plans if plan.unsupported},
                "runs": [plan.key for plan in plans],
            }
        )
    return records


def _tell(records: list[dict[str, Any]], runs: int, *, verbose: bool) -> None:
    from runner.cli.output import say
    from runner.reporters.text import counted, one_line

    for record in records:
        tags = "".join(f"  #{tag}" for tag in record["tags"])
        cases = f"  [{', '.join(record['cases'])}]" if record["cases"] else ""
        say(one_line(record["name"]))
        say(one_line(f"  {record['file']}  {', '.join(record['vendors'])}{cases}{tags}"))
        if verbose:
            for key in record["runs"]:
                say(one_line(f"    {key}"))
    if records:
        say(f"\n{counted(len(records), 'scenario')}, {counted(runs, 'run')}")
