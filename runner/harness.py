"""
The one place that knows everybody: paths + environment + sinks → a result. It wires, and decides nothing else.

Faces call :func:`check`, :func:`run` and :func:`report`; everything they hand over is in a :class:`Request`. One that meets its files one
by one and asks for more while the run goes on keeps a :class:`Checker` and calls :func:`carry_out`.
"""

from __future__ import annotations

import gc
import os
import random
import re
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.clock import Clock, SystemClock
from runner.engine.live import Run
from runner.engine.plan import Plan, bind
from runner.engine.schedule import Schedule, Tally
from runner.environment.actors import ActorPool
from runner.environment.handwritten import mask_written
from runner.environment.leases import Leases
from runner.environment.limits import RateLimiter, SessionLimit
from runner.environment.model import Environment, Member, Target
from runner.environment.redaction import Redactor
from runner.environment.secrets import Secret
from runner.environment.sources import SecretSources
from runner.errors import BadScenario, Diagnostic, RunnerError
from runner.plugins.contract import REASONS, FilePath, decode_custom, schema_custom
from runner.plugins.registry import Registry
from runner.record.events import Logged, RunFinished, RunStarted, SourceRead
from runner.record.journal import Journal, new_run_folder, point_latest, read_journal, resolve_run
from runner.record.result import Fold, RunResult
from runner.record.stream import Sink, Stream
from runner.scenario.document import read as read_document
from runner.scenario.functions import functions
from runner.scenario.load import Loader, find
from runner.scenario.model import Scenario
from runner.scenario.nodes import plain
from runner.scenario.project import Project
from runner.scenario.schema import Vocabulary
from runner.source import Source
from runner.transport.base import Transport

if TYPE_CHECKING:  # a run that uses no simulator must not pay for the server library
    from runner.simulation.server import Serving

__all__ = ["Checked", "Checker", "Request", "carry_out", "check", "registry", "report", "run"]

SIMULATOR = "simulator"
_PARALLEL = 16
_LINE = re.compile(r"^(?P<path>.+\.ya?ml):(?P<line>\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    What somebody asks for.

    - ``paths`` are files, folders, or ``file.scenario.yaml:LINE``.
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


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that was found out without a network: the plans that would run, in order, and what is wrong."""

    plans: tuple[Plan, ...]
    scenarios: tuple[Scenario, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: int
    environment: Environment
    project: Project
    registry: Registry
    sources: SecretSources

    @property
    def errors(self) -> list[Diagnostic]:
        """What keeps it from running."""
        return [d for d in self.diagnostics if d.severity == "error"]


def registry() -> Registry:
    """The installed vendors."""
    return Registry.load()


class Checker:
    """
    Reads, checks and binds the files of a request one by one; what they share is made once. Nothing is sent.

    Raises: ``EnvironmentUnusable`` – the environment is missing something; ``BrokenPlugin`` – a vendor is; ``BadScenario`` – the
    environment's file is wrong.
    """

    def __init__(self, request: Request, *, vendors: Registry | None = None, secrets: bool = False) -> None:
        self._request = request
        self.registry = vendors or registry()
        self.project = _project(request)
        self._load_environment(secrets=secrets)
        self._loader = Loader(vocabulary(self.registry), self.project)

    def _load_environment(self, *, secrets: bool) -> None:
        self._sources = SecretSources(self.project.root)
        self.environment, self.warnings = _environment(self._request, self.project, self.registry, self._sources, ask=secrets)
        self._pool = ActorPool(self.environment)

    def file(self, path: Path) -> list[Plan]:
        """
        Every run that the file at *path* asks for.

        Raises: ``BadScenario`` – with all its mistakes.
        """
        plans = bind(self._loader.load(path), self.environment, self.registry, self._pool)
        given = self._request.variables
        return [replace(plan, given=given) for plan in plans] if given else plans

    def ready(self, plans: Iterable[Plan]) -> Checked:
        """
        *plans* of this checker, ready for :func:`carry_out`: the environment is read again, with its secrets.

        Raises: ``EnvironmentUnusable`` – secrets are missing.
        """
        self._load_environment(secrets=True)
        return self.checked(plans, self.warnings, files=0)

    def checked(self, plans: Iterable[Plan], diagnostics: Iterable[Diagnostic], *, files: int) -> Checked:
        """What was found out."""
        kept = tuple(plans)
        scenarios = tuple({id(plan.scenario): plan.scenario for plan in kept}.values())
        return Checked(kept, scenarios, tuple(diagnostics), files, self.environment, self.project, self.registry, self._sources)


def check(request: Request, *, vendors: Registry | None = None, secrets: bool = False) -> Checked:
    """
    Read, check and bind everything that *request* asks for; nothing is sent. The environment's secrets are looked for only with *secrets*.

    Raises: ``EnvironmentUnusable`` – the environment is missing something; ``BrokenPlugin`` – a vendor is.
    """
    checker = Checker(request, vendors=vendors, secrets=secrets)
    for name in request.vendors:
        # an unknown one is a mistake in the call, not a reason to run nothing
        checker.registry.vendor(name)
    plans: list[Plan] = []
    diagnostics = list(checker.warnings)
    wanted = _wanted(request.paths, checker.project)
    with _collecting_rarely():
        for path, lines in wanted.items():
            try:
                plans += [plan for plan in checker.file(path) if _chosen(plan, request, lines)]
            except BadScenario as exc:
                diagnostics += exc.diagnostics
    return checker.checked(plans, diagnostics, files=len(wanted))


def _project(request: Request) -> Project:
    """The project around where somebody stands; or around what they name, when that lies elsewhere."""
    here = Project.around(request.start or Path.cwd())
    named = [Path(text).resolve() for text in request.paths]
    return here if not named or any(path.is_relative_to(here.root) for path in named) else Project.around(named[0])


def vocabulary(vendors: Registry) -> Vocabulary:
    """The words of *vendors*, as files are checked against them."""
    return Vocabulary(vendors, read=decode_custom, describe=schema_custom, file_kind=FilePath, reasons=REASONS)


def _wanted(paths: Iterable[str], project: Project) -> dict[Path, set[int]]:
    """Scenario files → the lines that were asked for (none: the whole file), in order, each once."""
    wanted: dict[Path, set[int]] = {}
    for text in paths:
        match = _LINE.match(text)
        found = find([Path(match["path"] if match else text)])
        for path in found:
            lines = wanted.setdefault(path, set())
            if match:
                lines.add(int(match["line"]))
    return wanted


def _chosen(plan: Plan, request: Request, lines: set[int]) -> bool:
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
    rows = {case.line for case in plan.scenario.cases} & lines if lines else ()
    return not rows or (plan.case is not None and plan.case.line in rows)


# ── the environment ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _environment(
    request: Request, project: Project, vendors: Registry, sources: SecretSources, *, ask: bool
) -> tuple[Environment, list[Diagnostic]]:
    path = _environment_file(request.environment, project)
    if path is None and request.environment == SIMULATOR:
        return _simulated_environment(vendors, request.variables), []
    from runner.environment.load import environment_file, load_environment

    path = path or environment_file(request.environment, project.root)
    document = read_document(path, name=project.shown(path))
    environment, warnings = load_environment(
        plain(document.root),
        span_of=document.span,
        vendors=[vendors.vendor(n) for n in vendors.names],
        root=project.root,
        sources=sources,
        ask=ask,
    )
    return replace(environment, variables={**environment.variables, **request.variables}), warnings


def _environment_file(name: str, project: Project) -> Path | None:
    """The file of the environment *name*: a path, or a name below ``scenarios/environments/``."""
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    return next((p for end in (".yaml", ".yml") if (p := project.scenarios / "environments" / f"{name}{end}").is_file()), None)


def _simulated_environment(vendors: Registry, variables: Mapping[str, str]) -> Environment:
    """Everything on the embedded simulators, as the people that each of them knows."""
    from runner.simulation.world import default_people

    pools: dict[str, list[Member]] = {}
    for person in default_people():
        credentials: dict[str, str | Secret] = {"user": person.user, "password": Secret(f"{person.user}'s password", person.password)}
        members = pools.setdefault(person.pool, [])
        members.append(Member(person.pool, len(members), dict.fromkeys(vendors.names, credentials)))
    return Environment(
        name=SIMULATOR,
        targets={name: Target(name, SIMULATOR) for name in vendors.names},
        pools={name: tuple(members) for name, members in pools.items()},
        variables=variables,
        allow_recipients=("*",),
    )


@asynccontextmanager
async def _simulators(environment: Environment, needed: Collection[str], vendors: Registry, seed: int) -> AsyncIterator[Environment]:
    """Start the simulators of the vendors that are *needed*, and give the environment in which their addresses stand."""
    simulated = [n for n in sorted(needed) if n in environment.targets and environment.targets[n].url == SIMULATOR]
    if not simulated:
        yield environment
        return
    from runner.simulation.server import serving
    from runner.simulation.world import World, default_people

    async with AsyncExitStack() as stack:
        targets = dict(environment.targets)
        for name in simulated:
            vendor = vendors.vendor(name)
            if vendor.simulate is None:
                raise RunnerError(f"{name} has no simulator", code="E505", hint="give its `url` in the environment")
            simulator = vendor.simulate(World(default_people(), seed=seed), vendor.settings())
            served = await stack.enter_async_context(serving(simulator))
            targets[name] = _simulated_target(targets[name], served)
        yield replace(environment, targets=targets)


def _simulated_target(target: Target, served: Serving) -> Target:
    defaults = {**served.simulator.defaults(), **target.defaults}
    return replace(target, url=served.url, control=served.control, defaults=defaults)


# ── running ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def run(
    request: Request,
    sinks: Sequence[Sink] = (),
    *,
    vendors: Registry | None = None,
    clock: Clock | None = None,
    on_start: Callable[[Schedule], None] | None = None,
    make_sinks: Callable[[Path], Sequence[Sink]] | None = None,
) -> RunResult:
    """
    Carry out everything that *request* asks for and give the result; the journal is in ``result.folder``.

    *make_sinks* is called with the run's folder, for reporters that write there; *on_start* with the schedule, for who wants to interrupt
    it.

    Raises: ``BadScenario`` – a file is wrong, and nothing was sent; ``EnvironmentUnusable``; ``BrokenPlugin``.
    """
    checked = check(request, vendors=vendors, secrets=True)
    if checked.errors:
        raise BadScenario(checked.errors)
    return await carry_out(request, checked, sinks, clock=clock, on_start=on_start, make_sinks=make_sinks)


async def carry_out(
    request: Request,
    checked: Checked,
    sinks: Sequence[Sink] = (),
    *,
    clock: Clock | None = None,
    on_start: Callable[[Schedule], None] | None = None,
    make_sinks: Callable[[Path], Sequence[Sink]] | None = None,
    more_for: Collection[str] | None = None,
    folder: Path | None = None,
) -> RunResult:
    """
    Carry out the plans of *checked*, as :func:`run` does.

    With *more_for* the run stays open after them: plans for these vendors may be added to the schedule that *on_start* was given, until
    its ``end`` is called. *folder* is where it writes: there already, and the caller says what ``latest`` is.

    Raises: ``EnvironmentUnusable`` – reports cannot be written.
    """
    clock = clock or SystemClock()
    seed = request.seed if request.seed is not None else random.SystemRandom().randrange(2**31)
    place = folder or new_run_folder(request.reports, clock)
    redactor = _redactor(checked)
    journal = Journal(place)
    fold = Fold(place)
    stream = Stream(journal, [fold, *sinks, *(make_sinks(place) if make_sinks else ())], redactor=redactor, clock=clock)
    if folder is None:
        point_latest(request.reports, place)
    try:
        await _Carrying(request, checked, stream, redactor, clock, seed, place.name, on_start, more_for).out()
    finally:
        stream.close()
    return fold.result(problems=stream.problems)


@dataclass(frozen=True, slots=True)
class _Carrying:
    """A run on its way: what its parts need of each other."""

    request: Request
    checked: Checked
    stream: Stream
    redactor: Redactor
    clock: Clock
    seed: int
    name: str
    on_start: Callable[[Schedule], None] | None
    more_for: Collection[str] | None

    async def out(self) -> None:
        """From the first event to the last; whatever goes wrong in between, the last one is sent."""
        began = self.clock.monotonic()
        self._begin()
        tally = Tally({}, len(self.checked.plans), "broken")
        problems: list[str] = []
        try:
            tally = await self._scheduled()
        except RunnerError as exc:
            problems.append(exc.message)
            self.stream.emit(Logged(message=exc.message, level="error", code=exc.code))
        except Exception as exc:  # noqa: BLE001 - the only net: a bug of ours still ends the run with its last event
            problems.append(f"internal error: {type(exc).__name__}: {exc}")
            self.stream.emit(Logged(message=problems[-1], level="error", code="E699"))
        finally:
            took = round(self.clock.monotonic() - began, 6)
            counts, problems = dict(tally.counts), [*problems, *self.stream.problems]
            self.stream.emit(RunFinished(took=took, counts=counts, not_run=tally.not_run, ended=tally.ended, problems=problems))

    @property
    def parallel(self) -> int:
        """How many scenarios at a time."""
        return self.request.parallel or self.checked.environment.parallel or _PARALLEL

    def _begin(self) -> None:
        emit = self.stream.emit
        emit(_run_started(self.request, self.checked, self.name, self.seed, self.parallel, self.clock))
        for told in self.checked.diagnostics:
            emit(Logged(message=told.message, level="warning", code=told.code))
        for warning in self.redactor.warnings:
            emit(Logged(message=warning, level="warning", code="E514"))

    async def _scheduled(self) -> Tally:
        from runner.transport.http import AiohttpTransport

        checked, plans = self.checked, self.checked.plans
        needed = {plan.vendor for plan in plans if not plan.unsupported}.union(self.more_for or ())
        announce = self._announcer()
        announce(plans)
        transport = AiohttpTransport()
        try:
            async with _simulators(checked.environment, needed, checked.registry, self.seed) as environment:
                schedule = self._schedule(environment, transport, announce)
                if self.on_start is not None:
                    self.on_start(schedule)
                # where somebody else's tests run in between, their garbage is collected as they are used to
                with _collecting_rarely() if self.more_for is None else nullcontext():
                    return await schedule.carry_out(plans, len(plans), stay_open=self.more_for is not None)
        finally:
            await transport.close()

    def _schedule(self, environment: Environment, transport: Transport, announce: Callable[[Sequence[Plan]], None]) -> Schedule:
        limits = {n: t.limits for n, t in environment.targets.items()}
        live_run = Run(
            id=self.name,
            seed=self.seed,
            environment=environment,
            registry=self.checked.registry,
            clock=self.clock,
            emit=self.stream.emit,
            flush=self.stream.flush,
            connect=transport.client,
            redactor=self.redactor,
            project=self.checked.project,
            helpers=_helpers(self.checked, self.clock, self.redactor),
            limiters={n: RateLimiter(r, self.clock) for n, limit in limits.items() if (r := limit.requests_per_second) is not None},
        )
        return Schedule(
            live_run,
            ActorPool(environment, leases=self._leases()),
            parallel=self.parallel,
            fail_fast=self.request.fail_fast,
            sessions={n: SessionLimit(limit.sessions) for n, limit in limits.items() if limit.sessions is not None},
            announce=announce,
        )

    def _leases(self) -> Leases | None:
        """Where several processes agree on actors; each has its own simulators, and their people to itself."""
        shared = any(target.url != SIMULATOR for target in self.checked.environment.targets.values())
        return Leases(self.request.leases) if self.request.leases is not None and shared else None

    def _announcer(self) -> Callable[[Sequence[Plan]], None]:
        """What is done about plans before they begin: the files that they follow are recorded, each once; secrets are known."""
        told: set[str] = set()

        def announce(plans: Sequence[Plan]) -> None:
            for source in _sources(plans):
                if source.name not in told:
                    told.add(source.name)
                    text = mask_written(source.text, self.redactor.is_secret_name)
                    self.stream.emit(SourceRead(file=source.name, text=text))
            for secret in (value for plan in plans for value in plan.given.values() if isinstance(value, Secret)):
                self.redactor.know(secret)

        return announce


def _sources(plans: Iterable[Plan]) -> list[Source]:
    """The files that *plans* follow, each once: the scenarios' own, and those of the words of one's own that they use."""
    found: dict[str, Source] = {}
    for scenario in {id(plan.scenario): plan.scenario for plan in plans}.values():
        found.setdefault(scenario.source.name, scenario.source)
        waiting = [*scenario.steps, *scenario.cleanup]
        while waiting:
            step = waiting.pop()
            waiting += step.block
            if step.definition is not None and step.definition.source.name not in found:
                found[step.definition.source.name] = step.definition.source
                waiting += step.definition.steps
    return list(found.values())


def _redactor(checked: Checked) -> Redactor:
    """Knows the environment's secrets; the simulators' own people are hundreds, and each is learned when a scenario borrows them."""
    environment = checked.environment
    if all(target.url == SIMULATOR for target in environment.targets.values()):
        environment = replace(environment, pools={})
    return Redactor.of(environment, checked.sources.found.values())


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """
    Let the garbage collector look less often, and not at what stays for the whole run.

    A run makes many small records that live for one step, and keeps its plans to the end; looking at all of them again and again costs a
    fifth of a step. (What is garbage already stays until the end as well: to look for it first costs more than it holds.)
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(max(before[0], 20_000), before[1], before[2])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _helpers(checked: Checked, clock: Clock, redactor: Redactor) -> Callable[[random.Random], Mapping[str, Any]]:
    """The functions that templates may call; a secret is known to the redactor before anybody gets it."""

    def secret(name: str) -> Secret:
        found = checked.sources.get(name)
        redactor.know(found)
        return found

    def read(path: str) -> str:
        return checked.project.read(path).decode("utf-8")

    def made(chance: random.Random) -> Mapping[str, Any]:
        return functions(random=chance, clock=clock, read=read, env=os.environ, secret=secret)

    return made


def _run_started(request: Request, checked: Checked, name: str, seed: int, parallel: int, clock: Clock) -> RunStarted:
    from runner import __version__

    environment = checked.environment
    used = {plan.vendor for plan in checked.plans}
    return RunStarted(
        run=name,
        started=clock.now().isoformat(timespec="milliseconds"),
        environment=environment.name,
        seed=seed,
        planned=len(checked.plans),
        parallel=parallel,
        version=__version__,
        targets={n: t.url for n, t in environment.targets.items() if n in used},
        limits={"timeout": str(environment.timeout), "scenario": str(environment.scenario_timeout)},
        arguments={
            "paths": list(request.paths),
            "tags": list(request.tags),
            "vendors": list(request.vendors),
            "cases": list(request.cases),
        },
    )


def report(run_name: str, reports: Path, make_sinks: Callable[[Path], Sequence[Sink]]) -> RunResult:
    """
    Make reports again from the journal of a run (a name, ``latest``, or a folder); nothing is sent.

    A reporter that breaks does not keep the others; it stands in the result's ``problems``.
    """
    folder = resolve_run(reports, run_name)
    fold = Fold(folder)
    sinks = list(make_sinks(folder))
    problems: dict[str, str] = {}
    for event in read_journal(folder):
        fold.handle(event)
        for sink in sinks:
            if sink.name not in problems:
                try:
                    sink.handle(event)
                except Exception as exc:  # noqa: BLE001 - a reporter may raise anything; the others go on
                    problems[sink.name] = _broke(sink, exc)
    for sink in sinks:
        try:
            sink.close()
        except Exception as exc:  # noqa: BLE001 - as above
            problems.setdefault(sink.name, _broke(sink, exc))
    return fold.result(problems=problems.values())


def _broke(sink: Sink, exc: Exception) -> str:
    return f"reporter `{sink.name}` could not finish: {type(exc).__name__}: {exc}".rstrip(": ")
