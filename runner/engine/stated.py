"""
What a step's own parameters ask of its output (``verify_status: sent``, ``check: {that: …, is: 2}``), as an expectation that knows where in
the file it is stated. Used when a scenario is bound, and when templates are filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from runner.matching import compile_check
from runner.plugins.contract import ProjectFile, StepType
from runner.scenario.model import Check, Step
from runner.source import Span

__all__ = ["stated"]


def stated(step: Step, type_: StepType, parameters: Any, read: Callable[[str], ProjectFile]) -> Check | None:
    """
    The compiled expectation that *parameters* state; *read* gives the files it compares with. None when they state none.

    Raises: ``BadExpectation`` – a matcher in them is used wrongly.
    """
    if type_.expects is None:
        return None
    return compile_check(type_.expects(parameters, read), where=lambda keys: _place(step, type_, keys))


def _place(step: Step, type_: StepType, keys: Sequence[str | int]) -> Span | None:
    """Where the parameter stands that asked for what *keys* lead to in the expectation, followed down as far as the file has it."""
    spans = step.parameter_spans
    if not keys:
        return None
    path = type_.stated_in.get(str(keys[0]), "")
    if path not in spans:
        return spans.get(str(keys[0]))
    for key in keys[1:]:
        below = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
        path = below if below in spans else path
    return spans[path]
