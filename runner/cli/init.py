"""
``runner init``: what a folder needs for a first scenario. Nothing is asked, nothing that is there is touched.
"""

from __future__ import annotations

from pathlib import Path

import click

from runner.cli.exits import Exit
from runner.cli.schema import write_all
from runner.cli.selecting import harness_of

__all__ = ["command"]

_SCENARIO = """\
# yaml-language-server: $schema=../schemas/scenario.schema.json
scenario: An agent writes a first mail
description: Log in, create, attach, send, verify the status. It runs once for each vendor.
tags: [first]
vendors: [gws, icws, egain]
variables:
  order: "{{ unique('ORD-') }}"

steps:
  - login: {as: agent}
  - create: {to: joe@example.com, subject: "Your order {{ order }}", text: Your invoice is attached.}
  - attach: {file: files/invoice.pdf}
  - send
  - verify_status: {is: sent, within: 30s}
    expect: {subject: {contains: "{{ order }}"}}

cleanup:
  - logout
"""

_ENVIRONMENT = """\
# yaml-language-server: $schema=../../schemas/environment.schema.json
# Put your own addresses and people in, then: runner run -e staging
# Passwords never stand here: secret('QA1') is looked for in the process environment, then in the file .env beside `scenarios`.
environment: staging
vendors:
  gws: {url: "https://gws.staging.example.com"}
  icws: {url: "https://icws.staging.example.com:8019"}
  egain: {url: "https://ece.staging.example.com/system"}
actors:
  agent:
    - gws: {user: qa1, password: "{{ secret('QA1') }}"}
      icws: {user: qa1, password: "{{ secret('QA1_ICWS') }}"}
      egain: {user: qa1, password: "{{ secret('QA1_EGAIN') }}"}
allow_recipients: ["*@example.com"]
"""

# one empty page
_PDF = """\
%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >> endobj
trailer << /Root 1 0 R >>
%%EOF
"""

_SETTINGS = """\
{
  "[yaml]": {"editor.tabSize": 2, "editor.insertSpaces": true},
  "yaml.schemas": {
    "./schemas/scenario.schema.json": "*.scenario.yaml",
    "./schemas/steps.schema.json": "*.steps.yaml",
    "./schemas/environment.schema.json": "scenarios/environments/*.yaml"
  }
}
"""

# path → what it is for, and what stands in it
_FILES = {
    "scenarios/first.scenario.yaml": ("a scenario that runs at once; copy it", _SCENARIO),
    "scenarios/files/invoice.pdf": ("what it attaches", _PDF),
    "scenarios/environments/staging.yaml": ("where real systems and their people stand", _ENVIRONMENT),
    ".vscode/settings.json": ("completion and help in VS Code", _SETTINGS),
    ".vscode/extensions.json": ("the extension that gives them", '{"recommendations": ["redhat.vscode-yaml"]}\n'),
    ".gitignore": ("keeps reports and passwords out of git", "reports/\n.env\n"),
}


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.pass_context
def command(ctx: click.Context, folder: Path) -> int:
    """Write a first scenario and what belongs to it into FOLDER (default: this one)."""
    from runner.cli.output import say

    wide = max(map(len, _FILES))
    for name, (told, text) in _FILES.items():
        path = folder / name
        if path.exists():
            say(f"kept     {name:<{wide}}  it was there already")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        say(f"written  {name:<{wide}}  {told}")
    if write_all(harness_of(ctx), folder / "schemas"):
        say(f"written  {'schemas/':<{wide}}  what the editor knows about steps")
    say(f"\nnext: {'' if folder == Path() else f'cd {folder.as_posix()}, then '}runner run")
    return Exit.PASSED
