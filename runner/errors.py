"""
What went wrong: one tree of errors, and the diagnostic that tells a person about a mistake in a file.

Everybody raises from here. Callers catch branches, never ``Exception``; the harness has the only net.

Codes: ``E1xx`` the text of a file · ``E2xx`` steps and their parameters · ``E3xx`` values and templates · ``E4xx`` files and includes ·
``E5xx`` environment, actors, secrets · ``E6xx`` plugins and reporters · ``E7xx`` the wire and the vendor · ``F2xx`` a check said no.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from textwrap import wrap

from msgspec import Struct

from runner.source import Span, excerpt

__all__ = [
    "AnswerLost",
    "BadScenario",
    "BrokenPlugin",
    "ConnectFailed",
    "Diagnostic",
    "EnvironmentUnusable",
    "InternalError",
    "NotAllowed",
    "Refused",
    "RunnerError",
    "StepTimedOut",
    "TemplateFailed",
    "Unsupported",
    "WireError",
    "is_broken_pipe",
    "nearest",
    "reason",
]

# Columns of a message; the excerpt of the file has its own bound.
_WIDTH = 100


class Diagnostic(Struct, frozen=True):
    """
    A message about a mistake in a file: what, where, and what to do.

    ``label`` stands at the caret (two to eight words), ``hint`` is the one fix, ``notes`` are further facts.
    """

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()
    severity: str = "error"

    def render(self) -> str:
        """
        The text a person reads.

        Sample::

            error[E201]: unknown step `reply_mail`
              --> scenarios/reply.scenario.yaml:14:5
               |
            14 |   - reply_mail: {text: Hello}
               |     ^^^^^^^^^^ gws has no step of this name
               = fix: write `reply`
        """
        lines = _wrapped(f"{self.severity}[{self.code}]: {self.message}", "    ")
        gutter = "   "
        if self.span is not None:
            lines += excerpt(self.span, self.label)
            gutter = " " * (len(str(self.span.line)) + 2)
        if self.hint:
            lines += _wrapped(f"{gutter}= fix: {self.hint}", f"{gutter}  ")
        for note in self.notes:
            lines += _wrapped(f"{gutter}= {note}", f"{gutter}  ")
        return "\n".join(lines)


def _wrapped(text: str, indent: str) -> list[str]:
    """*text* in lines of at most 100 columns, those after the first with *indent*; lines that it has already stay as they are."""
    lines = []
    for line in text.split("\n"):
        lines += (
            [line] if len(line) <= _WIDTH else wrap(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        )
    return lines


class RunnerError(Exception):
    """The trunk: an error with a stable ``code``, a ``message`` in plain words, and a ``hint`` that says what to do."""

    code = "E600"

    def __init__(self, message: str, *, code: str | None = None, span: Span | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.span = span
        self.hint = hint

    def diagnostic(self) -> Diagnostic:
        """The same as a diagnostic, for the one renderer."""
        return Diagnostic(self.code, self.message, self.span, hint=self.hint)


class BadScenario(RunnerError):
    """One or more files are wrong; ``diagnostics`` holds every mistake, in file order. Exit code 4."""

    code = "E100"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics[0].message, code=diagnostics[0].code, span=diagnostics[0].span)
        self.diagnostics = tuple(diagnostics)


class TemplateFailed(RunnerError):
    """
    A value of a file could not be computed: ``E301`` a name is not known, ``E302`` a value has no such part, ``E303`` not allowed in
    values, ``E304`` too large, ``E305`` anything else. The span is the name or expression; no message holds a value, as it may be a secret.
    """

    code = "E305"

    def __init__(
        self, message: str, *, code: str | None = None, span: Span | None = None, label: str = "", hint: str = "", notes: Sequence[str] = ()
    ) -> None:
        super().__init__(message, code=code, span=span, hint=hint)
        self.label = label
        self.notes = tuple(notes)

    def diagnostic(self) -> Diagnostic:
        """The same as a diagnostic, with what is known at that place."""
        return Diagnostic(self.code, self.message, self.span, self.label, self.hint, self.notes)


class EnvironmentUnusable(RunnerError):
    """The environment cannot be used: a file, a secret, an actor or an address is missing or wrong. Exit code 6."""

    code = "E500"


class BrokenPlugin(RunnerError):
    """A plugin or reporter broke its contract; ``plugin`` names it. Exit code 3."""

    code = "E600"

    def __init__(self, message: str, *, plugin: str = "", code: str | None = None, hint: str = "") -> None:
        super().__init__(message, code=code, hint=hint)
        self.plugin = plugin


class InternalError(RunnerError):
    """We have a bug. Exit code 3."""

    code = "E699"


class WireError(RunnerError):
    """
    The wire failed: no answer that could be read.

    ``maybe_sent`` is True when the far end may have acted on the request; such a request is never sent again blindly.
    """

    code = "E700"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "", maybe_sent: bool = False) -> None:
        super().__init__(message, code=code, hint=hint)
        self.maybe_sent = maybe_sent


class ConnectFailed(WireError):
    """No connection could be made, so nothing was sent."""

    code = "E701"


class AnswerLost(WireError):
    """The request went out, the answer did not come back whole."""

    code = "E702"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message, code=code, hint=hint, maybe_sent=True)


class StepTimedOut(RunnerError):
    """A step took longer than its limit."""

    code = "E703"


class Refused(RunnerError):
    """
    The vendor said no.

    ``reason`` is one of ``unauthenticated forbidden not_found invalid conflict gone not_acceptable too_large unavailable
    server_error``;
    ``http`` the status, ``vendor_code`` and ``text`` the vendor's own words. ``http`` 0: the vendor's client said no, before anything was
    sent.
    """

    code = "E710"

    def __init__(self, reason: str, *, http: int, vendor_code: str = "", text: str = "") -> None:
        told = ", ".join(part for part in (f"HTTP {http}" if http else "", vendor_code, text) if part)
        super().__init__(f"the vendor refused: {reason} ({told})")
        self.reason = reason
        self.http = http
        self.vendor_code = vendor_code
        self.text = text


class NotAllowed(RunnerError):
    """A guard of ours stopped a step before anything was sent (a recipient outside ``allow_recipients``, a path outside the project)."""

    code = "E520"


class Unsupported(RunnerError):
    """The vendor cannot do this; the outcome is ``unsupported``."""

    code = "E210"


def is_broken_pipe(exc: Exception) -> bool:
    """Whether whoever read what we print has gone; Windows says it as an invalid argument."""
    if isinstance(exc, BrokenPipeError):
        return True
    return sys.platform == "win32" and isinstance(exc, OSError) and exc.errno == errno.EINVAL and exc.filename is None


def reason(exc: OSError) -> str:
    """Why the system said no (``no such file or directory``): the C library's words, as Windows has its own in each user's language."""
    if not exc.errno:
        return type(exc).__name__.lower()
    words = os.strerror(exc.errno).lower()
    # of its own sockets' numbers Windows knows but the names
    return errno.errorcode.get(exc.errno, words) if words.startswith("unknown error") else words


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that *word* was most likely meant to be, or None."""
    found = get_close_matches(word.lower(), {k.lower(): k for k in known}, n=1, cutoff=0.6)
    return next((k for k in known if found and k.lower() == found[0]), None)
