"""
Jinja2's grammar, asked for one expression: its lexer and parser read it, nothing of Jinja2 carries it out.

Jinja2 numbers its tokens by lines; they are numbered by characters here, so that every node and every complaint knows its column. What is
too long or too deep is refused while the tokens come, before anything recurses over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser
from msgspec import Struct

from runner.scenario.templates.expression import Fault

__all__ = ["Grammar", "Read"]

_MOST_CHARACTERS = 10_000
_MOST_TOKENS = 400
_DEEPEST = 20
_BRACKETS = {"lparen": 1, "lbracket": 1, "lbrace": 1, "rparen": -1, "rbracket": -1, "rbrace": -1}
_HINT = "compare it with {{ name }}, {{ order.id }} or {{ name | upper }}"
_SIGN_HINTS = {
    "&": "write `and`",
    "!": "write `not`, or != to compare",
    "?": "write {{ a if condition else b }}",
    "=": "to compare, write ==",
    "$": "names stand without $",
}
_NEXT_TO_EACH_OTHER = "put + or ~, a filter (|) or a word like `and` between them"


class Read(Struct, frozen=True):
    """An expression's tree; a node's ``lineno`` is the character where it begins, ``ends`` tells where the token at a character ends."""

    tree: nodes.Expr
    ends: dict[int, int]


class Grammar:
    """Reads expressions. One is enough for a process: it keeps nothing between two of them."""

    def __init__(self) -> None:
        self._environment = Environment(autoescape=False)  # noqa: S701 - nothing is rendered by it

    def read(self, text: str) -> Read:
        """
        The tree of the expression *text*.

        Raises: ``Fault`` – with the character that does not fit.
        """
        whole = (len(text) - len(text.lstrip()), max(1, len(text.rstrip())))
        if len(text) > _MOST_CHARACTERS:
            told = f"the expression is longer than {_MOST_CHARACTERS:,} characters"
            raise Fault("E310", told, *whole, hint="move parts of it to `variables`")
        ends: dict[int, int] = {}
        try:
            parser = Parser(self._environment, "0", state="variable")
            parser.stream = TokenStream(_counted(self._tokens(text, ends), whole), None, None)
            tree = parser.parse_expression()
            left_over = None if parser.stream.eos else parser.stream.current
        except TemplateSyntaxError as exc:
            raise _complaint(exc, text, ends) from None
        except (ValueError, OverflowError):
            raise Fault("E310", "a number in the expression is too large", *whole) from None
        except RecursionError:
            raise Fault("E310", "the expression is nested too deep", *whole) from None
        if left_over is not None:
            raise _does_not_fit(left_over.lineno, text, ends, _NEXT_TO_EACH_OTHER if left_over.type == "name" else "")
        return Read(tree, ends)

    def _tokens(self, text: str, ends: dict[int, int]) -> Iterator[Token]:
        """Jinja2's tokens, numbered by characters."""
        lexer: Any = self._environment.lexer

        def numbered() -> Iterator[tuple[int, str, str]]:
            at = 0
            try:
                for _, kind, written in lexer.tokeniter(text, None, None, "variable"):
                    ends[at] = at + len(written)
                    yield at, kind, written
                    at += len(written)
            except TemplateSyntaxError as exc:
                # the lexer counts in lines, and says the character in words if at all
                where = re.search(r"unexpected char .* at (\d+)", exc.message or "", re.DOTALL)
                exc.lineno = int(where[1]) if where else at
                raise

        yield from lexer.wrap(numbered())


def _counted(tokens: Iterator[Token], whole: tuple[int, int]) -> Iterator[Token]:
    """The same tokens, as long as they are not too many and not too deep."""
    depth = 0
    for count, token in enumerate(tokens, 1):
        depth += _BRACKETS.get(token.type, 0)
        if count > _MOST_TOKENS:
            raise Fault("E310", "the expression is too long", *whole, hint="move parts of it to `variables`")
        if depth > _DEEPEST:
            raise Fault("E310", "the brackets are nested too deep", *whole, hint="move parts of it to `variables`")
        yield token


def _complaint(error: TemplateSyntaxError, text: str, ends: dict[int, int]) -> Fault:
    """What Jinja2 says, in plain words."""
    start, end = error.lineno, len(text.rstrip())
    if "end of" in (error.message or "") or start >= end:
        return Fault("E310", "the expression ends too early", max(0, end - 1), max(1, end), label="something is missing here", hint=_HINT)
    sign = text[start]
    if sign in ("'", '"') and start not in ends:
        return Fault("E310", "the quote is not closed", start, start + 1, label="opens here", hint=f"put {sign} at its end")
    return _does_not_fit(start, text, ends)


def _does_not_fit(start: int, text: str, ends: dict[int, int], hint: str = "") -> Fault:
    written = text[start : ends.get(start, start + 1)]
    return Fault("E310", f"`{written}` does not fit here", start, start + len(written), hint=hint or _SIGN_HINTS.get(written, _HINT))
