"""
From one happening to everybody who wants to know: events are numbered, redacted, written to the journal, and then handed to each sink.

The engine emits, the harness makes the stream and closes it. **An event that any sink has seen is in the journal's file.** Events of ten
milliseconds are written together, so a ``kill -9`` loses at most those; the engine flushes before a step that sends mail, so that what may
have been sent is always written down. The disk itself is asked to
keep them when a scenario ends, at most once a second, and at the end of the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Protocol

from msgspec.structs import force_setattr

from runner.clock import Clock, micro
from runner.environment.redaction import Redactor
from runner.errors import reason
from runner.record.events import Event, Logged, RunFinished, ScenarioFinished
from runner.record.gate import Gate
from runner.record.journal import Journal

__all__ = ["Sink", "Stream"]

# The disk is asked to keep what it has at most this often, in seconds: it can take longer than a whole scenario.
_SYNC_EVERY = 1.0
# Events of so many seconds are redacted, written and handed on together.
_TOGETHER = 0.01
# Events that wait for the end of the loop's turn, at most.
_MOST_WAITING = 256


class Sink(Protocol):
    """Who receives events. Both methods are called on the event loop, so they are quick; slow work belongs into ``close``."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    def handle(self, event: Event) -> None:
        """Take one event. A sink that raises is switched off, and the run goes on."""
        ...

    def close(self) -> None:
        """There are no more events. Also called on a sink that was switched off."""
        ...


class Stream:
    """
    The way that every event of a run takes.

    ``problems`` are what went wrong with the record itself: sinks that broke, a journal that could not be written, or that somebody took
    away. A run that has any is never green. To be used from the event loop's thread, or where there is no loop.
    """

    def __init__(self, journal: Journal | None, sinks: Iterable[Sink], *, redactor: Redactor, clock: Clock) -> None:
        self.problems: list[str] = []
        self._journal = journal
        self._all_sinks = self._sinks = tuple(sinks)
        self._redactor = redactor
        self._let_through = Gate(redactor).let_through
        self._monotonic = clock.monotonic
        self._began = clock.monotonic()
        self._number = 0
        self._waiting: list[Event] = []
        self._flush_is_due = False
        self._over = False
        # events come from within scenarios; who is told of them is outside
        self._outside = copy_context()
        self._syncer: ThreadPoolExecutor | None = None
        self._sync: Future[None] | None = None
        self._synced = self._began

    def emit(self, event: Event) -> None:
        """
        Record *event*. After ``RunFinished`` nothing is recorded any more.

        Its ``n`` and ``at`` are set here, in the event itself: it is the stream's from now on, and so is what it holds. It is redacted,
        written and handed on a little later, or at once when no loop runs.
        """
        if self._over:
            return
        self._number = number = self._number + 1
        force_setattr(event, "n", number)
        force_setattr(event, "at", micro(self._monotonic() - self._began))
        waiting = self._waiting
        waiting.append(event)
        if type(event) is RunFinished:
            self._over = True
        if not self._flush_is_due:
            self._due()
        elif len(waiting) == _MOST_WAITING:
            self.flush()

    def _due(self) -> None:
        self._flush_is_due = True
        try:
            asyncio.get_running_loop().call_later(_TOGETHER, self.flush, context=self._outside)
        except RuntimeError:
            self.flush()

    def flush(self) -> None:
        """Write what waits, then hand it on."""
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            events, lines = self._let_through(waiting)
            self._write(lines)
            self._after_scenarios(waiting)
            self._outside.copy().run(self._hand_all_on, events)
        self._flush_is_due = False

    def _hand_all_on(self, events: list[Event]) -> None:
        for sink in self._sinks:
            self._hand_on(events, sink)

    def _hand_on(self, events: list[Event], sink: Sink) -> None:
        handle = sink.handle
        try:
            for event in events:
                handle(event)
        except Exception as exc:  # noqa: BLE001 - a reporter may raise anything; it loses its place, not the run
            self._switch_off(sink, exc)

    def close(self) -> None:
        """Write the rest, close the journal, then the sinks. A journal without ``RunFinished`` stays marked as incomplete."""
        self._flush_is_due = True
        self.flush()
        self._end_journal()
        for sink in self._all_sinks:
            try:
                sink.close()
            except Exception as exc:  # noqa: BLE001 - a reporter may raise anything; the others are still closed
                self._problem(f"reporter `{sink.name}` could not finish", exc)

    # ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _write(self, lines: list[bytes]) -> None:
        if self._journal is None:
            return
        try:
            self._journal.append(b"\n".join(lines) + b"\n")
        except OSError as exc:
            self._lose_journal(exc)

    def _after_scenarios(self, events: list[Event]) -> None:
        """When scenarios ended: what was learned in them can go, and the disk may be asked to keep them."""
        ended = [event.scenario for event in events if type(event) is ScenarioFinished]
        if not ended:
            return
        for scenario in ended:
            self._redactor.forget(scenario)
        try:
            self._keep()
        except OSError as exc:
            self._lose_journal(exc)

    def _keep(self) -> None:
        """Ask the disk to keep the journal, on a thread: a slow disk must not hold up the scenarios."""
        now = self._monotonic()
        if self._journal is None or now - self._synced < _SYNC_EVERY or (self._sync is not None and not self._sync.done()):
            return
        if self._sync is not None:
            # raises what the last one met
            self._sync.result()
        if self._syncer is None:
            self._syncer = ThreadPoolExecutor(1, thread_name_prefix="runner-journal")
        self._synced = now
        self._sync = self._syncer.submit(self._journal.sync)

    def _end_journal(self) -> None:
        if self._syncer is not None:
            self._syncer.shutdown(wait=True)
        if self._journal is None:
            return
        try:
            self._journal.sync()
            whole = self._journal.is_whole()
            if not whole:
                # the run is over: `problems` alone tells it
                self.problems.append(
                    f"the journal {self._journal.path} was removed or changed while the run went on; its reports may lack what was in it"
                )
            self._journal.close(complete=self._over and whole)
        except OSError as exc:
            self._lose_journal(exc)

    def _lose_journal(self, exc: OSError) -> None:
        """Say once that the run is no longer written down, and go on without."""
        journal, self._journal = self._journal, None
        if journal is not None:
            message = f"the journal {journal.path} cannot be written: {reason(exc)}; what happens from here on is not on disk"
            self.problems.append(message)
            self._tell(message, "E612")

    # ── the sinks ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _switch_off(self, sink: Sink, exc: Exception) -> None:
        self._sinks = tuple(other for other in self._sinks if other is not sink)
        self._tell(self._problem(f"reporter `{sink.name}` broke and was switched off", exc), "E610")

    def _problem(self, what: str, exc: Exception) -> str:
        message = self._redactor.text(f"{what}: {type(exc).__name__}: {exc}".rstrip(": "))
        self.problems.append(message)
        return message

    def _tell(self, message: str, code: str) -> None:
        """Tell everybody who still listens; when the run is over, ``problems`` alone tells it."""
        if not self._over:
            self.emit(Logged(message=message, level="error", code=code))
