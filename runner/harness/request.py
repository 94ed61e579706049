"""
What does somebody ask for? Which files, which of their runs, where, and with what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field

from runner.engine.plan import Plan
from runner.environment.model import SIMULATOR
from runner.scenario.definitions import PATTERN as STEPS_PATTERN
from runner.scenario.load import find
from runner.scenario.project import Project, real

__all__ = ["SIMULATOR", "Request", "chosen", "project_of", "wanted", "words_of"]

_LINE = re.compile(r"^(?P<path>.+\.ya?ml):(?P<line>\d+)$")


class Request(Struct, frozen=True, kw_only=True):
    """
    What somebody asks for.

    - ``paths`` are files, folders, or ``file.scenario.yaml:LINE``: the case on that line, elsewhere in the file the whole scenario.
    - ``vendors``, ``tags`` and ``cases`` keep only what has one of them (a tag ``not:x`` drops what has x); ``keys`` keep exactly these
      runs (``file::vendor[case]``).
    - ``environment`` is a name or a path; ``simulator`` needs no file. ``variables`` win over the environment's.
    - ``start`` is the folder from which the project is looked for; default: the current one.
    - ``leases`` is a folder in which the processes of one run agree on who has which actor; default: there is one process.
    """

    paths: tuple[str, ...] = ("scenarios",)
    environment: str = SIMULATOR
    vendors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    parallel: int | None = None
    seed: int | None = None
    reports: Path = Path("reports")
    variables: Mapping[str, str] = field(default_factory=dict)
    fail_fast: bool = False
    keys: tuple[str, ...] = ()
    start: Path | None = None
    leases: Path | None = None


def project_of(request: Request) -> Project:
    """The project around where somebody stands; or around what they name, when that lies elsewhere."""
    here = Project.around(request.start or Path.cwd())
    named = [real(Path(text)) for text in request.paths]
    return here if not named or any(path.is_relative_to(here.root) for path in named) else Project.around(named[0])


def wanted(paths: Iterable[str]) -> dict[Path, set[int]]:
    """Scenario files → the lines that were asked for (none: the whole file), in order, each once."""
    files: dict[Path, set[int]] = {}
    for text in paths:
        match = _LINE.match(text)
        if _is_word(Path(text)):
            continue
        for path in find([Path(match["path"] if match else text)]):
            lines = files.setdefault(path, set())
            if match:
                lines.add(int(match["line"]))
    return files


def words_of(paths: Iterable[str], *, below: bool) -> list[Path]:
    """The files of words of one's own that are named; with *below*, also those below the folders that are."""
    named = [Path(text) for text in paths if _is_word(Path(text)) or (below and Path(text).is_dir())]
    return [path for path in find(named, steps=True) if _is_word(path)]


def _is_word(path: Path) -> bool:
    return path.match(STEPS_PATTERN) and not path.is_dir()


def chosen(plan: Plan, request: Request, lines: set[int]) -> bool:
    """Whether *plan* is among the runs that *request* asks for; *lines* are those of its file that were named."""
    if request.keys and plan.key not in request.keys:
        return False
    if request.vendors and plan.vendor not in request.vendors:
        return False
    if request.cases and (plan.case is None or plan.case.name not in request.cases):
        return False
    tags = set(plan.scenario.tags)
    dropped = {tag[4:] for tag in request.tags if tag.startswith("not:")}
    kept = {tag for tag in request.tags if not tag.startswith("not:")}
    if tags & dropped or (kept and not tags & kept):
        return False
    return not lines or any(_stands_on(plan, line) for line in lines)


def _stands_on(plan: Plan, line: int) -> bool:
    """Whether *line* of the file is about this run: it is in the run's own case, or in none."""
    own = next((case for case in plan.scenario.cases if case.line <= line <= case.end_line), None)
    return own is None or plan.case is own
