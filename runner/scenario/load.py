"""
From a path to a Scenario, or everything that is wrong with the file. Called by the harness; one :class:`Loader` serves a whole run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from msgspec.structs import replace

from runner.clock import SystemClock
from runner.errors import BadScenario, Diagnostic, InternalError, nearest
from runner.scenario import build as scenarios
from runner.scenario.definitions import PATTERN as STEPS_PATTERN
from runner.scenario.definitions import Definitions
from runner.scenario.model import Definition, Scenario, Step, VendorName
from runner.scenario.project import Project, find_files, real
from runner.scenario.reading import Reading
from runner.scenario.schema import GENERAL, Vocabulary
from runner.scenario.templates.functions import functions
from runner.scenario.templates.template import Templates, compile_value
from runner.scenario.yaml.document import examine
from runner.scenario.yaml.document import load as load_source
from runner.scenario.yaml.nodes import Mapping, Node
from runner.scenario.yaml.surprises import surprises
from runner.source import Source

__all__ = ["PATTERN", "Loader", "find", "load"]

PATTERN = "*.scenario.yaml"


class Loader:
    """
    Reads the scenarios of one project. What files share (templates, shapes, words of one's own) is made once.

    Nothing is raised but ``BadScenario`` with all mistakes of the file, in file order. *look* sees the tree of each scenario and gives the
    warnings about it. *only*: the vendors that are asked for, where not all are; files for others as well are judged by these alone.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        project: Project,
        templates: Templates | None = None,
        *,
        look: Callable[[Node], Sequence[Diagnostic]] | None = None,
        only: Collection[str] = (),
    ) -> None:
        self.vocabulary = vocabulary
        self.project = project
        self.templates = templates or Templates(_foreseen(project))
        self.own = Definitions(project)
        self._look = look
        self._only = only

    def load(self, path: Path) -> Scenario:
        """The scenario in the file at *path*; raises ``BadScenario``."""
        return self.parse(load_source(path, name=self.project.shown(path)), path)

    def parse(self, source: Source, path: Path) -> Scenario:
        """The scenario that *source* says, which stands (or will stand) at *path*; raises ``BadScenario``."""
        document, problems = examine(source, example=scenarios.EXAMPLE)
        reading = self._reading(source, path, problems)
        scenario = None if document is None else scenarios.build(document.root, reading, only=self._only)
        reading.raise_if_wrong()
        if scenario is None:
            raise InternalError(f"{source.name} has no scenario, and no mistake either")
        if document is None:
            return scenario
        warnings = (*surprises(document.root), *(self._look(document.root) if self._look is not None else ()))
        return replace(scenario, warnings=warnings) if warnings else scenario

    def definition(self, path: Path, vendors: Sequence[str] = ()) -> Definition:
        """The word that the ``*.steps.yaml`` file at *path* defines, checked for *vendors*, else for all; raises ``BadScenario``."""
        reading = self._reading(Source(self.project.shown(path), ""), path.parent, [])
        reading.vendors = reading.asked = tuple(vendors) or self.vocabulary.vendors or (GENERAL,)
        return self.own.file(real(path), reading, 0)

    def alone(self, path: Path) -> Scenario:
        """
        A scenario that does nothing but use the word of the ``*.steps.yaml`` file at *path*, for every vendor, or those that the word is
        right for: with it a word can be checked that nobody uses.

        Raises: ``BadScenario`` – it is right for none of them.
        """
        vendors = self.vocabulary.vendors
        try:
            return self._using(self.definition(path), vendors)
        except BadScenario as exc:
            for vendor in vendors:
                with suppress(BadScenario):
                    return self._using(self.definition(path, (vendor,)), (vendor,))
            raise exc from None

    def _using(self, word: Definition, vendors: Sequence[str]) -> Scenario:
        nothing = compile_value(Mapping(word.source, 0, 0), self.templates)
        step = Step(word=word.name, word_span=word.span, span=word.span, parameters=nothing, actor="agent", definition=word)
        return Scenario(
            name=word.name,
            id="",
            description="",
            tags=(),
            vendors=tuple(VendorName(name, word.span) for name in vendors),
            variables={},
            cases=(),
            columns=(),
            steps=(step,),
            cleanup=(),
            file=word.source.name,
            path=word.path,
            source=word.source,
            span=word.span,
        )

    def of_words(self) -> list[Diagnostic]:
        """The warnings about the files of the words that were used."""
        if self._look is None:
            return []
        return [told for root in self.own.used.values() if root is not None for told in self._look(root)]

    def _reading(self, source: Source, path: Path, problems: list[Diagnostic]) -> Reading:
        return Reading(source, path, self.vocabulary, self.project, self.templates, self.own, diagnostics=list(problems))


def _foreseen(project: Project) -> AnyMapping[str, Any]:
    """The helpers as far as they can be asked beforehand."""
    return functions(
        random=Random(0), clock=SystemClock(), read=lambda path: project.read(path).decode("utf-8"), env={}, secret=lambda name: name
    )


def load(path: Path, *, vocabulary: Vocabulary, project: Project | None = None, templates: Templates | None = None) -> Scenario:
    """
    The scenario in the file at *path*. For many files, keep a :class:`Loader`.

    Raises: ``BadScenario`` – with all its mistakes, in file order.
    """
    return Loader(vocabulary, project or Project.around(path), templates).load(path)


def find(paths: Iterable[Path], *, steps: bool = False) -> list[Path]:
    """
    The scenario files among *paths* and below the folders among them, sorted within each folder, each one once.

    ``steps``: also the ``*.steps.yaml`` files. A file that is named is taken whatever it is called.
    Raises: ``BadScenario`` – a path leads nowhere.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            patterns = [PATTERN, STEPS_PATTERN] if steps else [PATTERN]
            inside = [one for pattern in patterns for one in find_files(path, pattern)]
        elif path.exists():
            inside = [path]
        else:
            raise BadScenario([Diagnostic("E401", f"there is no file or folder `{path.as_posix()}`", hint=_near(path))])
        for one in inside:
            found.setdefault(real(one), one)
    return list(found.values())


def _near(path: Path) -> str:
    folder = path.parent
    names = [one.name for one in sorted(folder.iterdir())] if folder.is_dir() else []
    close = nearest(path.name, names)
    if path == Path("scenarios"):
        return "begin here with `runner init`, or give the path of a scenario file or of a folder with some"
    return f"write `{path.with_name(close).as_posix()}`" if close else "give the path of a scenario file, or of a folder with some"
