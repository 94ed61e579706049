"""
Where do secrets come from? The process environment, ``.env`` in the project folder, files of a mounted folder; in this order.

Used for ``secret()`` and ``env()`` in environment files and in scenarios. Values are never part of a message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from runner.environment.secret_names import is_secret_name
from runner.environment.secrets import Secret
from runner.errors import Diagnostic, EnvironmentUnusable, reason

__all__ = ["SecretSources", "parse_dotenv"]

_FOLDER = "RUNNER_SECRETS_DIR"
_USUAL_FOLDER = Path("/run/secrets")
_LARGEST = 1024 * 1024
_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*
        (?: '(?P<single>[^']*)' | "(?P<double>(?:[^"\\]|\\.)*)" | (?P<bare>[^\r\n]*?) )
        [ \t]*(?:(?:(?<=[ \t'"])|(?<==))\#[^\r\n]*)?$""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_DOTENV_HINT = "write it as a text file in UTF-8 with lines like NAME=value, or take it away"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_NAME = re.compile(r"[\w.-]+")


def parse_dotenv(text: str) -> dict[str, str]:
    r"""
    ``KEY=value`` lines; ``export`` before and comments behind are allowed. ``'single quotes'`` keep everything as it is, also over several
    lines; ``"double quotes"`` know ``\n``, ``\t``, ``\"`` and ``\\``. Nothing in a value is replaced. Other lines are left out.
    """
    found: dict[str, str] = {}
    for match in _LINE.finditer(text.replace("\r\n", "\n")):
        if match["double"] is not None:
            value = re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), match["double"], flags=re.DOTALL)
        else:
            value = match["single"] if match["single"] is not None else match["bare"]
        found[match["key"]] = value
    return found


class SecretSources:
    """
    Looks secrets up by name. ``found`` holds those that were, for the Redactor.

    *environ* is the process environment (default: the true one); its ``RUNNER_SECRETS_DIR`` names the mounted folder, ``/run/secrets`` is
    the usual one.
    """

    def __init__(self, root: Path, environ: Mapping[str, str] | None = None) -> None:
        self.found: dict[str, Secret] = {}
        self._environ = os.environ if environ is None else environ
        self._dotenv_path = root / ".env"
        named = self._environ.get(_FOLDER)
        self._folder = Path(named) if named else _USUAL_FOLDER
        self._folder_counts = bool(named) or self._folder.is_dir()

    @property
    def places(self) -> str:
        """Where is looked, in order, for messages."""
        dotenv = ".env in the project folder" + ("" if self._dotenv_path.is_file() else " (not there)")
        folder = f", files in {self._folder}" + ("" if self._folder.is_dir() else " (not there)") if self._folder_counts else ""
        return f"the process environment, {dotenv}{folder}"

    def find(self, name: str) -> Secret | None:
        """The secret *name*, or None; an empty value is none."""
        value = self.variable(name) or self._in_folder(name)
        if not value:
            return None
        secret = self.found[name] = Secret(name, value)
        return secret

    def get(self, name: str) -> Secret:
        """
        The secret *name*.

        Raises: ``EnvironmentUnusable`` – it is nowhere.
        """
        secret = self.find(name)
        if secret is None:
            raise EnvironmentUnusable(
                f"the secret {name} cannot be found; looked in {self.places}", code="E510", hint=f"set {name} in one of these places"
            )
        return secret

    def names(self) -> set[str]:
        """What can only be a secret: everything in ``.env`` and in the folder, and what the process environment calls one."""
        found = {name for name in self._environ if is_secret_name(name)}
        with suppress(EnvironmentUnusable):
            found |= self._dotenv.keys()
        if self._folder_counts and self._folder.is_dir():
            found |= {path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name)}
        return found

    def unreadable(self) -> list[Diagnostic]:
        """A warning when ``.env`` is there and cannot be read; who asks for a secret in it gets the error."""
        try:
            _ = self._dotenv
        except EnvironmentUnusable as exc:
            return [replace(exc.diagnostic(), severity="warning")]
        return []

    def variable(self, name: str) -> str | None:
        """The variable *name* of the process environment or of ``.env``, which need not be secret; or None."""
        value = self._environ.get(name)
        return self._dotenv.get(name) if value is None else value

    @cached_property
    def _dotenv(self) -> dict[str, str]:
        try:
            return parse_dotenv(self._dotenv_path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as exc:
            raise EnvironmentUnusable(f".env in the project folder cannot be read: {_why(exc)}", code="E511", hint=_DOTENV_HINT) from exc

    def _in_folder(self, name: str) -> str | None:
        path = self._folder / name
        if not self._folder_counts or not _NAME.fullmatch(name) or name.startswith(".") or not path.is_file():
            return None
        try:
            if path.stat().st_size > _LARGEST:
                raise EnvironmentUnusable(f"the secret's file {path} is larger than 1 MiB", code="E511")
            # editors and `echo` end a file with a newline that is no part of the secret
            return path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as exc:
            raise EnvironmentUnusable(f"the secret's file {path} cannot be read: {_why(exc)}", code="E511") from exc


def _why(exc: OSError | UnicodeDecodeError) -> str:
    return reason(exc) if isinstance(exc, OSError) else "it is not UTF-8 text"
