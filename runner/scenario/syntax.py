"""
What the YAML parser's complaint means to a tester, and what was probably meant.

The parser says what it expected; a person made one of a dozen slips. Each rule below knows one slip by how its line looks, says it in plain
words at its place, and where only one thing can be meant, gives the text with that line mended, so that the rest of the file can be read
and *all* mistakes be told at once. Rules are tried in order; the last one always answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from runner.errors import Diagnostic
from runner.scenario.nodes import Scalar
from runner.scenario.tree import in_quotes
from runner.source import Source, Span

__all__ = ["explain"]

Answer = tuple[Diagnostic, list[str] | None]

_BAD_INDENT = re.compile(r" *[\t\u00a0\u3000][ \t\u00a0\u3000]*")
# "name: value" or "- value", the value behind it
_HEAD = re.compile(r"""(?P<head>\s*(?:-\s+)*(?:(?:"[^"]*"|'[^']*'|[^\s'"#\[\]{},:][^'"#\[\]{}]*?)\s*:\s+)?)(?P<value>\S.*)$""")
_COMMENT = re.compile(r"\s#.*$")
_QUOTED = re.compile(r"""(?:(?<=^)|(?<=[\s\[{,(:]))("(?:\\.|[^"\\])*"|'(?:''|[^'])*')""")
_NO_ESCAPE = re.compile(r"""\\(?![0abtnvfre "/\\N_LPxuU]|$)""")
_TIGHT_COLON = re.compile(r"(\s*(?:-\s+)*)([^\s:'\"\[\]{},#]+):((?!//)\S.*)$")
_OPENERS = {"[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    A complaint of the parser: what it says, where (``line``, ``column`` from 0), where the thing began that it was in the middle of.

    ``lines`` is the text as it is being read, ``quoted`` the last quoted text that spans lines.
    """

    source: Source
    lines: list[str]
    said: str
    line: int
    column: int
    began_line: int
    began_column: int
    quoted: Scalar | None

    def text(self, line: int) -> str:
        """One line, empty behind the end."""
        return self.lines[line] if 0 <= line < len(self.lines) else ""

    def span(self, line: int, column: int, end: int | None = None) -> Span:
        """A stretch of one line, in the file as it was written."""
        line = min(line, len(self.source.lines) - 1)
        return Span(self.source, line + 1, column + 1, line + 1, max(column + 1 if end is None else end, column + 1) + 1)

    def mended(self, line: int, text: str) -> list[str]:
        """All lines with one of them changed."""
        return [*self.lines[:line], text, *self.lines[line + 1 :]]


def explain(error: yaml.YAMLError, source: Source, text: str, quoted: Scalar | None) -> tuple[Diagnostic, str | None]:
    """
    The message for *error*, and *text* mended (same number of lines), or None where that would be a guess.

    ``quoted`` is the last quoted text over several lines that was read before: where a forgotten quote shows itself.
    """
    trouble = _trouble(error, source, text, quoted)
    for rule in _RULES:
        answer = rule(trouble)
        if answer is not None:
            break
    else:
        answer = _anything(trouble)
    problem, lines = answer
    return problem, None if lines is None else "\n".join(lines)


def _trouble(error: Any, source: Source, text: str, quoted: Scalar | None) -> Trouble:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    mark = getattr(error, "problem_mark", None)
    began = getattr(error, "context_mark", None) or mark
    said = f"{getattr(error, 'context', None) or ''}: {getattr(error, 'problem', None) or ''}".lower()
    place = (mark.line, mark.column) if mark else (0, 0)
    begun = (began.line, began.column) if began else place
    return Trouble(source, lines, said, place[0], place[1], begun[0], begun[1], quoted)


# one rule a slip


def _tab(t: Trouble) -> Answer | None:
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


def _template(t: Trouble) -> Answer | None:
    """A value with ``{{ … }}`` in it that needs quotes."""
    for line in range(t.line, max(t.began_line, t.line - 3) - 1, -1):
        found = _open_template(t.text(line))
        if found is not None:
            start, end = found
            text = t.text(line)
            quoted = in_quotes(text[start:end])
            shown = (text[:start] + quoted + text[end:]).strip()
            problem = Diagnostic("E106", "a value with `{{` needs quotes", t.span(line, start, end), hint=f"write {_cut(shown)}")
            return problem, t.mended(line, text[:start] + quoted + text[end:])
    return None


def _open_template(text: str) -> tuple[int, int] | None:
    """Where the value with the first ``{{`` outside quotes begins and ends."""
    bare = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)
    braces = bare.find("{{")
    if braces < 0 or bare.lstrip().startswith("#"):
        return None
    before = bare[:braces]
    start = max((match.end() for match in re.finditer(r"(?:^\s*|:\s+|-\s+|[\[{,]\s*)", before)), default=0)
    if before.count("{") + before.count("[") > before.count("}") + before.count("]"):
        close = re.search(r"\}\}[^,\[\]{}]*", bare[braces:])
        # in {to: {{ x }}} the third brace closes the object
        return (start, braces + close.end()) if close else None
    end = len(_COMMENT.sub("", bare).rstrip())
    return (start, end) if "}}" in bare[braces:] else None


def _unclosed_quote(t: Trouble) -> Answer | None:
    """A quote that is not closed on its line: the text runs on to the end, or to the next quote."""
    if "quoted scalar" in t.said and ("end of stream" in t.said or "document" in t.said):
        line, column = t.began_line, t.began_column
    elif t.quoted is not None and t.quoted.end_line == t.line and t.column >= t.quoted.end_column and "escape" not in t.said:
        line, column = t.quoted.line, t.quoted.column
    else:
        return None
    text = t.text(line)
    mark = text[column : column + 1] or '"'
    problem = Diagnostic(
        "E123",
        f"the quote that opens on line {line + 1} is not closed",
        t.span(line, column),
        label="opens here",
        hint=f"put {mark} at its end",
    )
    if _COMMENT.search(text[column:]):
        return problem, None
    return problem, t.mended(line, text.rstrip() + mark)


def _escape(t: Trouble) -> Answer | None:
    """A backslash in double quotes that begins no known escape: most often a Windows path or a regular expression."""
    if "escape" not in t.said and "hexdecimal" not in t.said and "hexadecimal" not in t.said:
        return None
    text = t.text(t.line)
    back = text.rfind("\\", 0, t.column + 1)
    back = t.column if back < 0 else back
    mended = t.mended(t.line, _NO_ESCAPE.sub("/", text[:back] + "/" + text[back + 1 :]))
    if "unicode" in t.said:
        half = "half a character: this number stands for nothing alone"
        return Diagnostic("E127", half, t.span(t.line, back, back + 6), hint="write the character itself"), mended
    written = text[back : back + 2]
    hint = f'write it in single quotes, or double the backslash: "\\{written}"'
    return Diagnostic("E127", f'`{written}` means nothing in "double quotes"', t.span(t.line, back, back + 2), hint=hint), mended


def _reserved(t: Trouble) -> Answer | None:
    """A value that begins with a sign that means something else to YAML: ``@ ` % * & ! | > -``."""
    headers = (
        "cannot start any token",
        "scanning an anchor",
        "scanning an alias",
        "scanning a tag",
        "parsing a tag",
        "block scalar",
        "sequence entries are not",
        "mapping keys are not",
    )
    if not any(part in t.said for part in headers) and not ("undefined tag" in t.said or ("could not find" in t.said and "tag" in t.said)):
        return None
    line = t.line if "any token" in t.said or "are not" in t.said else t.began_line
    text = t.text(line)
    found = _HEAD.match(text)
    if found is None:
        return None
    start = found.start("value") if "any token" not in t.said else t.column
    sign = text[start : start + 1]
    if start != found.start("value") or sign not in "@`%*&!|>-?" or not found["head"].strip():
        return Diagnostic("E126", f"a value cannot begin with {sign}", t.span(line, start), hint='put the value in "quotes"'), None
    if sign == "!":
        word = text[start:].split()[0]
        return Diagnostic(
            "E111", f"tags are not allowed: `{word}`", t.span(line, start, start + len(word)), hint=_quoted_line(text, start)
        ), _quote_rest(t, line, start)
    return Diagnostic("E126", f"a value cannot begin with {sign}", t.span(line, start), hint=_quoted_line(text, start)), _quote_rest(
        t, line, start
    )


def _colon_in_text(t: Trouble) -> Answer | None:
    """``subject: Re: hello``: a second colon in a bare text. Or a line that stands too deep below a finished value."""
    if "mapping values are not allowed" not in t.said:
        return None
    text = t.text(t.line)
    found = _HEAD.match(text)
    # the parser stands at the second colon; the first one ends the head
    if found is not None and ":" in found["head"] and found.start("value") <= t.column:
        start = found.start("value")
        label = "a second colon on the line"
        return Diagnostic(
            "E125", "a text with a colon needs quotes", t.span(t.line, t.column), label=label, hint=_quoted_line(text, start)
        ), _quote_rest(t, t.line, start)
    start = len(text) - len(text.lstrip())
    above = next((n for n in range(t.line - 1, -1, -1) if t.text(n).strip() and not t.text(n).lstrip().startswith("#")), None)
    if above is None:
        return None
    tight = _tight_colon(t, above)
    if tight is not None:
        return tight
    wanted = _indent_of_key(t.text(above))
    word = text.strip().split(":")[0]
    problem = Diagnostic(
        "E122",
        f"`{word}` is indented too far" if start > wanted else f"`{word}` stands in the middle of a text",
        t.span(t.line, start, start + len(word)),
        label=f"the line above it has a value already (line {above + 1})",
        hint=_move(start - wanted) if start > wanted else f"look at line {above + 1}: is a colon or a quote missing there?",
    )
    return problem, t.mended(t.line, " " * wanted + text.lstrip()) if start > wanted else None


def _no_colon(t: Trouble) -> Answer | None:
    """A name without its colon, or a colon without the space after it."""
    if "simple key" not in t.said or "could not find expected" not in t.said:
        return None
    line, column = t.began_line, t.began_column
    text = t.text(line)
    tight = _tight_colon(t, line)
    if tight is not None:
        return tight
    word = _COMMENT.sub("", text[column:]).strip()
    if text[column : column + 1] in "\"'":
        return None
    if word.startswith("-"):
        fixed = f"{text[:column]}- {text[column + 1 :]}"
        return Diagnostic("E121", "no space after the dash", t.span(line, column), hint=f"write {_cut(fixed.strip())}"), t.mended(
            line, fixed
        )
    problem = Diagnostic("E121", f"no colon after `{_cut(word)}`", t.span(line, column, column + len(word)), hint=f"write `{_cut(word)}:`")
    return problem, t.mended(line, text[: column + len(word)] + ":" + text[column + len(word) :]) if " " not in word else None


def _tight_colon(t: Trouble, line: int) -> Answer | None:
    """``name:value`` on that line."""
    tight = _TIGHT_COLON.match(t.text(line))
    if tight is None:
        return None
    fixed = f"{tight[1]}{tight[2]}: {tight[3]}"
    return Diagnostic("E121", "no space after the colon", t.span(line, tight.end(2)), hint=f"write {_cut(fixed.strip())}"), t.mended(
        line, fixed
    )


def _brackets(t: Trouble) -> Answer | None:
    """A list or object in brackets that is not closed, or that misses a comma."""
    if "flow sequence" not in t.said and "flow mapping" not in t.said:
        return None
    opener = t.text(t.began_line)[t.began_column : t.began_column + 1] or "["
    closer = _OPENERS.get(opener, "]")
    if t.line == t.began_line and closer in t.text(t.line)[t.column :]:
        word = re.match(r"\S*?(?=[\s,\]}]|$)", t.text(t.line)[t.column :])
        length = max(1, len(word[0]) if word else 1)
        hint = 'separate the parts with commas; a text with brackets or commas needs "quotes"'
        return Diagnostic("E124", f"no comma or `{closer}` before this", t.span(t.line, t.column, t.column + length), hint=hint), None
    problem = Diagnostic(
        "E124",
        f"the `{opener}` on line {t.began_line + 1} is not closed",
        t.span(t.began_line, t.began_column),
        label="opens here",
        hint=f"put `{closer}` at its end",
    )
    text = t.text(t.began_line)
    open_here = _QUOTED.sub("", text[t.began_column :])
    if t.line > t.began_line and open_here.count(opener) == open_here.count(closer) + 1 and not _COMMENT.search(text):
        return problem, t.mended(t.began_line, text.rstrip() + closer)
    return problem, None


def _text_behind(t: Trouble) -> Answer | None:
    """``subject: "Hello" world``, ``subject: [Urgent] hello``: something behind the end of a quoted text, a list or an alias."""
    if "block mapping" not in t.said and "block collection" not in t.said:
        return None
    text = t.text(t.line)
    found = _HEAD.match(text)
    if found is None or not found["head"].strip() or t.column <= found.start("value"):
        return None
    start = found.start("value")
    if text[t.column] in "]}" and text[start] in "[{":
        return Diagnostic("E124", f"one `{text[t.column]}` too many", t.span(t.line, t.column), hint="delete it"), None
    behind = {'"': "the closing quote", "'": "the closing quote", "[": "the closing `]`", "{": "the closing `}`"}.get(
        text[start], "the value"
    )
    end = len(_COMMENT.sub("", text).rstrip())
    return Diagnostic("E128", f"text behind {behind}", t.span(t.line, t.column, end), hint=_quoted_line(text, start)), _quote_rest(
        t, t.line, start
    )


def _indentation(t: Trouble) -> Answer | None:
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


def _nothing_there(t: Trouble) -> Answer | None:
    """A closing bracket or comma where a value is expected, or the end of the file."""
    if "node content" not in t.said and "parsing a flow node" not in t.said and "parsing a block node" not in t.said:
        return None
    sign = t.text(t.line)[t.column : t.column + 1]
    if sign and sign in "]},":
        told = f"`{sign}` has nothing before it"
        return Diagnostic("E124", told, t.span(t.line, t.column), hint='delete it; for the text itself, put it in "quotes"'), None
    for line in range(min(t.line, len(t.lines) - 1), -1, -1):
        bare = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), t.text(line))
        for opener, closer in _OPENERS.items():
            if bare.count(opener) > bare.count(closer):
                column = bare.rindex(opener)
                told = f"the `{opener}` on line {line + 1} is not closed"
                return Diagnostic("E124", told, t.span(line, column), label="opens here", hint=f"put `{closer}` at its end"), None
    return None


def _outside(t: Trouble) -> Answer | None:
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


def _anything(t: Trouble) -> Answer:
    """What no rule knows."""
    hint = "compare it with the lines above: indentation, quotes, colons, brackets"
    return Diagnostic("E120", f"line {t.line + 1} cannot be understood", t.span(t.line, t.column), hint=hint), None


_RULES: tuple[Callable[[Trouble], Answer | None], ...] = (
    _tab,
    _escape,
    _unclosed_quote,
    _template,
    _reserved,
    _colon_in_text,
    _no_colon,
    _brackets,
    _text_behind,
    _indentation,
    _nothing_there,
    _outside,
)


# how a mended line looks


def _quoted_line(text: str, start: int) -> str:
    """The hint that shows the line with its value in quotes."""
    return f"write {_cut(_with_quotes(text, start).strip())}"


def _quote_rest(t: Trouble, line: int, start: int) -> list[str]:
    return t.mended(line, _with_quotes(t.text(line), start))


def _with_quotes(text: str, start: int) -> str:
    comment = _COMMENT.search(text, start)
    end = len(text[: comment.start() if comment else len(text)].rstrip())
    value = text[start:end]
    # 'it's' is a quoted text with a quote too many, not one that wants quotes round it
    meant = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
    return text[:start] + in_quotes(meant) + text[end:]


def _indent_of_key(text: str) -> int:
    """The column at which the key on this line begins, behind any ``- ``."""
    head = re.match(r"\s*(?:-\s+)*", text)
    return head.end() if head else 0


def _move(by: int) -> str:
    """In which direction, and how far."""
    return f"move it {_spaces_told(by)} {'left' if by > 0 else 'right'}"


def _spaces_told(by: int) -> str:
    return f"{abs(by)} {'space' if abs(by) == 1 else 'spaces'}"


def _cut(text: str) -> str:
    return text if len(text) <= 70 else text[:69] + "…"
