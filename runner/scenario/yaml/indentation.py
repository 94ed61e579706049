"""Slips in how lines stand to one another: tabs, indentation, a colon or a space that is missing after a name or a dash."""

from __future__ import annotations

import re

from runner.errors import Diagnostic
from runner.scenario.yaml.trouble import COMMENT, HEAD, Answer, Trouble, cut, quote_rest, quoted_line

__all__ = ["colon_in_text", "indentation", "no_colon", "outside", "tab"]

_TEXT_INDENT = 2
_BAD_INDENT = re.compile(r" *[\t\u00a0\u3000][ \t\u00a0\u3000]*")
_BARE_ITEM = re.compile(r"(\s*-\s+)([\w.]+)")
_TIGHT_COLON = re.compile(r"(\s*(?:-\s+)*)([^\s:'\"\[\]{},#]+):((?!//)\S.*)$")


def tab(t: Trouble) -> Answer | None:
    """Tabs or other wide blanks before a line; all such lines are mended at once."""
    bad = [n for n, line in enumerate(t.lines) if _BAD_INDENT.match(line) and line.strip()]
    near = [n for n in bad if t.began_line <= n <= t.line + 1]
    if not near:
        return None
    first = near[0]
    blank = _BAD_INDENT.match(t.lines[first])
    assert blank is not None  # noqa: S101 - it is in the list
    what = "a tab" if "\t" in blank[0] else "a wide space"
    others = [str(n + 1) for n in bad if n != first]
    also = (f"also line{'s' if len(others) > 1 else ''} {', '.join(others[:12])}{' …' if len(others) > 12 else ''}",) if others else ()
    start = len(blank[0]) - len(blank[0].lstrip(" "))
    problem = Diagnostic(
        "E105", f"line {first + 1} starts with {what}", t.span(first, start, len(blank[0])), label=what, hint="use 2 spaces", notes=also
    )
    return problem, [_BAD_INDENT.sub(_spaces, line, count=1) if n in bad else line for n, line in enumerate(t.lines)]


def _spaces(blank: re.Match[str]) -> str:
    return blank[0].replace("\t", "  ").replace("\u00a0", " ").replace("\u3000", "  ")


def colon_in_text(t: Trouble) -> Answer | None:
    """``subject: Re: hello``: a second colon in a bare text. Or a line that stands too deep below a finished value."""
    if "mapping values are not allowed" not in t.said:
        return None
    text = t.text(t.line)
    found = HEAD.match(text)
    # the parser stands at the second colon; the first one ends the head
    if found is not None and ":" in found["head"] and found.start("value") <= t.column:
        start, second = found.start("value"), t.span(t.line, t.column)
        hint = quoted_line(text, start)
        problem = Diagnostic("E125", "a text with a colon needs quotes", second, label="a second colon on the line", hint=hint)
        return problem, quote_rest(t, t.line, start)
    start = len(text) - len(text.lstrip())
    above = next((n for n in range(t.line - 1, -1, -1) if t.text(n).strip() and not t.text(n).lstrip().startswith("#")), None)
    if above is None:
        return None
    tight = _tight_colon(t, above)
    if tight is not None:
        return tight
    wanted = _indent_of_key(t.text(above))
    word = text.strip().split(":")[0]
    bare = _BARE_ITEM.fullmatch(COMMENT.sub("", t.text(above)).rstrip())
    if bare is not None and start >= wanted:
        problem = Diagnostic(
            "E121",
            f"no colon after `{bare[2]}`, though `{word}` stands below it",
            t.span(above, len(bare[1]), len(bare[0])),
            label=f"line {t.line + 1} belongs to it",
            hint=f"write `- {bare[2]}:`",
        )
        return problem, t.mended(above, f"{bare[0]}:")
    problem = Diagnostic(
        "E122",
        f"`{word}` is indented too far" if start > wanted else f"`{word}` stands in the middle of a text",
        t.span(t.line, start, start + len(word)),
        label=f"the line above it has a value already (line {above + 1})",
        hint=_move(start - wanted) if start > wanted else f"look at line {above + 1}: is a colon or a quote missing there?",
    )
    return problem, t.mended(t.line, " " * wanted + text.lstrip()) if start > wanted else None


def no_colon(t: Trouble) -> Answer | None:
    """A name without its colon, or a colon without the space after it."""
    if "simple key" not in t.said or "could not find expected" not in t.said:
        return None
    line, column = t.began_line, t.began_column
    text = t.text(line)
    tight = _tight_colon(t, line)
    if tight is not None:
        return tight
    word = COMMENT.sub("", text[column:]).strip()
    if text[column : column + 1] in "\"'":
        return None
    if word.startswith("-"):
        fixed = f"{text[:column]}- {text[column + 1 :]}"
        return Diagnostic("E121", "no space after the dash", t.span(line, column), hint=f"write {cut(fixed.strip())}"), t.mended(
            line, fixed
        )
    begun = next((n for n in range(line - 1, -1, -1) if t.text(n).strip()), None)
    head = None if begun is None else HEAD.match(t.text(begun))
    if " " in word and head is not None and ":" in head["head"] and head["value"][0] not in "\"'[{|>&*#":
        name = head["head"].strip()
        hint = f"write `{name} |` on line {(begun or 0) + 1}, and each line of the text below it, {_TEXT_INDENT} spaces further right"
        told = "a text that goes on over several lines needs a sign for it"
        return Diagnostic("E121", told, t.span(line, column, column + len(word)), label="this has no name before it", hint=hint), None
    problem = Diagnostic("E121", f"no colon after `{cut(word)}`", t.span(line, column, column + len(word)), hint=f"write `{cut(word)}:`")
    return problem, t.mended(line, text[: column + len(word)] + ":" + text[column + len(word) :]) if " " not in word else None


def _tight_colon(t: Trouble, line: int) -> Answer | None:
    """``name:value`` on that line."""
    tight = _TIGHT_COLON.match(t.text(line))
    if tight is None:
        return None
    fixed = f"{tight[1]}{tight[2]}: {tight[3]}"
    return Diagnostic("E121", "no space after the colon", t.span(line, tight.end(2)), hint=f"write {cut(fixed.strip())}"), t.mended(
        line, fixed
    )


def indentation(t: Trouble) -> Answer | None:
    """A line whose indentation fits none above it."""
    if "block mapping" not in t.said and "block collection" not in t.said and "block sequence" not in t.said:
        return None
    text = t.text(t.line)
    start = len(text) - len(text.lstrip())
    item = text.lstrip().startswith("- ")
    if text.lstrip().startswith(":"):
        return Diagnostic("E117", "a colon without a name before it", t.span(t.line, start), hint="write `name: value`"), None
    word = re.split(r"[:\s]", text.strip().removeprefix("- "), maxsplit=1)[0] or "this"
    at_word = t.span(t.line, start, start + len(word) + 2 * item)
    if start == t.began_column and item:
        return Diagnostic("E122", "a list item among names with values", at_word, hint="indent it below the name it belongs to"), None
    if start == t.began_column:
        hint = "write `- ` before it, or move it 2 spaces right, so that it belongs to the item above"
        return Diagnostic("E122", f"`{word}` stands among the items of a list", at_word, hint=hint), None
    wanted, line = _nearest_indent(t, start, item=item)
    if start == wanted:
        return None
    begun = f"line {line + 1} begins {_spaces_told(start - wanted)} further {'left' if start > wanted else 'right'}"
    problem = Diagnostic("E122", f"`{word}` is not in line with what stands above it", at_word, label=begun, hint=_move(start - wanted))
    return problem, t.mended(t.line, " " * wanted + text.lstrip())


def _nearest_indent(t: Trouble, start: int, *, item: bool) -> tuple[int, int]:
    """Of all indentations above that this line could have had, the nearest, and its line; of equals the latest."""
    found = [(abs(t.began_column - start), -t.began_line, t.began_column)]
    for number in range(t.line):
        above = t.text(number)
        dash = above.lstrip().startswith("- ")
        if item and dash:
            column = len(above) - len(above.lstrip())
        elif not item and re.search(r":(\s|$)", above) and not above.lstrip().startswith("#"):
            column = _indent_of_key(above)
        else:
            continue
        found.append((abs(column - start), -number, column))
    _, line, column = min(found)
    return column, -line


def outside(t: Trouble) -> Answer | None:
    """A line that begins with ``%``, or further left than the first one."""
    if "directive" not in t.said and "document start" not in t.said:
        return None
    percent = next((n for n in (t.line, t.began_line, t.line - 1) if t.text(n).startswith("%")), None)
    if percent is not None:
        span = t.span(percent, 0, len(t.text(percent)))
        return Diagnostic(
            "E126", "a line cannot begin with %", span, hint='a text that begins with % needs "quotes"; otherwise delete it'
        ), None
    word = t.text(t.line)[t.column :].split(":")[0].strip() or "this"
    span = t.span(t.line, t.column, t.column + len(word))
    hint = "let all names of the file begin in one column"
    return Diagnostic("E122", f"`{word}` begins further left than the first line", span, hint=hint), None


def _indent_of_key(text: str) -> int:
    """The column at which the key on this line begins, behind any ``- ``."""
    head = re.match(r"\s*(?:-\s+)*", text)
    return head.end() if head else 0


def _move(by: int) -> str:
    """In which direction, and how far."""
    return f"move it {_spaces_told(by)} {'left' if by > 0 else 'right'}"


def _spaces_told(by: int) -> str:
    return f"{abs(by)} {'space' if abs(by) == 1 else 'spaces'}"
