"""
The helpers that every value may call: ``unique('ORD-')``, ``now('+2h')``, ``fake.name``, ``secret('QA1')`` …

They are ordinary names of the scope: the engine puts ``functions(...)`` into the outermost one, and compiled templates stay free of state.
Chance comes from the ``Random`` that is given, time from the clock, so a run with the same seed says the same.
"""

from __future__ import annotations

import random as chance
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from runner.clock import Clock, Duration
from runner.errors import RunnerError
from runner.scenario.templates.people import People
from runner.scenario.templates.values import LARGEST, NotPossible, TooLarge, hidden, kind, revealed

__all__ = ["HELPERS", "call_helper", "functions", "usage"]

_USAGE: Mapping[str, str] = {
    "env": "env('NAME') or env('NAME', 'otherwise')",
    "fake": "fake.name, fake.first_name, fake.email, fake.company, fake.street, fake.city, fake.phone or fake.sentence",
    "now": "now(), now('+2h') or now('-1d', '%d.%m.%Y')",
    "random_number": "random_number(1, 6)",
    "random_text": "random_text(12)",
    "read": "read('files/letter.txt')",
    "secret": "secret('NAME')",
    "today": "today(), today('+1d') or today(format='%d.%m.%Y')",
    "unique": "unique() or unique('ORD-')",
}
HELPERS: frozenset[str] = frozenset(_USAGE)
"""The names that are known everywhere."""

# without i, l, o, 0 and 1: people read these texts to one another
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def functions(
    *,
    random: chance.Random,
    clock: Clock,
    read: Callable[[str], str],
    env: Mapping[str, str],
    secret: Callable[[str], Any],
) -> dict[str, Any]:
    """
    The helpers by name, for the outermost scope.

    ``read`` gives the text of a file of the project (and refuses others), ``env`` is the process environment as far as scenarios may see
    it, ``secret`` gives a ``Secret`` by name. What they raise of the RunnerError family passes through.
    """
    return {
        "env": _env(env),
        "fake": People(random),
        "now": _time(clock, _iso),
        "random_number": lambda least=0, most=999_999: _random_number(random, least, most),
        "random_text": lambda length=12: _random_text(random, length),
        "read": lambda path: read(_text(path)),
        "secret": lambda name: secret(_text(name)),
        "today": _time(clock, lambda moment: moment.date().isoformat()),
        "unique": lambda prefix="": _text(prefix) + _random_text(random, 10),
    }


def usage(name: str) -> str:
    """How a helper is written."""
    return _USAGE.get(name, f"{name}()")


def call_helper(scope: Mapping[str, Any], name: str, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """
    What the helper *name* of the scope gives.

    Raises: ``NotPossible`` – it cannot be called so; any ``RunnerError`` of its own.
    """
    helper = scope.get(name)
    if not callable(helper):
        told = f"`{name}` cannot be called" if name in scope else f"there is no helper `{name}` here"
        raise NotPossible(
            told, hint=f"write {usage(name)}" if name in HELPERS else "write it without ( )", code="E305" if name in scope else "E301"
        )
    try:
        plain, secret = revealed(arguments)
        value = hidden(helper(*plain, **options), secret)
    except (NotPossible, RunnerError):
        raise
    except (TypeError, ValueError, ArithmeticError, LookupError, OSError):
        # their texts may hold what they were given
        given = ", ".join(kind(one) for one in (*arguments, *options.values())) or "nothing"
        raise NotPossible(f"`{name}` cannot be used like that (it was given {given})", hint=f"write {usage(name)}") from None
    if isinstance(value, str | bytes) and len(value) > LARGEST:
        raise TooLarge
    return value


def _env(values: Mapping[str, str]) -> Callable[..., Any]:
    def env(name: str, otherwise: Any = None) -> Any:
        if _text(name) in values:
            return values[name]
        if otherwise is None:
            raise NotPossible(f"the environment variable {name} is not set", hint=f"set it, or write env('{name}', 'otherwise')")
        return otherwise

    return env


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _random_text(random: chance.Random, length: int) -> str:
    if not 0 <= length <= LARGEST:
        raise TooLarge if length > 0 else ValueError
    return "".join(random.choices(_LETTERS, k=length))


def _random_number(random: chance.Random, least: int, most: int) -> int:
    if least > most:
        raise NotPossible("`random_number` takes the smaller number first", hint=f"write random_number({most}, {least})")
    return random.randint(least, most)


def _moved(moment: datetime, offset: str) -> datetime:
    """*moment*, and ``+2h`` or ``-1 d`` from there."""
    written = _text(offset).strip()
    if not written:
        return moment
    try:
        length = Duration.parse(written.lstrip("+-"))
        return moment - length if written.startswith("-") else moment + length
    except (ValueError, OverflowError):
        raise NotPossible("the offset is not a length of time", hint="write it like '+2h', '-30 min' or '+1d'") from None


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(clock: Clock, plain: Callable[[datetime], str]) -> Callable[..., str]:
    """A time as text: by *format* (``%d.%m.%Y``), or the plain way."""

    def told(offset: str = "", format: str = "") -> str:
        moment = _moved(clock.now(), offset)
        return moment.strftime(_text(format)[:200]) if format else plain(moment)

    return told
