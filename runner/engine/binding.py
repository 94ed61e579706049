"""
Scenario × Environment × vendors → Plans. The last place where a file can be wrong: past it only the world can go wrong.

Each step is bound to the step type that carries it out, each name in a template is known where it stands, each actor is in a pool.
Called by the harness, for ``check`` and for ``run`` alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import replace

from runner.engine.beforehand import misdirected
from runner.engine.casting import Cast, Pools
from runner.engine.naming import GIVEN, unknown_name
from runner.engine.plan import Bound, Plan, Registry, limit_of, listed, sends_mail
from runner.engine.stated import stated
from runner.environment.model import Environment
from runner.errors import BadScenario, Diagnostic, RunnerError, nearest
from runner.plugins.contract import StepType, decode_custom
from runner.scenario.model import Check, Definition, NameUse, Scenario, Step
from runner.scenario.reading import asked_of
from runner.scenario.schema import GENERAL
from runner.scenario.templates.functions import HELPERS

__all__ = ["bind"]


def bind(scenario: Scenario, environment: Environment, registry: Registry, pools: Pools, *, only: Collection[str] = ()) -> list[Plan]:
    """
    Every run that *scenario* asks for in *environment*: one for each vendor and case. With *only*, for these of its vendors; for all of
    them when it is for none of these.

    Raises: ``BadScenario`` – with every mistake that only shows when the steps are bound.
    """
    plans: list[Plan] = []
    diagnostics: dict[tuple[object, ...], Diagnostic] = {}
    typed: dict[tuple[object, ...], tuple[Any, Check | None]] = {}
    for vendor in asked_of((vendor.name for vendor in scenario.vendors), only):
        binder = _Binder(scenario, vendor, environment, registry, typed)
        plan = binder.plan(pools)
        for told in binder.diagnostics:
            diagnostics.setdefault((told.span and (told.span.line, told.span.column), told.code, told.message), told)
        plans += _cases(plan)
    if diagnostics:
        raise BadScenario(sorted(diagnostics.values(), key=_order))
    return plans


def _order(told: Diagnostic) -> tuple[int, int]:
    return (told.span.line, told.span.column) if told.span else (0, 0)


def _cases(plan: Plan) -> list[Plan]:
    base = f"{plan.scenario.file}::{plan.vendor}"
    if not plan.scenario.cases:
        return [replace(plan, key=base)]
    return [replace(plan, key=f"{base}[{case.name}]", case=case) for case in plan.scenario.cases]


class _Known(msgspec.Struct):
    """The names known at a point, who acts there, and whom ``as`` beside the block around it names."""

    names: set[str]
    actor: str = ""
    named: str = ""

    def fork(self) -> _Known:
        return _Known(set(self.names), self.actor, self.named)


class _Binder:
    def __init__(
        self,
        scenario: Scenario,
        vendor: str,
        environment: Environment,
        registry: Registry,
        typed: dict[tuple[object, ...], tuple[Any, Check | None]],
    ) -> None:
        self.scenario = scenario
        self.vendor = vendor
        self.environment = environment
        self.registry = registry
        # a step with the records of its word → its parameters and what they ask; vendors that take the same share them
        self.typed = typed
        self.diagnostics: list[Diagnostic] = []
        self.cast = Cast(scenario, environment)
        self.unsupported = ""
        self._types = registry.steps_of(vendor)
        self._declared = registry.vendor(vendor)
        self._general = frozenset(map(id, registry.vendor(GENERAL).steps))

    def plan(self, pools: Pools) -> Plan:
        known = _Known(self._given())
        self._variables(known)
        steps = tuple(self._bind_all(self.scenario.steps, known, ""))
        saved = frozenset(known.names)
        cleanup = tuple(self._bind_all(self.scenario.cleanup, known, "cleanup."))
        if not self.unsupported:
            self.diagnostics += self.cast.missing(pools, self.vendor)
        return Plan("", self.scenario, self.vendor, None, steps, cleanup, tuple(self.cast.actors), self.unsupported, saved)

    def _given(self) -> set[str]:
        return {*HELPERS, *GIVEN, *self.environment.variables}

    def _variables(self, known: _Known) -> None:
        known.names |= set(self.scenario.columns)
        for name, value in self.scenario.variables.items():
            self._check_names(value.names, known.names)
            known.names.add(name)

    # ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _bind_all(self, steps: Iterable[Step], known: _Known, prefix: str) -> Iterable[Bound]:
        return [self._bind(step, known, f"{prefix}{n}") for n, step in enumerate(steps, 1)]

    def _bind(self, step: Step, known: _Known, place: str) -> Bound:
        inside = self._for_each(step, known)
        if step.when is not None:
            self._check_names(step.when.names, inside.names)
        self._check_names(step.parameters.names, inside.names)
        if step.name is not None:
            self._check_names(step.name.names, inside.names)
        if step.word == "parallel":
            bound = self._bind_parallel(step, inside, place)
        elif step.definition is not None:
            bound = self._bind_definition(step, step.definition, inside, place)
        else:
            bound = self._bind_word(step, inside, place)
        self._after(step, inside)
        known.actor = inside.actor
        known.names |= self._saves(step)
        return bound

    def _for_each(self, step: Step, known: _Known) -> _Known:
        """What is known inside of *step*: names of its own, or another actor, hold for no step after it."""
        if step.for_each is None and not step.block:
            return known
        inside = known.fork()
        if step.for_each is not None:
            self._check_names(step.for_each.items.names, known.names)
            inside.names |= {step.for_each.name, "index"}
        return inside

    def _after(self, step: Step, inside: _Known) -> None:
        """Names in what is looked at when the step's output is there."""
        if step.expect is None and step.refused is None and step.repeat is None:
            return
        names = inside.names | {"output", "answer", "attempt"} | self._saves(step)
        if step.expect is not None:
            self._check_names(step.expect.names, names)
        if step.refused is not None and step.refused.check is not None:
            self._check_names(step.refused.check.names, names)
        if step.repeat is not None:
            self._check_names(step.repeat.until.names, names)
            if step.repeat.stop_if is not None:
                self._check_names(step.repeat.stop_if.names, names)

    def _saves(self, step: Step) -> set[str]:
        """The names that are known once *step* is done; those of a block too."""
        names = {save.name for save in step.save}
        type_ = self._types.get(step.word)
        if type_ is not None and type_.sets_names:
            names |= {path for path in step.parameter_spans if path.isidentifier()}
        for inner in step.block:
            names |= self._saves(inner)
        return names

    def _bind_parallel(self, step: Step, known: _Known, place: str) -> Bound:
        if step.actor:
            self.cast.borrow(step.actor)
            known.actor = known.named = step.actor
        inner = tuple(self._bind(s, known.fork(), f"{place}.{n}") for n, s in enumerate(step.block, 1))
        bound = self._bound(step, place, None, "", inner=inner)
        self._repeats(step, sends=sends_mail(bound))
        return bound

    def _bind_definition(self, step: Step, definition: Definition, known: _Known, place: str) -> Bound:
        own = _Known(self._given() | set(definition.inputs), step.actor or known.actor, step.actor or known.named)
        if step.actor:
            self.cast.borrow(step.actor)
        inner = tuple(self._bind_all(definition.steps, own, f"{place}."))
        for value in definition.outputs.values():
            self._check_names(value.names, own.names)
        known.actor = own.actor
        bound = self._bound(step, place, None, own.actor, inner=inner)
        self._repeats(step, sends=sends_mail(bound))
        return bound

    def _bind_word(self, step: Step, known: _Known, place: str) -> Bound:
        type_ = self._types.get(step.word)
        if type_ is None:
            return replace(self._bound(step, place, None, ""), cannot=self._cannot(step))
        actor = self._actor(step, type_, known)
        self._repeats(step, sends=type_.sends)
        parameters, asked = self._typed(step, type_) if step.parameters.static else (None, None)
        return self._bound(step, place, type_, actor, parameters=parameters, asked=asked)

    def _bound(
        self,
        step: Step,
        place: str,
        type_: StepType | None,
        actor: str,
        *,
        inner: tuple[Bound, ...] = (),
        parameters: Any = None,
        asked: Check | None = None,
    ) -> Bound:
        vendor = GENERAL if type_ is not None and self._is_general(type_) else self.vendor
        plain = not (step.when or step.for_each or step.repeat or step.retry)
        phase = "cleanup" if place.startswith("cleanup") else "steps"
        return Bound(
            step,
            place,
            type_,
            vendor,
            actor,
            parameters,
            asked,
            inner,
            phase=phase,
            plain=plain,
            limit=limit_of(step, parameters, self.environment) if parameters is not None or not _may_ask_for_time(type_) else None,
            looks=not plain or bool(step.save) or step.expect is not None or (type_ is not None and _states(type_)),
            stays_out=step.refused is not None and step.refused.reason in (None, "unauthenticated"),
        )

    def _is_general(self, type_: StepType) -> bool:
        return id(type_) in self._general

    def _cannot(self, step: Step) -> str:
        """Why the vendor cannot do *step*: the run is then unsupported, unless ``when`` may leave the step out."""
        why = self._why_not(step)
        if why and step.when is None:
            self.unsupported = self.unsupported or why
            if len(self.scenario.vendors) == 1:
                self._tell("E210", f"{self.vendor} cannot do `{step.word}`", step.word_span, label=why.partition(": ")[2])
        return why

    def _why_not(self, step: Step) -> str:
        reason = self._declared.cannot.get(step.word, "")
        if reason:
            return f"{self.vendor} cannot {step.word}: {reason}"
        owner, dot, _ = step.word.partition(".")
        if dot and owner != self.vendor:
            return f"{self.vendor} cannot {step.word}: it belongs to {owner}"
        close = nearest(step.word, self._types)
        self._tell(
            "E201",
            f"unknown step `{step.word}`",
            step.word_span,
            label=f"{self.vendor} has no step of this name",
            hint=f"write `{close}`" if close else "see all steps with `runner steps`",
        )
        return ""

    def _typed(self, step: Step, type_: StepType) -> tuple[Any, Check | None]:
        """The typed record of parameters without templates, and what they ask; nothing when the record refuses them."""
        key = (id(step), type_.parameters, type_.expects)
        found = self.typed.get(key)
        if found is None:
            try:
                parameters = msgspec.convert(step.parameters.render({}), type_.parameters, strict=False, dec_hook=decode_custom)
            except (msgspec.ValidationError, ValueError) as exc:
                self._tell("E203", f"`{step.word}`: {exc}", step.span)
                return None, None
            found = self.typed[key] = parameters, self._asked(step, type_, parameters)
        if type_.recipients:
            self._recipients(step, type_, found[0])
        return found

    def _asked(self, step: Step, type_: StepType, parameters: Any) -> Check | None:
        """The compiled expectation that static parameters state, unless it needs a file's content, which is read when it runs."""
        try:
            return stated(step, type_, parameters, _no_file)
        except _NeedsFile:
            return None
        except RunnerError as exc:
            self._tell(exc.code, f"`{step.word}`: {exc.message}", step.parameter_spans.get("is", step.span), hint=exc.hint)
            return None

    def _recipients(self, step: Step, type_: StepType, parameters: Any) -> None:
        for field_name in type_.recipients:
            for address in listed(getattr(parameters, field_name, None)):
                wrong = misdirected(step, address, self.environment, step.parameter_spans.get(field_name, step.span))
                if wrong is not None:
                    self.diagnostics.append(wrong)

    def _repeats(self, step: Step, *, sends: bool) -> None:
        if step.repeat is not None and sends:
            self._tell(
                "E220",
                f"`{step.word}` sends mail and is never repeated",
                step.repeat.span,
                label="would send the mail again and again",
                hint="put `repeat` on a step after it that only looks, or write `- verify_status: {is: sent, within: 30s}`",
            )
        if step.retry is not None and sends and not step.retry.even_if_sent:
            self._tell(
                "E220",
                f"`{step.word}` sends mail and is never tried again by itself",
                step.retry.span,
                label="could send the mail twice",
                hint="remove `retry`, or add `even_if_sent: true` to it when a second mail does no harm",
            )

    # ── actors ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _actor(self, step: Step, type_: StepType, known: _Known) -> str:
        if self._is_general(type_):
            # it needs nobody; whom it names is borrowed, so that `actors` holds their credentials
            if step.actor:
                self.cast.borrow(step.actor)
            return ""
        actor = self.cast.who(step, type_, known.actor, known.named)
        if type_.opens:
            known.actor = actor
        if not actor:
            self._tell(
                "E211",
                f"nobody is logged in yet, so nobody can `{step.word}`",
                step.word_span,
                label="who does this?",
                hint="put `- login: {as: agent}` before it",
            )
            actor = self.cast.first
        self.cast.borrow(actor)
        self.cast.takers(step, type_)
        return actor

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _check_names(self, uses: Iterable[NameUse], known: set[str]) -> None:
        self.diagnostics += [unknown_name(use, known, self.scenario) for use in uses if use.name not in known]

    def _tell(self, code: str, message: str, span: Any, *, label: str = "", hint: str = "", notes: tuple[str, ...] = ()) -> None:
        self.diagnostics.append(Diagnostic(code, message, span, label, hint, notes))


class _NeedsFile(Exception):
    """A static expectation that needs a file's content."""


def _no_file(_path: str) -> Any:
    raise _NeedsFile


def _may_ask_for_time(type_: StepType | None) -> bool:
    """Whether parameters that are not known yet can ask for time; where there is no step, that of those inside is unknown as well."""
    return type_ is None or _has_time(type_.parameters)


@cache
def _has_time(parameters: type[msgspec.Struct]) -> bool:
    return not {"within", "lasts"}.isdisjoint(parameters.__struct_fields__)


def _states(type_: StepType) -> bool:
    """Whether the step itself does something with its output: names are set by it, or its parameters say what it must be."""
    return type_.sets_names or type_.expects is not None
