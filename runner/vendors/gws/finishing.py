"""
Operations that end an agent's work on a mail, and the waiting for what the server says to them afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.errors import Refused
from runner.plugins import vocabulary as v
from runner.plugins.contract import StepContext
from runner.plugins.vocabulary import MailOutput
from runner.vendors.gws import parameters as p
from runner.vendors.gws.ledger import Known
from runner.vendors.gws.session import GwsSession
from runner.vendors.gws.waiting import until

__all__ = ["cancel", "complete", "finished", "place_in_queue", "reached", "transfer"]

Context = StepContext[GwsSession]


async def cancel(context: Context, parameters: v.Cancel) -> MailOutput:
    """Cancel."""
    return await finished(context, context.mail(parameters.mail), "Cancel", {}, "cancelled")


async def transfer(context: Context, parameters: p.GwsTransfer) -> MailOutput:
    """To a person, a queue, or anybody with a skill."""
    session = context.session
    fields: dict[str, object] = {"queueName": parameters.queue, "skill": parameters.skill}
    if parameters.to:
        user = context.user(parameters.to)
        fields["userUri"] = user if "://" in user else f"{session.client.http.base_url}/users/{user}"
    return await finished(context, context.mail(parameters.mail), "Transfer", fields, "completed", handed_on=True)


async def complete(context: Context, parameters: p.GwsComplete) -> MailOutput:
    """Complete."""
    fields: dict[str, object] = {"queueName": parameters.queue}
    return await finished(context, context.mail(parameters.mail), "Complete", fields, "completed", handed_on=bool(parameters.queue))


async def place_in_queue(context: Context, parameters: v.PlaceInQueue) -> MailOutput:
    """Into a queue, for somebody else."""
    session = context.session
    operation, fields = session.dialect.place_in_queue(session.queue(parameters.queue))
    return await finished(context, context.mail(parameters.mail), operation, fields, "completed", handed_on=True)


async def finished(
    context: Context, id: str, operation: str, fields: dict[str, object], end: str, *, handed_on: bool = False, path: str = ""
) -> MailOutput:
    """
    An operation after which the mail is not the agent's any more; waits until the server says so.

    *handed_on*: it goes on elsewhere, so that the contact centre still works on it. *path* is another resource for the operation.
    """
    session = context.session
    known = session.ledger.known(id)
    known.error = ""
    if path:
        await session.client.post(path, {"operationName": operation, **fields})
    else:
        await session.client.operate(id, operation, **fields)
    session.ledger.answered(id, leads_to=end, handed_on=handed_on)
    # what waits for somebody else may be told as such to who gave it away
    ends = (end, "queued") if handed_on else (end,)
    await until(session, context, reached(known, *ends), waiting_for=f"the notification that {id} is {end}")
    context.work_on(id)
    return session.told(id)


def reached(known: Known, *statuses: str) -> Callable[[], bool | None]:
    """Whether a mail has one of these statuses; an error that the server told since the request went out is its refusal."""

    def found() -> bool | None:
        if known.status in statuses:
            return True
        if known.error:
            raise Refused("server_error", http=200, text=known.error)
        return None

    return found
