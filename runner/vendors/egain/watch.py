"""
Listening by looking: eGain pushes nothing about e-mail, so what changed since the last look becomes the events.

A :class:`Watch` is fed with what was found. Each change of an activity becomes one event, in the order in which the server says the
changes were made; a change that came and went between two looks is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from runner.plugins.vocabulary import Event
from runner.vendors.egain.reading import id_of, modified, text
from runner.vendors.egain.representation import Tree

__all__ = ["Watch"]


class Watch:
    """
    What was seen of the activities that changed since ``since`` (the server's time).

    ``standing`` are those seen when listening began: they are no news. ``events`` grows; ``read`` is how many of them earlier steps have
    gone past.
    """

    def __init__(self, since: datetime, standing: Iterable[Tree]) -> None:
        self.since = since
        self.events: list[Event] = []
        self.read = 0
        self._known = {id_of(a): _print(a) for a in standing}

    def see(self, found: Iterable[Tree], status: Callable[[Tree], str]) -> list[Event]:
        """Turn what changed into events, and give the new ones."""
        fresh: list[Event] = []
        for activity in sorted(found, key=lambda a: (modified(a), id_of(a))):
            known, seen = self._known.get(id_of(activity)), _print(activity)
            self._known[id_of(activity)] = seen
            if known == seen or (known is None and not self._since(modified(activity))):
                continue
            born = known is None and self._since(text(activity, "created", "date"))
            fresh.append(_event("activity_created" if born else "activity_changed", activity, status(activity)))
        self.events += fresh
        return fresh

    def add(self, event: Event) -> None:
        """What happened here and not at the server: a draft was begun or dropped."""
        self.events.append(event)

    def _since(self, date: str) -> bool:
        try:
            return datetime.fromisoformat(date) >= self.since
        except (ValueError, TypeError):
            return True


def _print(activity: Tree) -> tuple[str, str, str]:
    """What makes one state of an activity another one than before."""
    return modified(activity), text(activity, "status", "value"), text(activity, "payload", "email", "date", "date")


def _event(name: str, activity: Tree, status: str) -> Event:
    return Event(
        name=name,
        mail=id_of(activity),
        status=status,
        subject=text(activity, "subject"),
        channel="search",
        body=activity,
    )
