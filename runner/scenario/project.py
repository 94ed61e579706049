"""
The files of a project: found by the paths that files name, read safely, and never from outside the project's folder.

A path in a file is relative to that file, else to the scenarios folder. Used by :mod:`runner.scenario.load` (cases, steps, attachments at
check time) and by the engine (attachments when they are sent).
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from unicodedata import normalize
from urllib.parse import unquote

from runner.errors import RunnerError, nearest, reason

__all__ = ["LARGEST", "BadFile", "Project", "real"]

# Bytes of one file that are read, at most.
LARGEST = 25 * 1024 * 1024
_FOLDER = "scenarios"
_ROOT_MARKS = (_FOLDER, "pyproject.toml")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:")
# Where capitals and ends in blanks make no other name, a file may be found that the same scenario misses on the server of the night.
_LENIENT = sys.platform in ("win32", "darwin")
_NO_LINK, _FOLDER_FLAGS = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_DIRECTORY", 0)
_FLAGS = _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def real(path: Path) -> Path:
    """Where *path* really is; a link that leads to itself stays what it is, and is told of when it is opened."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


class BadFile(RunnerError):
    """A file of the project cannot be used: missing (E401), outside (E402), not a plain file (E403), too large (E404), no path (E405)."""

    code = "E401"


class Project:
    """
    One project: ``root`` is its folder, ``scenarios`` the folder that paths are also looked for in.

    Nothing outside ``root`` is ever opened, whatever a path, a symbolic link, or a change between looking and opening says.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.scenarios = self.root / _FOLDER if (self.root / _FOLDER).is_dir() else self.root
        self._found: dict[tuple[Path | None, str], Path] = {}

    @classmethod
    def around(cls, path: Path) -> Project:
        """The project that *path* (a file or a folder) belongs to: the nearest parent with a scenarios folder or a pyproject.toml."""
        start = real(path)
        folder = start if start.is_dir() else start.parent
        for parent in (folder, *folder.parents):
            if any((parent / mark).exists() for mark in _ROOT_MARKS):
                return cls(parent)
        return cls(folder)

    def shown(self, path: Path) -> str:
        """*path* as people know it: from where they stand, else from the project's folder; with forward slashes."""
        real = path if path.is_absolute() else Path.cwd() / path
        for base in (Path.cwd(), self.root):
            try:
                return real.relative_to(base).as_posix()
            except ValueError:
                continue
        return real.as_posix()

    def resolve(self, path: str, *, relative_to: Path | None = None) -> Path:
        """
        The real place of the plain file that *path* names in the file *relative_to*.

        Raises: ``BadFile`` – missing, outside, not a plain file.
        """
        text = _checked(path)
        tried = [base / text for base in self._bases(relative_to)]
        if not _normal(tried[0]).is_relative_to(self.root):
            raise _outside(path)
        for candidate in map(_normal, tried):
            found = self._inside(candidate, path) if candidate.is_relative_to(self.root) else None
            if found is not None:
                return found
        raise self._missing(path, tried)

    def check(self, path: str, *, relative_to: Path | None = None) -> Path:
        """As :meth:`resolve`, asking the disk once for each path and folder: many scenarios name the same files."""
        key = (relative_to and relative_to.parent, path)
        if key not in self._found:
            self._found[key] = self.resolve(path, relative_to=relative_to)
        return self._found[key]

    def read(self, path: str, *, relative_to: Path | None = None, limit: int = LARGEST) -> bytes:
        """
        The bytes of a file.

        Raises: ``BadFile`` – as :meth:`resolve`, or larger than *limit* bytes.
        """
        return self.read_at(self.resolve(path, relative_to=relative_to), name=path, limit=limit)

    def read_at(self, real: Path, *, name: str = "", limit: int = LARGEST) -> bytes:
        """The bytes of a file that :meth:`resolve` gave; opened folder by folder, so that nobody can put a link in its way meanwhile."""
        name = name or self.shown(real)
        try:
            opened = self._open(real)
        except OSError as exc:
            raise BadFile(f"`{name}` cannot be read: {reason(exc)}", code="E403") from None
        with os.fdopen(opened, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise _not_plain(name, about.st_mode)
            content = file.read(limit + 1)
        if len(content) > limit:
            raise BadFile(f"`{name}` is larger than {limit:,} bytes", code="E404", hint="use a smaller file")
        return content

    def files(self, pattern: str) -> Iterator[Path]:
        """Every plain file below the scenarios folder whose name matches *pattern*, sorted; hidden folders are left out."""
        return find_files(self.scenarios, pattern)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _bases(self, relative_to: Path | None) -> list[Path]:
        bases = [self.scenarios, self.root]
        if relative_to is not None:
            bases.insert(0, relative_to.resolve() if relative_to.is_dir() else relative_to.resolve().parent)
        return list(dict.fromkeys(bases))

    def _inside(self, candidate: Path, path: str) -> Path | None:
        """The real place of *candidate*, None when there is nothing."""
        try:
            real = candidate.resolve(strict=True)
            mode = real.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as exc:
            raise BadFile(f"`{path}` cannot be read: {reason(exc)}", code="E403", hint="name another file") from None
        except UnicodeEncodeError:  # a file system that knows only ASCII names
            hint = "set PYTHONUTF8=1, or give the file a name of plain letters"
            raise BadFile(
                f"`{path}` cannot be read: the system's language settings do not know its letters", code="E403", hint=hint
            ) from None
        except RuntimeError:  # links that go round in a circle, before Python 3.13
            raise BadFile(f"`{path}` cannot be read: its links go round in a circle", code="E403", hint="name another file") from None
        if not real.is_relative_to(self.root):
            raise _outside(path)
        if not stat.S_ISREG(mode):
            raise _not_plain(path, mode)
        return real if not _LENIENT or self._is_spelled(candidate) else None

    def _is_spelled(self, candidate: Path) -> bool:
        """Whether every name in the path of *candidate* is written as it is on the disk."""
        inside = (candidate, *(parent for parent in candidate.parents if parent != self.root and parent.is_relative_to(self.root)))
        return all(_composed(one.name) in {_composed(there.name) for there in one.parent.iterdir()} for one in inside)

    def _open(self, real: Path) -> int:
        """A descriptor of *real*, which has no links in it."""
        if os.open not in os.supports_dir_fd or not _FLAGS:
            return os.open(real, os.O_RDONLY | _FLAGS)
        parts = real.relative_to(self.root).parts
        folder = os.open(self.root, os.O_RDONLY | _FOLDER_FLAGS)
        try:
            for part in parts[:-1]:
                inner = os.open(part, os.O_RDONLY | _FOLDER_FLAGS | _NO_LINK, dir_fd=folder)
                os.close(folder)
                folder = inner
            return os.open(parts[-1], os.O_RDONLY | _FLAGS, dir_fd=folder)
        finally:
            os.close(folder)

    def _missing(self, path: str, tried: list[Path]) -> BadFile:
        first = _normal(tried[0])
        close = self._nearest(path, tried)
        where = self.shown(first)
        hint = f"write `{close}`" if close else f"put the file at {where}"
        return BadFile(f"there is no file `{path}`", hint=hint)

    def _nearest(self, path: str, tried: list[Path]) -> str | None:
        """What *path* was probably meant to be: another file of that folder, or the same name in another folder."""
        name = PurePosixPath(path).name
        for candidate in tried:
            folder = _normal(candidate).parent
            if folder.is_dir() and folder.is_relative_to(self.root):
                close = _alike(name, [one.name for one in sorted(folder.iterdir()) if one.is_file()])
                if close:
                    return str(PurePosixPath(path).with_name(close))
        for found in find_files(self.scenarios, "*"):
            if found.name == name:
                return found.relative_to(self.scenarios).as_posix()
        return None


def _composed(name: str) -> str:
    """*name* with its accents on their letters: some disks take them apart."""
    return normalize("NFC", name)


def find_files(folder: Path, pattern: str) -> Iterator[Path]:
    """Plain files below *folder* whose names match *pattern*, sorted, without hidden ones; links to folders are not followed."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            if not name.startswith(".") and PurePosixPath(name).match(pattern):
                yield Path(where) / name


def _alike(name: str, others: list[str]) -> str | None:
    """The file name that *name* was probably meant to be: alike before the first dot, or one the beginning of the other."""
    stem, _, kind = name.partition(".")
    stems = {other.partition(".")[0]: other for other in others if other.partition(".")[2] == kind} or {
        other.partition(".")[0]: other for other in others
    }
    close = nearest(stem, stems) or next(
        (other for other in stems if stem and other and (other.startswith(stem) or stem.startswith(other))), None
    )
    return stems[close] if close else None


def _normal(path: Path) -> Path:
    """*path* with its ``..`` taken at their word, before any link is followed."""
    return Path(os.path.normpath(path))


def _checked(path: str) -> str:
    """*path* when it is one of ours: relative, with forward slashes, without tricks."""
    if not path.strip():
        raise BadFile("the path is empty", code="E405", hint="write it like files/invoice.pdf")
    if any(ord(char) < 32 or ord(char) == 127 for char in path):
        raise BadFile("the path has a control character in it", code="E405", hint="write it like files/invoice.pdf")
    plain = unquote(unquote(path)).replace("\\", "/")
    away = plain.startswith(("/", "~")) or _DRIVE.match(plain) or _SCHEME.match(plain)
    if away or (plain != path and ".." in plain.split("/")):
        raise _outside(path)
    if "\\" in path:
        raise BadFile(f"`{path}` has backslashes", code="E405", hint=f"write `{plain}`")
    if any(_RESERVED.fullmatch(part) for part in plain.split("/")):
        raise BadFile(f"`{path}` is the name of a device on Windows", code="E403", hint="give the file another name")
    return path


def _outside(path: str) -> BadFile:
    return BadFile(
        f"`{path}` is outside the project folder",
        code="E402",
        hint="copy the file into the project, and write a path like files/invoice.pdf",
    )


def _not_plain(path: str, mode: int) -> BadFile:
    what = "a folder" if stat.S_ISDIR(mode) else "not a plain file"
    return BadFile(f"`{path}` is {what}", code="E403", hint="name a file")
