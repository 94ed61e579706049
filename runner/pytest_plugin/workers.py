"""
What pytest-xdist changes: each worker runs its own items and writes its own journal; the process that controls them makes one run of all.

The controller names the run and tells the workers (``tell``). A worker's part stands in ``reports/RUN-WORKER``; ``reports/RUN-shared``
holds the locks by which the workers agree on actors, and by which a worker that died is known. A worker that takes over an item looks
first whether a dead one began it: what may have sent mail is not begun again.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # the controller of a project without scenarios must not pay for it
    from runner.pytest_plugin.results import Told

__all__ = ["Controller", "Worker", "tell", "worker_of"]

_KEY = "scenario_runner"
_CONTROLLER = "scenario-runner-workers"
# the file by which the workers know that they have to stop
_STOP = "stop"


def tell(node: Any) -> None:
    """Tell a worker that is about to start (a ``WorkerController`` of pytest-xdist) which run it belongs to."""
    manager = node.config.pluginmanager
    controller = manager.get_plugin(_CONTROLLER)
    if controller is None:
        controller = Controller(node.config)
        manager.register(controller, _CONTROLLER)
    node.workerinput[_KEY] = {"run": controller.run, "seed": controller.seed}


class Controller:
    """In the process that controls the workers: when all are done, their journals become one, and reports are made of it."""

    def __init__(self, config: pytest.Config) -> None:
        self.run = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        self.seed = secrets.randbelow(2**31)
        self._config = config
        self._told: list[str] = []
        self._restore: Callable[[], None] | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """A worker has found its items. Where there are scenarios, SIGTERM ends this session in order."""
        if self._restore is None and any(".scenario.yaml::" in name for name in ids):
            from runner.pytest_plugin.signals import terminating

            self._restore = terminating(once=True)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C or SIGTERM: the workers are told, as pytest-xdist gives them ten seconds from here, and the first half of that no sign."""
        shared = self._reports() / f"{self.run}-shared"
        if shared.is_dir():
            from runner.pytest_plugin.signals import Terminated

            (shared / _STOP).write_text("terminated" if isinstance(excinfo.value, Terminated) else "interrupted", encoding="utf-8")

    def pytest_unconfigure(self) -> None:
        """The session is over."""
        if self._restore is not None:
            self._restore()

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """The workers have ended when pytest-xdist has had its turn."""
        result = yield
        parts = [Path(part) for part in sorted(self._reports().glob(f"{self.run}-gw*"))]
        if parts:
            self._make_one(session, parts)
        return result

    def _reports(self) -> Path:
        from runner.pytest_plugin.options import reports_of

        return reports_of(self._config)

    def _make_one(self, session: pytest.Session, parts: list[Path]) -> None:
        from runner.errors import RunnerError
        from runner.pytest_plugin.outcomes import finish, say_now
        from runner.pytest_plugin.reporting import make_again
        from runner.record.journal import cannot_write, point_latest
        from runner.record.merge import merge

        reports = self._reports()
        folder = reports / self.run
        try:
            folder.mkdir(mode=0o700)
            merge({part.name.removeprefix(f"{self.run}-"): part for part in parts}, folder)
            point_latest(reports, folder)
        except (OSError, RunnerError) as exc:
            error = exc if isinstance(exc, RunnerError) else cannot_write(folder, exc)
            self._told = [f"scenarios: error: {error.message}; what each worker did stands in {reports / self.run}-gw*"]
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            return
        for done in (*parts, reports / f"{self.run}-shared"):
            shutil.rmtree(done, ignore_errors=True)
        self._told = finish(session, make_again(self._config, folder), folder)
        say_now(session, self._told)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Where the run is written down."""
        for line in self._told:
            terminalreporter.write_line(line)


class Worker:
    """In a worker: its part of the run, and what the others do."""

    def __init__(self, config: pytest.Config, reports: Path) -> None:
        told: dict[str, Any] = config.workerinput[_KEY]  # type: ignore[attr-defined]  # pytest-xdist puts it there
        self.name: str = config.workerinput["workerid"]  # type: ignore[attr-defined]
        self.seed: int = told["seed"]
        self._run: str = told["run"]
        self._reports = reports
        self._shared = reports / f"{self._run}-shared"
        self.leases = self._shared / "leases"
        self._alive = self._shared / "alive"
        self._life: int | None = None
        self._dead: dict[str, dict[str, Told]] = {}

    def join(self) -> None:
        """
        Show the others that this worker lives, before it begins its first scenario.

        Raises: ``EnvironmentUnusable`` – reports cannot be written.
        """
        from runner.environment.leases import lock
        from runner.record.journal import cannot_write

        if self._life is not None:
            return
        try:
            self._alive.mkdir(mode=0o700, parents=True, exist_ok=True)
            # locked for as long as this process lives
            self._life = lock(self._alive / self.name)
        except OSError as exc:
            raise cannot_write(self._reports, exc) from exc

    def folder(self) -> Path:
        """
        Make the folder for this worker's part of the run.

        Raises: ``EnvironmentUnusable`` – it cannot be made.
        """
        from runner.record.journal import cannot_write

        folder = self._reports / f"{self._run}-{self.name}"
        try:
            folder.mkdir(mode=0o700)
        except OSError as exc:
            raise cannot_write(self._reports, exc) from exc
        return folder

    def raise_if_stopped(self) -> None:
        """Raises: ``KeyboardInterrupt``, ``Terminated`` – who controls the workers was told to end, and told the workers."""
        try:
            why = (self._shared / _STOP).read_text(encoding="utf-8")
        except OSError:
            return
        from runner.pytest_plugin.signals import Terminated

        raise Terminated if why == "terminated" else KeyboardInterrupt

    def inherited(self, key: str, words: Collection[str]) -> Told | None:
        """
        What a worker that died made of the scenario *key*; None when it may be carried out, as no mail left.

        *words* are the steps of the scenario that send mail.
        """
        from runner.pytest_plugin.results import may_have_sent, unfinished

        for name, stories in self._of_the_dead().items():
            told = stories.get(key)
            if told is None:
                continue
            if told.story.finished is not None:
                return told
            if may_have_sent(told.story, words):
                reason = f"worker {name} died while it ran this; mail may have been sent, so it is not begun again"
                return unfinished(told, reason, in_doubt=True)
        return None

    def _of_the_dead(self) -> dict[str, dict[str, Told]]:
        """Each worker that died → what is in its journal, by key."""
        from runner.environment.leases import is_locked
        from runner.pytest_plugin.results import told_by
        from runner.record.journal import is_incomplete

        for file in self._alive.iterdir():
            part = self._reports / f"{self._run}-{file.name}"
            if file.name not in (self.name, *self._dead) and not is_locked(file) and is_incomplete(part):
                self._dead[file.name] = told_by(part)
        return self._dead


def worker_of(config: pytest.Config, reports: Path) -> Worker | None:
    """This process as a worker, or None where it is none."""
    return Worker(config, reports) if _KEY in getattr(config, "workerinput", {}) else None
