"""
Texts and their pieces: literal parts and expressions in turn, each text understood once in a run.

``{{ … }}`` is an expression, ``{# … #}`` a comment, ``{{- x -}}`` takes the blanks round it away, as in Jinja2. Statements (``{% … %}``)
are not allowed in values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runner.scenario.templates.expression import Compiled, Fault, compiled

__all__ = ["OPEN", "Piece", "Templates"]

# literal text, or an expression with the character of the whole text where it begins
Piece = str | tuple[Compiled, int]

OPEN = re.compile(r"\{\{|\{%|\{#")

_INSIDE = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[\[({]|[\])]|\}\}?""", re.DOTALL)


class Templates:
    """
    The compiler of one run: each text is understood once, wherever and however often it stands.

    With the helpers of *foreseen*, expressions that need nothing else are computed beforehand, to see whether they can be.
    """

    def __init__(self, foreseen: Mapping[str, Any] | None = None) -> None:
        self.foreseen = foreseen
        self._texts: dict[str, tuple[Piece, ...] | tuple[Fault]] = {}
        self._expressions: dict[str, Compiled | Fault] = {}

    def text(self, text: str) -> tuple[Piece, ...]:
        """
        The pieces of a text with templates.

        Raises: ``Fault`` – the first mistake in it.
        """
        found = self._texts.get(text)
        if found is None:
            try:
                found = _pieces(text)
            except Fault as fault:
                found = (fault,)
            self._texts[text] = found
        if isinstance(found[0], Fault):
            # kept for long: without the frames it was raised through
            raise found[0].with_traceback(None)
        return found

    def expression(self, text: str) -> Compiled:
        """
        The expression *text*, without braces.

        Raises: ``Fault``.
        """
        found = self._expressions.get(text)
        if found is None:
            try:
                found = _bare(text)
            except Fault as fault:
                found = fault
            self._expressions[text] = found
        if isinstance(found, Fault):
            raise found.with_traceback(None)
        return found


def _pieces(text: str) -> tuple[Piece, ...]:
    """Literal texts and expressions in turn; comments are left out."""
    pieces: list[Piece] = []
    position = 0
    trim = False
    while (opened := OPEN.search(text, position)) is not None:
        literal = text[position : opened.start()]
        literal = literal.lstrip() if trim else literal
        begin = opened.end()
        if opened[0] == "{%":
            hint = "write an expression in {{ }}; for the signs themselves, write {{ '{%' }}"
            raise Fault("E311", "statements are not allowed in values", opened.start(), begin, label="only {{ }} can stand here", hint=hint)
        end = text.find("#}", begin) if opened[0] == "{#" else _closing(text, begin)
        if end < 0:
            raise _not_closed(text, opened.start(), opened[0])
        inner = text[begin:end]
        minus = inner[:1] == "-"
        pieces.append(literal.rstrip() if minus else literal)
        trim = inner[-1:] == "-" and len(inner) > 1
        if opened[0] == "{{":
            pieces.append(_expression(inner[minus : len(inner) - trim], begin + minus, opened.start(), end + 2))
        position = end + 2
    rest = text[position:]
    pieces.append(rest.lstrip() if trim else rest)
    return tuple(piece for piece in pieces if piece != "") or ("",)


def _expression(inner: str, begin: int, start: int, end: int) -> Piece:
    if not inner.strip():
        raise Fault("E310", "nothing stands between the braces", start, end, hint="write a name: {{ name }}")
    try:
        return compiled(inner), begin
    except Fault as fault:
        fault.start += begin
        fault.end += begin
        raise


def _closing(text: str, begin: int) -> int:
    """Where the ``}}`` stands that ends the expression; braces in texts and of objects are not it."""
    depth = 0
    position = begin
    while (found := _INSIDE.search(text, position)) is not None:
        sign, position = found[0], found.end()
        if sign in ("(", "[", "{"):
            depth += 1
        elif sign == "}}" and depth <= 0:
            return found.start()
        elif sign[0] in ")]}":
            depth -= 1
            position = found.start() + 1
    # the brackets do not match: the parser says which
    return text.find("}}", begin)


def _not_closed(text: str, start: int, sign: str) -> Fault:
    closer = {"{{": "}}", "{#": "#}"}[sign]
    hint = f"write {closer} at its end; for the signs themselves, write {{{{ '{sign}' }}}}"
    return Fault("E310", f"the `{sign}` is not closed", start, start + 2, label="opens here", hint=hint)


def _bare(text: str) -> Compiled:
    """An expression of ``when``, ``until`` or ``stop_if``."""
    if not text.strip():
        raise Fault("E310", "the expression is empty", 0, 1, hint="write a condition, for example: status == 'sent'")
    braces = OPEN.search(text)
    if braces is not None and not text[: braces.start()].strip() and text.rstrip().endswith(("}}", "%}")):
        raise Fault("E311", "no braces here", braces.start(), braces.end(), hint=f"write {text.strip().strip('{}% ')}")
    return compiled(text)
