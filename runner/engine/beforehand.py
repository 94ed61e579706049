"""
Which parameters are known before anything runs, and can they be right? A file that a case names, the address in a column, the items of a
plain list: what is wrong with them is told when the file is checked, and not in the middle of a run that has begun a mail.

A template is known when all it asks for is: columns of the case, variables, what whoever asks for the run gives, the vendor, the items of a
list that is known. What is saved or made up, secrets, and what the world is asked for are not. Asked by the harness.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal, get_args, get_origin

import msgspec

from runner.engine.plan import Bound, Plan, listed
from runner.environment.model import Environment
from runner.environment.secrets import Secret
from runner.errors import Diagnostic, RunnerError, nearest
from runner.plugins.contract import FilePath, StepType, decode_custom
from runner.scenario.model import Expression, Step, Value
from runner.scenario.project import BadFile, Project
from runner.source import Span

__all__ = ["misdirected", "mistakes"]

_LONGEST = 60
# Items of one list that are looked at.
_MOST = 1_000


def mistakes(plans: Iterable[Plan], environment: Environment, project: Project) -> list[Diagnostic]:
    """What is wrong with the known values of *plans*, which are those of one file: each mistake once, with the first case that has it."""
    said = _Said()
    for plan in plans:
        if not plan.unsupported:
            _Look(plan, environment, project, said).all()
    return list(said.told.values())


def misdirected(step: Step, address: str, environment: Environment, span: Span) -> Diagnostic | None:
    """What is wrong with a recipient of *step*, None when mail may go there. A step that must be refused may have what is no address."""
    if "@" not in address and step.refused is None:
        hint = "write it like joe@example.com; if the vendor must refuse it, say so with `refused`"
        return Diagnostic("E203", f"`{address}` is no e-mail address", span, "no @ in it", hint)
    if environment.allows(address):
        return None
    return Diagnostic(
        "E520",
        f"mail to {address} is not allowed in environment `{environment.name}`",
        span,
        "outside allow_recipients",
        "use an allowed address, or add a pattern to `allow_recipients` of the environment",
    )


class _Asked(msgspec.Struct, eq=False):
    """A template in a step's parameters that is the same for the same names: it fills *path*, which is, or is in, the parameter *field*."""

    value: Value
    names: tuple[str, ...]
    path: str
    field: str
    kind: Any
    receives: bool
    # the values that were judged
    judged: set[object] = msgspec.field(default_factory=set)

    def is_new(self, scope: Mapping[str, Any]) -> bool:
        """Whether all its names are known, and nobody has asked with these values."""
        if not all(name in scope for name in self.names):
            return False
        values: object = tuple(scope[name] for name in self.names)
        try:
            new = values not in self.judged
        except TypeError:  # lists and objects
            values = repr(values)
            new = values not in self.judged
        self.judged.add(values)
        return new


class _Said:
    """What was told of a file, and what all its plans share: templates of steps, names that are saved."""

    def __init__(self) -> None:
        self.told: dict[tuple[object, ...], Diagnostic] = {}
        self._asked: dict[tuple[int, type], tuple[_Asked, ...]] = {}
        self._saved: dict[int, frozenset[str]] = {}

    def asked(self, step: Step, type_: StepType) -> tuple[_Asked, ...]:
        """The templates in the parameters of *step*; vendors that take the same share them."""
        key = (id(step), type_.parameters)
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = () if type_.sets_names else tuple(_asked_by(step, type_))
        return found

    def saved(self, steps: tuple[Bound, ...]) -> frozenset[str]:
        """The names that *steps* give anything to."""
        found = self._saved.get(id(steps))
        if found is None:
            found = self._saved[id(steps)] = frozenset(_saved(steps))
        return found


def _asked_by(step: Step, type_: StepType) -> Iterator[_Asked]:
    paths = {(span.line, span.column): path for path, span in step.parameter_spans.items()}
    kinds = _kinds(type_.parameters)
    for part in step.parameters.parts:
        path = paths.get((part.span.line, part.span.column))
        if path is not None and part.settled:
            field = path.partition(".")[0].partition("[")[0]
            names = tuple(dict.fromkeys(use.name for use in part.names))
            yield _Asked(part, names, path, field, kinds.get(field) if path == field else None, field in type_.recipients)


class _Look:
    """One plan, looked through with what is known of it."""

    def __init__(self, plan: Plan, environment: Environment, project: Project, said: _Said) -> None:
        self.plan = plan
        self.environment = environment
        self.project = project
        self.said = said

    def all(self) -> None:
        """The steps and the clean-up."""
        scope = self._scope()
        self._steps(self.plan.steps, scope)
        self._steps(self.plan.cleanup, scope)

    def _outside(self) -> dict[str, Any]:
        """What words of one's own know as well."""
        plan = self.plan
        case = plan.case.name if plan.case is not None else ""
        return _open(self.environment.variables) | {"vendor": plan.vendor, "environment": self.environment.name, "case": case}

    def _scope(self) -> dict[str, Any]:
        plan = self.plan
        given = {**(plan.case.values if plan.case is not None else {}), **plan.given}
        scope = self._outside() | given
        for name, value in plan.scenario.variables.items():
            if name not in given:
                scope.pop(name, None)
                if _is_known(value, scope):
                    scope |= _rendered(name, value, scope)
        saved = self.said.saved(plan.steps) | self.said.saved(plan.cleanup)
        return {name: value for name, value in scope.items() if name not in saved and not isinstance(value, Secret)}

    def _steps(self, steps: Iterable[Bound], scope: Mapping[str, Any], item: str = "") -> None:
        for bound in steps:
            for inside, number in self._rounds(bound.step, scope):
                where = f"item {number}" if number else item
                if not _may_run(bound.step.when, inside):
                    continue
                if bound.type is not None and bound.parameters is None:
                    for asked in self.said.asked(bound.step, bound.type):
                        if asked.is_new(inside):
                            self._judge(bound, asked, inside, where)
                own = self._own(bound, inside) if bound.step.definition is not None else inside
                self._steps(bound.inner, own, where)

    def _rounds(self, step: Step, scope: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], int]]:
        """The names inside of *step*, once for each item with its number; once with the number 0 when there are none, or none is known."""
        if step.for_each is None:
            yield scope, 0
            return
        name, items = step.for_each.name, step.for_each.items
        rest = {key: value for key, value in scope.items() if key not in {name, "index"}}
        found = _rendered(name, items, scope).get(name) if _is_known(items, scope) else None
        if not isinstance(found, list):
            yield rest, 0
            return
        for number, item in enumerate(found[:_MOST], 1):
            yield {**rest, name: item}, number

    def _own(self, bound: Bound, scope: Mapping[str, Any]) -> dict[str, Any]:
        """What is known inside of a word of one's own: its inputs, when all of them are known here."""
        definition, value = bound.step.definition, bound.step.parameters
        assert definition is not None  # noqa: S101 - the caller has looked
        defaults = {name: one.default for name, one in definition.inputs.items() if name not in bound.step.parameter_spans}
        inputs = {name: default.render({}) for name, default in defaults.items() if default is not None and default.static}
        if _is_known(value, scope):
            inputs |= value.render(scope)
        hidden = self.said.saved(bound.inner) | (definition.inputs.keys() - inputs.keys())
        return {name: value for name, value in (self._outside() | _open(inputs)).items() if name not in hidden}

    # ── one step ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _judge(self, bound: Bound, asked: _Asked, scope: Mapping[str, Any], item: str) -> None:
        span = asked.value.span
        try:
            value = asked.value.render(scope)
        except RunnerError as exc:
            self._tell(msgspec.structs.replace(exc.diagnostic(), span=exc.span or span), item)
            return
        if asked.kind is not None and not self._fits(bound, asked, value, item):
            return
        for address in listed(value) if asked.receives else ():
            wrong = misdirected(bound.step, str(address), self.environment, span)
            if wrong is not None:
                self._tell(wrong, item)

    def _fits(self, bound: Bound, asked: _Asked, value: Any, item: str) -> bool:
        span = asked.value.span
        try:
            made = msgspec.convert(value, asked.kind, strict=False, dec_hook=decode_custom)
            if isinstance(made, FilePath):
                self.project.check(made, relative_to=bound.step.span.source.path or self.plan.scenario.path)
        except BadFile as exc:
            self._tell(msgspec.structs.replace(exc.diagnostic(), span=span), item)
            return False
        except (msgspec.ValidationError, ValueError) as exc:
            self._tell(_misfit(asked.field, asked.kind, value, exc, span), item)
            return False
        return True

    def _tell(self, told: Diagnostic, item: str) -> None:
        key = (told.span and (told.span.line, told.span.column, told.span.source.name), told.code, told.message)
        case = f"case `{self.plan.case.name}`" if self.plan.case is not None else ""
        where = ", ".join(part for part in (case, item) if part)
        label = f"in {where}" if where else told.label
        user = self.plan.scenario.file
        notes = (*told.notes, f"used by {user}") if told.span is not None and told.span.source.name != user else told.notes
        self.said.told.setdefault(key, msgspec.structs.replace(told, label=label, notes=notes))


def _misfit(field: str, kind: Any, value: Any, why: Exception, span: Span) -> Diagnostic:
    shown = str(value) if len(str(value)) <= _LONGEST else f"{str(value)[:_LONGEST]}…"
    choices = sorted({str(one) for one in _choices(kind)})
    if not choices:
        return Diagnostic("E203", f"`{field}` cannot be `{shown}`: {why}", span)
    close = nearest(str(value), choices)
    return Diagnostic(
        "E203",
        f"`{field}` cannot be `{shown}`",
        span,
        hint=f"let it be `{close}`" if close else "let it be one of these",
        notes=(f"possible: {', '.join(choices)}",),
    )


def _choices(kind: Any) -> Iterator[Any]:
    """The words that a parameter of this type may be, where there are only so many."""
    for one in get_args(kind):
        if get_origin(kind) is Literal:
            yield one
        else:
            yield from _choices(one)


@cache
def _kinds(parameters: type[msgspec.Struct]) -> dict[str, Any]:
    """The type of each parameter, by its name in a file."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(parameters)}


def _open(values: Mapping[str, Any]) -> dict[str, Any]:
    """*values* without secrets."""
    return {name: value for name, value in values.items() if not isinstance(value, Secret)}


def _saved(steps: Iterable[Bound]) -> Iterator[str]:
    """The names that *steps* give anything to, inside of blocks as well."""
    for bound in steps:
        yield from (save.name for save in bound.step.save)
        if bound.type is not None and bound.type.sets_names:
            yield from bound.step.parameter_spans
        if bound.step.definition is None:
            yield from _saved(bound.inner)


def _is_known(value: Value | Expression, scope: Mapping[str, Any]) -> bool:
    return value.settled and all(use.name in scope for use in value.names)


def _may_run(when: Expression | None, scope: Mapping[str, Any]) -> bool:
    """Whether a step surely runs, as far as its ``when`` goes."""
    if when is None:
        return True
    try:
        return _is_known(when, scope) and bool(when.evaluate(scope))
    except RunnerError:
        return False


def _rendered(name: str, value: Value, scope: Mapping[str, Any]) -> dict[str, Any]:
    """The value under *name*; nothing when it cannot be had, which is told when it runs."""
    try:
        return {name: value.render(scope)}
    except RunnerError:
        return {}
