"""
What went wrong, at the lines where it did: annotations as CI servers read them from the log, or from a file.

Failures are grouped by cause. GitHub shows ten errors a step and drops the rest without a word, so there are never more than ten, and the
last one tells how many are not shown. ``annotations`` finds out where it runs; ``github``, ``azure``, ``teamcity`` and ``gitlab`` are its
forms by name.

Sources: docs.github.com "Workflow commands", learn.microsoft.com "Logging commands", jetbrains.com "Service messages",
docs.gitlab.com "Code Quality", all read 2026-11.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from runner.reporters.base import ReportContext
from runner.reporters.causes import Cause, Causes
from runner.reporters.files import write_file
from runner.reporters.story import Story
from runner.reporters.text import counted, one_line, visible
from runner.reporters.verdict import not_whole

__all__ = ["AnnotationsReporter", "Note", "azure", "github", "gitlab", "teamcity"]

_MOST = 10
_MOST_TITLES = 5
_LONGEST = 3_000
_QUALITY = "gl-code-quality-report.json"


class Note(Struct, frozen=True):
    """One annotation. ``file`` is empty where it belongs to no line; ``identity`` is the same for the same cause in every run."""

    title: str
    message: str
    identity: str
    file: str = ""
    line: int = 0
    column: int = 0
    code: str = ""


class Form(Protocol):
    """How a CI server wants to be told."""

    def told(self, notes: Sequence[Note], context: ReportContext) -> Iterator[str]:
        """The lines for the log; whatever goes into a file is written there."""
        ...


class AnnotationsReporter:
    """Tells the CI server that it runs on where things went wrong, when the run is over. Elsewhere it says nothing."""

    name = "annotations"

    def __init__(self, context: ReportContext, form: Form | None = None, *, name: str = "annotations") -> None:
        self.name = name
        self._context = context
        self._form = form or _form(context.environ)
        self._retelling = context.retelling
        self.handle = self._retelling.hear
        self._causes: Causes | None = None
        if self._form is not None:
            self._retelling.join(self)

    def begin(self) -> None:
        """The run is going to be told."""
        started = self._retelling.started
        environment = started.environment if started is not None else ""
        self._causes = Causes(self._context.source, environment=environment, quote=shlex.quote)

    def tell(self, story: Story) -> None:
        """A scenario."""
        if self._causes is not None:
            self._causes.add(story)

    def close(self) -> None:
        """Say it."""
        if self._form is None or self._retelling.started is None:
            return
        self._retelling.tell_all(self)
        notes = list(_notes(list(self._causes or ()), not_whole(self._retelling.result)))
        lines = "".join(f"{line}\n" for line in self._form.told(notes, self._context))
        self._context.stream.write(lines)
        self._context.stream.flush()


def github(context: ReportContext) -> AnnotationsReporter:
    """GitHub's workflow commands."""
    return AnnotationsReporter(context, GitHub(), name="github")


def azure(context: ReportContext) -> AnnotationsReporter:
    """Azure's logging commands."""
    return AnnotationsReporter(context, Azure(), name="azure")


def teamcity(context: ReportContext) -> AnnotationsReporter:
    """TeamCity's build problems."""
    return AnnotationsReporter(context, TeamCity(), name="teamcity")


def gitlab(context: ReportContext) -> AnnotationsReporter:
    """GitLab's code quality report, a file to be named under ``artifacts: reports: codequality:``."""
    return AnnotationsReporter(context, GitLab(), name="gitlab")


def _form(environ: Mapping[str, str]) -> Form | None:
    forms: tuple[tuple[str, Form], ...] = (
        ("GITHUB_ACTIONS", GitHub()),
        ("TF_BUILD", Azure()),
        ("TEAMCITY_VERSION", TeamCity()),
        ("GITLAB_CI", GitLab()),
    )
    return next((form for name, form in forms if environ.get(name)), None)


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _notes(told: Sequence[Cause], troubles: Sequence[str]) -> Iterator[Note]:
    """At most ten: what keeps the run from being whole, the most frequent causes, and in the last how many others there are."""
    room = _MOST
    if troubles:
        room -= 1
        yield Note("the run is not whole", "\n".join(map(one_line, troubles))[:_LONGEST], "run")
    shown = told if len(told) <= room else told[: room - 1]
    yield from map(_note, shown)
    rest = told[len(shown) :]
    if rest:
        more = sum(cause.count for cause in rest)
        message = f"{counted(more, 'more scenario')} with {counted(len(rest), 'other cause')} did not pass; the report has them all:\n"
        yield Note(f"and {more} more", message + "\n".join(one_line(f"{c.count} × {c.headline}") for c in rest)[:_LONGEST], "more")


def _note(cause: Cause) -> Note:
    first = cause.places[0]
    title = cause.headline if cause.count == 1 else f"{cause.count} × {cause.headline}"
    lines = [one_line(place.title) for place in cause.places[:_MOST_TITLES]]
    if cause.count > _MOST_TITLES:
        lines.append(f"and {cause.count - _MOST_TITLES} more")
    message = "\n".join([one_line(cause.headline), *lines, "", *map(visible, cause.why)])[:_LONGEST]
    identity = sha256(f"{cause.key} {first.file}".encode("utf-8", "replace")).hexdigest()[:32]
    return Note(one_line(title)[:200], message.rstrip(), identity, one_line(first.file), first.line, first.column, cause.code)


# ── how each server wants it ─────────────────────────────────────────────────────────────────────────────────────────────────────


class GitHub:
    """``::error file=…,line=…::message``; never an end column, which GitHub drops a note for when it lies on another line."""

    def told(self, notes: Sequence[Note], context: ReportContext) -> Iterator[str]:
        """A line each."""
        for note in notes:
            told = {"file": _from_root(note.file, context.environ.get("GITHUB_WORKSPACE")), "line": note.line, "col": note.column}
            properties = ",".join(f"{name}={_property(str(value))}" for name, value in (*told.items(), ("title", note.title)) if value)
            yield f"::error {properties}::{_data(note.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


class Azure:
    """``##vso[task.logissue type=error;sourcepath=…]message``."""

    def told(self, notes: Sequence[Note], context: ReportContext) -> Iterator[str]:
        """A line each; the log shows one line of a message."""
        for note in notes:
            told = {
                "type": "error",
                "sourcepath": _from_root(note.file, context.environ.get("BUILD_SOURCESDIRECTORY")),
                "linenumber": note.line,
                "columnnumber": note.column,
                "code": note.code,
            }
            properties = ";".join(f"{name}={_vso(str(value))}" for name, value in told.items() if value)
            yield f"##vso[task.logissue {properties}]{_vso(f'{note.title} ({note.file}:{note.line})' if note.file else note.title)}"


def _vso(text: str) -> str:
    escaped = text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace("]", "%5D").replace(";", "%3B").replace("##", "# #")


class TeamCity:
    """``##teamcity[buildProblem …]``, and the JUnit file to be read in."""

    def told(self, notes: Sequence[Note], context: ReportContext) -> Iterator[str]:
        """A line each."""
        for note in notes:
            place = f" ({note.file}:{note.line})" if note.file else ""
            yield f"##teamcity[buildProblem description='{_piped(note.title + place)}' identity='{_piped(note.identity)}']"
        for path in sorted(context.folder.glob("junit*.xml")):
            yield f"##teamcity[importData type='junit' path='{_piped(path.as_posix())}']"


def _piped(text: str) -> str:
    escaped = re.sub(r"['|\[\]]", lambda match: f"|{match[0]}", text).replace("\n", "|n").replace("\r", "|r")
    return "".join(char if char.isascii() else _units(char) for char in escaped)


def _units(char: str) -> str:
    data = char.encode("utf-16-be", "replace")
    return "".join(f"|0x{data[n : n + 2].hex().upper()}" for n in range(0, len(data), 2))


class GitLab:
    """A code quality report, which GitLab shows in the merge request and beside the changed lines."""

    def told(self, notes: Sequence[Note], context: ReportContext) -> Iterator[str]:
        """Nothing for the log; the file is always written, so that what was mended is known to be."""
        issues = [
            {
                "description": note.title,
                "check_name": note.code or "run",
                "fingerprint": note.identity,
                "severity": "major",
                "location": {
                    "path": _from_root(note.file, context.environ.get("CI_PROJECT_DIR")) or ".",
                    "lines": {"begin": max(1, note.line)},
                },
            }
            for note in notes
        ]
        write_file(context.folder / _QUALITY, [json.dumps(issues, ensure_ascii=False, indent=1).encode("utf-8", "replace"), b"\n"])
        return iter(())


def _from_root(file: str, root: str | None) -> str:
    """*file*, which is named from where the run stands, as it is named from the root of the checked-out project."""
    if not file or not root:
        return file
    try:
        return (Path.cwd() / file).relative_to(Path(root)).as_posix()
    except ValueError:
        return file
