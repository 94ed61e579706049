"""
A plan: one scenario for one vendor and one case, with every step bound to what carries it out. Made by :mod:`runner.engine.binding`,
carried out by everything else in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from runner.environment.model import Environment
from runner.plugins.contract import StepType, Vendor
from runner.scenario.model import Case, Check, Scenario, Step

__all__ = ["GRACE", "Bound", "Plan", "Registry", "limit_of", "listed", "placed", "sends_mail"]

# How much longer than its own `within` a step may take, in seconds, before it counts as stuck.
GRACE = 5.0


class Registry(Protocol):
    """What the plan needs of the vendors: who there is, and the steps of one with the general ones."""

    def vendor(self, name: str) -> Vendor:
        """The declaration; raises BadScenario for an unknown name."""
        ...

    def steps_of(self, vendor: str) -> Mapping[str, StepType]:
        """Every step that can be used in a scenario for this vendor, by name."""
        ...


class Bound(Struct, frozen=True, eq=False):
    """
    A step, bound.

    ``place`` is where it stands in the scenario (``3``, ``3.1``, ``cleanup.1``). ``type`` is None for ``parallel``, ``use`` and words of
    one's own, whose steps are ``inner``, and for a word that the vendor cannot do: ``cannot`` says why.

    ``vendor`` carries it out for ``actor`` ("" for general steps). ``parameters`` is the
    typed record when nothing in it is templated, ``asked`` the compiled expectation that it states itself. ``plain``: no modifier asks
    for more than one try.

    What running would else find out again for each try: ``limit`` is its time in seconds, None when its parameters say it; ``looks``:
    something of its output is kept or checked; ``stays_out``: it has to be refused for want of a session.
    """

    step: Step
    place: str
    type: StepType | None
    vendor: str
    actor: str
    parameters: Any = None
    asked: Check | None = None
    inner: tuple[Bound, ...] = ()
    phase: str = "steps"
    plain: bool = True
    cannot: str = ""
    limit: float | None = None
    looks: bool = True
    stays_out: bool = False


class Plan(Struct, frozen=True):
    """One scenario for one vendor and one case, ready to run. ``unsupported`` says why it cannot, "" when it can."""

    key: str
    scenario: Scenario
    vendor: str
    case: Case | None
    steps: tuple[Bound, ...] = ()
    cleanup: tuple[Bound, ...] = ()
    actors: tuple[str, ...] = ()
    unsupported: str = ""
    # names that cleanup may miss because the step that saves them was never reached
    saved: frozenset[str] = frozenset()
    # variables by name, from whoever asks for this run; they win over the file's and the case's
    given: Mapping[str, Any] = field(default_factory=dict)


def placed(bound: Bound, place: str) -> Bound:
    """A step in one of its rounds; those in it stand under *place* too, so that each round is told apart."""
    inner = tuple(placed(step, place + step.place.removeprefix(bound.place)) for step in bound.inner)
    return replace(bound, place=place, inner=inner)


def limit_of(step: Step, parameters: Any, environment: Environment) -> float:
    """Seconds for one try: the step's own, else the environment's, and never less than its parameters themselves ask for."""
    if step.timeout is not None:
        return step.timeout.total_seconds()
    default = environment.timeout.total_seconds()
    asked = getattr(parameters, "within", None) or getattr(parameters, "lasts", None)
    return default if asked is None else max(default, asked.total_seconds() + GRACE)


def sends_mail(bound: Bound) -> bool:
    """Whether a step, or one inside it, sends mail."""
    return (bound.type is not None and bound.type.sends) or any(sends_mail(inner) for inner in bound.inner)


def listed(value: object) -> list[str]:
    """Recipients as one text with commas, or a list → a list of addresses."""
    if value is None:
        return []
    parts = value.split(",") if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    return [str(part).strip() for part in parts if str(part).strip()]
