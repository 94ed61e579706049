"""
Whether what eGain said was done has happened. A good status is a promise; the mail is looked at afterwards, and for a moment longer, as a
server may take one to write down what it has done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from runner.errors import Refused
from runner.plugins.contract import StepContext
from runner.vendors.egain.reading import owner_of, text
from runner.vendors.egain.representation import Tree
from runner.vendors.egain.session import EgainSession

__all__ = ["completed", "given_to", "in_hand", "queued"]

Context = StepContext[EgainSession]
# Seconds, and no more than this part of the step's own time.
_MOMENT, _PART = 2.0, 4


async def in_hand(context: Context, mail: str) -> Tree:
    """
    The mail that its actor has taken.

    Raises: ``Refused`` – conflict: it is not theirs, though eGain said so. The others raise it for what they are about.
    """
    return await _seen(context, mail, "taken", context.session.is_mine)


async def completed(context: Context, mail: str) -> Tree:
    """The mail that was completed."""

    async def done(activity: Tree) -> bool:
        return text(activity, "status", "value") == "completed"

    return await _seen(context, mail, "completed", done)


async def queued(context: Context, mail: str) -> Tree:
    """The mail that was put into a queue: it waits there, or somebody else has it by now."""

    async def done(activity: Tree) -> bool:
        return text(activity, "status", "value") == "awaiting_assignment" or not await context.session.is_mine(activity)

    return await _seen(context, mail, "put into a queue", done)


async def given_to(context: Context, mail: str, user: str) -> Tree:
    """The mail that was handed to the user of an id; not every server tells whose a mail is."""

    async def done(activity: Tree) -> bool:
        return text(activity, "status", "value") == "assigned" and owner_of(activity) in {user, ""}

    return await _seen(context, mail, f"handed to user {user}", done)


async def _seen(context: Context, mail: str, said: str, done: Callable[[Tree], Awaitable[bool]]) -> Tree:
    end = context.clock.monotonic() + min(_MOMENT, context.timeout / _PART)
    while True:
        activity = await context.session.activity(mail)
        if await done(activity):
            return activity
        if context.clock.monotonic() >= end:
            status = text(activity, "status", "value")
            owner = f" to user {owner_of(activity)}" if owner_of(activity) else ""
            raise Refused("conflict", http=0, text=f"eGain said that activity {mail} was {said}, but it is {status}{owner}")
        await context.pause()
