"""
Interactions: one inbound or outgoing e-mail each, their states, and whether a state allows an operation.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Literal

from msgspec import Struct, field

from runner.simulation.world import Attachment
from runner.vendors.gws.simulator.errors import INVALID, UNKNOWN, Refusal
from runner.vendors.gws.simulator.settings import Held

__all__ = ["Document", "Interaction", "Interactions", "State", "need"]

# ``Queued`` and ``Parked`` are nobody's: an agent never sees them. ``Draft`` is ReplyCreated in the first dialect, Composing in the second.
State = Literal["Queued", "Parked", "Invited", "Processing", "Draft", "Sent", "Canceled", "Completed"]

# How many finished interactions the control API still shows.
_REMEMBERED = 1000


class Document(Struct, frozen=True):
    """An attachment of one interaction."""

    id: str
    attachment: Attachment


class Interaction(Struct):
    """
    One e-mail. ``owner`` is the user who has it or to whom it is offered, "" for nobody. ``circle`` are the users it may ever be offered to
    (empty: anybody), ``wanted`` the only one of now (a transfer); ``asked`` let an offer pass, ``refused`` turned it down or gave it away.
    """

    id: str
    inbound: bool
    subtype: str
    received: datetime
    type: str = "Email"
    state: State = "Queued"
    owner: str = ""
    queue: str = ""
    parent: str = ""
    sender: str = ""
    reply_to: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    html: str = ""
    user_data: dict[str, object] = field(default_factory=dict)
    comment: str = ""
    documents: dict[str, Document] = field(default_factory=dict)
    workbin: str = ""
    circle: frozenset[str] = frozenset()
    wanted: str = ""
    asked: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    offers: int = 0
    # the name of the draft state for this one (Create may have its own)
    draft_state: str = "ReplyCreated"


class Interactions:
    """All active interactions, the finished ones of late, and their ids."""

    def __init__(self, chance: random.Random) -> None:
        self._active: dict[str, Interaction] = {}
        self._finished: dict[str, Interaction] = {}
        self._prefix = "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=6))
        self._count = 0

    def __iter__(self) -> Iterator[Interaction]:
        return chain(self._finished.values(), self._active.values())

    def new_id(self) -> str:
        """Sixteen characters of letters and digits, as the Universal Contact Server makes them; for interactions and documents alike."""
        self._count += 1
        return f"0000Q{self._prefix}{_base36(self._count):0>5}"

    def add(self, interaction: Interaction) -> Interaction:
        """Keep a new one, or one that is not finished after all."""
        self._finished.pop(interaction.id, None)
        self._active[interaction.id] = interaction
        return interaction

    def retire(self, interaction: Interaction) -> None:
        """It is finished: nobody can work on it any more."""
        del self._active[interaction.id]
        self._finished[interaction.id] = interaction
        if len(self._finished) > _REMEMBERED:
            del self._finished[next(iter(self._finished))]

    def clear(self) -> None:
        """Forget all of them; ids are not given twice."""
        for interaction in self._active.values():
            interaction.state = "Completed"
        self._active.clear()
        self._finished.clear()

    def active(self) -> list[Interaction]:
        """What the contact centre works on, oldest first."""
        return list(self._active.values())

    def of(self, user: str) -> list[Interaction]:
        """What a user handles now, oldest first."""
        return [i for i in self._active.values() if i.owner == user]

    def held_by(self, user: str, id: str) -> Interaction:
        """
        An interaction of a user.

        Raises: ``Refusal`` – code 6: there is none, it is finished, or it is somebody else's.
        """
        found = self._active.get(id)
        if found is None or found.owner != user:
            raise Refusal(UNKNOWN, f"Interaction is not found: {id}")
        return found

    def find(self, id: str) -> Interaction:
        """
        Any active interaction.

        Raises: ``Refusal`` – code 6.
        """
        found = self._active.get(id)
        if found is None:
            raise Refusal(UNKNOWN, f"Interaction is not found: {id}")
        return found

    def waiting(self) -> Iterable[Interaction]:
        """What waits for an agent, oldest first."""
        return [i for i in self._active.values() if i.state == "Queued"]


def need(interaction: Interaction, operation: str, allowed: Mapping[Held, Sequence[str]]) -> None:
    """
    The state must be among those that an operation is *allowed* in (state → operations; one that is not there allows none).

    Raises: ``Refusal`` – code 2.
    """
    if not any(state == interaction.state and operation in operations for state, operations in allowed.items()):
        raise Refusal(INVALID, f"Operation {operation} is not valid for the current state", cause="wrong_state")


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest] + digits
    return digits or "0"
