"""
What was heard: the server's messages as neutral events, in order, with the place up to which earlier steps have listened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from runner.plugins.vocabulary import Event

__all__ = ["Ear"]

_MOST_EVENTS = 50_000


class Ear:
    """
    The events since ``listen``.

    ``open`` is False until then and nothing is kept. ``cursor`` is how many events earlier steps have gone past. Of a queue that is told
    whole again only what changed is an event.
    """

    def __init__(self) -> None:
        self.open = False
        self.events: list[Event] = []
        self.cursor = 0
        # (channel, mail) → the status that was last told
        self._told: dict[tuple[str, str], str] = {}

    def listen(self) -> None:
        """Keep what comes from here on."""
        self.open = True
        self.events.clear()
        self.cursor = 0

    def hear(self, kind: str, message: dict[str, Any], status_of: Callable[[str], tuple[str, str]]) -> None:
        """Keep *message*, as one event for each mail that it is about."""
        heard = list(self._news(kind, message, status_of))
        if self.open and len(self.events) < _MOST_EVENTS:
            self.events += heard

    def _news(self, kind: str, message: dict[str, Any], status_of: Callable[[str], tuple[str, str]]) -> Iterator[Event]:
        if kind == "queueContentsMessage":
            yield from self._of_queue(kind, message, status_of)
        elif kind == "interactionAlertingMessage":
            for one in message.get("alertingInteractionDetails") or []:
                mail = str(one.get("interactionId", ""))
                yield Event(kind, mail, "invited" if one.get("alertAction") == 1 else "", str(one.get("name", "")), body=message)
        else:
            mail = str(message.get("interactionId") or message.get("interactionID") or "")
            yield Event(kind, mail, subject=status_of(mail)[1] if mail else "", body=message)

    def _of_queue(self, kind: str, message: dict[str, Any], status_of: Callable[[str], tuple[str, str]]) -> Iterator[Event]:
        channel, told = f"queues/{message.get('subscriptionId', '')}", self._told
        for entry in (*message.get("interactionsAdded", ()), *message.get("interactionsChanged", ())):
            mail = str(entry.get("interactionId", ""))
            status, subject = status_of(mail)
            is_news = message.get("isDelta") or told.get((channel, mail)) != status
            told[channel, mail] = status
            if is_news:
                yield Event(kind, mail, status, subject, channel, message)
        for id in message.get("interactionsRemoved", ()):
            mail = str(id)
            if not any(entry.get("interactionId") == id for entry in message.get("interactionsChanged", ())):
                told.pop((channel, mail), None)
                yield Event(kind, mail, "", status_of(mail)[1], channel, message)
