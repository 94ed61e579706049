"""
Snippets for editors: one for each step, made of its own example, and one for each kind of new file.

A language server inserts ``{{ x }}`` without quotes, which is no YAML; so values with braces carry their quotes with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runner.scenario.schema import Exemplary
from runner.scenario.shapes.shape import has_template
from runner.scenario.yaml.document import tree_of
from runner.scenario.yaml.nodes import plain
from runner.source import Source

__all__ = ["example_of", "new_environment", "new_scenario", "new_steps", "step_snippet"]

Snippet = dict[str, Any]


def example_of(spec: Exemplary) -> Any:
    """The example as data: the first item of the list that it is."""
    root, _ = tree_of(Source(spec.name, spec.example))
    data = plain(root) if root is not None else [spec.name]
    return data[0] if isinstance(data, list) and data else spec.name


def step_snippet(spec: Exemplary, order: int) -> Snippet:
    """The step as its example has it; *order* is its place in the menu."""
    return {
        "label": spec.name,
        "description": spec.description,
        "markdownDescription": f"{spec.description}\n\n```yaml\n{spec.example.strip()}\n```",
        "body": quoted(example_of(spec)),
        "sortText": f"{order:03}",
    }


def quoted(value: Any) -> Any:
    """*value* as the body of a snippet: texts with braces in quotes, and nothing that a snippet takes for a place to fill in."""
    if isinstance(value, str):
        escaped = value.replace("$", "\\$")
        return f'"{escaped}"' if has_template(value) or "{" in value else escaped
    if isinstance(value, dict):
        return {key: quoted(item) for key, item in value.items()}
    return [quoted(item) for item in value] if isinstance(value, list) else value


def new_scenario(vendors: Sequence[str]) -> Snippet:
    """A whole scenario that passes as it is."""
    told = "A new scenario: log in, write a mail, send it, see that it was sent."
    return {
        "label": "new scenario",
        "description": told,
        "markdownDescription": told,
        "body": {
            "scenario": "${1:An agent sends a mail}",
            "vendor": f"${{2|{','.join(vendors)}|}}",
            "steps": [
                {"login": {"as": "agent"}},
                {"create": {"to": "${3:joe@example.com}", "subject": "${4:Your order}", "text": "${5:It is on its way.}"}},
                "send",
                {"verify_status": {"is": "sent", "within": "30s"}},
            ],
            "cleanup": ["logout"],
        },
        "sortText": "000",
    }


def new_steps() -> Snippet:
    """A word of one's own."""
    told = "A new word, made of steps."
    return {
        "label": "new step",
        "description": told,
        "markdownDescription": told,
        "body": {
            "step": "${1:answer_with_invoice}",
            "description": "${2:Reply to the open mail with the invoice}",
            "inputs": {"text": {"type": "text"}},
            "steps": [{"reply": {"text": '"{{ text }}"'}}, "send"],
        },
        "sortText": "000",
    }


def new_environment(vendors: Sequence[str]) -> Snippet:
    """A place to run against."""
    told = "A new environment: one vendor, one pool of agents."
    vendor = vendors[0] if vendors else "gws"
    return {
        "label": "new environment",
        "description": told,
        "markdownDescription": told,
        "body": {
            "environment": "${1:staging}",
            "vendors": {vendor: {"url": "${2:https://staging.example.com}"}},
            "actors": {"agent": [{vendor: {"user": "${3:qa1}", "password": "\"{{ secret('QA1') }}\""}}]},
            "allow_recipients": ['"${4:*@example.com}"'],
        },
        "sortText": "000",
    }
