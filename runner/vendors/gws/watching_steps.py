"""
Looking at a mail's status, and hearing the notifications.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from runner.errors import Refused
from runner.plugins import vocabulary as v
from runner.plugins.contract import StepContext
from runner.plugins.vocabulary import MailOutput
from runner.vendors.gws.ledger import HELD
from runner.vendors.gws.session import GwsSession
from runner.vendors.gws.waiting import heard

__all__ = ["expect_event", "listen", "verify_status"]

Context = StepContext[GwsSession]


async def verify_status(context: Context, parameters: v.VerifyStatus) -> AsyncIterator[MailOutput]:
    """
    The status as notified; looked up when nothing comes, and kept when the mail has left the agent's list.

    A mail in hand may have changed without a word: the first answer is the server's, not what was heard last.
    """
    session = context.session
    id = context.mail(parameters.mail)
    known = session.ledger.known(id)
    if not known.status:
        await session.look_at(id)
    elif known.status in HELD:
        await session.look()
    quiet = 0
    while True:
        yield session.told(id)
        version = session.ledger.version
        while session.ledger.version == version:
            quiet = 0 if await heard(session, context) else quiet + 1
            if session.ledger.doubt or quiet > 1:
                await session.look()
                if known.status in {"queued", "revoked", "completed"}:
                    await _look_elsewhere(session, id)
                break


async def _look_elsewhere(session: GwsSession, id: str) -> None:
    """What is not the agent's may wait for somebody else."""
    try:
        await session.look_at(id)
    except Refused as exc:
        if exc.reason != "not_found":
            raise


async def listen(context: Context, parameters: v.Listen) -> v.Nothing:
    """Notifications are kept since `login`; from here on they count."""
    session = context.session
    if not session.client.signed_in:
        raise Refused("unauthenticated", http=0, text="nobody is logged in to GWS here")
    session.listen()
    return v.Nothing()


async def expect_event(context: Context, parameters: v.ExpectEvent) -> AsyncIterator[v.Event]:
    """
    Each notification after the one that the step before it found; with `any_order` or `absent`, none is used up.

    With `absent` it ends when CometD has told all that came in the time.
    """
    session = context.session
    place = session.listening_since if parameters.any_order else session.cursor
    quiet, heard_all = 0, False
    while True:
        while place < len(session.ledger.log):
            news = session.ledger.log[place]
            place += 1
            if not (parameters.any_order or parameters.absent):
                session.cursor = place
            yield session.event(news)
        if heard_all:
            return
        if parameters.absent and context.timeout <= 0:
            await session.catch_up()
            heard_all = True
            continue
        quiet = 0 if await heard(session, context) else quiet + 1
        if quiet > 1 and session.client.signed_in:
            # a session that expired unnoticed would keep silent for ever
            await session.look()
            quiet = 0
