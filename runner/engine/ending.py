"""
How a step ended, and which error means which ending. One table for refusals, one ``match`` for everything that can be raised.
"""

from __future__ import annotations

from msgspec import Struct, ValidationError
from msgspec.structs import replace

from runner.errors import (
    BadScenario,
    BrokenPlugin,
    EnvironmentUnusable,
    InternalError,
    NotAllowed,
    Refused,
    RunnerError,
    StepTimedOut,
    Unsupported,
    WireError,
)
from runner.record.events import Cause, Outcome

__all__ = ["FROM_BETWEEN", "NOT_THE_PRODUCT", "PASSED", "Ending", "ending_of", "graver"]

# A refusal that says nothing about the product: the place cannot be used, or not as this person.
NOT_THE_PRODUCT = {"unauthenticated", "unavailable"}
# What a gateway says for a server whose answer it did not get: the server may have done it.
FROM_BETWEEN = {502, 504}
_DOUBT = "; the mail may have been sent, and is not sent again"


class Ending(Struct, frozen=True):
    """How a step ended; the fields are those of :class:`runner.record.events.StepFinished`."""

    outcome: Outcome
    reason: str = ""
    code: str = ""
    cause: Cause = ""
    hint: str = ""
    in_doubt: bool = False
    # what the vendor said no with
    refusal: Refused | None = None
    # set when a scenario for this vendor cannot go on at all
    states: tuple[tuple[str, float], ...] = ()

    @property
    def good(self) -> bool:
        """Whether the scenario may go on."""
        return self.outcome in ("passed", "skipped")

    @property
    def refused(self) -> str:
        """The reason with which the vendor said no, else ""."""
        return self.refusal.reason if self.refusal is not None else ""


PASSED = Ending("passed")


def graver(one: Ending, other: Ending) -> Ending:
    """
    What *one* and then *other* mean for what holds both: what is red counts before what the vendor cannot do, and what came first.

    A refusal may be what a block is there for; where something else is red as well, it no longer speaks for the whole.
    """
    if _rank(other) > _rank(one):
        return other
    return replace(one, refusal=None) if one.refusal is not None and _rank(other) == _RED and other.refusal is None else one


_RED = 2


def _rank(ending: Ending) -> int:
    return 0 if ending.good else 1 if ending.outcome == "unsupported" else _RED


def ending_of(exc: BaseException, *, word: str, sends: bool) -> Ending:
    """The ending that *exc* means for the step *word*."""
    match exc:
        case Refused():
            return _refused(exc, sends=sends)
        case WireError():
            return _wire(exc, sends=sends)
        case StepTimedOut():
            doubt = sends
            return Ending("errored", exc.message, exc.code, "environment", exc.hint, in_doubt=doubt)
        case Unsupported():
            return Ending("unsupported", exc.message, exc.code)
        case NotAllowed() | BadScenario():
            return Ending("errored", exc.message, exc.code, "scenario", exc.hint)
        case EnvironmentUnusable():
            return Ending("errored", exc.message, exc.code, "environment", exc.hint)
        case BrokenPlugin():
            return Ending("errored", exc.message, exc.code, "plugin", exc.hint)
        case InternalError():
            return Ending("errored", exc.message, exc.code, "internal", exc.hint)
        case RunnerError():
            return Ending("errored", exc.message, exc.code, "scenario", exc.hint)
        case ValidationError():
            return Ending("errored", f"`{word}`: {exc}", "E203", "scenario")
        case _:
            what = f"{type(exc).__name__}: {exc}".rstrip(": ")
            return Ending("errored", f"the step `{word}` broke inside: {what}", "E607", "plugin", in_doubt=sends)


def _refused(exc: Refused, *, sends: bool) -> Ending:
    if exc.reason in NOT_THE_PRODUCT:
        doubt = sends and exc.http in FROM_BETWEEN
        return Ending("errored", exc.message + (_DOUBT if doubt else ""), exc.code, "environment", in_doubt=doubt, refusal=exc)
    return Ending("failed", exc.message, exc.code, "product", refusal=exc)


def _wire(exc: WireError, *, sends: bool) -> Ending:
    doubt = sends and exc.maybe_sent
    reason = exc.message + _DOUBT if doubt else exc.message
    return Ending("errored", reason, exc.code, "environment", exc.hint, in_doubt=doubt)
