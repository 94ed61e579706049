"""
Values that must not be seen: a Secret shows ``***``; its plain value is asked for by name where it leaves on the wire.

The Redactor, which takes secrets out of everything that is recorded, stands in :mod:`runner.environment.redaction`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Secret", "plain", "revealed"]


class Secret:
    """
    A text that shows ``***`` in ``str``, ``repr`` and f-strings; ``plain()`` gives it away. So is a number that was made of one.

    *tell* hears of everything that is made from it (a part, upper case, base64, a sum …) before anybody else does: of what was made, from
    what.
    """

    __slots__ = ("_tell", "_value", "name")

    def __init__(self, name: str, value: str | float, tell: Callable[[Secret, Secret], None] | None = None) -> None:
        self.name = name
        self._value = value
        self._tell = tell

    @property
    def value(self) -> str | float:
        """The value itself, with its type."""
        return self._value

    def plain(self) -> str:
        """The value as text, for the wire and the gate."""
        return str(self._value)

    def derived(self, value: str | float) -> Secret:
        """The secret that *value* is, which was made from this one."""
        made = Secret(self.name, value, self._tell)
        if self._tell is not None:
            self._tell(made, self)
        return made

    def telling(self, tell: Callable[[Secret, Secret], None]) -> Secret:
        """The same secret; from now on *tell* hears of what is made from it."""
        return Secret(self.name, self._value, tell)

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return f"Secret({self.name!r}, ***)"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def plain(value: object) -> str:
    """*value* as it goes out on the wire, be it a Secret or a text."""
    return value.plain() if isinstance(value, Secret) else str(value)


def revealed(value: Any) -> Any:
    """*value* with every Secret in it as what it is, for the parameters of a step; the same object when there is none."""
    kind = type(value)
    if kind is str:
        return value
    if kind is dict or kind is list:
        return _revealed_inside(value, value.items() if kind is dict else enumerate(value))
    return value.value if isinstance(value, Secret) else value


def _revealed_inside(whole: Any, items: Iterable[tuple[Any, Any]]) -> Any:
    changed = None
    for key, item in items:
        shown = item if type(item) is str else revealed(item)
        if shown is not item:
            changed = changed if changed is not None else whole.copy()
            changed[key] = shown
    return whole if changed is None else changed
