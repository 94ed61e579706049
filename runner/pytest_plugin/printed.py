"""
What scenarios print while pytest is at another item: it is kept from pytest's streams and loggers, and comes back through the gate.

pytest swaps ``sys.stdout`` for each phase of each item, and hangs handlers on the root logger; the scenarios go on meanwhile, on a thread
of their own. So the streams themselves are listened to, whichever stands there just now (:class:`runner.record.printed.Overheard`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from runner.pytest_plugin.outcomes import say
from runner.record.events import Logged
from runner.record.printed import PRINTING, Overheard
from runner.reporters.mistakes import shown
from runner.reporters.story import line_of

__all__ = ["Printing"]

# Fixtures that put a stream of their own into the place of stdout and stderr.
_CAPTURING = ("capsys", "capsysbinary", "capfd", "capfdbinary", "capteesys")
# The handlers of pytest's plugin for logging; it has had them since version 6.
_HANDLERS = ("caplog_handler", "report_handler", "log_cli_handler", "log_file_handler")
_SHOWING = ("log_cli_handler", "log_file_handler")


class Printing:
    """
    From :meth:`begin` to :meth:`close`, what scenarios print does not reach pytest.

    It becomes sections of the items, as what tests print does. Without capturing (``-s``) it is said at once instead, a line each that
    begins with the scenario; pytest's plugins speak on pytest's own thread, which calls :meth:`relay` for that.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        capture = config.getoption("capture", default="no")
        # a worker of pytest-xdist has no terminal
        self._kept = capture != "no" or hasattr(config, "workerinput")
        self._said = capture in ("no", "tee-sys")
        self._waiting: SimpleQueue[Logged] = SimpleQueue()
        self._overheard: Overheard | None = None
        self._undo: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Scenarios begin. Called on pytest's thread."""
        self._overheard = Overheard()
        self._listen()
        with self._uncaptured():
            self._listen()
        self._add(sys.__stdout__, sys.__stderr__)
        self._listen_to_loggers()

    def close(self) -> None:
        """They have ended."""
        self.relay()
        if self._overheard is not None:
            self._overheard.close()
            self._overheard = None
        while self._undo:
            self._undo.pop()()

    def follow(self, fixture: str) -> None:
        """A *fixture* was set up: a test in Python may capture by itself now, and scenarios go on meanwhile."""
        if fixture in _CAPTURING:
            self._listen()

    # ── streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _listen(self) -> None:
        self._add(sys.stdout, sys.stderr)

    def _add(self, stdout: Any, stderr: Any) -> None:
        if self._overheard is not None:
            self._overheard.add("stdout", stdout)
            self._overheard.add("stderr", stderr)

    def _uncaptured(self) -> AbstractContextManager[object]:
        """The streams that stand there between pytest's phases."""
        manager: Any = self._config.pluginmanager.get_plugin("capturemanager")
        return manager.global_and_fixture_disabled() if manager is not None else nullcontext()

    # ── loggers ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _listen_to_loggers(self) -> None:
        plugin: Any = self._config.pluginmanager.get_plugin("logging-plugin")
        if plugin is None:
            # then records end on a stream, if anywhere
            return
        root = logging.getLogger()
        for handler in (getattr(plugin, name) for name in _HANDLERS):
            handler.addFilter(_is_of_nobody)
            self._undo.append(lambda handler=handler: handler.removeFilter(_is_of_nobody))  # type: ignore[misc]  # bound at once
        heard = _ScenariosHandler(plugin.report_handler.formatter)
        root.addHandler(heard)
        self._undo.append(lambda: root.removeHandler(heard))
        if plugin.log_level is not None:
            # pytest sets it for each phase, and scenarios log in between
            before = root.level
            root.setLevel(min(before, plugin.log_level))
            self._undo.append(lambda: root.setLevel(before))

    # ── what came through the gate ───────────────────────────────────────────────────────────────────────────────────────────

    def sections(self, told: Mapping[str, str]) -> Mapping[str, str]:
        """What of *told* pytest is to show: without capturing, what was printed has been said. What was logged is shown either way."""
        return told if self._kept else {name: text for name, text in told.items() if name not in ("stdout", "stderr")}

    def tell(self, event: Logged) -> None:
        """A line that was printed, by a scenario or by the run around them. Called on the engine's thread."""
        if event.stream == "log" or self._said:
            self._waiting.put(event)

    def relay(self) -> None:
        """Say what waits to be said. Called on pytest's thread."""
        while True:
            try:
                event = self._waiting.get_nowait()
            except Empty:
                return
            if event.stream == "log":
                self._log(event)
            else:
                say(self._config, shown(f"{event.scenario or 'scenarios'} | {line_of(event)}"))

    def _log(self, event: Logged) -> None:
        """For the live log and the log file, which show the line as a record of the scenario's."""
        plugin: Any = self._config.pluginmanager.get_plugin("logging-plugin")
        for handler in (getattr(plugin, name) for name in _SHOWING):
            level = max(logging.INFO, handler.level)
            handler.handle(logging.LogRecord(event.scenario or "scenarios", level, "", 0, shown(line_of(event)), None, None))


class _ScenariosHandler(logging.Handler):
    """Takes the records of scenarios, and no others."""

    def __init__(self, formatter: logging.Formatter | None) -> None:
        super().__init__()
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        printed = PRINTING.get()
        if printed is not None:
            printed.take("log", f"{self.format(record)}\n")


def _is_of_nobody(_record: logging.LogRecord) -> bool:
    return PRINTING.get() is None
