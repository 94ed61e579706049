"""
What is printed while a run goes on, by a plugin or by a library under it: whose is it, and how does it become lines of the record?

Scenarios run side by side in one process, so that neither the moment nor the stream tells who printed. The context does: ``PRINTING`` is
set by the engine for each scenario, and tasks inherit it, as do threads that are started in it. A face lays :class:`Overheard` over the
streams of its process; what is written there in a scenario's context becomes :class:`Logged` events of that scenario, which go through the
gate as all others do. Whatever else is written there passes through.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from msgspec import Struct

from runner.record.events import Channel, Event, Logged

__all__ = ["PRINTING", "Overheard", "Printed", "overheard"]

# A longer line is cut, and its true size told. The gate knows texts of this length as such that may end within a secret.
_LINE = 16_384
# What is kept of a scenario, in lines and in characters; the rest is counted.
_MOST_LINES = 1_000
_MOST_CHARACTERS = 100_000

# Who takes what is printed here; None: nobody, it goes where it was written to.
PRINTING: ContextVar[Printed | None] = ContextVar("printing", default=None)


class _Line(Struct):
    """A line that has no end yet: what is kept of it, and how long it is."""

    kept: list[str]
    size: int = 0

    def add(self, text: str) -> None:
        """More of it."""
        room = _LINE - self.size
        if room > 0 and text:
            self.kept.append(text[:room])
        self.size += len(text)


class Printed:
    """
    What one scenario prints, or with *scenario* "" the run around them; made on the event loop, and written to from any thread.

    *emit* records an event; *step* gives the place of the step at work. Each line is one event. Whatever comes after :meth:`close` belongs
    to the run.
    """

    def __init__(self, emit: Callable[[Event], None], *, scenario: str = "", step: Callable[[], str] = str) -> None:
        self._emit = emit
        self._scenario = scenario
        self._step = step
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._begun: dict[Channel, _Line] = {}
        # what may still be kept, and what was not
        self._lines = _MOST_LINES
        self._characters = _MOST_CHARACTERS
        self._left_out = 0
        self._left_out_characters = 0

    def take(self, stream: Channel, text: str) -> None:
        """*text* was written to *stream*; a line is told when it ends."""
        with self._lock:
            told = [self._told(line, stream, self._step()) for line in self._ended(stream, text)]
        self._tell(told)

    def close(self) -> None:
        """The scenario ends: tell the lines that had no end, and how much was left out. On the event loop."""
        with self._lock:
            told = [self._told(line, stream, "") for stream, line in self._begun.items()]
            self._begun.clear()
            if self._left_out:
                message = f"... and {self._left_out:,} more lines, {self._left_out_characters:,} characters, which were not kept"
                told.append(Logged(message=message, scenario=self._scenario, stream="stdout"))
                self._left_out = self._left_out_characters = 0
            self._scenario = ""
        self._tell(told)

    def _ended(self, stream: Channel, text: str) -> Iterator[_Line]:
        """The lines that end within *text*."""
        line = self._begun.pop(stream, None) or _Line([])
        *ended, rest = text.split("\n")
        for part in ended:
            line.add(part)
            yield line
            line = _Line([])
        line.add(rest)
        if line.size:
            self._begun[stream] = line

    def _told(self, line: _Line, stream: Channel, step: str) -> Logged | None:
        """None: there is no more room for it."""
        message = "".join(line.kept).removesuffix("\r")
        if self._lines == 0 or len(message) > self._characters:
            # what follows is left out as well, however short: there is one gap, and it is at the end
            self._lines = 0
            self._left_out += 1
            self._left_out_characters += line.size
            return None
        self._lines -= 1
        self._characters -= len(message)
        return Logged(message=message, scenario=self._scenario, step=step, stream=stream, size=line.size if line.size > _LINE else 0)

    def _tell(self, told: Sequence[Logged | None]) -> None:
        events = [event for event in told if event is not None]
        if threading.get_ident() == self._thread:
            self._tell_here(events)
        elif events:
            # a loop that is closed has nobody left to tell
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._tell_here, events)

    def _tell_here(self, events: Iterable[Logged]) -> None:
        for event in events:
            self._emit(event)


class Overheard:
    """
    Streams of this process that are listened to.

    Their methods are covered, and the names by which they are known (``sys.stdout``) are left alone: others swap those while scenarios run,
    and loggers keep what once stood there. A thread that a scenario starts, or gives work to, prints in the scenario's name.
    """

    def __init__(self) -> None:
        # stream → the attributes that it had of its own before
        self._before: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()
        self._break, self._start, self._submit = sys.breakpointhook, threading.Thread.start, ThreadPoolExecutor.submit
        sys.breakpointhook = self._to_debugger
        threading.Thread.start = _inherited(self._start)  # type: ignore[method-assign, assignment]  # Python 3.14 can do so by itself
        ThreadPoolExecutor.submit = _handed_on(self._submit)  # type: ignore[method-assign]  # as above

    def add(self, channel: Channel, stream: Any) -> None:
        """Listen to *stream* (text, or None) as well. One whose methods cannot be covered is left as it is."""
        if stream is None or stream in self._before:
            return
        flush = stream.flush

        def flushed() -> None:
            # what others wrote, and still waits there, must not come out in a scenario's name
            if PRINTING.get() is None:
                flush()

        self._cover(stream, write=_heard(channel, stream.write, str), flush=flushed)
        buffer = getattr(stream, "buffer", None)
        if buffer is not None:
            self._cover(buffer, write=_heard(channel, buffer.write, _decoded))

    def close(self) -> None:
        """Listen no more."""
        sys.breakpointhook = self._break
        threading.Thread.start = self._start  # type: ignore[method-assign]  # as it was
        ThreadPoolExecutor.submit = self._submit  # type: ignore[method-assign]  # as it was
        for stream, before in list(self._before.items()):
            for name, method in before.items():
                if method is None:
                    delattr(stream, name)
                else:
                    setattr(stream, name, method)
        self._before.clear()

    def _cover(self, stream: Any, **methods: Any) -> None:
        own = getattr(stream, "__dict__", None)
        if own is None:
            return
        self._before[stream] = {name: own.get(name) for name in methods}
        own.update(methods)

    def _to_debugger(self, *arguments: Any, **options: Any) -> Any:
        """Who debugs a plugin talks to the terminal."""
        PRINTING.set(None)
        return self._break(*arguments, **options)


def _heard(channel: Channel, write: Callable[[Any], Any], text_of: Callable[[Any], str]) -> Callable[[Any], Any]:
    def heard(written: Any) -> Any:
        printed = PRINTING.get()
        if printed is None:
            return write(written)
        printed.take(channel, text_of(written))
        return len(written)

    return heard


def _decoded(written: Any) -> str:
    return bytes(written).decode("utf-8", "replace")


def _inherited(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    @wraps(start)
    def started(thread: threading.Thread) -> None:
        printed = PRINTING.get()
        if printed is not None:
            thread.run = _printing(printed, thread.run)  # type: ignore[method-assign]  # of this one
        start(thread)

    return started


def _handed_on(submit: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a thread that works for one scenario after the other."""

    @wraps(submit)
    def submitted(pool: ThreadPoolExecutor, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Any:
        printed = PRINTING.get()
        if printed is None:
            return submit(pool, work, *arguments, **options)
        # the thread may be started now, and is nobody's
        before = PRINTING.set(None)
        try:
            return submit(pool, _printing(printed, work), *arguments, **options)
        finally:
            PRINTING.reset(before)

    return submitted


def _printing(printed: Printed, work: Callable[..., Any]) -> Callable[..., Any]:
    def working(*arguments: Any, **options: Any) -> Any:
        before = PRINTING.set(printed)
        try:
            return work(*arguments, **options)
        finally:
            PRINTING.reset(before)

    return working


@contextmanager
def overheard(stdout: Any, stderr: Any) -> Iterator[Overheard]:
    """Listen to two streams while the block runs."""
    listening = Overheard()
    listening.add("stdout", stdout)
    listening.add("stderr", stderr)
    try:
        yield listening
    finally:
        listening.close()
