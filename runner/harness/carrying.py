"""
A run from its first event to its last: the engine, the record and the surroundings, wired together.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from runner.clock import Clock, SystemClock
from runner.engine.plan import Plan
from runner.engine.run import Run
from runner.engine.schedule import Schedule, Tally
from runner.environment.actors import ActorPool
from runner.environment.handwritten import mask_written
from runner.environment.leases import Leases
from runner.environment.limits import RateLimiter, SessionLimit
from runner.environment.model import Environment
from runner.environment.redaction import Redactor
from runner.environment.secrets import Secret
from runner.environment.sources import SecretSources
from runner.errors import BadScenario, EnvironmentUnusable, RunnerError
from runner.harness.checking import Checked, check
from runner.harness.debugging import ASKS
from runner.harness.garbage import collecting_rarely
from runner.harness.request import SIMULATOR, Request
from runner.harness.surroundings import simulators
from runner.plugins.registry import Registry
from runner.record.events import Logged, RunFinished, RunStarted, SourceRead
from runner.record.journal import Journal, last_cut_off, new_run_folder, point_latest, read_journal
from runner.record.printed import PRINTING, Printed
from runner.record.result import Fold, RunResult, fold
from runner.record.stream import Sink, Stream
from runner.scenario.templates.functions import functions
from runner.source import Source
from runner.transport.base import Transport
from runner.transport.trust import certificates_when_needed

__all__ = ["carry_out", "run"]

_PARALLEL = 16


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
    earlier = _cut_off(request.reports) if folder is None else ""
    place = folder or new_run_folder(request.reports, clock)
    redactor = _redactor(checked)
    journal = Journal(place)
    folding = Fold(place)
    stream = Stream(journal, [folding, *sinks, *(make_sinks(place) if make_sinks else ())], redactor=redactor, clock=clock)
    if folder is None:
        point_latest(request.reports, place)
    try:
        await _Carrying(request, checked, stream, redactor, clock, seed, place.name, on_start, more_for, earlier).out()
    finally:
        stream.close()
    return folding.result(problems=stream.problems)


def _cut_off(reports: Path) -> str:
    """What is to be said of the run before, when it was cut off; else ""."""
    last = last_cut_off(reports)
    if last is None:
        return ""
    try:
        counts = fold(read_journal(last)).counts
    except RunnerError:
        return f"the run before, {last.name}, was cut off, and its journal cannot be read"
    planned = sum(counts.values())
    ended = planned - counts["not_run"]
    return f"the run before, {last.name}, was cut off when {ended} of {planned} had ended; see `runner report {last.name}`"


class _Carrying(Struct, frozen=True):
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
    # what is to be said of the run before
    earlier: str = ""

    async def out(self) -> None:
        """From the first event to the last; whatever goes wrong in between, the last one is sent."""
        began = self.clock.monotonic()
        # what is printed by nobody's scenario: simulators, and what was started and never ended
        printed = Printed(self.stream.emit)
        before = PRINTING.set(printed)
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
            PRINTING.reset(before)
            printed.close()
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
        if self.earlier:
            emit(Logged(message=self.earlier, level="warning", code="E625"))
        for told in self.checked.diagnostics:
            emit(Logged(message=f"{told.message} ({told.span})" if told.span else told.message, level="warning", code=told.code))
        for warning in self.redactor.warnings:
            emit(Logged(message=warning, level="warning", code="E514"))

    async def _scheduled(self) -> Tally:
        with certificates_when_needed():
            from runner.transport.http import AiohttpTransport

        checked, plans = self.checked, self.checked.plans
        needed = {plan.vendor for plan in plans if not plan.unsupported}.union(self.more_for or ())
        announce = self._announcer()
        announce(plans)
        transport = AiohttpTransport()
        try:
            async with simulators(checked.environment, needed, checked.registry, self.seed) as environment:
                schedule = self._schedule(environment, transport, announce)
                if self.on_start is not None:
                    self.on_start(schedule)
                # where somebody else's tests run in between, their garbage is collected as they are used to
                with collecting_rarely() if self.more_for is None else nullcontext():
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
        """What is done about plans before they begin: secrets are known; the files that they follow are recorded, each once."""
        told: set[str] = set()

        def announce(plans: Sequence[Plan]) -> None:
            new = [source for source in _sources(plans) if source.name not in told]
            for secret in (*_asked_for(new, self.checked.sources), *_given(plans)):
                self.redactor.know(secret)
            for source in new:
                told.add(source.name)
                text = mask_written(source.text, self.redactor.is_secret_name)
                self.stream.emit(SourceRead(file=source.name, text=text))

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


def _asked_for(files: Iterable[Source], sources: SecretSources) -> list[Secret]:
    """The secrets that *files* ask for by name, as far as they are there; what is missing fails where it is asked for."""
    found = []
    for name in {match["name"]: None for source in files for match in ASKS.finditer(source.text)}:
        with suppress(EnvironmentUnusable):
            found.append(sources.find(name))
    return [secret for secret in found if secret is not None]


def _given(plans: Iterable[Plan]) -> list[Secret]:
    """The secrets among the values that whoever asked for the run gave."""
    return [value for plan in plans for value in plan.given.values() if isinstance(value, Secret)]


def _redactor(checked: Checked) -> Redactor:
    """Knows the environment's secrets; the simulators' own people are hundreds, and each is learned when a scenario borrows them."""
    # what is looked up stays in `found`; it must be there before the first event, as the same text may stand openly in a file or a name
    _asked_for(_sources(checked.plans), checked.sources)
    environment = checked.environment
    if all(target.url == SIMULATOR for target in environment.targets.values()):
        environment = replace(environment, pools={})
    return Redactor.of(environment, checked.sources.found.values())


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
            **({"variables": {name: str(checked.environment.variables[name]) for name in request.variables}} if request.variables else {}),
        },
    )
