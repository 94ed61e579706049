"""
The run on disk: a folder of its own, and in it the journal, one JSON object a line. It is the truth; every report can be made of it again.

Written by :mod:`runner.record.stream`, read by ``runner report`` and by whoever asks what happened. Beside it lies a file ``incomplete``
for as long as the run has not ended well: a run that was killed keeps it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec

from runner.clock import Clock
from runner.environment.leases import is_locked, lock, unlock
from runner.errors import BadScenario, Diagnostic, EnvironmentUnusable, nearest, reason
from runner.record.events import Event, Logged, decode
from runner.record.placing import put_in_place

__all__ = [
    "FORMAT",
    "JOURNAL",
    "Journal",
    "cannot_write",
    "is_incomplete",
    "last_cut_off",
    "new_run_folder",
    "point_latest",
    "read_journal",
    "resolve_run",
]

JOURNAL = "journal.jsonl"
# Grows when an older runner would misread what a newer one wrote. New events and new fields alone do not make it grow.
FORMAT = 1
# The first version that reads this format.
_NEEDS = "0.1.0"
_MARKER = "incomplete"
_LATEST = "latest"
_LATEST_TEXT = "latest.txt"
_O_BINARY = getattr(os, "O_BINARY", 0)
_MANY = 20


class _Header(msgspec.Struct):
    """The first line: the ``journal`` format, and the version of the runner that it ``needs``."""

    journal: int
    needs: str = ""


class _Unknown(msgspec.Struct):
    """What is known of an event that is not: its name and number."""

    event: str
    n: int = 0
    at: float = 0.0
    scenario: str = ""


_header = msgspec.json.Decoder(_Header).decode
_unknown = msgspec.json.Decoder(_Unknown).decode


class Journal:
    """
    The open journal of a run. What :meth:`append` was given is in the file when it returns: no buffer of ours could be lost by a kill.

    Raises: ``EnvironmentUnusable`` – *folder* cannot be written. :meth:`append` and :meth:`sync` raise ``OSError`` (disk full …).
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self._marker = folder / _MARKER
        try:
            self._marker.write_text("This run has not ended, or was cut off. Its journal holds everything up to there.\n", encoding="utf-8")
            # for as long as this process lives, so that others can tell a run that goes on from one that was cut off
            self._life = lock(self._marker)
            # nobody else on this machine needs to read it
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _O_BINARY, 0o600)
            self._size = os.fstat(self._file).st_size
            if self._size == 0:
                self.append(msgspec.json.encode(_Header(FORMAT, _NEEDS)) + b"\n")
        except OSError as exc:
            raise cannot_write(folder, exc) from exc

    def append(self, lines: bytes) -> None:
        """Write whole lines, with their ends."""
        written = os.write(self._file, lines)
        while written < len(lines):
            written += os.write(self._file, lines[written:])
        self._size += written

    def sync(self) -> None:
        """Wait until what was written is on the disk itself; survives a power cut, too."""
        os.fsync(self._file)

    def is_whole(self) -> bool:
        """Whether the file at its path is still the one that was written, with all that was written and nothing else in it."""
        ours = os.fstat(self._file)
        try:
            there = self.path.stat()
        except OSError:
            return False
        return (there.st_dev, there.st_ino, there.st_size) == (ours.st_dev, ours.st_ino, self._size)

    def close(self, *, complete: bool) -> None:
        """Close the file; when the run is *complete*, the marker goes."""
        os.close(self._file)
        if self._life is not None:
            unlock(self._life)
        if complete:
            self._marker.unlink(missing_ok=True)


def is_incomplete(folder: Path) -> bool:
    """Whether the run in *folder* is still going on, or was cut off."""
    return (folder / _MARKER).exists()


def last_cut_off(reports: Path) -> Path | None:
    """The newest run below *reports*, when it was cut off: it came to no end, and nobody writes it any more."""
    last = _latest(reports)
    return last if last is not None and is_incomplete(last) and not is_locked(last / _MARKER) else None


def read_journal(path: Path) -> Iterator[Event]:
    """
    The events of a run, from its folder or its journal, in order.

    A last line that was cut off is left out. A line that cannot be read, or holds an event that only a newer version knows, becomes a
    :class:`Logged` in its place.

    Raises: ``BadScenario`` – there is no journal, or it needs a newer version.
    """
    file = path / JOURNAL if path.is_dir() else path
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if number == 1 and _is_header(line, file):
                    continue
                event = _event(line, number)
                if event is not None:
                    yield event
    except OSError as exc:
        raise BadScenario([Diagnostic("E620", f"the journal {file} cannot be read: {_reason(exc)}")]) from exc


def _is_header(line: bytes, file: Path) -> bool:
    try:
        header = _header(line)
    except msgspec.DecodeError:
        return False
    if header.journal > FORMAT:
        newer = Diagnostic(
            "E622", f"the journal {file} needs version {header.needs} of the runner, or a newer one", hint="update the runner"
        )
        raise BadScenario([newer])
    return True


def _event(line: bytes, number: int) -> Event | None:
    try:
        event: Event = decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        if not line.endswith(b"\n") or not line.strip():
            return None
    else:
        return event
    try:
        unknown = _unknown(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Logged(message=f"line {number} of the journal cannot be read and was left out", level="warning", code="E621")
    message = f"line {number} of the journal holds a `{unknown.event}` of a newer version; it was left out"
    return Logged(message=message, n=unknown.n, at=unknown.at, scenario=unknown.scenario, code="E623")


# ── run folders ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def new_run_folder(reports: Path, clock: Clock) -> Path:
    """
    Make a folder for a new run below *reports*, which is made when it is not there.

    Its name sorts by time and ends by chance (``20300102-090000-3fa9c1``), so any number of runs can begin at the same moment.

    Raises: ``EnvironmentUnusable`` – reports cannot be written there; said before anybody logs in.
    """
    moment = clock.now().strftime("%Y%m%d-%H%M%S")
    try:
        reports.mkdir(parents=True, exist_ok=True)
        while True:
            folder = reports / f"{moment}-{secrets.token_hex(3)}"
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                continue
            return folder
    except OSError as exc:
        raise cannot_write(reports, exc) from exc


def point_latest(reports: Path, folder: Path) -> None:
    """
    Let ``latest`` mean *folder*: a link that is switched in one go, or where there are no links a file ``latest.txt`` with the name in it.

    Raises: ``EnvironmentUnusable`` – neither can be written.
    """
    fresh = reports / f".{_LATEST}-{folder.name}"
    try:
        try:
            fresh.symlink_to(folder.name, target_is_directory=True)
            _switch(fresh, reports / _LATEST)
            (reports / _LATEST_TEXT).unlink(missing_ok=True)
        except (OSError, NotImplementedError):
            # no right to make links (Windows), or something else of this name is in the way
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
            fresh.write_text(folder.name + "\n", encoding="utf-8")
            put_in_place(fresh, reports / _LATEST_TEXT)
    except OSError as exc:
        raise cannot_write(reports, exc) from exc


def _switch(fresh: Path, link: Path) -> None:
    """Put *fresh* in the place of *link*. Windows replaces no link to a folder: there the old one goes first."""
    try:
        fresh.replace(link)
    except OSError:
        if not link.is_symlink():
            raise
        link.unlink(missing_ok=True)
        fresh.replace(link)


def resolve_run(reports: Path, which: str) -> Path:
    """
    The folder of a run: ``latest``, its name or the beginning of it, its folder, or its journal.

    Raises: ``BadScenario`` – there is no such run.
    """
    if which == _LATEST:
        found = _latest(reports)
    else:
        named = Path(which)
        found = named.parent if named.is_file() else next((p for p in (reports / which, named) if (p / JOURNAL).is_file()), None)
        found = found or _beginning_with(reports, which)
    if found is None:
        raise BadScenario([_no_such_run(reports, which)])
    return found


def _latest(reports: Path) -> Path | None:
    link, text = reports / _LATEST, reports / _LATEST_TEXT
    # the text is there only since a run that could make no link
    with contextlib.suppress(OSError, ValueError):
        named = reports / text.read_text(encoding="utf-8").strip()
        if (named / JOURNAL).is_file():
            return named
    if (link / JOURNAL).is_file():
        return link.resolve()
    return max(_runs(reports), default=None)


def _beginning_with(reports: Path, which: str) -> Path | None:
    found = [run for run in _runs(reports) if run.name.startswith(which)] if which else []
    return found[0] if len(found) == 1 else None


def _runs(reports: Path) -> list[Path]:
    if not reports.is_dir():
        return []
    return sorted(path for path in reports.iterdir() if not path.is_symlink() and (path / JOURNAL).is_file())


def _no_such_run(reports: Path, which: str) -> Diagnostic:
    names = [run.name for run in _runs(reports)]
    if not names:
        return Diagnostic("E624", f"there is no run in {reports} yet", hint="start one with `runner run`")
    close = nearest(which, names) or names[-1]
    return Diagnostic("E624", f"there is no run `{which}` in {reports}", hint=f"write `{close}`", notes=_newest(names))


def _newest(names: list[str]) -> tuple[str, ...]:
    return (f"the newest runs: {', '.join(names[: -_MANY - 1 : -1])}",)


_REASONS = {
    errno.EACCES: "this user has no right to write there",
    errno.EPERM: "this user has no right to write there",
    errno.EROFS: "the disk is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT if hasattr(errno, "EDQUOT") else -1: "the disk quota is used up",
    errno.EEXIST: "it is a file, and must be a folder",
    errno.ENOTDIR: "a part of the path is a file, and must be a folder",
    errno.ENOENT: "it is not there",
    errno.EISDIR: "it is a folder, and must be a file",
    errno.ENAMETOOLONG: "the path is too long",
}


def _reason(exc: OSError) -> str:
    return _REASONS.get(exc.errno or 0, reason(exc))


def cannot_write(folder: Path, exc: OSError) -> EnvironmentUnusable:
    """What to raise when reports cannot be written to *folder*."""
    message = f"reports cannot be written to {folder}: {_reason(exc)}"
    return EnvironmentUnusable(message, code="E540", hint="name another folder for reports, or make this one writable")
