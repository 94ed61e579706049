"""Slips within a value: quotes, brackets, escapes, and texts that begin with a sign that means something else to YAML."""

from __future__ import annotations

import re

from runner.errors import Diagnostic
from runner.scenario.yaml.tree import in_quotes
from runner.scenario.yaml.trouble import COMMENT, HEAD, QUOTED, Answer, Trouble, cut, quote_rest, quoted_line

__all__ = ["brackets", "escape", "nothing_there", "reserved", "template", "text_behind", "unclosed_quote"]

_NO_ESCAPE = re.compile(r"""\\(?![0abtnvfre "/\\N_LPxuU]|$)""")
_HASH = re.compile(r"\s(#)")
_OPENERS = {"[": "]", "{": "}"}
_CLOSED_BY = {'"': "the closing quote", "'": "the closing quote", "[": "the closing `]`", "{": "the closing `}`"}
# what the two parsers (the one in C, the one in Python) say about a sign that begins something
_ABOUT_A_SIGN = (
    "cannot start any token",
    "scanning an anchor",
    "scanning an alias",
    "scanning a tag",
    "parsing a tag",
    "undefined tag",
    "tag handle",
    "block scalar",
    "sequence entries are not allowed",
    "mapping keys are not allowed",
)


def template(t: Trouble) -> Answer | None:
    """A value with ``{{ … }}`` in it that needs quotes."""
    for line in range(t.line, max(t.began_line, t.line - 3) - 1, -1):
        found = _open_template(t.text(line))
        if found is not None:
            start, end = found
            text = t.text(line)
            quoted = in_quotes(text[start:end])
            shown = (text[:start] + quoted + text[end:]).strip()
            problem = Diagnostic("E106", "a value with `{{` needs quotes", t.span(line, start, end), hint=f"write {cut(shown)}")
            return problem, t.mended(line, text[:start] + quoted + text[end:])
    return None


def _open_template(text: str) -> tuple[int, int] | None:
    """Where the value with the first ``{{`` outside quotes begins and ends."""
    bare = QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)
    braces = bare.find("{{")
    if braces < 0 or bare.lstrip().startswith("#"):
        return None
    before = bare[:braces]
    start = max((match.end() for match in re.finditer(r"(?:^\s*|:\s+|-\s+|[\[{,]\s*)", before)), default=0)
    if before.count("{") + before.count("[") > before.count("}") + before.count("]"):
        close = re.search(r"\}\}[^,\[\]{}]*", bare[braces:])
        # in {to: {{ x }}} the third brace closes the object
        return (start, braces + close.end()) if close else None
    end = len(COMMENT.sub("", bare).rstrip())
    return (start, end) if "}}" in bare[braces:] else None


def unclosed_quote(t: Trouble) -> Answer | None:
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
    if COMMENT.search(text[column:]):
        return problem, None
    return problem, t.mended(line, text.rstrip() + mark)


def escape(t: Trouble) -> Answer | None:
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


def reserved(t: Trouble) -> Answer | None:
    """A value that begins with a sign that means something else to YAML: ``@ ` % * & ! | > - ?``."""
    if not any(part in t.said for part in _ABOUT_A_SIGN):
        return None
    # these complain where the sign stands, the others where what it began went on
    line = t.line if "any token" in t.said or "are not allowed" in t.said else t.began_line
    text = t.text(line)
    found = HEAD.match(text)
    if found is None:
        return None
    start = t.column if "any token" in t.said else found.start("value")
    sign = text[start : start + 1]
    message = f"a value cannot begin with {sign}"
    if start != found.start("value") or sign not in "@`%*&!|>-?" or not found["head"].strip():
        return Diagnostic("E126", message, t.span(line, start), hint='put the value in "quotes"'), None
    mended, hint = quote_rest(t, line, start), quoted_line(text, start)
    if sign == "!":
        word = text[start:].split()[0]
        return Diagnostic("E111", f"tags are not allowed: `{word}`", t.span(line, start, start + len(word)), hint=hint), mended
    return Diagnostic("E126", message, t.span(line, start), hint=hint), mended


def brackets(t: Trouble) -> Answer | None:
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
    text = t.text(t.began_line)
    comment = _HASH.search(QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text), t.began_column)
    if comment is not None and closer in text[comment.start() :]:
        hint = 'put the text with # in "quotes"'
        told = "everything behind ` #` is a comment"
        return Diagnostic("E124", told, t.span(t.began_line, comment.start(1)), label=f"so the `{closer}` does not count", hint=hint), None
    problem = Diagnostic(
        "E124",
        f"the `{opener}` on line {t.began_line + 1} is not closed",
        t.span(t.began_line, t.began_column),
        label="opens here",
        hint=f"put `{closer}` at its end",
    )
    open_here = QUOTED.sub("", text[t.began_column :])
    if t.line > t.began_line and open_here.count(opener) == open_here.count(closer) + 1 and not COMMENT.search(text):
        return problem, t.mended(t.began_line, text.rstrip() + closer)
    return problem, None


def text_behind(t: Trouble) -> Answer | None:
    """``subject: "Hello" world``, ``subject: [Urgent] hello``: something behind the end of a quoted text, a list or an alias."""
    if "block mapping" not in t.said and "block collection" not in t.said:
        return None
    text = t.text(t.line)
    found = HEAD.match(text)
    if found is None or not found["head"].strip() or t.column <= found.start("value"):
        return None
    start = found.start("value")
    if text[t.column] in "]}" and text[start] in "[{":
        return Diagnostic("E124", f"one `{text[t.column]}` too many", t.span(t.line, t.column), hint="delete it"), None
    behind = _CLOSED_BY.get(text[start], "the value")
    rest = t.span(t.line, t.column, len(COMMENT.sub("", text).rstrip()))
    problem = Diagnostic("E128", f"text behind {behind}", rest, hint=quoted_line(text, start))
    return problem, quote_rest(t, t.line, start)


def nothing_there(t: Trouble) -> Answer | None:
    """A closing bracket or comma where a value is expected, or the end of the file."""
    if "node content" not in t.said and "parsing a flow node" not in t.said and "parsing a block node" not in t.said:
        return None
    sign = t.text(t.line)[t.column : t.column + 1]
    if sign and sign in "]},":
        told = f"`{sign}` has nothing before it"
        return Diagnostic("E124", told, t.span(t.line, t.column), hint='delete it; for the text itself, put it in "quotes"'), None
    for line in range(min(t.line, len(t.lines) - 1), -1, -1):
        bare = QUOTED.sub(lambda quoted: "_" * len(quoted[0]), t.text(line))
        for opener, closer in _OPENERS.items():
            if bare.count(opener) > bare.count(closer):
                column = bare.rindex(opener)
                told = f"the `{opener}` on line {line + 1} is not closed"
                return Diagnostic("E124", told, t.span(line, column), label="opens here", hint=f"put `{closer}` at its end"), None
    return None
