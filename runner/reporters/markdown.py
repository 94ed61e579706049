"""
``summary.md``: the run on one page for a step summary, a merge request, a ticket. Only what did not pass is told in full.

On GitHub it is also appended to the step summary, on Azure it is handed to the build's summary page.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from runner.clock import written
from runner.history import Changes
from runner.reporters.base import ReportContext
from runner.reporters.causes import Cause, Causes
from runner.reporters.files import write_file
from runner.reporters.story import Story
from runner.reporters.text import counted, cut, guarded, one_line, visible
from runner.reporters.verdict import ORDER, SIGNS, WORDS, badge, listed_changes, moment, told_changes, verdict

__all__ = ["MarkdownReporter", "escaped"]

_FILE = "summary.md"
# GitHub drops a step's summary that is larger than 1 MiB; other steps want room, too.
_MOST_BYTES = 900_000
_MOST_CAUSES = 40
_MOST_CHANGES = 30
_LONGEST = 2_000
_MOST_PLACES = 20
_ESCAPED = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&]|^[-=](?=[-=\s])|^\d+(?=[.)]))")
# what could call a person: an @ that follows no letter
_MENTION = re.compile(r"(?<![\w.+-])@(?=\w)")


class MarkdownReporter:
    """Writes ``summary.md`` into the run's folder when the run is over."""

    name = "markdown"

    def __init__(self, context: ReportContext) -> None:
        self._context = context
        self._retelling = context.retelling
        self.handle = self._retelling.hear
        self._retelling.join(self)
        self._causes: Causes | None = None
        self._flaky = self._in_doubt = 0

    def begin(self) -> None:
        """The run is going to be told."""
        started = self._retelling.started
        environment = started.environment if started is not None else ""
        self._causes = Causes(self._context.source, environment=environment, quote=shlex.quote)

    def tell(self, story: Story) -> None:
        """A scenario."""
        if story.finished is not None:
            self._flaky += story.finished.flaky
            self._in_doubt += story.finished.in_doubt
        if self._causes is not None:
            self._causes.add(story)

    def close(self) -> None:
        """Write the file, and tell the CI server about it."""
        if self._retelling.started is None:
            return
        self._retelling.tell_all(self)
        text = _cut("\n".join(self._lines()) + "\n", _MOST_BYTES)
        write_file(self._context.folder / _FILE, [text])
        self._hand_on(text)

    def _hand_on(self, text: bytes) -> None:
        environ = self._context.environ
        summary = environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            with Path(summary).open("ab") as file:
                file.write(b"\n" + text)
        if environ.get("TF_BUILD"):
            path = (self._context.folder / _FILE).resolve()
            self._context.stream.write(f"##vso[task.uploadsummary]{path}\n")

    # ── the text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _lines(self) -> Iterator[str]:
        causes = list(self._causes or ())
        yield from self._head()
        yield from self._since(self._retelling.changes)
        if self._retelling.result.drift:
            yield f"{counted(len(self._retelling.result.drift), 'answer')} of vendors differ from their contracts: `runner drift`."
            yield ""
        if causes:
            yield "## Why"
            yield ""
        for number, cause in enumerate(causes):
            if number == _MOST_CAUSES:
                yield f"And {counted(len(causes) - _MOST_CAUSES, 'more cause')}."
                break
            yield from self._cause(cause)

    def _head(self) -> Iterator[str]:
        result, started = self._retelling.result, self._retelling.started
        told = verdict(result, self._flaky, self._in_doubt)
        yield f"# {told.sign} {told.words}"
        yield ""
        if started is not None:
            yield f"{escaped(started.environment)} · {escaped(moment(started.started))} · took {written(result.took)} · seed {started.seed}"
            yield ""
        for note in told.notes:
            yield f"**{escaped(note)}**"
            yield ""
        yield "| outcome | scenarios |"
        yield "|---|--:|"
        yield from (f"| {SIGNS[outcome]} {WORDS[outcome]} | {result.counts[outcome]} |" for outcome in ORDER if result.counts.get(outcome))
        yield f"| planned | {sum(result.counts.values())} |"
        yield ""

    def _since(self, changes: Changes) -> Iterator[str]:
        if not changes.earlier:
            return
        green = changes.last_green
        since = f"Since the last green run ({escaped(moment(green.started))})" if green is not None else "Since the run before"
        yield f"{since}: {told_changes(changes)}."
        yield ""
        listed = list(listed_changes(changes))
        if not listed:
            return
        yield "| change | scenario |"
        yield "|---|---|"
        yield from (f"| {escaped(words)} | `{_code(key)}` |" for words, key in listed[:_MOST_CHANGES])
        if len(listed) > _MOST_CHANGES:
            yield f"| | and {len(listed) - _MOST_CHANGES} more |"
        yield ""

    def _cause(self, cause: Cause) -> Iterator[str]:
        times = f"{cause.count} × " if cause.count > 1 else ""
        yield f"### {SIGNS[cause.outcome]} {times}{escaped(cut(cause.headline, _LONGEST))}"
        yield ""
        for place in cause.places[:_MOST_PLACES]:
            change = badge(self._retelling.changes[place.key])
            yield f"- {escaped(place.title)} `{_code(f'{place.file}:{place.line}')}`{f' **{escaped(change)}**' if change else ''}"
        if cause.count > _MOST_PLACES:
            yield f"- and {cause.count - _MOST_PLACES} more"
        yield ""
        if cause.why:
            yield from _fenced(cause.why)
            yield ""


def escaped(text: str) -> str:
    """*text* on one line, in which nothing is markup and nobody is called."""
    shown = _ESCAPED.sub(lambda match: f"&{_ENTITIES[match[0]]};" if match[0] in _ENTITIES else f"\\{match[0]}", one_line(text))
    return _MENTION.sub("@\N{ZERO WIDTH SPACE}", shown)


_ENTITIES = {"<": "lt", ">": "gt", "&": "amp"}


def _code(text: str) -> str:
    """For between two backticks."""
    return one_line(text).replace("`", "'").replace("|", "\N{BROKEN BAR}")


def _fenced(lines: list[str]) -> Iterator[str]:
    """Lines as they stand; the fence is longer than any in them."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text"
    yield from (cut(guarded(visible(line)), _LONGEST) for line in lines)
    yield fence


def _cut(text: str, most: int) -> bytes:
    data = text.encode("utf-8", "replace")
    if len(data) <= most:
        return data
    kept = data[:most].decode("utf-8", "ignore").rpartition("\n### ")[0]
    return f"{kept}\n\nThere is more than fits here; the report has all of it.\n".encode()
