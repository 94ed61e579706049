"""
What is installed: the entry points of a group, found without importing anything that provides them.

Called by :mod:`runner.plugins.registry` for vendors and by :mod:`runner.reporters.base` for reporters. The standard library's
``importlib.metadata`` takes 40 ms to import and 5 ms to look, more than a whole ``runner check`` of one file; reading
``*.dist-info/entry_points.txt`` takes 1 ms. It is asked only where a part of ``sys.path`` is no folder (a zip file).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from functools import reduce
from importlib import import_module
from pathlib import Path

from msgspec import Struct

from runner.errors import BrokenPlugin

__all__ = ["Provided", "provided"]

_METADATA = (".dist-info", ".egg-info")


class Provided(Struct, frozen=True):
    """An entry point: its ``name``, its ``target`` (``module:attribute``), and the distribution it came with (``acme-runner 1.2``)."""

    name: str
    target: str
    package: str

    def load(self) -> object:
        """
        Import what it points at.

        Raises: ``BrokenPlugin`` – whatever went wrong, ``SystemExit`` included.
        """
        module, _, attribute = self.target.partition(":")
        try:
            # what it prints meanwhile must not get into what we print: that may be read by a program
            with redirect_stdout(sys.stderr):
                return reduce(getattr, attribute.split("."), import_module(module))
        except KeyboardInterrupt:
            raise
        except BaseException as exc:
            raise BrokenPlugin(
                f"plugin `{self.name}` of {self.package} cannot be loaded: {type(exc).__name__}: {exc}",
                plugin=self.name,
                code="E601",
                hint=f"install it again, or remove it: pip uninstall {self.package.partition(' ')[0]}",
            ) from exc


def provided(group: str, *, paths: Iterable[str] | None = None) -> list[Provided]:
    """Every entry point of *group* on *paths* (default ``sys.path``); of two copies of one distribution the first on the path counts."""
    looked_at = list(sys.path if paths is None else paths)
    found: list[Provided] = []
    seen: set[str] = set()
    for path in looked_at:
        try:
            # a path object is made only of the few that are wanted
            folders = [Path(path, name) for name in sorted(os.listdir(path or ".")) if name.endswith(_METADATA)]  # noqa: PTH208 - as above
        except NotADirectoryError:
            return _by_metadata(group, looked_at)
        except OSError:
            continue
        for folder in folders:
            found += _of_distribution(folder, group, seen)
    return found


def _of_distribution(folder: Path, group: str, seen: set[str]) -> list[Provided]:
    name, _, rest = folder.stem.partition("-")
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return []
    seen.add(key)
    try:
        text = (folder / "entry_points.txt").read_text(encoding="utf-8")
    except OSError:
        return []
    if f"[{group}]" not in text:
        return []
    package = f"{key} {rest.partition('-')[0]}".strip()
    return [Provided(entry, target, package) for entry, target in _section(text, group)]


def _section(text: str, group: str) -> Iterator[tuple[str, str]]:
    """``name = module:attribute [extra]`` lines of one section → (name, ``module:attribute``)."""
    inside = False
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            inside = line == f"[{group}]"
        elif inside and "=" in line and not line.startswith(("#", ";")):
            name, _, target = line.partition("=")
            yield name.strip(), target.partition("[")[0].strip()


def _by_metadata(group: str, paths: list[str]) -> list[Provided]:
    from importlib.metadata import DistributionFinder, MetadataPathFinder

    found: list[Provided] = []
    seen: set[str] = set()
    for distribution in MetadataPathFinder.find_distributions(DistributionFinder.Context(path=paths)):
        key = re.sub(r"[-_.]+", "-", distribution.name).lower()
        if key not in seen:
            seen.add(key)
            package = f"{key} {distribution.version}"
            found += [Provided(e.name, e.value.partition("[")[0].strip(), package) for e in distribution.entry_points if e.group == group]
    return found
