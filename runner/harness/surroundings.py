"""
Where is it asked for? The environment that is named, and the simulators that stand in for servers while a run lasts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, ValidationError, convert
from msgspec.structs import replace

from runner.environment.model import Environment, Member, Target
from runner.environment.secrets import Secret
from runner.environment.sources import SecretSources
from runner.errors import BadScenario, Diagnostic, EnvironmentUnusable, RunnerError
from runner.harness.request import SIMULATOR, Request
from runner.harness.written import unseen, written_secrets
from runner.plugins.contract import Vendor, decode_custom
from runner.plugins.registry import Registry
from runner.scenario.project import Project
from runner.scenario.yaml.document import read as read_document
from runner.scenario.yaml.nodes import plain

if TYPE_CHECKING:  # a run that uses no simulator must not pay for the server library
    from runner.simulation.server import Serving

__all__ = ["environment_of", "simulators"]


def environment_of(
    request: Request, project: Project, vendors: Registry, sources: SecretSources, *, ask: bool
) -> tuple[Environment, list[Diagnostic]]:
    """
    The environment that *request* names, and warnings about its file.

    Raises: ``BadScenario`` – the file is wrong; ``EnvironmentUnusable`` – there is none, a simulator's settings do not fit together, or
    with *ask* secrets are missing.
    """
    path = _environment_file(request.environment, project)
    if path is None and request.environment == SIMULATOR:
        return _simulated_environment(vendors), []
    from runner.environment.load import environment_file, load_environment
    from runner.simulation.faults import parse_fault

    path = path or environment_file(request.environment, project.root)
    document = read_document(path, name=project.shown(path))
    try:
        environment = load_environment(
            plain(document.root),
            span_of=document.span,
            vendors=[vendors.vendor(n) for n in vendors.names],
            root=project.root,
            sources=sources,
            ask=ask,
            check_fault=parse_fault,
        )
    except BadScenario as exc:
        raise BadScenario([unseen(told) for told in exc.diagnostics]) from None
    for name, target in environment.targets.items():
        _settings(vendors.vendor(name), target)  # what only the whole of them shows
    return _peopled(environment, vendors), written_secrets(document.root)


def _environment_file(name: str, project: Project) -> Path | None:
    """The file of the environment *name*: a path, or a name below ``scenarios/environments/``."""
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    return next((p for end in (".yaml", ".yml") if (p := project.scenarios / "environments" / f"{name}{end}").is_file()), None)


def _simulated_environment(vendors: Registry) -> Environment:
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
        allow_recipients=("*",),
    )


def _peopled(environment: Environment, vendors: Registry) -> Environment:
    """Where all vendors are simulated and the file names nobody, the people are those that the simulators know; mail may go to anybody."""
    if environment.pools or any(target.url != SIMULATOR for target in environment.targets.values()):
        return environment
    simulated = _simulated_environment(vendors)
    allowed = environment.allow_recipients or simulated.allow_recipients
    return replace(environment, pools=simulated.pools, allow_recipients=allowed)


@asynccontextmanager
async def simulators(environment: Environment, needed: Collection[str], vendors: Registry, seed: int) -> AsyncIterator[Environment]:
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
            simulator = vendor.simulate(World(default_people(), seed=seed), _settings(vendor, targets[name]))
            for fault in targets[name].faults:
                simulator.faults.add(fault)
            served = await stack.enter_async_context(serving(simulator))
            targets[name] = _simulated_target(targets[name], served)
        yield replace(environment, targets=targets)


def _settings(vendor: Vendor, target: Target) -> Struct:
    try:
        return convert(target.settings, vendor.settings, strict=False, str_keys=True, dec_hook=decode_custom)
    except ValidationError as exc:
        hint = f"correct the settings of {vendor.name} in the environment file"
        raise EnvironmentUnusable(f"{vendor.name}: the simulator's settings do not fit: {exc}", hint=hint) from exc


def _simulated_target(target: Target, served: Serving) -> Target:
    defaults = {**served.simulator.defaults(), **target.defaults}
    return replace(target, url=served.url, control=served.control, defaults=defaults)
