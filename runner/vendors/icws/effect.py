"""
Whether what the server said yes to shows. Its yes alone is no proof: a mail that is not taken, dropped or finished after all would let the
scenario end green. Used by the steps that change a mail's state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from runner.errors import StepTimedOut
from runner.plugins.contract import StepContext
from runner.plugins.vocabulary import MailOutput
from runner.vendors.icws.mail import ENDED, OFFERED
from runner.vendors.icws.session import IcwsSession

__all__ = ["seen_ended", "seen_taken"]

Context = StepContext[IcwsSession]

# Seconds before the end of the step's time, at which only that it took too long could be said.
_SOONER = 0.1


async def seen_taken(context: Context, mail: str) -> MailOutput:
    """
    The mail, once it is no offer any more.

    Raises: ``Refused``; ``StepTimedOut`` – the server shows it as one for as long as the step may take.
    """
    return await _seen(context, mail, lambda state: state not in OFFERED, "pickup")


async def seen_ended(context: Context, mail: str) -> MailOutput:
    """
    The mail, once it has ended.

    Raises: ``Refused``; ``StepTimedOut`` – the server shows it as open for as long as the step may take.
    """
    return await _seen(context, mail, lambda state: state in ENDED, "disconnect")


async def _seen(context: Context, mail: str, is_so: Callable[[str], bool], verb: str) -> MailOutput:
    session = context.session
    output = await session.look(mail)
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, context.timeout - _SOONER)):
            while not is_so(session.known(mail).state):
                await context.pause()
                output = await session.look(mail)
    if is_so(session.known(mail).state):
        return output
    raise StepTimedOut(
        f"the server said yes to `{verb}`, but mail {mail} did not change: its Eic_State is still {session.known(mail).state}"
    )
