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
from runner.scenario.yaml import indentation, quoting
from runner.scenario.yaml.nodes import Scalar
from runner.scenario.yaml.trouble import Answer, Trouble, trouble_of
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


def _merge_marks(t: Trouble) -> Answer | None:
    """Both sides of a merge that nobody finished."""
    marks = [n for n, line in enumerate(t.lines) if line.startswith(_MARKS)]
    if len(marks) < 2:
        return None
    others = ", ".join(str(n + 1) for n in marks[1:])
    problem = Diagnostic(
        "E122",
        "two versions of the file stand in it, from a merge",
        t.span(marks[0], 0, len(t.text(marks[0]))),
        label=f"see also line{'s' if len(marks) > 2 else ''} {others}",
        hint="keep one of the two, and delete the lines with <<<<<<<, ======= and >>>>>>>",
    )
    return problem, None


def _fence(t: Trouble) -> Answer | None:
    """A file that was copied with the marks of a page around it."""
    fence = next((n for n, line in enumerate(t.lines) if line.startswith("```")), None)
    if fence is None:
        return None
    problem = Diagnostic("E126", "``` is no part of a scenario", t.span(fence, 0, len(t.text(fence))), hint="delete this line")
    return problem, t.mended(fence, "")


_MARKS = ("<<<<<<<", "=======", ">>>>>>>")
_RULES: tuple[Callable[[Trouble], Answer | None], ...] = (
    _merge_marks,
    _fence,
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
