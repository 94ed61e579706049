"""
One value of an environment's file: what it is, where it stands, and what is wrong with it.

Used by :mod:`runner.environment.load`. Mistakes are gathered, not raised, so that a person sees all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from runner.clock import Duration
from runner.environment.secret_names import is_secret_name
from runner.environment.secrets import Secret, plain
from runner.environment.sources import SecretSources
from runner.errors import BadScenario, Diagnostic, EnvironmentUnusable, nearest
from runner.source import Span

__all__ = ["Entry", "Findings", "SpanOf"]

Path = tuple[str | int, ...]
# Where the value at a path of keys and list positions stands.
SpanOf = Callable[[Sequence[str | int]], Span]

_CALL = re.compile(r"""\{\{\s*(?P<function>secret|env)\(\s*(?P<quote>['"])(?P<name>[^'"]+)(?P=quote)\s*\)\s*\}\}""")
_TEMPLATE = re.compile(r"\{\{|\{%|\}\}|%\}")


class Findings:
    """What was found out about a file: mistakes, and secrets that are nowhere. Without *sources* nothing is looked up."""

    def __init__(self, span_of: SpanOf, sources: SecretSources | None) -> None:
        self.span_of = span_of
        self.sources = sources
        self.problems: list[Diagnostic] = []
        self.missing: dict[str, Span] = {}

    def settle(self, name: str) -> None:
        """Raise what must be raised: first the mistakes of the file, then what its surroundings lack."""
        if self.problems:
            raise BadScenario(sorted(self.problems, key=lambda p: (p.span.line, p.span.column) if p.span else (0, 0)))
        if self.missing and self.sources is not None:
            listed = ", ".join(f"{missing} ({span.source.name}:{span.line})" for missing, span in self.missing.items())
            count = "a value" if len(self.missing) == 1 else f"{len(self.missing)} values"
            raise EnvironmentUnusable(
                f"the environment `{name}` needs {count} that cannot be found: {listed}; looked in {self.sources.places}",
                code="E510",
                span=next(iter(self.missing.values())),
                hint=f"set {' and '.join(self.missing)} in one of these places",
            )


class Entry:
    """A value with its place. What is not in the file at all is an Entry, too: ``given`` is False, and every reading gives the default."""

    __slots__ = ("_findings", "given", "path", "value")

    def __init__(self, value: Any, path: Path, findings: Findings, *, given: bool = True) -> None:
        self.value = value
        self.path = path
        self.given = given
        self._findings = findings

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self._findings.span_of(self.path)

    @property
    def resolved(self) -> bool:
        """Whether it is known: no template stands in it, or all that it asks for was found. To be asked after it was read."""
        written = str(self.value)
        names = {match["name"] for match in _CALL.finditer(written)}
        looked_up = self._findings.sources is not None and names.isdisjoint(self._findings.missing)
        return looked_up or not _TEMPLATE.search(written)

    def problem(self, code: str, message: str, *, label: str = "", hint: str = "") -> None:
        """It is wrong."""
        self._findings.problems.append(Diagnostic(code, message, self.span, label=label, hint=hint))

    def unknown(self, what: str, name: str, known: Iterable[str]) -> None:
        """*name* is none of *known*."""
        known = tuple(known)
        close = nearest(name, known)
        hint = f"write `{close}`" if close else f"write one of: {', '.join(known)}" if known else "take it out"
        self.problem("E531", f"unknown {what} `{name}`", label=f"did you mean `{close}`?" if close else "not known here", hint=hint)

    def wrong_kind(self, wanted: str) -> None:
        """It is not what is wanted here."""
        self.problem("E537", f"`{self.path[-1] if self.path else 'the file'}` must be {wanted}", label=f"this is {_kind(self.value)}")

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def has(self, key: str) -> bool:
        """Whether it is an object with this key."""
        return isinstance(self.value, dict) and key in self.value

    def part(self, key: str) -> Entry:
        """The value under *key*."""
        there = self.has(key) and self.value[key] is not None
        return Entry(self.value[key] if there else None, (*self.path, key), self._findings, given=there)

    def parts(self) -> list[tuple[str, Entry]]:
        """All keys with their values."""
        if not self.given:
            return []
        if not isinstance(self.value, dict):
            self.wrong_kind("an object (`key: value`)")
            return []
        return [(str(key), Entry(value, (*self.path, str(key)), self._findings)) for key, value in self.value.items()]

    def items(self) -> list[Entry]:
        """The items of a list."""
        if not self.given:
            return []
        if not isinstance(self.value, list):
            self.wrong_kind("a list")
            return []
        return [Entry(value, (*self.path, index), self._findings) for index, value in enumerate(self.value)]

    def keys(self, known: Iterable[str]) -> None:
        """Only *known* keys may stand here."""
        known = tuple(known)
        for key, entry in self.parts():
            if key not in known:
                entry.unknown("key", key, known)

    # ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def text(self) -> str | Secret | None:
        """A text, with its secrets looked up; a number where a text is wanted is the text as written."""
        if not self.given:
            return None
        if isinstance(self.value, (dict, list)):
            self.wrong_kind("a text")
            return None
        return self._looked_up(self.value) if isinstance(self.value, str) else self._as_written()

    def plain_text(self) -> str | None:
        """The same, where a Secret cannot stand."""
        text = self.text()
        return None if text is None else plain(text)

    def anything(self) -> Any:
        """Any value, with the secrets in it looked up."""
        if isinstance(self.value, dict):
            return {key: entry.anything() for key, entry in self.parts()}
        if isinstance(self.value, list):
            return [entry.anything() for entry in self.items()]
        return self._hidden(self._looked_up(self.value)) if isinstance(self.value, str) else self.value

    def number(self, *, above: float) -> float | None:
        """A number greater than *above*."""
        if not self.given:
            return None
        if isinstance(self.value, (int, float)) and not isinstance(self.value, bool) and self.value > above:
            return float(self.value)
        self.wrong_kind(f"a number greater than {above:g}")
        return None

    def whole_number(self, *, at_least: int) -> int | None:
        """A whole number of at least *at_least*."""
        value = self.plain_text() if isinstance(self.value, str) else self.value
        if not self.given or (isinstance(self.value, str) and not self.resolved):
            return None
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value >= at_least:
            return value
        self.wrong_kind(f"a whole number of at least {at_least}")
        return None

    def duration(self, default: Duration) -> Duration:
        """A duration."""
        if not self.given:
            return default
        try:
            length = Duration.parse(self.value)
        except ValueError:
            self.problem("E538", f"`{self.value}` is not a duration", hint="write it like 500ms, 30s, 2 min or 1 h")
            return default
        if not length:
            self.problem("E538", f"`{self.value}` leaves no time at all", hint="write a longer one, like 30s")
        return length or default

    def as_kind(self, kind: Any) -> Any:
        """A value for a record's field of this type, as the file gives it."""
        value = self.anything()
        if not isinstance(value, (str, Secret, dict, list)) and not _fits(value, kind) and _fits("", kind):
            value = self._hidden(self._as_written())
        if not _fits(_shown(value), kind) and self.resolved:
            self.wrong_kind(_wanted(_shown(value), kind))
        return value

    def _hidden(self, value: str | Secret) -> str | Secret:
        """A password that is written in the file is a Secret all the same."""
        name = str(self.path[-1])
        if isinstance(value, Secret) or not value or not is_secret_name(name) or _TEMPLATE.search(str(self.value)):
            return value
        return Secret(name, value)

    def _as_written(self) -> str:
        """``0049`` is a text where a text is wanted: the characters of the file, not what YAML makes of them."""
        span = self.span
        lines = span.source.lines
        if span.line == span.end_line and span.line <= len(lines):
            written = lines[span.line - 1][span.column - 1 : span.end_column - 1].strip()
            if written:
                return written
        return str(self.value)

    def _looked_up(self, text: str) -> str | Secret:
        if "{" not in text:
            return text
        rest = _CALL.sub("", text)
        if _TEMPLATE.search(rest):
            hint = "write \"{{ secret('NAME') }}\" or \"{{ env('NAME') }}\"; other values stand in scenarios"
            self.problem(
                "E539", "only secret('NAME') and env('NAME') can stand in an environment's file", label="not known here", hint=hint
            )
            return text
        names = [match["name"] for match in _CALL.finditer(text) if match["function"] == "secret"]
        if self._findings.sources is None:
            return Secret(names[0], "") if names else text
        whole = _CALL.sub(self._value_of, text)
        return Secret(names[0], whole) if names else whole

    def _value_of(self, match: re.Match[str]) -> str:
        sources, name = self._findings.sources, match["name"]
        if sources is None:
            return ""
        found = sources.find(name) if match["function"] == "secret" else sources.variable(name)
        if found is None:
            self._findings.missing.setdefault(name, self.span)
            return ""
        return plain(found)


def _decode(kind: type, value: object) -> object:
    """For types of ours that JSON has no form for."""
    if kind is Duration:
        return Duration.parse(value)
    if isinstance(value, str) and issubclass(kind, str):
        return kind(value)
    raise ValueError(f"{value!r} is not a {kind.__name__}")


def _fits(value: Any, kind: Any) -> bool:
    try:
        # a key of a file is a text, also where numbers are meant
        msgspec.convert(value, kind, dec_hook=_decode, str_keys=True)
    except msgspec.ValidationError:
        return False
    return True


def _wanted(value: Any, kind: Any) -> str:
    """What msgspec wanted, in a tester's words."""
    try:
        msgspec.convert(value, kind, dec_hook=_decode, str_keys=True)
    except msgspec.ValidationError as exc:
        told = re.match(r"Expected `([^`]+)`", str(exc))
        names = [_PLAIN_KINDS.get(part.strip(), part.strip()) for part in told[1].split("|")] if told else []
        return " or ".join(name for name in names if name) or str(exc).partition(" - at ")[0]
    return "something else"


_PLAIN_KINDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
_PLAIN_KINDS["null"] = ""


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case dict():
            return "an object"
        case list():
            return "a list"
    return "a text"


def _shown(value: Any) -> Any:
    """A value with plain texts for Secrets, for comparing it with a type."""
    if isinstance(value, Secret):
        return value.plain()
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else value
