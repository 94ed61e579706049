"""
Regular expressions out of files, with a bound on the harm they can do.

A regular expression can take longer than the age of the world on a short text when a repeat stands inside a repeat, as in ``(a+)+``. Python
cannot stop one that has begun, so such patterns are refused when the file is checked. What is left can still be slow on long texts, so no
more than :data:`LONGEST` characters are searched. This catches the usual mistakes, not an author who wants to do harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct, field

__all__ = ["LONGEST", "compile_pattern"]

# Characters of an answer that a pattern is applied to; a longer text is not searched, and the check says so.
LONGEST = 100_000
_PATTERN_LENGTH = 1_000
_MANY = 50
_TOKEN = re.compile(
    r"""
    (?P<open> \( (?: \? (?: P<\w+> | [:=!>] | <[=!] | [aiLmsux-]+: ) )? )
    | (?P<inline> \(\? [^)]* \) )
    | (?P<close> \) )
    | (?P<or> \| )
    | (?P<edge> [\^$] | \\[AbBZ] )
    | (?P<atom> \[ \^? \]? (?: \\. | [^\]\\] )* \] | \\. | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_QUANTIFIER = re.compile(r"(?:([*+])|(\?)|\{(\d*)(,?)(\d*)\})([?+]?)")


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> re.Pattern[str]:
    """
    The compiled pattern.

    Raises: ``ValueError`` – it cannot be read, is longer than 1,000 characters, or has a repeat directly inside a repeat.
    """
    if len(text) > _PATTERN_LENGTH:
        raise ValueError(f"the pattern has {len(text)} characters; no more than {_PATTERN_LENGTH} are allowed")
    try:
        pattern = re.compile(text)
    except re.error as exc:
        where = f" at character {exc.pos + 1}" if exc.pos is not None else ""
        raise ValueError(f"the pattern cannot be read{where}: {exc.msg}") from None
    except (RecursionError, OverflowError):
        raise ValueError("the pattern is too complicated") from None
    if _runs_away(text):
        raise ValueError("the pattern repeats a repeat, which can take for ever; write a+ for (a+)+")
    return pattern


class _Group(Struct):
    """What was seen of one group: the atoms that repeat, and those that stand exactly once in the branch at hand."""

    repeated: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    # some branch is held together by nothing but repeats, so that a text can be cut in many ways
    loose: bool = False

    def end_branch(self) -> None:
        """Judge the branch that ends here."""
        alike = "." in self.repeated and not self.fixed & {"\\n", "\n"}
        if self.repeated and (alike or not self.fixed - self.repeated):
            self.loose = True
        self.fixed = set()


def _runs_away(text: str) -> bool:
    r"""Whether a group that repeats is held together by repeats only: ``(a+)+``, ``(\w+\s?)*``, ``(.*,)*``."""
    stack = [_Group()]
    for kind, atom, count in _tokens(text):
        if kind == "open":
            stack.append(_Group())
        elif kind == "or":
            stack[-1].end_branch()
        elif kind == "close" and len(stack) > 1:
            group = stack.pop()
            group.end_branch()
            if count == "many" and group.loose:
                return True
            stack[-1].repeated |= group.repeated
            _add(stack[-1], atom, "maybe" if group.loose and count == "once" else count)
        elif kind == "atom":
            _add(stack[-1], atom, count)
    return False


def _add(group: _Group, atom: str, count: str) -> None:
    if count == "many":
        group.repeated.add(atom)
    elif count == "once" and atom != ".":  # a dot keeps nothing apart
        group.fixed.add(atom)


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """Each token's kind, its text, and how often it may come: ``once``, ``maybe`` (or not at all), ``many`` times."""
    at = 0
    while found := _TOKEN.match(text, at):
        at = found.end()
        kind, count = found.lastgroup or "", "once"
        quantifier = _QUANTIFIER.match(text, at) if kind in ("atom", "close") else None
        if quantifier is not None:
            at = quantifier.end()
            count = _count(quantifier)
        yield kind, found[0], count


def _count(quantifier: re.Match[str]) -> str:
    star, maybe, least, comma, most, manner = quantifier.groups()
    if manner == "+":
        return "maybe"  # possessive: it never gives back what it took
    if star or (comma and not most) or int(most or least or 0) >= _MANY:
        return "many"
    return "maybe" if maybe or comma else "once"
