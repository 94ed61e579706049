"""
Does a secret stand in this file? The same shapes that the Redactor takes out are looked for in the bytes of any file.

Used by ``runner leakcheck``: the proof that what a run left behind can be handed on. Archives (zip, gzip) are looked into.
"""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Any
from zlib import error as ZlibError  # noqa: N812 - named like every other error

from msgspec import Struct

from runner.environment.forms import Form, Hidden, Reach, parts, reach_of
from runner.environment.model import Environment
from runner.environment.screen import Screen
from runner.environment.secrets import Secret
from runner.errors import reason

__all__ = ["Leak", "Leaks", "Unreadable"]

_PIECE = 1 << 20
# What is unpacked of one archive, at most: a bomb is not worth a full disk of reading.
_MOST_UNPACKED = 1 << 30


class Unreadable(Exception):
    """A file, or a part of it, could not be read; the text says why."""


class Leak(Struct, frozen=True):
    """
    A secret in a file, without its value. ``member`` is the file inside an archive; ``line`` counts from 1, and is 0 for a secret in the
    file's or the member's own name; ``encoded``: it stands there in another shape than its own.
    """

    secret: str
    file: str
    member: str
    line: int
    encoded: bool


class Leaks:
    """
    Looks for *secrets*, a name → its value, and the user names that it opens the door for.

    ``left_out`` are the names of those that are too short or too common to be told from ordinary words.
    """

    def __init__(self, secrets: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
        self.left_out: list[str] = []
        self._screen = Screen()
        # forms that look otherwise in a plain file than in a line of JSON, which is what the screen knows
        self._plain: dict[bytes, tuple[str, Form]] = {}
        self._owners: dict[Form, str] = {}
        self._values: set[str] = set()
        for name, (value, users) in secrets.items():
            if reach_of(value) is Reach.WHOLE:
                self.left_out.append(name)
            else:
                self._add(name, value, users)
        longest = [len(needle) for needle in self._plain] + [len(form.needle) for form in self._owners]
        self._overlap = max(longest, default=1)

    @classmethod
    def of(cls, environment: Environment, secrets: Iterable[Secret] = ()) -> Leaks:
        """Every secret of *environment*, and *secrets*."""
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        for secret in secrets:
            _know(found, secret, ())
        for members in environment.pools.values():
            for member in members:
                for credentials in member.credentials.values():
                    _gather(found, credentials)
        for data in (
            *(target.defaults for target in environment.targets.values()),
            *(target.options for target in environment.targets.values()),
            environment.mail.smtp,
            environment.mail.imap,
            environment.variables,
        ):
            _gather(found, data)
        return cls(found)

    def __len__(self) -> int:
        """How many secrets are looked for."""
        return len(set(self._owners.values()))

    def _add(self, name: str, value: str, users: tuple[str, ...]) -> None:
        for part in dict.fromkeys(parts(value)):
            if reach_of(part) is Reach.WHOLE:
                continue
            hidden = Hidden(part, users if part == value else ())
            self._values.add(part)
            self._screen.add(hidden)
            for form in hidden.forms:
                self._owners.setdefault(form, name)
                raw = form.text.encode("utf-8", "replace")
                if raw != form.needle:
                    self._plain.setdefault(raw, (name, form))
            if reach_of(part) is Reach.ANYWHERE:
                self._plain.setdefault(part.encode("utf-16-le", "replace"), (name, Form(part, Reach.ANYWHERE, b"")))

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def in_file(self, path: Path, shown: str) -> Iterator[Leak]:
        """
        The leaks in the file at *path*, which people know as *shown*; each secret once for each of its shapes.

        Raises: ``Unreadable`` – the file, or what is packed in it.
        """
        named = list(self._hits(shown.encode("utf-8", "replace")))
        shown = self.masked(shown)
        yield from (Leak(name, shown, "", 0, form.text not in self._values) for name, form in named)
        try:
            with path.open("rb") as file:
                yield from self._in_stream(file, shown, "")
            yield from self._in_archive(path, shown)
        except (OSError, EOFError, ZlibError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as exc:
            why = reason(exc) if isinstance(exc, OSError) and exc.errno else str(exc)
            raise Unreadable(f"{shown}: {self.masked(why)}") from exc

    def masked(self, text: str) -> str:
        """*text*, a name, with ``***`` in the place of every secret; longer ones first, so that none leaves an end of itself."""
        for form in sorted((form for _, form in self._hits(text.encode("utf-8", "replace"))), key=lambda form: -len(form.text)):
            text = text.replace(form.text, "***")
        return text if not any(self._hits(text.encode("utf-8", "replace"))) else "***"

    def _in_archive(self, path: Path, shown: str) -> Iterator[Leak]:
        with path.open("rb") as file:
            start = file.read(4)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path, "rb") as unpacked:
                yield from self._in_stream(unpacked, shown, "unpacked")
        elif start == b"PK\x03\x04" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    named = list(self._hits(member.filename.encode("utf-8", "replace")))
                    name_shown = self.masked(member.filename)
                    yield from (Leak(name, shown, name_shown, 0, form.text not in self._values) for name, form in named)
                    with closing(archive.open(member)) as unpacked:
                        yield from self._in_stream(unpacked, shown, name_shown)

    def _in_stream(self, stream: IO[bytes] | BufferedIOBase, shown: str, member: str) -> Iterator[Leak]:
        told: set[tuple[str, str]] = set()
        lines, kept, room = 1, b"", _MOST_UNPACKED
        while piece := stream.read(_PIECE):
            room -= len(piece)
            if member and room < 0:
                raise Unreadable(f"{shown}: more than 1 GiB is packed in it")
            data = kept + piece
            for name, form in self._hits(data):
                if (name, form.text) not in told:
                    told.add((name, form.text))
                    yield Leak(name, shown, member, lines + data[: _place(data, form)].count(b"\n"), form.text not in self._values)
            kept = data[-self._overlap :]
            lines += data[: len(data) - len(kept)].count(b"\n")

    def _hits(self, data: bytes) -> Iterator[tuple[str, Form]]:
        for form in self._screen.hits(data):
            if form.reach is Reach.ANYWHERE or _is_word(data, form.needle):
                yield self._owners[form], form
        for raw, (name, form) in self._plain.items():
            if raw in data and (form.reach is Reach.ANYWHERE or _is_word(data, raw)):
                yield name, form


def _place(data: bytes, form: Form) -> int:
    """Where *form* stands in *data*, in whichever of its spellings."""
    spelled = (form.needle, form.text.encode("utf-8", "replace"), form.text.encode("utf-16-le", "replace"))
    places = [data.find(needle) for needle in spelled if needle]
    return min((place for place in places if place >= 0), default=0)


def _is_word(data: bytes, needle: bytes) -> bool:
    """Whether *needle* stands somewhere in *data* with no letter or digit beside it."""
    start = data.find(needle)
    while start >= 0:
        before, after = data[start - 1 : start] if start else b"", data[start + len(needle) : start + len(needle) + 1]
        if not (_joins(before) or _joins(after)):
            return True
        start = data.find(needle, start + 1)
    return False


def _joins(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_" or byte > b"\x7f"


def _gather(found: dict[str, tuple[str, tuple[str, ...]]], data: Any) -> None:
    if isinstance(data, Mapping):
        user = data.get("user")
        users = (str(user.plain() if isinstance(user, Secret) else user),) if user else ()
        for value in data.values():
            if isinstance(value, Secret):
                _know(found, value, users)
            else:
                _gather(found, value)
    elif isinstance(data, (list, tuple)):
        for item in data:
            _gather(found, item)
    elif isinstance(data, Secret):
        _know(found, data, ())


def _know(found: dict[str, tuple[str, tuple[str, ...]]], secret: Secret, users: tuple[str, ...]) -> None:
    value = secret.plain()
    if not value:
        return
    name = secret.name
    while name in found and found[name][0] != value:
        name = f"{name} (another)"
    known = found[name][1] if name in found else ()
    found[name] = (value, tuple(dict.fromkeys((*known, *users))))
