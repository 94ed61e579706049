"""
Is everything run that was meant to be? A folder that is named and holds no scenario, and a file that is called almost as one, would
silently not run. Asked when files are checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from runner.engine.plan import Plan
from runner.errors import Diagnostic
from runner.scenario.definitions import PATTERN as STEPS_PATTERN
from runner.scenario.load import PATTERN
from runner.scenario.project import find_files, real

__all__ = ["left_out", "misspelt", "overlooked"]

_ENDING = PATTERN.removeprefix("*")
_ALMOST = re.compile(r"\.scenarios?\.ya?ml$", re.IGNORECASE)


def overlooked(paths: Iterable[str], *, words: bool) -> list[Diagnostic]:
    """
    The mistakes, by *paths*; with *words*, a folder may hold words of one's own instead of scenarios. A call that names nothing else than
    empty folders is told elsewhere: nothing runs.
    """
    folders = [path for path in map(Path, paths) if path.is_dir()]
    inside = {path: list(find_files(path, "*")) for path in folders}
    names_others = len(list(dict.fromkeys(paths))) > 1
    return [
        *(_empty(path) for path, files in inside.items() if names_others and not any(_counts(file, words) for file in files)),
        *(told for file in dict.fromkeys(file for files in inside.values() for file in files) if (told := misspelt(file)) is not None),
    ]


def left_out(paths: Iterable[str], plans: Iterable[Plan], chosen: Iterable[Plan]) -> Iterator[Diagnostic]:
    """Warnings about each of several *paths* that has runs among *plans*, and none among those that are *chosen*."""
    named = {text: real(Path(text)) for text in dict.fromkeys(paths)}
    if len(named) < 2:
        return
    has, runs = ({real(path) for path in {plan.scenario.path for plan in some}} for some in (plans, chosen))
    for text, path in named.items():
        if runs and any(file.is_relative_to(path) for file in has) and not any(file.is_relative_to(path) for file in runs):
            yield Diagnostic("E412", f"nothing in `{text}` is what was asked for, so nothing of it runs", severity="warning")


def _counts(file: Path, words: bool) -> bool:
    return file.match(PATTERN) or (words and file.match(STEPS_PATTERN)) or bool(_ALMOST.search(file.name))


def _empty(folder: Path) -> Diagnostic:
    return Diagnostic(
        "E412", f"there is no scenario in `{folder.as_posix()}`", hint=f"leave it out, or see whether its files end in {_ENDING}"
    )


def misspelt(file: Path) -> Diagnostic | None:
    """What is to be said of a file that is called almost as a scenario; None of all others."""
    almost = _ALMOST.search(file.name)
    if almost is None or file.name.endswith(_ENDING):
        return None
    return Diagnostic(
        "E413",
        f"`{file.as_posix()}` would not run: the names of scenario files end in {_ENDING}",
        hint=f"call it `{file.name[: almost.start()]}{_ENDING}`",
    )
