"""
Is what is asked for right? Reads, checks and binds files, without a network.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from runner.engine.beforehand import mistakes
from runner.engine.binding import bind
from runner.engine.plan import Plan
from runner.environment.actors import ActorPool
from runner.environment.model import Environment
from runner.environment.secret_names import is_secret_name
from runner.environment.secrets import Secret
from runner.environment.sources import SecretSources
from runner.errors import BadScenario, Diagnostic
from runner.harness.garbage import collecting_rarely
from runner.harness.misnamed import misnamed, past_the_end
from runner.harness.overlooked import left_out, overlooked
from runner.harness.request import Request, chosen, project_of, wanted, words_of
from runner.harness.surroundings import environment_of
from runner.harness.written import unseen, written_secrets
from runner.plugins.contract import REASONS, FilePath, decode_custom, schema_custom
from runner.plugins.registry import Registry
from runner.scenario.load import Loader
from runner.scenario.model import Scenario
from runner.scenario.names import secret_names
from runner.scenario.project import Project, real
from runner.scenario.schema import Vocabulary

__all__ = ["Checked", "Checker", "check", "registry", "vocabulary"]


class Checked(Struct, frozen=True):
    """Everything that was found out without a network: the plans that would run, in order, and what is wrong."""

    plans: tuple[Plan, ...]
    scenarios: tuple[Scenario, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: int
    environment: Environment
    project: Project
    registry: Registry
    sources: SecretSources
    # files with words of one's own, looked at for themselves
    words: int = 0

    @property
    def errors(self) -> list[Diagnostic]:
        """What keeps it from running."""
        return [d for d in self.diagnostics if d.severity == "error"]


class Checker:
    """
    Reads, checks and binds the files of a request one by one; what they share is made once. Nothing is sent.

    Raises: ``EnvironmentUnusable`` – the environment is missing something; ``BrokenPlugin`` – a vendor is; ``BadScenario`` – the
    environment's file is wrong.

    With *only*, files are judged for these of their vendors, and the others need not be loaded.
    """

    def __init__(self, request: Request, *, vendors: Registry | None = None, secrets: bool = False, only: Collection[str] = ()) -> None:
        self._request = request
        self.registry = vendors or registry()
        for name in request.vendors:
            # an unknown one is a mistake in the call, not a reason to run nothing
            self.registry.vendor(name)
        self.project = project_of(request)
        self._load_environment(secrets=secrets)
        self._loader = Loader(vocabulary(self.registry), self.project, look=written_secrets, only=only)
        self._only = only

    def _load_environment(self, *, secrets: bool) -> None:
        self._sources = SecretSources(self.project.root)
        environment, self.warnings = environment_of(self._request, self.project, self.registry, self._sources, ask=secrets)
        # the names that its file gives to variables
        self.declared = frozenset(environment.variables)
        self._secret = [name for name, value in environment.variables.items() if isinstance(value, Secret)]
        self.warnings = [*self.warnings, *self._sources.unreadable()]
        self.environment = replace(environment, variables={**environment.variables, **self._given(self._secret)})
        self._pool = ActorPool(self.environment)

    def _given(self, secret: Collection[str]) -> dict[str, str | Secret]:
        """What whoever asked for the run gave; *secret* are the names that stand for secrets, beside those that say so."""
        return {
            name: Secret(name, value) if name in secret or is_secret_name(name) else value
            for name, value in self._request.variables.items()
        }

    def file(self, path: Path) -> list[Plan]:
        """
        Every run that the file at *path* asks for.

        Raises: ``BadScenario`` – with all its mistakes.
        """
        try:
            plans = bind(self._loader.load(path), self.environment, self.registry, self._pool, only=self._only)
        except BadScenario as exc:
            raise BadScenario([unseen(told) for told in exc.diagnostics]) from None
        if not self._request.variables:
            return plans
        given = self._given(secret_names(plans[0].scenario, self._secret))
        return [replace(plan, given=given) for plan in plans]

    def beforehand(self, plans: Iterable[Plan]) -> list[Diagnostic]:
        """
        What is wrong with values that are known before *plans*, those of one file, run. Not asked under pytest, where a fixture may give
        others.
        """
        return [unseen(told) for told in mistakes(plans, self.environment, self.project)]

    def word(self, path: Path) -> None:
        """
        Judge the file at *path*, which defines a word of one's own, as a scenario would that uses it.

        Raises: ``BadScenario`` – with all its mistakes.
        """
        if real(path) in self._loader.own.used:
            return
        try:
            bind(self._loader.alone(path), self.environment, self.registry, _Anybody())
        except BadScenario as exc:
            raise BadScenario([unseen(told) for told in exc.diagnostics]) from None

    def of_words(self) -> list[Diagnostic]:
        """The warnings about the files of words of one's own that were used."""
        return self._loader.of_words()

    def ready(self, plans: Iterable[Plan]) -> Checked:
        """
        *plans* of this checker, ready for :func:`carry_out`: the environment is read again, with its secrets.

        Raises: ``EnvironmentUnusable`` – secrets are missing.
        """
        self._load_environment(secrets=True)
        return self.checked(plans, self.warnings, files=0)

    def checked(self, plans: Iterable[Plan], diagnostics: Iterable[Diagnostic], *, files: int, words: int = 0) -> Checked:
        """What was found out."""
        kept = tuple(plans)
        scenarios = tuple({id(plan.scenario): plan.scenario for plan in kept}.values())
        # what one scenario declares as a secret is one for the whole run
        secrets = {name: value for plan in kept for name, value in plan.given.items() if isinstance(value, Secret)}
        environment = replace(self.environment, variables={**self.environment.variables, **secrets})
        return Checked(kept, scenarios, tuple(diagnostics), files, environment, self.project, self.registry, self._sources, words)


class _Anybody:
    """Who uses a word is not known."""

    def missing(self, names: Sequence[str], vendor: str) -> list[str]:
        """Nobody is."""
        return []


def check(request: Request, *, vendors: Registry | None = None, secrets: bool = False, words: bool = False) -> Checked:
    """
    Read, check and bind everything that *request* asks for; nothing is sent. The environment's secrets are looked for only with *secrets*.
    With *words*, the words of one's own below its folders are checked as well, whether or not a scenario uses them.

    Raises: ``EnvironmentUnusable`` – the environment is missing something; ``BrokenPlugin`` – a vendor is.
    """
    # a run that is named is looked for among all of them
    checker = Checker(request, vendors=vendors, secrets=secrets, only=() if request.keys else request.vendors)
    plans: list[Plan] = []
    kept: list[Plan] = []
    diagnostics = list(checker.warnings)
    wrong: list[Diagnostic] = []
    files = wanted(request.paths)
    if files:
        wrong += overlooked(request.paths, words=words)
    with collecting_rarely() as keep:
        for path, lines in files.items():
            # nearly all that was made of the files before stays, and is looked at by nobody: that took an eighth of the whole
            keep()
            try:
                found = checker.file(path)
            except BadScenario as exc:
                wrong += exc.diagnostics
                continue
            wrong += checker.beforehand(found)
            plans += found
            kept += [plan for plan in found if chosen(plan, request, lines)]
            diagnostics += found[0].scenario.warnings
            wrong += past_the_end(found[0].scenario.source, lines)
        named = words_of(request.paths, below=words)
        for path in named:
            try:
                checker.word(path)
            except BadScenario as exc:
                wrong += exc.diagnostics
        diagnostics += checker.of_words()
    if not wrong:
        # what a file with mistakes would have had is not known
        wrong = misnamed(request, plans, kept, checker.declared)
        if not request.keys:
            diagnostics += left_out(request.paths, plans, kept)
    return checker.checked(kept, [*diagnostics, *wrong], files=len(files) + len(named), words=len(named))


def registry() -> Registry:
    """The installed vendors."""
    return Registry.load()


def vocabulary(vendors: Registry) -> Vocabulary:
    """The words of *vendors*, as files are checked against them."""
    return Vocabulary(vendors, read=decode_custom, describe=schema_custom, file_kind=FilePath, reasons=REASONS)
