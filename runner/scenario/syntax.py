"""
What the YAML parser's complaint means to a tester, and what was probably meant.

The parser says what it expected; a person made one of a dozen slips. Each rule knows one slip by how its line looks, says it in plain words
at its place, and where only one thing can be meant gives the text with that line mended, so that the rest of the file can be read and *all*
mistakes be told at once. Rules are tried in order; the last one always answers.
"""

from __future__ import annotations

from collections.abc import Callable

import yaml

from runner.errors import Diagnostic
from runner.scenario import indentation, quoting
from runner.scenario.nodes import Scalar
from runner.scenario.trouble import Answer, Trouble, trouble_of
from runner.source import Source

__all__ = ["explain"]


def explain(error: yaml.YAMLError, source: Source, text: str, quoted: Scalar | None) -> tuple[Diagnostic, str | None]:
    """
    The message for *error*, and *text* mended (same number of lines), or None where that would be a guess.

    ``quoted`` is the last quoted text over several lines that was read before: where a forgotten quote shows itself.
    """
    trouble = trouble_of(error, source, text, quoted)
    for rule in _RULES:
        answer = rule(trouble)
        if answer is not None:
            break
    else:
        answer = _anything(trouble)
    problem, lines = answer
    return problem, None if lines is None else "\n".join(lines)


def _anything(t: Trouble) -> Answer:
    """What no rule knows."""
    hint = "compare it with the lines above: indentation, quotes, colons, brackets"
    return Diagnostic("E120", f"line {t.line + 1} cannot be understood", t.span(t.line, t.column), hint=hint), None


_RULES: tuple[Callable[[Trouble], Answer | None], ...] = (
    indentation.tab,
    quoting.escape,
    quoting.unclosed_quote,
    quoting.template,
    quoting.reserved,
    indentation.colon_in_text,
    indentation.no_colon,
    quoting.brackets,
    quoting.text_behind,
    indentation.indentation,
    quoting.nothing_there,
    indentation.outside,
)
